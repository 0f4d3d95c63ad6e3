/*
 * tcp.c -- TCP on libuv's streams.
 *
 * A socket is read only while a task waits to receive: then what comes goes into the connection's buffer, until there is
 * as much as the task wants. So a peer that sends too much fills the system's buffers, not ours, and waits.
 *
 * A task that stops waiting to receive leaves the connection as it is. One that stops waiting to send closes it: nobody
 * could tell how much of the message the peer has got.
 */
#include "tcp.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "sched/io.h"
#include "sched/timer.h"
#include "vm/object.h"

#define BACKLOG 1024
#define LINE_LIMIT (16u << 20) /* bytes */
#define PIECE (1u << 20)       /* bytes sent at a time, so that a slow peer can be told from one that is gone */

typedef struct Tcp {
    uv_tcp_t stream;
    IoRequest waiting; /* of the task that receives, accepts or connects */
    bool waits, closed, ended; /* ended: the peer sends nothing more */
    int64_t wanted;    /* bytes; or … */
    size_t limit;      /* … of those that end by a sign, so many at most */
    size_t searched;   /* so many bytes do not have that sign */
    uint64_t deadline; /* ns: who waits is late by then; 0: never */
    int error;         /* libuv's code: of reading, or of connecting */
    Text received;
    uv_connect_t connect;
    uint32_t clients;  /* of a listener: those that wait to be accepted */
} Tcp;

enum { WANTS_SOME = -1, WANTS_LINE = -2, WANTS_HEAD = -3 };

/* ---- closing ---- */

static void on_closed(uv_handle_t *handle) {
    Tcp *tcp = (Tcp *)handle;
    text_free(&tcp->received);
    free(tcp);
}

static void wake(Tcp *tcp) {
    if (!tcp->waits) return;
    tcp->waits = false;
    io_finish(&tcp->waiting);
}

/* Whoever waits is told; the rest happens in the I/O loop. */
static void tcp_close(Tcp *tcp) {
    if (tcp->closed) return;
    tcp->closed = tcp->ended = true;
    uv_close((uv_handle_t *)&tcp->stream, on_closed);
    wake(tcp);
}

static void tcp_destroy(Vm *vm, void *data) {
    (void)vm;
    tcp_close(data);
}

static const ResourceKind connection_kind = {"connection", tcp_destroy};
static const ResourceKind listener_kind = {"listener", tcp_destroy};

/* The connection or listener behind a resource; NULL with an error raised when it is closed, or something else. */
static Tcp *tcp_of(Vm *vm, Value value, const ResourceKind *kind) {
    Tcp *tcp = value.resource->kind == kind ? value.resource->data : NULL;
    if (!tcp) vm_raise(vm, ERR_IO, "the %s is closed", kind->name);
    return tcp;
}

static Tcp *tcp_new(Vm *vm) {
    Tcp *tcp = calloc(1, sizeof *tcp);
    if (!tcp) abort();
    uv_tcp_init(&session_of(vm)->loop, &tcp->stream);
    return tcp;
}

/* ---- waiting ---- */

static void on_release(IoRequest *request) { (void)request; /* the resource owns it */ }

static Tcp *tcp_of_request(IoRequest *request) {
    return (Tcp *)((char *)request - offsetof(Tcp, waiting));
}

static void stop_receiving(IoRequest *request) {
    Tcp *tcp = tcp_of_request(request);
    tcp->waits = false;
    uv_read_stop((uv_stream_t *)&tcp->stream); /* does nothing for a listener */
    io_finish(request);
}

static NativeStatus tcp_wait(Vm *vm, Resource *resource, const char *what, void (*give_up)(IoRequest *),
                             NativeStatus (*done)(Vm *, IoRequest *, Value *), Value *result) {
    Tcp *tcp = resource->data;
    tcp->waiting = (IoRequest){.done = done, .give_up = give_up, .release = on_release, .what = what};
    tcp->waits = true;
    return io_wait(vm, &tcp->waiting, resource, result);
}

/* The task that has been parked waits no longer than the connection allows. */
static NativeStatus within_deadline(Vm *vm, const Tcp *tcp, NativeStatus parked) {
    uint64_t now = session_now();
    if (tcp->deadline > 0)
        timer_task(session_of(vm), vm->current, tcp->deadline > now ? tcp->deadline - now : 0, TIMER_LIMIT);
    return parked;
}

static NativeStatus raise_busy(Vm *vm, const ResourceKind *kind) {
    return vm_raise(vm, ERR_IO, "another task waits for this %s already", kind->name);
}

