/*
 * frames.c -- a message of ours, as frames on a ZeroMQ socket.
 *
 * Small frames are copied by ZeroMQ. Large ones are lent to it, and what is lent of output is counted: the wire thread
 * holds output back when there is too much.
 */
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#define LOAN_MIN (16u << 10) /* bytes of content that are worth not copying */

static atomic_long in_flight; /* bytes of bulk in ZeroMQ's hands */

long frames_in_flight(void) {
    return atomic_load(&in_flight);
}

/* Memory that ZeroMQ sends without a copy, and gives back when the last client has got it. */
typedef struct {
    char *data;
    long counted; /* in in_flight */
} Loan;

static void end_loan(void *data, void *hint) {
    (void)data;
    Loan *loan = hint;
    atomic_fetch_sub(&in_flight, loan->counted);
    free(loan->data);
    free(loan);
}

/* Sends a frame and takes its memory over. */
static void lend(void *socket, char *data, size_t length, long counted, int flags) {
    zmq_msg_t frame;
    Loan *loan = memory_new(sizeof *loan);
    *loan = (Loan){data, counted};
    atomic_fetch_add(&in_flight, counted);
    zmq_msg_init_data(&frame, data, length, end_loan, loan);
    if (zmq_msg_send(&frame, socket, flags) < 0) zmq_msg_close(&frame);
}

static void send_content(void *socket, Message *message, size_t bulk) {
    int flags = ZMQ_DONTWAIT | (message->buffer_count ? ZMQ_SNDMORE : 0);
    if (!bulk && message->content.length < LOAN_MIN) {
        zmq_send(socket, message->content.data, message->content.length, flags);
        return;
    }
    Buffer content = message->content;
    message->content = (Buffer){0};
    lend(socket, content.data, content.length, (long)bulk, flags);
}

static void send_buffers(void *socket, Message *message) {
    for (size_t i = 0; i < message->buffer_count; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < message->buffer_count ? ZMQ_SNDMORE : 0);
        Slice buffer = message->buffers[i];
        message->buffers[i] = (Slice){0};
        lend(socket, (char *)buffer.data, buffer.length, 0, flags);
    }
}

bool frames_send_address(void *socket, const Message *message, const char *session) {
    if (message->channel != CHANNEL_IOPUB) {
        for (size_t i = 0; i < message->parent->identity_count; i++) {
            Slice identity = message->parent->identities[i];
            if (zmq_send(socket, identity.data, identity.length, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) return false;
        }
        return true;
    }
    if (message->topic.data) {
        return zmq_send(socket, message->topic.data, message->topic.length, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;
    }
    char topic[128];
    int length = snprintf(topic, sizeof topic, "kernel.%s.%s", session, message->type);
    return zmq_send(socket, topic, (size_t)length, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;
}

/* Makes JSON of the text of a stream message. */
static void print_stream(Message *message) {
    if (!message->stream) return;
    Buffer text = message->content;
    message->content = (Buffer){0};
    buffer_text(&message->content, "{\"name\":\"");
    buffer_text(&message->content, message->stream);
    buffer_text(&message->content, "\",\"text\":");
    buffer_json(&message->content, text.data, text.length);
    buffer_text(&message->content, "}");
    buffer_free(&text);
}

void frames_send_rest(void *socket, Message *message, const char *session, const Signer *signer) {
    static Buffer header;
    size_t bulk = message_bulk(message);
    char signature[SIGNATURE_MAX + 1];
    buffer_clear(&header);
    wire_header(&header, session, message->number, message->type);
    print_stream(message);
    Slice parts[WIRE_SIGNED] = {
        [WIRE_HEADER] = {header.data, header.length},
        [WIRE_PARENT] = message->parent ? message->parent->header : (Slice){"{}", 2},
        [WIRE_METADATA] = message->metadata.length ? (Slice){message->metadata.data, message->metadata.length}
                                                   : (Slice){"{}", 2},
        [WIRE_CONTENT] = {message->content.data, message->content.length},
    };
    size_t length = signer_sign(signer, parts, WIRE_SIGNED, signature);
    zmq_send_const(socket, WIRE_DELIMITER, sizeof WIRE_DELIMITER - 1, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    zmq_send(socket, signature, length, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    for (int i = 0; i < WIRE_CONTENT; i++) {
        zmq_send(socket, parts[i].data, parts[i].length, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    }
    send_content(socket, message, bulk);
    send_buffers(socket, message);
}
