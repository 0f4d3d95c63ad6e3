/*
 * connection.c -- the connection file.
 *
 * Ports may be numbers or strings of digits, keys that nobody here knows are kept, and a file is replaced whole, by
 * renaming: a frontend never reads half of one.
 */
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "buffer.h"

static const char *const port_keys[CHANNELS] = {
#define X(name, key) [CHANNEL_##name] = key,
    CHANNEL_LIST(X)
#undef X
};

static json_t *invent(void) {
    unsigned char random[16];
    char key[sizeof random * 2 + 1];
    if (getentropy(random, sizeof random)) abort();
    for (size_t i = 0; i < sizeof random; i++) snprintf(key + 2 * i, 3, "%02x", random[i]);
    return json_pack("{ss ss ss ss ss}", "transport", "tcp", "ip", "127.0.0.1", "key", key, "signature_scheme",
                     "hmac-sha256", "kernel_name", "vint");
}

int connection_port_number(const json_t *value) {
    long port = 0;
    if (json_is_integer(value)) {
        json_int_t integer = json_integer_value(value);
        port = integer < 0 || integer > 65535 ? -1 : (long)integer;
    } else if (json_is_string(value)) {
        char *end;
        port = strtol(json_string_value(value), &end, 10);
        if (*end || end == json_string_value(value)) port = -1;
    } else if (value) {
        port = -1;
    }
    return port < 0 || port > 65535 ? -1 : (int)port;
}

/* The text under [key], or [absent] when there is none; NULL when it is no text. */
static const char *text_of(const json_t *file, const char *key, const char *absent) {
    const json_t *value = json_object_get(file, key);
    return value ? json_string_value(value) : absent;
}

/*
 * Keys for encryption. The launcher made them and counts on it that the kernel uses them: nothing about them may be
 * wrong, or it would be talked in the clear.
 */
static bool read_curve(Connection *connection, char why[CONNECTION_WHY]) {
    static const char *const names[] = {"curve_publickey", "curve_secretkey"};
    const json_t *public = json_object_get(connection->file, names[0]);
    const json_t *secret = json_object_get(connection->file, names[1]);
    char expected[CURVE_KEY + 1];
    if (!public && !secret) return true;
    if (!public || !secret) {
        snprintf(why, CONNECTION_WHY, "%s: %s without %s", connection->path, names[!public ? 1 : 0],
                 names[!public ? 0 : 1]);
    } else if (!zmq_has("curve")) {
        snprintf(why, CONNECTION_WHY, "%s asks for encryption, and this libzmq was built without it", connection->path);
    } else if (json_string_length(secret) != CURVE_KEY || zmq_curve_public(expected, json_string_value(secret)) != 0) {
        snprintf(why, CONNECTION_WHY, "%s: %s is no key", connection->path, names[1]);
    } else if (!json_is_string(public) || strcmp(expected, json_string_value(public)) != 0) {
        snprintf(why, CONNECTION_WHY, "%s: %s does not belong to %s", connection->path, names[0], names[1]);
    } else {
        connection->curve_public = json_string_value(public);
        connection->curve_secret = json_string_value(secret);
        return true;
    }
    return false;
}

static bool is_local(const char *ip) {
    return strncmp(ip, "127.", 4) == 0 || strcmp(ip, "localhost") == 0 || strcmp(ip, "::1") == 0 ||
           strcmp(ip, "[::1]") == 0;
}

bool connection_is_exposed(const Connection *connection) {
    return strcmp(connection->transport, "tcp") == 0 && !is_local(connection->ip) && !connection->curve_secret;
}

bool connection_read(Connection *connection, const char *path, char why[CONNECTION_WHY]) {
    json_error_t error;
    *connection = (Connection){.path = memory_copy(path, strlen(path))};
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        connection->file = invent();
        connection->created = true;
    } else {
        connection->file = json_load_file(path, 0, &error);
        if (!connection->file) {
            snprintf(why, CONNECTION_WHY, "%s, line %d: %s", path, error.line, error.text);
            return false;
        }
    }
    json_t *file = connection->file;
    connection->transport = text_of(file, "transport", "tcp");
    connection->ip = text_of(file, "ip", "127.0.0.1");
    connection->key = text_of(file, "key", "");
    connection->scheme = text_of(file, "signature_scheme", "hmac-sha256");
    if (!json_is_object(file) || !connection->transport || !connection->ip || !connection->key || !connection->scheme) {
        snprintf(why, CONNECTION_WHY, "%s: not a connection file", path);
        return false;
    }
    if (!read_curve(connection, why)) return false;
    if (strcmp(connection->transport, "tcp") != 0 && strcmp(connection->transport, "ipc") != 0) {
        snprintf(why, CONNECTION_WHY, "%s: transport %.32s is not known, tcp and ipc are", path, connection->transport);
        return false;
    }
    for (int i = 0; i < CHANNELS; i++) {
        connection->port[i] = connection_port_number(json_object_get(file, port_keys[i]));
        if (connection->port[i] < 0) {
            snprintf(why, CONNECTION_WHY, "%s: %s is not a port", path, port_keys[i]);
            return false;
        }
    }
    return true;
}

bool connection_write(Connection *connection, char why[CONNECTION_WHY]) {
    for (int i = 0; i < CHANNELS; i++) {
        json_object_set_new(connection->file, port_keys[i], json_integer(connection->port[i]));
    }
    Buffer name = {0};
    buffer_format(&name, "%s.%d", connection->path, (int)getpid());
    buffer_add(&name, "", 1);
    int fd = open(name.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && fchmod(fd, 0600) == 0 && json_dumpfd(connection->file, fd, JSON_INDENT(2)) == 0 &&
              write(fd, "\n", 1) == 1;
    if (fd >= 0) ok = close(fd) == 0 && ok;
    ok = ok && rename(name.data, connection->path) == 0;
    if (!ok) {
        snprintf(why, CONNECTION_WHY, "cannot write %s: %s", connection->path, strerror(errno));
        if (fd >= 0) unlink(name.data);
    }
    buffer_free(&name);
    return ok;
}

/* ZeroMQ chooses no names of sockets in the file system as clients expect them: take the first one that is free. */
static int free_name(const char *ip) {
    char path[512];
    for (int port = 1; port < 65535; port++) {
        snprintf(path, sizeof path, "%s-%d", ip, port);
        if (access(path, F_OK) != 0) return port;
    }
    return 65535;
}

void connection_endpoint(Connection *connection, Channel channel, char *endpoint, size_t size) {
    int *port = &connection->port[channel];
    if (strcmp(connection->transport, "ipc") == 0) {
        if (*port == 0) *port = free_name(connection->ip);
        snprintf(endpoint, size, "ipc://%s-%d", connection->ip, *port);
    } else if (*port == 0) {
        snprintf(endpoint, size, "tcp://%s:*", connection->ip);
    } else {
        snprintf(endpoint, size, "tcp://%s:%d", connection->ip, *port);
    }
}

void connection_free(Connection *connection) {
    if (connection->created) unlink(connection->path);
    json_decref(connection->file);
    free(connection->path);
    *connection = (Connection){0};
}
