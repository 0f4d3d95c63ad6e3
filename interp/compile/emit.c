/*
 * emit.c -- the instruction buffer of a function: words, jumps, constants, registers, and their limits.
 *
 * Code that no way leads to is not written: after a jump, return or raise the builder is *dead* until a label with
 * jumps to it comes by. So callers need not care what follows a `return`.
 */
#include "emit.h"

#include "syntax/hash.h"

#include <string.h>

enum { TYPES_LOOKED_AT = 64 };

struct LabelSite {
    int word; /* to patch */
    bool is_short; /* the field J of that word; else the whole word */
    struct LabelSite *next;
};

/* A limit of the instruction format is reached: said once a function, about the place that the code has got to. */
static void report_full(Builder *b, const char *what, int limit) {
    const CodeFunction *code = b->code;
    uint32_t at = code->code_length > 0 ? code->places[code->code_length - 1] : code->span.start;
    if (!b->is_full)
        compile_error(b, (Span){at, at + 1}, "too many %s: one function has room for %d. Split it up", what, limit);
    b->is_full = true;
}

/* -- words -- */

void emit(Builder *b, uint32_t at, uint32_t word) {
    if (b->dead) return;
    CodeFunction *code = b->code;
    int length = code->code_length;
    ARENA_PUSH(b->compiler->arena, code->places, length, b->room.places_capacity, at);
    ARENA_PUSH(b->compiler->arena, code->code, code->code_length, b->room.code_capacity, word);
}

static bool ends_the_way(Opcode op) {
    return op == OPC_JMP || op == OPC_LOOP || op == OPC_RETURN || op == OPC_RETURNNULL || op == OPC_THROW ||
           op == OPC_RETHROW || op == OPC_RAISE;
}

void emit_abc(Builder *b, uint32_t at, Opcode op, int a, int second, int third) {
    emit(b, at, INSTR_ABC(op, a, second, third));
    if (ends_the_way(op)) b->dead = true;
}

void emit_abx(Builder *b, uint32_t at, Opcode op, int a, int wide) { emit(b, at, INSTR_ABX(op, a, wide)); }

void emit_with(Builder *b, uint32_t at, Opcode op, int a, int wide, uint32_t x) {
    emit_abx(b, at, op, a, wide);
    emit(b, at, x);
}

/* The word X of a fresh cache. */
static void emit_cache(Builder *b, uint32_t at, const Name *name) {
    if (b->dead) return;
    int constant = emit_constant(b, constant_text(name->text));
    CodeFunction *code = b->code;
    ARENA_PUSH(b->compiler->arena, code->cache_names, code->cache_count, b->room.cache_names_capacity, (uint32_t)constant);
    emit(b, at, (uint32_t)-code->cache_count);
}

void emit_named(Builder *b, uint32_t at, Opcode op, int a, int wide, const Name *name) {
    emit_abx(b, at, op, a, wide);
    emit_cache(b, at, name);
}

void emit_add_field(Builder *b, uint32_t at, uint32_t field_at, Opcode op, int out, int object, int c, const Name *name) {
    emit_abc(b, at, op, out, object, c);
    emit_cache(b, field_at, name);
}

void emit_intrinsic(Builder *b, uint32_t at, Intrinsic intrinsic, int base, int count) {
    emit_with(b, at, OPC_INTRINSIC, base, count, intrinsic);
    registers_release(b, base + 1);
}

void emit_move(Builder *b, uint32_t at, int to, int from) {
    if (to != from) emit_abc(b, at, OPC_MOVE, to, from, 0);
}

/* -- jumps -- */

static bool is_short_jump(Opcode op) { return op == OPC_JMP || op == OPC_LOOP; }

/* All jumps count from the word after the jump. */
static void set_jump(Builder *b, int word, bool is_short, int target) {
    int distance = target - (word + 1);
    uint32_t *code = b->code->code;
    if (!is_short) {
        code[word] = (uint32_t)distance;
        return;
    }
    if (distance < -(1 << 23) || distance >= 1 << 23) report_full(b, "instructions", 1 << 23);
    code[word] = INSTR_JUMP(INSTR_OP(code[word]), (uint32_t)distance);
}

