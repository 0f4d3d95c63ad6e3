/*
 * fuzz_wire.c -- throws bytes at what stands first behind the sockets.
 *
 * The input is cut into frames at each byte 0xFE. It is tried as it is, where nothing may get past the signature, and
 * as the signed part of a message, where anything may come up that a client with the key could send. Every text is
 * also printed as a JSON string, which has to be valid.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/wire.h"

static Signer *signer, *unsigned_signer;
static Replay *replay;

static void check(int condition) {
    if (!condition) abort();
}

static size_t cut(const char *data, size_t size, Slice *frames, size_t limit) {
    size_t count = 0;
    while (count < limit) {
        const char *end = memchr(data, 0xFE, size);
        frames[count++] = (Slice){data, end ? (size_t)(end - data) : size};
        if (!end) break;
        size -= (size_t)(end + 1 - data);
        data = end + 1;
    }
    return count;
}

static void print_and_parse(const char *data, size_t size) {
    Buffer out = {0};
    buffer_json(&out, data, size);
    json_t *value = json_loadb(out.data, out.length, JSON_DECODE_ANY, NULL);
    check(json_is_string(value));
    json_decref(value);
    buffer_free(&out);
    size_t unfinished = utf8_unfinished(data, size);
    check(unfinished <= 3 && unfinished <= size);
    check(utf8_offset(data, size, utf8_count(data, size)) == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (!signer) {
        signer = signer_new("hmac-sha256", "key");
        unsigned_signer = signer_new("hmac-sha256", "");
        replay = replay_new();
    }
    const char *data = (const char *)bytes;
    Slice frames[WIRE_FRAMES_MAX];
    Request *request;
    size_t count = cut(data, size, frames, WIRE_FRAMES_MAX);
    check(wire_parse(signer, replay, frames, count, &request) != NULL && !request);

    Slice message[2 + WIRE_SIGNED] = {{WIRE_DELIMITER, sizeof WIRE_DELIMITER - 1}, {"", 0}};
    for (size_t i = 0; i < WIRE_SIGNED; i++) message[2 + i] = i < count ? frames[i] : (Slice){"{}", 2};
    const char *refused = wire_parse(unsigned_signer, replay, message, 2 + WIRE_SIGNED, &request);
    check((refused == NULL) == (request != NULL));
    if (request) {
        check(request->header.length == message[2].length);
        check(json_is_object(request->content) && json_is_object(request->metadata));
    }
    request_release(request);
    print_and_parse(data, size);
    return 0;
}