/*
 * ---- names of hosts ----
 *
 * A name server that does not answer keeps a thread of libuv's pool for minutes. But libuv knows that lookups are slow, and
 * never has more than half of its threads do them: the others are left for files.
 */

typedef struct {
    IoRequest io;
    char *host;
    uv_getaddrinfo_t on_pool;
    struct addrinfo *found;
    int error; /* libuv's code */
} Lookup;

static void on_looked_up(uv_getaddrinfo_t *on_pool, int error, struct addrinfo *found) {
    Lookup *lookup = on_pool->data;
    lookup->error = error;
    lookup->found = found;
    io_finish(&lookup->io);
}

static void lookup_give_up(IoRequest *request) {
    uv_cancel((uv_req_t *)&((Lookup *)request)->on_pool); /* fails when it has begun: then it ends when it will */
}

static NativeStatus lookup_done(Vm *vm, IoRequest *request, Value *result) {
    Lookup *lookup = (Lookup *)request;
    if (lookup->error) return vm_raise(vm, ERR_IO, "lookup %s: %s", lookup->host, uv_strerror(lookup->error));
    Array *addresses = array_new(vm, 4);
    for (const struct addrinfo *info = lookup->found; info; info = info->ai_next) {
        char text[INET6_ADDRSTRLEN];
        if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
            array_push(vm, addresses, value_obj(string_from(vm, text)));
    }
    NATIVE_RETURN(value_obj(addresses));
}

static void lookup_release(IoRequest *request) {
    Lookup *lookup = (Lookup *)request;
    uv_freeaddrinfo(lookup->found);
    free(lookup->host);
    free(lookup);
}

static NativeStatus lookup_host(NATIVE_ARGS) {
    Lookup *lookup = calloc(1, sizeof *lookup);
    if (!lookup) abort();
    lookup->io = (IoRequest){.done = lookup_done, .give_up = lookup_give_up, .release = lookup_release,
                             .what = "waiting for the address of a host", .may_hang = true};
    lookup->host = strndup(args[0].string->bytes, args[0].string->length);
    lookup->on_pool.data = lookup;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    uv_loop_t *loop = &session_of(vm)->loop;
    lookup->error = uv_getaddrinfo(loop, &lookup->on_pool, on_looked_up, lookup->host, NULL, &hints);
    if (lookup->error == 0) return io_wait(vm, &lookup->io, NULL, result);
    NativeStatus status = lookup_done(vm, &lookup->io, result); /* no name that could be asked for */
    lookup_release(&lookup->io);
    return status;
}

/* An address as lookup gives it, or as a number. False with an error raised. */
static bool take_address(Vm *vm, const String *text, int64_t port, struct sockaddr_storage *address) {
    char host[INET6_ADDRSTRLEN + 32];
    if (port < 0 || port > 65535) {
        vm_raise(vm, ERR_VALUE, "a port is between 0 and 65535, not %lld", (long long)port);
        return false;
    }
    snprintf(host, sizeof host, "%.*s", (int)text->length, text->bytes);
    if (uv_ip4_addr(host, (int)port, (struct sockaddr_in *)address) == 0) return true;
    if (uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)address) == 0) return true;
    vm_raise(vm, ERR_VALUE, "'%s' is no IP address", host);
    return false;
}

/* ---- connecting ---- */

static void on_connected(uv_connect_t *connect, int status) {
    Tcp *tcp = connect->data;
    tcp->error = status;
    wake(tcp);
}

/* [resource, ""], or [null, why not] */
static NativeStatus give_connection(Vm *vm, IoRequest *request, Value *result) {
    Tcp *tcp = tcp_of_request(request);
    Resource *resource = request->object;
    Value parts[2] = {value_obj(resource), value_obj(string_from(vm, tcp->error ? uv_strerror(tcp->error) : ""))};
    if (tcp->error) {
        parts[0] = NULL_VALUE;
        resource->data = NULL;
        tcp_close(tcp);
    } else {
        uv_tcp_nodelay(&tcp->stream, 1);
    }
    return lib_return_array(array_from(vm, parts, 2), result);
}

static void stop_connecting(IoRequest *request) {
    Tcp *tcp = tcp_of_request(request);
    ((Resource *)request->object)->data = NULL;
    tcp->waits = false;
    tcp_close(tcp);
    io_finish(request);
}

