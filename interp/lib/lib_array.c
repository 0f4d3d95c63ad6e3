/*
 * lib_array.c -- methods of arrays, and the builtin functions on them.
 *
 * Methods that change their receiver say so in their help and return it, so that calls can be chained; all others
 * leave it alone.
 */
#include <string.h>

#include "lib.h"

/* ---- Both ends -------------------------------------------------------------------------------------------------- */

static NativeStatus array_method_push(NATIVE_ARGS) {
    for (int i = 1; i < argc; i++) {
        if (!array_push(vm, args[0].array, args[i])) return NATIVE_ERROR;
    }
    NATIVE_RETURN(args[0]);
}

static NativeStatus array_method_pop(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (array->length == 0) NATIVE_RETURN(NULL_VALUE);
    Value last = array->items[array->length - 1];
    if (!array_remove(vm, array, array->length - 1, array->length)) return NATIVE_ERROR;
    NATIVE_RETURN(last);
}

static NativeStatus array_method_shift(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (array->length == 0) NATIVE_RETURN(NULL_VALUE);
    Value first = array->items[0];
    if (!array_remove(vm, array, 0, 1)) return NATIVE_ERROR;
    NATIVE_RETURN(first);
}

static NativeStatus array_method_unshift(NATIVE_ARGS) {
    if (!array_insert(vm, args[0].array, 0, args + 1, (uint32_t)(argc - 1))) return NATIVE_ERROR;
    NATIVE_RETURN(args[0]);
}

static NativeStatus array_first(NATIVE_ARGS) {
    Array *array = args[0].array;
    NATIVE_RETURN(array->length > 0 ? array->items[0] : NULL_VALUE);
}

static NativeStatus array_last(NATIVE_ARGS) {
    Array *array = args[0].array;
    NATIVE_RETURN(array->length > 0 ? array->items[array->length - 1] : NULL_VALUE);
}

/* ---- The middle ------------------------------------------------------------------------------------------------- */

static bool check_index(Vm *vm, const Array *array, int64_t *index, uint32_t limit) {
    int64_t given = *index;
    if (*index < 0) *index += array->length;
    if (*index >= 0 && *index < limit) return true;
    vm_raise(vm, ERR_INDEX, "Array index %lld out of bounds. Array length is %u", (long long)given, array->length);
    return false;
}

static NativeStatus array_method_insert(NATIVE_ARGS) {
    Array *array = args[0].array;
    int64_t index = args[1].i;
    if (!check_index(vm, array, &index, array->length + 1)) return NATIVE_ERROR;
    if (!array_insert(vm, array, (uint32_t)index, args + 2, (uint32_t)(argc - 2))) return NATIVE_ERROR;
    NATIVE_RETURN(args[0]);
}

static NativeStatus array_remove_at(NATIVE_ARGS) {
    Array *array = args[0].array;
    int64_t index = args[1].i;
    if (!check_index(vm, array, &index, array->length)) return NATIVE_ERROR;
    Value removed = array->items[index];
    if (!array_remove(vm, array, (uint32_t)index, (uint32_t)index + 1)) return NATIVE_ERROR;
    NATIVE_RETURN(removed);
}

static NativeStatus array_clear(NATIVE_ARGS) {
    if (!array_remove(vm, args[0].array, 0, args[0].array->length)) return NATIVE_ERROR;
    NATIVE_RETURN(args[0]);
}

static NativeStatus array_fill(NATIVE_ARGS) {
    uint32_t from, to;
    lib_slice_bounds(args[0].array->length, args[2], args[3], &from, &to);
    for (uint32_t i = from; i < to; i++)
        if (!array_set(vm, args[0].array, i, args[1])) return NATIVE_ERROR;
    NATIVE_RETURN(args[0]);
}

static NativeStatus array_reverse(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (!array_own(vm, array)) return NATIVE_ERROR;
    for (uint32_t i = 0, j = array->length; i + 1 < j; i++) {
        Value swap = array->items[i];
        array->items[i] = array->items[--j];
        array->items[j] = swap;
    }
    lib_array_moved(vm, array);
    NATIVE_RETURN(args[0]);
}

/* ---- Order ------------------------------------------------------------------------------------------------------ */

static NativeStatus array_sort_asc(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (!array_own(vm, array)) return NATIVE_ERROR;
    if (!lib_sort(vm, "sort", array->items, array->items, array->length, false)) return NATIVE_ERROR;
    lib_array_moved(vm, array);
    NATIVE_RETURN(args[0]);
}

static NativeStatus array_sort_desc(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (!array_own(vm, array)) return NATIVE_ERROR;
    if (!lib_sort(vm, "sortDesc", array->items, array->items, array->length, true)) return NATIVE_ERROR;
    lib_array_moved(vm, array);
    NATIVE_RETURN(args[0]);
}

