/*
 * compile_stmt.c -- blocks and what stands in them: declarations of variables, `if`, `return`.
 */
#include "compile_internal.h"

/* -- blocks -- */

static bool declares_function(const Node *node) { return node->kind == NODE_FUNCTION && node->function.declares; }

/* A block's functions exist from its start, whatever the order they are written in. */
void compile_statements(Builder *b, Node *node, int destination) {
    NodeList list = node->list;
    for (int i = 0; i < list.count; i++) {
        if (declares_function(list.items[i])) {
            compile_named_function(b, &list.items[i]->function.name, list.items[i]);
        }
    }
    for (int i = 0; i < list.count; i++) {
        bool is_last = i == list.count - 1;
        if (declares_function(list.items[i])) {
            if (is_last) deliver_null(b, list.items[i]->at, destination);
        } else {
            compile(b, list.items[i], is_last ? destination : NOWHERE);
        }
    }
    if (list.count == 0) deliver_null(b, node->at, destination);
}

void compile_contents(Builder *b, Node *node, int destination) {
    variable_prepare(b, node->variables, node->at);
    compile_statements(b, node, destination);
}

void compile_block(Builder *b, Node *node, int destination) {
    int mark = b->next;
    compile_contents(b, node, destination);
    registers_release(b, mark);
}

/* -- variables -- */

void compile_named_function(Builder *b, const Name *name, Node *function) {
    Variable *variable = name->variable;
    int reg = register_take(b);
    if (!variable->defined) {
        compile_function(b, function, name->text, reg);
        variable_define(b, variable, function->at, reg);
        return;
    }
    variable_load(b, variable, function->at, register_take(b));
    compile_function(b, function, name->text, register_take(b));
    emit_intrinsic(b, function->at, INTRINSIC_OVERLOAD, reg, 2);
    variable_store(b, variable, function->at, reg);
    registers_release(b, reg);
}

void compile_let(Builder *b, Node *node) {
    Variable *variable = node->let.name.variable;
    TypeNode *type = node->let.type;
    if (variable->is_function) {
        compile_named_function(b, &node->let.name, node->let.value);
        return;
    }
    int reg = register_take(b);
    int index = type != NULL ? emit_type(b, type, node->let.name.text, NULL) : 0;
    if (node->let.value == NULL) {
        emit_with(b, node->at, OPC_ZERO, reg, 0, (uint32_t)index);
    } else {
        if (node->let.value->kind == NODE_FUNCTION) {
            compile_function(b, node->let.value, node->let.name.text, reg);
        } else {
            compile(b, node->let.value, reg);
        }
        if (type != NULL) emit_with(b, node->let.value->at, OPC_CHECKTYPE, reg, CHECK_VARIABLE, (uint32_t)index);
    }
    variable_define(b, variable, node->at, reg);
    if (type != NULL && variable->owner == NULL) {
        int value = register_take(b);
        compile_type_value(b, node->at, variable, value);
        emit_with(b, node->at, OPC_TYPEGLOBAL, value, 0, (uint32_t)variable->index);
        registers_release(b, value);
    }
}

/* -- control -- */

void compile_if(Builder *b, Node *node, int destination) {
    Label otherwise = {0}, end = {0};
    bool has_else = node->branch.otherwise != NULL;
    compile_condition(b, node->branch.condition, false, &otherwise);
    compile(b, node->branch.then, destination);
    if (has_else || destination >= 0) emit_jump(b, node->at, OPC_JMP, 0, 0, &end);
    emit_label(b, &otherwise);
    if (has_else) {
        compile(b, node->branch.otherwise, destination);
    } else {
        deliver_null(b, node->at, destination);
    }
    emit_label(b, &end);
}

void compile_return(Builder *b, Node *node) {
    if (node->child == NULL) {
        deliver_null(b, node->at, OUT);
    } else if (node->child->kind == NODE_GO) { /* the handle is wanted */
        int reg = register_take(b);
        compile(b, node->child, reg);
        deliver(b, node->at, OUT, reg);
        registers_release(b, reg);
    } else {
        compile(b, node->child, OUT);
    }
}
