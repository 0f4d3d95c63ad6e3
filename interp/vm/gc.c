/*
 * gc.c -- the collector: incremental, precise, mark and sweep.
 *
 * It runs only at safe points, a little at a time: for each 128 KB that the program allocates while a cycle is under way,
 * the collector traces or sweeps several times as much. A cycle goes
 *
 *     IDLE ----------> MARK -------------------------> SWEEP -----------> IDLE
 *     enough allocated      nothing gray is left             page by page
 *
 * Marks. An object is reached when its mark equals heap->mark, which takes another value at the start of each cycle: so
 * nothing has to be unmarked. An object that is reached but whose references are not followed yet stands in the array
 * of gray ones. New objects are born with the current mark: they survive the cycle that runs. While marking they are born
 * gray (gc_born), so whoever makes one may fill it as he likes up to the next safe point.
 *
 * The program goes on between the steps, and could hide a reference from the collector by moving it from a place not yet
 * looked at to one already looked at. So while marking, each reference stored into a heap object is marked on the
 * spot (gc_write). Stacks are exempt, since they are written all the time: a task that runs after its stack was
 * marked is remembered (gc_task_runs) and its stack is looked at again, last of all those of the tasks that ran in the
 * final step.
 *
 * Stale registers. The slots of a stack above the top frame hold leftovers. They are not marked, but cleared, each
 * time the stack is looked at; so whatever lies there later was written since, and cannot have been freed.
 *
 * Pauses are to stay below a millisecond, whatever the program has: so nothing that may be large is looked at in one
 * go, be it an array, a dict, a channel's buffer, the globals or the stack of a deep recursion.
 *
 * Roots: globals, builtins and methods, all tasks that are not done, results of executions that are not reported yet.
 */
#include "gc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "array.h"
#include "channel.h"
#include "dict.h"
#include "native.h"
#include "object.h"
#include "pointer.h"
#include "promise.h"
#include "proto.h"
#include "task.h"

#ifndef VINT_SMALL_STEPS
#define STEP_ALLOCATION (128 << 10) /* bytes allocated between two steps of a cycle */
#define STEP_MARK_BYTES (768 << 10) /* bytes traced in a step */
#define STEP_SWEEP_PAGES 24         /* pages swept in a step */
#define PIECE 8192                  /* elements of a large array or dict looked at in one go */
#else /* to hurt itself: a cycle is nearly always under way, and the program runs between its many steps */
#define STEP_ALLOCATION (1 << 9)
#define STEP_MARK_BYTES (4 << 10)
#define STEP_SWEEP_PAGES 1
#define PIECE 8
#endif
#define RESCAN_ROUNDS 4 /* how often stacks are looked at again before the final step takes what is left … */
#define RESCAN_PIECES 1000 /* the same for pieces of large stacks */
#define RESCAN_FINAL 64 /* … which it does at once when no more than these are left … */
#define FRAMES_FINAL 1000 /* … and none has more new frames than these */

/* The thread's own time: what other processes take is none of the collector's doing. */
static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void gc_born(Vm *vm, Obj *object) {
    Heap *heap = &vm->heap;
    if (heap->gray_count == heap->gray_capacity) {
        heap->gray_capacity = heap->gray_capacity ? heap->gray_capacity * 2 : 1024;
        heap->gray = realloc(heap->gray, heap->gray_capacity * sizeof *heap->gray);
        if (!heap->gray) abort();
    }
    heap->gray[heap->gray_count++] = object;
}

void gc_shade(Vm *vm, Obj *object) {
    assert(object->type != 0);
    if (object->mark == vm->heap.mark) return;
    object->mark = vm->heap.mark;
    gc_born(vm, object);
}

static inline void shade_value(Vm *vm, Value value) {
    if (value_is_obj(value)) gc_shade(vm, value.obj);
}

static inline void shade(Vm *vm, void *object) {
    if (object) gc_shade(vm, object);
}

static void shade_values(Vm *vm, const Value *values, size_t count) {
    for (size_t i = 0; i < count; i++) shade_value(vm, values[i]);
}

