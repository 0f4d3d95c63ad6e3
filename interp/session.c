/*
 * session.c -- the session's life and its loop.
 *
 *     posted functions -> ready tasks -> timers -> executions that are over -> (nothing to do? the I/O loop waits)
 *
 * How other threads get in between: sched/post.c.
 */
#include "sched/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "execution.h"
#include "lib/lib.h"
#include "lib/lib_progress.h"
#include "lookup.h"
#include "modules/comm.h"
#include "modules/modules.h"
#include "sched/io.h"
#include "sched/natives.h"
#include "sched/post.h"
#include "sched/question.h"
#include "sched/timer.h"
#include "vm/cell.h"
#include "vm/gc.h"
#include "vm/task.h"

#define DESCRIPTORS 16 /* the loop takes seven; programs read files and have others run */

static void on_wake(uv_poll_t *handle, int status, int events) {
    (void)status, (void)events;
    eventfd_t ignored; /* it only ends the wait */
    eventfd_read(((VintSession *)handle->data)->wake_descriptor, &ignored);
}

/* The loop, and what ends its wait. A negative code of libuv's when there is no room for more descriptors. */
static int open_loop(VintSession *session) {
    session->wake_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (session->wake_descriptor < 0) return uv_translate_sys_error(errno);
    int status = uv_loop_init(&session->loop);
    if (status < 0) {
        close(session->wake_descriptor);
        return status;
    }
    session->wake.data = session;
    uv_poll_init(&session->loop, &session->wake, session->wake_descriptor);
    uv_poll_start(&session->wake, UV_READABLE, on_wake);
    uv_timer_init(&session->loop, &session->timer);
    uv_timer_init(&session->loop, &session->notice);
    return 0;
}

static void mark_session(Vm *vm) {
    VintSession *session = session_of(vm);
    progress_mark(session);
    comm_mark(session);
    for (VintCell *cell = session->executions; cell; cell = cell->next) {
        if (value_is_obj(cell->result)) gc_shade(vm, cell->result.obj);
        if (cell->error) gc_shade(vm, (Obj *)cell->error);
        for (const CellCapture *capture = cell->capture; capture; capture = capture->outer)
            gc_shade(vm, (Obj *)capture->displays);
    }
}

static void drop_unreached(Vm *vm) { timer_drop_unreached(session_of(vm)); }

static void stop_waiting(Vm *vm, Task *task) {
    VintSession *session = session_of(vm);
    if (task->timer) timer_cancel(session, task);
    if (task->wait == WAIT_INPUT) question_cancel(session, task);
    if (task->wait == WAIT_IO) io_give_up(task);
}

/* The machine's memory, or what a container or the shell's limits leave of it. */
static uint64_t memory_there_is(void) {
    uint64_t memory = uv_get_total_memory(), allowed = uv_get_constrained_memory();
    if (memory == 0) memory = (uint64_t)2 << 30;
    if (allowed > 0 && allowed < memory) memory = allowed;
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "r"); /* libuv may know the older place only */
    if (file) {
        if (fscanf(file, "%" SCNu64, &allowed) == 1 && allowed < memory) memory = allowed;
        fclose(file);
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < memory) memory = limit.rlim_cur;
    return memory;
}

/* VINT_SCHED_SEED=n in the environment: other choices of select, and a run queue whose order is disturbed, for tests. */
static void seed(VintSession *session) {
    const char *text = getenv("VINT_SCHED_SEED");
    session->random = 0x9e3779b97f4a7c15u;
    if (!text) return;
    session->random *= 2 * strtoull(text, NULL, 10) + 3;
    session->vm->shuffle = session->random;
}

VintSession *vint_session_new(const VintOptions *options, char *why) {
    if (!vint_descriptors(DESCRIPTORS, why)) return NULL;
    VintSession *session = calloc(1, sizeof *session);
    if (!session) {
        snprintf(why, 256, "out of memory");
        return NULL;
    }
    session->options = *options;
    session->host = options->host;
    int status = open_loop(session);
    if (status < 0) {
        snprintf(why, 256, "no event loop: %s", uv_strerror(status));
        free(session);
        return NULL;
    }
    pthread_mutex_init(&session->post_lock, NULL);
    Vm *vm = vm_new(session, &session->host, options->heap_limit ? options->heap_limit : memory_there_is() / 4 * 3);
    if (!vm) abort();
    session->vm = vm;
    seed(session);
    vm->color = options->color;
    vm->task_ended = execution_task_ended;
    vm->stop_waiting = stop_waiting;
    vm->mark_more = mark_session;
    vm->marked = drop_unreached;
    sched_register(vm);
    lib_register(vm);
    modules_register(vm);
    lookup_register(vm);
    prelude_load(vm);
    return session;
}

