/*
 * heap.h -- memory for objects and for what they own.
 *
 * Objects come from 64 KB pages, each cut into blocks of one size class; larger ones from malloc. What an object owns
 * beside itself (an array's elements, a dict's entries, a task's stack) is a raw block: same size classes, but freed by
 * its owner. Allocation never collects. It only counts; when enough has been allocated it asks for a safe point, and
 * the collector works there (gc.c).
 */
#ifndef HEAP_H
#define HEAP_H

#include "gc_stats.h"
#include "value.h"

#define HEAP_CLASS_COUNT 24
#define HEAP_CLASS_LIMIT 1024 /* bytes; larger blocks come from malloc */

typedef struct Page Page;
typedef struct Chunk Chunk;
typedef struct LargeBlock LargeBlock;

typedef struct {
    void *free;        /* blocks ready for use, linked through their second word */
    char *fresh, *end; /* the part of the newest page that was never used */
    Page *pages;       /* all pages of the class */
    Page **unswept;    /* link to the next page that the sweep has not reached yet */
} SizeClass;

typedef enum { GC_IDLE, GC_MARK, GC_SWEEP } GcPhase;

typedef struct {
    SizeClass objects[HEAP_CLASS_COUNT];
    SizeClass raw[HEAP_CLASS_COUNT]; /* never swept */
    Page **spare;            /* a stack of pages that are of no class */
    size_t spare_count, spare_capacity;
    size_t spare_clean;      /* so many at the stack's bottom are all zeros, and the system has their memory */
    Chunk *chunks;           /* all memory of pages */
    LargeBlock *large;       /* objects beyond HEAP_CLASS_LIMIT */
    LargeBlock **large_cursor; /* sweep position */
    size_t bytes;            /* in use: objects and raw blocks */
    size_t limit;            /* more than this must not be in use */
    size_t alarm;            /* beyond this a whole cycle is due at the next safe point */
    int64_t debt;            /* allocated since the collector last worked, counted up from below 0; at 0 it must work */
    uint8_t mark;            /* the mark of reached objects: 1 or 2, changing each cycle */
    GcPhase phase;
    enum { HUNT_OFF, HUNT_RUNNING, HUNT_VARIABLES } hunt; /* gc_find_stuck() */
    /* marking */
    Obj **gray;
    size_t gray_count, gray_capacity;
    Task **rescan;           /* tasks that ran since their stacks were marked */
    size_t rescan_count, rescan_capacity;
    uint32_t globals_left;   /* so many of the globals, from the first one on, are still to be marked */
    Task *task_cursor;       /* next of all tasks to be marked */
    size_t rescan_allowance; /* stacks that may be looked at again before the final step */
    Obj *partial;            /* a large array, dict or channel of which a part has been looked at */
    size_t partial_left;     /* … and the number of its elements that have not, from the first one on */
    int sweep_class;           /* first class with unswept pages */
    int64_t debt_start;        /* what [debt] was set to last */
    GcStats stats;
} Heap;

void heap_init(Heap *heap, size_t limit); /* bytes */
void heap_free_all(Vm *vm); /* destroys every object */

/* A zeroed object of [size] bytes with its header filled in. Never NULL: exhausting the machine's memory aborts; the
 * limit is watched at safe points. */
void *heap_object(Vm *vm, ValueType type, size_t size);
#define HEAP_NEW(vm, Type, tag) ((Type *)heap_object((vm), (tag), sizeof(Type)))

/* Raw memory, not zeroed; its size must be told again. heap_grow() keeps the first [old] bytes. [size] 0 gives NULL. */
void *heap_raw(Vm *vm, size_t size);
void *heap_grow(Vm *vm, void *block, size_t old, size_t size);
void heap_release(Vm *vm, void *block, size_t size);

/* Counts memory that an object holds elsewhere, so that the collector comes for it in time; whoever frees it lowers
 * heap.bytes. */
void heap_count(Vm *vm, size_t size);

/* Would [size] more bytes break the heap's limit? Natives that make large things ask first; raises MemoryError if so. */
bool heap_refuses(Vm *vm, size_t size);

/* For the collector: starts sweeping; frees the dead objects of some page or some large blocks, false when all is
 * swept. */
void heap_sweep_begin(Vm *vm);
bool heap_sweep_some(Vm *vm);

#endif
