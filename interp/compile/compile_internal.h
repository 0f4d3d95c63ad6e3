/*
 * compile_internal.h -- what the compiler's files share: the builder of one function, and who compiles what.
 *
 * Code is made in one pass over the resolved tree, straight into registers. Registers are a stack: locals from the bottom,
 * temporaries above them. Three laws keep the code short and right:
 *
 *   1. Every compile_… function is told a *destination* for the value: a register, NOWHERE, or OUT (the value is what the
 *      function returns). Values are computed where they are wanted, not copied there.
 *   2. A register that a variable owns is written by the last instruction of what is compiled into it, never before: what
 *      is being computed may still read the variable, and an error half-way must leave it as it was.
 *   3. A call stands at the top of the stack: callee and arguments in fresh registers, nothing needed above them.
 */
#ifndef COMPILE_INTERNAL_H
#define COMPILE_INTERNAL_H

#include "code.h"
#include "scope.h"

typedef struct {
    Arena *arena;
    const Source *source;
    const CompileOptions *options;
    Diagnostics *diagnostics;
    Resolution *resolution;
} Compiler;

typedef struct LabelSite LabelSite;

/* A place in the code that jumps lead to, perhaps before it is known. Starts as {0}. */
typedef struct {
    LabelSite *sites;
} Label;

typedef struct Loop {
    struct Loop *outer;
    struct Cleanup *cleanup; /* innermost one around the loop */
    Label next, end;         /* where `continue` and `break` lead */
} Loop;

/* Ways to leave a region other than by its end or by an error. */
typedef enum { LEAVE_RETURN, LEAVE_BREAK, LEAVE_CONTINUE } LeaveKind;

typedef struct {
    LeaveKind kind;
    Loop *loop; /* BREAK, CONTINUE */
} Leave;

/* Code that runs however a region is left: a `finally` or deferred calls. See compile_try.c. */
typedef struct Cleanup {
    struct Cleanup *outer;
    Label entry;
    int action; /* register: the way to go on after the cleanup */
    int value;  /* register: the error, or the value to return */
    bool goes_on; /* the region can be left by its end */
    Leave *leaves;
    int leave_count, leave_capacity;
} Cleanup;

/* A function while it is being made. */
typedef struct Builder {
    struct Builder *outer;
    Compiler *compiler;
    FunctionScope *scope;
    CodeFunction *code;
    TypeNode *result;       /* declared type of the result, or NULL */
    const char *owner_name; /* the struct whose method this is, or NULL */
    int next;               /* first free register */
    Variable *owners[256];  /* the variable that owns a register, or NULL */
    bool dead;              /* no way leads to the next instruction: it is not written */
    Variable **captured;    /* for each capture */
    Loop *loop;
    Cleanup *cleanup;
    int deferred; /* register that holds the deferred calls */
    int *constant_table; /* hash of the constants: index + 1 */
    int constant_table_size;
    int code_capacity, place_capacity, constant_capacity, function_capacity, type_capacity;
    int capture_capacity, captured_capacity, handler_capacity;
    bool is_full; /* a limit was reported */
} Builder;

/* Destinations that are no registers. */
enum { NOWHERE = -1, OUT = -2 };

/* -- emit.c: the instruction buffer -- */

void emit(Builder *b, uint32_t at, uint32_t word);
void emit_abc(Builder *b, uint32_t at, Opcode op, int a, int second, int third);
void emit_abx(Builder *b, uint32_t at, Opcode op, int a, int wide);
/* With the word X after the instruction. [wide] fills fields B and C, or Bx. */
void emit_with(Builder *b, uint32_t at, Opcode op, int a, int wide, uint32_t x);
/* With a fresh cache slot and the name, for fields and methods. */
void emit_named(Builder *b, uint32_t at, Opcode op, int a, int wide, const Name *name);
void emit_move(Builder *b, uint32_t at, int to, int from);
void emit_jump(Builder *b, uint32_t at, Opcode op, int a, int wide, Label *label);
void emit_label(Builder *b, Label *label);
/* Jumps backward, to the place that emit_here() gave. */
void emit_back(Builder *b, uint32_t at, Opcode op, int a, int wide, uint32_t place);
uint32_t emit_here(const Builder *b);
void emit_handler(Builder *b, uint32_t start, uint32_t end, int reg);
void emit_load_integer(Builder *b, uint32_t at, int reg, int64_t value);
void emit_load_constant(Builder *b, uint32_t at, int reg, Constant constant);
void emit_load_text(Builder *b, uint32_t at, int reg, const char *text);

