/*
 * req_history.c -- history_request, answered by the history's own thread.
 */
#include <limits.h>
#include <string.h>

#include "history.h"
#include "requests.h"
#include "store.h"

/* False: there is no such kind. */
static bool read_kind(Slice name, HistoryKind *kind) {
    static const char *const names[] = {[HISTORY_TAIL] = "tail", [HISTORY_RANGE] = "range", [HISTORY_SEARCH] = "search"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *kind = (HistoryKind)i;
        if (strcmp(name.data, names[i]) == 0) return true;
    }
    return false;
}

static void print_entry(Buffer *out, const HistoryEntry *entry, bool output) {
    buffer_format(out, "[%ld,%ld,%s", entry->session, entry->line, output ? "[" : "");
    buffer_json(out, entry->code.data, entry->code.length);
    if (output) {
        buffer_text(out, ",");
        if (entry->output.data) {
            buffer_json(out, entry->output.data, entry->output.length);
        } else {
            buffer_text(out, "null");
        }
        buffer_text(out, "]");
    }
    buffer_text(out, "]");
}

/* "raw" makes no difference: code is kept as it came. */
void on_history_request(Request *request) {
    Slice kind = request_text(request, "hist_access_type"), pattern = request_text(request, "pattern");
    HistoryQuery query = {
        .session = request_number(request, "session", 0),
        .start = request_number(request, "start", 0),
        .stop = request_number(request, "stop", LONG_MAX),
        .pattern = pattern.data ? pattern : (Slice){"*", 1},
        .unique = request_flag(request, "unique", false),
        .n = request_number(request, "n", LONG_MAX),
    };
    if (!kind.data || !read_kind(kind, &query.kind)) {
        request_refuse(request, "hist_access_type is none of tail, range, search");
        return;
    }
    bool output = request_flag(request, "output", false);
    HistoryList list = store_find(&query);
    Message *reply = message_new(request->channel, "history_reply", request);
    buffer_text(&reply->content, "{\"status\":\"ok\",\"history\":[");
    for (size_t i = 0; i < list.count; i++) {
        if (i) buffer_text(&reply->content, ",");
        print_entry(&reply->content, &list.entries[i], output);
    }
    buffer_text(&reply->content, "]}");
    history_list_free(&list);
    outbox_push(reply);
}
