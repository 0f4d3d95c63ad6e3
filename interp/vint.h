/*
 * vint.h -- the one face of the VintLang interpreter.
 *
 * A *session* is one persistent interpreter: global variables, a heap, a scheduler with its tasks, timers and
 * promises. Source goes in with vint_execute(); everything that comes out (text, questions, errors of background
 * tasks) arrives at the *host*, a table of callbacks that names, each time, the *cell* it belongs to. A cell is one
 * execution: a notebook cell, a script, a line of the REPL. A task carries the cell of the code that started it for
 * as long as it lives, so output that comes late still says where it belongs.
 *
 * Threads: a session belongs to the thread that made it. Only vint_post(), vint_interrupt() and vint_answer() may be
 * called from elsewhere. All callbacks run on the session's thread, between two instructions of a task or between two
 * tasks, never inside one another.
 */
#ifndef VINT_H
#define VINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VINT_VERSION "0.1.0"

typedef struct VintSession VintSession;
typedef struct VintCell VintCell;
typedef struct VintQuestion VintQuestion;

typedef enum { VINT_STDOUT, VINT_STDERR } VintStream;

/* One representation of a value. [data] is not NUL-terminated when [length] says less; `application/json` data is JSON text. */
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

/* Which code of earlier cells is wanted: all that fits [pattern], or, when that is NULL, lines of a session; or the last ones. */
typedef struct {
    const char *pattern; /* a glob for the whole text of a cell */
    long session;        /* 0: the running one; -1: the one before it, and so on */
    long start, stop;    /* lines from [start] on, before [stop] */
    long last;           /* not 0: so many of the last ones, of all sessions */
} VintHistoryQuery;

/* What the interpreter asks of its surroundings. Every member must be set, unless it says otherwise. [user] is passed through. */
typedef struct {
    void *user;
    /* Text printed by a task of [cell]. Never empty. May end inside a UTF-8 sequence only if the program made it so. */
    void (*write)(void *user, VintCell *cell, VintStream stream, const char *text, size_t length);
    /* display(): a value to be shown in [cell], text/plain first. [id], or NULL, names it for updates; [update]: replaces what was
     * shown under that id. May be NULL: then the text is written to stdout. */
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
    /* Calls [found] for the code of earlier cells, the oldest first. On another thread than the session's; it may take its
     * time. NULL: no history is kept. */
    void (*history)(void *user, const VintHistoryQuery *query,
                    void (*found)(void *arg, long session, long line, const char *code, size_t length), void *arg);
    /* exit(code) was called by a task of [cell]. The task that called it never goes on. */
    void (*exit)(void *user, VintCell *cell, int code);
    /* All code that runs waits, and no task can wake it: may the host yet start an execution that does? If not, waiting main code
     * gets a DeadlockError. May be NULL: no. */
    bool (*may_execute)(void *user);
    /* The session is about to wait for something to happen: time to flush what was collected. */
    void (*idle)(void *user);
} VintHost;

typedef struct {
    VintHost host;
    bool color;              /* colour tracebacks with ANSI sequences */
    size_t heap_limit;       /* bytes; 0: three quarters of the memory there is */
    const char *const *args; /* what args() returns; may be NULL */
    size_t args_length;
} VintOptions;

#define VINT_DRAIN_NONE 0      /* the execution ends when its tasks that can run right now have had their turn */
#define VINT_DRAIN_FOREVER (-1) /* … when none of its tasks can ever make progress any more */

typedef struct {
    const char *file;   /* names the source in places: "In[3]", "main.vint"; copied */
    int number;         /* by which the program can name the cell; its output is kept for a while. 0: neither */
    const char *key;    /* which notebook cell it is, so that a later run of it is known; copied. NULL: one is known by its code */
    void *user;         /* the host's own data for this cell */
    void (*release)(void *user); /* called once, when the execution is over and the last task of the cell is gone; may be NULL */
    bool interactive;   /* the last expression is the result; top-level names of earlier executions may be declared anew */
    bool allow_ask;     /* false: input() is an error */
    int64_t drain_ms;   /* VINT_DRAIN_NONE, VINT_DRAIN_FOREVER, or how long to wait for the cell's own tasks */
} VintCellOptions;

/* Called once for each execution, after everything its code printed so far has been written to the host. */
typedef void (*VintDone)(void *user, VintCell *cell, const VintResult *result);

/* Makes a session; NULL and a message in [why] (of at least 256 bytes) when the system refuses what it needs. [options] is copied. */
VintSession *vint_session_new(const VintOptions *options, char *why);
/* Ends every task without running it further, calls the cells' release functions, frees all. */
void vint_session_free(VintSession *session);
/* For a process that is about to exit: ends every task, reports what went unseen, and leaves the memory to the system. */
void vint_session_end(VintSession *session);

/* What a session's memory holds, and how long its collector has held up the program. Bytes and nanoseconds. */
typedef struct {
    uint64_t collections, pauses;
    uint64_t pause_50, pause_99, pause_max; /* 50 % and 99 % of the pauses took no longer, and none than the last */
    uint64_t collecting;                    /* all pauses together */
    uint64_t allocated;                     /* since the session began */
    size_t in_use, most_in_use;             /* garbage included, until it is collected */
} VintMemory;
void vint_memory(const VintSession *session, VintMemory *memory);

