/*
 * cell.h -- one execution and all that it started.
 *
 * Every task holds a counted reference to the cell of the code that started it. The cell counts its tasks: [live] ones, and of those
 * the [runnable] ones, so that the session can tell when everything that could run has had its turn.
 */
#ifndef CELL_H
#define CELL_H

#include "vint.h"
#include "value.h"

struct VintCell {
    unsigned references;
    VintCellOptions options; /* options.file is a copy */
    VintDone done;           /* NULL once called */
    VintSession *session;
    VintCell *next;          /* of the executions that are not over */
    Task *main;              /* NULL when it has ended */
    uint32_t live, runnable;
    bool main_ended;
    bool failed;             /* a task of the cell failed */
    bool abandoned;          /* its tasks are not waited for any more */
    bool has_result;
    bool presented;          /* the result has been asked how it is to be shown */
    Value result;            /* of the main code, while [done] is not called yet: a root */
    Error *error;            /* the main code's */
    char *problem, *problems; /* syntax errors: the first one's message, all of them rendered; [error] has no trace then */
    uint64_t main_ended_at;  /* ns */
};

VintCell *cell_retain(VintCell *cell);
void cell_release(VintCell *cell);

#endif
