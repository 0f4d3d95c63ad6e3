/*
 * magic_lines.h -- the lines of a notebook cell that are no VintLang: %magics, !commands, ?help.
 *
 * They are found by the lexer, in sources that may have them (Source.has_magics), where a statement can begin:
 *
 *     %name rest            a line magic; also as the value of an assignment: `let files = %sx ls`
 *     %%name rest           a cell magic, with all that follows as its body; only as the first thing of the text
 *     !command              the same as `%sh command`
 *     ?name, name?          the same as `%help name`
 *     ??name, name??        the same as `%source name`
 *
 * Text that merely looks special keeps its meaning: a line of an expression that goes on (`10` and below it `% b`: the
 * sign must touch a letter), or `!done` in a block, whose value it may be.
 */
#ifndef MAGIC_LINES_H
#define MAGIC_LINES_H

#include <stdbool.h>

#include "arena.h"
#include "source.h"

/* A special line, cut into its parts. */
typedef struct MagicLine {
    bool is_cell;
    const char *name;        /* what stands behind the sign, or sh, help, source */
    Span rest;               /* the line behind the name, without blanks around it */
    Span body;               /* of a cell magic: the text below its line */
    uint32_t end;            /* where the special text ends */
} MagicLine;

/* Where a special line might begin. */
typedef enum { MAGIC_AT_START, MAGIC_AT_LINE, MAGIC_IN_BLOCK, MAGIC_AS_VALUE } MagicPlace;

/* The special line that begins at byte [at], in [arena]; NULL: none does. */
const MagicLine *magic_line_at(Arena *arena, const Source *source, uint32_t at, MagicPlace place);

#endif
