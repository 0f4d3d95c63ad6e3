/*
 * select.c -- waiting for the first of several channels.
 *
 * If some cases can go on at once, one of them is picked at random, so that none starves the others. Otherwise, unless
 * there is a default case, the task waits in the queue of every channel, with a waiter for each case, and for the
 * nearest of its timeouts; the one that wakes it takes it out of the other queues (task_unlink).
 */
#include "natives.h"
#include "session.h"
#include "timer.h"
#include "vm/array.h"
#include "vm/channel.h"
#include "vm/heap.h"
#include "vm/task.h"
#include "vm/waiter.h"

typedef enum { CASE_RECEIVE = 'r', CASE_SEND = 's', CASE_TIMEOUT = 't', CASE_DEFAULT = 'd' } CaseKind;

/* xorshift64*: deterministic from the session's seed. */
static uint32_t random_below(VintSession *session, uint32_t limit) {
    uint64_t x = session->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    session->random = x;
    return (uint32_t)((x * 0x2545f4914f6cdd1du >> 32) % limit);
}

static bool is_ready(CaseKind kind, const Channel *channel) {
    if (kind == CASE_RECEIVE) return channel->count > 0 || channel->senders.first || channel->closed;
    return channel->closed || channel->receivers.first || channel->count < channel->capacity;
}

NativeStatus select_choice(Vm *vm, int index, Value value, Value *result) {
    Array *chosen = array_new(vm, 2);
    array_push(vm, chosen, value_int(index));
    array_push(vm, chosen, value);
    NATIVE_RETURN(value_obj(chosen));
}

static NativeStatus take_case(Vm *vm, CaseKind kind, int index, const Value *pair, Value *result) {
    Value value = NULL_VALUE;
    if (kind == CASE_RECEIVE) {
        if (channel_receive(vm, pair[0].channel, &value) != CHANNEL_DONE) value = NULL_VALUE;
    } else if (channel_send(vm, pair[0].channel, pair[1]) == CHANNEL_CLOSED) {
        return vm_raise(vm, ERR_CHANNEL, "send on closed channel");
    }
    return select_choice(vm, index, value, result);
}

NativeStatus select_intrinsic(NATIVE_ARGS) {
    VintSession *session = session_of(vm);
    const String *kinds = args[0].string;
    Value *pairs = args + 1;
    int count = (int)kinds->length, ready = 0, chosen = -1, default_case = -1;
    (void)argc;
    for (int i = 0; i < count; i++) {
        CaseKind kind = (CaseKind)kinds->bytes[i];
        Value *pair = &pairs[2 * i];
        if (kind == CASE_DEFAULT) {
            default_case = i;
            continue;
        }
        if (kind == CASE_TIMEOUT) continue;
        if (pair->tag != T_CHANNEL)
            return vm_raise(vm, ERR_TYPE, "a case of select needs a channel, got %s", error_describe(vm, *pair));
        if (is_ready(kind, pair->channel) && random_below(session, (uint32_t)++ready) == 0) chosen = i;
    }
    if (chosen >= 0) return take_case(vm, (CaseKind)kinds->bytes[chosen], chosen, &pairs[2 * chosen], result);
    if (default_case >= 0) return select_choice(vm, default_case, NULL_VALUE, result);

    Array *channels = array_new(vm, (size_t)count);
    int timeout = -1;
    uint64_t nearest = 0;
    for (int i = 0; i < count; i++) {
        Value *pair = &pairs[2 * i];
        array_push(vm, channels, pair[0]);
        if (kinds->bytes[i] != CASE_TIMEOUT) continue;
        uint64_t ns;
        if (!sched_milliseconds(vm, pair[1], "after()", &ns)) return NATIVE_ERROR;
        if (timeout >= 0 && nearest <= ns) continue;
        timeout = i;
        nearest = ns;
    }
    Task *task = vm->current;
    task_park(vm, WAIT_SELECT, channels, result);
    task->case_count = (uint32_t)count;
    task->cases = heap_raw(vm, (size_t)count * sizeof(Waiter));
    for (int i = 0; i < count; i++) {
        bool sends = kinds->bytes[i] == CASE_SEND;
        task->cases[i] =
            (Waiter){.task = task, .case_index = i, .value = sends ? pairs[2 * i + 1] : NULL_VALUE};
        if (kinds->bytes[i] == CASE_TIMEOUT) continue;
        Channel *channel = channels->items[i].channel;
        gc_write(vm, task->cases[i].value);
        waiter_push(sends ? &channel->senders : &channel->receivers, &task->cases[i]);
    }
    if (timeout >= 0) timer_task(session, task, nearest, timeout);
    return NATIVE_PARK;
}
