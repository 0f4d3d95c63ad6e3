/*
 * lookup.c -- what a frontend asks about names: completion and help. Both look at the session as it is at the moment.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "lib/magic.h"
#include "sched/session.h"
#include "syntax/complete.h"
#include "syntax/tokens.h"
#include "vm/dict.h"
#include "vm/error.h"

VintCompleteness vint_is_complete(const char *code, size_t length, char *indent) {
    switch (syntax_is_complete(code, length, indent)) {
    case SYNTAX_COMPLETE:
        return VINT_COMPLETE;
    case SYNTAX_INCOMPLETE:
        return VINT_INCOMPLETE;
    default:
        return VINT_INVALID;
    }
}

/* ---- what the cursor is at ---- */

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

static size_t word_start(const char *code, size_t at) {
    while (at > 0 && is_word(code[at - 1])) at--;
    return at;
}

/* The value of a global variable or builtin. */
static bool global_value(Vm *vm, const char *name, size_t length, Value *value) {
    Value slot;
    String *key = string_new(vm, name, length);
    if (!key || !dict_get_name(vm->global_slots, key, &slot)) return false;
    *value = vm->globals[slot.i].value;
    return value->tag != T_UNDEFINED;
}

/* The receiver before the dot before [start], when it is a plain name with a value. */
static bool receiver_before(Vm *vm, const char *code, size_t start, Value *receiver) {
    if (start == 0 || code[start - 1] != '.') return false;
    size_t end = start - 1, from = word_start(code, end);
    return from < end && global_value(vm, code + from, end - from, receiver);
}

/* ---- completion ---- */

typedef struct {
    const char *name, *kind;
    size_t length;
} Candidate;

typedef struct {
    const char *prefix;
    size_t prefix_length;
    Candidate *items;
    size_t count, capacity;
} Candidates;

static void consider(Candidates *candidates, const char *name, size_t length, const char *kind) {
    if (length < candidates->prefix_length || memcmp(name, candidates->prefix, candidates->prefix_length) != 0) return;
    if (length > 1 && name[0] == '_' && name[1] == '_' && candidates->prefix_length < 2) return;
    if (candidates->count == candidates->capacity) {
        candidates->capacity = candidates->capacity ? candidates->capacity * 2 : 64;
        candidates->items = realloc(candidates->items, candidates->capacity * sizeof *candidates->items);
        if (!candidates->items) abort();
    }
    candidates->items[candidates->count++] = (Candidate){.name = name, .kind = kind, .length = length};
}

static const char *kind_of(Value value) {
    switch (value.tag) {
    case T_CLOSURE:
    case T_NATIVE:
    case T_OVERLOAD:
        return "function";
    case T_MODULE:
        return "module";
    case T_STRUCT:
    case T_ENUM:
    case T_ERROR_TYPE:
        return "class";
    default:
        return "variable";
    }
}

static void consider_dict(Candidates *candidates, const Dict *dict, const char *kind) {
    uint32_t cursor = 0;
    Value key, value;
    while (dict && dict_next(dict, &cursor, &key, &value))
        if (key.tag == T_STRING)
            consider(candidates, key.string->bytes, key.string->length, kind ? kind : kind_of(value));
}

static void consider_members(Vm *vm, Candidates *candidates, Value receiver) {
    if (receiver.tag == T_INSTANCE) {
        const Struct *structure = receiver.instance->structure;
        for (uint32_t i = 0; i < structure->field_count; i++)
            consider(candidates, structure->field_names[i]->bytes, structure->field_names[i]->length, "variable");
        consider_dict(candidates, structure->methods, "method");
    }
    if (receiver.tag == T_MODULE) consider_dict(candidates, receiver.module->members, NULL);
    if (receiver.tag == T_ENUM) consider_dict(candidates, receiver.enumeration->members, "variable");
    consider_dict(candidates, vm->methods[receiver.tag], "method");
}

static void consider_names(Vm *vm, Candidates *candidates) {
#define X(token, word) consider(candidates, word, strlen(word), "keyword");
    TOKEN_KEYWORDS(X) TOKEN_DECLARATIVES(X) TOKEN_SOFT_KEYWORDS(X)
#undef X
    for (uint32_t i = 0; i < vm->global_count; i++) {
        const Global *global = &vm->globals[i];
        if (global->value.tag != T_UNDEFINED && !global->is_scoped)
            consider(candidates, global->name->bytes, global->name->length, kind_of(global->value));
    }
}

static int by_name(const void *a, const void *b) {
    const Candidate *x = a, *y = b;
    size_t least = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->name, y->name, least);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

