/*
 * req_comm.c -- comms: messages between frontends and tasks of cells, in both directions.
 *
 * When is a message that comes in delivered? One for an open comm at once, whatever runs: cells wait for messages, so
 * messages must not wait for cells. But a comm_open keeps its place among the executions of its shell, since a cell that
 * was sent before it may be the one that listens for its target. What follows on the comm meanwhile waits for it, on
 * whatever shell it comes: JupyterLab opens a comm on the main shell when the subshell that it makes for the comm is not
 * there yet. Thus nothing on a comm overtakes anything.
 *
 * The table of comms, by id, is what comm_info_request tells, at once. A comm whose comm_open has come in counts as open
 * until it turns out that nobody listens.
 *
 * What tasks send has the cell of the task as its parent, like their output. JupyterLab finds the comm by its id.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "execute.h"
#include "requests.h"
#include "session.h"

typedef struct Waiting {
    struct Waiting *next;
    Request *request;
} Waiting;

typedef struct Entry {
    struct Entry *next;
    char *id, *target;
    bool open;              /* as far as the interpreter is concerned */
    unsigned opening;       /* comm_opens of it that stand in the line of a shell */
    Waiting *first, **last; /* what came after them */
} Entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Entry *entries;

/* ---- The table; the lock is held ---- */

/* The link to the entry; to NULL if there is none. */
static Entry **find(const char *id) {
    Entry **link = &entries;
    while (*link && strcmp((*link)->id, id) != 0) link = &(*link)->next;
    return link;
}

/* Nothing waits in it. */
static void entry_remove(Entry **link) {
    Entry *entry = *link;
    if (!entry) return;
    *link = entry->next;
    free(entry->id);
    free(entry->target);
    free(entry);
}

static Entry *entry_note(const char *id, const char *target) {
    Entry **link = find(id);
    if (!*link) {
        *link = memory_zeroed(sizeof **link);
        (*link)->id = memory_copy(id, strlen(id));
        (*link)->last = &(*link)->first;
    }
    free((*link)->target);
    (*link)->target = memory_copy(target, strlen(target));
    return *link;
}

static void wait_for_open(Entry *entry, Request *request) {
    Waiting *waiting = memory_zeroed(sizeof *waiting);
    waiting->request = request_keep(request);
    *entry->last = waiting;
    entry->last = &waiting->next;
}

/* The first that waits, for the caller, or NULL. */
static Request *stop_waiting(Entry *entry) {
    Waiting *waiting = entry->first;
    if (!waiting) return NULL;
    Request *request = waiting->request;
    entry->first = waiting->next;
    if (!entry->first) entry->last = &entry->first;
    free(waiting);
    return request;
}

void on_comm_info_request(Request *request) {
    const char *target = request_text(request, "target_name").data;
    bool first = true;
    Message *reply = message_new(request->channel, request->reply, request);
    buffer_text(&reply->content, "{\"status\":\"ok\",\"comms\":{");
    pthread_mutex_lock(&lock);
    for (const Entry *entry = entries; entry; entry = entry->next) {
        if (target && strcmp(entry->target, target) != 0) continue;
        if (!first) buffer_text(&reply->content, ",");
        first = false;
        buffer_json_text(&reply->content, entry->id);
        buffer_text(&reply->content, ":{\"target_name\":");
        buffer_json_text(&reply->content, entry->target);
        buffer_text(&reply->content, "}");
    }
    pthread_mutex_unlock(&lock);
    buffer_text(&reply->content, "}}");
    outbox_push(reply);
}

/* ---- What comes in ---- */

/* Hands a message to the interpreter. False: nobody is there to take it. */
static bool deliver(const Request *request, VintCommAct act) {
    VintBytes *buffers = memory_new((request->buffer_count + 1) * sizeof *buffers);
    for (size_t i = 0; i < request->buffer_count; i++) {
        buffers[i] = (VintBytes){request->buffers[i].data, request->buffers[i].length};
    }
    json_t *data = json_object_get(request->content, "data");
    char *text = json_is_object(data) ? json_dumps(data, JSON_COMPACT) : NULL;
    const char *sent = text ? text : "{}";
    VintComm comm = {
        .act = act,
        .id = request_text(request, "comm_id").data,
        .target = act == VINT_COMM_OPEN ? request_text(request, "target_name").data : NULL,
        .data = {sent, strlen(sent)},
        .buffers = buffers,
        .buffer_count = request->buffer_count,
    };
    bool taken = vint_comm(session_vint(), &comm);
    free(text);
    free(buffers);
    return taken;
}

static VintCommAct act_of(const Request *request) {
    if (strcmp(request->type, "comm_open") == 0) return VINT_COMM_OPEN;
    return strcmp(request->type, "comm_close") == 0 ? VINT_COMM_CLOSE : VINT_COMM_MESSAGE;
}

