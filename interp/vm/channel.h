/*
 * channel.h -- channels: their layout, and what can be done with them at once.
 *
 * A task that has to wait is put into a queue here by the scheduler (sched/natives.c, select.c).
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "value.h"
#include "waiter.h"

/*
 * Invariants: at most one of the two queues is not empty; senders wait only when the buffer is full, receivers only
 * when it is empty and the channel open.
 */
struct Channel {
    Obj obj;
    uint32_t capacity;         /* 0: unbuffered */
    uint32_t count, head;      /* the buffer is a ring: buffer[(head + i) % capacity] */
    bool closed, buffered;     /* buffered: made as chan(n), for the print form */
    bool timer;                /* of after() or every(): keeps nothing alive */
    uint32_t origin_pc;
    Proto *origin;             /* the program's code that made it, for reports; NULL: none did */
    Value *buffer;             /* raw block of [capacity] */
    WaitQueue senders, receivers;
};

/* [capacity] 0: unbuffered. */
Channel *channel_new(Vm *vm, uint32_t capacity, bool buffered);

/* Sends at once if it can be done without waiting. */
typedef enum { CHANNEL_DONE, CHANNEL_WOULD_BLOCK, CHANNEL_CLOSED } ChannelResult;
ChannelResult channel_send(Vm *vm, Channel *channel, Value value);

/* Sends without waiting, whatever the capacity says: the buffer grows when it is full. Nothing, when the channel is
 * closed. */
void channel_offer(Vm *vm, Channel *channel, Value value);

/* Receives at once if it can be done without waiting; from a closed and drained channel nothing. */
ChannelResult channel_receive(Vm *vm, Channel *channel, Value *value);

/* Wakes everybody who waits: receivers with null, senders with an error. */
void channel_close(Vm *vm, Channel *channel);

/* For `for v in channel`: channel_poll() gives the next value, UNDEFINED at the end, or false: then channel_wait()
 * parks the running task, and [result] will hold the one or the other. */
bool channel_poll(Vm *vm, Channel *channel, Value *result);
void channel_wait(Vm *vm, Channel *channel, Value *result);

#endif
