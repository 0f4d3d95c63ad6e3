/*
 * text.c -- growing text, and numbers as text. The print forms of values are in show.c.
 */
#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where [length] more bytes can be put; NULL: they are beyond the limit. */
static char *text_room(Text *text, size_t length) {
    size_t needed = text->length + length;
    if (needed > text->capacity) {
        size_t capacity = text->capacity * 2 > 64 ? text->capacity * 2 : 64;
        if (text->limit > 0 && needed > text->limit) {
            text->is_cut = true;
            return NULL;
        }
        if (text->limit > 0 && capacity > text->limit) capacity = text->limit;
        text->capacity = capacity > needed ? capacity : needed;
        text->bytes = realloc(text->bytes, text->capacity);
        if (!text->bytes) abort();
    }
    return text->bytes + text->length;
}

void text_append(Text *text, const char *bytes, size_t length) {
    char *to = length > 0 ? text_room(text, length) : NULL;
    if (!to) return;
    memcpy(to, bytes, length);
    text->length += length;
}

void text_puts(Text *text, const char *string) { text_append(text, string, strlen(string)); }

void text_putc(Text *text, char c) {
    char *to = text_room(text, 1);
    if (!to) return;
    *to = c;
    text->length++;
}

void text_printf(Text *text, const char *format, ...) {
    size_t room = 64;
    for (char *to; (to = text_room(text, room));) {
        va_list args;
        va_start(args, format);
        size_t length = (size_t)vsnprintf(to, room, format, args);
        va_end(args);
        if (length < room) {
            text->length += length;
            return;
        }
        room = length + 1;
    }
}

const char *text_cstring(Text *text) {
    char *end = text_room(text, 1);
    if (!end) return "";
    *end = '\0';
    return text->bytes;
}

void text_free(Text *text) {
    free(text->bytes);
    *text = (Text){0};
}

/* ---- Integers: two digits at a time, from the end ---- */

static const char digit_pairs[] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* Writes the digits of [n] so that they end before [end]; returns where they begin. */
static char *digits_before(char *end, uint64_t n) {
    for (; n >= 100; n /= 100) {
        end -= 2;
        memcpy(end, digit_pairs + n % 100 * 2, 2);
    }
    if (n >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + n * 2, 2);
    } else {
        *--end = (char)('0' + n);
    }
    return end;
}

size_t int_print(int64_t i, char *to) {
    char digits[INT_DIGITS], *end = digits + sizeof digits;
    char *start = digits_before(end, i < 0 ? -(uint64_t)i : (uint64_t)i);
    if (i < 0) *--start = '-';
    memcpy(to, start, (size_t)(end - start));
    return (size_t)(end - start);
}

void text_int(Text *text, int64_t i) {
    char *to = text_room(text, INT_DIGITS);
    if (to) text->length += int_print(i, to);
}

/*
 * ---- Floats: the shortest decimal that reads back as the same number ----
 *
 * A decimal of up to 15 digits that reads back is the shortest: no other so short lies as near. Most numbers in
 * programs are such: a whole number below 10^15 over a small power of ten. Both are exact as doubles, and division
 * rounds correctly, so one division tells whether the decimal reads back. All other numbers are printed by the C
 * library with 15 digits, with 16, with 17, until one reads back (those below the normal range have fewer digits to
 * tell, so it starts with one).
 */
#define FRACTION_LIMIT 10
#define MAX_DIGITS 17

static const double powers_of_ten[FRACTION_LIMIT + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};

/* 0.d1d2d3… times ten to the [point]. */
typedef struct {
    char digits[MAX_DIGITS + 7];
    int count, point;
} Decimal;

static void strip_zeros(Decimal *d) {
    while (d->count > 1 && d->digits[d->count - 1] == '0') d->count--;
}

static bool decimal_quick(double f, Decimal *d) {
    for (int k = 0; k <= FRACTION_LIMIT; k++) {
        double scaled = f * powers_of_ten[k];
        if (scaled >= 1e15) return false;
        double whole = nearbyint(scaled);
        if (whole / powers_of_ten[k] != f) continue;
        char *end = d->digits + sizeof d->digits, *start = digits_before(end, (uint64_t)whole);
        d->count = (int)(end - start);
        d->point = d->count - k;
        memmove(d->digits, start, (size_t)d->count);
        strip_zeros(d);
        return true;
    }
    return false;
}

static void decimal_shortest(double f, Decimal *d) {
    char printed[MAX_DIGITS + 10];
    int count = f < 0x1p-1022 ? 1 : 15;
    do {
        snprintf(printed, sizeof printed, "%.*e", count - 1, f);
    } while (strtod(printed, NULL) != f && ++count <= MAX_DIGITS);
    char *exponent = strchr(printed, 'e');
    d->count = 0;
    for (char *c = printed; c < exponent; c++)
        if (*c >= '0' && *c <= '9') d->digits[d->count++] = *c;
    d->point = atoi(exponent + 1) + 1;
    strip_zeros(d);
}

static void text_zeros(Text *text, int count) {
    for (; count > 0; count--) text_putc(text, '0');
}

void text_float(Text *text, double f) {
    if (isnan(f)) return text_puts(text, "NaN");
    if (isinf(f)) return text_puts(text, f < 0 ? "-Inf" : "+Inf");
    if (signbit(f)) text_putc(text, '-');
    f = fabs(f);
    Decimal d;
    if (!decimal_quick(f, &d)) decimal_shortest(f, &d);
    if (f != 0 && (f < 1e-6 || f >= 1e21)) {
        text_putc(text, d.digits[0]);
        if (d.count > 1) {
            text_putc(text, '.');
            text_append(text, d.digits + 1, (size_t)d.count - 1);
        }
        text_printf(text, "e%+d", d.point - 1);
    } else if (d.point <= 0) {
        text_puts(text, "0.");
        text_zeros(text, -d.point);
        text_append(text, d.digits, (size_t)d.count);
    } else if (d.point >= d.count) {
        text_append(text, d.digits, (size_t)d.count);
        text_zeros(text, d.point - d.count);
    } else {
        text_append(text, d.digits, (size_t)d.point);
        text_putc(text, '.');
        text_append(text, d.digits + d.point, (size_t)(d.count - d.point));
    }
}
