/*
 * session.h -- the inside of a VintSession, which the scheduler's files share.
 *
 * The session drives everything: it runs ready tasks (vm_run), fires timers, handles what other threads posted, tells
 * the host how executions ended, and otherwise waits in the I/O loop.
 */
#ifndef SESSION_H
#define SESSION_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <uv.h>

#include "vint.h"
#include "vm/text.h"
#include "vm/vm.h"

typedef struct Post Post;
typedef struct Timer Timer;
typedef struct IoRequest IoRequest;
typedef struct IoPart IoPart;
typedef struct Comm Comm;
typedef struct CommListener CommListener;

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
    Post *posts, *last_post;  /* post.h */
    atomic_bool interrupted;
    bool stopped;
    int status;

    VintCell *executions; /* not over */
    Timer *timers;        /* binary heap, earliest first (timer.h) */
    uint32_t timer_count, timer_capacity, timer_silent; /* silent ones keep nothing alive */
    uint64_t timer_order;
    VintQuestion *questions, *last_question; /* the first one is open (question.h) */
    VintQuestion *cancelled;                 /* answers to them are under way */
    IoRequest *io_requests; /* all that have not ended, those given up too (io.h) */
    uint32_t io_pending;    /* those that tasks wait for */
    IoPart *io_parts;       /* of modules */
    Comm *comms;            /* those that are open, and … */
    CommListener *comm_listeners; /* … who takes further ones (modules/comm.c) */
    size_t rejections_kept; /* of the machine's, those that were not lost when last looked at */
    uint64_t random;      /* state of select's choices */
    struct StaleBar *bars; /* progress bars that show less than they know (lib/lib_progress.h) */
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

#endif
