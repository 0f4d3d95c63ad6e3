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

static void copy(Value *to, const Value *from, size_t count) {
    if (count > 0) memcpy(to, from, count * sizeof(Value));
}

/* Tells the collector of elements that came, or that went where it may have been already. */
static void written(Vm *vm, const Value *items, size_t count) {
    if (vm->heap.phase != GC_MARK) return;
    for (size_t i = 0; i < count; i++) gc_write(vm, items[i]);
}

/* The head of a block: how many arrays look at it (i) and how many elements it has room for (tag). */
static Value *block_of(const Array *array) {
    return array->items - array->obj.hash - 1;
}

static Value *block_new(Vm *vm, size_t capacity) {
    Value *block = heap_raw(vm, (capacity + 1) * sizeof(Value));
    *block = (Value){.i = 1, .tag = (uint32_t)capacity};
    return block;
}

static void block_release(Vm *vm, Value *block) {
    if (--block->i == 0) heap_release(vm, block, ((size_t)block->tag + 1) * sizeof(Value));
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
        array->items = block_new(vm, capacity) + 1;
    }
    array->capacity = (uint32_t)capacity;
    return array;
}

void array_destroy(Vm *vm, Array *array) {
    if (!(array->obj.flags & ARRAY_INLINE)) block_release(vm, block_of(array));
}

Array *array_from(Vm *vm, const Value *items, size_t count) {
    Array *array = array_new(vm, count);
    if (!array) return NULL;
    copy(array->items, items, count);
    array->length = (uint32_t)count;
    return array;
}

/* Moves the elements into a block of their own with room for [capacity]. */
static void move_to(Vm *vm, Array *array, size_t capacity) {
    Value *block = block_new(vm, capacity);
    copy(block + 1, array->items, array->length);
    if (!(array->obj.flags & ARRAY_INLINE)) block_release(vm, block_of(array));
    array->items = block + 1;
    array->capacity = (uint32_t)capacity;
    array->obj.hash = 0;
    array->obj.flags &= (uint8_t) ~(ARRAY_INLINE | ARRAY_SHARED);
}

bool array_own(Vm *vm, Array *array) {
    if (!(array->obj.flags & ARRAY_SHARED)) return true;
    Value *block = block_of(array);
    if (block->i == 1) { /* the others are gone */
        array->obj.flags &= (uint8_t)~ARRAY_SHARED;
        array->capacity = block->tag - array->obj.hash;
        return true;
    }
    if (too_large(vm, array->length)) return false;
    move_to(vm, array, array->length);
    return true;
}

Array *array_snapshot(Vm *vm, Array *array) {
    if (array->obj.flags & ARRAY_INLINE) return array_from(vm, array->items, array->length);
    Array *snapshot = HEAP_NEW(vm, Array, T_ARRAY);
    array->obj.flags |= ARRAY_SHARED;
    array->capacity = array->length;
    block_of(array)->i++;
    snapshot->obj.flags = ARRAY_SHARED;
    snapshot->obj.hash = array->obj.hash;
    snapshot->items = array->items;
    snapshot->length = snapshot->capacity = array->length;
    return snapshot;
}

bool array_reserve(Vm *vm, Array *array, size_t capacity) {
    if (capacity <= array->capacity) return true;
    if (too_large(vm, capacity) || !array_own(vm, array)) return false;
    if (capacity <= array->capacity) return true;
    if (array->obj.flags & ARRAY_INLINE || array->obj.hash > 0) {
        move_to(vm, array, capacity);
        return true;
    }
    Value *block = block_of(array);
    block = heap_grow(vm, block, ((size_t)block->tag + 1) * sizeof(Value), (capacity + 1) * sizeof(Value));
    block->tag = (uint32_t)capacity;
    array->items = block + 1;
    array->capacity = (uint32_t)capacity;
    return true;
}

/* Room for [count] more, with some to spare. */
static bool make_room(Vm *vm, Array *array, size_t count) {
    size_t needed = array->length + count;
    if (__builtin_expect(needed <= array->capacity, 1)) return true;
    size_t capacity = array->length * (size_t)2;
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

bool array_set(Vm *vm, Array *array, uint32_t index, Value value) {
    if (!array_own(vm, array)) return false;
    value_copy(&array->items[index], &value);
    gc_write(vm, value);
    return true;
}

bool array_insert(Vm *vm, Array *array, uint32_t index, const Value *values, uint32_t count) {
    if (!make_room(vm, array, count) || !array_own(vm, array)) return false;
    memmove(array->items + index + count, array->items + index, (array->length - index) * sizeof(Value));
    copy(array->items + index, values, count);
    array->length += count;
    written(vm, array->items + index, vm->heap.partial == &array->obj ? array->length - index : count);
    return true;
}

bool array_remove(Vm *vm, Array *array, uint32_t from, uint32_t to) {
    if (!array_own(vm, array)) return false;
    if (from == 0 && !(array->obj.flags & ARRAY_INLINE)) {
        array->items += to;
        array->obj.hash += to;
        array->capacity -= to;
    } else {
        memmove(array->items + from, array->items + to, (array->length - to) * sizeof(Value));
    }
    array->length -= to - from;
    return true;
}

Array *array_slice(Vm *vm, const Array *array, uint32_t from, uint32_t to) {
    return from < to ? array_from(vm, array->items + from, to - from) : array_new(vm, 0);
}
