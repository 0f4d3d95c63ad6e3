/*
 * load.c -- makes protos of compiled functions: constants become values, names of globals become slots.
 */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dict.h"
#include "gc.h"
#include "proto.h"
#include "syntax/parser.h"
#include "type.h"

enum { UNIT_SHARE = 16 }; /* bytes that a large unit takes for a byte of source, about: text, tree, and code */
enum { ALWAYS_LOADED = 65536 }; /* bytes of source */

static Value load_constant(Vm *vm, const Constant *constant) {
    switch (constant->kind) {
    case CONST_INT:
        return value_int(constant->integer);
    case CONST_FLOAT:
        return value_float(constant->number);
    case CONST_STRING:
        return value_obj(string_intern(vm, constant->string.text, constant->string.length));
    default: {
        Array *list = array_new(vm, (size_t)constant->list.count);
        for (int i = 0; i < constant->list.count; i++) {
            const char *name = constant->list.names[i];
            array_push(vm, list, value_obj(string_intern(vm, name, strlen(name))));
        }
        return value_obj(list);
    }
    }
}

/* Turns the unit's numbers of globals into the machine's slots. */
static void patch_globals(const Proto *proto, const uint32_t *slots) {
    uint32_t *slot;
    for (int pc = 0; (slot = proto_next_global(proto, &pc));) *slot = slots[*slot];
}

static String *intern_name(Vm *vm, const char *name) {
    return name ? string_intern(vm, name, strlen(name)) : NULL;
}

/* The same for the names in a type; functions share types, so some have been here before. */
static void patch_type(TypeNode *type, const uint32_t *slots) {
    if (!type) return;
    if (type->global < 0) type->global = 1 + (int64_t)slots[-1 - type->global];
    for (int i = 0; i < type->count; i++) patch_type(type->items[i], slots);
    patch_type(type->result, slots);
}

static Proto *load_function(Vm *vm, Unit *unit, CodeFunction *function, const uint32_t *slots, bool prelude) {
    Proto *proto = HEAP_NEW(vm, Proto, T_PROTO);
    proto->unit = unit_retain(unit);
    proto->code_function = function;
    proto->name = intern_name(vm, function->name);
    proto->code = function->code;
    patch_globals(proto, slots);
    int receiver = function->is_method ? 1 : 0;
    proto->parameter_count = (uint8_t)(function->parameter_count + receiver);
    proto->required_count = (uint8_t)(function->required_count + receiver);
    proto->register_count = (uint16_t)function->register_count;
    proto->plain = !function->is_async;
    proto->is_prelude = prelude;

    size_t caches = (size_t)function->cache_count * sizeof(Cache);
    char *block = heap_raw(vm, caches + (size_t)function->constant_count * sizeof(Value) + 1);
    proto->constants = (Value *)(block + caches);
    for (int i = 0; i < function->cache_count; i++)
        ((Cache *)proto->constants)[-1 - i] = (Cache){.name = function->cache_names[i]};
    for (int i = 0; i < function->constant_count; i++) proto->constants[i] = load_constant(vm, &function->constants[i]);

    proto->types = heap_raw(vm, (size_t)function->type_count * sizeof(TypeEntry));
    for (int i = 0; i < function->type_count; i++) {
        CodeType *type = &function->types[i];
        patch_type(type->type, slots);
        proto->types[i] = (TypeEntry){.type = type->type,
                                      .mask = type_mask(type->type),
                                      .name = intern_name(vm, type->name),
                                      .owner = intern_name(vm, type->owner)};
    }
    proto->functions = heap_raw(vm, (size_t)function->function_count * sizeof(Proto *));
    for (int i = 0; i < function->function_count; i++)
        proto->functions[i] = load_function(vm, unit, function->functions[i], slots, prelude);
    return proto;
}

static Closure *load_unit(Vm *vm, Unit *unit, CodeUnit *code, bool prelude, const char *scope, Array *declared) {
    uint32_t *slots = arena_alloc(&unit->arena, (size_t)code->global_count * sizeof *slots + 1);
    for (int i = 0; i < code->global_count; i++) {
        String *name = string_intern(vm, code->globals[i], strlen(code->globals[i]));
        slots[i] = code->hidden[i] ? vm_hidden_slot(vm, name) : vm_global_slot(vm, code->declares[i] ? scope : NULL, name);
        if (declared && code->declares[i]) array_push(vm, declared, value_int(slots[i]));
    }
    return closure_new(vm, load_function(vm, unit, code->main, slots, prelude));
}

/* All problems as one text, and the first one as the message. */
static void report_problems(Loaded *loaded, Unit *unit, Diagnostics *diagnostics, bool color) {
    Text text = {0};
    for (int i = 0; i < diagnostics->count; i++) {
        text_puts(&text, diagnostic_render(&unit->arena, unit->source, &diagnostics->items[i], color));
        if (text.length > 0 && text.bytes[text.length - 1] != '\n') text_putc(&text, '\n');
    }
    Place place = source_place(unit->source, diagnostics->items[0].span.start);
    Text message = {0};
    text_printf(&message, "%s (%s:%u:%u)", diagnostics->items[0].message, unit->source->name, place.line, place.column);
    if (diagnostics->count > 1) text_printf(&message, ", and %d more", diagnostics->count - 1);
    loaded->problems = strdup(text_cstring(&text));
    loaded->message = strdup(text_cstring(&message));
    text_free(&text);
    text_free(&message);
}

static Loaded load(Vm *vm, const char *name, const char *text, size_t length, const CompileOptions *options,
                   const char *scope, Array *declared) {
    Loaded loaded = {0};
    Unit *unit = calloc(1, sizeof *unit);
    if (!unit) abort();
    unit->references = 1;
    arena_init(&unit->arena);
    arena_reserve(&unit->arena, UNIT_SHARE * length);
    unit->source = source_new(&unit->arena, name, text, length);
    unit->source->start = options->start;
    unit->source->has_magics = options->interactive;

    /* The syntax tree stays with the code: types are checked against its nodes. */
    Diagnostics diagnostics = {.arena = &unit->arena};
    Node *tree = parser_parse(&unit->arena, unit->source, &diagnostics);
    CodeUnit *code = NULL;
    if (diagnostics.count == 0) code = compile_unit(&unit->arena, unit->source, tree, options, &diagnostics);
    if (code)
        loaded.main = load_unit(vm, unit, code, options->prelude, scope, declared);
    else
        report_problems(&loaded, unit, &diagnostics, vm->color);
    unit->bytes = arena_size(&unit->arena);
    heap_count(vm, unit->bytes);
    unit_release(vm, unit);
    return loaded;
}

Loaded load_source(Vm *vm, const char *name, const char *text, size_t length, const CompileOptions *options) {
    return load(vm, name, text, length, options, NULL, NULL);
}

Loaded load_module(Vm *vm, const char *path, const char *text, size_t length, bool library, Array **declared) {
    CompileOptions options = {.prelude = library};
    *declared = array_new(vm, 8);
    return load(vm, path, text, length, &options, path, *declared);
}

bool load_refuses(Vm *vm, size_t length) {
    return length > ALWAYS_LOADED && heap_refuses(vm, UNIT_SHARE * length);
}
