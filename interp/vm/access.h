/*
 * access.h -- reading and writing elements and fields: what run.c's fast paths do not cover.
 * All return false with an error raised.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include "proto.h"
#include "vm.h"

bool access_get_index(Vm *vm, const Value *object, const Value *key, Value *result);
bool access_set_index(Vm *vm, const Value *object, const Value *key, const Value *value);
bool access_slice(Vm *vm, const Value *object, const Value *from, const Value *to, Value *result);

/* [cache] is filled when the next read by the same instruction can be short. */
bool access_get_field(Vm *vm, const Value *object, String *name, Cache *cache, Value *result);
bool access_set_field(Vm *vm, const Value *object, String *name, Cache *cache, const Value *value);
/* What ADDFIELD does; it is the instruction that the running task is at. */
bool access_add_field(Vm *vm, const Value *object, String *name, Cache *cache, const Value *right, Value *result);

/* State for LOOPITER in state[0..2], from the iterable in state[0]. */
bool access_iterate(Vm *vm, Value *state);

#endif
