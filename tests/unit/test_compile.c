/* The compiler: what code it makes of a source, where variables live, which programs it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile/code.h"
#include "syntax/parser.h"

typedef struct {
    Arena arena;
    Source *source;
    Diagnostics diagnostics;
    CodeUnit *unit;
} Compiled;

static Compiled compile_text(const char *text, bool interactive) {
    Compiled c = {0};
    arena_init(&c.arena);
    c.source = source_new(&c.arena, "test", text, strlen(text));
    c.diagnostics.arena = &c.arena;
    Node *tree = parser_parse(&c.arena, c.source, &c.diagnostics);
    CompileOptions options = {.interactive = interactive};
    if (c.diagnostics.count == 0) c.unit = compile_unit(&c.arena, c.source, tree, &options, &c.diagnostics);
    return c;
}

static void discard(Compiled *c) {
    arena_free(&c->arena);
}

/* ---- Sound code ------------------------------------------------------------------------------------------------- */

static const char *const FORMATS[] = {
#define X(name, format, meaning) #format,
    OPCODES(X)
#undef X
};

static int instruction_size(Opcode op) {
    if (op == OPC_INVOKEKW) return 3;
    return strchr(FORMATS[op], 'X') ? 2 : 1;
}

static bool jumps_by_x(Opcode op) {
    return (op >= OPC_JTRUE && op <= OPC_JNGEI) || (op >= OPC_LOOPTRUE && op <= OPC_LOOPITER) || op == OPC_RUNDEFER;
}

static void check_operands(const CodeUnit *unit, const CodeFunction *f, const bool *starts, int pc) {
    uint32_t word = f->code[pc];
    Opcode op = INSTR_OP(word);
    int next = pc + instruction_size(op);
    if (FORMATS[op][0] == 'A') assert_in_range(INSTR_A(word), 0, f->register_count - 1);
    if (op >= OPC_ADD && op <= OPC_POW) assert_in_range(INSTR_C(word), 0, f->register_count - 1);
    if (op >= OPC_ADD && op <= OPC_RANGE) assert_in_range(INSTR_B(word), 0, f->register_count - 1);
    if (op == OPC_CALL || op == OPC_INTRINSIC) assert_in_range(INSTR_A(word) + INSTR_B(word), 0, f->register_count - 1);
    if (op == OPC_RANGEPREP) assert_in_range(INSTR_A(word) + 2, 0, f->register_count - 1);
    if (op == OPC_ITERPREP) assert_in_range(INSTR_A(word) + 4, 0, f->register_count - 1);
    if (op == OPC_LOADK) assert_in_range(INSTR_BX(word), 0, f->constant_count - 1);
    if (op == OPC_CLOSURE) assert_in_range(f->code[pc + 1], 0, f->function_count - 1);
    if (op == OPC_GETUP || op == OPC_GETUPBOX) assert_in_range(INSTR_B(word), 0, f->capture_count - 1);
    if (op == OPC_GETGLOBAL) assert_in_range(f->code[pc + 1], 0, unit->global_count - 1);
    if (op == OPC_CHECKTYPE) assert_in_range(f->code[pc + 1], 0, f->type_count - 1);
    if (jumps_by_x(op)) assert_true(starts[next + (int32_t)f->code[pc + 1]]);
    if (op == OPC_JMP || op == OPC_LOOP) assert_true(starts[next + INSTR_J(word)]);
}

