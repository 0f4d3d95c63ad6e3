/*
 * leaks.c -- tasks that nothing will ever wake: how they are found, and what is told of them when a session ends.
 *
 * A task goes on by itself when it can run, sleeps, or waits for something from outside. Whom such tasks could serve,
 * the collector finds out (gc_find_stuck): it marks from them, and whoever waits for what it comes across may yet be
 * woken. All others are stuck. Their variables and channels are never freed: they are the leaks of a concurrent program.
 *
 * At the end of a session that takes as long as two collections, and the user waits. So a large heap isn't searched.
 */
#include <string.h>

#include "explain.h"
#include "session.h"
#include "timer.h"
#include "vm/channel.h"
#include "vm/gc.h"
#include "vm/task.h"
#include "vm/waiter.h"

#define LARGE_HEAP (32u << 20) /* bytes */
#define LISTED 20              /* places */
#define CONSIDERED 2000        /* tasks */

static bool goes_on(const Task *task) {
    if (task->state != TASK_WAITING || task->timer) return true;
    return task->wait == WAIT_SLEEP || task->wait == WAIT_INPUT || task->wait == WAIT_IO;
}

void leaks_look(VintSession *session, bool variables) {
    Vm *vm = session->vm;
    for (Task *task = vm->tasks; task; task = task->all_next) task->reached = goes_on(task);
    for (uint32_t i = 0; i < session->timer_count; i++) {
        const Channel *channel = session->timers[i].channel;
        for (Waiter *waiter = channel ? channel->receivers.first : NULL; waiter; waiter = waiter->next)
            waiter->task->reached = true;
    }
    gc_find_stuck(vm, variables);
}

bool leaks_is_stuck(const Task *task) { return !task->reached && task->wait != WAIT_EXIT && explain_is_own(task); }

/* ---- what is told ---- */

typedef struct {
    const Task *first;
    Text place; /* where it waits */
    uint32_t count;
} Group;

typedef struct {
    Group groups[LISTED];
    uint32_t used, tasks, left_out; /* left_out: tasks that fit into no group */
} Found;

static bool belongs(const Group *group, const Task *task, const Text *place) {
    const Task *first = group->first;
    return first->wait == task->wait && first->origin == task->origin && first->origin_pc == task->origin_pc &&
           first->cell == task->cell && group->place.length == place->length &&
           (place->length == 0 || memcmp(group->place.bytes, place->bytes, place->length) == 0);
}

static void add(Found *found, const Task *task) {
    if (++found->tasks > CONSIDERED) {
        found->left_out++;
        return;
    }
    Text place = {0};
    explain_place(&place, task);
    for (uint32_t i = 0; i < found->used; i++) {
        if (!belongs(&found->groups[i], task, &place)) continue;
        found->groups[i].count++;
        text_free(&place);
        return;
    }
    if (found->used < LISTED) {
        found->groups[found->used++] = (Group){task, place, 1};
    } else {
        found->left_out++;
        text_free(&place);
    }
}

static void put_group(Vm *vm, Text *text, const Group *group) {
    const Task *task = group->first;
    if (group->count > 1)
        text_printf(text, "  %u tasks: ", group->count);
    else if (task->is_main)
        text_puts(text, "  main code: ");
    else
        text_printf(text, "  task %u: ", task->id);
    text_puts(text, explain_state(task));
    text_append(text, group->place.bytes, group->place.length);
    if (task->wait != WAIT_AWAIT && task->waiting_on) {
        text_puts(text, ", on ");
        explain_wait(vm, text, task);
    }
    if (task->origin) {
        text_puts(text, " (started at ");
        explain_origin(text, task);
        text_putc(text, ')');
    }
    text_putc(text, '\n');
}

static void put_found(Vm *vm, Text *text, const Found *found) {
    text_printf(text, "%u task%s for what can never come:\n", found->tasks, found->tasks == 1 ? " waits" : "s wait");
    for (uint32_t i = 0; i < found->used; i++) put_group(vm, text, &found->groups[i]);
    if (found->left_out > 0) text_printf(text, "  … and %u more\n", found->left_out);
}

static uint32_t count_waiting(const Vm *vm) {
    uint32_t count = 0;
    for (const Task *task = vm->tasks; task; task = task->all_next) count += !goes_on(task) && task->wait != WAIT_EXIT;
    return count;
}

char *vint_leaks(VintSession *session, bool last) {
    Vm *vm = session->vm;
    uint32_t waiting = count_waiting(vm);
    if (waiting == 0) return NULL;
    Text text = {0};
    if (vm->heap.bytes > LARGE_HEAP) {
        text_printf(&text, "%u task%s for others; too much memory is in use to find out whether in vain\n", waiting,
                    waiting == 1 ? " waits" : "s wait");
    } else {
        Found found = {0};
        const Task *oldest = vm->tasks;
        leaks_look(session, !last);
        while (oldest && oldest->all_next) oldest = oldest->all_next;
        for (const Task *task = oldest; task; task = task->all_previous)
            if (leaks_is_stuck(task)) add(&found, task);
        if (found.tasks > 0) put_found(vm, &text, &found);
        for (uint32_t i = 0; i < found.used; i++) text_free(&found.groups[i].place);
    }
    return text.length > 0 ? (char *)text_cstring(&text) : NULL;
}
