/*
 * unwind.c -- errors on their way from where they are raised to the handler that takes them.
 *
 * Every function has a table of protected regions, made by the compiler from try, finally and defer; entering one costs
 * nothing. Raising looks through the frames of the task, innermost first, for a region that covers the frame's pc.
 */
#include "unwind.h"

#include <stdio.h>

#include "array.h"
#include "dict.h"
#include "error.h"
#include "gc.h"
#include "suggest.h"

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
        return true;
    }
    return false;
}

void unwind_unknown_name(Vm *vm, String *name, bool assigned) {
    Suggestion suggestion = suggest_for(name->bytes, name->length);
    for (uint32_t i = 0; i < vm->global_count; i++)
        if (vm->globals[i].value.tag != T_UNDEFINED)
            suggest_consider(&suggestion, vm->globals[i].name->bytes, vm->globals[i].name->length);
    char hint[160] = "";
    if (suggestion.best)
        snprintf(hint, sizeof hint, "; did you mean '%.*s'?", (int)suggestion.best_length, suggestion.best);
    if (assigned)
        vm_raise(vm, ERR_NAME, "assignment to undeclared variable '%.*s'; declare it with 'let' first%s", (int)name->length,
                 name->bytes, hint);
    else
        vm_raise(vm, ERR_NAME, "'%.*s' is not declared%s", (int)name->length, name->bytes, hint);
}

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
