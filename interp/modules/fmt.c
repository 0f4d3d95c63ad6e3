/*
 * fmt.c -- the module `fmt`: text by formats, in columns, and numbers as text. Widths count characters.
 */
#include <math.h>
#include <string.h>

#include "lib/lib.h"
#include "modules.h"
#include "vm/task.h"
#include "vm/output.h"

#define DECIMALS_LIMIT 1000
#define WIDTH_LIMIT 100000000

/* ---- Formats ---------------------------------------------------------------------------------------------------- */

/* Writes format and arguments from args[first] on. */
static NativeStatus print_format(Vm *vm, const Value *args, int argc, int first, Value *result) {
    Text text = lib_text(vm);
    lib_format(vm, &text, args[first].string, args + first + 1, argc - first - 1);
    if (!lib_text_fits(vm, &text)) return NATIVE_ERROR;
    if (text.length > 0) output_write(vm, vm->current->cell, VINT_STDOUT, text.bytes, text.length);
    text_free(&text);
    NATIVE_RETURN(NULL_VALUE);
}

static NativeStatus fmt_printf(NATIVE_ARGS) { return print_format(vm, args, argc, 0, result); }

static NativeStatus fmt_fprintf(NATIVE_ARGS) { return print_format(vm, args, argc, 1, result); }