void gc_remember_task(Vm *vm, Task *task) {
    Heap *heap = &vm->heap;
    if (task->remembered) return;
    task->remembered = true;
    if (heap->rescan_count == heap->rescan_capacity) {
        heap->rescan_capacity = heap->rescan_capacity ? heap->rescan_capacity * 2 : 64;
        heap->rescan = realloc(heap->rescan, heap->rescan_capacity * sizeof *heap->rescan);
        if (!heap->rescan) abort();
    }
    heap->rescan[heap->rescan_count++] = task;
}

/* Clears slots that no frame covers. Whole pages among them go back to the system, which clears them when they are used
 * again. */
static void clear_slots(Value *slots, size_t count) {
    enum { SYSTEM_PAGE = 4096, MANY = 16 * SYSTEM_PAGE };
    char *start = (char *)slots, *end = (char *)(slots + count);
    if (end - start > MANY) {
        char *from = (char *)(((uintptr_t)start + SYSTEM_PAGE - 1) & ~(uintptr_t)(SYSTEM_PAGE - 1));
        char *to = (char *)((uintptr_t)end & ~(uintptr_t)(SYSTEM_PAGE - 1));
        if (madvise(from, (size_t)(to - from), MADV_DONTNEED) == 0) {
            memset(start, 0, (size_t)(from - start));
            start = to;
        }
    }
    memset(start, 0, (size_t)(end - start));
}

/*
 * The number of the task's frames that were looked at in this cycle and have not run since. They are the lower ones,
 * and carry the mark: a frame that ends and another that takes its place begin without it. The topmost of them may have
 * run, since the frame above it is new, so it does not count.
 */
static uint32_t frames_seen(const Vm *vm, const Task *task) {
    uint32_t low = 0, high = task->frame_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (task->frames[middle].seen == vm->heap.mark)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

/* Marks what the frames of a task can reach, a piece of them if they are many; clears the slots above. Returns the
 * bytes looked at. */
static size_t trace_stack(Vm *vm, Task *task) {
    if (!task->stack) return 0;
    uint32_t count = task->frame_count, seen = frames_seen(vm, task), i = seen;
    uint32_t first = i > 0 ? task->frames[i].base : 0, top = first;
    for (; i < count && (top - first < PIECE || i < seen + 2); i++) { /* two at least: the first was seen before */
        Frame *frame = &task->frames[i];
        frame->seen = vm->heap.mark;
        gc_shade(vm, (Obj *)frame->closure);
        top = i + 1 < count ? frame[1].base : frame->base + frame->closure->proto->register_count;
    }
    if (top > task->stack_capacity) top = task->stack_capacity;
    shade_values(vm, task->stack + first, top - first);
    if (i < count)
        gc_born(vm, &task->obj); /* the rest another time */
    else
        clear_slots(task->stack + top, task->stack_capacity - top);
    return (top - first) * (sizeof(Value) + sizeof(Frame) / 4);
}

/* ---- who could still run (gc_find_stuck) ---- */

static void reach(Vm *vm, Task *task) {
    if (task->reached) return;
    task->reached = true;
    task->obj.mark = vm->heap.mark;
    gc_born(vm, (Obj *)task); /* perhaps once more: it was not looked into before */
}

static void reach_waiters(Vm *vm, const WaitQueue *queue) {
    if (vm->heap.hunt == HUNT_OFF) return;
    for (const Waiter *waiter = queue->first; waiter; waiter = waiter->next) reach(vm, waiter->task);
}

/* Code that can run can use the variables that it names. */
static void reach_globals(Vm *vm, const Proto *proto) {
    if (vm->heap.hunt == HUNT_OFF) return;
    const uint32_t *slot;
    for (int pc = 0; (slot = proto_next_global(proto, &pc));) shade_value(vm, vm->globals[*slot].value);
}

static size_t trace_task(Vm *vm, Task *task) {
    if (task->promise) reach_waiters(vm, &task->promise->waiters);
    shade(vm, task->promise);
    shade(vm, task->waiting_on);
    shade(vm, task->injected);
    shade(vm, task->origin);
    shade_value(vm, task->waiter.value);
    for (uint32_t i = 0; i < task->case_count; i++) shade_value(vm, task->cases[i].value);
    return sizeof(Task) + trace_stack(vm, task);
}

static size_t trace_array(Vm *vm, const Array *array, size_t from, size_t to) {
    shade_values(vm, array->items + from, to - from);
    return (to - from) * sizeof(Value) + sizeof(Array);
}

static size_t trace_dict(Vm *vm, const Dict *dict, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        shade_value(vm, dict->entries[i].key);
        shade_value(vm, dict->entries[i].value);
    }
    return (to - from) * sizeof(DictEntryValue) + sizeof(Dict);
}

