/*
 * check.h -- what is suspicious about a program that is otherwise without errors.
 *
 *   names      local variables and functions that are never used; builtins hidden by names of the program; names and
 *              types that nothing declares
 *   flow       code that is never reached, arms of a match behind one that takes everything
 *   slips      assignments in a condition or to itself, comparisons whose result is not used
 */
#ifndef CHECK_H
#define CHECK_H

#include "syntax/ast.h"
#include "syntax/diagnostic.h"

/* What every program has without declaring it. */
typedef struct {
    bool (*is_name)(void *arg, const char *name);
    bool (*is_type)(void *arg, const char *name);
    void *arg;
} CheckNames;

/* Adds the warnings about [program], a tree that was compiled without errors, to [warnings], in the order of the text. */
void check_program(Node *program, const CheckNames *known, Diagnostics *warnings);

#endif
