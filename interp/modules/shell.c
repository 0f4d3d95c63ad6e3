/*
 * shell.c -- the module `shell`: commands as a terminal takes them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modules.h"
#include "os.h"

static NativeStatus run_result(Vm *vm, const ProcessEnd *end, Value *result) {
    if (end->status == 0 && end->signal == 0)
        return lib_return_string(string_new(vm, end->out, end->out_length), result);
    const char *between = end->complaint > 0 ? ": " : "";
    if (end->signal != 0)
        return vm_raise(vm, ERR_IO, "signal: %s%s%.*s", strsignal(end->signal), between, end->complaint, end->err);
    return vm_raise(vm, ERR_IO, "exit status %lld%s%.*s", (long long)end->status, between, end->complaint, end->err);
}

static NativeStatus shell_run(NATIVE_ARGS) {
    char *command = strndup(args[0].string->bytes, args[0].string->length);
    char *words[] = {(char *)"sh", (char *)"-c", command, NULL};
    NativeStatus status = process_run(vm, command, words, run_result, result);
    free(command);
    return status;
}

static bool is_program(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* Is there a program [name] in one of the directories of [path]? */
static bool is_found(const char *path, const char *name) {
    for (const char *at = path;; at++) {
        size_t length = strcspn(at, ":");
        char *file;
        if (asprintf(&file, "%.*s/%s", length > 0 ? (int)length : 1, length > 0 ? at : ".", name) < 0) abort();
        bool found = is_program(file);
        free(file);
        if (found) return true;
        at += length;
        if (!*at) return false;
    }
}

static NativeStatus shell_exists(NATIVE_ARGS) {
    char *name = strndup(args[0].string->bytes, args[0].string->length);
    const String *variable = os_variable(vm, "PATH");
    char *path = variable ? strndup(variable->bytes, variable->length) : strdup("");
    bool exists = strchr(name, '/') ? is_program(name) : name[0] && is_found(path, name);
    free(path);
    free(name);
    NATIVE_RETURN(value_bool(exists));
}

static const NativeDef functions[] = {
    {"run(command: string) -> string", "Has a shell run the command; returns what it printed.", shell_run},
    {"exists(name: string) -> bool", "Is there a program of that name?", shell_exists},
    {0}};

Module *shell_module(Vm *vm) { return native_module(vm, "shell", functions); }