static size_t trace_channel(Vm *vm, const Channel *channel, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) shade_value(vm, channel->buffer[(channel->head + i) % channel->capacity]);
    return (to - from) * sizeof(Value) + sizeof(Channel);
}

/*
 * Large arrays, dicts and channels are looked at piece by piece, one of them at a time, from the end to the beginning.
 * What the program moves towards the beginning meanwhile (removing elements, closing holes) is seen later, or twice.
 * Who moves elements the other way has to mark them (array_insert, lib_array_moved).
 */
static size_t trace_piece(Vm *vm) {
    Heap *heap = &vm->heap;
    Obj *object = heap->partial;
    size_t length = object->type == T_ARRAY  ? ((Array *)object)->length
                    : object->type == T_DICT ? ((Dict *)object)->used
                                             : ((Channel *)object)->count;
    size_t to = heap->partial_left < length ? heap->partial_left : length;
    size_t from = to > PIECE ? to - PIECE : 0;
    heap->partial_left = from;
    if (from == 0) heap->partial = NULL;
    return object->type == T_ARRAY  ? trace_array(vm, (Array *)object, from, to)
           : object->type == T_DICT ? trace_dict(vm, (Dict *)object, from, to)
                                    : trace_channel(vm, (Channel *)object, from, to);
}

static size_t trace_from_end(Vm *vm, Obj *object) {
    vm->heap.partial = object;
    vm->heap.partial_left = SIZE_MAX;
    return trace_piece(vm);
}

static size_t trace_proto(Vm *vm, Proto *proto) {
    const CodeFunction *code = proto->code_function;
    shade(vm, proto->name);
    shade_values(vm, proto->constants, (size_t)code->constant_count);
    reach_globals(vm, proto);
    for (int i = 0; i < code->function_count; i++) shade(vm, proto->functions[i]);
    for (int i = 0; i < code->type_count; i++) {
        shade(vm, proto->types[i].name);
        shade(vm, proto->types[i].owner);
    }
    return sizeof(Proto) + (size_t)code->constant_count * sizeof(Value);
}

static size_t trace_error(Vm *vm, Error *error) {
    shade(vm, error->name);
    shade(vm, error->message);
    shade_value(vm, error->value);
    shade(vm, error->data);
    shade(vm, error->type);
    shade(vm, error->origin);
    for (uint32_t i = 0; i < error->trace_count; i++) shade(vm, error->trace[i].proto);
    return sizeof(Error) + error->trace_count * sizeof(TracePoint);
}

static size_t trace_struct(Vm *vm, Struct *s) {
    shade(vm, s->name);
    shade(vm, s->constructor);
    shade(vm, s->methods);
    for (uint32_t i = 0; i < s->field_count; i++) {
        shade(vm, s->field_names[i]);
        shade(vm, s->field_types[i].name);
        shade(vm, s->field_types[i].owner);
    }
    return sizeof(Struct) + s->field_count * 32;
}

