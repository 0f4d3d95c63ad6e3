/*
 * comm.c -- comms: lines between tasks and what lies outside of the session. comm.vint is what programs see of them.
 *
 * What comes in arrives between two tasks (vint_comm) and goes into a channel of the program, at once and in order:
 * opened comms into the channel of whoever listens for their target, messages into the channel of their comm. So no
 * function of the program is called from here: a handler is a task that receives.
 *
 * The other side cannot be made to wait, so these channels grow. They must not grow for ever when nobody receives: when
 * MESSAGES_MAX messages or BYTES_MAX bytes wait, the comm is closed. Both sides learn why: the other one by the data of
 * the close, the program by what `ended` says after the last message, and the user by a line under the cell that made
 * the comm. So nothing is ever lost in silence. How much waits is known from the sizes of the messages that went into the
 * channel and are in it still: [waiting], of which as many are forgotten as the program has received.
 */
#include "comm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lib/lib.h"
#include "random.h"
#include "vm/cell.h"
#include "vm/channel.h"
#include "vm/object.h"
#include "vm/task.h"

#define MESSAGES_MAX 4000
#define BYTES_MAX (64u << 20)
#define OPENED_MAX 1000 /* comms that wait in the channel of a listener */
#define FIRST_CAPACITY 16

/* The fields of a Comm in comm.vint, in order. */
enum { FIELD_ID, FIELD_TARGET, FIELD_DATA, FIELD_BUFFERS, FIELD_MESSAGES, FIELD_ENDED, FIELDS };

typedef struct Waiting {
    struct Waiting *next;
    size_t size;
} Waiting;

/* One that is open. */
struct Comm {
    Comm *next;
    char *id, *target;
    Instance *instance; /* the program's Comm */
    Channel *messages;
    VintCell *cell;     /* counted: where it is told what becomes of it */
    Waiting *first, **end;
    uint32_t waiting;   /* messages that were not received when last looked at … */
    size_t bytes;       /* … and their sizes */
};

struct CommListener {
    CommListener *next;
    char *target;
    Struct *structure; /* the program's Comm */
    Channel *opened;
    VintCell *cell;
};

/* ---- what is open ---- */

static Comm *find(VintSession *session, const char *id) {
    Comm *comm = session->comms;
    while (comm && strcmp(comm->id, id) != 0) comm = comm->next;
    return comm;
}

static void forget_first(Comm *comm) {
    Waiting *waiting = comm->first;
    comm->first = waiting->next;
    if (!comm->first) comm->end = &comm->first;
    comm->bytes -= waiting->size;
    comm->waiting--;
    free(waiting);
}

static void comm_delete(Comm *comm) {
    while (comm->first) forget_first(comm);
    cell_release(comm->cell);
    free(comm->id);
    free(comm->target);
    free(comm);
}

static char *copy(const char *text) {
    char *copied = strdup(text);
    if (!copied) abort();
    return copied;
}

/* A new comm, as the program's too. */
static Comm *add(VintSession *session, Struct *structure, const char *id, const char *target, Value data,
                 Array *buffers, VintCell *cell) {
    Vm *vm = session->vm;
    Comm *comm = calloc(1, sizeof *comm);
    if (!comm) abort();
    comm->id = copy(id);
    comm->target = copy(target);
    comm->cell = cell_retain(cell);
    comm->end = &comm->first;
    comm->messages = channel_new(vm, FIRST_CAPACITY, true);
    comm->instance = instance_new(vm, structure);
    Value *fields = comm->instance->fields;
    fields[FIELD_ID] = value_obj(string_from(vm, id));
    fields[FIELD_TARGET] = value_obj(string_from(vm, target));
    fields[FIELD_DATA] = data;
    fields[FIELD_BUFFERS] = value_obj(buffers);
    fields[FIELD_MESSAGES] = value_obj(comm->messages);
    gc_write_obj(vm, comm->messages);
    gc_write_obj(vm, comm->instance);
    comm->next = session->comms;
    session->comms = comm;
    return comm;
}

