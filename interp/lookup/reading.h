/*
 * reading.h -- what the text of a cell says by itself, before it runs and while it is half written.
 *
 * Completion is asked about text that does not parse: brackets are open, a word has only begun. So a Reading looks at
 * tokens alone. It knows which bracket belongs to which, and the names that the text declares and that can be seen at
 * its end; it does not know what expressions mean (thing.h does).
 */
#ifndef READING_H
#define READING_H

#include "syntax/lexer.h"

typedef enum {
    LOCAL_VARIABLE, LOCAL_PARAMETER, LOCAL_FUNCTION, LOCAL_STRUCT, LOCAL_ENUM, LOCAL_ERROR, LOCAL_MODULE, LOCAL_PACKAGE,
    LOCAL_TYPE, LOCAL_THIS
} LocalKind;

/* A name that the text declares. */
typedef struct {
    LocalKind kind;
    const char *name; /* in the text; not NUL-terminated */
    uint32_t length;
    int at;           /* token of the name; MODULE: of the module's name; THIS: of the struct's name */
    bool is_global;   /* outside of all braces */
} Local;

typedef struct {
    Arena arena;
    Source *source;
    const Token *tokens;
    int count;     /* without the ends */
    int *match;    /* for each bracket: the other one; an opener without: count, a closer without: -1 */
    int innermost; /* the last bracket that is open at the end of the text; -1: none */
    Local *locals; /* those that can be seen at the end of the text, in the order of their declaration */
    int local_count, local_capacity;
} Reading;

/* Reads a copy of [text] from byte [start] on. [is_cell]: there may be magics in it. */
Reading *reading_new(const char *text, size_t length, size_t start, bool is_cell);
void reading_free(Reading *reading);

/* The kind of token [i]; TOKEN_END outside of the text. */
static inline TokenKind reading_kind(const Reading *reading, int i) {
    return i >= 0 && i < reading->count ? reading->tokens[i].kind : TOKEN_END;
}
/* The bytes of token [i], in the text, not NUL-terminated; is it [text]? */
const char *reading_text(const Reading *reading, int i, uint32_t *length);
bool reading_is(const Reading *reading, int i, const char *text, size_t length);

/* The first token of the operand that ends before token [end]: a name with its dots, calls and indices, a literal. -1: none. */
int reading_operand(const Reading *reading, int end);

/* The operand that is called by the parenthesis [opener], as its first token; -1 when it is no call. */
int reading_callee(const Reading *reading, int opener);

/* Is `(` the opener of the parameters in a declaration of a function? */
bool reading_opens_parameters(const Reading *reading, int opener);

/* What is written behind a declared name, as bytes: its type, its value, a function's `(parameters): type`. Empty: nothing. */
Span reading_type(const Reading *reading, int name);
Span reading_value(const Reading *reading, int name);
Span reading_header(const Reading *reading, int name);

/* The parenthesis of the parameters when a variable's value is a function, `let name = func(…) {…}`, else -1. All that takes
 * the name of a function takes this token, too. */
int reading_function(const Reading *reading, int name);

/* From the declaration of [name] to its end, with `struct`, `async func` …; as bytes. */
Span reading_declaration(const Reading *reading, int name);

/* Calls [visit] with the names of the members of a struct, error or enum, or of the parameters of a function. */
typedef enum { MEMBER_FIELD, MEMBER_METHOD } MemberKind;
void reading_each_member(const Reading *reading, int name, void (*visit)(void *arg, int token, MemberKind kind), void *arg);

/* The comment lines that end right above the line of byte [at], without their signs, as text in [arena]; NULL: none. */
const char *reading_comment_above(Arena *arena, const Source *source, uint32_t at);

#endif
