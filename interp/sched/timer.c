/*
 * timer.c -- sleeping tasks and timed channels: a binary heap of our own, one libuv timer for its top.
 *
 * A timer costs 48 bytes, so a million tasks may sleep. Each task knows where its timer lies in the heap, so that
 * waking it early takes the timer out at once. Timers due together fire in the order in which they were made.
 */
#include "timer.h"

#include <stdlib.h>

#include "natives.h"
#include "vm/channel.h"
#include "vm/gc.h"
#include "vm/task.h"

static bool earlier(const Timer *a, const Timer *b) {
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void place(VintSession *session, uint32_t at, Timer timer) {
    session->timers[at] = timer;
    if (timer.task) timer.task->timer = at + 1;
}

static void sift_up(VintSession *session, uint32_t at, Timer timer) {
    while (at > 0 && earlier(&timer, &session->timers[(at - 1) / 2])) {
        place(session, at, session->timers[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(session, at, timer);
}

static void sift_down(VintSession *session, uint32_t at, Timer timer) {
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= session->timer_count) break;
        if (child + 1 < session->timer_count && earlier(&session->timers[child + 1], &session->timers[child])) child++;
        if (!earlier(&session->timers[child], &timer)) break;
        place(session, at, session->timers[child]);
        at = child;
    }
    place(session, at, timer);
}

/* Does it keep nothing alive? */
static bool is_silent(const Timer *timer) {
    return timer->channel || timer->task->looks_on;
}

static void add(VintSession *session, Timer timer) {
    if (session->timer_count == session->timer_capacity) {
        session->timer_capacity = session->timer_capacity ? session->timer_capacity * 2 : 64;
        session->timers = realloc(session->timers, session->timer_capacity * sizeof *session->timers);
        if (!session->timers) abort();
    }
    if (is_silent(&timer)) session->timer_silent++;
    sift_up(session, session->timer_count++, timer);
}

static Timer take(VintSession *session, uint32_t at) {
    Timer taken = session->timers[at];
    Timer last = session->timers[--session->timer_count];
    if (taken.task) taken.task->timer = 0;
    if (is_silent(&taken)) session->timer_silent--;
    if (at < session->timer_count) {
        if (at > 0 && earlier(&last, &session->timers[(at - 1) / 2]))
            sift_up(session, at, last);
        else
            sift_down(session, at, last);
    }
    return taken;
}

void timer_task(VintSession *session, Task *task, uint64_t ns, int case_index) {
    add(session, (Timer){.due = session_now() + ns,
                         .order = session->timer_order++,
                         .task = task,
                         .case_index = case_index});
}

void timer_channel(VintSession *session, Channel *channel, uint64_t ns, uint64_t period) {
    channel->timer = true;
    add(session,
        (Timer){.due = session_now() + ns, .order = session->timer_order++, .channel = channel, .period = period});
}

void timer_cancel(VintSession *session, Task *task) {
    if (task->timer) take(session, task->timer - 1);
}

/* The message of a timed channel: dropped when nobody took the one before. A closed channel ends its timer. */
static void tick(VintSession *session, Timer timer) {
    if (timer.channel->closed) return;
    if (timer.period) {
        timer.due += timer.period;
        uint64_t now = session_now();
        if (timer.due < now) timer.due = now; /* late: no burst to catch up */
        timer.order = session->timer_order++;
        add(session, timer);
    }
    channel_send(session->vm, timer.channel, value_int((int64_t)(uv_now(&session->loop))));
}

void timer_fire(VintSession *session) {
    if (session->timer_count == 0) return;
    uint64_t now = session_now();
    while (session->timer_count > 0 && session->timers[0].due <= now) {
        Timer timer = take(session, 0);
        Value value = NULL_VALUE;
        if (timer.channel) {
            tick(session, timer);
            continue;
        }
        if (timer.case_index == TIMER_LIMIT)
            value = value_bool(false);
        else if (timer.case_index != TIMER_SLEEP)
            select_choice(session->vm, timer.case_index, NULL_VALUE, &value);
        task_wake(session->vm, timer.task, value);
    }
}

/* It only ends the wait; timer_fire() does the work. libuv calls it before it waits, too, when the timer is due by
 * then: a mere return would leave it waiting without any timer. */
static void on_timer(uv_timer_t *timer) {
    uv_stop(timer->loop);
}

void timer_arm(VintSession *session) {
    if (session->timer_count == 0) {
        uv_timer_stop(&session->timer);
        return;
    }
    uint64_t now = session_now(), due = session->timers[0].due;
    uv_update_time(&session->loop);
    uv_timer_start(&session->timer, on_timer, due > now ? (due - now + 999999) / 1000000 : 0, 0);
}

void timer_arm_ms(VintSession *session, uint64_t ms) {
    uv_timer_start(&session->timer, on_timer, ms, 0);
}

bool timer_is_awaited(const VintSession *session) {
    for (uint32_t i = 0; i < session->timer_count; i++)
        if (session->timers[i].channel && session->timers[i].channel->receivers.first) return true;
    return false;
}

/* A timed channel that nobody can receive from any more takes its timer with it: else every() would tick for ever. */
void timer_drop_unreached(VintSession *session) {
    if (session->timer_silent == 0) return;
    uint32_t count = session->timer_count;
    session->timer_count = session->timer_silent = 0;
    for (uint32_t i = 0; i < count; i++) { /* those that stay move down in the array, and to their place in the heap */
        Timer timer = session->timers[i];
        if (!timer.channel || gc_reached(session->vm, timer.channel)) add(session, timer);
    }
}
