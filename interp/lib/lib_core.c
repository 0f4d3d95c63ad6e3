/*
 * lib_core.c -- builtin functions that belong to no type: output, types, conversion, copying.
 */
#include <math.h>
#include <string.h>

#include "lib.h"
#include "vm/channel.h"
#include "vm/object.h"
#include "vm/output.h"
#include "vm/task.h"

/* ---- Output ----------------------------------------------------------------------------------------------------- */

#define SHORT_LINE 512

/* The texts of the values, joined by blanks, and a line end: one call of the host, so that lines of tasks never mix. */
static void print_line(Vm *vm, VintStream stream, const Value *args, int argc) {
    VintCell *cell = vm->current->cell;
    if (argc == 1 && args[0].tag == T_STRING && args[0].string->length < SHORT_LINE) {
        char line[SHORT_LINE];
        uint32_t length = args[0].string->length;
        memcpy(line, args[0].string->bytes, length);
        line[length] = '\n';
        output_write(vm, cell, stream, line, length + 1);
        return;
    }
    Text line = {0};
    for (int i = 0; i < argc; i++) {
        if (i > 0) text_putc(&line, ' ');
        text_value(vm, &line, args[i]);
    }
    text_putc(&line, '\n');
    output_write(vm, cell, stream, line.bytes, line.length);
    text_free(&line);
}

static NativeStatus core_print(NATIVE_ARGS) {
    print_line(vm, VINT_STDOUT, args, argc);
    NATIVE_RETURN(NULL_VALUE);
}

static NativeStatus core_print_err(NATIVE_ARGS) {
    print_line(vm, VINT_STDERR, args, argc);
    NATIVE_RETURN(NULL_VALUE);
}

/* ---- Types ------------------------------------------------------------------------------------------------------ */

static NativeStatus core_type(NATIVE_ARGS) {
    const char *name = value_type_name(args[0]);
    if (args[0].tag != T_STRUCT) return lib_return_string(string_from(vm, name), result);
    const String *own = args[0].structure->name;
    return lib_return_string(string_format(vm, "struct:%.*s", (int)own->length, own->bytes), result);
}

/* TYPE_TESTS(X): X(what, snake_case name, camelCase name, condition on v) */
#define TYPE_TESTS(X)                                                                              \
    X("null", is_null, isNull, v.tag == T_NULL)                                                    \
    X("an integer", is_int, isInt, v.tag == T_INT)                                                 \
    X("a float", is_float, isFloat, v.tag == T_FLOAT)                                              \
    X("an integer or a float", is_number, isNumber, value_is_number(v))                            \
    X("a string", is_string, isString, v.tag == T_STRING)                                          \
    X("a boolean", is_bool, isBool, value_is_bool(v))                                              \
    X("an array", is_array, isArray, v.tag == T_ARRAY)                                             \
    X("a dict", is_dict, isDict, v.tag == T_DICT)                                                  \
    X("a function", is_function, isFunction, v.tag == T_CLOSURE || v.tag == T_NATIVE || v.tag == T_OVERLOAD) \
    X("an error", is_error, isError, v.tag == T_ERROR)

#define X(what, name, alias, condition)                                                            \
    static NativeStatus core_##name(NATIVE_ARGS) {                                                 \
        Value v = args[0];                                                                         \
        NATIVE_RETURN(value_bool(condition));                                                      \
    }
TYPE_TESTS(X)
#undef X

/* ---- Conversion ------------------------------------------------------------------------------------------------- */

NativeStatus lib_string_of(NATIVE_ARGS) { return lib_return_string(string_of(vm, args[0]), result); }

/* TARGETS(X): what convert() converts to. */
#define TARGETS(X) X(INTEGER, "integer") X(FLOAT, "float") X(STRING, "string") X(BOOLEAN, "boolean")

typedef enum {
#define X(name, word) TO_##name,
    TARGETS(X)
#undef X
} Target;

static NativeStatus cannot_convert(Vm *vm, Value value, const char *target) {
    bool has_text = value.tag == T_STRING || value.tag == T_FLOAT;
    String *text = has_text ? string_of(vm, value) : NULL;
    if (!text) return vm_raise(vm, ERR_VALUE, "Cannot convert %s to %s", value_type_name(value), target);
    return vm_raise(vm, ERR_VALUE, "Cannot convert '%.*s' to %s", (int)text->length, text->bytes, target);
}

