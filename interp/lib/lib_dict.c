/*
 * lib_dict.c -- methods of dicts, and the builtin functions on them. All of them walk in insertion order.
 */
#include "lib.h"

static NativeStatus return_dict(Dict *dict, Value *result) {
    if (!dict) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(dict));
}

/* ---- One entry -------------------------------------------------------------------------------------------------- */

static NativeStatus dict_has(NATIVE_ARGS) {
    Value ignored;
    if (!lib_check_key(vm, args[1])) return NATIVE_ERROR;
    NATIVE_RETURN(value_bool(dict_get(args[0].dict, args[1], &ignored)));
}

static NativeStatus dict_method_get(NATIVE_ARGS) {
    if (!lib_check_key(vm, args[1])) return NATIVE_ERROR;
    Value value = native_given(args[2]) ? args[2] : NULL_VALUE;
    dict_get(args[0].dict, args[1], &value);
    NATIVE_RETURN(value);
}

static NativeStatus dict_method_set(NATIVE_ARGS) {
    if (!lib_check_key(vm, args[1]) || !dict_set(vm, args[0].dict, args[1], args[2])) return NATIVE_ERROR;
    NATIVE_RETURN(args[0]);
}

static NativeStatus dict_method_remove(NATIVE_ARGS) {
    if (!lib_check_key(vm, args[1])) return NATIVE_ERROR;
    NATIVE_RETURN(value_bool(dict_remove(vm, args[0].dict, args[1])));
}

/* ---- All entries ------------------------------------------------------------------------------------------------ */

static NativeStatus dict_method_clear(NATIVE_ARGS) {
    dict_clear(vm, args[0].dict);
    NATIVE_RETURN(args[0]);
}

static NativeStatus dict_is_empty(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].dict->count == 0)); }

/* A new array with one element per entry: its key, its value, or [key, value]. */
typedef enum { LIST_KEYS, LIST_VALUES, LIST_ENTRIES } ListKind;

static NativeStatus list(Vm *vm, Dict *dict, ListKind kind, Value *result) {
    Array *items = array_new(vm, dict->count);
    if (!items) return NATIVE_ERROR;
    uint32_t cursor = 0;
    Value pair[2];
    while (dict_next(dict, &cursor, &pair[0], &pair[1])) {
        Value item = kind == LIST_KEYS ? pair[0] : pair[1];
        if (kind == LIST_ENTRIES) {
            Array *entry = array_from(vm, pair, 2);
            if (!entry) return NATIVE_ERROR;
            item = value_obj(entry);
        }
        if (!array_push(vm, items, item)) return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(items));
}

static NativeStatus dict_keys(NATIVE_ARGS) { return list(vm, args[0].dict, LIST_KEYS, result); }

static NativeStatus dict_values(NATIVE_ARGS) { return list(vm, args[0].dict, LIST_VALUES, result); }

static NativeStatus dict_entries(NATIVE_ARGS) { return list(vm, args[0].dict, LIST_ENTRIES, result); }

static NativeStatus dict_equals(NATIVE_ARGS) { NATIVE_RETURN(value_bool(value_equal(args[0], args[1]))); }

/* ---- Several dicts ---------------------------------------------------------------------------------------------- */

static NativeStatus dict_merge(NATIVE_ARGS) {
    Dict *dict = args[0].dict, *other = args[1].dict;
    if (dict == other) NATIVE_RETURN(args[0]);
    uint32_t cursor = 0;
    Value key, value;
    while (dict_next(other, &cursor, &key, &value)) {
        if (!dict_set(vm, dict, key, value)) return NATIVE_ERROR;
    }
    NATIVE_RETURN(args[0]);
}

static Dict *deep_merge(Vm *vm, Dict *a, Dict *b, int level) {
    if (level > LIB_DEPTH_LIMIT) {
        vm_raise(vm, ERR_VALUE, "deepMerge(): the dicts are nested too deeply or contain themselves");
        return NULL;
    }
    Dict *merged = dict_copy(vm, a);
    uint32_t cursor = 0;
    Value key, value, old;
    while (merged && dict_next(b, &cursor, &key, &value)) {
        if (value.tag == T_DICT && dict_get(a, key, &old) && old.tag == T_DICT) {
            Dict *inner = deep_merge(vm, old.dict, value.dict, level + 1);
            if (!inner) return NULL;
            value = value_obj(inner);
        }
        if (!dict_set(vm, merged, key, value)) return NULL;
    }
    return merged;
}

static NativeStatus dict_deep_merge(NATIVE_ARGS) {
    return return_dict(deep_merge(vm, args[0].dict, args[1].dict, 0), result);
}

/* ---- New dicts -------------------------------------------------------------------------------------------------- */

