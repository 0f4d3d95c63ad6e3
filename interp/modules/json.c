/*
 * json.c -- the module `json`.
 *
 * Reading is jansson's. It is strict, says where a mistake is, and its objects keep the order of their keys; a tree of
 * its values becomes one of ours. Integers that need more than 64 bits are the one thing it refuses though the language
 * has an answer, FLOAT: such numbers get an exponent before it sees them, which makes reals of them.
 *
 * Writing is done here: what is written must be the language's own forms of numbers, and characters that mean something
 * to HTML are escaped, so that JSON can stand in a page.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lib/lib.h"
#include "modules.h"
#include "vm/object.h"

#define INDENT_LIMIT 100

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

/* Is the number at [at], which has no fraction and no exponent, too large for 64 bits? */
static bool too_large(const char *at, size_t length) {
    char digits[32];
    if (length < 19) return false;
    if (length >= sizeof digits) return true;
    memcpy(digits, at, length);
    digits[length] = 0;
    errno = 0;
    strtoll(digits, NULL, 10);
    return errno == ERANGE;
}

/* About how many bytes jansson takes for what begins with such a character, beside the text itself. */
static size_t cost_of(char c) {
    return c == '{' ? 240 : c == '[' ? 128 : c == ':' ? 64 : c == ',' ? 40 : 0;
}

/* The text with "e0" behind each integer that is too large. Returns the size of the tree that jansson makes of it. */
static size_t prepare(const char *bytes, size_t length, Text *out) {
    const char *at = bytes, *end = bytes + length;
    size_t size = length;
    bool inside = false; /* of a string */
    while (at < end) {
        const char *start = at++;
        if (!inside) size += cost_of(*start);
        if (inside) {
            if (*start == '\\' && at < end) at++;
            inside = *start != '"';
        } else if (*start == '"') {
            inside = true;
        } else if (*start == '-' || unicode_is_digit((unsigned char)*start)) {
            bool integer = true;
            while (at < end && (unicode_is_digit((unsigned char)*at) || (*at && strchr("+-.eE", *at)))) {
                integer &= unicode_is_digit((unsigned char)*at);
                at++;
            }
            text_append(out, start, (size_t)(at - start));
            if (integer && too_large(start, (size_t)(at - start))) text_puts(out, "e0");
            continue;
        }
        text_append(out, start, (size_t)(at - start));
    }
    return size;
}

static bool convert(Vm *vm, json_t *json, Value *value);

static bool convert_array(Vm *vm, json_t *json, Value *value) {
    Array *array = array_new(vm, json_array_size(json));
    size_t index;
    json_t *item;
    json_array_foreach(json, index, item) {
        Value element;
        if (!convert(vm, item, &element) || !array_push(vm, array, element)) return false;
    }
    *value = value_obj(array);
    return true;
}

static bool convert_object(Vm *vm, json_t *json, Value *value) {
    Dict *dict = dict_new(vm, json_object_size(json));
    const char *name;
    json_t *member;
    json_object_foreach(json, name, member) {
        Value element;
        if (!convert(vm, member, &element)) return false;
        if (!dict_set(vm, dict, value_obj(string_from(vm, name)), element)) return false;
    }
    *value = value_obj(dict);
    return true;
}

/* False with an error raised when the heap's limit is reached. Goes as deep as jansson reads: 2048 levels. */
static bool convert(Vm *vm, json_t *json, Value *value) {
    switch (json_typeof(json)) {
    case JSON_OBJECT: return !heap_refuses(vm, json_object_size(json) * 64) && convert_object(vm, json, value);
    case JSON_ARRAY: return !heap_refuses(vm, json_array_size(json) * 16) && convert_array(vm, json, value);
    case JSON_STRING:
        if (heap_refuses(vm, json_string_length(json))) return false;
        *value = value_obj(string_new(vm, json_string_value(json), json_string_length(json)));
        return true;
    case JSON_INTEGER: *value = value_int(json_integer_value(json)); return true;
    case JSON_REAL: *value = value_float(json_real_value(json)); return true;
    case JSON_TRUE:
    case JSON_FALSE: *value = value_bool(json_is_true(json)); return true;
    default: *value = NULL_VALUE; return true;
    }
}

