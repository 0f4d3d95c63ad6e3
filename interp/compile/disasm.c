/*
 * disasm.c -- code as text, for tests and for people who want to see what the compiler made of a program.
 *
 *     function fib(n), 3 registers
 *        0  JNLTI      0 2 -> 3          1:30
 *        2  RETURN     0                 1:38
 *
 * Which fields an instruction has, its format says; what its word X is, x_kind().
 */
#include "code.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    Arena *arena;
    const Source *source;
    const CodeUnit *unit;
    char *text;
    int length, capacity;
} Printer;

static void put(Printer *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(Printer *p, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (const char *c = text; *c != '\0'; c++) ARENA_PUSH(p->arena, p->text, p->length, p->capacity, *c);
}

/* -- the instruction set -- */

static const char *const OPCODE_NAMES[] = {
#define X(name, format, meaning) #name,
    OPCODES(X)
#undef X
};

static const char *const OPCODE_FORMATS[] = {
#define X(name, format, meaning) #format,
    OPCODES(X)
#undef X
};

static const char *const INTRINSIC_NAMES[] = {
#define X(name, meaning) #name,
    INTRINSICS(X)
#undef X
};

typedef enum { X_JUMP, X_GLOBAL, X_CONSTANT, X_FUNCTION, X_NAME, X_TYPE, X_INTRINSIC } XKind;

static XKind x_kind(Opcode op) {
    switch (op) {
    case OPC_GETGLOBAL: case OPC_SETGLOBAL: case OPC_DEFGLOBAL: case OPC_TYPEGLOBAL: case OPC_ADDRGLOBAL: return X_GLOBAL;
    case OPC_LOADKX: case OPC_GETBUILTIN: case OPC_CALLKW: return X_CONSTANT;
    case OPC_CLOSURE: return X_FUNCTION;
    case OPC_GETFIELD: case OPC_SETFIELD: case OPC_ADDFIELD: case OPC_ADDFIELDK: return X_NAME;
    case OPC_INVOKE: case OPC_INVOKEKW: case OPC_METHOD: return X_NAME;
    case OPC_ISTYPE: case OPC_CAST: case OPC_CHECKTYPE: case OPC_ZERO: return X_TYPE;
    case OPC_INTRINSIC: return X_INTRINSIC;
    default: return X_JUMP;
    }
}

/* -- operands -- */

static void put_constant(Printer *p, const Constant *constant) {
    switch (constant->kind) {
    case CONST_INT: put(p, "%lld", (long long)constant->integer); break;
    case CONST_FLOAT: put(p, "%.17g", constant->number); break;
    case CONST_STRING: put(p, "\"%.*s\"", (int)constant->string.length, constant->string.text); break;
    case CONST_LIST:
        put(p, "[");
        for (int i = 0; i < constant->list.count; i++) put(p, "%s%s", i ? ", " : "", constant->list.names[i]);
        put(p, "]");
        break;
    }
}

static void put_type(Printer *p, const CodeType *type) {
    Span span = type->type->span;
    put(p, "%.*s", (int)(span.end - span.start), p->source->text + span.start);
    if (type->name != NULL) put(p, " (%s%s%s)", type->owner ? type->owner : "", type->owner ? "." : "", type->name);
}

static void put_x(Printer *p, const CodeFunction *function, Opcode op, uint32_t x, int next) {
    switch (x_kind(op)) {
    case X_JUMP: put(p, " -> %d", next + (int32_t)x); break;
    case X_FUNCTION: put(p, " %u", x); break;
    case X_GLOBAL: put(p, " %s", p->unit->globals[x]); break;
    case X_NAME: {
        const Constant *name = &function->constants[function->cache_names[-1 - (int32_t)x]];
        put(p, " .%.*s", (int)name->string.length, name->string.text);
        break;
    }
    case X_TYPE:
        put(p, " ");
        put_type(p, &function->types[x]);
        break;
    case X_INTRINSIC: put(p, " %s", INTRINSIC_NAMES[x]); break;
    case X_CONSTANT:
        put(p, " ");
        put_constant(p, &function->constants[x]);
        break;
    }
}

static bool has_constant_bx(Opcode op) {
    return op == OPC_LOADK || op == OPC_JEQK || op == OPC_JNEK;
}

static bool has_constant_c(Opcode op) {
    return op == OPC_MULK || op == OPC_DIVK || op == OPC_MODK || op == OPC_ADDFIELDK;
}

static void put_wide(Printer *p, const CodeFunction *function, Opcode op, uint32_t word) {
    put(p, " ");
    if (has_constant_bx(op)) {
        put_constant(p, &function->constants[INSTR_BX(word)]);
    } else {
        put(p, "%u", INSTR_BX(word));
    }
}

static void put_fields(Printer *p, const CodeFunction *function, uint32_t word, const char *format) {
    Opcode op = INSTR_OP(word);
    if (*format == 'A') put(p, " %u", INSTR_A(word)), format++;
    if (strncmp(format, "Bx", 2) == 0) {
        put_wide(p, function, op, word);
        return;
    }
    if (strncmp(format, "sBx", 3) == 0) put(p, " %d", INSTR_SBX(word));
    if (*format == 'B') put(p, " %u", INSTR_B(word)), format++;
    if (*format != 'C') return;
    put(p, " ");
    if (has_constant_c(op)) {
        put_constant(p, &function->constants[INSTR_C(word)]);
    } else {
        put(p, "%u", INSTR_C(word));
    }
}

/* -- functions -- */

/* Writes the instruction at [pc]; returns how many words it has. */
static int put_instruction(Printer *p, const CodeFunction *function, int pc) {
    uint32_t word = function->code[pc];
    Opcode op = INSTR_OP(word);
    const char *format = OPCODE_FORMATS[op];
    int size = strchr(format, 'X') != NULL ? 2 : 1;
    int start = p->length;
    put(p, "%4d  %-10s", pc, OPCODE_NAMES[op]);
    if (*format == 'J') {
        if (op != OPC_RETURNNULL) put(p, " -> %d", pc + 1 + INSTR_J(word));
    } else {
        put_fields(p, function, word, format);
    }
    if (size == 2) put_x(p, function, op, function->code[pc + 1], pc + 2);
    if (op == OPC_INVOKEKW) {
        put(p, " ");
        put_constant(p, &function->constants[function->code[pc + 2]]);
        size = 3;
    }
    Place place = source_place(p->source, function->places[pc]);
    put(p, "%*s%u:%u\n", start + 48 > p->length ? start + 48 - p->length : 1, "", place.line, place.column);
    return size;
}

static void put_function(Printer *p, const CodeFunction *function) {
    put(p, "%s%s %s(", function->is_async ? "async " : "", function->is_method ? "method" : "function",
        function->name != NULL ? function->name : "-");
    for (int i = 0; i < function->parameter_count; i++) {
        put(p, "%s%s%s", i ? ", " : "", function->parameter_names[i], function->has_default[i] ? "?" : "");
    }
    put(p, "), %d registers\n", function->register_count);
    for (int i = 0; i < function->capture_count; i++) {
        const Capture *capture = &function->captures[i];
        put(p, "      capture %d: %s %d\n", i, capture->from_parent_register ? "register" : "capture", capture->index);
    }
    for (int pc = 0; pc < function->code_length;) pc += put_instruction(p, function, pc);
    for (int i = 0; i < function->handler_count; i++) {
        const Handler *handler = &function->handlers[i];
        put(p, "      handler %u..%u -> %u in %u\n", handler->start, handler->end, handler->target, handler->reg);
    }
    for (int i = 0; i < function->function_count; i++) {
        put(p, "\n");
        put_function(p, function->functions[i]);
    }
}

const char *code_disassemble(Arena *arena, const Source *source, const CodeUnit *unit) {
    Printer p = {.arena = arena, .source = source, .unit = unit};
    put_function(&p, unit->main);
    ARENA_PUSH(p.arena, p.text, p.length, p.capacity, '\0');
    return p.text;
}
