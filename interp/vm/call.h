/*
 * call.h -- calls that are more than "push a frame": natives, defaults, keywords, constructors, overloads, methods.
 */
#ifndef CALL_H
#define CALL_H

#include "task.h"
#include "vm.h"

typedef enum {
    CALL_DONE,   /* the result is in slot[0] */
    CALL_PUSHED, /* a frame was pushed: go on there */
    CALL_PARKED, /* the running task waits */
    CALL_FAILED  /* vm->error is set */
} CallResult;

/*
 * Calls slot[0] with the [count] arguments behind it, for the running task. slot points into its stack, which may have
 * moved afterwards when a frame was pushed.
 */
CallResult call_value(Vm *vm, Value *slot, int count);

/* The same with the last arguments named by the strings in [names]. [literal]: a struct literal, fields may be missing. */
CallResult call_keywords(Vm *vm, Value *slot, int count, const Array *names, bool literal);

/*
 * Looks up method [name] of the receiver in slot[1] and puts it into slot[0]. [count] counts the arguments with the
 * receiver; it is lowered by one, and they move down, when what was found takes no receiver (a module's function, a
 * field). False with an error raised.
 */
bool call_find_method(Vm *vm, Value *slot, String *name, Cache *cache, int *count);

/* Pushes a frame for a plain closure whose arguments are in place. False with RecursionError raised. */
bool call_push(Vm *vm, Task *task, Closure *closure, uint32_t base);

/* Calls deferred call [deferred] in [slot]. */
CallResult call_deferred(Vm *vm, Value *slot, Deferred *deferred);

#endif
