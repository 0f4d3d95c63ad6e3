/*
 * deadlock.c -- explaining that nothing can ever go on: who waits, for what, where.
 */
#include "session.h"
#include "vm/error.h"

#define LISTED 20 /* tasks listed one by one */

static bool is_blocked(const Task *task) {
    return task->state == TASK_WAITING && task->wait != WAIT_EXIT && explain_is_own(task);
}

static void print_task(Vm *vm, Text *text, const Task *task) {
    if (task->is_main)
        text_puts(text, "\n  main code");
    else
        text_printf(text, "\n  task %u", task->id);
    text_printf(text, ": %s", explain_state(task));
    if (task->wait == WAIT_SEND || task->wait == WAIT_RECEIVE) {
        text_puts(text, " on ");
        text_value(vm, text, value_obj(task->waiting_on));
    }
    explain_place(text, task);
    if (!task->origin) return;
    text_puts(text, " (started at ");
    explain_origin(text, task);
    text_putc(text, ')');
}

Error *deadlock_error(Vm *vm) {
    Text text = {0};
    text_puts(&text, "all tasks are blocked, and nothing can ever wake them:");
    uint32_t listed = 0, count = 0;
    const Task *oldest = vm->tasks;
    while (oldest && oldest->all_next) oldest = oldest->all_next;
    for (int main_code = 1; main_code >= 0; main_code--)
        for (const Task *task = oldest; task; task = task->all_previous) {
            if (task->is_main != (main_code == 1) || !is_blocked(task)) continue;
            count++;
            if (listed == LISTED) continue;
            listed++;
            print_task(vm, &text, task);
        }
    if (count > listed) text_printf(&text, "\n  … and %u more", count - listed);
    Error *error = error_new(vm, ERR_DEADLOCK, " ");
    error->message = string_new(vm, text.bytes, text.length);
    text_free(&text);
    return error;
}
