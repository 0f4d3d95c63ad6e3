/*
 * unwind.h -- what run.c does when something goes wrong.
 */
#ifndef UNWIND_H
#define UNWIND_H

#include "task.h"
#include "vm.h"

/* vm->error is raised: finds the handler, drops the frames above it, puts the error into its register and the pc at its
 * target. False when no frame of [task] has one; vm->error stays then. */
bool unwind(Vm *vm, Task *task);

/* Raises NameError, with the nearest known name as a suggestion; [assigned]: it was to be written. */
void unwind_unknown_name(Vm *vm, String *name, bool assigned);

/* `error expr` */
void unwind_raise_text(Vm *vm, Value value);

/* Can it be called? Raises TypeError if not. */
bool unwind_callable(Vm *vm, Value callee);

/* Adds the call of callee[0] with [count] arguments behind it (an undefined first one is left out) to the list, made
 * when null. */
bool unwind_defer(Vm *vm, Value *list, const Value *callee, int count);

#endif
