/*
 * builder.c -- opens and closes the builders of functions.
 */
#include "builder.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { LARGE = 256 * 1024 }; /* bytes that are better not copied */

Builder *builder_open(Compiler *compiler, Builder *outer, FunctionScope *scope, const char *name, Span span) {
    Builder *b = compiler->spare;
    if (b != NULL) {
        compiler->spare = b->outer;
    } else {
        b = arena_alloc(compiler->arena, sizeof *b);
    }
    CodeFunction *code = arena_alloc(compiler->arena, sizeof *code);
    memset(b, 0, offsetof(Builder, room));
    b->outer = outer;
    b->compiler = compiler;
    b->scope = scope;
    b->code = code;
    code->outer = outer != NULL ? outer->code : NULL;
    code->name = name;
    code->span = span;
#define X(array, count) code->array = b->room.array;
    BUILDER_ARRAYS(X)
#undef X
    return b;
}

/* A large table is not worth clearing for the small functions to come. */
static void clear_constant_table(Room *room) {
    if (room->constant_table_size > 256) room->constant_table_size = 0;
    for (int i = 0; i < room->constant_table_size; i++) room->constant_table[i] = 0;
}

/* What a function has grown in the room: a copy of it, and of what is large that itself. */
static void *take_out(Arena *arena, void *items, size_t size, int *capacity) {
    if (size == 0) return NULL;
    if (size < LARGE) return memcpy(arena_alloc(arena, size), items, size);
    *capacity = 0;
    return items;
}

CodeFunction *builder_finish(Builder *b) {
    CodeFunction *code = b->code;
#define X(array, count)                                                                                                \
    b->room.array = code->array;                                                                                       \
    code->array = take_out(b->compiler->arena, code->array, (size_t)code->count * sizeof *code->array, &b->room.array##_capacity);
    BUILDER_ARRAYS(X)
#undef X
    clear_constant_table(&b->room);
    memset(b->owners, 0, (size_t)code->register_count * sizeof *b->owners);
    b->outer = b->compiler->spare;
    b->compiler->spare = b;
    return code;
}

int builder_close(Builder *b) {
    Builder *outer = b->outer;
    CodeFunction *code = outer->code;
    ARENA_PUSH(b->compiler->arena, code->functions, code->function_count, outer->room.functions_capacity,
               builder_finish(b));
    return code->function_count - 1;
}

void builder_parameters(Builder *b, int count) {
    CodeFunction *code = b->code;
    code->parameter_count = (uint8_t)count;
    code->parameter_names = arena_alloc(b->compiler->arena, (size_t)(count + 1) * sizeof *code->parameter_names);
    code->has_default = arena_alloc(b->compiler->arena, (size_t)(count + 1) * sizeof *code->has_default);
}

void builder_parameter(Builder *b, int i, const char *name, bool has_default) {
    b->code->parameter_names[i] = name;
    b->code->has_default[i] = has_default;
    if (!has_default) b->code->required_count = (uint8_t)(i + 1);
}

bool code_has_local(const CodeFunction *function, const char *name) {
    for (; function != NULL; function = function->outer) {
        for (int i = 0; i < function->local_count; i++) {
            if (strcmp(function->local_names[i], name) == 0) return true;
        }
    }
    return false;
}

void compile_error(Builder *b, Span span, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diagnostic_add(b->compiler->diagnostics, span, NULL, "%s", text);
}
