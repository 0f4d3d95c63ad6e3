/*
 * format.h -- a program's text in the one layout that all programs share.
 *
 * Four blanks a level, one statement a line, `{` on the line of what it belongs to, blanks around operators, commas
 * behind every item of a list that takes several lines. Comments stay, and so do blank lines, at most one in a row.
 * What fits in FORMAT_WIDTH columns is on one line or on several as its author chose; what doesn't is broken.
 * Formatting a formatted text changes nothing.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include "syntax/diagnostic.h"

enum { FORMAT_WIDTH = 100, FORMAT_INDENT = 4 };

/*
 * The text of [source] in the usual layout, malloc'ed and NUL-terminated. NULL, and the reasons in [diagnostics], when
 * it is no program, or when the new text would not be the same program, which is checked each time.
 */
char *format_source(const Source *source, Diagnostics *diagnostics, size_t *length);

#endif
