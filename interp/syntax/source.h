/*
 * source.h -- a source text with its name, and the way from byte offsets to lines and columns.
 *
 * Every place in the interpreter is a byte offset into a Source; lines and columns (counted from 1, columns in code
 * points) are worked out only when somebody wants to read them.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

typedef struct Source {
    const char *name; /* "In[3]", "main.vint", "<prelude>" */
    const char *text; /* NUL-terminated copy */
    uint32_t length;
    uint32_t line_count;
    uint32_t *line_starts; /* byte offset of each line's first byte */
    uint32_t start;        /* the code begins here; what stands before it is for messages only */
    bool has_magics;       /* a cell or a line of the REPL: magic_lines.h */
} Source;

typedef struct {
    uint32_t start, end; /* bytes, end exclusive */
} Span;

typedef struct {
    uint32_t line, column; /* from 1; the column counts code points */
} Place;

/* Copies [name] and [text] into [arena], where the source lives, too. */
Source *source_new(Arena *arena, const char *name, const char *text, size_t length);

Place source_place(const Source *source, uint32_t offset);
uint32_t source_line_number(const Source *source, uint32_t offset); /* the line alone is quick to find, in long lines too */

/* The text of line [line] (from 1), without its line end; [length] in bytes. */
const char *source_line(const Source *source, uint32_t line, uint32_t *length);

#endif