/* It is over: the program gets what waits, and then the end. [farewell] null: without a word. */
static void end(VintSession *session, Comm *comm, Value farewell) {
    if (farewell.tag == T_NULL) farewell = value_obj(dict_new(session->vm, 0));
    Comm **link = &session->comms;
    while (*link != comm) link = &(*link)->next;
    *link = comm->next;
    comm->instance->fields[FIELD_ENDED] = farewell;
    gc_write(session->vm, farewell);
    channel_close(session->vm, comm->messages);
    comm_delete(comm);
}

static void listener_delete(VintSession *session, CommListener *listener) {
    CommListener **link = &session->comm_listeners;
    while (*link != listener) link = &(*link)->next;
    *link = listener->next;
    cell_release(listener->cell);
    free(listener->target);
    free(listener);
}

/* Who listens for a target; a channel that the program has closed does not. */
static CommListener *find_listener(VintSession *session, const char *target) {
    CommListener *listener = session->comm_listeners;
    while (listener && strcmp(listener->target, target) != 0) listener = listener->next;
    if (!listener || !listener->opened->closed) return listener;
    listener_delete(session, listener);
    return NULL;
}

bool comm_is_awaited(const VintSession *session) {
    for (const Comm *comm = session->comms; comm; comm = comm->next)
        if (comm->messages->receivers.first) return true;
    for (const CommListener *listener = session->comm_listeners; listener; listener = listener->next)
        if (listener->opened->receivers.first) return true;
    return false;
}

void comm_mark(VintSession *session) {
    for (const Comm *comm = session->comms; comm; comm = comm->next) {
        gc_shade(session->vm, (Obj *)comm->instance);
        gc_shade(session->vm, (Obj *)comm->messages);
    }
    for (const CommListener *listener = session->comm_listeners; listener; listener = listener->next) {
        gc_shade(session->vm, (Obj *)listener->structure);
        gc_shade(session->vm, (Obj *)listener->opened);
    }
}

void comm_free(VintSession *session) {
    for (Comm *comm = session->comms, *next; comm; comm = next) {
        next = comm->next;
        comm_delete(comm);
    }
    session->comms = NULL;
    while (session->comm_listeners) listener_delete(session, session->comm_listeners);
}

/* ---- what comes in ---- */

static void put(Vm *vm, Dict *dict, const char *key, Value value) {
    dict_set(vm, dict, value_obj(string_from(vm, key)), value);
}

/* Data and buffers as values; false with an error raised. */
static bool read_content(Vm *vm, const VintComm *from, Value *data, Array **buffers) {
    if (!json_read(vm, from->data.data, from->data.length, data)) return false;
    *buffers = array_new(vm, from->buffer_count);
    if (!*buffers) return false;
    for (size_t i = 0; i < from->buffer_count; i++) {
        if (heap_refuses(vm, from->buffers[i].length)) return false;
        String *bytes = string_new(vm, from->buffers[i].data, from->buffers[i].length);
        if (!bytes || !array_push(vm, *buffers, value_obj(bytes))) return false;
    }
    return true;
}

/* {"data": …, "buffers": […]}, or null for what the heap has no room for. */
static Value message_of(Vm *vm, const VintComm *from) {
    Value data;
    Array *buffers;
    if (!read_content(vm, from, &data, &buffers)) {
        vm->error = NULL; /* no task is to blame */
        return NULL_VALUE;
    }
    Dict *message = dict_new(vm, 2);
    put(vm, message, "data", data);
    put(vm, message, "buffers", value_obj(buffers));
    return value_obj(message);
}

/* Closes a comm of which nobody receives the messages. */
static void give_up(VintSession *session, Comm *comm, const char *why) {
    Text text = {0}, data = {0};
    text_printf(&text, "comm '%s' closed: %s\n", comm->target, why);
    session->host.write(session->host.user, comm->cell, VINT_STDERR, text.bytes, text.length);
    text_printf(&data, "{\"error\": \"%s\"}", why);
    VintComm close = {.act = VINT_COMM_CLOSE, .id = comm->id, .data = {data.bytes, data.length}};
    session->host.comm(session->host.user, comm->cell, &close);
    end(session, comm, message_of(session->vm, &close));
    text_free(&text);
    text_free(&data);
}

