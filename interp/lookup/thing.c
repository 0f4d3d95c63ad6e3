/*
 * thing.c -- from names and expressions to Things, and from Things to their members.
 *
 * Expressions are parsed by the real parser, in parentheses so that line ends and braces mean nothing special. The names
 * in them are looked up among the text's declarations that stand before, then among the globals.
 */
#include "thing_internal.h"

#include <stdlib.h>
#include <string.h>

#include "modules/modules.h"
#include "syntax/parser.h"
#include "vm/access.h"
#include "vm/array.h"
#include "vm/dict.h"
#include "vm/error.h"
#include "vm/native.h"
#include "vm/object.h"
#include "vm/promise.h"
#include "vm/task.h"
#include "vm/type.h"

#define BUDGET 4000         /* expressions that one question may look at */
#define FILE_LIMIT 1000000  /* bytes of a module's file that are read for its names */
#define ALIAS_LIMIT 8       /* types that name types */
#define DEPTH_LIMIT 50      /* names that are explained by other names */

struct Other {
    Other *next;
    Reading *reading;
    const char *module; /* its name; NULL: a function's text */
};

void lookup_open(Lookup *lookup, Vm *vm, const char *text, size_t length) {
    *lookup = (Lookup){.vm = vm, .budget = BUDGET, .error = vm->error};
    arena_init(&lookup->arena);
    lookup->reading = reading_new(text, length, 0, true);
}

void lookup_begin_at(Lookup *lookup, size_t start) {
    Reading *whole = lookup->reading;
    lookup->reading = reading_new(whole->source->text, whole->source->length, start, true);
    reading_free(whole);
}

void lookup_close(Lookup *lookup) {
    for (Other *other = lookup->others; other; other = other->next) reading_free(other->reading);
    reading_free(lookup->reading);
    arena_free(&lookup->arena);
    lookup->vm->error = lookup->error;
}

Reading *lookup_read_more(Lookup *lookup, const char *text, size_t length, const char *module) {
    Other *other = arena_alloc(&lookup->arena, sizeof *other);
    *other = (Other){.next = lookup->others, .reading = reading_new(text, length, 0, false), .module = module};
    lookup->others = other;
    return other->reading;
}

/* ---- making them ---- */

static const Thing unknown;

Thing thing_of_value(Value value) {
    Thing thing = {.kind = value.tag == T_UNDEFINED ? THING_UNKNOWN : THING_VALUE, .value = value};
    return thing;
}

Thing thing_typed(ValueType type) { return (Thing){.kind = THING_TYPED, .type = type}; }

static Thing instance_of(Thing type) {
    if (type.kind == THING_VALUE && type.value.tag == T_STRUCT) type.kind = THING_INSTANCE;
    else if (type.kind == THING_VALUE && type.value.tag == T_ERROR_TYPE) return thing_typed(T_ERROR);
    else if (type.kind == THING_LOCAL && type.local.kind == LOCAL_STRUCT) type.kind = THING_LOCAL_INSTANCE;
    else if (type.kind == THING_LOCAL && type.local.kind == LOCAL_ERROR) return thing_typed(T_ERROR);
    else return unknown;
    return type;
}

/* The one type of a mask; null beside another one does not count. */
static Thing of_mask(uint32_t mask) {
    static const struct {
        uint32_t mask;
        ValueType type;
    } several[] = {{1u << T_TRUE | 1u << T_FALSE, T_TRUE},
                   {1u << T_INT | 1u << T_FLOAT, T_FLOAT},
                   {1u << T_PROMISE | 1u << T_TASK, T_PROMISE},
                   {1u << T_CLOSURE | 1u << T_NATIVE | 1u << T_OVERLOAD, T_CLOSURE}};
    if (mask != 1u << T_NULL) mask &= ~(1u << T_NULL);
    for (size_t i = 0; i < sizeof several / sizeof *several; i++)
        if (mask == several[i].mask) return thing_typed(several[i].type);
    return mask && (mask & (mask - 1)) == 0 ? thing_typed((ValueType)__builtin_ctz(mask)) : unknown;
}

static Thing of_name(Lookup *lookup, Scope scope, const char *name, size_t length);

