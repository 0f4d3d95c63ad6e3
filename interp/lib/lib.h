/*
 * lib.h -- the standard library: builtin functions, and the methods of the built-in types.
 *
 * One file a type, each with its tables of natives at the end. What takes a function of the program is not here but
 * in prelude.vint, since C must not call into the machine and wait.
 */
#ifndef LIB_H
#define LIB_H

#include "vm/array.h"
#include "vm/dict.h"
#include "vm/native.h"
#include "vm/text.h"

/* How deep nested containers are followed before a native says so instead of running out of stack. */
#define LIB_DEPTH_LIMIT 1000

/* Registers everything below. */
void lib_register(Vm *vm);

void lib_core_register(Vm *vm);    /* output, types, conversion, copying */
void lib_string_register(Vm *vm);
void lib_array_register(Vm *vm);
void lib_statistics_register(Vm *vm); /* of arrays: sum, mean, median … */
void lib_dict_register(Vm *vm);
void lib_range_register(Vm *vm);
void lib_number_register(Vm *vm);  /* INTEGER and FLOAT */
void lib_bool_register(Vm *vm);    /* BOOLEAN and NULL */
void lib_format_register(Vm *vm);
void lib_assert_register(Vm *vm);  /* assert, assertEqual */
void lib_file_register(Vm *vm);    /* open(), write(), FILE */
void lib_time_register(Vm *vm);    /* TIME and DURATION */
void lib_history_register(Vm *vm); /* %history */
void lib_options_register(Vm *vm); /* %config */
void lib_prelude_register(Vm *vm); /* what prelude.vint needs from below */
void prelude_load(Vm *vm);         /* prelude.vint itself; when all else is registered */

/* ---- For each other --------------------------------------------------------------------------------------------- */

/* A text that grows as far as the heap allows. */
Text lib_text(const Vm *vm);
/* False with MemoryError raised: it would have grown farther. It is freed then. */
bool lib_text_fits(Vm *vm, Text *text);

/* Makes the string result of a native out of [text], which is freed; an error when it does not fit. */
NativeStatus lib_return_text(Vm *vm, Text *text, Value *result);
NativeStatus lib_return_string(String *string, Value *result); /* NULL: an error is raised already */
NativeStatus lib_return_array(Array *array, Value *result);    /* likewise */

/* [start] and [end], which may be undefined, as slice() takes them: negative ones count from the end, all clamped. */
void lib_slice_bounds(uint32_t length, Value start, Value end, uint32_t *from, uint32_t *to);

/* Raises TypeError unless [key] can be a key of a dict. */
bool lib_check_key(Vm *vm, Value key);

/* Adds the string to the array; false with an error raised, also when there is none. */
bool lib_push(Vm *vm, Array *array, String *string);

/* A wide integer as INTEGER when it fits, else as FLOAT. */
Value lib_integer(__int128 wide);

/* The float cut to an integer; false when it does not fit (or is NaN). */
bool lib_float_to_int(double f, int64_t *integer);

/* Text as a number. Integers: a sign and digits of [base] (2 … 36), nothing else. Floats: what VintLang writes, and
 * exponents, "_" between digits, hexadecimal floats, NaN, Inf, Infinity. False: no such number, or it does not fit. */
bool lib_parse_int(const char *text, size_t length, int base, int64_t *integer);
bool lib_parse_float(const char *text, size_t length, double *number);

/* Sorts items[0 … count) stably by keys[0 … count), which may be the same array: numbers, or strings bytewise. NaN comes
 * first. False with a TypeError in the name of [method] raised when the keys are neither all numbers nor all strings. */
bool lib_sort(Vm *vm, const char *method, const Value *keys, Value *items, uint32_t count, bool descending);

/* [array]'s elements were moved about in place: the collector must be told. */
void lib_array_moved(Vm *vm, Array *array);

/* Numbers the distinct values it is shown, from 0: by structural equality, in the order of their first appearance. */
typedef struct {
    Dict *hashable; /* value -> number */
    Array *others;  /* value, number, value, number … */
    uint32_t count;
} Distinct;
/* Both: false with an error raised. */
bool lib_distinct_init(Vm *vm, Distinct *distinct);
bool lib_distinct_number(Vm *vm, Distinct *distinct, Value value, uint32_t *number);

/* Appends format(format, args...): the verbs of lib_format.c. */
void lib_format(Vm *vm, Text *text, const String *format, const Value *args, int argc);

/* Characters (lib_unicode.c). */
uint32_t unicode_upper(uint32_t point);
uint32_t unicode_lower(uint32_t point);
bool unicode_is_letter(uint32_t point);
bool unicode_is_digit(uint32_t point);
bool unicode_is_printable(uint32_t point);
uint32_t unicode_without_accent(uint32_t point); /* 0 for an accent that stands alone */
void unicode_append(Text *text, uint32_t point);

/* How many bytes of what came in pieces to give on now: without a character at the end of which only the beginning has
 * come, unless there is nothing else. */
size_t lib_whole_characters(const char *bytes, size_t length);

/* Numbers in an array (lib_statistics.c). The first two say in an error's words which [function] it was for; false: raised. */
bool lib_check_numbers(Vm *vm, const char *function, const Array *array, bool may_be_empty);
bool lib_median(Vm *vm, const char *function, const Array *array, double *median);
double lib_mean(const Array *numbers);
double lib_variance(const Array *numbers);          /* of the whole population */
Value lib_extreme(const Array *numbers, int sign); /* the first of the smallest (sign -1) or largest (1) */

/* Natives that are builtins, methods, functions of modules: several of these at once. */
NativeStatus lib_length(NATIVE_ARGS);
NativeStatus lib_string_of(NATIVE_ARGS);
NativeStatus lib_copy(NATIVE_ARGS);
NativeStatus lib_pow(NATIVE_ARGS);
NativeStatus lib_gcd(NATIVE_ARGS);
NativeStatus lib_lcm(NATIVE_ARGS);
NativeStatus lib_format_call(NATIVE_ARGS);
NativeStatus lib_string_upper(NATIVE_ARGS);
NativeStatus lib_string_lower(NATIVE_ARGS);
NativeStatus lib_string_contains(NATIVE_ARGS);
NativeStatus lib_string_starts_with(NATIVE_ARGS);
NativeStatus lib_string_ends_with(NATIVE_ARGS);
NativeStatus lib_string_replace(NATIVE_ARGS);
NativeStatus lib_string_split(NATIVE_ARGS);
NativeStatus lib_string_repeat(NATIVE_ARGS);
NativeStatus lib_string_ord(NATIVE_ARGS);

#endif