static NativeStatus tcp_connect(NATIVE_ARGS) {
    struct sockaddr_storage address;
    if (!take_address(vm, args[0].string, args[1].i, &address)) return NATIVE_ERROR;
    Tcp *tcp = tcp_new(vm);
    Resource *resource = resource_new(vm, &connection_kind, tcp);
    tcp->connect.data = tcp;
    tcp->error = uv_tcp_connect(&tcp->connect, &tcp->stream, (struct sockaddr *)&address, on_connected);
    if (tcp->error == 0) return tcp_wait(vm, resource, "waiting for a connection", stop_connecting, give_connection, result);
    tcp->waiting.object = resource;
    return give_connection(vm, &tcp->waiting, result);
}

/* ---- listening ---- */

static void on_client(uv_stream_t *stream, int status) {
    Tcp *tcp = (Tcp *)stream;
    if (status < 0) return;
    tcp->clients++;
    wake(tcp);
}

static NativeStatus tcp_listen(NATIVE_ARGS) {
    struct sockaddr_storage address;
    if (!take_address(vm, args[0].string, args[1].i, &address)) return NATIVE_ERROR;
    Tcp *tcp = tcp_new(vm);
    int error = uv_tcp_bind(&tcp->stream, (struct sockaddr *)&address, 0);
    if (error == 0) error = uv_listen((uv_stream_t *)&tcp->stream, BACKLOG, on_client);
    if (error == 0) NATIVE_RETURN(value_obj(resource_new(vm, &listener_kind, tcp)));
    tcp_close(tcp);
    return vm_raise(vm, ERR_IO, "cannot listen on %.*s port %lld: %s", (int)args[0].string->length,
                    args[0].string->bytes, (long long)args[1].i, uv_strerror(error));
}

/* The next client; null when the listener was closed. */
static NativeStatus give_client(Vm *vm, IoRequest *request, Value *result) {
    Tcp *listener = tcp_of_request(request);
    if (listener->closed) NATIVE_RETURN(NULL_VALUE);
    Tcp *client = tcp_new(vm);
    listener->clients--;
    int error = uv_accept((uv_stream_t *)&listener->stream, (uv_stream_t *)&client->stream);
    if (error == 0) NATIVE_RETURN(value_obj(resource_new(vm, &connection_kind, client)));
    tcp_close(client);
    return vm_raise(vm, ERR_IO, "cannot accept a client: %s", uv_strerror(error));
}

static NativeStatus tcp_accept(NATIVE_ARGS) {
    Resource *resource = args[0].resource;
    Tcp *tcp = resource->kind == &listener_kind ? resource->data : NULL;
    if (!tcp) NATIVE_RETURN(NULL_VALUE);
    if (tcp->waits) return raise_busy(vm, &listener_kind);
    if (tcp->clients > 0) return give_client(vm, &tcp->waiting, result);
    return tcp_wait(vm, resource, "waiting for a client", stop_receiving, give_client, result);
}

/* ---- receiving ---- */

/* The length of what ends by a line feed, or by an empty line; 0: the end has not come. */
static size_t find_end(Tcp *tcp) {
    const Text *text = &tcp->received;
    size_t at = tcp->searched;
    for (const char *feed; at < text->length && (feed = memchr(text->bytes + at, '\n', text->length - at));) {
        size_t end = (size_t)(feed - text->bytes), line = end;
        at = end + 1;
        if (tcp->wanted == WANTS_LINE) return at;
        if (line > 0 && text->bytes[line - 1] == '\r') line--;
        if (line == 0 || text->bytes[line - 1] == '\n') return at;
    }
    tcp->searched = text->length; /* an empty line is found by its own feed, which is yet to come */
    return 0;
}

/* How many of the bytes that have come are to be given now; -1: more must come first. */
static int64_t enough(Tcp *tcp) {
    const Text *text = &tcp->received;
    int64_t length = (int64_t)text->length;
    if (tcp->wanted == WANTS_LINE || tcp->wanted == WANTS_HEAD) {
        size_t end = find_end(tcp);
        if (end > 0 && end <= tcp->limit) return (int64_t)end;
        if (end > 0 || text->length >= tcp->limit) return (int64_t)tcp->limit;
    } else if (tcp->wanted == WANTS_SOME) {
        size_t whole = lib_whole_characters(text->bytes, text->length);
        if (whole > 0) return (int64_t)whole;
    } else if (length >= tcp->wanted) {
        return tcp->wanted;
    }
    return tcp->ended || tcp->error ? length : -1;
}

