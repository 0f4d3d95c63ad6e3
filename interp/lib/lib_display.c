/*
 * lib_display.c -- rich display: making the representations of values, and display() and clear().
 */
#include "lib_display.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "vm/cell.h"
#include "vm/object.h"
#include "vm/output.h"
#include "vm/task.h"

#define TEXT_BYTES 100000   /* of a text form */
#define JSON_DEPTH 50
#define JSON_ELEMENTS 10000000   /* of json(value) … */
#define JSON_BYTES (64u << 20)
#define TREE_ELEMENTS 10000      /* of a dict that shows itself as a tree … */
#define TREE_BYTES (1u << 20)

/* ---- bundles ---- */

static Text *add(Bundle *bundle, const char *mime) {
    bundle->data[bundle->length].mime = mime;
    return &bundle->texts[bundle->length++];
}

static void seal(Bundle *bundle) {
    for (size_t i = 0; i < bundle->length; i++) {
        bundle->data[i].data = text_cstring(&bundle->texts[i]);
        bundle->data[i].length = bundle->texts[i].length;
    }
}

void bundle_free(Bundle *bundle) {
    for (size_t i = 0; i < bundle->length; i++) text_free(&bundle->texts[i]);
}

/* ---- long values ---- */

static uint32_t elements_shown(const Vm *vm) {
    return (uint32_t)vm->options[OPTION_display_elements];
}

/* The beginning of a long array or dict, and how much more there is. */
static void short_array(Vm *vm, Text *text, const Array *array) {
    text_putc(text, '[');
    uint32_t shown = 0;
    while (shown < elements_shown(vm) && text->length <= TEXT_BYTES) {
        if (shown > 0) text_puts(text, ", ");
        text_repr(vm, text, array->items[shown++]);
    }
    text_printf(text, ", … %u more]", array->length - shown);
}

static void short_dict(Vm *vm, Text *text, const Dict *dict) {
    uint32_t cursor = 0, shown = 0;
    Value key, value;
    text_putc(text, '{');
    while (shown < elements_shown(vm) && text->length <= TEXT_BYTES && dict_next(dict, &cursor, &key, &value)) {
        if (shown++ > 0) text_puts(text, ", ");
        text_repr(vm, text, key);
        text_puts(text, ": ");
        text_repr(vm, text, value);
    }
    text_printf(text, ", … %u more}", dict->count - shown);
}

/* Cuts the text at a border of characters. */
static void shorten(Text *text) {
    if (text->length <= TEXT_BYTES) return;
    size_t end = TEXT_BYTES;
    while (end > 0 && (text->bytes[end] & 0xc0) == 0x80) end--;
    size_t cut = text->length - end;
    text->length = end;
    text_printf(text, "… %zu bytes more", cut);
}

static void plain(Vm *vm, Text *text, Value value) {
    if (value.tag == T_ARRAY && value.array->length > elements_shown(vm))
        short_array(vm, text, value.array);
    else if (value.tag == T_DICT && value.dict->count > elements_shown(vm))
        short_dict(vm, text, value.dict);
    else
        text_repr(vm, text, value);
    shorten(text);
}

/* ---- JSON ---- */

static void json_string(Text *text, const char *bytes, size_t length) {
    text_putc(text, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\')
            text_printf(text, "\\%c", c);
        else if (c < 0x20)
            text_printf(text, "\\u%04x", c);
        else
            text_putc(text, (char)c);
    }
    text_putc(text, '"');
}

typedef struct {
    Vm *vm;
    Text *text;
    int64_t left; /* how many elements there may still be; what is more is counted */
    size_t bytes; /* of text; elements that would begin after it are counted, and what is longer is cut */
} Json;

static void json_as_text(const Json *json, Value value) {
    Text form = {0};
    text_value_within(json->vm, &form, value, json->bytes);
    json_string(json->text, form.bytes, form.length);
    text_free(&form);
}

static bool json_is_full(Json *json) {
    return --json->left < 0 || json->text->length > json->bytes;
}

static void json_value(Json *json, Value value, int depth);

static void json_array(Json *json, const Array *array, int depth) {
    if (depth == 0) {
        json_string(json->text, "[…]", 5);
        return;
    }
    text_putc(json->text, '[');
    for (uint32_t i = 0; i < array->length; i++) {
        if (i > 0) text_putc(json->text, ',');
        if (json_is_full(json)) {
            text_printf(json->text, "\"… %u more\"", array->length - i);
            break;
        }
        json_value(json, array->items[i], depth - 1);
    }
    text_putc(json->text, ']');
}

