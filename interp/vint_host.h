/*
 * vint_host.h -- what the interpreter says, and to whom: a part of vint.h.
 *
 * Everything that comes out of a session arrives at its host, a table of callbacks. They run on the session's thread,
 * between two instructions of a task or between two tasks, never inside one another.
 */
#ifndef VINT_HOST_H
#define VINT_HOST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct VintCell VintCell;
typedef struct VintQuestion VintQuestion;

typedef enum { VINT_STDOUT, VINT_STDERR } VintStream;

/* One representation of a value. [data] is not NUL-terminated when [length] says less; `application/json` data is JSON
 * text. */
typedef struct {
    const char *mime;
    const char *data;
    size_t length;
} VintDatum;

/* An error as a host shows it. Everything is UTF-8 and belongs to the interpreter: valid during the callback only. */
typedef struct {
    const char *name;    /* "TypeError", "SyntaxError", "DeadlockError", "Interrupted", the name of a custom error … */
    const char *message; /* one line, or several for several syntax errors */
    const char *const *traceback; /* the whole report line by line: place and "Name: message", source line, caret, call stack */
    size_t traceback_length;
} VintError;

/* How an execution ended. */
typedef struct {
    const VintError *error;  /* NULL when the main code ended normally */
    const VintDatum *data;   /* representations of the result, text/plain first; empty when there is no result */
    size_t data_length;
    bool background_failed;  /* a task of the cell failed, or a rejection stayed unhandled, before this moment */
} VintResult;

/*
 * A *comm* is a line between a program's tasks and something outside that the host knows. Either side opens it, for a
 * named target; both send messages on it, and either one closes it. This is one of these acts, by whichever side. It
 * belongs to the caller.
 */
typedef enum { VINT_COMM_OPEN, VINT_COMM_MESSAGE, VINT_COMM_CLOSE } VintCommAct;
typedef struct {
    const char *data;
    size_t length;
} VintBytes;
typedef struct {
    VintCommAct act;
    const char *id;           /* of the comm; whoever opens it makes one that is new */
    const char *target;       /* what it is for; NULL unless it is opened */
    VintBytes data;           /* a JSON object, as text */
    const VintBytes *buffers; /* bytes that go along */
    size_t buffer_count;
} VintComm;

/* Which code of earlier cells is wanted: all that fits [pattern], or, when that is NULL, lines of a session; or the
 * last ones. */
typedef struct {
    const char *pattern; /* a glob for the whole text of a cell */
    long session;        /* 0: the running one; -1: the one before it, and so on */
    long start, stop;    /* lines from [start] on, before [stop] */
    long last;           /* not 0: so many of the last ones, of all sessions */
} VintHistoryQuery;

/* What the interpreter asks of its surroundings. Every member must be set, unless it says otherwise. [user] is passed
 * through. */
typedef struct {
    void *user;
    /* Text printed by a task of [cell]. Never empty. May end inside a UTF-8 sequence only if the program made it so. */
    void (*write)(void *user, VintCell *cell, VintStream stream, const char *text, size_t length);
    /* display(): a value to be shown in [cell], text/plain first. [id], or NULL, names it for updates; [update]:
     * replaces what was shown under that id. May be NULL: then the text is written to stdout. */
    void (*display)(void *user, VintCell *cell, const VintDatum *data, size_t length, const char *id, bool update);
    /* A progress bar, as a line of text without its end; [ended]: this is the last of it. True: it was shown, in place
     * of the line before. False, or NULL here: it is shown by display(). */
    bool (*progress)(void *user, VintCell *cell, const char *line, bool ended);
    /* clear(): removes what the cell has shown so far; [wait]: only when the next output comes. May be NULL. */
    void (*clear)(void *user, VintCell *cell, bool wait);
    /* Text to be read beside [cell], such as help. False: it cannot be shown so; then, or when this is NULL, it is
     * written to stdout. */
    bool (*page)(void *user, VintCell *cell, const VintDatum *data, size_t length);
    /* [text] is to stand in the user's next input, or, if [replace], in place of the cell's code. False: that cannot be
     * done. May be NULL. */
    bool (*set_next_input)(void *user, VintCell *cell, const char *text, size_t length, bool replace);
    /* A task of [cell] other than its main code failed and nobody awaited it. */
    void (*task_failed)(void *user, VintCell *cell, const VintError *error);
    /* input(): answer with vint_answer(). At most one question is open in a session; further ones wait their turn. */
    void (*ask)(void *user, VintCell *cell, const char *prompt, bool password, VintQuestion *question);
    /* The open question is not wanted any more (its task was interrupted). It must not be answered after this. */
    void (*ask_cancelled)(void *user, VintQuestion *question);
    /* A task of [cell] does something with a comm. May be NULL: programs get an error instead. */
    void (*comm)(void *user, VintCell *cell, const VintComm *comm);
    /* Calls [found] for the code of earlier cells, the oldest first. On another thread than the session's; it may take
     * its time. NULL: no history is kept. */
    void (*history)(void *user, const VintHistoryQuery *query,
                    void (*found)(void *arg, long session, long line, const char *code, size_t length), void *arg);
    /* exit(code) was called by a task of [cell]. The task that called it never goes on. */
    void (*exit)(void *user, VintCell *cell, int code);
    /* All code that runs waits, and no task can wake it: may the host yet start an execution that does? If not, waiting
     * main code gets a DeadlockError. May be NULL: no. */
    bool (*may_execute)(void *user);
    /* The session is about to wait for something to happen: time to flush what was collected. */
    void (*idle)(void *user);
} VintHost;

#endif
