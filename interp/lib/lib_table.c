/*
 * lib_table.c -- arrays of dicts, of structs and of arrays as tables, in HTML and as text.
 *
 * Of a long table the first and the last rows are shown, of a wide one the first columns, of a long cell the beginning;
 * and each time how much more there is.
 */
#include <stdlib.h>

#include "lib_display.h"
#include "lib.h"
#include "vm/object.h"

#define LOOKED_AT 10000     /* columns of a row */
#define HTML_WIDER 5        /* times as many characters in a cell */

typedef struct {
    const Array *rows;
    Array *columns;         /* that are shown: keys of dicts, names of fields, numbers of elements */
    uint32_t more_columns;  /* that are not */
    uint32_t rows_shown;
    uint32_t width;         /* characters of a cell */
} Table;

/* ---- what is a table ---- */

/* Adds the columns of a row to the keys of [columns]. */
static bool add_columns(Vm *vm, Dict *columns, Value row) {
    if (row.tag == T_DICT) {
        Value key, value;
        for (uint32_t cursor = 0; columns->count < LOOKED_AT && dict_next(row.dict, &cursor, &key, &value);)
            if (!dict_set(vm, columns, key, NULL_VALUE)) return false;
    } else if (row.tag == T_INSTANCE) {
        const Struct *structure = row.instance->structure;
        for (uint32_t i = columns->count; i < structure->field_count; i++)
            if (!dict_set(vm, columns, value_obj(structure->field_names[i]), NULL_VALUE)) return false;
    } else {
        for (uint32_t i = columns->count; i < row.array->length && i < LOOKED_AT; i++)
            if (!dict_set(vm, columns, value_int(i), NULL_VALUE)) return false;
    }
    return true;
}

/* All rows of one kind, at least one column. */
static bool find_table(Vm *vm, Value value, Table *table) {
    if (value.tag != T_ARRAY || value.array->length == 0) return false;
    const Array *rows = value.array;
    uint32_t kind = rows->items[0].tag;
    if (kind != T_DICT && kind != T_INSTANCE && kind != T_ARRAY) return false;
    *table = (Table){.rows = rows, .rows_shown = (uint32_t)vm->options[OPTION_display_rows],
                     .width = (uint32_t)vm->options[OPTION_display_width]};
    Dict *columns = dict_new(vm, 8);
    for (uint32_t i = 0; i < rows->length; i++) {
        if (rows->items[i].tag != kind) return false;
        if (kind == T_INSTANCE && rows->items[i].instance->structure != rows->items[0].instance->structure) return false;
        bool is_shown = i < table->rows_shown / 2 || i + table->rows_shown / 2 >= rows->length;
        if (is_shown && !add_columns(vm, columns, rows->items[i])) return false;
    }
    uint32_t limit = (uint32_t)vm->options[OPTION_display_columns], cursor = 0;
    table->columns = array_new(vm, limit < columns->count ? limit : columns->count);
    Value key, ignored;
    while (table->columns->length < limit && dict_next(columns, &cursor, &key, &ignored))
        array_push(vm, table->columns, key);
    table->more_columns = columns->count - table->columns->length;
    return table->columns->length > 0;
}
static bool table_cell(const Table *table, uint32_t row, uint32_t column, Value *value) {
    Value from = table->rows->items[row], key = table->columns->items[column];
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
    uint32_t half = table->rows_shown / 2;
    if (++row == half && count > table->rows_shown) {
        *jumped = true;
        return count - half;
    }
    return row;
}

/* A cell as one line of limited width, for HTML or as plain text. Returns its characters. */
static uint32_t put_cell(Vm *vm, Text *text, Value value, uint32_t width, bool as_html) {
    Text form = {0};
    text_value_within(vm, &form, value, ((size_t)width + 1) * 4); /* no character is longer than four bytes */
    uint32_t characters = 0;
    for (size_t i = 0; i < form.length; characters++) {
        if (characters == width) {
            text_puts(text, "…");
            characters++;
            break;
        }
        int size;
        utf8_decode(form.bytes + i, form.length - i, &size);
        bool control = (unsigned char)form.bytes[i] < 0x20;
        if (as_html)
            display_escape(text, form.bytes + i, (size_t)size);
        else
            text_append(text, control ? " " : form.bytes + i, (size_t)size);
        i += (size_t)size;
    }
    text_free(&form);
    return characters;
}

/* ---- HTML ---- */