static bool to_integer(Value value, int64_t *integer) {
    switch (value.tag) {
    case T_INT: *integer = value.i; return true;
    case T_FLOAT: return lib_float_to_int(trunc(value.f), integer);
    case T_TRUE:
    case T_FALSE: *integer = value.tag == T_TRUE; return true;
    case T_STRING: return lib_parse_int(value.string->bytes, value.string->length, 10, integer);
    default: return false;
    }
}

static bool to_float(Value value, double *number) {
    switch (value.tag) {
    case T_INT:
    case T_FLOAT: *number = value_number(value); return true;
    case T_TRUE:
    case T_FALSE: *number = value.tag == T_TRUE; return true;
    case T_STRING: return lib_parse_float(value.string->bytes, value.string->length, number);
    default: return false;
    }
}

static bool to_boolean(Value value, bool *truth) {
    static const char *const words[2][6] = {
        {"0", "f", "F", "false", "False", "FALSE"}, {"1", "t", "T", "true", "True", "TRUE"}};
    if (value_is_bool(value) || value_is_number(value)) {
        *truth = value_is_bool(value) ? value.tag == T_TRUE : value_number(value) != 0;
        return true;
    }
    for (int i = 0; value.tag == T_STRING && i < 12; i++) {
        *truth = i >= 6;
        if (string_is(value.string, words[*truth][i % 6])) return true;
    }
    return false;
}

static NativeStatus convert(Vm *vm, Value value, Target target, Value *result) {
    int64_t integer;
    double number;
    bool truth;
    switch (target) {
    case TO_INTEGER:
        if (to_integer(value, &integer)) NATIVE_RETURN(value_int(integer));
        return cannot_convert(vm, value, "integer");
    case TO_FLOAT:
        if (to_float(value, &number)) NATIVE_RETURN(value_float(number));
        return cannot_convert(vm, value, "float");
    case TO_BOOLEAN:
        if (to_boolean(value, &truth)) NATIVE_RETURN(value_bool(truth));
        return cannot_convert(vm, value, "boolean");
    default: return lib_return_string(string_of(vm, value), result);
    }
}

static NativeStatus core_int(NATIVE_ARGS) { return convert(vm, args[0], TO_INTEGER, result); }

static NativeStatus core_float(NATIVE_ARGS) { return convert(vm, args[0], TO_FLOAT, result); }

