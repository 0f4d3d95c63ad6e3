/*
 * tasks.c -- what can be done with a task's handle; for modules/task.vint and context.vint, too.
 */
#include <time.h>

#include "session.h"
#include "vm/array.h"

/* ---- methods of handles and promises ---- */

static Task *task_of(Value value) {
    return value.tag == T_TASK ? value.task : value.promise->task;
}

static NativeStatus task_method_state(NATIVE_ARGS) {
    static const char *const states[] = {"pending", "resolved", "rejected"};
    Promise *promise = args[0].tag == T_TASK ? task_promise(vm, args[0].task) : args[0].promise;
    NATIVE_RETURN(value_obj(string_from(vm, states[promise->obj.flags])));
}

static NativeStatus task_method_cancel(NATIVE_ARGS) {
    Task *task = task_of(args[0]);
    bool alive = task && task_cancel(vm, task);
    if (task == vm->current) { /* no need to wait for a safe point */
        vm->error = task->injected;
        task->injected = NULL;
        return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_bool(alive));
}

static NativeStatus task_method_detach(NATIVE_ARGS) {
    task_detach(args[0].task);
    NATIVE_RETURN(args[0]);
}

/* ---- for the modules ---- */

static NativeStatus builtin_tasks(NATIVE_ARGS) {
    Array *tasks = array_new(vm, vm->task_count);
    if (!tasks) return NATIVE_ERROR;
    for (Task *task = vm->tasks; task; task = task->all_next)
        if (deadlock_lists(task)) array_push(vm, tasks, value_obj(task));
    for (uint32_t i = 0, j = tasks->length; i + 1 < j; i++) { /* the list begins with the newest */
        Value newer = tasks->items[i];
        tasks->items[i] = tasks->items[--j];
        tasks->items[j] = newer;
    }
    NATIVE_RETURN(value_obj(tasks));
}

static NativeStatus builtin_current_task(NATIVE_ARGS) {
    NATIVE_RETURN(value_obj(vm->current));
}

static NativeStatus builtin_epoch(NATIVE_ARGS) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    NATIVE_RETURN(value_float((double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6));
}

static const NativeDef builtins[] = {
    {"__tasks() -> array", "The handles of all tasks that have not ended.", builtin_tasks},
    {"__current_task() -> any", "The handle of the running task.", builtin_current_task},
    {"__epoch() -> float", "The time in milliseconds since 1970.", builtin_epoch},
    {0}};

static const NativeDef promise_methods[] = {
    {"state() -> string", "\"pending\", \"resolved\" or \"rejected\".", task_method_state},
    {"cancel() -> bool",
     "Asks the task to end: what it waits for raises an error named Cancelled there. False when it has ended already.",
     task_method_cancel},
    {0}};

static const NativeDef task_methods[] = {
    {"detach() -> task", "Nobody waits for the task any more: not its cell, not the end of the script.",
     task_method_detach},
    {0}};

void tasks_register(Vm *vm) {
    native_register_builtins(vm, builtins);
    native_register_methods(vm, T_PROMISE, promise_methods);
    native_register_methods(vm, T_TASK, promise_methods);
    native_register_methods(vm, T_TASK, task_methods);
}
