/*
 * lib_assert.c -- assertions, for tests and for whoever wants to be sure. assertThrows(), which calls a function, is
 * in prelude.vint.
 */
#include "lib.h"

#define SHOWN_BYTES 30000 /* of each of two values that differ */

/* Raises AssertionError: the program's own message, if it gave one, before what there is to say. */
static NativeStatus fail(Vm *vm, Value message, const char *reason) {
    if (!native_given(message)) {
        vm_raise(vm, ERR_ASSERTION, "%s", reason);
        return NATIVE_ERROR;
    }
    Text text = {0};
    text_value(vm, &text, message);
    vm_raise(vm, ERR_ASSERTION, "%s%s%s", text_cstring(&text), *reason ? ": " : "", reason);
    text_free(&text);
    return NATIVE_ERROR;
}

static NativeStatus assert_true(NATIVE_ARGS) {
    if (!value_truthy(args[0])) return fail(vm, args[1], native_given(args[1]) ? "" : "assertion failed");
    NATIVE_RETURN(NULL_VALUE);
}

static NativeStatus assert_equal(NATIVE_ARGS) {
    if (value_equal(args[0], args[1])) NATIVE_RETURN(NULL_VALUE);
    Text reason = {0};
    text_repr_within(vm, &reason, args[0], SHOWN_BYTES);
    text_puts(&reason, " is not equal to ");
    text_repr_within(vm, &reason, args[1], SHOWN_BYTES);
    fail(vm, args[2], text_cstring(&reason));
    text_free(&reason);
    return NATIVE_ERROR;
}

/* What assertThrows() ends in when it does not like what it saw. */
static NativeStatus assert_failed(NATIVE_ARGS) {
    vm_raise(vm, ERR_ASSERTION, "%.*s", (int)args[0].string->length, args[0].string->bytes);
    return NATIVE_ERROR;
}

static const NativeDef builtins[] = {
    {"assert(condition: any, message: any = null) -> null",
     "Raises AssertionError, with the message, unless the condition is true.", assert_true},
    {"assertEqual(value: any, expected: any, message: any = null) -> null",
     "Raises AssertionError, which shows both, unless the two values are equal.", assert_equal},
    {"__assert_failed(reason: string) -> null", "Raises AssertionError.", assert_failed},
    {0}};

void lib_assert_register(Vm *vm) { native_register_builtins(vm, builtins); }
