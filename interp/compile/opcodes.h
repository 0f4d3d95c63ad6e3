/*
 * opcodes.h -- the instructions of the virtual machine: the one list that feeds the compiler, the dispatch table and the
 * disassembler.
 *
 * The machine has registers: R[0] … R[n-1] of the running function, K[…] its constants. An instruction is a 32-bit word:
 *
 *     | C: 8 | B: 8 | A: 8 | opcode: 8 |      or      | Bx: 16 | A: 8 | opcode: 8 |      or      | J: 24 | opcode: 8 |
 *
 * Formats:  A AB ABC   fields as named; sC, sBx, J are signed
 *           ABx AsBx   Bx is 16 bits
 *           …X         a second word X follows: a jump (signed, counted in words from the instruction after X), an index
 *                      too wide for a field, or a cache: its number is -1, -2, …, and it knows a name.
 *
 * Calls: the callee stands in R[A], its arguments in R[A+1] …; the result comes back into R[A]. The callee's R[0] *is* the
 * caller's R[A+1], so nothing is copied. Registers from R[A] up hold nothing the caller needs after the call.
 *
 * Safe points: every call and every instruction whose name begins with LOOP counts down the time slice.
 */
#ifndef OPCODES_H
#define OPCODES_H

#include <stdint.h>

