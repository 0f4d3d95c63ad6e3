/*
 * variables.c -- reading, writing and declaring variables, wherever they live: in a register, in a box, with a function
 * further out, or among the globals.
 */
#include "emit.h"

/* The index of an outer function's variable among the captures of this one; the functions between capture it, too. */
static int capture(Builder *b, Variable *variable) {
    CodeFunction *code = b->code;
    for (int i = 0; i < code->capture_count; i++) {
        if (b->room.captured[i] == variable) return i;
    }
    bool is_next_out = b->outer->scope == variable->owner;
    int index = is_next_out ? variable->index : capture(b->outer, variable);
    if (code->capture_count == 256) {
        compile_error(b, code->span, "this function uses too many variables of the functions around it");
        return 0;
    }
    int count = code->capture_count;
    ARENA_PUSH(b->compiler->arena, b->room.captured, count, b->room.captured_capacity, variable);
    ARENA_PUSH(b->compiler->arena, code->captures, code->capture_count, b->room.captures_capacity,
               (Capture){is_next_out, (uint8_t)index});
    return code->capture_count - 1;
}

int variable_register(Builder *b, const Variable *variable) {
    return variable->owner == b->scope && !variable_is_boxed(variable) ? variable->index : -1;
}

void variable_load(Builder *b, Variable *variable, uint32_t at, int reg) {
    if (variable->owner == NULL) {
        emit_with(b, at, OPC_GETGLOBAL, reg, 0, (uint32_t)variable->index);
    } else if (variable->owner != b->scope) {
        emit_abc(b, at, variable_is_boxed(variable) ? OPC_GETUPBOX : OPC_GETUP, reg, capture(b, variable), 0);
    } else if (variable_is_boxed(variable)) {
        emit_abc(b, at, OPC_GETBOX, reg, variable->index, 0);
    } else {
        emit_move(b, at, reg, variable->index);
    }
}

void variable_load_box(Builder *b, Variable *variable, uint32_t at, int reg) {
    if (variable->owner == b->scope) {
        emit_move(b, at, reg, variable->index);
    } else {
        emit_abc(b, at, OPC_GETUP, reg, capture(b, variable), 0);
    }
}

void variable_store(Builder *b, Variable *variable, uint32_t at, int reg) {
    if (variable->type != NULL && variable->owner != NULL) { /* globals check by themselves */
        int type = emit_type(b, variable->type, variable->text, NULL);
        emit_with(b, at, OPC_CHECKTYPE, reg, CHECK_ASSIGN, (uint32_t)type);
    }
    if (variable->owner == NULL) {
        emit_with(b, at, OPC_SETGLOBAL, reg, 0, (uint32_t)variable->index);
    } else if (variable->owner != b->scope) {
        emit_abc(b, at, OPC_SETUPBOX, reg, capture(b, variable), 0);
    } else if (variable_is_boxed(variable)) {
        emit_abc(b, at, OPC_SETBOX, variable->index, reg, 0);
    } else {
        emit_move(b, at, variable->index, reg);
    }
}

void variable_define(Builder *b, Variable *variable, uint32_t at, int reg) {
    if (variable->owner == NULL) {
        emit_with(b, at, OPC_DEFGLOBAL, reg, variable->is_const, (uint32_t)variable->index);
        registers_release(b, reg);
    } else if (variable->early) {
        emit_abc(b, at, OPC_SETBOX, variable->index, reg, 0);
        registers_release(b, reg);
    } else {
        variable_adopt(b, variable, at, reg);
    }
    variable->defined = true;
}

void variable_adopt(Builder *b, Variable *variable, uint32_t at, int reg) {
    variable->index = reg;
    if (variable_is_boxed(variable)) emit_abc(b, at, OPC_NEWBOX, reg, reg, 0);
    b->owners[reg] = variable;
    ARENA_PUSH(b->compiler->arena, b->code->local_names, b->code->local_count, b->room.local_names_capacity, variable->text);
}

Variable *variable_hidden(Builder *b, int reg) {
    Variable *variable = arena_alloc(b->compiler->arena, sizeof *variable);
    *variable = (Variable){.text = "", .owner = b->scope, .captured = true, .index = reg};
    b->owners[reg] = variable;
    return variable;
}

void variable_prepare(Builder *b, Variable *variables, uint32_t at) {
    for (Variable *variable = variables; variable != NULL; variable = variable->next) {
        if (!variable->early) continue;
        int reg = register_take(b);
        emit_abc(b, at, OPC_LOADUNDEF, reg, 0, 0);
        variable_adopt(b, variable, at, reg);
    }
}
