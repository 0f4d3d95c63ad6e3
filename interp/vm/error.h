/*
 * error.h -- raising errors, and showing them.
 *
 * Raising is: make an Error, put it into vm->error, return a failure up to run.c, which looks for a handler. No longjmp.
 */
#ifndef ERROR_H
#define ERROR_H

#include "text.h"
#include "value.h"
#include "vm.h"

/* ERROR_KINDS(X): the names of errors that the machine raises itself. */
#define ERROR_KINDS(X)                                                                             \
    X(ERROR, "Error")                                                                              \
    X(SYNTAX, "SyntaxError")                                                                       \
    X(NAME, "NameError")                                                                           \
    X(TYPE, "TypeError")                                                                           \
    X(VALUE, "ValueError")                                                                         \
    X(ARGUMENT, "ArgumentError")                                                                   \
    X(INDEX, "IndexError")                                                                         \
    X(KEY, "KeyError")                                                                             \
    X(FIELD, "FieldError")                                                                         \
    X(ZERO_DIVISION, "ZeroDivisionError")                                                          \
    X(CHANNEL, "ChannelError")                                                                     \
    X(DEADLOCK, "DeadlockError")                                                                   \
    X(RECURSION, "RecursionError")                                                                 \
    X(MEMORY, "MemoryError")                                                                       \
    X(IO, "IOError")                                                                               \
    X(IMPORT, "ImportError")                                                                       \
    X(ASSERTION, "AssertionError")                                                                 \
    X(TIMEOUT, "TimeoutError")                                                                     \
    X(CANCELLED, "Cancelled")                                                                      \
    X(INTERRUPTED, "Interrupted")

typedef enum {
#define X(kind, name) ERR_##kind,
    ERROR_KINDS(X)
#undef X
} ErrorKind;

/* What `error Name {…}` declares. */
struct ErrorType {
    Obj obj;
    String *name;
    Closure *constructor; /* its parameters are the fields */
    uint32_t field_count;
    String **field_names;
};

/* Where a frame stood. */
typedef struct {
    Proto *proto;
    uint32_t pc; /* index of the word after the instruction */
} TracePoint;

#define ERROR_RAISED 1 /* flag: has its trace already; throwing it again keeps the first place */
#define ERROR_CUSTOM 2 /* flag: made by an error type; type() says CUSTOM_ERROR */
#define ERROR_ENDING 4 /* flag: asks the task to end (Interrupted, Cancelled): only a clause that names it catches it */

/* An error as a value: raised or not. */
struct Error {
    Obj obj;
    String *name;      /* "TypeError", "Error", a custom error's name */
    String *message;
    Value value;       /* what was thrown when it was no error; UNDEFINED otherwise */
    Dict *data;        /* custom error: its fields by name; NULL otherwise */
    ErrorType *type;   /* custom error; NULL otherwise */
    TracePoint *trace; /* innermost first */
    uint32_t trace_count;
    uint32_t trace_skipped; /* frames left out of the middle */
    Proto *origin;     /* where the task was started that raised it; NULL for main code */
    uint32_t origin_pc;
};

/* An error that is not raised. */
Error *error_new(Vm *vm, ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Raises a new error: vm->error. Always returns NATIVE_ERROR (1), so natives can say `return vm_raise(…)`. */
int vm_raise(Vm *vm, ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Raises any value, as `throw` does. */
int vm_throw(Vm *vm, Value value);

/* Puts the call stack of the running task into vm->error, unless it has one. */
void error_take_trace(Vm *vm);

/*
 * The whole report, each line ended: place and "Name: message", source line, caret, call stack (when it has more than
 * one frame), where the task was started. Without a trace just "Name: message". Appended to [text].
 */
void error_render(Vm *vm, Error *error, bool color, Text *text);

/* The call stack as a program sees it in e.stack: one line a frame; "" when the error was never raised. */
String *error_stack(Vm *vm, const Error *error);

/* Names the value's type and a short print form for messages: INTEGER 5, STRING "abc…". Valid until the next call but
 * three. */
const char *error_describe(Vm *vm, Value value);

#endif
