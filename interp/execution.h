/*
 * execution.h -- the life of executions between vint_execute() and the host's `ended`: see execution.c.
 */
#ifndef EXECUTION_H
#define EXECUTION_H

#include "sched/session.h"

/* As vm->task_ended: a task has come to its end; [error] is NULL when that was no failure. */
void execution_task_ended(Vm *vm, Task *task, Value value, Error *error);

/* Ends the executions that are over. [nothing_more]: no task can ever go on by itself. */
void execution_check(VintSession *session, bool nothing_more);

/* When an execution that waits a limited time for its tasks has to be looked at again: ns from now; 0: never. */
uint64_t execution_patience(VintSession *session);

/* Tells the host of rejected promises that are lost, or of [all] that nobody has awaited (vm/promise.h). */
void execution_report_rejections(VintSession *session, bool all);

/* When there is nothing else to do: finds those that have been lost lately, and reports them. */
void execution_look_for_lost_rejections(VintSession *session);

#endif
