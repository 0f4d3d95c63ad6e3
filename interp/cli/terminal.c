/*
 * terminal.c -- lines from a terminal.
 *
 * libedit asks for each character through a function of ours, and that function is where everything happens: it waits
 * for the keyboard and for a pipe, the wake pipe, at once. Whoever wants something of the thread that is reading a
 * line (has text to write, a question, an interrupt) leaves it where it is found and writes a byte into the pipe. So
 * libedit's state is only touched by the thread that reads, and text that a background task prints appears above the
 * line being edited.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "output.h"

#define HISTORY_SIZE 1000
#define QUEUE_LIMIT (1 << 20) /* bytes that may wait for the reading thread to write them */
#define TAB_TEXT "    "

/* Text that waits to be written above the line. */
typedef struct Chunk {
    struct Chunk *next;
    VintStream stream;
    size_t length;
    char text[];
} Chunk;

static TerminalUser user;
static EditLine *editor;
static History *past;
static char history_file[PATH_MAX];
static int wake_pipe[2];
static atomic_bool interrupted, disturbed; /* disturbed: another window size, or back from the background */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_is_empty = PTHREAD_COND_INITIALIZER;
static bool reading; /* under [lock], as the next three */
static Chunk *queue_first, **queue_end = &queue_first;
static size_t queued;

/* Of the line being read. */
static const char *current_prompt;
static bool hidden;
static LineStatus outcome;
static char *entered;

void terminal_wake(void) {
    int saved = errno;
    ssize_t written = write(wake_pipe[1], "", 1);
    (void)written; /* a full pipe wakes as well */
    errno = saved;
}

void terminal_interrupt(void) {
    interrupted = true;
    terminal_wake();
}

static void on_disturbance(int signal) {
    (void)signal;
    disturbed = true;
    terminal_wake();
}

/* ---- Writing ---- */

void terminal_write(VintStream stream, const char *text, size_t length) {
    pthread_mutex_lock(&lock);
    while (reading && queued > QUEUE_LIMIT) pthread_cond_wait(&queue_is_empty, &lock);
    if (reading) {
        Chunk *chunk = malloc(sizeof *chunk + length);
        if (!chunk) abort();
        chunk->next = NULL;
        chunk->stream = stream;
        chunk->length = length;
        memcpy(chunk->text, text, length);
        *queue_end = chunk;
        queue_end = &chunk->next;
        if (queued == 0) terminal_wake();
        queued += length;
    } else {
        output_write(stream, text, length);
    }
    pthread_mutex_unlock(&lock);
}

void terminal_progress(const char *line, bool ended) {
    pthread_mutex_lock(&lock);
    if (!reading) output_progress(line, ended);
    pthread_mutex_unlock(&lock);
}

static void write_queue(void) {
    while (queue_first) {
        Chunk *chunk = queue_first;
        queue_first = chunk->next;
        output_write(chunk->stream, chunk->text, chunk->length);
        free(chunk);
    }
    queue_end = &queue_first;
    queued = 0;
    pthread_cond_broadcast(&queue_is_empty);
}

static void begin_new_line(void) {
    output_leave_progress();
    if (!output_at_line_start()) output_write(VINT_STDOUT, "\n", 1);
}

static void put(const char *text) { output_write(VINT_STDOUT, text, strlen(text)); }

/* Moves to the beginning of the prompt and clears the screen from there on. */
static void hide_line(void) {
    struct winsize size;
    int columns = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    int width = (int)strlen(current_prompt);
    if (!hidden) {
        const LineInfoW *info = el_wline(editor);
        for (const wchar_t *c = info->buffer; c < info->cursor; c++) {
            int w = wcwidth(*c);
            width += w > 0 ? w : 0;
        }
    }
    char sequence[32];
    if (width / columns > 0) {
        snprintf(sequence, sizeof sequence, "\x1b[%dA", width / columns);
        put(sequence);
    }
    put("\r\x1b[J");
}

static void show_line(void) {
    if (hidden)
        put(current_prompt);
    else
        el_set(editor, EL_REFRESH);
}

static void write_queue_above(void) {
    pthread_mutex_lock(&lock);
    if (queue_first) {
        hide_line();
        write_queue();
        begin_new_line();
        show_line();
    }
    pthread_mutex_unlock(&lock);
}

/* ---- Reading ---- */

