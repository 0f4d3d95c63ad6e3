/*
 * os.h -- what the files of the module `os` share, and what other modules need of it.
 */
#ifndef OS_H
#define OS_H

#include "lib/lib.h"

/* The program's environment: name -> value, both strings. It is a copy of the process's, made when it is first asked
 * for: the process's own cannot be changed while other threads may read it. */
Dict *os_environment(Vm *vm);

/* The value of a variable; NULL: not set. */
const String *os_variable(Vm *vm, const char *name);

/* The directory for temporary files. */
const String *os_temporary_directory(Vm *vm);

/* What a process left. */
typedef struct {
    const char *command;       /* as the program wrote it */
    int64_t status;            /* exit status */
    int signal;                /* that ended it; 0: none */
    const char *out, *err;     /* its output */
    size_t out_length, err_length;
    int complaint;             /* how many bytes of [err] a message should show */
} ProcessEnd;

typedef NativeStatus (*ProcessResult)(Vm *vm, const ProcessEnd *end, Value *result);

/* Runs a program, [words] with a NULL at their end, found by PATH, with the program's environment and nothing on its
 * standard input. The running task waits for its end, and for the end of its output; then [make] makes the result or
 * raises. When the task stops waiting, the process and all that it has started are asked to end (SIGTERM), and killed
 * when they don't within half a second. [command] names it in errors; both are copied. */
NativeStatus process_run(Vm *vm, const char *command, char *const *words, ProcessResult make, Value *result);

/* The same for who runs programs at a terminal: what the program writes, or only its complaints when [show_out] is
 * false, is shown in the cell of the running task as it comes. It is asked to end by SIGINT. */
NativeStatus process_show(Vm *vm, const char *command, char *const *words, bool show_out, ProcessResult make,
                          Value *result);

extern const NativeDef os_environment_functions[];

#endif
