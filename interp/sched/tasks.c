/*
 * tasks.c -- what can be done with a task's handle; for modules/task.vint and context.vint, too.
 */
#include <string.h>
#include <time.h>

#include "session.h"
#include "vm/array.h"
#include "vm/dict.h"

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
        if (explain_is_own(task)) array_push(vm, tasks, value_obj(task));
    for (uint32_t i = 0, j = tasks->length; i + 1 < j; i++) { /* the list begins with the newest */
        Value newer = tasks->items[i];
        tasks->items[i] = tasks->items[--j];
        tasks->items[j] = newer;
    }
    NATIVE_RETURN(value_obj(tasks));
}

static void put_text(Vm *vm, Dict *dict, const char *key, const char *bytes, size_t length) {
    String *text = string_new(vm, bytes, length);
    if (text) dict_set(vm, dict, value_obj(string_intern(vm, key, strlen(key))), value_obj(text));
}

static NativeStatus builtin_task_info(NATIVE_ARGS) {
    const Task *task = args[0].task;
    Dict *info = dict_new(vm, 8);
    dict_set(vm, info, value_obj(string_from(vm, "task")), value_int(task->id));
    const char *cell = task->cell ? task->cell->options.file : "";
    put_text(vm, info, "cell", cell, strlen(cell));
    const char *state = explain_state(task);
    put_text(vm, info, "state", task->is_main ? "main code" : state, strlen(task->is_main ? "main code" : state));
    Text text = {0};
    explain_place(&text, task);
    put_text(vm, info, "where", text.length ? text.bytes + 1 : "", text.length ? text.length - 1 : 0);
    text.length = 0;
    explain_origin(&text, task);
    put_text(vm, info, "started at", text.bytes ? text.bytes : "", text.length);
    text_free(&text);
    NATIVE_RETURN(value_obj(info));
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
    {"__task_info(task: task) -> dict", "What the task is, waits for, and where it was started.", builtin_task_info},
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
