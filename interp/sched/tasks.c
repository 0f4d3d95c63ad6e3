/*
 * tasks.c -- what can be done with a task's handle; for modules/task.vint and context.vint, too.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "explain.h"
#include "natives.h"
#include "session.h"
#include "vm/array.h"
#include "vm/cell.h"
#include "vm/channel.h"
#include "vm/dict.h"
#include "vm/error.h"
#include "vm/output.h"
#include "vm/promise.h"
#include "vm/task.h"

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

/* Runs of the same cell have the same key, and differ in their numbers: what the host evaluates beside a cell has none
 * of its own. */
static bool is_former_run(const VintCell *former, const VintCell *cell) {
    return former && former != cell && former->options.number > 0 && former->options.number != cell->options.number &&
           strcmp(former->options.key, cell->options.key) == 0;
}

void tasks_end_former(Vm *vm, const VintCell *cell, bool all) {
    if (cell->options.number <= 0) return;
    for (Task *task = vm->tasks; task; task = task->all_next)
        if ((all || task->looks_on) && is_former_run(task->cell, cell)) task_cancel(vm, task);
}

static NativeStatus task_method_detach(NATIVE_ARGS) {
    task_detach(args[0].task);
    NATIVE_RETURN(args[0]);
}

static void put(Vm *vm, Dict *dict, const char *key, Value value) {
    dict_set(vm, dict, value_obj(string_intern(vm, key, strlen(key))), value);
}

/* Takes the text's content. */
static void put_text(Vm *vm, Dict *dict, const char *key, Text *text) {
    String *string = string_new(vm, text->length ? text->bytes : "", text->length);
    if (string) put(vm, dict, key, value_obj(string));
    text->length = 0;
}

static NativeStatus task_method_info(NATIVE_ARGS) {
    const Task *task = task_of(args[0]);
    if (!task) NATIVE_RETURN(NULL_VALUE);
    Dict *info = dict_new(vm, 16);
    Text text = {0};
    put(vm, info, "id", value_int(task->id));
    explain_name(vm, &text, task);
    put_text(vm, info, "name", &text);
    if (task->cell) text_puts(&text, task->cell->options.file);
    put_text(vm, info, "cell", &text);
    explain_origin(&text, task);
    put_text(vm, info, "started", &text);
    text_puts(&text, explain_state(task));
    put_text(vm, info, "state", &text);
    explain_wait(vm, &text, task);
    put_text(vm, info, "waitsFor", &text);
    explain_place(&text, task);
    size_t blank = text.length > 3 && memcmp(text.bytes, " at ", 4) == 0 ? 4 : text.length > 0;
    String *where = string_new(vm, text.length ? text.bytes + blank : "", text.length - blank);
    if (where) put(vm, info, "where", value_obj(where));
    text_free(&text);
    put(vm, info, "age", value_float((double)(session_now() - task->started) / 1e6));
    put(vm, info, "cpu", value_float((double)task->cpu / 1e6));
    put(vm, info, "output", value_int((int64_t)task->written));
    NATIVE_RETURN(value_obj(info));
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

/* The tasks that count as those of the cell with that number, except the one that asks. */
static NativeStatus builtin_tasks_of(NATIVE_ARGS) {
    Array *tasks = array_new(vm, 8);
    for (Task *task = vm->tasks; task; task = task->all_next)
        if (task != vm->current && task->cell && task->cell->options.number == args[0].i &&
            !array_push(vm, tasks, value_obj(task)))
            return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(tasks));
}

/*
 * The task only shows something that goes on. Nothing waits for it, and it is no reason to hope that a task which is
 * blocked will ever be woken. It ends when its cell is run again, and by an interrupt.
 */
static NativeStatus builtin_look_on(NATIVE_ARGS) {
    task_detach(args[0].task);
    args[0].task->looks_on = true;
    NATIVE_RETURN(args[0]);
}

/* What the library has started for the program counts as the program's, started where it called the library. */
static NativeStatus builtin_owned(NATIVE_ARGS) {
    const Task *caller = vm->current;
    uint32_t number = task_own_frame(caller);
    if (number > 0) {
        const Frame *frame = &caller->frames[number - 1];
        task_set_origin(vm, args[0].task, frame->closure->proto, frame->pc);
    }
    NATIVE_RETURN(args[0]);
}

