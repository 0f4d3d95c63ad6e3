/*
 * main.c -- the command line of vint: finds out what is to be run, and runs it.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#define MAIN_FILE "main.vint"

static const char usage[] =
    "usage: vint FILE.vint [argument ...]   run a program\n"
    "       vint FOLDER [argument ...]      run FOLDER/" MAIN_FILE "\n"
    "       vint - [argument ...]           run the program that comes on standard input\n"
    "       vint -e CODE [argument ...]     run CODE\n"
    "       vint                            read and run code line by line\n"
    "       vint fmt FILE|FOLDER ...        put programs into the usual layout\n"
    "       vint check FILE|FOLDER ...      look for mistakes without running anything\n"
    "       vint test [FILE|FOLDER ...]     run the tests in files *_test.vint\n"
    "       vint --help | --version, vint fmt --help, ...\n"
    "\n"
    "       vint --heap-limit MB ...        as above; a program that needs more memory gets a MemoryError\n"
    "       vint --gc-stats ...             as above; tells at the end of the collector's pauses and of the memory\n"
    "       vint --leaks ...                as above; tells at the end of tasks that are left waiting\n";

static __attribute__((noreturn, format(printf, 2, 3))) void fail(int status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("vint: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    if (status == STATUS_USAGE) fputs(usage, stderr);
    exit(status);
}

static void read_all(FILE *file, const char *name, Program *program) {
    program->code = file_read(file, &program->length);
    if (!program->code) fail(STATUS_ERROR, "cannot read %s: %s", name, strerror(errno));
}

/* "." means main.vint in it, which is called just that. */
static const char *file_in_folder(const char *folder) {
    if (strcmp(folder, ".") == 0) return MAIN_FILE;
    char *path;
    if (asprintf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", MAIN_FILE) < 0) abort();
    return path;
}

static void read_file(const char *path, Program *program) {
    if (is_folder(path)) path = file_in_folder(path);
    if (!has_suffix(path, SUFFIX))
        fail(STATUS_ERROR, "'%s' is not a program: its name does not end in " SUFFIX, path);
    FILE *file = fopen(path, "rb");
    if (!file) fail(STATUS_ERROR, "cannot read %s: %s", path, strerror(errno));
    program->file = path;
    read_all(file, path, program);
    fclose(file);
}

static size_t parse_megabytes(const char *text) {
    char *end;
    unsigned long megabytes = strtoul(text, &end, 10);
    if (*end != '\0' || megabytes == 0 || megabytes > SIZE_MAX >> 20)
        fail(STATUS_USAGE, "--heap-limit needs a number of megabytes, not '%s'", text);
    return (size_t)megabytes << 20;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    Program program = {0};
    while (argc > 2) {
        if (strcmp(argv[1], "--heap-limit") == 0) {
            program.heap_limit = parse_megabytes(argv[2]);
            argc--;
            argv++;
        } else if (strcmp(argv[1], "--gc-stats") == 0) {
            program.gc_stats = true;
        } else if (strcmp(argv[1], "--leaks") == 0) {
            program.leaks = true;
        } else {
            break;
        }
        argc--;
        argv++;
    }
    const char *what = argc > 1 ? argv[1] : NULL;
    if (!what && isatty(STDIN_FILENO)) return repl_run();
    const Command *command = what ? command_find(what) : NULL;
    if (command) return command_run(command, argc - 2, argv + 2);

    int used = 2; /* words up to here are not the program's */
    if (!what || strcmp(what, "-") == 0) {
        program.file = "<stdin>";
        read_all(stdin, "standard input", &program);
    } else if (strcmp(what, "-e") == 0) {
        if (argc < 3) fail(STATUS_USAGE, "-e needs the code to run");
        program.file = "<command line>";
        program.code = strdup(argv[2]);
        program.length = strlen(argv[2]);
        used = 3;
    } else if (strcmp(what, "--help") == 0 || strcmp(what, "-h") == 0) {
        fputs(usage, stdout);
        return 0;
    } else if (strcmp(what, "--version") == 0) {
        puts("vint " VINT_VERSION);
        return 0;
    } else if (what[0] == '-') {
        fail(STATUS_USAGE, "there is no option %s", what);
    } else {
        read_file(what, &program);
    }
    if (used < argc) {
        program.args = (const char *const *)argv + used;
        program.args_length = (size_t)(argc - used);
    }
    int status = script_run(&program);
    free(program.code);
    return status;
}
