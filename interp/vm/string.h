/*
 * string.h -- strings: immutable UTF-8 text.
 *
 * A String is a view: a pointer to bytes, a length in bytes and one in code points. Short strings carry their
 * bytes behind the header. Long ones look into a Buffer that they may share, which makes two things cheap:
 *
 *     substring          another view of the same buffer
 *     s = s + "x"        when s ends where the buffer's used part ends, "x" is added behind it in place and the
 *                        result is a longer view; the old view stays valid. Appending in a loop costs what is appended.
 *
 * The hash is computed when first asked for. Only names known to the compiler are interned; keys made at run time are
 * not, since looking each one up costs more than it saves.
 */
#ifndef VM_STRING_H
#define VM_STRING_H

#include "value.h"

#define STRING_INTERNED 1 /* flag: the only string with these bytes in the intern table */
#define STRING_BUFFERED 2 /* flag: looks into a buffer (which [buffer] names) */

#define STRING_MAX_LENGTH 0x7fffffff /* bytes */

/* Bytes that several strings may look at. */
struct Buffer {
    Obj obj;
    uint32_t capacity, used;
    char bytes[];
};

struct String {
    Obj obj;
    uint32_t length; /* bytes */
    uint32_t points; /* code points; equal to [length] when all is ASCII. An invalid byte counts as one. */
    const char *bytes; /* not NUL-terminated */
    union {
        Buffer *buffer;   /* STRING_BUFFERED */
        char small[8];    /* really as long as needed */
    };
};

/* Is there no room for a string of so many bytes? True with an error raised. */
bool string_refuses(Vm *vm, size_t length);

/* How many bytes a string may have now: for whoever gathers a text piece by piece. */
size_t string_room(const Vm *vm);

/* Makes a string of a copy of [bytes]. NULL with an error raised when longer than STRING_MAX_LENGTH. */
String *string_new(Vm *vm, const char *bytes, size_t length);
String *string_from(Vm *vm, const char *text); /* NUL-terminated */
String *string_format(Vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The one string with these bytes: names, literals. Its bytes are followed by a NUL. */
String *string_intern(Vm *vm, const char *bytes, size_t length);
void string_unintern(Vm *vm, String *string); /* the collector frees it */
void string_interned_free(Vm *vm);            /* the table itself, at the end */

/* As string_new(), with the bytes behind the header and a NUL after them, however many there are. */
String *string_inline(Vm *vm, const char *bytes, size_t length);

/* A fresh string of [length] bytes, to be filled through [bytes] at once, before anything else is allocated; then
 * string_seal(). NULL with an error raised when too long. */
String *string_reserve(Vm *vm, size_t length, char **bytes);
void string_seal(String *string); /* counts code points */

/* a + b. NULL with an error raised when too long. */
String *string_concat(Vm *vm, String *a, String *b);

/* Bytes [from, to) as a string; a view when it pays. Both must lie on code point borders. */
String *string_slice_bytes(Vm *vm, String *s, uint32_t from, uint32_t to);

/* Code points [from, to), already clamped. */
String *string_slice(Vm *vm, String *s, uint32_t from, uint32_t to);

/* Byte offset of code point [index] (<= points). */
uint32_t string_offset(const String *s, uint32_t index);

uint32_t string_hash(String *s); /* never 0 */
uint32_t string_hash_of(const char *bytes, size_t length);
bool string_equal(String *a, String *b);
int string_compare(const String *a, const String *b); /* bytewise, which is by code point */

static inline bool string_is(const String *s, const char *text) {
    return s->length == __builtin_strlen(text) && __builtin_memcmp(s->bytes, text, s->length) == 0;
}

/* UTF-8 by hand. Decoding an invalid byte gives U+FFFD and length 1. */
uint32_t utf8_decode(const char *bytes, size_t length, int *size);
int utf8_encode(uint32_t point, char *bytes); /* at most 4 bytes; surrogates and beyond become U+FFFD */
uint32_t utf8_count(const char *bytes, size_t length); /* code points */
uint32_t utf8_skip(const char *bytes, size_t length, uint32_t points); /* bytes that the first [points] take */

#endif
