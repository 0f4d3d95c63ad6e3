/*
 * arena.c -- memory that is freed all at once.
 *
 * An arena is a chain of blocks; allocation moves a pointer through the newest one. Blocks come zeroed, so what is
 * handed out need not be cleared again, and they double in size, so that a line of the REPL costs little.
 *
 * A large program takes one huge page after the other, where the system has such. Most of what it costs to compile a
 * large program is to touch memory for the first time: an ordinary page takes a fault of about 2 µs, as long as it takes
 * to compile 80 bytes of source, and a huge page one fault instead of 512.
 */
#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_BLOCK = 8 * 1024, LARGEST_SMALL = 512 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

struct ArenaBlock {
    ArenaBlock *older;
    size_t size; /* with this head */
    _Alignas(ARENA_ALIGNMENT) char data[];
};

void arena_init(Arena *arena) {
    *arena = (Arena){0};
}

/* [size] is a multiple of a huge page. The mapping is one page longer at first, to cut an aligned piece out of it. */
static ArenaBlock *map_block(size_t size) {
    char *mapping = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        return NULL;
    }
    size_t before = -(uintptr_t)mapping % HUGE_PAGE;
    if (before > 0) {
        munmap(mapping, before);
    }
    munmap(mapping + before + size, HUGE_PAGE - before);
    madvise(mapping + before, size, MADV_HUGEPAGE); /* a wish */
    return (ArenaBlock *)(void *)(mapping + before);
}

void arena_free(Arena *arena) {
    while (arena->blocks) {
        ArenaBlock *block = arena->blocks;
        arena->blocks = block->older;
        ASAN_UNPOISON_MEMORY_REGION(block, block->size);
        if (block->size > LARGEST_SMALL) {
            munmap(block, block->size);
        } else {
            free(block);
        }
    }
    arena_init(arena);
}

size_t arena_size(const Arena *arena) {
    size_t size = 0;
    for (const ArenaBlock *block = arena->blocks; block; block = block->older) {
        size += block->size;
    }
    return size;
}

void arena_add_block(Arena *arena, size_t at_least) {
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size < sizeof(ArenaBlock) + at_least) {
        size = sizeof(ArenaBlock) + at_least;
    }
    bool is_large = size > LARGEST_SMALL;
    if (is_large) {
        size = (sizeof(ArenaBlock) + at_least + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    }
    ArenaBlock *block = is_large ? map_block(size) : calloc(1, size);
    if (!block) {
        fputs("out of memory\n", stderr);
        abort();
    }
    block->size = size;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = block->data;
    arena->end = (char *)block + size;
    ASAN_POISON_MEMORY_REGION(block->data, size - sizeof *block);
}

void arena_reserve(Arena *arena, size_t size) {
    if (size > LARGEST_SMALL && size > (size_t)(arena->end - arena->next)) {
        arena_add_block(arena, size);
    }
}

char *arena_strndup(Arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

void *arena_grow(Arena *arena, void *items, int count, int *capacity, size_t size) {
    size_t old_size = arena_round_up((size_t)*capacity * size);
    *capacity = *capacity ? *capacity * 2 : 4;
    size_t new_size = arena_round_up((size_t)*capacity * size);
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