/* OPCODES(X): X(name, format, meaning) */
#define OPCODES(X)                                                                                                     \
    /* -- moves and constants -- */                                                                                    \
    X(MOVE, AB, "R[A] = R[B]")                                                                                         \
    X(LOADK, ABx, "R[A] = K[Bx]")                                                                                      \
    X(LOADKX, AX, "R[A] = K[X]")                                                                                       \
    X(LOADINT, AsBx, "R[A] = sBx")                                                                                     \
    X(LOADNULL, AB, "R[A] … R[A+B] = null")                                                                            \
    X(LOADBOOL, AB, "R[A] = B is not 0")                                                                               \
    X(LOADUNDEF, A, "R[A] = undefined (an argument not given, a slice bound left out)")                                \
    /* -- variables -- */                                                                                              \
    X(GETGLOBAL, AX, "R[A] = global X; error when it is not declared yet")                                             \
    X(SETGLOBAL, AX, "global X = R[A]; error when not declared, constant, or of another declared type")                \
    X(DEFGLOBAL, ABX, "declares global X with value R[A]; B: 0 let, 1 const")                                          \
    X(TYPEGLOBAL, AX, "the type of global X is R[A]")                                                                  \
    X(ADDRGLOBAL, AX, "R[A] = pointer to global X; error when it is not declared yet")                                 \
    X(GETBUILTIN, AX, "R[A] = builtin named K[X], whatever variables there are (::name)")                            \
    X(GETUP, AB, "R[A] = captured value B")                                                                            \
    X(GETUPBOX, AB, "R[A] = content of the box that is captured value B; error when undefined")                        \
    X(SETUPBOX, AB, "content of the box that is captured value B = R[A]")                                              \
    X(NEWBOX, AB, "R[A] = new box holding R[B]")                                                                       \
    X(GETBOX, AB, "R[A] = content of box R[B]; error when undefined")                                                  \
    X(SETBOX, AB, "content of box R[A] = R[B]")                                                                        \
    X(CLOSURE, AX, "R[A] = closure of nested function X, captures taken as its list says")                           \
    /* -- arithmetic -- */                                                                                             \
    X(ADD, ABC, "R[A] = R[B] + R[C]")                                                                                  \
    X(SUB, ABC, "R[A] = R[B] - R[C]")                                                                                  \
    X(MUL, ABC, "R[A] = R[B] * R[C]")                                                                                  \
    X(DIV, ABC, "R[A] = R[B] / R[C]")                                                                                  \
    X(MOD, ABC, "R[A] = R[B] % R[C]")                                                                                  \
    X(POW, ABC, "R[A] = R[B] ** R[C]")                                                                                 \
    X(ADDI, ABC, "R[A] = R[B] + C (C: 0 … 255)")                                                                       \
    X(SUBI, ABC, "R[A] = R[B] - C (C: 0 … 255)")                                                                       \
    X(INC, A, "R[A] = R[A] + 1 (numbers only)")                                                                        \
    X(DEC, A, "R[A] = R[A] - 1 (numbers only)")                                                                        \
    X(MULK, ABC, "R[A] = R[B] * K[C], K[C] a number")                                                                  \
    X(DIVK, ABC, "R[A] = R[B] / K[C], K[C] a number")                                                                  \
    X(MODK, ABC, "R[A] = R[B] % K[C], K[C] a number")                                                                  \
    X(NEG, AB, "R[A] = -R[B]")                                                                                         \
    X(PLUS, AB, "R[A] = +R[B] (numbers only)")                                                                         \
    X(NOT, AB, "R[A] = !R[B]")                                                                                         \
    /* -- comparison to a value -- */                                                                                  \
    X(EQ, ABC, "R[A] = R[B] == R[C]")                                                                                  \
    X(NE, ABC, "R[A] = R[B] != R[C]")                                                                                  \
    X(LT, ABC, "R[A] = R[B] < R[C]")                                                                                   \
    X(LE, ABC, "R[A] = R[B] <= R[C]")                                                                                  \
    X(GT, ABC, "R[A] = R[B] > R[C]")                                                                                   \
    X(GE, ABC, "R[A] = R[B] >= R[C]")                                                                                  \
    X(IN, ABC, "R[A] = R[B] in R[C]")                                                                                  \
    X(RANGE, ABC, "R[A] = R[B] .. R[C]")                                                                               \
    X(ISTYPE, ABX, "R[A] = R[B] is type X of the function's types")                                                    \
    X(CAST, ABX, "R[A] = R[B] as type X")                                                                              \
    X(CHECKTYPE, ABX, "R[A] made fit type X (an integer may widen to a float) or TypeError; B: a CheckContext")        \
    X(ZERO, AX, "R[A] = zero value of type X")                                                                         \
    /* -- jumps -- */                                                                                                  \
    X(JMP, J, "jump by J")                                                                                             \
    X(JTRUE, AX, "jump by X if R[A] is truthy")                                                                        \
    X(JFALSE, AX, "jump by X if R[A] is falsy")                                                                        \
    X(JNULL, AX, "jump by X if R[A] is null")                                                                          \
    X(JNOTNULL, AX, "jump by X if R[A] is not null")                                                                   \
    X(JDEF, AX, "jump by X if R[A] is not undefined")                                                                  \
    X(JEQ, ABX, "jump by X if R[A] == R[B]")                                                                           \
    X(JNE, ABX, "jump by X if R[A] != R[B]")                                                                           \
    X(JLT, ABX, "jump by X if R[A] < R[B]")                                                                            \
    X(JNLT, ABX, "jump by X if not R[A] < R[B]")                                                                       \
    X(JLE, ABX, "jump by X if R[A] <= R[B]")                                                                           \
    X(JNLE, ABX, "jump by X if not R[A] <= R[B]")                                                                      \
    X(JEQK, ABxX, "jump by X if R[A] == K[Bx]")                                                                        \
    X(JNEK, ABxX, "jump by X if R[A] != K[Bx]")                                                                        \
    X(JLTI, AsBxX, "jump by X if R[A] < sBx")                                                                          \
    X(JNLTI, AsBxX, "jump by X if not R[A] < sBx")                                                                     \
    X(JLEI, AsBxX, "jump by X if R[A] <= sBx")                                                                         \
    X(JNLEI, AsBxX, "jump by X if not R[A] <= sBx")                                                                    \
    X(JGTI, AsBxX, "jump by X if R[A] > sBx")                                                                          \
    X(JNGTI, AsBxX, "jump by X if not R[A] > sBx")                                                                     \
    X(JGEI, AsBxX, "jump by X if R[A] >= sBx")                                                                         \
    X(JNGEI, AsBxX, "jump by X if not R[A] >= sBx")                                                                    \
    /* -- loops: backward jumps with a safe point -- */                                                                \
    X(LOOP, J, "jump by J (backward)")                                                                                 \
    X(LOOPTRUE, AX, "jump by X (backward) if R[A] is truthy")                                                          \
    X(LOOPLT, ABX, "jump by X (backward) if R[A] < R[B]")                                                              \
    X(LOOPLE, ABX, "jump by X (backward) if R[A] <= R[B]")                                                             \
    X(LOOPLTI, AsBxX, "jump by X (backward) if R[A] < sBx")                                                            \
    X(LOOPLEI, AsBxX, "jump by X (backward) if R[A] <= sBx")                                                           \
    X(RANGEPREP, AX, "counts from R[A] to R[A+1], both integers, both included: R[A+2] = R[A], or jump by X if empty") \
    X(LOOPRANGE, AX, "R[A]++; if R[A] <= R[A+1]: R[A+2] = R[A], jump by X (backward)")                                 \
    X(ITERPREP, AX, "R[A], R[A+1], R[A+2] = state to walk over R[A] as it is now; jump by X (to its LOOPITER)")        \
    X(LOOPITER, ABX, "next: key to R[A+3], value to R[A+4], jump by X (backward); falls through at the end. B: 1 if the key is wanted") \
    /* -- aggregates -- */                                                                                             \
    X(NEWARRAY, AB, "R[A] = array of R[A] … R[A+B-1] (B may be 0)")                                                    \
    X(PUSHARRAY, AB, "appends R[A+1] … R[A+B] to array R[A]")                                                          \
    X(NEWDICT, ABx, "R[A] = empty dict with room for Bx entries")                                                      \
    X(PUTDICT, ABC, "dict R[A]: entry R[B] -> R[C] (of a literal)")                                                    \
    X(GETINDEX, ABC, "R[A] = R[B][R[C]]")                                                                              \
    X(GETINDEXI, ABC, "R[A] = R[B][C] (C: 0 … 255)")                                                                   \
    X(SETINDEX, ABC, "R[A][R[B]] = R[C]")                                                                              \
    X(SLICE, AB, "R[A] = R[B][R[B+1] : R[B+2]], undefined bounds are left out")                                        \
    X(GETFIELD, ABX, "R[A] = R[B].name (X: cache with the name)")                                                      \
    X(SETFIELD, ABX, "R[A].name = R[B] (X: cache with the name)")                                                      \
    X(ADDFIELD, ABCX, "R[A] = R[B].name = R[B].name + R[C] (X: cache with the name)")                                  \
    X(ADDFIELDK, ABCX, "R[A] = R[B].name = R[B].name + K[C] (X: cache with the name)")                                 \
    /* -- calls -- */                                                                                                  \
    X(CALL, AB, "R[A] = R[A](R[A+1] … R[A+B])")                                                                        \
    X(CALLKW, ABCX, "as CALL with B arguments in all; the last ones carry the names in K[X], a list; C: 1 for a struct literal") \
    X(INVOKE, ABX, "R[A] = R[A+1].name(R[A+2] … R[A+1+B]) (X: cache with the name)")                                   \
    X(INVOKEKW, ABX, "as INVOKE; another word follows X: the constant that holds the list of argument names")          \
    X(METHOD, AX, "R[A] = what INVOKE would call on R[A+1], and R[A+1] stays if it is the receiver, else undefined (X: cache with the name)") \
    X(RETURN, A, "returns R[A]")                                                                                       \
    X(RETURNNULL, J, "returns null")                                                                                   \
    /* -- tasks -- */                                                                                                  \
    X(GO, ABC, "starts a task that calls R[A](R[A+1] … R[A+B]); R[A] = its handle. C: GO_HAS_RECEIVER after METHOD: R[A+1] counts only if defined; GO_KEEPS_HANDLE: somebody gets it") \
    X(AWAIT, AB, "R[A] = value of promise or task R[B], waiting for it; raises its error")                             \
    /* -- errors and deferred calls -- */                                                                              \
    X(THROW, A, "raises R[A]")                                                                                         \
    X(RETHROW, A, "raises R[A], an error caught by a handler, as it was")                                              \
    X(RAISE, A, "raises an error whose message is the print form of R[A]; of an error type's instance: that")          \
    X(DEFER, ABC, "adds to the deferred calls in R[A] (null at first) the call R[B](R[B+1] … R[B+C])")                 \
    X(RUNDEFER, ABX, "takes the last call out of R[B] and calls it in R[A]; jump by X if there is none")               \
    /* -- all that is rare -- */                                                                                       \
    X(INTRINSIC, ABX, "R[A] = intrinsic X(R[A+1] … R[A+B])")

