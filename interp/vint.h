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
 *
 * Two parts of it stand in files of their own: vint_host.h, what the interpreter says and asks, and vint_tools.h, what
 * editors and the command line ask of it.
 */
#ifndef VINT_H
#define VINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vint_host.h"
#include "vint_tools.h"

#define VINT_VERSION "0.1.0"

typedef struct VintSession VintSession;

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

/*
 * Can the process open [count] more file descriptors? If its limit is too low, that is raised as far as the process
 * may. False and a message in [why] (of at least 256 bytes) when that is not enough. For hosts that need some beside
 * the session's.
 */
bool vint_descriptors(unsigned count, char *why);

/* Makes a session; NULL and a message in [why] (of at least 256 bytes) when the system refuses what it needs. [options]
 * is copied. */
VintSession *vint_session_new(const VintOptions *options, char *why);
/* Ends every task without running it further, calls the cells' release functions, frees all. */
void vint_session_free(VintSession *session);
/* For a process that is about to exit: ends every task, reports what went unseen, and leaves the memory to the system.
 * False: a thread is still at work on what cannot be stopped, such as a question to a name server. exit() would wait
 * for it; _exit() does not. */
bool vint_session_end(VintSession *session);

/*
 * Between two calls of vint_run(): the tasks that wait for what can never come, as text, a line for each place where some
 * wait, with where they were started and what for; NULL: there are none. [last]: no code comes any more, so what only
 * variables lead to is lost, too. In a large session it only counts those that wait: it never takes long. To be freed.
 */
char *vint_leaks(VintSession *session, bool last);

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

/* Any thread: has [fn] called on the session's thread, soon, even while a task computes. In order of posting. When the
 * session ends before, [drop] is called instead; it may be NULL. */
void vint_post(VintSession *session, void (*fn)(void *arg), void *arg, void (*drop)(void *arg));

/*
 * Any thread, and signal handlers: raises Interrupted in the main code of every execution that is not over, and in the
 * tasks that these have started, wherever they compute, sleep or wait. When there is no such execution, it tells each
 * cell that has tasks in the background of them (on stderr, a moment later); again within two seconds it stops all tasks.
 */
void vint_interrupt(VintSession *session);

/* Any thread: the answer to a question, as one line without its end; NULL: end of input. [text] is copied. */
void vint_answer(VintQuestion *question, const char *text, size_t length);

/*
 * Something comes in on a comm; tasks that wait for it go on, in vint_run(). False: nobody listens for this target, or
 * no such comm is open; nothing has happened then. When nobody receives what comes, the comm is closed at a limit
 * (modules/comm.c), by a call of the host's comm().
 */
bool vint_comm(VintSession *session, const VintComm *comm);

#endif
