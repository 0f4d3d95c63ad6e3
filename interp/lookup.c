/*
 * lookup.c -- is a text complete, and the help that a program asks for. (What frontends ask about names: lookup/.)
 */
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "lib/magic.h"
#include "sched/session.h"
#include "syntax/complete.h"
#include "vm/error.h"
#include "vm/output.h"

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
