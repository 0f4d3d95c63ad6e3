/*
 * toolbox.c -- the tools that vint.h offers for source texts: the formatter, the checker, the list of functions.
 */
#include <string.h>

#include "compile/code.h"
#include "sched/session.h"
#include "syntax/parser.h"
#include "tools/check.h"
#include "tools/format.h"
#include "vm/dict.h"
#include "vm/error.h"
#include "vm/type.h"

/* A source text, and what is found in it. */
typedef struct {
    Arena arena;
    Source *source;
    Diagnostics problems;
} Subject;

static void subject_open(Subject *subject, const char *file, const char *code, size_t length) {
    arena_init(&subject->arena);
    subject->source = source_new(&subject->arena, file, code, length);
    subject->problems = (Diagnostics){.arena = &subject->arena};
}

static void subject_close(Subject *subject) {
    arena_free(&subject->arena);
}

static void tell_problems(Subject *subject, bool color, VintFound found, void *arg) {
    for (int i = 0; i < subject->problems.count; i++) {
        const Diagnostic *item = &subject->problems.items[i];
        Place place = source_place(subject->source, item->span.start);
        VintProblem problem = {
            .is_warning = item->is_warning,
            .line = place.line,
            .column = place.column,
            .message = item->message,
            .report = diagnostic_render(&subject->arena, subject->source, item, color),
        };
        found(arg, &problem);
    }
}

char *vint_format(const char *file, const char *code, size_t length, bool color, size_t *formatted_length,
                  VintFound found, void *arg) {
    Subject subject;
    subject_open(&subject, file, code, length);
    char *text = format_source(subject.source, &subject.problems, formatted_length);
    tell_problems(&subject, color, found, arg);
    subject_close(&subject);
    return text;
}

/* Does every program of the session have this name? */
static bool is_name(void *arg, const char *name) {
    Vm *vm = arg;
    Value slot;
    String *key = string_new(vm, name, strlen(name));
    return key && dict_get_name(vm->global_slots, key, &slot) && vm->globals[slot.i].value.tag != T_UNDEFINED;
}

static bool is_type(void *arg, const char *name) {
#define X(kind, text) if (strcmp(name, text) == 0) return true;
    ERROR_KINDS(X)
#undef X
    return type_word_mask(name, strlen(name)) != 0 || is_name(arg, name);
}

void vint_check(VintSession *session, const char *file, const char *code, size_t length, VintFound found, void *arg) {
    Vm *vm = session->vm;
    Subject subject;
    subject_open(&subject, file, code, length);
    Node *program = parser_parse(&subject.arena, subject.source, &subject.problems);
    if (subject.problems.count == 0) {
        compile_unit(&subject.arena, subject.source, program, &(CompileOptions){0}, &subject.problems);
    }
    if (subject.problems.count == 0) {
        check_program(program, &(CheckNames){is_name, is_type, vm}, &subject.problems);
    }
    tell_problems(&subject, vm->color, found, arg);
    subject_close(&subject);
}

void vint_functions(const char *code, size_t length,
                    void (*found)(void *arg, const char *name, size_t parameters, bool is_async), void *arg) {
    Subject subject;
    subject_open(&subject, "", code, length);
    Node *program = parser_parse(&subject.arena, subject.source, &subject.problems);
    for (int i = 0; i < program->list.count; i++) {
        const Node *node = program->list.items[i];
        const char *name = node->kind == NODE_LET ? node->let.name.text : node->function.name.text;
        if (node->kind == NODE_LET) {
            node = node->let.value;
        } else if (!(node->kind == NODE_FUNCTION && node->function.declares)) {
            continue;
        }
        if (node && node->kind == NODE_FUNCTION) {
            found(arg, name, (size_t)node->function.count, node->function.is_async);
        }
    }
    subject_close(&subject);
}
