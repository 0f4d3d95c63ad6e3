/*
 * fmt.c -- vint fmt: puts programs into the usual layout.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

static void on_found(void *arg, const VintProblem *problem) {
    (void)arg;
    command_show(problem);
}

/* Does it to one file; returns the status that comes from it. */
static int format_file(const char *path, bool only_check) {
    bool is_stdin = strcmp(path, "-") == 0;
    size_t length, new_length;
    char *text = file_load(path, &length);
    if (!text) {
        command_complain("read", path);
        return STATUS_USAGE;
    }
    const char *name = is_stdin ? "<stdin>" : path;
    char *formatted = vint_format(name, text, length, output_wants_color(), &new_length, on_found, NULL);
    int status = 0;
    if (!formatted) {
        status = STATUS_USAGE;
    } else {
        bool same = length == new_length && memcmp(text, formatted, length) == 0;
        if (only_check && !same) {
            output_write(VINT_STDOUT, path, strlen(path));
            output_write(VINT_STDOUT, "\n", 1);
            status = STATUS_ERROR;
        } else if (!only_check && is_stdin) {
            output_write(VINT_STDOUT, formatted, new_length);
        } else if (!same && !file_replace(path, formatted, new_length)) {
            command_complain("write", path);
            status = STATUS_USAGE;
        }
    }
    free(formatted);
    free(text);
    return status;
}

static int run(const Paths *paths, bool only_check) {
    int worst = 0;
    for (size_t i = 0; i < paths->count; i++) {
        int status = format_file(paths->items[i], only_check);
        worst = status > worst ? status : worst;
    }
    return worst;
}

const Command command_fmt = {
    .name = "fmt",
    .help = "usage: vint fmt [--check] FILE|FOLDER ...\n"
            "\n"
            "Puts programs into the usual layout. In folders, all files *" SUFFIX " are meant. Files with\n"
            "syntax errors stay as they are. `-` is standard input, which goes to standard output.\n"
            "\n"
            "  --check   change nothing; list the files that would change\n"
            "\n"
            "Exit status: 0, or 1 when --check lists a file, or 2 after a syntax error or a file that\n"
            "cannot be read or written.\n",
    .option = "--check",
    .suffix = SUFFIX,
    .run = run,
};
