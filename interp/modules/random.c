/*
 * random.c -- the module `random`: numbers, choices and secrets by chance.
 */
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "lib/lib.h"
#include "modules.h"

#define COUNT_LIMIT 100000000 /* of what one call makes */

void random_fill(void *bytes, size_t length) {
    if (uv_random(NULL, NULL, bytes, length, 0, NULL) == 0) return;
    fprintf(stderr, "vint: the system gives no random bytes\n");
    abort();
}

static uint64_t random_bits(void) {
    uint64_t bits;
    random_fill(&bits, sizeof bits);
    return bits;
}

/* The remainder of 64 random bits would favour small numbers a little. So the lowest 2^64 mod limit of them are thrown
 * again: what is left is a whole multiple of the limit. */
uint64_t random_below(uint64_t limit) {
    uint64_t bits = random_bits();
    if (limit == 0) return bits;
    uint64_t surplus = -limit % limit;
    while (bits < surplus) bits = random_bits();
    return bits % limit;
}

double random_unit(void) { return (double)(random_bits() >> 11) * 0x1p-53; }

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

static int64_t between(int64_t min, int64_t max) {
    return (int64_t)((uint64_t)min + random_below((uint64_t)max - (uint64_t)min + 1));
}

static bool check_order(Vm *vm, const char *function, int64_t min, int64_t max) {
    if (min <= max) return true;
    vm_raise(vm, ERR_VALUE, "%s() expects min <= max, got min=%lld, max=%lld", function, (long long)min,
             (long long)max);
    return false;
}

static bool check_count(Vm *vm, const char *function, int64_t count, int64_t least, int64_t most) {
    if (count >= least && count <= most) return true;
    vm_raise(vm, ERR_VALUE, "%s() expects a count between %lld and %lld, got %lld", function, (long long)least,
             (long long)most, (long long)count);
    return false;
}

static NativeStatus random_int(NATIVE_ARGS) {
    if (!check_order(vm, "int", args[0].i, args[1].i)) return NATIVE_ERROR;
    NATIVE_RETURN(value_int(between(args[0].i, args[1].i)));
}

static NativeStatus random_float(NATIVE_ARGS) { NATIVE_RETURN(value_float(random_unit())); }

static NativeStatus random_bool(NATIVE_ARGS) { NATIVE_RETURN(value_bool(random_bits() & 1)); }

static NativeStatus random_range(NATIVE_ARGS) {
    int64_t min = args[0].i, max = args[1].i, count = args[2].i;
    if (!check_order(vm, "range", min, max) || !check_count(vm, "range", count, 0, COUNT_LIMIT)) return NATIVE_ERROR;
    Array *numbers = array_new(vm, (size_t)count);
    for (int64_t i = 0; numbers && i < count; i++) array_push(vm, numbers, value_int(between(min, max)));
    return lib_return_array(numbers, result);
}

/* ---- Elements of an array --------------------------------------------------------------------------------------- */

static NativeStatus random_choice(NATIVE_ARGS) {
    const Array *array = args[0].array;
    NATIVE_RETURN(array->length == 0 ? NULL_VALUE : array->items[random_below(array->length)]);
}

/* The first [count] steps of shuffling a copy: each place gets one of the elements that have none yet. */
static Array *draw(Vm *vm, const Array *array, uint32_t count) {
    Array *drawn = array_slice(vm, array, 0, array->length);
    for (uint32_t i = 0; drawn && i < count; i++) {
        uint32_t other = i + (uint32_t)random_below(array->length - i);
        Value item = drawn->items[i];
        drawn->items[i] = drawn->items[other];
        drawn->items[other] = item;
    }
    return drawn;
}

static NativeStatus random_shuffle(NATIVE_ARGS) {
    return lib_return_array(draw(vm, args[0].array, args[0].array->length), result);
}

