/*
 * ast_dump.h -- a syntax tree as text, for tests and for those who want to see what the parser made of a program.
 */
#ifndef AST_DUMP_H
#define AST_DUMP_H

#include <stdio.h>

#include "ast.h"

/* One node as an s-expression on one line, without a line end: `(let x (+ 1 2))`. */
void ast_dump(FILE *out, const Node *node);

/* The statements of a program, one a line. */
void ast_dump_program(FILE *out, const Node *program);

#endif
