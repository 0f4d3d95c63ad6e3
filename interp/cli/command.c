/*
 * command.c -- what fmt, check and test have in common: their words on the command line, and complaints.
 */
#include "command.h"

#include <errno.h>
#include <string.h>

#include "output.h"

static const Command *const commands[] = {&command_fmt, &command_check, &command_test};

const Command *command_find(const char *name) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

static int misused(const Command *command, const char *why, const char *word) {
    int usage = (int)strcspn(command->help, "\n");
    fprintf(stderr, "vint %s: %s%s\n%.*s\n", command->name, why, word, usage, command->help);
    return STATUS_USAGE;
}

int command_run(const Command *command, int argc, char **argv) {
    Paths paths = {0};
    bool option = false;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(command->help, stdout);
            return 0;
        }
        if (command->option && strcmp(argv[i], command->option) == 0)
            option = true;
        else if (argv[i][0] == '-' && argv[i][1] != '\0')
            return misused(command, "there is no option ", argv[i]);
    }
    for (int i = 0; i < argc; i++)
        if (argv[i][0] != '-' || argv[i][1] == '\0') paths_add(&paths, argv[i], command->suffix);
    if (argc - option == 0) {
        if (!command->takes_all) return misused(command, "which files?", "");
        paths_add(&paths, ".", command->suffix);
    }
    int status = command->run(&paths, option);
    output_flush();
    paths_free(&paths);
    return status;
}

void command_complain(const char *what, const char *path) {
    output_flush();
    fprintf(stderr, "vint: cannot %s %s: %s\n", what, path, strerror(errno));
}

void command_show(const VintProblem *problem) {
    output_write(VINT_STDERR, problem->report, strlen(problem->report));
    output_write(VINT_STDERR, "\n", 1);
}
