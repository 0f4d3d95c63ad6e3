/*
 * intrinsic.c -- the operations behind INTRINSIC that are the machine's own: making types, patterns, pointers,
 * packages.
 *
 * Their arguments come from the compiler, not from the program: kinds and numbers of names, lists and texts are
 * right, and are not checked.
 */
#include <stdlib.h>
#include <string.h>

#include "arith.h"
#include "array.h"
#include "dict.h"
#include "gc.h"
#include "object.h"
#include "output.h"
#include "pointer.h"
#include "proto.h"
#include "run.h"
#include "task.h"
#include "type.h"

#define INTRINSIC(name) static NativeStatus intrinsic_##name(NATIVE_ARGS)

/* The code that the intrinsic stands in: type arguments are indices into its types. */
static const Proto *running_proto(Vm *vm) {
    const Task *task = vm->current;
    return task->frames[task->frame_count - 1].closure->proto;
}

static String **copy_names(Vm *vm, const Array *list) {
    String **names = heap_raw(vm, list->length * sizeof *names);
    for (uint32_t i = 0; i < list->length; i++) names[i] = list->items[i].string;
    return names;
}

/* Pairs the names of a list with the values. */
static bool fill_members(Vm *vm, Dict *members, const Array *names, const Value *values) {
    for (uint32_t i = 0; i < names->length; i++)
        if (!dict_set(vm, members, names->items[i], values[i])) return false;
    return true;
}

/* ---- types ---- */

static TypeEntry field_type(const Proto *proto, const String *flag) {
    if (flag->length == 0) return (TypeEntry){.mask = ~0u};
    return proto->types[atoi(flag->bytes)];
}

INTRINSIC(STRUCT_TYPE) {
    const Proto *proto = running_proto(vm);
    const Array *names = args[1].array, *flags = args[2].array;
    Struct *structure = HEAP_NEW(vm, Struct, T_STRUCT);
    structure->obj.hash = vm->next_type_id++;
    structure->name = args[0].string;
    structure->methods = dict_new(vm, 0);
    structure->unit = unit_retain(proto->unit);
    structure->field_count = names->length;
    structure->field_names = copy_names(vm, names);
    structure->field_types = heap_raw(vm, names->length * sizeof(TypeEntry));
    for (uint32_t i = 0; i < names->length; i++) structure->field_types[i] = field_type(proto, flags->items[i].string);
    NATIVE_RETURN(value_obj(structure));
}

INTRINSIC(METHOD) {
    dict_set(vm, args[0].structure->methods, args[1], args[2]);
    NATIVE_RETURN(NULL_VALUE);
}

INTRINSIC(CONSTRUCTOR) {
    if (args[0].tag == T_STRUCT)
        args[0].structure->constructor = args[1].closure;
    else
        args[0].error_type->constructor = args[1].closure;
    gc_write(vm, args[1]);
    NATIVE_RETURN(NULL_VALUE);
}

INTRINSIC(INSTANCE) {
    Struct *structure = args[0].structure;
    Instance *instance = instance_new(vm, structure);
    for (int i = 1; i < argc; i++)
        instance->fields[i - 1] = native_given(args[i]) ? args[i] : type_zero(vm, structure->field_types[i - 1].type);
    NATIVE_RETURN(value_obj(instance));
}

INTRINSIC(ENUM_TYPE) {
    Enum *enumeration = enum_new(vm, args[0].string);
    if (!fill_members(vm, enumeration->members, args[1].array, args[2].array->items)) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(enumeration));
}

INTRINSIC(ERROR_TYPE) {
    ErrorType *type = HEAP_NEW(vm, ErrorType, T_ERROR_TYPE);
    type->name = args[0].string;
    type->field_count = args[1].array->length;
    type->field_names = copy_names(vm, args[1].array);
    NATIVE_RETURN(value_obj(type));
}

/* The message of a custom error is its field of that name, otherwise "Name(values)". */
INTRINSIC(ERROR) {
    ErrorType *type = args[0].error_type;
    Error *error = HEAP_NEW(vm, Error, T_ERROR);
    error->obj.flags = ERROR_CUSTOM;
    error->name = type->name;
    error->type = type;
    error->value = UNDEFINED_VALUE;
    error->data = dict_new(vm, type->field_count);
    bool has_message = false;
    Text text = {0};
    text_append(&text, type->name->bytes, type->name->length);
    text_putc(&text, '(');
    for (int i = 1; i < argc; i++) {
        if (i > 1) text_puts(&text, ", ");
        text_repr(vm, &text, args[i]);
        dict_set(vm, error->data, value_obj(type->field_names[i - 1]), args[i]);
        if (type->field_names[i - 1] != vm->names[NAME_message]) continue;
        has_message = true;
        error->message = string_of(vm, args[i]);
    }
    text_putc(&text, ')');
    if (!has_message) error->message = string_new(vm, text.bytes, text.length);
    text_free(&text);
    if (!error->message) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(error));
}

