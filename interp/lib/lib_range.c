/*
 * lib_range.c -- the builtin range(), which makes an array without its end; and methods of ranges a..b, which include
 * theirs.
 */
#include "lib.h"
#include "vm/object.h"

/* [count] numbers from [start] on. */
static NativeStatus numbers(Vm *vm, int64_t start, int64_t step, uint64_t count, Value *result) {
    Array *array = array_new(vm, count);
    if (!array) return NATIVE_ERROR;
    for (uint64_t i = 0; i < count; i++) array->items[i] = value_int((int64_t)((uint64_t)start + i * (uint64_t)step));
    array->length = (uint32_t)count;
    NATIVE_RETURN(value_obj(array));
}

static NativeStatus range_builtin(NATIVE_ARGS) {
    int64_t start = native_given(args[1]) ? args[0].i : 0, end = native_given(args[1]) ? args[1].i : args[0].i;
    int64_t step = native_given(args[2]) ? args[2].i : 1;
    if (step == 0) return vm_raise(vm, ERR_VALUE, "Step cannot be zero");
    bool leads_away = step > 0 ? start >= end : start <= end;
    if (leads_away) return numbers(vm, start, step, 0, result);
    uint64_t distance = step > 0 ? (uint64_t)end - (uint64_t)start : (uint64_t)start - (uint64_t)end;
    uint64_t stride = step > 0 ? (uint64_t)step : -(uint64_t)step;
    return numbers(vm, start, step, (distance - 1) / stride + 1, result);
}

static NativeStatus range_to_array(NATIVE_ARGS) {
    Range *range = args[0].range;
    if (range->to < range->from) return numbers(vm, 0, 1, 0, result);
    uint64_t distance = (uint64_t)range->to - (uint64_t)range->from;
    return numbers(vm, range->from, 1, distance == UINT64_MAX ? distance : distance + 1, result);
}

static NativeStatus range_contains(NATIVE_ARGS) {
    Range *range = args[0].range;
    Value v = args[1];
    int64_t i = v.i;
    bool whole = v.tag == T_INT || (v.tag == T_FLOAT && lib_float_to_int(v.f, &i) && (double)i == v.f);
    NATIVE_RETURN(value_bool(whole && i >= range->from && i <= range->to));
}

static const NativeDef methods[] = {
    {"length() -> int", "The number of integers in the range.", lib_length},
    {"len() -> int", "The number of integers in the range.", lib_length},
    {"contains(value: any) -> bool", "Is the value one of the range's integers?", range_contains},
    {"includes(value: any) -> bool", "Is the value one of the range's integers?", range_contains},
    {"toArray() -> array", "An array of the range's integers.", range_to_array},
    {0}};

static const NativeDef builtins[] = {
    {"range(start: int, end: int = start, step: int = 1) -> array",
     "An array of integers from start up to but not including end; range(n) starts at 0.", range_builtin},
    {0}};

void lib_range_register(Vm *vm) {
    native_register_methods(vm, T_RANGE, methods);
    native_register_builtins(vm, builtins);
}
