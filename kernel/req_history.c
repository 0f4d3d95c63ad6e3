/*
 * req_history.c -- history_request: the code of this session's cells, kept in memory.
 */
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "requests.h"

#define SESSION_NUMBER 1 /* there is one session in this history; 0 means "the current one" in requests */

typedef struct {
    int number;
    char *code;
    size_t length;
} Entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Entry *entries;
static size_t entry_count, entry_capacity;

void history_add(int number, Slice code) {
    pthread_mutex_lock(&lock);
    if (entry_count == entry_capacity) {
        entry_capacity = entry_capacity ? entry_capacity * 2 : 64;
        entries = realloc(entries, entry_capacity * sizeof *entries);
        if (!entries) abort();
    }
    entries[entry_count++] = (Entry){number, memory_copy(code.data, code.length), code.length};
    pthread_mutex_unlock(&lock);
}

/* Is there the same code further on, and does it match? Then this one is not the last. */
static bool comes_again(size_t index) {
    for (size_t i = index + 1; i < entry_count; i++) {
        if (entries[i].length == entries[index].length &&
            memcmp(entries[i].code, entries[index].code, entries[i].length) == 0) {
            return true;
        }
    }
    return false;
}

/* What a request asks for. [n] counts from the end. */
typedef struct {
    Slice kind, pattern;
    bool output, unique;
    long session, start, stop, n;
} Wish;

static bool is_wanted(const Wish *wish, size_t index) {
    if (strcmp(wish->kind.data, "range") == 0) {
        if (wish->session != 0 && wish->session != SESSION_NUMBER) return false;
        return entries[index].number >= wish->start && entries[index].number < wish->stop;
    }
    if (strcmp(wish->kind.data, "search") == 0) {
        if (wish->pattern.data && fnmatch(wish->pattern.data, entries[index].code, 0) != 0) return false;
        return !wish->unique || !comes_again(index);
    }
    return true;
}

static void print_entry(Buffer *out, const Wish *wish, const Entry *entry) {
    buffer_format(out, "[%d,%d,%s", SESSION_NUMBER, entry->number, wish->output ? "[" : "");
    buffer_json(out, entry->code, entry->length);
    buffer_text(out, wish->output ? ",null]]" : "]");
}

void on_history_request(Request *request) {
    Wish wish = {
        .kind = request_text(request, "hist_access_type"),
        .pattern = request_text(request, "pattern"),
        .output = request_flag(request, "output", false),
        .unique = request_flag(request, "unique", false),
        .session = request_number(request, "session", 0),
        .start = request_number(request, "start", 0),
        .stop = request_number(request, "stop", LONG_MAX),
        .n = request_number(request, "n", LONG_MAX),
    };
    if (!wish.kind.data) {
        request_refuse(request, "no hist_access_type");
        return;
    }
    Message *reply = message_new(request->channel, "history_reply", request);
    buffer_text(&reply->content, "{\"status\":\"ok\",\"history\":[");
    bool limited = strcmp(wish.kind.data, "range") != 0;
    pthread_mutex_lock(&lock);
    size_t first = entry_count; /* of those that are wanted */
    for (long left = limited ? wish.n : LONG_MAX; first > 0 && left > 0; first--) left -= is_wanted(&wish, first - 1);
    bool begun = false;
    for (size_t i = first; i < entry_count; i++) {
        if (!is_wanted(&wish, i)) continue;
        if (begun) buffer_text(&reply->content, ",");
        begun = true;
        print_entry(&reply->content, &wish, &entries[i]);
    }
    pthread_mutex_unlock(&lock);
    buffer_text(&reply->content, "]}");
    outbox_push(reply);
}
