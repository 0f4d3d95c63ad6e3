/*
 * builder.c -- opens and closes the builders of functions.
 */
#include "builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Builder *builder_open(Compiler *compiler, Builder *outer, FunctionScope *scope, const char *name, Span span) {
    Builder *b = arena_alloc(compiler->arena, sizeof *b);
    b->outer = outer;
    b->compiler = compiler;
    b->scope = scope;
    b->code = arena_alloc(compiler->arena, sizeof *b->code);
    b->code->outer = outer != NULL ? outer->code : NULL;
    b->code->name = name;
    b->code->span = span;
    return b;
}

int builder_close(Builder *b) {
    Builder *outer = b->outer;
    CodeFunction *code = outer->code;
    if (code->function_count > 0xffff) compile_error(b, b->code->span, "too many functions in one function");
    ARENA_PUSH(b->compiler->arena, code->functions, code->function_count, outer->function_capacity, b->code);
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