INTRINSIC(TYPE_ALIAS) {
    const Proto *proto = running_proto(vm);
    TypeValue *type = HEAP_NEW(vm, TypeValue, T_TYPE);
    type->name = args[0].string;
    type->unit = unit_retain(proto->unit);
    type->type = proto->types[args[1].i].type;
    NATIVE_RETURN(value_obj(type));
}

/* Sets of functions do not change once they are made: whoever holds the old one keeps it. */
INTRINSIC(OVERLOAD) {
    Closure *added = args[1].closure;
    Closure **known = NULL;
    uint32_t count = 0, place = 0;
    if (args[0].tag == T_CLOSURE) {
        known = &args[0].closure;
        count = 1;
    } else if (args[0].tag == T_OVERLOAD) {
        known = args[0].overload->functions;
        count = args[0].overload->count;
    }
    while (place < count && known[place]->proto->parameter_count != added->proto->parameter_count) place++;
    if (count == 0 || (count == 1 && place == 0)) NATIVE_RETURN(args[1]);
    uint32_t total = place == count ? count + 1 : count;
    Overload *overload = heap_object(vm, T_OVERLOAD, sizeof(Overload) + total * sizeof(Closure *));
    overload->count = total;
    for (uint32_t i = 0; i < total; i++) overload->functions[i] = i == place ? added : known[i];
    NATIVE_RETURN(value_obj(overload));
}

/* Three lists: the names of all members, those of the constants among them, and the members' boxes. */
INTRINSIC(PACKAGE) {
    Module *package = module_new(vm, args[0].string);
    package->is_package = true;
    const Array *constants = args[2].array;
    if (!fill_members(vm, package->members, args[1].array, args[3].array->items)) return NATIVE_ERROR;
    for (uint32_t i = 0; i < constants->length; i++) {
        Value member = NULL_VALUE;
        if (dict_get_name(package->members, constants->items[i].string, &member)) member.obj->flags |= BOX_CONST;
    }
    NATIVE_RETURN(value_obj(package));
}

/* ---- patterns ---- */

INTRINSIC(MATCH_ARRAY) {
    Value value = args[0];
    int64_t wanted = args[1].i;
    bool matches = value.tag == T_ARRAY &&
                   (value_truthy(args[2]) ? value.array->length >= wanted : value.array->length == wanted);
    NATIVE_RETURN(value_bool(matches));
}

INTRINSIC(MATCH_DICT) {
    Value found;
    bool matches = args[0].tag == T_DICT && value_hashable(args[1]) && dict_get(args[0].dict, args[1], &found);
    NATIVE_RETURN(value_bool(matches));
}

INTRINSIC(MATCH_RANGE) {
    bool contained = args[1].tag == T_RANGE && value_is_number(args[0]) && arith_in(vm, &args[0], &args[1]) == 1;
    NATIVE_RETURN(value_bool(contained || value_equal(args[0], args[1])));
}

/* ---- pointers ---- */

/* A pointer to a part of what [object] is now. If that is a pointer itself, it is followed here, once and for all. */
static NativeStatus point_into(Vm *vm, PointerKind kind, const Value *args, Value *result) {
    Value base;
    if (!pointer_follow(vm, args[0], &base)) return NATIVE_ERROR;
    Pointer *pointer = pointer_new(vm, kind, base, args[1]);
    Value now;
    if (!pointer_read(vm, pointer, &now)) return NATIVE_ERROR; /* there is no such place */
    NATIVE_RETURN(value_obj(pointer));
}

INTRINSIC(POINTER_BOX) {
    Pointer *pointer = pointer_new(vm, POINTER_TO_BOX, args[0], argc > 2 ? args[2] : NULL_VALUE);
    if (argc > 1 && args[1].tag == T_TRUE) args[0].obj->flags |= BOX_CONST;
    NATIVE_RETURN(value_obj(pointer));
}

INTRINSIC(POINTER_INDEX) { return point_into(vm, POINTER_TO_INDEX, args, result); }

