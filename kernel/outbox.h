/*
 * outbox.h -- messages on their way out, in one line, whoever says them.
 *
 * Any thread puts messages in; the wire thread takes them out and sends them, in order. The wire thread sleeps until
 * something comes or until a moment it has chosen; the outbox wakes it early when need be.
 */
#ifndef KERNEL_OUTBOX_H
#define KERNEL_OUTBOX_H

#include "wire.h"

/* One outgoing message. Its content is JSON text; that of a stream message is the bare text until it is sent. */
typedef struct Message {
    struct Message *next;
    Channel channel;
    const char *type;   /* lives as long as the message does: a literal, or a text of [parent] */
    const char *stream; /* "stdout" or "stderr" for a stream message, else NULL */
    bool bulk;          /* output, of which there may be much: it has to wait for slow clients */
    uint64_t number;    /* wire_id() */
    Request *parent;    /* owned reference; NULL: none */
    Slice topic;        /* of an IOPub message; empty: the usual one. Owned */
    Buffer metadata;    /* empty: {} */
    Buffer content;
    Slice *buffers;     /* frames behind the content, as malloc'ed copies in a malloc'ed array; owned */
    size_t buffer_count;
} Message;

/* [parent] may be NULL; a reference of its own is taken. Replies go to [parent]'s identities. */
Message *message_new(Channel channel, const char *type, Request *parent);
void message_free(Message *message);

/* The bytes of a bulk message; 0 of any other. */
size_t message_bulk(const Message *message);

/* Before any other thread starts, and after all have ended: what was not sent is freed. */
void outbox_open(void);
void outbox_close(void);

/* Takes the message over. */
void outbox_push(Message *message);

/* The usual ways to say something: content as JSON text. */
void outbox_say(Channel channel, const char *type, Request *parent, const char *content);
void outbox_reply(Request *request, const char *type, const char *content);
void outbox_status(Request *parent, const char *state);

/*
 * From outbox_hold() on, what the calling thread puts into the line wakes nobody: for messages that belong together. It
 * ends with sockets_send(), or with this. [wake]: the wire thread is to send them.
 */
void outbox_hold(void);
void outbox_release(bool wake);

/* Sees to it that the wire thread looks around no later than [when] (clock_now(); 0: at once). */
void outbox_wake_by(int64_t when);

/* Waits while too much bulk is in the line: holds back a cell that says more than clients can read. */
void outbox_wait_for_room(void);

/* For the wire thread: */
int outbox_descriptor(void);          /* readable when the thread was woken */
Message *outbox_take(void);           /* everything in the line, as a list */
void outbox_sent(size_t bulk);        /* so many bytes of bulk have left */
/* Says that the thread is about to sleep until [when]; false: don't, something came. */
bool outbox_sleep(int64_t when);
void outbox_awake(bool woken); /* [woken]: the descriptor is readable */

#endif
