/*
 * lib_number.c -- methods of integers and floats. What makes sense for both exists for both.
 *
 * Results that do not fit an integer become floats, as with the ** operator; nothing loses digits silently.
 */
#include <math.h>
#include <stdlib.h>

#include "lib.h"

static double number(Value v) { return value_number(v); }

/* ---- Integers: small things ------------------------------------------------------------------------------------- */

static NativeStatus int_abs(NATIVE_ARGS) { NATIVE_RETURN(args[0].i < 0 ? lib_integer(-(__int128)args[0].i) : args[0]); }

static NativeStatus int_sign(NATIVE_ARGS) { NATIVE_RETURN(value_int((args[0].i > 0) - (args[0].i < 0))); }

static NativeStatus int_is_even(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].i % 2 == 0)); }

static NativeStatus int_is_odd(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].i % 2 != 0)); }

static NativeStatus int_mod(NATIVE_ARGS) {
    if (args[1].i == 0) return vm_raise(vm, ERR_ZERO_DIVISION, "Division by zero");
    NATIVE_RETURN(value_int(args[1].i == -1 ? 0 : args[0].i % args[1].i));
}

static NativeStatus int_clamp(NATIVE_ARGS) {
    int64_t i = args[0].i, min = args[1].i, max = args[2].i;
    if (min > max) return vm_raise(vm, ERR_VALUE, "Minimum bound cannot be greater than maximum bound");
    NATIVE_RETURN(value_int(i < min ? min : i > max ? max : i));
}

static NativeStatus int_in_range(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(args[0].i >= args[1].i && args[0].i <= args[2].i));
}

static NativeStatus int_itself(NATIVE_ARGS) { NATIVE_RETURN(args[0]); }

static uint64_t magnitude(int64_t i) { return i < 0 ? -(uint64_t)i : (uint64_t)i; }

static NativeStatus int_digits(NATIVE_ARGS) {
    Value digits[20];
    int at = 20;
    uint64_t left = magnitude(args[0].i);
    do {
        digits[--at] = value_int((int64_t)(left % 10));
        left /= 10;
    } while (left > 0);
    return lib_return_array(array_from(vm, digits + at, (size_t)(20 - at)), result);
}

/* The integer in a base that is a power of two, [bits] per digit. */
static NativeStatus in_base(Vm *vm, int64_t i, int bits, Value *result) {
    char text[65];
    int at = 65;
    uint64_t left = magnitude(i);
    do {
        text[--at] = "0123456789abcdef"[left & ((1u << bits) - 1)];
        left >>= bits;
    } while (left > 0);
    if (i < 0) text[--at] = '-';
    return lib_return_string(string_new(vm, text + at, (size_t)(65 - at)), result);
}

static NativeStatus int_to_binary(NATIVE_ARGS) { return in_base(vm, args[0].i, 1, result); }

static NativeStatus int_to_octal(NATIVE_ARGS) { return in_base(vm, args[0].i, 3, result); }

static NativeStatus int_to_hex(NATIVE_ARGS) { return in_base(vm, args[0].i, 4, result); }

/* ---- Integers: number theory ------------------------------------------------------------------------------------ */

static uint64_t gcd(uint64_t a, uint64_t b) {
    while (b > 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

NativeStatus lib_gcd(NATIVE_ARGS) {
    NATIVE_RETURN(lib_integer(gcd(magnitude(args[0].i), magnitude(args[1].i))));
}

NativeStatus lib_lcm(NATIVE_ARGS) {
    uint64_t a = magnitude(args[0].i), b = magnitude(args[1].i);
    NATIVE_RETURN(a == 0 || b == 0 ? value_int(0) : lib_integer((__int128)(a / gcd(a, b)) * b));
}

static NativeStatus int_factorial(NATIVE_ARGS) {
    int64_t n = args[0].i, product = 1;
    if (n < 0) return vm_raise(vm, ERR_VALUE, "Factorial is not defined for negative numbers");
    if (n > 20) return vm_raise(vm, ERR_VALUE, "Factorial of numbers greater than 20 may cause overflow");
    for (; n > 1; n--) product *= n;
    NATIVE_RETURN(value_int(product));
}

static uint64_t power_modulo(uint64_t base, uint64_t exponent, uint64_t modulus) {
    uint64_t power = 1;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) power = (uint64_t)((unsigned __int128)power * base % modulus);
        base = (uint64_t)((unsigned __int128)base * base % modulus);
    }
    return power;
}

