/*
 * waiter.h -- what tasks wait for, and the queues in which they wait at channels and promises: first come, first served.
 *
 * A waiter is the link of such a queue. It belongs to the task that waits (task.h), and is in one queue at most.
 */
#ifndef WAITER_H
#define WAITER_H

#include <stddef.h>

#include "value.h"

/* WAITS(X): what a task may wait for, and how a report says it. */
#define WAITS(X)                                                                                   \
    X(NOTHING, "running")                                                                          \
    X(SEND, "blocked in send")                                                                     \
    X(RECEIVE, "blocked in receive")                                                               \
    X(SELECT, "blocked in select")                                                                 \
    X(AWAIT, "waiting for a promise")                                                              \
    X(SLEEP, "sleeping")                                                                           \
    X(INPUT, "waiting for input")                                                                  \
    X(EXIT, "ended by exit")                                                                       \
    X(IO, "waiting for input/output")

typedef enum {
#define X(name, text) WAIT_##name,
    WAITS(X)
#undef X
} Wait;

#define WAITER_PLAIN (-1) /* a send, a receive, an await */
#define WAITER_LOOP (-2)  /* `for v in channel`: told of the close by UNDEFINED instead of null */

typedef struct Waiter {
    struct Waiter *next, *previous;
    struct WaitQueue *queue; /* NULL: in none */
    Task *task;
    Value value;        /* what a sender sends */
    int32_t case_index; /* of a select; or WAITER_PLAIN, WAITER_LOOP */
} Waiter;

typedef struct WaitQueue {
    Waiter *first, *last;
} WaitQueue;

/* To the end of [queue]; [waiter] must be in none. */
static inline void waiter_push(WaitQueue *queue, Waiter *waiter) {
    waiter->next = NULL;
    waiter->previous = queue->last;
    waiter->queue = queue;
    if (queue->last)
        queue->last->next = waiter;
    else
        queue->first = waiter;
    queue->last = waiter;
}

/* Out of its queue, when it is in one. */
static inline void waiter_unlink(Waiter *waiter) {
    WaitQueue *queue = waiter->queue;
    if (!queue) return;
    if (waiter->previous)
        waiter->previous->next = waiter->next;
    else
        queue->first = waiter->next;
    if (waiter->next)
        waiter->next->previous = waiter->previous;
    else
        queue->last = waiter->previous;
    waiter->queue = NULL;
    waiter->next = waiter->previous = NULL;
}

#endif
