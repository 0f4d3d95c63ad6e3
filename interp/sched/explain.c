/*
 * explain.c -- a task in words: what it is called, what it waits for, where it stands, where it came from.
 */
#include <string.h>

#include "explain.h"
#include "io.h"
#include "vm/array.h"
#include "vm/channel.h"
#include "vm/native.h"
#include "vm/object.h"
#include "vm/promise.h"
#include "vm/proto.h"
#include "vm/task.h"

const char *explain_state(const Task *task) {
    static const char *const waits[] = {
#define X(name, text) text,
        WAITS(X)
#undef X
    };
    const char *what = task->wait == WAIT_IO ? io_waits_for(task) : NULL;
    if (what) return what;
    if (task->state == TASK_WAITING) return waits[task->wait];
    return task->state == TASK_READY ? "ready" : task->state == TASK_RUNNING ? "running" : "ended";
}

/* What the task was started to call; it lies at the bottom of its stack. */
static const String *callee_name(const Vm *vm, const Task *task) {
    if (!task->stack) return NULL;
    const Closure *first = task->frames[0].closure;
    if (first != vm->call_closure) return first->proto->name;
    Value callee = task->stack[1];
    switch (callee.tag) {
    case T_CLOSURE: return callee.closure->proto->name;
    case T_NATIVE: return callee.native->name;
    case T_OVERLOAD: return callee.overload->functions[0]->proto->name;
    case T_STRUCT: return callee.structure->name;
    default: return NULL;
    }
}

void explain_name(const Vm *vm, Text *text, const Task *task) {
    const String *name = task->is_main ? NULL : callee_name(vm, task);
    if (task->is_main)
        text_puts(text, "main code");
    else if (name)
        text_append(text, name->bytes, name->length);
    else
        text_puts(text, "func");
}

bool explain_is_own(const Task *task) {
    return !task->origin || !task->origin->is_prelude || task_own_frame(task) > 0;
}

void explain_point(Text *text, const Proto *proto, uint32_t pc) {
    Place place = source_place(proto->unit->source, proto_place(proto, pc));
    text_printf(text, "%s:%u:%u", proto->unit->source->name, place.line, place.column);
}

static void put_channel(Vm *vm, Text *text, const Channel *channel) {
    text_value(vm, text, value_obj((Channel *)channel));
    if (!channel->origin) return;
    text_puts(text, " made at ");
    explain_point(text, channel->origin, channel->origin_pc);
}

void explain_wait(Vm *vm, Text *text, const Task *task) {
    if (task->state != TASK_WAITING || !task->waiting_on) return;
    switch (task->wait) {
    case WAIT_SEND:
    case WAIT_RECEIVE:
        put_channel(vm, text, (const Channel *)task->waiting_on);
        break;
    case WAIT_SELECT: {
        const Array *channels = (const Array *)task->waiting_on;
        for (uint32_t i = 0, listed = 0; i < channels->length; i++) {
            if (channels->items[i].tag != T_CHANNEL) continue;
            if (listed++ > 0) text_puts(text, ", ");
            put_channel(vm, text, channels->items[i].channel);
        }
        break;
    }
    case WAIT_AWAIT: {
        const Promise *promise = (const Promise *)task->waiting_on;
        if (promise->task) text_printf(text, "task %u", promise->task->id);
        break;
    }
    default:
        break;
    }
}

void explain_place(Text *text, const Task *task) {
    uint32_t number = task_own_frame(task);
    const String *called = number < task->frame_count ? task->frames[number].closure->proto->name : NULL;
    if (called) text_printf(text, " in %.*s()", (int)called->length, called->bytes);
    if (number == 0) return;
    const Frame *frame = &task->frames[number - 1];
    const Proto *proto = frame->closure->proto;
    const uint32_t *pc = number == task->frame_count ? task_parked_at(task) : frame->pc;
    text_puts(text, " at ");
    explain_point(text, proto, (uint32_t)(pc - proto->code));
}

void explain_origin(Text *text, const Task *task) {
    if (task->origin) explain_point(text, task->origin, task->origin_pc);
}
