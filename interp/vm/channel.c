/*
 * channel.c -- what channels do, after Go's runtime/chan.go, without its locks: one thread runs all tasks.
 *
 * A value goes straight from sender to receiver when one of them waits: into the register where the receiver wants it.
 * Only when nobody waits does it go through the buffer. A sender that waits for room hands its value to the buffer the
 * moment a receiver makes room, so order is kept.
 *
 * A waiter that belongs to a select is one of several of the same task: waking the task takes the others out of their
 * queues and gives it the number of the case beside the value.
 */
#include "channel.h"

#include "array.h"
#include "error.h"
#include "gc.h"
#include "heap.h"
#include "proto.h"
#include "task.h"

Channel *channel_new(Vm *vm, uint32_t capacity, bool buffered) {
    Channel *channel = HEAP_NEW(vm, Channel, T_CHANNEL);
    channel->capacity = capacity;
    channel->buffered = buffered;
    channel->buffer = heap_raw(vm, capacity * sizeof(Value));
    uint32_t number = vm->current ? task_own_frame(vm->current) : 0;
    if (number > 0) {
        const Frame *frame = &vm->current->frames[number - 1];
        channel->origin = frame->closure->proto;
        channel->origin_pc = (uint32_t)(frame->pc - channel->origin->code);
    }
    return channel;
}

/* Wakes the task of [waiter]; [value] is what it receives (null for a sender). */
static void wake_waiter(Vm *vm, Waiter *waiter, Value value) {
    Task *task = waiter->task;
    if (waiter->case_index >= 0) {
        Array *chosen = array_new(vm, 2);
        array_push(vm, chosen, value_int(waiter->case_index));
        array_push(vm, chosen, value.tag == T_UNDEFINED ? NULL_VALUE : value);
        value = value_obj(chosen);
    } else if (value.tag == T_UNDEFINED && waiter->case_index != WAITER_LOOP) {
        value = NULL_VALUE;
    }
    task_wake(vm, task, value);
}

static void buffer_put(Vm *vm, Channel *channel, Value value) {
    uint32_t at = channel->head + channel->count;
    if (at >= channel->capacity) at -= channel->capacity;
    value_copy(&channel->buffer[at], &value);
    channel->count++;
    gc_write(vm, value);
}

static Value buffer_take(Channel *channel) {
    Value value = channel->buffer[channel->head];
    if (++channel->head == channel->capacity) channel->head = 0;
    channel->count--;
    return value;
}

ChannelResult channel_send(Vm *vm, Channel *channel, Value value) {
    if (channel->closed) return CHANNEL_CLOSED;
    if (channel->receivers.first) {
        wake_waiter(vm, channel->receivers.first, value);
        return CHANNEL_DONE;
    }
    if (channel->count < channel->capacity) {
        buffer_put(vm, channel, value);
        return CHANNEL_DONE;
    }
    return CHANNEL_WOULD_BLOCK;
}

/* Twice as large, the values from its start on. Senders that waited for room come first. */
static void grow(Vm *vm, Channel *channel) {
    uint32_t capacity = channel->capacity ? channel->capacity * 2 : 4;
    Value *buffer = heap_raw(vm, capacity * sizeof(Value));
    for (uint32_t i = 0; i < channel->count; i++) {
        value_copy(&buffer[i], &channel->buffer[(channel->head + i) % channel->capacity]);
    }
    heap_release(vm, channel->buffer, channel->capacity * sizeof(Value));
    channel->buffer = buffer;
    channel->capacity = capacity;
    channel->head = 0;
    while (channel->senders.first && channel->count < capacity) {
        buffer_put(vm, channel, channel->senders.first->value);
        wake_waiter(vm, channel->senders.first, NULL_VALUE);
    }
}

void channel_offer(Vm *vm, Channel *channel, Value value) {
    while (channel_send(vm, channel, value) == CHANNEL_WOULD_BLOCK) grow(vm, channel);
}

ChannelResult channel_receive(Vm *vm, Channel *channel, Value *value) {
    Waiter *sender = channel->senders.first;
    if (channel->count > 0) {
        *value = buffer_take(channel);
        if (sender) {
            buffer_put(vm, channel, sender->value);
            wake_waiter(vm, sender, NULL_VALUE);
        }
        return CHANNEL_DONE;
    }
    if (sender) {
        *value = sender->value;
        wake_waiter(vm, sender, NULL_VALUE);
        return CHANNEL_DONE;
    }
    return channel->closed ? CHANNEL_CLOSED : CHANNEL_WOULD_BLOCK;
}

void channel_close(Vm *vm, Channel *channel) {
    if (channel->closed) return;
    channel->closed = true;
    while (channel->receivers.first) wake_waiter(vm, channel->receivers.first, UNDEFINED_VALUE);
    while (channel->senders.first)
        task_inject(vm, channel->senders.first->task, error_new(vm, ERR_CHANNEL, "send on closed channel"));
}

bool channel_poll(Vm *vm, Channel *channel, Value *result) {
    switch (channel_receive(vm, channel, result)) {
    case CHANNEL_DONE:
        return true;
    case CHANNEL_CLOSED:
        *result = UNDEFINED_VALUE;
        return true;
    default:
        return false;
    }
}

void channel_wait(Vm *vm, Channel *channel, Value *result) {
    Task *task = vm->current;
    task_park(vm, WAIT_RECEIVE, channel, result);
    task->waiter.case_index = WAITER_LOOP;
    waiter_push(&channel->receivers, &task->waiter);
}
