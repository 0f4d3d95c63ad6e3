/*
 * builder.h -- a function while it is being made, and what is around the place where its code grows: loops, cleanups.
 */
#ifndef BUILDER_H
#define BUILDER_H

#include "code.h"
#include "scope.h"

typedef struct {
    Arena *arena;
    const Source *source;
    const CompileOptions *options;
    Diagnostics *diagnostics;
    Resolution *resolution;
} Compiler;

typedef struct LabelSite LabelSite;

/* A place in the code that jumps lead to, perhaps before it is known. Starts as {0}. */
typedef struct {
    LabelSite *sites;
} Label;

typedef struct Loop {
    struct Loop *outer;
    struct Cleanup *cleanup; /* innermost one around the loop */
    Label next, end;         /* where `continue` and `break` lead */
} Loop;

/* Ways to leave a region other than by its end or by an error. */
typedef enum { LEAVE_RETURN, LEAVE_BREAK, LEAVE_CONTINUE } LeaveKind;

typedef struct {
    LeaveKind kind;
    Loop *loop; /* BREAK, CONTINUE */
} Leave;

/* Code that runs however a region is left: a `finally` or deferred calls. See compile_try.c. */
typedef struct Cleanup {
    struct Cleanup *outer;
    Label entry;
    int action; /* register: the way to go on after the cleanup */
    int value;  /* register: the error, or the value to return */
    bool goes_on; /* the region can be left by its end */
    Leave *leaves;
    int leave_count, leave_capacity;
} Cleanup;

/* A function while it is being made. */
typedef struct Builder {
    struct Builder *outer;
    Compiler *compiler;
    FunctionScope *scope;
    CodeFunction *code;
    TypeNode *result;       /* declared type of the result, or NULL */
    const char *owner_name; /* the struct whose method this is, or NULL */
    int next;               /* first free register */
    Variable *owners[256];  /* the variable that owns a register, or NULL */
    bool dead;              /* no way leads to the next instruction: it is not written */
    Variable **captured;    /* for each capture */
    Loop *loop;
    Cleanup *cleanup;
    int deferred; /* register that holds the deferred calls */
    int *constant_table; /* hash of the constants: index + 1 */
    int constant_table_size;
    int code_capacity, place_capacity, constant_capacity, function_capacity, type_capacity;
    int capture_capacity, captured_capacity, local_capacity, handler_capacity;
    bool is_full; /* a limit was reported */
} Builder;

Builder *builder_open(Compiler *compiler, Builder *outer, FunctionScope *scope, const char *name, Span span);
/* The finished function's index among those of the function around it. */
int builder_close(Builder *b);
/* The parameters' names and which of them have defaults: first how many, then one by one. */
void builder_parameters(Builder *b, int count);
void builder_parameter(Builder *b, int i, const char *name, bool has_default);

/* Adds a problem to the diagnostics. */
void compile_error(Builder *b, Span span, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
