/*
 * string.c -- strings: making, joining, cutting, comparing them. string.h tells how they lie in memory.
 */
#include "string.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "gc.h"
#include "syntax/hash.h"

#define INLINE_LIMIT 128 /* bytes; longer strings look into a buffer, so that they can be cut and extended cheaply */
#define VIEW_MINIMUM 64  /* bytes; a shorter slice is copied */
#define VIEW_SHARE 8     /* a view keeps its whole buffer alive, so it must show at least one part in so many of it */
#define BIG (1 << 20)    /* bytes; before so much is allocated the heap's limit is asked for */

bool string_refuses(Vm *vm, size_t length) {
    if (length <= BIG) return false;
    if (length <= STRING_MAX_LENGTH) return heap_refuses(vm, length);
    vm_raise(vm, ERR_MEMORY, "a string of %zu bytes is too long", length);
    return true;
}

size_t string_room(const Vm *vm) {
    const Heap *heap = &vm->heap;
    size_t room = heap->bytes < heap->limit ? heap->limit - heap->bytes : 0;
    return room < BIG ? BIG : room < STRING_MAX_LENGTH ? room : STRING_MAX_LENGTH;
}

static String *inline_new(Vm *vm, size_t length) {
    size_t size = offsetof(String, small) + length + 1;
    String *s = heap_object(vm, T_STRING, size < sizeof(String) ? sizeof(String) : size);
    s->length = (uint32_t)length;
    s->bytes = s->small;
    return s;
}

static Buffer *buffer_new(Vm *vm, size_t capacity) {
    Buffer *buffer = heap_object(vm, T_BUFFER, sizeof(Buffer) + capacity);
    buffer->capacity = (uint32_t)capacity;
    return buffer;
}

static String *view_new(Vm *vm, Buffer *buffer, const char *bytes, uint32_t length) {
    String *s = HEAP_NEW(vm, String, T_STRING);
    s->obj.flags = STRING_BUFFERED;
    s->length = length;
    s->bytes = bytes;
    s->buffer = buffer;
    gc_write_obj(vm, buffer);
    return s;
}

String *string_reserve(Vm *vm, size_t length, char **bytes) {
    if (string_refuses(vm, length)) return NULL;
    if (length <= INLINE_LIMIT) {
        String *s = inline_new(vm, length);
        *bytes = s->small;
        return s;
    }
    Buffer *buffer = buffer_new(vm, length);
    buffer->used = (uint32_t)length;
    *bytes = buffer->bytes;
    return view_new(vm, buffer, buffer->bytes, (uint32_t)length);
}

void string_seal(String *string) { string->points = utf8_count(string->bytes, string->length); }

String *string_new(Vm *vm, const char *bytes, size_t length) {
    char *to;
    String *s = string_reserve(vm, length, &to);
    if (!s) return NULL;
    memcpy(to, bytes, length);
    string_seal(s);
    return s;
}

String *string_inline(Vm *vm, const char *bytes, size_t length) {
    String *s = inline_new(vm, length);
    memcpy(s->small, bytes, length);
    string_seal(s);
    return s;
}

String *string_from(Vm *vm, const char *text) { return string_new(vm, text, strlen(text)); }

