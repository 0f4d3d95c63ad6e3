/*
 * format_lines.c -- blanks, indentation and columns, when it is known where lines break; and the text itself.
 *
 * Indentation goes by lines, not by brackets: what stands in a group is one level deeper than the line on which the
 * group's owner stands, however many brackets that line opens.
 */
#include "format_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- between two pieces ---- */

/* Could a token at the beginning of a line continue what ends with [before]? Then something must stand between. */
static bool could_continue(TokenKind before, TokenKind kind) {
    switch (kind) {
    case TOKEN_LEFT_BRACE:
        return before == TOKEN_TRY || before == TOKEN_SELECT;
    case TOKEN_IN:
    case TOKEN_AS:
    case TOKEN_IS:
    case TOKEN_CATCH:
    case TOKEN_FINALLY:
        return true;
    default:
        return false;
    }
}

/* What is set behind a token, given what follows it. */
static char separator_after(const Format *format, int piece) {
    int next = format_next(format, piece);
    if (next == format->count) {
        return 0;
    }
    const Piece *follows = &format->pieces[next];
    const Group *group = &format->groups[follows->closes >= 0 ? follows->closes : follows->group];
    bool could_merge = could_continue(format->pieces[piece].kind, follows->kind);
    if (piece == group->opener) {
        return 0;
    }
    if (follows->closes >= 0) {
        return group->kind == GROUP_LIST && (group->tall || group->last_comma) ? ',' : 0;
    }
    if (!(follows->marks & MARK_ITEM)) {
        return 0;
    }
    switch (group->kind) {
    case GROUP_LIST:
        return ',';
    case GROUP_MEMBERS:
        return !group->tall || could_merge ? ',' : 0;
    case GROUP_BLOCK:
        return could_merge ? ';' : 0;
    default:
        return 0;
    }
}

/* Would the two be read as something else without a blank between them? */
static bool would_merge(const Piece *left, const Piece *right) {
    bool signs = left->kind >= TOKEN_LEFT_PAREN && left->kind <= TOKEN_BAR && right->kind >= TOKEN_LEFT_PAREN &&
                 right->kind <= TOKEN_BAR;
    size_t length = strlen(token_text[left->kind]);
    for (int kind = TOKEN_LEFT_PAREN; signs && kind <= TOKEN_BAR; kind++) {
        const char *text = token_text[kind];
        if (strncmp(text, token_text[left->kind], length) == 0 && text[length] == token_text[right->kind][0]) {
            return true;
        }
    }
    return false;
}

static bool needs_blank(const Format *format, int index) {
    const Piece *here = &format->pieces[index], *before = here - 1;
    if (before->opens >= 0 && here->closes == before->opens) {
        return false;
    }
    if (before->opens >= 0) {
        return format->groups[before->opens].padded || format_is_line_comment(format, index);
    }
    if (here->closes >= 0) {
        return format->groups[here->closes].padded;
    }
    if (format_is_comment(here) || before->separator) {
        return true;
    }
    switch (here->kind) {
    case TOKEN_COMMA: case TOKEN_SEMICOLON: case TOKEN_DOT: case TOKEN_QUESTION: case TOKEN_COLON:
        return would_merge(before, here);
    default:
        break;
    }
    if (format_is_comment(before)) {
        return true;
    }
    bool tight = here->marks & MARK_TIGHT || before->marks & MARK_PREFIX || before->kind == TOKEN_DOT ||
                 before->kind == TOKEN_COLON_COLON || before->kind == TOKEN_ELLIPSIS;
    return !tight || would_merge(before, here);
}

/* ---- indentation ---- */

static int base_of(const Format *format, const Group *group) {
    return group->opener < 0 ? -FORMAT_INDENT : format->pieces[group->owner].indent;
}

/* The indentation of a line that begins with [index]. A comment is indented as what it stands before. */
static int indentation(const Format *format, int index) {
    const Piece *here = &format->pieces[index];
    const Group *group = &format->groups[here->group];
    int token = format_is_comment(here) ? format_next(format, index) : index;
    if (here->closes >= 0) {
        return base_of(format, &format->groups[here->closes]);
    }
    if (here->opens >= 0 && format->groups[here->opens].owner != index) {
        return base_of(format, &format->groups[here->opens]); /* a `{` behind a comment */
    }
    if (token == format->count) {
        return base_of(format, group) + FORMAT_INDENT;
    }
    const Piece *follows = &format->pieces[token];
    if (follows->marks & MARK_ALIGNED) {
        return format->pieces[follows->owner].indent;
    }
    bool item = follows->marks & MARK_ITEM || follows->closes == here->group || group->kind == GROUP_PLAIN;
    return item ? base_of(format, group) + FORMAT_INDENT : format->pieces[group->item].indent + FORMAT_INDENT;
}

