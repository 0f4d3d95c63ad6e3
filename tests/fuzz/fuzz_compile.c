/*
 * fuzz_compile.c -- whatever the parser takes is compiled, disassembled and checked without a crash, a hang or a leak.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compile/code.h"
#include "syntax/parser.h"
#include "tools/check.h"

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

/* What a session would know. */
static bool is_name(void *arg, const char *name) {
    (void)arg;
    return strcmp(name, "print") == 0;
}

static bool is_type(void *arg, const char *name) {
    (void)arg;
    return strcmp(name, "int") == 0;
}

static const CheckNames known = {is_name, is_type, NULL};

static void show(Arena *arena, const Source *source, const Diagnostics *diagnostics) {
    for (int i = 0; i < diagnostics->count; i++) {
        const Diagnostic *problem = &diagnostics->items[i];
        require(problem->span.start <= problem->span.end && problem->span.end <= source->length);
        diagnostic_render(arena, source, problem, false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    CompileOptions options = {.interactive = data[0] % 2 == 0};
    Arena arena;
    arena_init(&arena);
    Source *source = source_new(&arena, "fuzz", (const char *)data, size);
    Diagnostics diagnostics = {.arena = &arena};
    Node *program = parser_parse(&arena, source, &diagnostics);
    if (diagnostics.count == 0) {
        CodeUnit *unit = compile_unit(&arena, source, program, &options, &diagnostics);
        require((unit != NULL) == (diagnostics.count == 0));
        if (unit) {
            code_disassemble(&arena, source, unit);
            check_program(program, &known, &diagnostics);
        }
        show(&arena, source, &diagnostics);
    }
    arena_free(&arena);
    return 0;
}
