/*
 * scope.h -- blocks, functions and their variables: what every name in a syntax tree means.
 *
 * One walk over the tree (resolve.h) ties each name in it, where it is declared and where it is used, to the variable it
 * stands for and learns what becomes of that variable: whether inner functions capture it, whether it is assigned after
 * it got its first value, whether its address is taken. Only then can the compiler decide, at the declaration already,
 * where the variable shall live (see variable_is_boxed()).
 *
 * How names are found. Blocks nest; the innermost declaration wins. Within one function a name is visible from its
 * declaration on. An inner function may also use what the blocks around it declare *later*, since it runs later.
 * What no block declares is a global, known or not.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include "syntax/ast.h"
#include "syntax/diagnostic.h"

/* One function's body as a home of variables; compared by address. */
typedef struct FunctionScope {
    struct FunctionScope *outer;
    struct Variable *self; /* `this` of a method, else NULL */
    bool has_defer;
    int loop_depth; /* of the place the walk is at */
    int switch_depth;
} FunctionScope;

typedef struct Variable {
    const Name *name;     /* where it is declared; NULL for `this`, `@`, and globals of other units */
    const char *text;     /* the name itself */
    FunctionScope *owner; /* NULL: a global */
    TypeNode *type;       /* declared type or NULL */
    struct Variable *next; /* in its scope or hash chain */
    struct Variable *twin; /* of a local type that annotations name: a hidden global with the same value, else NULL */
    uint32_t *assignments; /* their places, as the walk came by */
    int assignment_count, assignment_capacity;
    int index;             /* of a global: in the unit's list. Of a local, while code is made: its register */
    uint32_t hash;         /* of a global's name */
    bool is_const : 1, is_function : 1, is_import : 1, is_type : 1;
    bool declared : 1;    /* the walk has passed its declaration */
    bool initialised : 1; /* … and its first value */
    bool captured : 1;    /* an inner function uses it */
    bool early : 1;       /* … and may be created before the variable has its first value */
    bool assigned : 1;    /* gets another value after the first */
    bool addressed : 1;   /* &x */
    bool defined : 1;     /* the code that gives it its first value is made */
    bool used : 1;        /* check.c: it is read somewhere */
    bool disordered : 1;  /* its assignments do not ascend */
} Variable;

typedef struct Resolution Resolution;

/* The function that the unit's own code is. */
FunctionScope *scope_main(const Resolution *resolution);

/* The unit's globals in the order of their index. */
Variable **scope_globals(const Resolution *resolution, int *count);
/* Has the global no name that a program could use? */
bool scope_is_hidden(const Variable *global);

/* The global [text], known to the unit from now on. */
Variable *scope_global(Resolution *resolution, const char *text);

/*
 * Where a local lives. In a register of its function as long as nobody can tell the difference: inner functions get
 * a copy of the value when they are made. Once a capture and a change (or a capture before the first value, or a
 * pointer) meet, all sides must see one and the same variable: it moves into a box on the heap, and the register
 * holds the box.
 */
static inline bool variable_is_boxed(const Variable *variable) {
    return variable->addressed || (variable->captured && (variable->assigned || variable->early));
}

/* Is the variable assigned somewhere in these bytes? */
bool variable_assigned_within(const Variable *variable, Span span);

/* `go` and `defer` of anything but a call run it as the body of a function of its own. */
static inline bool scope_wraps(const Node *node) { return node->child->kind != NODE_CALL; }

#endif