static bool take_message(VintSession *session, const VintComm *from) {
    Comm *comm = find(session, from->id);
    if (!comm) return false;
    while (comm->waiting > comm->messages->count) forget_first(comm);
    size_t size = from->data.length;
    for (size_t i = 0; i < from->buffer_count; i++) size += from->buffers[i].length;
    bool crowded = comm->waiting >= MESSAGES_MAX || comm->bytes + size > BYTES_MAX;
    Value message = crowded ? NULL_VALUE : message_of(session->vm, from);
    if (message.tag == T_NULL) {
        give_up(session, comm, crowded ? "too many messages wait to be received" : "no memory for a message");
        return true;
    }
    channel_offer(session->vm, comm->messages, message);
    if (comm->messages->count > comm->waiting) {
        Waiting *waiting = calloc(1, sizeof *waiting);
        if (!waiting) abort();
        waiting->size = size;
        *comm->end = waiting;
        comm->end = &waiting->next;
        comm->waiting++;
        comm->bytes += size;
    }
    return true;
}

static bool take_open(VintSession *session, const VintComm *from) {
    CommListener *listener = find_listener(session, from->target);
    Value data;
    Array *buffers;
    if (!listener || listener->opened->count >= OPENED_MAX) return false;
    if (!read_content(session->vm, from, &data, &buffers)) {
        session->vm->error = NULL;
        return false;
    }
    Comm *before = find(session, from->id);
    if (before) end(session, before, NULL_VALUE);
    Comm *comm = add(session, listener->structure, from->id, from->target, data, buffers, listener->cell);
    channel_offer(session->vm, listener->opened, value_obj(comm->instance));
    return true;
}

static bool take_close(VintSession *session, const VintComm *from) {
    Comm *comm = find(session, from->id);
    if (comm) end(session, comm, message_of(session->vm, from));
    return comm != NULL;
}

bool vint_comm(VintSession *session, const VintComm *comm) {
    switch (comm->act) {
    case VINT_COMM_OPEN: return take_open(session, comm);
    case VINT_COMM_MESSAGE: return take_message(session, comm);
    default: return take_close(session, comm);
    }
}

/* ---- what goes out ---- */

/* Has the host send something; [data] and [buffers] are the program's. False with an error raised. */
static bool send_out(Vm *vm, VintComm comm, Value data, const Array *buffers) {
    VintHost *host = vm->host;
    Text text = lib_text(vm);
    VintBytes *bytes = calloc(buffers->length + 1, sizeof *bytes);
    if (!bytes) abort();
    bool ok = json_write(vm, data, 0, &text);
    for (uint32_t i = 0; ok && i < buffers->length; i++) {
        Value item = buffers->items[i];
        ok = item.tag == T_STRING;
        if (ok)
            bytes[i] = (VintBytes){item.string->bytes, item.string->length};
        else
            vm_raise(vm, ERR_TYPE, "buffers must be strings, got %s", error_describe(vm, item));
    }
    if (ok) {
        comm.data = (VintBytes){text.bytes, text.length};
        comm.buffers = bytes;
        comm.buffer_count = buffers->length;
        host->comm(host->user, vm->current->cell, &comm);
    }
    text_free(&text);
    free(bytes);
    return ok;
}

/* The text with a NUL behind it, malloc'ed. */
static char *cstring(const String *string) {
    char *text = strndup(string->bytes, string->length);
    if (!text) abort();
    return text;
}

/* Can comms be made, as instances of [type]? If not, an error is raised. */
static bool can_make(Vm *vm, Value type) {
    if (!vm->host->comm)
        vm_raise(vm, ERR_IO, "comms need a notebook: nobody is at the other end of a script");
    else if (type.tag != T_STRUCT || type.structure->field_count != FIELDS)
        vm_raise(vm, ERR_TYPE, "this is not the type of comms: %s", error_describe(vm, type));
    else
        return true;
    return false;
}

