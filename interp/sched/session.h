/*
 * session.h -- what the scheduler's files share: the inside of a VintSession.
 *
 * The session drives everything: it runs ready tasks (vm_run), fires timers, handles what other threads posted, tells the host
 * how executions ended, and otherwise waits in the I/O loop.
 */
#ifndef SESSION_H
#define SESSION_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <uv.h>

#include "vint.h"
#include "vm/native.h"
#include "vm/channel.h"
#include "vm/task.h"
#include "vm/vm.h"

typedef struct Post {
    struct Post *next;
    void (*function)(void *arg), (*drop)(void *arg);
    void *arg;
} Post;

/* A task that sleeps or selects with a timeout, or the next message of after() and every(). */
typedef struct {
    uint64_t due;   /* ns */
    uint64_t order; /* among timers due together: the order in which they were made */
    Task *task;     /* to be woken; or */
    int case_index; /* of its select; or SLEEPS, IS_LATE */
    Channel *channel; /* … to be sent a message */
    uint64_t period;  /* ns; 0: once */
} Timer;

typedef struct IoRequest IoRequest;
typedef struct IoPart IoPart;
typedef struct Comm Comm;
typedef struct CommListener CommListener;

struct VintQuestion {
    VintQuestion *next, *previous;
    VintSession *session;
    Task *task;   /* NULL: cancelled */
    char *prompt;
    bool password, asked;
    atomic_bool answered; /* the answer is on its way */
};

struct VintSession {
    Vm *vm;
    VintHost host;
    VintOptions options;
    uv_loop_t loop;
    uv_poll_t wake;    /* other threads end a wait, by the descriptor (post.c) */
    int wake_descriptor;
    uv_timer_t timer;  /* the earliest timer */
    uv_timer_t notice; /* what an interrupt has to say (interrupt.c) */
    uint64_t interrupted_at; /* ns: by the last interrupt that found nothing running */

    pthread_mutex_t post_lock;
    Post *posts, *last_post;
    atomic_bool interrupted;
    bool stopped;
    int status;

    VintCell *executions; /* not over */
    Timer *timers;        /* binary heap, earliest first */
    uint32_t timer_count, timer_capacity, timer_silent; /* silent ones keep nothing alive */
    uint64_t timer_order;
    VintQuestion *questions, *last_question; /* the first one is open */
    VintQuestion *cancelled;                 /* answers to them are under way */
    IoRequest *io_requests; /* all that have not ended, those given up too (io.h) */
    uint32_t io_pending;    /* those that tasks wait for */
    IoPart *io_parts;       /* of modules */
    Comm *comms;            /* those that are open, and … */
    CommListener *comm_listeners; /* … who takes further ones (modules/comm.c) */
    size_t rejections_kept; /* of the machine's, those that were not lost when last looked at */
    uint64_t random;      /* state of select's choices */
    struct StaleBar *bars; /* progress bars that show less than they know (lib/progress.h) */
    uint32_t bar_count;
    Text help[3];         /* what vint_inspect() found last, in the forms of lookup/page.h */
    VintDatum help_data[3];
};

static inline VintSession *session_of(Vm *vm) {
    return vm->session;
}

static inline uint64_t session_now(void) {
    return uv_hrtime();
}

/* ns that this thread has computed: on a busy machine much less than what has passed. */
static inline uint64_t session_work(void) {
    struct timespec work;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &work);
    return (uint64_t)work.tv_sec * 1000000000u + (uint64_t)work.tv_nsec;
}

/* post.c */
void post_run(VintSession *session); /* interrupts, if that was asked for, and calls what was posted */
void post_free(VintSession *session);

/* timer.c */
#define SLEEPS (-1)
#define IS_LATE (-2) /* it waits for something else, and gets false when that has not come by then */
void timer_task(VintSession *session, Task *task, uint64_t ns, int case_index); /* wakes it with null, false, or the choice of select */
void timer_channel(VintSession *session, Channel *channel, uint64_t ns, uint64_t period);
void timer_cancel(VintSession *session, Task *task);
void timer_fire(VintSession *session);   /* those that are due */
void timer_arm(VintSession *session);    /* before waiting in the I/O loop */
void timer_arm_ms(VintSession *session, uint64_t ms);
void timer_drop_unreached(VintSession *session); /* as vm->marked */

/* question.c */
NativeStatus question_ask(Vm *vm, const String *prompt, bool password, Value *result);
void question_cancel(VintSession *session, Task *task);
void question_free(VintSession *session);

/* execution.c */
void execution_task_ended(Vm *vm, Task *task, Value value, Error *error);
void execution_check(VintSession *session, bool nothing_more); /* nothing_more: no task can ever go on by itself */
void execution_report_rejections(VintSession *session, bool all);
void execution_look_for_lost_rejections(VintSession *session);
uint64_t execution_patience(VintSession *session);

/* interrupt.c */
void interrupt_now(VintSession *session);

/* lookup.c */
void lookup_register(Vm *vm);

/* report.c: an Error as the host's VintError; free with report_free(). */
typedef struct {
    VintError error;
    char *name, *message, *text;
    const char **lines;
} Report;
void report_make(Vm *vm, Error *error, Report *report);
void report_make_text(const char *name, const char *message, const char *text, Report *report);
void report_free(Report *report);

/* natives.c, tasks.c, usage.c, select.c */
void sched_register(Vm *vm);
void tasks_register(Vm *vm); /* part of it */
void usage_register(Vm *vm); /* also */
/* Cancels the tasks that earlier runs of the cell have started; or only those that just show something. */
void tasks_end_former(Vm *vm, const VintCell *cell, bool all);
/* [ms], which may have a fraction, as nanoseconds; false with an error raised in the name of [what] */
bool sched_milliseconds(Vm *vm, Value ms, const char *what, uint64_t *ns);
NativeStatus select_choice(Vm *vm, int index, Value value, Value *result); /* [index, value] */
NativeStatus select_intrinsic(NATIVE_ARGS);

#endif
