/*
 * type.c -- type annotations at run time.
 *
 * Checks are shallow: a [] is any array, a {} any dict, whatever they hold. So almost every type is a set of
 * tags, and a check is one bit test in run.c, on a mask made when the code was loaded. What is left comes here:
 * names of structs, enums, error types and aliases, looked up when they are needed, and integers that become
 * floats.
 */
#include "type.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dict.h"
#include "error.h"
#include "gc.h"
#include "object.h"
#include "syntax/basic_types.h"
#include "task.h"

#define BIT(tag) (1u << T_##tag)
#define ANYTHING (~0u)
#define BOOLS (BIT(FALSE) | BIT(TRUE))
#define INTEGERS BIT(INT)
#define FLOATS BIT(FLOAT)
#define STRINGS BIT(STRING)
#define ERRORS BIT(ERROR)
#define NOTHING BIT(NULL)
#define NUMBERS (BIT(INT) | BIT(FLOAT))
#define FUNCTIONS (BIT(CLOSURE) | BIT(NATIVE) | BIT(OVERLOAD))
#define ALIAS_LIMIT 32 /* aliases of aliases; more are taken for a cycle */

typedef struct {
    const char *name;
    uint32_t mask;
} BasicType;

static const BasicType basic_types[] = {
#define X(name, fits) {name, fits},
    BASIC_TYPES(X)
#undef X
    {0}};

/* Words that the signatures of builtins use. A declaration of the same name wins. */
static const BasicType signature_types[] = {
    {"number", NUMBERS},     {"array", BIT(ARRAY)},     {"dict", BIT(DICT)},       {"range", BIT(RANGE)},
    {"func", FUNCTIONS},     {"function", FUNCTIONS},   {"chan", BIT(CHANNEL)},    {"promise", BIT(PROMISE)},
    {"task", BIT(TASK)},     {"module", BIT(MODULE)},   {"time", BIT(TIME)},       {"duration", BIT(DURATION)},
    {"file", BIT(FILE)},     {0}};

const char *type_basic_name(int index) {
    return basic_types[index].name;
}

static uint32_t look_up(const BasicType *types, const Name *name) {
    for (; types->name; types++)
        if (strcmp(types->name, name->text) == 0) return types->mask;
    return 0;
}

uint32_t type_word_mask(const char *word, size_t length) {
    const BasicType *const lists[] = {basic_types, signature_types};
    for (int i = 0; i < 2; i++)
        for (const BasicType *type = lists[i]; type->name; type++)
            if (strlen(type->name) == length && memcmp(type->name, word, length) == 0) return type->mask;
    return 0;
}

void type_each_word(void (*visit)(void *arg, const char *word), void *arg) {
    for (const BasicType *type = basic_types; type->name; type++) visit(arg, type->name);
    for (const BasicType *type = signature_types; type->name; type++) visit(arg, type->name);
}

uint32_t type_mask(const TypeNode *type) {
    if (!type) return ANYTHING;
    switch (type->kind) {
    case TYPE_NAME:
        return look_up(basic_types, &type->name);
    case TYPE_ARRAY:
        return BIT(ARRAY);
    case TYPE_DICT:
        return BIT(DICT);
    case TYPE_POINTER:
        return BIT(POINTER);
    case TYPE_CHAN:
        return BIT(CHANNEL);
    case TYPE_FUNCTION:
        return FUNCTIONS;
    case TYPE_TUPLE:
        return ANYTHING;
    case TYPE_UNION: {
        uint32_t mask = 0;
        for (int i = 0; i < type->count; i++) mask |= type_mask(type->items[i]);
        return mask;
    }
    }
    return 0;
}

/* ---- what fits ---- */

/* The global of that name in the session; undefined when there is none. */
static Value session_global(Vm *vm, const char *name, size_t length) {
    Value slot;
    if (!dict_get_name(vm->global_slots, string_intern(vm, name, length), &slot)) return UNDEFINED_VALUE;
    return vm->globals[slot.i].value;
}

