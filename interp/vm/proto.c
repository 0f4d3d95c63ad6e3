/*
 * proto.c -- what can be asked of loaded code, and how it goes.
 */
#include "proto.h"

#include <stdlib.h>

#include "compile/opcodes.h"
#include "heap.h"
#include "vm.h"

Closure *closure_new(Vm *vm, Proto *proto) {
    size_t captures = (size_t)proto->code_function->capture_count;
    Closure *closure = heap_object(vm, T_CLOSURE, sizeof(Closure) + captures * sizeof(Value));
    closure->proto = proto;
    return closure;
}

Unit *unit_retain(Unit *unit) {
    unit->references++;
    return unit;
}

void unit_release(Vm *vm, Unit *unit) {
    if (--unit->references > 0) return;
    vm->heap.bytes -= unit->bytes;
    arena_free(&unit->arena);
    free(unit);
}

/* OPCODES' formats as a number of words: those with an X take two. */
static int instruction_length(uint32_t word) {
#define WORDS_A 1
#define WORDS_AB 1
#define WORDS_ABC 1
#define WORDS_ABx 1
#define WORDS_AsBx 1
#define WORDS_J 1
#define WORDS_AX 2
#define WORDS_ABX 2
#define WORDS_ABxX 2
#define WORDS_AsBxX 2
#define WORDS_ABCX 2
    static const uint8_t lengths[OPCODE_COUNT] = {
#define X(name, format, meaning) [OPC_##name] = WORDS_##format,
        OPCODES(X)
#undef X
    };
    return INSTR_OP(word) == OPC_INVOKEKW ? 3 : lengths[INSTR_OP(word)];
}

static bool names_global(uint32_t op) {
    return op == OPC_GETGLOBAL || op == OPC_SETGLOBAL || op == OPC_DEFGLOBAL || op == OPC_TYPEGLOBAL ||
           op == OPC_ADDRGLOBAL;
}

uint32_t *proto_next_global(const Proto *proto, int *pc) {
    while (*pc < proto->code_function->code_length) {
        uint32_t *word = &proto->code[*pc];
        *pc += instruction_length(*word);
        if (names_global(INSTR_OP(*word))) return &word[1];
    }
    return NULL;
}

void proto_destroy(Vm *vm, Proto *proto) {
    const CodeFunction *function = proto->code_function;
    size_t caches = (size_t)function->cache_count * sizeof(Cache);
    heap_release(vm, (char *)proto->constants - caches, caches + (size_t)function->constant_count * sizeof(Value) + 1);
    heap_release(vm, proto->types, (size_t)function->type_count * sizeof(TypeEntry));
    heap_release(vm, proto->functions, (size_t)function->function_count * sizeof(Proto *));
    unit_release(vm, proto->unit);
}

uint32_t proto_place(const Proto *proto, uint32_t pc) {
    const CodeFunction *function = proto->code_function;
    if (function->code_length == 0) return 0;
    uint32_t index = pc > 0 ? pc - 1 : 0;
    if (index >= (uint32_t)function->code_length) index = (uint32_t)function->code_length - 1;
    return function->places[index];
}
