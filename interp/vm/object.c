/*
 * object.c -- making the objects that have no file of their own.
 */
#include "object.h"

#include "dict.h"
#include "gc.h"
#include "heap.h"

Range *range_new(Vm *vm, int64_t from, int64_t to) {
    Range *range = HEAP_NEW(vm, Range, T_RANGE);
    range->from = from;
    range->to = to;
    return range;
}

Box *box_new(Vm *vm, Value value) {
    Box *box = HEAP_NEW(vm, Box, T_BOX);
    box->value = value;
    return box;
}

Module *module_new(Vm *vm, String *name) {
    Module *module = HEAP_NEW(vm, Module, T_MODULE);
    module->name = name;
    module->members = dict_new(vm, 8);
    return module;
}

Enum *enum_new(Vm *vm, String *name) {
    Enum *enumeration = HEAP_NEW(vm, Enum, T_ENUM);
    enumeration->name = name;
    enumeration->members = dict_new(vm, 8);
    return enumeration;
}

Instance *instance_new(Vm *vm, Struct *structure) {
    Instance *instance = heap_object(vm, T_INSTANCE, sizeof(Instance) + structure->field_count * sizeof(Value));
    instance->obj.hash = structure->obj.hash;
    instance->structure = structure;
    return instance; /* zeroed memory is full of nulls */
}

Resource *resource_new(Vm *vm, const ResourceKind *kind, void *data) {
    Resource *resource = HEAP_NEW(vm, Resource, T_RESOURCE);
    resource->kind = kind;
    resource->data = data;
    return resource;
}
