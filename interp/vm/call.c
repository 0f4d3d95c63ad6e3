/*
 * call.c -- calls that are more than "push a frame".
 */
#include "call.h"

#include <string.h>

#include "access.h"
#include "array.h"
#include "dict.h"
#include "error.h"
#include "gc.h"
#include "native.h"
#include "object.h"
#include "pointer.h"
#include "promise.h"

bool call_push(Vm *vm, Task *task, Closure *closure, uint32_t base) {
    Proto *proto = closure->proto;
    uint32_t needed = base + proto->register_count + VM_NATIVE_MARGIN;
    if (needed > task->stack_capacity) {
        if (heap_refuses(vm, needed * 2 * sizeof(Value))) return false;
        task_grow_stack(vm, task, needed);
    }
    if (task->frame_count == task->frame_capacity && !task_grow_frames(vm, task)) return false;
    task->frames[task->frame_count++] =
        (Frame){.closure = closure, .pc = proto->code, .constants = proto->constants, .base = base};
    return true;
}

static const char *function_name(const Proto *proto, int *length) {
    *length = proto->name ? (int)proto->name->length : 9;
    return proto->name ? proto->name->bytes : "anonymous";
}

/* The prelude's functions are called like natives: the receiver of its method TYPE_name is a parameter of its own. */
static void wrong_prelude_count(Vm *vm, const Proto *proto, int given) {
    const CodeFunction *function = proto->code_function;
    bool names_it = function->parameter_count > 0 && strcmp(function->parameter_names[0], "this") == 0;
    int receiver = names_it || function->is_method, length;
    const char *name = names_it ? strchr(function->name, '_') + 1 : function_name(proto, &length);
    native_raise_count(vm, name, proto->required_count - receiver, proto->parameter_count - receiver, given - receiver);
}

static CallResult wrong_count(Vm *vm, const Proto *proto, int given) {
    if (proto->is_prelude) {
        wrong_prelude_count(vm, proto, given);
        return CALL_FAILED;
    }
    int length, receiver = proto->code_function->is_method ? 1 : 0;
    const char *name = function_name(proto, &length);
    int least = proto->required_count - receiver, most = proto->parameter_count - receiver;
    given -= receiver;
    if (given < least) {
        int missing = given;
        while (proto->code_function->has_default[missing]) missing++;
        vm_raise(vm, ERR_ARGUMENT, "missing argument '%s' in call of %.*s(), which takes %s%d",
                 proto->code_function->parameter_names[missing], length, name, least == most ? "" : "at least ", least);
    } else
        vm_raise(vm, ERR_ARGUMENT, "too many arguments for %.*s(): it takes %s%d, got %d", length, name,
                 least == most ? "" : "at most ", most, given);
    return CALL_FAILED;
}

/* An async function: its body becomes a task of its own; the call's value is the promise of its outcome. */
static CallResult start_async(Vm *vm, Value *slot, int count) {
    Promise *promise = promise_new(vm, vm->current->cell);
    Task *task = task_spawn(vm, *slot, slot + 1, count, NULL);
    task->promise = promise;
    promise->task = task;
    gc_write_obj(vm, promise);
    *slot = value_obj(promise);
    return CALL_DONE;
}

static CallResult call_closure(Vm *vm, Value *slot, int count, bool literal) {
    Closure *closure = slot->closure;
    Proto *proto = closure->proto;
    if (count > proto->parameter_count || (count < proto->required_count && !literal)) return wrong_count(vm, proto, count);
    Task *task = vm->current;
    uint32_t base = (uint32_t)(slot + 1 - task->stack);
    if (!call_push(vm, task, closure, base)) return CALL_FAILED;
    Value *registers = task->stack + base;
    for (int i = count; i < proto->parameter_count; i++) registers[i] = UNDEFINED_VALUE;
    if (proto->plain) return CALL_PUSHED;
    task->frame_count--; /* the frame was only to make room for all parameters */
    return start_async(vm, registers - 1, proto->parameter_count);
}

static CallResult call_any(Vm *vm, Value *slot, int count, bool literal);

static CallResult call_native(Vm *vm, Value *slot, int count) {
    if (!native_check(vm, slot->native, slot + 1, count)) return CALL_FAILED;
    switch (slot->native->function(vm, slot + 1, count, slot)) {
    case NATIVE_OK:
        return CALL_DONE;
    case NATIVE_PARK:
        return CALL_PARKED;
    case NATIVE_CALL:
        return call_any(vm, slot, vm->call_count, false);
    default:
        return CALL_FAILED;
    }
}

/* Exact arity first, then the first declared that fits by its defaults. */
static Closure *choose_overload(const Overload *overload, int count) {
    for (uint32_t i = 0; i < overload->count; i++)
        if (overload->functions[i]->proto->parameter_count == count) return overload->functions[i];
    for (uint32_t i = 0; i < overload->count; i++) {
        const Proto *proto = overload->functions[i]->proto;
        if (count >= proto->required_count && count <= proto->parameter_count) return overload->functions[i];
    }
    return NULL;
}

