/*
 * compile_expr.c -- values: literals, names, operators, and the one switch that sends every kind of node to its
 * compiler.
 */
#include "compile_internal.h"

#include <stddef.h>

/* -- destinations -- */

static void return_value(Builder *b, uint32_t at, int reg) {
    int mark = b->next;
    if (b->result != NULL) {
        if (b->owners[reg] != NULL) {
            int copy = register_take(b);
            emit_move(b, at, copy, reg);
            reg = copy;
        }
        int type = emit_type(b, b->result, b->code->name, b->owner_name);
        emit_with(b, at, OPC_CHECKTYPE, reg, CHECK_RETURN, (uint32_t)type);
    }
    compile_leave(b, at, (Leave){LEAVE_RETURN, NULL}, reg);
    registers_release(b, mark);
}

void deliver(Builder *b, uint32_t at, int destination, int reg) {
    if (destination >= 0) emit_move(b, at, destination, reg);
    if (destination == OUT) return_value(b, at, reg);
}

void deliver_null(Builder *b, uint32_t at, int destination) {
    if (destination == NOWHERE) return;
    if (destination == OUT && b->result == NULL && b->cleanup == NULL) {
        emit_abc(b, at, OPC_RETURNNULL, 0, 0, 0);
        return;
    }
    int mark = b->next, reg = register_for(b, destination);
    emit_abc(b, at, OPC_LOADNULL, reg, 0, 0);
    deliver(b, at, destination, reg);
    registers_release(b, mark);
}

static bool is_owned(const Builder *b, int destination) { return destination >= 0 && b->owners[destination] != NULL; }

/* -- operands -- */

/* The register of a local that the node names, or -1. */
static int local_register(Builder *b, const Node *node) {
    if (node->kind != NODE_NAME) return -1;
    return variable_register(b, node->name.variable);
}

int compile_operand(Builder *b, Node *node) {
    int reg = local_register(b, node);
    if (reg >= 0) return reg;
    if (node->kind == NODE_ASSIGN && (reg = local_register(b, node->assign.target)) >= 0) {
        compile(b, node, NOWHERE);
        return reg;
    }
    reg = register_take(b);
    compile(b, node, reg);
    return reg;
}

int compile_operand_before(Builder *b, Node *node, const Node *later) {
    int reg = compile_operand(b, node);
    const Variable *owner = b->owners[reg];
    if (owner == NULL || !variable_assigned_within(owner, later->span)) return reg;
    int copy = register_take(b);
    emit_move(b, node->at, copy, reg);
    return copy;
}

/* A left operand; may use the operation's destination as its own, so that long chains need few registers. */
static int left_operand(Builder *b, Node *node, const Node *later, int destination) {
    if (destination < 0 || is_owned(b, destination) || local_register(b, node) >= 0) {
        return compile_operand_before(b, node, later);
    }
    compile(b, node, destination);
    return destination;
}

/* -- constants -- */

static bool fold_unary(const Node *node, Constant *constant) {
    if (node->operator != OP_NEGATE || !compile_constant(node->child, constant)) return false;
    if (constant->kind == CONST_INT) constant->integer = (int64_t)(0 - (uint64_t)constant->integer);
    if (constant->kind == CONST_FLOAT) constant->number = -constant->number;
    return constant->kind != CONST_STRING;
}

/* Integers wrap around, as they do when the machine adds them. */
static bool fold_binary(const Node *node, Constant *constant) {
    Constant left, right;
    Operator op = node->operator;
    if (op != OP_ADD && op != OP_SUB && op != OP_MUL) return false;
    if (!compile_constant(node->binary.left, &left) || !compile_constant(node->binary.right, &right)) return false;
    if (left.kind != CONST_INT || right.kind != CONST_INT) return false;
    uint64_t x = (uint64_t)left.integer, y = (uint64_t)right.integer;
    *constant = constant_integer((int64_t)(op == OP_ADD ? x + y : op == OP_SUB ? x - y : x * y));
    return true;
}