void format_measure(Format *format) {
    for (int i = 0; i < format->count; i++) {
        Piece *piece = &format->pieces[i];
        piece->separator = format_is_comment(piece) ? 0 : separator_after(format, i);
        if (i == 0 || piece->lines > 0) {
            piece->begin = piece->indent = indentation(format, i);
        } else {
            piece->indent = piece[-1].indent;
            piece->begin = piece[-1].end + needs_blank(format, i);
        }
        int last_line = piece->starred ? piece->begin + 1 : piece->tall ? 0 : piece->begin;
        piece->end = last_line + piece->last_width + (piece->separator != 0);
        if (piece->marks & MARK_ITEM) {
            format->groups[piece->group].item = i;
        }
    }
}

/* ---- comments behind code ---- */

static bool is_trailing(const Format *format, int piece) {
    return piece > 0 && format->pieces[piece].lines == 0 && format_is_line_comment(format, piece);
}

/* The comment behind the code of the next line, -1 when there is none. */
static int next_trailing(const Format *format, int piece) {
    for (int i = piece + 1; i < format->count; i++) {
        if (format->pieces[i].lines > 0 && i > piece + 1) {
            return -1;
        }
        if (format->pieces[i].lines > 1) {
            return -1;
        }
        if (is_trailing(format, i)) {
            return i;
        }
    }
    return -1;
}

/* The column that a piece had in the source. */
static int written_column(const Format *format, int piece) {
    uint32_t start = format->pieces[piece].span.start, length;
    const char *line = source_line(format->source, source_place(format->source, start).line, &length);
    return format_columns(line, format->source->text + start);
}

/* Comments in lines that follow one another stay below one another if they were. */
static void align_comments(Format *format) {
    for (int i = 0, next; i < format->count; i = next) {
        next = i + 1;
        if (!is_trailing(format, i)) {
            continue;
        }
        int column = written_column(format, i);
        int begin = format->pieces[i].begin, last = i;
        for (int k = next_trailing(format, i); k >= 0 && written_column(format, k) == column;
             k = next_trailing(format, k)) {
            begin = format->pieces[k].begin > begin ? format->pieces[k].begin : begin;
            last = k;
        }
        for (int k = i; k <= last; k++) {
            if (is_trailing(format, k)) {
                format->pieces[k].begin = begin;
            }
        }
        next = last + 1;
    }
}

/* ---- the text ---- */

typedef struct {
    char *text;
    size_t length, capacity;
} Output;

static void put(Output *out, const char *text, size_t length) {
    if (out->length + length >= out->capacity) {
        out->capacity = (out->length + length) * 2 + 64;
        out->text = realloc(out->text, out->capacity);
        if (!out->text) {
            abort();
        }
    }
    memcpy(out->text + out->length, text, length);
    out->length += length;
    out->text[out->length] = '\0';
}

static void put_blanks(Output *out, int count) {
    for (int i = 0; i < count; i++) {
        put(out, " ", 1);
    }
}

const char *format_star(const char *line, const char *end) {
    while (line < end && (*line == ' ' || *line == '\t')) {
        line++;
    }
    return line < end && *line == '*' ? line : NULL;
}

/* In comments of several lines, those that begin with `*` are put in line; all others stay where they are. */
static void put_comment(Output *out, const char *text, const char *end, int column) {
    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        const char *stop = line_end ? line_end : end;
        while (line_end && stop > text && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r')) {
            stop--;
        }
        put(out, text, (size_t)(stop - text));
        if (!line_end) {
            return;
        }
        put(out, "\n", 1);
        text = line_end + 1;
        const char *star = format_star(text, end);
        if (star) {
            put_blanks(out, column + 1);
            text = star;
        }
    }
}

char *format_print(Format *format, size_t *length) {
    Output out = {0};
    put(&out, "", 0);
    format_measure(format);
    align_comments(format);
    for (int i = 0; i < format->count; i++) {
        const Piece *piece = &format->pieces[i];
        const char *text = format->source->text + piece->span.start, *end = format->source->text + piece->span.end;
        for (int k = 0; k < piece->lines; k++) {
            put(&out, "\n", 1);
        }
        put_blanks(&out, i == 0 || piece->lines > 0 ? piece->begin : piece->begin - piece[-1].end);
        if (format_is_comment(piece)) {
            put_comment(&out, text, end, piece->begin);
        } else {
            put(&out, text, (size_t)(end - text));
        }
        if (piece->separator) {
            put(&out, &piece->separator, 1);
        }
    }
    if (format->count > 0) {
        put(&out, "\n", 1);
    }
    *length = out.length;
    return out.text;
}