/* Marks what [object] refers to; returns about how many bytes were looked at. */
static size_t trace(Vm *vm, Obj *object) {
    switch ((ValueType)object->type) {
    case T_STRING: {
        String *s = (String *)object;
        if (object->flags & STRING_BUFFERED) shade(vm, s->buffer);
        return sizeof(String);
    }
    case T_ARRAY:
    case T_DICT:
        return trace_from_end(vm, object);
    case T_CHANNEL:
        shade(vm, ((Channel *)object)->origin);
        reach_waiters(vm, &((Channel *)object)->senders);
        reach_waiters(vm, &((Channel *)object)->receivers);
        return trace_from_end(vm, object);
    case T_CLOSURE: {
        Closure *c = (Closure *)object;
        size_t count = (size_t)c->proto->code_function->capture_count;
        gc_shade(vm, (Obj *)c->proto);
        shade_values(vm, c->captures, count);
        return sizeof(Closure) + count * sizeof(Value);
    }
    case T_NATIVE: {
        Native *n = (Native *)object;
        shade(vm, n->name);
        for (int i = 0; i < NATIVE_PARAMETER_LIMIT; i++) shade(vm, n->parameter_names[i]);
        return sizeof(Native);
    }
    case T_OVERLOAD: {
        Overload *o = (Overload *)object;
        for (uint32_t i = 0; i < o->count; i++) shade(vm, o->functions[i]);
        return sizeof(Overload);
    }
    case T_PROMISE: {
        Promise *p = (Promise *)object;
        shade_value(vm, p->value);
        shade(vm, p->task);
        if (!p->task || p->task->reached) reach_waiters(vm, &p->waiters);
        return sizeof(Promise);
    }
    case T_TASK: {
        Task *task = (Task *)object;
        return vm->heap.hunt == HUNT_OFF || task->reached || task->state == TASK_DONE ? trace_task(vm, task) : sizeof(Task);
    }
    case T_STRUCT:
        return trace_struct(vm, (Struct *)object);
    case T_INSTANCE: {
        Instance *i = (Instance *)object;
        gc_shade(vm, (Obj *)i->structure);
        shade_values(vm, i->fields, i->structure->field_count);
        return sizeof(Instance) + i->structure->field_count * sizeof(Value);
    }
    case T_ENUM:
        shade(vm, ((Enum *)object)->name);
        shade(vm, ((Enum *)object)->members);
        return sizeof(Enum);
    case T_POINTER:
        shade_value(vm, ((Pointer *)object)->base);
        shade_value(vm, ((Pointer *)object)->key);
        return sizeof(Pointer);
    case T_ERROR_TYPE: {
        ErrorType *e = (ErrorType *)object;
        shade(vm, e->name);
        shade(vm, e->constructor);
        for (uint32_t i = 0; i < e->field_count; i++) shade(vm, e->field_names[i]);
        return sizeof(ErrorType);
    }
    case T_ERROR:
        return trace_error(vm, (Error *)object);
    case T_MODULE:
        shade(vm, ((Module *)object)->name);
        shade(vm, ((Module *)object)->members);
        return sizeof(Module);
    case T_TYPE:
        shade(vm, ((TypeValue *)object)->name);
        return sizeof(TypeValue);
    case T_FILE:
        shade(vm, ((File *)object)->path);
        shade(vm, ((File *)object)->content);
        return sizeof(File);
    case T_BOX:
        shade_value(vm, ((Box *)object)->value);
        return sizeof(Box);
    case T_PROTO:
        return trace_proto(vm, (Proto *)object);
    case T_DEFERRED: {
        Deferred *d = (Deferred *)object;
        shade_values(vm, d->call, d->count);
        return sizeof(Deferred) + d->count * sizeof(Value);
    }
    default: /* T_RANGE, T_BUFFER, T_TIME, T_DURATION, T_RESOURCE: no references */
        return 32;
    }
}