/* Every jump lands on an instruction, every index names something, no way leads out of the code. */
static void check_function(const CodeUnit *unit, const CodeFunction *f) {
    bool *starts = calloc((size_t)f->code_length + 1, 1);
    Opcode last = OPC_MOVE;
    for (int pc = 0; pc < f->code_length; pc += instruction_size(last)) {
        starts[pc] = true;
        last = INSTR_OP(f->code[pc]);
    }
    assert_true(last == OPC_RETURN || last == OPC_RETURNNULL || last == OPC_THROW || last == OPC_RETHROW ||
                last == OPC_RAISE || last == OPC_LOOP || last == OPC_JMP);
    for (int pc = 0; pc < f->code_length; pc += instruction_size(INSTR_OP(f->code[pc]))) {
        check_operands(unit, f, starts, pc);
    }
    for (int i = 0; i < f->handler_count; i++) {
        assert_true(f->handlers[i].start < f->handlers[i].end);
        assert_true(starts[f->handlers[i].target]);
        assert_true(f->handlers[i].reg < f->register_count);
    }
    free(starts);
    for (int i = 0; i < f->function_count; i++) check_function(unit, f->functions[i]);
}

/* ---- Listings ---------------------------------------------------------------------------------------------------- */

/* One instruction of a disassembly without its address and its place, blanks run together. */
static void append_instruction(char *listing, const char *line, size_t length) {
    char text[256];
    while (length > 0 && line[length - 1] != ' ') length--;
    const char *end = line + length, *out = listing;
    snprintf(text, sizeof text, "%s", listing[0] ? "; " : "");
    size_t n = strlen(text);
    line += strspn(line, " 0123456789");
    for (; line < end && n < sizeof text - 1; line++) {
        if (*line != ' ' || (n > 0 && text[n - 1] != ' ')) text[n++] = *line;
    }
    while (n > 0 && text[n - 1] == ' ') n--;
    text[n] = '\0';
    memcpy(listing + strlen(out), text, n + 1);
}

/* The code of the first function called [name] in [text] is [expected]: instructions joined by "; ". */
static void assert_code(const char *text, const char *name, const char *expected) {
    Compiled c = compile_text(text, false);
    assert_non_null(c.unit);
    check_function(c.unit, c.unit->main);
    const char *disassembly = code_disassemble(&c.arena, c.source, c.unit);
    char heading[64], listing[4096] = "";
    snprintf(heading, sizeof heading, " %s(", name);
    const char *line = strstr(disassembly, heading);
    assert_non_null(line);
    while ((line = strchr(line, '\n')) != NULL && *++line == ' ') {
        if (strspn(line, " ") < 5 && strspn(line, " 0123456789") > strspn(line, " ")) {
            append_instruction(listing, line, strcspn(line, "\n"));
        }
    }
    assert_string_equal(listing, expected);
    discard(&c);
}

static void calls_and_arithmetic(void **state) {
    (void)state;
    assert_code("let fib = func(n) { if (n < 2) { return n } return fib(n - 1) + fib(n - 2) }", "fib",
                "JNLTI 0 2 -> 3; RETURN 0; GETGLOBAL 1 fib; SUBI 2 0 1; CALL 1 1; GETGLOBAL 2 fib; SUBI 3 0 2; CALL 2 1; "
                "ADD 1 1 2; RETURN 1");
    assert_code("func f(a, b) { a.push(b, 1) }", "f", "MOVE 3 0; MOVE 4 1; LOADINT 5 1; INVOKE 2 2 .push; RETURN 2");
    assert_code("func f(a) { g(1, k = a) }", "f", "GETGLOBAL 1 g; LOADINT 2 1; MOVE 3 0; CALLKW 1 2 0 [k]; RETURN 1");
    assert_code("func f(a) { g(k = a, 1) }", "f", "GETGLOBAL 1 g; MOVE 3 0; LOADINT 2 1; CALLKW 1 2 0 [k]; RETURN 1");
    assert_code("func f(a) { a * 2 + 60 * 60 - -a }", "f",
                "MULK 1 0 2; LOADINT 2 3600; ADD 1 1 2; NEG 2 0; SUB 1 1 2; RETURN 1");
    assert_code("func f(a) { S{x: a} }", "f", "GETGLOBAL 1 S; MOVE 2 0; CALLKW 1 1 1 [x]; RETURN 1");
    assert_code("func f(a) { ::len(a[1:]) }", "f",
                "GETBUILTIN 1 \"len\"; MOVE 3 0; LOADINT 4 1; LOADUNDEF 5; SLICE 2 3; CALL 1 1; RETURN 1");
}

