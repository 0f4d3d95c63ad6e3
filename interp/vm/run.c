/*
 * run.c -- the dispatch loop.
 *
 * One C function runs all tasks. Its local variables are the machine's registers: where the running code is (pc), where
 * its registers (base) and constants (k) lie. A call of a VintLang function pushes a frame and goes on in the same
 * loop; a switch of tasks saves the registers into one frame and loads them from another. So the C stack has the same
 * depth, always.
 *
 * Each instruction has its fast path here: the common types, checked by their tags. All else is a call of a function in
 * arith.c, access.c or call.c. Before anything that can raise an error, park the task or look at its frames, SAVE()
 * writes pc and the number of frames back; after anything that can move the stack, LOAD() reads them all anew.
 *
 * With gcc and clang the loop is threaded: each instruction jumps straight to the code of the next one. -DVINT_SWITCH
 * makes it a switch.
 */
#include "run.h"

#include <math.h>
#include <time.h>

#include "access.h"
#include "arith.h"
#include "array.h"
#include "call.h"
#include "channel.h"
#include "dict.h"
#include "global.h"
#include "object.h"
#include "pointer.h"
#include "promise.h"
#include "proto.h"
#include "task.h"
#include "type.h"
#include "unwind.h"

NativeFunction run_intrinsics[INTRINSIC_COUNT];

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define RA (base + INSTR_A(w))
#define RB (base + INSTR_B(w))
#define RC (base + INSTR_C(w))
#define KC (k + INSTR_C(w))
#define KBX (k + INSTR_BX(w))
#define NEXT_CACHE() ((Cache *)k + (int32_t)*pc++)
#define NAME(cache) (k[(cache)->name].string)

#define SAVE() (frame->pc = pc, task->frame_count = (uint32_t)(frame - task->frames) + 1)
#define LOAD()                                                                                     \
    (frame = task->frames + task->frame_count - 1, pc = frame->pc, k = frame->constants, base = task->stack + frame->base)

#define BOTH_INT(a, b) (((a)->tag ^ T_INT) + ((b)->tag ^ T_INT) == 0)
#define BOTH_FLOAT(a, b) (((a)->tag ^ T_FLOAT) + ((b)->tag ^ T_FLOAT) == 0)
#define SET_INT(r, x) ((r)->i = (x), (r)->tag = T_INT)
#define SET_FLOAT(r, x) ((r)->f = (x), (r)->tag = T_FLOAT)
#define SET_BOOL(r, x) ((r)->tag = (x) ? T_TRUE : T_FALSE) /* no payload: r may be an operand of x */
#define WRAP(a, op, b) ((int64_t)((uint64_t)(a) op (uint64_t)(b)))

/* After a call or a backward jump. */
#define SAFE_POINT()                                                                               \
    do {                                                                                           \
        if (UNLIKELY(--vm->budget <= 0)) goto safe_point;                                          \
    } while (0)

#define RAISE_IF(failed)                                                                           \
    do {                                                                                           \
        if (UNLIKELY(failed)) goto raise;                                                          \
    } while (0)

#ifdef VINT_SWITCH
#define DISPATCH() goto dispatch
#define CASE(name) case OPC_##name
#else
#define DISPATCH()                                                                                 \
    do {                                                                                           \
        w = *pc++;                                                                                 \
        goto *labels[INSTR_OP(w)];                                                                 \
    } while (0)
#define CASE(name) label_##name
#endif

/* The number of a float or integer operand that the int paths left over. */
#define NUMBERS(a, b) (value_is_number(*(a)) && value_is_number(*(b)))

