/*
 * req_subshell.c -- subshells: further shells of the same session, beside the main one (JEP 91). Answered at once,
 * whatever runs. What a subshell is: queue.c.
 */
#include "execute.h"
#include "requests.h"

_Static_assert(SUBSHELL_ID == RANDOM_ID, "a subshell is known by a random id");

void on_create_subshell_request(Request *request) {
    char id[SUBSHELL_ID + 1];
    wire_random_id(id);
    queue_create(id);
    Message *reply = message_new(request->channel, request->reply, request);
    buffer_format(&reply->content, "{\"status\":\"ok\",\"subshell_id\":\"%s\"}", id);
    outbox_push(reply);
}

void on_delete_subshell_request(Request *request) {
    Slice id = request_text(request, "subshell_id");
    if (id.data && queue_delete(id.data)) {
        outbox_reply(request, request->reply, "{\"status\":\"ok\"}");
    } else {
        request_fail(request, "UnknownSubshell", "there is no subshell with that subshell_id");
    }
}

static void print_id(void *argument, const char *id) {
    Buffer *out = argument;
    buffer_format(out, "%s\"%s\"", out->data[out->length - 1] == '[' ? "" : ",", id);
}

void on_list_subshell_request(Request *request) {
    Message *reply = message_new(request->channel, request->reply, request);
    buffer_text(&reply->content, "{\"status\":\"ok\",\"subshell_id\":[");
    queue_list(print_id, &reply->content);
    buffer_text(&reply->content, "]}");
    outbox_push(reply);
}
