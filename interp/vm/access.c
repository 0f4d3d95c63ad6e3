/*
 * access.c -- reading and writing elements and fields: what run.c's fast paths do not cover.
 *
 * Reading what is not there gives null, for elements; writing beyond the end of an array is an error. Fields are
 * declared, so a name that was not is an error for both, and the message names the nearest one that was. All of
 * it follows pointers.
 */
#include "access.h"

#include "arith.h"
#include "array.h"
#include "channel.h"
#include "dict.h"
#include "error.h"
#include "gc.h"
#include "moment.h"
#include "native.h"
#include "object.h"
#include "pointer.h"
#include "task.h"
#include "type.h"

#define TEXT(string) (int)(string)->length, (string)->bytes

/* ---- elements ---- */

static bool check_index(Vm *vm, const Value *key, const char *what) {
    if (key->tag == T_INT) return true;
    vm_raise(vm, ERR_TYPE, "the index of %s must be an integer, got %s", what, error_describe(vm, *key));
    return false;
}

static bool check_key(Vm *vm, const Value *key) {
    if (value_hashable(*key)) return true;
    vm_raise(vm, ERR_TYPE, "%s cannot be used as a key", error_describe(vm, *key));
    return false;
}

/* Negative ones count from the end. False when there is no such place. */
static bool find_place(int64_t index, uint32_t length, uint32_t *place) {
    if (index < 0) index += length;
    *place = (uint32_t)index;
    return index >= 0 && index < length;
}

/* Reads through [object] if it is a pointer; otherwise says that it has no elements. */
static bool follow_for_index(Vm *vm, const Value *object, Value *target) {
    if (object->tag == T_POINTER) return pointer_follow(vm, *object, target);
    vm_raise(vm, ERR_TYPE, "only arrays, strings and dicts can be indexed, not %s", error_describe(vm, *object));
    return false;
}

bool access_get_index(Vm *vm, const Value *object, const Value *key, Value *result) {
    uint32_t place;
    Value found = NULL_VALUE;
    switch (object->tag) {
    case T_ARRAY:
        if (!check_index(vm, key, "an array")) return false;
        if (find_place(key->i, object->array->length, &place)) found = object->array->items[place];
        break;
    case T_STRING:
        if (!check_index(vm, key, "a string")) return false;
        if (find_place(key->i, object->string->points, &place))
            found = value_obj(string_slice(vm, object->string, place, place + 1));
        break;
    case T_DICT:
        if (!check_key(vm, key)) return false;
        dict_get(object->dict, *key, &found);
        break;
    default: {
        Value target;
        return follow_for_index(vm, object, &target) && access_get_index(vm, &target, key, result);
    }
    }
    *result = found;
    return true;
}

bool access_set_index(Vm *vm, const Value *object, const Value *key, const Value *value) {
    uint32_t place;
    switch (object->tag) {
    case T_ARRAY:
        if (!check_index(vm, key, "an array")) return false;
        if (find_place(key->i, object->array->length, &place)) {
            return array_set(vm, object->array, place, *value);
        }
        vm_raise(vm, ERR_INDEX, "Array index %lld out of bounds. Array length is %u%s", (long long)key->i,
                 object->array->length, key->i == object->array->length ? "; push() adds an item at the end" : "");
        return false;
    case T_DICT:
        return check_key(vm, key) && dict_set(vm, object->dict, *key, *value);
    case T_STRING:
        vm_raise(vm, ERR_TYPE, "a string cannot be changed, only replaced by another one");
        return false;
    default: {
        Value target;
        return follow_for_index(vm, object, &target) && access_set_index(vm, &target, key, value);
    }
    }
}

/* A bound of a slice: counted from the end when negative, clamped to 0 … length; [otherwise] when it was left out. */
static bool slice_bound(Vm *vm, const Value *bound, uint32_t length, uint32_t otherwise, uint32_t *place) {
    if (bound->tag == T_UNDEFINED) {
        *place = otherwise;
        return true;
    }
    if (bound->tag != T_INT) {
        vm_raise(vm, ERR_TYPE, "the bounds of a slice must be integers, got %s", error_describe(vm, *bound));
        return false;
    }
    int64_t at = bound->i < 0 ? bound->i + length : bound->i;
    *place = at < 0 ? 0 : at > length ? length : (uint32_t)at;
    return true;
}

