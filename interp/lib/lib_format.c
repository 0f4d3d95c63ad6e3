/*
 * lib_format.c -- format(): text with verbs, as Go's Sprintf writes it.
 *
 *     % flags width .precision [index] verb         flags: - 0 + blank #;  width and precision: a number or *
 *
 * Integers, floats, strings and booleans are what the verbs know; any other value counts as the string of its print
 * form. Nothing fails: a verb that does not fit its argument writes a complaint into the result, "%!d(string=hi)".
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"

#define SIZE_LIMIT 1000000 /* of width and precision */

typedef struct {
    bool minus, plus, blank, sharp, zero;
    int width, precision; /* -1: not given */
} Spec;

typedef struct {
    Vm *vm;
    Text *out;
    const char *at, *end; /* what is left of the format */
    const Value *args;
    int argc, next;       /* next: index of the argument that comes next */
    bool reordered;       /* [index] was used: surplus arguments are no mistake */
    bool good_index;      /* of the verb at hand */
} Formatter;

/* ---- Pieces ----------------------------------------------------------------------------------------------------- */

static void repeat(Text *out, char c, int64_t count) {
    for (; count > 0; count--) text_putc(out, c);
}

/* [bytes], filled up to the width. */
static void pad(Text *out, const Spec *spec, const char *bytes, size_t length) {
    int64_t missing = (int64_t)spec->width - utf8_count(bytes, length);
    if (!spec->minus) repeat(out, spec->zero ? '0' : ' ', missing);
    text_append(out, bytes, length);
    if (spec->minus) repeat(out, ' ', missing);
}

static void write_quoted(Text *out, const char *bytes, size_t length, char quote, bool ascii) {
    static const char named[] = "\aa\bb\ff\nn\rr\tt\vv";
    text_putc(out, quote);
    for (size_t at = 0; at < length;) {
        int size;
        uint32_t point = utf8_decode(bytes + at, length - at, &size);
        const char *escape = point > 0 && point < ' ' ? strchr(named, (int)point) : NULL;
        if (point == 0xFFFD && size == 1)
            text_printf(out, "\\x%02x", (unsigned char)bytes[at]);
        else if (point == (uint32_t)quote || point == '\\')
            text_printf(out, "\\%c", (char)point);
        else if (escape)
            text_printf(out, "\\%c", escape[1]);
        else if (unicode_is_printable(point) && !(ascii && point > 0x7f))
            text_append(out, bytes + at, (size_t)size);
        else if (point < ' ' || point == 0x7f)
            text_printf(out, "\\x%02x", point);
        else
            text_printf(out, point < 0x10000 ? "\\u%04x" : "\\U%08x", point);
        at += (size_t)size;
    }
    text_putc(out, quote);
}

/* ---- One argument ----------------------------------------------------------------------------------------------- */

static void write_argument(Formatter *f, Spec spec, uint32_t verb, Value argument);

static const char *host_type(Value argument) {
    switch (argument.tag) {
    case T_INT: return "int64";
    case T_FLOAT: return "float64";
    case T_TRUE:
    case T_FALSE: return "bool";
    default: return "string";
    }
}

static void write_bad_verb(Formatter *f, const Spec *spec, uint32_t verb, Value argument) {
    text_puts(f->out, "%!");
    unicode_append(f->out, verb);
    text_printf(f->out, "(%s=", host_type(argument));
    write_argument(f, *spec, 'v', argument);
    text_putc(f->out, ')');
}

static void write_integer(Formatter *f, Spec spec, int64_t i, uint32_t verb) {
    int base = verb == 'b' ? 2 : verb == 'o' || verb == 'O' ? 8 : verb == 'x' || verb == 'X' ? 16 : 10;
    const char *alphabet = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char digits[64];
    int at = 64;
    uint64_t left = i < 0 ? -(uint64_t)i : (uint64_t)i;
    for (; left > 0 || at == 64; left /= (unsigned)base) digits[--at] = alphabet[left % (unsigned)base];
    if (spec.precision == 0 && i == 0) at = 64;
    char sign = i < 0 ? '-' : spec.plus ? '+' : spec.blank ? ' ' : 0;
    int64_t least = spec.precision >= 0 ? spec.precision : spec.zero && spec.width > 0 ? spec.width - (sign != 0) : 0;
    Text piece = {0};
    if (sign) text_putc(&piece, sign);
    bool leading_zero = least > 64 - at || digits[at & 63] == '0';
    if (verb == 'O') text_puts(&piece, "0o");
    if (spec.sharp && base == 2) text_puts(&piece, "0b");
    if (spec.sharp && verb == 'o' && !leading_zero) text_putc(&piece, '0');
    if (spec.sharp && base == 16) text_puts(&piece, verb == 'X' ? "0X" : "0x");
    repeat(&piece, '0', least - (64 - at));
    text_append(&piece, digits + at, (size_t)(64 - at));
    spec.zero = false;
    pad(f->out, &spec, piece.bytes ? piece.bytes : "", piece.length);
    text_free(&piece);
}

