/*
 * cell.c -- the life of cells.
 */
#include "cell.h"

#include <stdlib.h>

VintCell *cell_retain(VintCell *cell) {
    cell->references++;
    return cell;
}

void cell_release(VintCell *cell) {
    if (--cell->references > 0) return;
    if (cell->options.release) cell->options.release(cell->options.user);
    free((char *)cell->options.file);
    free(cell->problem);
    free(cell->problems);
    free(cell);
}

void *vint_cell_user(const VintCell *cell) {
    return cell->options.user;
}