bool compile_constant(const Node *node, Constant *constant) {
    switch (node->kind) {
    case NODE_INT_LITERAL: *constant = constant_integer(node->integer); return true;
    case NODE_FLOAT_LITERAL: *constant = (Constant){.kind = CONST_FLOAT, .number = node->number}; return true;
    case NODE_STRING_LITERAL:
        *constant = (Constant){.kind = CONST_STRING, .string = {node->string.text, node->string.length}};
        return true;
    case NODE_UNARY: return fold_unary(node, constant);
    case NODE_BINARY: return fold_binary(node, constant);
    default: return false;
    }
}

static bool small_integer(const Node *node, int64_t low, int64_t high, int *value) {
    Constant constant;
    if (!compile_constant(node, &constant) || constant.kind != CONST_INT) return false;
    if (constant.integer < low || constant.integer > high) return false;
    *value = (int)constant.integer;
    return true;
}

bool compile_constant_index(Builder *b, const Node *node, int *index) {
    Constant constant;
    if (!compile_constant(node, &constant)) return false;
    *index = emit_constant(b, constant);
    return *index <= 0xff;
}

static bool number_constant(Builder *b, const Node *node, int *index) {
    return compile_constant_index(b, node, index) && b->code->constants[*index].kind != CONST_STRING;
}

/* -- operators -- */

static const Opcode BINARY_OPCODES[] = {
    [OP_ADD] = OPC_ADD, [OP_SUB] = OPC_SUB, [OP_MUL] = OPC_MUL, [OP_DIV] = OPC_DIV, [OP_MOD] = OPC_MOD,
    [OP_POW] = OPC_POW, [OP_EQ] = OPC_EQ, [OP_NE] = OPC_NE, [OP_LT] = OPC_LT, [OP_LE] = OPC_LE, [OP_GT] = OPC_GT,
    [OP_GE] = OPC_GE, [OP_IN] = OPC_IN, [OP_RANGE] = OPC_RANGE,
};

void compile_operation(Builder *b, uint32_t at, Operator op, int out, int left, Node *right) {
    int value;
    if ((op == OP_ADD || op == OP_SUB) && small_integer(right, 0, 255, &value)) {
        emit_abc(b, at, op == OP_ADD ? OPC_ADDI : OPC_SUBI, out, left, value);
        return;
    }
    if ((op == OP_MUL || op == OP_DIV || op == OP_MOD) && number_constant(b, right, &value)) {
        emit_abc(b, at, op == OP_MUL ? OPC_MULK : op == OP_DIV ? OPC_DIVK : OPC_MODK, out, left, value);
        return;
    }
    int mark = b->next, reg = compile_operand(b, right);
    emit_abc(b, at, BINARY_OPCODES[op], out, left, reg);
    registers_release(b, mark);
}

