/*
 * deadlock.c -- explaining that nothing can ever go on: who waits for what, where, and who could have helped.
 *
 * Each task that is blocked is listed with what it waits for. Below it stand those who could have served it: the task
 * whose outcome it awaits, or the blocked tasks that know its channel. A task knows a channel when its registers, what
 * its functions have captured, or a variable that their code names lead there, over a few steps. Where each of them
 * waits for another one of them in turn, the last line draws the circle:
 *
 *     main code: blocked in receive on chan(unbuffered) at In[2]:2:1
 *       chan(unbuffered) was made at In[1]:1:9; task 3 knows it
 *     task 3: blocked in send on chan(unbuffered) at In[1]:4:5 (started at In[1]:3:1)
 *       chan(unbuffered) was made at In[1]:2:9; main code knows it
 *     a circle: main code waits for task 3, and task 3 for main code
 */
#include "explain.h"
#include "session.h"
#include "vm/array.h"
#include "vm/channel.h"
#include "vm/dict.h"
#include "vm/error.h"
#include "vm/object.h"
#include "vm/promise.h"
#include "vm/proto.h"
#include "vm/task.h"

#define LISTED 20      /* tasks listed one by one */
#define CONSIDERED 200 /* tasks asked what they know */
#define NAMED 3        /* tasks that know a channel */
#define STEPS 4        /* from a register to what it leads to */
#define VISITS 1000    /* values looked at in search of what a task knows */

/* ---- what a task knows ---- */

typedef struct {
    const Obj *target;
    int visits; /* that are left */
} Search;

static bool leads_to(Search *search, Value value, int steps);

static bool one_leads_to(Search *search, const Value *values, size_t count, int steps) {
    for (size_t i = 0; i < count; i++)
        if (leads_to(search, values[i], steps)) return true;
    return false;
}

static bool entry_leads_to(Search *search, const Dict *dict, int steps) {
    for (uint32_t i = 0; i < dict->used; i++)
        if (leads_to(search, dict->entries[i].value, steps)) return true;
    return false;
}

static size_t capture_count(const Closure *closure) {
    return (size_t)closure->proto->code_function->capture_count;
}

static bool leads_to(Search *search, Value value, int steps) {
    if (!value_is_obj(value) || --search->visits < 0) return false;
    if (value.obj == search->target) return true;
    if (steps == 0) return false;
    switch (value.tag) {
    case T_BOX: return leads_to(search, value.box->value, steps - 1);
    case T_ARRAY: return one_leads_to(search, value.array->items, value.array->length, steps - 1);
    case T_DICT: return entry_leads_to(search, value.dict, steps - 1);
    case T_INSTANCE: return one_leads_to(search, value.instance->fields, value.instance->structure->field_count, steps - 1);
    case T_CLOSURE: return one_leads_to(search, value.closure->captures, capture_count(value.closure), steps - 1);
    default: return false;
    }
}

static bool variable_leads_to(Search *search, const Vm *vm, const Proto *proto) {
    const uint32_t *slot;
    for (int pc = 0; (slot = proto_next_global(proto, &pc));)
        if (!vm->globals[*slot].is_builtin && leads_to(search, vm->globals[*slot].value, STEPS)) return true;
    return false;
}

static bool knows(const Vm *vm, const Task *task, const Channel *channel) {
    Search search = {&channel->obj, VISITS};
    for (uint32_t i = 0; i < task->frame_count; i++) {
        const Frame *frame = &task->frames[i];
        const Closure *closure = frame->closure;
        if (variable_leads_to(&search, vm, closure->proto) ||
            one_leads_to(&search, task->stack + frame->base - 1, closure->proto->register_count + 1u, STEPS) ||
            one_leads_to(&search, closure->captures, capture_count(closure), STEPS))
            return true;
    }
    return false;
}

/* ---- who could serve whom ---- */

static bool is_blocked(const Task *task) {
    return task->state == TASK_WAITING && task->wait != WAIT_EXIT && explain_is_own(task);
}

static const Channel *channel_of(const Task *task, uint32_t number) {
    if (task->wait == WAIT_SEND || task->wait == WAIT_RECEIVE)
        return number == 0 ? (const Channel *)task->waiting_on : NULL;
    if (task->wait != WAIT_SELECT) return NULL;
    const Array *channels = (const Array *)task->waiting_on;
    for (uint32_t i = 0; i < channels->length; i++)
        if (channels->items[i].tag == T_CHANNEL && number-- == 0) return channels->items[i].channel;
    return NULL;
}

