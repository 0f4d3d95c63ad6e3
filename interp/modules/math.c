/*
 * math.c -- the module `math`: constants, functions of numbers, vectors.
 *
 * Most functions give a FLOAT, whatever they take; those that give whole numbers say so in their signature.
 */
#include <math.h>
#include <string.h>

#include "lib/lib.h"
#include "modules.h"
#include "random.h"

/* ---- Constants and functions of one number ---------------------------------------------------------------------- */

/* CONSTANTS(X): X(name, value, help) */
#define CONSTANTS(X)                                                                               \
    X(PI, M_PI, "The circumference of a circle of diameter 1.")                                    \
    X(e, M_E, "Euler's number, the base of natural logarithms.")                                   \
    X(phi, 1.618033988749894848, "The golden ratio.")                                              \
    X(ln2, M_LN2, "The natural logarithm of 2.")                                                   \
    X(ln10, M_LN10, "The natural logarithm of 10.")                                                \
    X(log2e, M_LOG2E, "The logarithm of e to base 2.")                                             \
    X(log10e, M_LOG10E, "The logarithm of e to base 10.")                                          \
    X(sqrt1_2, M_SQRT1_2, "The square root of 1/2.")                                               \
    X(sqrt2, M_SQRT2, "The square root of 2.")                                                     \
    X(sqrt3, 1.732050807568877294, "The square root of 3.")                                        \
    X(sqrt5, 2.236067977499789696, "The square root of 5.")                                        \
    X(EPSILON, 0x1p-52, "The distance from 1 to the next larger float.")

/* FUNCTIONS(X): X(name, help); the C library has them under the same names. */
#define FUNCTIONS(X)                                                                               \
    X(sqrt, "The square root; NaN for a number below 0.")                                          \
    X(cbrt, "The cube root.")                                                                      \
    X(exp, "e to the power of the number.")                                                        \
    X(expm1, "e to the power of the number, minus 1; exact for small numbers, too.")               \
    X(log, "The natural logarithm.")                                                               \
    X(log10, "The logarithm to base 10.")                                                          \
    X(log1p, "The natural logarithm of 1 plus the number; exact for small numbers, too.")          \
    X(sin, "The sine of an angle in radians.")                                                     \
    X(cos, "The cosine of an angle in radians.")                                                   \
    X(tan, "The tangent of an angle in radians.")                                                  \
    X(asin, "The angle in radians whose sine the number is.")                                      \
    X(acos, "The angle in radians whose cosine the number is.")                                    \
    X(atan, "The angle in radians whose tangent the number is.")                                   \
    X(sinh, "The hyperbolic sine.")                                                                \
    X(cosh, "The hyperbolic cosine.")                                                              \
    X(tanh, "The hyperbolic tangent.")                                                             \
    X(asinh, "The inverse of the hyperbolic sine.")                                                \
    X(acosh, "The inverse of the hyperbolic cosine.")                                              \
    X(atanh, "The inverse of the hyperbolic tangent.")

#define X(name, value, help)                                                                       \
    static NativeStatus math_##name(NATIVE_ARGS) { NATIVE_RETURN(value_float(value)); }
CONSTANTS(X)
#undef X

#define X(name, help)                                                                              \
    static NativeStatus math_##name(NATIVE_ARGS) { NATIVE_RETURN(value_float(name(value_number(args[0])))); }
FUNCTIONS(X)
#undef X

static NativeStatus math_log2(NATIVE_ARGS) {
    if (value_number(args[0]) <= 0) return vm_raise(vm, ERR_VALUE, "The argument must be greater than 0.");
    NATIVE_RETURN(value_float(log2(value_number(args[0]))));
}

/* ---- Signs and whole numbers ------------------------------------------------------------------------------------ */

static double part(Vm *vm, Dict *complex, const char *name, bool *found) {
    Value value = NULL_VALUE;
    *found &= dict_get(complex, value_obj(string_from(vm, name)), &value) && value_is_number(value);
    return *found ? value_number(value) : 0;
}

static NativeStatus math_abs(NATIVE_ARGS) {
    if (args[0].tag == T_FLOAT) NATIVE_RETURN(value_float(fabs(args[0].f)));
    if (args[0].tag == T_INT) NATIVE_RETURN(lib_integer(args[0].i < 0 ? -(__int128)args[0].i : args[0].i));
    bool found = true;
    double real = part(vm, args[0].dict, "real", &found), imag = part(vm, args[0].dict, "imag", &found);
    if (!found) return vm_raise(vm, ERR_VALUE, "abs() expects a complex number to have the keys \"real\" and \"imag\"");
    NATIVE_RETURN(value_float(hypot(real, imag)));
}

static NativeStatus math_sign(NATIVE_ARGS) {
    double x = value_number(args[0]);
    NATIVE_RETURN(value_int((x > 0) - (x < 0)));
}