bool json_read(Vm *vm, const char *bytes, size_t length, Value *value) {
    if (heap_refuses(vm, length)) return false;
    Text text = {0};
    if (heap_refuses(vm, prepare(bytes, length, &text))) {
        text_free(&text);
        return false;
    }
    json_error_t mistake;
    json_t *json = json_loadb(text_cstring(&text), text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &mistake);
    text_free(&text);
    if (!json) {
        vm_raise(vm, ERR_VALUE, "This data is not valid JSON: line %d, column %d: %s", mistake.line, mistake.column,
                 mistake.text);
        return false;
    }
    bool ok = convert(vm, json, value);
    json_decref(json);
    return ok;
}

static NativeStatus json_decode(NATIVE_ARGS) {
    return json_read(vm, args[0].string->bytes, args[0].string->length, result) ? NATIVE_OK : NATIVE_ERROR;
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

typedef struct {
    Vm *vm;
    Text text;
    int indent; /* blanks for each level; 0: all in one line */
    int level;
} Writer;

static bool write_value(Writer *w, Value value);

static void write_string(Text *text, const String *s) {
    text_putc(text, '"');
    for (uint32_t at = 0; at < s->length;) {
        static const char named[] = "\"\"\\\\\nn\rr\tt\bb\ff";
        int size;
        uint32_t point = utf8_decode(s->bytes + at, s->length - at, &size);
        const char *escape = point > 0 && point < 0x80 ? strchr(named, (int)point) : NULL;
        if (escape && (point < ' ' || point == '"' || point == '\\'))
            text_printf(text, "\\%c", escape[1]);
        else if (point < ' ' || point == '<' || point == '>' || point == '&' || point == 0x2028 || point == 0x2029)
            text_printf(text, "\\u%04x", point);
        else
            unicode_append(text, point);
        at += (uint32_t)size;
    }
    text_putc(text, '"');
}

static void new_line(Writer *w) {
    if (w->indent == 0) return;
    text_putc(&w->text, '\n');
    for (int i = w->indent * w->level; i > 0; i--) text_putc(&w->text, ' ');
}

/* A container opens, or closes after [count] elements. */
static bool open_container(Writer *w, char bracket) {
    if (++w->level > LIB_DEPTH_LIMIT) {
        vm_raise(w->vm, ERR_VALUE,
                 "Unable to convert data to JSON: it contains itself, or is nested deeper than %d levels",
                 LIB_DEPTH_LIMIT);
        return false;
    }
    text_putc(&w->text, bracket);
    return true;
}

static void close_container(Writer *w, char bracket, uint32_t count) {
    w->level--;
    if (count > 0) new_line(w);
    text_putc(&w->text, bracket);
}

static bool before_element(Writer *w, uint32_t index) {
    if (index > 0) text_putc(&w->text, ',');
    new_line(w);
    return lib_text_fits(w->vm, &w->text); /* it may be far larger than the values, when they share parts */
}

static bool write_member(Writer *w, uint32_t index, const String *name, Value value) {
    if (!before_element(w, index)) return false;
    write_string(&w->text, name);
    text_puts(&w->text, w->indent > 0 ? ": " : ":");
    return write_value(w, value);
}

static bool write_array(Writer *w, const Array *array) {
    if (!open_container(w, '[')) return false;
    for (uint32_t i = 0; i < array->length; i++) {
        if (!before_element(w, i) || !write_value(w, array->items[i])) return false;
    }
    close_container(w, ']', array->length);
    return true;
}

static bool write_dict(Writer *w, const Dict *dict) {
    Value key, value;
    uint32_t index = 0;
    if (!open_container(w, '{')) return false;
    for (uint32_t cursor = 0; dict_next(dict, &cursor, &key, &value);) {
        if (key.tag != T_STRING) {
            vm_raise(w->vm, ERR_TYPE, "Unable to convert data to JSON: keys must be strings, not %s",
                     error_describe(w->vm, key));
            return false;
        }
        if (!write_member(w, index++, key.string, value)) return false;
    }
    close_container(w, '}', index);
    return true;
}

static bool write_instance(Writer *w, const Instance *instance) {
    const Struct *structure = instance->structure;
    if (!open_container(w, '{')) return false;
    for (uint32_t i = 0; i < structure->field_count; i++)
        if (!write_member(w, i, structure->field_names[i], instance->fields[i])) return false;
    close_container(w, '}', structure->field_count);
    return true;
}

/* What JSON has no form for is null: functions, channels and the like. */
static bool write_value(Writer *w, Value value) {
    switch (value.tag) {
    case T_TRUE: text_puts(&w->text, "true"); return true;
    case T_FALSE: text_puts(&w->text, "false"); return true;
    case T_INT: text_int(&w->text, value.i); return true;
    case T_FLOAT:
        if (!isfinite(value.f)) {
            vm_raise(w->vm, ERR_VALUE, "Unable to convert data to JSON: it has no form for %s",
                     error_describe(w->vm, value));
            return false;
        }
        text_float(&w->text, value.f);
        return true;
    case T_STRING: write_string(&w->text, value.string); return true;
    case T_ARRAY: return write_array(w, value.array);
    case T_DICT: return write_dict(w, value.dict);
    case T_INSTANCE: return write_instance(w, value.instance);
    default: text_puts(&w->text, "null"); return true;
    }
}

bool json_write(Vm *vm, Value value, int indent, Text *text) {
    Writer w = {.vm = vm, .text = *text, .indent = indent};
    bool ok = write_value(&w, value) && lib_text_fits(vm, &w.text);
    *text = w.text;
    return ok;
}

static NativeStatus encode(Vm *vm, Value value, int64_t indent, Value *result) {
    if (indent > INDENT_LIMIT)
        return vm_raise(vm, ERR_VALUE, "indent must be at most %d, got %lld", INDENT_LIMIT, (long long)indent);
    Text text = lib_text(vm);
    if (json_write(vm, value, indent > 0 ? (int)indent : 0, &text)) return lib_return_text(vm, &text, result);
    text_free(&text);
    return NATIVE_ERROR;
}

static NativeStatus json_encode(NATIVE_ARGS) {
    return encode(vm, args[0], native_given(args[1]) ? args[1].i : 0, result);
}

/* ---- Both ------------------------------------------------------------------------------------------------------- */

static NativeStatus json_pretty(NATIVE_ARGS) {
    Value value;
    if (json_decode(vm, args, argc, &value) != NATIVE_OK) return NATIVE_ERROR;
    return encode(vm, value, 2, result);
}

static NativeStatus json_merge(NATIVE_ARGS) {
    Dict *merged = dict_copy(vm, args[0].dict);
    Value key, value;
    for (uint32_t cursor = 0; dict_next(args[1].dict, &cursor, &key, &value);)
        if (!dict_set(vm, merged, key, value)) return NATIVE_ERROR;
    return encode(vm, value_obj(merged), 0, result);
}

static NativeStatus json_get_key(NATIVE_ARGS) {
    Value value = NULL_VALUE;
    dict_get(args[0].dict, args[1], &value);
    NATIVE_RETURN(value);
}

static const NativeDef functions[] = {
    {"decode(text: string) -> any",
     "The value that is written in JSON: dicts, arrays, strings, numbers, booleans and null.", json_decode},
    {"encode(value: any, indent: int = 0) -> string",
     "The value in JSON; with an indent, one element a line. What JSON has no form for, as functions, is null.",
     json_encode},
    {"stringify(value: any, indent: int = 0) -> string", "The same as encode().", json_encode},
    {"pretty(text: string) -> string", "JSON text with one element a line, indented by 2.", json_pretty},
    {"merge(a: dict, b: dict) -> string",
     "JSON of a dict with the entries of both; where both have a key, the second one's value counts.", json_merge},
    {"get(data: dict, key: string) -> any", "The value of a key; null when there is none.", json_get_key},
    {0}};

Module *json_module(Vm *vm) { return native_module(vm, "json", functions); }
