/*
 * output.h -- who printed what, for which cell.
 *
 * A Cell is the context of one execution: the request that every message about it has as its parent. It lives as long
 * as a task of the cell does, so what a task prints minutes later still goes to the cell that started it. What is
 * printed is collected and published in batches (output.c tells when), but always before anything else of the cell.
 */
#ifndef KERNEL_OUTPUT_H
#define KERNEL_OUTPUT_H

#include "interp/vint.h"
#include "outbox.h"

typedef struct Cell Cell;

/* A cell with one reference. A silent cell publishes nothing. References belong to the session thread. */
Cell *cell_new(Request *request, bool silent);
Cell *cell_keep(Cell *cell);
void cell_release(void *cell); /* what is left will still be published; the shape is that of VintCellOptions.release */

Request *cell_request(const Cell *cell); /* the cell keeps it */

/* Collects text that a task of the cell printed. May wait when clients cannot keep up. */
void cell_write(Cell *cell, VintStream stream, const char *text, size_t length);

/* Publishes what was collected, and then [message]; in a late cell both when it is time. The second one does it at
 * once, and even for a silent cell. */
void cell_say(Cell *cell, Message *message);
void cell_send(Cell *cell, Message *message);
void cell_error(Cell *cell, const VintError *error);
void cell_display(Cell *cell, const VintDatum *data, size_t length, const char *id, bool update);
/* A progress bar, for frontends that cannot update a display; false: this one can. */
bool cell_progress(Cell *cell, const char *line, bool ended);
void cell_clear(Cell *cell, bool wait);

/*
 * What the cell's reply is to bring besides: text to be read beside it, code for the next input (the last one counts),
 * the end of the kernel.
 * False when that cannot be, because the reply is gone or, for text to be read, nobody is there to read it.
 */
bool cell_page(Cell *cell, const VintDatum *data, size_t length);
bool cell_next_input(Cell *cell, const char *text, size_t length, bool replace);
void cell_ask_exit(Cell *cell);
/* Prints these as the payloads of a reply, separated by commas. */
void cell_payloads(const Cell *cell, Buffer *out);

/* Publishes what was collected; from now on the cell's output is late. For when its reply is about to go out. */
void cell_ended(Cell *cell);

/* The session is about to wait: publishes what may be published now. */
void output_idle(void);

/* Publishes what has waited long enough; returns when to call this again. For the wire thread. */
int64_t output_tick(int64_t now);

/* A new client shows itself: late output pauses, so that IOPub falls silent for a moment. Any thread. */
void output_hold(void);

/* Publishes all that is left. */
void output_close(void);

/* Prints "data": {…}, "metadata": {} of a value's representations; and the ename, evalue, traceback of an error. */
void output_bundle(Buffer *out, const VintDatum *data, size_t length);
void output_error_fields(Buffer *out, const VintError *error);

#endif
