/*
 * source.c -- a source text with its name, and the way from byte offsets to lines and columns.
 */
#include "source.h"

#include <string.h>

static void find_lines(Arena *arena, Source *source) {
    const char *text = source->text, *end = text + source->length;
    source->line_count = 1;
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        source->line_count++;
    }
    source->line_starts = arena_alloc(arena, source->line_count * sizeof *source->line_starts);
    uint32_t line = 1;
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        source->line_starts[line++] = (uint32_t)(p + 1 - text);
    }
}

Source *source_new(Arena *arena, const char *name, const char *text, size_t length) {
    Source *source = arena_alloc(arena, sizeof *source);
    if (length >= UINT32_MAX) {
        length = UINT32_MAX - 1; /* places are 32 bits wide */
    }
    source->name = arena_strndup(arena, name, strlen(name));
    source->text = arena_strndup(arena, text, length);
    source->length = (uint32_t)length;
    find_lines(arena, source);
    return source;
}

uint32_t source_line_number(const Source *source, uint32_t offset) {
    uint32_t low = 0, high = source->line_count; /* the line sought is in [low, high) */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low + 1;
}

Place source_place(const Source *source, uint32_t offset) {
    if (offset > source->length) {
        offset = source->length;
    }
    uint32_t line = source_line_number(source, offset), column = 1;
    for (uint32_t i = source->line_starts[line - 1]; i < offset; i++) {
        if (((unsigned char)source->text[i] & 0xC0) != 0x80) { /* every byte but the continuing ones of UTF-8 */
            column++;
        }
    }
    return (Place){.line = line, .column = column};
}

const char *source_line(const Source *source, uint32_t line, uint32_t *length) {
    if (line < 1 || line > source->line_count) {
        *length = 0;
        return "";
    }
    uint32_t start = source->line_starts[line - 1];
    uint32_t end = line < source->line_count ? source->line_starts[line] - 1 : source->length;
    if (end > start && source->text[end - 1] == '\r') {
        end--;
    }
    *length = end - start;
    return source->text + start;
}
