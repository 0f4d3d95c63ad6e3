/*
 * test.c -- vint test: runs the functions test… of the files *_test.vint.
 *
 * Every test has a session of its own: the file is run in it, then the function is called, so that no test sees what
 * another one left behind. What a test prints is kept, and shown only if it fails.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

#define TEST_SUFFIX "_test" SUFFIX
#define CALLER "<test>" /* the source that calls the function: no part of an error's report */

typedef struct {
    char *name;
    bool takes_arguments, is_async;
} Test;

typedef struct {
    Test *items;
    size_t count;
} Tests;

static VintSession *session; /* of the test that runs */
static volatile sig_atomic_t interrupted;

/* What is known of the test that runs. */
static struct {
    FILE *output; /* what it printed, and its errors */
    bool failed;
} current;

/* ---- The host --------------------------------------------------------------------------------------------------- */

static void on_write(void *user, VintCell *cell, VintStream stream, const char *text, size_t length) {
    (void)user, (void)cell, (void)stream;
    fwrite(text, 1, length, current.output);
}

static void note_error(const VintError *error) {
    for (size_t i = 0; i < error->traceback_length; i++)
        if (!strstr(error->traceback[i], "(" CALLER ":")) fprintf(current.output, "%s\n", error->traceback[i]);
    current.failed = true;
}

static void on_task_failed(void *user, VintCell *cell, const VintError *error) {
    (void)user, (void)cell;
    note_error(error);
}

static void on_ask(void *user, VintCell *cell, const char *prompt, bool password, VintQuestion *question) {
    (void)user, (void)cell, (void)prompt, (void)password;
    vint_answer(question, NULL, 0);
}

static void on_ask_cancelled(void *user, VintQuestion *question) { (void)user, (void)question; }

static void on_exit_called(void *user, VintCell *cell, int code) {
    (void)user, (void)cell;
    fprintf(current.output, "exit(%d) was called\n", code);
    current.failed = true;
    vint_stop(session, 0);
}

static void on_idle(void *user) { (void)user; }

static void on_done(void *user, VintCell *cell, const VintResult *result) {
    (void)user, (void)cell;
    if (result->error) note_error(result->error);
    current.failed |= result->background_failed;
    vint_stop(session, 0);
}

static void on_sigint(int signal) {
    (void)signal;
    interrupted = 1;
    if (session) vint_interrupt(session);
}

/* ---- Tests ------------------------------------------------------------------------------------------------------ */

static void add_test(void *arg, const char *name, size_t parameters, bool is_async) {
    Tests *tests = arg;
    if (strncmp(name, "test", 4) != 0) return;
    tests->items = realloc(tests->items, (tests->count + 1) * sizeof *tests->items);
    char *copy = strdup(name);
    if (!tests->items || !copy) abort();
    tests->items[tests->count++] = (Test){copy, parameters > 0, is_async};
}

static void execute(const char *file, const char *code, size_t length, int64_t drain_ms) {
    VintCellOptions options = {.file = file, .drain_ms = drain_ms};
    vint_execute(session, &options, code, length, on_done);
    vint_run(session);
}

static void run_in_session(const char *path, const char *code, size_t length, const Test *test) {
    execute(path, code, length, VINT_DRAIN_NONE);
    if (!test || current.failed) return;
    char *call;
    if (asprintf(&call, "%s%s()", test->is_async ? "await " : "", test->name) < 0) abort();
    execute(CALLER, call, strlen(call), VINT_DRAIN_FOREVER);
    free(call);
}

static void put_indented(const char *text) {
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        printf("    %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

/* Runs one test or, without one, only the file, which is mentioned only when it fails. True: passed. */
static bool run_test(const char *path, const char *code, size_t length, const Test *test) {
    static const VintHost host = {.write = on_write,
                                  .task_failed = on_task_failed,
                                  .ask = on_ask,
                                  .ask_cancelled = on_ask_cancelled,
                                  .exit = on_exit_called,
                                  .idle = on_idle};
    char *text;
    size_t text_length;
    current.failed = false;
    current.output = open_memstream(&text, &text_length);
    if (!current.output) abort();
    if (test && test->takes_arguments) {
        fputs("a test takes no arguments\n", current.output);
        current.failed = true;
    } else {
        session = session_open(&host, NULL);
        if (!session) exit(STATUS_USAGE);
        run_in_session(path, code, length, test);
        VintSession *over = session;
        session = NULL;
        vint_session_free(over); /* which may find rejections that nobody has seen */
    }
    fclose(current.output);
    if (test || current.failed)
        printf("%-7s%s%s%s\n", current.failed ? "FAILED" : "ok", path, test ? " " : "", test ? test->name : "");
    if (current.failed) put_indented(text);
    fflush(stdout);
    free(text);
    return !current.failed;
}

/* A file that cannot be run counts as one test that fails. */
static void run_file(const char *path, size_t *passed, size_t *failed) {
    size_t length;
    char *code = file_load(path, &length);
    if (!code) {
        command_complain("read", path);
        ++*failed;
        return;
    }
    Tests tests = {0};
    vint_functions(code, length, add_test, &tests);
    if (!run_test(path, code, length, NULL)) {
        ++*failed;
    } else {
        for (size_t i = 0; i < tests.count && !interrupted; i++)
            ++*(run_test(path, code, length, &tests.items[i]) ? passed : failed);
    }
    for (size_t i = 0; i < tests.count; i++) free(tests.items[i].name);
    free(tests.items);
    free(code);
}

static int run(const Paths *paths, bool option) {
    (void)option;
    size_t passed = 0, failed = 0;
    signal(SIGINT, on_sigint);
    for (size_t i = 0; i < paths->count && !interrupted; i++) run_file(paths->items[i], &passed, &failed);
    if (interrupted) return STATUS_INTERRUPTED;
    if (passed + failed == 0) {
        fputs("vint test: there are no tests\n", stderr);
        return STATUS_USAGE;
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0 ? STATUS_ERROR : 0;
}

const Command command_test = {
    .name = "test",
    .help = "usage: vint test [FILE|FOLDER ...]\n"
            "\n"
            "Runs tests: the functions without parameters whose names begin with `test`, declared outside\n"
            "of all blocks, in the order of the text, each in a session of its own in which its file has\n"
            "been run. A test fails when an error leaves it or one of its tasks; what it printed is shown\n"
            "then. assert(condition, message), assertEqual(value, expected) and assertThrows(f, name)\n"
            "raise such errors. In folders, all files *" TEST_SUFFIX " are meant; without any name, those in\n"
            "the current folder and below.\n"
            "\n"
            "Exit status: 0, or 1 when a test fails, or 2 when there are no tests.\n",
    .suffix = TEST_SUFFIX,
    .takes_all = true,
    .run = run,
};
