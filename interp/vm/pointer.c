/*
 * pointer.c -- reading and writing through pointers.
 *
 * The container of an element or field is never a pointer itself (intrinsic.c sees to that), so reading takes one step.
 * But what a pointer leads to may be a pointer, even the same one; so chains are followed for a limited number of steps
 * only.
 */
#include "pointer.h"

#include "access.h"
#include "compile/code.h"
#include "error.h"
#include "gc.h"
#include "global.h"
#include "object.h"
#include "proto.h"
#include "type.h"

#define CHAIN_LIMIT 1000

Pointer *pointer_new(Vm *vm, PointerKind kind, Value base, Value key) {
    Pointer *pointer = HEAP_NEW(vm, Pointer, T_POINTER);
    pointer->obj.flags = (uint8_t)kind;
    pointer->base = base;
    pointer->key = key;
    return pointer;
}

static bool undeclared(Vm *vm) {
    vm_raise(vm, ERR_NAME, "the pointer's variable is not declared yet");
    return false;
}

bool pointer_read(Vm *vm, const Pointer *pointer, Value *value) {
    Cache cache = {0};
    switch ((PointerKind)pointer->obj.flags) {
    case POINTER_TO_BOX:
        *value = pointer->base.box->value;
        return value->tag != T_UNDEFINED || undeclared(vm);
    case POINTER_TO_GLOBAL:
        *value = vm->globals[pointer->base.i].value;
        return value->tag != T_UNDEFINED || undeclared(vm);
    case POINTER_TO_INDEX:
        return access_get_index(vm, &pointer->base, &pointer->key, value);
    case POINTER_TO_FIELD:
        return access_get_field(vm, &pointer->base, pointer->key.string, &cache, value);
    }
    __builtin_unreachable();
}

static bool write_box(Vm *vm, const Pointer *pointer, Value value) {
    Box *box = pointer->base.box;
    if (box->obj.flags & BOX_CONST) {
        vm_raise(vm, ERR_TYPE, "cannot assign to a constant through a pointer");
        return false;
    }
    if (pointer->key.tag == T_TYPE) {
        const TypeValue *type = pointer->key.type;
        TypeEntry entry = {.type = type->type, .mask = type_mask(type->type), .name = type->name};
        if (!type_check(vm, &entry, CHECK_ASSIGN, &value)) return false;
    }
    box->value = value;
    gc_write(vm, value);
    return true;
}

static bool write_global(Vm *vm, Global *global, Value value) {
    if (global->value.tag == T_UNDEFINED) return undeclared(vm);
    return global_assign(vm, global, &value);
}

bool pointer_write(Vm *vm, const Pointer *pointer, const Value *value) {
    Cache cache = {0};
    switch ((PointerKind)pointer->obj.flags) {
    case POINTER_TO_BOX:
        return write_box(vm, pointer, *value);
    case POINTER_TO_GLOBAL:
        return write_global(vm, &vm->globals[pointer->base.i], *value);
    case POINTER_TO_INDEX:
        return access_set_index(vm, &pointer->base, &pointer->key, value);
    case POINTER_TO_FIELD:
        return access_set_field(vm, &pointer->base, pointer->key.string, &cache, value);
    }
    __builtin_unreachable();
}

bool pointer_follow(Vm *vm, Value value, Value *target) {
    for (int steps = 0; value.tag == T_POINTER; steps++) {
        if (steps == CHAIN_LIMIT) {
            vm_raise(vm, ERR_VALUE, "a pointer that leads to itself has no value");
            return false;
        }
        if (!pointer_read(vm, value.pointer, &value)) return false;
    }
    *target = value;
    return true;
}
