/*
 * parser.c -- the machinery of the parser: tokens, errors and recovery, blocks.
 */
#include "hints.h"
#include "parser_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- tokens ---- */

void parser_advance(Parser *parser) {
    switch (parser_kind(parser)) {
    case TOKEN_END:
        return;
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
        parser->open_round++;
        break;
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
        parser->open_round--;
        break;
    case TOKEN_LEFT_BRACE:
        parser->open_curly++;
        break;
    case TOKEN_RIGHT_BRACE:
        parser->open_curly--;
        break;
    default:
        break;
    }
    parser->previous = parser->current++;
    lexer_read(parser->lexer, parser->current);
}

bool parser_accept(Parser *parser, TokenKind kind) {
    if (!parser_at(parser, kind)) {
        return false;
    }
    parser_advance(parser);
    return true;
}

bool parser_expect(Parser *parser, TokenKind kind, const char *purpose) {
    if (parser->panic) {
        return false;
    }
    if (!parser_accept(parser, kind)) {
        parser_expected(parser, NULL, parser_format(parser, "`%s` %s", token_text[kind], purpose));
        return false;
    }
    return true;
}

bool parser_expect_closing(Parser *parser, TokenKind kind, const Token *opener, const char *purpose) {
    if (parser->panic) {
        return false;
    }
    if (parser_accept(parser, kind)) {
        return true;
    }
    const char *hint = NULL, *where = "";
    bool next_is_operand = parse_starts_operand(parser_kind(parser)) && !parser_at(parser, TOKEN_LEFT_BRACE);
    if (parser_same_line(parser) && next_is_operand && kind != TOKEN_RIGHT_BRACE) {
        hint = "is a `,` missing?";
    }
    const Token *unclosed = parser_at(parser, TOKEN_END) && kind == TOKEN_RIGHT_BRACE
                                ? hint_open_brace(parser->source, lexer_scan(parser->arena, parser->source)) : NULL;
    if (unclosed && unclosed->span.start != opener->span.start) {
        Place place = source_place(parser->source, unclosed->span.start);
        hint = parser_format(parser, "going by the indentation, the `{` at %u:%u has no `}`", place.line, place.column);
    }
    Place opened = source_place(parser->source, opener->span.start);
    if (opened.line != source_place(parser->source, parser->previous->span.start).line) {
        where = parser_format(parser, " opened at %u:%u", opened.line, opened.column);
    }
    parser_expected(parser, hint, parser_format(parser, "`%s` %s%s", token_text[kind], purpose, where));
    return false;
}

const Token *parser_find_closing(const Parser *parser, const Token *opener) {
    int open = 0;
    for (const Token *token = opener; token->kind != TOKEN_END; lexer_read(parser->lexer, ++token)) {
        switch (token->kind) {
        case TOKEN_LEFT_PAREN:
        case TOKEN_LEFT_BRACKET:
        case TOKEN_LEFT_BRACE:
            open++;
            break;
        case TOKEN_RIGHT_PAREN:
        case TOKEN_RIGHT_BRACKET:
        case TOKEN_RIGHT_BRACE:
            if (--open == 0) {
                return token;
            }
            break;
        }
    }
    return opener;
}

Name parser_take_word(Parser *parser) {
    Span span = parser->current->span;
    uint32_t length = span.end - span.start;
    parser_advance(parser);
    const char *text = arena_strndup(parser->arena, parser->source->text + span.start, length);
    return ast_name(text, span);
}

Name parser_name(Parser *parser, const char *role) {
    if (parser->panic) {
        return (Name){.text = ""};
    }
    TokenKind kind = parser_kind(parser);
    if (token_is_name(kind)) {
        return parser_take_word(parser);
    }
    if (token_is_keyword(kind) && parser_same_line(parser)) {
        parser_error(parser, parser->current->span,
                     parser_format(parser, "try `my_%s` or `%s_value`", token_text[kind], token_text[kind]),
                     "`%s` is a keyword and cannot be %s", token_text[kind], role);
    } else {
        parser_expected(parser, NULL, parser_format(parser, "a name for %s", role));
    }
    return (Name){.text = ""};
}

void parser_declares(Parser *parser, const Token *name) {
    if (token_is_declarative(name->kind)) {
        parser->own_words |= 1u << (name->kind - TOKEN_INFO);
    }
}

bool parser_separator(Parser *parser, const char *what) {
    if (parser->panic) {
        return false;
    }
    if (parser_accept(parser, TOKEN_COMMA) || parser_accept(parser, TOKEN_SEMICOLON) || !parser_same_line(parser) ||
        parser_at(parser, TOKEN_RIGHT_BRACE)) {
        return true;
    }
    parser_expected(parser, NULL, parser_format(parser, "`,` or a new line between %s", what));
    return false;
}

/* ---- context, depth ---- */