int emit_constant(Builder *b, Constant constant);
int emit_list_constant(Builder *b, const char **names, int count);
int emit_type(Builder *b, TypeNode *type, const char *name, const char *owner);
Constant constant_integer(int64_t value);
Constant constant_text(const char *text);

/* Takes [count] registers off the top; reports when there are too many. */
int registers_take(Builder *b, int count);
static inline int register_take(Builder *b) { return registers_take(b, 1); }
void registers_release(Builder *b, int first);
/* The register for a result: the destination itself if it is one, else a fresh one. */
int register_for(Builder *b, int destination);
/* The register for a call's callee: the destination if that is on top of the stack and free, else a fresh one. */
int register_for_call(Builder *b, int destination);

void compile_error(Builder *b, Span span, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* -- variables.c -- */

/* The register of a variable that can be read in place, or -1. */
int variable_register(Builder *b, const Variable *variable);
void variable_load(Builder *b, Variable *variable, uint32_t at, int reg);
/* Copies R[reg] into the variable, checking its declared type: that may change R[reg], which must not belong to a variable. */
void variable_store(Builder *b, Variable *variable, uint32_t at, int reg);
/* Loads the box of a boxed variable itself. */
void variable_load_box(Builder *b, Variable *variable, uint32_t at, int reg);
/* Declares the variable with the value in [reg], the register on top; that stays taken only if the variable lives there. */
void variable_define(Builder *b, Variable *variable, uint32_t at, int reg);
/* The variable's value is in [reg], where it may stay. */
void variable_adopt(Builder *b, Variable *variable, uint32_t at, int reg);
/* A hidden variable in [reg], for functions made inside this one to capture. */
Variable *variable_hidden(Builder *b, int reg);
/* Makes the boxes that functions may capture before the variables have values. */
void variable_prepare(Builder *b, const Scope *scope, uint32_t at);

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
/* R[base] = intrinsic(R[base+1] … R[base+count]); the arguments' registers are released. */
void emit_intrinsic(Builder *b, uint32_t at, Intrinsic intrinsic, int base, int count);

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

Builder *builder_open(Compiler *compiler, Builder *outer, FunctionScope *scope, const char *name, Span span);
/* The finished function's index among those of the function around it. */
int builder_close(Builder *b);
/* The parameters' names and which of them have defaults: first how many, then one by one. */
void builder_parameters(Builder *b, int count);
void builder_parameter(Builder *b, int i, const char *name, bool has_default);
void compile_function(Builder *b, Node *node, const char *name, int destination);
void compile_method(Builder *b, Node *node, const char *owner, int destination);
/* Makes R[reg] of a parameter or field its variable, after its default and its type are seen to. */
void compile_parameter(Builder *b, const Name *name, TypeNode *type, Node *default_value, CheckContext context, int reg);

/* -- compile_types.c, compile_modules.c -- */

void compile_struct(Builder *b, Node *node);
void compile_enum(Builder *b, Node *node);
void compile_error_type(Builder *b, Node *node);
void compile_alias(Builder *b, Node *node);
void compile_package(Builder *b, Node *node);
void compile_import(Builder *b, Node *node);

/* -- compile_match.c -- */

void compile_switch(Builder *b, Node *node, int destination);
void compile_match(Builder *b, Node *node, int destination);
void compile_select(Builder *b, Node *node, int destination);

#endif