/* The test of Miller and Rabin; with these witnesses it is exact for all 64-bit numbers. */
static bool is_prime(uint64_t n) {
    static const uint8_t witnesses[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    if (n < 2) return false;
    for (size_t i = 0; i < sizeof witnesses; i++) {
        if (n % witnesses[i] == 0) return n == witnesses[i];
    }
    int twos = __builtin_ctzll(n - 1);
    for (size_t i = 0; i < sizeof witnesses; i++) {
        uint64_t x = power_modulo(witnesses[i], (n - 1) >> twos, n);
        if (x == 1) continue;
        int round = 0;
        while (x != n - 1 && ++round < twos) x = (uint64_t)((unsigned __int128)x * x % n);
        if (x != n - 1) return false;
    }
    return true;
}

static NativeStatus int_is_prime(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(args[0].i > 1 && is_prime((uint64_t)args[0].i)));
}

/* ---- Powers and roots ------------------------------------------------------------------------------------------- */

/* base ** exponent, exact while it fits; a float from there on, and for exponents below 0. */
static Value int_power(int64_t base, int64_t exponent) {
    int64_t power = 1, square = base;
    bool overflow = exponent < 0;
    for (int64_t left = exponent; !overflow && left > 0; left >>= 1) {
        if (left & 1) overflow = __builtin_mul_overflow(power, square, &power);
        if (left > 1) overflow |= __builtin_mul_overflow(square, square, &square);
    }
    return overflow ? value_float(pow((double)base, (double)exponent)) : value_int(power);
}

static NativeStatus int_pow(NATIVE_ARGS) {
    if (args[1].i < 0) return vm_raise(vm, ERR_VALUE, "Negative exponents not supported for integers");
    NATIVE_RETURN(int_power(args[0].i, args[1].i));
}

static NativeStatus float_pow(NATIVE_ARGS) { NATIVE_RETURN(value_float(pow(args[0].f, number(args[1])))); }

NativeStatus lib_pow(NATIVE_ARGS) {
    if (args[0].tag == T_INT && args[1].tag == T_INT) NATIVE_RETURN(int_power(args[0].i, args[1].i));
    NATIVE_RETURN(value_float(pow(number(args[0]), number(args[1]))));
}

static NativeStatus number_sqrt(NATIVE_ARGS) {
    if (number(args[0]) < 0) return vm_raise(vm, ERR_VALUE, "Cannot calculate square root of negative number");
    NATIVE_RETURN(value_float(sqrt(number(args[0]))));
}

/* x ** (1/n) is often off by a digit; when a whole number is the exact root, it is the answer. */
static NativeStatus int_nth_root(NATIVE_ARGS) {
    int64_t x = args[0].i, n = args[1].i;
    if (n <= 0) return vm_raise(vm, ERR_VALUE, "Root must be positive");
    if (x < 0 && n % 2 == 0) return vm_raise(vm, ERR_VALUE, "Cannot calculate even root of negative number");
    double root = copysign(pow(fabs((double)x), 1.0 / (double)n), (double)x);
    Value back = int_power(llround(root), n);
    if (back.tag == T_INT && back.i == x) root = round(root);
    NATIVE_RETURN(value_float(root));
}

/* ---- Floats ----------------------------------------------------------------------------------------------------- */

static NativeStatus float_abs(NATIVE_ARGS) { NATIVE_RETURN(value_float(fabs(args[0].f))); }

static NativeStatus float_sign(NATIVE_ARGS) {
    double f = args[0].f;
    NATIVE_RETURN(value_float(f > 0 ? 1 : f < 0 ? -1 : f));
}

static NativeStatus float_truncate(NATIVE_ARGS) { NATIVE_RETURN(value_float(trunc(args[0].f))); }

static NativeStatus whole(Vm *vm, const char *method, double f, Value *result) {
    int64_t integer;
    if (lib_float_to_int(f, &integer)) NATIVE_RETURN(value_int(integer));
    return vm_raise(vm, ERR_VALUE, "%s(): %s does not fit an INTEGER", method, error_describe(vm, value_float(f)));
}

static NativeStatus float_ceil(NATIVE_ARGS) { return whole(vm, "ceil", ceil(args[0].f), result); }