String *string_format(Vm *vm, const char *format, ...) {
    char small[256], *text = small;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if ((size_t)length >= sizeof small) {
        text = malloc((size_t)length + 1);
        if (!text) abort();
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    String *s = string_new(vm, text, (size_t)length);
    if (text != small) free(text);
    return s;
}

/*
 * Joining counts no code points anew: they add up. The one exception: where [a] ends with the beginning of a sequence
 * and [b] begins with the rest of it, bytes that were invalid apart become valid together. A sequence has at most
 * three bytes on either side.
 */
static uint32_t joined_points(const String *a, const String *b) {
    uint32_t points = a->points + b->points;
    if ((signed char)a->bytes[a->length - 1] >= 0 || (b->bytes[0] & 0xC0) != 0x80) return points;
    uint32_t tail = 1, head = 1;
    while (tail < 3 && tail < a->length && (a->bytes[a->length - tail] & 0xC0) == 0x80) tail++;
    while (head < 3 && head < b->length && (b->bytes[head] & 0xC0) == 0x80) head++;
    char border[6];
    memcpy(border, a->bytes + a->length - tail, tail);
    memcpy(border + tail, b->bytes, head);
    points -= utf8_count(border, tail) + head;
    return points + utf8_count(border, tail + head);
}

String *string_concat(Vm *vm, String *a, String *b) {
    if (b->length == 0) return a;
    if (a->length == 0) return b;
    size_t length = (size_t)a->length + b->length;
    String *s;
    if (length <= INLINE_LIMIT) {
        s = inline_new(vm, length);
        char *bytes = s->small;
        memcpy(bytes, a->bytes, a->length);
        memcpy(bytes + a->length, b->bytes, b->length);
    } else {
        Buffer *buffer = a->obj.flags & STRING_BUFFERED ? a->buffer : NULL;
        bool at_end = buffer && a->bytes + a->length == buffer->bytes + buffer->used;
        const char *bytes = a->bytes;
        if (!at_end || buffer->capacity - buffer->used < b->length) {
            /* Appending once more is likely where it has been done before: then room grows by doubling. */
            size_t capacity = at_end ? length * 2 : length + length / 8;
            if (capacity > STRING_MAX_LENGTH) capacity = length;
            if (string_refuses(vm, capacity)) return NULL;
            buffer = buffer_new(vm, capacity);
            memcpy(buffer->bytes, a->bytes, a->length);
            buffer->used = a->length;
            bytes = buffer->bytes;
        }
        memcpy(buffer->bytes + buffer->used, b->bytes, b->length);
        buffer->used += b->length;
        s = view_new(vm, buffer, bytes, (uint32_t)length);
    }
    s->points = joined_points(a, b);
    return s;
}

static String *slice(Vm *vm, String *s, uint32_t from, uint32_t length, uint32_t points) {
    if (length == s->length) return s;
    String *part;
    bool can_view = s->obj.flags & STRING_BUFFERED && length >= VIEW_MINIMUM;
    if (can_view && length >= s->buffer->capacity / VIEW_SHARE) {
        part = view_new(vm, s->buffer, s->bytes + from, length);
    } else {
        char *to;
        part = string_reserve(vm, length, &to);
        if (!part) return NULL;
        memcpy(to, s->bytes + from, length);
    }
    part->points = points;
    return part;
}

String *string_slice_bytes(Vm *vm, String *s, uint32_t from, uint32_t to) {
    uint32_t length = to - from;
    return slice(vm, s, from, length, s->points == s->length ? length : utf8_count(s->bytes + from, length));
}

String *string_slice(Vm *vm, String *s, uint32_t from, uint32_t to) {
    uint32_t first = string_offset(s, from);
    uint32_t length = s->points == s->length ? to - from : utf8_skip(s->bytes + first, s->length - first, to - from);
    return slice(vm, s, first, length, to - from);
}

uint32_t string_offset(const String *s, uint32_t index) {
    if (s->points == s->length) return index;
    return utf8_skip(s->bytes, s->length, index);
}

uint32_t string_hash_of(const char *bytes, size_t length) {
    uint32_t hash = hash_fold(hash_bytes(bytes, length));
    return hash ? hash : 1;
}

uint32_t string_hash(String *s) {
    if (s->obj.hash == 0) s->obj.hash = string_hash_of(s->bytes, s->length);
    return s->obj.hash;
}

bool string_equal(String *a, String *b) {
    if (a == b) return true;
    if (a->length != b->length) return false;
    if (a->obj.flags & b->obj.flags & STRING_INTERNED) return false;
    return memcmp(a->bytes, b->bytes, a->length) == 0;
}

int string_compare(const String *a, const String *b) {
    uint32_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->bytes, b->bytes, shorter);
    if (order == 0) return a->length == b->length ? 0 : a->length < b->length ? -1 : 1;
    return order < 0 ? -1 : 1;
}