typedef enum {
#define X(name, format, meaning) OPC_##name,
    OPCODES(X)
#undef X
    OPCODE_COUNT
} Opcode;

/*
 * INTRINSICS(X): X(name, meaning). Operations that programs run seldom, or that are large: functions behind one opcode.
 * "text" stands for a string constant, "list" for a list constant of strings (see Constant).
 */
#define INTRINSICS(X)                                                                                                  \
    X(STRUCT_TYPE, "(name, list of field names, list of flags) = struct type; flags: one string per field, see CodeType") \
    X(METHOD, "(struct type, text, function): adds a method")                                                          \
    X(CONSTRUCTOR, "(struct or error type, function): what a call of the type calls")                                  \
    X(INSTANCE, "(struct type, field values …) = instance")                                                            \
    X(ENUM_TYPE, "(name, list of member names, array of values) = enum")                                                 \
    X(ERROR_TYPE, "(name, list of field names) = error type")                                                          \
    X(ERROR, "(error type, field values …) = error, not raised")                                                       \
    X(TYPE_ALIAS, "(name) = a type value of the type whose index in the function's types is the next argument, an int")\
    X(OVERLOAD, "(old value, function) = overload set of both, or just the function when arities are equal or old is no function") \
    X(MATCH_ARRAY, "(value, n, has_rest) = value is an array of exactly, or with rest at least, n elements")           \
    X(MATCH_DICT, "(value, key) = value is a dict that has the key")                                                   \
    X(MATCH_RANGE, "(value, range) = value lies in the range; any other second operand: equality")                     \
    X(POINTER_BOX, "(box) = pointer to the variable in the box; a second argument makes it a constant's")              \
    X(POINTER_INDEX, "(object, key) = pointer to an element")                                                          \
    X(POINTER_FIELD, "(object, text) = pointer to a field")                                                            \
    X(POINTER_VALUE, "(value) = pointer to a variable of its own that holds the value")                                \
    X(POINTER_GET, "(pointer) = what it points to")                                                                    \
    X(POINTER_SET, "(pointer, value): writes through it")                                                              \
    X(CHAN, "(size or undefined) = channel")                                                                           \
    X(SELECT, "(text of kinds, channel, value, channel, value …) = [index of the chosen case, received value]; kinds: r s t d, one a case; t: the value is the milliseconds") \
    X(DECLARATIVE, "(text word, value): info, warn … print; fatal and critical raise")                                 \
    X(IMPORT, "(text name) = module")                                                                                  \
    X(INCLUDE, "(text path): runs a file's code in the global scope")                                                  \
    X(PACKAGE, "(text name, list of member names, list of those that are constants, array of the members' boxes) = package")\
    X(ERROR_MATCHES, "(error value, text type name) = catch (e: Name) takes it; name \"\": a catch without type, which takes all but Interrupted and Cancelled")