static NativeStatus give_received(Vm *vm, IoRequest *request, Value *result) {
    Tcp *tcp = tcp_of_request(request);
    Text *text = &tcp->received;
    if (heap_refuses(vm, text->length)) return NATIVE_ERROR;
    size_t length = (size_t)enough(tcp), shown = length;
    if (length == 0 && tcp->error) return vm_raise(vm, ERR_IO, "cannot receive: %s", uv_strerror(tcp->error));
    if (length == 0 && tcp->wanted != 0) NATIVE_RETURN(NULL_VALUE);
    if (tcp->wanted == WANTS_LINE && length == LINE_LIMIT)
        return vm_raise(vm, ERR_IO, "a line of more than %u MB", LINE_LIMIT >> 20);
    if (tcp->wanted == WANTS_LINE && text->bytes[shown - 1] == '\n') {
        shown--;
        if (shown > 0 && text->bytes[shown - 1] == '\r') shown--;
    }
    String *string = string_new(vm, length > 0 ? text->bytes : "", shown);
    if (!string) return NATIVE_ERROR;
    text->length -= length;
    tcp->searched = 0;
    if (text->length > 0) memmove(text->bytes, text->bytes + length, text->length);
    NATIVE_RETURN(value_obj(string));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *block) {
    Tcp *tcp = (Tcp *)stream;
    if (count > 0) text_append(&tcp->received, block->base, (size_t)count);
    free(block->base);
    if (count < 0) tcp->ended = true;
    if (count < 0 && count != UV_EOF) tcp->error = (int)count;
    if (enough(tcp) < 0) return;
    uv_read_stop(stream);
    wake(tcp);
}

static NativeStatus tcp_receive(NATIVE_ARGS) {
    Resource *resource = args[0].resource;
    Tcp *tcp = tcp_of(vm, args[0], &connection_kind);
    if (!tcp) return NATIVE_ERROR;
    if (tcp->waits) return raise_busy(vm, &connection_kind);
    if (args[1].i < WANTS_HEAD) return vm_raise(vm, ERR_VALUE, "cannot receive %lld bytes", (long long)args[1].i);
    if (args[1].i > 0 && heap_refuses(vm, (size_t)args[1].i)) return NATIVE_ERROR;
    tcp->wanted = args[1].i;
    tcp->limit = native_given(args[2]) ? (size_t)args[2].i : LINE_LIMIT;
    tcp->searched = 0;
    if (enough(tcp) >= 0) return give_received(vm, &tcp->waiting, result);
    int error = uv_read_start((uv_stream_t *)&tcp->stream, io_allocate, on_read);
    if (error) return vm_raise(vm, ERR_IO, "cannot receive: %s", uv_strerror(error));
    NativeStatus parked = tcp_wait(vm, resource, "waiting for a peer to send", stop_receiving, give_received, result);
    return within_deadline(vm, tcp, parked);
}

/* ---- sending ---- */

typedef struct {
    IoRequest io;
    uv_write_t write;
    int error;
    size_t until; /* so far the text will have been sent */
    char bytes[];
} Sending;

static void on_sent(uv_write_t *write, int status) {
    Sending *sending = write->data;
    sending->error = status;
    io_finish(&sending->io);
}

static NativeStatus sending_done(Vm *vm, IoRequest *request, Value *result) {
    const Sending *sending = (Sending *)request;
    if (sending->error) return vm_raise(vm, ERR_IO, "cannot send: %s", uv_strerror(sending->error));
    NATIVE_RETURN(value_int((int64_t)sending->until));
}

static void sending_give_up(IoRequest *request) {
    Sending *sending = (Sending *)request;
    Tcp *tcp = (Tcp *)sending->write.handle;
    Resource *resource = request->object;
    resource->data = NULL;
    tcp_close(tcp); /* which ends the sending, too */
}

static void sending_release(IoRequest *request) { free(request); }

static NativeStatus tcp_send(NATIVE_ARGS) {
    Tcp *tcp = tcp_of(vm, args[0], &connection_kind);
    if (!tcp) return NATIVE_ERROR;
    const String *text = args[1].string;
    size_t from = native_given(args[2]) ? (size_t)args[2].i : 0, length = text->length - from;
    if (tcp->deadline > 0 && length > PIECE) length = PIECE;
    Sending *sending = calloc(1, sizeof *sending + length);
    if (!sending) abort();
    memcpy(sending->bytes, text->bytes + from, length);
    sending->until = from + length;
    sending->io = (IoRequest){
        .done = sending_done, .give_up = sending_give_up, .release = sending_release, .what = "waiting for a peer to receive"};
    sending->write.data = sending;
    uv_buf_t buffer = uv_buf_init(sending->bytes, (unsigned)length);
    int error = uv_write(&sending->write, (uv_stream_t *)&tcp->stream, &buffer, 1, on_sent);
    if (error == 0) return within_deadline(vm, tcp, io_wait(vm, &sending->io, args[0].resource, result));
    free(sending);
    return vm_raise(vm, ERR_IO, "cannot send: %s", uv_strerror(error));
}

