/*
 * lib_statistics.c -- sums and statistics of arrays of numbers.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"

/* False with an error raised when there is something else than numbers, or nothing where something is needed. */
bool lib_check_numbers(Vm *vm, const char *function, const Array *array, bool may_be_empty) {
    if (array->length == 0 && !may_be_empty) {
        vm_raise(vm, ERR_VALUE, "%s() cannot be calculated for an empty array", function);
        return false;
    }
    for (uint32_t i = 0; i < array->length; i++) {
        if (value_is_number(array->items[i])) continue;
        vm_raise(vm, ERR_TYPE, "%s() can only be applied to arrays containing numbers, got %s", function,
                 error_describe(vm, array->items[i]));
        return false;
    }
    return true;
}

/* Integers stay exact for as long as they fit; from the first float, or what does not fit, on it is floats. */
static NativeStatus array_sum(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (!lib_check_numbers(vm, "sum", array, true)) return NATIVE_ERROR;
    int64_t sum = 0, next;
    uint32_t i = 0;
    for (; i < array->length && array->items[i].tag == T_INT; i++) {
        if (__builtin_add_overflow(sum, array->items[i].i, &next)) break;
        sum = next;
    }
    if (i == array->length) NATIVE_RETURN(value_int(sum));
    double total = (double)sum;
    for (; i < array->length; i++) total += value_number(array->items[i]);
    NATIVE_RETURN(value_float(total));
}

static NativeStatus array_product(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (!lib_check_numbers(vm, "product", array, true)) return NATIVE_ERROR;
    int64_t product = 1, next;
    uint32_t i = 0;
    for (; i < array->length && array->items[i].tag == T_INT; i++) {
        if (__builtin_mul_overflow(product, array->items[i].i, &next)) break;
        product = next;
    }
    if (i == array->length) NATIVE_RETURN(value_int(product));
    double total = (double)product;
    for (; i < array->length; i++) total *= value_number(array->items[i]);
    NATIVE_RETURN(value_float(total));
}

double lib_mean(const Array *array) {
    double total = 0;
    for (uint32_t i = 0; i < array->length; i++) total += value_number(array->items[i]);
    return total / array->length;
}

static NativeStatus array_average(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "average", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(lib_mean(args[0].array)));
}

double lib_variance(const Array *array) {
    double center = lib_mean(array), total = 0;
    for (uint32_t i = 0; i < array->length; i++) {
        double distance = value_number(array->items[i]) - center;
        total += distance * distance;
    }
    return total / array->length;
}

static NativeStatus array_variance(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "variance", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(lib_variance(args[0].array)));
}

static NativeStatus array_standard_deviation(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "standardDeviation", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(sqrt(lib_variance(args[0].array))));
}

/* The first of the elements that are smallest (sign -1) or largest (1). */
Value lib_extreme(const Array *array, int sign) {
    Value found = array->items[0];
    for (uint32_t i = 1; i < array->length; i++) {
        int order;
        if (value_compare(array->items[i], found, &order) && order == sign) found = array->items[i];
    }
    return found;
}

static NativeStatus array_min(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "min", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(lib_extreme(args[0].array, -1));
}

static NativeStatus array_max(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "max", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(lib_extreme(args[0].array, 1));
}

bool lib_median(Vm *vm, const char *function, const Array *array, double *median) {
    if (!lib_check_numbers(vm, function, array, false)) return false;
    Array *sorted = array_slice(vm, array, 0, array->length);
    if (!sorted || !lib_sort(vm, function, sorted->items, sorted->items, sorted->length, false)) return false;
    uint32_t middle = sorted->length / 2;
    double high = value_number(sorted->items[middle]);
    double low = sorted->length % 2 ? high : value_number(sorted->items[middle - 1]);
    *median = (low + high) / 2;
    return true;
}

static NativeStatus array_median(NATIVE_ARGS) {
    double median;
    if (!lib_median(vm, "median", args[0].array, &median)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(median));
}

static NativeStatus array_mode(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (array->length == 0) return vm_raise(vm, ERR_VALUE, "mode() cannot be calculated for an empty array");
    Array *values = array_new(vm, 0), *modes = array_new(vm, 0);
    Distinct distinct;
    if (!values || !modes || !lib_distinct_init(vm, &distinct)) return NATIVE_ERROR;
    uint32_t *counts = calloc(array->length, sizeof *counts), most = 0;
    if (!counts) abort();
    bool ok = true;
    for (uint32_t i = 0; ok && i < array->length; i++) {
        uint32_t number;
        ok = lib_distinct_number(vm, &distinct, array->items[i], &number);
        if (ok && number == values->length) ok = array_push(vm, values, array->items[i]);
        if (ok && ++counts[number] > most) most = counts[number];
    }
    for (uint32_t i = 0; ok && i < values->length; i++) {
        if (counts[i] == most) ok = array_push(vm, modes, values->items[i]);
    }
    free(counts);
    return ok ? lib_return_array(modes, result) : NATIVE_ERROR;
}

static const NativeDef methods[] = {
    {"sum() -> number", "The sum of the numbers; exact for integers.", array_sum},
    {"product() -> number", "The product of the numbers; exact for integers.", array_product},
    {"average() -> float", "The mean of the numbers.", array_average},
    {"mean() -> float", "The mean of the numbers.", array_average},
    {"min() -> number", "The smallest of the numbers.", array_min},
    {"max() -> number", "The largest of the numbers.", array_max},
    {"median() -> float", "The middle of the numbers in order, or the mean of the two middles.", array_median},
    {"mode() -> array", "The elements that occur most often.", array_mode},
    {"variance() -> float", "The variance of the numbers as a whole population.", array_variance},
    {"standardDeviation() -> float",
     "The standard deviation of the numbers as a whole population.", array_standard_deviation},
    {0}};

void lib_statistics_register(Vm *vm) { native_register_methods(vm, T_ARRAY, methods); }
