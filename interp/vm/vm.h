/*
 * vm.h -- the virtual machine: one for each session.
 *
 * The machine runs one task at a time (run.c). It knows a run queue, but not why tasks wait: channels, promises, timers
 * and the I/O loop are the scheduler's (sched/), which calls vm_run() over and over.
 */
#ifndef VM_H
#define VM_H

#include <stdatomic.h>

#include "options.h"
#include "heap.h"
#include "string.h"
#include "vint.h"

#define VM_SLICE 10000           /* safe points (calls, loop turns) that a task runs before the next one has its turn … */
#define VM_SLICE_LEAST 500       /* … and when there are very many tasks, so that a round of them all does not take long */
#define VM_SLICE_TASKS 200       /* tasks up to which slices have their full length */
#define VM_POLL_INTERVAL 20000   /* safe points after which the I/O loop is asked for news, whatever the tasks do */
#define VM_FRAME_LIMIT 200000    /* calls inside calls of one task */
#define VM_NATIVE_MARGIN 4       /* registers that every stack has beyond its frame: natives may have this many optional parameters */

/* VM_NAMES(X): names that C code looks for, interned once: vm->names[NAME_message]. */
#define VM_NAMES(X) X(message) X(name) X(stack) X(data) X(value) X(display) X(toString)

enum {
#define X(name) NAME_##name,
    VM_NAMES(X)
#undef X
    VM_NAME_COUNT
};

/* A global variable. */
typedef struct {
    Value value;      /* UNDEFINED: not declared (yet) */
    String *name;
    TypeValue *type;  /* as declared, or NULL */
    uint32_t mask;    /* tags of the values that may be assigned without a further look: see global.c */
    bool is_const, is_builtin;
    bool is_scoped;   /* an imported file's or hidden, not the session's */
} Global;

typedef struct {
    String *string; /* NULL: a free place */
    uint32_t hash;
} Interned;

struct Vm {
    int32_t budget;       /* safe points until vm_safepoint() has to be called */
    int32_t slice_left;   /* what remains of the task's slice beyond [budget]: set when something cut the budget short */
    int32_t slice;        /* safe points of a slice, for now */
    int32_t poll_left;    /* slices are paid from it; at 0 vm_run() returns */
    atomic_bool attention;  /* another thread wants the scheduler: post or interrupt */
    struct {
        uint64_t read_at;     /* ns: when the time that tasks took was read last (run.c) */
        int32_t left, stride; /* turns of tasks until it is read again; how many there are between two readings */
    } clock;
    Task *current;        /* NULL between tasks */
    Error *error;         /* the one being raised; NULL otherwise */
    int call_count;       /* arguments of the call that a native ends in (NATIVE_CALL) */
    Heap heap;

    Global *globals;
    uint32_t global_count, global_capacity;
    Dict *global_slots;   /* name -> slot (INT) */
    Dict *builtins;       /* name -> Native or prelude Closure: what ::name means */
    Dict *methods[VALUE_TYPE_COUNT]; /* name -> Native or prelude Closure; NULL: none */

    Interned *interned;   /* intern.c; power of two */
    uint32_t interned_count, interned_capacity;

    Task *ready_first, *ready_last;
    uint64_t shuffle;     /* not 0: the run queue is disturbed at random, and this is the state of it */
    Task *tasks;          /* all that are not done */
    uint32_t task_count, next_task_id;
    uint32_t next_type_id;
    Promise **rejections; /* rejected ones that nobody has awaited yet; weak, until they are lost */
    size_t rejection_count, rejection_capacity, rejections_lost;

    struct Record *records; /* what cells have shown, newest first (output.h) … */
    size_t kept_bytes;      /* … and what all that takes */

    Dict *modules;        /* name -> Module: loaded ones and built-in ones */
    Struct *display_struct; /* the prelude's __Display */
    Struct *progress_struct; /* and its __Progress */
    bool (*next_item)(Vm *vm, Value *state); /* walks over one: see access_iterate() */
    Closure *call_closure; /* the first frame of a task whose callee is no plain closure (task.c) */
    String *names[VM_NAME_COUNT];
    VintSession *session;
    VintHost *host;
    bool color;
    int64_t options[OPTION_COUNT];

    /* Set by the scheduler. */
    void (*task_ended)(Vm *vm, Task *task, Value value, Error *error); /* error NULL: it ended normally */
    void (*stop_waiting)(Vm *vm, Task *task); /* drops its timer, its question … */
    void (*mark_more)(Vm *vm); /* further roots: gc_shade() them */
    void (*marked)(Vm *vm); /* the collector knows what is reached: lets go of the rest (gc_reached()) */
};

#define PROGRESS_ITEMS 3 /* the field of __Progress: what it walks over; null: it is stepped by hand */

typedef enum {
    RUN_IDLE,  /* no task is ready */
    RUN_POLL   /* it is time to look at the I/O loop; ready tasks may be left */
} RunStatus;

/* [heap_limit]: bytes. NULL: there is no memory. vm_free() destroys every object, but not [host]. */
Vm *vm_new(VintSession *session, VintHost *host, size_t heap_limit);
void vm_free(Vm *vm);

/* Runs ready tasks, in turn, until none is ready or the scheduler is needed. */
RunStatus vm_run(Vm *vm);

/* Some collecting, if it is due; where no native is at work. */
void vm_collect(Vm *vm);

/* What run.c does at a safe point when the budget is used up: collects, looks for attention. */
typedef enum { SAFE_GO_ON, SAFE_SWITCH, SAFE_ERROR } SafePoint;
SafePoint vm_safepoint(Vm *vm);

/* Has the task, at a safe point, an injected error to raise now? The library's own steps are not torn apart by a
   cancellation or an interrupt: a lock that is being given back is given back. */
bool vm_must_raise(const Task *task);

/* Makes vm_safepoint() happen soon, on the machine's own thread. */
static inline void vm_cut_budget(Vm *vm) {
    if (vm->budget > 0) {
        vm->slice_left += vm->budget;
        vm->budget = 0;
    }
}

/* The slot of a global name, made when it is new. Each imported file has a [scope] of its own, named by its path; NULL
 * is the session's. */
uint32_t vm_global_slot(Vm *vm, const char *scope, String *name);
/* A new slot that no name leads to; [name] is what messages call it. */
uint32_t vm_hidden_slot(Vm *vm, String *name);
void vm_define_builtin(Vm *vm, String *name, Value value);

/* Finds what name means on a receiver: a method (Native, Closure) or a field's value; false: nothing, no error raised. */
bool vm_find_method(Vm *vm, Value receiver, String *name, Value *method);

#endif
