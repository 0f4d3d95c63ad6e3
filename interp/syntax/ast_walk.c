/*
 * ast_walk.c -- the parts of a node.
 */
#include "ast_walk.h"

#include <string.h>

typedef struct {
    void (*visit)(void *arg, Node *child);
    void *arg;
} Visitor;

static void one(const Visitor *visitor, Node *child) {
    if (child) {
        visitor->visit(visitor->arg, child);
    }
}

static void list(const Visitor *visitor, const NodeList *nodes) {
    for (int i = 0; i < nodes->count; i++) {
        one(visitor, nodes->items[i]);
    }
}

static void arguments(const Visitor *visitor, const Argument *items, int count) {
    for (int i = 0; i < count; i++) {
        one(visitor, items[i].value);
    }
}

static void fields(const Visitor *visitor, const Field *items, int count) {
    for (int i = 0; i < count; i++) {
        one(visitor, items[i].default_value);
    }
}

/* Fields and methods may alternate: the one that comes first in the text goes first. */
static void members(const Visitor *visitor, const Node *node) {
    int field = 0, method = 0;
    const NodeList *methods = &node->structure.methods;
    while (field < node->structure.field_count || method < methods->count) {
        bool take_field = method == methods->count ||
                          (field < node->structure.field_count &&
                           node->structure.fields[field].name.span.start < methods->items[method]->span.start);
        one(visitor, take_field ? node->structure.fields[field++].default_value : methods->items[method++]);
    }
}

static void pattern_children(const Visitor *visitor, const Pattern *pattern) {
    one(visitor, pattern->value);
    for (int i = 0; i < pattern->count; i++) {
        if (pattern->keys) {
            one(visitor, pattern->keys[i]);
        }
        pattern_children(visitor, pattern->items[i]);
    }
}

void ast_each_child(const Node *node, void (*visit)(void *arg, Node *child), void *arg) {
    const Visitor visitor = {visit, arg}, *v = &visitor;
    switch (node->kind) {
    case NODE_NULL_LITERAL: case NODE_BOOL_LITERAL: case NODE_INT_LITERAL: case NODE_FLOAT_LITERAL:
    case NODE_STRING_LITERAL: case NODE_NAME: case NODE_BUILTIN_NAME: case NODE_AT: case NODE_TYPE_ALIAS:
    case NODE_IMPORT: case NODE_INCLUDE: case NODE_BREAK: case NODE_CONTINUE:
        break;
    case NODE_ARRAY_LITERAL: case NODE_BLOCK:
        list(v, &node->list);
        break;
    case NODE_DICT_LITERAL:
        for (int i = 0; i < node->dict.count; i++) {
            one(v, node->dict.entries[i].key);
            one(v, node->dict.entries[i].value);
        }
        break;
    case NODE_STRUCT_LITERAL:
        arguments(v, node->struct_literal.fields, node->struct_literal.count);
        break;
    case NODE_FUNCTION:
        for (int i = 0; i < node->function.count; i++) {
            one(v, node->function.parameters[i].default_value);
        }
        one(v, node->function.body);
        break;
    case NODE_BINARY: case NODE_LOGICAL:
        one(v, node->binary.left);
        one(v, node->binary.right);
        break;
    case NODE_ASSIGN:
        one(v, node->assign.target);
        one(v, node->assign.value);
        break;
    case NODE_STEP:
        one(v, node->step.target);
        break;
    case NODE_CALL:
        one(v, node->call.callee);
        arguments(v, node->call.arguments, node->call.count);
        break;
    case NODE_INDEX:
        one(v, node->index.object);
        one(v, node->index.index);
        break;
    case NODE_SLICE:
        one(v, node->slice.object);
        one(v, node->slice.from);
        one(v, node->slice.to);
        break;
    case NODE_MEMBER:
        one(v, node->member.object);
        break;
    case NODE_CAST: case NODE_TYPE_TEST:
        one(v, node->typed.value);
        break;
    case NODE_UNARY: case NODE_ADDRESS: case NODE_DEREFERENCE: case NODE_AWAIT: case NODE_GO: case NODE_CHAN:
    case NODE_IMPORT_CALL: case NODE_RETURN: case NODE_THROW: case NODE_RAISE: case NODE_DEFER:
        one(v, node->child);
        break;
    case NODE_LET:
        one(v, node->let.value);
        break;
    case NODE_STRUCT:
        members(v, node);
        break;
    case NODE_ENUM:
        for (int i = 0; i < node->enumeration.count; i++) {
            one(v, node->enumeration.members[i].value);
        }
        break;
    case NODE_ERROR_TYPE:
        fields(v, node->error_type.fields, node->error_type.count);
        break;
    case NODE_PACKAGE:
        one(v, node->package.body);
        break;
    case NODE_IF:
        one(v, node->branch.condition);
        one(v, node->branch.then);
        one(v, node->branch.otherwise);
        break;
    case NODE_WHILE:
        one(v, node->loop.condition);
        one(v, node->loop.body);
        break;
    case NODE_FOR_IN:
        one(v, node->for_in.iterable);
        one(v, node->for_in.body);
        break;
    case NODE_FOR_C:
        one(v, node->for_c.init);
        one(v, node->for_c.condition);
        one(v, node->for_c.step);
        one(v, node->for_c.body);
        break;
    case NODE_REPEAT:
        one(v, node->repeat.count);
        one(v, node->repeat.body);
        break;
    case NODE_SWITCH:
        one(v, node->switch_.value);
        for (int i = 0; i < node->switch_.count; i++) {
            list(v, &node->switch_.cases[i].values);
            one(v, node->switch_.cases[i].guard);
            one(v, node->switch_.cases[i].body);
        }
        break;
    case NODE_MATCH:
        one(v, node->match.value);
        for (int i = 0; i < node->match.count; i++) {
            pattern_children(v, node->match.arms[i].pattern);
            one(v, node->match.arms[i].guard);
            one(v, node->match.arms[i].action);
        }
        break;
    case NODE_SELECT:
        for (int i = 0; i < node->select.count; i++) {
            one(v, node->select.cases[i].channel);
            one(v, node->select.cases[i].value);
            one(v, node->select.cases[i].body);
        }
        break;
    case NODE_TRY:
        one(v, node->try_.body);
        for (int i = 0; i < node->try_.catch_count; i++) {
            one(v, node->try_.catches[i].body);
        }
        one(v, node->try_.finally);
        break;
    case NODE_DECLARATIVE:
        one(v, node->declarative.value);
        break;
    }
}