bool access_slice(Vm *vm, const Value *object, const Value *from, const Value *to, Value *result) {
    Value target;
    if (!pointer_follow(vm, *object, &target)) return false;
    if (target.tag != T_ARRAY && target.tag != T_STRING) {
        vm_raise(vm, ERR_TYPE, "only arrays and strings can be sliced, not %s", error_describe(vm, target));
        return false;
    }
    uint32_t first, last, length = target.tag == T_ARRAY ? target.array->length : target.string->points;
    if (!slice_bound(vm, from, length, 0, &first) || !slice_bound(vm, to, length, length, &last)) return false;
    if (last < first) last = first;
    Obj *slice = target.tag == T_ARRAY ? (Obj *)array_slice(vm, target.array, first, last)
                                       : (Obj *)string_slice(vm, target.string, first, last);
    if (!slice) return false;
    *result = value_obj(slice);
    return true;
}

/* ---- fields ---- */

static bool find_field(const Struct *structure, const String *name, uint32_t *slot) {
    for (uint32_t i = 0; i < structure->field_count; i++) {
        if (structure->field_names[i] == name) {
            *slot = i;
            return true;
        }
    }
    return false;
}

static void cache_field(Cache *cache, const Struct *structure, uint32_t slot) {
    cache->key = structure->obj.hash;
    cache->slot = slot;
    cache->mask = structure->field_types[slot].mask;
}

/* "Struct 'S' has no field 'x'"; or that x is a method. */
static bool no_struct_field(Vm *vm, const Struct *structure, const String *name) {
    Value method;
    if (dict_get_name(structure->methods, (String *)name, &method)) {
        vm_raise(vm, ERR_FIELD, "'%.*s' is a method of struct '%.*s', use .%.*s() to call it", TEXT(name),
                 TEXT(structure->name), TEXT(name));
        return false;
    }
    Suggestion near = suggest_for(name->bytes, name->length);
    for (uint32_t i = 0; i < structure->field_count; i++)
        suggest_consider(&near, structure->field_names[i]->bytes, structure->field_names[i]->length);
    vm_raise(vm, ERR_FIELD, "Struct '%.*s' has no field '%.*s'%s", TEXT(structure->name), TEXT(name),
             suggest_text(&near));
    return false;
}

/* The same for things whose members are in a dict. */
static bool no_member(Vm *vm, const char *kind, const String *owner, const Dict *members, const String *name) {
    Suggestion near = suggest_for(name->bytes, name->length);
    dict_consider_keys(members, &near);
    vm_raise(vm, ERR_FIELD, "%s '%.*s' has no member '%.*s'%s", kind, TEXT(owner), TEXT(name), suggest_text(&near));
    return false;
}

/* Values that have methods, but no fields. */
static bool no_field(Vm *vm, Value object, const String *name) {
    Dict *methods = vm->methods[object.tag];
    Value method;
    if (object.tag == T_DICT) {
        vm_raise(vm, ERR_FIELD, "the keys of a dict are not fields: write d[\"%.*s\"]", TEXT(name));
    } else if (methods && dict_get_name(methods, (String *)name, &method)) {
        vm_raise(vm, ERR_FIELD, "'%.*s' is a method of %s, use .%.*s() to call it", TEXT(name), value_type_name(object),
                 TEXT(name));
    } else {
        Suggestion near = suggest_for(name->bytes, name->length);
        dict_consider_keys(methods, &near);
        vm_raise(vm, ERR_FIELD, "%s has no field '%.*s'%s", error_describe(vm, object), TEXT(name),
                 suggest_text(&near));
    }
    return false;
}

/* Names that begin with an underscore are a package's own business. */
static bool find_member(Vm *vm, const Module *module, String *name, Value *member) {
    if (name->length > 0 && name->bytes[0] == '_') {
        vm_raise(vm, ERR_FIELD, "cannot access private property '%.*s' from package '%.*s'", TEXT(name),
                 TEXT(module->name));
        return false;
    }
    return dict_get_name(module->members, name, member) ||
           no_member(vm, module->is_package ? "Package" : "Module", module->name, module->members, name);
}

