/*
 * arena.c -- memory that is freed all at once.
 *
 * An arena is a chain of blocks; allocation moves a pointer through the newest one. Blocks come zeroed, so what is
 * handed out need not be cleared again, and they double in size, so that a line of the REPL costs little.
 *
 * A large program takes one huge page after the other, where the system has such. Much of what it costs to compile a
 * large program is to touch memory for the first time: an ordinary page takes a fault of about 2 µs, as long as it takes
 * to compile 80 bytes of source, and a huge page one fault instead of 512. Where there are no huge pages, the system is
 * asked for a few ordinary ones at a time; not for more than the caches hold, since it clears them.
 *
 * An array that has grown large has a block to itself. To grow further it moves to other addresses and takes its pages
 * along: nothing is copied, and nothing stays behind that nobody needs.
 */
#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    FIRST_BLOCK = 8 * 1024,
    LARGEST_SMALL = 512 * 1024,
    FEW_PAGES = 64 * 1024,
    HUGE_PAGE = 2 * 1024 * 1024,
    LARGE_ARRAY = HUGE_PAGE
};

struct ArenaBlock {
    ArenaBlock *older;
    size_t size;   /* with this head */
    bool is_array; /* holds one large array */
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

static __attribute__((noreturn)) void out_of_memory(void) {
    fputs("out of memory\n", stderr);
    abort();
}

static size_t large_size(size_t data) {
    return (sizeof(ArenaBlock) + data + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

/* The bytes of the newest block that are left, ready to be handed out or not. */
static size_t room_left(const Arena *arena) {
    return arena->blocks ? (size_t)((char *)arena->blocks + arena->blocks->size - arena->next) : 0;
}

/* Sees to it that [size] bytes of the newest block are ready, if there are as many. */
static bool make_ready(Arena *arena, size_t size) {
    if (size > room_left(arena)) {
        return false;
    }
    char *block = (char *)arena->blocks;
    size_t until = (size_t)(arena->next - block) + size, ready = (size_t)(arena->end - block);
    if (until > ready) {
        size_t more = (until - ready + FEW_PAGES - 1) / FEW_PAGES * FEW_PAGES;
        madvise(arena->end, more, MADV_POPULATE_WRITE); /* a wish: else they come as they are touched */
        arena->end += more;
    }
    return true;
}

static void add_block(Arena *arena, size_t at_least) {
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size < sizeof(ArenaBlock) + at_least) {
        size = sizeof(ArenaBlock) + at_least;
    }
    bool is_large = size > LARGEST_SMALL;
    if (is_large) {
        size = large_size(at_least);
    }
    ArenaBlock *block = is_large ? map_block(size) : calloc(1, size);
    if (!block) {
        out_of_memory();
    }
    block->size = size;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = block->data;
    arena->end = (char *)block + (is_large ? FEW_PAGES : size);
    ASAN_POISON_MEMORY_REGION(block->data, size - sizeof *block);
}

void arena_make_room(Arena *arena, size_t size) {
    if (!make_ready(arena, size)) {
        add_block(arena, size);
        make_ready(arena, size);
    }
}

void arena_reserve(Arena *arena, size_t size) {
    if (size > LARGEST_SMALL && size > room_left(arena)) {
        add_block(arena, size);
    }
}

char *arena_strndup(Arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

/* What points to the block that holds the array; NULL if it lies among other things. */
static ArenaBlock **find_array(Arena *arena, const void *items) {
    for (ArenaBlock **link = &arena->blocks; *link; link = &(*link)->older) {
        if ((*link)->is_array && (*link)->data == items) {
            return link;
        }
    }
    return NULL;
}

/* A block for an array stands behind the newest one, where others go on to be served from. */
static void link_array(Arena *arena, ArenaBlock *block) {
    block->is_array = true;
    if (arena->blocks) {
        block->older = arena->blocks->older;
        arena->blocks->older = block;
    } else {
        arena->blocks = block;
        arena->next = arena->end = (char *)block + block->size;
    }
}

static void *grow_large(Arena *arena, const void *items, size_t used, size_t new_size) {
    ArenaBlock **link = find_array(arena, items);
    ArenaBlock *grown = map_block(large_size(new_size));
    if (!grown) {
        out_of_memory();
    }
    if (link) { /* its first pages are those of the old block, head and all */
        if (mremap(*link, (*link)->size, (*link)->size, MREMAP_MAYMOVE | MREMAP_FIXED, grown) == MAP_FAILED) {
            out_of_memory();
        }
        *link = grown;
    } else if (used > 0) {
        memcpy(grown->data, items, used);
    }
    grown->size = large_size(new_size);
    if (!link) {
        link_array(arena, grown);
    }
    return grown->data;
}

void *arena_grow(Arena *arena, void *items, int count, int *capacity, size_t size) {
    size_t old_size = arena_round_up((size_t)*capacity * size);
    *capacity = *capacity ? *capacity * 2 : 2;
    size_t new_size = arena_round_up((size_t)*capacity * size);
    if (new_size >= LARGE_ARRAY) {
        return grow_large(arena, items, (size_t)count * size, new_size);
    }
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
