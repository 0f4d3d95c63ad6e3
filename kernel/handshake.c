/*
 * handshake.c -- tells a launcher which ports the kernel has chosen.
 *
 * Both messages are the delimiter, a signature, and one part that is signed. What the answer says does not matter: it
 * comes from who has the key.
 */
#include "handshake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "files.h"

#define ANSWER_MS 5000
#define LINGER_MS 1000
#define ANSWER_MAX 1024 /* bytes of a part */

bool handshake_is_wanted(const Connection *connection) {
    return json_object_get(connection->file, "registration_ip") != NULL;
}

/* An id becomes part of a file's name. */
static bool is_id(const char *id) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    return id && *id && strlen(id) <= 128 && strspn(id, allowed) == strlen(id);
}

static bool read_endpoint(const Connection *connection, char *endpoint, size_t size) {
    const json_t *port = json_object_get(connection->file, "registration_port");
    const char *ip = json_string_value(json_object_get(connection->file, "registration_ip"));
    const char *form = strcmp(connection->transport, "ipc") == 0 ? "ipc://%s-%d" : "tcp://%s:%d";
    int number = connection_port_number(port);
    if (!ip || number <= 0) return false;
    snprintf(endpoint, size, form, ip, number);
    return true;
}

static bool send_ports(void *socket, const Signer *signer, const Connection *connection, const char *id) {
    Buffer text = {0};
    char signature[SIGNATURE_MAX + 1];
    buffer_format(&text, "{\"kernel_id\":\"%s\"", id);
#define X(name, key) buffer_format(&text, ",\"" key "\":\"%d\"", connection->port[CHANNEL_##name]);
    CHANNEL_LIST(X)
#undef X
    buffer_text(&text, "}");
    size_t length = signer_sign(signer, &(Slice){text.data, text.length}, 1, signature);
    bool sent = zmq_send(socket, WIRE_DELIMITER, sizeof WIRE_DELIMITER - 1, ZMQ_SNDMORE) >= 0 &&
                zmq_send(socket, signature, length, ZMQ_SNDMORE) >= 0 &&
                zmq_send(socket, text.data, text.length, 0) >= 0;
    buffer_free(&text);
    return sent;
}

/* Waits for the answer; NULL, or what is wrong with it. Frames before the delimiter are an address. */
static const char *receive_answer(void *socket, const Signer *signer) {
    char parts[2][ANSWER_MAX], expected[SIGNATURE_MAX + 1];
    int lengths[2] = {0}, count = -1 /* of parts; -1: there was no delimiter yet */, more = 1;
    while (more) {
        char frame[ANSWER_MAX];
        int length = zmq_recv(socket, frame, sizeof frame, 0);
        if (length < 0) return errno == EAGAIN ? "no answer" : zmq_strerror(errno);
        if (length > ANSWER_MAX || count == 2) return "an answer that is too long";
        if (count >= 0) {
            memcpy(parts[count], frame, (size_t)length);
            lengths[count++] = length;
        } else if (length == sizeof WIRE_DELIMITER - 1 && memcmp(frame, WIRE_DELIMITER, (size_t)length) == 0) {
            count = 0;
        }
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &(size_t){sizeof more});
    }
    size_t size = signer_sign(signer, &(Slice){parts[1], (size_t)lengths[1]}, 1, expected);
    bool right = signer_same((Slice){parts[0], (size_t)lengths[0]}, expected, size);
    return right ? NULL : "an answer with a wrong signature";
}

/* The connection file gets the name that frontends look for, in the folder where they look. */
static void name_file(Connection *connection, const char *id) {
    const char *folder = getenv("JUPYTER_RUNTIME_DIR");
    Buffer path = {0};
    if (folder && *folder) {
        buffer_text(&path, folder);
    } else {
        files_jupyter_data(&path);
        buffer_text(&path, "/runtime");
    }
    buffer_format(&path, "/kernel-%s.json", id);
    buffer_add(&path, "", 1);
    files_make_folders(path.data, 0700); /* if not, writing the file tells why */
    connection->created = strcmp(path.data, connection->path) != 0;
    free(connection->path);
    connection->path = path.data;
    json_object_set_new(connection->file, "ip", json_string(connection->ip));
    connection->ip = json_string_value(json_object_get(connection->file, "ip"));
}

/* Speaks with the registration socket; NULL, or what went wrong. */
static const char *talk(const Connection *connection, const char *endpoint, const char *id) {
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_DEALER);
    Signer *signer = signer_new(connection->scheme, connection->key);
    const char *wrong = NULL;
    zmq_setsockopt(socket, ZMQ_LINGER, &(int){LINGER_MS}, sizeof(int));
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &(int){ANSWER_MS}, sizeof(int));
    if (zmq_connect(socket, endpoint) != 0 || !send_ports(socket, signer, connection, id)) {
        wrong = zmq_strerror(errno);
    } else {
        wrong = receive_answer(socket, signer);
    }
    signer_free(signer);
    zmq_close(socket);
    zmq_ctx_term(context);
    return wrong;
}

bool handshake_register(Connection *connection, char why[CONNECTION_WHY]) {
    char endpoint[256];
    const char *id = json_string_value(json_object_get(connection->file, "kernel_id"));
    if (!is_id(id) || !read_endpoint(connection, endpoint, sizeof endpoint)) {
        snprintf(why, CONNECTION_WHY, "%s: registration needs kernel_id, registration_ip, registration_port",
                 connection->path);
        return false;
    }
    const char *wrong = talk(connection, endpoint, id);
    if (wrong) {
        snprintf(why, CONNECTION_WHY, "registration at %s: %s", endpoint, wrong);
        return false;
    }
    name_file(connection, id);
    return true;
}