static NativeStatus random_sample(NATIVE_ARGS) {
    Array *array = args[0].array;
    if (!check_count(vm, "sample", args[1].i, 0, array->length)) return NATIVE_ERROR;
    Array *drawn = draw(vm, array, (uint32_t)args[1].i);
    if (drawn) array_remove(vm, drawn, (uint32_t)args[1].i, array->length);
    return lib_return_array(drawn, result);
}

/* ---- Texts ------------------------------------------------------------------------------------------------------ */

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define SPECIALS "!@#$%^&*()-_=+[]{}|;:,.<>?"

static char one_of(const char *set) { return set[random_below(strlen(set))]; }

/* [count] characters of [set]. */
static NativeStatus characters(Vm *vm, const char *set, int64_t count, Value *result) {
    if (heap_refuses(vm, (size_t)count)) return NATIVE_ERROR;
    char *bytes;
    String *string = string_reserve(vm, (size_t)count, &bytes);
    if (!string) return NATIVE_ERROR;
    for (int64_t i = 0; i < count; i++) bytes[i] = one_of(set);
    string_seal(string);
    NATIVE_RETURN(value_obj(string));
}

static NativeStatus random_string(NATIVE_ARGS) {
    if (!check_count(vm, "string", args[0].i, 0, COUNT_LIMIT)) return NATIVE_ERROR;
    return characters(vm, LOWER UPPER, args[0].i, result);
}

static NativeStatus random_otp(NATIVE_ARGS) {
    if (!check_count(vm, "otp", args[0].i, 1, COUNT_LIMIT)) return NATIVE_ERROR;
    return characters(vm, DIGITS, args[0].i, result);
}

static NativeStatus random_token(NATIVE_ARGS) {
    if (!check_count(vm, "token", args[0].i, 1, COUNT_LIMIT)) return NATIVE_ERROR;
    return characters(vm, "0123456789abcdef", args[0].i * 2, result);
}

/* One character of each kind, any others, and all of that shuffled. */
static NativeStatus random_password(NATIVE_ARGS) {
    static const char *const kinds[] = {LOWER, UPPER, DIGITS, SPECIALS};
    if (!check_count(vm, "password", args[0].i, 4, COUNT_LIMIT)) return NATIVE_ERROR;
    if (characters(vm, LOWER UPPER DIGITS SPECIALS, args[0].i, result) != NATIVE_OK) return NATIVE_ERROR;
    char *bytes = (char *)result->string->bytes; /* nobody has seen the string yet */
    for (int i = 0; i < 4; i++) bytes[i] = one_of(kinds[i]);
    for (uint32_t i = 0; i < result->string->length; i++) {
        uint32_t other = i + (uint32_t)random_below(result->string->length - i);
        char c = bytes[i];
        bytes[i] = bytes[other];
        bytes[other] = c;
    }
    return NATIVE_OK;
}

/* ----------------------------------------------------------------------------------------------------------------- */

static const NativeDef functions[] = {
    {"int(min: int, max: int) -> int", "An integer from min to max, both included.", random_int},
    {"float() -> float", "A number that is at least 0 and less than 1.", random_float},
    {"bool() -> bool", "true or false.", random_bool},
    {"range(min: int, max: int, count: int) -> array", "An array of count integers from min to max.", random_range},
    {"choice(items: array) -> any", "One of the items; null when there are none.", random_choice},
    {"shuffle(items: array) -> array", "A new array of the items in another order.", random_shuffle},
    {"sample(items: array, count: int) -> array", "A new array of some of the items, each taken once at most.",
     random_sample},
    {"string(length: int) -> string", "Letters, small and capital.", random_string},
    {"otp(length: int) -> string", "A one-time password of digits.", random_otp},
    {"token(bytes: int) -> string",
     "A secret of so many bytes, in hexadecimal digits: two for each byte.", random_token},
    {"password(length: int) -> string",
     "A password of at least 4 characters; letters of both cases, digits and special characters are all in it.",
     random_password},
    {0}};

Module *random_module(Vm *vm) { return native_module(vm, "random", functions); }
