/*
 * lib_progress.h -- progress bars: `for x in progress(items, "load") {…}`, and `let p = progress(100); p.step()`.
 */
#ifndef LIB_PROGRESS_H
#define LIB_PROGRESS_H

#include "sched/session.h"

/*
 * Bars are shown at most ten times a second, so the last steps may not be visible yet: shows them where it is time to,
 * or, if [all], everywhere. Returns in how many ns there will be something to show; 0: there will not.
 */
uint64_t progress_flush(VintSession *session, bool all);

/* Marks the bars that progress_flush() has to look at; forgets them. */
void progress_mark(VintSession *session);
void progress_free(VintSession *session);

void lib_progress_register(Vm *vm);

#endif