static void write_character(Formatter *f, Spec spec, int64_t i, uint32_t verb) {
    char bytes[4];
    int size = utf8_encode(i >= 0 && i <= 0x10FFFF ? (uint32_t)i : 0xFFFD, bytes);
    Text piece = {0};
    if (verb == 'c') {
        text_append(&piece, bytes, (size_t)size);
    } else if (verb == 'q') {
        write_quoted(&piece, bytes, (size_t)size, '\'', spec.plus);
    } else {
        text_printf(&piece, "U+%0*llX", spec.precision > 4 ? spec.precision : 4, (unsigned long long)i);
        if (spec.sharp && i <= 0x10FFFF && unicode_is_printable((uint32_t)i)) {
            text_puts(&piece, " '");
            text_append(&piece, bytes, (size_t)size);
            text_putc(&piece, '\'');
        }
        spec.zero = false;
    }
    pad(f->out, &spec, piece.bytes, piece.length);
    text_free(&piece);
}

/* The fewest digits that read back to the same number; with an exponent when it is below -4 or above 5. */
static void write_shortest(Text *piece, double d) {
    char digits[40];
    int precision = 0;
    do {
        snprintf(digits, sizeof digits, "%.*e", precision, d);
    } while (strtod(digits, NULL) != d && ++precision < 17);
    int exponent = atoi(strchr(digits, 'e') + 1);
    if (exponent < -4 || exponent > 5)
        text_puts(piece, digits);
    else
        text_printf(piece, "%.*f", precision > exponent ? precision - exponent : 0, d);
}

static void write_float(Formatter *f, Spec spec, double d, uint32_t verb) {
    Text piece = {0}; /* with its sign */
    if (!signbit(d) || isnan(d)) text_putc(&piece, '+');
    int precision = spec.precision >= 0 ? spec.precision : 6;
    bool shortest = verb == 'v' || ((verb == 'g' || verb == 'G') && spec.precision < 0);
    if (isnan(d))
        text_puts(&piece, "NaN");
    else if (isinf(d))
        text_puts(&piece, d < 0 ? "-Inf" : "Inf");
    else if (shortest && spec.precision < 0)
        write_shortest(&piece, d);
    else if (verb == 'e')
        text_printf(&piece, "%.*e", precision, d);
    else if (verb == 'E')
        text_printf(&piece, "%.*E", precision, d);
    else if (verb == 'f' || verb == 'F')
        text_printf(&piece, "%.*f", precision, d);
    else
        text_printf(&piece, verb == 'G' ? "%.*G" : "%.*g", precision, d);
    if (verb == 'G') {
        for (size_t i = 0; i < piece.length; i++) piece.bytes[i] = (char)(piece.bytes[i] == 'e' ? 'E' : piece.bytes[i]);
    }
    bool keep_sign = spec.plus || spec.blank || piece.bytes[0] == '-';
    if (!isfinite(d)) {
        spec.zero = false; /* infinities always show their sign */
        keep_sign |= isinf(d) != 0;
    }
    if (spec.blank && !spec.plus && piece.bytes[0] == '+') piece.bytes[0] = ' ';
    if (keep_sign && spec.zero && spec.width > (int64_t)piece.length) { /* the sign stands before the zeros */
        text_putc(f->out, piece.bytes[0]);
        repeat(f->out, '0', spec.width - (int64_t)piece.length);
        text_append(f->out, piece.bytes + 1, piece.length - 1);
    } else {
        pad(f->out, &spec, piece.bytes + !keep_sign, piece.length - !keep_sign);
    }
    text_free(&piece);
}

