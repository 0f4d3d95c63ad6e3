/*
 * compile_match.c -- switch, match and select: chains of tests, each with a jump to the next one.
 */
#include "compile_internal.h"

/* -- switch -- */

/* Falls through if the case applies to R[value], else jumps to [next]. */
static void test_case(Builder *b, SwitchCase *c, uint32_t at, int value, Label *next) {
    Label body = {0};
    if (c->bind.text != NULL) {
        int reg = register_take(b);
        emit_move(b, at, reg, value);
        variable_adopt(b, c->bind.variable, at, reg);
    }
    for (int i = 0; i < c->values.count; i++) {
        Node *candidate = c->values.items[i];
        bool is_last = i == c->values.count - 1;
        compile_equal_jump(b, candidate->at, value, candidate, !is_last, is_last ? next : &body);
    }
    emit_label(b, &body);
    if (c->guard != NULL) compile_condition(b, c->guard, false, next);
}

void compile_switch(Builder *b, Node *node, int destination) {
    int mark = b->next;
    int value = compile_operand_before(b, node->switch_.value, node);
    Node *otherwise = NULL;
    Label end = {0};
    for (int i = 0; i < node->switch_.count; i++) {
        SwitchCase *c = &node->switch_.cases[i];
        if (c->is_default) {
            otherwise = c->body;
            continue;
        }
        Label next = {0};
        int inner = b->next;
        test_case(b, c, node->at, value, &next);
        compile(b, c->body, destination);
        emit_jump(b, node->at, OPC_JMP, 0, 0, &end);
        emit_label(b, &next);
        registers_release(b, inner);
    }
    if (otherwise != NULL) {
        compile(b, otherwise, destination);
    } else {
        deliver_null(b, node->at, destination);
    }
    emit_label(b, &end);
    registers_release(b, mark);
}

/* -- match -- */

static void test_pattern(Builder *b, Pattern *pattern, int value, bool is_fresh, Label *otherwise);

static void bind(Builder *b, const Pattern *pattern, int reg) {
    variable_adopt(b, pattern->name.variable, pattern->span.start, reg);
}

static void test_value(Builder *b, Pattern *pattern, int value, Label *otherwise) {
    Node *expected = pattern->value;
    if (expected->kind != NODE_BINARY || expected->operator != OP_RANGE) {
        compile_equal_jump(b, expected->at, value, expected, false, otherwise);
        return;
    }
    int base = register_take(b);
    emit_move(b, expected->at, register_take(b), value);
    compile(b, expected, register_take(b));
    emit_intrinsic(b, expected->at, INTRINSIC_MATCH_RANGE, base, 2);
    emit_jump(b, expected->at, OPC_JFALSE, base, 0, otherwise);
    registers_release(b, base);
}

/* Elements that are only skipped are not read. What a pattern binds stays in its register until the arm ends. */
static void test_element(Builder *b, Pattern *pattern, int object, int key, int index, Label *otherwise) {
    if (pattern->kind == PATTERN_ANY) return;
    int reg = register_take(b);
    if (key >= 0) {
        emit_abc(b, pattern->span.start, OPC_GETINDEX, reg, object, key);
    } else if (index <= 255) {
        emit_abc(b, pattern->span.start, OPC_GETINDEXI, reg, object, index);
    } else {
        emit_load_integer(b, pattern->span.start, reg, index);
        emit_abc(b, pattern->span.start, OPC_GETINDEX, reg, object, reg);
    }
    test_pattern(b, pattern, reg, true, otherwise);
}

static void test_array(Builder *b, Pattern *pattern, int value, Label *otherwise) {
    uint32_t at = pattern->span.start;
    int base = register_take(b);
    emit_move(b, at, register_take(b), value);
    emit_load_integer(b, at, register_take(b), pattern->count);
    emit_abc(b, at, OPC_LOADBOOL, register_take(b), pattern->has_rest, 0);
    emit_intrinsic(b, at, INTRINSIC_MATCH_ARRAY, base, 3);
    emit_jump(b, at, OPC_JFALSE, base, 0, otherwise);
    registers_release(b, base);
    for (int i = 0; i < pattern->count; i++) test_element(b, pattern->items[i], value, -1, i, otherwise);
    if (pattern->name.text == NULL) return;
    int rest = register_take(b), slice = registers_take(b, 3);
    emit_move(b, at, slice, value);
    emit_load_integer(b, at, slice + 1, pattern->count);
    emit_abc(b, at, OPC_LOADUNDEF, slice + 2, 0, 0);
    emit_abc(b, at, OPC_SLICE, rest, slice, 0);
    registers_release(b, slice);
    bind(b, pattern, rest);
}

