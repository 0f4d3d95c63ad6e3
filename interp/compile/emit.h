/*
 * emit.h -- writing code: instructions, jumps, constants, registers, and variables wherever they live.
 */
#ifndef EMIT_H
#define EMIT_H

#include "builder.h"

/* -- words -- */

void emit(Builder *b, uint32_t at, uint32_t word);
void emit_abc(Builder *b, uint32_t at, Opcode op, int a, int second, int third);
void emit_abx(Builder *b, uint32_t at, Opcode op, int a, int wide);
/* With the word X after the instruction. [wide] fills fields B and C, or Bx. */
void emit_with(Builder *b, uint32_t at, Opcode op, int a, int wide, uint32_t x);
/* With a fresh cache slot and the name, for fields and methods. */
void emit_named(Builder *b, uint32_t at, Opcode op, int a, int wide, const Name *name);
/* ADDFIELD or ADDFIELDK. An addition that fails points to [at], an access to the field to [field_at]. */
void emit_add_field(Builder *b, uint32_t at, uint32_t field_at, Opcode op, int out, int object, int c, const Name *name);
/* R[a] = closure of the nested function [index] */
static inline void emit_closure(Builder *b, uint32_t at, int a, int index) {
    emit_with(b, at, OPC_CLOSURE, a, 0, (uint32_t)index);
}
/* R[base] = intrinsic(R[base+1] … R[base+count]); the arguments' registers are released. */
void emit_intrinsic(Builder *b, uint32_t at, Intrinsic intrinsic, int base, int count);
void emit_move(Builder *b, uint32_t at, int to, int from);

/* -- jumps -- */

void emit_jump(Builder *b, uint32_t at, Opcode op, int a, int wide, Label *label);
void emit_label(Builder *b, Label *label);
/* Jumps backward, to the place that emit_here() gave. */
void emit_back(Builder *b, uint32_t at, Opcode op, int a, int wide, uint32_t place);
uint32_t emit_here(const Builder *b);
/* Jumps if R[reg] equals the constant, or if it does not. */
void emit_equal_jump(Builder *b, uint32_t at, int reg, Constant constant, bool equal, Label *label);
/* Errors in the code from [start] up to [end] come to the place where we are, in R[reg]. */
void emit_handler(Builder *b, uint32_t start, uint32_t end, int reg);

/* -- constants and types -- */

void emit_load_integer(Builder *b, uint32_t at, int reg, int64_t value);
void emit_load_constant(Builder *b, uint32_t at, int reg, Constant constant);
void emit_load_list(Builder *b, uint32_t at, int reg, const char **names, int count);
void emit_load_text(Builder *b, uint32_t at, int reg, const char *text);

int emit_constant(Builder *b, Constant constant);
int emit_list_constant(Builder *b, const char **names, int count);
int emit_type(Builder *b, TypeNode *type, const char *name, const char *owner);
Constant constant_integer(int64_t value);
Constant constant_text(const char *text);

/* -- arrays of any length, a piece at a time -- */

typedef struct {
    int base; /* the register of the array, on top; no other register is taken above it between the items */
    int count, room; /* of the piece under way */
    bool is_made;
} Gather;

/* The register for the next item. The array's own one, until there is an array: it is the first item's. */
int gather_next(Builder *b, Gather *gather, uint32_t at);
void gather_end(Builder *b, Gather *gather, uint32_t at);

/* -- registers -- */

/* Takes [count] registers off the top; reports when there are too many. */
int registers_take(Builder *b, int count);
static inline int register_take(Builder *b) { return registers_take(b, 1); }
void registers_release(Builder *b, int first);
/* The register for a result: the destination itself if it is one, else a fresh one. */
int register_for(Builder *b, int destination);
/* The register for a call's callee: the destination if that is on top of the stack and free, else a fresh one. */
int register_for_call(Builder *b, int destination);

/* -- variables (variables.c) -- */

/* The register of a variable that can be read in place, or -1. */
int variable_register(Builder *b, const Variable *variable);
void variable_load(Builder *b, Variable *variable, uint32_t at, int reg);
/* Copies R[reg] into the variable, fitted to its declared type: then R[reg] must not belong to a variable. */
void variable_store(Builder *b, Variable *variable, uint32_t at, int reg);
/* Loads the box of a boxed variable itself. */
void variable_load_box(Builder *b, Variable *variable, uint32_t at, int reg);
/* Declares the variable with the value in [reg], on top; that stays taken only if the variable lives there. */
void variable_define(Builder *b, Variable *variable, uint32_t at, int reg);
/* The variable's value is in [reg], where it may stay. */
void variable_adopt(Builder *b, Variable *variable, uint32_t at, int reg);
/* A hidden variable in [reg], for functions made inside this one to capture. */
Variable *variable_hidden(Builder *b, int reg);
/* Makes the boxes that functions may capture before the variables have values. */
void variable_prepare(Builder *b, Variable *variables, uint32_t at);

#endif
