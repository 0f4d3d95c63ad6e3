/*
 * compile_internal.h -- who compiles what, and the laws that all of them keep.
 *
 * Code is made in one pass over the resolved tree, straight into registers. Registers are a stack: locals from the
 * bottom, temporaries above them. Three laws keep the code short and right:
 *
 *   1. Every compile_… function is told a *destination* for the value: a register, NOWHERE, or OUT (the value is what
 *      the function returns). Values are computed where they are wanted, not copied there.
 *   2. A register that a variable owns is written by the last instruction of what is compiled into it, never before:
 *      what is being computed may still read the variable, and an error half-way must leave it as it was.
 *   3. A call stands at the top of the stack: callee and arguments in fresh registers, nothing needed above them.
 */
#ifndef COMPILE_INTERNAL_H
#define COMPILE_INTERNAL_H

#include "emit.h"

/* Destinations that are no registers. */
enum { NOWHERE = -1, OUT = -2 };

/* -- compile_expr.c -- */

void compile(Builder *b, Node *node, int destination);
/* The register that holds the value: a local's own, or a fresh one. */
int compile_operand(Builder *b, Node *node);
/* The same for a value that must outlive the evaluation of [later], which may assign the local. */
int compile_operand_before(Builder *b, Node *node, const Node *later);
/* Jumps to [label] if the value's truth is [sense], else falls through. */
void compile_condition(Builder *b, Node *node, bool sense, Label *label);
/*
 * At the end of a loop: jumps back to [place] while the condition holds; [end] is where it may go instead. [bound]: the
 * register that has a comparison's right side already, or -1.
 */
void compile_loop_condition(Builder *b, Node *node, int bound, uint32_t place, Label *end);
/* Gives a value that is in [reg], or null, to a destination. */
void deliver(Builder *b, uint32_t at, int destination, int reg);
void deliver_null(Builder *b, uint32_t at, int destination);
/* Is the node a number or string known now? */
bool compile_constant(const Node *node, Constant *constant);
/* Is it one, and among the first of the function's constants, so that its index fits field C? */
bool compile_constant_index(Builder *b, const Node *node, int *index);
/* R[out] = R[left] op right, by the shortest instruction there is; reads both before it writes. */
void compile_operation(Builder *b, uint32_t at, Operator op, int out, int left, Node *right);
/* Jumps if R[reg] equals the right side, or if it does not. */
void compile_equal_jump(Builder *b, uint32_t at, int reg, Node *right, bool equal, Label *label);
/* The jump that skips the right side of && || ??. */
Opcode compile_deciding_jump(Operator op);

/* -- compile_assign.c -- */

void compile_assign(Builder *b, Node *node, int destination);
void compile_step(Builder *b, Node *node, int destination);
void compile_address(Builder *b, Node *node, int destination);

/* -- compile_call.c -- */

void compile_call(Builder *b, Node *node, int destination);
void compile_struct_literal(Builder *b, Node *node, int destination);
void compile_go(Builder *b, Node *node, int destination);
void compile_defer(Builder *b, Node *node);

/* -- compile_stmt.c -- */

void compile_block(Builder *b, Node *node, int destination);
/* What stands in a block, in the registers of whatever is around it: boxes of variables first, then the statements. */
void compile_contents(Builder *b, Node *node, int destination);
void compile_statements(Builder *b, Node *node, int destination);
void compile_let(Builder *b, Node *node);
void compile_if(Builder *b, Node *node, int destination);
void compile_return(Builder *b, Node *node);
/* Declares a variable that holds a function; a second one of the same name replaces or overloads the first. */
void compile_named_function(Builder *b, const Name *name, Node *function);

/* -- compile_loop.c -- */

void compile_while(Builder *b, Node *node);
void compile_for_in(Builder *b, Node *node);
void compile_for_c(Builder *b, Node *node);
void compile_repeat(Builder *b, Node *node);
void compile_break(Builder *b, Node *node);

/* -- compile_try.c -- */

void compile_try(Builder *b, Node *node, int destination);
/* Compiles a function's body, [body] with [node]; if it defers calls, so that they run when it is left. */
void compile_with_deferred(Builder *b, Node *node, void (*body)(Builder *b, Node *node));
/* Leaves by return, break or continue through the cleanups on the way. [reg]: the value to return. */
void compile_leave(Builder *b, uint32_t at, Leave leave, int reg);

/* -- compile_func.c -- */

void compile_function(Builder *b, Node *node, const char *name, int destination);
void compile_method(Builder *b, Node *node, const char *owner, int destination);
/* Makes R[reg] of a parameter or field its variable, after its default and its type are seen to. */
void compile_parameter(Builder *b, const Name *name, TypeNode *type, Node *default_value, CheckContext context,
                       int reg);

/* -- compile_types.c, compile_modules.c -- */

void compile_struct(Builder *b, Node *node);
void compile_enum(Builder *b, Node *node);
void compile_error_type(Builder *b, Node *node);
void compile_alias(Builder *b, Node *node);
/* R[reg], the topmost one, gets the declared type of a variable as a value. */
void compile_type_value(Builder *b, uint32_t at, const Variable *variable, int reg);
void compile_package(Builder *b, Node *node);
void compile_import(Builder *b, Node *node);

/* -- compile_match.c -- */

void compile_switch(Builder *b, Node *node, int destination);
void compile_match(Builder *b, Node *node, int destination);
void compile_select(Builder *b, Node *node, int destination);

#endif
