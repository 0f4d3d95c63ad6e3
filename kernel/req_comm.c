/*
 * req_comm.c -- comms: messages between frontends and tasks of cells, in both directions.
 *
 * When is a message that comes in delivered? One for an open comm at once, whatever runs: cells wait for messages, so
 * messages must not wait for cells. But a comm_open keeps its place among the executions of its shell, since a cell
 * that was sent before it may be the one that listens for its target; and as long as it stands in that line, so does what
 * follows on the same comm. Thus nothing on a comm ever overtakes anything.
 *
 * The table of comms, by id, is what comm_info_request tells, at once; it knows how many messages of each comm stand in
 * line. A comm whose comm_open has come in counts as open until it turns out that nobody listens.
 *
 * What tasks send has the cell of the task as its parent, like their output. JupyterLab finds the comm by its id.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "execute.h"
#include "requests.h"
#include "session.h"

typedef struct Entry {
    struct Entry *next;
    char *id, *target;
    unsigned in_line; /* messages that came in and keep their place in a queue */
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
    }
    free((*link)->target);
    (*link)->target = memory_copy(target, strlen(target));
    return *link;
}

static void forget(const char *id) {
    pthread_mutex_lock(&lock);
    entry_remove(find(id));
    pthread_mutex_unlock(&lock);
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

/* The rest of a message's way, on the session thread. */
static bool take(Request *request, VintCommAct act) {
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
    outbox_status(request, "idle");
    return taken;
}

static VintCommAct act_of(const Request *request) {
    if (strcmp(request->type, "comm_open") == 0) return VINT_COMM_OPEN;
    return strcmp(request->type, "comm_close") == 0 ? VINT_COMM_CLOSE : VINT_COMM_MESSAGE;
}

static void take_at_once(void *argument) {
    Request *request = argument;
    take(request, act_of(request));
    request_release(request);
}

static void take_in_turn(void *argument) {
    Request *request = argument;
    VintCommAct act = act_of(request);
    bool is_open = take(request, act) && act != VINT_COMM_CLOSE;
    pthread_mutex_lock(&lock);
    Entry **link = find(request_text(request, "comm_id").data);
    if (*link && --(*link)->in_line == 0 && !is_open) entry_remove(link);
    pthread_mutex_unlock(&lock);
    request_release(request);
}

static void refuse(const Request *request, const char *why) {
    outbox_status((Request *)request, "busy");
    request_refuse(request, why);
    outbox_status((Request *)request, "idle");
}

void on_comm_open(Request *request) {
    const char *id = request_text(request, "comm_id").data, *target = request_text(request, "target_name").data;
    if (!id || !target) {
        refuse(request, "no comm_id or no target_name");
        return;
    }
    pthread_mutex_lock(&lock);
    entry_note(id, target)->in_line++;
    pthread_mutex_unlock(&lock);
    queue_carry(request, take_in_turn, true);
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
    bool in_turn = *link && (*link)->in_line > 0;
    if (in_turn) {
        (*link)->in_line++;
    } else if (is_close) {
        entry_remove(link);
    }
    pthread_mutex_unlock(&lock);
    queue_carry(request, in_turn ? take_in_turn : take_at_once, in_turn);
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
        entry_note(comm->id, comm->target);
        pthread_mutex_unlock(&lock);
    } else if (comm->act == VINT_COMM_CLOSE) {
        forget(comm->id);
    }
    buffer_text(&message->content, ",\"data\":");
    buffer_add(&message->content, comm->data.data, comm->data.length);
    buffer_text(&message->content, "}");
    copy_buffers(message, comm);
    cell_send(cell, message);
}