static CallResult call_any(Vm *vm, Value *slot, int count, bool literal) {
    switch (slot->tag) {
    case T_CLOSURE:
        return call_closure(vm, slot, count, literal);
    case T_NATIVE:
        return call_native(vm, slot, count);
    case T_OVERLOAD: {
        Closure *chosen = choose_overload(slot->overload, count);
        if (!chosen) {
            int length;
            const char *name = function_name(slot->overload->functions[0]->proto, &length);
            vm_raise(vm, ERR_ARGUMENT, "no function %.*s() takes %d argument%s", length, name, count, count == 1 ? "" : "s");
            return CALL_FAILED;
        }
        *slot = value_obj(chosen);
        return call_closure(vm, slot, count, literal);
    }
    case T_STRUCT:
        *slot = value_obj(slot->structure->constructor);
        return call_closure(vm, slot, count, literal);
    case T_ERROR_TYPE:
        *slot = value_obj(slot->error_type->constructor);
        return call_closure(vm, slot, count, literal);
    default:
        vm_raise(vm, ERR_TYPE, "not a function: %s", error_describe(vm, *slot));
        return CALL_FAILED;
    }
}

CallResult call_value(Vm *vm, Value *slot, int count) {
    return call_any(vm, slot, count, false);
}

/* ---- keyword arguments ---- */

/* A type stands for its constructor. */
static Value with_constructor(Value callee) {
    if (callee.tag == T_STRUCT) return value_obj(callee.structure->constructor);
    if (callee.tag == T_ERROR_TYPE) return value_obj(callee.error_type->constructor);
    return callee;
}

/* The names of what a callable takes, in order; [receiver] is set when the first argument is the receiver of a method. */
static int parameter_index(Value callee, const String *name, int *parameter_count, int *receiver) {
    *receiver = 0;
    callee = with_constructor(callee);
    if (callee.tag == T_CLOSURE) {
        const CodeFunction *function = callee.closure->proto->code_function;
        *receiver = function->is_method ? 1 : 0;
        *parameter_count = callee.closure->proto->parameter_count;
        for (int i = 0; i < function->parameter_count; i++)
            if (string_is(name, function->parameter_names[i])) return i + *receiver;
    } else if (callee.tag == T_NATIVE) {
        *receiver = callee.native->is_method ? 1 : 0;
        *parameter_count = callee.native->parameter_count;
        for (int i = *receiver; i < callee.native->parameter_count; i++)
            if (callee.native->parameter_names[i] == name) return i;
    } else {
        *parameter_count = 0;
    }
    return -1;
}

/* Of an overload set, the first function that knows all the names. */
static Value resolve_overload(Value callee, const Array *names) {
    if (callee.tag != T_OVERLOAD) return callee;
    for (uint32_t i = 0; i < callee.overload->count; i++) {
        Value candidate = value_obj(callee.overload->functions[i]);
        uint32_t known = 0;
        int parameters, receiver;
        while (known < names->length && parameter_index(candidate, names->items[known].string, &parameters, &receiver) >= 0)
            known++;
        if (known == names->length) return candidate;
    }
    return value_obj(callee.overload->functions[0]);
}

static CallResult unknown_keyword(Vm *vm, Value callee, const String *name) {
    Suggestion near = suggest_for(name->bytes, name->length);
    const char *owner = "the function", *kind = "parameter";
    const CodeFunction *function = NULL;
    if (callee.tag == T_STRUCT || callee.tag == T_ERROR_TYPE) kind = "field";
    callee = with_constructor(callee);
    if (callee.tag == T_CLOSURE) {
        function = callee.closure->proto->code_function;
        if (function->name) owner = function->name;
    } else if (callee.tag == T_NATIVE) {
        owner = callee.native->name->bytes;
    }
    for (int i = 0; function && i < function->parameter_count; i++)
        suggest_consider(&near, function->parameter_names[i], strlen(function->parameter_names[i]));
    vm_raise(vm, ERR_ARGUMENT, "%s has no %s '%.*s'%s", owner, kind, (int)name->length, name->bytes, suggest_text(&near));
    return CALL_FAILED;
}