static void json_dict(Json *json, const Dict *dict, int depth) {
    if (depth == 0) {
        json_string(json->text, "{…}", 5);
        return;
    }
    uint32_t cursor = 0, count = 0;
    Value key, item;
    text_putc(json->text, '{');
    while (dict_next(dict, &cursor, &key, &item)) {
        if (count > 0) text_putc(json->text, ',');
        if (json_is_full(json)) {
            text_printf(json->text, "\"…\":\"%u more\"", dict->count - count);
            break;
        }
        count++;
        json_as_text(json, key);
        text_putc(json->text, ':');
        json_value(json, item, depth - 1);
    }
    text_putc(json->text, '}');
}

static void json_value(Json *json, Value value, int depth) {
    switch (value.tag) {
    case T_NULL:
    case T_TRUE:
    case T_FALSE:
    case T_INT:
        text_value(json->vm, json->text, value);
        break;
    case T_FLOAT:
        if (isfinite(value.f))
            text_printf(json->text, "%.17g", value.f);
        else
            json_as_text(json, value);
        break;
    case T_ARRAY:
        json_array(json, value.array, depth);
        break;
    case T_DICT:
        json_dict(json, value.dict, depth);
        break;
    default:
        json_as_text(json, value);
    }
}

static void json_put(Vm *vm, Text *text, Value value, int64_t elements, size_t bytes) {
    Json json = {vm, text, elements, bytes};
    json_value(&json, value, JSON_DEPTH);
}

/* ---- values that say themselves what they are ---- */

/* An instance of the prelude's struct __Display: its type of media and its data. */
static bool is_display(Vm *vm, Value value, const String **mime, Value *data) {
    if (value.tag != T_INSTANCE || value.instance->structure != vm->display_struct) return false;
    if (value.instance->fields[0].tag != T_STRING) return false;
    *mime = value.instance->fields[0].string;
    *data = value.instance->fields[1];
    return true;
}

/* DISPLAY_TYPES(X): the types of media that a display may have. */
#define DISPLAY_TYPES(X)                                                                           \
    X("text/html") X("image/svg+xml") X("text/markdown") X("text/latex") X("image/png") X("image/jpeg") X("image/gif")           \
    X("application/json") X("text/plain")

static const char *known_type(const String *mime) {
    static const char *const types[] = {
#define X(type) type,
        DISPLAY_TYPES(X)
#undef X
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (string_is(mime, types[i])) return types[i];
    return NULL;
}

static void display_bundle(Vm *vm, const char *type, Value data, Bundle *bundle) {
    Text *text = add(bundle, "text/plain");
    if (strcmp(type, "application/json") == 0) {
        plain(vm, text, data);
        json_put(vm, add(bundle, type), data, JSON_ELEMENTS, JSON_BYTES);
        return;
    }
    Text form = {0};
    text_value(vm, &form, data);
    if (strncmp(type, "image/", 6) == 0 && strcmp(type, "image/svg+xml") != 0)
        text_printf(text, "<%s>", type);
    else
        text_append(text, form.bytes, form.length);
    if (strcmp(type, "text/plain") != 0) text_append(add(bundle, type), form.bytes, form.length);
    text_free(&form);
}

void display_escape(Text *text, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) switch (bytes[i]) {
        case '<': text_puts(text, "&lt;"); break;
        case '>': text_puts(text, "&gt;"); break;
        case '&': text_puts(text, "&amp;"); break;
        default: text_putc(text, bytes[i]);
        }
}

void bundle_make(Vm *vm, Value value, Bundle *bundle) {
    memset(bundle, 0, sizeof *bundle);
    const String *mime;
    Value data;
    if (is_display(vm, value, &mime, &data) && known_type(mime)) {
        display_bundle(vm, known_type(mime), data, bundle);
    } else if (table_make(vm, value, &bundle->texts[0], &bundle->texts[1])) {
        add(bundle, "text/plain");
        add(bundle, "text/html");
    } else {
        plain(vm, add(bundle, "text/plain"), value);
        if (value.tag == T_DICT && value.dict->count > 0)
            json_put(vm, add(bundle, "application/json"), value, TREE_ELEMENTS, TREE_BYTES);
    }
    seal(bundle);
}

/* ---- natives ---- */