static NativeStatus core_convert(NATIVE_ARGS) {
    String *name = args[1].string;
#define X(target, word)                                                                            \
    if (string_is(name, #target)) return convert(vm, args[0], TO_##target, result);
    TARGETS(X)
#undef X
    return vm_raise(vm, ERR_VALUE, "Unknown type: %.*s", (int)name->length, name->bytes);
}

static NativeStatus core_parse_int(NATIVE_ARGS) {
    String *text = args[0].string;
    int64_t base = native_given(args[1]) ? args[1].i : 10, integer;
    if (base < 2 || base > 36) return vm_raise(vm, ERR_VALUE, "parseInt() base must be between 2 and 36");
    if (lib_parse_int(text->bytes, text->length, (int)base, &integer)) NATIVE_RETURN(value_int(integer));
    return vm_raise(vm, ERR_VALUE, "cannot parse '%.*s' as integer", (int)text->length, text->bytes);
}

static NativeStatus core_parse_float(NATIVE_ARGS) {
    String *text = args[0].string;
    double number;
    if (lib_parse_float(text->bytes, text->length, &number)) NATIVE_RETURN(value_float(number));
    return vm_raise(vm, ERR_VALUE, "cannot parse '%.*s' as float", (int)text->length, text->bytes);
}

/* ---- Anything that has a length; copies; equality --------------------------------------------------------------- */

NativeStatus lib_length(NATIVE_ARGS) {
    Value v = args[0];
    switch (v.tag) {
    case T_STRING: NATIVE_RETURN(value_int(v.string->points));
    case T_ARRAY: NATIVE_RETURN(value_int(v.array->length));
    case T_DICT: NATIVE_RETURN(value_int(v.dict->count));
    case T_RANGE:
        if (v.range->to < v.range->from) NATIVE_RETURN(value_int(0));
        NATIVE_RETURN(lib_integer((__int128)v.range->to - v.range->from + 1));
    default: NATIVE_RETURN(value_int(v.channel->count));
    }
}

static Obj *copy_container(Vm *vm, Value value) {
    if (value.tag == T_ARRAY) return (Obj *)array_slice(vm, value.array, 0, value.array->length);
    return (Obj *)dict_copy(vm, value.dict);
}

NativeStatus lib_copy(NATIVE_ARGS) {
    if (args[0].tag == T_STRING) NATIVE_RETURN(args[0]);
    Obj *copy = copy_container(vm, args[0]);
    if (!copy) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(copy));
}

/*
 * clone(): containers are copied one by one, whatever their depth. A copy still holds the originals of its elements
 * when it is made, and waits in [pending] until they are replaced by their copies; [copies] knows the copy of every
 * original, by its address, so that cycles and shared parts come out as they were.
 */
typedef struct {
    Dict *copies;
    Array *pending;
} Cloning;

static bool clone_in_place(Vm *vm, Cloning *cloning, Value *value) {
    if (value->tag != T_ARRAY && value->tag != T_DICT) return true;
    Value address = value_int((intptr_t)value->obj), known;
    if (dict_get(cloning->copies, address, &known)) {
        *value = known;
        return true;
    }
    Obj *copy = copy_container(vm, *value);
    if (!copy) return false;
    *value = value_obj(copy);
    return dict_set(vm, cloning->copies, address, *value) && array_push(vm, cloning->pending, *value);
}

static NativeStatus core_clone(NATIVE_ARGS) {
    Cloning cloning = {dict_new(vm, 0), array_new(vm, 0)};
    Value clone = args[0];
    if (!clone_in_place(vm, &cloning, &clone)) return NATIVE_ERROR;
    while (cloning.pending->length > 0) {
        Value next = cloning.pending->items[--cloning.pending->length];
        uint32_t count = next.tag == T_ARRAY ? next.array->length : next.dict->used;
        for (uint32_t i = 0; i < count; i++) {
            Value *value = next.tag == T_ARRAY ? &next.array->items[i] : &next.dict->entries[i].value;
            if (!clone_in_place(vm, &cloning, value)) return NATIVE_ERROR;
        }
    }
    NATIVE_RETURN(clone);
}

static NativeStatus core_eq(NATIVE_ARGS) { NATIVE_RETURN(value_bool(value_equal(args[0], args[1]))); }

/* ----------------------------------------------------------------------------------------------------------------- */

static const NativeDef builtins[] = {
    {"print(values: any...) -> null", "Prints the values, separated by blanks, and ends the line.", core_print},
    {"println(values: any...) -> null", "Prints the values, separated by blanks, and ends the line.", core_print},
    {"printErr(values: any...) -> null", "Prints the values to standard error and ends the line.", core_print_err},
    {"printlnErr(values: any...) -> null", "Prints the values to standard error and ends the line.", core_print_err},
    {"type(value: any) -> string",
     "The name of the value's type: INTEGER, STRING …; of a struct's instance the struct's name.", core_type},
#define X(what, name, alias, condition)                                                            \
    {#name "(value: any) -> bool", "Is the value " what "?", core_##name},                         \
    {#alias "(value: any) -> bool", "Is the value " what "?", core_##name},
    TYPE_TESTS(X)
#undef X
    {"string(value: any) -> string", "The value as text, as print() shows it.", lib_string_of},
    {"int(value: any) -> int",
     "A number without its fraction, a boolean or a string of digits as an integer.", core_int},
    {"float(value: any) -> float", "A number, a boolean or a string as a float.", core_float},
    {"convert(value: any, type: string) -> any", "The value as INTEGER, FLOAT, STRING or BOOLEAN.", core_convert},
    {"parseInt(text: string, base: int = 10) -> int", "The integer that is written in the text.", core_parse_int},
    {"parseFloat(text: string) -> float", "The number that is written in the text, as a float.", core_parse_float},
    {"len(value: string | array | dict | range | chan) -> int",
     "Characters of a string, elements of an array, pairs of a dict, numbers of a range, values waiting in a channel.",
     lib_length},
    {"copy(value: string | array | dict) -> any",
     "A copy of the value; elements are shared with the original.", lib_copy},
    {"clone(value: any) -> any", "A deep copy: arrays and dicts inside are copied, too.", core_clone},
    {"eq(a: any, b: any) -> bool", "Are the two equal? The same as a == b.", core_eq},
    {0}};

void lib_core_register(Vm *vm) { native_register_builtins(vm, builtins); }
