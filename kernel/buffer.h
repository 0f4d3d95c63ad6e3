/*
 * buffer.h -- text that grows, and JSON printed into it.
 *
 * The messages of a running cell are printed by hand: they have few fields, and their text may be megabytes long.
 * A Buffer that is all zeros is empty and ready. Memory that cannot be had ends the process.
 */
#ifndef KERNEL_BUFFER_H
#define KERNEL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *data; /* not NUL-terminated; may be NULL when empty */
    size_t length, capacity;
} Buffer;

typedef struct {
    const char *data;
    size_t length;
} Slice;

/* malloc, calloc and strndup that never return NULL. */
void *memory_new(size_t size);
void *memory_zeroed(size_t size);
char *memory_copy(const char *text, size_t length);

void buffer_add(Buffer *buffer, const char *data, size_t length);
void buffer_text(Buffer *buffer, const char *text);
void buffer_number(Buffer *buffer, uint64_t number);
__attribute__((format(printf, 2, 3))) void buffer_format(Buffer *buffer, const char *format, ...);

/* Adds [text] as a JSON string, with quotes. What is not UTF-8, and NUL, becomes U+FFFD: the JSON is always valid. */
void buffer_json(Buffer *buffer, const char *text, size_t length);
void buffer_json_text(Buffer *buffer, const char *text);

void buffer_clear(Buffer *buffer);
void buffer_free(Buffer *buffer);

/* The length of the UTF-8 sequence at [text]; 0 if none starts here; -1 if one starts that [length] cuts off. */
int utf8_sequence(const char *text, size_t length);

bool utf8_is_valid(const char *text, size_t length);

/* How many bytes at the end of [text] are the beginning of a sequence that is cut off: 0 to 3. */
size_t utf8_unfinished(const char *text, size_t length);

/* Code points in the first [bytes] bytes of [text], and the other way round; both stop at the end of the text. */
size_t utf8_count(const char *text, size_t bytes);
size_t utf8_offset(const char *text, size_t length, size_t points);

#endif
