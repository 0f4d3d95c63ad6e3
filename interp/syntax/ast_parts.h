/*
 * ast_parts.h -- what nodes are made of: names, types, lists, the cases of switch, match, select and try.
 */
#ifndef AST_PARTS_H
#define AST_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "source.h"

typedef struct Node Node;
typedef struct TypeNode TypeNode;

/*
 * Meaning. What the parts of a tree stand for is not the parser's business: it leaves the fields of these types NULL, and
 * resolve.c fills them in. See compile/scope.h.
 */
struct Variable;
struct FunctionScope;

typedef struct {
    Span span;
    const char *text; /* NUL-terminated, in the arena */
    struct Variable *variable; /* that the name declares or uses */
} Name;

static inline Name ast_name(const char *text, Span span) {
    return (Name){.text = text, .span = span};
}

typedef struct {
    Node **items;
    int count;
} NodeList;

/* A type as written. */
typedef enum {
    TYPE_NAME,     /* int, string, any, a struct, an enum, an alias … */
    TYPE_ARRAY,    /* []T, [n]T */
    TYPE_DICT,     /* {K: V} */
    TYPE_POINTER,  /* *T */
    TYPE_CHAN,     /* chan T */
    TYPE_FUNCTION, /* func(T1, T2) R */
    TYPE_TUPLE,    /* (T1, T2) */
    TYPE_UNION,    /* A | B; T? is T | nil */
} TypeKind;

struct TypeNode {
    TypeKind kind;
    Span span;
    Name name;       /* TYPE_NAME */
    int64_t global;  /* TYPE_NAME of a declaration: see code.h; else 0 */
    int64_t length;  /* TYPE_ARRAY: n of [n]T, -1 for []T */
    TypeNode **items; /* element, key and value, target, parameters, members */
    int count;
    TypeNode *result; /* TYPE_FUNCTION: may be NULL */
};

typedef struct {
    Name name;
    TypeNode *type;  /* may be NULL */
    Node *default_value; /* may be NULL */
} Parameter;

typedef struct {
    Name name;    /* name.text NULL: positional */
    Node *value;
} Argument;

typedef struct {
    Name name;
    TypeNode *type;      /* may be NULL */
    Node *default_value; /* may be NULL */
} Field;

typedef struct {
    Node *key, *value;
} DictEntry;

/* A pattern of match. */
typedef enum {
    PATTERN_ANY,    /* _ */
    PATTERN_BIND,   /* name */
    PATTERN_VALUE,  /* an expression, compared with ==; a range literal means containment */
    PATTERN_ARRAY,  /* [p, q, ...rest] */
    PATTERN_DICT,   /* {key: p} */
} PatternKind;

typedef struct Pattern {
    PatternKind kind;
    Span span;
    Name name;               /* BIND; ARRAY: the name of ...rest */
    bool has_rest;           /* ARRAY: ends with ...rest (name.text NULL for a bare ...) */
    Node *value;             /* VALUE */
    struct Pattern **items;  /* ARRAY: elements; DICT: values */
    Node **keys;             /* DICT */
    int count;
} Pattern;

typedef struct {
    Pattern *pattern;
    Node *guard;  /* may be NULL */
    Node *action; /* a BLOCK or an expression */
} MatchArm;

typedef struct {
    NodeList values; /* empty in the default case */
    Name bind;       /* case x if guard: bind.text not NULL, values empty */
    bool is_default;
    Node *guard;     /* may be NULL */
    Node *body;      /* BLOCK */
} SwitchCase;

typedef enum { SELECT_RECEIVE, SELECT_SEND, SELECT_AFTER, SELECT_DEFAULT } SelectKind;

typedef struct {
    SelectKind kind;
    Name bind;      /* RECEIVE: case v = receive(ch); text may be NULL */
    Node *channel;  /* RECEIVE, SEND */
    Node *value;    /* SEND: the value; AFTER: the milliseconds */
    Node *body;     /* BLOCK */
    uint32_t at;
} SelectCase;

typedef struct {
    Name bind;        /* catch (e); text NULL for `catch { }` */
    TypeNode *type;   /* catch (e: Name); may be NULL */
    Node *body;
} CatchClause;

typedef struct {
    Name name;
    Node *value; /* may be NULL: numbered on from the member before */
} EnumMember;

#endif
