/*
 * check.c -- vint check: looks for mistakes without running anything.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

typedef struct {
    size_t errors, warnings;
} Counts;

static void on_found(void *arg, const VintProblem *problem) {
    Counts *counts = arg;
    *(problem->is_warning ? &counts->warnings : &counts->errors) += 1;
    command_show(problem);
}

/* The session only tells which names every program has: nothing is run in it. */
static int run(const Paths *paths, bool strict) {
    static const VintHost nobody;
    VintSession *session = session_open(&nobody, NULL);
    if (!session) return STATUS_USAGE;
    Counts counts = {0};
    bool unreadable = false;
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i];
        size_t length;
        char *text = file_load(path, &length);
        if (text) {
            vint_check(session, strcmp(path, "-") == 0 ? "<stdin>" : path, text, length, on_found, &counts);
        } else {
            command_complain("read", path);
            unreadable = true;
        }
        free(text);
    }
    vint_session_free(session);
    if (counts.errors + counts.warnings > 0)
        fprintf(stderr, "%zu error%s, %zu warning%s\n", counts.errors, counts.errors == 1 ? "" : "s", counts.warnings,
                counts.warnings == 1 ? "" : "s");
    return counts.errors > 0 || unreadable ? STATUS_USAGE : strict && counts.warnings > 0 ? STATUS_ERROR : 0;
}

const Command command_check = {
    .name = "check",
    .help = "usage: vint check [--strict] FILE|FOLDER ...\n"
            "\n"
            "Looks for mistakes without running anything: all errors that show before a program runs,\n"
            "and warnings about what is suspicious: names that nothing declares, variables that are never\n"
            "used, builtins that are hidden, code that is never reached, assignments in conditions,\n"
            "comparisons without use. In folders, all files *" SUFFIX " are meant. `-` is standard input.\n"
            "\n"
            "  --strict   warnings count, too\n"
            "\n"
            "Exit status: 0, or 1 after warnings when --strict, or 2 after an error or a file that cannot be read.\n",
    .option = "--strict",
    .suffix = SUFFIX,
    .run = run,
};