/* Something other than the keyboard wants attention; false: the line ends. */
static bool look_around(void) {
    char bytes[64];
    while (read(wake_pipe[0], bytes, sizeof bytes) > 0) {}
    write_queue_above();
    if (atomic_exchange(&disturbed, false) && !hidden) {
        el_resize(editor);
        el_set(editor, EL_PREP_TERM, 0);
        el_set(editor, EL_PREP_TERM, 1);
        show_line();
    }
    if (atomic_exchange(&interrupted, false)) {
        outcome = LINE_INTERRUPTED;
        return false;
    }
    if (!user.wanted()) {
        outcome = LINE_ABANDONED;
        return false;
    }
    return true;
}

/* The next byte from the keyboard; -1 when the line ends here. */
static int read_byte(void) {
    for (;;) {
        struct pollfd fds[] = {{.fd = wake_pipe[0], .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno == EINTR) continue;
        if (fds[0].revents && !look_around()) return -1;
        if (!fds[1].revents) continue;
        unsigned char byte;
        ssize_t count = read(STDIN_FILENO, &byte, 1);
        if (count == 1) return byte;
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        outcome = LINE_END;
        return -1;
    }
}

/* What libedit calls for each character. */
static int read_character(EditLine *el, wchar_t *c) {
    mbstate_t state = {0};
    for (;;) {
        int next = read_byte();
        if (next < 0) {
            const LineInfo *info = el_line(el);
            free(entered);
            entered = strndup(info->buffer, (size_t)(info->lastchar - info->buffer));
            return 0;
        }
        char byte = (char)next;
        size_t length = mbrtowc(c, &byte, 1, &state);
        if (length == (size_t)-2) continue;
        if (length == (size_t)-1) {
            memset(&state, 0, sizeof state); /* not text: left out */
            continue;
        }
        return 1;
    }
}

static char *prompt_text(EditLine *el) {
    (void)el;
    return (char *)current_prompt;
}

static void reading_begins(const char *prompt, bool is_hidden) {
    pthread_mutex_lock(&lock);
    begin_new_line();
    current_prompt = prompt;
    hidden = is_hidden;
    interrupted = false;
    reading = true;
    pthread_mutex_unlock(&lock);
    outcome = LINE_READ;
    terminal_wake(); /* what happened up to now is looked at */
}

/* An unfinished line is left standing, unless it is going to be shown again. */
static LineStatus reading_ends(void) {
    pthread_mutex_lock(&lock);
    reading = false;
    if (outcome == LINE_ABANDONED) hide_line();
    if (outcome == LINE_INTERRUPTED) put("^C\n");
    if (outcome == LINE_END) put("\n");
    write_queue();
    pthread_mutex_unlock(&lock);
    return outcome;
}

LineStatus terminal_read(const char *prompt, const char *typed, char **line) {
    reading_begins(prompt, false);
    if (*typed) el_push(editor, typed);
    int length = 0;
    const char *text = el_gets(editor, &length);
    if (outcome == LINE_READ && (!text || length <= 0)) outcome = LINE_END;
    if (outcome == LINE_READ) {
        if (text[length - 1] == '\n') length--;
        free(entered);
        entered = strndup(text, (size_t)length);
    }
    *line = entered ? entered : strdup("");
    entered = NULL;
    return reading_ends();
}

LineStatus terminal_read_hidden(const char *prompt, char **line) {
    struct termios shown, unshown;
    tcgetattr(STDIN_FILENO, &shown);
    unshown = shown;
    unshown.c_lflag &= ~(tcflag_t)ECHO;
    reading_begins(prompt, true);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &unshown);
    put(prompt);
    size_t length = 0, capacity = 64;
    *line = malloc(capacity);
    for (int byte; (byte = read_byte()) >= 0 && byte != '\n';) {
        if (length + 1 == capacity) *line = realloc(*line, capacity *= 2);
        (*line)[length++] = (char)byte;
    }
    (*line)[length] = '\0';
    tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    if (outcome == LINE_READ) put("\n");
    return reading_ends();
}

/* ---- Keys of our own ---- */

/* How much all names have in common at their beginning; whole characters. */
static size_t common_length(const Completions *found) {
    size_t length = strlen(found->names[0]);
    for (size_t i = 1; i < found->count; i++) {
        size_t same = 0;
        while (same < length && found->names[i][same] == found->names[0][same]) same++;
        length = same;
    }
    while (length > 0 && (found->names[0][length] & 0xC0) == 0x80) length--;
    return length;
}

#define LISTED 200 /* names that are shown at once */

static void list_names(const Completions *found) {
    pthread_mutex_lock(&lock);
    put("\n");
    for (size_t i = 0; i < found->count && i < LISTED; i++) {
        put(found->names[i]);
        put(i + 1 < found->count ? "  " : "");
    }
    put(found->count > LISTED ? "…\n" : "\n");
    pthread_mutex_unlock(&lock);
}

