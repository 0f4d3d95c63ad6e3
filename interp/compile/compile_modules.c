/*
 * compile_modules.c -- packages, imports, includes.
 *
 * The members of a package are the variables of its body, all of them in boxes. The package value is made first, of the
 * boxes; then the body runs and fills them. So `P.x` outside, `@.x` and plain `x` inside are one variable.
 */
#include "compile_internal.h"

#include <string.h>

static bool is_initialiser(const Variable *member) { return member->is_function && strcmp(member->text, "init") == 0; }

/* Makes the package value in [reg], which is on top. */
static void make_package(Builder *b, Node *node, Variable *members, int reg) {
    int count = 0, constant_count = 0;
    for (Variable *member = members; member != NULL; member = member->next) count++;
    const char **names = arena_alloc(b->compiler->arena, (size_t)(count + 1) * sizeof *names);
    const char **constants = arena_alloc(b->compiler->arena, (size_t)(count + 1) * sizeof *constants);
    int i = 0;
    for (Variable *member = members; member != NULL; member = member->next) {
        names[i++] = member->text;
        if (member->is_const) constants[constant_count++] = member->text;
    }
    emit_load_text(b, node->at, register_take(b), node->package.name.text);
    emit_load_list(b, node->at, register_take(b), names, count);
    emit_load_list(b, node->at, register_take(b), constants, constant_count);
    Gather boxes = {.base = register_take(b)};
    for (Variable *member = members; member != NULL; member = member->next) {
        variable_load_box(b, member, node->at, gather_next(b, &boxes, node->at));
    }
    gather_end(b, &boxes, node->at);
    emit_intrinsic(b, node->at, INTRINSIC_PACKAGE, reg, 4);
}

void compile_package(Builder *b, Node *node) {
    Variable *variable = node->package.name.variable;
    Variable *self = node->package.self;
    Variable *members = node->package.body->variables;
    int result = register_take(b);
    variable_prepare(b, members, node->at);
    int package = register_take(b);
    make_package(b, node, members, package);
    emit_move(b, node->at, result, package);
    variable_adopt(b, self, node->at, package);
    compile_statements(b, node->package.body, NOWHERE);
    for (Variable *member = members; member != NULL; member = member->next) {
        if (!is_initialiser(member)) continue;
        int base = register_take(b);
        variable_load(b, member, node->at, base);
        emit_abc(b, node->at, OPC_CALL, base, 0, 0);
    }
    registers_release(b, result + 1);
    variable_define(b, variable, node->at, result);
}

void compile_import(Builder *b, Node *node) {
    if (node->kind == NODE_INCLUDE) {
        int base = register_take(b);
        Constant path = {.kind = CONST_STRING, .string = {node->include.path, node->include.length}};
        emit_load_constant(b, node->at, register_take(b), path);
        emit_intrinsic(b, node->at, INTRINSIC_INCLUDE, base, 1);
        registers_release(b, base);
        return;
    }
    for (int i = 0; i < node->import.count; i++) {
        const Name *name = &node->import.names[i], *alias = &node->import.aliases[i];
        int reg = register_take(b);
        emit_load_text(b, name->span.start, register_take(b), name->text);
        emit_intrinsic(b, name->span.start, INTRINSIC_IMPORT, reg, 1);
        variable_define(b, (alias->text != NULL ? alias : name)->variable, node->at, reg);
    }
}
