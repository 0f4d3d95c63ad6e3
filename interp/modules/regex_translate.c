/*
 * regex_translate.c -- reads a pattern as Go does and writes it down for PCRE2.
 *
 * What changes on the way:
 *
 *     \s \S \v        are other sets of characters in PCRE2: written out
 *     \12 \Qa.b\E     octal numbers and quotations: written out, so that no two grammars must agree on where they end
 *     (?P<name>…)     becomes a plain group; the names are kept here, since PCRE2 does not take all of Go's
 *
 * What is refused is what could only be found by trying: lookaround, references back to groups, possessive repetition,
 * verbs like (*LIMIT_MATCH=1), which reach into the engine. The messages are Go's.
 */
#include "regex.h"

#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"

#define REPEAT_LIMIT 1000
#define NO_POINT (-1)
#define BLANKS "\\t\\n\\f\\r\\x20"

typedef struct {
    const char *start, *at, *end;
    RegexTranslation *out;
    int depth;        /* open groups */
    bool has_operand; /* something stands before that a * could repeat */
    const char *repetition; /* the repetition just read; NULL: something else came after it */
    int64_t point;    /* the character just written; NO_POINT: it was something else */
} Reader;

/* False, with the problem noted: "what: `source from [from] to [to]`". */
static bool refuse(Reader *r, const char *what, const char *from, const char *to) {
    text_printf(&r->out->problem, "%s: `%.*s`", what, (int)(to - from), from);
    return false;
}

static bool starts(const Reader *r, const char *text) {
    size_t length = strlen(text);
    return (size_t)(r->end - r->at) >= length && memcmp(r->at, text, length) == 0;
}

/* Of ASCII. */
static bool is_letter_or_digit(char c) {
    return (unsigned char)c < 0x80 && (unicode_is_letter((unsigned char)c) || unicode_is_digit((unsigned char)c));
}

/* A character that stands for itself. */
static void write_point(Reader *r, uint32_t point) {
    if (point < 0x80 && is_letter_or_digit((char)point))
        text_putc(&r->out->pattern, (char)point);
    else
        text_printf(&r->out->pattern, "\\x{%x}", point);
    r->point = point;
}

/* The character at the cursor. */
static uint32_t next_point(Reader *r) {
    int size;
    uint32_t point = utf8_decode(r->at, (size_t)(r->end - r->at), &size);
    r->at += size;
    return point;
}

static void copy(Reader *r, const char *from) { text_append(&r->out->pattern, from, (size_t)(r->at - from)); }

/* ---- Escapes ---------------------------------------------------------------------------------------------------- */

static bool is_octal(char c) { return c >= '0' && c <= '7'; }

static int hex_value(char c) {
    if (unicode_is_digit((unsigned char)c)) return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool bad_escape(Reader *r, const char *from) {
    int size = 0;
    if (r->at < r->end) utf8_decode(r->at, (size_t)(r->end - r->at), &size);
    return refuse(r, "invalid escape sequence", from, r->at + size);
}

/* \x41 or \x{41}, behind the x. */
static bool read_hex(Reader *r, const char *from) {
    uint32_t point = 0;
    bool braces = r->at < r->end && *r->at == '{';
    if (braces) r->at++;
    int digits = 0;
    while (r->at < r->end && hex_value(*r->at) >= 0 && point <= 0x10FFFF && (braces || digits < 2)) {
        point = point * 16 + (uint32_t)hex_value(*r->at++);
        digits++;
    }
    bool closed = braces ? r->at < r->end && *r->at == '}' && digits > 0 : digits == 2;
    if (!closed || point > 0x10FFFF) return bad_escape(r, from);
    if (braces) r->at++;
    write_point(r, point);
    return true;
}

/* \p{Greek}, \pN, \P{^L}, behind the p. */
static bool read_property(Reader *r, const char *from) {
    if (r->at == r->end) return refuse(r, "invalid character class range", from, r->at);
    const char *close = *r->at == '{' ? memchr(r->at, '}', (size_t)(r->end - r->at)) : r->at;
    if (!close) return refuse(r, "invalid character class range", from, r->end);
    r->at = close + 1;
    copy(r, from);
    return true;
}

/* What follows a backslash, inside a class [...] or outside. */
static bool read_escape(Reader *r, bool in_class) {
    static const char controls[] = "a\af\fn\nr\rt\tv\v";
    const char *from = r->at++;
    r->point = NO_POINT;
    if (r->at == r->end) return refuse(r, "trailing backslash at end of expression", r->at, r->at);
    char c = *r->at;
    if ((c >= '1' && c <= '7' && r->at + 1 < r->end && is_octal(r->at[1])) || c == '0') {
        uint32_t point = 0;
        for (int i = 0; i < 3 && r->at < r->end && is_octal(*r->at); i++)
            point = point * 8 + (uint32_t)(*r->at++ - '0');
        write_point(r, point);
        return true;
    }
    bool is_ascii = (unsigned char)c < 0x80, is_plain = is_letter_or_digit(c);
    const char *control = is_plain ? strchr(controls, c) : NULL;
    if (control || (is_ascii && !is_plain)) {
        r->at++;
        write_point(r, (unsigned char)(control ? control[1] : c));
        return true;
    }
    if (!is_ascii || !strchr(in_class ? "dDsSwWpPx" : "dDsSwWpPxAbBz", c)) return bad_escape(r, from);
    r->at++;
    switch (c) {
    case 's': text_puts(&r->out->pattern, in_class ? BLANKS : "[" BLANKS "]"); return true;
    case 'S': text_puts(&r->out->pattern, in_class ? "\\S" : "[^" BLANKS "]"); return true;
    case 'x': return read_hex(r, from);
    case 'p':
    case 'P': return read_property(r, from);
    default: copy(r, from); return true;
    }
}

/* ---- Classes ---------------------------------------------------------------------------------------------------- */

/* [:alpha:], [:^alpha:] */
static bool read_named_class(Reader *r, const char *close) {
    static const char *const names[] = {"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower",
                                        "print", "punct", "space", "upper", "word", "xdigit"};
    const char *from = r->at, *name = from + 2 + (from[2] == '^');
    r->at = close + 2;
    r->point = NO_POINT;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) != (size_t)(close - name) || memcmp(names[i], name, strlen(names[i])) != 0) continue;
        copy(r, from);
        return true;
    }
    return refuse(r, "invalid character class range", from, r->at);
}

