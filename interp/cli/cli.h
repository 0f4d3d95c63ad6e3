/*
 * cli.h -- what the files of the command line program share.
 */
#ifndef CLI_H
#define CLI_H

#include "vint.h"

#define STATUS_ERROR 1
#define STATUS_USAGE 2
#define STATUS_DEADLOCK 2
#define STATUS_INTERRUPTED 130
#define STATUS_BROKEN_PIPE 141

/* What is to be run. */
typedef struct {
    const char *file; /* as errors name it */
    char *code;
    size_t length;
    const char *const *args; /* what args() returns */
    size_t args_length;
    size_t heap_limit; /* bytes; 0: the default */
    bool gc_stats;     /* tell of the collector's work on stderr at the end */
    bool leaks;        /* … and of tasks that were left waiting */
} Program;

/* Runs a program to its end; returns the exit status. */
int script_run(const Program *program);

/* Reads and runs code from the terminal until the user has enough; returns the exit status. */
int repl_run(void);

/* Makes a session with [host] for [program], or for a REPL (NULL); says why on stderr and returns NULL when that fails. */
VintSession *session_open(const VintHost *host, const Program *program);

#endif
