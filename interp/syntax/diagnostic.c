/*
 * diagnostic.c -- what is wrong with a source text, and how it is shown.
 */
#include "diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum { LONGEST_MESSAGE = 512, WIDEST_LINE = 140, CONTEXT = 60 };

static void add(Diagnostics *diagnostics, Diagnostic problem, const char *format, va_list args) {
    char message[LONGEST_MESSAGE];
    vsnprintf(message, sizeof message, format, args);
    problem.message = arena_strndup(diagnostics->arena, message, strlen(message));
    ARENA_PUSH(diagnostics->arena, diagnostics->items, diagnostics->count, diagnostics->capacity, problem);
}

void diagnostic_add(Diagnostics *diagnostics, Span span, const char *hint, const char *format, ...) {
    if (diagnostics->count >= DIAGNOSTIC_LIMIT) {
        return;
    }
    va_list args;
    va_start(args, format);
    add(diagnostics, (Diagnostic){.span = span, .hint = hint}, format, args);
    va_end(args);
}

void diagnostic_warn(Diagnostics *diagnostics, Span span, const char *hint, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(diagnostics, (Diagnostic){.span = span, .hint = hint, .is_warning = true}, format, args);
    va_end(args);
}

/* ---- text in an arena ---- */

typedef struct {
    Arena *arena;
    char *bytes;
    int count, capacity;
} Text;

static void put(Text *text, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        ARENA_PUSH(text->arena, text->bytes, text->count, text->capacity, bytes[i]);
    }
}

static void put_string(Text *text, const char *string) {
    put(text, string, strlen(string));
}

static const char *finish(Text *text) {
    put(text, "", 1);
    return text->bytes;
}

/* ---- the excerpt ---- */

static const char *const dim = "\x1b[2m", *const bold_red = "\x1b[1;31m", *const bold_yellow = "\x1b[1;33m",
                  *const plain = "\x1b[0m";

/* Where the character before [p] begins; [start] is a limit. */
static const char *step_back(const char *p, const char *start) {
    do {
        p--;
    } while (p > start && ((unsigned char)*p & 0xC0) == 0x80);
    return p;
}

/* Length in bytes of the character at [p]; a byte that is no UTF-8 counts as one. */
static int step(const char *p, const char *end) {
    uint32_t code_point;
    int length = utf8_read(p, end, &code_point);
    return length ? length : 1;
}

/* Shows a character as it is, if that is safe for a terminal. */
static void put_character(Text *text, const char *p, int length) {
    uint32_t c;
    if (utf8_read(p, p + length, &c) == 0) {
        put_string(text, "\xEF\xBF\xBD"); /* U+FFFD */
    } else if ((c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0)) {
        put_string(text, " ");
    } else {
        put(text, p, (size_t)length);
    }
}

/* A line too long to show is cut around the carets: [from, to) is what is shown of [start, end). */
static void choose_window(const char *start, const char *end, const char *caret, const char **from, const char **to) {
    *from = start;
    *to = end;
    if (end - start <= WIDEST_LINE) {
        return;
    }
    const char *p = caret;
    for (int i = 0; i < CONTEXT && p > start; i++) {
        p = step_back(p, start);
    }
    *from = p;
    for (int i = 0; i < 2 * CONTEXT && p < end; i++) {
        p += step(p, end);
    }
    *to = p;
}

static void put_gutter(Text *text, const char *label, bool color) {
    put_string(text, color ? dim : "");
    put_string(text, label);
    put_string(text, color ? plain : "");
}

const char *diagnostic_excerpt(Arena *arena, const Source *source, Span span, bool color) {
    uint32_t length, line = source_place(source, span.start).line;
    const char *start = source_line(source, line, &length), *end = start + length;
    if (strspn(start, " \t\r\v\f") >= length) {
        return NULL;
    }
    const char *caret = source->text + span.start, *stop = source->text + span.end;
    caret = caret > end ? end : caret;
    stop = stop > end ? end : stop;
    const char *from, *to;
    choose_window(start, end, caret, &from, &to);

    char number[24], blanks[24];
    int width = snprintf(number, sizeof number, " %u | ", line);
    snprintf(blanks, sizeof blanks, "%*s", width, "| ");
    Text text = {.arena = arena};

    put_gutter(&text, number, color);
    put_string(&text, from > start ? "…" : "");
    for (const char *p = from; p < to; p += step(p, end)) {
        put_character(&text, p, step(p, end));
    }
    put_string(&text, to < end ? "…" : "");
    put_string(&text, "\n");

    put_gutter(&text, blanks, color);
    put_string(&text, from > start ? " " : "");
    for (const char *p = from; p < caret; p += step(p, end)) {
        put_string(&text, *p == '\t' ? "\t" : " ");
    }
    put_string(&text, color ? bold_red : "");
    put_string(&text, "^");
    for (const char *p = caret < stop ? caret + step(caret, end) : stop; p < stop && p < to; p += step(p, end)) {
        put_string(&text, "~");
    }
    put_string(&text, color ? plain : "");
    return finish(&text);
}

const char *diagnostic_render(Arena *arena, const Source *source, const Diagnostic *diagnostic, bool color) {
    Place place = source_place(source, diagnostic->span.start);
    char numbers[32], margin[24];
    snprintf(numbers, sizeof numbers, ":%u:%u: ", place.line, place.column);
    int digits = snprintf(margin, sizeof margin, "%u", place.line);
    snprintf(margin, sizeof margin, "\n%*s= hint: ", digits + 2, "");
    Text text = {.arena = arena};
    put_string(&text, source->name);
    put_string(&text, numbers);
    put_string(&text, !color ? "" : diagnostic->is_warning ? bold_yellow : bold_red);
    put_string(&text, diagnostic->is_warning ? "warning" : "SyntaxError");
    put_string(&text, color ? plain : "");
    put_string(&text, ": ");
    put_string(&text, diagnostic->message);
    const char *excerpt = diagnostic_excerpt(arena, source, diagnostic->span, color);
    if (excerpt) {
        put_string(&text, "\n");
        put_string(&text, excerpt);
    }
    if (diagnostic->hint) {
        put_string(&text, margin);
        put_string(&text, diagnostic->hint);
    }
    return finish(&text);
}
