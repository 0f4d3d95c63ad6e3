/*
 * task.c -- making, parking, waking and ending tasks; the run queue.
 */
#include "task.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cell.h"
#include "error.h"
#include "gc.h"
#include "promise.h"

#define FIRST_FRAMES 1     /* frames that a new task has room for: most that are many only wait for something */

/* ---- the run queue ---- */

/* One in four jumps the queue: what a program may not rely on shows itself, and the same seed shows it again. */
static bool jumps_the_queue(Vm *vm) {
    vm->shuffle ^= vm->shuffle << 13;
    vm->shuffle ^= vm->shuffle >> 7;
    vm->shuffle ^= vm->shuffle << 17;
    return vm->shuffle >> 62 == 0;
}

static void ready_push(Vm *vm, Task *task) {
    if (vm->shuffle && vm->ready_first && jumps_the_queue(vm)) {
        task->ready_next = vm->ready_first;
        vm->ready_first = task;
    } else {
        task->ready_next = NULL;
        if (vm->ready_last)
            vm->ready_last->ready_next = task;
        else
            vm->ready_first = task;
        vm->ready_last = task;
    }
    VintCell *cell = task_counting_cell(task);
    task->owed = cell && !cell->impatient;
    if (task->owed) cell->runnable++;
}

/* The task is not runnable any more, or comes into the queue anew. */
static void count_out(Task *task) {
    if (task->owed) task->cell->runnable--;
    task->owed = false;
}

void task_give_way(Vm *vm, Task *task) {
    task->state = TASK_READY;
    task->turn = TURN_GAVE_WAY;
    count_out(task);
    ready_push(vm, task);
}

Task *task_next_ready(Vm *vm) {
    Task *task = vm->ready_first;
    if (!task) return NULL;
    vm->ready_first = task->ready_next;
    if (!vm->ready_first) vm->ready_last = NULL;
    task->ready_next = NULL;
    return task;
}

/* ---- life ---- */

static void stack_new(Vm *vm, Task *task, uint32_t registers, uint32_t frames) {
    task->stack_capacity = registers;
    task->stack = heap_raw(vm, registers * sizeof(Value));
    memset(task->stack, 0, registers * sizeof(Value));
    task->frame_capacity = frames;
    task->frames = heap_raw(vm, frames * sizeof(Frame));
}

void task_set_origin(Vm *vm, Task *task, Proto *proto, const uint32_t *pc) {
    task->origin = proto;
    task->origin_pc = (uint32_t)(pc - proto->code);
    gc_write_obj(vm, proto);
}

Task *task_spawn(Vm *vm, Value callee, const Value *arguments, int count, VintCell *cell) {
    Task *task = HEAP_NEW(vm, Task, T_TASK);
    Task *parent = vm->current;
    task->id = ++vm->next_task_id;
    task->waiter.task = task;
    task->started = vm->clock.read_at;
    if (parent) {
        const Frame *frame = &parent->frames[parent->frame_count - 1];
        task_set_origin(vm, task, frame->closure->proto, frame->pc);
        if (!cell) cell = parent->cell;
    }
    task->cell = cell ? cell_retain(cell) : NULL;
    if (cell) cell->live++;

    /* The first frame: the function itself when its arguments are all there, otherwise code that calls it. */
    bool direct = callee.tag == T_CLOSURE && callee.closure->proto->parameter_count == count;
    Closure *first = direct ? callee.closure : vm->call_closure;
    uint32_t base = direct ? 1 : 2;
    uint32_t registers = direct ? first->proto->register_count : (uint32_t)count;
    stack_new(vm, task, base + registers + VM_NATIVE_MARGIN, FIRST_FRAMES);
    task->stack[base - 1] = callee;
    for (int i = 0; i < count; i++) task->stack[base + (uint32_t)i] = arguments[i];
    task->frames[0] = (Frame){.closure = first,
                              .pc = direct ? first->proto->code : first->proto->code + 2 * count,
                              .constants = first->proto->constants,
                              .base = 1};
    task->frame_count = 1;

    task->all_next = vm->tasks;
    if (vm->tasks) vm->tasks->all_previous = task;
    vm->tasks = task;
    vm->task_count++;
    task->state = TASK_READY;
    ready_push(vm, task);
    return task;
}

Task *task_spawn_first(Vm *vm, Value callee, VintCell *cell) {
    Task *first = vm->ready_first, *last = vm->ready_last;
    vm->ready_first = vm->ready_last = NULL;
    Task *task = task_spawn(vm, callee, NULL, 0, cell);
    task->ready_next = first;
    if (last) vm->ready_last = last;
    return task;
}

void task_park(Vm *vm, Wait wait, void *waiting_on, const Value *result) {
    Task *task = vm->current;
    task->state = TASK_WAITING;
    task->wait = (uint8_t)wait;
    task->waiting_on = waiting_on;
    task->result_index = (uint32_t)(result - task->stack);
    task->waiter.case_index = WAITER_PLAIN;
    task->waiter.value = NULL_VALUE;
    gc_write_obj(vm, waiting_on);
    count_out(task);
}

static void release_cases(Vm *vm, Task *task) {
    if (task->case_count == 0) return;
    heap_release(vm, task->cases, task->case_count * sizeof(Waiter));
    task->cases = NULL;
    task->case_count = 0;
}

void task_unlink(Vm *vm, Task *task) {
    waiter_unlink(&task->waiter);
    for (uint32_t i = 0; i < task->case_count; i++) waiter_unlink(&task->cases[i]);
    release_cases(vm, task);
    if (vm->stop_waiting && (task->timer || task->wait >= WAIT_SLEEP)) vm->stop_waiting(vm, task);
    task->request = NULL;
    task->waiting_on = NULL;
    task->waiter.value = NULL_VALUE;
    task->wait = WAIT_NOTHING;
}