Context parser_enter(Parser *parser, bool newlines, bool struct_literals) {
    Context outer = parser->context;
    parser->context = (Context){newlines, struct_literals};
    return outer;
}

bool parser_descend(Parser *parser) {
    if (++parser->depth <= PARSER_DEPTH_LIMIT) {
        return true;
    }
    parser_error(parser, parser->current->span, "give parts of it names of their own",
                 "this is nested too deeply (more than %d levels)", PARSER_DEPTH_LIMIT);
    return false;
}

bool parser_extend_chain(Parser *parser, int *length) {
    if (++*length <= PARSER_CHAIN_LIMIT) {
        return true;
    }
    parser_error(parser, parser->current->span, "split it into several statements",
                 "this is too long (more than %d operators or branches in a row)", PARSER_CHAIN_LIMIT);
    return false;
}

/* ---- errors ---- */

const char *parser_format(Parser *parser, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return arena_strndup(parser->arena, text, strlen(text));
}

void parser_error(Parser *parser, Span span, const char *hint, const char *format, ...) {
    if (parser->panic) {
        return;
    }
    parser->panic = true;
    if (parser->quiet) {
        return;
    }
    const Token *string = hint_open_string(parser->source, parser->first, parser->current);
    if (string) {
        uint32_t line = source_place(parser->source, string->span.start).line;
        hint = parser_format(parser, "the string that begins in line %u ends in this line: is its closing quote missing?",
                             line);
    }
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    diagnostic_add(parser->diagnostics, span, hint, "%s", message);
}

/* How a message names a token: "`x`", "a string", "the end of the text". */
static const char *describe(Parser *parser, const Token *token) {
    int length = (int)(token->span.end - token->span.start);
    bool is_short = length <= 30 && !memchr(parser->source->text + token->span.start, '\n', (size_t)length);
    if (token->kind == TOKEN_END || token->kind == TOKEN_STRING || token->kind == TOKEN_RAW_STRING || !is_short) {
        return token->kind == TOKEN_NAME ? "a long name" : token_text[token->kind];
    }
    return parser_format(parser, "`%.*s`", length, parser->source->text + token->span.start);
}

static const char *token_text_of(const Parser *parser, const Token *token, uint32_t *length) {
    *length = token->span.end - token->span.start;
    return parser->source->text + token->span.start;
}

/* A better hint than [hint], when words of other languages stand around here. */
static const char *foreign_hint(Parser *parser, const char *hint) {
    const Token *found = parser->current, *before = parser->previous;
    uint32_t length;
    if (!parser_same_line(parser) || before == found) {
        return hint;
    }
    const char *word = token_text_of(parser, found, &length);
    const char *better = found->kind == TOKEN_NAME ? hint_foreign_operator(word, length) : NULL;
    if (!better && before->kind == TOKEN_NAME && parse_starts_operand(found->kind)) {
        word = token_text_of(parser, before, &length);
        better = hint_foreign_operator(word, length);
        better = better ? better : hint_foreign_word(word, length);
    }
    return better ? better : hint;
}

/*
 * When the missing thing should have stood at the end of a line, the error points there and not at what the next
 * line happens to begin with.
 */
void parser_expected(Parser *parser, const char *hint, const char *what) {
    const Token *found = parser->current;
    if (!hint && found->kind == TOKEN_QUESTION) {
        hint = "choose with `if (condition) { a } else { b }`, which has a value";
    }
    hint = foreign_hint(parser, hint);
    bool is_first_problem = !parser->panic && !parser->quiet && parser->diagnostics->count == 0;
    if (found->kind == TOKEN_ERROR) {
        parser_error(parser, found->span, found->problem->hint, "%s", found->problem->message);
        parser->diagnostics->at_end |= is_first_problem && found->problem->at_end;
        parser->ended |= !parser->quiet && found->problem->at_end;
    } else if (found->kind == TOKEN_END) {
        parser_error(parser, parser->previous->span, hint, "expected %s", what);
        parser->diagnostics->at_end |= is_first_problem;
        parser->ended |= !parser->quiet;
    } else if (found->newline_before && found != parser->previous) {
        parser_error(parser, parser->previous->span, hint, "expected %s", what);
    } else {
        parser_error(parser, found->span, hint, "expected %s, found %s", what, describe(parser, found));
    }
}

/* ---- nodes ---- */

static const uint8_t node_sizes[] = {
#define X(name, part) [NODE_##name] = offsetof(Node, part) + sizeof((Node){0}.part),
    NODE_KINDS(X)
#undef X
};

Node *parser_node(Parser *parser, NodeKind kind, uint32_t start) {
    Node *node = arena_alloc(parser->arena, node_sizes[kind]);
    node->kind = kind;
    node->span = (Span){start, start};
    node->at = start;
    return node;
}

