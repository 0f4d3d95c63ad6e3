/*
 * tokens.h -- every token of the language, in one list.
 *
 * The list feeds the enum, the names in error messages and the lookup of keywords. Its four parts differ in how a word
 * may be used: a KEYWORD is never a name, a SOFT keyword is a name wherever it does not begin what it stands for.
 */
#ifndef TOKENS_H
#define TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "source.h"

#define TOKEN_SPECIALS(X)                                                                                         \
    X(END, "the end of the text") X(ERROR, "an invalid token") X(INT, "a number") X(FLOAT, "a number")            \
    X(STRING, "a string") X(RAW_STRING, "a string") X(NAME, "a name") X(COMMENT, "a comment")                         \
    X(MAGIC, "a magic")

#define TOKEN_PUNCTUATION(X)                                                                                      \
    X(LEFT_PAREN, "(") X(RIGHT_PAREN, ")") X(LEFT_BRACKET, "[") X(RIGHT_BRACKET, "]") X(LEFT_BRACE, "{")          \
    X(RIGHT_BRACE, "}") X(COMMA, ",") X(SEMICOLON, ";") X(COLON, ":") X(COLON_COLON, "::") X(DOT, ".")            \
    X(DOT_DOT, "..") X(ELLIPSIS, "...") X(AT, "@") X(QUESTION, "?") X(COALESCE, "??") X(ARROW, "=>")              \
    X(ASSIGN, "=") X(PLUS, "+") X(MINUS, "-") X(STAR, "*") X(SLASH, "/") X(PERCENT, "%") X(POWER, "**")           \
    X(PLUS_ASSIGN, "+=") X(MINUS_ASSIGN, "-=") X(STAR_ASSIGN, "*=") X(SLASH_ASSIGN, "/=")                         \
    X(PERCENT_ASSIGN, "%=") X(POWER_ASSIGN, "**=") X(COALESCE_ASSIGN, "?\?=") X(INCREMENT, "++")                  \
    X(DECREMENT, "--") X(NOT, "!") X(EQUAL, "==") X(NOT_EQUAL, "!=") X(LESS, "<") X(LESS_EQUAL, "<=")             \
    X(GREATER, ">") X(GREATER_EQUAL, ">=") X(AND, "&&") X(OR, "||") X(AMPERSAND, "&") X(BAR, "|")

#define TOKEN_KEYWORDS(X)                                                                                         \
    X(FUNC, "func") X(LET, "let") X(CONST, "const") X(TRUE, "true") X(FALSE, "false") X(NULL, "null")             \
    X(NIL, "nil") X(IF, "if") X(ELSE, "else") X(WHILE, "while") X(FOR, "for") X(IN, "in") X(AS, "as") X(IS, "is") \
    X(RETURN, "return") X(BREAK, "break") X(CONTINUE, "continue") X(SWITCH, "switch") X(CASE, "case")             \
    X(DEFAULT, "default") X(MATCH, "match") X(IMPORT, "import") X(PACKAGE, "package") X(INCLUDE, "include")       \
    X(DEFER, "defer") X(ENUM, "enum") X(STRUCT, "struct") X(ASYNC, "async") X(AWAIT, "await") X(CHAN, "chan")     \
    X(THROW, "throw")

/* The declaratives print or raise a message; they may be written with a capital: `Info "text"`. */
#define TOKEN_DECLARATIVES(X)                                                                                     \
    X(INFO, "info") X(DEBUG, "debug") X(NOTE, "note") X(TODO, "todo") X(WARN, "warn") X(SUCCESS, "success")       \
    X(TRACE, "trace") X(FATAL, "fatal") X(CRITICAL, "critical") X(LOG, "log") X(RAISE, "error")

#define TOKEN_SOFT_KEYWORDS(X)                                                                                    \
    X(GO, "go") X(REPEAT, "repeat") X(TYPE, "type") X(SELECT, "select") X(TRY, "try") X(CATCH, "catch")           \
    X(FINALLY, "finally")

#define TOKENS(X)                                                                                                 \
    TOKEN_SPECIALS(X) TOKEN_PUNCTUATION(X) TOKEN_KEYWORDS(X) TOKEN_DECLARATIVES(X) TOKEN_SOFT_KEYWORDS(X)

typedef enum {
#define X(name, text) TOKEN_##name,
    TOKENS(X)
#undef X
    TOKEN_COUNT
} TokenKind;

/* The text of a word or of punctuation; "a name", "a number" … of the others. */
extern const char *const token_text[TOKEN_COUNT];

static inline bool token_is_keyword(TokenKind kind) {
    return kind >= TOKEN_FUNC && kind <= TOKEN_THROW;
}
static inline bool token_is_constant(TokenKind kind) {
    return kind >= TOKEN_TRUE && kind <= TOKEN_NIL;
}
static inline bool token_is_declarative(TokenKind kind) {
    return kind >= TOKEN_INFO && kind <= TOKEN_RAISE;
}
static inline bool token_is_name(TokenKind kind) {
    return kind == TOKEN_NAME || kind >= TOKEN_INFO;
}
static inline bool token_is_word(TokenKind kind) {
    return kind == TOKEN_NAME || kind >= TOKEN_FUNC;
}

/* What is wrong with a TOKEN_ERROR. */
typedef struct {
    const char *message;
    const char *hint; /* may be NULL */
    bool at_end;      /* the text ends inside of it */
} TokenProblem;

typedef struct {
    uint8_t kind;
    bool newline_before; /* the first token of its line */
    Span span;
    union {
        uint64_t integer; /* at most 2^63: the parser knows whether a minus stands before it */
        double number;
        const TokenProblem *problem;
        const struct MagicLine *magic;
    };
} Token;

#endif