void vint_complete(VintSession *session, const char *code, size_t length, size_t cursor, size_t *start,
                   void (*found)(void *arg, const char *name, const char *kind), void *arg) {
    if (cursor > length) cursor = length;
    *start = word_start(code, cursor);
    Candidates candidates = {.prefix = code + *start, .prefix_length = cursor - *start};
    Value receiver;
    if (*start > 0 && code[*start - 1] == '.') {
        if (receiver_before(session->vm, code, *start, &receiver)) consider_members(session->vm, &candidates, receiver);
    } else {
        consider_names(session->vm, &candidates);
    }
    if (candidates.count > 0) qsort(candidates.items, candidates.count, sizeof *candidates.items, by_name);
    for (size_t i = 0; i < candidates.count; i++) {
        if (i > 0 && by_name(&candidates.items[i - 1], &candidates.items[i]) == 0) continue;
        char *name = strndup(candidates.items[i].name, candidates.items[i].length);
        if (!name) abort();
        found(arg, name, candidates.items[i].kind);
        free(name);
    }
    free(candidates.items);
}

/* ---- help ---- */

static void describe_closure(Vm *vm, Text *text, const Closure *closure) {
    const Proto *proto = closure->proto;
    const Source *source = proto->unit->source;
    Span span = proto->code_function->span;
    text_value(vm, text, value_obj((Closure *)closure));
    if (proto->is_prelude || span.end <= span.start || span.end > source->length) return;
    Place place = source_place(source, span.start);
    text_printf(text, "\ndefined at %s:%u:%u\n\n", source->name, place.line, place.column);
    text_append(text, source->text + span.start, span.end - span.start);
}

static void describe(Vm *vm, Text *text, Value value, int detail) {
    switch (value.tag) {
    case T_NATIVE:
        text_printf(text, "%s\n\n%s", value.native->def->signature, value.native->def->help);
        break;
    case T_CLOSURE:
        if (detail > 0 || value.closure->proto->is_prelude)
            describe_closure(vm, text, value.closure);
        else
            text_value(vm, text, value);
        break;
    default:
        text_printf(text, "%s\n", value_type_name(value));
        text_repr(vm, text, value);
    }
}

/* What [name], with dots, stands for: a global, or a member of one. */
static bool named_value(Vm *vm, const char *name, size_t length, Value *value) {
    const char *dot = memrchr(name, '.', length);
    if (!dot) return global_value(vm, name, length, value);
    Value receiver;
    size_t before = (size_t)(dot - name);
    if (!named_value(vm, name, before, &receiver)) return false;
    String *member = string_intern(vm, dot + 1, length - before - 1);
    return vm_find_method(vm, receiver, member, value) ||
           (receiver.tag == T_MODULE && dict_get_name(receiver.module->members, member, value));
}

bool vint_inspect(VintSession *session, const char *code, size_t length, size_t cursor, int detail, const VintDatum **data,
                  size_t *data_length) {
    Vm *vm = session->vm;
    if (cursor > length) cursor = length;
    size_t end = cursor;
    while (end < length && is_word(code[end])) end++;
    size_t start = word_start(code, end);
    if (start == end) return false;
    while (start > 0 && code[start - 1] == '.' && word_start(code, start - 1) < start - 1) start = word_start(code, start - 1);
    Value value;
    if (!named_value(vm, code + start, end - start, &value)) return false;
    session->help.length = 0;
    describe(vm, &session->help, value, detail);
    session->help_datum = (VintDatum){
        .mime = "text/plain", .data = text_cstring(&session->help), .length = session->help.length};
    *data = &session->help_datum;
    *data_length = 1;
    return true;
}

/* ?name and name?? in a cell. */
static NativeStatus lookup_help(NATIVE_ARGS) {
    const String *name = args[0].string;
    const MagicDef *magic = magic_find(name->bytes, name->length);
    if (magic) {
        Text text = {0};
        magic_describe(&text, magic);
        return lib_return_text(vm, &text, result);
    }
    if (name->length > 0 && name->bytes[0] == '%') return magic_raise_unknown(vm, name);
    Value value;
    if (!named_value(vm, name->bytes, name->length, &value))
        return vm_raise(vm, ERR_NAME, "there is no help for '%.*s'", (int)name->length, name->bytes);
    Text text = {0};
    describe(vm, &text, value, args[1].tag == T_TRUE);
    String *help = string_new(vm, text.bytes, text.length);
    text_free(&text);
    if (!help) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(help));
}

static const NativeDef builtins[] = {
    {"__help(name: string, source: bool) -> string", "The help for what the name stands for, or its source.", lookup_help},
    {0}};

void lookup_register(Vm *vm) {
    native_register_builtins(vm, builtins);
}
