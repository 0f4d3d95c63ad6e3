/*
 * heap.c -- pages, size classes, large blocks.
 *
 * A block that is free has type 0 in its first byte and the next free block in its second word. So the sweep can
 * walk a page block by block without any other bookkeeping. A fresh page is zero all over: its unused rest reads as free
 * blocks that are in no list. Pages come from the system sixteen at a time. The address space stays with the heap, but
 * the memory of empty pages goes back once a sweep is over: all but what the program will need up to the next one, if
 * it goes on as before.
 */
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"
#include "gc.h"
#include "object.h"

#ifndef __has_feature
#define __has_feature(x) 0 /* clang's way of asking */
#endif
#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(block, size) ASAN_POISON_MEMORY_REGION(block, size)
#define UNPOISON(block, size) ASAN_UNPOISON_MEMORY_REGION(block, size)
#else
#define POISON(block, size) ((void)(block), (void)(size))
#define UNPOISON(block, size) ((void)(block), (void)(size))
#endif

#define PAGE_SIZE 65536
#define CHUNK_PAGES 16
#define LARGE_SWEEP_STEP 64 /* large blocks looked at in one step of the sweep */

struct Page {
    Page *next;
    uint32_t block_size, size_class;
    char blocks[] __attribute__((aligned(16)));
};

struct Chunk {
    Chunk *next;
    char (*pages)[PAGE_SIZE];
};

struct LargeBlock {
    LargeBlock *next;
    size_t size;
    char object[] __attribute__((aligned(16)));
};

typedef struct FreeBlock {
    Obj header; /* type 0 */
    struct FreeBlock *next;
} FreeBlock;

static const uint16_t class_sizes[] = {16,  32,  48,  64,  80,  96,  112, 128, 160, 192,
                                       224, 256, 320, 384, 448, 512, 640, 768, 896, 1024};
#define CLASS_COUNT ((int)(sizeof class_sizes / sizeof *class_sizes))
_Static_assert(CLASS_COUNT <= HEAP_CLASS_COUNT, "more size classes than the header has room for");

#define LARGE_CLASS 255 /* Obj.size_class of a large block */

static uint8_t class_of_size[HEAP_CLASS_LIMIT / 16 + 1]; /* by size in units of 16 bytes, rounded up */

static __attribute__((noreturn)) void out_of_memory(size_t size) {
    fprintf(stderr, "vint: out of memory: the system refuses %zu bytes\n", size);
    abort();
}

void heap_init(Heap *heap, size_t limit) {
    memset(heap, 0, sizeof *heap);
    for (int units = 0, c = 0; units <= HEAP_CLASS_LIMIT / 16; units++) {
        if (units * 16 > class_sizes[c]) c++;
        class_of_size[units] = (uint8_t)c;
    }
    heap->limit = limit;
    heap->alarm = limit / 2;
    heap->mark = 1;
    heap->debt = heap->debt_start = -GC_THRESHOLD;
    heap->sweep_class = CLASS_COUNT;
}

static void spare_push(Heap *heap, Page *page) {
    if (heap->spare_count == heap->spare_capacity) {
        heap->spare_capacity = heap->spare_capacity ? heap->spare_capacity * 2 : 2 * CHUNK_PAGES;
        heap->spare = realloc(heap->spare, heap->spare_capacity * sizeof *heap->spare);
        if (!heap->spare) out_of_memory(heap->spare_capacity * sizeof *heap->spare);
    }
    heap->spare[heap->spare_count++] = page;
}

/* More pages, when there are no spare ones. */
static void chunk_add(Heap *heap) {
    Chunk *chunk = malloc(sizeof *chunk);
    size_t size = CHUNK_PAGES * sizeof *chunk->pages;
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!chunk || pages == MAP_FAILED) out_of_memory(size);
    *chunk = (Chunk){heap->chunks, pages};
    heap->chunks = chunk;
    for (int i = CHUNK_PAGES; i > 0; i--) spare_push(heap, (Page *)chunk->pages[i - 1]);
    heap->spare_clean = CHUNK_PAGES;
}

/* A page of zeros. */
static Page *page_take(Heap *heap) {
    if (heap->spare_count == 0) chunk_add(heap);
    Page *page = heap->spare[--heap->spare_count];
    UNPOISON(page, PAGE_SIZE);
    if (heap->spare_count >= heap->spare_clean) return memset(page, 0, PAGE_SIZE);
    heap->spare_clean = heap->spare_count;
    return page;
}

