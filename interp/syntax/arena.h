/*
 * arena.h -- memory that is freed all at once: tokens, syntax trees, compiled code on its way to the heap.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

/* For the address sanitizer a block is out of bounds but for the pieces handed out, and a gap divides them. */
#if !defined(__SANITIZE_ADDRESS__) && defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP = 8 };
#else
#define ASAN_POISON_MEMORY_REGION(start, size)
#define ASAN_UNPOISON_MEMORY_REGION(start, size)
enum { ARENA_GAP = 0 };
#endif

enum { ARENA_ALIGNMENT = 8 };

typedef struct ArenaBlock ArenaBlock;

typedef struct {
    ArenaBlock *blocks; /* newest first */
    char *next, *end;   /* the part of the newest block that is free and ready */
} Arena;

void arena_init(Arena *arena);
void arena_free(Arena *arena);
size_t arena_size(const Arena *arena); /* bytes that it holds */

/* About so many bytes are going to be asked for: if they are many, they get a block of their own. What of it is never used
 * takes no memory, although arena_size() counts it. */
void arena_reserve(Arena *arena, size_t size);

void arena_make_room(Arena *arena, size_t size); /* between next and end; arena_alloc() asks for it */

static inline size_t arena_round_up(size_t size) {
    return (size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
}

/* Zeroed, aligned to 8 bytes, valid until arena_free(). Aborts only when memory is exhausted. */
static inline void *arena_alloc(Arena *arena, size_t size) {
    size_t room = arena_round_up(size) + ARENA_GAP;
    if (room > (size_t)(arena->end - arena->next)) {
        arena_make_room(arena, room);
    }
    void *result = arena->next;
    ASAN_UNPOISON_MEMORY_REGION(result, size);
    arena->next += room;
    return result;
}

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
