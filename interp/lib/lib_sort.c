/*
 * lib_sort.c -- sorting: a stable merge sort of keys that carry their items along.
 *
 * Runs of 16 are sorted by insertion, then merged pairwise, back and forth between two arrays of entries. What kind of
 * keys there are is found out before, so that comparing them is one known operation.
 */
#include <stdlib.h>
#include <string.h>

#include "lib.h"

#define RUN 16

typedef struct {
    Value key, item;
} Entry;

typedef enum { KEYS_INTS, KEYS_NUMBERS, KEYS_STRINGS } KeyKind;

static bool number_before(Value a, Value b) {
    int order;
    bool b_is_nan = b.tag == T_FLOAT && b.f != b.f;
    if (a.tag == T_FLOAT && a.f != a.f) return !b_is_nan;
    return !b_is_nan && value_compare(a, b, &order) && order == -1;
}

static inline bool before(KeyKind kind, Value a, Value b) {
    switch (kind) {
    case KEYS_INTS: return a.i < b.i;
    case KEYS_NUMBERS: return number_before(a, b);
    default: return string_compare(a.string, b.string) < 0;
    }
}

/* Must [b], which stands behind [a], come before it? */
static inline bool out_of_order(KeyKind kind, bool descending, const Entry *a, const Entry *b) {
    return descending ? before(kind, a->key, b->key) : before(kind, b->key, a->key);
}

static void insertion_sort(Entry *entries, uint32_t count, KeyKind kind, bool descending) {
    for (uint32_t i = 1; i < count; i++) {
        Entry moving = entries[i];
        uint32_t at = i;
        for (; at > 0 && out_of_order(kind, descending, &entries[at - 1], &moving); at--) entries[at] = entries[at - 1];
        entries[at] = moving;
    }
}

/* Merges the sorted a[0 … a_count) and b[0 … b_count) into [to]. */
static void merge(const Entry *a, uint32_t a_count, const Entry *b, uint32_t b_count, Entry *to, KeyKind kind,
                  bool descending) {
    while (a_count > 0 && b_count > 0) {
        if (out_of_order(kind, descending, a, b)) {
            *to++ = *b++;
            b_count--;
        } else {
            *to++ = *a++;
            a_count--;
        }
    }
    memcpy(to, a, a_count * sizeof *a);
    memcpy(to + a_count, b, b_count * sizeof *b);
}

static uint32_t smaller(uint64_t a, uint64_t b) { return (uint32_t)(a < b ? a : b); }

/* Sorts [entries] with the help of [spare]; returns the one of the two that holds the result. */
static Entry *merge_sort(Entry *entries, Entry *spare, uint32_t count, KeyKind kind, bool descending) {
    for (uint32_t start = 0; start < count; start += RUN) {
        insertion_sort(entries + start, smaller(RUN, count - start), kind, descending);
    }
    for (uint64_t width = RUN; width < count; width *= 2) {
        for (uint64_t start = 0; start < count; start += 2 * width) {
            uint32_t a_count = smaller(width, count - start), b_count = smaller(width, count - start - a_count);
            const Entry *a = entries + start;
            merge(a, a_count, a + a_count, b_count, spare + start, kind, descending);
        }
        Entry *swap = entries;
        entries = spare;
        spare = swap;
    }
    return entries;
}

/* The kind of all keys together; false with an error raised. */
static bool find_kind(Vm *vm, const char *method, const Value *keys, uint32_t count, KeyKind *kind) {
    *kind = keys[0].tag == T_STRING ? KEYS_STRINGS : KEYS_INTS;
    for (uint32_t i = 0; i < count; i++) {
        bool fits = *kind == KEYS_STRINGS ? keys[i].tag == T_STRING : value_is_number(keys[i]);
        if (!fits) {
            bool lonely = i == 0;
            vm_raise(vm, ERR_TYPE, "%s() only supports numbers or strings, got %s%s%s", method,
                     value_type_name(keys[0]), lonely ? "" : " and ", lonely ? "" : value_type_name(keys[i]));
            return false;
        }
        if (keys[i].tag == T_FLOAT) *kind = KEYS_NUMBERS;
    }
    return true;
}

void lib_array_moved(Vm *vm, Array *array) {
    if (vm->heap.phase != GC_MARK) return;
    for (uint32_t i = 0; i < array->length; i++) gc_write(vm, array->items[i]);
}

bool lib_sort(Vm *vm, const char *method, const Value *keys, Value *items, uint32_t count, bool descending) {
    if (count == 0) return true;
    KeyKind kind;
    if (!find_kind(vm, method, keys, count, &kind)) return false;
    size_t size = 2 * (size_t)count * sizeof(Entry);
    if (heap_refuses(vm, size)) return false;
    Entry *entries = malloc(size);
    if (!entries) abort();
    for (uint32_t i = 0; i < count; i++) entries[i] = (Entry){keys[i], items[i]};
    const Entry *sorted = merge_sort(entries, entries + count, count, kind, descending);
    for (uint32_t i = 0; i < count; i++) items[i] = sorted[i].item;
    free(entries);
    return true;
}
