/*
 * utf8.c -- UTF-8 by hand: decoding that never fails, encoding, counting.
 *
 * A byte that begins no valid sequence (stray continuation, overlong form, surrogate, beyond U+10FFFF, cut off)
 * decodes as U+FFFD and is one byte long. So every string has a well-defined number of code points, whatever bytes it
 * holds.
 */
#include "string.h"

#include <string.h>

#define REPLACEMENT 0xFFFD
#define HIGH_BITS 0x8080808080808080u

static inline bool is_continuation(unsigned char c) { return (c & 0xC0) == 0x80; }

uint32_t utf8_decode(const char *bytes, size_t length, int *size) {
    const unsigned char *b = (const unsigned char *)bytes;
    *size = 1;
    if (length == 0) return REPLACEMENT;
    if (b[0] < 0x80) return b[0];
    if (b[0] < 0xC2 || b[0] > 0xF4) return REPLACEMENT;
    int count = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    if (length < (size_t)count) return REPLACEMENT;
    uint32_t point = b[0] & (0x7Fu >> count);
    for (int i = 1; i < count; i++) {
        if (!is_continuation(b[i])) return REPLACEMENT;
        point = point << 6 | (b[i] & 0x3F);
    }
    bool overlong = (count == 3 && point < 0x800) || (count == 4 && point < 0x10000);
    if (overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF) return REPLACEMENT;
    *size = count;
    return point;
}

int utf8_encode(uint32_t point, char *bytes) {
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) point = REPLACEMENT;
    if (point < 0x80) {
        bytes[0] = (char)point;
        return 1;
    }
    int count = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (int i = count - 1; i > 0; i--, point >>= 6) bytes[i] = (char)(0x80 | (point & 0x3F));
    bytes[0] = (char)((0xF00 >> count & 0xFF) | point);
    return count;
}

uint32_t utf8_count(const char *bytes, size_t length) {
    size_t at = 0;
    uint32_t points = 0;
    while (at < length) {
        uint64_t word;
        if (at + 8 <= length && (memcpy(&word, bytes + at, 8), (word & HIGH_BITS) == 0)) {
            at += 8;
            points += 8;
            continue;
        }
        int size;
        utf8_decode(bytes + at, length - at, &size);
        at += (size_t)size;
        points++;
    }
    return points;
}

uint32_t utf8_skip(const char *bytes, size_t length, uint32_t points) {
    size_t at = 0;
    while (points > 0 && at < length) {
        uint64_t word;
        if (points >= 8 && at + 8 <= length && (memcpy(&word, bytes + at, 8), (word & HIGH_BITS) == 0)) {
            at += 8;
            points -= 8;
            continue;
        }
        int size;
        utf8_decode(bytes + at, length - at, &size);
        at += (size_t)size;
        points--;
    }
    return (uint32_t)at;
}
