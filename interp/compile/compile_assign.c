/*
 * compile_assign.c -- what stands left of `=`: assignments, `op=`, `++` and `--`, and the address of a place.
 *
 * A target is prepared once (its object and index evaluated), then loaded and stored as often as the operation needs.
 */
#include "compile_internal.h"

#include "syntax/ast_walk.h"

typedef enum { TARGET_VARIABLE, TARGET_INDEX, TARGET_FIELD, TARGET_POINTER } TargetKind;

typedef struct {
    TargetKind kind;
    uint32_t at;
    Variable *variable;
    const Name *field;
    int object, index; /* registers; the pointer is an object, too */
} Target;

/* [whole] is the assignment: what it assigns on the way must not change the target. */
static Target prepare(Builder *b, Node *node, const Node *whole) {
    Target target = {.at = node->at};
    switch (node->kind) {
    case NODE_NAME:
        target.kind = TARGET_VARIABLE;
        target.variable = node->name.variable;
        break;
    case NODE_INDEX:
        target.kind = TARGET_INDEX;
        target.object = compile_operand_before(b, node->index.object, whole);
        target.index = compile_operand_before(b, node->index.index, whole);
        break;
    case NODE_MEMBER:
        target.kind = TARGET_FIELD;
        target.object = compile_operand_before(b, node->member.object, whole);
        target.field = &node->member.name;
        break;
    case NODE_DEREFERENCE:
        target.kind = TARGET_POINTER;
        target.object = compile_operand_before(b, node->child, whole);
        break;
    default: compile_error(b, node->span, "this cannot be assigned to"); break;
    }
    return target;
}

static void load(Builder *b, const Target *target, int reg) {
    switch (target->kind) {
    case TARGET_VARIABLE: variable_load(b, target->variable, target->at, reg); break;
    case TARGET_INDEX: emit_abc(b, target->at, OPC_GETINDEX, reg, target->object, target->index); break;
    case TARGET_FIELD: emit_named(b, target->at, OPC_GETFIELD, reg, target->object, target->field); break;
    case TARGET_POINTER: {
        int mark = b->next, base = registers_take(b, 2);
        emit_move(b, target->at, base + 1, target->object);
        emit_intrinsic(b, target->at, INTRINSIC_POINTER_GET, base, 1);
        emit_move(b, target->at, reg, base);
        registers_release(b, mark);
        break;
    }
    }
}

static void store(Builder *b, const Target *target, int reg) {
    switch (target->kind) {
    case TARGET_VARIABLE: variable_store(b, target->variable, target->at, reg); break;
    case TARGET_INDEX: emit_abc(b, target->at, OPC_SETINDEX, target->object, target->index, reg); break;
    case TARGET_FIELD: emit_named(b, target->at, OPC_SETFIELD, target->object, reg, target->field); break;
    case TARGET_POINTER: {
        int mark = b->next, base = registers_take(b, 3);
        emit_move(b, target->at, base + 1, target->object);
        emit_move(b, target->at, base + 2, reg);
        emit_intrinsic(b, target->at, INTRINSIC_POINTER_SET, base, 2);
        registers_release(b, mark);
        break;
    }
    }
}

/* The register of an untyped local that may be written in place, or -1. */
static int place_of(Builder *b, const Target *target) {
    if (target->kind != TARGET_VARIABLE || target->variable->type != NULL) return -1;
    return variable_register(b, target->variable);
}

static int scratch_for(Builder *b, int destination) {
    return destination >= 0 && b->owners[destination] == NULL ? destination : register_take(b);
}

/* -- `place.field += value` -- */

/* Nothing that the value needs can change a field: then it does not matter that it is computed first. */
static bool changes_nothing(const Node *node) {
    switch (node->kind) {
    case NODE_NAME: case NODE_INT_LITERAL: case NODE_FLOAT_LITERAL: case NODE_STRING_LITERAL: return true;
    case NODE_MEMBER: return changes_nothing(node->member.object);
    case NODE_UNARY: return changes_nothing(node->child);
    case NODE_BINARY: return changes_nothing(node->binary.left) && changes_nothing(node->binary.right);
    default: return false;
    }
}

/* What is added to a field, if that is all that the assignment does; else NULL. `x.n = x.n + 1` is `x.n += 1`, too. */
static Node *added_to_field(const Node *node) {
    const Node *target = node->assign.target;
    Node *value = node->assign.value;
    if (target->kind != NODE_MEMBER) return NULL;
    if (node->operator == OP_NONE) {
        if (value->kind != NODE_BINARY || value->operator != OP_ADD || !ast_same_place(target, value->binary.left)) return NULL;
        value = value->binary.right;
    } else if (node->operator != OP_ADD) {
        return NULL;
    }
    return changes_nothing(value) ? value : NULL;
}

static void add_to_field(Builder *b, Node *node, Node *value, int destination) {
    Target target = prepare(b, node->assign.target, node);
    uint32_t at = node->operator == OP_NONE ? node->assign.value->at : node->at;
    int out = scratch_for(b, destination), index;
    if (compile_constant_index(b, value, &index)) {
        emit_add_field(b, at, target.at, OPC_ADDFIELDK, out, target.object, index, target.field);
    } else {
        int reg = compile_operand(b, value);
        emit_add_field(b, at, target.at, OPC_ADDFIELD, out, target.object, reg, target.field);
    }
    deliver(b, node->at, destination, out);
}

