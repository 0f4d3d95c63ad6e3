/*
 * terminal.h -- lines from a terminal, edited with libedit, while output may appear at any time.
 *
 * One thread, the terminal's, reads; any thread may write.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "vint.h"

typedef struct {
    char **names; /* malloc'ed, the names too */
    size_t count;
    size_t start; /* byte of the line where the completed word begins */
} Completions;

typedef struct {
    /* Names that could stand at byte [cursor] of [line]. */
    void (*complete)(const char *line, size_t cursor, Completions *completions);
    /* Is the line still wanted? Asked after terminal_wake(). */
    bool (*wanted)(void);
} TerminalUser;

/* [user] is copied. False: there is no terminal to edit lines with. */
bool terminal_open(const TerminalUser *user);
void terminal_close(void);

typedef enum { LINE_READ, LINE_END, LINE_INTERRUPTED, LINE_ABANDONED } LineStatus;

/*
 * Terminal's thread: reads a line that begins with the text [typed]. [line] receives, malloc'ed, what was entered,
 * without its end, or had been entered when the line was no longer wanted (LINE_ABANDONED).
 */
LineStatus terminal_read(const char *prompt, const char *typed, char **line);

/* The same without showing what is typed. */
LineStatus terminal_read_hidden(const char *prompt, char **line);

/* Puts a line into the history, which is saved in the user's state folder. */
void terminal_remember(const char *line);

/* Any thread: has the line that is being read looked after: is it still wanted? */
void terminal_wake(void);

/* Signal handlers: ends the line that is being read with LINE_INTERRUPTED. */
void terminal_interrupt(void);

/* Any thread: writes above the line that is being read, if one is. */
void terminal_write(VintStream stream, const char *text, size_t length);

/* Shows a progress bar, unless the user is typing. */
void terminal_progress(const char *line, bool ended);

#endif