typedef enum {
#define X(name, meaning) INTRINSIC_##name,
    INTRINSICS(X)
#undef X
    INTRINSIC_COUNT
} Intrinsic;

/* Flags in C of GO. */
#define GO_HAS_RECEIVER 1
#define GO_KEEPS_HANDLE 2

/* What a CHECKTYPE is about, for its message. The name of the thing is the name of the type entry. */
typedef enum { CHECK_VARIABLE, CHECK_ASSIGN, CHECK_PARAMETER, CHECK_RETURN, CHECK_FIELD, CHECK_COUNT } CheckContext;

#define INSTR_OP(w) ((w) & 0xff)
#define INSTR_A(w) (((w) >> 8) & 0xff)
#define INSTR_B(w) (((w) >> 16) & 0xff)
#define INSTR_C(w) ((w) >> 24)
#define INSTR_BX(w) ((w) >> 16)
#define INSTR_SBX(w) ((int32_t)(w) >> 16)
#define INSTR_J(w) ((int32_t)(w) >> 8)
#define INSTR_ABC(op, a, b, c) ((uint32_t)(op) | (uint32_t)(a) << 8 | (uint32_t)(b) << 16 | (uint32_t)(c) << 24)
#define INSTR_ABX(op, a, bx) ((uint32_t)(op) | (uint32_t)(a) << 8 | (uint32_t)(uint16_t)(bx) << 16)
#define INSTR_JUMP(op, j) ((uint32_t)(op) | (uint32_t)(j) << 8)

#endif
