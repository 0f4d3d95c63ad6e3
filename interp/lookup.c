/*
 * lookup.c -- is a text complete, and the help that a program asks for. (What frontends ask about names: lookup/.)
 */
#include "lookup.h"

#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "lib/magic.h"
#include "sched/session.h"
#include "syntax/complete.h"
#include "vm/error.h"
#include "vm/output.h"
#include "vm/task.h"

VintCompleteness vint_is_complete(const char *code, size_t length, char *indent) {
    switch (syntax_is_complete(code, length, indent)) {
    case SYNTAX_COMPLETE:
        return VINT_COMPLETE;
    case SYNTAX_INCOMPLETE:
        return VINT_INCOMPLETE;
    default:
        return VINT_INVALID;
    }
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool vint_wants_to_leave(VintSession *session, const char *code, size_t length) {
    Vm *vm = session->vm;
    while (length > 0 && is_blank(code[length - 1])) length--;
    while (length > 0 && is_blank(code[0])) {
        code++;
        length--;
    }
    if (length != 4 || (memcmp(code, "exit", 4) != 0 && memcmp(code, "quit", 4) != 0)) return false;
    const Global *global = &vm->globals[vm_global_slot(vm, NULL, string_intern(vm, code, length))];
    return global->is_builtin || global->value.tag == T_UNDEFINED;
}

/* ?name and name?? in a cell: a page beside it; where the host has no such place, text in the cell. */
static NativeStatus lookup_help(NATIVE_ARGS) {
    const String *name = args[0].string;
    const VintHost *host = vm->host;
    VintCell *cell = vm->current->cell;
    const VintDatum *data;
    size_t count;
    bool is_magic = name->length > 0 && name->bytes[0] == '%';
    if (is_magic && !magic_find(name->bytes, name->length)) return magic_raise_unknown(vm, name);
    if (!vint_inspect(session_of(vm), name->bytes, name->length, name->length, args[1].tag == T_TRUE, &data, &count))
        return vm_raise(vm, ERR_NAME, "there is no help for '%.*s'", (int)name->length, name->bytes);
    if (!host->page || !host->page(host->user, cell, data, count)) {
        output_write(vm, cell, VINT_STDOUT, data[0].data, data[0].length);
        output_write(vm, cell, VINT_STDOUT, "\n", 1);
    }
    NATIVE_RETURN(NULL_VALUE);
}

static const NativeDef builtins[] = {
    {"__help(name: string, source: bool) -> null", "Shows help for what the name stands for, or its source.", lookup_help},
    {0}};

void lookup_register(Vm *vm) {
    native_register_builtins(vm, builtins);
}