/* The rest of a message's way, on the session thread. False: nobody was there to take it. */
static bool take(Request *request) {
    VintCommAct act = act_of(request);
    outbox_status(request, "busy");
    bool taken = deliver(request, act);
    if (!taken && act == VINT_COMM_OPEN) {
        Slice id = request_text(request, "comm_id");
        Message *message = message_new(CHANNEL_IOPUB, "comm_close", request);
        buffer_text(&message->content, "{\"comm_id\":");
        buffer_json(&message->content, id.data, id.length);
        buffer_text(&message->content, ",\"data\":{}}");
        outbox_push(message);
    }
    return taken;
}

static void done(Request *request) {
    outbox_status(request, "idle");
    request_release(request);
}

static void take_at_once(void *request) {
    take(request);
    done(request);
}

/* The turn of a comm_open has come, and of what waits for it. */
static void take_open(void *argument) {
    Request *request = argument;
    Slice text = request_text(request, "comm_id");
    char *id = memory_copy(text.data, text.length);
    while (request) {
        VintCommAct act = act_of(request);
        bool taken = take(request);
        pthread_mutex_lock(&lock);
        Entry **link = find(id), *entry = *link; /* it stays as long as something is opening */
        if (act != VINT_COMM_MESSAGE) entry->open = taken && act == VINT_COMM_OPEN;
        Request *next = stop_waiting(entry);
        if (!next && --entry->opening == 0 && !entry->open) entry_remove(link);
        pthread_mutex_unlock(&lock);
        done(request); /* not before the table knows */
        request = next;
    }
    free(id);
}

static void refuse(Request *request, const char *why) {
    outbox_status(request, "busy");
    request_refuse(request, why);
    outbox_status(request, "idle");
}

void on_comm_open(Request *request) {
    const char *id = request_text(request, "comm_id").data, *target = request_text(request, "target_name").data;
    if (!id || !target) {
        refuse(request, "no comm_id or no target_name");
        return;
    }
    pthread_mutex_lock(&lock);
    entry_note(id, target)->opening++;
    pthread_mutex_unlock(&lock);
    queue_carry(request, take_open, true);
}

/* A message on a comm, or its end. */
static void follow(Request *request, bool is_close) {
    const char *id = request_text(request, "comm_id").data;
    if (!id) {
        refuse(request, "no comm_id");
        return;
    }
    pthread_mutex_lock(&lock);
    Entry **link = find(id);
    bool waits = *link && (*link)->opening > 0;
    if (waits) {
        wait_for_open(*link, request);
    } else if (is_close) {
        entry_remove(link);
    }
    pthread_mutex_unlock(&lock);
    if (!waits) queue_carry(request, take_at_once, false);
}

void on_comm_msg(Request *request) {
    follow(request, false);
}

void on_comm_close(Request *request) {
    follow(request, true);
}

/* ---- What goes out ---- */

static void copy_buffers(Message *message, const VintComm *comm) {
    if (comm->buffer_count == 0) return;
    message->buffers = memory_new(comm->buffer_count * sizeof *message->buffers);
    message->buffer_count = comm->buffer_count;
    for (size_t i = 0; i < comm->buffer_count; i++) {
        VintBytes bytes = comm->buffers[i];
        message->buffers[i] = (Slice){memory_copy(bytes.data, bytes.length), bytes.length};
    }
}

void comm_send(Cell *cell, const VintComm *comm) {
    static const char *const types[] = {
        [VINT_COMM_OPEN] = "comm_open", [VINT_COMM_MESSAGE] = "comm_msg", [VINT_COMM_CLOSE] = "comm_close"};
    Message *message = message_new(CHANNEL_IOPUB, types[comm->act], cell_request(cell));
    buffer_text(&message->content, "{\"comm_id\":");
    buffer_json_text(&message->content, comm->id);
    if (comm->act == VINT_COMM_OPEN) {
        buffer_text(&message->content, ",\"target_name\":");
        buffer_json_text(&message->content, comm->target);
        pthread_mutex_lock(&lock);
        entry_note(comm->id, comm->target)->open = true;
        pthread_mutex_unlock(&lock);
    } else if (comm->act == VINT_COMM_CLOSE) {
        pthread_mutex_lock(&lock);
        Entry **link = find(comm->id);
        if (*link) (*link)->open = false;
        if (*link && (*link)->opening == 0) entry_remove(link);
        pthread_mutex_unlock(&lock);
    }
    buffer_text(&message->content, ",\"data\":");
    buffer_add(&message->content, comm->data.data, comm->data.length);
    buffer_text(&message->content, "}");
    copy_buffers(message, comm);
    message->bulk = comm->act == VINT_COMM_MESSAGE;
    cell_send(cell, message);
}
