/*
 * object.c -- making the objects that have no file of their own; what goes with an object of any kind.
 */
#include "object.h"

#include "array.h"
#include "channel.h"
#include "dict.h"
#include "error.h"
#include "heap.h"
#include "promise.h"
#include "proto.h"
#include "string.h"
#include "task.h"

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

void object_destroy(Vm *vm, Obj *object) {
    switch ((ValueType)object->type) {
    case T_STRING:
        if (object->flags & STRING_INTERNED) string_unintern(vm, (String *)object);
        break;
    case T_ARRAY:
        array_destroy(vm, (Array *)object);
        break;
    case T_DICT:
        dict_destroy(vm, (Dict *)object);
        break;
    case T_CHANNEL: {
        Channel *c = (Channel *)object;
        heap_release(vm, c->buffer, c->capacity * sizeof(Value));
        break;
    }
    case T_TASK:
        task_destroy(vm, (Task *)object);
        break;
    case T_PROMISE:
        promise_destroy((Promise *)object);
        break;
    case T_STRUCT: {
        Struct *s = (Struct *)object;
        heap_release(vm, s->field_names, s->field_count * sizeof *s->field_names);
        heap_release(vm, s->field_types, s->field_count * sizeof *s->field_types);
        if (s->unit) unit_release(vm, s->unit);
        break;
    }
    case T_ERROR_TYPE: {
        ErrorType *e = (ErrorType *)object;
        heap_release(vm, e->field_names, e->field_count * sizeof *e->field_names);
        break;
    }
    case T_ERROR: {
        Error *e = (Error *)object;
        heap_release(vm, e->trace, e->trace_count * sizeof(TracePoint));
        break;
    }
    case T_RESOURCE: {
        Resource *r = (Resource *)object;
        if (r->data) r->kind->destroy(vm, r->data);
        break;
    }
    case T_TYPE:
        unit_release(vm, ((TypeValue *)object)->unit);
        break;
    case T_PROTO:
        proto_destroy(vm, (Proto *)object);
        break;
    default:
        break;
    }
}