static void loops(void **state) {
    (void)state;
    assert_code("func f(n) { let i = 0; let s = 0; while (i <= n) { s = s + i; i = i + 1 } }", "f",
                "LOADINT 1 0; LOADINT 2 0; JMP -> 5; ADD 2 2 1; ADDI 1 1 1; LOOPLE 1 0 -> 3; RETURNNULL");
    assert_code("func f() { let i = 0; while (i < 99999) { i++ } }", "f",
                "LOADINT 0 0; LOADK 1 99999; JMP -> 4; INC 0; LOOPLT 0 1 -> 3; RETURNNULL");
    assert_code("func f(n) { for i in 1..n { g(i) } }", "f",
                "LOADINT 1 1; MOVE 2 0; RANGEPREP 1 -> 10; GETGLOBAL 4 g; MOVE 5 3; CALL 4 1; LOOPRANGE 1 -> 4; RETURNNULL");
    assert_code("func f(d) { for k, v in d { g(k, v) } }", "f",
                "MOVE 1 0; ITERPREP 1 -> 8; GETGLOBAL 6 g; MOVE 7 4; MOVE 8 5; CALL 6 2; LOOPITER 1 1 -> 3; RETURNNULL");
    assert_code("func f() { while (true) { if (g()) { break } } 1 }", "f",
                "GETGLOBAL 0 g; CALL 0 0; JFALSE 0 -> 6; JMP -> 7; LOOP -> 0; LOADINT 0 1; RETURN 0");
    assert_code("func f(n) { repeat n { } }", "f", "LOADINT 1 0; CHECKTYPE 0 5; SUBI 2 0 1; RANGEPREP 1 -> 8; LOOPRANGE 1 -> 6; RETURNNULL");
    assert_code("func f(a, b) { while (a > b && a != 3) { a-- } }", "f",
                "JMP -> 2; DEC 0; JNLT 1 0 -> 7; JEQK 0 3 -> 7; LOOP -> 1; RETURNNULL");
}

static void values_where_they_are_wanted(void **state) {
    (void)state;
    assert_code("func f(a, b) { a += b; a = a - 1; let c = a; c }", "f",
                "ADD 0 0 1; SUBI 0 0 1; MOVE 2 0; RETURN 2");
    assert_code("func f(a, b) { a ?? b }", "f", "MOVE 2 0; JNOTNULL 2 -> 4; MOVE 2 1; RETURN 2");
    assert_code("func f(a) { a = a ?? 1; a }", "f", "JNOTNULL 0 -> 3; LOADINT 0 1; RETURN 0");
    assert_code("func f(a, b) { a = b && g() }", "f",
                "MOVE 2 1; JFALSE 2 -> 6; GETGLOBAL 2 g; CALL 2 0; MOVE 0 2; RETURN 0");
    assert_code("func f(a) { if (a == null) { 1 } else { 2 } }", "f",
                "JNOTNULL 0 -> 4; LOADINT 1 1; RETURN 1; LOADINT 1 2; RETURN 1");
    assert_code("func f(a) { let b = a++; a[b]++; a.x *= 2 }", "f",
                "MOVE 1 0; INC 0; GETINDEX 2 0 1; INC 2; SETINDEX 0 1 2; GETFIELD 2 0 .x; MULK 2 2 2; "
                "SETFIELD 0 2 .x; RETURN 2");
}

