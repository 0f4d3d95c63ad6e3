/*
 * array.c -- arrays. Room grows by doubling, so that pushing n elements costs O(n) in all.
 */
#include "array.h"

#include <string.h>

#include "error.h"
#include "gc.h"

#define INLINE_CAPACITY 16 /* elements; more get a block of their own from the start */
#define FIRST_CAPACITY 4
#define BIG 65536          /* elements; before so many are allocated the heap's limit is asked for */

static bool too_large(Vm *vm, size_t capacity) {
    if (capacity <= BIG) return false;
    if (capacity <= ARRAY_MAX_LENGTH) return heap_refuses(vm, capacity * sizeof(Value));
    vm_raise(vm, ERR_MEMORY, "an array of %zu elements is too long", capacity);
    return true;
}

/* Values that come into an array at once. The collector takes a new object for one already looked at, so new arrays need
 * this too. */
static void fill(Vm *vm, Value *to, const Value *from, size_t count) {
    if (count == 0) return;
    memcpy(to, from, count * sizeof(Value));
    if (vm->heap.phase != GC_MARK) return;
    for (size_t i = 0; i < count; i++) gc_write(vm, from[i]);
}

Array *array_new(Vm *vm, size_t capacity) {
    if (too_large(vm, capacity)) return NULL;
    Array *array;
    if (capacity <= INLINE_CAPACITY) {
        array = heap_object(vm, T_ARRAY, sizeof(Array) + capacity * sizeof(Value));
        array->obj.flags = ARRAY_INLINE;
        array->items = array->small;
    } else {
        array = HEAP_NEW(vm, Array, T_ARRAY);
        array->items = heap_raw(vm, capacity * sizeof(Value));
    }
    array->capacity = (uint32_t)capacity;
    return array;
}

Array *array_from(Vm *vm, const Value *items, size_t count) {
    Array *array = array_new(vm, count);
    if (!array) return NULL;
    fill(vm, array->items, items, count);
    array->length = (uint32_t)count;
    return array;
}

bool array_reserve(Vm *vm, Array *array, size_t capacity) {
    if (capacity <= array->capacity) return true;
    if (too_large(vm, capacity)) return false;
    if (array->obj.flags & ARRAY_INLINE) {
        Value *items = heap_raw(vm, capacity * sizeof(Value));
        memcpy(items, array->small, array->length * sizeof(Value));
        array->items = items;
        array->obj.flags &= (uint8_t)~ARRAY_INLINE;
    } else {
        array->items = heap_grow(vm, array->items, array->capacity * sizeof(Value), capacity * sizeof(Value));
    }
    array->capacity = (uint32_t)capacity;
    return true;
}

/* Room for [count] more, with some to spare. */
static bool make_room(Vm *vm, Array *array, size_t count) {
    size_t needed = array->length + count;
    if (__builtin_expect(needed <= array->capacity, 1)) return true;
    size_t capacity = array->capacity * (size_t)2;
    if (capacity > ARRAY_MAX_LENGTH) capacity = ARRAY_MAX_LENGTH;
    if (capacity < FIRST_CAPACITY) capacity = FIRST_CAPACITY;
    return array_reserve(vm, array, capacity > needed ? capacity : needed);
}

bool array_push(Vm *vm, Array *array, Value value) {
    if (__builtin_expect(array->length == array->capacity, 0) && !make_room(vm, array, 1)) return false;
    value_copy(&array->items[array->length++], &value);
    gc_write(vm, value);
    return true;
}

void array_set(Vm *vm, Array *array, uint32_t index, Value value) {
    value_copy(&array->items[index], &value);
    gc_write(vm, value);
}

bool array_insert(Vm *vm, Array *array, uint32_t index, const Value *values, uint32_t count) {
    if (!make_room(vm, array, count)) return false;
    memmove(array->items + index + count, array->items + index, (array->length - index) * sizeof(Value));
    fill(vm, array->items + index, values, count);
    array->length += count;
    return true;
}

void array_remove(Vm *vm, Array *array, uint32_t from, uint32_t to) {
    (void)vm;
    memmove(array->items + from, array->items + to, (array->length - to) * sizeof(Value));
    array->length -= to - from;
}

Array *array_slice(Vm *vm, const Array *array, uint32_t from, uint32_t to) {
    return from < to ? array_from(vm, array->items + from, to - from) : array_new(vm, 0);
}