Thing thing_of_type_node(Lookup *lookup, Scope scope, const TypeNode *type) {
    if (!type) return unknown;
    uint32_t mask = type_mask(type);
    if (type->kind == TYPE_UNION) {
        for (int i = 0; mask == 0 && i < type->count; i++) {
            Thing thing = thing_of_type_node(lookup, scope, type->items[i]);
            if (thing.kind != THING_UNKNOWN) return thing;
        }
    } else if (type->kind == TYPE_NAME && mask == 0) {
        Thing thing = of_name(lookup, scope, type->name.text, strlen(type->name.text));
        if (thing.kind == THING_VALUE && thing.value.tag == T_TYPE && scope.depth < ALIAS_LIMIT) {
            scope.depth++;
            return thing_of_type_node(lookup, scope, thing.value.type->type);
        }
        thing = instance_of(thing);
        return thing.kind != THING_UNKNOWN ? thing : of_mask(type_word_mask(type->name.text, strlen(type->name.text)));
    }
    return of_mask(mask);
}

/* Parses bytes that should be one expression; NULL when they are not. */
static const Node *parse(Lookup *lookup, const char *text, size_t length, const char *before, const char *after) {
    if (lookup->budget-- <= 0) return NULL;
    Text code = {0};
    text_puts(&code, before);
    text_append(&code, text, length);
    text_puts(&code, after);
    Source *source = source_new(&lookup->arena, "", code.bytes, code.length);
    Diagnostics diagnostics = {.arena = &lookup->arena};
    const Node *block = parser_parse(&lookup->arena, source, &diagnostics);
    text_free(&code);
    return diagnostics.count == 0 && block->list.count == 1 ? block->list.items[0] : NULL;
}

Thing thing_of_span(Lookup *lookup, Scope scope, Span span) {
    if (span.end <= span.start) return unknown;
    const Node *node = parse(lookup, scope.reading->source->text + span.start, span.end - span.start, "(", "\n)");
    return node ? thing_of_node(lookup, scope, node) : unknown;
}

static Thing of_type_text(Lookup *lookup, Scope scope, const char *text, size_t length) {
    if (length == 0) return unknown;
    const Node *node = parse(lookup, text, length, "(null as ", ")");
    return node && node->kind == NODE_CAST ? thing_of_type_node(lookup, scope, node->typed.type) : unknown;
}

Thing thing_of_type_span(Lookup *lookup, Scope scope, Span span) {
    return of_type_text(lookup, scope, scope.reading->source->text + span.start, span.end - span.start);
}

/* ---- names ---- */

Thing thing_of_global(Lookup *lookup, const char *name, size_t length) {
    Vm *vm = lookup->vm;
    Value slot;
    String *key = string_new(vm, name, length);
    if (!key || !dict_get_name(vm->global_slots, key, &slot)) return unknown;
    const Global *global = &vm->globals[slot.i];
    return global->is_scoped ? unknown : thing_of_value(global->value);
}

Thing thing_of_module(Lookup *lookup, const char *name, size_t length) {
    Module *module = modules_find(lookup->vm, name, length);
    if (module) return thing_of_value(value_obj(module));
    Thing thing = {.kind = THING_LOCAL, .local = {.kind = LOCAL_MODULE, .name = name, .length = (uint32_t)length}};
    for (Other *other = lookup->others; other && !thing.reading; other = other->next)
        if (other->module && strlen(other->module) == length && memcmp(other->module, name, length) == 0)
            thing.reading = other->reading;
    if (!thing.reading) {
        size_t size;
        char *text = modules_text(name, length, FILE_LIMIT, &size);
        if (!text) return unknown;
        thing.reading = lookup_read_more(lookup, text, size, arena_strndup(&lookup->arena, name, length));
        free(text);
    }
    return thing;
}

