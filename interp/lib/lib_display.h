/*
 * lib_display.h -- the representations of a value: plain text always, and what a notebook can show better.
 *
 *     an array of dicts, of structs or of arrays     a table, as HTML and as text
 *     a dict                                         JSON, which frontends show as a tree
 *     html(…), markdown(…), … (prelude.vint)         what they say
 *     all else                                       text, shortened when very long
 */
#ifndef LIB_DISPLAY_H
#define LIB_DISPLAY_H

#include "vint.h"
#include "vm/text.h"
#include "vm/vm.h"

#define BUNDLE_LIMIT 3

typedef struct {
    VintDatum data[BUNDLE_LIMIT];
    Text texts[BUNDLE_LIMIT];
    size_t length;
} Bundle;

/* Fills in [bundle], text/plain first; free it with bundle_free(). */
void bundle_make(Vm *vm, Value value, Bundle *bundle);
void bundle_free(Bundle *bundle);

/* Appends [value] as a table, as text and as HTML; false: it is none (lib_table.c). */
bool table_make(Vm *vm, Value value, Text *text, Text *html);

/* Appends text with what HTML takes for its own replaced. */
void display_escape(Text *text, const char *bytes, size_t length);

void lib_display_register(Vm *vm);

#endif