/* Does nothing but blanks stand before the cursor? */
static bool is_indent(const LineInfo *info) {
    const char *c = info->buffer;
    while (c < info->cursor && *c == ' ') c++;
    return c == info->cursor;
}

/* A closing brace goes back one step of indentation. */
static unsigned char on_brace(EditLine *el, int c) {
    (void)c;
    const LineInfo *info = el_line(el);
    const int step = sizeof TAB_TEXT - 1;
    if (is_indent(info) && info->cursor - info->buffer >= step) el_deletestr(el, step);
    return el_insertstr(el, "}") == 0 ? CC_REFRESH : CC_ERROR;
}

static size_t characters(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) count += (text[i] & 0xC0) != 0x80;
    return count;
}

static unsigned char on_tab(EditLine *el, int c) {
    (void)c;
    const LineInfo *info = el_line(el);
    size_t cursor = (size_t)(info->cursor - info->buffer);
    if (is_indent(info)) return el_insertstr(el, TAB_TEXT) == 0 ? CC_REFRESH : CC_ERROR;

    char *line = strndup(info->buffer, (size_t)(info->lastchar - info->buffer));
    Completions found = {0};
    user.complete(line, cursor, &found);
    unsigned char result = CC_ERROR;
    size_t typed = cursor - found.start, common = found.count ? common_length(&found) : 0;
    bool is_here = found.count > 0 && found.start <= cursor; /* the word did not begin on an earlier line */
    bool goes_on = is_here && common >= typed && memcmp(found.names[0], line + found.start, typed) == 0;
    if (is_here && common > 0 && (!goes_on || common > typed)) {
        char *text = strndup(found.names[0] + (goes_on ? typed : 0), goes_on ? common - typed : common);
        if (!goes_on) el_deletestr(el, (int)characters(line + found.start, typed)); /* it differs in case */
        if (el_insertstr(el, text) == 0) result = CC_REFRESH;
        free(text);
    } else if (found.count > 1) {
        list_names(&found);
        result = CC_REDISPLAY;
    }
    for (size_t i = 0; i < found.count; i++) free(found.names[i]);
    free(found.names);
    free(line);
    return result;
}

/* ---- Beginning and end ---- */

static void make_folders(char *path) {
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
}

static void open_history(void) {
    HistEvent event;
    past = history_init();
    if (!past) return;
    history(past, &event, H_SETSIZE, HISTORY_SIZE);
    history(past, &event, H_SETUNIQUE, 1);
    el_set(editor, EL_HIST, history, past);
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length = 0;
    if (state && *state)
        length = snprintf(history_file, sizeof history_file, "%s/vint/history", state);
    else if (home && *home)
        length = snprintf(history_file, sizeof history_file, "%s/.local/state/vint/history", home);
    if (length >= (int)sizeof history_file) history_file[0] = '\0';
    if (!history_file[0]) return;
    make_folders(history_file);
    history(past, &event, H_LOAD, history_file);
}

void terminal_remember(const char *line) {
    HistEvent event;
    if (!past || !line[strspn(line, " \t")]) return;
    history(past, &event, H_ENTER, line);
    if (history_file[0]) history(past, &event, H_SAVE, history_file);
}

bool terminal_open(const TerminalUser *terminal_user) {
    user = *terminal_user;
    if (pipe2(wake_pipe, O_NONBLOCK | O_CLOEXEC) != 0) return false;
    editor = el_init("vint", stdin, stdout, stderr);
    if (!editor) return false;
    el_set(editor, EL_PROMPT, prompt_text);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_SIGNAL, 0);
    el_set(editor, EL_GETCFN, read_character);
    el_set(editor, EL_ADDFN, "vint-complete", "Complete the name before the cursor", on_tab);
    el_set(editor, EL_BIND, "^I", "vint-complete", NULL);
    el_set(editor, EL_ADDFN, "vint-brace", "Insert a closing brace where it belongs", on_brace);
    el_set(editor, EL_BIND, "}", "vint-brace", NULL);
    el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    open_history();
    el_source(editor, NULL);
    struct sigaction action = {.sa_handler = on_disturbance, .sa_flags = SA_RESTART};
    sigaction(SIGWINCH, &action, NULL);
    sigaction(SIGCONT, &action, NULL);
    return true;
}

void terminal_close(void) {
    if (past) history_end(past);
    el_end(editor);
}