static NativeStatus builtin_updates_displays(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(vm->host->display != NULL));
}

static bool has_tasks(const Vm *vm, const VintCell *cell) {
    for (const Task *task = vm->tasks; task; task = task->all_next)
        if (task->cell == cell && explain_is_own(task)) return true;
    return false;
}

/* Prints what the cell has shown from that byte on; [how far that is, whether more may come]. */
static NativeStatus builtin_output(NATIVE_ARGS) {
    const Record *record = output_find(vm, (int)args[0].i);
    if (!record) return vm_raise(vm, ERR_VALUE, "no output of a cell [%d] is kept", (int)args[0].i);
    if (record->cell == vm->current->cell) return vm_raise(vm, ERR_VALUE, "cell [%d] is this one", (int)args[0].i);
    uint64_t from = (uint64_t)args[1].i, total = record->total;
    bool goes_on = record->cell && has_tasks(vm, record->cell);
    Text text = {0};
    output_read(record, from, &text);
    if (text.length < total - from) {
        Text note = {0};
        text_printf(&note, "[%" PRIu64 " bytes before this are not kept]\n", total - from - text.length);
        output_write(vm, vm->current->cell, VINT_STDERR, note.bytes, note.length);
        text_free(&note);
    }
    if (text.length > 0) output_write(vm, vm->current->cell, VINT_STDOUT, text.bytes, text.length);
    text_free(&text);
    Array *state = array_new(vm, 2);
    array_push(vm, state, value_int((int64_t)total));
    array_push(vm, state, value_bool(goes_on));
    NATIVE_RETURN(value_obj(state));
}

static void push_stuck(Vm *vm, bool variables, Array *found) {
    leaks_look(session_of(vm), variables);
    for (Task *task = vm->tasks; task; task = task->all_next)
        if (leaks_is_stuck(task)) array_push(vm, found, value_obj(task));
}

/* [tasks that nothing can wake, tasks that only a later cell can]: the latter by what the variables hold. */
static NativeStatus builtin_stuck(NATIVE_ARGS) {
    Array *both = array_new(vm, 2), *for_ever = array_new(vm, 8), *for_now = array_new(vm, 8);
    array_push(vm, both, value_obj(for_ever));
    array_push(vm, both, value_obj(for_now));
    *result = value_obj(both); /* a root, while the collector runs */
    push_stuck(vm, true, for_ever);
    push_stuck(vm, false, for_now);
    uint32_t kept = 0;
    for (uint32_t i = 0, j = 0; i < for_now->length; i++) {
        if (j < for_ever->length && for_ever->items[j].task == for_now->items[i].task)
            j++;
        else
            for_now->items[kept++] = for_now->items[i];
    }
    for_now->length = kept;
    return NATIVE_OK;
}

static NativeStatus builtin_end_former(NATIVE_ARGS) {
    tasks_end_former(vm, vm->current->cell, true);
    NATIVE_RETURN(NULL_VALUE);
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
    {"__tasks_of(cell: int) -> array", "The handles of the other tasks of the cell with that number.", builtin_tasks_of},
    {"__look_on(task: task) -> task", "The task only shows something: nothing waits for it.", builtin_look_on},
    {"__owned(task: task) -> task", "The task counts as the program's, not the library's.", builtin_owned},
    {"__updates_displays() -> bool", "Can what was displayed be replaced?", builtin_updates_displays},
    {"__output(cell: int, from: int) -> array", "Prints what the cell has shown from that byte on.", builtin_output},
    {"__stuck() -> array", "[tasks that nothing can ever wake, tasks that only a later cell can wake].", builtin_stuck},
    {"__end_former() -> null", "Cancels the tasks that earlier runs of the cell have started.", builtin_end_former},
    {"__current_task() -> any", "The handle of the running task.", builtin_current_task},
    {"__epoch() -> float", "The time in milliseconds since 1970.", builtin_epoch},
    {0}};

static const NativeDef promise_methods[] = {
    {"info() -> dict | null",
     "About the task: id, name, cell, started (where), state, waitsFor, where, age and cpu (milliseconds), output (bytes).",
     task_method_info},
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