static NativeStatus float_floor(NATIVE_ARGS) { return whole(vm, "floor", floor(args[0].f), result); }

/* Half away from zero, at a number of decimals that may be negative. */
static NativeStatus float_round(NATIVE_ARGS) {
    double scale = pow(10, native_given(args[1]) ? (double)args[1].i : 0), scaled = args[0].f * scale;
    NATIVE_RETURN(value_float(isfinite(scaled) && scale > 0 ? round(scaled) / scale : args[0].f));
}

static NativeStatus float_mod(NATIVE_ARGS) {
    if (number(args[1]) == 0) return vm_raise(vm, ERR_ZERO_DIVISION, "Division by zero");
    NATIVE_RETURN(value_float(fmod(args[0].f, number(args[1]))));
}

static NativeStatus float_clamp(NATIVE_ARGS) {
    double f = args[0].f, min = number(args[1]), max = number(args[2]);
    if (min > max) return vm_raise(vm, ERR_VALUE, "Min value cannot be greater than max value");
    NATIVE_RETURN(value_float(f < min ? min : f > max ? max : f));
}

static NativeStatus float_in_range(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(args[0].f >= number(args[1]) && args[0].f <= number(args[2])));
}

static NativeStatus float_is_nan(NATIVE_ARGS) { NATIVE_RETURN(value_bool(isnan(args[0].f))); }

static NativeStatus float_is_infinite(NATIVE_ARGS) { NATIVE_RETURN(value_bool(isinf(args[0].f))); }

/* ---- Text forms of both ----------------------------------------------------------------------------------------- */

#define DECIMALS_LIMIT 1000

/* With a printf format for [digits] decimals or digits. NaN and infinities have their own words. */
static NativeStatus in_digits(Vm *vm, const char *format, int64_t digits, Value value, Value *result) {
    Text text = {0};
    double f = number(value);
    if (isfinite(f)) {
        text_printf(&text, format, (int)digits, f);
    } else {
        text_float(&text, f);
    }
    return lib_return_text(vm, &text, result);
}

static NativeStatus number_to_string(NATIVE_ARGS) {
    if (!native_given(args[1]) || args[1].i < 0) return lib_return_string(string_of(vm, args[0]), result);
    if (args[1].i > DECIMALS_LIMIT) return vm_raise(vm, ERR_VALUE, "Decimals must be at most %d", DECIMALS_LIMIT);
    return in_digits(vm, "%.*f", args[1].i, args[0], result);
}

static NativeStatus number_to_fixed(NATIVE_ARGS) {
    int64_t decimals = native_given(args[1]) ? args[1].i : 0;
    if (decimals < 0 || decimals > 20) return vm_raise(vm, ERR_VALUE, "Decimal places must be between 0 and 20");
    return in_digits(vm, "%.*f", decimals, args[0], result);
}

static NativeStatus number_to_precision(NATIVE_ARGS) {
    if (args[1].i < 1 || args[1].i > 21) return vm_raise(vm, ERR_VALUE, "Precision must be between 1 and 21");
    return in_digits(vm, "%.*g", args[1].i, args[0], result);
}

/* ---- Functions of both ------------------------------------------------------------------------------------------ */

/* FUNCTIONS(X): X(name, of x, help) */
#define FUNCTIONS(X)                                                                               \
    X(degrees, x * 180 / M_PI, "The angle, given in radians, in degrees.")                         \
    X(radians, x * M_PI / 180, "The angle, given in degrees, in radians.")                         \
    X(sin, sin(x), "The sine of the angle in radians.")                                            \
    X(cos, cos(x), "The cosine of the angle in radians.")                                          \
    X(tan, tan(x), "The tangent of the angle in radians.")                                         \
    X(exp, exp(x), "e to the power of the number.")

#define X(name, value, help)                                                                       \
    static NativeStatus number_##name(NATIVE_ARGS) {                                               \
        double x = number(args[0]);                                                                \
        NATIVE_RETURN(value_float(value));                                                         \
    }
FUNCTIONS(X)
#undef X

static NativeStatus number_log(NATIVE_ARGS) {
    if (number(args[0]) <= 0) return vm_raise(vm, ERR_VALUE, "Cannot calculate log of non-positive number");
    NATIVE_RETURN(value_float(log(number(args[0]))));
}

