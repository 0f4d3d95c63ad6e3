/*
 * session.c -- makes the interpreter's session and is its host: what the interpreter says is passed to the cell that
 * it is about.
 */
#include "session.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "execute.h"
#include "history.h"
#include "output.h"
#include "requests.h"

#define PARTING_SECONDS 2

static VintSession *session;
static bool left; /* by exit() */
static bool stop_asked; /* under [posting] */
static pthread_cond_t stop_is_asked = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t posting = PTHREAD_MUTEX_INITIALIZER; /* held by who posts, so that the session is still there */

static void host_write(void *user, VintCell *cell, VintStream stream, const char *text, size_t length) {
    (void)user;
    cell_write(vint_cell_user(cell), stream, text, length);
}

static void host_display(void *user, VintCell *cell, const VintDatum *data, size_t length, const char *id,
                         bool update) {
    (void)user;
    cell_display(vint_cell_user(cell), data, length, id, update);
}

static bool host_progress(void *user, VintCell *cell, const char *line, bool ended) {
    (void)user;
    return cell_progress(vint_cell_user(cell), line, ended);
}

static void host_clear(void *user, VintCell *cell, bool wait) {
    (void)user;
    cell_clear(vint_cell_user(cell), wait);
}

static bool host_page(void *user, VintCell *cell, const VintDatum *data, size_t length) {
    (void)user;
    return cell_page(vint_cell_user(cell), data, length);
}

static bool host_set_next_input(void *user, VintCell *cell, const char *text, size_t length, bool replace) {
    (void)user;
    return cell_next_input(vint_cell_user(cell), text, length, replace);
}

static void host_task_failed(void *user, VintCell *cell, const VintError *error) {
    (void)user;
    cell_error(vint_cell_user(cell), error);
}

static void host_ask(void *user, VintCell *cell, const char *prompt, bool password, VintQuestion *question) {
    (void)user;
    input_ask(vint_cell_user(cell), prompt, password, question);
}

static void host_ask_cancelled(void *user, VintQuestion *question) {
    (void)user;
    input_cancel(question);
}

static void host_comm(void *user, VintCell *cell, const VintComm *comm) {
    (void)user;
    comm_send(vint_cell_user(cell), comm);
}

static void host_history(void *user, const VintHistoryQuery *query,
                         void (*found)(void *arg, long session, long line, const char *code, size_t length),
                         void *arg) {
    (void)user;
    HistoryQuery wanted = {
        .kind = query->pattern ? HISTORY_SEARCH : query->last > 0 ? HISTORY_TAIL : HISTORY_RANGE,
        .session = query->session,
        .start = query->start,
        .stop = query->stop,
        .pattern = {query->pattern, query->pattern ? strlen(query->pattern) : 0},
        .n = query->last > 0 ? query->last : LONG_MAX,
    };
    HistoryList list = history_find(&wanted);
    for (size_t i = 0; i < list.count; i++) {
        const HistoryEntry *entry = &list.entries[i];
        found(arg, entry->session, entry->line, entry->code.data, entry->code.length);
    }
    history_list_free(&list);
}

static void host_exit(void *user, VintCell *cell, int code) {
    (void)user;
    (void)cell;
    queue_end();
    left = true;
    vint_stop(session, code);
}

static bool host_may_execute(void *user) {
    (void)user;
    return queue_may_bring_cells();
}

static void host_idle(void *user) {
    (void)user;
    output_idle();
}

bool session_open(char *why) {
    VintOptions options = {
        .host = {
            .write = host_write,
            .display = host_display,
            .progress = host_progress,
            .clear = host_clear,
            .page = host_page,
            .set_next_input = host_set_next_input,
            .task_failed = host_task_failed,
            .ask = host_ask,
            .ask_cancelled = host_ask_cancelled,
            .comm = host_comm,
            .history = host_history,
            .exit = host_exit,
            .may_execute = host_may_execute,
            .idle = host_idle,
        },
        .color = true,
    };
    session = vint_session_new(&options, why);
    if (!session) return false;
    const char *drain = getenv("VINT_DRAIN_MS");
    if (drain && *drain) vint_set_option(session, "drain_ms", atoll(drain));
    return true;
}

/* In the log: nobody looks at the cells any more, and what a frontend gets from a kernel that it restarts it drops. */
static void tell_leaks(VintSession *closing) {
    char *leaks = vint_leaks(closing, false);
    if (leaks) fprintf(stderr, "vint-kernel: %s", leaks);
    free(leaks);
}

bool session_close(void) {
    VintSession *closing = session;
    pthread_mutex_lock(&posting);
    session = NULL;
    pthread_mutex_unlock(&posting);
    if (!closing) return true;
    tell_leaks(closing);
    return vint_session_end(closing);
}

/*
 * A frontend that has started the kernel looks whether the process is there before it reads what it says. So a session
 * that was left by exit() stays until the frontend has read that and asks for the end, or for a moment.
 */
static void stay_a_moment(void) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PARTING_SECONDS;
    pthread_mutex_lock(&posting);
    while (!stop_asked && pthread_cond_clockwait(&stop_is_asked, &posting, CLOCK_MONOTONIC, &until) == 0) {}
    pthread_mutex_unlock(&posting);
}

int session_run(void) {
    int status = vint_run(session);
    if (left) stay_a_moment();
    return status;
}

void session_post(void (*function)(void *argument), void *argument) {
    pthread_mutex_lock(&posting);
    if (session) vint_post(session, function, argument, NULL);
    pthread_mutex_unlock(&posting);
}

static void drop_request(void *request) {
    request_release(request);
}

void session_post_request(void (*function)(void *request), Request *request) {
    pthread_mutex_lock(&posting);
    if (session) {
        vint_post(session, function, request, drop_request);
    } else {
        request_release(request);
    }
    pthread_mutex_unlock(&posting);
}

/* In line with the cells: an interrupt that came before a cell must not hit it. */
static void interrupt(void *unused) {
    (void)unused;
    vint_interrupt(session);
}

void session_interrupt(void) {
    session_post(interrupt, NULL);
}

static void stop(void *status) {
    vint_stop(session, (int)(intptr_t)status);
}

void session_stop(int status) {
    pthread_mutex_lock(&posting);
    stop_asked = true;
    pthread_cond_signal(&stop_is_asked);
    pthread_mutex_unlock(&posting);
    session_post(stop, (void *)(intptr_t)status);
}

VintSession *session_vint(void) {
    return session;
}
