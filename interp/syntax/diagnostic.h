/*
 * diagnostic.h -- what is wrong with a source text, and how it is shown: the place, the line, a caret, a hint.
 */
#ifndef DIAGNOSTIC_H
#define DIAGNOSTIC_H

#include <stdbool.h>

#include "arena.h"
#include "source.h"

typedef struct {
    Span span;           /* what the carets underline; may be empty at the end of the text */
    const char *message; /* one line */
    const char *hint;    /* may be NULL */
    bool is_warning;
} Diagnostic;

typedef struct {
    Arena *arena;  /* where messages live */
    Diagnostic *items;
    int count, capacity;
    bool at_end;   /* the first error is that the text ends too early: more input could mend it */
} Diagnostics;

/* How many problems of a text are told. */
#define DIAGNOSTIC_LIMIT 20

/* Adds a problem; [format] as for printf. Problems past the limit are dropped. */
void diagnostic_add(Diagnostics *diagnostics, Span span, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds a warning. There is no limit to these. */
void diagnostic_warn(Diagnostics *diagnostics, Span span, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * The lines that show a place in a source: "FILE:LINE:COLUMN" is not among them; the source line with its number in a
 * gutter, and below it a caret under [span]. Tabs are kept so that carets align. Appended as NUL-terminated text in
 * [arena]; NULL when the line is blank.
 */
const char *diagnostic_excerpt(Arena *arena, const Source *source, Span span, bool color);

/* One problem in full: "FILE:LINE:COLUMN: SyntaxError: message" (or "warning:"), excerpt, hint. */
const char *diagnostic_render(Arena *arena, const Source *source, const Diagnostic *diagnostic, bool color);

#endif