void emit_jump(Builder *b, uint32_t at, Opcode op, int a, int wide, Label *label) {
    if (b->dead) return;
    emit_abx(b, at, op, a, wide);
    if (!is_short_jump(op)) emit(b, at, 0);
    LabelSite *site = arena_alloc(b->compiler->arena, sizeof *site);
    *site = (LabelSite){b->code->code_length - 1, is_short_jump(op), label->sites};
    label->sites = site;
    if (ends_the_way(op)) b->dead = true;
}

void emit_label(Builder *b, Label *label) {
    if (label->sites != NULL) b->dead = false;
    for (LabelSite *site = label->sites; site != NULL; site = site->next) {
        set_jump(b, site->word, site->is_short, b->code->code_length);
    }
    label->sites = NULL;
}

uint32_t emit_here(const Builder *b) { return (uint32_t)b->code->code_length; }

void emit_back(Builder *b, uint32_t at, Opcode op, int a, int wide, uint32_t place) {
    if (b->dead) return;
    emit_abx(b, at, op, a, wide);
    if (!is_short_jump(op)) emit(b, at, 0);
    set_jump(b, b->code->code_length - 1, is_short_jump(op), (int)place);
    if (ends_the_way(op)) b->dead = true;
}

/* The code that follows handles errors of a region. Inner regions end first, so they come first in the list. */
void emit_handler(Builder *b, uint32_t start, uint32_t end, int reg) {
    if (start == end) return;
    b->dead = false;
    ARENA_PUSH(b->compiler->arena, b->code->handlers, b->code->handler_count, b->room.handlers_capacity,
               (Handler){start, end, emit_here(b), (uint8_t)reg});
}

/* -- constants and types -- */

Constant constant_integer(int64_t value) { return (Constant){.kind = CONST_INT, .integer = value}; }

Constant constant_text(const char *text) {
    return (Constant){.kind = CONST_STRING, .string = {text, (uint32_t)strlen(text)}};
}

static uint32_t constant_hash(const Constant *constant) {
    if (constant->kind == CONST_STRING) return hash_fold(hash_bytes(constant->string.text, constant->string.length));
    return hash_int((uint64_t)constant->integer + constant->kind); /* a float is hashed and compared as its bits */
}

static bool constant_same(const Constant *x, const Constant *y) {
    if (x->kind != y->kind || x->kind == CONST_LIST) return false;
    if (x->kind != CONST_STRING) return x->integer == y->integer;
    return x->string.length == y->string.length && memcmp(x->string.text, y->string.text, x->string.length) == 0;
}

static int *constant_slot(Builder *b, const Constant *constant) {
    uint32_t mask = (uint32_t)b->room.constant_table_size - 1, i = constant_hash(constant) & mask;
    while (b->room.constant_table[i] != 0 && !constant_same(&b->code->constants[b->room.constant_table[i] - 1], constant)) {
        i = (i + 1) & mask;
    }
    return &b->room.constant_table[i];
}

static void constant_table_grow(Builder *b) {
    b->room.constant_table_size = b->room.constant_table_size ? b->room.constant_table_size * 2 : 16;
    b->room.constant_table = arena_alloc(b->compiler->arena, (size_t)b->room.constant_table_size * sizeof *b->room.constant_table);
    for (int i = 0; i < b->code->constant_count; i++) {
        if (b->code->constants[i].kind != CONST_LIST) *constant_slot(b, &b->code->constants[i]) = i + 1;
    }
}

static int add_constant(Builder *b, Constant constant) {
    ARENA_PUSH(b->compiler->arena, b->code->constants, b->code->constant_count, b->room.constants_capacity, constant);
    return b->code->constant_count - 1;
}

int emit_constant(Builder *b, Constant constant) {
    if ((b->code->constant_count + 1) * 2 > b->room.constant_table_size) constant_table_grow(b);
    int *slot = constant_slot(b, &constant);
    if (*slot == 0) *slot = add_constant(b, constant) + 1;
    return *slot - 1;
}