static NativeStatus number_abs(NATIVE_ARGS) {
    return args[0].tag == T_INT ? int_abs(vm, args, argc, result) : float_abs(vm, args, argc, result);
}

/* ----------------------------------------------------------------------------------------------------------------- */

static const NativeDef int_methods[] = {
    {"abs() -> int", "The number without its sign.", int_abs},
    {"sign() -> int", "-1, 0 or 1.", int_sign},
    {"is_even() -> bool", "Is the number even?", int_is_even},
    {"is_odd() -> bool", "Is the number odd?", int_is_odd},
    {"pow(exponent: int) -> number",
     "The number to a power of at least 0; a float when it does not fit an integer.", int_pow},
    {"gcd(other: int) -> int", "The greatest common divisor.", lib_gcd},
    {"lcm(other: int) -> int", "The least common multiple.", lib_lcm},
    {"factorial() -> int", "The product of all integers from 1 to the number, which is at most 20.", int_factorial},
    {"toBinary() -> string", "The number in base 2.", int_to_binary},
    {"toOctal() -> string", "The number in base 8.", int_to_octal},
    {"toHex() -> string", "The number in base 16.", int_to_hex},
    {"isPrime() -> bool", "Is the number a prime?", int_is_prime},
    {"nthRoot(n: int) -> float", "The n-th root.", int_nth_root},
    {"mod(divisor: int) -> int", "The rest of a division, with the sign of the number.", int_mod},
    {"clamp(min: int, max: int) -> int", "The number, but at least min and at most max.", int_clamp},
    {"inRange(min: int, max: int) -> bool", "Is the number at least min and at most max?", int_in_range},
    {"digits() -> array", "The decimal digits.", int_digits},
    {"round() -> int", "The number itself.", int_itself},
    {"floor() -> int", "The number itself.", int_itself},
    {"ceil() -> int", "The number itself.", int_itself},
    {"truncate() -> int", "The number itself.", int_itself},
    {0}};

static const NativeDef float_methods[] = {
    {"abs() -> float", "The number without its sign.", float_abs},
    {"sign() -> float", "-1, 0 or 1.", float_sign},
    {"ceil() -> int", "The smallest integer that is not less.", float_ceil},
    {"floor() -> int", "The largest integer that is not greater.", float_floor},
    {"round(digits: int = 0) -> float", "Rounded to a number of decimals, halves away from zero.", float_round},
    {"truncate() -> float", "The number without its fraction.", float_truncate},
    {"pow(exponent: number) -> float", "The number to a power.", float_pow},
    {"mod(divisor: number) -> float", "The rest of a division, with the sign of the number.", float_mod},
    {"clamp(min: number, max: number) -> float", "The number, but at least min and at most max.", float_clamp},
    {"inRange(min: number, max: number) -> bool", "Is the number at least min and at most max?", float_in_range},
    {"is_nan() -> bool", "Is this no number?", float_is_nan},
    {"is_infinite() -> bool", "Is the number infinite?", float_is_infinite},
    {0}};

static const NativeDef number_methods[] = {
    {"sqrt() -> float", "The square root.", number_sqrt},
    {"to_string(decimals: int = all) -> string",
     "The number as text, with a fixed number of decimals if given.", number_to_string},
    {"toString(decimals: int = all) -> string",
     "The number as text, with a fixed number of decimals if given.", number_to_string},
    {"toFixed(decimals: int = 0) -> string", "The number as text with a fixed number of decimals.", number_to_fixed},
    {"toPrecision(digits: int) -> string",
     "The number as text with at most so many significant digits.", number_to_precision},
#define X(name, value, help) {#name "() -> float", help, number_##name},
    FUNCTIONS(X)
#undef X
    {"log() -> float", "The natural logarithm.", number_log},
    {0}};

static const NativeDef builtins[] = {
    {"abs(x: number) -> number", "The number without its sign.", number_abs},
    {"pow(base: number, exponent: number) -> number",
     "base to the power of exponent; an integer while that is one and fits.", lib_pow},
    {0}};

void lib_number_register(Vm *vm) {
    native_register_methods(vm, T_INT, int_methods);
    native_register_methods(vm, T_INT, number_methods);
    native_register_methods(vm, T_FLOAT, float_methods);
    native_register_methods(vm, T_FLOAT, number_methods);
    native_register_builtins(vm, builtins);
}
