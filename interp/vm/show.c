/*
 * show.c -- print forms: what print() and results show of a value.
 *
 * Containers are shown by recursion. Each level knows the one above, so a container that is inside itself is
 * recognised and shown as [...] or {...}; what is nested deeper than DEPTH_LIMIT, or comes where the text is to end, is
 * shown as "...". A few containers that hold each other, or the same long string, many times over could have a print form
 * without end: so there always is an end.
 */
#include <string.h>

#include "array.h"
#include "channel.h"
#include "dict.h"
#include "moment.h"
#include "native.h"
#include "object.h"
#include "pointer.h"
#include "promise.h"
#include "string.h"
#include "task.h"
#include "text.h"
#include "vm.h"

#define DEPTH_LIMIT 200
#define LENGTH_LIMIT (64u << 20) /* bytes */

typedef struct Level {
    const struct Level *above;
    const Obj *object;
    int depth;
    size_t end; /* of the text */
} Level;

static void show(Vm *vm, Text *text, Value value, const Level *above);

static void show_name(Text *text, const String *name) { text_append(text, name->bytes, name->length); }

/* How many bytes of a string there is room for, up to a border of characters. */
static uint32_t fitting(const Text *text, const String *s, size_t end) {
    size_t room = text->length < end ? end - text->length : 0;
    if (s->length <= room) return s->length;
    while (room > 0 && ((unsigned char)s->bytes[room] & 0xC0) == 0x80) room--;
    return (uint32_t)room;
}

/* A string as the language would write it. */
static void show_quoted(Text *text, const String *s, size_t end) {
    static const char escapes[128] = {
        ['\0'] = '0', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\',
    };
    text_putc(text, '"');
    uint32_t plain = 0; /* where the bytes begin that can be copied as they are */
    uint32_t length = fitting(text, s, end);
    for (uint32_t i = 0; i < length;) {
        unsigned char c = (unsigned char)s->bytes[i];
        int size = 1;
        bool invalid = c >= 0x80 && utf8_decode(s->bytes + i, length - i, &size) == 0xFFFD && size == 1;
        if (invalid || c < ' ' || c == 0x7F || c == '"' || c == '\\') {
            text_append(text, s->bytes + plain, i - plain);
            if (c < 0x80 && escapes[c]) {
                text_putc(text, '\\');
                text_putc(text, escapes[c]);
            } else {
                text_printf(text, "\\x%02x", c);
            }
            plain = i + 1;
        }
        i += (uint32_t)size;
    }
    text_append(text, s->bytes + plain, length - plain);
    text_puts(text, length < s->length ? "...\"" : "\"");
}

/* Is the text at its end? Then dots say so. One that is cut does not grow any more. */
static bool show_end(Text *text, const Level *level) {
    if (text->length <= level->end && !text->is_cut) return false;
    text_puts(text, "...");
    return true;
}

static void show_array(Vm *vm, Text *text, const Array *array, const Level *level) {
    text_putc(text, '[');
    for (uint32_t i = 0; i < array->length; i++) {
        if (i > 0) text_puts(text, ", ");
        if (show_end(text, level)) break;
        show(vm, text, array->items[i], level);
    }
    text_putc(text, ']');
}

static void show_dict(Vm *vm, Text *text, const Dict *dict, const Level *level) {
    Value key, value;
    const char *between = "{";
    for (uint32_t cursor = 0; dict_next(dict, &cursor, &key, &value); between = ", ") {
        text_puts(text, between);
        if (show_end(text, level)) break;
        show(vm, text, key, level);
        text_puts(text, ": ");
        show(vm, text, value, level);
    }
    text_puts(text, dict->count ? "}" : "{}");
}

static void show_instance(Vm *vm, Text *text, const Instance *instance, const Level *level) {
    const Struct *structure = instance->structure;
    show_name(text, structure->name);
    text_putc(text, '{');
    for (uint32_t i = 0; i < structure->field_count; i++) {
        if (i > 0) text_puts(text, ", ");
        if (show_end(text, level)) break;
        show_name(text, structure->field_names[i]);
        text_puts(text, ": ");
        show(vm, text, instance->fields[i], level);
    }
    text_putc(text, '}');
}

static void show_struct(Text *text, const Struct *structure) {
    text_puts(text, "struct ");
    show_name(text, structure->name);
    const char *between = " { ";
    for (uint32_t i = 0; i < structure->field_count; i++, between = ", ") {
        text_puts(text, between);
        show_name(text, structure->field_names[i]);
    }
    Value name, method;
    if (structure->field_count > 0) between = "; ";
    for (uint32_t cursor = 0; structure->methods && dict_next(structure->methods, &cursor, &name, &method);) {
        text_puts(text, between);
        show_name(text, name.string);
        text_puts(text, "()");
        between = ", ";
    }
    text_puts(text, between[1] == '{' ? " {}" : " }");
}