#define ARITHMETIC(name, b, c, on_int, on_float)                                                   \
    CASE(name) : {                                                                                 \
        const Value *x = (b), *y = (c);                                                            \
        Value *r = RA;                                                                             \
        if (LIKELY(BOTH_INT(x, y))) {                                                              \
            on_int;                                                                                \
        } else if (LIKELY(NUMBERS(x, y))) {                                                        \
            on_float;                                                                              \
        } else {                                                                                   \
            goto slow_##name;                                                                      \
        }                                                                                          \
        DISPATCH();                                                                                \
        slow_##name : SAVE();                                                                      \
        RAISE_IF(!arith_binary(vm, OPC_##name, x, y, r));                                          \
        DISPATCH();                                                                                \
    }

#define STEP(name, op)                                                                             \
    CASE(name) : {                                                                                 \
        Value *r = RA;                                                                             \
        if (LIKELY(r->tag == T_INT)) {                                                             \
            r->i = WRAP(r->i, op, 1);                                                              \
        } else {                                                                                   \
            SAVE();                                                                                \
            RAISE_IF(!arith_unary(vm, OPC_##name, r, r));                                          \
        }                                                                                          \
        DISPATCH();                                                                                \
    }

#define COMPARE_TO(name, op)                                                                       \
    CASE(name) : {                                                                                 \
        const Value *x = RB, *y = RC;                                                              \
        if (LIKELY(BOTH_INT(x, y))) {                                                              \
            SET_BOOL(RA, x->i op y->i);                                                            \
        } else if (NUMBERS(x, y)) {                                                                \
            SET_BOOL(RA, value_number(*x) op value_number(*y));                                    \
        } else {                                                                                   \
            SAVE();                                                                                \
            int truth = arith_compare(vm, OPC_##name, x, y);                                       \
            RAISE_IF(truth < 0);                                                                   \
            SET_BOOL(RA, truth);                                                                   \
        }                                                                                          \
        DISPATCH();                                                                                \
    }

/* Jumps if (R[A] op R[B]) is [when]; [after_jump] runs then. */
#define COMPARE_JUMP(name, kind, op, when, after_jump)                                             \
    CASE(name) : {                                                                                 \
        const Value *x = RA, *y = RB;                                                              \
        int truth;                                                                                 \
        if (LIKELY(BOTH_INT(x, y))) {                                                              \
            truth = x->i op y->i;                                                                  \
        } else if (LIKELY(NUMBERS(x, y))) {                                                        \
            truth = value_number(*x) op value_number(*y);                                          \
        } else {                                                                                   \
            pc++;                                                                                  \
            SAVE();                                                                                \
            pc--;                                                                                  \
            truth = arith_compare(vm, OPC_##kind, x, y);                                           \
            RAISE_IF(truth < 0);                                                                   \
        }                                                                                          \
        int32_t jump = (int32_t)*pc++;                                                             \
        if (truth == (when)) {                                                                     \
            pc += jump;                                                                            \
            after_jump;                                                                            \
        }                                                                                          \
        DISPATCH();                                                                                \
    }

#define COMPARE_JUMP_INT(name, kind, op, when, after_jump)                                         \
    CASE(name) : {                                                                                 \
        const Value *x = RA;                                                                       \
        int truth;                                                                                 \
        if (LIKELY(x->tag == T_INT)) {                                                             \
            truth = x->i op INSTR_SBX(w);                                                          \
        } else if (LIKELY(x->tag == T_FLOAT)) {                                                    \
            truth = x->f op INSTR_SBX(w);                                                          \
        } else {                                                                                   \
            Value y = value_int(INSTR_SBX(w));                                                     \
            pc++;                                                                                  \
            SAVE();                                                                                \
            pc--;                                                                                  \
            truth = arith_compare(vm, OPC_##kind, x, &y);                                          \
            RAISE_IF(truth < 0);                                                                   \
        }                                                                                          \
        int32_t jump = (int32_t)*pc++;                                                             \
        if (truth == (when)) {                                                                     \
            pc += jump;                                                                            \
            after_jump;                                                                            \
        }                                                                                          \
        DISPATCH();                                                                                \
    }

#define EQUAL(x, y) (BOTH_INT(x, y) ? (x)->i == (y)->i : value_equal(*(x), *(y)))

#define JUMP_IF(name, condition)                                                                   \
    CASE(name) : {                                                                                 \
        int32_t jump = (int32_t)*pc++;                                                             \
        if (condition) pc += jump;                                                                 \
        DISPATCH();                                                                                \
    }

#define ADD_TO_FIELD(name, addend)                                                                 \
    CASE(name) : {                                                                                 \
        const Value *object = RB, *y = (addend);                                                   \
        Cache *cache = NEXT_CACHE();                                                               \
        if (LIKELY(object->tag == T_INSTANCE && object->obj->hash == cache->key)) {                \
            Value *x = &object->instance->fields[cache->slot];                                     \
            if (LIKELY(BOTH_INT(x, y) && cache->mask >> T_INT & 1)) {                              \
                int64_t sum = x->i = WRAP(x->i, +, y->i);                                          \
                SET_INT(RA, sum);                                                                  \
                DISPATCH();                                                                        \
            }                                                                                      \
            if (NUMBERS(x, y) && cache->mask >> T_FLOAT & 1) {                                     \
                double sum = value_number(*x) + value_number(*y);                                  \
                SET_FLOAT(x, sum);                                                                 \
                SET_FLOAT(RA, sum);                                                                \
                DISPATCH();                                                                        \
            }                                                                                      \
        }                                                                                          \
        SAVE();                                                                                    \
        RAISE_IF(!access_add_field(vm, object, NAME(cache), cache, y, RA));                        \
        DISPATCH();                                                                                \
    }

/*
 * The time that tasks take. Reading a clock costs about as much as a switch of tasks. So it is read at the end of each
 * turn only while turns are long; when they are short, it is read at the end of some of them, up to each 64th, and the
 * whole time since the last reading goes to the task whose turn that is: like a profiler's samples, right on average.
 */
#define TURN_SHORT_NS 5000
#define STRIDE_MAX 64

static uint64_t clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void charge_time(Vm *vm, Task *task) {
    uint64_t now = clock_ns(), took = now - vm->clock.read_at;
    task->cpu += took;
    vm->clock.read_at = now;
    int32_t stride = vm->clock.stride;
    if (took > TURN_SHORT_NS * (uint64_t)stride)
        stride = 1;
    else if (stride < STRIDE_MAX)
        stride *= 2;
    vm->clock.left = vm->clock.stride = stride;
}

/* Pays for the part of its slice that the task used. */
static void leave_task(Vm *vm) {
    if (UNLIKELY(--vm->clock.left <= 0)) charge_time(vm, vm->current);
    int32_t left = (vm->budget > 0 ? vm->budget : 0) + vm->slice_left;
    vm->poll_left -= vm->slice - left + 20;
    vm->slice_left = 0;
    vm->current = NULL;
}

static void enter_task(Vm *vm, Task *task) {
    vm->current = task;
    task->state = TASK_RUNNING;
    vm->budget = vm->slice;
    vm->slice_left = 0;
    if (UNLIKELY(vm->heap.debt >= 0)) vm_cut_budget(vm);
    gc_task_runs(vm, task);
}

static int32_t slice_for(uint32_t tasks) {
    if (tasks <= VM_SLICE_TASKS) return VM_SLICE;
    int32_t share = (int32_t)((int64_t)VM_SLICE * VM_SLICE_TASKS / tasks);
    return share > VM_SLICE_LEAST ? share : VM_SLICE_LEAST;
}

RunStatus vm_run(Vm *vm) {
#ifndef VINT_SWITCH
    static const void *const labels[OPCODE_COUNT] = {
#define X(name, format, meaning) [OPC_##name] = &&label_##name,
        OPCODES(X)
#undef X
    };
#endif
    Task *task = NULL;
    Frame *frame;
    const uint32_t *pc;
    Value *base, *k;
    uint32_t w;
    Value *slot; /* of the call under way, and how many arguments it has */
    int count;
    CallResult called;

    vm->poll_left = VM_POLL_INTERVAL;
    vm->slice = slice_for(vm->task_count);
    vm->clock.read_at = clock_ns();

next_task:
    if (!vm->ready_first || vm->poll_left <= 0 || atomic_load_explicit(&vm->attention, memory_order_relaxed)) {
        if (task) charge_time(vm, task);
        return vm->ready_first ? RUN_POLL : RUN_IDLE;
    }
    task = task_next_ready(vm);
    enter_task(vm, task);
    LOAD();
    if (UNLIKELY(task->injected != NULL)) {
        if (task->turn == TURN_FIRST || task->turn == TURN_RAISES) {
            vm->error = task->injected;
            task->injected = NULL;
            goto raise;
        }
        if (task->turn == TURN_GAVE_WAY && vm_must_raise(task)) goto safe_point;
        vm_cut_budget(vm);
    }
    DISPATCH();

#ifdef VINT_SWITCH
dispatch:
    w = *pc++;
    switch ((Opcode)INSTR_OP(w)) {
#endif

    CASE(MOVE) : {
        value_copy(RA, RB);
        DISPATCH();
    }
    CASE(LOADK) : {
        value_copy(RA, KBX);
        DISPATCH();
    }
    CASE(LOADKX) : {
        value_copy(RA, k + *pc++);
        DISPATCH();
    }
    CASE(LOADINT) : {
        SET_INT(RA, INSTR_SBX(w));
        DISPATCH();
    }
    CASE(LOADNULL) : {
        Value *r = RA;
        for (uint32_t n = INSTR_B(w) + 1; n > 0; n--, r++) *r = NULL_VALUE;
        DISPATCH();
    }
    CASE(LOADBOOL) : {
        SET_BOOL(RA, INSTR_B(w));
        DISPATCH();
    }
    CASE(LOADUNDEF) : {
        *RA = UNDEFINED_VALUE;
        DISPATCH();
    }

    CASE(GETGLOBAL) : {
        const Global *global = &vm->globals[*pc++];
        if (UNLIKELY(global->value.tag == T_UNDEFINED)) {
            SAVE();
            unwind_unknown_name(vm, global->name, false);
            goto raise;
        }
        value_copy(RA, &global->value);
        DISPATCH();
    }
    CASE(SETGLOBAL) : {
        Global *global = &vm->globals[*pc++];
        if (UNLIKELY(!(global->mask >> RA->tag & 1))) {
            SAVE();
            RAISE_IF(!global_assign(vm, global, RA));
            DISPATCH();
        }
        global->value = *RA;
        gc_write(vm, global->value);
        DISPATCH();
    }
    CASE(DEFGLOBAL) : {
        global_define(vm, &vm->globals[*pc++], *RA, INSTR_B(w) != 0);
        DISPATCH();
    }
    CASE(TYPEGLOBAL) : {
        global_set_type(vm, &vm->globals[*pc++], RA->type);
        DISPATCH();
    }
    CASE(ADDRGLOBAL) : {
        const Global *global = &vm->globals[*pc++];
        if (UNLIKELY(global->value.tag == T_UNDEFINED)) {
            SAVE();
            unwind_unknown_name(vm, global->name, false);
            goto raise;
        }
        *RA = value_obj(pointer_new(vm, POINTER_TO_GLOBAL, value_int(global - vm->globals), NULL_VALUE));
        DISPATCH();
    }
    CASE(GETBUILTIN) : {
        String *name = k[*pc++].string;
        if (UNLIKELY(!dict_get_name(vm->builtins, name, RA))) {
            SAVE();
            vm_raise(vm, ERR_NAME, "there is no builtin function '%.*s'", (int)name->length, name->bytes);
            goto raise;
        }
        DISPATCH();
    }
    CASE(GETUP) : {
        value_copy(RA, &frame->closure->captures[INSTR_B(w)]);
        DISPATCH();
    }
    CASE(GETUPBOX) : {
        const Box *box = frame->closure->captures[INSTR_B(w)].box;
        if (UNLIKELY(box->value.tag == T_UNDEFINED)) goto early_use;
        value_copy(RA, &box->value);
        DISPATCH();
    }
    CASE(SETUPBOX) : {
        Box *box = frame->closure->captures[INSTR_B(w)].box;
        value_copy(&box->value, RA);
        gc_write(vm, box->value);
        DISPATCH();
    }
    CASE(NEWBOX) : {
        Box *box = box_new(vm, *RB);
        *RA = value_obj(box);
        DISPATCH();
    }
    CASE(GETBOX) : {
        const Box *box = RB->box;
        if (UNLIKELY(box->value.tag == T_UNDEFINED)) goto early_use;
        value_copy(RA, &box->value);
        DISPATCH();
    }
    CASE(SETBOX) : {
        Box *box = RA->box;
        value_copy(&box->value, RB);
        gc_write(vm, box->value);
        DISPATCH();
    }
    CASE(CLOSURE) : {
        Proto *proto = frame->closure->proto->functions[*pc++];
        Closure *closure = closure_new(vm, proto);
        const Capture *capture = proto->code_function->captures;
        for (int i = 0, n = proto->code_function->capture_count; i < n; i++, capture++)
            value_copy(&closure->captures[i],
                       capture->from_parent_register ? base + capture->index : &frame->closure->captures[capture->index]);
        *RA = value_obj(closure);
        DISPATCH();
    }

    ARITHMETIC(ADD, RB, RC, SET_INT(r, WRAP(x->i, +, y->i)), SET_FLOAT(r, value_number(*x) + value_number(*y)))
    ARITHMETIC(SUB, RB, RC, SET_INT(r, WRAP(x->i, -, y->i)), SET_FLOAT(r, value_number(*x) - value_number(*y)))
    ARITHMETIC(MUL, RB, RC, SET_INT(r, WRAP(x->i, *, y->i)), SET_FLOAT(r, value_number(*x) * value_number(*y)))
    ARITHMETIC(MOD, RB, RC, if (LIKELY(y->i > 0)) SET_INT(r, x->i % y->i); else goto slow_MOD, goto slow_MOD)
    CASE(DIV) : {
        SAVE();
        RAISE_IF(!arith_binary(vm, OPC_DIV, RB, RC, RA));
        DISPATCH();
    }
    CASE(POW) : {
        SAVE();
        RAISE_IF(!arith_binary(vm, OPC_POW, RB, RC, RA));
        DISPATCH();
    }
    CASE(ADDI) : {
        const Value *x = RB;
        if (LIKELY(x->tag == T_INT)) {
            SET_INT(RA, WRAP(x->i, +, INSTR_C(w)));
        } else if (x->tag == T_FLOAT) {
            SET_FLOAT(RA, x->f + INSTR_C(w));
        } else {
            Value y = value_int(INSTR_C(w));
            SAVE();
            RAISE_IF(!arith_binary(vm, OPC_ADD, x, &y, RA));
        }
        DISPATCH();
    }
    CASE(SUBI) : {
        const Value *x = RB;
        if (LIKELY(x->tag == T_INT)) {
            SET_INT(RA, WRAP(x->i, -, INSTR_C(w)));
        } else if (x->tag == T_FLOAT) {
            SET_FLOAT(RA, x->f - INSTR_C(w));
        } else {
            Value y = value_int(INSTR_C(w));
            SAVE();
            RAISE_IF(!arith_binary(vm, OPC_SUB, x, &y, RA));
        }
        DISPATCH();
    }
    STEP(INC, +)
    STEP(DEC, -)
    CASE(MULK) : {
        const Value *x = RB, *y = KC;
        if (LIKELY(BOTH_INT(x, y))) {
            SET_INT(RA, WRAP(x->i, *, y->i));
        } else if (BOTH_FLOAT(x, y)) {
            SET_FLOAT(RA, x->f * y->f);
        } else {
            SAVE();
            RAISE_IF(!arith_binary(vm, OPC_MUL, x, y, RA));
        }
        DISPATCH();
    }
    CASE(DIVK) : {
        SAVE();
        RAISE_IF(!arith_binary(vm, OPC_DIV, RB, KC, RA));
        DISPATCH();
    }
    CASE(MODK) : {
        const Value *x = RB, *y = KC;
        if (LIKELY(BOTH_INT(x, y) && y->i > 0)) {
            SET_INT(RA, x->i % y->i);
        } else {
            SAVE();
            RAISE_IF(!arith_binary(vm, OPC_MOD, x, y, RA));
        }
        DISPATCH();
    }
    CASE(NEG) : {
        const Value *x = RB;
        if (LIKELY(x->tag == T_INT)) {
            SET_INT(RA, WRAP(0, -, x->i));
        } else {
            SAVE();
            RAISE_IF(!arith_unary(vm, OPC_NEG, x, RA));
        }
        DISPATCH();
    }
    CASE(PLUS) : {
        SAVE();
        RAISE_IF(!arith_unary(vm, OPC_PLUS, RB, RA));
        DISPATCH();
    }
    CASE(NOT) : {
        SET_BOOL(RA, RB->tag <= T_FALSE);
        DISPATCH();
    }

    CASE(EQ) : {
        SET_BOOL(RA, EQUAL(RB, RC));
        DISPATCH();
    }
    CASE(NE) : {
        SET_BOOL(RA, !EQUAL(RB, RC));
        DISPATCH();
    }
    COMPARE_TO(LT, <)
    COMPARE_TO(LE, <=)
    COMPARE_TO(GT, >)
    COMPARE_TO(GE, >=)
    CASE(IN) : {
        SAVE();
        int truth = arith_in(vm, RB, RC);
        RAISE_IF(truth < 0);
        SET_BOOL(RA, truth);
        DISPATCH();
    }
    CASE(RANGE) : {
        const Value *x = RB, *y = RC;
        if (UNLIKELY(!BOTH_INT(x, y))) {
            SAVE();
            vm_raise(vm, ERR_TYPE, "a range goes from an integer to an integer, not from %s to %s", error_describe(vm, *x),
                     error_describe(vm, *y));
            goto raise;
        }
        Range *range = range_new(vm, x->i, y->i);
        *RA = value_obj(range);
        DISPATCH();
    }
    CASE(ISTYPE) : {
        const TypeEntry *entry = &frame->closure->proto->types[*pc++];
        const Value *x = RB;
        SET_BOOL(RA, (entry->mask >> x->tag & 1) || type_fits(vm, entry->type, *x, NULL));
        DISPATCH();
    }
    CASE(CAST) : {
        const TypeEntry *entry = &frame->closure->proto->types[*pc++];
        SAVE();
        RAISE_IF(!type_cast(vm, entry->type, *RB, RA));
        DISPATCH();
    }
    CASE(CHECKTYPE) : {
        const TypeEntry *entry = &frame->closure->proto->types[*pc++];
        if (UNLIKELY(!(entry->mask >> RA->tag & 1))) {
            SAVE();
            RAISE_IF(!type_check(vm, entry, INSTR_B(w), RA));
        }
        DISPATCH();
    }
    CASE(ZERO) : {
        *RA = type_zero(vm, frame->closure->proto->types[*pc++].type);
        DISPATCH();
    }

    CASE(JMP) : {
        pc += INSTR_J(w);
        DISPATCH();
    }
    JUMP_IF(JTRUE, RA->tag > T_FALSE)
    JUMP_IF(JFALSE, RA->tag <= T_FALSE)
    JUMP_IF(JNULL, RA->tag == T_NULL)
    JUMP_IF(JNOTNULL, RA->tag != T_NULL)
    JUMP_IF(JDEF, RA->tag != T_UNDEFINED)
    JUMP_IF(JEQ, EQUAL(RA, RB))
    JUMP_IF(JNE, !EQUAL(RA, RB))
    JUMP_IF(JEQK, EQUAL(RA, KBX))
    JUMP_IF(JNEK, !EQUAL(RA, KBX))
    COMPARE_JUMP(JLT, LT, <, 1, )
    COMPARE_JUMP(JNLT, LT, <, 0, )
    COMPARE_JUMP(JLE, LE, <=, 1, )
    COMPARE_JUMP(JNLE, LE, <=, 0, )
    COMPARE_JUMP_INT(JLTI, LT, <, 1, )
    COMPARE_JUMP_INT(JNLTI, LT, <, 0, )
    COMPARE_JUMP_INT(JLEI, LE, <=, 1, )
    COMPARE_JUMP_INT(JNLEI, LE, <=, 0, )
    COMPARE_JUMP_INT(JGTI, GT, >, 1, )
    COMPARE_JUMP_INT(JNGTI, GT, >, 0, )
    COMPARE_JUMP_INT(JGEI, GE, >=, 1, )
    COMPARE_JUMP_INT(JNGEI, GE, >=, 0, )

    CASE(LOOP) : {
        pc += INSTR_J(w);
        SAFE_POINT();
        DISPATCH();
    }
    CASE(LOOPTRUE) : {
        int32_t jump = (int32_t)*pc++;
        if (RA->tag > T_FALSE) {
            pc += jump;
            SAFE_POINT();
        }
        DISPATCH();
    }
    COMPARE_JUMP(LOOPLT, LT, <, 1, SAFE_POINT())
    COMPARE_JUMP(LOOPLE, LE, <=, 1, SAFE_POINT())
    COMPARE_JUMP_INT(LOOPLTI, LT, <, 1, SAFE_POINT())
    COMPARE_JUMP_INT(LOOPLEI, LE, <=, 1, SAFE_POINT())
    CASE(RANGEPREP) : {
        Value *r = RA;
        int32_t jump = (int32_t)*pc++;
        if (UNLIKELY(!BOTH_INT(r, r + 1))) {
            SAVE();
            vm_raise(vm, ERR_TYPE, "a loop counts from an integer to an integer, not from %s to %s",
                     error_describe(vm, r[0]), error_describe(vm, r[1]));
            goto raise;
        }
        if (r[0].i > r[1].i)
            pc += jump;
        else
            SET_INT(r + 2, r[0].i);
        DISPATCH();
    }
    CASE(LOOPRANGE) : {
        Value *r = RA;
        int32_t jump = (int32_t)*pc++;
        if (LIKELY(r[0].i < r[1].i)) {
            int64_t next = ++r[0].i;
            SET_INT(r + 2, next);
            pc += jump;
            SAFE_POINT();
        }
        DISPATCH();
    }
    CASE(ITERPREP) : {
        int32_t jump = (int32_t)*pc++;
        SAVE();
        RAISE_IF(!access_iterate(vm, RA));
        pc += jump;
        DISPATCH();
    }
    CASE(LOOPITER) : {
        Value *r = RA;
        int32_t jump = (int32_t)*pc++;
        switch (r[0].tag) {
        case T_ARRAY: {
            const Array *array = r[0].array;
            uint32_t at = (uint32_t)r[1].i;
            if (at >= array->length) DISPATCH();
            if (r[2].tag == T_NULL) { /* items */
                value_copy(r + 4, &array->items[at]);
                SET_INT(r + 3, at);
                r[1].i = at + 1;
            } else { /* keys and values by turns */
                value_copy(r + 3, &array->items[at]);
                value_copy(r + 4, &array->items[at + 1]);
                r[1].i = at + 2;
            }
            break;
        }
        case T_INT: /* a range: r[0] … r[1]; r[2] is false after the last */
            if (r[2].tag == T_FALSE || r[0].i > r[1].i) DISPATCH();
            SET_INT(r + 3, r[0].i);
            SET_INT(r + 4, r[0].i);
            if (r[0].i == r[1].i)
                r[2].tag = T_FALSE;
            else
                r[0].i++;
            break;
        case T_STRING: {
            String *s = r[0].string;
            uint32_t at = (uint32_t)r[1].i;
            if (at >= s->length) DISPATCH();
            int size;
            utf8_decode(s->bytes + at, s->length - at, &size);
            String *one = string_slice_bytes(vm, s, at, at + (uint32_t)size);
            r[4] = value_obj(one);
            SET_INT(r + 3, r[2].i);
            r[1].i = at + size;
            r[2].i++;
            break;
        }
        case T_INSTANCE: /* a progress bar */
            SAVE();
            if (!vm->next_item(vm, r)) DISPATCH();
            break;
        default: /* a channel; r[2] is true when this instruction runs again after a wait */
            if (r[2].tag != T_TRUE && !channel_poll(vm, r[0].channel, r + 4)) {
                r[2].tag = T_TRUE;
                pc -= 2; /* this instruction again */
                SAVE();
                channel_wait(vm, r[0].channel, r + 4);
                goto parked;
            }
            r[2].tag = T_NULL;
            if (r[4].tag == T_UNDEFINED) DISPATCH();
            SET_INT(r + 3, r[1].i);
            r[1].i++;
        }
        pc += jump;
        SAFE_POINT();
        DISPATCH();
    }

    CASE(NEWARRAY) : {
        Value *r = RA;
        Array *array = array_from(vm, r, INSTR_B(w));
        *r = value_obj(array);
        DISPATCH();
    }
    CASE(PUSHARRAY) : {
        Value *r = RA;
        SAVE();
        for (uint32_t i = 1, n = INSTR_B(w); i <= n; i++) RAISE_IF(!array_push(vm, r->array, r[i]));
        DISPATCH();
    }
    CASE(NEWDICT) : {
        SAVE();
        Dict *dict = dict_new(vm, INSTR_BX(w));
        RAISE_IF(!dict);
        *RA = value_obj(dict);
        DISPATCH();
    }
    CASE(PUTDICT) : {
        SAVE();
        RAISE_IF(!access_set_index(vm, RA, RB, RC));
        DISPATCH();
    }
    CASE(GETINDEX) : {
        const Value *object = RB, *key = RC;
        if (LIKELY(object->tag == T_ARRAY && key->tag == T_INT && (uint64_t)key->i < object->array->length)) {
            value_copy(RA, &object->array->items[key->i]);
        } else {
            SAVE();
            RAISE_IF(!access_get_index(vm, object, key, RA));
        }
        DISPATCH();
    }
    CASE(GETINDEXI) : {
        const Value *object = RB;
        if (LIKELY(object->tag == T_ARRAY && INSTR_C(w) < object->array->length)) {
            value_copy(RA, &object->array->items[INSTR_C(w)]);
        } else {
            Value key = value_int(INSTR_C(w));
            SAVE();
            RAISE_IF(!access_get_index(vm, object, &key, RA));
        }
        DISPATCH();
    }
    CASE(SETINDEX) : {
        const Value *object = RA, *key = RB, *value = RC;
        if (LIKELY(object->tag == T_ARRAY && key->tag == T_INT && (uint64_t)key->i < object->array->length &&
                   !(object->array->obj.flags & ARRAY_SHARED))) {
            value_copy(&object->array->items[key->i], value);
            gc_write(vm, *value);
        } else {
            SAVE();
            RAISE_IF(!access_set_index(vm, object, key, value));
        }
        DISPATCH();
    }
    CASE(SLICE) : {
        SAVE();
        RAISE_IF(!access_slice(vm, RB, RB + 1, RB + 2, RA));
        DISPATCH();
    }
    CASE(GETFIELD) : {
        const Value *object = RB;
        Cache *cache = NEXT_CACHE();
        if (LIKELY(object->tag == T_INSTANCE && object->obj->hash == cache->key)) {
            value_copy(RA, &object->instance->fields[cache->slot]);
        } else {
            SAVE();
            RAISE_IF(!access_get_field(vm, object, NAME(cache), cache, RA));
        }
        DISPATCH();
    }
    CASE(SETFIELD) : {
        const Value *object = RA, *value = RB;
        Cache *cache = NEXT_CACHE();
        if (LIKELY(object->tag == T_INSTANCE && object->obj->hash == cache->key && cache->mask >> value->tag & 1)) {
            value_copy(&object->instance->fields[cache->slot], value);
            gc_write(vm, *value);
            DISPATCH();
        }
        SAVE();
        RAISE_IF(!access_set_field(vm, object, NAME(cache), cache, value));
        DISPATCH();
    }

    ADD_TO_FIELD(ADDFIELD, RC)
    ADD_TO_FIELD(ADDFIELDK, KC)

    CASE(CALL) : {
        slot = RA;
        count = (int)INSTR_B(w);
    call:
        if (LIKELY(slot->tag == T_CLOSURE)) {
            Closure *closure = slot->closure;
            Proto *proto = closure->proto;
            if (LIKELY(proto->plain && proto->parameter_count == count)) {
                uint32_t new_base = (uint32_t)(slot + 1 - task->stack);
                frame->pc = pc;
                if (LIKELY(new_base + proto->register_count + VM_NATIVE_MARGIN <= task->stack_capacity &&
                           frame + 1 < task->frames + task->frame_capacity)) {
                    frame++;
                } else {
                    SAVE();
                    RAISE_IF(!call_push(vm, task, closure, new_base));
                    frame = task->frames + task->frame_count - 1;
                    slot = task->stack + new_base - 1;
                }
                frame->closure = closure;
                frame->base = new_base;
                frame->seen = 0;
                frame->constants = k = proto->constants;
                base = slot + 1;
                pc = proto->code;
                SAFE_POINT();
                DISPATCH();
            }
        } else if (slot->tag == T_NATIVE) {
            Native *native = slot->native;
            SAVE();
            if (!(native->unchecked && count == native->parameter_count))
                RAISE_IF(!native_check(vm, native, slot + 1, count));
            NativeStatus status = native->function(vm, slot + 1, count, slot);
            if (LIKELY(status == NATIVE_OK)) {
                if (UNLIKELY(vm->heap.debt >= 0)) vm_collect(vm); /* natives can make much, safe points may be far */
                DISPATCH();
            }
            if (status == NATIVE_PARK) goto parked;
            if (status == NATIVE_ERROR) goto raise;
            count = vm->call_count;
        }
        SAVE();
        called = call_value(vm, slot, count);
    after_call:
        if (called == CALL_PARKED) goto parked;
        if (called == CALL_FAILED) goto raise;
        LOAD();
        if (called == CALL_PUSHED) SAFE_POINT();
        DISPATCH();
    }
    CASE(CALLKW) : {
        uint32_t names = *pc++;
        SAVE();
        called = call_keywords(vm, RA, (int)INSTR_B(w), k[names].array, INSTR_C(w) != 0);
        goto after_call;
    }
    CASE(INVOKE) : {
        Cache *cache = NEXT_CACHE();
        slot = RA;
        count = (int)INSTR_B(w) + 1;
        if (LIKELY(cache_key(slot[1]) == cache->key)) {
            *slot = value_obj(cache->method);
            goto call;
        }
        SAVE();
        RAISE_IF(!call_find_method(vm, slot, NAME(cache), cache, &count));
        goto call;
    }
    CASE(INVOKEKW) : {
        Cache *cache = NEXT_CACHE();
        uint32_t names = *pc++;
        count = (int)INSTR_B(w) + 1;
        SAVE();
        RAISE_IF(!call_find_method(vm, RA, NAME(cache), cache, &count));
        called = call_keywords(vm, RA, count, k[names].array, false);
        goto after_call;
    }
    CASE(METHOD) : {
        Cache *cache = NEXT_CACHE();
        slot = RA;
        count = 1;
        SAVE();
        RAISE_IF(!call_find_method(vm, slot, NAME(cache), cache, &count));
        if (count == 0) slot[1] = UNDEFINED_VALUE;
        DISPATCH();
    }
    CASE(RETURN) : {
        const Value *value = RA;
        value_copy(base - 1, value);
    returned:
        if (UNLIKELY(frame == task->frames)) goto finished;
        frame--;
        pc = frame->pc;
        k = frame->constants;
        base = task->stack + frame->base;
        DISPATCH();
    }
    CASE(RETURNNULL) : {
        base[-1] = NULL_VALUE;
        goto returned;
    }

    CASE(GO) : {
        slot = RA;
        count = (int)INSTR_B(w);
        const Value *arguments = slot + 1;
        if (INSTR_C(w) & GO_HAS_RECEIVER && arguments->tag == T_UNDEFINED) {
            arguments++;
            count--;
        }
        SAVE();
        RAISE_IF(!unwind_callable(vm, *slot));
        Task *started = task_spawn(vm, *slot, arguments, count, NULL);
        if (INSTR_C(w) & GO_KEEPS_HANDLE) task_promise(vm, started);
        *slot = value_obj(started);
        DISPATCH();
    }
    CASE(AWAIT) : {
        const Value *x = RB;
        SAVE();
        if (x->tag != T_PROMISE && x->tag != T_TASK) {
            vm_raise(vm, ERR_TYPE, "await can only be used with promises, got %s", error_describe(vm, *x));
            goto raise;
        }
        Promise *promise = x->tag == T_TASK ? task_promise(vm, x->task) : x->promise;
        if (promise->obj.flags == PROMISE_RESOLVED) {
            value_copy(RA, &promise->value);
            DISPATCH();
        }
        if (promise->obj.flags == PROMISE_REJECTED) {
            promise->handled = true;
            vm->error = promise->value.error;
            goto raise;
        }
        task_park(vm, WAIT_AWAIT, promise, RA);
        waiter_push(&promise->waiters, &task->waiter);
        goto parked;
    }

    CASE(THROW) : {
        SAVE();
        vm_throw(vm, *RA);
        goto raise;
    }
    CASE(RETHROW) : {
        SAVE();
        vm->error = RA->error;
        goto raise;
    }
    CASE(RAISE) : {
        SAVE();
        unwind_raise_text(vm, *RA);
        goto raise;
    }
    CASE(DEFER) : {
        Value *list = RA;
        const Value *callee = RB;
        SAVE();
        RAISE_IF(!unwind_callable(vm, *callee));
        RAISE_IF(!unwind_defer(vm, list, callee, (int)INSTR_C(w)));
        DISPATCH();
    }
    CASE(RUNDEFER) : {
        const Value *list = RB;
        int32_t jump = (int32_t)*pc++;
        if (list->tag == T_NULL || list->array->length == 0) {
            pc += jump;
            DISPATCH();
        }
        SAVE();
        called = call_deferred(vm, RA, list->array->items[--list->array->length].deferred);
        goto after_call;
    }

    CASE(INTRINSIC) : {
        slot = RA;
        SAVE();
        frame->pc++;
        NativeStatus status = run_intrinsics[*pc++](vm, slot + 1, (int)INSTR_B(w), slot);
        if (LIKELY(status == NATIVE_OK)) DISPATCH();
        if (status == NATIVE_PARK) goto parked;
        if (status == NATIVE_ERROR) goto raise;
        called = call_value(vm, slot, vm->call_count);
        goto after_call;
    }

#ifdef VINT_SWITCH
    case OPCODE_COUNT:
        __builtin_unreachable();
    }
#endif

early_use:
    SAVE();
    vm_raise(vm, ERR_NAME, "a variable is used before its declaration has run");
    goto raise;

    /* vm->error is set; frame->pc and the frame count are saved. */
raise:
    if (unwind(vm, task)) {
        LOAD();
        DISPATCH();
    }
    leave_task(vm);
    task_finish(vm, task, NULL_VALUE, vm->error);
    goto next_task;

finished: {
    Value value = base[-1];
    leave_task(vm);
    task_finish(vm, task, value, NULL);
    goto next_task;
}

parked:
    leave_task(vm);
    if (UNLIKELY(task->injected != NULL)) task_inject(vm, task, task->injected); /* this is the wait that raises it */
    goto next_task;

safe_point:
    SAVE();
    switch (vm_safepoint(vm)) {
    case SAFE_GO_ON:
        LOAD();
        DISPATCH();
    case SAFE_SWITCH:
        leave_task(vm);
        task_give_way(vm, task);
        goto next_task;
    case SAFE_ERROR:
        LOAD(); /* it may have moved */
        frame->pc++; /* handlers are looked up for the word before it */
        goto raise;
    }
    __builtin_unreachable();
}
