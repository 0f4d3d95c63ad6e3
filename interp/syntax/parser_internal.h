/*
 * parser_internal.h -- what the files of the parser share.
 *
 * A recursive descent parser over an array of tokens, which grows as the parser gets on (see lexer.c). parser.c holds the
 * machinery (tokens, errors, recovery, blocks), the other files one part of the grammar each:
 *
 *   parser_expressions.c    operators, calls, members
 *   parser_literals.c       what an expression begins with: literals, names, functions
 *   parser_control.c        if, loops, switch, select, try
 *   parser_statements.c     what a statement begins with; declarations
 *   parser_structures.c     struct, enum, error types
 *   parser_types.c          types
 *   parser_patterns.c       match and its patterns
 *   parser_magic.c          the special lines of notebook cells
 *
 * Errors: the first one of a statement is reported and sets [panic]. From then on nothing is reported and every
 * parsing function returns as soon as it can, with a node that nobody will look at; loops ask for [panic]. The list of
 * statements that is being parsed then skips to where the next statement begins, and goes on.
 */
#ifndef PARSER_INTERNAL_H
#define PARSER_INTERNAL_H

#include "lexer.h"
#include "parser.h"

/*
 * How many operators may follow one another in one expression, `a + a + a …`, and how many `else if`. Parsing them
 * takes no stack, but the tree they make is as deep as they are many, and those who walk it do take stack.
 */
#define PARSER_CHAIN_LIMIT 2000

typedef struct {
    bool newlines;        /* a newline can end the expression: true unless the innermost bracket is ( or [ */
    bool struct_literals; /* `Name {` is a struct literal: not in the header of a block */
} Context;

typedef struct {
    Arena *arena;
    const Source *source;
    Diagnostics *diagnostics;
    Lexer *lexer;
    const Token *first; /* of those that are kept: the last one before this statement of the program */
    const Token *current;
    const Token *previous;
    Context context;
    bool panic;
    bool ended;         /* the end of the text came too early and was reported: nothing else will be */
    bool quiet;         /* only trying: nothing is reported */
    int depth;          /* of recursion */
    int chain;          /* how many operators follow one another, at most, in what was parsed last */
    int open_round;     /* ( and [ that are open */
    int open_curly;     /* { that are open */
    int abandoned;      /* brackets that recovery left open: their closing ones are no further error */
    unsigned own_words; /* declaratives that the program uses as names: `let log = …` */
} Parser;

/* ---- tokens ---- */
static inline TokenKind parser_kind(const Parser *parser) {
    return parser->current->kind;
}
static inline bool parser_at(const Parser *parser, TokenKind kind) {
    return parser->current->kind == kind;
}
static inline TokenKind parser_peek(const Parser *parser, int distance) { /* up to LEXER_END_TOKENS - 1 */
    return parser->current[distance].kind;
}
/* The current token stands on the line of the one before it. */
static inline bool parser_same_line(const Parser *parser) {
    return !parser->current->newline_before;
}

void parser_advance(Parser *parser);
bool parser_accept(Parser *parser, TokenKind kind);
/* Goes past a token of [kind], or reports "expected `…` [purpose]". */
bool parser_expect(Parser *parser, TokenKind kind, const char *purpose);
/* The same for the bracket that closes [opener], which is named when it stands on another line. */
bool parser_expect_closing(Parser *parser, TokenKind kind, const Token *opener, const char *purpose);
/* The token that closes the bracket [opener]; [opener] itself when there is none. */
const Token *parser_find_closing(const Parser *parser, const Token *opener);
Name parser_name(Parser *parser, const char *role); /* as in "expected a name for [role]" */
Name parser_take_word(Parser *parser); /* the current token, whatever it is */
void parser_declares(Parser *parser, const Token *name); /* remembers that [name] is a name of the program's own */
/* Between items in braces a newline does the work of a comma; false and an error when there is neither. */
bool parser_separator(Parser *parser, const char *what);

/* ---- context, depth ---- */
/* Changes the context; the one before is to be put back with parser_restore(). */
Context parser_enter(Parser *parser, bool newlines, bool struct_literals);
static inline void parser_restore(Parser *parser, Context context) {
    parser->context = context;
}
/* One level deeper; false and an error at the limit. To be undone with parser_ascend() in both cases. */
bool parser_descend(Parser *parser);
static inline void parser_ascend(Parser *parser) {
    parser->depth--;
}
/* One more operator in a chain; false and an error when it is too long. */
bool parser_extend_chain(Parser *parser, int *length);

/* ---- errors ---- */
void parser_error(Parser *parser, Span span, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "expected [what], found …" at the current token. */
void parser_expected(Parser *parser, const char *hint, const char *what);
/* [text] with printf's arguments put in, in the arena. */
const char *parser_format(Parser *parser, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- nodes ---- */
/* A node that begins at byte [start]; errors about it point there. */
Node *parser_node(Parser *parser, NodeKind kind, uint32_t start);
/* Ends a node with the token before the current one. */
Node *parser_finish(Parser *parser, Node *node);
/* What stands where nothing could be understood. */
Node *parser_nothing(Parser *parser);

/* ---- the grammar ---- */
Node *parse_expression(Parser *parser);
Node *parse_operation(Parser *parser); /* without assignment */
/* Goes on after [left] with whatever operators follow, assignment included. */
Node *parse_rest(Parser *parser, Node *left);
/* What stands before and between operators. */
Node *parse_primary(Parser *parser);
bool parse_starts_operand(TokenKind kind);
/* The current token is an operator that takes [left], which ended before it, as its left operand. */
bool parse_continues(const Parser *parser);
/* A token that can continue an expression and can begin a statement, too. */
bool parse_may_continue(TokenKind kind);
Node *parse_function(Parser *parser);
bool parse_at_dict(const Parser *parser);
Node *parse_string(Parser *parser);
Node *parse_magic(Parser *parser);

Node *parse_statement(Parser *parser);
/* `{ statements }`; [what] as in "expected `{` to open [what]". */
Node *parse_block(Parser *parser, const char *what);

/* if, while, for, switch, match, select, try, when the current token begins one of them; otherwise NULL. */
Node *parse_control(Parser *parser);
Node *parse_repeat(Parser *parser);
Node *parse_match(Parser *parser);
/* The condition or value in the header of a block, which may stand in parentheses. */
Node *parse_header(Parser *parser);
/* The same for a condition, where an assignment would be a mistake. */
Node *parse_condition(Parser *parser);

Node *parse_struct(Parser *parser);
Node *parse_enum(Parser *parser);
/* After `error`: declares an error type or raises. */
Node *parse_error_statement(Parser *parser);

TypeNode *parse_type(Parser *parser);
/* A type if there is one and [accept] likes what follows it; otherwise NULL, and nothing has happened. */
TypeNode *parse_type_if(Parser *parser, bool (*accept)(const Parser *parser));

#endif
