/*
 * lookup.h -- the help that a program asks for: `?name` in a cell becomes a call of what is registered here.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "vm/value.h"

void lookup_register(Vm *vm);

#endif