static void write_string(Formatter *f, Spec spec, const char *bytes, size_t length, uint32_t verb) {
    bool hexadecimal = verb == 'x' || verb == 'X';
    if (spec.precision >= 0 && hexadecimal && length > (size_t)spec.precision) length = (size_t)spec.precision;
    if (spec.precision >= 0 && !hexadecimal) length = utf8_skip(bytes, length, (uint32_t)spec.precision);
    Text piece = {0};
    if (verb == 'q') {
        write_quoted(&piece, bytes, length, '"', spec.plus);
    } else if (hexadecimal) {
        for (size_t i = 0; i < length; i++) {
            if (i > 0 && spec.blank) text_putc(&piece, ' ');
            if (spec.sharp && (i == 0 || spec.blank)) text_puts(&piece, verb == 'X' ? "0X" : "0x");
            text_printf(&piece, verb == 'X' ? "%02X" : "%02x", (unsigned char)bytes[i]);
        }
    } else {
        text_append(&piece, bytes, length);
    }
    pad(f->out, &spec, piece.bytes ? piece.bytes : "", piece.length);
    text_free(&piece);
}

static bool verb_is(uint32_t verb, const char *set) { return verb > 0 && verb < 0x80 && strchr(set, (int)verb); }

static void write_argument(Formatter *f, Spec spec, uint32_t verb, Value argument) {
    if (verb == 'T') {
        write_string(f, spec, host_type(argument), strlen(host_type(argument)), 's');
    } else if (value_is_bool(argument)) {
        const char *word = argument.tag == T_TRUE ? "true" : "false";
        if (verb_is(verb, "tv"))
            pad(f->out, &spec, word, strlen(word));
        else
            write_bad_verb(f, &spec, verb, argument);
    } else if (argument.tag == T_INT) {
        if (verb_is(verb, "vdboOxX"))
            write_integer(f, spec, argument.i, verb);
        else if (verb_is(verb, "cqU"))
            write_character(f, spec, argument.i, verb);
        else
            write_bad_verb(f, &spec, verb, argument);
    } else if (argument.tag == T_FLOAT) {
        if (verb_is(verb, "vgGeEfF"))
            write_float(f, spec, argument.f, verb);
        else
            write_bad_verb(f, &spec, verb, argument);
    } else if (verb_is(verb, "vsxXq")) {
        Text text = {0};
        text_value(f->vm, &text, argument);
        write_string(f, spec, text.bytes ? text.bytes : "", text.length, verb);
        text_free(&text);
    } else {
        write_bad_verb(f, &spec, verb, argument);
    }
}

/* ---- The format ------------------------------------------------------------------------------------------------- */

/* A number at the cursor; -1 when there is none or it is too large. */
static int parse_number(Formatter *f) {
    int64_t number = -1;
    for (; f->at < f->end && unicode_is_digit((unsigned char)*f->at); f->at++) {
        if (number <= SIZE_LIMIT) number = (number < 0 ? 0 : number) * 10 + (*f->at - '0');
    }
    return number > SIZE_LIMIT ? -1 : (int)number;
}

/* [n] at the cursor: the argument that comes next. */
static bool parse_index(Formatter *f) {
    if (f->at == f->end || *f->at != '[') return false;
    f->reordered = true;
    const char *close = memchr(f->at, ']', (size_t)(f->end - f->at));
    f->at++;
    if (!close) {
        f->good_index = false;
        return false;
    }
    int number = parse_number(f);
    bool whole = f->at == close;
    f->at = close + 1;
    if (whole && number >= 1 && number <= f->argc)
        f->next = number - 1;
    else
        f->good_index = false;
    return whole && number >= 0;
}

/* A number that an argument gives for a *; INT32_MIN when it gives none. */
static int star(Formatter *f) {
    f->at++;
    if (f->next >= f->argc) return INT32_MIN;
    Value argument = f->args[f->next++];
    bool good = argument.tag == T_INT && argument.i >= -SIZE_LIMIT && argument.i <= SIZE_LIMIT;
    return good ? (int)argument.i : INT32_MIN;
}

