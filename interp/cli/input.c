/*
 * input.c -- a thread that reads lines from standard input, started by the first question.
 *
 * It reads a line only when a question is open. A line that arrives after its question was cancelled, or was on its way
 * then, is kept for the next question, so nothing that was piped in is lost.
 */
#include "input.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked = PTHREAD_COND_INITIALIZER;
static VintQuestion *open_question; /* under [lock], as the next three */
static bool echo_is_off, again; /* again: the last line has not reached its question */
static struct termios with_echo;

/* What was read; only the thread's. */
static char *bytes;
static size_t start, end, capacity;

/* The next line without its end, in [bytes]; NULL at the end of input. */
static const char *read_line(size_t *length) {
    for (size_t seen = start;;) {
        char *newline = end > seen ? memchr(bytes + seen, '\n', end - seen) : NULL;
        seen = end;
        if (!newline) {
            if (start > 0) {
                memmove(bytes, bytes + start, end - start);
                end -= start;
                seen -= start;
                start = 0;
            }
            if (capacity - end < 4096) {
                capacity = capacity ? capacity * 2 : 8192;
                bytes = realloc(bytes, capacity);
                if (!bytes) abort();
            }
            ssize_t count = read(STDIN_FILENO, bytes + end, capacity - end);
            if (count < 0 && errno == EINTR) continue;
            if (count > 0) {
                end += (size_t)count;
                continue;
            }
            if (end == 0) return NULL;
        }
        const char *line = bytes + start;
        *length = newline ? (size_t)(newline - line) : end - start;
        start = newline ? start + *length + 1 : end;
        if (*length > 0 && line[*length - 1] == '\r') --*length;
        return line;
    }
}

static void echo_on(void) {
    if (!echo_is_off) return;
    tcsetattr(STDIN_FILENO, TCSANOW, &with_echo);
    echo_is_off = false;
    if (write(STDOUT_FILENO, "\n", 1) < 0) return; /* the one that was not shown */
}

static void echo_off(void) {
    if (echo_is_off || tcgetattr(STDIN_FILENO, &with_echo) != 0) return;
    struct termios hidden = with_echo;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    echo_is_off = tcsetattr(STDIN_FILENO, TCSANOW, &hidden) == 0;
}

static void *reader(void *arg) {
    size_t length = 0;
    const char *line = NULL;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!open_question) pthread_cond_wait(&asked, &lock);
        if (!again) {
            pthread_mutex_unlock(&lock);
            line = read_line(&length);
            pthread_mutex_lock(&lock);
        }
        while (!open_question) pthread_cond_wait(&asked, &lock);
        again = false;
        echo_on();
        vint_answer(open_question, line, length);
        open_question = NULL;
    }
    return arg;
}

void input_ask(VintQuestion *question, bool hidden) {
    static bool started;
    pthread_mutex_lock(&lock);
    open_question = question;
    if (hidden) echo_off();
    if (!started) {
        pthread_t thread;
        started = pthread_create(&thread, NULL, reader, NULL) == 0;
        if (!started) abort();
        pthread_detach(thread);
    }
    pthread_cond_signal(&asked);
    pthread_mutex_unlock(&lock);
}

void input_cancel(const VintQuestion *question) {
    pthread_mutex_lock(&lock);
    if (!question || open_question == question)
        open_question = NULL;
    else
        again = true; /* it was answered a moment ago, in vain */
    echo_on();
    pthread_mutex_unlock(&lock);
}
