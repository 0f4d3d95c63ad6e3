/*
 * repl.c -- reads code from the terminal, runs it, shows its result, until the user has enough.
 *
 * Two threads: the session's is the main one and stays in vint_run(), so tasks go on while the user types. The other
 * reads from the terminal; it posts each piece of code to the session and waits until it is done, answering input()
 * meanwhile.
 */
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"
#include "terminal.h"

#define PROMPT "vint> "
#define PROMPT_MORE "  ... "

static VintSession *session;
static char *code; /* being read or run, line by line: the terminal thread's, but the session's while it runs */
static size_t code_length;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static atomic_bool running;      /* the user's code: Ctrl-C is for it. Changes under [lock] */
static bool over;                /* under [lock], as the following ones */
static VintQuestion *question;   /* open and not answered */
static char *question_prompt;
static bool question_is_hidden;
static VintQuestion *answering; /* the terminal thread's: what the line is read for; NULL: the line is code */

/* ---- On the session's thread ---- */

static void on_write(void *user, VintCell *cell, VintStream stream, const char *text, size_t length) {
    (void)user, (void)cell;
    terminal_write(stream, text, length);
}

static bool on_progress(void *user, VintCell *cell, const char *line, bool ended) {
    (void)user, (void)cell;
    terminal_progress(line, ended);
    return true;
}

static void write_error(const VintError *error) {
    for (size_t i = 0; i < error->traceback_length; i++) {
        terminal_write(VINT_STDERR, error->traceback[i], strlen(error->traceback[i]));
        terminal_write(VINT_STDERR, "\n", 1);
    }
}

static void on_task_failed(void *user, VintCell *cell, const VintError *error) {
    (void)user, (void)cell;
    write_error(error);
}

static void set_question(VintQuestion *open, const char *prompt, bool hidden) {
    pthread_mutex_lock(&lock);
    question = open;
    free(question_prompt);
    question_prompt = strdup(prompt);
    question_is_hidden = hidden;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    terminal_wake();
}

static void on_ask(void *user, VintCell *cell, const char *prompt, bool password, VintQuestion *asked) {
    (void)user, (void)cell;
    set_question(asked, prompt, password);
}

static void on_ask_cancelled(void *user, VintQuestion *cancelled) {
    (void)user, (void)cancelled;
    set_question(NULL, "", false);
}

static void on_exit_called(void *user, VintCell *cell, int status) {
    (void)user, (void)cell;
    vint_stop(session, status);
}

static void on_idle(void *user) { (void)user; }

static void write_data(const VintDatum *data, size_t count) {
    if (count == 0) return;
    terminal_write(VINT_STDOUT, data->data, data->length);
    if (data->length == 0 || data->data[data->length - 1] != '\n') terminal_write(VINT_STDOUT, "\n", 1);
}

