/*
 * reflect.c -- the module `reflect`: what a value is, asked at run time.
 */
#include "lib/lib.h"
#include "modules.h"

static NativeStatus reflect_type_of(NATIVE_ARGS) {
    const char *name = args[0].tag == T_INSTANCE ? "STRUCT_INSTANCE" : value_type_name(args[0]);
    return lib_return_string(string_from(vm, name), result);
}

static NativeStatus reflect_is_type(NATIVE_ARGS) {
    bool is_struct = args[0].tag == T_INSTANCE && string_is(args[1].string, "STRUCT_INSTANCE");
    NATIVE_RETURN(value_bool(is_struct || string_is(args[1].string, value_type_name(args[0]))));
}

static NativeStatus reflect_value_of(NATIVE_ARGS) { NATIVE_RETURN(args[0]); }
static NativeStatus reflect_is_nil(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].tag == T_NULL)); }
static NativeStatus reflect_is_array(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].tag == T_ARRAY)); }
static NativeStatus reflect_is_object(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].tag == T_DICT)); }

static NativeStatus reflect_is_function(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(args[0].tag == T_CLOSURE || args[0].tag == T_OVERLOAD));
}

static NativeStatus reflect_inspect(NATIVE_ARGS) {
    Text text = {0};
    text_value(vm, &text, args[0]);
    return lib_return_text(vm, &text, result);
}

static NativeStatus reflect_keys(NATIVE_ARGS) {
    Array *keys = array_new(vm, args[0].dict->count);
    Value key, value;
    for (uint32_t cursor = 0; keys && dict_next(args[0].dict, &cursor, &key, &value);)
        if (!array_push(vm, keys, key)) return NATIVE_ERROR;
    return lib_return_array(keys, result);
}

static NativeStatus reflect_has_method(NATIVE_ARGS) {
    Value method;
    NATIVE_RETURN(value_bool(vm_find_method(vm, args[0], args[1].string, &method)));
}

static const NativeDef functions[] = {
    {"typeOf(value: any) -> string", "The name of the value's type; STRUCT_INSTANCE for instances of structs.",
     reflect_type_of},
    {"typeof(value: any) -> string", "The name of the value's type; STRUCT_INSTANCE for instances of structs.",
     reflect_type_of},
    {"isType(value: any, type: string) -> bool", "Is the value of the type of that name?", reflect_is_type},
    {"valueOf(value: any) -> any", "The value itself.", reflect_value_of},
    {"isNil(value: any) -> bool", "Is the value null?", reflect_is_nil},
    {"isArray(value: any) -> bool", "Is the value an array?", reflect_is_array},
    {"isObject(value: any) -> bool", "Is the value a dict?", reflect_is_object},
    {"isFunction(value: any) -> bool", "Is the value a function of the program?", reflect_is_function},
    {"inspect(value: any) -> string", "The value as text, as print() shows it.", reflect_inspect},
    {"size(value: string | array | dict | range) -> int", "How many characters, elements or pairs the value has.",
     lib_length},
    {"keys(dict: dict) -> array", "The keys of a dict.", reflect_keys},
    {"hasMethod(value: any, name: string) -> bool", "Does the value have a method of that name?", reflect_has_method},
    {0}};

Module *reflect_module(Vm *vm) { return native_module(vm, "reflect", functions); }
