/*
 * magic_lines.c -- cuts the special lines of a notebook cell into their parts.
 */
#include "magic_lines.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static uint32_t skip_blanks(const Source *source, uint32_t at, uint32_t end) {
    while (at < end && (source->text[at] == ' ' || source->text[at] == '\t')) {
        at++;
    }
    return at;
}

/* The text from [from] to [to], without blanks around it. */
static Span trim(const Source *source, uint32_t from, uint32_t to) {
    from = skip_blanks(source, from, to);
    while (to > from && isspace((unsigned char)source->text[to - 1])) {
        to--;
    }
    return (Span){from, to};
}

static MagicLine *make(Arena *arena, const char *name, size_t length, Span rest, uint32_t end) {
    MagicLine *magic = arena_alloc(arena, sizeof *magic);
    magic->name = arena_strndup(arena, name, length);
    magic->rest = rest;
    magic->end = end;
    return magic;
}

static MagicLine *make_help(Arena *arena, bool source, Span name, uint32_t end) {
    return source ? make(arena, "source", 6, name, end) : make(arena, "help", 4, name, end);
}

/* `name?` and `%name??`, and nothing else in the line. */
static MagicLine *question_behind(Arena *arena, const Source *source, Span line) {
    uint32_t at = line.start, end = line.end, marks = 0;
    while (at < end && source->text[at] == '%' && at < line.start + 2) {
        at++;
    }
    uint32_t word = at;
    while (at < end && (is_word(source->text[at]) || source->text[at] == '.' || source->text[at] & 0x80)) {
        at++;
    }
    while (at + marks < end && source->text[at + marks] == '?') {
        marks++;
    }
    if (at == word || marks < 1 || marks > 2 || at + marks != end) {
        return NULL;
    }
    return make_help(arena, marks == 2, (Span){line.start, at}, end);
}

/* `%name rest` or `%%name rest`, of which the sign takes [sign] bytes. */
static MagicLine *percent(Arena *arena, const Source *source, Span line, uint32_t sign) {
    uint32_t name = line.start + sign, at = name;
    if (name >= line.end || !isalpha((unsigned char)source->text[name])) {
        return NULL;
    }
    while (at < line.end && is_word(source->text[at])) {
        at++;
    }
    return make(arena, source->text + name, at - name, trim(source, at, line.end), line.end);
}

const MagicLine *magic_line_at(Arena *arena, const Source *source, uint32_t at, MagicPlace place) {
    const char *text = source->text + at;
    const char *newline = memchr(text, '\n', source->length - at);
    uint32_t line_end = newline ? (uint32_t)(newline - source->text) : source->length;
    Span line = trim(source, at, line_end);
    bool at_top = place == MAGIC_AT_START || place == MAGIC_AT_LINE;
    MagicLine *help = at_top ? question_behind(arena, source, line) : NULL;
    if (help) {
        return help;
    }
    if (text[0] == '%' && text[1] == '%') {
        MagicLine *magic = place == MAGIC_AT_START ? percent(arena, source, line, 2) : NULL;
        if (magic) {
            magic->is_cell = true;
            magic->body = (Span){newline ? line_end + 1 : line_end, source->length};
            magic->end = source->length;
        }
        return magic;
    }
    if (text[0] == '%') {
        return percent(arena, source, line, 1);
    }
    if (at_top && text[0] == '?') {
        uint32_t marks = text[1] == '?' ? 2 : 1;
        return make_help(arena, marks == 2, trim(source, line.start + marks, line.end), line.end);
    }
    if (at_top && text[0] == '!' && text[1] != '=' && text[1] != '(' && line.end > line.start + 1) {
        return make(arena, "sh", 2, trim(source, line.start + 1, line.end), line.end);
    }
    return NULL;
}
