/*
 * output.h -- standard output and standard error. Not for several threads at once.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "vint.h"

/*
 * Standard output is collected and goes out when 64 KB have come together, at output_flush() and before anything is
 * written to standard error; on a terminal it goes out at once. When nobody reads it any more, the program ends
 * quietly.
 */
void output_write(VintStream stream, const char *text, size_t length);
void output_flush(void);

/* Standard output stands at the beginning of a line. */
bool output_at_line_start(void);

/*
 * A progress bar on standard error, if that is a terminal: a line that the next bar replaces, that gives way to whatever
 * is written, and that stays when the bar has [ended], or when it is left.
 */
void output_progress(const char *line, bool ended);
void output_leave_progress(void);

/* An error's report, on standard error. */
void output_error(const VintError *error);

/* May standard error be coloured? */
bool output_wants_color(void);

#endif
