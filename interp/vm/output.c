/*
 * output.c -- text on its way to the host, and the records of what cells have shown.
 */
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "task.h"

#define FIRST_CAPACITY 512

static size_t kept_bytes(const Record *record) {
    return record->total < record->capacity ? (size_t)record->total : record->capacity;
}

static void drop(Vm *vm, Record **link) {
    Record *record = *link;
    vm->kept_bytes -= record->capacity;
    free(record->bytes);
    record->bytes = NULL;
    record->capacity = 0;
    if (record->cell) return; /* it will have more to say */
    *link = record->older;
    free(record);
}

/* Drops what is kept of the oldest cells, those that are gone first, until there is room again. */
static void make_room(Vm *vm, const Record *spared) {
    for (int gone = 1; gone >= 0; gone--)
        while (vm->kept_bytes > OUTPUT_KEPT_IN_ALL) {
            Record **oldest = NULL;
            for (Record **link = &vm->records; *link; link = &(*link)->older)
                if (*link != spared && (*link)->capacity > 0 && ((*link)->cell == NULL) == gone) oldest = link;
            if (!oldest) break;
            drop(vm, oldest);
        }
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
    size_t at = record->total % record->capacity, first = record->capacity - at;
    if (first > length) first = length;
    memcpy(record->bytes + at, text, first);
    memcpy(record->bytes, text + first, length - first);
    record->total += length;
}

void output_keep(Vm *vm, VintCell *cell, const char *text, size_t length) {
    Record *record = cell ? cell->record : NULL;
    if (!record || length == 0) return;
    if (record->total + length > record->capacity && record->capacity < OUTPUT_KEPT) grow(vm, record, length);
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
        while (from < record->total && (record->bytes[from % record->capacity] & 0xC0) == 0x80) from++;
    }
    while (from < record->total) {
        size_t at = from % record->capacity, length = record->capacity - at;
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