void task_wake(Vm *vm, Task *task, Value result) {
    task_unlink(vm, task);
    value_copy(&task->stack[task->result_index], &result);
    gc_write(vm, result);
    task->state = TASK_READY;
    task->turn = TURN_GOES_ON;
    ready_push(vm, task);
}

/* A loop over a channel stands before its instruction, to run it again; all else stands behind. */
const uint32_t *task_parked_at(const Task *task) {
    return task->frames[task->frame_count - 1].pc + (task->waiter.case_index == WAITER_LOOP);
}

void task_inject(Vm *vm, Task *task, Error *error) {
    if (task->state == TASK_DONE || task->wait == WAIT_EXIT) return;
    task->injected = error;
    gc_write_obj(vm, error);
    if (task->state == TASK_WAITING) {
        task->frames[task->frame_count - 1].pc = task_parked_at(task);
        task_unlink(vm, task);
        task->state = TASK_READY;
        task->turn = TURN_RAISES;
        ready_push(vm, task);
    } else if (task->state == TASK_RUNNING) {
        vm_cut_budget(vm);
    }
}

bool task_cancel(Vm *vm, Task *task) {
    if (task->state == TASK_DONE) return false;
    task_inject(vm, task, error_new(vm, ERR_CANCELLED, "the task was cancelled"));
    return true;
}

void task_detach(Task *task) {
    VintCell *cell = task_counting_cell(task);
    task->detached = true;
    count_out(task);
    if (cell && task->state != TASK_DONE) cell->live--;
}

static void stack_free(Vm *vm, Task *task) {
    heap_release(vm, task->stack, task->stack_capacity * sizeof(Value));
    heap_release(vm, task->frames, task->frame_capacity * sizeof(Frame));
    task->stack = NULL;
    task->frames = NULL;
    task->stack_capacity = task->frame_capacity = task->frame_count = 0;
}

static void leave_list(Vm *vm, Task *task) {
    if (vm->heap.task_cursor == task) vm->heap.task_cursor = task->all_next;
    if (task->all_previous)
        task->all_previous->all_next = task->all_next;
    else
        vm->tasks = task->all_next;
    if (task->all_next) task->all_next->all_previous = task->all_previous;
    task->all_next = task->all_previous = NULL;
    vm->task_count--;
}

/* A task ends by its cancellation: an ordinary error for those who await it, and nobody's fault. */
static Error *cancelled_outcome(Vm *vm, Task *task) {
    Error *error = error_new(vm, ERR_CANCELLED, "the awaited task was cancelled");
    error->obj.flags &= (uint8_t)~ERROR_ENDING;
    if (task->promise) task->promise->handled = true;
    return error;
}

void task_finish(Vm *vm, Task *task, Value value, Error *error) {
    bool cancelled = error && error->obj.flags & ERROR_ENDING && !task->is_main;
    vm->error = NULL;
    task->state = TASK_DONE;
    if (cancelled) error = cancelled_outcome(vm, task);
    if (task->promise)
        promise_settle(vm, task->promise, error ? PROMISE_REJECTED : PROMISE_RESOLVED, error ? value_obj(error) : value);
    task->failed = error != NULL;
    task->waiter.value = error ? value_obj(error) : value; /* a handle may still be asked for it */
    gc_write(vm, task->waiter.value);
    leave_list(vm, task);
    stack_free(vm, task);
    count_out(task);
    VintCell *cell = task->cell;
    if (cell && !task->detached) cell->live--;
    vm->task_ended(vm, task, value, cancelled ? NULL : error);
    task->cell = NULL;
    if (cell) cell_release(cell);
}

void task_destroy(Vm *vm, Task *task) {
    stack_free(vm, task);
    release_cases(vm, task);
    if (task->cell) cell_release(task->cell);
}

Promise *task_promise(Vm *vm, Task *task) {
    if (task->promise) return task->promise;
    Promise *promise = promise_new(vm, task->cell);
    task->promise = promise;
    gc_write_obj(vm, promise);
    if (task->state == TASK_DONE) {
        promise->obj.flags = task->failed ? PROMISE_REJECTED : PROMISE_RESOLVED;
        promise->value = task->waiter.value;
    } else {
        promise->task = task;
    }
    return promise;
}

/* ---- stacks ---- */

void task_grow_stack(Vm *vm, Task *task, uint32_t needed) {
    uint32_t capacity = task->stack_capacity;
    while (capacity < needed) capacity *= 2;
    task->stack = heap_grow(vm, task->stack, task->stack_capacity * sizeof(Value), capacity * sizeof(Value));
    memset(task->stack + task->stack_capacity, 0, (capacity - task->stack_capacity) * sizeof(Value));
    task->stack_capacity = capacity;
}

bool task_grow_frames(Vm *vm, Task *task) {
    if (task->frame_count >= VM_FRAME_LIMIT) {
        vm_raise(vm, ERR_RECURSION, "more than %d calls inside each other: does the recursion ever end?", VM_FRAME_LIMIT);
        return false;
    }
    uint32_t capacity = task->frame_capacity * 2;
    if (capacity > VM_FRAME_LIMIT) capacity = VM_FRAME_LIMIT;
    task->frames = heap_grow(vm, task->frames, task->frame_capacity * sizeof(Frame), capacity * sizeof(Frame));
    task->frame_capacity = capacity;
    return true;
}
