/*
 * outbox.c -- messages on their way out.
 *
 * A wake-up of the sleeping wire thread costs more than making a message does, so it must happen once for a batch and
 * never for a thread that is awake. [sleeping_until] makes both sure: the wire thread publishes when it will wake up
 * *before* it looks into the line for the last time; whoever puts something in looks at [sleeping_until] *after* that,
 * takes it back to "awake" in one atomic step, and only the one that did writes to the descriptor. Either the last look
 * sees the message, or the message's owner sees that the thread sleeps.
 */
#include "outbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"

#define ROOM_FULL (16u << 20) /* bytes of bulk in the line at which a cell has to wait … */
#define ROOM_FREE (8u << 20)  /* … and at which it goes on */
#define MESSAGE_COST 512      /* bytes that a message takes beside its text, more or less */
#define AWAKE 0

static struct {
    pthread_mutex_t lock;
    pthread_cond_t room;
    Message *first, **end;
    size_t bulk;
    atomic_uint_fast64_t numbers;
    atomic_int_fast64_t sleeping_until;
    int descriptor;
} outbox = {.lock = PTHREAD_MUTEX_INITIALIZER, .room = PTHREAD_COND_INITIALIZER, .descriptor = -1};

static _Thread_local bool holding; /* this thread's messages wake nobody */

Message *message_new(Channel channel, const char *type, Request *parent) {
    Message *message = memory_zeroed(sizeof *message);
    message->channel = channel;
    message->type = type;
    message->number = atomic_fetch_add(&outbox.numbers, 1) + 1;
    message->parent = parent ? request_keep(parent) : NULL;
    return message;
}

void message_free(Message *message) {
    request_release(message->parent);
    free((char *)message->topic.data);
    buffer_free(&message->metadata);
    buffer_free(&message->content);
    for (size_t i = 0; i < message->buffer_count; i++) free((char *)message->buffers[i].data);
    free(message->buffers);
    free(message);
}

size_t message_bulk(const Message *message) {
    if (!message->bulk) return 0;
    size_t size = MESSAGE_COST + message->content.length;
    for (size_t i = 0; i < message->buffer_count; i++) size += message->buffers[i].length;
    return size;
}

void outbox_open(void) {
    outbox.first = NULL;
    outbox.end = &outbox.first;
    outbox.descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (outbox.descriptor < 0) abort();
}

void outbox_close(void) {
    for (Message *message = outbox_take(), *next; message; message = next) {
        next = message->next;
        message_free(message);
    }
    close(outbox.descriptor);
    outbox.descriptor = -1;
}

void outbox_wake_by(int64_t when) {
    int64_t until = atomic_load(&outbox.sleeping_until);
    while (when < until) {
        if (atomic_compare_exchange_weak(&outbox.sleeping_until, &until, AWAKE)) {
            eventfd_write(outbox.descriptor, 1);
            return;
        }
    }
}

void outbox_push(Message *message) {
    pthread_mutex_lock(&outbox.lock);
    *outbox.end = message;
    outbox.end = &message->next;
    outbox.bulk += message_bulk(message);
    pthread_mutex_unlock(&outbox.lock);
    if (!holding) outbox_wake_by(0);
}

void outbox_hold(void) {
    holding = true;
}

void outbox_release(bool wake) {
    holding = false;
    if (wake) outbox_wake_by(0);
}

void outbox_say(Channel channel, const char *type, Request *parent, const char *content) {
    Message *message = message_new(channel, type, parent);
    buffer_text(&message->content, content);
    outbox_push(message);
}

void outbox_reply(Request *request, const char *type, const char *content) {
    outbox_say(request->channel, type, request, content);
}

void outbox_status(Request *parent, const char *state) {
    Message *message = message_new(CHANNEL_IOPUB, "status", parent);
    buffer_text(&message->content, "{\"execution_state\":\"");
    buffer_text(&message->content, state);
    buffer_text(&message->content, "\"}");
    outbox_push(message);
}

void outbox_wait_for_room(void) {
    pthread_mutex_lock(&outbox.lock);
    if (outbox.bulk >= ROOM_FULL) {
        outbox_wake_by(0);
        while (outbox.bulk > ROOM_FREE) pthread_cond_wait(&outbox.room, &outbox.lock);
    }
    pthread_mutex_unlock(&outbox.lock);
}

int outbox_descriptor(void) {
    return outbox.descriptor;
}

Message *outbox_take(void) {
    pthread_mutex_lock(&outbox.lock);
    Message *list = outbox.first;
    outbox.first = NULL;
    outbox.end = &outbox.first;
    pthread_mutex_unlock(&outbox.lock);
    return list;
}

void outbox_sent(size_t bulk) {
    if (bulk == 0) return;
    pthread_mutex_lock(&outbox.lock);
    outbox.bulk -= bulk;
    if (outbox.bulk <= ROOM_FREE) pthread_cond_broadcast(&outbox.room);
    pthread_mutex_unlock(&outbox.lock);
}

bool outbox_sleep(int64_t when) {
    atomic_store(&outbox.sleeping_until, when);
    pthread_mutex_lock(&outbox.lock);
    bool empty = outbox.first == NULL;
    pthread_mutex_unlock(&outbox.lock);
    if (!empty) atomic_store(&outbox.sleeping_until, AWAKE);
    return empty;
}

void outbox_awake(bool woken) {
    eventfd_t ignored;
    atomic_store(&outbox.sleeping_until, AWAKE);
    if (woken) eventfd_read(outbox.descriptor, &ignored);
}