static void additions_to_fields(void **state) {
    (void)state;
    const char *short_form = "func f(a, b) { a.x += b; g() }", *long_form = "func f(a, b) { a.x = a.x + b; g() }";
    assert_code(short_form, "f", "ADDFIELD 2 0 1 .x; GETGLOBAL 2 g; CALL 2 0; RETURN 2");
    assert_code(long_form, "f", "ADDFIELD 2 0 1 .x; GETGLOBAL 2 g; CALL 2 0; RETURN 2");
    assert_code("func f(a) { a.x.y = a.x.y + -1 }", "f", "GETFIELD 1 0 .x; ADDFIELDK 2 1 -1 .y; RETURN 2");
    assert_code("func f(a, b) { a.x = b.x + 1 }", "f", "GETFIELD 2 1 .x; ADDI 2 2 1; SETFIELD 0 2 .x; RETURN 2");
    assert_code("func f(a, b) { a.x = a.y + 1 }", "f", "GETFIELD 2 0 .y; ADDI 2 2 1; SETFIELD 0 2 .x; RETURN 2");
    assert_code("func f(a, b) { a.x += b() }", "f",
                "GETFIELD 2 0 .x; MOVE 3 1; CALL 3 0; ADD 2 2 3; SETFIELD 0 2 .x; RETURN 2");
}

/* A local that is read in place must keep its value until the operation, even if a later operand assigns it. */
static void operands_keep_their_values(void **state) {
    (void)state;
    assert_code("func f(x) { x + (x = 5) }", "f", "MOVE 2 0; LOADINT 0 5; ADD 1 2 0; RETURN 1");
    assert_code("func f(a, i) { a[i] = i = 3 }", "f", "MOVE 2 1; LOADINT 1 3; SETINDEX 0 2 1; RETURN 1");
}

static void captured_variables(void **state) {
    (void)state;
    assert_code("func f(a) { func() { a } }", "f", "CLOSURE 1 0; RETURN 1");
    assert_code("func f(a) { func() { a } }", "-", "GETUP 0 0; RETURN 0");
    assert_code("func f(a) { a = 1; func() { a } }", "f", "NEWBOX 0 0; LOADINT 1 1; SETBOX 0 1; CLOSURE 1 0; RETURN 1");
    assert_code("func f(a) { func() { a++ } }", "-",
                "GETUPBOX 0 0; MOVE 1 0; INC 0; SETUPBOX 0 0; RETURN 1");
    assert_code("func f() { let g = func() { g() }; g }", "f",
                "LOADUNDEF 0; NEWBOX 0 0; CLOSURE 1 0; SETBOX 0 1; GETBOX 1 0; RETURN 1");
    assert_code("func f(x) { &x }", "f", "NEWBOX 0 0; MOVE 2 0; INTRINSIC 1 1 POINTER_BOX; RETURN 1");
    assert_code("func f() { for i in 1..3 { g(func() { i = i + 1 }) } }", "f",
                "LOADINT 0 1; LOADINT 1 3; RANGEPREP 0 -> 12; NEWBOX 2 2; GETGLOBAL 3 g; CLOSURE 4 0; CALL 3 1; "
                "LOOPRANGE 0 -> 4; RETURNNULL");
    assert_code("func f() { for (let i = 0; i < 3; i++) { g(func() { i }) } }", "f",
                "LOADINT 0 0; NEWBOX 0 0; JMP -> 13; GETGLOBAL 1 g; CLOSURE 2 0; CALL 1 1; GETBOX 1 0; NEWBOX 0 1; "
                "GETBOX 1 0; INC 1; SETBOX 0 1; GETBOX 1 0; LOOPLTI 1 3 -> 3; RETURNNULL");
    assert_code("func f() { let a = 1; { let a = 2; g(a) } a }", "f",
                "LOADINT 0 1; LOADINT 1 2; GETGLOBAL 2 g; MOVE 3 1; CALL 2 1; RETURN 0");
}

static void captures_pass_through(void **state) {
    (void)state;
    Compiled c = compile_text("func f(a, b) { func() { func() { b } } }", false);
    const CodeFunction *middle = c.unit->main->functions[0]->functions[0], *inner = middle->functions[0];
    assert_int_equal(middle->capture_count, 1);
    assert_true(middle->captures[0].from_parent_register);
    assert_int_equal(middle->captures[0].index, 1);
    assert_false(inner->captures[0].from_parent_register);
    assert_int_equal(inner->captures[0].index, 0);
    discard(&c);
}

