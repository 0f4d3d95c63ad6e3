/*
 * compile_func.c -- functions: parameters with defaults and types, bodies, closures.
 */
#include "compile_internal.h"

void compile_parameter(Builder *b, const Name *name, TypeNode *type, Node *default_value, CheckContext context,
                       int reg) {
    Label given = {0}, done = {0};
    uint32_t at = name->span.start;
    int index = type != NULL ? emit_type(b, type, name->text, b->owner_name) : 0;
    if (default_value != NULL) {
        emit_jump(b, at, OPC_JDEF, reg, 0, &given);
        compile(b, default_value, reg);
    } else if (context == CHECK_FIELD) { /* only a literal may leave it out: it has the type's zero value */
        emit_jump(b, at, OPC_JDEF, reg, 0, &given);
        if (type != NULL) {
            emit_with(b, at, OPC_ZERO, reg, 0, (uint32_t)index);
            emit_jump(b, at, OPC_JMP, 0, 0, &done);
        } else {
            emit_abc(b, at, OPC_LOADNULL, reg, 0, 0);
        }
    }
    emit_label(b, &given);
    if (type != NULL) emit_with(b, at, OPC_CHECKTYPE, reg, context, (uint32_t)index);
    emit_label(b, &done);
    variable_adopt(b, name->variable, at, reg);
}

static void compile_body(Builder *b, Node *body) {
    compile_contents(b, body, OUT);
}

static void compile_parameters(Builder *b, const Node *node) {
    CodeFunction *code = b->code;
    int count = node->function.count;
    int first = registers_take(b, count + code->is_method) + code->is_method;
    builder_parameters(b, count);
    if (code->is_method) variable_adopt(b, b->scope->self, node->at, 0);
    for (int i = 0; i < count; i++) {
        const Parameter *parameter = &node->function.parameters[i];
        builder_parameter(b, i, parameter->name.text, parameter->default_value != NULL);
        compile_parameter(b, &parameter->name, parameter->type, parameter->default_value, CHECK_PARAMETER, first + i);
    }
}

/* [owner]: the struct whose method it is, or NULL. */
static int make_function(Builder *outer, Node *node, const char *name, const char *owner) {
    Builder *b = builder_open(outer->compiler, outer, node->function.scope, name, node->span);
    b->code->is_async = node->function.is_async;
    b->code->is_method = owner != NULL;
    b->result = node->function.result;
    b->owner_name = owner;
    compile_parameters(b, node);
    compile_with_deferred(b, node->function.body, compile_body);
    return builder_close(b);
}

/* A named function expression that calls itself needs a box: it is captured before it exists. */
static int prepare_own_name(Builder *b, const Node *node, const Variable *variable) {
    if (variable == NULL || variable->is_function || !variable->captured) return -1;
    int box = register_take(b);
    emit_abc(b, node->at, OPC_LOADUNDEF, box, 0, 0);
    emit_abc(b, node->at, OPC_NEWBOX, box, box, 0);
    return box;
}

void compile_function(Builder *b, Node *node, const char *name, int destination) {
    int mark = b->next, out = register_for(b, destination);
    const char *own = node->function.name.text;
    Variable *variable = own != NULL ? node->function.name.variable : NULL;
    int box = prepare_own_name(b, node, variable);
    if (box >= 0) variable->index = box;
    emit_closure(b, node->at, out, make_function(b, node, own != NULL ? own : name, NULL));
    if (box >= 0) emit_abc(b, node->at, OPC_SETBOX, box, out, 0);
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

void compile_method(Builder *b, Node *node, const char *owner, int destination) {
    emit_closure(b, node->at, destination, make_function(b, node, node->function.name.text, owner));
}