/* Gives the memory of a spare page back, if there are more than the program is going to need. */
static bool page_give_back(Heap *heap) {
    size_t needed = (heap->bytes > GC_THRESHOLD ? heap->bytes : GC_THRESHOLD) / PAGE_SIZE;
    if (heap->spare_count - heap->spare_clean <= needed) return false;
    Page *page = heap->spare[heap->spare_clean++];
    UNPOISON(page, PAGE_SIZE);
    if (madvise(page, PAGE_SIZE, MADV_DONTNEED) != 0) memset(page, 0, PAGE_SIZE);
    return true;
}

static void page_add(Heap *heap, SizeClass *class, int number) {
    Page *page = page_take(heap);
    page->size_class = (uint32_t)number;
    page->block_size = class_sizes[number];
    page->next = class->pages;
    if (class->unswept == &class->pages) class->unswept = &page->next; /* a new page needs no sweep */
    class->pages = page;
    class->fresh = page->blocks;
    class->end = page->blocks + (PAGE_SIZE - offsetof(Page, blocks)) / page->block_size * page->block_size;
}

/* To the sanitizer a free block is forbidden ground, but for what the free list needs of it. */
static inline void poison_free(FreeBlock *block, size_t size) {
    POISON(block + 1, size - sizeof *block);
}

/* Sweeps the page that [class->unswept] links to: dead objects and free blocks go to the free list; an empty page to
 * the spares. */
static void page_sweep(Vm *vm, SizeClass *class) {
    Heap *heap = &vm->heap;
    Page *page = *class->unswept;
    size_t size = page->block_size;
    char *end = page->blocks + (PAGE_SIZE - offsetof(Page, blocks)) / size * size;
    FreeBlock *first = NULL, *last = NULL;
    bool empty = true;
    for (char *block = page->blocks; block < end; block += size) {
        Obj *object = (Obj *)block;
        if (object->type != 0) {
            if (object->mark == heap->mark) {
                empty = false;
                continue;
            }
            object_destroy(vm, object);
            object->type = 0;
            heap->bytes -= size;
        }
        FreeBlock *freed = (FreeBlock *)block;
        poison_free(freed, size);
        if (last)
            last->next = freed;
        else
            first = freed;
        last = freed;
    }
    if (empty && (page->next || class->pages != page)) {
        *class->unswept = page->next;
        spare_push(heap, page);
        return;
    }
    if (last) {
        last->next = class->free;
        class->free = first;
    }
    class->unswept = &page->next;
}

static void *block_refill(Vm *vm, SizeClass *class, int number) {
    while (!class->free && class->unswept && *class->unswept) page_sweep(vm, class);
    if (class->free) {
        FreeBlock *block = class->free;
        class->free = block->next;
        return block;
    }
    page_add(&vm->heap, class, number);
    char *block = class->fresh;
    class->fresh += class_sizes[number];
    return block;
}

static inline void *block_take(Vm *vm, SizeClass *class, int number) {
    FreeBlock *block = class->free;
    if (block) {
        class->free = block->next;
        return block;
    }
    if (class->fresh < class->end) {
        char *fresh = class->fresh;
        class->fresh += class_sizes[number];
        return fresh;
    }
    return block_refill(vm, class, number);
}

static inline void count_bytes(Vm *vm, size_t size) {
    vm->heap.bytes += size;
    vm->heap.debt += (int64_t)size;
    if (__builtin_expect(vm->heap.debt >= 0, 0)) vm_cut_budget(vm);
}

void heap_count(Vm *vm, size_t size) {
    count_bytes(vm, size);
}

static Obj *large_object(Vm *vm, size_t size) {
    LargeBlock *block = calloc(1, sizeof(LargeBlock) + size);
    if (!block) out_of_memory(size);
    block->size = size;
    block->next = vm->heap.large;
    if (vm->heap.large_cursor == &vm->heap.large) vm->heap.large_cursor = &block->next;
    vm->heap.large = block;
    return (Obj *)block->object;
}

void *heap_object(Vm *vm, ValueType type, size_t size) {
    Obj *object;
    if (__builtin_expect(size <= HEAP_CLASS_LIMIT, 1)) {
        int number = class_of_size[(size + 15) / 16];
        object = block_take(vm, &vm->heap.objects[number], number);
        size = class_sizes[number];
        UNPOISON(object, size);
        memset(object, 0, size);
        object->size_class = (uint8_t)number;
    } else {
        object = large_object(vm, size);
        object->size_class = LARGE_CLASS;
    }
    object->type = (uint8_t)type;
    object->mark = vm->heap.mark;
    if (__builtin_expect(vm->heap.phase == GC_MARK, 0) && type != T_STRING) gc_born(vm, object);
    count_bytes(vm, size);
    return object;
}

