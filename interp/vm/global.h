/*
 * global.h -- global variables. Their slots are in vm.h.
 */
#ifndef GLOBAL_H
#define GLOBAL_H

#include "vm.h"

/* Declares: anew if there was one of that name, without a type. */
void global_define(Vm *vm, Global *global, Value value, bool is_const);
void global_set_type(Vm *vm, Global *global, TypeValue *type);
void global_forget(Global *global);

/* Assigns [*value], which may be widened to fit. False: an error has been raised. */
bool global_assign(Vm *vm, Global *global, Value *value);

#endif
