/*
 * intern.c -- the table of interned strings: those whose address is their identity.
 *
 * Open addressing, linear probing, at most three quarters full. The table does not keep its strings alive: when the
 * collector frees one, string_unintern() takes it out. A string found here while a collection is under way may be one
 * that the collector believes dead: it is marked again before it is handed out.
 */
#include <stdlib.h>
#include <string.h>

#include "gc.h"
#include "syntax/hash.h"

#define FIRST_CAPACITY 256

static String **place_of(Vm *vm, const char *bytes, size_t length, uint32_t hash) {
    uint32_t mask = vm->interned_capacity - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        String *s = vm->interned[i];
        if (!s || (s->obj.hash == hash && s->length == length && memcmp(s->bytes, bytes, length) == 0))
            return &vm->interned[i];
    }
}

static void table_grow(Vm *vm) {
    uint32_t old_capacity = vm->interned_capacity;
    String **old = vm->interned;
    vm->interned_capacity = old_capacity ? old_capacity * 2 : FIRST_CAPACITY;
    vm->interned = calloc(vm->interned_capacity, sizeof *vm->interned);
    if (!vm->interned) abort();
    for (uint32_t i = 0; i < old_capacity; i++) {
        String *s = old[i];
        if (s) *place_of(vm, s->bytes, s->length, s->obj.hash) = s;
    }
    free(old);
}

String *string_intern(Vm *vm, const char *bytes, size_t length) {
    if ((vm->interned_count + 1) * 4 > vm->interned_capacity * 3) table_grow(vm);
    uint32_t hash = string_hash_of(bytes, length);
    String **place = place_of(vm, bytes, length, hash);
    if (*place) {
        if (vm->heap.phase == GC_MARK) gc_shade(vm, &(*place)->obj);
        else (*place)->obj.mark = vm->heap.mark; /* has no references of its own */
        return *place;
    }
    String *s = string_inline(vm, bytes, length);
    s->obj.hash = hash;
    s->obj.flags |= STRING_INTERNED;
    *place = s;
    vm->interned_count++;
    return s;
}

/* Closes the gap by moving back whatever stands behind it and does not stand at its own place already. */
void string_unintern(Vm *vm, String *string) {
    uint32_t mask = vm->interned_capacity - 1;
    uint32_t gap = string->obj.hash & mask;
    while (vm->interned[gap] != string) gap = (gap + 1) & mask;
    for (uint32_t i = (gap + 1) & mask; vm->interned[i]; i = (i + 1) & mask) {
        uint32_t home = vm->interned[i]->obj.hash & mask;
        if (((i - home) & mask) < ((i - gap) & mask)) continue;
        vm->interned[gap] = vm->interned[i];
        gap = i;
    }
    vm->interned[gap] = NULL;
    vm->interned_count--;
}

void string_interned_free(Vm *vm) {
    free(vm->interned);
    vm->interned = NULL;
    vm->interned_count = vm->interned_capacity = 0;
}