static void show_enum(Vm *vm, Text *text, const Enum *enumeration, const Level *level) {
    text_puts(text, "enum ");
    show_name(text, enumeration->name);
    Value name, value;
    const char *between = " { ";
    for (uint32_t cursor = 0; dict_next(enumeration->members, &cursor, &name, &value); between = ", ") {
        text_puts(text, between);
        show_name(text, name.string);
        text_puts(text, " = ");
        show(vm, text, value, level);
    }
    text_puts(text, enumeration->members->count ? " }" : " {}");
}

static void show_function(Text *text, const Closure *closure) {
    const CodeFunction *code = closure->proto->code_function;
    text_puts(text, code->is_async ? "async func" : "func");
    if (closure->proto->name) {
        text_putc(text, ' ');
        show_name(text, closure->proto->name);
    }
    for (int i = 0; i < code->parameter_count; i++) {
        text_puts(text, i == 0 ? "(" : ", ");
        text_puts(text, code->parameter_names[i]);
    }
    text_puts(text, code->parameter_count ? ")" : "()");
}

static void show_overload(Text *text, const Overload *overload) {
    for (uint32_t i = 0; i < overload->count; i++) {
        if (i > 0) text_puts(text, " | ");
        show_function(text, overload->functions[i]);
    }
}

static void show_promise(Vm *vm, Text *text, const Promise *promise, const Level *level) {
    static const char *const states[] = {"Promise{pending", "Promise{resolved: ", "Promise{rejected: "};
    text_puts(text, states[promise->obj.flags]);
    if (promise->obj.flags != PROMISE_PENDING) show(vm, text, promise->value, level);
    text_putc(text, '}');
}

static void show_channel(Text *text, const Channel *channel) {
    if (channel->buffered)
        text_printf(text, "chan(buffered:%u)", channel->capacity);
    else
        text_puts(text, "chan(unbuffered)");
}

static void show_task(Text *text, const Task *task) {
    static const char *const waits[] = {
#define X(name, text) text,
        WAITS(X)
#undef X
    };
    static const char *const states[] = {[TASK_READY] = "ready", [TASK_RUNNING] = "running", [TASK_DONE] = "done"};
    const char *state = task->state == TASK_WAITING ? waits[task->wait] : states[task->state];
    text_printf(text, "Task %u (%s)", task->id, state);
}

/* What a pointer points to now; null when that is gone. */
static Value pointed(Vm *vm, const Pointer *pointer) {
    Value base = pointer->base, value = NULL_VALUE;
    switch ((PointerKind)pointer->obj.flags) {
    case POINTER_TO_BOX:
        return base.box->value;
    case POINTER_TO_GLOBAL:
        return vm->globals[base.i].value;
    case POINTER_TO_INDEX:
        if (base.tag == T_DICT) {
            dict_get(base.dict, pointer->key, &value);
        } else if (base.tag == T_ARRAY && pointer->key.tag == T_INT) {
            int64_t index = pointer->key.i < 0 ? pointer->key.i + base.array->length : pointer->key.i;
            if (index >= 0 && index < base.array->length) value = base.array->items[index];
        }
        return value;
    case POINTER_TO_FIELD:
        if (base.tag == T_INSTANCE) {
            const Struct *structure = base.instance->structure;
            for (uint32_t i = 0; i < structure->field_count; i++)
                if (string_equal(structure->field_names[i], pointer->key.string)) return base.instance->fields[i];
        } else if (base.tag == T_MODULE) {
            dict_get_name(base.module->members, pointer->key.string, &value);
        }
        return value;
    }
    return value;
}

static void show_pointer(Vm *vm, Text *text, const Pointer *pointer, const Level *level) {
    text_puts(text, "Pointer(");
    show(vm, text, pointed(vm, pointer), level);
    text_putc(text, ')');
}

static void show_error(Text *text, const Error *error) {
    show_name(text, error->name);
    text_puts(text, ": ");
    show_name(text, error->message);
}

static void show_error_type(Text *text, const ErrorType *type) {
    text_puts(text, "error type: ");
    show_name(text, type->name);
    text_putc(text, '(');
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (i > 0) text_puts(text, ", ");
        show_name(text, type->field_names[i]);
    }
    text_putc(text, ')');
}