/* The variable of a `for`: its first value, if there is one. */
static Thing element_of(Lookup *lookup, Scope scope, const Thing *iterable) {
    if (iterable->kind == THING_VALUE && iterable->value.tag == T_ARRAY && iterable->value.array->length > 0)
        return thing_of_value(iterable->value.array->items[0]);
    if (iterable->kind == THING_TYPED && iterable->node && iterable->node->kind == NODE_ARRAY_LITERAL &&
        iterable->node->list.count > 0)
        return thing_of_node(lookup, (Scope){iterable->reading, iterable->visible, scope.depth}, iterable->node->list.items[0]);
    ValueType type = iterable->kind == THING_VALUE   ? (ValueType)iterable->value.tag
                     : iterable->kind == THING_TYPED ? iterable->type
                                                     : T_NULL;
    return type == T_RANGE ? thing_typed(T_INT) : type == T_STRING ? thing_typed(T_STRING) : unknown;
}

static Thing of_variable(Lookup *lookup, Scope scope, const Local *local) {
    Thing thing = thing_of_type_span(lookup, scope, reading_type(scope.reading, local->at));
    if (thing.kind != THING_UNKNOWN) return thing;
    int function = reading_function(scope.reading, local->at);
    if (function >= 0) {
        thing = (Thing){.kind = THING_LOCAL, .reading = scope.reading, .visible = scope.visible, .local = *local};
        thing.local.kind = LOCAL_FUNCTION;
        thing.local.at = function;
        return thing;
    }
    thing = thing_of_span(lookup, scope, reading_value(scope.reading, local->at));
    if (reading_kind(scope.reading, local->at + 1) == TOKEN_IN) return element_of(lookup, scope, &thing);
    TokenKind before = reading_kind(scope.reading, local->at - 1);
    if (before == TOKEN_LEFT_PAREN) before = reading_kind(scope.reading, local->at - 2);
    return thing.kind == THING_UNKNOWN && before == TOKEN_CATCH ? thing_typed(T_ERROR) : thing;
}

Thing thing_of_local(Lookup *lookup, const Reading *reading, int index) {
    const Local *local = &reading->locals[index];
    Scope scope = {reading, index, 0};
    Thing thing = {.kind = THING_LOCAL, .reading = reading, .visible = index, .local = *local};
    switch (local->kind) {
    case LOCAL_VARIABLE:
    case LOCAL_PARAMETER:
        thing = of_variable(lookup, scope, local);
        if (thing.kind == THING_UNKNOWN && local->is_global)
            thing = thing_of_global(lookup, local->name, local->length);
        return thing;
    case LOCAL_MODULE: {
        uint32_t length;
        const char *name = reading_text(reading, local->at, &length);
        return thing_of_module(lookup, name, length);
    }
    case LOCAL_THIS:
        thing.kind = THING_LOCAL_INSTANCE;
        thing.local.name = reading_text(reading, local->at, &thing.local.length);
        return thing;
    case LOCAL_PACKAGE:
    case LOCAL_TYPE:
        return local->is_global ? thing_of_global(lookup, local->name, local->length) : unknown;
    default:
        return thing;
    }
}

static Thing of_name(Lookup *lookup, Scope scope, const char *name, size_t length) {
    int i = scope.visible - 1;
    for (; i >= 0; i--) {
        const Local *local = &scope.reading->locals[i];
        if (local->length == length && memcmp(local->name, name, length) == 0) break;
    }
    if (i < 0) return thing_of_global(lookup, name, length);
    if (lookup->budget-- <= 0 || lookup->depth == DEPTH_LIMIT) return unknown;
    lookup->depth++;
    Thing thing = thing_of_local(lookup, scope.reading, i);
    lookup->depth--;
    return thing;
}

Scope thing_scope(const Lookup *lookup) { return (Scope){lookup->reading, lookup->reading->local_count, 0}; }

Thing thing_of_name(Lookup *lookup, const char *name, size_t length) {
    return of_name(lookup, thing_scope(lookup), name, length);
}

Thing thing_of_tokens(Lookup *lookup, int from, int to) {
    if (from < 0 || to <= from) return unknown;
    const Token *tokens = lookup->reading->tokens;
    return thing_of_span(lookup, thing_scope(lookup), (Span){tokens[from].span.start, tokens[to - 1].span.end});
}

/* ---- expressions ---- */

ValueType thing_value_type(const Thing *thing) {
    return thing->kind == THING_VALUE ? (ValueType)thing->value.tag : thing->kind == THING_TYPED ? thing->type : T_UNDEFINED;
}

