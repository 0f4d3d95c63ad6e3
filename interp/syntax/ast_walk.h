/*
 * ast_walk.h -- the parts of a node, for those who look at a whole tree and care for a few kinds of nodes only.
 */
#ifndef AST_WALK_H
#define AST_WALK_H

#include "ast.h"

/* Calls [visit] for the direct children of [node], in the order of the text; those inside patterns are among them. */
void ast_each_child(const Node *node, void (*visit)(void *arg, Node *child), void *arg);

/* The same for the types that are written in the node itself, not in its children. */
void ast_each_type(const Node *node, void (*visit)(void *arg, TypeNode *type), void *arg);

/* Calls [visit] for every pattern of a MATCH, those inside other patterns included. */
void ast_each_pattern(const Node *match, void (*visit)(void *arg, Pattern *pattern), void *arg);

/* Is it plain that both, side by side in one statement, stand for the same variable or field? */
bool ast_same_place(const Node *a, const Node *b);

#endif
