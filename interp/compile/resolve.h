/*
 * resolve.h -- what every name in a syntax tree means, found out before any code is made.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include "scope.h"

/*
 * Walks a unit's tree and writes into it what its names, blocks and functions are. Problems (names declared twice,
 * constants assigned, `break` outside a loop …) are added to [diagnostics]; with any, the result is good for nothing.
 */
Resolution *resolve(Arena *arena, const Source *source, Node *tree, Diagnostics *diagnostics);

#endif