static Thing of_arithmetic(Lookup *lookup, Scope scope, const Node *node) {
    Thing left = thing_of_node(lookup, scope, node->binary.left), right = thing_of_node(lookup, scope, node->binary.right);
    ValueType a = thing_value_type(&left), b = thing_value_type(&right);
    if (node->operator == OP_ADD && (a == T_STRING || b == T_STRING)) return thing_typed(T_STRING);
    if (a == T_FLOAT || b == T_FLOAT) return thing_typed(T_FLOAT);
    if (a == T_INT && b == T_INT) return thing_typed(T_INT);
    return node->operator == OP_ADD && a == b && a == T_ARRAY ? thing_typed(T_ARRAY) : unknown;
}

static Thing of_binary(Lookup *lookup, Scope scope, const Node *node) {
    switch (node->operator) {
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_MOD: case OP_POW:
        return of_arithmetic(lookup, scope, node);
    case OP_RANGE:
        return thing_typed(T_RANGE);
    default:
        return thing_typed(T_TRUE);
    }
}

/* What a native gives: the word behind `->` in its signature. */
Thing thing_result_of_native(Lookup *lookup, const Native *native) {
    const char *arrow = strstr(native->def->signature, "-> ");
    const char *last = arrow;
    while (last && (last = strstr(last + 1, "-> "))) arrow = last;
    return arrow ? of_type_text(lookup, thing_scope(lookup), arrow + 3, strlen(arrow + 3)) : unknown;
}

static Thing result_of(Lookup *lookup, const Thing *callee) {
    Thing instance = instance_of(*callee);
    if (instance.kind != THING_UNKNOWN) return instance;
    Value function = callee->kind == THING_VALUE ? callee->value : NULL_VALUE;
    if (function.tag == T_NATIVE) return thing_result_of_native(lookup, function.native);
    if (function.tag == T_OVERLOAD) function = value_obj(function.overload->functions[0]);
    if (function.tag == T_CLOSURE && function.closure->proto->code_function->is_async) return thing_typed(T_PROMISE);
    if (callee->kind == THING_LOCAL && callee->local.kind == LOCAL_FUNCTION &&
        reading_kind(callee->reading, callee->local.at - 2) == TOKEN_ASYNC)
        return thing_typed(T_PROMISE);
    int name;
    const Reading *reading = thing_reading(lookup, callee, &name);
    if (!reading) return unknown;
    if (reading_kind(reading, name) == TOKEN_LEFT_PAREN) name--;
    return thing_of_type_span(lookup, (Scope){reading, callee->visible, 0}, reading_type(reading, name));
}

/* await: the result of a promise that has one, or of the async function that is called. */
static Thing of_await(Lookup *lookup, Scope scope, const Node *node) {
    Thing promise = thing_of_node(lookup, scope, node->child);
    if (promise.kind == THING_VALUE && promise.value.tag == T_PROMISE && promise.value.obj->flags == PROMISE_RESOLVED)
        return thing_of_value(promise.value.promise->value);
    return unknown;
}

static Thing of_literal_element(Lookup *lookup, const Thing *object, const Value *key) {
    Scope scope = {object->reading, object->visible, 0};
    const Node *node = object->node;
    if (node->kind == NODE_ARRAY_LITERAL && key->tag == T_INT && key->i >= 0 && key->i < node->list.count)
        return thing_of_node(lookup, scope, node->list.items[key->i]);
    for (int i = 0; node->kind == NODE_DICT_LITERAL && key->tag == T_STRING && i < node->dict.count; i++) {
        const Node *own = node->dict.entries[i].key;
        if (own->kind == NODE_STRING_LITERAL && own->string.length == key->string->length &&
            memcmp(own->string.text, key->string->bytes, own->string.length) == 0)
            return thing_of_node(lookup, scope, node->dict.entries[i].value);
    }
    return unknown;
}

static Thing of_index(Lookup *lookup, Scope scope, const Node *node) {
    Thing object = thing_of_node(lookup, scope, node->index.object);
    if (thing_value_type(&object) == T_STRING) return thing_typed(T_STRING);
    Thing key = thing_of_node(lookup, scope, node->index.index);
    if (key.kind != THING_VALUE) return unknown;
    if (object.kind == THING_TYPED && object.node) return of_literal_element(lookup, &object, &key.value);
    Value element;
    if (object.kind != THING_VALUE || !access_get_index(lookup->vm, &object.value, &key.value, &element)) return unknown;
    return thing_of_value(element);
}

