/*
 * natives.c -- the scheduler's builtins: channels, sleeping, asking, ending.
 */
#include "natives.h"

#include <math.h>

#include "question.h"
#include "timer.h"
#include "vm/array.h"
#include "vm/cell.h"
#include "vm/channel.h"
#include "vm/dict.h"
#include "vm/run.h"
#include "vm/task.h"

#define CHANNEL_LIMIT (1 << 26) /* slots of a buffer: 1 GB */

/* ---- channels ---- */

static NativeStatus builtin_send(NATIVE_ARGS) {
    (void)argc;
    Channel *channel = args[0].channel;
    switch (channel_send(vm, channel, args[1])) {
    case CHANNEL_DONE:
        NATIVE_RETURN(NULL_VALUE);
    case CHANNEL_CLOSED:
        return vm_raise(vm, ERR_CHANNEL, "send on closed channel");
    default: {
        Task *task = vm->current;
        Value value = args[1];
        task_park(vm, WAIT_SEND, channel, result);
        task->waiter.value = value;
        gc_write(vm, value);
        waiter_push(&channel->senders, &task->waiter);
        return NATIVE_PARK;
    }
    }
}

static NativeStatus builtin_receive(NATIVE_ARGS) {
    (void)argc;
    Channel *channel = args[0].channel;
    switch (channel_receive(vm, channel, result)) {
    case CHANNEL_DONE:
        return NATIVE_OK;
    case CHANNEL_CLOSED:
        NATIVE_RETURN(NULL_VALUE);
    default:
        task_park(vm, WAIT_RECEIVE, channel, result);
        waiter_push(&channel->receivers, &vm->current->waiter);
        return NATIVE_PARK;
    }
}

static NativeStatus builtin_close(NATIVE_ARGS) {
    (void)argc;
    channel_close(vm, args[0].channel);
    NATIVE_RETURN(NULL_VALUE);
}

static NativeStatus builtin_closed(NATIVE_ARGS) {
    (void)vm, (void)argc;
    NATIVE_RETURN(value_bool(args[0].channel->closed));
}

static NativeStatus builtin_cap(NATIVE_ARGS) {
    (void)vm, (void)argc;
    NATIVE_RETURN(value_int(args[0].channel->capacity));
}

static NativeStatus intrinsic_chan(NATIVE_ARGS) {
    (void)argc;
    if (args[0].tag == T_UNDEFINED) {
        Channel *channel = channel_new(vm, 0, false);
        NATIVE_RETURN(value_obj(channel));
    }
    if (args[0].tag != T_INT)
        return vm_raise(vm, ERR_TYPE, "channel buffer size must be an integer, got %s", error_describe(vm, args[0]));
    if (args[0].i < 0 || args[0].i > CHANNEL_LIMIT)
        return vm_raise(vm, ERR_VALUE, "channel buffer size must be between 0 and %d, got %s", CHANNEL_LIMIT,
                        error_describe(vm, args[0]));
    if (heap_refuses(vm, (size_t)args[0].i * sizeof(Value))) return NATIVE_ERROR;
    Channel *channel = channel_new(vm, (uint32_t)args[0].i, true);
    NATIVE_RETURN(value_obj(channel));
}

/* ---- time ---- */

bool sched_milliseconds(Vm *vm, Value value, const char *what, uint64_t *ns) {
    if (!value_is_number(value)) {
        vm_raise(vm, ERR_TYPE, "%s expects a number of milliseconds, got %s", what, error_describe(vm, value));
        return false;
    }
    double ms = value_number(value);
    if (isnan(ms) || ms > 1e12) {
        vm_raise(vm, ERR_VALUE, "%s cannot wait %s milliseconds", what, error_describe(vm, value));
        return false;
    }
    *ns = ms <= 0 ? 0 : (uint64_t)(ms * 1e6);
    return true;
}

static NativeStatus builtin_sleep(NATIVE_ARGS) {
    (void)argc;
    uint64_t ns;
    if (!sched_milliseconds(vm, args[0], "sleep()", &ns)) return NATIVE_ERROR;
    task_park(vm, WAIT_SLEEP, NULL, result);
    timer_task(session_of(vm), vm->current, ns, TIMER_SLEEP);
    return NATIVE_PARK;
}

