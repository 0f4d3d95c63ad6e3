/*
 * utf8.h -- one code point out of UTF-8 text, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdint.h>

/* Reads the code point at [text], which ends before [end]; returns its length in bytes, 0 when it is no valid UTF-8. */
static inline int utf8_read(const char *text, const char *end, uint32_t *code_point) {
    const unsigned char *p = (const unsigned char *)text;
    long available = end - text;
    if (available < 1) {
        return 0;
    }
    if (p[0] < 0x80) {
        *code_point = p[0];
        return 1;
    }
    int length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || available < length) {
        return 0;
    }
    uint32_t value = p[0] & (0x7F >> length);
    for (int i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (p[i] & 0x3F);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code_point = value;
    return length;
}

/* Writes [code_point] as UTF-8 to [out], of at least 4 bytes; returns the length. */
static inline int utf8_write(uint32_t code_point, char *out) {
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    int length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (char)((0xF00 >> length & 0xF0) | code_point);
    return length;
}

#endif
