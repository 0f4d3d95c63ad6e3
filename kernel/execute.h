/*
 * execute.h -- execute_request: one execution, and the queues in which executions take turns, one for each shell.
 */
#ifndef KERNEL_EXECUTE_H
#define KERNEL_EXECUTE_H

#include "output.h"

#define SUBSHELL_ID 32 /* characters */

typedef struct Queue Queue;

/* One execute_request, from its arrival to its reply. */
typedef struct Execution {
    struct Execution *next; /* in the queue */
    void (*deliver)(void *request); /* not NULL: no execution, but another message that keeps its place in the queue */
    Queue *queue;
    Request *request;
    Slice code; /* belongs to the request */
    bool silent, store_history, stop_on_error, allow_stdin;
    bool drains; /* the reply waits for the tasks of the cell, some time */
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

/* Answers one that will not be run, because one before it failed or the shell is gone. */
void execution_abort(Execution *execution, int number);

/* Gives up one that has begun, because exit() was called: frees it and returns its reply. The session thread. */
Message *execution_leave(Execution *execution);

/* ---- The queues ---- */

/* The wire thread: runs the execution when its turn comes in the shell that its request names, which must exist. */
void queue_add(Execution *execution);

/*
 * The wire thread: has [deliver] called on the session thread for a message about a comm, with a reference of its own:
 * at once or, [in_turn], when the executions are over that were sent to the same shell before it.
 */
void queue_carry(Request *request, void (*deliver)(void *request), bool in_turn);

/*
 * The session thread: the execution is over and this is its reply. The next one of the shell starts, or, if
 * [abort_rest], the ones that wait there are aborted. [execution] is only looked at for its queue.
 */
void queue_finish(Execution *execution, Message *reply, bool abort_rest);

/* The session thread, before the process ends: answers what runs and what waits, everywhere. */
void queue_end(void);

/* The wire thread: sends replies that were held back when their time has come; returns when to call this again. */
int64_t queue_tick(int64_t now);

/* Any thread: a hint whether an execution is running. */
bool queue_is_running(void);

/* How many executions have been counted. */
int queue_count(void);

/* The session thread: the execution that runs in [cell]. */
Execution *queue_find(const Cell *cell);

/* The session thread: is there a shell that can run another cell, while those that have started wait? */
bool queue_may_bring_cells(void);

/* Subshells, by ids of SUBSHELL_ID characters; "" is the main shell. The wire thread. */
void queue_create(const char *id);
bool queue_exists(const char *id);
bool queue_delete(const char *id); /* what waits is aborted, what runs goes on. False: there is no such subshell */
void queue_list(void (*each)(void *argument, const char *id), void *argument);

#endif
