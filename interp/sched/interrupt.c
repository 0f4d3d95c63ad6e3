/*
 * interrupt.c -- what an interrupt stops.
 *
 * While something runs, an interrupt is for that: the main code of every execution that is not over, and the tasks that
 * these executions have started, raise Interrupted where they compute or wait, so that their `finally` and `defer` run.
 * Tasks that earlier cells left in the background live on.
 *
 * While nothing runs, an interrupt can only be meant for the background. But work that somebody left there on purpose is
 * not to be lost by one key too many; and frontends send an interrupt before each restart and shutdown. So the first
 * one only says, a moment later, in each cell that has such tasks, what they are. The next one within two seconds stops
 * them all.
 */
#include "explain.h"
#include "post.h"
#include "vm/cell.h"
#include "vm/error.h"
#include "vm/output.h"
#include "vm/task.h"

#define AGAIN_NS 2000000000u /* within which a second interrupt stops all */
#define NOTICE_MS 150        /* before it is said: the shutdown that may follow comes sooner */
#define LISTED 5             /* tasks of a cell that are named */

static const Task *oldest_task(const Vm *vm) {
    const Task *task = vm->tasks;
    while (task && task->all_next) task = task->all_next;
    return task;
}

static void stop_task(Vm *vm, Task *task) {
    task_inject(vm, task, error_new(vm, ERR_INTERRUPTED, "interrupted"));
}

/* Main code first, then the tasks in the order in which they were started. */
static void stop_executions(VintSession *session) {
    Vm *vm = session->vm;
    for (VintCell *cell = session->executions; cell; cell = cell->next) {
        cell->patient_from = session_work(); /* the tasks that it ends have time to clean up */
        if (cell->main)
            stop_task(vm, cell->main);
        else if (!cell->error) /* it waits for its tasks */
            cell->error = error_new(vm, ERR_INTERRUPTED, "interrupted");
    }
    for (Task *task = (Task *)oldest_task(vm), *newer; task; task = newer) {
        newer = task->all_previous;
        if (!task->is_main && task->cell && !task->cell->over) stop_task(vm, task);
    }
}

static bool is_in_background(const Task *task) {
    return task->cell && !task->is_main && explain_is_own(task);
}

static void tell_cell(VintSession *session, VintCell *cell) {
    Text text = {0}, names = {0};
    uint32_t count = 0;
    for (const Task *task = oldest_task(session->vm); task; task = task->all_previous) {
        if (task->cell != cell || !is_in_background(task) || ++count > LISTED) continue;
        text_printf(&names, "  task %u, ", task->id);
        explain_name(session->vm, &names, task);
        text_printf(&names, ": %s", explain_state(task));
        explain_place(&names, task);
        text_putc(&names, '\n');
    }
    if (count > LISTED) text_printf(&names, "  … and %u more\n", count - LISTED);
    text_printf(&text, "In the background: %u task%s of this cell. A second interrupt within 2 s ends all such tasks.\n",
                count, count == 1 ? "" : "s");
    text_append(&text, names.bytes, names.length);
    output_write(session->vm, cell, VINT_STDERR, text.bytes, text.length);
    text_free(&text);
    text_free(&names);
}

static void stop_onlookers(Vm *vm) {
    for (Task *task = vm->tasks; task; task = task->all_next)
        if (task->looks_on) stop_task(vm, task);
}

static void tell(uv_timer_t *timer) {
    VintSession *session = timer->data;
    for (const Task *task = oldest_task(session->vm); task; task = task->all_previous) {
        if (!is_in_background(task) || task->cell->told == session->interrupted_at) continue;
        task->cell->told = session->interrupted_at;
        tell_cell(session, task->cell);
    }
    uv_stop(timer->loop);
}

static void stop_background(VintSession *session) {
    uv_timer_stop(&session->notice);
    session->interrupted_at = 0;
    for (Task *task = (Task *)oldest_task(session->vm), *newer; task; task = newer) {
        newer = task->all_previous;
        stop_task(session->vm, task);
    }
}

void interrupt_now(VintSession *session) {
    uint64_t now = session_now();
    if (session->executions) {
        stop_executions(session);
    } else if (session->interrupted_at > 0 && now - session->interrupted_at < AGAIN_NS) {
        stop_background(session);
    } else {
        session->interrupted_at = now;
        stop_onlookers(session->vm);
        session->notice.data = session;
        uv_update_time(&session->loop);
        uv_timer_start(&session->notice, tell, NOTICE_MS, 0);
    }
}
