/*
 * output.h -- text on its way to the host: counted, and kept for a while.
 *
 * What a cell shows may be lost on its way: a page was reloaded, and output that comes late finds its cell no more. So
 * the last OUTPUT_KEPT bytes of each cell that has a number are kept, as text, for as long as all of them together are
 * not more than OUTPUT_KEPT_IN_ALL; then those of the oldest cells go.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "text.h"
#include "vm.h"

#define OUTPUT_KEPT (256u << 10)
#define OUTPUT_KEPT_IN_ALL (16u << 20)

/* What is kept of a cell. */
typedef struct Record {
    struct Record *older;
    int number;      /* of the cell */
    VintCell *cell;  /* NULL: it is gone, all its tasks have ended */
    char *bytes;     /* a ring when it is as large as it may become */
    size_t capacity;
    uint64_t total;   /* bytes there were in all; the newest [capacity] of them, at most, are there … */
    uint64_t dropped; /* … but none of the first so many, which had to go */
} Record;

/* Text that the running task prints, or that is said about the cell when none runs. */
void output_write(Vm *vm, VintCell *cell, VintStream stream, const char *text, size_t length);

/* Text that the host shows in another way, such as an error: kept only. */
void output_keep(Vm *vm, VintCell *cell, const char *text, size_t length);

/* The newest record of that number; NULL: nothing is kept. */
const Record *output_find(const Vm *vm, int number);

/* Appends what is kept behind byte [from] of all that the cell has shown. */
void output_read(const Record *record, uint64_t from, Text *text);

/* A cell begins: what it shows is kept from now on, if it has a number. It goes: what is kept stays. At the end all goes. */
void output_cell_made(Vm *vm, VintCell *cell);
void output_cell_gone(VintCell *cell);
void output_free(Vm *vm);

#endif