/* A package's variables are shared with its functions in boxes. */
static bool get_member(Vm *vm, const Module *module, String *name, Value *result) {
    Value member;
    if (!find_member(vm, module, name, &member)) return false;
    if (member.tag == T_BOX) {
        member = member.box->value;
        if (member.tag == T_UNDEFINED) {
            vm_raise(vm, ERR_NAME, "'%.*s' is used before its declaration has run", TEXT(name));
            return false;
        }
    }
    if (member.tag == T_NATIVE && member.native->is_constant)
        return member.native->function(vm, NULL, 0, result) == NATIVE_OK;
    *result = member;
    return true;
}

static bool set_member(Vm *vm, const Module *module, String *name, Value value) {
    Value member;
    if (!find_member(vm, module, name, &member)) return false;
    if (member.tag != T_BOX || member.obj->flags & BOX_CONST) {
        vm_raise(vm, ERR_TYPE, "cannot assign to constant '%.*s' of '%.*s'", TEXT(name), TEXT(module->name));
        return false;
    }
    member.box->value = value;
    gc_write(vm, value);
    return true;
}

static bool get_error_field(Vm *vm, Error *error, String *name, Value *result) {
    if (name == vm->names[NAME_message]) {
        *result = value_obj(error->message);
    } else if (name == vm->names[NAME_name]) {
        *result = value_obj(error->name);
    } else if (name == vm->names[NAME_stack]) {
        *result = value_obj(error_stack(vm, error));
    } else if (name == vm->names[NAME_data]) {
        *result = error->data ? value_obj(error->data) : NULL_VALUE;
    } else if (name == vm->names[NAME_value]) {
        *result = error->value.tag == T_UNDEFINED ? NULL_VALUE : error->value;
    } else if (!error->data || !dict_get_name(error->data, name, result)) {
        Suggestion near = suggest_for(name->bytes, name->length);
        for (int i = NAME_message; i <= NAME_value; i++)
            suggest_consider(&near, vm->names[i]->bytes, vm->names[i]->length);
        dict_consider_keys(error->data, &near);
        vm_raise(vm, ERR_FIELD, "an error has no field '%.*s'%s", TEXT(name), suggest_text(&near));
        return false;
    }
    return true;
}