/* A character of a class, or an escape that stands for several. */
static bool read_class_member(Reader *r) {
    if (*r->at == '\\') return read_escape(r, true);
    write_point(r, next_point(r));
    return true;
}

/* One of those, or a range from one to another. */
static bool read_class_range(Reader *r) {
    const char *from = r->at;
    if (!read_class_member(r)) return false;
    int64_t first = r->point;
    if (first == NO_POINT || !starts(r, "-") || r->at + 1 == r->end || r->at[1] == ']') return true;
    text_putc(&r->out->pattern, *r->at++);
    if (!read_class_member(r)) return false;
    return r->point >= first || refuse(r, "invalid character class range", from, r->at);
}

static bool read_class(Reader *r) {
    const char *from = r->at++;
    text_putc(&r->out->pattern, '[');
    if (starts(r, "^")) {
        text_putc(&r->out->pattern, '^');
        r->at++;
    }
    for (bool first = true; first || !starts(r, "]"); first = false) {
        if (r->at == r->end) return refuse(r, "missing closing ]", from, r->end);
        const char *close = starts(r, "[:") ? memmem(r->at + 2, (size_t)(r->end - r->at) - 2, ":]", 2) : NULL;
        if (!(close ? read_named_class(r, close) : read_class_range(r))) return false;
    }
    r->at++;
    text_putc(&r->out->pattern, ']');
    return true;
}

/* ---- Groups ----------------------------------------------------------------------------------------------------- */

static bool add_group(Reader *r, const char *name, size_t length) {
    RegexTranslation *out = r->out;
    for (size_t i = 0; name && i < out->group_count; i++) {
        bool same = out->names[i].at && out->names[i].length == length && memcmp(out->names[i].at, name, length) == 0;
        if (same) return refuse(r, "invalid named capture", name, name + length);
    }
    if (out->group_count == REGEX_GROUP_LIMIT) return refuse(r, "expression has too many groups", r->start, r->end);
    out->names = realloc(out->names, (out->group_count + 1) * sizeof *out->names);
    if (!out->names) abort();
    out->names[out->group_count++] = (RegexName){name, length};
    text_putc(&out->pattern, '(');
    r->depth++;
    return true;
}

/* (?P<name> or (?<name>, whose name begins at [name]. */
static bool read_named_group(Reader *r, const char *name) {
    const char *from = r->at, *p = name;
    while (p < r->end && (is_letter_or_digit(*p) || *p == '_')) p++;
    if (p == name || p == r->end || *p != '>') {
        const char *close = memchr(name, '>', (size_t)(r->end - name));
        return refuse(r, "invalid named capture", from, close ? close + 1 : r->end);
    }
    r->at = p + 1;
    return add_group(r, name, (size_t)(p - name));
}

