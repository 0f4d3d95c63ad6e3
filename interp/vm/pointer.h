/*
 * pointer.h -- pointers: values that name a place where a value is.
 *
 * A pointer names a place, not an address: a box, an element of a container, a field, a global. The place is
 * looked up anew each time, so a pointer never dangles: when the element is gone, reading gives null and writing
 * is the error that it is without pointer.
 */
#ifndef POINTER_H
#define POINTER_H

#include "value.h"

typedef enum { POINTER_TO_BOX, POINTER_TO_INDEX, POINTER_TO_FIELD, POINTER_TO_GLOBAL } PointerKind;

struct Pointer {
    Obj obj; /* flags: PointerKind */
    Value base; /* the box, the container, the instance; an INT slot for a global */
    Value key;  /* element key or field name; of a box: the variable's declared type, or null */
};

/* [base] and [key] as in struct Pointer, by [kind]. */
Pointer *pointer_new(Vm *vm, PointerKind kind, Value base, Value key);

/* Reading and writing through a pointer; false with an error raised. */
bool pointer_read(Vm *vm, const Pointer *pointer, Value *value);
bool pointer_write(Vm *vm, const Pointer *pointer, const Value *value);

/* The value at the end of a chain of pointers; any other value as it is. False with an error raised. */
bool pointer_follow(Vm *vm, Value value, Value *target);

#endif