/* What the module or package [value] has under the names "a.b.c"; undefined when it has no such thing. */
static Value member_of(Vm *vm, Value value, const char *path) {
    while (path && value.tag == T_MODULE) {
        const char *dot = strchr(path, '.');
        size_t length = dot ? (size_t)(dot - path) : strlen(path);
        Value member;
        if (!dict_get_name(value.module->members, string_intern(vm, path, length), &member)) return UNDEFINED_VALUE;
        value = value.module->is_package ? member.box->value : member;
        path = dot ? dot + 1 : NULL;
    }
    return path ? UNDEFINED_VALUE : value;
}

/* What the name of a type stands for; null when it is nothing that is declared. */
static Value declared(Vm *vm, const TypeNode *type) {
    const char *dot = strchr(type->name.text, '.');
    size_t length = dot ? (size_t)(dot - type->name.text) : strlen(type->name.text);
    Value value = type->global > 0 ? vm->globals[type->global - 1].value : session_global(vm, type->name.text, length);
    value = member_of(vm, value, dot ? dot + 1 : NULL);
    return value.tag == T_UNDEFINED ? NULL_VALUE : value;
}

static bool is_member(const Enum *enumeration, Value value) {
    Value name, member;
    for (uint32_t cursor = 0; dict_next(enumeration->members, &cursor, &name, &member);)
        if (value_equal(member, value)) return true;
    return false;
}

static bool fits(Vm *vm, const TypeNode *type, Value value, Value *widen, int depth);

static bool name_fits(Vm *vm, const TypeNode *type, Value value, Value *widen, int depth) {
    const Name *name = &type->name;
    if (value.tag == T_INSTANCE && string_is(value.instance->structure->name, name->text)) return true;
    if (value.tag == T_ERROR && string_is(value.error->name, name->text)) return true;
    Value global = declared(vm, type);
    switch (global.tag) {
    case T_STRUCT:
        return value.tag == T_INSTANCE && value.instance->structure == global.structure;
    case T_ENUM:
        return is_member(global.enumeration, value);
    case T_ERROR_TYPE:
        return value.tag == T_ERROR && value.error->type == global.error_type;
    case T_TYPE:
        return depth < ALIAS_LIMIT && fits(vm, global.type->type, value, widen, depth + 1);
    default:
        return look_up(signature_types, name) >> value.tag & 1;
    }
}

static bool fits(Vm *vm, const TypeNode *type, Value value, Value *widen, int depth) {
    uint32_t mask = type_mask(type);
    if (mask >> value.tag & 1) return true;
    if (widen && value.tag == T_INT && mask & BIT(FLOAT)) {
        *widen = value_float((double)value.i);
        return true;
    }
    if (type->kind == TYPE_NAME) return mask == 0 && name_fits(vm, type, value, widen, depth);
    if (type->kind == TYPE_UNION)
        for (int i = 0; i < type->count; i++)
            if (fits(vm, type->items[i], value, widen, depth)) return true;
    return false;
}

bool type_fits(Vm *vm, const TypeNode *type, Value value, Value *widen) { return fits(vm, type, value, widen, 0); }

/* ---- casts ---- */

static bool cannot_convert(Vm *vm, Value value, const char *target) {
    if (value.tag == T_STRING || value.tag == T_FLOAT)
        vm_raise(vm, ERR_VALUE, "cannot convert %s to %s", error_describe(vm, value), target);
    else
        vm_raise(vm, ERR_TYPE, "cannot convert %s to %s", value_type_name(value), target);
    return false;
}

