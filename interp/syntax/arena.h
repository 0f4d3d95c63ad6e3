/*
 * arena.h -- memory that is freed all at once: tokens, syntax trees, compiled code on its way to the heap.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct {
    ArenaBlock *blocks; /* newest first */
    char *next, *end;   /* free part of the newest block */
} Arena;

void arena_init(Arena *arena);
void arena_free(Arena *arena);
size_t arena_size(const Arena *arena); /* bytes that it holds */

/* About so many bytes are going to be asked for: if they are many, they get a block of their own. What of it is never used
 * takes no memory, although arena_size() counts it. */
void arena_reserve(Arena *arena, size_t size);

/* Zeroed, aligned to 8 bytes, valid until arena_free(). Aborts only when memory is exhausted. */
void *arena_alloc(Arena *arena, size_t size);
char *arena_strndup(Arena *arena, const char *text, size_t length); /* NUL-terminated */

/* Grows an array that is full, with [count] items of [size] bytes; [capacity] is kept by the caller. */
void *arena_grow(Arena *arena, void *items, int count, int *capacity, size_t size);

/* ARENA_PUSH(arena, items, count, capacity, item): appends to an array in the arena. */
#define ARENA_PUSH(arena, items, count, capacity, ...)                                                 \
    ((items) = (count) < (capacity)                                                                    \
                   ? (items)                                                                           \
                   : arena_grow((arena), (items), (count), &(capacity), sizeof *(items)),              \
     (items)[(count)++] = (__VA_ARGS__))

#endif