/* Marks some of the globals. Those that come meanwhile, and what is stored into others, is marked on the spot. */
static size_t mark_globals(Vm *vm) {
    uint32_t to = vm->heap.globals_left, from = to > PIECE ? to - PIECE : 0;
    for (uint32_t i = from; i < to; i++) {
        if (vm->heap.hunt != HUNT_RUNNING || vm->globals[i].is_builtin) shade_value(vm, vm->globals[i].value);
        shade(vm, vm->globals[i].name);
        shade(vm, vm->globals[i].type);
    }
    vm->heap.globals_left = from;
    return (to - from) * sizeof(Global);
}

/* All roots but the globals and the tasks, which may be many. */
static void mark_roots(Vm *vm) {
    shade(vm, vm->global_slots);
    shade(vm, vm->builtins);
    for (int i = 0; i < VALUE_TYPE_COUNT; i++) shade(vm, vm->methods[i]);
    shade(vm, vm->modules);
    shade(vm, vm->call_closure);
    shade(vm, vm->display_struct);
    shade(vm, vm->progress_struct);
    shade(vm, vm->current);
    shade(vm, vm->error);
    for (int i = 0; i < VM_NAME_COUNT; i++) shade(vm, vm->names[i]);
    if (vm->mark_more) vm->mark_more(vm);
}

static void cycle_begin(Vm *vm) {
    Heap *heap = &vm->heap;
    heap->mark = heap->mark == 1 ? 2 : 1;
    heap->phase = GC_MARK;
    heap->rescan_allowance = (size_t)vm->task_count * RESCAN_ROUNDS + RESCAN_PIECES;
    heap->stats.cycles++;
    mark_roots(vm);
    heap->globals_left = vm->global_count;
    heap->task_cursor = vm->tasks;
    if (vm->current) gc_remember_task(vm, vm->current);
}

/* Looks at the next gray object, or at a piece of it; returns about how many bytes that took. 0: there is none. */
static size_t trace_next(Vm *vm) {
    Heap *heap = &vm->heap;
    if (heap->partial) return trace_piece(vm);
    return heap->gray_count > 0 ? trace(vm, heap->gray[--heap->gray_count]) : 0;
}

static void drain_gray(Vm *vm) {
    while (trace_next(vm) > 0) {}
}

/* Looks again at the stack of a task that ran. */
static size_t rescan_task(Vm *vm) {
    Heap *heap = &vm->heap;
    Task *task = heap->rescan[--heap->rescan_count];
    if (task == vm->current && heap->rescan_count > 0) { /* it still runs: the last one to be looked at */
        heap->rescan[heap->rescan_count] = heap->rescan[0];
        heap->rescan[0] = task;
        task = heap->rescan[heap->rescan_count];
    }
    task->remembered = false;
    return task->state == TASK_DONE ? sizeof(Task) : trace_task(vm, task);
}

/* A task that the final step would have to look at, though its stack has many new frames; NULL: none. */
static Task *deep_task(Vm *vm) {
    for (size_t i = 0; i < vm->heap.rescan_count; i++) {
        Task *task = vm->heap.rescan[i];
        if (task->frame_count - frames_seen(vm, task) > FRAMES_FINAL) return task;
    }
    return NULL;
}

/* The final step of marking: nothing may run in between. */
static void mark_end(Vm *vm) {
    mark_roots(vm);
    while (vm->heap.rescan_count > 0) rescan_task(vm);
    drain_gray(vm);
    promise_find_lost(vm);
    drain_gray(vm);
    if (vm->marked) vm->marked(vm);
    vm->heap.phase = GC_SWEEP;
    heap_sweep_begin(vm);
}

/* Marks for a while; true when marking is complete. */
static bool mark_some(Vm *vm, size_t budget) {
    Heap *heap = &vm->heap;
    size_t done = 0;
    while (done < budget) {
        size_t traced = trace_next(vm);
        Task *deep;
        if (traced > 0) {
            done += traced;
        } else if (heap->globals_left > 0) {
            done += mark_globals(vm);
        } else if (heap->task_cursor) {
            Task *task = heap->task_cursor;
            heap->task_cursor = task->all_next;
            gc_shade(vm, (Obj *)task);
            done += 64; /* about what a look at it costs */
        } else if (heap->rescan_count > RESCAN_FINAL && heap->rescan_allowance > 0) {
            heap->rescan_allowance--;
            done += rescan_task(vm);
        } else if (heap->rescan_allowance > 0 && (deep = deep_task(vm))) {
            heap->rescan_allowance--;
            done += trace_task(vm, deep);
        } else {
            mark_end(vm);
            return true;
        }
    }
    return false;
}