static NativeStatus display_show(NATIVE_ARGS) {
    VintHost *host = vm->host;
    VintCell *cell = vm->current->cell;
    if (cell->capture) {
        if (!array_push(vm, cell->capture->displays, args[0])) return NATIVE_ERROR;
        NATIVE_RETURN(NULL_VALUE);
    }
    Bundle bundle;
    bundle_make(vm, args[0], &bundle);
    if (host->display) {
        char *id = args[1].tag == T_STRING ? strndup(args[1].string->bytes, args[1].string->length) : NULL;
        host->display(host->user, cell, bundle.data, bundle.length, id, value_truthy(args[2]));
        free(id);
        text_putc(&bundle.texts[0], '\n');
        if (!value_truthy(args[2])) output_keep(vm, cell, bundle.texts[0].bytes, bundle.texts[0].length);
    } else if (!value_truthy(args[2])) {
        text_putc(&bundle.texts[0], '\n');
        output_write(vm, cell, VINT_STDOUT, bundle.texts[0].bytes, bundle.texts[0].length);
    }
    bundle_free(&bundle);
    NATIVE_RETURN(NULL_VALUE);
}

/* A list that is to be read: its text is not cut. */
static NativeStatus display_list(NATIVE_ARGS) {
    int64_t width = vm->options[OPTION_display_width];
    vm->options[OPTION_display_width] = option_defs[OPTION_display_width].most;
    Value shown[] = {args[0], NULL_VALUE, value_bool(false)};
    NativeStatus status = display_show(vm, shown, 3, result);
    vm->options[OPTION_display_width] = width;
    return status;
}

static NativeStatus display_clear(NATIVE_ARGS) {
    VintHost *host = vm->host;
    if (host->clear && !vm->current->cell->capture) host->clear(host->user, vm->current->cell, native_given(args[0]) && value_truthy(args[0]));
    NATIVE_RETURN(NULL_VALUE);
}

/* Does the value bring a method of that name? */
static NativeStatus display_has_method(NATIVE_ARGS) {
    Value method;
    NATIVE_RETURN(value_bool(args[0].tag == T_INSTANCE &&
                             dict_get_name(args[0].instance->structure->methods, args[1].string, &method)));
}

/* The type of a picture by how it begins; null: it is none that frontends show. */
static NativeStatus display_image_type(NATIVE_ARGS) {
    static const struct {
        const char *begin, *type;
    } kinds[] = {{"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff", "image/jpeg"}, {"GIF8", "image/gif"}};
    const String *s = args[0].string;
    const char *type = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (s->length > strlen(kinds[i].begin) && memcmp(s->bytes, kinds[i].begin, strlen(kinds[i].begin)) == 0)
            type = kinds[i].type;
    uint32_t blanks = 0;
    while (blanks < s->length && s->bytes[blanks] && strchr(" \t\r\n\xef\xbb\xbf", s->bytes[blanks])) blanks++;
    if (blanks < s->length && s->bytes[blanks] == '<' && memmem(s->bytes, s->length, "<svg", 4)) type = "image/svg+xml";
    if (!type) NATIVE_RETURN(NULL_VALUE);
    return lib_return_string(string_new(vm, type, strlen(type)), result);
}

static NativeStatus display_base64(NATIVE_ARGS) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const String *s = args[0].string;
    Text text = lib_text(vm);
    for (uint32_t i = 0; i < s->length; i += 3) {
        uint32_t left = s->length - i, bits = 0;
        for (uint32_t j = 0; j < 3; j++) bits = bits << 8 | (j < left ? (unsigned char)s->bytes[i + j] : 0);
        for (uint32_t j = 0; j < 4; j++) text_putc(&text, j > left ? '=' : digits[bits >> (18 - 6 * j) & 63]);
    }
    return lib_return_text(vm, &text, result);
}

static const NativeDef builtins[] = {
    {"__show(value: any, id: any, update: any) -> null", "Shows a value in the cell of the calling task.", display_show},
    {"__show_list(rows: array) -> null", "Shows a table whose cells are not cut.", display_list},
    {"clear(wait: bool = false) -> null",
     "Removes what the cell has shown so far; with wait, only when the next output comes.", display_clear},
    {"__has_method(value: any, name: string) -> bool", "Is it an instance whose struct has the method?", display_has_method},
    {"__image_type(bytes: string) -> string | null", "The type of a picture by how it begins.", display_image_type},
    {"__base64(bytes: string) -> string", "The bytes in base 64.", display_base64},
    {0}};

void lib_display_register(Vm *vm) {
    native_register_builtins(vm, builtins);
}