/* The next task behind [after] (NULL: the first) that knows the channel and is not [task]. */
static const Task *next_knower(const Vm *vm, const Task *task, const Channel *channel, const Task *after) {
    int considered = 0;
    for (const Task *other = after ? after->all_next : vm->tasks; other && considered < CONSIDERED; other = other->all_next) {
        if (other == task || !is_blocked(other)) continue;
        considered++;
        if (knows(vm, other, channel)) return other;
    }
    return NULL;
}

/* One that the task waits for; NULL: there is none. */
static const Task *first_server(const Vm *vm, const Task *task) {
    if (task->wait == WAIT_AWAIT) return ((const Promise *)task->waiting_on)->task;
    const Channel *channel = channel_of(task, 0);
    return channel ? next_knower(vm, task, channel, NULL) : NULL;
}

/* ---- the report ---- */

static void put_task(Text *text, const Task *task) {
    if (task->is_main)
        text_puts(text, "main code");
    else
        text_printf(text, "task %u", task->id);
}

static void put_knowers(Vm *vm, Text *text, const Task *task, const Channel *channel) {
    int count = 0;
    for (const Task *other = NULL; (other = next_knower(vm, task, channel, other));) {
        if (++count > NAMED) continue;
        text_puts(text, count > 1 ? ", " : "");
        put_task(text, other);
    }
    if (count > NAMED) text_printf(text, " and %d more", count - NAMED);
    text_puts(text, count == 0 ? "no other task knows it" : count == 1 ? " knows it" : " know it");
}

static void put_channel(Vm *vm, Text *text, const Task *task, const Channel *channel) {
    text_puts(text, "\n    ");
    text_value(vm, text, value_obj((Channel *)channel));
    if (channel->origin) {
        text_puts(text, " was made at ");
        explain_point(text, channel->origin, channel->origin_pc);
    }
    text_puts(text, "; ");
    put_knowers(vm, text, task, channel);
}

static void print_task(Vm *vm, Text *text, const Task *task) {
    text_puts(text, "\n  ");
    put_task(text, task);
    text_printf(text, ": %s", explain_state(task));
    if (task->wait == WAIT_SEND || task->wait == WAIT_RECEIVE) {
        text_puts(text, " on ");
        text_value(vm, text, value_obj(task->waiting_on));
    }
    explain_place(text, task);
    if (task->origin) {
        text_puts(text, " (started at ");
        explain_origin(text, task);
        text_putc(text, ')');
    }
    const Task *awaited = task->wait == WAIT_AWAIT ? ((const Promise *)task->waiting_on)->task : NULL;
    if (awaited && explain_is_own(awaited)) text_printf(text, "\n    the promise is task %u's", awaited->id);
    const Channel *channel;
    for (uint32_t number = 0; (channel = channel_of(task, number)); number++) put_channel(vm, text, task, channel);
}

/* Follows from [start] those who could serve; if that leads into a circle, draws it. */
static void print_circle(Vm *vm, Text *text, const Task *start) {
    const Task *chain[LISTED];
    int length = 0, first = -1;
    for (const Task *task = start; task && length < LISTED && first < 0; task = first_server(vm, task)) {
        for (int i = 0; i < length; i++)
            if (chain[i] == task) first = i;
        if (first < 0) chain[length++] = task;
    }
    if (first < 0 || length - first < 2) return;
    for (int i = first; i < length; i++)
        if (!explain_is_own(chain[i])) return;
    text_puts(text, "\n  a circle: ");
    for (int i = first; i < length; i++) {
        text_puts(text, i == first ? "" : i == length - 1 ? ", and " : ", ");
        put_task(text, chain[i]);
        text_puts(text, i == first ? " waits for " : " for ");
        put_task(text, chain[i + 1 < length ? i + 1 : first]);
    }
}

Error *deadlock_error(Vm *vm) {
    Text text = {0};
    text_puts(&text, "all tasks are blocked, and nothing can ever wake them:");
    uint32_t listed = 0, count = 0;
    const Task *oldest = vm->tasks, *first = NULL;
    while (oldest && oldest->all_next) oldest = oldest->all_next;
    for (int main_code = 1; main_code >= 0; main_code--)
        for (const Task *task = oldest; task; task = task->all_previous) {
            if (task->is_main != (main_code == 1) || !is_blocked(task)) continue;
            count++;
            if (listed == LISTED) continue;
            if (listed++ == 0) first = task;
            print_task(vm, &text, task);
        }
    if (count > listed) text_printf(&text, "\n  … and %u more", count - listed);
    if (first) print_circle(vm, &text, first);
    Error *error = error_new(vm, ERR_DEADLOCK, " ");
    error->message = string_new(vm, text.bytes, text.length);
    text_free(&text);
    return error;
}