static void functions(void **state) {
    (void)state;
    assert_code("func f(a, b = a, c: int = 1) { }", "f",
                "JDEF 1 -> 3; MOVE 1 0; JDEF 2 -> 6; LOADINT 2 1; CHECKTYPE 2 2 int (c); RETURNNULL");
    assert_code("func f(a): int { a }", "f", "MOVE 1 0; CHECKTYPE 1 3 int (f); RETURN 1");
    assert_code("func f() { } func f(a) { }", "<main>",
                "CLOSURE 0 0; DEFGLOBAL 0 0 f; GETGLOBAL 1 f; CLOSURE 2 1; INTRINSIC 0 2 OVERLOAD; SETGLOBAL 0 f; RETURNNULL");
    assert_code("let t = f()\nfunc f() { }\nfunc main() { }", "<main>",
                "CLOSURE 0 0; DEFGLOBAL 0 0 f; CLOSURE 0 1; DEFGLOBAL 0 0 main; GETGLOBAL 0 f; CALL 0 0; DEFGLOBAL 0 0 t; "
                "GETGLOBAL 0 main; CALL 0 0; RETURNNULL");
    assert_code("struct S { x: int, func m() { this.x } }", "m", "GETFIELD 1 0 .x; RETURN 1");
    assert_code("struct S { x: int, y = 2 }", "S",
                "JDEF 0 -> 5; ZERO 0 int (S.x); JMP -> 7; CHECKTYPE 0 4 int (S.x); JDEF 1 -> 10; LOADINT 1 2; GETUP 3 0; "
                "MOVE 4 0; MOVE 5 1; INTRINSIC 2 3 INSTANCE; RETURN 2");
    Compiled c = compile_text("struct S { a = 1, b }", false);
    const CodeFunction *constructor = c.unit->main->functions[0];
    assert_int_equal(constructor->parameter_count, 2);
    assert_int_equal(constructor->required_count, 2);
    assert_true(constructor->has_default[0]);
    assert_false(constructor->has_default[1]);
    discard(&c);
}

static void tasks_and_deferred_calls(void **state) {
    (void)state;
    assert_code("func f(a) { go g(a) }", "f", "GETGLOBAL 1 g; MOVE 2 0; GO 1 1 0; RETURN 1");
    assert_code("func f(a) { go a.m(1) }", "f", "MOVE 2 0; METHOD 1 .m; LOADINT 3 1; GO 1 2 1; RETURN 1");
    assert_code("func f(a) { go a + 1 }", "f", "CLOSURE 1 0; GO 1 0 0; RETURN 1");
    assert_code("func f(a) { let t = go g(a); 1 }", "f", "GETGLOBAL 1 g; MOVE 2 0; GO 1 1 2; LOADINT 2 1; RETURN 2");
    assert_code("func f(a) { return go a.m(1) }", "f", "MOVE 2 0; METHOD 1 .m; LOADINT 3 1; GO 1 2 3; RETURN 1");
    assert_code("func f(a) { go g(k = a) }", "f", "GETGLOBAL 2 g; MOVE 3 0; CLOSURE 1 0; GO 1 2 0; RETURN 1");
    assert_code("func f(a) { await g(a) }", "f", "GETGLOBAL 1 g; MOVE 2 0; CALL 1 1; AWAIT 1 1; RETURN 1");
    assert_code("func f() { defer g(); 1 }", "f",
                "LOADNULL 0 0; GETGLOBAL 3 g; DEFER 0 3 0; LOADINT 3 1; MOVE 2 3; LOADINT 1 2; JMP -> 9; LOADINT 1 1; "
                "RUNDEFER 3 0 -> 17; LOOP -> 9; JEQK 1 1 -> 16; MOVE 2 3; LOADINT 1 1; LOOP -> 9; JNEK 1 2 -> 20; RETURN 2; "
                "RETHROW 2");
}

