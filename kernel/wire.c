/*
 * wire.c -- frames to requests and back.
 *
 * The signature is checked over the bytes as they came, before any of them is parsed: who does not have the key
 * reaches an HMAC and a comparison, and no parser.
 */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- Requests ---- */

Request *request_keep(Request *request) {
    atomic_fetch_add_explicit(&request->references, 1, memory_order_relaxed);
    return request;
}

void request_release(Request *request) {
    if (!request || atomic_fetch_sub_explicit(&request->references, 1, memory_order_acq_rel) > 1) return;
    json_decref(request->parent);
    json_decref(request->metadata);
    json_decref(request->content);
    free(request);
}

static json_t *parse_object(Slice text) {
    json_t *value = json_loadb(text.data, text.length, JSON_ALLOW_NUL, NULL);
    if (value && !json_is_object(value)) {
        json_decref(value);
        value = NULL;
    }
    return value;
}

/* Copies bytes into a block, at [end], which moves behind them and a NUL. */
static const char *put(char **end, const char *bytes, size_t length) {
    char *start = *end;
    *end = mempcpy(start, bytes, length) + 1;
    start[length] = '\0';
    return start;
}

/* The same for frames: an array at [slices], their bytes at [end]. */
static void put_frames(Slice *slices, char **end, const Slice *frames, size_t count) {
    for (size_t i = 0; i < count; i++) slices[i] = (Slice){put(end, frames[i].data, frames[i].length), frames[i].length};
}

/*
 * One block holds the request, the frames of it that are kept as they are, and the texts that stand in the header. The
 * delimiter is frame number [at].
 */
static Request *request_new(const Slice *frames, size_t at, size_t count, const char *id, const char *type,
                            const char *subshell) {
    static const char question[] = "_request", answer[] = "_reply";
    Slice header = frames[at + 2 + WIRE_HEADER];
    const Slice *buffers = frames + at + 2 + WIRE_SIGNED;
    size_t buffer_count = count - at - 2 - WIRE_SIGNED;
    size_t type_length = strlen(type);
    size_t size = sizeof(Request) + (at + buffer_count) * (sizeof(Slice) + 1);
    for (size_t i = 0; i < at; i++) size += frames[i].length;
    for (size_t i = 0; i < buffer_count; i++) size += buffers[i].length;
    size += header.length + strlen(id) + 2 * type_length + strlen(subshell) + 5;

    Request *request = memory_zeroed(size);
    request->references = 1;
    request->identities = (Slice *)(request + 1);
    request->identity_count = at;
    request->buffers = request->identities + at;
    request->buffer_count = buffer_count;
    char *end = (char *)(request->buffers + buffer_count);
    put_frames(request->identities, &end, frames, at);
    put_frames(request->buffers, &end, buffers, buffer_count);
    request->header = (Slice){put(&end, header.data, header.length), header.length};
    request->id = put(&end, id, strlen(id));
    request->type = put(&end, type, type_length);
    request->subshell = put(&end, subshell, strlen(subshell));
    size_t stem = type_length - (sizeof question - 1);
    if (type_length > sizeof question - 1 && strcmp(type + stem, question) == 0) {
        request->reply = strcpy(mempcpy(end, type, stem), answer) - stem;
    }
    return request;
}

/* The first 64 bits of a signature in hex. */
static uint64_t digest_start(const char *hex) {
    char start[17] = {0};
    memcpy(start, hex, 16);
    return strtoull(start, NULL, 16);
}

static const char *check_signature(const Signer *signer, Replay *replay, Slice signature, const Slice *parts) {
    char expected[SIGNATURE_MAX + 1];
    size_t length = signer_sign(signer, parts, WIRE_SIGNED, expected);
    if (length == 0) return NULL;
    if (!signer_same(signature, expected, length)) return "wrong signature";
    if (!replay_note(replay, digest_start(expected))) return "message was sent before";
    return NULL;
}

const char *wire_parse(const Signer *signer, Replay *replay, const Slice *frames, size_t count, Request **request) {
    static const Slice delimiter = {WIRE_DELIMITER, sizeof WIRE_DELIMITER - 1};
    *request = NULL;
    size_t at = 0;
    while (at < count && (frames[at].length != delimiter.length ||
                          memcmp(frames[at].data, delimiter.data, delimiter.length) != 0)) {
        at++;
    }
    if (at == count) return "no delimiter";
    if (count - at < 2 + WIRE_SIGNED) return "too few frames";
    const Slice *parts = frames + at + 2;
    const char *refused = check_signature(signer, replay, frames[at + 1], parts);
    if (refused) return refused;

    json_t *header = parse_object(parts[WIRE_HEADER]);
    const char *id = json_string_value(json_object_get(header, "msg_id"));
    const char *type = json_string_value(json_object_get(header, "msg_type"));
    json_t *subshell = json_object_get(header, "subshell_id");
    if (!header) {
        refused = "header is not a JSON object";
    } else if (!id || !type || !json_is_string(json_object_get(header, "session"))) {
        refused = "header lacks msg_id, msg_type or session";
    } else if (subshell && !json_is_string(subshell) && !json_is_null(subshell)) {
        refused = "subshell_id is not a string";
    } else {
        *request = request_new(frames, at, count, id, type, json_is_string(subshell) ? json_string_value(subshell) : "");
        (*request)->parent = parse_object(parts[WIRE_PARENT]);
        (*request)->metadata = parse_object(parts[WIRE_METADATA]);
        (*request)->content = parse_object(parts[WIRE_CONTENT]);
        if (!(*request)->parent || !(*request)->metadata || !(*request)->content) {
            refused = "parent header, metadata or content is not a JSON object";
            request_release(*request);
            *request = NULL;
        }
    }
    json_decref(header);
    return refused;
}

/* ---- Messages of this kernel ---- */

/* Each thread keeps the second that it printed last: most messages come in the same one. */
void wire_date(char date[DATE_LENGTH + 1]) {
    static __thread time_t second = -1;
    static __thread char text[sizeof "2026-01-01T00:00:00"];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != second) {
        struct tm utc;
        second = now.tv_sec;
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&second, &utc));
    }
    char *end = stpcpy(stpcpy(date, text), ".000000Z") - 2;
    for (long us = now.tv_nsec / 1000; us; us /= 10) *end-- = (char)('0' + us % 10);
}

void wire_random_id(char id[RANDOM_ID + 1]) {
    unsigned char random[RANDOM_ID / 2];
    if (getentropy(random, sizeof random) != 0) memset(random, 0, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) sprintf(id + 2 * i, "%02x", random[i]);
}

void wire_id(Buffer *out, const char *session, uint64_t number) {
    buffer_text(out, session);
    buffer_text(out, "_");
    buffer_number(out, number);
}

void wire_header(Buffer *out, const char *session, uint64_t number, const char *type) {
    char date[DATE_LENGTH + 1];
    wire_date(date);
    buffer_text(out, "{\"msg_id\":\"");
    wire_id(out, session, number);
    buffer_text(out, "\",\"msg_type\":\"");
    buffer_text(out, type);
    buffer_text(out, "\",\"username\":\"kernel\",\"session\":\"");
    buffer_text(out, session);
    buffer_text(out, "\",\"date\":\"");
    buffer_text(out, date);
    buffer_text(out, "\",\"version\":\"" WIRE_PROTOCOL "\"}");
}
