/*
 * queue.c -- executions take turns: one runs, the others wait.
 *
 * The wire thread adds, the session thread takes the next when one is over: no hop between threads from one cell to
 * the next.
 *
 * Stop on error. When an execution fails, those that the frontend sent along with it ("run all cells") are to be
 * aborted, and what it sends after it has seen the failure is not. But the cells of "run all" arrive one by one, and a
 * cell may fail within a fraction of a millisecond, before the others are here. So the reply of a failure is held back
 * until no execution has arrived for GRACE_MS: whatever arrives before the reply leaves was sent without knowing of it.
 */
#include <pthread.h>

#include "clock.h"
#include "execute.h"
#include "session.h"

#define GRACE_MS 25
#define GRACE_MAX_MS 250

static struct {
    pthread_mutex_t lock;
    atomic_bool running;
    bool ended;              /* by exit(): nothing is run any more */
    Execution *first, **end; /* the line of those that wait */
    int count;               /* of executions in this session: In[count] */
    int64_t last_arrival;    /* of an execute_request */
    Message *held;           /* the reply of a failed execution, while it is held back … */
    int64_t held_until_max;  /* … not longer than this */
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .end = &queue.first};

/* In all functions down to the public ones, the lock is held. */

static void begin(Execution *execution) {
    queue.running = true;
    if (execution->store_history) queue.count++;
    execution_begin(execution, queue.count);
}

/* Takes the first of the line, or NULL. */
static Execution *take(void) {
    Execution *execution = queue.first;
    if (!execution) return NULL;
    queue.first = execution->next;
    if (!queue.first) queue.end = &queue.first;
    return execution;
}

static void answer(Message *reply) {
    Request *request = request_keep(reply->parent);
    outbox_push(reply);
    outbox_status(request, "idle");
    request_release(request);
}

static void answer_and_abort_rest(Message *reply) {
    answer(reply);
    for (Execution *execution; (execution = take());) execution_abort(execution, queue.count);
    queue.running = false;
}

static int64_t held_until(void) {
    return clock_earlier(queue.last_arrival + GRACE_MS * CLOCK_MS, queue.held_until_max);
}

void queue_add(Execution *execution) {
    pthread_mutex_lock(&queue.lock);
    queue.last_arrival = execution->request->arrived;
    bool start = !queue.running && !queue.ended;
    if (start) {
        begin(execution);
    } else if (queue.ended) {
        execution_abort(execution, queue.count);
    } else {
        *queue.end = execution;
        queue.end = &execution->next;
    }
    pthread_mutex_unlock(&queue.lock);
    if (start) session_post(execution_run, execution);
}

void queue_finish(Message *reply, bool abort_rest) {
    Execution *next = NULL;
    bool hold = false;
    pthread_mutex_lock(&queue.lock);
    if (abort_rest) {
        int64_t now = clock_now();
        queue.held_until_max = now + GRACE_MAX_MS * CLOCK_MS;
        hold = now < held_until();
    }
    if (hold) {
        queue.held = reply;
    } else if (abort_rest) {
        answer_and_abort_rest(reply);
    } else {
        answer(reply);
        queue.running = false;
        next = take();
        if (next) begin(next);
    }
    pthread_mutex_unlock(&queue.lock);
    if (hold) outbox_wake_by(0); /* to call queue_tick() */
    if (next) execution_run(next);
}

void queue_end(Message *reply) {
    pthread_mutex_lock(&queue.lock);
    if (!reply) reply = queue.held;
    queue.held = NULL;
    queue.ended = true;
    if (reply) answer_and_abort_rest(reply);
    pthread_mutex_unlock(&queue.lock);
}

int64_t queue_tick(int64_t now) {
    int64_t when = CLOCK_NEVER;
    if (!queue.running) return when;
    pthread_mutex_lock(&queue.lock);
    if (queue.held) {
        when = held_until();
        if (now >= when) {
            answer_and_abort_rest(queue.held);
            queue.held = NULL;
            when = CLOCK_NEVER;
        }
    }
    pthread_mutex_unlock(&queue.lock);
    return when;
}

bool queue_is_running(void) {
    return queue.running;
}