/*
 * Starts [code] as the main code of a new cell and returns at once; [done] tells the end, from inside vint_run().
 * Executions started while another one is still running run beside it, as tasks do: a host that wants one after the
 * other waits for [done]. Syntax errors end the execution with an error named SyntaxError.
 */
VintCell *vint_execute(VintSession *session, const VintCellOptions *options, const char *code, size_t length, VintDone done);

/* The value of an option that the user may set (vm/options.h has their names), for hosts that have a part in it. */
int64_t vint_option(const VintSession *session, const char *name);
void vint_set_option(VintSession *session, const char *name, int64_t value);

/* The host's data of a cell, as given in its options. */
void *vint_cell_user(const VintCell *cell);

/* Runs tasks, timers and posted functions until vint_stop(); returns the status given there. */
int vint_run(VintSession *session);
void vint_stop(VintSession *session, int status);

/* Any thread: has [fn] called on the session's thread, soon, even while a task computes. In order of posting. */
void vint_post(VintSession *session, void (*fn)(void *arg), void *arg);

/*
 * Any thread, and signal handlers: raises Interrupted in the main code of every execution that is not over, and in the
 * tasks that these have started, wherever they compute, sleep or wait. When there is no such execution, it tells each
 * cell that has tasks in the background of them (on stderr, a moment later); again within two seconds it stops all tasks.
 */
void vint_interrupt(VintSession *session);

/* Any thread: the answer to a question, as one line without its end; NULL: end of input. [text] is copied. */
void vint_answer(VintQuestion *question, const char *text, size_t length);

/*
 * Something comes in on a comm; tasks that wait for it go on, in vint_run(). False: nobody listens for this target, or no such
 * comm is open; nothing has happened then. When nobody receives what comes, the comm is closed at a limit
 * (modules/comm.c), by a call of the host's comm().
 */
bool vint_comm(VintSession *session, const VintComm *comm);

typedef enum { VINT_COMPLETE, VINT_INCOMPLETE, VINT_INVALID } VintCompleteness;

/* Any thread, no session needed: could [code] be executed as it stands, or is more to come? On VINT_INCOMPLETE, [indent]
 * (of at least 64 bytes) receives the blanks that the next line should start with. */
VintCompleteness vint_is_complete(const char *code, size_t length, char *indent);

/* Something that could stand at the cursor. Everything is UTF-8 and valid during the callback only. */
typedef struct {
    const char *text;      /* what to put in the place of the word that has begun */
    const char *kind;      /* function method class module variable property constant param key keyword type path magic */
    const char *signature; /* "(w, h = 1): int" of functions and types, ": INTEGER" of values; "" when nothing is known */
} VintCompletion;

/*
 * Calls [found] for what could stand at byte [cursor] of [code], in a useful order: names, members, keys of dicts, names of
 * arguments, modules, files … by what stands before the cursor. [start] receives the byte where the word begins that
 * each of them would replace up to the cursor. Nothing is run for it.
 */
void vint_complete(VintSession *session, const char *code, size_t length, size_t cursor, size_t *start,
                   void (*found)(void *arg, const VintCompletion *completion), void *arg);

/*
 * Help for the name at or before byte [cursor], or else for the function whose arguments the cursor stands in: true and
 * data (text/plain, text/markdown, text/html) valid until the next call on this session, or false. [detail] 1: with source
 * and whole value. Nothing is run for it.
 */
bool vint_inspect(VintSession *session, const char *code, size_t length, size_t cursor, int detail,
                  const VintDatum **data, size_t *data_length);

/*
 * Calls [found] for each word that an editor may colour: "keywords", "softKeywords" and "declaratives" (both are names
 * wherever they begin nothing), "constants", "types", "modules", and "functions", those that every program has.
 */
void vint_words(VintSession *session, void (*found)(void *arg, const char *kind, const char *word), void *arg);

/* ---- Tools for source texts -------------------------------------------------------------------------------------- */

/* Something found in a source text. Everything is UTF-8 and valid during the callback only. */
typedef struct {
    bool is_warning;     /* the program can be run all the same */
    size_t line, column; /* from 1; columns in code points */
    const char *message; /* one line */
    const char *report;  /* several: place and message, source line, caret, hint; without an end of line */
} VintProblem;
typedef void (*VintFound)(void *arg, const VintProblem *problem);

/*
 * Any thread, no session needed: the program [code] in the usual layout, malloc'ed; [formatted_length] in bytes, a NUL
 * follows. A program in that layout stays as it is. NULL, after [found] was called for each of the reasons, when [code]
 * has syntax errors. [file] names the source in reports, [color] puts ANSI sequences into them.
 */
char *vint_format(const char *file, const char *code, size_t length, bool color, size_t *formatted_length,
                  VintFound found, void *arg);

/*
 * Calls [found] for the errors of [code] that show before it runs or, when there are none, for what is suspicious about
 * it, in the order of the text. Names that the session knows need no declaration. Nothing is run.
 */
void vint_check(VintSession *session, const char *file, const char *code, size_t length, VintFound found, void *arg);

/* Any thread, no session needed: calls [found] for the functions that [code] declares outside of all blocks, in order. */
void vint_functions(const char *code, size_t length,
                    void (*found)(void *arg, const char *name, size_t parameters, bool is_async), void *arg);

#endif
