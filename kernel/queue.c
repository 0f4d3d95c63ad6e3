/*
 * queue.c -- executions take turns: in each shell one runs, the others wait.
 *
 * There is the main shell, and as many subshells as frontends ask for. Each has a queue of its own here, and that is
 * all it has: the interpreter runs what several queues have started side by side, as tasks of one session. So a subshell
 * costs a few hundred bytes and no thread. All count with the same counter: In[5] is one cell, wherever it ran.
 *
 * The wire thread adds, the session thread takes the next when one is over: no hop between threads from one cell to
 * the next. Only the wire thread makes and deletes queues.
 *
 * Stop on error. When an execution fails, those that the frontend sent along with it ("run all cells") are to be
 * aborted, and what it sends after it has seen the failure is not. But the cells of "run all" arrive one by one, and a
 * cell may fail within a fraction of a millisecond, before the others are here. So the reply of a failure is held back
 * until no execution has arrived for a while (the option abort_ms): whatever arrives before the reply leaves was sent
 * without knowing of it. All this is a matter of one shell; the others go on.
 *
 * Messages about comms (req_comm.c) may have to keep their place among the executions of a shell. They stand in its
 * line then, and are never aborted.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "execute.h"
#include "session.h"

#define GRACE_MAX 10 /* times the grace: so long a reply is held back at most */

struct Queue {
    Queue *next;
    char id[SUBSHELL_ID + 1]; /* empty: the main shell */
    bool deleted;             /* lives only until what runs in it is over */
    bool executes, carries;   /* has been sent an execution; a message about a comm */
    Execution *running;       /* has begun and has no reply yet */
    Execution *first, **end;  /* the line of those that wait */
    int64_t last_arrival;     /* of an execute_request */
    Message *held;            /* the reply of a failed execution, while it is held back … */
    int64_t grace;            /* … until none has arrived for so long … */
    int64_t held_until_max;   /* … not longer than this */
};

static Queue main_queue = {.end = &main_queue.first};

/* [lock] guards the queues and all of this. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Queue *queues = &main_queue; /* in the order of their making */
static atomic_int busy;             /* queues in which something runs or is held back */
static bool ended;                  /* by exit(): nothing is run any more */
static int count;                   /* of executions in this session: In[count] */

/* In all functions down to the public ones, the lock is held. */

static void begin(Queue *queue, Execution *execution) {
    queue->running = execution;
    if (execution->store_history) count++;
    execution_begin(execution, count);
}

static void put(Queue *queue, Execution *execution) {
    *queue->end = execution;
    queue->end = &execution->next;
}

/* Takes the first execution of the line, or NULL. The messages before it are off to the session thread. */
static Execution *take(Queue *queue) {
    Execution *execution;
    while ((execution = queue->first)) {
        queue->first = execution->next;
        if (!queue->first) queue->end = &queue->first;
        if (!execution->deliver) return execution;
        if (ended) {
            request_release(execution->request);
        } else {
            session_post_request(execution->deliver, execution->request);
        }
        free(execution);
    }
    return NULL;
}

static void forget(Queue *queue) {
    Queue **link = &queues;
    while (*link != queue) link = &(*link)->next;
    *link = queue->next;
    free(queue);
}

/* Nothing runs in the queue any more. One that is deleted goes. */
static void rest(Queue *queue) {
    busy--;
    queue->running = NULL;
    queue->held = NULL;
    if (queue->deleted) forget(queue);
}

static bool is_busy(const Queue *queue) {
    return queue->running || queue->held;
}

static void answer(Message *reply) {
    Request *request = request_keep(reply->parent);
    outbox_push(reply);
    outbox_status(request, "idle");
    request_release(request);
}

static void abort_line(Queue *queue) {
    for (Execution *execution; (execution = take(queue));) execution_abort(execution, count);
}

static int64_t held_until(const Queue *queue) {
    return clock_earlier(queue->last_arrival + queue->grace, queue->held_until_max);
}

static Queue *find(const char *id) {
    Queue *queue = queues;
    while (queue && (queue->deleted || strcmp(queue->id, id) != 0)) queue = queue->next;
    return queue;
}

/* ---- What runs and waits ---- */

void queue_add(Execution *execution) {
    bool start = false;
    pthread_mutex_lock(&lock);
    Queue *queue = execution->queue = find(execution->request->subshell);
    queue->last_arrival = execution->request->arrived;
    queue->executes = true;
    if (ended) {
        execution_abort(execution, count);
    } else if (is_busy(queue)) {
        put(queue, execution);
    } else {
        busy++;
        begin(queue, execution);
        start = true;
    }
    pthread_mutex_unlock(&lock);
    if (start) session_post(execution_run, execution);
}

