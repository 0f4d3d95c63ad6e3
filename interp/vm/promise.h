/*
 * promise.h -- promises: the outcome of something that tasks can wait for.
 *
 * Rejections. A promise that was rejected and that nobody has awaited yet stands in vm->rejections. It may still be
 * awaited, so nothing is said of it until all is over (the session, or an execution that waits for its tasks), or until
 * the collector finds that nobody can reach it any more: then it is lost, and reported (execution.c).
 */
#ifndef PROMISE_H
#define PROMISE_H

#include <stdbool.h>

#include "value.h"
#include "vint.h"
#include "waiter.h"

typedef enum { PROMISE_PENDING, PROMISE_RESOLVED, PROMISE_REJECTED } PromiseState;

struct Promise {
    Obj obj; /* flags: PromiseState */
    bool handled; /* somebody awaited it, so a rejection is not lost */
    bool lost;    /* rejected, and nobody can await it any more */
    VintCell *cell; /* counted: where an unhandled rejection is reported */
    Value value;  /* result, or the error */
    WaitQueue waiters;
    Task *task;   /* that will settle it, for reports; may be NULL */
};

/* A pending one. [cell] may be NULL. */
Promise *promise_new(Vm *vm, VintCell *cell);

/* The collector frees [promise]: what it owns goes. */
void promise_destroy(Promise *promise);

/* Once only: later calls do nothing. Wakes those who wait; [value] is the result, or the Error of a rejection. */
void promise_settle(Vm *vm, Promise *promise, PromiseState state, Value value);

/* Rejected promises that somebody has awaited need not be reported. */
void promise_forget_handled(Vm *vm);

/* For the collector, when all that can be reached is marked: notes the rejected ones that are lost, and keeps them for
 * the report. */
void promise_find_lost(Vm *vm);

#endif