INTRINSIC(POINTER_FIELD) { return point_into(vm, POINTER_TO_FIELD, args, result); }

INTRINSIC(POINTER_VALUE) {
    Box *box = box_new(vm, args[0]);
    NATIVE_RETURN(value_obj(pointer_new(vm, POINTER_TO_BOX, value_obj(box), NULL_VALUE)));
}

static bool check_pointer(Vm *vm, Value value) {
    if (value.tag == T_POINTER) return true;
    vm_raise(vm, ERR_TYPE, "cannot dereference %s: it is no pointer", error_describe(vm, value));
    return false;
}

INTRINSIC(POINTER_GET) {
    if (!check_pointer(vm, args[0])) return NATIVE_ERROR;
    return pointer_read(vm, args[0].pointer, result) ? NATIVE_OK : NATIVE_ERROR;
}

INTRINSIC(POINTER_SET) {
    if (!check_pointer(vm, args[0]) || !pointer_write(vm, args[0].pointer, &args[1])) return NATIVE_ERROR;
    NATIVE_RETURN(args[1]);
}

/* ---- declaratives ---- */

typedef struct {
    const char *word, *label, *color;
    bool raises;
} Declarative;

static const Declarative declaratives[] = {
    {"info", "INFO", "36", false},       {"debug", "DEBUG", "35", false}, {"note", "NOTE", "34", false},
    {"todo", "TODO", "33", false},       {"warn", "WARN", "33", false},   {"success", "SUCCESS", "32", false},
    {"trace", "TRACE", "37", false},     {"log", "LOG", "31", false},     {"fatal", "FATAL", "31", true},
    {"critical", "CRITICAL", "91", true}};

static const Declarative *find_declarative(const String *word) {
    const Declarative *last = &declaratives[sizeof declaratives / sizeof *declaratives - 1];
    const Declarative *d = declaratives;
    while (d < last && !string_is(word, d->word)) d++;
    return d;
}

INTRINSIC(DECLARATIVE) {
    const Declarative *d = find_declarative(args[0].string);
    Text text = {0};
    if (vm->color)
        text_printf(&text, "\x1b[1;%sm[%s]\x1b[0m: ", d->color, d->label);
    else
        text_printf(&text, "[%s]: ", d->label);
    text_value(vm, &text, args[1]);
    text_putc(&text, '\n');
    output_write(vm, vm->current->cell, VINT_STDOUT, text.bytes, text.length);
    text_free(&text);
    if (!d->raises) NATIVE_RETURN(NULL_VALUE);
    String *message = string_of(vm, args[1]);
    return message ? vm_raise(vm, ERR_ERROR, "%s: %.*s", d->label, (int)message->length, message->bytes) : NATIVE_ERROR;
}

/* ---- errors ---- */

/* What asks the task to end is taken only by a clause that names it; "Error" takes all others. A thrown value is taken
 * by its type, too. */
static bool error_matches(Vm *vm, Error *error, const String *name) {
    if (string_equal(error->name, (String *)name)) return true;
    if (error->obj.flags & ERROR_ENDING) return false;
    if (name->length == 0 || string_is(name, "Error")) return true;
    TypeNode type = {.kind = TYPE_NAME, .name = {.text = name->bytes}};
    if (type_fits(vm, &type, value_obj(error), NULL)) return true;
    return error->value.tag != T_UNDEFINED && type_fits(vm, &type, error->value, NULL);
}

INTRINSIC(ERROR_MATCHES) { NATIVE_RETURN(value_bool(error_matches(vm, args[0].error, args[1].string))); }

void intrinsics_register(void) {
#define OWN(name) run_intrinsics[INTRINSIC_##name] = intrinsic_##name
    OWN(STRUCT_TYPE);
    OWN(METHOD);
    OWN(CONSTRUCTOR);
    OWN(INSTANCE);
    OWN(ENUM_TYPE);
    OWN(ERROR_TYPE);
    OWN(ERROR);
    OWN(TYPE_ALIAS);
    OWN(OVERLOAD);
    OWN(PACKAGE);
    OWN(MATCH_ARRAY);
    OWN(MATCH_DICT);
    OWN(MATCH_RANGE);
    OWN(POINTER_BOX);
    OWN(POINTER_INDEX);
    OWN(POINTER_FIELD);
    OWN(POINTER_VALUE);
    OWN(POINTER_GET);
    OWN(POINTER_SET);
    OWN(DECLARATIVE);
    OWN(ERROR_MATCHES);
#undef OWN
}
