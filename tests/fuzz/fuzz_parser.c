/*
 * fuzz_parser.c -- any bytes at all are parsed without a crash, a hang or a leak, and their errors can be shown.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "syntax/ast_dump.h"
#include "syntax/complete.h"
#include "syntax/parser.h"

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FILE *nowhere;
    if (!nowhere) {
        nowhere = fopen("/dev/null", "w");
    }
    Arena arena;
    arena_init(&arena);
    Source *source = source_new(&arena, "fuzz", (const char *)data, size);
    source->has_magics = true; /* as syntax_is_complete() takes it */
    Diagnostics diagnostics = {.arena = &arena};
    Node *program = parser_parse(&arena, source, &diagnostics);
    ast_dump_program(nowhere, program);
    for (int i = 0; i < diagnostics.count; i++) {
        const Diagnostic *problem = &diagnostics.items[i];
        require(problem->span.start <= problem->span.end && problem->span.end <= source->length);
        diagnostic_render(&arena, source, problem, i % 2 == 0);
    }
    char indent[SYNTAX_INDENT_SIZE];
    SyntaxCompleteness completeness = syntax_is_complete((const char *)data, size, indent);
    require(completeness != SYNTAX_COMPLETE || diagnostics.count == 0);
    arena_free(&arena);
    return 0;
}
