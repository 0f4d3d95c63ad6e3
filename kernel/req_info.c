/*
 * req_info.c -- requests about the kernel itself, and about code without running it.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "execute.h"
#include "requests.h"

#define CLIENTS 32     /* of which it is remembered that they have been here */
#define SESSION_MAX 64 /* bytes of their session's name */

static const Connection *connection;
static Buffer info; /* the content of kernel_info_reply, without its end */
static int64_t opened_at;

void requests_open(const Connection *opened) {
    connection = opened;
    opened_at = clock_now();
    buffer_clear(&info);
    const char *lexer = getenv("VINT_PYGMENTS_LEXER"); /* kernel.json says so where install.c put a lexer */
    buffer_text(&info,
                "{\"status\":\"ok\",\"protocol_version\":\"" WIRE_PROTOCOL "\",\"implementation\":\"vint-kernel\","
                "\"implementation_version\":\"" VINT_VERSION "\",\"language_info\":{\"name\":\"vint\","
                "\"version\":\"" VINT_VERSION "\",\"mimetype\":\"text/x-vint\",\"file_extension\":\".vint\","
                "\"pygments_lexer\":");
    buffer_json_text(&info, lexer ? lexer : "javascript");
    buffer_text(&info,
                ",\"codemirror_mode\":{\"name\":\"vint\",\"mime\":\"text/javascript\","
                "\"version\":1},\"nbconvert_exporter\":\"script\"},\"banner\":\"VintLang " VINT_VERSION "\","
                "\"help_links\":[{\"text\":\"VintLang\",\"url\":\"https://github.com/vintlang/vintlang\"}],"
                "\"supported_features\":[\"kernel subshells\"],\"debugger\":false");
}

int64_t requests_opened(void) {
    return opened_at;
}

/* Has the client that sent it not been seen lately? */
static bool is_from_new_client(const Request *request) {
    static char known[CLIENTS][SESSION_MAX];
    static unsigned next;
    json_t *header = json_loadb(request->header.data, request->header.length, 0, NULL);
    const char *session = json_string_value(json_object_get(header, "session"));
    bool is_new = session && *session;
    for (unsigned i = 0; is_new && i < CLIENTS; i++) is_new = strncmp(known[i], session, SESSION_MAX - 1) != 0;
    if (is_new) {
        strncpy(known[next], session, SESSION_MAX - 1);
        next = (next + 1) % CLIENTS;
    }
    json_decref(header);
    return is_new;
}

void on_kernel_info_request(Request *request) {
    if (is_from_new_client(request)) output_hold();
    Message *reply = message_new(request->channel, "kernel_info_reply", request);
    buffer_add(&reply->content, info.data, info.length);
    buffer_format(&reply->content, ",\"execution_state\":\"%s\"}", queue_is_running() ? "busy" : "idle");
    outbox_push(reply);
}

void on_connect_request(Request *request) {
    Message *reply = message_new(request->channel, "connect_reply", request);
    buffer_text(&reply->content, "{\"status\":\"ok\"");
#define X(name, key) buffer_format(&reply->content, ",\"" key "\":%d", connection->port[CHANNEL_##name]);
    CHANNEL_LIST(X)
#undef X
    buffer_text(&reply->content, "}");
    outbox_push(reply);
}

void on_is_complete_request(Request *request) {
    Slice code = request_text(request, "code");
    if (!code.data) {
        request_refuse(request, "no code");
        return;
    }
    char indent[64] = "";
    Message *reply = message_new(request->channel, "is_complete_reply", request);
    switch (vint_is_complete(code.data, code.length, indent)) {
    case VINT_COMPLETE:
        buffer_text(&reply->content, "{\"status\":\"complete\"}");
        break;
    case VINT_INVALID:
        buffer_text(&reply->content, "{\"status\":\"invalid\"}");
        break;
    case VINT_INCOMPLETE:
        buffer_text(&reply->content, "{\"status\":\"incomplete\",\"indent\":");
        buffer_json_text(&reply->content, indent);
        buffer_text(&reply->content, "}");
        break;
    }
    outbox_push(reply);
}