static bool starts_number(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.'; }

/* The whole of a string as a number, decimal; false when it is none, or is too large. */
static bool parse_int(const String *s, int64_t *number) {
    char digits[32], *end;
    if (s->length == 0 || s->length >= sizeof digits || !starts_number(s->bytes[0])) return false;
    memcpy(digits, s->bytes, s->length);
    digits[s->length] = '\0';
    errno = 0;
    *number = strtoll(digits, &end, 10);
    return errno == 0 && end == digits + s->length;
}

static bool parse_float(const String *s, double *number) {
    char digits[400], *end;
    if (s->length == 0 || s->length >= sizeof digits || !starts_number(s->bytes[0])) return false;
    memcpy(digits, s->bytes, s->length);
    digits[s->length] = '\0';
    *number = strtod(digits, &end);
    return end == digits + s->length && !strpbrk(digits, "xXnN");
}

static bool cast_to_int(Vm *vm, Value value, Value *out) {
    int64_t number;
    if (value.tag == T_INT) {
        *out = value;
    } else if (value.tag == T_FLOAT && value.f >= -0x1p63 && value.f < 0x1p63) {
        *out = value_int((int64_t)value.f);
    } else if (value_is_bool(value)) {
        *out = value_int(value.tag == T_TRUE);
    } else if (value.tag == T_STRING && parse_int(value.string, &number)) {
        *out = value_int(number);
    } else {
        return cannot_convert(vm, value, "INTEGER");
    }
    return true;
}

static bool cast_to_float(Vm *vm, Value value, Value *out) {
    double number;
    if (value_is_number(value)) {
        *out = value_float(value_number(value));
    } else if (value_is_bool(value)) {
        *out = value_float(value.tag == T_TRUE);
    } else if (value.tag == T_STRING && parse_float(value.string, &number)) {
        *out = value_float(number);
    } else {
        return cannot_convert(vm, value, "FLOAT");
    }
    return true;
}

static bool cast_to_string(Vm *vm, Value value, Value *out) {
    String *text = string_of(vm, value);
    if (!text) return false;
    *out = value_obj(text);
    return true;
}

/* Unlike conditions, a cast takes zero and "" for false. */
static bool cast_truth(Value value) {
    if (value_is_number(value)) return value_number(value) != 0;
    return value.tag == T_STRING ? value.string->length > 0 : value_truthy(value);
}

static const TypeNode *resolve_alias(Vm *vm, const TypeNode *type) {
    for (int i = 0; i < ALIAS_LIMIT && type && type->kind == TYPE_NAME && type_mask(type) == 0; i++) {
        Value global = declared(vm, type);
        if (global.tag != T_TYPE) break;
        type = global.type->type;
    }
    return type;
}

bool type_cast(Vm *vm, const TypeNode *type, Value value, Value *out) {
    Value fitting = value;
    if (type_fits(vm, type, value, &fitting)) {
        *out = fitting;
        return true;
    }
    type = resolve_alias(vm, type);
    switch (type->kind == TYPE_NAME ? type_mask(type) : 0) {
    case BIT(INT):
        return cast_to_int(vm, value, out);
    case BIT(FLOAT):
        return cast_to_float(vm, value, out);
    case BIT(STRING):
        return cast_to_string(vm, value, out);
    case BOOLS:
        *out = value_bool(cast_truth(value));
        return true;
    default: {
        Text text = {0};
        type_print(type, &text);
        vm_raise(vm, ERR_TYPE, "cannot cast %s to %s", value_type_name(value), text_cstring(&text));
        text_free(&text);
        return false;
    }
    }
}

/* ---- zero values ---- */

/* The structs being made, innermost first: a field of such a type starts with null, or there would be no end. */
typedef struct Building {
    const Struct *structure;
    const struct Building *outer;
} Building;

static Value zero(Vm *vm, const TypeNode *type, const Building *outer);

static Value zero_instance(Vm *vm, Struct *structure, const Building *outer) {
    for (const Building *b = outer; b; b = b->outer)
        if (b->structure == structure) return NULL_VALUE;
    Building building = {structure, outer};
    Instance *instance = instance_new(vm, structure);
    for (uint32_t i = 0; i < structure->field_count; i++)
        instance->fields[i] = zero(vm, structure->field_types[i].type, &building);
    return value_obj(instance);
}

/* [n]T starts with n zero values; one too long for the heap with none. */
static Value zero_array(Vm *vm, const TypeNode *type, const Building *outer) {
    size_t length = type->length > 0 ? (size_t)type->length : 0;
    Array *array = array_new(vm, length);
    if (!array) {
        vm->error = NULL;
        return value_obj(array_new(vm, 0));
    }
    for (size_t i = 0; i < length; i++) array_push(vm, array, zero(vm, type->items[0], outer));
    return value_obj(array);
}

static Value zero(Vm *vm, const TypeNode *type, const Building *outer) {
    type = resolve_alias(vm, type);
    if (!type) return NULL_VALUE;
    if (type->kind == TYPE_ARRAY) return zero_array(vm, type, outer);
    if (type->kind == TYPE_DICT) return value_obj(dict_new(vm, 0));
    if (type->kind == TYPE_UNION) {
        bool has_null = type_mask(type) & BIT(NULL);
        return has_null || type->count == 0 ? NULL_VALUE : zero(vm, type->items[0], outer);
    }
    if (type->kind != TYPE_NAME) return NULL_VALUE;
    switch (type_mask(type)) {
    case BIT(INT):
        return value_int(0);
    case BIT(FLOAT):
        return value_float(0);
    case BIT(STRING):
        return value_obj(string_new(vm, "", 0));
    case BOOLS:
        return value_bool(false);
    case 0: {
        Value global = declared(vm, type);
        if (global.tag == T_STRUCT) return zero_instance(vm, global.structure, outer);
        if (global.tag != T_NULL) return NULL_VALUE;
        if (look_up(signature_types, &type->name) == BIT(ARRAY)) return value_obj(array_new(vm, 0));
        if (look_up(signature_types, &type->name) == BIT(DICT)) return value_obj(dict_new(vm, 0));
        return NULL_VALUE;
    }
    default:
        return NULL_VALUE;
    }
}

Value type_zero(Vm *vm, const TypeNode *type) { return zero(vm, type, NULL); }

/* ---- printing, and the check that reports ---- */

static void print_list(const TypeNode *type, const char *between, Text *text) {
    for (int i = 0; i < type->count; i++) {
        if (i > 0) text_puts(text, between);
        type_print(type->items[i], text);
    }
}

static bool is_nil(const TypeNode *type) { return type->kind == TYPE_NAME && type_mask(type) == BIT(NULL); }

void type_print(const TypeNode *type, Text *text) {
    if (!type) return text_puts(text, "any");
    switch (type->kind) {
    case TYPE_NAME:
        text_puts(text, type->name.text);
        break;
    case TYPE_ARRAY:
        if (type->length >= 0)
            text_printf(text, "[%lld]", (long long)type->length);
        else
            text_puts(text, "[]");
        type_print(type->items[0], text);
        break;
    case TYPE_DICT:
        text_putc(text, '{');
        print_list(type, ": ", text);
        text_putc(text, '}');
        break;
    case TYPE_POINTER:
        text_putc(text, '*');
        type_print(type->items[0], text);
        break;
    case TYPE_CHAN:
        text_puts(text, "chan");
        if (type->count > 0) text_putc(text, ' ');
        print_list(type, "", text);
        break;
    case TYPE_FUNCTION:
        text_puts(text, "func(");
        print_list(type, ", ", text);
        text_putc(text, ')');
        if (type->result) {
            text_putc(text, ' ');
            type_print(type->result, text);
        }
        break;
    case TYPE_TUPLE:
        text_putc(text, '(');
        print_list(type, ", ", text);
        text_putc(text, ')');
        break;
    case TYPE_UNION:
        if (type->count == 2 && is_nil(type->items[1])) {
            type_print(type->items[0], text);
            text_putc(text, '?');
        } else {
            print_list(type, " | ", text);
        }
        break;
    }
}

static const char *name_or(const String *name, const char *otherwise) { return name ? name->bytes : otherwise; }

/* The function whose parameters are being checked. */
static const char *running_name(Vm *vm) {
    const Task *task = vm->current;
    return name_or(task->frames[task->frame_count - 1].closure->proto->name, "?");
}

static bool is_type(Value value) {
    return value.tag == T_STRUCT || value.tag == T_ENUM || value.tag == T_ERROR_TYPE || value.tag == T_TYPE;
}

/* Does the name mean no type? A local here may: types that functions declare are told by their instances. */
static bool is_unknown(Vm *vm, const TypeNode *type) {
    return type->kind == TYPE_NAME && !type_mask(type) && !look_up(signature_types, &type->name) &&
           !is_type(declared(vm, type)) && !strchr(type->name.text, '.');
}

static void raise_unknown(Vm *vm, const Name *name) {
    Suggestion near = suggest_for(name->text, strlen(name->text));
    for (const BasicType *type = basic_types; type->name; type++)
        suggest_consider(&near, type->name, strlen(type->name));
    for (uint32_t i = 0; i < vm->global_count; i++)
        if (is_type(vm->globals[i].value))
            suggest_consider(&near, vm->globals[i].name->bytes, vm->globals[i].name->length);
    vm_raise(vm, ERR_TYPE, "unknown type '%s'%s", name->text,
             near.best ? suggest_text(&near) : "; the basic types are int, float64, string and bool");
}

/* The library's own functions are called like natives, and say the same as native_check(). False: it is none of them. */
static bool raise_for_library(Vm *vm, const String *parameter, const char *wanted, const char *got) {
    const Task *task = vm->current;
    const Proto *proto = task->frames[task->frame_count - 1].closure->proto;
    if (!proto->is_prelude) return false;
    const CodeFunction *function = proto->code_function;
    int index = 0;
    while (index < function->parameter_count && !string_is(parameter, function->parameter_names[index])) index++;
    vm_raise(vm, ERR_TYPE, "%s() expects %s as argument %d (%s), got %s", running_name(vm), wanted, index + 1,
             parameter->bytes, got);
    return true;
}

static void raise_mismatch(Vm *vm, const TypeEntry *entry, CheckContext context, Value value) {
    if (context != CHECK_FIELD && is_unknown(vm, entry->type)) {
        raise_unknown(vm, &entry->type->name);
        return;
    }
    Text type = {0};
    type_print(entry->type, &type);
    const char *wanted = text_cstring(&type), *got = error_describe(vm, value);
    const char *name = name_or(entry->name, "?"); /* interned: its bytes are followed by a NUL */
    const char *owner = name_or(entry->owner, NULL); /* the struct of a field or method */
    switch (context) {
    case CHECK_VARIABLE:
    case CHECK_ASSIGN:
        vm_raise(vm, ERR_TYPE, "cannot assign %s to variable '%s' of type %s", got, name, wanted);
        break;
    case CHECK_PARAMETER:
        if (entry->name && raise_for_library(vm, entry->name, wanted, got)) break;
        if (owner)
            vm_raise(vm, ERR_TYPE, "parameter '%s' in method '%s' expects %s, got %s", name, running_name(vm), wanted,
                     got);
        else
            vm_raise(vm, ERR_TYPE, "parameter '%s' expects %s, got %s", name, wanted, got);
        break;
    case CHECK_RETURN:
        if (owner)
            vm_raise(vm, ERR_TYPE, "method '%s' returns %s, but body returned %s", name, wanted, got);
        else
            vm_raise(vm, ERR_TYPE, "function returns %s, but body returned %s%s", wanted, got,
                     value.tag == T_NULL ? "; does every way through it end in a `return`?" : "");
        break;
    case CHECK_COUNT:
        vm_raise(vm, ERR_TYPE, "repeat expects an integer count, got %s", got);
        break;
    case CHECK_FIELD:
        vm_raise(vm, ERR_TYPE, "field '%s' in %s '%s' expects %s, got %s", name, owner ? "struct" : "error",
                 owner ? owner : running_name(vm), wanted, got); /* an error's are checked by its constructor */
        break;
    }
    text_free(&type);
}

bool type_check(Vm *vm, const TypeEntry *entry, CheckContext context, Value *value) {
    Value fitting = *value;
    if (!type_fits(vm, entry->type, *value, &fitting)) {
        raise_mismatch(vm, entry, context, *value);
        return false;
    }
    *value = fitting;
    return true;
}
