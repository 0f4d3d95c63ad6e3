/*
 * check_flow.h -- where a program goes on, and where it does not.
 */
#ifndef CHECK_FLOW_H
#define CHECK_FLOW_H

#include "syntax/ast.h"

/* Does whatever stands behind [node] in its block never run? */
bool flow_ends(const Node *node);

/* Does the arm take every value? */
bool flow_takes_all(const MatchArm *arm);

#endif
