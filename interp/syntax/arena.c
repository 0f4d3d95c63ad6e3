/*
 * arena.c -- memory that is freed all at once.
 *
 * An arena is a chain of blocks; allocation moves a pointer through the newest one. Blocks come from calloc(), so
 * what is handed out is zero without clearing it again, and they double in size up to 1 MB, so that a line of the REPL
 * costs little and a large program costs few calls.
 */
#include "arena.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 8, FIRST_BLOCK = 8 * 1024, LARGEST_BLOCK = 1024 * 1024 };

struct ArenaBlock {
    ArenaBlock *older;
    size_t size;
    _Alignas(ALIGNMENT) char data[];
};

static size_t round_up(size_t size) {
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void arena_init(Arena *arena) {
    *arena = (Arena){0};
}

void arena_free(Arena *arena) {
    while (arena->blocks) {
        ArenaBlock *older = arena->blocks->older;
        free(arena->blocks);
        arena->blocks = older;
    }
    arena_init(arena);
}

size_t arena_size(const Arena *arena) {
    size_t size = 0;
    for (const ArenaBlock *block = arena->blocks; block; block = block->older) {
        size += sizeof *block + block->size;
    }
    return size;
}

static void add_block(Arena *arena, size_t at_least) {
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK) {
        size = LARGEST_BLOCK;
    }
    if (size < at_least) {
        size = at_least;
    }
    ArenaBlock *block = calloc(1, sizeof *block + size);
    if (!block) {
        fputs("out of memory\n", stderr);
        abort();
    }
    block->size = size;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = block->data;
    arena->end = block->data + size;
}

void *arena_alloc(Arena *arena, size_t size) {
    size = round_up(size);
    if (size > (size_t)(arena->end - arena->next)) {
        add_block(arena, size);
    }
    void *result = arena->next;
    arena->next += size;
    return result;
}

char *arena_strndup(Arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

void *arena_grow(Arena *arena, void *items, int count, int *capacity, size_t size) {
    size_t old_size = round_up((size_t)*capacity * size);
    *capacity = *capacity ? *capacity * 2 : 4;
    size_t new_size = round_up((size_t)*capacity * size);
    bool is_newest = items && (char *)items + old_size == arena->next;
    if (is_newest && new_size - old_size <= (size_t)(arena->end - arena->next)) {
        arena->next += new_size - old_size; /* nothing was allocated since: it grows where it stands */
        return items;
    }
    void *moved = arena_alloc(arena, new_size);
    if (count > 0) {
        memcpy(moved, items, (size_t)count * size);
    }
    return moved;
}
