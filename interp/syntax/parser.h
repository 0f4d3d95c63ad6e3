/*
 * parser.h -- from source text to syntax tree.
 */
#ifndef PARSER_H
#define PARSER_H

#include "ast.h"
#include "diagnostic.h"

/* How deep expressions, types and blocks may nest before the parser says so instead of running out of stack. */
#define PARSER_DEPTH_LIMIT 500

/*
 * Parses the whole of [source]. Always returns a BLOCK node with the statements that could be understood; every
 * problem is added to [diagnostics] (count 0: the tree is complete). Tree and messages live in [arena].
 */
Node *parser_parse(Arena *arena, const Source *source, Diagnostics *diagnostics);

#endif