static void errors(void **state) {
    (void)state;
    assert_code("func f() { try { g() } catch (e) { e } }", "f",
                "GETGLOBAL 0 g; CALL 0 0; RETURN 0; MOVE 2 0; LOADK 3 \"\"; INTRINSIC 1 2 ERROR_MATCHES; JFALSE 1 -> 11; "
                "RETURN 0; RETHROW 0");
    assert_code("func f() { try { g() } finally { h() } }", "f",
                "GETGLOBAL 2 g; CALL 2 0; MOVE 1 2; LOADINT 0 2; JMP -> 7; LOADINT 0 1; GETGLOBAL 2 h; CALL 2 0; "
                "JNEK 0 2 -> 13; RETURN 1; RETHROW 1");
    assert_code("error E(a)\nfunc f(a) { error E(a) }", "f", "GETGLOBAL 1 E; MOVE 2 0; CALL 1 1; RAISE 1");
    assert_code("func f(a) { throw a }", "f", "THROW 0");
    Compiled c = compile_text("try { try { f() } catch (e: A) { } } catch (e) { }", false);
    const CodeFunction *main = c.unit->main;
    assert_int_equal(main->handler_count, 2);
    assert_true(main->handlers[0].end <= main->handlers[1].end);
    assert_true(main->handlers[1].start <= main->handlers[0].target);
    discard(&c);
}

static void choices(void **state) {
    (void)state;
    assert_code("func f(v) { switch (v) { case 1, 2 { 5 } case x if x > 3 { x } default { 0 } } }", "f",
                "JEQK 0 1 -> 4; JNEK 0 2 -> 6; LOADINT 1 5; RETURN 1; MOVE 1 0; JNGTI 1 3 -> 10; RETURN 1; LOADINT 1 0; RETURN 1");
    assert_code("func f(v) { match v { [a, _] => a, 1..2 => 3, _ => 4 } }", "f",
                "MOVE 2 0; LOADINT 3 2; LOADBOOL 4 0; INTRINSIC 1 3 MATCH_ARRAY; JFALSE 1 -> 9; GETINDEXI 1 0 0; RETURN 1; "
                "MOVE 2 0; LOADINT 3 1; LOADINT 4 2; RANGE 3 3 4; INTRINSIC 1 2 MATCH_RANGE; JFALSE 1 -> 19; LOADINT 1 3; "
                "RETURN 1; LOADINT 1 4; RETURN 1");
    assert_code("func f(c) { select { case v = receive(c) { v } case after(5) { 1 } } }", "f",
                "LOADK 2 \"rt\"; MOVE 3 0; LOADNULL 4 0; LOADNULL 5 0; LOADINT 6 5; INTRINSIC 1 5 SELECT; GETINDEXI 2 1 0; "
                "JNEK 2 0 -> 12; GETINDEXI 3 1 1; RETURN 3; JNEK 2 1 -> 16; LOADINT 3 1; RETURN 3; RETURNNULL");
}

/* ---- Units -------------------------------------------------------------------------------------------------------- */

static void assert_result(const char *text, bool expected) {
    Compiled c = compile_text(text, true);
    assert_non_null(c.unit);
    check_function(c.unit, c.unit->main);
    assert_int_equal(c.unit->has_result, expected);
    discard(&c);
}

static void results(void **state) {
    (void)state;
    assert_result("1 + 1", true);
    assert_result("1 + 1;", false);
    assert_result("f(1) ;  ", false);
    assert_result("let a = 1", false);
    assert_result("a = 1", false);
    assert_result("a++", false);
    assert_result("for i in 1..2 { i }", false);
    assert_result("if (a) { 1 } else { 2 }", true);
    assert_result("if (a) { 1 } else { b = 2 }", false);
    assert_result("func f() { 1 }", false);
    assert_result("func main() { 1 }", true);
    assert_result("", false);
}