void queue_carry(Request *request, void (*deliver)(void *request), bool in_turn) {
    pthread_mutex_lock(&lock);
    Queue *queue = find(request->subshell);
    if (queue) queue->carries = true;
    if (in_turn && queue && is_busy(queue)) {
        Execution *execution = memory_zeroed(sizeof *execution);
        execution->deliver = deliver;
        execution->request = request_keep(request);
        put(queue, execution);
    } else {
        session_post_request(deliver, request_keep(request));
    }
    pthread_mutex_unlock(&lock);
}

void queue_finish(Execution *execution, Message *reply, bool abort_rest) {
    Queue *queue = execution->queue;
    Execution *next = NULL;
    bool hold = false;
    pthread_mutex_lock(&lock);
    queue->running = NULL;
    if (abort_rest && !queue->deleted) {
        int64_t now = clock_now();
        queue->grace = vint_option(session_vint(), "abort_ms") * CLOCK_MS;
        queue->held_until_max = now + GRACE_MAX * queue->grace;
        hold = now < held_until(queue);
    }
    if (hold) {
        queue->held = reply;
    } else {
        answer(reply);
        if (abort_rest) abort_line(queue);
        next = take(queue);
        if (next) {
            begin(queue, next);
        } else {
            rest(queue);
        }
    }
    pthread_mutex_unlock(&lock);
    if (hold) outbox_wake_by(0); /* to call queue_tick() */
    if (next) {
        outbox_release(true);
        execution_run(next);
    }
}

void queue_end(void) {
    pthread_mutex_lock(&lock);
    ended = true;
    for (Queue *queue = queues, *next; queue; queue = next) {
        next = queue->next;
        if (queue->held) answer(queue->held);
        if (queue->running) answer(execution_leave(queue->running));
        abort_line(queue);
        if (is_busy(queue)) rest(queue);
    }
    pthread_mutex_unlock(&lock);
}

int64_t queue_tick(int64_t now) {
    int64_t when = CLOCK_NEVER;
    if (busy == 0) return when;
    pthread_mutex_lock(&lock);
    for (Queue *queue = queues, *next; queue; queue = next) {
        next = queue->next;
        if (!queue->held) continue;
        int64_t until = held_until(queue);
        if (now >= until) {
            answer(queue->held);
            abort_line(queue);
            rest(queue);
        } else {
            when = clock_earlier(when, until);
        }
    }
    pthread_mutex_unlock(&lock);
    return when;
}

bool queue_is_running(void) {
    return busy > 0;
}

int queue_count(void) {
    pthread_mutex_lock(&lock);
    int number = count;
    pthread_mutex_unlock(&lock);
    return number;
}

Execution *queue_find(const Cell *cell) {
    pthread_mutex_lock(&lock);
    Queue *queue = queues;
    while (queue && !(queue->running && queue->running->cell == cell)) queue = queue->next;
    Execution *execution = queue ? queue->running : NULL;
    pthread_mutex_unlock(&lock);
    return execution;
}

/*
 * A shell in which nothing runs may be sent a cell at any moment. But frontends make subshells for comms, too: one that
 * has carried messages about comms and nothing else is not expected to bring cells.
 */
bool queue_may_bring_cells(void) {
    bool may = false;
    pthread_mutex_lock(&lock);
    for (const Queue *queue = queues; queue && !may; queue = queue->next) {
        bool started = queue->running && queue->running->cell;
        bool is_for_comms = queue->carries && !queue->executes && queue != &main_queue;
        may = !started && !queue->deleted && !is_for_comms;
    }
    pthread_mutex_unlock(&lock);
    return may;
}

/* ---- Shells ---- */

void queue_create(const char *id) {
    Queue *queue = memory_zeroed(sizeof *queue);
    queue->end = &queue->first;
    strcpy(queue->id, id);
    pthread_mutex_lock(&lock);
    Queue **link = &queues;
    while (*link) link = &(*link)->next;
    *link = queue;
    pthread_mutex_unlock(&lock);
}

bool queue_exists(const char *id) {
    pthread_mutex_lock(&lock);
    bool exists = find(id) != NULL;
    pthread_mutex_unlock(&lock);
    return exists;
}

/* For the loop of the session: what it waits for may have become a deadlock. */
static void look_again(void *unused) {
    (void)unused;
}

bool queue_delete(const char *id) {
    pthread_mutex_lock(&lock);
    Queue *queue = *id ? find(id) : NULL;
    if (queue) {
        queue->deleted = true;
        bool held = queue->held;
        if (held) answer(queue->held);
        abort_line(queue);
        if (held) {
            rest(queue);
        } else if (!queue->running) {
            forget(queue);
        }
    }
    pthread_mutex_unlock(&lock);
    if (queue) session_post(look_again, NULL);
    return queue != NULL;
}

void queue_list(void (*each)(void *argument, const char *id), void *argument) {
    pthread_mutex_lock(&lock);
    for (const Queue *queue = main_queue.next; queue; queue = queue->next) {
        if (!queue->deleted) each(argument, queue->id);
    }
    pthread_mutex_unlock(&lock);
}
