/*
 * magic_shell.c -- what magics.vint needs to run commands of the system.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules.h"
#include "os.h"

/* [complaint or null, output] */
static NativeStatus shell_result(Vm *vm, const ProcessEnd *end, Value *result) {
    char complaint[80];
    if (end->signal != 0)
        snprintf(complaint, sizeof complaint, "ended by signal %d (%s)", end->signal, strsignal(end->signal));
    else
        snprintf(complaint, sizeof complaint, "exit status %lld", (long long)end->status);
    bool went_well = end->signal == 0 && end->status == 0;
    Array *array = array_new(vm, 2);
    String *out = string_new(vm, end->out, end->out_length);
    Value failure = went_well ? NULL_VALUE : value_obj(string_new(vm, complaint, strlen(complaint)));
    if (!out || !array_push(vm, array, failure) || !array_push(vm, array, value_obj(out))) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(array));
}

static NativeStatus magic_shell(NATIVE_ARGS) {
    char *shell = strndup(args[0].string->bytes, args[0].string->length);
    char *command = strndup(args[1].string->bytes, args[1].string->length);
    char *words[] = {shell, (char *)"-c", command, NULL};
    NativeStatus status = process_show(vm, command, words, args[2].tag == T_TRUE, shell_result, result);
    free(command);
    free(shell);
    return status;
}

static const NativeDef builtins[] = {
    {"__shell(shell: string, command: string, show: bool) -> array",
     "Has a shell run the command, whose complaints are shown, and its output, too, or else returned: [how it failed or "
     "null, output].",
     magic_shell},
    {0}};

void magic_shell_register(Vm *vm) { native_register_builtins(vm, builtins); }
