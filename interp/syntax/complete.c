/*
 * complete.c -- whether a text is a whole program, or more of it is still to come.
 *
 * The parser itself answers: a text is incomplete when the first thing it complains about is that the text ends. Two
 * answers that follow from this: a text that is whole but could go on (`if x { }`, where `else` may come) is complete,
 * and one with a mistake before its end is invalid, whatever its brackets.
 */
#include "complete.h"

#include <string.h>

#include "lexer.h"
#include "magic_lines.h"
#include "parser.h"

enum { INDENT_STEP = 4 };

/* Copies the blanks that [line] begins with; returns how many there are room for. */
static size_t copy_blanks(const char *line, size_t length, char *indent) {
    size_t count = 0;
    while (count < length && count < SYNTAX_INDENT_SIZE - 1 && (line[count] == ' ' || line[count] == '\t')) {
        indent[count] = line[count];
        count++;
    }
    return count;
}

/* The brackets that the line of token [last] opens and leaves open. */
static int open_brackets(const Token *tokens, const Token *last) {
    const Token *token = last;
    int open = 0;
    while (token > tokens && !token->newline_before) {
        token--;
    }
    for (; token <= last; token++) {
        if (token->kind == TOKEN_LEFT_BRACE || token->kind == TOKEN_LEFT_PAREN || token->kind == TOKEN_LEFT_BRACKET) {
            open++;
        } else if (open > 0 && (token->kind == TOKEN_RIGHT_BRACE || token->kind == TOKEN_RIGHT_PAREN ||
                                token->kind == TOKEN_RIGHT_BRACKET)) {
            open--;
        }
    }
    return open;
}

/* The indentation of the last line that says something, deeper if it leaves a bracket open. */
static void find_indent(Arena *arena, const Source *source, char *indent) {
    const Token *tokens = lexer_scan(arena, source), *last = NULL;
    for (const Token *token = tokens; token->kind != TOKEN_END; token++) {
        last = token;
    }
    if (!last || last->kind == TOKEN_ERROR) {
        return; /* inside a string or a comment, blanks would become part of it */
    }
    uint32_t length;
    const char *line = source_line(source, source_place(source, last->span.start).line, &length);
    size_t count = copy_blanks(line, length, indent);
    bool deeper = open_brackets(tokens, last) > 0;
    for (int i = 0; i < INDENT_STEP && deeper && count < SYNTAX_INDENT_SIZE - 1; i++) {
        indent[count++] = ' ';
    }
    indent[count] = '\0';
}

/* A cell magic takes whatever stands below it: an empty line ends it. */
static bool waits_for_body(Arena *arena, const Source *source) {
    const Token *first = lexer_scan(arena, source);
    if (first->kind != TOKEN_MAGIC || !first->magic->is_cell) {
        return false;
    }
    uint32_t length;
    const char *last = source_line(source, source->line_count, &length);
    return source->line_count == 1 || length > strspn(last, " \t\r");
}

SyntaxCompleteness syntax_is_complete(const char *code, size_t length, char *indent) {
    Arena arena;
    arena_init(&arena);
    Diagnostics diagnostics = {.arena = &arena};
    Source *source = source_new(&arena, "", code, length);
    source->has_magics = true;
    indent[0] = '\0';
    parser_parse(&arena, source, &diagnostics);
    SyntaxCompleteness result = SYNTAX_COMPLETE;
    if (diagnostics.count > 0) {
        result = diagnostics.at_end ? SYNTAX_INCOMPLETE : SYNTAX_INVALID;
    }
    if (result == SYNTAX_COMPLETE && waits_for_body(&arena, source)) {
        result = SYNTAX_INCOMPLETE;
    } else if (result == SYNTAX_INCOMPLETE) {
        find_indent(&arena, source, indent);
    }
    arena_free(&arena);
    return result;
}