/* (?flags) or (?flags:…) */
static bool read_flags(Reader *r) {
    const char *from = r->at;
    bool negated = false, any = false;
    for (r->at += 2; r->at < r->end; r->at++) {
        if (strchr("imsU", *r->at)) {
            any = true;
        } else if (*r->at == '-' && !negated) {
            negated = true;
            any = false;
        } else if ((*r->at == ':' || *r->at == ')') && (any || !negated)) {
            r->depth += *r->at++ == ':';
            copy(r, from);
            return true;
        } else {
            break;
        }
    }
    return refuse(r, "invalid or unsupported Perl syntax", from, r->at < r->end ? r->at + 1 : r->end);
}

static bool read_group(Reader *r) {
    r->has_operand = false;
    if (starts(r, "(?P<")) return read_named_group(r, r->at + 4);
    if (starts(r, "(?<") && !starts(r, "(?<=") && !starts(r, "(?<!")) return read_named_group(r, r->at + 3);
    if (starts(r, "(?")) return read_flags(r);
    r->at++;
    return add_group(r, NULL, 0);
}

/* ---- Repetitions ------------------------------------------------------------------------------------------------ */

/* {2}, {2,} or {2,5} at the cursor: true, with the numbers (-1: no upper one) and what is [after] it. Anything else
 * is plain text. */
static bool is_counted(const Reader *r, int *least, int *most, const char **after) {
    const char *p = r->at + 1;
    int *numbers[] = {least, most};
    *most = -1;
    for (int i = 0; i < 2; i++) {
        const char *digits = p;
        int number = 0;
        for (; p < r->end && unicode_is_digit((unsigned char)*p); p++)
            if (number <= REPEAT_LIMIT) number = number * 10 + (*p - '0');
        if (p == r->end || (p == digits && i == 0)) return false;
        if (p > digits) *numbers[i] = number;
        if (i == 0 && *p == '}') *most = number;
        if (i == 0 && *p == ',') p++;
        else break;
    }
    *after = p + 1;
    return p < r->end && *p == '}';
}

static bool read_repetition(Reader *r, const char *after) {
    const char *from = r->at;
    if (!r->has_operand) return refuse(r, "missing argument to repetition operator", from, after);
    r->at = after;
    if (r->at < r->end && *r->at == '?') r->at++;
    if (r->repetition) return refuse(r, "invalid nested repetition operator", r->repetition, r->at);
    r->repetition = from;
    copy(r, from);
    return true;
}

static bool read_counted(Reader *r, int least, int most, const char *after) {
    if (least > REPEAT_LIMIT || most > REPEAT_LIMIT || (most >= 0 && most < least))
        return refuse(r, "invalid repeat count", r->at, after);
    return read_repetition(r, after);
}

/* ---- The pattern ------------------------------------------------------------------------------------------------ */

/* \Q…\E: each character by its number. */
static void read_quotation(Reader *r) {
    for (r->at += 2; r->at < r->end && !starts(r, "\\E");) {
        write_point(r, next_point(r));
        r->has_operand = true;
    }
    if (r->at < r->end) r->at += 2;
}

static bool read_piece(Reader *r) {
    int least, most;
    const char *after;
    switch (*r->at) {
    case '*':
    case '+':
    case '?': return read_repetition(r, r->at + 1);
    case '{':
        if (is_counted(r, &least, &most, &after)) return read_counted(r, least, most, after);
        break;
    case '(':
        r->repetition = NULL;
        return read_group(r);
    case ')':
        if (r->depth-- == 0) return refuse(r, "unexpected )", r->start, r->end);
        break;
    case '|':
        r->repetition = NULL;
        r->has_operand = false;
        text_putc(&r->out->pattern, *r->at++);
        return true;
    default: break;
    }
    r->repetition = NULL;
    if (starts(r, "\\Q")) {
        read_quotation(r);
        return true;
    }
    r->has_operand = true;
    if (*r->at == '[') return read_class(r);
    if (*r->at == '\\') return read_escape(r, false);
    if (*r->at == '{') text_putc(&r->out->pattern, '\\');
    text_putc(&r->out->pattern, *r->at++);
    return true;
}

bool regex_translate(const char *source, size_t length, RegexTranslation *translation) {
    Reader reader = {.start = source, .at = source, .end = source + length, .out = translation};
    while (reader.at < reader.end)
        if (!read_piece(&reader)) return false;
    return reader.depth == 0 || refuse(&reader, "missing closing )", source, source + length);
}

void regex_free(RegexTranslation *translation) {
    text_free(&translation->pattern);
    text_free(&translation->problem);
    free(translation->names);
}
