/*
 * command.h -- the commands of vint that look after source files: fmt, check, test.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "cli.h"
#include "files.h"

typedef struct {
    const char *name;
    const char *help;       /* all of `vint NAME --help`; the first line says how it is called */
    const char *option;     /* the one option there is; NULL: none */
    const char *suffix;     /* of the files that it takes from folders */
    bool takes_all;         /* no file named: the current folder; otherwise that is a mistake */
    /* Does it to the files; returns the exit status. */
    int (*run)(const Paths *paths, bool option);
} Command;

extern const Command command_fmt, command_check, command_test;

/* The command of that name, or NULL. */
const Command *command_find(const char *name);

/* Runs a command with the words behind its name; returns the exit status. */
int command_run(const Command *command, int argc, char **argv);

/* "vint: cannot read PATH: reason", from errno. */
void command_complain(const char *what, const char *path);

/* Shows an error or a warning on standard error. */
void command_show(const VintProblem *problem);

#endif
