/*
 * promise.c -- making and settling promises; which rejections nobody hears of.
 */
#include "promise.h"

#include <stdlib.h>

#include "cell.h"
#include "gc.h"
#include "heap.h"
#include "task.h"
#include "vm.h"

static void note_rejection(Vm *vm, Promise *promise) {
    if (vm->rejection_count == vm->rejection_capacity) {
        vm->rejection_capacity = vm->rejection_capacity ? vm->rejection_capacity * 2 : 16;
        vm->rejections = realloc(vm->rejections, vm->rejection_capacity * sizeof *vm->rejections);
        if (!vm->rejections) abort();
    }
    vm->rejections[vm->rejection_count++] = promise;
}

Promise *promise_new(Vm *vm, VintCell *cell) {
    Promise *promise = HEAP_NEW(vm, Promise, T_PROMISE);
    promise->cell = cell ? cell_retain(cell) : NULL;
    return promise;
}

void promise_destroy(Promise *promise) {
    if (promise->cell) cell_release(promise->cell);
    promise->cell = NULL;
}

void promise_settle(Vm *vm, Promise *promise, PromiseState state, Value value) {
    if (promise->obj.flags != PROMISE_PENDING) return;
    promise->obj.flags = (uint8_t)state;
    promise->value = value;
    promise->task = NULL;
    gc_write(vm, value);
    if (state == PROMISE_RESOLVED) promise_destroy(promise); /* nothing to report: the cell may go */
    if (promise->waiters.first) promise->handled = true;
    if (state == PROMISE_REJECTED && !promise->handled) note_rejection(vm, promise);
    while (promise->waiters.first) {
        Task *task = promise->waiters.first->task;
        if (state == PROMISE_RESOLVED)
            task_wake(vm, task, value);
        else
            task_inject(vm, task, value.error);
    }
}

void promise_forget_handled(Vm *vm) {
    size_t kept = 0;
    for (size_t i = 0; i < vm->rejection_count; i++)
        if (!vm->rejections[i]->handled) vm->rejections[kept++] = vm->rejections[i];
    vm->rejection_count = kept;
}

void promise_find_lost(Vm *vm) {
    promise_forget_handled(vm);
    for (size_t i = 0; i < vm->rejection_count; i++) {
        Promise *promise = vm->rejections[i];
        if (promise->obj.mark != vm->heap.mark && !promise->lost) {
            promise->lost = true;
            vm->rejections_lost++;
        }
        if (promise->lost) gc_shade(vm, (Obj *)promise);
    }
}