static NativeStatus fmt_errorf(NATIVE_ARGS) {
    Text text = lib_text(vm);
    lib_format(vm, &text, args[0].string, args + 1, argc - 1);
    if (!lib_text_fits(vm, &text)) return NATIVE_ERROR;
    Error *error = error_new(vm, ERR_ERROR, "%s", text_cstring(&text));
    text_free(&text);
    NATIVE_RETURN(value_obj(error));
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

static bool check_width(Vm *vm, int64_t width, const String *unit) {
    size_t size = unit && unit->length > 0 ? unit->length : 1;
    if (width <= WIDTH_LIMIT) return !heap_refuses(vm, (size_t)(width > 0 ? width : 0) * size);
    vm_raise(vm, ERR_VALUE, "the width must be at most %d, got %lld", WIDTH_LIMIT, (long long)width);
    return false;
}

static void repeat(Text *text, const String *unit, int64_t count) {
    for (; count > 0; count--) {
        if (unit && unit->length > 0)
            text_append(text, unit->bytes, unit->length);
        else
            text_putc(text, ' ');
    }
}

/* The string with as many pads as it is short of the width; half of them for each [share] go before it. */
static NativeStatus pad(Vm *vm, const Value *args, int share, Value *result) {
    const String *s = args[0].string, *unit = native_given(args[2]) ? args[2].string : NULL;
    int64_t missing = args[1].i - s->points;
    if (!check_width(vm, args[1].i, unit)) return NATIVE_ERROR;
    if (missing <= 0) NATIVE_RETURN(args[0]);
    Text text = lib_text(vm);
    repeat(&text, unit, missing * share / 2);
    text_append(&text, s->bytes, s->length);
    repeat(&text, unit, missing - missing * share / 2);
    return lib_return_text(vm, &text, result);
}

static NativeStatus fmt_pad_left(NATIVE_ARGS) { return pad(vm, args, 2, result); }

static NativeStatus fmt_pad_right(NATIVE_ARGS) { return pad(vm, args, 0, result); }

static NativeStatus fmt_pad_center(NATIVE_ARGS) { return pad(vm, args, 1, result); }

static NativeStatus fmt_truncate(NATIVE_ARGS) {
    uint32_t points = args[0].string->points;
    uint32_t length = args[1].i < 0 ? 0 : args[1].i > points ? points : (uint32_t)args[1].i;
    return lib_return_string(string_slice(vm, args[0].string, 0, length), result);
}

static NativeStatus fmt_width(NATIVE_ARGS) {
    if (args[1].i <= args[0].string->points) return fmt_truncate(vm, args, argc, result);
    const Value padded[] = {args[0], args[1], UNDEFINED_VALUE};
    return pad(vm, padded, 0, result);
}

static NativeStatus fmt_repeat(NATIVE_ARGS) {
    if (args[1].i < 0) args[1].i = 0;
    return lib_string_repeat(vm, args, argc, result);
}

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

static NativeStatus write_integer(Vm *vm, int64_t i, int base, bool upper, int64_t width, Value *result) {
    const char *alphabet = upper ? "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" : "0123456789abcdefghijklmnopqrstuvwxyz";
    char digits[65];
    int at = 65;
    uint64_t left = i < 0 ? -(uint64_t)i : (uint64_t)i;
    do {
        digits[--at] = alphabet[left % (unsigned)base];
        left /= (unsigned)base;
    } while (left > 0);
    if (i < 0) digits[--at] = '-';
    if (!check_width(vm, width, NULL)) return NATIVE_ERROR;
    Text text = lib_text(vm);
    repeat(&text, NULL, width - (65 - at));
    text_append(&text, digits + at, (size_t)(65 - at));
    return lib_return_text(vm, &text, result);
}

static NativeStatus fmt_format_int(NATIVE_ARGS) {
    int64_t base = native_given(args[1]) ? args[1].i : 10;
    if (base < 2 || base > 36)
        return vm_raise(vm, ERR_VALUE, "the base must be between 2 and 36, got %lld", (long long)base);
    return write_integer(vm, args[0].i, (int)base, false, native_given(args[2]) ? args[2].i : 0, result);
}

static NativeStatus fmt_format_hex(NATIVE_ARGS) {
    return write_integer(vm, args[0].i, 16, native_given(args[1]) && args[1].tag == T_TRUE, 0, result);
}

static NativeStatus fmt_format_oct(NATIVE_ARGS) { return write_integer(vm, args[0].i, 8, false, 0, result); }

static NativeStatus fmt_format_bin(NATIVE_ARGS) { return write_integer(vm, args[0].i, 2, false, 0, result); }

static NativeStatus fmt_format_float(NATIVE_ARGS) {
    int64_t decimals = native_given(args[1]) ? args[1].i : 2;
    if (decimals > DECIMALS_LIMIT)
        return vm_raise(vm, ERR_VALUE, "there can be at most %d decimals, got %lld", DECIMALS_LIMIT,
                        (long long)decimals);
    double f = value_number(args[0]);
    Text text = lib_text(vm);
    if (decimals < 0 || !isfinite(f))
        text_float(&text, f);
    else
        text_printf(&text, "%.*f", (int)decimals, f);
    return lib_return_text(vm, &text, result);
}

/* ----------------------------------------------------------------------------------------------------------------- */

static const NativeDef functions[] = {
    {"sprintf(format: string, values: any...) -> string",
     "The format with its verbs (%d %s %v %f %x %q %t %c %e %g, with width and precision) replaced by the values.",
     lib_format_call},
    {"printf(format: string, values: any...) -> null", "Prints what sprintf() makes, without a line end.", fmt_printf},
    {"fprintf(file: any, format: string, values: any...) -> null", "Prints as printf() does; the file is not used.",
     fmt_fprintf},
    {"errorf(format: string, values: any...) -> error", "An error with the message that sprintf() makes, to be thrown.",
     fmt_errorf},
    {"padLeft(text: string, width: int, pad: string = \" \") -> string", "The text with pads before it.", fmt_pad_left},
    {"padRight(text: string, width: int, pad: string = \" \") -> string",
     "The text with pads behind it.", fmt_pad_right},
    {"padCenter(text: string, width: int, pad: string = \" \") -> string",
     "The text with pads on both sides; an odd one goes behind it.", fmt_pad_center},
    {"width(text: string, width: int) -> string", "The text cut or filled up with blanks to the width.", fmt_width},
    {"truncate(text: string, length: int) -> string", "The text cut to a length.", fmt_truncate},
    {"repeat(text: string, count: int) -> string", "The text repeated.", fmt_repeat},
    {"formatInt(number: int, base: int = 10, width: int = 0) -> string",
     "The integer in a base from 2 to 36, with blanks before it up to the width.", fmt_format_int},
    {"formatFloat(number: number, decimals: int = 2) -> string",
     "The number with so many decimals; -1: as many as it takes.", fmt_format_float},
    {"precision(number: number, decimals: int) -> string",
     "The number with so many decimals; -1: as many as it takes.", fmt_format_float},
    {"formatHex(number: int, upper: bool = false) -> string", "The integer in base 16.", fmt_format_hex},
    {"formatOct(number: int) -> string", "The integer in base 8.", fmt_format_oct},
    {"formatBin(number: int) -> string", "The integer in base 2.", fmt_format_bin},
    {0}};

Module *fmt_module(Vm *vm) { return native_module(vm, "fmt", functions); }