static void compile_binary(Builder *b, Node *node, int destination) {
    Constant constant;
    int mark = b->next, out = register_for(b, destination);
    if (compile_constant(node, &constant)) {
        emit_load_constant(b, node->at, out, constant);
    } else {
        int left = left_operand(b, node->binary.left, node->binary.right, out);
        compile_operation(b, node->at, node->operator, out, left, node->binary.right);
    }
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

static void compile_unary(Builder *b, Node *node, int destination) {
    Constant constant;
    int mark = b->next, out = register_for(b, destination);
    if (compile_constant(node, &constant)) {
        emit_load_constant(b, node->at, out, constant);
    } else {
        int operand = left_operand(b, node->child, node, out);
        Opcode op = node->operator == OP_NOT ? OPC_NOT : node->operator == OP_NEGATE ? OPC_NEG : OPC_PLUS;
        emit_abc(b, node->at, op, out, operand, 0);
    }
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

Opcode compile_deciding_jump(Operator op) {
    return op == OP_AND ? OPC_JFALSE : op == OP_OR ? OPC_JTRUE : OPC_JNOTNULL;
}

static void compile_logical(Builder *b, Node *node, int destination) {
    Opcode decided = compile_deciding_jump(node->operator);
    Label end = {0};
    int mark = b->next;
    if (destination == NOWHERE && node->operator != OP_COALESCE) {
        compile_condition(b, node->binary.left, node->operator == OP_OR, &end);
        compile(b, node->binary.right, NOWHERE);
        emit_label(b, &end);
        return;
    }
    /* `x = x ?? y` works in x itself; no other variable may hold the left value while the right one is computed. */
    bool in_place = destination >= 0 && local_register(b, node->binary.left) == destination;
    int out = in_place || !is_owned(b, destination) ? register_for(b, destination) : register_take(b);
    compile(b, node->binary.left, out);
    emit_jump(b, node->at, decided, out, 0, &end);
    compile(b, node->binary.right, out);
    emit_label(b, &end);
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

/* -- conditions -- */

/* Fused comparisons and jumps: with a register, with a small integer; each for "holds" and "does not hold". */
typedef struct {
    Opcode yes, no, yes_small, no_small;
    bool swaps; /* a > b is b < a */
} Comparison;

static const Comparison *comparison(Operator op) {
    static const Comparison less = {OPC_JLT, OPC_JNLT, OPC_JLTI, OPC_JNLTI, false};
    static const Comparison less_equal = {OPC_JLE, OPC_JNLE, OPC_JLEI, OPC_JNLEI, false};
    static const Comparison greater = {OPC_JLT, OPC_JNLT, OPC_JGTI, OPC_JNGTI, true};
    static const Comparison greater_equal = {OPC_JLE, OPC_JNLE, OPC_JGEI, OPC_JNGEI, true};
    switch (op) {
    case OP_LT: return &less;
    case OP_LE: return &less_equal;
    case OP_GT: return &greater;
    case OP_GE: return &greater_equal;
    default: return NULL;
    }
}

static void compile_order(Builder *b, Node *node, const Comparison *c, bool sense, Label *label) {
    int value, left = compile_operand_before(b, node->binary.left, node->binary.right);
    if (small_integer(node->binary.right, INT16_MIN, INT16_MAX, &value)) {
        emit_jump(b, node->at, sense ? c->yes_small : c->no_small, left, value, label);
        return;
    }
    int right = compile_operand(b, node->binary.right);
    emit_jump(b, node->at, sense ? c->yes : c->no, c->swaps ? right : left, c->swaps ? left : right, label);
}

void compile_equal_jump(Builder *b, uint32_t at, int reg, Node *right, bool equal, Label *label) {
    Constant constant;
    int mark = b->next;
    if (right->kind == NODE_NULL_LITERAL) {
        emit_jump(b, at, equal ? OPC_JNULL : OPC_JNOTNULL, reg, 0, label);
    } else if (compile_constant(right, &constant)) {
        emit_equal_jump(b, at, reg, constant, equal, label);
    } else {
        emit_jump(b, at, equal ? OPC_JEQ : OPC_JNE, reg, compile_operand(b, right), label);
    }
    registers_release(b, mark);
}

static void compile_logical_condition(Builder *b, Node *node, bool sense, Label *label) {
    bool deciding = node->operator == OP_OR; /* the truth of the left side that settles the matter */
    if (sense == deciding) {
        compile_condition(b, node->binary.left, sense, label);
        compile_condition(b, node->binary.right, sense, label);
        return;
    }
    Label end = {0};
    compile_condition(b, node->binary.left, deciding, &end);
    compile_condition(b, node->binary.right, sense, label);
    emit_label(b, &end);
}

void compile_condition(Builder *b, Node *node, bool sense, Label *label) {
    int mark = b->next;
    const Comparison *c = node->kind == NODE_BINARY ? comparison(node->operator) : NULL;
    if (c != NULL) {
        compile_order(b, node, c, sense, label);
    } else if (node->kind == NODE_BINARY && (node->operator == OP_EQ || node->operator == OP_NE)) {
        int left = compile_operand_before(b, node->binary.left, node->binary.right);
        compile_equal_jump(b, node->at, left, node->binary.right, sense == (node->operator == OP_EQ), label);
    } else if (node->kind == NODE_LOGICAL && node->operator != OP_COALESCE) {
        compile_logical_condition(b, node, sense, label);
    } else if (node->kind == NODE_UNARY && node->operator == OP_NOT) {
        compile_condition(b, node->child, !sense, label);
    } else if (node->kind == NODE_BOOL_LITERAL) {
        if (node->boolean == sense) emit_jump(b, node->at, OPC_JMP, 0, 0, label);
    } else {
        emit_jump(b, node->at, sense ? OPC_JTRUE : OPC_JFALSE, compile_operand(b, node), 0, label);
    }
    registers_release(b, mark);
}

/* Only `<` and `<=` have backward jumps of their own; `>` is `<` the other way round. */
static bool compile_loop_order(Builder *b, Node *node, int bound, uint32_t place) {
    const Comparison *c = node->kind == NODE_BINARY ? comparison(node->operator) : NULL;
    if (c == NULL) return false;
    bool is_less = c->yes == OPC_JLT;
    int value, left = compile_operand_before(b, node->binary.left, node->binary.right);
    if (!c->swaps && small_integer(node->binary.right, INT16_MIN, INT16_MAX, &value)) {
        emit_back(b, node->at, is_less ? OPC_LOOPLTI : OPC_LOOPLEI, left, value, place);
        return true;
    }
    int right = bound >= 0 ? bound : compile_operand(b, node->binary.right);
    emit_back(b, node->at, is_less ? OPC_LOOPLT : OPC_LOOPLE, c->swaps ? right : left, c->swaps ? left : right, place);
    return true;
}

void compile_loop_condition(Builder *b, Node *node, int bound, uint32_t place, Label *end) {
    int mark = b->next;
    bool is_equality = node->kind == NODE_BINARY && (node->operator == OP_EQ || node->operator == OP_NE);
    if (node->kind == NODE_LOGICAL && node->operator == OP_AND) {
        compile_condition(b, node->binary.left, false, end);
        compile_loop_condition(b, node->binary.right, -1, place, end);
    } else if (compile_loop_order(b, node, bound, place)) {
        /* done */
    } else if (is_equality || node->kind == NODE_LOGICAL || node->kind == NODE_UNARY ||
               node->kind == NODE_BOOL_LITERAL) {
        compile_condition(b, node, false, end);
        emit_back(b, node->at, OPC_LOOP, 0, 0, place);
    } else {
        emit_back(b, node->at, OPC_LOOPTRUE, compile_operand(b, node), 0, place);
    }
    registers_release(b, mark);
}

/* -- aggregates -- */

/* Elements go to registers a handful at a time; the fewer registers are left, the smaller the handful. */
static void compile_array(Builder *b, Node *node, int destination) {
    int mark = b->next, base = register_for_call(b, destination);
    Gather items = {.base = base};
    for (int i = 0; i < node->list.count; i++) compile(b, node->list.items[i], gather_next(b, &items, node->at));
    gather_end(b, &items, node->at);
    deliver(b, node->at, destination, base);
    registers_release(b, mark);
}

static void compile_dict(Builder *b, Node *node, int destination) {
    int mark = b->next, dict = is_owned(b, destination) ? register_take(b) : register_for(b, destination);
    emit_abx(b, node->at, OPC_NEWDICT, dict, node->dict.count < 0xffff ? node->dict.count : 0xffff);
    for (int i = 0; i < node->dict.count; i++) {
        int inner = b->next;
        int key = compile_operand_before(b, node->dict.entries[i].key, node->dict.entries[i].value);
        int value = compile_operand(b, node->dict.entries[i].value);
        emit_abc(b, node->dict.entries[i].key->at, OPC_PUTDICT, dict, key, value);
        registers_release(b, inner);
    }
    deliver(b, node->at, destination, dict);
    registers_release(b, mark);
}

static void compile_index(Builder *b, Node *node, int destination) {
    int value, mark = b->next, out = register_for(b, destination);
    int object = left_operand(b, node->index.object, node->index.index, out);
    if (small_integer(node->index.index, 0, 255, &value)) {
        emit_abc(b, node->at, OPC_GETINDEXI, out, object, value);
    } else {
        emit_abc(b, node->at, OPC_GETINDEX, out, object, compile_operand(b, node->index.index));
    }
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

static void compile_bound(Builder *b, Node *node, uint32_t at, int reg) {
    if (node != NULL) {
        compile(b, node, reg);
    } else {
        emit_abc(b, at, OPC_LOADUNDEF, reg, 0, 0);
    }
}

static void compile_slice(Builder *b, Node *node, int destination) {
    int mark = b->next, out = register_for(b, destination);
    int object = register_take(b);
    compile(b, node->slice.object, object);
    compile_bound(b, node->slice.from, node->at, register_take(b));
    compile_bound(b, node->slice.to, node->at, register_take(b));
    emit_abc(b, node->at, OPC_SLICE, out, object, 0);
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

static void compile_member(Builder *b, Node *node, int destination) {
    int mark = b->next, out = register_for(b, destination);
    int object = left_operand(b, node->member.object, node, out);
    emit_named(b, node->at, OPC_GETFIELD, out, object, &node->member.name);
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

/* -- the rest -- */

static void compile_variable(Builder *b, Node *node, Variable *variable, int destination) {
    int mark = b->next, reg = variable_register(b, variable);
    if (reg < 0) {
        reg = register_for(b, destination);
        variable_load(b, variable, node->at, reg);
    }
    deliver(b, node->at, destination, reg);
    registers_release(b, mark);
}

static void compile_literal(Builder *b, Node *node, int destination) {
    if (destination == NOWHERE) return;
    int mark = b->next, out = register_for(b, destination);
    Constant constant;
    if (node->kind == NODE_BOOL_LITERAL) {
        emit_abc(b, node->at, OPC_LOADBOOL, out, node->boolean, 0);
    } else if (node->kind == NODE_BUILTIN_NAME) {
        uint32_t name = (uint32_t)emit_constant(b, constant_text(node->name.text));
        emit_with(b, node->at, OPC_GETBUILTIN, out, 0, name);
    } else if (compile_constant(node, &constant)) {
        emit_load_constant(b, node->at, out, constant);
    }
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

static void compile_typed(Builder *b, Node *node, int destination) {
    int mark = b->next, out = register_for(b, destination);
    int value = left_operand(b, node->typed.value, node, out);
    int type = emit_type(b, node->typed.type, NULL, NULL);
    emit_with(b, node->at, node->kind == NODE_CAST ? OPC_CAST : OPC_ISTYPE, out, value, (uint32_t)type);
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

static void compile_await(Builder *b, Node *node, int destination) {
    int mark = b->next, out = register_for(b, destination);
    emit_abc(b, node->at, OPC_AWAIT, out, left_operand(b, node->child, node, out), 0);
    deliver(b, node->at, destination, out);
    registers_release(b, mark);
}

/* Operations with one operand that are intrinsics. */
static void compile_intrinsic(Builder *b, Node *node, Intrinsic intrinsic, int destination) {
    int mark = b->next, base = register_for_call(b, destination);
    compile_bound(b, node->child, node->at, register_take(b));
    emit_intrinsic(b, node->at, intrinsic, base, 1);
    deliver(b, node->at, destination, base);
    registers_release(b, mark);
}

static void compile_raise(Builder *b, Node *node) {
    int mark = b->next;
    emit_abc(b, node->at, node->kind == NODE_THROW ? OPC_THROW : OPC_RAISE, compile_operand(b, node->child), 0, 0);
    registers_release(b, mark);
}

static void compile_declarative(Builder *b, Node *node) {
    int base = registers_take(b, 2);
    emit_load_text(b, node->at, base + 1, node->declarative.word);
    compile(b, node->declarative.value, register_take(b));
    emit_intrinsic(b, node->at, INTRINSIC_DECLARATIVE, base, 2);
    registers_release(b, base);
}

/* What has no value. */
static bool compile_statement(Builder *b, Node *node) {
    switch (node->kind) {
    case NODE_LET: compile_let(b, node); return true;
    case NODE_STRUCT: compile_struct(b, node); return true;
    case NODE_ENUM: compile_enum(b, node); return true;
    case NODE_ERROR_TYPE: compile_error_type(b, node); return true;
    case NODE_TYPE_ALIAS: compile_alias(b, node); return true;
    case NODE_PACKAGE: compile_package(b, node); return true;
    case NODE_IMPORT: case NODE_INCLUDE: compile_import(b, node); return true;
    case NODE_WHILE: compile_while(b, node); return true;
    case NODE_FOR_IN: compile_for_in(b, node); return true;
    case NODE_FOR_C: compile_for_c(b, node); return true;
    case NODE_REPEAT: compile_repeat(b, node); return true;
    case NODE_RETURN: compile_return(b, node); return true;
    case NODE_BREAK: case NODE_CONTINUE: compile_break(b, node); return true;
    case NODE_THROW: case NODE_RAISE: compile_raise(b, node); return true;
    case NODE_DEFER: compile_defer(b, node); return true;
    case NODE_DECLARATIVE: compile_declarative(b, node); return true;
    default: return false;
    }
}

void compile(Builder *b, Node *node, int destination) {
    if (compile_statement(b, node)) {
        deliver_null(b, node->at, destination);
        return;
    }
    switch (node->kind) {
    case NODE_NULL_LITERAL: deliver_null(b, node->at, destination); break;
    case NODE_BOOL_LITERAL: case NODE_INT_LITERAL: case NODE_FLOAT_LITERAL: case NODE_STRING_LITERAL:
    case NODE_BUILTIN_NAME:
        compile_literal(b, node, destination);
        break;
    case NODE_NAME: compile_variable(b, node, node->name.variable, destination); break;
    case NODE_AT: compile_variable(b, node, node->around, destination); break;
    case NODE_ARRAY_LITERAL: compile_array(b, node, destination); break;
    case NODE_DICT_LITERAL: compile_dict(b, node, destination); break;
    case NODE_STRUCT_LITERAL: compile_struct_literal(b, node, destination); break;
    case NODE_FUNCTION: compile_function(b, node, NULL, destination); break;
    case NODE_UNARY: compile_unary(b, node, destination); break;
    case NODE_BINARY: compile_binary(b, node, destination); break;
    case NODE_LOGICAL: compile_logical(b, node, destination); break;
    case NODE_ASSIGN: compile_assign(b, node, destination); break;
    case NODE_STEP: compile_step(b, node, destination); break;
    case NODE_CALL: compile_call(b, node, destination); break;
    case NODE_INDEX: compile_index(b, node, destination); break;
    case NODE_SLICE: compile_slice(b, node, destination); break;
    case NODE_MEMBER: compile_member(b, node, destination); break;
    case NODE_CAST: case NODE_TYPE_TEST: compile_typed(b, node, destination); break;
    case NODE_ADDRESS: compile_address(b, node, destination); break;
    case NODE_DEREFERENCE: compile_intrinsic(b, node, INTRINSIC_POINTER_GET, destination); break;
    case NODE_AWAIT: compile_await(b, node, destination); break;
    case NODE_CHAN: compile_intrinsic(b, node, INTRINSIC_CHAN, destination); break;
    case NODE_IMPORT_CALL: compile_intrinsic(b, node, INTRINSIC_IMPORT, destination); break;
    case NODE_GO: compile_go(b, node, destination); break;
    case NODE_BLOCK: compile_block(b, node, destination); break;
    case NODE_IF: compile_if(b, node, destination); break;
    case NODE_SWITCH: compile_switch(b, node, destination); break;
    case NODE_MATCH: compile_match(b, node, destination); break;
    case NODE_SELECT: compile_select(b, node, destination); break;
    case NODE_TRY: compile_try(b, node, destination); break;
    default: break;
    }
}
