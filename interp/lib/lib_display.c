/*
 * lib_display.c -- rich display: making the representations of values, and display() and clear().
 */
#include "display.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "vm/task.h"
#include "vm/output.h"

#define TABLE_ROWS 60       /* shown at most: the first and the last of them */
#define TABLE_COLUMNS 30
#define CELL_WIDTH 40       /* characters of a cell in the text form */
#define ELEMENTS 200        /* of an array or dict shown on their own */
#define TEXT_BYTES 100000   /* of a text form */
#define JSON_DEPTH 50

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

/* The beginning of a long array or dict, and how much more there is. */
static void short_array(Vm *vm, Text *text, const Array *array) {
    text_putc(text, '[');
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        if (i > 0) text_puts(text, ", ");
        text_repr(vm, text, array->items[i]);
    }
    text_printf(text, ", … %u more]", array->length - ELEMENTS);
}

static void short_dict(Vm *vm, Text *text, const Dict *dict) {
    uint32_t cursor = 0, shown = 0;
    Value key, value;
    text_putc(text, '{');
    while (shown < ELEMENTS && dict_next(dict, &cursor, &key, &value)) {
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
    if (value.tag == T_ARRAY && value.array->length > ELEMENTS)
        short_array(vm, text, value.array);
    else if (value.tag == T_DICT && value.dict->count > ELEMENTS)
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

static void json_as_text(Vm *vm, Text *text, Value value) {
    Text form = {0};
    text_value(vm, &form, value);
    json_string(text, form.bytes, form.length);
    text_free(&form);
}

static void json_value(Vm *vm, Text *text, Value value, int depth) {
    switch (value.tag) {
    case T_NULL:
    case T_TRUE:
    case T_FALSE:
    case T_INT:
        text_value(vm, text, value);
        break;
    case T_FLOAT:
        if (isfinite(value.f))
            text_printf(text, "%.17g", value.f);
        else
            json_as_text(vm, text, value);
        break;
    case T_ARRAY:
        if (depth == 0) {
            json_string(text, "[…]", 5);
            break;
        }
        text_putc(text, '[');
        for (uint32_t i = 0; i < value.array->length; i++) {
            if (i > 0) text_putc(text, ',');
            json_value(vm, text, value.array->items[i], depth - 1);
        }
        text_putc(text, ']');
        break;
    case T_DICT: {
        if (depth == 0) {
            json_string(text, "{…}", 5);
            break;
        }
        uint32_t cursor = 0, count = 0;
        Value key, item;
        text_putc(text, '{');
        while (dict_next(value.dict, &cursor, &key, &item)) {
            if (count++ > 0) text_putc(text, ',');
            json_as_text(vm, text, key);
            text_putc(text, ':');
            json_value(vm, text, item, depth - 1);
        }
        text_putc(text, '}');
        break;
    }
    default:
        json_as_text(vm, text, value);
    }
}

/* ---- tables ---- */

typedef struct {
    const Array *rows;
    uint32_t column_count;
    Value columns[TABLE_COLUMNS]; /* keys of dicts, names of fields, numbers of elements */
    bool more_columns;
} Table;

static bool add_column(Table *table, Value column) {
    for (uint32_t i = 0; i < table->column_count; i++)
        if (value_equal(table->columns[i], column)) return true;
    if (table->column_count == TABLE_COLUMNS) {
        table->more_columns = true;
        return false;
    }
    table->columns[table->column_count++] = column;
    return true;
}

static void add_columns(Table *table, Value row) {
    if (row.tag == T_DICT) {
        uint32_t cursor = 0;
        Value key, value;
        while (dict_next(row.dict, &cursor, &key, &value) && add_column(table, key)) {}
    } else if (row.tag == T_INSTANCE) {
        const Struct *structure = row.instance->structure;
        for (uint32_t i = 0; i < structure->field_count; i++)
            if (!add_column(table, value_obj(structure->field_names[i]))) break;
    } else {
        for (uint32_t i = 0; i < row.array->length; i++)
            if (!add_column(table, value_int(i))) break;
    }
}

/* Is it a table? All rows of one kind, at least one column. */
static bool find_table(Value value, Table *table) {
    if (value.tag != T_ARRAY || value.array->length == 0) return false;
    *table = (Table){.rows = value.array};
    const Array *rows = value.array;
    uint32_t kind = rows->items[0].tag;
    if (kind != T_DICT && kind != T_INSTANCE && kind != T_ARRAY) return false;
    for (uint32_t i = 0; i < rows->length; i++) {
        if (rows->items[i].tag != kind) return false;
        if (kind == T_INSTANCE && rows->items[i].instance->structure != rows->items[0].instance->structure) return false;
        if (i < TABLE_ROWS / 2 || i + TABLE_ROWS / 2 >= rows->length) add_columns(table, rows->items[i]);
    }
    return table->column_count > 0;
}

static bool table_cell(const Table *table, uint32_t row, uint32_t column, Value *value) {
    Value from = table->rows->items[row], key = table->columns[column];
    if (from.tag == T_DICT) return dict_get(from.dict, key, value);
    if (from.tag == T_INSTANCE) {
        *value = from.instance->fields[column];
        return true;
    }
    if ((uint64_t)key.i >= from.array->length) return false;
    *value = from.array->items[key.i];
    return true;
}

/* The row after [row] that is shown; the count when there is none. Jumps over the middle of a long table. */
static uint32_t next_row(const Table *table, uint32_t row, bool *jumped) {
    uint32_t count = table->rows->length;
    *jumped = false;
    if (++row == TABLE_ROWS / 2 && count > TABLE_ROWS) {
        *jumped = true;
        return count - TABLE_ROWS / 2;
    }
    return row;
}

static void html_escaped(Text *text, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) switch (bytes[i]) {
        case '<': text_puts(text, "&lt;"); break;
        case '>': text_puts(text, "&gt;"); break;
        case '&': text_puts(text, "&amp;"); break;
        default: text_putc(text, bytes[i]);
        }
}

static void html_cell(Vm *vm, Text *text, const char *tag, Value value) {
    Text form = {0};
    text_value(vm, &form, value);
    text_printf(text, value_is_number(value) ? "<%s style=\"text-align:right\">" : "<%s style=\"text-align:left\">", tag);
    html_escaped(text, form.bytes, form.length);
    text_printf(text, "</%s>", tag);
    text_free(&form);
}

static void table_html(Vm *vm, Text *text, const Table *table) {
    text_puts(text, "<table>\n<thead><tr><th></th>");
    for (uint32_t c = 0; c < table->column_count; c++) html_cell(vm, text, "th", table->columns[c]);
    text_puts(text, table->more_columns ? "<th>…</th></tr></thead>\n<tbody>\n" : "</tr></thead>\n<tbody>\n");
    bool jumped = false;
    for (uint32_t r = 0; r < table->rows->length; r = next_row(table, r, &jumped)) {
        if (jumped) text_printf(text, "<tr><td colspan=\"%u\">…</td></tr>\n", table->column_count + 1);
        text_printf(text, "<tr><th>%u</th>", r);
        for (uint32_t c = 0; c < table->column_count; c++) {
            Value value;
            if (table_cell(table, r, c, &value))
                html_cell(vm, text, "td", value);
            else
                text_puts(text, "<td></td>");
        }
        text_puts(text, "</tr>\n");
    }
    text_printf(text, "</tbody>\n</table>\n<p>%u row%s</p>", table->rows->length, table->rows->length == 1 ? "" : "s");
}

/* A cell of the text form: one line, of limited width. Returns its characters. */
static uint32_t text_cell(Vm *vm, Text *text, Value value) {
    Text form = {0};
    text_value(vm, &form, value);
    uint32_t characters = 0;
    for (size_t i = 0; i < form.length; characters++) {
        if (characters == CELL_WIDTH) {
            text_puts(text, "…");
            characters++;
            break;
        }
        int size;
        utf8_decode(form.bytes + i, form.length - i, &size);
        bool control = (unsigned char)form.bytes[i] < 0x20;
        text_append(text, control ? " " : form.bytes + i, (size_t)size);
        i += (size_t)size;
    }
    text_free(&form);
    return characters;
}

static void pad(Text *text, uint32_t count) {
    while (count-- > 0) text_putc(text, ' ');
}

static void text_row(Vm *vm, Text *text, const Table *table, const uint32_t *widths, int64_t row) {
    for (uint32_t c = 0; c < table->column_count; c++) {
        Value value = table->columns[c];
        bool there = row < 0 || table_cell(table, (uint32_t)row, c, &value);
        Text cell = {0};
        uint32_t characters = there ? text_cell(vm, &cell, value) : 0;
        if (c > 0) text_puts(text, "  ");
        bool right = there && value_is_number(value) && row >= 0;
        if (right) pad(text, widths[c] - characters);
        text_append(text, cell.bytes, cell.length);
        if (!right && c + 1 < table->column_count) pad(text, widths[c] - characters);
        text_free(&cell);
    }
    text_putc(text, '\n');
}

static void table_text(Vm *vm, Text *text, const Table *table) {
    uint32_t widths[TABLE_COLUMNS] = {0};
    bool jumped;
    for (uint32_t c = 0; c < table->column_count; c++) {
        Text ignored = {0};
        widths[c] = text_cell(vm, &ignored, table->columns[c]);
        for (uint32_t r = 0; r < table->rows->length; r = next_row(table, r, &jumped)) {
            Value value;
            if (!table_cell(table, r, c, &value)) continue;
            uint32_t width = text_cell(vm, &ignored, value);
            if (width > widths[c]) widths[c] = width;
        }
        text_free(&ignored);
    }
    text_row(vm, text, table, widths, -1);
    jumped = false;
    for (uint32_t r = 0; r < table->rows->length; r = next_row(table, r, &jumped)) {
        if (jumped) text_printf(text, "… %u rows more …\n", table->rows->length - TABLE_ROWS);
        text_row(vm, text, table, widths, r);
    }
    text->length--; /* no line end at the end */
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
    X("text/html") X("image/svg+xml") X("text/markdown") X("text/latex") X("image/png") X("image/jpeg")             \
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
        json_value(vm, add(bundle, type), data, JSON_DEPTH);
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

void bundle_make(Vm *vm, Value value, Bundle *bundle) {
    memset(bundle, 0, sizeof *bundle);
    const String *mime;
    Value data;
    Table table;
    if (is_display(vm, value, &mime, &data) && known_type(mime)) {
        display_bundle(vm, known_type(mime), data, bundle);
    } else if (find_table(value, &table)) {
        table_text(vm, add(bundle, "text/plain"), &table);
        table_html(vm, add(bundle, "text/html"), &table);
    } else {
        plain(vm, add(bundle, "text/plain"), value);
        if (value.tag == T_DICT && value.dict->count > 0) json_value(vm, add(bundle, "application/json"), value, JSON_DEPTH);
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

static NativeStatus display_base64(NATIVE_ARGS) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const String *s = args[0].string;
    Text text = {0};
    for (uint32_t i = 0; i < s->length; i += 3) {
        uint32_t left = s->length - i, bits = 0;
        for (uint32_t j = 0; j < 3; j++) bits = bits << 8 | (j < left ? (unsigned char)s->bytes[i + j] : 0);
        for (uint32_t j = 0; j < 4; j++) text_putc(&text, j > left ? '=' : digits[bits >> (18 - 6 * j) & 63]);
    }
    return lib_return_text(vm, &text, result);
}

static const NativeDef builtins[] = {
    {"__show(value: any, id: any, update: any) -> null", "Shows a value in the cell of the calling task.", display_show},
    {"clear(wait: bool = false) -> null",
     "Removes what the cell has shown so far; with wait, only when the next output comes.", display_clear},
    {"__has_method(value: any, name: string) -> bool", "Is it an instance whose struct has the method?", display_has_method},
    {"__base64(bytes: string) -> string", "The bytes in base 64.", display_base64},
    {0}};

void lib_display_register(Vm *vm) {
    native_register_builtins(vm, builtins);
}