/* ---- types ---- */

static void field_types(const Field *items, int count, void (*visit)(void *arg, TypeNode *type), void *arg) {
    for (int i = 0; i < count; i++) {
        if (items[i].type) {
            visit(arg, items[i].type);
        }
    }
}

void ast_each_type(const Node *node, void (*visit)(void *arg, TypeNode *type), void *arg) {
    TypeNode *type = NULL;
    switch (node->kind) {
    case NODE_FUNCTION:
        for (int i = 0; i < node->function.count; i++) {
            if (node->function.parameters[i].type) {
                visit(arg, node->function.parameters[i].type);
            }
        }
        type = node->function.result;
        break;
    case NODE_CAST: case NODE_TYPE_TEST:
        type = node->typed.type;
        break;
    case NODE_LET:
        type = node->let.type;
        break;
    case NODE_TYPE_ALIAS:
        type = node->alias.type;
        break;
    case NODE_STRUCT:
        field_types(node->structure.fields, node->structure.field_count, visit, arg);
        break;
    case NODE_ERROR_TYPE:
        field_types(node->error_type.fields, node->error_type.count, visit, arg);
        break;
    case NODE_TRY:
        for (int i = 0; i < node->try_.catch_count; i++) {
            if (node->try_.catches[i].type) {
                visit(arg, node->try_.catches[i].type);
            }
        }
        break;
    default:
        break;
    }
    if (type) {
        visit(arg, type);
    }
}

/* ---- places ---- */

bool ast_same_place(const Node *a, const Node *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case NODE_NAME:
        return strcmp(a->name.text, b->name.text) == 0;
    case NODE_AT:
        return true;
    case NODE_MEMBER:
        return strcmp(a->member.name.text, b->member.name.text) == 0 && ast_same_place(a->member.object, b->member.object);
    default:
        return false;
    }
}

/* ---- patterns ---- */

static void each_pattern(Pattern *pattern, void (*visit)(void *arg, Pattern *pattern), void *arg) {
    visit(arg, pattern);
    for (int i = 0; i < pattern->count; i++) {
        each_pattern(pattern->items[i], visit, arg);
    }
}

void ast_each_pattern(const Node *match, void (*visit)(void *arg, Pattern *pattern), void *arg) {
    for (int i = 0; i < match->match.count; i++) {
        each_pattern(match->match.arms[i].pattern, visit, arg);
    }
}
