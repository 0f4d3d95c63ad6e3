/*
 * array.h -- arrays: growable, indexed from 0.
 *
 * Small ones carry their elements behind the header, one allocation in all. Larger ones own a block:
 *
 *     | head | gone | gone | element 0 | element 1 | … | free |
 *                          ^ items
 *
 * The head (one Value wide) counts the arrays that look at the block and knows its size. Taking the first element moves
 * [items] up instead of the elements down, so an array is a good queue; how many elements are gone stands in obj.hash.
 *
 * Sharing: a loop walks over the array as it was when the loop began. For that it takes a snapshot, a second array on
 * the same block; both are marked ARRAY_SHARED, and whoever is changed first makes itself a copy (array_own). A shared
 * array has no spare capacity, so pushing finds its way there without a test of its own.
 */
#ifndef VM_ARRAY_H
#define VM_ARRAY_H

#include "value.h"

#define ARRAY_INLINE 1 /* flag: the elements lie behind the header */
#define ARRAY_SHARED 2 /* flag: another array may look at the block */
#define ARRAY_MAX_LENGTH 0x7ffffff /* elements: 2 GB of them */

struct Array {
    Obj obj;
    uint32_t length, capacity;
    Value *items;
    Value small[];
};

/* An empty array with room for [capacity] elements. NULL with an error raised beyond ARRAY_MAX_LENGTH or the heap's
 * limit. */
Array *array_new(Vm *vm, size_t capacity);
Array *array_from(Vm *vm, const Value *items, size_t count);

/* The array as it is now: an array that must not be changed. NULL with an error raised. */
Array *array_snapshot(Vm *vm, Array *array);

/* Must be called before elements are changed through [items]. False with MemoryError raised. */
bool array_own(Vm *vm, Array *array);

void array_destroy(Vm *vm, Array *array); /* the collector frees it */

/* All of these return false with an error raised when memory does not suffice. */
bool array_push(Vm *vm, Array *array, Value value);
bool array_reserve(Vm *vm, Array *array, size_t capacity);
bool array_set(Vm *vm, Array *array, uint32_t index, Value value); /* [index] < length */
/* Inserts [count] values, not the array's own, before [index]; removes the elements [from, to). */
bool array_insert(Vm *vm, Array *array, uint32_t index, const Value *values, uint32_t count);
bool array_remove(Vm *vm, Array *array, uint32_t from, uint32_t to);

Array *array_slice(Vm *vm, const Array *array, uint32_t from, uint32_t to); /* clamped by the caller */

#endif
