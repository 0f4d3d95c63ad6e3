/*
 * buffer.c -- text that grows, and JSON printed into it.
 *
 * Printing a JSON string copies runs of plain bytes whole, and looks closer only at quotes, control characters and
 * bytes above 127: the output of a cell is mostly plain, and this is where a flood of it spends its time.
 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 32 /* bytes that are looked at together */

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

static void *checked(void *memory) {
    if (!memory) {
        fputs("vint-kernel: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *memory_new(size_t size) {
    return checked(malloc(size ? size : 1));
}

void *memory_zeroed(size_t size) {
    return checked(calloc(1, size ? size : 1));
}

char *memory_copy(const char *text, size_t length) {
    char *copy = memory_new(length + 1);
    if (length) memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* Makes room for [more] bytes and returns where they go. */
static char *buffer_room(Buffer *buffer, size_t more) {
    if (buffer->capacity - buffer->length < more) {
        size_t capacity = buffer->capacity ? buffer->capacity * 2 : 128;
        if (capacity < buffer->length + more) capacity = buffer->length + more;
        buffer->data = checked(realloc(buffer->data, capacity));
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->length;
}

void buffer_add(Buffer *buffer, const char *data, size_t length) {
    if (length == 0) return;
    memcpy(buffer_room(buffer, length), data, length);
    buffer->length += length;
}

void buffer_text(Buffer *buffer, const char *text) {
    buffer_add(buffer, text, strlen(text));
}

void buffer_format(Buffer *buffer, const char *format, ...) {
    for (size_t room = 128;;) {
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf(buffer_room(buffer, room), room, format, arguments);
        va_end(arguments);
        if ((size_t)length < room) {
            buffer->length += (size_t)length;
            return;
        }
        room = (size_t)length + 1;
    }
}

void buffer_number(Buffer *buffer, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    buffer_add(buffer, digits + at, sizeof digits - at);
}

void buffer_clear(Buffer *buffer) {
    buffer->length = 0;
}

void buffer_free(Buffer *buffer) {
    free(buffer->data);
    *buffer = (Buffer){0};
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/*
 * How many bytes at the start of [text] are plain. The loop over a chunk has no branch, so the compiler makes vector
 * instructions of it; that pays in long runs only. Bytes above 127 are negative as signed ones.
 */
static size_t plain_run(const char *text, size_t length) {
    size_t run = 0, near = length < CHUNK ? length : CHUNK;
    while (run < near && is_plain((unsigned char)text[run])) run++;
    if (run < near) return run;
    for (; length - run >= CHUNK; run += CHUNK) {
        unsigned char special = 0;
        for (size_t i = run; i < run + CHUNK; i++) {
            signed char c = (signed char)text[i];
            special |= (unsigned char)((c < 0x20) | (c == '"') | (c == '\\'));
        }
        if (special) break;
    }
    while (run < length && is_plain((unsigned char)text[run])) run++;
    return run;
}

static void add_escaped(Buffer *buffer, char c) {
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\') {
        buffer_add(buffer, (char[]){'\\', c}, 2);
    } else if ((size_t)c < sizeof letters && letters[(size_t)c]) {
        buffer_add(buffer, (char[]){'\\', letters[(size_t)c]}, 2);
    } else if (c == '\0') {
        buffer_text(buffer, REPLACEMENT);
    } else {
        buffer_format(buffer, "\\u%04x", c);
    }
}

void buffer_json(Buffer *buffer, const char *text, size_t length) {
    buffer_room(buffer, length + length / 16 + 2);
    buffer_add(buffer, "\"", 1);
    for (size_t i = 0; i < length;) {
        size_t run = plain_run(text + i, length - i);
        buffer_add(buffer, text + i, run);
        i += run;
        if (i == length) break;
        if ((unsigned char)text[i] < 0x80) {
            add_escaped(buffer, text[i++]);
            continue;
        }
        int sequence = utf8_sequence(text + i, length - i);
        if (sequence > 0) {
            buffer_add(buffer, text + i, (size_t)sequence);
            i += (size_t)sequence;
        } else {
            buffer_text(buffer, REPLACEMENT);
            i++;
        }
    }
    buffer_add(buffer, "\"", 1);
}

void buffer_json_text(Buffer *buffer, const char *text) {
    buffer_json(buffer, text, strlen(text));
}

int utf8_sequence(const char *text, size_t length) {
    const unsigned char *s = (const unsigned char *)text;
    if (length == 0) return 0;
    if (s[0] < 0x80) return 1;
    int size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4) return 0;
    /* The second byte has a narrower range where a longer form, a surrogate or something above U+10FFFF would begin. */
    unsigned char low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    for (int i = 1; i < size; i++) {
        if ((size_t)i == length) return -1;
        if (s[i] < low || s[i] > high) return 0;
        low = 0x80;
        high = 0xBF;
    }
    return size;
}

bool utf8_is_valid(const char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        int sequence = utf8_sequence(text + i, length - i);
        if (sequence <= 0) return false;
        i += (size_t)sequence;
    }
    return true;
}

size_t utf8_unfinished(const char *text, size_t length) {
    for (size_t back = 1; back <= 3 && back <= length; back++) {
        unsigned char c = (unsigned char)text[length - back];
        if (c >= 0xC0) return utf8_sequence(text + length - back, back) < 0 ? back : 0;
        if (c < 0x80) return 0;
    }
    return 0;
}

static bool begins_point(char c) {
    return ((unsigned char)c & 0xC0) != 0x80;
}

size_t utf8_count(const char *text, size_t bytes) {
    size_t points = 0;
    for (size_t i = 0; i < bytes; i++) points += begins_point(text[i]);
    return points;
}

size_t utf8_offset(const char *text, size_t length, size_t points) {
    size_t i = 0;
    for (; i < length; i++) {
        if (begins_point(text[i]) && points-- == 0) break;
    }
    return i;
}