Node *parser_finish(Parser *parser, Node *node) {
    uint32_t end = parser->previous->span.end;
    node->span.end = end > node->span.start ? end : node->span.start;
    return node;
}

Node *parser_nothing(Parser *parser) {
    return parser_node(parser, NODE_NULL_LITERAL, parser->current->span.start);
}

/* ---- recovery ---- */

/* What is known about a statement when it begins, to find out how much of it an error leaves open. */
typedef struct {
    const Token *start;
    Context context;
    int depth, open_round, open_curly;
} Mark;

static Mark set_mark(const Parser *parser) {
    return (Mark){parser->current, parser->context, parser->depth, parser->open_round, parser->open_curly};
}

/* Words that stand at the beginning of a line only to begin a statement. */
static bool begins_statement_for_sure(const Token *token, bool in_braces) {
    switch (token->kind) {
    case TOKEN_LET:
    case TOKEN_CONST:
    case TOKEN_RETURN:
    case TOKEN_BREAK:
    case TOKEN_CONTINUE:
    case TOKEN_WHILE:
    case TOKEN_FOR:
    case TOKEN_STRUCT:
    case TOKEN_ENUM:
    case TOKEN_PACKAGE:
    case TOKEN_INCLUDE:
    case TOKEN_DEFER:
    case TOKEN_THROW:
        return token->newline_before;
    case TOKEN_IMPORT:
        return token->newline_before && token[1].kind != TOKEN_LEFT_PAREN;
    case TOKEN_IF:
    case TOKEN_SWITCH:
        return token->newline_before && !in_braces;
    case TOKEN_FUNC: /* in braces it may be a method */
        return token->newline_before && !in_braces && token_is_name(token[1].kind);
    default:
        return false;
    }
}

/* After so many problems nobody wants to read more. */
static void give_up(Parser *parser) {
    while (!parser_at(parser, TOKEN_END)) {
        parser_advance(parser);
    }
    parser->ended = parser->panic = true;
}

/*
 * Skips the rest of a broken statement. It ends at a `;`, at a `}` that closes the block around it, or at a line that
 * begins while none of the statement's own brackets are open. If brackets are open, one of them may well be the
 * mistake, so the words that only begin statements end it too, except inside braces opened while skipping.
 */
static void synchronise(Parser *parser, const Mark *mark) {
    if (parser->diagnostics->count >= DIAGNOSTIC_LIMIT) {
        give_up(parser);
        return;
    }
    int curly_at_error = parser->open_curly;
    if (parser->current == mark->start && !parser_at(parser, TOKEN_RIGHT_BRACE)) {
        parser_advance(parser); /* at least one token goes */
    }
    while (!parser_at(parser, TOKEN_END)) {
        bool own_curly = parser->open_curly > mark->open_curly, own_round = parser->open_round > mark->open_round;
        if (!own_curly && (parser_at(parser, TOKEN_RIGHT_BRACE) || parser_at(parser, TOKEN_SEMICOLON))) {
            break;
        }
        if (!own_curly && !own_round && !parser_same_line(parser)) {
            break;
        }
        if (parser->open_curly <= curly_at_error && begins_statement_for_sure(parser->current, own_curly)) {
            break;
        }
        parser_advance(parser);
    }
    if (parser->open_curly > mark->open_curly) {
        parser->abandoned += parser->open_curly - mark->open_curly;
    }
    if (parser->open_round > mark->open_round) {
        parser->abandoned += parser->open_round - mark->open_round;
    }
    parser->open_curly = mark->open_curly;
    parser->open_round = mark->open_round;
    parser->context = mark->context;
    parser->depth = mark->depth;
    parser->panic = parser->ended;
}

/* ---- blocks ---- */

/* Goes past a closing bracket that closes nothing; an error unless recovery had given up what it closes. */
static void skip_stray_bracket(Parser *parser) {
    if (parser->abandoned > 0) {
        parser->abandoned--;
    } else {
        TokenKind kind = parser_kind(parser);
        parser_error(parser, parser->current->span, NULL, "this `%s` closes nothing", token_text[kind]);
        parser->panic = false;
    }
    int open_round = parser->open_round, open_curly = parser->open_curly;
    parser_advance(parser);
    parser->open_round = open_round;
    parser->open_curly = open_curly;
}

/* An expression that does nothing but have a value. */
static bool has_no_effect(const Node *node) {
    switch (node->kind) {
    case NODE_CALL:
    case NODE_ASSIGN:
    case NODE_STEP:
    case NODE_AWAIT:
    case NODE_GO:
    case NODE_THROW:
    case NODE_IMPORT_CALL:
        return false;
    case NODE_FUNCTION:
        return !node->function.declares;
    default:
        return node->kind < NODE_LET;
    }
}

