/*
 * basic_types.h -- the names of types that no declaration can change, and the kinds of values that fit them.
 */
#ifndef BASIC_TYPES_H
#define BASIC_TYPES_H

#include <stdbool.h>

#define BASIC_TYPES(X) \
    X("int", INTEGERS) \
    X("int8", INTEGERS) \
    X("int16", INTEGERS) \
    X("int32", INTEGERS) \
    X("int64", INTEGERS) \
    X("uint", INTEGERS) \
    X("uint8", INTEGERS) \
    X("uint16", INTEGERS) \
    X("uint32", INTEGERS) \
    X("uint64", INTEGERS) \
    X("byte", INTEGERS) \
    X("float", FLOATS) \
    X("float32", FLOATS) \
    X("float64", FLOATS) \
    X("string", STRINGS) \
    X("bool", BOOLS) \
    X("any", ANYTHING) \
    X("error", ERRORS) \
    X("nil", NOTHING) \
    X("null", NOTHING)

bool is_basic_type(const char *name);

#endif
