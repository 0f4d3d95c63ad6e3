/*
 * scope_internal.h -- the steps of the walk in resolve.c: blocks that open and close, names that are declared and used.
 */
#ifndef SCOPE_INTERNAL_H
#define SCOPE_INTERNAL_H

#include "scope.h"

/* A block during the walk. */
typedef struct Scope {
    struct Scope *outer;
    FunctionScope *function;
    Variable *variables; /* in order of declaration */
    int count;           /* of them, and of those for which there is no room */
    Variable *package;   /* `@` in the body of a package, else NULL */
    bool is_global;
} Scope;

struct Resolution {
    Arena *arena;
    const Source *source;
    Diagnostics *diagnostics;
    Variable **chains; /* globals by hash of their name; about as many chains as globals */
    int chain_count;
    Variable **globals;
    int global_count, global_capacity;
    FunctionScope *main;
    Scope *scope;            /* innermost, during the walk */
    Scope *spare;            /* scopes that are closed, by [outer] */
    FunctionScope *function; /* innermost, during the walk */
};

/* -- blocks: each becomes the innermost one; a function brings one of its own -- */

Scope *scope_push(Resolution *r);
void scope_pop(Resolution *r);
FunctionScope *scope_push_function(Resolution *r);
void scope_pop_function(Resolution *r);

/* -- names that are declared -- */

/* What a declaration says of its variable. */
typedef struct {
    TypeNode *type;
    bool is_const, is_function, is_import, is_let, is_type;
} Traits;

/*
 * Adds a variable to the innermost scope, not yet declared. A function may join a function of the same name (a
 * replacement or an overload), an import an import; anything else of that name is a mistake.
 */
Variable *scope_announce(Resolution *r, Name *name, Traits traits);
/* The walk has passed the variable's declaration and its first value. */
void scope_settle(Variable *variable);
/* A variable that has its value as soon as it is there: parameters, loop variables, what patterns bind. */
void scope_declare(Resolution *r, Name *name, TypeNode *type);
/* A variable without a name in the source, in the innermost scope's function. */
Variable *scope_declare_hidden(Resolution *r, const char *text);

/* -- names that are used: each is tied to its variable, or reported -- */

Variable *scope_use(Resolution *r, Name *name);
void scope_use_type(void *resolution, TypeNode *type); /* the names in it; a callback of ast_each_type() */
void scope_use_package(Resolution *r, Node *node);      /* `@` */
void scope_note_assignment(Resolution *r, Node *target, const Node *assignment);

/* A local that the code at hand can see, or NULL. What this function declares later is not visible yet. */
Variable *scope_visible_local(const Resolution *r, const char *text);
/* Is it a local, declared here or further down? */
bool scope_is_local(const Resolution *r, const char *text);

#endif