static Thing of_literal(Scope scope, const Node *node, ValueType type) {
    return (Thing){.kind = THING_TYPED, .type = type, .node = node, .reading = scope.reading, .visible = scope.visible};
}

Thing thing_of_node(Lookup *lookup, Scope scope, const Node *node) {
    if (lookup->budget-- <= 0) return unknown;
    Value value;
    switch (node->kind) {
    case NODE_NULL_LITERAL:
        return thing_of_value(NULL_VALUE);
    case NODE_BOOL_LITERAL:
        return thing_of_value(value_bool(node->boolean));
    case NODE_INT_LITERAL:
        return thing_of_value(value_int(node->integer));
    case NODE_FLOAT_LITERAL:
        return thing_of_value(value_float(node->number));
    case NODE_STRING_LITERAL: {
        String *string = string_new(lookup->vm, node->string.text, node->string.length);
        return string ? thing_of_value(value_obj(string)) : thing_typed(T_STRING);
    }
    case NODE_NAME:
        return of_name(lookup, scope, node->name.text, strlen(node->name.text));
    case NODE_BUILTIN_NAME:
        return dict_get_name(lookup->vm->builtins, string_intern(lookup->vm, node->name.text, strlen(node->name.text)), &value)
                   ? thing_of_value(value)
                   : unknown;
    case NODE_ARRAY_LITERAL:
        return of_literal(scope, node, T_ARRAY);
    case NODE_DICT_LITERAL:
        return of_literal(scope, node, T_DICT);
    case NODE_STRUCT_LITERAL:
        return instance_of(of_name(lookup, scope, node->struct_literal.name.text, strlen(node->struct_literal.name.text)));
    case NODE_FUNCTION:
        return thing_typed(T_CLOSURE);
    case NODE_UNARY:
        return node->operator == OP_NOT ? thing_typed(T_TRUE) : thing_of_node(lookup, scope, node->child);
    case NODE_BINARY:
        return of_binary(lookup, scope, node);
    case NODE_LOGICAL: {
        Thing left = thing_of_node(lookup, scope, node->binary.left);
        bool decides = left.kind != THING_UNKNOWN && thing_value_type(&left) != T_NULL;
        return decides ? left : thing_of_node(lookup, scope, node->binary.right);
    }
    case NODE_ASSIGN:
        return node->operator == OP_NONE ? thing_of_node(lookup, scope, node->assign.value) : unknown;
    case NODE_CALL: {
        Thing callee = thing_of_node(lookup, scope, node->call.callee);
        return result_of(lookup, &callee);
    }
    case NODE_INDEX:
        return of_index(lookup, scope, node);
    case NODE_SLICE: {
        Thing object = thing_of_node(lookup, scope, node->slice.object);
        ValueType type = thing_value_type(&object);
        return type == T_ARRAY || type == T_STRING ? thing_typed(type) : unknown;
    }
    case NODE_MEMBER: {
        Thing object = thing_of_node(lookup, scope, node->member.object);
        return thing_member(lookup, &object, node->member.name.text, strlen(node->member.name.text));
    }
    case NODE_CAST:
        return thing_of_type_node(lookup, scope, node->typed.type);
    case NODE_TYPE_TEST:
        return thing_typed(T_TRUE);
    case NODE_ADDRESS:
    case NODE_DEREFERENCE: /* members are reached through pointers, so the difference is none */
        return thing_of_node(lookup, scope, node->child);
    case NODE_AWAIT:
        return of_await(lookup, scope, node);
    case NODE_CHAN:
        return thing_typed(T_CHANNEL);
    case NODE_GO:
        return thing_typed(T_TASK);
    case NODE_IMPORT_CALL:
        return node->child->kind == NODE_STRING_LITERAL
                   ? thing_of_module(lookup, node->child->string.text, node->child->string.length)
                   : unknown;
    default:
        return unknown;
    }
}