static NativeStatus timed_channel(Vm *vm, Value delay, bool repeated, Value *result) {
    uint64_t ns;
    if (!sched_milliseconds(vm, delay, repeated ? "every()" : "after()", &ns)) return NATIVE_ERROR;
    if (repeated && ns == 0) return vm_raise(vm, ERR_VALUE, "every() needs an interval of more than 0 milliseconds");
    Channel *channel = channel_new(vm, 1, true);
    timer_channel(session_of(vm), channel, ns, repeated ? ns : 0);
    NATIVE_RETURN(value_obj(channel));
}

static NativeStatus builtin_after(NATIVE_ARGS) {
    (void)argc;
    return timed_channel(vm, args[0], false, result);
}

static NativeStatus builtin_every(NATIVE_ARGS) {
    (void)argc;
    return timed_channel(vm, args[0], true, result);
}

/* ---- the program and its surroundings ---- */

static NativeStatus builtin_ask(NATIVE_ARGS) {
    (void)argc;
    return question_ask(vm, args[0].string, value_truthy(args[1]), result);
}

static NativeStatus builtin_exit(NATIVE_ARGS) {
    (void)argc;
    VintSession *session = session_of(vm);
    Task *task = vm->current;
    int code = native_given(args[0]) ? (int)(args[0].i & 255) : 0;
    task_park(vm, WAIT_EXIT, NULL, result);
    if (task->is_main) {
        task->cell->main_ended = true;
        task->cell->main_ended_at = session_now();
        task->cell->main = NULL;
        task->cell->abandoned = true;
    }
    session->host.exit(session->host.user, task->cell, code);
    return NATIVE_PARK;
}

static NativeStatus builtin_args(NATIVE_ARGS) {
    (void)args, (void)argc;
    const VintOptions *options = &session_of(vm)->options;
    Array *words = array_new(vm, options->args_length);
    for (size_t i = 0; i < options->args_length; i++) array_push(vm, words, value_obj(string_from(vm, options->args[i])));
    NATIVE_RETURN(value_obj(words));
}

static const NativeDef builtins[] = {
    {"send(channel: chan, value: any) -> null",
     "Sends a value to a channel; waits while there is no receiver and no room in its buffer.", builtin_send},
    {"receive(channel: chan) -> any",
     "The next value of a channel; waits for one. null when the channel is closed and drained.", builtin_receive},
    {"close(channel: chan) -> null",
     "Closes a channel: receivers get what is left, then null; sending becomes an error.", builtin_close},
    {"closed(channel: chan) -> bool", "Has close() been called on the channel?", builtin_closed},
    {"cap(channel: chan) -> int", "How many values the channel's buffer holds at most.", builtin_cap},
    {"sleep(ms: number) -> null", "Pauses the calling task for some milliseconds; the others go on.", builtin_sleep},
    {"after(ms: number) -> chan", "A channel that delivers one message after some milliseconds.", builtin_after},
    {"every(ms: number) -> chan", "A channel that delivers a message at each interval, until it is closed.", builtin_every},
    {"__ask(prompt: string, password: bool) -> string",
     "Asks the user for a line of text. null at the end of the input.", builtin_ask},
    {"exit(code: int = 0)", "Ends the program, or the notebook's session, at once.", builtin_exit},
    {"args() -> array", "The words after the script's name on the command line.", builtin_args},
    {0}};

static const NativeDef channel_methods[] = {
    {"send(value: any) -> null", "Sends a value to the channel, as send() does.", builtin_send},
    {"receive() -> any", "The next value of the channel, as receive() gives it.", builtin_receive},
    {"close() -> null", "Closes the channel, as close() does.", builtin_close},
    {"closed() -> bool", "Has the channel been closed?", builtin_closed},
    {"cap() -> int", "How many values the channel's buffer holds at most.", builtin_cap},
    {0}};

void sched_register(Vm *vm) {
    run_intrinsics[INTRINSIC_CHAN] = intrinsic_chan;
    run_intrinsics[INTRINSIC_SELECT] = select_intrinsic;
    native_register_builtins(vm, builtins);
    native_register_methods(vm, T_CHANNEL, channel_methods);
    tasks_register(vm);
    usage_register(vm);
}