/* Tokens that begin no statement, or none that makes sense, so that they belong to the one before. */
static bool never_begins(TokenKind kind) {
    switch (kind) {
    case TOKEN_COMMA:
    case TOKEN_COLON:
    case TOKEN_QUESTION:
    case TOKEN_BAR:
    case TOKEN_AMPERSAND:
    case TOKEN_ELLIPSIS:
        return true;
    default:
        return false;
    }
}

/*
 * Statements need nothing between them: `f() g()` is fine. But a mere value followed by something on the same line
 * is a slip (`print "x"`, `a b`), and so is a statement followed by a literal.
 */
static void check_end(Parser *parser, const Node *statement) {
    TokenKind next = parser_kind(parser);
    if (!parser_same_line(parser) || next == TOKEN_SEMICOLON || next == TOKEN_RIGHT_BRACE || next == TOKEN_END ||
        parser->previous->kind == TOKEN_RIGHT_BRACE || parser->previous->kind == TOKEN_SEMICOLON) {
        return;
    }
    bool next_is_literal = next >= TOKEN_INT && next <= TOKEN_RAW_STRING;
    if (!has_no_effect(statement) && !next_is_literal && !never_begins(next)) {
        return;
    }
    const char *hint = NULL;
    if (statement->kind == NODE_NAME && parse_starts_operand(next)) {
        const char *keyword = hint_keyword(statement->name.text, strlen(statement->name.text));
        hint = keyword ? parser_format(parser, "did you mean `%s`?", keyword)
                       : parser_format(parser, "a call needs parentheses: `%.40s(…)`", statement->name.text);
    } else if (next == TOKEN_COLON && parser->current[1].kind == TOKEN_ASSIGN) {
        hint = "variables are declared with `let name = value`";
    } else if (next == TOKEN_AMPERSAND || next == TOKEN_BAR) {
        hint = next == TOKEN_BAR ? "for one condition or the other write `||`" : "for two conditions write `&&`";
    } else if (next == TOKEN_COMMA) {
        hint = "several values go into an array: `[a, b]`";
    }
    parser_expected(parser, hint, "the end of the statement");
}

/* A statement of the program begins on a line of its own: nobody asks for the tokens of those before it any more. */
static void forget_tokens(Parser *parser) {
    ptrdiff_t back = parser->current - parser->previous;
    parser->previous = lexer_restart(parser->lexer, parser->previous);
    parser->current = parser->previous + back;
}

/* The statements of a block up to its `}`, or of the whole program. */
static void parse_statements(Parser *parser, Node *block, bool whole) {
    int capacity = 0;
    while (!parser_at(parser, TOKEN_END) && (whole || !parser_at(parser, TOKEN_RIGHT_BRACE))) {
        if (parser_accept(parser, TOKEN_SEMICOLON)) {
            continue;
        }
        if (parser_at(parser, TOKEN_RIGHT_PAREN) || parser_at(parser, TOKEN_RIGHT_BRACKET) ||
            parser_at(parser, TOKEN_RIGHT_BRACE)) {
            skip_stray_bracket(parser);
            continue;
        }
        if (whole && !parser_same_line(parser)) {
            forget_tokens(parser);
        }
        Mark mark = set_mark(parser);
        Node *statement = parse_statement(parser);
        if (!parser->panic) {
            NodeList *list = &block->list;
            ARENA_PUSH(parser->arena, list->items, list->count, capacity, statement);
            check_end(parser, statement);
        }
        if (parser->panic) {
            synchronise(parser, &mark);
        }
    }
}

Node *parse_block(Parser *parser, const char *what) {
    Node *block = parser_node(parser, NODE_BLOCK, parser->current->span.start);
    const Token *opener = parser->current;
    if (parser_at(parser, TOKEN_SEMICOLON) && parser_same_line(parser)) {
        parser_expected(parser, "leave out the `;`", parser_format(parser, "`{` %s", what));
    }
    if (!parser_expect(parser, TOKEN_LEFT_BRACE, what)) {
        return block;
    }
    Context outer = parser_enter(parser, true, true);
    if (parser_descend(parser)) {
        parse_statements(parser, block, false);
        parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the block");
    }
    parser_ascend(parser);
    parser_restore(parser, outer);
    return parser_finish(parser, block);
}

Node *parser_parse(Arena *arena, const Source *source, Diagnostics *diagnostics) {
    Lexer *lexer = lexer_open(arena, source);
    const Token *tokens = lexer_first(lexer);
    Parser parser = {
        .arena = arena,
        .source = source,
        .diagnostics = diagnostics,
        .lexer = lexer,
        .first = tokens,
        .current = tokens,
        .previous = tokens,
        .context = {.newlines = true, .struct_literals = true},
    };
    Node *program = parser_node(&parser, NODE_BLOCK, 0);
    parse_statements(&parser, program, true);
    program->span.end = source->length;
    lexer_close(lexer);
    return program;
}