/* The collector works again when [bytes] have been allocated. */
static void sleep_for(Heap *heap, size_t bytes) {
    heap->stats.allocated += (uint64_t)(heap->debt - heap->debt_start);
    heap->debt = heap->debt_start = -(int64_t)bytes;
}

static void cycle_end(Vm *vm) {
    Heap *heap = &vm->heap;
    size_t room = heap->bytes < heap->limit ? heap->limit - heap->bytes : 0;
    size_t pace = heap->bytes < room / 4 ? heap->bytes : room / 4;
    heap->phase = GC_IDLE;
    sleep_for(heap, pace > GC_THRESHOLD ? pace : GC_THRESHOLD);
    heap->alarm = heap->bytes + room / 2;
#ifdef VINT_SMALL_STEPS
    sleep_for(heap, GC_THRESHOLD);
#endif
}

static uint64_t pause_begin(Heap *heap) {
    if (heap->bytes > heap->stats.peak) heap->stats.peak = heap->bytes;
    return now_ns();
}

void gc_step(Vm *vm) {
    Heap *heap = &vm->heap;
    uint64_t start = pause_begin(heap);
    /* What was allocated beyond the step's allowance, by a native that made much at once, is paid for too, within
     * limits. */
    size_t factor = 1 + (heap->debt > 0 ? (size_t)heap->debt / STEP_ALLOCATION : 0);
    if (factor > 4) factor = 4;
    if (heap->phase == GC_IDLE) cycle_begin(vm);
    if (heap->phase == GC_MARK) {
        mark_some(vm, factor * STEP_MARK_BYTES);
    } else {
        size_t pages = factor * STEP_SWEEP_PAGES;
        while (pages > 0 && heap_sweep_some(vm)) pages--;
        if (pages > 0) cycle_end(vm);
    }
    if (heap->phase != GC_IDLE) sleep_for(heap, STEP_ALLOCATION);
    gc_stats_pause(&heap->stats, now_ns() - start);
}

static void finish_cycle(Vm *vm) {
    if (vm->heap.phase == GC_MARK) {
        while (!mark_some(vm, SIZE_MAX)) {}
    }
    if (vm->heap.phase == GC_SWEEP) {
        while (heap_sweep_some(vm)) {}
        cycle_end(vm);
    }
}

void gc_full(Vm *vm) {
    uint64_t start = pause_begin(&vm->heap);
    finish_cycle(vm);
    cycle_begin(vm);
    finish_cycle(vm);
    gc_stats_pause(&vm->heap.stats, now_ns() - start);
}

/*
 * Marks first as if only those tasks were there that go on by themselves. Whenever a channel is marked, those who wait
 * at it are reached; when a task is, those who await it. Then all that was left out is marked as usual.
 */
void gc_find_stuck(Vm *vm, bool variables) {
    uint64_t start = pause_begin(&vm->heap);
    finish_cycle(vm);
    vm->heap.hunt = variables ? HUNT_VARIABLES : HUNT_RUNNING;
    cycle_begin(vm);
    while (vm->heap.globals_left > 0) mark_globals(vm);
    for (Task *task = vm->tasks; task; task = task->all_next)
        if (task->reached) gc_shade(vm, (Obj *)task);
    drain_gray(vm);
    vm->heap.hunt = HUNT_OFF;
    vm->heap.globals_left = vm->global_count;
    for (Task *task = vm->tasks; task; task = task->all_next)
        if (!task->reached) gc_born(vm, (Obj *)task); /* even if it is marked, it was not looked into */
    finish_cycle(vm);
    gc_stats_pause(&vm->heap.stats, now_ns() - start);
}
