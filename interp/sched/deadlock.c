/*
 * deadlock.c -- explaining that nothing can ever go on: who waits, for what, where.
 */
#include "session.h"
#include "vm/error.h"
#include "vm/load.h"

#define LISTED 20 /* tasks listed one by one */

static const char *const wait_texts[] = {
#define X(name, text) text,
    WAITS(X)
#undef X
};

/* The innermost frame of the program's own code, counted from 1; 0: there is none. */
static uint32_t own_frame(const Task *task) {
    uint32_t number = task->frame_count;
    while (number > 0 && task->frames[number - 1].closure->proto->is_prelude) number--;
    return number;
}

void deadlock_place(Text *text, const Task *task) {
    uint32_t number = own_frame(task);
    const String *called = number < task->frame_count ? task->frames[number].closure->proto->name : NULL;
    if (called) text_printf(text, " in %.*s()", (int)called->length, called->bytes);
    if (number == 0) return;
    const Frame *frame = &task->frames[number - 1];
    const Proto *proto = frame->closure->proto;
    const uint32_t *pc = number == task->frame_count ? task_parked_at(task) : frame->pc;
    Place place = source_place(proto->unit->source, proto_place(proto, (uint32_t)(pc - proto->code)));
    text_printf(text, " at %s:%u:%u", proto->unit->source->name, place.line, place.column);
}

bool deadlock_lists(const Task *task) {
    return !task->origin || !task->origin->is_prelude || own_frame(task) > 0;
}

static bool is_blocked(const Task *task) {
    return task->state == TASK_WAITING && task->wait != WAIT_EXIT && deadlock_lists(task);
}

static void print_task(Vm *vm, Text *text, const Task *task) {
    if (task->is_main)
        text_puts(text, "\n  main code");
    else
        text_printf(text, "\n  task %u", task->id);
    text_printf(text, ": %s", wait_texts[task->wait]);
    if (task->wait == WAIT_SEND || task->wait == WAIT_RECEIVE) {
        text_puts(text, " on ");
        text_value(vm, text, value_obj(task->waiting_on));
    }
    deadlock_place(text, task);
    if (task->origin) {
        Place place = source_place(task->origin->unit->source, proto_place(task->origin, task->origin_pc));
        text_printf(text, " (started at %s:%u:%u)", task->origin->unit->source->name, place.line, place.column);
    }
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
