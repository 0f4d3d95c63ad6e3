/*
 * cell.c -- the life of cells.
 */
#include "cell.h"

#include <stdlib.h>

#include "output.h"

VintCell *cell_retain(VintCell *cell) {
    cell->references++;
    return cell;
}

bool cell_captures(VintCell *cell, VintStream stream, const char *text, size_t length) {
    CellCapture *capture = cell->capture;
    if (!capture) return false;
    Text *kept = stream == VINT_STDERR ? &capture->err : &capture->out;
    if (kept->length + length > CELL_CAPTURE_LIMIT)
        capture->dropped += length;
    else
        text_append(kept, text, length);
    return true;
}

void cell_capture(VintCell *cell, Array *displays) {
    CellCapture *capture = calloc(1, sizeof *capture);
    if (!capture) abort();
    capture->outer = cell->capture;
    capture->displays = displays;
    cell->capture = capture;
}

void cell_end_capture(VintCell *cell, Text *out, Text *err) {
    CellCapture *capture = cell->capture;
    *out = capture->out;
    *err = capture->err;
    if (capture->dropped > 0) text_printf(err, "… %zu bytes more than can be kept\n", capture->dropped);
    cell->capture = capture->outer;
    free(capture);
}

void cell_drop_captures(VintCell *cell) {
    while (cell->capture) {
        Text out, err;
        cell_end_capture(cell, &out, &err);
        text_free(&out);
        text_free(&err);
    }
}

void cell_release(VintCell *cell) {
    if (--cell->references > 0) return;
    output_cell_gone(cell);
    cell_drop_captures(cell);
    if (cell->options.release) cell->options.release(cell->options.user);
    free((char *)cell->options.file);
    free((char *)cell->options.key);
    free(cell->problem);
    free(cell->problems);
    free(cell);
}

void *vint_cell_user(const VintCell *cell) {
    return cell->options.user;
}