/* [x] through [change], as an INTEGER. Integers are whole already, and not all of them are doubles. */
static NativeStatus whole(Vm *vm, const char *function, double (*change)(double), Value x, Value *result) {
    int64_t integer;
    if (x.tag == T_INT) NATIVE_RETURN(x);
    if (lib_float_to_int(change(x.f), &integer)) NATIVE_RETURN(value_int(integer));
    return vm_raise(vm, ERR_VALUE, "%s(): %s does not fit an INTEGER", function, error_describe(vm, x));
}

static NativeStatus math_ceil(NATIVE_ARGS) { return whole(vm, "ceil", ceil, args[0], result); }

static NativeStatus math_floor(NATIVE_ARGS) { return whole(vm, "floor", floor, args[0], result); }

static NativeStatus math_round(NATIVE_ARGS) { return whole(vm, "round", round, args[0], result); }

/* Wraps as `*` does; from 66! on all 64 bits are 0. */
static NativeStatus math_factorial(NATIVE_ARGS) {
    if (args[0].i < 0) return vm_raise(vm, ERR_VALUE, "The argument must be a non-negative integer");
    uint64_t product = 1;
    for (uint64_t i = (uint64_t)args[0].i; i > 1 && product != 0; i--) product *= i;
    NATIVE_RETURN(value_int((int64_t)product));
}

/* ---- Several numbers -------------------------------------------------------------------------------------------- */

/* x ** (1/n) is often off by a digit; when a whole number is the exact root, it is the answer. */
static NativeStatus math_root(NATIVE_ARGS) {
    double x = value_number(args[0]), n = (double)args[1].i;
    if (n < 1) return vm_raise(vm, ERR_VALUE, "The second argument must be a positive integer");
    bool odd = args[1].i & 1;
    double root = x < 0 && !odd ? NAN : copysign(pow(fabs(x), 1 / n), x);
    if (pow(round(root), n) == x) root = round(root);
    NATIVE_RETURN(value_float(root));
}

static NativeStatus math_atan2(NATIVE_ARGS) {
    NATIVE_RETURN(value_float(atan2(value_number(args[0]), value_number(args[1]))));
}

static NativeStatus math_clamp(NATIVE_ARGS) {
    double x = value_number(args[0]), min = value_number(args[1]), max = value_number(args[2]);
    if (min > max) return vm_raise(vm, ERR_VALUE, "Min value must be less than or equal to max value.");
    NATIVE_RETURN(value_float(x < min ? min : x > max ? max : x));
}

static NativeStatus math_lerp(NATIVE_ARGS) {
    double start = value_number(args[0]), end = value_number(args[1]);
    NATIVE_RETURN(value_float(start + (end - start) * value_number(args[2])));
}

static NativeStatus math_random(NATIVE_ARGS) { NATIVE_RETURN(value_float(random_unit())); }

/* The numbers of a call that takes them one by one or in one array; NULL with an error raised. */
static Array *numbers_of(Vm *vm, const char *function, const Value *args, int argc) {
    Array *numbers = argc == 1 && args[0].tag == T_ARRAY ? args[0].array : array_from(vm, args, (size_t)argc);
    return numbers && lib_check_numbers(vm, function, numbers, false) ? numbers : NULL;
}

static NativeStatus math_max(NATIVE_ARGS) {
    Array *numbers = numbers_of(vm, "max", args, argc);
    if (!numbers) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(value_number(lib_extreme(numbers, 1))));
}

static NativeStatus math_min(NATIVE_ARGS) {
    Array *numbers = numbers_of(vm, "min", args, argc);
    if (!numbers) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(value_number(lib_extreme(numbers, -1))));
}

static double norm(const Array *numbers) {
    double length = 0;
    for (uint32_t i = 0; i < numbers->length; i++) length = hypot(length, value_number(numbers->items[i]));
    return length;
}

static NativeStatus math_hypot(NATIVE_ARGS) {
    Array *numbers = numbers_of(vm, "hypot", args, argc);
    if (!numbers) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(norm(numbers)));
}

/* ---- Statistics and vectors ------------------------------------------------------------------------------------- */

static NativeStatus math_mean(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "mean", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(lib_mean(args[0].array)));
}

static NativeStatus math_median(NATIVE_ARGS) {
    double median;
    if (!lib_median(vm, "median", args[0].array, &median)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(median));
}

static NativeStatus math_variance(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "variance", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(lib_variance(args[0].array)));
}

static NativeStatus math_stddev(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "stddev", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(sqrt(lib_variance(args[0].array))));
}

static NativeStatus math_dot(NATIVE_ARGS) {
    const Array *a = args[0].array, *b = args[1].array;
    if (a->length != b->length) return vm_raise(vm, ERR_VALUE, "Arrays must have the same length.");
    if (!lib_check_numbers(vm, "dot", a, false) || !lib_check_numbers(vm, "dot", b, false)) return NATIVE_ERROR;
    double sum = 0;
    for (uint32_t i = 0; i < a->length; i++) sum += value_number(a->items[i]) * value_number(b->items[i]);
    NATIVE_RETURN(value_float(sum));
}

