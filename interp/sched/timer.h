/*
 * timer.h -- what is to happen at a certain time: sleeping tasks, time limits, messages of timed channels.
 */
#ifndef TIMER_H
#define TIMER_H

#include "session.h"

#define TIMER_SLEEP (-1) /* instead of a select's case: the task sleeps, and gets null */
#define TIMER_LIMIT (-2) /* it waits for something else, and gets false when that has not come by then */

/* A task that sleeps or selects with a timeout, or the next message of after() and every(). */
struct Timer {
    uint64_t due;   /* ns */
    uint64_t order; /* among timers due together: the order in which they were made */
    Task *task;     /* to be woken; or */
    int case_index; /* of its select; or TIMER_SLEEP, TIMER_LIMIT */
    Channel *channel; /* … to be sent a message */
    uint64_t period;  /* ns; 0: once */
};

/* After [ns] wakes [task] with the choice of [case_index] of its select, or with null or false (see above). */
void timer_task(VintSession *session, Task *task, uint64_t ns, int case_index);

/* After [ns] sends a message to [channel]; then each [period] ns, unless that is 0. */
void timer_channel(VintSession *session, Channel *channel, uint64_t ns, uint64_t period);

/* [task] waits no more. */
void timer_cancel(VintSession *session, Task *task);

/* Those that are due. */
void timer_fire(VintSession *session);

/* Before waiting in the I/O loop: it shall wake for the earliest timer; or, whatever the timers say, after [ms]. */
void timer_arm(VintSession *session);
void timer_arm_ms(VintSession *session, uint64_t ms);

/* Does a task wait for the message of a timed channel? Then the session goes on for it. */
bool timer_is_awaited(const VintSession *session);

/* As vm->marked: those of channels that nobody can reach any more go. */
void timer_drop_unreached(VintSession *session);

#endif