/* A value that is in itself: its brackets with dots between. */
static void show_again(Text *text, Value value) {
    if (value.tag == T_INSTANCE) show_name(text, value.instance->structure->name);
    if (value.tag == T_PROMISE) text_puts(text, "Promise");
    text_puts(text, value.tag == T_ARRAY ? "[...]" : value.tag == T_POINTER ? "Pointer(...)" : "{...}");
}

/* The values that show other values. */
static void show_container(Vm *vm, Text *text, Value value, const Level *above) {
    Level level = {above, value.obj, above->depth + 1, above->end};
    for (const Level *l = above; l; l = l->above)
        if (l->object == value.obj) return show_again(text, value);
    if (level.depth > DEPTH_LIMIT) return text_puts(text, "...");
    switch (value.tag) {
    case T_ARRAY:
        return show_array(vm, text, value.array, &level);
    case T_DICT:
        return show_dict(vm, text, value.dict, &level);
    case T_INSTANCE:
        return show_instance(vm, text, value.instance, &level);
    case T_ENUM:
        return show_enum(vm, text, value.enumeration, &level);
    case T_PROMISE:
        return show_promise(vm, text, value.promise, &level);
    default:
        return show_pointer(vm, text, value.pointer, &level);
    }
}

/* Strings are quoted: those at top level that must not be do not come here. */
static void show(Vm *vm, Text *text, Value value, const Level *above) {
    switch ((ValueType)value.tag) {
    case T_NULL:
        return text_puts(text, "null");
    case T_FALSE:
        return text_puts(text, "false");
    case T_TRUE:
        return text_puts(text, "true");
    case T_INT:
        return text_int(text, value.i);
    case T_FLOAT:
        return text_float(text, value.f);
    case T_STRING:
        return show_quoted(text, value.string, above->end);
    case T_RANGE:
        text_int(text, value.range->from);
        text_puts(text, "..");
        return text_int(text, value.range->to);
    case T_ARRAY:
    case T_DICT:
    case T_INSTANCE:
    case T_ENUM:
    case T_PROMISE:
    case T_POINTER:
        return show_container(vm, text, value, above);
    case T_CLOSURE:
        return show_function(text, value.closure);
    case T_OVERLOAD:
        return show_overload(text, value.overload);
    case T_NATIVE:
        text_puts(text, "builtin function ");
        return show_name(text, value.native->name);
    case T_CHANNEL:
        return show_channel(text, value.channel);
    case T_TASK:
        return show_task(text, value.task);
    case T_STRUCT:
        return show_struct(text, value.structure);
    case T_ERROR_TYPE:
        return show_error_type(text, value.error_type);
    case T_ERROR:
        return show_error(text, value.error);
    case T_MODULE:
        text_puts(text, value.module->is_package ? "package: " : "Module: ");
        return show_name(text, value.module->name);
    case T_TYPE:
        return show_name(text, value.type->name);
    case T_TIME:
        return text_time(text, value.time);
    case T_DURATION:
        return text_duration(text, value.duration->nanoseconds);
    case T_FILE:
        return show_name(text, value.file->path);
    case T_RESOURCE:
        return text_printf(text, "<%s>", value.resource->kind->name);
    default: /* never seen by a program */
        return text_puts(text, "undefined");
    }
}

void text_repr_within(Vm *vm, Text *text, Value value, size_t length) {
    Level top = {.end = text->length + length};
    show(vm, text, value, &top);
}

void text_value_within(Vm *vm, Text *text, Value value, size_t length) {
    if (value.tag == T_STRING)
        text_append(text, value.string->bytes, fitting(text, value.string, text->length + length));
    else
        text_repr_within(vm, text, value, length);
}

void text_repr(Vm *vm, Text *text, Value value) {
    size_t quarter = vm->heap.limit / 4;
    text_repr_within(vm, text, value, quarter < LENGTH_LIMIT ? quarter : LENGTH_LIMIT);
}

void text_value(Vm *vm, Text *text, Value value) {
    if (value.tag == T_STRING)
        show_name(text, value.string);
    else
        text_repr(vm, text, value);
}

String *string_of(Vm *vm, Value value) {
    if (value.tag == T_STRING) return value.string;
    if (value.tag == T_INT) {
        char digits[INT_DIGITS];
        return string_new(vm, digits, int_print(value.i, digits));
    }
    Text text = {0};
    text_repr(vm, &text, value);
    String *s = string_new(vm, text.bytes, text.length);
    text_free(&text);
    return s;
}
