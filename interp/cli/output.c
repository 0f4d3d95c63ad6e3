/*
 * output.c -- standard output, collected, and standard error, in the order in which they were written.
 */
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static char collected[64 << 10];
static size_t collected_length;
static bool line_started;
static bool bar_shown; /* a progress bar, in a line that is begun */

static void write_all(int fd, const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written >= 0) {
            text += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        } else if (errno == EPIPE && fd == STDOUT_FILENO) {
            _exit(STATUS_BROKEN_PIPE);
        } else if (errno != EINTR) {
            return;
        }
    }
}

void output_flush(void) {
    write_all(STDOUT_FILENO, collected, collected_length);
    collected_length = 0;
}

static void take_bar_away(void) {
    bar_shown = false;
    write_all(STDERR_FILENO, "\r\x1b[K", 4);
}

void output_progress(const char *line, bool ended) {
    static int terminal = -1;
    if (terminal < 0) terminal = isatty(STDERR_FILENO);
    if (!terminal) return;
    if (!bar_shown && line_started) output_write(VINT_STDERR, "\n", 1);
    output_flush();
    take_bar_away();
    write_all(STDERR_FILENO, line, strlen(line));
    if (ended) write_all(STDERR_FILENO, "\n", 1);
    bar_shown = !ended;
}

void output_leave_progress(void) {
    if (bar_shown) write_all(STDERR_FILENO, "\n", 1);
    bar_shown = false;
}

void output_write(VintStream stream, const char *text, size_t length) {
    static int terminal = -1;
    if (terminal < 0) terminal = isatty(STDOUT_FILENO);
    if (length == 0) return;
    if (bar_shown) take_bar_away();
    if (stream == VINT_STDERR || length > sizeof collected - collected_length) output_flush();
    if (stream == VINT_STDERR || length > sizeof collected) {
        write_all(stream == VINT_STDERR ? STDERR_FILENO : STDOUT_FILENO, text, length);
    } else {
        memcpy(collected + collected_length, text, length);
        collected_length += length;
        if (terminal) output_flush();
    }
    line_started = text[length - 1] != '\n';
}

bool output_at_line_start(void) { return !line_started; }

void output_error(const VintError *error) {
    for (size_t i = 0; i < error->traceback_length; i++) {
        output_write(VINT_STDERR, error->traceback[i], strlen(error->traceback[i]));
        output_write(VINT_STDERR, "\n", 1);
    }
}

bool output_wants_color(void) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}
