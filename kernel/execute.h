/*
 * execute.h -- execute_request: one execution, and the queue in which executions take turns.
 */
#ifndef KERNEL_EXECUTE_H
#define KERNEL_EXECUTE_H

#include "output.h"

/* One execute_request, from its arrival to its reply. */
typedef struct Execution {
    struct Execution *next; /* in the queue */
    Request *request;
    Slice code; /* belongs to the request */
    bool silent, store_history, stop_on_error, allow_stdin;
    int64_t drain_ms;
    int number; /* the execution count */
    char started[DATE_LENGTH + 1];
    Cell *cell;
    void *expression; /* user_expressions: where we are … */
    Buffer values;    /* … and what came out, as JSON */
} Execution;

/* Takes up an execution: says busy and shows its code. Whoever takes it from the queue calls this, on any thread. */
void execution_begin(Execution *execution, int number);

/* Runs one that has begun. The session thread. */
void execution_run(void *execution);

/* Answers one that will not be run, because one before it failed. */
void execution_abort(Execution *execution, int number);

/* A task has called exit(): answers what runs and what waits. The process is about to end. */
void execution_exit(void);

/* ---- The queue ---- */

/* The wire thread: runs the execution when its turn comes. */
void queue_add(Execution *execution);

/*
 * The session thread: the running execution is over and this is its reply. The next one starts, or, if [abort_rest],
 * the ones that wait are aborted.
 */
void queue_finish(Message *reply, bool abort_rest);

/* The session thread, before the process ends: sends [reply], or the one that is held back, and aborts all others. */
void queue_end(Message *reply);

/* The wire thread: sends a reply that was held back when its time has come; returns when to call this again. */
int64_t queue_tick(int64_t now);

/* Any thread: a hint whether an execution is running. */
bool queue_is_running(void);

#endif
