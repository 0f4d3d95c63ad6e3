/*
 * lookup.c -- is a text complete, and the help that a program asks for. (What frontends ask about names: lookup/.)
 */
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "lib/magic.h"
#include "lookup/inspect.h"
#include "sched/session.h"
#include "syntax/complete.h"
#include "vm/error.h"

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

/* ?name and name?? in a cell. */
static NativeStatus lookup_help(NATIVE_ARGS) {
    const String *name = args[0].string;
    const MagicDef *magic = magic_find(name->bytes, name->length);
    if (magic) {
        Text text = {0};
        magic_describe(&text, magic);
        return lib_return_text(vm, &text, result);
    }
    if (name->length > 0 && name->bytes[0] == '%') return magic_raise_unknown(vm, name);
    HelpPage page = {0};
    if (!inspect_page(vm, name->bytes, name->length, name->length, args[1].tag == T_TRUE, &page))
        return vm_raise(vm, ERR_NAME, "there is no help for '%.*s'", (int)name->length, name->bytes);
    Text text = {0};
    page_plain(&page, &text);
    page_free(&page);
    return lib_return_text(vm, &text, result);
}

static const NativeDef builtins[] = {
    {"__help(name: string, source: bool) -> string", "The help for what the name stands for, or its source.", lookup_help},
    {0}};

void lookup_register(Vm *vm) {
    native_register_builtins(vm, builtins);
}
