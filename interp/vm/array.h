/*
 * array.h -- arrays: growable, indexed from 0. Small ones carry their elements behind the header, one allocation in
 * all.
 */
#ifndef VM_ARRAY_H
#define VM_ARRAY_H

#include "object.h"

#define ARRAY_INLINE 1 /* flag: the elements lie behind the header */
#define ARRAY_MAX_LENGTH 0x7ffffff /* elements: 2 GB of them */

struct Array {
    Obj obj;
    uint32_t length, capacity;
    Value *items;
    Value small[];
};

/* An empty array with room for [capacity] elements. NULL with an error raised beyond ARRAY_MAX_LENGTH or the heap's limit. */
Array *array_new(Vm *vm, size_t capacity);
Array *array_from(Vm *vm, const Value *items, size_t count);

/* false with an error raised when too long. */
bool array_push(Vm *vm, Array *array, Value value);
bool array_reserve(Vm *vm, Array *array, size_t capacity);

/* [index] < length */
void array_set(Vm *vm, Array *array, uint32_t index, Value value);
/* Inserts [count] values, not the array's own, before [index]; removes the elements [from, to). */
bool array_insert(Vm *vm, Array *array, uint32_t index, const Value *values, uint32_t count);
void array_remove(Vm *vm, Array *array, uint32_t from, uint32_t to);

Array *array_slice(Vm *vm, const Array *array, uint32_t from, uint32_t to); /* clamped by the caller */

#endif
