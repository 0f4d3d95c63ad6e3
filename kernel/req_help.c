/*
 * req_help.c -- completion and inspection. Both look at live values, so the session thread answers them, between two
 * instructions of whatever runs there.
 */
#include <stdlib.h>
#include <string.h>

#include "requests.h"
#include "session.h"

typedef struct {
    char *text, *kind, *signature;
} Match;

typedef struct {
    Match *items;
    size_t length, capacity;
} Matches;

static char *copy(const char *text) { return memory_copy(text, strlen(text)); }

static void add_match(void *argument, const VintCompletion *found) {
    Matches *matches = argument;
    if (matches->length == matches->capacity) {
        matches->capacity = matches->capacity ? matches->capacity * 2 : 32;
        matches->items = realloc(matches->items, matches->capacity * sizeof *matches->items);
        if (!matches->items) abort();
    }
    matches->items[matches->length++] = (Match){copy(found->text), copy(found->kind), copy(found->signature)};
}

void on_complete_request(Request *request) {
    Slice code;
    size_t cursor;
    if (!request_code_and_cursor(request, &code, &cursor)) return;
    size_t start = cursor;
    Matches matches = {0};
    vint_complete(session_vint(), code.data, code.length, cursor, &start, add_match, &matches);
    size_t start_point = utf8_count(code.data, start), end_point = utf8_count(code.data, cursor);

    Message *reply = message_new(request->channel, "complete_reply", request);
    Buffer *out = &reply->content;
    buffer_text(out, "{\"status\":\"ok\",\"matches\":[");
    for (size_t i = 0; i < matches.length; i++) {
        if (i) buffer_text(out, ",");
        buffer_json_text(out, matches.items[i].text);
    }
    buffer_format(out, "],\"cursor_start\":%zu,\"cursor_end\":%zu,\"metadata\":{\"_jupyter_types_experimental\":[",
                  start_point, end_point);
    for (size_t i = 0; i < matches.length; i++) {
        buffer_format(out, "%s{\"start\":%zu,\"end\":%zu,\"text\":", i ? "," : "", start_point, end_point);
        buffer_json_text(out, matches.items[i].text);
        buffer_text(out, ",\"type\":");
        buffer_json_text(out, matches.items[i].kind);
        buffer_text(out, ",\"signature\":");
        buffer_json_text(out, matches.items[i].signature);
        buffer_text(out, "}");
        free(matches.items[i].text);
        free(matches.items[i].kind);
        free(matches.items[i].signature);
    }
    buffer_text(out, "]}}");
    free(matches.items);
    outbox_push(reply);
}

void on_inspect_request(Request *request) {
    Slice code;
    size_t cursor;
    if (!request_code_and_cursor(request, &code, &cursor)) return;
    const VintDatum *data = NULL;
    size_t length = 0;
    int detail = (int)request_number(request, "detail_level", 0);
    bool found = vint_inspect(session_vint(), code.data, code.length, cursor, detail, &data, &length);

    Message *reply = message_new(request->channel, "inspect_reply", request);
    buffer_format(&reply->content, "{\"status\":\"ok\",\"found\":%s,", found ? "true" : "false");
    output_bundle(&reply->content, data, found ? length : 0);
    buffer_text(&reply->content, "}");
    outbox_push(reply);
}