void *heap_raw(Vm *vm, size_t size) {
    if (size == 0) return NULL;
    if (size <= HEAP_CLASS_LIMIT) {
        int number = class_of_size[(size + 15) / 16];
        count_bytes(vm, class_sizes[number]);
        void *block = block_take(vm, &vm->heap.raw[number], number);
        UNPOISON(block, class_sizes[number]);
        return block;
    }
    void *block = malloc(size);
    if (!block) out_of_memory(size);
    count_bytes(vm, size);
    return block;
}

void heap_release(Vm *vm, void *block, size_t size) {
    if (!block) return;
    if (size <= HEAP_CLASS_LIMIT) {
        int number = class_of_size[(size + 15) / 16];
        FreeBlock *freed = block;
        freed->next = vm->heap.raw[number].free;
        vm->heap.raw[number].free = freed;
        poison_free(freed, class_sizes[number]);
        vm->heap.bytes -= class_sizes[number];
        return;
    }
    free(block);
    vm->heap.bytes -= size;
}

void *heap_grow(Vm *vm, void *block, size_t old, size_t size) {
    if (old > HEAP_CLASS_LIMIT && size > HEAP_CLASS_LIMIT) {
        void *grown = realloc(block, size);
        if (!grown) out_of_memory(size);
        vm->heap.bytes -= old;
        vm->heap.debt -= (int64_t)(old < size ? old : size);
        count_bytes(vm, size);
        return grown;
    }
    void *grown = heap_raw(vm, size);
    if (block && grown) memcpy(grown, block, old < size ? old : size);
    heap_release(vm, block, old);
    return grown;
}

bool heap_refuses(Vm *vm, size_t size) {
    if (size <= vm->heap.limit && vm->heap.bytes <= vm->heap.limit - size) return false;
    vm_raise(vm, ERR_MEMORY, "the heap's limit of %zu MB does not leave room for %zu more bytes", vm->heap.limit >> 20,
             size);
    return true;
}

void heap_sweep_begin(Vm *vm) {
    for (int c = 0; c < CLASS_COUNT; c++) {
        SizeClass *class = &vm->heap.objects[c];
        class->free = NULL;
        class->fresh = class->end = NULL;
        class->unswept = &class->pages;
    }
    vm->heap.sweep_class = 0;
    vm->heap.large_cursor = &vm->heap.large;
}

static void large_sweep(Vm *vm) {
    LargeBlock **link = vm->heap.large_cursor;
    for (int i = 0; *link && i < LARGE_SWEEP_STEP; i++) {
        LargeBlock *block = *link;
        Obj *object = (Obj *)block->object;
        if (object->mark == vm->heap.mark) {
            link = &block->next;
            continue;
        }
        object_destroy(vm, object);
        vm->heap.bytes -= block->size;
        *link = block->next;
        free(block);
    }
    vm->heap.large_cursor = link;
}

bool heap_sweep_some(Vm *vm) {
    Heap *heap = &vm->heap;
    if (heap->large_cursor && *heap->large_cursor) {
        large_sweep(vm);
        return true;
    }
    while (heap->sweep_class < CLASS_COUNT) {
        SizeClass *class = &heap->objects[heap->sweep_class];
        if (class->unswept && *class->unswept) {
            page_sweep(vm, class);
            return true;
        }
        class->unswept = NULL;
        heap->sweep_class++;
    }
    heap->large_cursor = NULL;
    return page_give_back(heap);
}

void heap_free_all(Vm *vm) {
    Heap *heap = &vm->heap;
    heap->phase = GC_SWEEP;
    heap->mark = 3; /* a mark that no object has */
    heap_sweep_begin(vm);
    while (heap_sweep_some(vm)) {}
    for (Chunk *chunk = heap->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        UNPOISON(chunk->pages, CHUNK_PAGES * sizeof *chunk->pages);
        munmap(chunk->pages, CHUNK_PAGES * sizeof *chunk->pages);
        free(chunk);
    }
    free(heap->spare);
    free(heap->gray);
    free(heap->rescan);
    memset(heap, 0, sizeof *heap);
}
