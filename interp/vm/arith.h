/*
 * arith.h -- operators on operands that the fast paths of run.c do not cover.
 */
#ifndef ARITH_H
#define ARITH_H

#include "compile/opcodes.h"
#include "vm.h"

/* R = a op b for ADD SUB MUL DIV MOD POW; false with an error raised. */
bool arith_binary(Vm *vm, Opcode op, const Value *a, const Value *b, Value *result);

/* -a, +a */
bool arith_unary(Vm *vm, Opcode op, const Value *a, Value *result);

/* a < b or a <= b (op LT, LE, GT, GE): 1 or 0; -1 with an error raised. */
int arith_compare(Vm *vm, Opcode op, const Value *a, const Value *b);

/* a in b: 1 or 0; -1 with an error raised. */
int arith_in(Vm *vm, const Value *a, const Value *b);

/* int ** int, exact while it fits 64 bits; false when it does not. */
bool arith_int_power(int64_t base, int64_t exponent, int64_t *result);

#endif
