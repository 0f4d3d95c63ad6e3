/*
 * task.h -- tasks: what `go` and async calls start, and what main code is, too.
 *
 * A task is a heap object with a stack of values and a stack of frames, both raw blocks that grow by copying. It has no C
 * stack: the machine is never inside a call of C when it leaves one task for another, so a switch is a change of
 * pointers, and a parked task costs what its few registers cost. Nothing points into a stack (variables that closures
 * share live in boxes), which is why it may move.
 *
 * Life: created READY at the end of the run queue -> RUNNING -> WAITING on something (and READY again when that wakes
 * it), or back to READY when its time slice is over -> DONE.
 *
 * Waiting: whoever parks the running task says on what ([wait], [waiting_on]) and into which register the result
 * shall go; whoever wakes it writes the result there. In the queue of a channel or promise stands a Waiter (waiter.h).
 * Every task carries one; a select brings as many as it has cases.
 *
 * Errors from outside (an interrupt, a cancellation, the close of the channel it sends to) are injected: a task that
 * waits is woken and raises the error there. One that doesn't wait raises it at its next wait or safe point, whichever
 * comes first; what it was woken with a moment ago is not lost, so that taking a lock either happens or does not.
 */
#ifndef TASK_H
#define TASK_H

#include "proto.h"
#include "value.h"
#include "vint.h"
#include "waiter.h"

typedef struct {
    Closure *closure;
    const uint32_t *pc; /* next instruction */
    Value *constants;   /* the closure's, at hand */
    uint32_t base;      /* index of R[0] in the stack */
    uint32_t seen;      /* the collector's mark when it looked at the frame; 0 in a new one */
} Frame;

typedef enum { TASK_READY, TASK_RUNNING, TASK_WAITING, TASK_DONE } TaskState;

/* How a READY task begins its turn. */
typedef enum {
    TURN_FIRST,    /* with its first instruction, unless an error was injected before */
    TURN_GAVE_WAY, /* at the safe point where its slice was over */
    TURN_GOES_ON,  /* where it was; the result of what it waited for is in place */
    TURN_RAISES    /* by raising the injected error: so its wait ended */
} Turn;

struct Task {
    Obj obj;
    Value *stack;
    uint32_t stack_capacity;
    uint32_t result_index; /* where in the stack the result of what it waits for goes */
    Frame *frames;
    uint32_t frame_count, frame_capacity;
    Task *ready_next;
    Task *all_next, *all_previous;
    VintCell *cell;      /* counted */
    Promise *promise;    /* its outcome; NULL until somebody wants one (async tasks: from the start) */
    Obj *waiting_on;     /* channel, promise, array of channels: for reports and the collector */
    Error *injected;     /* to be raised: an interrupt, a closed channel */
    Proto *origin;       /* the code that started it; NULL for main code */
    uint32_t origin_pc;
    uint32_t id;
    uint8_t state, wait, turn;
    bool is_main, failed;
    bool detached;       /* its cell does not count it */
    bool owed;           /* its cell counts it as runnable: it is owed a turn */
    bool remembered;     /* the collector will look at its stack again */
    uint64_t started;    /* ns; by a clock that may be a little late */
    uint64_t cpu;        /* ns that it has run, about (run.c) */
    uint64_t written;    /* bytes that it has printed */
    uint32_t timer;      /* position in the heap of timers + 1; 0: none */
    bool looks_on;       /* it only shows what goes on: see sched/tasks.c */
    bool reached;        /* it could run again: for and by gc_find_stuck() */
    union {
        Waiter *cases;   /* of a select: raw block of [case_count] */
        void *request;   /* what stands for the wait in sched/io.c and question.c */
    };
    uint32_t case_count; /* 0: it is no select */
    Waiter waiter;       /* when it is done, waiter.value is its outcome: result or error */
};

/* A task that will call [callee] with [count] arguments; in state READY at the end of the run queue, with the cell of
 * the running task (or [cell] when none runs). */
Task *task_spawn(Vm *vm, Value callee, const Value *arguments, int count, VintCell *cell);

/* Reports shall say that the task was started there. */
void task_set_origin(Vm *vm, Task *task, Proto *proto, const uint32_t *pc);

/* A task that will call [callee] without arguments, at the head of the run queue. */
Task *task_spawn_first(Vm *vm, Value callee, VintCell *cell);

/* Parks the running task, which is inside a native or an instruction whose result goes to [result]. */
void task_park(Vm *vm, Wait wait, void *waiting_on, const Value *result);

/* Wakes a parked task with the result of what it waited for. */
void task_wake(Vm *vm, Task *task, Value result);

/* Wakes a parked task such that it raises [error]; a task that is not parked raises it soon (see above). */
void task_inject(Vm *vm, Task *task, Error *error);

/* Takes a parked task out of every queue it waits in. */
void task_unlink(Vm *vm, Task *task);

/* The running task goes to the end of the run queue. */
void task_give_way(Vm *vm, Task *task);

/* Where a parked task stands, as proto_place() takes it: the word after the instruction that waits. */
const uint32_t *task_parked_at(const Task *task);

/* The innermost frame of the program's own code, not the library's, counted from 1; 0: there is none. */
static inline uint32_t task_own_frame(const Task *task) {
    uint32_t number = task->frame_count;
    while (number > 0 && task->frames[number - 1].closure->proto->is_prelude) number--;
    return number;
}

/* Asks a task to end, by an error named Cancelled. False when it has ended already. */
bool task_cancel(Vm *vm, Task *task);

/* Nobody waits for the task any more: not its cell, not the end of the script. */
void task_detach(Task *task);

/* The cell that counts the task; NULL: none does. */
static inline VintCell *task_counting_cell(const Task *task) { return task->detached ? NULL : task->cell; }

/* The outcome of a task as a promise. */
Promise *task_promise(Vm *vm, Task *task);

/* The running task has come to its end with [value], or with [error]. Settles its promise. */
void task_finish(Vm *vm, Task *task, Value value, Error *error);

void task_grow_stack(Vm *vm, Task *task, uint32_t needed); /* to [needed] values at least; the stack may move */
bool task_grow_frames(Vm *vm, Task *task); /* false with RecursionError raised */
void task_destroy(Vm *vm, Task *task); /* the collector frees it: what it owns goes */

/* Takes the first task out of the run queue; NULL: none is ready. */
Task *task_next_ready(Vm *vm);

#endif
