/*
 * natives.h -- the scheduler as programs see it: go, channels, sleep, select, tasks, usage.
 */
#ifndef NATIVES_H
#define NATIVES_H

#include "session.h"
#include "vm/native.h"

/* natives.c: registers all that programs call of the scheduler, that of the other files, too. */
void sched_register(Vm *vm);

/* [ms], which may have a fraction, as nanoseconds; false with an error raised in the name of [what]. */
bool sched_milliseconds(Vm *vm, Value ms, const char *what, uint64_t *ns);

/* select.c: what a select gives when it has chosen: [index, value]. Always NATIVE_OK. */
NativeStatus select_choice(Vm *vm, int index, Value value, Value *result);
NativeStatus select_intrinsic(NATIVE_ARGS);

/* tasks.c. Cancels the tasks that earlier runs of the cell have started; or only those that just show something. */
void tasks_end_former(Vm *vm, const VintCell *cell, bool all);
void tasks_register(Vm *vm);

/* usage.c */
void usage_register(Vm *vm);

#endif