/* `{}` matches every dict. */
static void test_any_dict(Builder *b, const Pattern *pattern, int value, Label *otherwise) {
    Arena *arena = b->compiler->arena;
    TypeNode *any = arena_alloc(arena, sizeof *any), *dict = arena_alloc(arena, sizeof *dict);
    *any = (TypeNode){.kind = TYPE_NAME, .span = pattern->span, .name = ast_name("any", pattern->span)};
    *dict = (TypeNode){.kind = TYPE_DICT, .span = pattern->span, .count = 2};
    dict->items = arena_alloc(arena, 2 * sizeof *dict->items);
    dict->items[0] = dict->items[1] = any;
    int reg = register_take(b);
    emit_with(b, pattern->span.start, OPC_ISTYPE, reg, value, (uint32_t)emit_type(b, dict, NULL, NULL));
    emit_jump(b, pattern->span.start, OPC_JFALSE, reg, 0, otherwise);
    registers_release(b, reg);
}

static void test_dict(Builder *b, Pattern *pattern, int value, Label *otherwise) {
    if (pattern->count == 0) test_any_dict(b, pattern, value, otherwise);
    for (int i = 0; i < pattern->count; i++) {
        uint32_t at = pattern->keys[i]->at;
        int key = register_take(b), base = registers_take(b, 3);
        compile(b, pattern->keys[i], key);
        emit_move(b, at, base + 1, value);
        emit_move(b, at, base + 2, key);
        emit_intrinsic(b, at, INTRINSIC_MATCH_DICT, base, 2);
        emit_jump(b, at, OPC_JFALSE, base, 0, otherwise);
        registers_release(b, base);
        test_element(b, pattern->items[i], value, key, 0, otherwise);
    }
}

/* Falls through with the pattern's names bound if R[value] matches. [is_fresh]: a name may take the register itself. */
static void test_pattern(Builder *b, Pattern *pattern, int value, bool is_fresh, Label *otherwise) {
    switch (pattern->kind) {
    case PATTERN_ANY: break;
    case PATTERN_BIND: {
        int reg = is_fresh ? value : register_take(b);
        emit_move(b, pattern->span.start, reg, value);
        bind(b, pattern, reg);
        break;
    }
    case PATTERN_VALUE: test_value(b, pattern, value, otherwise); break;
    case PATTERN_ARRAY: test_array(b, pattern, value, otherwise); break;
    case PATTERN_DICT: test_dict(b, pattern, value, otherwise); break;
    }
}

void compile_match(Builder *b, Node *node, int destination) {
    int mark = b->next;
    int value = compile_operand_before(b, node->match.value, node);
    Label end = {0};
    for (int i = 0; i < node->match.count; i++) {
        MatchArm *arm = &node->match.arms[i];
        Label next = {0};
        int inner = b->next;
        test_pattern(b, arm->pattern, value, false, &next);
        if (arm->guard != NULL) compile_condition(b, arm->guard, false, &next);
        compile(b, arm->action, destination);
        emit_jump(b, node->at, OPC_JMP, 0, 0, &end);
        emit_label(b, &next);
        registers_release(b, inner);
    }
    deliver_null(b, node->at, destination);
    emit_label(b, &end);
    registers_release(b, mark);
}

/* -- select -- */

static void compile_or_null(Builder *b, Node *node, uint32_t at) {
    int reg = register_take(b);
    if (node != NULL) {
        compile(b, node, reg);
    } else {
        emit_abc(b, at, OPC_LOADNULL, reg, 0, 0);
    }
}

/* The machine waits for one of the cases: [its index, the value received]. */
static int wait_for_case(Builder *b, Node *node) {
    static const char letters[] = {
        [SELECT_RECEIVE] = 'r', [SELECT_SEND] = 's', [SELECT_AFTER] = 't', [SELECT_DEFAULT] = 'd',
    };
    int count = node->select.count, base = register_take(b);
    char *kinds = arena_alloc(b->compiler->arena, (size_t)count + 1);
    for (int i = 0; i < count; i++) kinds[i] = letters[node->select.cases[i].kind];
    emit_load_text(b, node->at, register_take(b), kinds);
    for (int i = 0; i < count; i++) {
        compile_or_null(b, node->select.cases[i].channel, node->select.cases[i].at);
        compile_or_null(b, node->select.cases[i].value, node->select.cases[i].at);
    }
    emit_intrinsic(b, node->at, INTRINSIC_SELECT, base, 1 + 2 * count);
    return base;
}

void compile_select(Builder *b, Node *node, int destination) {
    int mark = b->next, chosen = wait_for_case(b, node), index = register_take(b);
    Label end = {0};
    emit_abc(b, node->at, OPC_GETINDEXI, index, chosen, 0);
    for (int i = 0; i < node->select.count; i++) {
        SelectCase *c = &node->select.cases[i];
        Label next = {0};
        int inner = b->next;
        emit_equal_jump(b, c->at, index, constant_integer(i), false, &next);
        if (c->bind.text != NULL) {
            int reg = register_take(b);
            emit_abc(b, c->at, OPC_GETINDEXI, reg, chosen, 1);
            variable_adopt(b, c->bind.variable, c->at, reg);
        }
        compile(b, c->body, destination);
        emit_jump(b, node->at, OPC_JMP, 0, 0, &end);
        emit_label(b, &next);
        registers_release(b, inner);
    }
    deliver_null(b, node->at, destination);
    emit_label(b, &end);
    registers_release(b, mark);
}
