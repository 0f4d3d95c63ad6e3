/*
 * check_flow.c -- where a program goes on, and where it does not.
 *
 * Only what is plain to see counts: a `return`, branches that all end, a loop without condition and without `break`.
 */
#include "check_flow.h"

#include "syntax/ast_walk.h"

static void find_break(void *arg, Node *node) {
    bool *found = arg;
    switch (node->kind) {
    case NODE_BREAK:
        *found = true;
        break;
    case NODE_WHILE: case NODE_FOR_IN: case NODE_FOR_C: case NODE_REPEAT: case NODE_FUNCTION: case NODE_STRUCT:
        break; /* a `break` in there is not ours */
    default:
        ast_each_child(node, find_break, arg);
    }
}

static bool has_break(Node *body) {
    bool found = false;
    find_break(&found, body);
    return found;
}

static bool is_endless(const Node *condition) {
    return !condition || (condition->kind == NODE_BOOL_LITERAL && condition->boolean);
}

bool flow_takes_all(const MatchArm *arm) {
    return !arm->guard && (arm->pattern->kind == PATTERN_ANY || arm->pattern->kind == PATTERN_BIND);
}

static bool switch_ends(const Node *node) {
    bool has_default = false;
    for (int i = 0; i < node->switch_.count; i++) {
        has_default |= node->switch_.cases[i].is_default;
        if (!flow_ends(node->switch_.cases[i].body)) {
            return false;
        }
    }
    return has_default;
}

static bool match_ends(const Node *node) {
    bool takes_all = false;
    for (int i = 0; i < node->match.count; i++) {
        takes_all |= flow_takes_all(&node->match.arms[i]);
        if (!flow_ends(node->match.arms[i].action)) {
            return false;
        }
    }
    return takes_all;
}

static bool select_ends(const Node *node) {
    for (int i = 0; i < node->select.count; i++) {
        if (!flow_ends(node->select.cases[i].body)) {
            return false;
        }
    }
    return node->select.count > 0;
}

static bool try_ends(const Node *node) {
    if (node->try_.finally && flow_ends(node->try_.finally)) {
        return true;
    }
    for (int i = 0; i < node->try_.catch_count; i++) {
        if (!flow_ends(node->try_.catches[i].body)) {
            return false;
        }
    }
    return flow_ends(node->try_.body);
}

bool flow_ends(const Node *node) {
    switch (node->kind) {
    case NODE_RETURN: case NODE_BREAK: case NODE_CONTINUE: case NODE_THROW: case NODE_RAISE:
        return true;
    case NODE_BLOCK:
        for (int i = 0; i < node->list.count; i++) {
            if (flow_ends(node->list.items[i])) {
                return true;
            }
        }
        return false;
    case NODE_IF:
        return node->branch.otherwise && flow_ends(node->branch.then) && flow_ends(node->branch.otherwise);
    case NODE_WHILE:
        return is_endless(node->loop.condition) && !has_break(node->loop.body);
    case NODE_FOR_C:
        return is_endless(node->for_c.condition) && !has_break(node->for_c.body);
    case NODE_SWITCH:
        return switch_ends(node);
    case NODE_MATCH:
        return match_ends(node);
    case NODE_SELECT:
        return select_ends(node);
    case NODE_TRY:
        return try_ends(node);
    default:
        return false;
    }
}