/* -- assignments -- */

static void assign_plain(Builder *b, Node *node, int destination) {
    Target target = prepare(b, node->assign.target, node);
    int reg = place_of(b, &target);
    if (reg >= 0) {
        compile(b, node->assign.value, reg);
    } else {
        bool is_checked = target.kind == TARGET_VARIABLE && target.variable->type != NULL;
        if (is_checked) {
            reg = scratch_for(b, destination);
            compile(b, node->assign.value, reg);
        } else {
            reg = compile_operand(b, node->assign.value);
        }
        store(b, &target, reg);
    }
    deliver(b, node->at, destination, reg);
}

static void assign_operation(Builder *b, Node *node, int destination) {
    Target target = prepare(b, node->assign.target, node);
    int place = place_of(b, &target);
    int reg = place >= 0 ? place : register_take(b);
    if (place < 0) load(b, &target, reg);
    int left = place >= 0 ? compile_operand_before(b, node->assign.target, node->assign.value) : reg;
    compile_operation(b, node->at, node->operator, reg, left, node->assign.value);
    if (place < 0) store(b, &target, reg);
    deliver(b, node->at, destination, reg);
}

/* `x ??= v`: the value is neither computed nor stored when the old one decides. */
static void assign_logical(Builder *b, Node *node, int destination) {
    Target target = prepare(b, node->assign.target, node);
    int place = place_of(b, &target);
    int reg = place >= 0 ? place : register_take(b);
    Label end = {0};
    if (place < 0) load(b, &target, reg);
    emit_jump(b, node->at, compile_deciding_jump(node->operator), reg, 0, &end);
    compile(b, node->assign.value, reg);
    if (place < 0) store(b, &target, reg);
    emit_label(b, &end);
    deliver(b, node->at, destination, reg);
}

void compile_assign(Builder *b, Node *node, int destination) {
    int mark = b->next;
    Node *added = added_to_field(node);
    if (added != NULL) {
        add_to_field(b, node, added, destination);
        registers_release(b, mark);
        return;
    }
    switch (node->operator) {
    case OP_NONE: assign_plain(b, node, destination); break;
    case OP_AND: case OP_OR: case OP_COALESCE: assign_logical(b, node, destination); break;
    default: assign_operation(b, node, destination); break;
    }
    registers_release(b, mark);
}

void compile_step(Builder *b, Node *node, int destination) {
    int mark = b->next;
    Target target = prepare(b, node->step.target, node);
    int place = place_of(b, &target);
    int reg = place >= 0 ? place : register_take(b);
    if (place < 0) load(b, &target, reg);
    int result = reg;
    if (!node->step.prefix && destination != NOWHERE) {
        result = scratch_for(b, destination);
        emit_move(b, node->at, result, reg);
    }
    emit_abc(b, node->at, node->step.by > 0 ? OPC_INC : OPC_DEC, reg, 0, 0);
    if (place < 0) store(b, &target, reg);
    deliver(b, node->at, destination, result);
    registers_release(b, mark);
}

/* -- pointers -- */

static Intrinsic pointer_arguments(Builder *b, Node *node, Variable *variable, int *count) {
    *count = 1;
    if (variable != NULL) {
        variable_load_box(b, variable, node->at, register_take(b));
        if (variable->is_const || variable->type != NULL) {
            emit_abc(b, node->at, OPC_LOADBOOL, register_take(b), variable->is_const, 0);
            *count = 2;
        }
        if (variable->type != NULL) {
            compile_type_value(b, node->at, variable, register_take(b));
            *count = 3;
        }
        return INTRINSIC_POINTER_BOX;
    }
    if (node->kind != NODE_INDEX && node->kind != NODE_MEMBER) {
        compile(b, node, register_take(b));
        return INTRINSIC_POINTER_VALUE;
    }
    *count = 2;
    if (node->kind == NODE_INDEX) {
        compile(b, node->index.object, register_take(b));
        compile(b, node->index.index, register_take(b));
        return INTRINSIC_POINTER_INDEX;
    }
    compile(b, node->member.object, register_take(b));
    emit_load_text(b, node->at, register_take(b), node->member.name.text);
    return INTRINSIC_POINTER_FIELD;
}

void compile_address(Builder *b, Node *node, int destination) {
    Node *place = node->child;
    Variable *variable = place->kind == NODE_NAME ? place->name.variable : NULL;
    int mark = b->next, base = register_for_call(b, destination);
    if (variable != NULL && variable->owner == NULL) {
        emit_with(b, node->at, OPC_ADDRGLOBAL, base, 0, (uint32_t)variable->index);
    } else {
        int count;
        Intrinsic intrinsic = pointer_arguments(b, place, variable, &count);
        emit_intrinsic(b, node->at, intrinsic, base, count);
    }
    deliver(b, node->at, destination, base);
    registers_release(b, mark);
}