static NativeStatus dict_pick(NATIVE_ARGS) {
    Dict *picked = dict_new(vm, (size_t)argc - 1);
    Value value;
    for (int i = 1; picked && i < argc; i++) {
        if (!value_hashable(args[i]) || !dict_get(args[0].dict, args[i], &value)) continue;
        if (!dict_set(vm, picked, args[i], value)) return NATIVE_ERROR;
    }
    return return_dict(picked, result);
}

static NativeStatus dict_omit(NATIVE_ARGS) {
    Dict *rest = dict_copy(vm, args[0].dict);
    for (int i = 1; rest && i < argc; i++) {
        if (value_hashable(args[i])) dict_remove(vm, rest, args[i]);
    }
    return return_dict(rest, result);
}

/* The entries of [inner] under "outer.inner". */
static bool flatten_entry(Vm *vm, Dict *flat, Value outer, Dict *inner) {
    uint32_t cursor = 0;
    Value key, value;
    while (dict_next(inner, &cursor, &key, &value)) {
        Text name = lib_text(vm);
        Value joined;
        text_value(vm, &name, outer);
        text_putc(&name, '.');
        text_value(vm, &name, key);
        if (lib_return_text(vm, &name, &joined) != NATIVE_OK || !dict_set(vm, flat, joined, value)) return false;
    }
    return true;
}

static NativeStatus dict_flatten(NATIVE_ARGS) {
    Dict *dict = args[0].dict, *flat = dict_new(vm, dict->count);
    if (!flat) return NATIVE_ERROR;
    uint32_t cursor = 0;
    Value key, value;
    while (dict_next(dict, &cursor, &key, &value)) {
        bool ok = value.tag == T_DICT ? flatten_entry(vm, flat, key, value.dict) : dict_set(vm, flat, key, value);
        if (!ok) return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(flat));
}

static NativeStatus dict_from_entries(NATIVE_ARGS) {
    Array *entries = args[1].array;
    Dict *dict = dict_new(vm, entries->length);
    for (uint32_t i = 0; dict && i < entries->length; i++) {
        Value entry = entries->items[i];
        if (entry.tag != T_ARRAY || entry.array->length != 2) {
            return vm_raise(vm, ERR_VALUE, "Each entry must be an array with exactly 2 elements [key, value]");
        }
        Value *pair = entry.array->items;
        if (!lib_check_key(vm, pair[0]) || !dict_set(vm, dict, pair[0], pair[1])) return NATIVE_ERROR;
    }
    return return_dict(dict, result);
}

static const NativeDef methods[] = {
    {"keys() -> array", "A new array of the keys.", dict_keys},
    {"values() -> array", "A new array of the values.", dict_values},
    {"entries() -> array", "A new array of [key, value] pairs.", dict_entries},
    {"size() -> int", "The number of pairs.", lib_length},
    {"length() -> int", "The number of pairs.", lib_length},
    {"len() -> int", "The number of pairs.", lib_length},
    {"isEmpty() -> bool", "Has the dict no pairs?", dict_is_empty},
    {"has(key: any) -> bool", "Is there such a key?", dict_has},
    {"has_key(key: any) -> bool", "Is there such a key?", dict_has},
    {"get(key: any, default: any = null) -> any",
     "The value under the key; the default when there is no such key.", dict_method_get},
    {"set(key: any, value: any) -> dict", "Puts the value under the key; returns the dict.", dict_method_set},
    {"remove(key: any) -> bool", "Removes the key and its value; was it there?", dict_method_remove},
    {"clear() -> dict", "Removes all pairs; returns the dict.", dict_method_clear},
    {"merge(other: dict) -> dict", "Puts the pairs of the other dict into this one, which is returned.", dict_merge},
    {"deepMerge(other: dict) -> dict",
     "A new dict with the pairs of both; dicts under the same key are merged likewise.",
     dict_deep_merge},
    {"copy() -> dict", "A copy of the dict; values are shared with the original.", lib_copy},
    {"pick(keys: any...) -> dict", "A new dict with only these keys, as far as they are there.", dict_pick},
    {"omit(keys: any...) -> dict", "A new dict without these keys.", dict_omit},
    {"flatten() -> dict", "A new dict in which the pairs of inner dicts stand under \"outer.inner\".", dict_flatten},
    {"equals(other: any) -> bool", "Is the other a dict with the same keys and equal values?", dict_equals},
    {"fromEntries(entries: array) -> dict", "A new dict from [key, value] pairs.", dict_from_entries},
    {0}};

static const NativeDef builtins[] = {
    {"keys(dict: dict) -> array", "A new array of the dict's keys.", dict_keys},
    {"values(dict: dict) -> array", "A new array of the dict's values.", dict_values},
    {"has_key(dict: dict, key: any) -> bool", "Is there such a key?", dict_has},
    {0}};

void lib_dict_register(Vm *vm) {
    native_register_methods(vm, T_DICT, methods);
    native_register_builtins(vm, builtins);
}
