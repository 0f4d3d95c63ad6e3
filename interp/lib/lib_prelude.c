/*
 * lib_prelude.c -- what prelude.vint needs from below. Programs have no use for these: their names begin with "__".
 */
#include "lib.h"
#include "vm/moment.h"
#include "vm/object.h"
#include "vm/proto.h"

/* ---- How many arguments a callback takes ------------------------------------------------------------------------ */

typedef struct {
    int least, most; /* arguments */
} Arity;

static Arity closure_arity(const Closure *closure) {
    return (Arity){closure->proto->required_count, closure->proto->parameter_count};
}

/* Optional parameters of natives are for those who ask for them: parseInt(text, base) is called with the text alone. */
static Arity native_arity(const Native *native) {
    int optional = native->parameter_count > 0 || native->has_rest;
    int count = native->required_count > 0 ? native->required_count : optional;
    return (Arity){count, count};
}

/* Of several functions the one that takes most of what is offered. */
static Arity overload_arity(const Overload *overload, int offered) {
    Arity best = closure_arity(overload->functions[0]);
    for (uint32_t i = 1; i < overload->count; i++) {
        Arity arity = closure_arity(overload->functions[i]);
        bool fits = arity.least <= offered, best_fits = best.least <= offered;
        if (fits && (!best_fits || arity.most > best.most)) best = arity;
    }
    return best;
}

static bool find_arity(Value f, int offered, Arity *arity) {
    switch (f.tag) {
    case T_CLOSURE: *arity = closure_arity(f.closure); return true;
    case T_NATIVE: *arity = native_arity(f.native); return true;
    case T_OVERLOAD: *arity = overload_arity(f.overload, offered); return true;
    case T_STRUCT: *arity = closure_arity(f.structure->constructor); return true;
    case T_ERROR_TYPE: *arity = closure_arity(f.error_type->constructor); return true;
    default: return false;
    }
}

static NativeStatus prelude_takes(NATIVE_ARGS) {
    int offered = (int)args[1].i;
    String *method = args[2].string;
    Arity arity;
    if (!find_arity(args[0], offered, &arity)) {
        return vm_raise(vm, ERR_TYPE, "%.*s() expects a function, got %s", (int)method->length, method->bytes,
                        error_describe(vm, args[0]));
    }
    if (arity.most == 0 || arity.least > offered) {
        return vm_raise(vm, ERR_ARGUMENT, "%.*s() calls its function with %s%d argument%s, but it takes %d",
                        (int)method->length, method->bytes, offered > 1 ? "up to " : "", offered,
                        offered > 1 ? "s" : "", arity.most == 0 ? 0 : arity.least);
    }
    NATIVE_RETURN(value_int(arity.most < offered ? arity.most : offered));
}

static NativeStatus prelude_is_callable(NATIVE_ARGS) {
    Arity ignored;
    NATIVE_RETURN(value_bool(find_arity(args[0], 1, &ignored)));
}

/* Itself the mark: a parameter whose value is this function was not given. */
static NativeStatus prelude_absent(NATIVE_ARGS) { NATIVE_RETURN(NULL_VALUE); }

static bool is_absent(Value value) { return value.tag == T_NATIVE && value.native->function == prelude_absent; }

/* ---- Arrays ----------------------------------------------------------------------------------------------------- */

static NativeStatus prelude_truncate(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (args[1].i >= 0 && args[1].i < array->length && !array_remove(vm, array, (uint32_t)args[1].i, array->length))
        return NATIVE_ERROR;
    NATIVE_RETURN(args[0]);
}

/* The callbacks ran in between, so the array may have changed. */
static bool check_unchanged(Vm *vm, const Array *array, const Array *other) {
    if (array->length == other->length) return true;
    vm_raise(vm, ERR_VALUE, "the array changed while it was being sorted");
    return false;
}

static NativeStatus prelude_sort_by_keys(NATIVE_ARGS) {
    Array *array = args[0].array, *keys = args[1].array;
    if (!check_unchanged(vm, array, keys) || !array_own(vm, array)) return NATIVE_ERROR;
    if (!lib_sort(vm, "sortBy", keys->items, array->items, array->length, false)) return NATIVE_ERROR;
    lib_array_moved(vm, array);
    NATIVE_RETURN(args[0]);
}

static NativeStatus prelude_replace(NATIVE_ARGS) {
    if (!check_unchanged(vm, args[0].array, args[1].array)) return NATIVE_ERROR;
    for (uint32_t i = 0; i < args[0].array->length; i++)
        if (!array_set(vm, args[0].array, i, args[1].array->items[i])) return NATIVE_ERROR;
    NATIVE_RETURN(args[0]);
}

/* ---- debounce --------------------------------------------------------------------------------------------------- */

static NativeStatus prelude_milliseconds(NATIVE_ARGS) {
    double ms = args[0].tag == T_DURATION ? (double)args[0].duration->nanoseconds / 1e6 : value_number(args[0]);
    NATIVE_RETURN(value_float(ms));
}

/* Ends in the call of f with the arguments before the first that was not given. */
static NativeStatus prelude_call(NATIVE_ARGS) {
    *result = args[0];
    int count = 0;
    while (count + 1 < argc && !is_absent(args[count + 1])) {
        args[count] = args[count + 1];
        count++;
    }
    vm->call_count = count;
    return NATIVE_CALL;
}

static const NativeDef builtins[] = {
    {"__takes(f: any, offered: int, method: string) -> int",
     "How many of the offered arguments f takes; an error when it takes none, needs more, or is no function.",
     prelude_takes},
    {"__is_callable(value: any) -> bool", "Can the value be called?", prelude_is_callable},
    {"__milliseconds(delay: number | duration) -> float", "The delay in milliseconds.", prelude_milliseconds},
    {"__call(f: any, a: any, b: any, c: any, d: any) -> any", "Calls f with those arguments that are given.", prelude_call},
    {"__absent() -> null", "The mark of a parameter that was not given.", prelude_absent},
    {"__truncate(array: array, length: int) -> array",
     "Removes all elements from there on; returns the array.", prelude_truncate},
    {"__sort_by_keys(array: array, keys: array) -> array",
     "Sorts the array by the keys, one for each element; returns it.",
     prelude_sort_by_keys},
    {"__replace(array: array, items: array) -> array",
     "Puts the items into the array, in place of as many; returns it.", prelude_replace},
    {0}};

void lib_prelude_register(Vm *vm) { native_register_builtins(vm, builtins); }
