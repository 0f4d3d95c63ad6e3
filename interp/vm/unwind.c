/*
 * unwind.c -- errors on their way from where they are raised to the handler that takes them.
 *
 * Every function has a table of protected regions, made by the compiler from try, finally and defer; entering one costs
 * nothing. Raising looks through the frames of the task, innermost first, for a region that covers the frame's pc.
 */
#include "unwind.h"

#include <string.h>

#include "array.h"
#include "dict.h"
#include "error.h"
#include "gc.h"
#include "object.h"
#include "proto.h"
#include "syntax/hints.h"

static const Handler *find_handler(const Frame *frame) {
    const CodeFunction *function = frame->closure->proto->code_function;
    uint32_t pc = (uint32_t)(frame->pc - frame->closure->proto->code) - 1;
    for (int i = 0; i < function->handler_count; i++) {
        const Handler *handler = &function->handlers[i];
        if (pc >= handler->start && pc < handler->end) return handler;
    }
    return NULL;
}

bool unwind(Vm *vm, Task *task) {
    error_take_trace(vm);
    for (uint32_t count = task->frame_count; count > 0; count--) {
        Frame *frame = &task->frames[count - 1];
        const Handler *handler = find_handler(frame);
        if (!handler) continue;
        task->frame_count = count;
        frame->pc = frame->closure->proto->code + handler->target;
        task->stack[frame->base + handler->reg] = value_obj(vm->error);
        vm->error = NULL;
        vm_collect(vm); /* what could not be made may have left much garbage */
        return true;
    }
    return false;
}

/* ---- unknown names ---- */

/* The keys of a dict literal are expressions, but who comes from elsewhere takes them for words: `{name: 1}`. */
static bool is_key(const char *text, uint32_t at, uint32_t end) {
    while (at > 0 && strchr(" \t\r\n", text[at - 1])) at--;
    while (text[end] == ' ') end++;
    return at > 0 && strchr("{,", text[at - 1]) && text[end] == ':' && text[end + 1] != ':';
}

static bool is_field(Value value, const String *name) {
    if (value.tag != T_INSTANCE) return false;
    const Struct *structure = value.instance->structure;
    for (uint32_t i = 0; i < structure->field_count; i++)
        if (structure->field_names[i] == name) return true;
    return false;
}

static void put_nearest(Vm *vm, Text *text, const CodeFunction *function, const String *name) {
    Suggestion near = suggest_for(name->bytes, name->length);
    for (; function; function = function->outer)
        for (int i = 0; i < function->local_count; i++)
            suggest_consider(&near, function->local_names[i], strlen(function->local_names[i]));
    for (uint32_t i = 0; i < vm->global_count; i++)
        if (vm->globals[i].value.tag != T_UNDEFINED && !vm->globals[i].is_scoped)
            suggest_consider(&near, vm->globals[i].name->bytes, vm->globals[i].name->length);
    const char *keyword = hint_keyword(name->bytes, name->length);
    if (keyword) suggest_consider(&near, keyword, strlen(keyword));
    if (near.best) text_printf(text, "; did you mean '%.*s'?", (int)near.best_length, near.best);
}

/* What may help, from the surest guess down. */
static void put_guess(Vm *vm, Text *text, const String *name) {
    const Frame *frame = &vm->current->frames[vm->current->frame_count - 1];
    const Proto *proto = frame->closure->proto;
    const CodeFunction *function = proto->code_function;
    uint32_t at = proto_place(proto, (uint32_t)(frame->pc - proto->code));
    const char *foreign = hint_foreign_word(name->bytes, name->length);
    if (is_key(proto->unit->source->text, at, at + name->length))
        text_printf(text, "; keys that are words are quoted: \"%s\"", name->bytes);
    else if (function->is_method && is_field(vm->current->stack[frame->base], name))
        text_printf(text, "; did you mean 'this.%s'?", name->bytes);
    else if (code_has_local(function, name->bytes))
        text_puts(text, " here; its `let` is in another block, or further down");
    else if (foreign)
        text_printf(text, "; %s", foreign);
    else
        put_nearest(vm, text, function, name);
}

void unwind_unknown_name(Vm *vm, String *name, bool assigned) {
    Text text = {0};
    const char *format = assigned ? "assignment to undeclared variable '%s'; declare it with 'let' first"
                                  : "'%s' is not declared";
    text_printf(&text, format, name->bytes);
    put_guess(vm, &text, name);
    vm_raise(vm, ERR_NAME, "%s", text_cstring(&text));
    text_free(&text);
}

/* ---- what else can be wrong ---- */

void unwind_raise_text(Vm *vm, Value value) {
    if (value.tag == T_ERROR) {
        vm_throw(vm, value);
        return;
    }
    Error *error = error_new(vm, ERR_ERROR, " ");
    String *message = string_of(vm, value);
    if (!message) return; /* too long: that is raised instead */
    error->message = message;
    vm_throw(vm, value_obj(error));
}

bool unwind_callable(Vm *vm, Value callee) {
    switch (callee.tag) {
    case T_CLOSURE:
    case T_NATIVE:
    case T_OVERLOAD:
    case T_STRUCT:
    case T_ERROR_TYPE:
        return true;
    default:
        vm_raise(vm, ERR_TYPE, "not a function: %s", error_describe(vm, callee));
        return false;
    }
}

bool unwind_defer(Vm *vm, Value *list, const Value *callee, int count) {
    const Value *arguments = callee + 1;
    if (count > 0 && arguments->tag == T_UNDEFINED) {
        arguments++;
        count--;
    }
    Deferred *deferred = heap_object(vm, T_DEFERRED, sizeof(Deferred) + (size_t)(count + 1) * sizeof(Value));
    deferred->count = (uint32_t)count + 1;
    deferred->call[0] = *callee;
    for (int i = 0; i < count; i++) deferred->call[1 + i] = arguments[i];
    if (list->tag == T_NULL) *list = value_obj(array_new(vm, 4));
    return array_push(vm, list->array, value_obj(deferred));
}
