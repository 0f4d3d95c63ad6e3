/*
 * script.c -- runs a program from beginning to end.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "input.h"
#include "output.h"

#define IMPATIENCE_MS 2000 /* a second Ctrl-C within this time ends the program at once */

static VintSession *session;

static void on_write(void *user, VintCell *cell, VintStream stream, const char *text, size_t length) {
    (void)user, (void)cell;
    output_write(stream, text, length);
}

static void on_task_failed(void *user, VintCell *cell, const VintError *error) {
    (void)user, (void)cell;
    output_error(error);
}

static void on_ask(void *user, VintCell *cell, const char *prompt, bool password, VintQuestion *question) {
    (void)user, (void)cell;
    output_write(VINT_STDOUT, prompt, strlen(prompt));
    output_flush();
    input_ask(question, password);
}

static void on_ask_cancelled(void *user, VintQuestion *question) {
    (void)user;
    input_cancel(question);
}

static void on_exit_called(void *user, VintCell *cell, int code) {
    (void)user, (void)cell;
    vint_stop(session, code);
}

static bool on_progress(void *user, VintCell *cell, const char *line, bool ended) {
    (void)user, (void)cell;
    output_progress(line, ended);
    return true;
}

static void on_idle(void *user) {
    (void)user;
    output_flush();
}

static void on_done(void *user, VintCell *cell, const VintResult *result) {
    (void)user, (void)cell;
    int status = result->background_failed ? STATUS_ERROR : 0;
    if (result->error) {
        const char *name = result->error->name;
        output_error(result->error);
        status = strcmp(name, "DeadlockError") == 0 ? STATUS_DEADLOCK
                 : strcmp(name, "Interrupted") == 0 ? STATUS_INTERRUPTED
                                                    : STATUS_ERROR;
    }
    vint_stop(session, status);
}

/* The first Ctrl-C raises Interrupted in the program; another one soon after it ends the process. */
static void on_sigint(int signal) {
    static volatile sig_atomic_t armed;
    static struct timespec last;
    (void)signal;
    int saved = errno;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms = (now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000;
    if (armed && ms < IMPATIENCE_MS) _exit(STATUS_INTERRUPTED);
    armed = 1;
    last = now;
    vint_interrupt(session);
    errno = saved;
}

static void tell_memory(void) {
    VintMemory memory;
    vint_memory(session, &memory);
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    double ms = (double)cpu.tv_sec * 1e3 + (double)cpu.tv_nsec / 1e6;
    fprintf(stderr,
            "collections     %llu\n"
            "pauses          %llu\n"
            "pause, 50 %%     %.3f ms\n"
            "pause, 99 %%     %.3f ms\n"
            "pause, longest  %.3f ms\n"
            "collecting      %.1f ms of %.1f\n"
            "allocated       %.1f MB\n"
            "most in use     %.1f MB\n"
            "in use          %.1f MB\n",
            (unsigned long long)memory.collections, (unsigned long long)memory.pauses, (double)memory.pause_50 / 1e6,
            (double)memory.pause_99 / 1e6, (double)memory.pause_max / 1e6, (double)memory.collecting / 1e6, ms,
            (double)memory.allocated / 1e6, (double)memory.most_in_use / 1e6, (double)memory.in_use / 1e6);
}

static void tell_leaks(void) {
    char *leaks = vint_leaks(session, true);
    if (leaks) output_write(VINT_STDERR, leaks, strlen(leaks));
    free(leaks);
}

VintSession *session_open(const VintHost *host, const Program *program) {
    VintOptions options = {.host = *host, .color = output_wants_color()};
    if (program) {
        options.args = program->args;
        options.args_length = program->args_length;
        options.heap_limit = program->heap_limit;
    }
    char why[256];
    VintSession *opened = vint_session_new(&options, why);
    if (!opened) fprintf(stderr, "vint: %s\n", why);
    return opened;
}

int script_run(const Program *program) {
    static const VintHost host = {.write = on_write,
                                  .progress = on_progress,
                                  .task_failed = on_task_failed,
                                  .ask = on_ask,
                                  .ask_cancelled = on_ask_cancelled,
                                  .exit = on_exit_called,
                                  .idle = on_idle};
    session = session_open(&host, program);
    if (!session) return STATUS_ERROR;
    struct sigaction action = {.sa_handler = on_sigint, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);

    VintCellOptions options = {.file = program->file, .allow_ask = true, .drain_ms = VINT_DRAIN_FOREVER};
    vint_execute(session, &options, program->code, program->length, on_done);
    int status = vint_run(session);
    output_leave_progress();

    signal(SIGINT, SIG_DFL);
    input_cancel(NULL);
    if (program->gc_stats) {
        output_flush();
        tell_memory();
    }
    if (program->leaks) tell_leaks();
    bool ended = vint_session_end(session);
    output_flush();
    if (!ended) _exit(status);
    return status;
}