/* ---- Searching -------------------------------------------------------------------------------------------------- */

static int64_t index_of(const Array *array, Value value, int64_t from) {
    for (int64_t i = from; i < array->length; i++) {
        if (value_equal(array->items[i], value)) return i;
    }
    return -1;
}

static NativeStatus array_includes(NATIVE_ARGS) { NATIVE_RETURN(value_bool(index_of(args[0].array, args[1], 0) >= 0)); }

static NativeStatus array_index_of(NATIVE_ARGS) {
    int64_t from = native_given(args[2]) ? args[2].i : 0;
    if (from < 0) from += args[0].array->length;
    NATIVE_RETURN(value_int(index_of(args[0].array, args[1], from < 0 ? 0 : from)));
}

static NativeStatus array_last_index_of(NATIVE_ARGS) {
    Array *array = args[0].array;
    int64_t i = (int64_t)array->length - 1;
    while (i >= 0 && !value_equal(array->items[i], args[1])) i--;
    NATIVE_RETURN(value_int(i));
}

static NativeStatus array_is_empty(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].array->length == 0)); }

/* ---- New arrays ------------------------------------------------------------------------------------------------- */

static NativeStatus array_method_slice(NATIVE_ARGS) {
    uint32_t from, to;
    lib_slice_bounds(args[0].array->length, args[1], args[2], &from, &to);
    return lib_return_array(array_slice(vm, args[0].array, from, to), result);
}

static NativeStatus array_concat(NATIVE_ARGS) {
    size_t total = 0;
    for (int i = 0; i < argc; i++) total += args[i].array->length;
    Array *joined = array_new(vm, total);
    for (int i = 0; joined && i < argc; i++) {
        if (!array_insert(vm, joined, joined->length, args[i].array->items, args[i].array->length)) return NATIVE_ERROR;
    }
    return lib_return_array(joined, result);
}

static NativeStatus array_unique(NATIVE_ARGS) {
    Array *array = args[0].array, *unique = array_new(vm, 0);
    Distinct distinct;
    if (!unique || !lib_distinct_init(vm, &distinct)) return NATIVE_ERROR;
    for (uint32_t i = 0; i < array->length; i++) {
        uint32_t number;
        if (!lib_distinct_number(vm, &distinct, array->items[i], &number)) return NATIVE_ERROR;
        if (number == unique->length && !array_push(vm, unique, array->items[i])) return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(unique));
}

/* Appends the elements of [from], arrays among them taken apart down to [depth] levels. */
static bool flatten(Vm *vm, Array *to, const Array *from, int64_t depth, int level) {
    if (level > LIB_DEPTH_LIMIT) {
        vm_raise(vm, ERR_VALUE, "flatten(): the array is nested too deeply or contains itself");
        return false;
    }
    for (uint32_t i = 0; i < from->length; i++) {
        Value item = from->items[i];
        bool inner = depth > 0 && item.tag == T_ARRAY;
        if (!(inner ? flatten(vm, to, item.array, depth - 1, level + 1) : array_push(vm, to, item))) return false;
    }
    return true;
}

static NativeStatus array_flatten(NATIVE_ARGS) {
    int64_t depth = native_given(args[1]) ? args[1].i : 1;
    Array *flat = array_new(vm, args[0].array->length);
    if (!flat || !flatten(vm, flat, args[0].array, depth < 0 ? INT64_MAX : depth, 0)) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(flat));
}

/* ---- Text ------------------------------------------------------------------------------------------------------- */

/* The total length of the elements when all are strings; -1 otherwise. */
static int64_t strings_length(const Array *array) {
    int64_t total = 0;
    for (uint32_t i = 0; i < array->length; i++) {
        if (array->items[i].tag != T_STRING) return -1;
        total += array->items[i].string->length;
    }
    return total;
}

static NativeStatus array_join(NATIVE_ARGS) {
    Array *array = args[0].array;
    const char *separator = native_given(args[1]) ? args[1].string->bytes : "";
    uint32_t separator_length = native_given(args[1]) ? args[1].string->length : 0;
    int64_t length = strings_length(array);
    if (length < 0) {
        Text text = lib_text(vm);
        for (uint32_t i = 0; i < array->length && !text.is_cut; i++) {
            if (i > 0) text_append(&text, separator, separator_length);
            text_value(vm, &text, array->items[i]);
        }
        return lib_return_text(vm, &text, result);
    }
    if (array->length > 0) length += (int64_t)separator_length * (array->length - 1);
    if (length <= STRING_MAX_LENGTH && heap_refuses(vm, (size_t)length)) return NATIVE_ERROR;
    char *to;
    String *joined = string_reserve(vm, (size_t)length, &to);
    if (!joined) return NATIVE_ERROR;
    for (uint32_t i = 0; i < array->length; i++) {
        if (i > 0) to = mempcpy(to, separator, separator_length);
        to = mempcpy(to, array->items[i].string->bytes, array->items[i].string->length);
    }
    string_seal(joined);
    NATIVE_RETURN(value_obj(joined));
}