int emit_list_constant(Builder *b, const char **names, int count) {
    return add_constant(b, (Constant){.kind = CONST_LIST, .list = {names, count}});
}

/* Those of one variable come close together, mostly. */
int emit_type(Builder *b, TypeNode *type, const char *name, const char *owner) {
    CodeFunction *code = b->code;
    for (int i = code->type_count - 1; i >= 0 && i >= code->type_count - TYPES_LOOKED_AT; i--) {
        const CodeType *known = &code->types[i];
        if (known->type == type && known->name == name && known->owner == owner) return i;
    }
    ARENA_PUSH(b->compiler->arena, code->types, code->type_count, b->room.types_capacity, (CodeType){type, name, owner});
    return code->type_count - 1;
}

static void load_constant_at(Builder *b, uint32_t at, int reg, int constant) {
    if (constant <= 0xffff) {
        emit_abx(b, at, OPC_LOADK, reg, constant);
    } else {
        emit_with(b, at, OPC_LOADKX, reg, 0, (uint32_t)constant);
    }
}

void emit_load_constant(Builder *b, uint32_t at, int reg, Constant constant) {
    if (constant.kind == CONST_INT && constant.integer == (int16_t)constant.integer) {
        emit_abx(b, at, OPC_LOADINT, reg, (int)constant.integer);
    } else {
        load_constant_at(b, at, reg, emit_constant(b, constant));
    }
}

void emit_load_integer(Builder *b, uint32_t at, int reg, int64_t value) {
    emit_load_constant(b, at, reg, constant_integer(value));
}

void emit_load_list(Builder *b, uint32_t at, int reg, const char **names, int count) {
    load_constant_at(b, at, reg, emit_list_constant(b, names, count));
}

void emit_load_text(Builder *b, uint32_t at, int reg, const char *text) {
    emit_load_constant(b, at, reg, constant_text(text));
}

void emit_equal_jump(Builder *b, uint32_t at, int reg, Constant constant, bool equal, Label *label) {
    int index = emit_constant(b, constant);
    if (index <= 0xffff) {
        emit_jump(b, at, equal ? OPC_JEQK : OPC_JNEK, reg, index, label);
        return;
    }
    int scratch = register_take(b);
    load_constant_at(b, at, scratch, index);
    emit_jump(b, at, equal ? OPC_JEQ : OPC_JNE, reg, scratch, label);
    registers_release(b, scratch);
}

/* -- arrays -- */

static void gather_write(Builder *b, Gather *gather, uint32_t at) {
    emit_abc(b, at, gather->is_made ? OPC_PUSHARRAY : OPC_NEWARRAY, gather->base, gather->count, 0);
    registers_release(b, gather->base + 1);
    gather->is_made = true;
    gather->count = 0;
}

int gather_next(Builder *b, Gather *gather, uint32_t at) {
    if (gather->count > 0 && gather->count == gather->room) gather_write(b, gather, at);
    if (gather->count == 0) gather->room = (CODE_REGISTER_LIMIT - b->next) / 4 + 1;
    bool is_first = gather->count++ == 0 && !gather->is_made;
    return is_first ? gather->base : register_take(b);
}

void gather_end(Builder *b, Gather *gather, uint32_t at) {
    if (gather->count > 0 || !gather->is_made) gather_write(b, gather, at);
}

/* -- registers -- */

int registers_take(Builder *b, int count) {
    int first = b->next;
    if (first + count > CODE_REGISTER_LIMIT) {
        report_full(b, "variables and intermediate values", CODE_REGISTER_LIMIT);
        return 0;
    }
    b->next += count;
    if (b->next > b->code->register_count) b->code->register_count = b->next;
    return first;
}

void registers_release(Builder *b, int first) {
    while (b->next > first) b->owners[--b->next] = NULL;
}

int register_for(Builder *b, int destination) { return destination >= 0 ? destination : register_take(b); }

int register_for_call(Builder *b, int destination) {
    bool on_top = destination >= 0 && destination == b->next - 1 && b->owners[destination] == NULL;
    return on_top ? destination : register_take(b);
}