static void code_is_done(void) {
    pthread_mutex_lock(&lock);
    running = false;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_done(void *user, VintCell *cell, const VintResult *result) {
    (void)user, (void)cell;
    if (result->error) {
        bool after_ctrl_c = strcmp(result->error->name, "Interrupted") == 0;
        if (after_ctrl_c) terminal_write(VINT_STDERR, "\n", 1); /* ends the line where the terminal shows ^C */
        write_error(result->error);
    } else {
        write_data(result->data, result->data_length);
    }
    code_is_done();
}

static void write_help(const char *name) {
    const VintDatum *data;
    size_t count, length = strcspn(name, "\n");
    if (vint_inspect(session, name, length, length, 0, &data, &count)) {
        write_data(data, count);
    } else {
        static const char nothing[] = "There is no help for that.\n";
        terminal_write(VINT_STDOUT, nothing, strlen(nothing));
    }
    code_is_done();
}

static void start_code(void *arg) {
    (void)arg;
    VintCellOptions options = {.file = "<repl>", .interactive = true, .allow_ask = true, .drain_ms = VINT_DRAIN_NONE};
    if (code[0] == '?')
        write_help(code + 1);
    else if (vint_wants_to_leave(session, code, code_length))
        vint_execute(session, &options, "exit()", 6, on_done);
    else
        vint_execute(session, &options, code, code_length, on_done);
}

static void stop(void *arg) {
    (void)arg;
    vint_stop(session, 0);
}

/* ---- Completion: asked by the terminal's thread, answered by the session's ---- */

typedef struct {
    char *text;
    size_t length, cursor, before; /* [before]: bytes of earlier lines */
    Completions *found;
    bool done;
} CompletionRequest;

static void on_found(void *arg, const VintCompletion *completion) {
    Completions *found = arg;
    found->names = realloc(found->names, (found->count + 1) * sizeof *found->names);
    if (!found->names) abort();
    found->names[found->count++] = strdup(completion->text);
}

static void find_completions(void *arg) {
    CompletionRequest *request = arg;
    size_t start = request->cursor;
    vint_complete(session, request->text, request->length, request->cursor, &start, on_found, request->found);
    request->found->start = start - request->before;
    pthread_mutex_lock(&lock);
    request->done = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void complete(const char *line, size_t cursor, Completions *found) {
    CompletionRequest request = {.cursor = code_length + cursor, .before = code_length, .found = found};
    int length = asprintf(&request.text, "%.*s%s", (int)code_length, code ? code : "", line);
    if (length < 0) abort();
    request.length = (size_t)length;
    vint_post(session, find_completions, &request, NULL);
    pthread_mutex_lock(&lock);
    while (!request.done && !over) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    free(request.text);
}

/* ---- On the terminal's thread ---- */

/* A line of code is not wanted while there is a question; an answer is not wanted when its question is gone. */
static bool is_wanted(void) {
    pthread_mutex_lock(&lock);
    bool wanted = question == answering && !over;
    pthread_mutex_unlock(&lock);
    return wanted;
}

static bool is_over(void) {
    pthread_mutex_lock(&lock);
    bool is = over;
    pthread_mutex_unlock(&lock);
    return is;
}

static void answer_question(void) {
    pthread_mutex_lock(&lock);
    answering = question;
    char *prompt = strdup(question ? question_prompt : "");
    bool hidden = question_is_hidden;
    pthread_mutex_unlock(&lock);
    if (answering) {
        char *line;
        LineStatus status = hidden ? terminal_read_hidden(prompt, &line) : terminal_read(prompt, "", &line);
        pthread_mutex_lock(&lock);
        if (status != LINE_ABANDONED && question == answering) {
            vint_answer(question, status == LINE_READ ? line : NULL, status == LINE_READ ? strlen(line) : 0);
            question = NULL;
        }
        pthread_mutex_unlock(&lock);
        free(line);
    }
    free(prompt);
    answering = NULL;
}

static void add_line(const char *line) {
    size_t length = strlen(line);
    code = realloc(code, code_length + length + 2);
    if (!code) abort();
    memcpy(code + code_length, line, length);
    code_length += length;
    code[code_length++] = '\n';
    code[code_length] = '\0';
}

static bool is_blank(const char *text) { return text[strspn(text, " \t\n")] == '\0'; }

/* Reads lines until they are a complete piece of code; false: the user wants to leave. */
static bool read_code(void) {
    char typed_before[64] = "", *typed = strdup("");
    code_length = 0;
    for (;;) {
        char *line;
        LineStatus status = terminal_read(code_length ? PROMPT_MORE : PROMPT, typed, &line);
        free(typed);
        switch (status) {
        case LINE_READ:
            terminal_remember(line);
            add_line(line);
            free(line);
            if (code_length && !is_blank(code)) {
                if (code[0] == '?' || vint_is_complete(code, code_length - 1, typed_before) != VINT_INCOMPLETE) return true;
                typed = strdup(typed_before);
            } else {
                code_length = 0;
                typed = strdup("");
            }
            break;
        case LINE_ABANDONED:
            typed = line;
            if (is_over()) {
                free(typed);
                return false;
            }
            answer_question();
            break;
        default:
            free(line);
            if (status == LINE_END && code_length == 0) return false;
            code_length = 0;
            typed = strdup("");
        }
    }
}

static void run_code(void) {
    running = true;
    vint_post(session, start_code, NULL, NULL);
    pthread_mutex_lock(&lock);
    while (running && !over) {
        if (question) {
            pthread_mutex_unlock(&lock);
            answer_question();
            pthread_mutex_lock(&lock);
        } else {
            pthread_cond_wait(&changed, &lock);
        }
    }
    pthread_mutex_unlock(&lock);
}

static void *read_and_run(void *arg) {
    while (read_code()) run_code();
    vint_post(session, stop, NULL, NULL);
    return arg;
}

static void on_sigint(int signal) {
    (void)signal;
    if (!running) terminal_interrupt();
    vint_interrupt(session);
}

int repl_run(void) {
    static const VintHost host = {.write = on_write,
                                  .progress = on_progress,
                                  .task_failed = on_task_failed,
                                  .ask = on_ask,
                                  .ask_cancelled = on_ask_cancelled,
                                  .exit = on_exit_called,
                                  .idle = on_idle};
    static const TerminalUser user = {complete, is_wanted};
    /* Numbers stay as they are: only characters are the locale's, and they are UTF-8. */
    const char *locale = setlocale(LC_CTYPE, "");
    if (!locale || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");

    session = session_open(&host, NULL);
    if (!session) return STATUS_ERROR;
    if (!terminal_open(&user)) {
        fputs("vint: the terminal cannot be used\n", stderr);
        return STATUS_ERROR;
    }
    struct sigaction action = {.sa_handler = on_sigint, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    printf("VintLang %s. ?name shows help, Ctrl-D leaves.\n", VINT_VERSION);
    fflush(stdout);

    pthread_t thread;
    if (pthread_create(&thread, NULL, read_and_run, NULL) != 0) abort();
    int status = vint_run(session);

    pthread_mutex_lock(&lock);
    over = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    terminal_wake();
    pthread_join(thread, NULL);
    terminal_close();
    free(code);
    free(question_prompt);
    bool ended = vint_session_end(session);
    fflush(stdout);
    if (!ended) _exit(status);
    return status;
}