static void globals(void **state) {
    (void)state;
    Compiled c = compile_text("let a = 1\nfunc f() { a + b }", false);
    assert_int_equal(c.unit->global_count, 3);
    for (int i = 0; i < c.unit->global_count; i++) {
        assert_int_equal(c.unit->declares[i], strcmp(c.unit->globals[i], "b") != 0);
    }
    discard(&c);
}

static void places(void **state) {
    (void)state;
    Compiled c = compile_text("a.bc(d + e)", false);
    const CodeFunction *main = c.unit->main;
    for (int pc = 0; pc < main->code_length; pc += instruction_size(INSTR_OP(main->code[pc]))) {
        if (INSTR_OP(main->code[pc]) == OPC_INVOKE) assert_int_equal(main->places[pc], 2);
        if (INSTR_OP(main->code[pc]) == OPC_ADD) assert_int_equal(main->places[pc], 7);
    }
    discard(&c);
}

static void assert_refused(const char *text, const char *message) {
    Compiled c = compile_text(text, false);
    assert_null(c.unit);
    assert_int_equal(c.diagnostics.count, 1);
    assert_string_equal(c.diagnostics.items[0].message, message);
    discard(&c);
}

static void refusals(void **state) {
    (void)state;
    assert_refused("let a = 1\nlet a = 2", "`a` is already declared in line 1");
    assert_refused("func f(a) { let a = 2 }", "`a` is already declared in line 1");
    assert_refused("func f() { }\nlet f = 2", "`f` is already declared in line 1");
    assert_refused("func f() { const c = 1; c = 2 }", "cannot assign to constant `c`");
    assert_refused("break", "`break` outside a loop");
    assert_refused("while (true) { func() { continue } }", "`continue` outside a loop");
    assert_refused("@.x", "`@` stands for the package around it, and there is none");
}

/* [head] [count times part] [tail] */
static char *repeated(const char *head, const char *part, int count, const char *tail) {
    size_t size = strlen(head) + strlen(part) * (size_t)count + strlen(tail) + 1;
    char *text = malloc(size), *out = stpcpy(text, head);
    for (int i = 0; i < count; i++) out = stpcpy(out, part);
    strcpy(out, tail);
    return text;
}

static void limits(void **state) {
    (void)state;
    static const struct { const char *head, *part; int count; const char *tail; bool fits; } cases[] = {
        {"f(", "x, ", 240, "x)", true},
        {"f(", "x, ", 260, "x)", false},
        {"let y = x", " + g(x)", 450, "", true},
        {"let y = [", "1000000, ", 5000, "1]", true},
        {"func f(a) { a", "[0]", 450, " }", true},
        {"func f(x) { ", "x.push([x, 1]); ", 400, " }", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = repeated(cases[i].head, cases[i].part, cases[i].count, cases[i].tail);
        Compiled c = compile_text(text, false);
        assert_int_equal(c.unit != NULL, cases[i].fits);
        if (c.unit != NULL) check_function(c.unit, c.unit->main);
        discard(&c);
        free(text);
    }
    char *inner = repeated("1", "]", 60, ""), *text = repeated("let y = ", "[1, 2, ", 60, inner);
    Compiled c = compile_text(text, false);
    assert_non_null(c.unit);
    check_function(c.unit, c.unit->main);
    discard(&c);
    free(inner);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_and_arithmetic),
        cmocka_unit_test(loops),
        cmocka_unit_test(values_where_they_are_wanted),
        cmocka_unit_test(additions_to_fields),
        cmocka_unit_test(operands_keep_their_values),
        cmocka_unit_test(captured_variables),
        cmocka_unit_test(captures_pass_through),
        cmocka_unit_test(functions),
        cmocka_unit_test(tasks_and_deferred_calls),
        cmocka_unit_test(errors),
        cmocka_unit_test(choices),
        cmocka_unit_test(results),
        cmocka_unit_test(globals),
        cmocka_unit_test(places),
        cmocka_unit_test(refusals),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