/* What a time's clocks show can be read as a field, too. */
static bool get_time_field(const Time *time, const String *name, Value *result) {
    Civil civil = time_civil(time);
#define X(field)                                                                                   \
    if (string_is(name, #field)) {                                                                 \
        *result = value_int(civil.field);                                                          \
        return true;                                                                               \
    }
    X(year) X(month) X(day) X(hour) X(minute) X(second)
#undef X
    return false;
}

bool access_get_field(Vm *vm, const Value *object, String *name, Cache *cache, Value *result) {
    switch (object->tag) {
    case T_INSTANCE: {
        const Struct *structure = object->instance->structure;
        uint32_t slot;
        if (!find_field(structure, name, &slot)) return no_struct_field(vm, structure, name);
        cache_field(cache, structure, slot);
        *result = object->instance->fields[slot];
        return true;
    }
    case T_MODULE:
        return get_member(vm, object->module, name, result);
    case T_ENUM: {
        const Enum *enumeration = object->enumeration;
        return dict_get_name(enumeration->members, name, result) ||
               no_member(vm, "Enum", enumeration->name, enumeration->members, name);
    }
    case T_ERROR:
        return get_error_field(vm, object->error, name, result);
    case T_TIME:
        return get_time_field(object->time, name, result) || no_field(vm, *object, name);
    case T_POINTER: {
        Value target;
        return pointer_follow(vm, *object, &target) && access_get_field(vm, &target, name, cache, result);
    }
    default:
        return no_field(vm, *object, name);
    }
}

bool access_set_field(Vm *vm, const Value *object, String *name, Cache *cache, const Value *value) {
    switch (object->tag) {
    case T_INSTANCE: {
        Instance *instance = object->instance;
        const Struct *structure = instance->structure;
        uint32_t slot;
        Value fitting = *value;
        if (!find_field(structure, name, &slot)) return no_struct_field(vm, structure, name);
        if (!type_check(vm, &structure->field_types[slot], CHECK_FIELD, &fitting)) return false;
        instance->fields[slot] = fitting;
        gc_write(vm, fitting);
        cache_field(cache, structure, slot);
        return true;
    }
    case T_MODULE:
        return set_member(vm, object->module, name, *value);
    case T_ENUM:
        vm_raise(vm, ERR_TYPE, "the members of enum '%.*s' are constants", TEXT(object->enumeration->name));
        return false;
    case T_ERROR:
        vm_raise(vm, ERR_TYPE, "the fields of an error cannot be changed");
        return false;
    case T_POINTER: {
        Value target;
        return pointer_follow(vm, *object, &target) && access_set_field(vm, &target, name, cache, value);
    }
    default:
        return no_field(vm, *object, name);
    }
}

bool access_add_field(Vm *vm, const Value *object, String *name, Cache *cache, const Value *right, Value *result) {
    Frame *frame = &vm->current->frames[vm->current->frame_count - 1];
    bool known = object->tag == T_INSTANCE && object->obj->hash == cache->key;
    Value sum;
    if (known)
        sum = object->instance->fields[cache->slot];
    else if (!access_get_field(vm, object, name, cache, &sum))
        return false;
    frame->pc--; /* the first word says where `+` stands, the second one where the field does */
    if (!arith_binary(vm, OPC_ADD, &sum, right, &sum)) return false;
    frame->pc++;
    if (known && cache->mask >> sum.tag & 1) {
        object->instance->fields[cache->slot] = sum;
        gc_write(vm, sum);
    } else if (!access_set_field(vm, object, name, cache, &sum)) {
        return false;
    }
    *result = sum;
    return true;
}

/* ---- iteration ---- */

/* Keys and values by turns. */
static Array *dict_items(Vm *vm, const Dict *dict) {
    Array *items = array_new(vm, (size_t)dict->count * 2);
    Value key, value;
    for (uint32_t cursor = 0; items && dict_next(dict, &cursor, &key, &value);) {
        array_push(vm, items, key);
        array_push(vm, items, value);
    }
    return items;
}

/* With a progress bar: the bar, how many items were taken, and what is walked over. */
static bool iterate_with_bar(Vm *vm, Value *state, const Instance *bar) {
    Value inner[3] = {bar->fields[PROGRESS_ITEMS]};
    if (inner[0].tag != T_RANGE && !access_iterate(vm, inner)) return false;
    state[0] = value_obj((Instance *)bar);
    state[1] = value_int(0);
    state[2] = inner[0];
    return true;
}

/* Arrays and dicts are copied, so that a loop walks over what was there when it began. */
bool access_iterate(Vm *vm, Value *state) {
    Value object;
    if (!pointer_follow(vm, state[0], &object)) return false;
    if (object.tag == T_INSTANCE && object.instance->structure == vm->progress_struct &&
        object.instance->fields[PROGRESS_ITEMS].tag != T_NULL)
        return iterate_with_bar(vm, state, object.instance);
    Array *items;
    switch (object.tag) {
    case T_ARRAY:
    case T_DICT:
        items = object.tag == T_ARRAY ? array_snapshot(vm, object.array)
                                      : dict_items(vm, object.dict);
        if (!items) return false;
        state[0] = value_obj(items);
        state[1] = value_int(0);
        state[2] = object.tag == T_ARRAY ? NULL_VALUE : value_bool(true);
        return true;
    case T_RANGE:
        state[0] = value_int(object.range->from);
        state[1] = value_int(object.range->to);
        state[2] = NULL_VALUE;
        return true;
    case T_STRING:
        state[0] = object;
        state[1] = value_int(0);
        state[2] = value_int(0);
        return true;
    case T_CHANNEL:
        state[0] = object;
        state[1] = value_int(0);
        state[2] = NULL_VALUE;
        return true;
    default:
        vm_raise(vm, ERR_TYPE, "for..in loop requires an iterable object, but got %s%s", value_type_name(object),
                 object.tag == T_INT ? "; to count, write `for i in 1..5`" : "");
        return false;
    }
}
