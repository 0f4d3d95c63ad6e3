/*
 * errors.c -- the module `errors`.
 */
#include "modules.h"

static NativeStatus errors_new(NATIVE_ARGS) {
    return vm_raise(vm, ERR_ERROR, "%.*s", (int)args[0].string->length, args[0].string->bytes);
}

static const NativeDef functions[] = {
    {"new(message: string)", "Raises an error with the message.", errors_new}, {0}};

Module *errors_module(Vm *vm) { return native_module(vm, "errors", functions); }
