/*
 * format.c -- the formatter as a whole, and the proof that it changed nothing but the looks.
 */
#include "format_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syntax/ast_dump.h"
#include "syntax/lexer.h"
#include "syntax/parser.h"

/* ---- the proof ---- */

/* The next token or comment that is no separator. */
static const Token *skip_separators(const Token *token) {
    while (token->kind == TOKEN_COMMA || token->kind == TOKEN_SEMICOLON) {
        token++;
    }
    return token;
}

/* Commas and semicolons come and go, and so do the blanks at the ends and beginnings of a comment's lines. */
static bool same_tokens(Arena *arena, const Source *before, const Source *after) {
    const Token *a = lexer_scan_comments(arena, before), *b = lexer_scan_comments(arena, after);
    for (;; a++, b++) {
        a = skip_separators(a);
        b = skip_separators(b);
        if (a->kind != b->kind) {
            return false;
        }
        if (a->kind == TOKEN_END) {
            return true;
        }
        uint32_t length = a->span.end - a->span.start;
        const char *text = before->text + a->span.start, *other = after->text + b->span.start;
        bool same = length == b->span.end - b->span.start && memcmp(text, other, length) == 0;
        if (!same && a->kind != TOKEN_COMMENT) {
            return false;
        }
    }
}

static char *dump(const Node *program) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        abort();
    }
    ast_dump_program(out, program);
    fclose(out);
    return text;
}

static bool same_program(Arena *arena, const Source *before, const Node *program, const char *text, size_t length) {
    Source *after = source_new(arena, before->name, text, length);
    Diagnostics diagnostics = {.arena = arena};
    char *old = dump(program), *new = dump(parser_parse(arena, after, &diagnostics));
    bool same = diagnostics.count == 0 && strcmp(old, new) == 0 && same_tokens(arena, before, after);
    free(old);
    free(new);
    return same;
}

/* ---- the way ---- */

static char *format_program(Arena *arena, const Source *source, Node *program, size_t *length) {
    Format format = {.arena = arena, .source = source};
    format_make_pieces(&format);
    format_mark(&format, program);
    format_drop_separators(&format);
    format_lay_out(&format);
    return format_print(&format, length);
}

char *format_source(const Source *source, Diagnostics *diagnostics, size_t *length) {
    Arena arena;
    arena_init(&arena);
    Node *program = parser_parse(diagnostics->arena, source, diagnostics);
    char *text = NULL;
    if (diagnostics->count == 0) {
        text = format_program(&arena, source, program, length);
        if (!same_program(&arena, source, program, text, *length)) {
            Span start = {0, 0};
            diagnostic_add(diagnostics, start, "please report it", "the formatter would change this program");
            free(text);
            text = NULL;
        }
    }
    arena_free(&arena);
    return text;
}
