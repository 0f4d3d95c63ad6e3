/*
 * cell.h -- one execution and all that it started.
 *
 * Every task holds a counted reference to the cell of the code that started it. The cell counts its tasks: [live] ones,
 * and of those the [runnable] ones, so that the session can tell when everything that could run has had its turn.
 *
 * Tasks that spin, wake each other or start new ones without end would never let it come to that. So a cell becomes
 * [impatient] when the session has worked for some milliseconds since its main code ended, or was interrupted: what
 * enters the run queue from then on is not counted any more. Each task that is in the queue by then still gets the turn
 * that it is owed.
 */
#ifndef CELL_H
#define CELL_H

#include "vint.h"
#include "text.h"
#include "value.h"

#define CELL_CAPTURE_LIMIT (64u << 20) /* bytes of each stream */

/* While it is on, what the cell shows is kept instead (%%capture). Captures nest. */
typedef struct CellCapture {
    struct CellCapture *outer;
    Text out, err;
    size_t dropped;  /* bytes beyond the limit */
    Array *displays; /* of the values that were displayed */
} CellCapture;

struct VintCell {
    unsigned references;
    VintCellOptions options; /* options.file and options.key are copies */
    struct Record *record;   /* what is kept of its output; NULL: nothing is */
    CellCapture *capture;    /* the innermost that is on; or NULL */
    VintDone done;           /* NULL once called */
    VintSession *session;
    VintCell *next;          /* of the executions that are not over */
    Task *main;              /* NULL when it has ended */
    uint32_t live, runnable;
    bool main_ended;
    bool impatient;          /* see above */
    bool over;               /* the execution is: what is left of it are tasks in the background */
    bool failed;             /* a task of the cell failed */
    bool abandoned;          /* its tasks are not waited for any more */
    bool has_result;
    bool presented;          /* the result has been asked how it is to be shown */
    Value result;            /* of the main code, while [done] is not called yet: a root */
    Error *error;            /* the main code's */
    char *problem, *problems; /* syntax errors: the first one's message, all of them rendered; [error] has no trace then */
    uint64_t main_ended_at;  /* ns */
    uint64_t patient_from;   /* ns that the session's thread had worked by then */
    uint64_t told;           /* the interrupt that it was told of last (interrupt.c) */
};

/* Does a capture take the text? */
bool cell_captures(VintCell *cell, VintStream stream, const char *text, size_t length);

/* Begins a capture; ends the innermost one, whose texts come into [out] and [err], to be freed. */
void cell_capture(VintCell *cell, Array *displays);
void cell_end_capture(VintCell *cell, Text *out, Text *err);
void cell_drop_captures(VintCell *cell); /* ends those that nobody has ended */

/* One reference more; one less: the last one frees the cell and tells its host (VintCellOptions.release). */
VintCell *cell_retain(VintCell *cell);
void cell_release(VintCell *cell);

#endif
