/*
 * compile_loop.c -- loops. The condition stands behind the body, so that each turn makes one jump; loops over ranges
 * and collections have instructions that step, test and jump in one.
 *
 * The variable of a loop is a fresh one each turn: functions made in the body keep the one of their turn. It costs
 * nothing unless the variable must live in a box; then each turn makes a new box.
 */
#include "compile_internal.h"

static void loop_open(Builder *b, Loop *loop) {
    *loop = (Loop){.outer = b->loop, .cleanup = b->cleanup};
    b->loop = loop;
}

static void loop_close(Builder *b, Loop *loop) {
    b->loop = loop->outer;
    emit_label(b, &loop->end);
}

/* The place that a loop's end jumps back to; [live]: such a jump will come. */
static uint32_t body_start(Builder *b, bool live) {
    b->dead = !live;
    return emit_here(b);
}

/* The register of a number that the condition compares with each turn, loaded once before the loop; or -1. */
static int load_bound(Builder *b, const Node *condition) {
    Constant constant;
    if (condition == NULL || condition->kind != NODE_BINARY) return -1;
    if (!compile_constant(condition->binary.right, &constant) || constant.kind == CONST_STRING) return -1;
    if (constant.kind == CONST_INT && constant.integer == (int16_t)constant.integer) return -1;
    int reg = register_take(b);
    emit_load_constant(b, condition->binary.right->at, reg, constant);
    return reg;
}

static bool is_always_true(const Node *node) { return node->kind == NODE_BOOL_LITERAL && node->boolean; }

void compile_while(Builder *b, Node *node) {
    Loop loop;
    loop_open(b, &loop);
    int bound = load_bound(b, node->loop.condition);
    bool live = !b->dead;
    bool is_endless = is_always_true(node->loop.condition);
    if (!is_endless) emit_jump(b, node->at, OPC_JMP, 0, 0, &loop.next);
    uint32_t start = body_start(b, live);
    compile(b, node->loop.body, NOWHERE);
    emit_label(b, &loop.next);
    if (is_endless) {
        emit_back(b, node->at, OPC_LOOP, 0, 0, start);
    } else {
        compile_loop_condition(b, node->loop.condition, bound, start, &loop.end);
    }
    loop_close(b, &loop);
    if (bound >= 0) registers_release(b, bound);
}

void compile_for_c(Builder *b, Node *node) {
    int mark = b->next;
    variable_prepare(b, node->for_c.variables, node->at);
    if (node->for_c.init != NULL) compile(b, node->for_c.init, NOWHERE);
    Loop loop;
    Label condition = {0};
    loop_open(b, &loop);
    int bound = load_bound(b, node->for_c.condition);
    bool live = !b->dead;
    bool is_endless = node->for_c.condition == NULL || is_always_true(node->for_c.condition);
    if (!is_endless) emit_jump(b, node->at, OPC_JMP, 0, 0, &condition);
    uint32_t start = body_start(b, live);
    compile(b, node->for_c.body, NOWHERE);
    emit_label(b, &loop.next);
    for (Variable *v = node->for_c.variables; v != NULL; v = v->next) {
        if (!variable_is_boxed(v)) continue;
        int copy = register_take(b);
        emit_abc(b, node->at, OPC_GETBOX, copy, v->index, 0);
        emit_abc(b, node->at, OPC_NEWBOX, v->index, copy, 0);
        registers_release(b, copy);
    }
    if (node->for_c.step != NULL) compile(b, node->for_c.step, NOWHERE);
    emit_label(b, &condition);
    if (is_endless) {
        emit_back(b, node->at, OPC_LOOP, 0, 0, start);
    } else {
        compile_loop_condition(b, node->for_c.condition, bound, start, &loop.end);
    }
    loop_close(b, &loop);
    registers_release(b, mark);
}

/* R[base] and R[base+1] hold the bounds: counts through them in R[base+2]. */
static void compile_count(Builder *b, Node *node, int base, const Name *name, Node *body) {
    Loop loop;
    register_take(b);
    loop_open(b, &loop);
    emit_jump(b, node->at, OPC_RANGEPREP, base, 0, &loop.end);
    uint32_t start = emit_here(b);
    variable_adopt(b, name->variable, node->at, base + 2);
    compile(b, body, NOWHERE);
    emit_label(b, &loop.next);
    emit_back(b, node->at, OPC_LOOPRANGE, base, 0, start);
    loop_close(b, &loop);
    registers_release(b, base);
}

static void compile_iteration(Builder *b, Node *node, int base) {
    bool has_key = node->for_in.key.text != NULL;
    Label step = {0};
    Loop loop;
    compile(b, node->for_in.iterable, base);
    registers_take(b, 4);
    loop_open(b, &loop);
    bool live = !b->dead;
    emit_jump(b, node->for_in.iterable->at, OPC_ITERPREP, base, 0, &step);
    uint32_t start = body_start(b, live);
    if (has_key) variable_adopt(b, node->for_in.key.variable, node->at, base + 3);
    variable_adopt(b, node->for_in.value.variable, node->at, base + 4);
    compile(b, node->for_in.body, NOWHERE);
    emit_label(b, &loop.next);
    emit_label(b, &step);
    emit_back(b, node->at, OPC_LOOPITER, base, has_key, start);
    loop_close(b, &loop);
    registers_release(b, base);
}

void compile_for_in(Builder *b, Node *node) {
    Node *iterable = node->for_in.iterable;
    bool is_count = iterable->kind == NODE_BINARY && iterable->operator == OP_RANGE && node->for_in.key.text == NULL;
    if (!is_count) {
        compile_iteration(b, node, register_take(b));
        return;
    }
    int base = register_take(b);
    compile(b, iterable->binary.left, base);
    compile(b, iterable->binary.right, register_take(b));
    compile_count(b, iterable, base, &node->for_in.value, node->for_in.body);
}

/* Counts from 0 to n - 1. */
void compile_repeat(Builder *b, Node *node) {
    Constant constant;
    Node *count = node->repeat.count;
    int base = register_take(b), last = register_take(b);
    emit_load_integer(b, node->at, base, 0);
    if (compile_constant(count, &constant) && constant.kind == CONST_INT && constant.integer > 0) {
        emit_load_integer(b, count->at, last, constant.integer - 1);
    } else {
        int n = compile_operand(b, count);
        TypeNode *type = arena_alloc(b->compiler->arena, sizeof *type);
        *type = (TypeNode){.kind = TYPE_NAME, .name = {.text = "int"}};
        emit_with(b, count->at, OPC_CHECKTYPE, n, CHECK_COUNT, (uint32_t)emit_type(b, type, NULL, NULL));
        emit_abc(b, count->at, OPC_SUBI, last, n, 1);
        registers_release(b, last + 1);
    }
    compile_count(b, node, base, &node->repeat.variable, node->repeat.body);
}

void compile_break(Builder *b, Node *node) {
    bool is_break = node->kind == NODE_BREAK;
    compile_leave(b, node->at, (Leave){is_break ? LEAVE_BREAK : LEAVE_CONTINUE, b->loop}, 0);
}