/* ---- Builtin functions ------------------------------------------------------------------------------------------ */

static NativeStatus array_append(NATIVE_ARGS) {
    Array *array = args[0].array, *longer = array_new(vm, array->length + (size_t)argc - 1);
    if (!longer) return NATIVE_ERROR;
    bool ok = array_insert(vm, longer, 0, array->items, array->length) &&
              array_insert(vm, longer, longer->length, args + 1, (uint32_t)(argc - 1));
    return ok ? lib_return_array(longer, result) : NATIVE_ERROR;
}

static NativeStatus array_builtin_pop(NATIVE_ARGS) {
    if (args[0].array->length == 0) return vm_raise(vm, ERR_VALUE, "cannot pop from an empty array");
    return array_method_pop(vm, args, argc, result);
}

static NativeStatus array_builtin_index_of(NATIVE_ARGS) {
    NATIVE_RETURN(value_int(index_of(args[0].array, args[1], 0)));
}

static const NativeDef methods[] = {
    {"length() -> int", "The number of elements.", lib_length},
    {"len() -> int", "The number of elements.", lib_length},
    {"isEmpty() -> bool", "Has the array no elements?", array_is_empty},
    {"push(items: any...) -> array", "Adds the items at the end of the array; returns the array.", array_method_push},
    {"pop() -> any", "Removes the last element and returns it; null when the array is empty.", array_method_pop},
    {"shift() -> any", "Removes the first element and returns it; null when the array is empty.", array_method_shift},
    {"unshift(items: any...) -> array",
     "Adds the items at the start of the array; returns the array.", array_method_unshift},
    {"insert(index: int, items: any...) -> array", "Adds the items before the element at the index; returns the array.",
     array_method_insert},
    {"removeAt(index: int) -> any", "Removes the element at the index and returns it.", array_remove_at},
    {"clear() -> array", "Removes all elements; returns the array.", array_clear},
    {"first() -> any", "The first element; null when the array is empty.", array_first},
    {"last() -> any", "The last element; null when the array is empty.", array_last},
    {"fill(value: any, start: int = 0, end: int = length) -> array",
     "Puts the value into all places from start up to end; returns the array.", array_fill},
    {"reverse() -> array", "Reverses the order of the elements, in place; returns the array.", array_reverse},
    {"sortAsc() -> array", "Sorts numbers or strings in place, smallest first; returns the array.", array_sort_asc},
    {"sortDesc() -> array", "Sorts numbers or strings in place, largest first; returns the array.", array_sort_desc},
    {"includes(value: any) -> bool", "Is an element equal to the value?", array_includes},
    {"contains(value: any) -> bool", "Is an element equal to the value?", array_includes},
    {"indexOf(value: any, from: int = 0) -> int",
     "The index of the first element that equals the value; -1 when there is none.",
     array_index_of},
    {"lastIndexOf(value: any) -> int", "The index of the last element that equals the value; -1 when there is none.",
     array_last_index_of},
    {"slice(start: int, end: int = length) -> array",
     "A new array of the elements from start up to end; negative positions count from the end.", array_method_slice},
    {"copy() -> array", "A copy of the array; elements are shared with the original.", lib_copy},
    {"concat(arrays: array...) -> array", "A new array of the elements of all of them.", array_concat},
    {"unique() -> array", "A new array without elements that equal an earlier one.", array_unique},
    {"flatten(depth: int = 1) -> array",
     "A new array with the elements of inner arrays in their place; a negative depth flattens all.",
     array_flatten},
    {"join(separator: string = \"\") -> string",
     "The texts of all elements with the separator between them.", array_join},
    {0}};

static const NativeDef builtins[] = {
    {"append(array: array, items: any...) -> array", "A new array: the elements and then the items.", array_append},
    {"pop(array: array) -> any",
     "Removes the last element and returns it; an error when the array is empty.", array_builtin_pop},
    {"indexOf(array: array, value: any) -> int",
     "The index of the first element that equals the value; -1 when there is none.",
     array_builtin_index_of},
    {"unique(array: array) -> array", "A new array without elements that equal an earlier one.", array_unique},
    {0}};

void lib_array_register(Vm *vm) {
    native_register_methods(vm, T_ARRAY, methods);
    native_register_builtins(vm, builtins);
}
