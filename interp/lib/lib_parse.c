/*
 * lib_parse.c -- numbers out of text, for int(), parseFloat() and their kin.
 *
 * The C library's own functions are too kind (leading blanks, "nan(x)", trailing text), so the form is checked by hand
 * and only the digits of a float are left to strtod(), which rounds correctly.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib.h"

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

bool lib_parse_int(const char *text, size_t length, int base, int64_t *integer) {
    bool negative = length > 0 && text[0] == '-';
    size_t at = negative || (length > 0 && text[0] == '+');
    if (at == length) return false;
    __int128 wide = 0;
    for (; at < length; at++) {
        int digit = digit_value(text[at]);
        if (digit >= base) return false;
        wide = wide * base + digit;
        if (wide > (__int128)INT64_MAX + 1) return false;
    }
    if (negative) wide = -wide;
    *integer = (int64_t)wide;
    return *integer == wide;
}

/* Skips digits with single "_" between them; false when there is a misplaced one. [count] gets the number of digits. */
static bool skip_digits(const char **cursor, bool hexadecimal, int *count) {
    const char *p = *cursor;
    int seen = 0;
    while (hexadecimal ? isxdigit((unsigned char)*p) : isdigit((unsigned char)*p)) {
        p++;
        seen++;
        if (*p == '_') {
            p++;
            if (!(hexadecimal ? isxdigit((unsigned char)*p) : isdigit((unsigned char)*p))) return false;
        }
    }
    *cursor = p;
    *count = seen;
    return true;
}

/* Is [p] (after the sign) a number as a whole? */
static bool is_number_form(const char *p) {
    bool hexadecimal = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
    if (hexadecimal) p += 2;
    int whole, fraction = 0, exponent;
    if (!skip_digits(&p, hexadecimal, &whole)) return false;
    if (*p == '.') {
        p++;
        if (!skip_digits(&p, hexadecimal, &fraction)) return false;
    }
    if (whole + fraction == 0) return false;
    char mark = (char)tolower((unsigned char)*p);
    if (mark != (hexadecimal ? 'p' : 'e')) return *p == 0 && !hexadecimal;
    p++;
    if (*p == '+' || *p == '-') p++;
    return skip_digits(&p, false, &exponent) && exponent > 0 && *p == 0;
}

static bool is_special_name(const char *p, bool has_sign) {
    return strcasecmp(p, "inf") == 0 || strcasecmp(p, "infinity") == 0 || (!has_sign && strcasecmp(p, "nan") == 0);
}

bool lib_parse_float(const char *text, size_t length, double *number) {
    if (length == 0 || memchr(text, 0, length)) return false;
    char small[64];
    char *copy = length < sizeof small ? small : malloc(length + 1);
    if (!copy) abort();
    memcpy(copy, text, length);
    copy[length] = 0;
    const char *unsigned_part = copy + (copy[0] == '-' || copy[0] == '+');
    bool ok = is_special_name(unsigned_part, unsigned_part != copy);
    if (ok) {
        *number = strtod(copy, NULL);
    } else if (is_number_form(unsigned_part)) {
        char *to = copy;
        for (const char *from = copy; *from; from++) {
            if (*from != '_') *to++ = *from;
        }
        *to = 0;
        *number = strtod(copy, NULL);
        ok = !isinf(*number); /* too large is an error; too small is 0 */
    }
    if (copy != small) free(copy);
    return ok;
}