static NativeStatus builtin_listen(NATIVE_ARGS) {
    if (!can_make(vm, args[0])) return NATIVE_ERROR;
    VintSession *session = session_of(vm);
    char *target = cstring(args[1].string);
    Channel *opened = channel_new(vm, FIRST_CAPACITY, true);
    CommListener *before = find_listener(session, target);
    if (before) {
        Value comm;
        while (channel_receive(vm, before->opened, &comm) == CHANNEL_DONE) channel_offer(vm, opened, comm);
        channel_close(vm, before->opened);
        listener_delete(session, before);
    }
    CommListener *listener = calloc(1, sizeof *listener);
    if (!listener) abort();
    VintCell *cell = cell_retain(vm->current->cell);
    *listener = (CommListener){session->comm_listeners, target, args[0].structure, opened, cell};
    gc_write_obj(vm, listener->structure);
    gc_write_obj(vm, opened);
    session->comm_listeners = listener;
    NATIVE_RETURN(value_obj(opened));
}

static NativeStatus builtin_open(NATIVE_ARGS) {
    if (!can_make(vm, args[0])) return NATIVE_ERROR;
    unsigned char random[16];
    char id[2 * sizeof random + 1];
    random_fill(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) sprintf(id + 2 * i, "%02x", random[i]);
    char *target = cstring(args[1].string);
    bool sent = send_out(vm, (VintComm){.act = VINT_COMM_OPEN, .id = id, .target = target}, args[2], args[3].array);
    if (sent) {
        Comm *comm = add(session_of(vm), args[0].structure, id, target, args[2], args[3].array, vm->current->cell);
        *result = value_obj(comm->instance);
    }
    free(target);
    return sent ? NATIVE_OK : NATIVE_ERROR;
}

/* The comm that the program calls by [id]; NULL when it is not open any more. */
static Comm *find_open(Vm *vm, const String *id) {
    char *text = cstring(id);
    Comm *comm = find(session_of(vm), text);
    free(text);
    return comm;
}

/* The other side may close a comm at any moment, so it is no mistake to send on one that is closed. */
static NativeStatus builtin_send(NATIVE_ARGS) {
    Comm *comm = find_open(vm, args[0].string);
    if (!comm) NATIVE_RETURN(value_bool(false));
    VintComm message = {.act = VINT_COMM_MESSAGE, .id = comm->id};
    if (!send_out(vm, message, args[1], args[2].array)) return NATIVE_ERROR;
    NATIVE_RETURN(value_bool(true));
}

static NativeStatus builtin_close(NATIVE_ARGS) {
    Comm *comm = find_open(vm, args[0].string);
    if (!comm) NATIVE_RETURN(NULL_VALUE);
    VintComm close = {.act = VINT_COMM_CLOSE, .id = comm->id};
    if (!send_out(vm, close, args[1], args[2].array)) return NATIVE_ERROR;
    Dict *farewell = dict_new(vm, 2);
    put(vm, farewell, "data", args[1]);
    put(vm, farewell, "buffers", args[2]);
    end(session_of(vm), comm, value_obj(farewell));
    NATIVE_RETURN(NULL_VALUE);
}

static const NativeDef builtins[] = {
    {"__comm_listen(type: any, target: string) -> chan", "The channel of comms that are opened for the target.",
     builtin_listen},
    {"__comm_open(type: any, target: string, data: dict, buffers: array) -> any", "Opens a comm.", builtin_open},
    {"__comm_send(id: string, data: dict, buffers: array) -> bool", "Sends a message on a comm.", builtin_send},
    {"__comm_close(id: string, data: dict, buffers: array) -> null", "Closes a comm.", builtin_close},
    {0}};

void comm_register(Vm *vm) { native_register_builtins(vm, builtins); }