CallResult call_keywords(Vm *vm, Value *slot, int count, const Array *names, bool literal) {
    Value arguments[256];
    Value callee = resolve_overload(*slot, names);
    int positional = count - (int)names->length, parameter_count = 0, receiver = 0, last = positional;
    if (positional < 0) positional = 0;
    parameter_index(callee, vm->names[NAME_message], &parameter_count, &receiver);
    for (int i = 0; i < 256; i++) arguments[i] = i < positional ? slot[1 + i] : UNDEFINED_VALUE;
    for (uint32_t i = 0; i < names->length; i++) {
        const String *name = names->items[i].string;
        int index = parameter_index(callee, name, &parameter_count, &receiver);
        if (index < 0) return unknown_keyword(vm, callee, name);
        if (arguments[index].tag != T_UNDEFINED) {
            vm_raise(vm, ERR_ARGUMENT, "argument '%.*s' is given twice", (int)name->length, name->bytes);
            return CALL_FAILED;
        }
        arguments[index] = slot[1 + positional + (int)i];
        if (index + 1 > last) last = index + 1;
    }
    /* A required one that is missing between those given cannot be found by counting. */
    Value called = with_constructor(callee);
    if (called.tag == T_CLOSURE) {
        const Proto *proto = called.closure->proto;
        for (int i = receiver; i < proto->required_count && !literal; i++)
            if (arguments[i].tag == T_UNDEFINED && !proto->code_function->has_default[i - receiver])
                return wrong_count(vm, proto, i);
    } else if (callee.tag == T_NATIVE) {
        for (int i = receiver; i < callee.native->required_count; i++)
            if (arguments[i].tag == T_UNDEFINED) {
                vm_raise(vm, ERR_ARGUMENT, "missing argument '%.*s'", (int)callee.native->parameter_names[i]->length,
                         callee.native->parameter_names[i]->bytes);
                return CALL_FAILED;
            }
    }
    Task *task = vm->current;
    uint32_t index = (uint32_t)(slot - task->stack);
    if (index + 1 + (uint32_t)last + VM_NATIVE_MARGIN > task->stack_capacity)
        task_grow_stack(vm, task, index + 1 + (uint32_t)last + VM_NATIVE_MARGIN);
    slot = task->stack + index;
    *slot = callee;
    memcpy(slot + 1, arguments, (size_t)last * sizeof(Value));
    return call_any(vm, slot, last, literal);
}

/* ---- methods ---- */

static bool no_method(Vm *vm, Value receiver, const String *name) {
    Suggestion near = suggest_for(name->bytes, name->length);
    dict_consider_keys(vm->methods[receiver.tag], &near);
    if (receiver.tag == T_INSTANCE) dict_consider_keys(receiver.instance->structure->methods, &near);
    vm_raise(vm, ERR_FIELD, "%s has no method '%.*s'%s", error_describe(vm, receiver), (int)name->length, name->bytes,
             suggest_text(&near));
    return false;
}

bool vm_find_method(Vm *vm, Value receiver, String *name, Value *method) {
    if (receiver.tag == T_INSTANCE && dict_get_name(receiver.instance->structure->methods, name, method)) return true;
    return vm->methods[receiver.tag] && dict_get_name(vm->methods[receiver.tag], name, method);
}

/* Can a function stand in a member of [receiver], to be called without it? A module's function, one in a field … */
static bool has_member(Value receiver, const String *name) {
    if (receiver.tag == T_MODULE || receiver.tag == T_ENUM) return true;
    if (receiver.tag != T_INSTANCE) return false;
    const Struct *structure = receiver.instance->structure;
    for (uint32_t i = 0; i < structure->field_count; i++)
        if (structure->field_names[i] == name) return true;
    return false;
}

bool call_find_method(Vm *vm, Value *slot, String *name, Cache *cache, int *count) {
    Value receiver = slot[1];
    Value found;
    if (vm_find_method(vm, receiver, name, &found)) {
        slot[0] = found;
        if (found.tag == T_CLOSURE || found.tag == T_NATIVE) {
            cache->key = cache_key(receiver);
            cache->method = found.obj;
        }
        return true;
    }
    if (has_member(receiver, name)) {
        Cache unused = {0};
        bool is_native = receiver.tag == T_MODULE && dict_get_name(receiver.module->members, name, &found) &&
                         found.tag == T_NATIVE; /* a constant, too, can be called */
        if (!is_native && !access_get_field(vm, &receiver, name, &unused, &found)) return false;
        slot[0] = found;
        (*count)--;
        memmove(slot + 1, slot + 2, (size_t)*count * sizeof(Value));
        return true;
    }
    if (receiver.tag == T_POINTER) {
        Value target;
        if (!pointer_read(vm, receiver.pointer, &target)) return false;
        slot[1] = target;
        return call_find_method(vm, slot, name, cache, count);
    }
    return no_method(vm, receiver, name);
}

CallResult call_deferred(Vm *vm, Value *slot, Deferred *deferred) {
    Task *task = vm->current;
    uint32_t index = (uint32_t)(slot - task->stack);
    uint32_t needed = index + deferred->count + VM_NATIVE_MARGIN;
    if (needed > task->stack_capacity) task_grow_stack(vm, task, needed);
    slot = task->stack + index;
    memcpy(slot, deferred->call, deferred->count * sizeof(Value));
    return call_value(vm, slot, (int)deferred->count - 1);
}
