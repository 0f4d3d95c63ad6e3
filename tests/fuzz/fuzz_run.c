/*
 * fuzz_run.c -- any program at all runs to its end, or fails, or is interrupted, without a crash, a hang or a leak.
 *
 * Each input is a session of its own: form feeds cut it into cells, which are executed one after the other. The heap is
 * small, questions are answered, output goes nowhere. A watchdog on a thread of its own interrupts what takes long, and
 * stops a session that goes on after some interrupts.
 *
 * The linker puts the functions __wrap_… here in the place of those that reach files, processes and networks (see the Makefile).
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sched/io.h"
#include "vint.h"
#include "vm/error.h"

#define HEAP_LIMIT (16u << 20)
#define PATIENCE_MS 150 /* before the first interrupt, and between two */
#define INTERRUPTS 4    /* before the session is stopped */

/* ---- no files, no processes, no networks ---- */

NativeStatus __wrap_io_submit(Vm *vm, IoRequest *request, void *object, Value *result) {
    (void)object, (void)result;
    request->release(request);
    return vm_raise(vm, ERR_IO, "nothing can be reached from here");
}

int __wrap_uv_spawn(uv_loop_t *loop, uv_process_t *handle, const uv_process_options_t *options) {
    (void)options;
    uv_async_init(loop, (uv_async_t *)handle, NULL); /* something that can be closed */
    return UV_EPERM;
}

char *__wrap_modules_read_file(const char *path, size_t *length) {
    (void)path, (void)length;
    errno = ENOENT;
    return NULL;
}

const void *__wrap_curl_load(const char **why) {
    *why = "nothing can be reached from here";
    return NULL;
}

int __wrap_uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle, const struct sockaddr *address, uv_connect_cb done) {
    (void)request, (void)handle, (void)address, (void)done;
    return UV_EPERM;
}

int __wrap_uv_tcp_bind(uv_tcp_t *handle, const struct sockaddr *address, unsigned int flags) {
    (void)handle, (void)address, (void)flags;
    return UV_EPERM;
}

/* ---- the watchdog ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static VintSession *watched; /* NULL: none */

static void stop(void *session) { vint_stop(session, 0); }

/* Until the session is over or some time has passed; false in the first case. */
static bool wait_while(VintSession *session) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += PATIENCE_MS * 1000000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    while (watched == session)
        if (pthread_cond_timedwait(&changed, &lock, &end) != 0) return watched == session;
    return false;
}

static void *watch(void *unused) {
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!watched) pthread_cond_wait(&changed, &lock);
        VintSession *session = watched;
        for (int interrupts = 0; wait_while(session); interrupts++) {
            if (interrupts < INTERRUPTS)
                vint_interrupt(session);
            else
                vint_post(session, stop, session, NULL);
        }
    }
    return unused;
}

static void set_watched(VintSession *session) {
    pthread_mutex_lock(&lock);
    watched = session;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_t thread;
    return pthread_create(&thread, NULL, watch, NULL);
}

/* ---- the host ---- */

typedef struct {
    VintSession *session;
    const char *code, *end; /* what is to be executed yet */
} Run;

static void on_write(void *user, VintCell *cell, VintStream stream, const char *text, size_t length) {
    (void)user, (void)cell, (void)stream;
    if (length == 0 || !text) abort();
}

static void on_task_failed(void *user, VintCell *cell, const VintError *error) {
    (void)user;
    if (!cell || !error->name || error->traceback_length == 0) abort();
}

static void on_ask(void *user, VintCell *cell, const char *prompt, bool password, VintQuestion *question) {
    (void)user, (void)cell, (void)prompt;
    vint_answer(question, password ? NULL : "42", 2);
}

static void on_ask_cancelled(void *user, VintQuestion *question) { (void)user, (void)question; }

static void on_exit_called(void *user, VintCell *cell, int code) {
    (void)cell;
    vint_stop(((Run *)user)->session, code);
}

static void on_idle(void *user) { (void)user; }

static void execute_next(Run *run);

static void on_done(void *user, VintCell *cell, const VintResult *result) {
    (void)cell, (void)result;
    execute_next(user);
}

static void execute_next(Run *run) {
    if (!run->code) {
        vint_stop(run->session, 0);
        return;
    }
    const char *code = run->code, *cut = memchr(code, '\f', (size_t)(run->end - code));
    size_t length = (size_t)((cut ? cut : run->end) - code);
    run->code = cut ? cut + 1 : NULL;
    VintCellOptions options = {
        .file = "In[1]", .user = run, .interactive = true, .allow_ask = true, .drain_ms = length % 2 ? 20 : VINT_DRAIN_NONE};
    vint_execute(run->session, &options, code, length, on_done);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Run run = {.code = (const char *)data, .end = (const char *)data + size};
    VintOptions options = {.host = {.user = &run,
                                    .write = on_write,
                                    .task_failed = on_task_failed,
                                    .ask = on_ask,
                                    .ask_cancelled = on_ask_cancelled,
                                    .exit = on_exit_called,
                                    .idle = on_idle},
                           .heap_limit = HEAP_LIMIT};
    char why[256];
    run.session = vint_session_new(&options, why);
    if (!run.session) abort();
    set_watched(run.session);
    execute_next(&run);
    vint_run(run.session);
    set_watched(NULL);
    vint_session_free(run.session);
    return 0;
}
