/*
 * requests.c -- the table of requests, and what is common to all of them: busy before, idle after.
 */
#include "requests.h"

#include <stdio.h>
#include <string.h>

#include "execute.h"
#include "history.h"
#include "session.h"
#include "sockets.h"

typedef enum { WIRE, SESSION, HISTORY, CELL, ANSWER } Place;

typedef struct {
    const char *type;
    unsigned channels;
    Place place;
    void (*handle)(Request *request);
} Row;

static const Row rows[] = {
#define X(type, channels, place) {#type, channels, place, on_##type},
    REQUEST_LIST(X)
#undef X
};

static const Row *find_row(const Request *request) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].type, request->type) == 0 && (rows[i].channels & (1u << request->channel))) return &rows[i];
    }
    return NULL;
}

/* The second half of a request that another thread answers. */
static void answer_elsewhere(void *argument) {
    Request *request = argument;
    outbox_hold();
    find_row(request)->handle(request);
    outbox_status(request, "idle");
    sockets_send();
    request_release(request);
}

/* Is the request for a subshell that is not there? What has no reply that could say so is taken all the same. */
static bool is_astray(const Request *request) {
    return request->channel == CHANNEL_SHELL && request->reply && !queue_exists(request->subshell);
}

/* The reply says why; a cell shows it, too. */
static void answer_astray(Request *request, bool is_cell) {
    static const VintError error = {
        "UnknownSubshell", "there is no such subshell: it was deleted, or the kernel was restarted", NULL, 0};
    outbox_status(request, "busy");
    if (is_cell && !request_flag(request, "silent", false)) {
        Message *message = message_new(CHANNEL_IOPUB, "error", request);
        buffer_text(&message->content, "{");
        output_error_fields(&message->content, &error);
        buffer_text(&message->content, "}");
        outbox_push(message);
    }
    request_fail(request, error.name, error.message);
    outbox_status(request, "idle");
}

void requests_handle(Request *request) {
    const Row *row = find_row(request);
    if (row && is_astray(request)) {
        answer_astray(request, row->place == CELL);
        return;
    }
    if (row && (row->place == CELL || row->place == ANSWER)) {
        row->handle(request);
        return;
    }
    if (request->channel == CHANNEL_STDIN) {
        request_refuse(request, "not a message for stdin");
        return;
    }
    outbox_status(request, "busy");
    if (row && row->place == SESSION) {
        session_post_request(answer_elsewhere, request_keep(request));
        return;
    }
    if (row && row->place == HISTORY) {
        history_post(answer_elsewhere, request_keep(request));
        return;
    }
    if (row) {
        row->handle(request);
    } else {
        request_refuse(request, "no such request on this channel");
    }
    outbox_status(request, "idle");
}

void request_refuse(const Request *request, const char *why) {
    fprintf(stderr, "vint-kernel: %.60s refused: %s\n", request->type, why);
}

/* An execute_reply tells the count, whatever happens: jupyter_console relies on it. */
void request_fail(Request *request, const char *name, const char *why) {
    VintError error = {.name = name, .message = why};
    Message *reply = message_new(request->channel, request->reply, request);
    buffer_format(&reply->content, "{\"status\":\"error\",\"execution_count\":%d,", queue_count());
    output_error_fields(&reply->content, &error);
    buffer_text(&reply->content, "}");
    outbox_push(reply);
}

Slice request_text(const Request *request, const char *field) {
    const json_t *value = json_object_get(request->content, field);
    return (Slice){json_string_value(value), json_string_length(value)};
}

bool request_flag(const Request *request, const char *field, bool absent) {
    const json_t *value = json_object_get(request->content, field);
    return json_is_boolean(value) ? json_is_true(value) : absent;
}

long request_number(const Request *request, const char *field, long absent) {
    const json_t *value = json_object_get(request->content, field);
    return json_is_integer(value) ? (long)json_integer_value(value) : absent;
}

bool request_code_and_cursor(const Request *request, Slice *code, size_t *cursor) {
    *code = request_text(request, "code");
    if (!code->data) {
        request_refuse(request, "no code");
        return false;
    }
    long points = request_number(request, "cursor_pos", -1);
    *cursor = points < 0 ? code->length : utf8_offset(code->data, code->length, (size_t)points);
    return true;
}
