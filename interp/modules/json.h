/*
 * json.h -- JSON for other modules.
 */
#ifndef JSON_H
#define JSON_H

#include "vm/text.h"

/* The value that JSON text is of; false with an error raised. */
bool json_read(Vm *vm, const char *bytes, size_t length, Value *value);

/* Appends a value as JSON: in one line when [indent] is 0. False with an error raised. */
bool json_write(Vm *vm, Value value, int indent, Text *text);

#endif