static void close_handle(uv_handle_t *handle, void *arg) {
    (void)arg;
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

bool vint_session_end(VintSession *session) {
    execution_report_rejections(session, true);
    bool ended = io_close(session, false);
#ifndef NDEBUG
    if (ended) vint_session_free(session); /* so that a leak can be told from what was in use until now */
#endif
    return ended;
}

void vint_session_free(VintSession *session) {
    execution_report_rejections(session, true);
    while (session->executions) {
        VintCell *cell = session->executions;
        session->executions = cell->next;
        cell_release(cell);
    }
    io_close(session, true);
    progress_free(session);
    comm_free(session);
    vm_free(session->vm);
    question_free(session);
    uv_walk(&session->loop, close_handle, NULL);
    uv_run(&session->loop, UV_RUN_DEFAULT);
    uv_loop_close(&session->loop);
    close(session->wake_descriptor);
    post_free(session);
    pthread_mutex_destroy(&session->post_lock);
    for (size_t i = 0; i < sizeof session->help / sizeof *session->help; i++) text_free(&session->help[i]);
    free(session->timers);
    free(session);
}

void vint_memory(const VintSession *session, VintMemory *memory) {
    const Heap *heap = &session->vm->heap;
    const GcStats *stats = &heap->stats;
    *memory = (VintMemory){
        .collections = stats->cycles,
        .pauses = stats->pauses,
        .pause_50 = gc_stats_pause_within(stats, 0.5),
        .pause_99 = gc_stats_pause_within(stats, 0.99),
        .pause_max = stats->max_ns,
        .collecting = stats->total_ns,
        .allocated = stats->allocated + (uint64_t)(heap->debt - heap->debt_start),
        .in_use = heap->bytes,
        .most_in_use = heap->bytes > stats->peak ? heap->bytes : stats->peak,
    };
}

int64_t vint_option(const VintSession *session, const char *name) {
    int option = option_find(name, strlen(name));
    return option < 0 ? 0 : session->vm->options[option];
}

void vint_set_option(VintSession *session, const char *name, int64_t value) {
    int option = option_find(name, strlen(name));
    if (option >= 0) session->vm->options[option] = value;
}

void vint_stop(VintSession *session, int status) {
    session->stopped = true;
    session->status = status;
    atomic_store(&session->vm->attention, true);
}

/* What other threads want. */
static void attend(VintSession *session) {
    if (atomic_exchange(&session->vm->attention, false)) post_run(session);
}

static bool can_go_on(const VintSession *session) {
    return session->vm->ready_first || session->timer_count > session->timer_silent || session->questions ||
           session->io_pending > 0;
}

static void wait_for_something(VintSession *session) {
    if (atomic_load(&session->vm->attention) || session->stopped) return;
    uint64_t patience = execution_patience(session), bars = progress_flush(session, false);
    session->host.idle(session->host.user);
    timer_arm(session);
    if (bars > 0 && (patience == 0 || bars < patience)) patience = bars;
    if (patience > 0) {
        uint64_t ms = patience / 1000000u + 1;
        if (!uv_is_active((uv_handle_t *)&session->timer) || uv_timer_get_due_in(&session->timer) > ms)
            timer_arm_ms(session, ms);
    }
    uv_run(&session->loop, UV_RUN_ONCE);
}

int vint_run(VintSession *session) {
    Vm *vm = session->vm;
    session->stopped = false;
    while (!session->stopped) {
        attend(session);
        if (session->stopped) break;
        timer_fire(session);
        RunStatus status = vm_run(vm);
        if (session->stopped) break;
        vm_collect(vm); /* code without calls and loops reaches no safe point */
        execution_check(session, false);
        if (status == RUN_POLL) {
            uv_run(&session->loop, UV_RUN_NOWAIT);
            continue;
        }
        execution_look_for_lost_rejections(session);
        if (!can_go_on(session) && !timer_is_awaited(session) && !atomic_load(&vm->attention))
            execution_check(session, true);
        if (!vm->ready_first && !session->stopped) wait_for_something(session);
    }
    return session->status;
}
