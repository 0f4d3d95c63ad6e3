/*
 * ast.h -- the syntax tree.
 *
 * One struct for every node: a kind, the bytes it spans, the byte an error about it should point at ([at]: the operator
 * of an operation, the name of a member, the opening parenthesis' callee of a call), and a union of what the kind needs.
 * Statements and expressions are not told apart here: `if`, `switch`, `match`, `while`, `for` and blocks have values in
 * VintLang. Trees live in an Arena, and a node takes no more of it than its kind needs: never copy one as a whole. Lists
 * never hold NULL; optional children may be NULL and say so.
 */
#ifndef AST_H
#define AST_H

#include "ast_parts.h"

/* X(kind, the last field of Node that it has) */
#define NODE_KINDS(X)                                                                              \
    /* literals and names */                                                                       \
    X(NULL_LITERAL, boolean) X(BOOL_LITERAL, boolean) X(INT_LITERAL, integer) X(FLOAT_LITERAL, number)  \
    X(STRING_LITERAL, string)                                                                      \
    X(NAME, name)             /* x */                                                              \
    X(BUILTIN_NAME, name)     /* ::x */                                                            \
    X(AT, around)             /* @ */                                                              \
    X(ARRAY_LITERAL, list) X(DICT_LITERAL, dict) X(STRUCT_LITERAL, struct_literal)                 \
    X(FUNCTION, function)     /* func(...) {...}, with or without name, async or not */            \
    /* operations */                                                                               \
    X(UNARY, child)           /* ! - + */                                                          \
    X(BINARY, binary)         /* + - * / % ** == != < <= > >= in .. */                             \
    X(LOGICAL, binary)        /* && || ?? */                                                       \
    X(ASSIGN, assign)         /* target op= value */                                               \
    X(STEP, step)             /* ++ -- */                                                          \
    X(CALL, call) X(INDEX, index) X(SLICE, slice) X(MEMBER, member)                                \
    X(CAST, typed)            /* x as T */                                                         \
    X(TYPE_TEST, typed)       /* x is T */                                                         \
    X(ADDRESS, child)         /* &x */                                                             \
    X(DEREFERENCE, child)     /* *p */                                                             \
    X(AWAIT, child) X(CHAN, child) X(GO, wrapper)                                                  \
    X(IMPORT_CALL, child)     /* import("name") */                                                 \
    /* declarations */                                                                             \
    X(LET, let)               /* let and const */                                                  \
    X(STRUCT, structure) X(ENUM, enumeration) X(ERROR_TYPE, error_type) X(TYPE_ALIAS, alias)       \
    X(PACKAGE, package) X(IMPORT, import) X(INCLUDE, include)                                      \
    /* control */                                                                                  \
    X(BLOCK, variables) X(IF, branch) X(WHILE, loop) X(FOR_IN, for_in) X(FOR_C, for_c)                 \
    X(REPEAT, repeat) X(SWITCH, switch_) X(MATCH, match) X(SELECT, select)                         \
    X(RETURN, child) X(BREAK, span) X(CONTINUE, span) X(TRY, try_) X(THROW, child)                     \
    X(RAISE, child)           /* error "text" */                                                   \
    X(DEFER, wrapper)                                                                              \
    X(DECLARATIVE, declarative) /* info "text" and its family */

typedef enum __attribute__((packed)) {
#define X(name, part) NODE_##name,
    NODE_KINDS(X)
#undef X
} NodeKind;

typedef enum __attribute__((packed)) {
    OP_NONE, /* plain = */
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_POW, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_RANGE,
    OP_AND, OP_OR, OP_COALESCE, OP_NOT, OP_NEGATE, OP_PLUS
} Operator;

struct Node {
    NodeKind kind;
    Operator operator; /* of UNARY, BINARY, LOGICAL, ASSIGN */
    uint32_t at;       /* where an error about this node points */
    union {
        Name name; /* NAME, BUILTIN_NAME: its span is the node's, with parentheses around it */
        struct {
            Span span;
            union {
                bool boolean;
                int64_t integer;
                double number;
                struct { const char *text; uint32_t length; } string; /* decoded; may hold NUL bytes */
                struct Variable *around; /* AT: the package */
                struct { NodeList list; struct Variable *variables; }; /* ARRAY_LITERAL; BLOCK, with variables */
                struct { DictEntry *entries; int count; } dict;
                struct { Name name; Argument *fields; int count; } struct_literal;
                struct {
                    Name name;  /* text NULL: anonymous */
                    Parameter *parameters;
                    int count;
                    TypeNode *result; /* may be NULL */
                    Node *body;       /* BLOCK */
                    bool is_async;
                    bool declares;    /* a statement `func name(…) {…}`: declares its name, hoisted in its block */
                    struct FunctionScope *scope;
                } function;
                struct { Node *left, *right; } binary; /* BINARY, LOGICAL */
                struct { Node *target, *value; } assign;
                struct { Node *target; int by; bool prefix; } step; /* by: 1 or -1 */
                struct { Node *callee; Argument *arguments; int count; } call; /* a MEMBER as callee is a method call */
                struct { Node *object, *index; } index;
                struct { Node *object, *from, *to; } slice;   /* from, to: may be NULL */
                struct { Node *object; Name name; } member;
                struct { Node *value; TypeNode *type; } typed; /* CAST, TYPE_TEST */
                struct {
                    Node *child; /* UNARY ADDRESS DEREFERENCE AWAIT GO CHAN(size, may be NULL) IMPORT_CALL
                                  * RETURN(may be NULL) THROW RAISE DEFER */
                    struct FunctionScope *wrapper; /* GO, DEFER: see scope_wraps() */
                };
                struct { Name name; TypeNode *type; Node *value; bool is_const; } let; /* type or value may be NULL */
                struct {
                    Name name;
                    Field *fields;
                    int field_count;
                    NodeList methods;            /* FUNCTIONs */
                    struct FunctionScope *scope; /* of the constructor */
                } structure;
                struct { Name name; EnumMember *members; int count; } enumeration;
                struct {
                    Name name;
                    Field *fields;
                    int count;
                    struct FunctionScope *scope; /* of the constructor */
                } error_type; /* error Name(a, b) and error Name {a: T} */
                struct { Name name; TypeNode *type; } alias;
                struct { Name name; Node *body; struct Variable *self; /* `@` in the body */ } package;
                struct { Name *names, *aliases; int count; } import; /* aliases[i].text may be NULL */
                struct { const char *path; uint32_t length; } include;
                struct { Node *condition, *then, *otherwise; } branch; /* otherwise: NULL, BLOCK or IF */
                struct { Node *condition, *body; } loop;               /* WHILE */
                struct { Name key, value; Node *iterable, *body; } for_in; /* key.text NULL with one variable */
                struct {
                    Node *init, *condition, *step, *body; /* the first three may be NULL */
                    struct Variable *variables;
                } for_c;
                struct { Name variable; Node *count, *body; } repeat;      /* variable.text is "i" unless given */
                struct { Node *value; SwitchCase *cases; int count; } switch_;
                struct { Node *value; MatchArm *arms; int count; } match;
                struct { SelectCase *cases; int count; } select;
                struct {
                    Node *body;
                    CatchClause *catches;
                    int catch_count;
                    Node *finally; /* may be NULL */
                } try_;
                struct { const char *word; Node *value; } declarative; /* word in lower case: "info" … */
            };
        };
    };
};

#endif
