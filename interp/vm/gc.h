/*
 * gc.h -- the collector's face: see gc.c for how it works.
 */
#ifndef GC_H
#define GC_H

#include "heap.h"
#include "vm.h"

#ifndef VINT_SMALL_STEPS
#define GC_THRESHOLD (4 << 20) /* bytes allocated between two cycles, at least */
#else
#define GC_THRESHOLD (16 << 10)
#endif

/* Must be called for every reference stored into an existing heap object, except into the stack of the running task. */
static inline void gc_write(Vm *vm, Value value);

/* Some of the work that is due; called at safe points. */
void gc_step(Vm *vm);

/* A whole cycle at once. */
void gc_full(Vm *vm);

/*
 * A whole cycle that finds out which tasks could ever run again: it starts from those that are noted as such
 * (task->reached), and notes those that wait for something which such a task knows, or for its end. [variables]: what
 * the session's variables hold counts as known, too, since a later cell may use it.
 */
void gc_find_stuck(Vm *vm, bool variables);

/* [task] is going to run: its stack has to be looked at again. */
static inline void gc_task_runs(Vm *vm, Task *task);

void gc_shade(Vm *vm, Obj *object); /* marks [object], which is not NULL: it is reached */
void gc_born(Vm *vm, Obj *object); /* a new object, while marking */
void gc_remember_task(Vm *vm, Task *task);

/* Has [object] been reached? For vm->marked only. */
static inline bool gc_reached(const Vm *vm, const void *object) { return ((const Obj *)object)->mark == vm->heap.mark; }

static inline void gc_write(Vm *vm, Value value) {
    if (__builtin_expect(vm->heap.phase == GC_MARK, 0) && value_is_obj(value)) gc_shade(vm, value.obj);
}

static inline void gc_write_obj(Vm *vm, void *object) {
    if (__builtin_expect(vm->heap.phase == GC_MARK, 0) && object) gc_shade(vm, object);
}

static inline void gc_task_runs(Vm *vm, Task *task) {
    if (__builtin_expect(vm->heap.phase == GC_MARK, 0)) gc_remember_task(vm, task);
}

#endif
