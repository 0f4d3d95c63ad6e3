/*
 * native.h -- functions of the language that are written in C.
 *
 * A native, its signature, its help and its registration are one declaration:
 *
 *     static NativeStatus array_method_push(NATIVE_ARGS) { … }
 *
 *     static const NativeDef array_methods[] = {
 *         {"push(items: any...) -> array", "Adds items at the end of the array; returns the array.", array_method_push},
 *         {0}};
 *
 * The signature is parsed once, at registration. From it come the checks that are made before the function is called
 * (how many arguments, of which types, with one wording of errors for all), keyword arguments, completion and help:
 *
 *     name(parameter: type, optional: type = default, rest: type...) -> type
 *
 * Types: any int float number string bool array dict range func chan promise time duration file resource null, and
 * unions of them: `int | string`. `number` is int | float; `func` is anything that can be called. A default is text for
 * the help; the function itself sees UNDEFINED for an argument that was not given. With a rest parameter [argc] says
 * how many came.
 *
 * Methods get their receiver as args[0]; it does not appear in the signature.
 *
 * In a module, a signature without parentheses is a constant's: `PI -> float`. The function gives its value, whether a
 * program reads math.PI or calls math.PI(); it gets no arguments, and must not fail, park or call.
 *
 * What a native may do: read args, make objects, raise an error (return vm_raise(…)), park the running task
 * (task_park() and return NATIVE_PARK: whoever wakes it writes the result), or end in a call: put a callee into
 * *result, its arguments into args, their number into vm->call_count and return NATIVE_CALL. What it must not do: call
 * a function of the program and wait for it. Functions that take functions are written in VintLang (prelude.vint).
 */
#ifndef NATIVE_H
#define NATIVE_H

#include "error.h"
#include "gc.h"
#include "vm.h"

typedef enum { NATIVE_OK, NATIVE_ERROR, NATIVE_PARK, NATIVE_CALL } NativeStatus;

#define NATIVE_UNUSED __attribute__((unused)) /* few natives need all four */
#define NATIVE_ARGS \
    Vm *vm NATIVE_UNUSED, Value *args NATIVE_UNUSED, int argc NATIVE_UNUSED, Value *result NATIVE_UNUSED
typedef NativeStatus (*NativeFunction)(NATIVE_ARGS);

typedef struct {
    const char *signature;
    const char *help; /* one or two sentences */
    NativeFunction function;
} NativeDef;

#define NATIVE_PARAMETER_LIMIT 12

struct Native {
    Obj obj;
    NativeFunction function;
    String *name;
    const NativeDef *def;
    uint8_t parameter_count; /* receiver included; the rest parameter not */
    uint8_t required_count;  /* receiver included */
    bool has_rest, is_method;
    bool is_constant;        /* reading it as a member of its module calls it */
    bool unchecked;          /* every parameter is `any`: the type checks can be left out */
    uint32_t masks[NATIVE_PARAMETER_LIMIT]; /* bit per ValueType that a parameter takes; the rest parameter's is the last used */
    String *parameter_names[NATIVE_PARAMETER_LIMIT];
};

/* Registers tables that end with a zeroed entry. A signature that cannot be parsed aborts: it is a mistake in the
 * source. */
void native_register_builtins(Vm *vm, const NativeDef *defs);
void native_register_methods(Vm *vm, ValueType type, const NativeDef *defs);
Native *native_new(Vm *vm, const NativeDef *def, bool is_method);
/* A module of natives under [name], as import finds it. */
Module *native_module(Vm *vm, const char *name, const NativeDef *defs);

/* Checks number and types of arguments, fills up optional ones with UNDEFINED. False with an error raised. */
bool native_check(Vm *vm, Native *native, Value *args, int argc);

/* Raises "name() expects least to most arguments, got given"; [most] < 0: any number. */
void native_raise_count(Vm *vm, const char *name, int least, int most, int given);

/* result = a boolean, an int … and NATIVE_OK, in one. */
#define NATIVE_RETURN(value)                                                                       \
    do {                                                                                           \
        *result = (value);                                                                         \
        return NATIVE_OK;                                                                          \
    } while (0)

static inline bool native_given(Value argument) { return argument.tag != T_UNDEFINED; }

#endif
