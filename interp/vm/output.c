/*
 * output.c -- text on its way to the host, and the records of what cells have shown.
 */
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "task.h"

#define FIRST_CAPACITY 512

static size_t kept_bytes(const Record *record) {
    uint64_t since = record->total - record->dropped;
    return since < record->capacity ? (size_t)since : record->capacity;
}

/* Where a byte stands in the ring. */
static size_t place(const Record *record, uint64_t byte) {
    return (size_t)((byte - record->dropped) % record->capacity);
}

static void drop(Vm *vm, Record **link) {
    Record *record = *link;
    vm->kept_bytes -= record->capacity;
    free(record->bytes);
    record->bytes = NULL;
    record->capacity = 0;
    record->dropped = record->total;
    if (record->cell) return; /* it will have more to say */
    *link = record->older;
    free(record);
}

static bool may_go(const Record *record, const Record *spared, bool gone) {
    return record != spared && record->capacity > 0 && (record->cell == NULL) == gone;
}

/* Drops [excess] bytes, or more, of the oldest cells that are gone, or of those that are not. */
static void drop_oldest(Vm *vm, const Record *spared, bool gone, size_t excess) {
    size_t there = 0;
    for (const Record *record = vm->records; record; record = record->older)
        if (may_go(record, spared, gone)) there += record->capacity;
    Record **link = &vm->records;
    bool enough = true; /* is there, in the older ones? */
    while (*link) {
        Record *record = *link;
        if (may_go(record, spared, gone)) {
            enough = enough && there >= excess + record->capacity;
            there -= record->capacity;
            if (!enough) drop(vm, link);
        }
        if (*link == record) link = &record->older;
    }
}

/*
 * When too much is kept, a quarter goes at once: the oldest cells, those that are gone first. The list is long when cells
 * are many, so it must not be walked for each new one.
 */
static void make_room(Vm *vm, const Record *spared) {
    if (vm->kept_bytes <= OUTPUT_KEPT_IN_ALL) return;
    for (int gone = 1; gone >= 0; gone--)
        if (vm->kept_bytes > OUTPUT_KEPT_IN_ALL / 4 * 3)
            drop_oldest(vm, spared, gone, vm->kept_bytes - OUTPUT_KEPT_IN_ALL / 4 * 3);
}

static void grow(Vm *vm, Record *record, size_t more) {
    size_t capacity = record->capacity ? record->capacity : FIRST_CAPACITY, kept = kept_bytes(record);
    while (capacity < kept + more && capacity < OUTPUT_KEPT) capacity *= 2;
    if (capacity == record->capacity) return;
    record->bytes = realloc(record->bytes, capacity);
    if (!record->bytes) abort();
    vm->kept_bytes += capacity - record->capacity;
    record->capacity = capacity;
    make_room(vm, record);
}

static void ring_put(Record *record, const char *text, size_t length) {
    if (length > record->capacity) {
        record->total += length - record->capacity;
        text += length - record->capacity;
        length = record->capacity;
    }
    size_t at = place(record, record->total), first = record->capacity - at;
    if (first > length) first = length;
    memcpy(record->bytes + at, text, first);
    memcpy(record->bytes, text + first, length - first);
    record->total += length;
}

void output_keep(Vm *vm, VintCell *cell, const char *text, size_t length) {
    Record *record = cell ? cell->record : NULL;
    if (!record || length == 0) return;
    if (kept_bytes(record) + length > record->capacity && record->capacity < OUTPUT_KEPT) grow(vm, record, length);
    ring_put(record, text, length);
}

void output_write(Vm *vm, VintCell *cell, VintStream stream, const char *text, size_t length) {
    if (length == 0) return;
    if (vm->current) vm->current->written += length;
    if (cell && cell_captures(cell, stream, text, length)) return;
    if (cell && cell->record) output_keep(vm, cell, text, length);
    vm->host->write(vm->host->user, cell, stream, text, length);
}

const Record *output_find(const Vm *vm, int number) {
    const Record *record = vm->records;
    while (record && record->number != number) record = record->older;
    return record;
}

/* Whole code points only: what is kept may begin inside of one. */
void output_read(const Record *record, uint64_t from, Text *text) {
    uint64_t first = record->total - kept_bytes(record);
    if (from < first) {
        from = first;
        while (from < record->total && (record->bytes[place(record, from)] & 0xC0) == 0x80) from++;
    }
    while (from < record->total) {
        size_t at = place(record, from), length = record->capacity - at;
        if (length > record->total - from) length = (size_t)(record->total - from);
        text_append(text, record->bytes + at, length);
        from += length;
    }
}

void output_cell_made(Vm *vm, VintCell *cell) {
    if (cell->options.number <= 0) return;
    const Record *last = vm->records;
    if (last && !last->cell && last->capacity == 0) drop(vm, &vm->records); /* it had nothing to say */
    Record *record = calloc(1, sizeof *record);
    if (!record) abort();
    record->number = cell->options.number;
    record->cell = cell;
    record->older = vm->records;
    vm->records = cell->record = record;
}

void output_cell_gone(VintCell *cell) {
    if (cell->record) cell->record->cell = NULL;
}

void output_free(Vm *vm) {
    for (Record *record = vm->records, *older; record; record = older) {
        older = record->older;
        if (record->cell) record->cell->record = NULL;
        free(record->bytes);
        free(record);
    }
    vm->records = NULL;
}
