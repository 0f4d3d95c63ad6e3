/*
 * lib_bool.c -- methods of booleans and of null, and the logical builtin functions.
 */
#include "lib.h"

/* OPERATIONS(X): X(name, of a and b, help) -- methods of booleans. */
#define OPERATIONS(X)                                                                              \
    X(and, a && b, "Are both true?")                                                               \
    X(or, a || b, "Is at least one true?")                                                         \
    X(xor, a != b, "Is exactly one true?")                                                         \
    X(nand, !(a && b), "Is at least one false?")                                                   \
    X(nor, !(a || b), "Are both false?")                                                           \
    X(implies, !a || b, "Is the second true whenever the first is?")                               \
    X(equivalent, a == b, "Are both the same?")

#define X(name, operation, help)                                                                   \
    static NativeStatus bool_##name(NATIVE_ARGS) {                                                 \
        bool a = args[0].tag == T_TRUE, b = args[1].tag == T_TRUE;                                 \
        NATIVE_RETURN(value_bool(operation));                                                      \
    }
OPERATIONS(X)
#undef X

static NativeStatus bool_not(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].tag != T_TRUE)); }

static NativeStatus bool_to_int(NATIVE_ARGS) { NATIVE_RETURN(value_int(args[0].tag == T_TRUE)); }

static const NativeDef bool_methods[] = {
    {"to_string() -> string", "\"true\" or \"false\".", lib_string_of},
    {"toString() -> string", "\"true\" or \"false\".", lib_string_of},
    {"to_int() -> int", "1 or 0.", bool_to_int},
    {"negate() -> bool", "The other one.", bool_not},
    {"toggle() -> bool", "The other one.", bool_not},
#define X(name, operation, help) {#name "(other: bool) -> bool", help, bool_##name},
    OPERATIONS(X)
#undef X
    {0}};

/* implies and equivalent are methods only. */
static const NativeDef builtins[] = {
    {"and(a: bool, b: bool) -> bool", "Are both true?", bool_and},
    {"or(a: bool, b: bool) -> bool", "Is at least one true?", bool_or},
    {"not(a: bool) -> bool", "The other one.", bool_not},
    {"xor(a: bool, b: bool) -> bool", "Is exactly one true?", bool_xor},
    {"nand(a: bool, b: bool) -> bool", "Is at least one false?", bool_nand},
    {"nor(a: bool, b: bool) -> bool", "Are both false?", bool_nor},
    {0}};

/* ---- null ------------------------------------------------------------------------------------------------------- */

static NativeStatus null_is_null(NATIVE_ARGS) { NATIVE_RETURN(value_bool(true)); }

static NativeStatus null_coalesce(NATIVE_ARGS) {
    int i = 1;
    while (i < argc && args[i].tag == T_NULL) i++;
    NATIVE_RETURN(i < argc ? args[i] : NULL_VALUE);
}

static NativeStatus null_if_null(NATIVE_ARGS) { NATIVE_RETURN(args[1]); }

static NativeStatus null_equals(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[1].tag == T_NULL)); }

static const NativeDef null_methods[] = {
    {"isNull() -> bool", "true.", null_is_null},
    {"coalesce(values: any...) -> any",
     "The first of the values that is not null; null when there is none.", null_coalesce},
    {"ifNull(value: any) -> any", "The value.", null_if_null},
    {"toString() -> string", "\"null\".", lib_string_of},
    {"equals(other: any) -> bool", "Is the other null, too?", null_equals},
    {0}};

void lib_bool_register(Vm *vm) {
    native_register_methods(vm, T_TRUE, bool_methods);
    native_register_methods(vm, T_FALSE, bool_methods);
    native_register_methods(vm, T_NULL, null_methods);
    native_register_builtins(vm, builtins);
}
