/*
 * prelude.c -- loads prelude.vint, the part of the library that is written in VintLang itself.
 *
 * A function TYPE_name of the prelude becomes method `name` of that type, with the receiver as its first parameter
 * `this`; any other function becomes a builtin. Names that begin with two underscores are the prelude's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "vm/global.h"
#include "vm/load.h"
#include "vm/task.h"

extern const char prelude_source[]; /* generated from prelude.vint */
extern const size_t prelude_length;

/* PRELUDE_TYPES(X): the prefixes that name a type. */
#define PRELUDE_TYPES(X)                                                                           \
    X("array_", T_ARRAY)                                                                           \
    X("dict_", T_DICT)                                                                             \
    X("string_", T_STRING)                                                                         \
    X("range_", T_RANGE)                                                                           \
    X("promise_", T_PROMISE)                                                                       \
    X("task_", T_TASK)                                                                             \
    X("channel_", T_CHANNEL)                                                                       \
    X("time_", T_TIME)

static void ended(Vm *vm, Task *task, Value value, Error *error) {
    (void)task, (void)value;
    if (!error) return;
    Text text = {0};
    error_render(vm, error, false, &text);
    fprintf(stderr, "vint: the prelude fails: %s\n", text_cstring(&text));
    abort();
}

/* Runs the prelude's main code, which declares its functions as globals. */
static void run(Vm *vm) {
    CompileOptions options = {.prelude = true};
    Loaded loaded = load_source(vm, "<prelude>", prelude_source, prelude_length, &options);
    if (!loaded.main) {
        fprintf(stderr, "vint: the prelude does not compile:\n%s\n", loaded.problems);
        abort();
    }
    void (*task_ended)(Vm *, Task *, Value, Error *) = vm->task_ended;
    vm->task_ended = ended;
    task_spawn(vm, value_obj(loaded.main), NULL, 0, NULL)->is_main = true;
    while (vm_run(vm) != RUN_IDLE) {}
    vm->task_ended = task_ended;
}

static void register_method(Vm *vm, ValueType type, const char *name, size_t length, Value function) {
    if (!vm->methods[type]) vm->methods[type] = dict_new(vm, 16);
    dict_set(vm, vm->methods[type], value_obj(string_intern(vm, name, length)), function);
}

/* Is the global a method? Then it is registered as one. */
static bool take_method(Vm *vm, const Global *global) {
    static const struct {
        const char *prefix;
        ValueType type;
    } types[] = {
#define X(prefix, type) {prefix, type},
        PRELUDE_TYPES(X)
#undef X
    };
    const String *name = global->name;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t length = strlen(types[i].prefix);
        if (name->length <= length || memcmp(name->bytes, types[i].prefix, length) != 0) continue;
        register_method(vm, types[i].type, name->bytes + length, name->length - length, global->value);
        if (types[i].type == T_PROMISE) register_method(vm, T_TASK, name->bytes + length, name->length - length, global->value);
        return true;
    }
    return false;
}

void prelude_load(Vm *vm) {
    uint32_t first = vm->global_count;
    run(vm);
    for (uint32_t i = first; i < vm->global_count; i++) {
        Global *global = &vm->globals[i];
        if (global->value.tag == T_STRUCT) {
            if (string_is(global->name, "__Display")) vm->display_struct = global->value.structure;
            if (string_is(global->name, "__Progress")) vm->progress_struct = global->value.structure;
            vm_define_builtin(vm, global->name, global->value);
        }
        if (global->value.tag != T_CLOSURE) continue;
        if (take_method(vm, global))
            global_forget(global);
        else
            vm_define_builtin(vm, global->name, global->value);
    }
}
