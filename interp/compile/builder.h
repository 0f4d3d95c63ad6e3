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
    struct Builder *spare; /* builders that are closed, by [outer] */
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

/*
 * The arrays of a CodeFunction that grow while it is made: X(array, its count). They grow in the builder's room, which one
 * function after the other uses; builder_close() copies out what there is.
 */
#define BUILDER_ARRAYS(X)                                                                                              \
    X(code, code_length) X(places, code_length) X(constants, constant_count) X(functions, function_count)              \
    X(types, type_count) X(captures, capture_count) X(local_names, local_count) X(handlers, handler_count)       \
    X(cache_names, cache_count)

typedef struct {
#define X(array, count) __typeof__(((CodeFunction *)0)->array) array; int array##_capacity;
    BUILDER_ARRAYS(X)
#undef X
    Variable **captured; /* for each capture */
    int captured_capacity;
    int *constant_table; /* hash of the constants: index + 1 */
    int constant_table_size;
} Room;

/* A function while it is being made. */
typedef struct Builder {
    struct Builder *outer;
    Compiler *compiler;
    FunctionScope *scope;
    CodeFunction *code;
    TypeNode *result;       /* declared type of the result, or NULL */
    const char *owner_name; /* the struct whose method this is, or NULL */
    int next;               /* first free register */
    bool dead;              /* no way leads to the next instruction: it is not written */
    Loop *loop;
    Cleanup *cleanup;
    int deferred; /* register that holds the deferred calls */
    bool is_full; /* a limit was reported */
    Room room;
    Variable *owners[256]; /* the variable that owns a register, or NULL; all NULL in a builder that is opened */
} Builder;

Builder *builder_open(Compiler *compiler, Builder *outer, FunctionScope *scope, const char *name, Span span);
/* Gives the function the arrays that it has grown; [b] is gone. */
CodeFunction *builder_finish(Builder *b);
/* The finished function's index among those of the function around it. */
int builder_close(Builder *b);
/* The parameters' names and which of them have defaults: first how many, then one by one. */
void builder_parameters(Builder *b, int count);
void builder_parameter(Builder *b, int i, const char *name, bool has_default);

/* Adds a problem to the diagnostics. */
void compile_error(Builder *b, Span span, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
