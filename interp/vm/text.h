/*
 * text.h -- a growing piece of text, and the print forms of values.
 */
#ifndef TEXT_H
#define TEXT_H

#include "value.h"

typedef struct {
    char *bytes; /* malloc'ed; not NUL-terminated unless text_cstring() was called */
    size_t length, capacity;
    size_t limit; /* bytes; 0: there is none. What would go beyond it is left out, … */
    bool is_cut;  /* … and this tells. Then the text is good for nothing but text_free() */
} Text;

void text_append(Text *text, const char *bytes, size_t length);
void text_puts(Text *text, const char *string);
void text_putc(Text *text, char c);
void text_printf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_cstring(Text *text);
void text_free(Text *text);

void text_int(Text *text, int64_t i);

#define INT_DIGITS 20 /* the most that an integer takes, sign included */
size_t int_print(int64_t i, char *to); /* returns how many */

/* Shortest digits that read back to the same double; "2" for 2.0; exponents from 1e21 up and below 1e-6; NaN, +Inf,
 * -Inf. */
void text_float(Text *text, double f);

/* The print form of a value: what print() shows. Strings are raw at top level and quoted inside containers. Cycles
 * print [...] and {...}. */
void text_value(Vm *vm, Text *text, Value value);

/* The same, with strings quoted at top level too: what a cell's result shows. */
void text_repr(Vm *vm, Text *text, Value value);

/* The same, but not much more than [length] bytes of it: dots stand for the rest. (A string at top level is just cut.) */
void text_value_within(Vm *vm, Text *text, Value value, size_t length);
void text_repr_within(Vm *vm, Text *text, Value value, size_t length);

/* Print form as a string of the heap. Strings come back as they are. */
String *string_of(Vm *vm, Value value);

#endif