static NativeStatus math_cross(NATIVE_ARGS) {
    const Array *arrays[2] = {args[0].array, args[1].array};
    double vectors[2][3];
    for (int i = 0; i < 2; i++) {
        if (arrays[i]->length != 3) return vm_raise(vm, ERR_VALUE, "Both vectors must be 3D (length 3).");
        if (!lib_check_numbers(vm, "cross", arrays[i], false)) return NATIVE_ERROR;
        for (int j = 0; j < 3; j++) vectors[i][j] = value_number(arrays[i]->items[j]);
    }
    const double *a = vectors[0], *b = vectors[1];
    Value product[3];
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        product[i] = value_float(a[j] * b[k] - a[k] * b[j]);
    }
    return lib_return_array(array_from(vm, product, 3), result);
}

static NativeStatus math_magnitude(NATIVE_ARGS) {
    if (!lib_check_numbers(vm, "magnitude", args[0].array, false)) return NATIVE_ERROR;
    NATIVE_RETURN(value_float(norm(args[0].array)));
}

/* ---- Numbers that are dicts ------------------------------------------------------------------------------------- */

static NativeStatus pair(Vm *vm, const char *first, Value a, const char *second, Value b, Value *result) {
    Dict *dict = dict_new(vm, 2);
    dict_set(vm, dict, value_obj(string_from(vm, first)), a);
    dict_set(vm, dict, value_obj(string_from(vm, second)), b);
    NATIVE_RETURN(value_obj(dict));
}

static NativeStatus math_complex(NATIVE_ARGS) {
    return pair(vm, "real", value_float(value_number(args[0])), "imag", value_float(value_number(args[1])), result);
}

static NativeStatus math_bigint(NATIVE_ARGS) {
    return pair(vm, "value", value_obj(string_of(vm, args[0])), "type", value_obj(string_from(vm, "bigint")), result);
}

/* ----------------------------------------------------------------------------------------------------------------- */

static const NativeDef functions[] = {
#define X(name, value, help) {#name " -> float", help, math_##name},
    CONSTANTS(X)
#undef X
#define X(name, help) {#name "(x: number) -> float", help, math_##name},
    FUNCTIONS(X)
#undef X
    {"log2(x: number) -> float", "The logarithm to base 2.", math_log2},
    {"abs(x: number | dict) -> number", "The number without its sign; the magnitude of a complex number.", math_abs},
    {"sign(x: number) -> int", "-1, 0 or 1.", math_sign},
    {"ceil(x: number) -> int", "The smallest integer that is not less.", math_ceil},
    {"floor(x: number) -> int", "The largest integer that is not greater.", math_floor},
    {"round(x: number) -> int", "The nearest integer, halves away from zero.", math_round},
    {"factorial(n: int) -> int",
     "The product of all integers from 1 to n; correct up to 20, wraps beyond.", math_factorial},
    {"gcd(a: int, b: int) -> int", "The greatest common divisor.", lib_gcd},
    {"lcm(a: int, b: int) -> int", "The least common multiple.", lib_lcm},
    {"pow(base: number, exponent: number) -> number",
     "base to the power of exponent; an integer while that is one and fits.", lib_pow},
    {"root(x: number, n: int) -> float", "The n-th root.", math_root},
    {"atan2(y: number, x: number) -> float", "The angle in radians from the x axis to the point (x, y).", math_atan2},
    {"clamp(x: number, min: number, max: number) -> float",
     "The number, but at least min and at most max.", math_clamp},
    {"lerp(start: number, end: number, t: number) -> float",
     "The number that lies at t on the way from start (0) to end (1).", math_lerp},
    {"random() -> float", "A number by chance, at least 0 and less than 1.", math_random},
    {"max(numbers: array | number...) -> float", "The largest of the numbers, which may stand in an array.", math_max},
    {"min(numbers: array | number...) -> float", "The smallest of the numbers, which may stand in an array.", math_min},
    {"hypot(numbers: array | number...) -> float",
     "The square root of the sum of the squares of the numbers, which may stand in an array.", math_hypot},
    {"mean(numbers: array) -> float", "The mean of the numbers.", math_mean},
    {"median(numbers: array) -> float",
     "The middle of the numbers in order, or the mean of the two middles.", math_median},
    {"variance(numbers: array) -> float", "The variance of the numbers as a whole population.", math_variance},
    {"stddev(numbers: array) -> float", "The standard deviation of the numbers as a whole population.", math_stddev},
    {"dot(a: array, b: array) -> float", "The dot product of two vectors.", math_dot},
    {"cross(a: array, b: array) -> array", "The cross product of two vectors of three numbers.", math_cross},
    {"magnitude(vector: array) -> float", "The length of a vector.", math_magnitude},
    {"complex(real: number, imag: number) -> dict",
     "A complex number: a dict with the keys real and imag.", math_complex},
    {"bigint(value: string | int) -> dict", "A large integer: a dict with its digits as value, and \"bigint\" as type.",
     math_bigint},
    {0}};

Module *math_module(Vm *vm) { return native_module(vm, "math", functions); }
