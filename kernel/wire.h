/*
 * wire.h -- what a Jupyter message looks like on the wire.
 *
 * A message is a list of frames: identities, a delimiter, a signature (HMAC, in hex, over the four frames after it),
 * header, parent header, metadata and content as JSON, and buffers. This file turns frames into a Request and back;
 * it knows nothing of sockets and of what the messages mean.
 */
#ifndef KERNEL_WIRE_H
#define KERNEL_WIRE_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "replay.h"
#include "signer.h"

#define WIRE_PROTOCOL "5.6"
#define WIRE_DELIMITER "<IDS|MSG>"
#define WIRE_FRAMES_MAX 1024 /* a message of more frames is refused */

enum { WIRE_HEADER, WIRE_PARENT, WIRE_METADATA, WIRE_CONTENT, WIRE_SIGNED };
enum { DATE_LENGTH = 28, RANDOM_ID = 32 };

/* The five channels and their keys in a connection file. */
#define CHANNEL_LIST(X) \
    X(SHELL, "shell_port") \
    X(CONTROL, "control_port") \
    X(STDIN, "stdin_port") \
    X(IOPUB, "iopub_port") \
    X(HEARTBEAT, "hb_port")

typedef enum {
#define X(name, key) CHANNEL_##name,
    CHANNEL_LIST(X)
#undef X
    CHANNELS
} Channel;

/*
 * A message that came in. Shared between threads by reference counting and never changed, but for [content] and
 * [metadata], which belong to whoever handles the request.
 */
typedef struct Request {
    atomic_int references;
    Channel channel;
    int64_t arrived; /* clock_now() */
    Slice *identities;
    size_t identity_count;
    Slice header; /* the bytes as they came: the parent header of every answer */
    const char *id, *type;
    const char *reply;    /* the type of its reply: "x_reply" for an "x_request"; NULL: it has none */
    const char *subshell; /* the id of the subshell that it is for; empty: the main shell */
    json_t *parent, *metadata, *content; /* objects */
    Slice *buffers;                      /* what comes behind these */
    size_t buffer_count;
} Request;

/*
 * Makes a request of frames, with one reference that is the caller's. Nothing of the frames is kept. Returns NULL, or
 * why the message is refused; then [*request] is NULL.
 */
const char *wire_parse(const Signer *signer, Replay *replay, const Slice *frames, size_t count, Request **request);

/* One reference more; one less: the last one frees it. On any thread; NULL may be released. */
Request *request_keep(Request *request);
void request_release(Request *request);

/* Prints the header of a message of this kernel: [number] makes its id unique, and wire_id() prints that id alone. */
void wire_header(Buffer *out, const char *session, uint64_t number, const char *type);
void wire_id(Buffer *out, const char *session, uint64_t number);

/* Makes an id that nobody else has: RANDOM_ID hexadecimal digits and a NUL. */
void wire_random_id(char id[RANDOM_ID + 1]);

/* Now, in UTC, as messages write it. */
void wire_date(char date[DATE_LENGTH + 1]);

#endif