static bool parse_flag(Spec *spec, char c) {
    switch (c) {
    case '#': spec->sharp = true; return true;
    case '+': spec->plus = true; return true;
    case ' ': spec->blank = true; return true;
    case '0': spec->zero = !spec->minus; return true;
    case '-':
        spec->minus = true;
        spec->zero = false;
        return true;
    default: return false;
    }
}

static bool parse_width(Formatter *f, Spec *spec, bool after_index) {
    if (f->at < f->end && *f->at == '*') {
        int width = star(f);
        if (width == INT32_MIN) {
            text_puts(f->out, "%!(BADWIDTH)");
        } else {
            if (width < 0) parse_flag(spec, '-');
            spec->width = abs(width);
        }
        return false;
    }
    spec->width = parse_number(f);
    if (after_index && spec->width >= 0) f->good_index = false; /* "%[3]2d" */
    return after_index;
}

static bool parse_precision(Formatter *f, Spec *spec, bool after_index) {
    if (f->at == f->end || *f->at != '.') return after_index;
    f->at++;
    if (after_index) f->good_index = false; /* "%[3].2d" */
    after_index = parse_index(f);
    if (f->at < f->end && *f->at == '*') {
        int precision = star(f);
        if (precision < 0) text_puts(f->out, "%!(BADPREC)");
        spec->precision = precision < 0 ? -1 : precision;
        return false;
    }
    spec->precision = parse_number(f);
    if (spec->precision < 0) spec->precision = 0;
    return after_index;
}

/* What follows a % sign. False: the format ends before its verb. */
static bool write_verb(Formatter *f) {
    Spec spec = {.width = -1, .precision = -1};
    f->good_index = true;
    while (f->at < f->end && parse_flag(&spec, *f->at)) f->at++;
    bool after_index = parse_index(f);
    after_index = parse_width(f, &spec, after_index);
    after_index = parse_precision(f, &spec, after_index);
    if (!after_index) parse_index(f);
    if (f->at == f->end) {
        text_puts(f->out, "%!(NOVERB)");
        return false;
    }
    int size;
    uint32_t verb = utf8_decode(f->at, (size_t)(f->end - f->at), &size);
    f->at += size;
    if (verb == '%') {
        text_putc(f->out, '%');
    } else if (!f->good_index || f->next >= f->argc) {
        text_puts(f->out, "%!");
        unicode_append(f->out, verb);
        text_puts(f->out, f->good_index ? "(MISSING)" : "(BADINDEX)");
    } else {
        if (verb == 'v') spec.plus = false;
        if (verb == 'v' && spec.sharp && host_type(f->args[f->next])[0] == 's') verb = 'q';
        if (verb == 'v') spec.sharp = false;
        write_argument(f, spec, verb, f->args[f->next++]);
    }
    return true;
}

void lib_format(Vm *vm, Text *text, const String *format, const Value *args, int argc) {
    const char *end = format->bytes + format->length;
    Formatter f = {.vm = vm, .out = text, .at = format->bytes, .end = end, .args = args, .argc = argc};
    for (bool more = true; more && !text->is_cut;) {
        const char *percent = memchr(f.at, '%', (size_t)(f.end - f.at));
        text_append(text, f.at, (size_t)((percent ? percent : f.end) - f.at));
        if (!percent) break;
        f.at = percent + 1;
        more = write_verb(&f);
    }
    if (f.reordered || f.next >= argc) return;
    text_puts(text, "%!(EXTRA ");
    for (int i = f.next; i < argc; i++) {
        text_printf(text, "%s%s=", i > f.next ? ", " : "", host_type(args[i]));
        write_argument(&f, (Spec){.width = -1, .precision = -1}, 'v', args[i]);
    }
    text_putc(text, ')');
}

NativeStatus lib_format_call(NATIVE_ARGS) {
    Text text = lib_text(vm);
    lib_format(vm, &text, args[0].string, args + 1, argc - 1);
    return lib_return_text(vm, &text, result);
}

static const NativeDef builtins[] = {
    {"format(format: string, values: any...) -> string",
     "The format with its verbs (%d %s %v %f %x %q %t %c %e %g, with width and precision) replaced by the values.",
     lib_format_call},
    {0}};

void lib_format_register(Vm *vm) { native_register_builtins(vm, builtins); }