/* ---- the rest ---- */

static NativeStatus tcp_deadline(NATIVE_ARGS) {
    Tcp *tcp = tcp_of(vm, args[0], &connection_kind);
    if (!tcp) return NATIVE_ERROR;
    tcp->deadline = args[1].i > 0 ? session_now() + (uint64_t)args[1].i * 1000000u : 0;
    NATIVE_RETURN(NULL_VALUE);
}

static void on_shut_down(uv_shutdown_t *request, int status) {
    (void)status; /* the connection is broken: the peer knows without */
    free(request);
}

static NativeStatus tcp_finish(NATIVE_ARGS) {
    Tcp *tcp = tcp_of(vm, args[0], &connection_kind);
    if (!tcp) return NATIVE_ERROR;
    uv_shutdown_t *request = calloc(1, sizeof *request);
    if (!request) abort();
    if (uv_shutdown(request, (uv_stream_t *)&tcp->stream, on_shut_down) < 0) free(request);
    NATIVE_RETURN(NULL_VALUE);
}

static NativeStatus tcp_close_call(NATIVE_ARGS) {
    Resource *resource = args[0].resource;
    if (resource->kind != &connection_kind && resource->kind != &listener_kind) NATIVE_RETURN(NULL_VALUE);
    Tcp *tcp = resource->data;
    resource->data = NULL;
    if (tcp) tcp_close(tcp);
    NATIVE_RETURN(NULL_VALUE);
}

/* [address, port] of this side, or of the peer */
static NativeStatus tcp_address(NATIVE_ARGS) {
    bool listens = args[0].resource->kind == &listener_kind;
    Tcp *tcp = tcp_of(vm, args[0], listens ? &listener_kind : &connection_kind);
    if (!tcp) return NATIVE_ERROR;
    struct sockaddr_storage address = {0};
    int length = sizeof address;
    int error = value_truthy(args[1]) ? uv_tcp_getpeername(&tcp->stream, (struct sockaddr *)&address, &length)
                                      : uv_tcp_getsockname(&tcp->stream, (struct sockaddr *)&address, &length);
    char host[INET6_ADDRSTRLEN] = "", port[8] = "";
    if (error == 0)
        getnameinfo((struct sockaddr *)&address, (socklen_t)length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    Value parts[2] = {value_obj(string_from(vm, host)), value_int(atoi(port))};
    return lib_return_array(array_from(vm, parts, 2), result);
}

static NativeStatus byte_length(NATIVE_ARGS) { NATIVE_RETURN(value_int(args[0].string->length)); }

static const NativeDef builtins[] = {
    {"__lookup(host: string) -> array", "The addresses of a host.", lookup_host},
    {"__tcp_connect(address: string, port: int) -> array", "[connection, \"\"], or [null, why not].", tcp_connect},
    {"__tcp_listen(address: string, port: int) -> resource", "A listener.", tcp_listen},
    {"__tcp_accept(listener: resource) -> any", "Waits for the next client; null when the listener is closed.", tcp_accept},
    {"__tcp_receive(connection: resource, wanted: int, limit: int = 16777216) -> any",
     "So many bytes; -1: whatever comes, -2: a line, -3: lines and an empty one; of these, so many bytes at most. null "
     "at the end, false when it is late.",
     tcp_receive},
    {"__tcp_send(connection: resource, text: string, from: int = 0) -> any",
     "Sends the text from that byte on, or, when there is a deadline, a piece of it, and waits until it is gone; how far "
     "it got, or false when it is late: then the connection is closed.",
     tcp_send},
    {"__tcp_deadline(connection: resource, ms: int) -> null",
     "What is received and sent from now on must be done within that time, all of it; 0: whenever it likes.", tcp_deadline},
    {"__tcp_finish(connection: resource) -> null", "Tells the peer that nothing more is sent.", tcp_finish},
    {"__tcp_close(resource: resource) -> null", "Closes a connection or a listener.", tcp_close_call},
    {"__tcp_address(resource: resource, of_peer: bool) -> array", "[address, port]", tcp_address},
    {"__byte_length(text: string) -> int", "How many bytes a text takes.", byte_length},
    {0}};

void tcp_register(Vm *vm) { native_register_builtins(vm, builtins); }
