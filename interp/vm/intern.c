/*
 * intern.c -- the table of interned strings: those whose address is their identity.
 *
 * Open addressing, linear probing, at most three quarters full. Hashes stand in the table, so that a search seldom
 * has to look at a string that is not the one: each would be a cache miss. The table does not keep its strings alive:
 * when the collector frees one, string_unintern() takes it out. A string found here while a collection is under way may
 * be one that the collector believes dead: it is marked again before it is handed out.
 */
#include <stdlib.h>
#include <string.h>

#include "gc.h"
#include "syntax/hash.h"

#define FIRST_CAPACITY 256

static Interned *place_of(Vm *vm, const char *bytes, size_t length, uint32_t hash) {
    uint32_t mask = vm->interned_capacity - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        Interned *place = &vm->interned[i];
        const String *s = place->string;
        if (!s || (place->hash == hash && s->length == length && memcmp(s->bytes, bytes, length) == 0)) return place;
    }
}

static void table_grow(Vm *vm) {
    uint32_t old_capacity = vm->interned_capacity;
    Interned *old = vm->interned;
    vm->interned_capacity = old_capacity ? old_capacity * 2 : FIRST_CAPACITY;
    vm->interned = calloc(vm->interned_capacity, sizeof *vm->interned);
    if (!vm->interned) abort();
    uint32_t mask = vm->interned_capacity - 1;
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (!old[i].string) continue;
        uint32_t at = old[i].hash & mask;
        while (vm->interned[at].string) at = (at + 1) & mask;
        vm->interned[at] = old[i];
    }
    free(old);
}

String *string_intern(Vm *vm, const char *bytes, size_t length) {
    if ((vm->interned_count + 1) * 4 > vm->interned_capacity * 3) table_grow(vm);
    uint32_t hash = string_hash_of(bytes, length);
    Interned *place = place_of(vm, bytes, length, hash);
    if (place->string) {
        if (vm->heap.phase == GC_MARK) gc_shade(vm, &place->string->obj);
        else place->string->obj.mark = vm->heap.mark; /* has no references of its own */
        return place->string;
    }
    String *s = string_inline(vm, bytes, length);
    s->obj.hash = hash;
    s->obj.flags |= STRING_INTERNED;
    *place = (Interned){s, hash};
    vm->interned_count++;
    return s;
}

/* Closes the gap by moving back whatever stands behind it and does not stand at its own place already. */
void string_unintern(Vm *vm, String *string) {
    uint32_t mask = vm->interned_capacity - 1;
    uint32_t gap = string->obj.hash & mask;
    while (vm->interned[gap].string != string) gap = (gap + 1) & mask;
    for (uint32_t i = (gap + 1) & mask; vm->interned[i].string; i = (i + 1) & mask) {
        uint32_t home = vm->interned[i].hash & mask;
        if (((i - home) & mask) < ((i - gap) & mask)) continue;
        vm->interned[gap] = vm->interned[i];
        gap = i;
    }
    vm->interned[gap] = (Interned){0};
    vm->interned_count--;
}

void string_interned_free(Vm *vm) {
    free(vm->interned);
    vm->interned = NULL;
    vm->interned_count = vm->interned_capacity = 0;
}