static void html_cell(Vm *vm, Text *text, const Table *table, const char *tag, Value value) {
    text_printf(text, "<%s style=\"text-align:%s\">", tag, value_is_number(value) ? "right" : "left");
    put_cell(vm, text, value, table->width * HTML_WIDER, true);
    text_printf(text, "</%s>", tag);
}

static void html_row(Vm *vm, Text *text, const Table *table, uint32_t row) {
    text_printf(text, "<tr><th>%u</th>", row);
    for (uint32_t c = 0; c < table->columns->length; c++) {
        Value value;
        if (table_cell(table, row, c, &value))
            html_cell(vm, text, table, "td", value);
        else
            text_puts(text, "<td></td>");
    }
    text_puts(text, table->more_columns > 0 ? "<td>…</td></tr>\n" : "</tr>\n");
}

static void table_html(Vm *vm, Text *text, const Table *table) {
    uint32_t rows = table->rows->length, columns = table->columns->length + table->more_columns;
    text_puts(text, "<table>\n<thead><tr><th></th>");
    for (uint32_t c = 0; c < table->columns->length; c++) html_cell(vm, text, table, "th", table->columns->items[c]);
    text_puts(text, table->more_columns > 0 ? "<th>…</th></tr></thead>\n<tbody>\n" : "</tr></thead>\n<tbody>\n");
    bool jumped = false;
    for (uint32_t r = 0; r < rows; r = next_row(table, r, &jumped)) {
        if (jumped)
            text_printf(text, "<tr><td colspan=\"%u\">… %u rows more …</td></tr>\n",
                        table->columns->length + 1 + (table->more_columns > 0), rows - table->rows_shown / 2 * 2);
        html_row(vm, text, table, r);
    }
    text_printf(text, "</tbody>\n</table>\n<p>%u row%s, %u column%s</p>", rows, rows == 1 ? "" : "s", columns,
                columns == 1 ? "" : "s");
}

/* ---- text ---- */

static void pad(Text *text, uint32_t count) {
    while (count-- > 0) text_putc(text, ' ');
}

static void text_row(Vm *vm, Text *text, const Table *table, const uint32_t *widths, int64_t row) {
    for (uint32_t c = 0; c < table->columns->length; c++) {
        Value value = table->columns->items[c];
        bool there = row < 0 || table_cell(table, (uint32_t)row, c, &value);
        Text cell = {0};
        uint32_t characters = there ? put_cell(vm, &cell, value, table->width, false) : 0;
        if (c > 0) text_puts(text, "  ");
        bool right = there && value_is_number(value) && row >= 0;
        if (right) pad(text, widths[c] - characters);
        text_append(text, cell.bytes, cell.length);
        if (!right) pad(text, widths[c] - characters);
        text_free(&cell);
    }
    if (table->more_columns > 0) text_puts(text, "  …");
    while (text->length > 0 && text->bytes[text->length - 1] == ' ') text->length--;
    text_putc(text, '\n');
}

static void table_text(Vm *vm, Text *text, const Table *table) {
    uint32_t *widths = calloc(table->columns->length, sizeof *widths);
    if (!widths) abort();
    bool jumped;
    for (uint32_t c = 0; c < table->columns->length; c++) {
        Text ignored = {0};
        widths[c] = put_cell(vm, &ignored, table->columns->items[c], table->width, false);
        for (uint32_t r = 0; r < table->rows->length; r = next_row(table, r, &jumped)) {
            Value value;
            if (!table_cell(table, r, c, &value)) continue;
            uint32_t width = put_cell(vm, &ignored, value, table->width, false);
            if (width > widths[c]) widths[c] = width;
        }
        text_free(&ignored);
    }
    text_row(vm, text, table, widths, -1);
    jumped = false;
    for (uint32_t r = 0; r < table->rows->length; r = next_row(table, r, &jumped)) {
        if (jumped) text_printf(text, "… %u rows more …\n", table->rows->length - table->rows_shown / 2 * 2);
        text_row(vm, text, table, widths, r);
    }
    if (table->more_columns > 0) text_printf(text, "… %u columns more\n", table->more_columns);
    text->length--; /* no line end at the end */
    free(widths);
}

bool table_make(Vm *vm, Value value, Text *text, Text *html) {
    Table table;
    if (!find_table(vm, value, &table)) return false;
    table_text(vm, text, &table);
    table_html(vm, html, &table);
    return true;
}
