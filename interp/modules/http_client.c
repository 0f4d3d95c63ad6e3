/*
 * http_client.c -- libcurl's multi interface, driven by the session's I/O loop.
 *
 * libcurl does the protocol and owns the sockets, but waits for nothing. It says what it wants to be told:
 *
 *     on_socket_wanted()   this socket, when it can be read or written      -> a uv_poll_t for each
 *     on_timer_wanted()    that so many milliseconds have passed            -> one uv_timer_t
 *
 * and is told by multi_socket_action(). From inside of that call it hands over what has come: lines of the head, pieces
 * of the body. Those wake the task that waits. The end of a transfer stands in a list that is read after each call.
 *
 * Flow: a body that nobody reads waits in the transfer's buffer, and when that is full, in the server: the transfer is
 * paused. A body that is wanted as a whole may grow up to the heap's limit.
 *
 * Turns: as long as a socket has more, libcurl may go on reading it inside of one call, and a fast server has always more.
 * All tasks would wait for it. So each transfer takes a rest after TURN_LIMIT bytes, until the loop has gone round once.
 */
#include "http_client.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "curl.h"
#include "lib/lib.h"
#include "sched/io.h"
#include "vm/object.h"

#define BUFFER_LIMIT 65536        /* bytes of a body that nobody reads yet */
#define TURN_LIMIT (1 << 20)      /* bytes of a body that come in one go */
#define REDIRECT_LIMIT 10
#define CONNECT_TIMEOUT 30        /* seconds */
#define HEAD_LIMIT (1 << 20)      /* bytes */

typedef struct Transfer Transfer;

typedef struct {
    IoPart part;
    VintSession *session;
    const Curl *curl;
    CURLM *multi;
    uv_timer_t *timer;
    uv_idle_t *next_turn; /* active while a transfer rests */
    Transfer *transfers;  /* those under way */
    size_t held;          /* bytes of bodies in all buffers, which the heap knows nothing of */
} HttpClient;

typedef enum { FAILED_NOT, FAILED_NETWORK, FAILED_TIMEOUT, FAILED_MEMORY } Failure;

struct Transfer {
    IoRequest io; /* of the task that waits; one at a time */
    bool waits;
    HttpClient *client; /* NULL: the transfer has ended */
    Transfer *next, *previous;
    CURL *easy;
    struct curl_slist *headers;
    char *sent; /* the request's body */
    bool follow, has_head, whole; /* whole: the task waits for all of the body */
    bool paused, rests; /* nothing comes until somebody reads; until its next turn */
    size_t turn;        /* bytes since it rested */
    Text head, body;
    long status;
    char *url; /* where the redirects led to */
    Failure failure;
    char reason[CURL_ERROR_SIZE + 64];
};

/* ---- the end of a transfer ---- */

static void transfer_stop(Transfer *transfer) {
    HttpClient *client = transfer->client;
    if (!client) return;
    transfer->client = NULL;
    if (transfer->previous)
        transfer->previous->next = transfer->next;
    else
        client->transfers = transfer->next;
    if (transfer->next) transfer->next->previous = transfer->previous;
    client->held -= transfer->body.length;
    client->curl->multi_remove_handle(client->multi, transfer->easy);
    client->curl->easy_cleanup(transfer->easy);
    client->curl->slist_free_all(transfer->headers);
    transfer->easy = NULL;
    transfer->headers = NULL;
}

static void transfer_destroy(Vm *vm, void *data) {
    (void)vm;
    Transfer *transfer = data;
    transfer_stop(transfer);
    text_free(&transfer->head);
    text_free(&transfer->body);
    free(transfer->sent);
    free(transfer->url);
    free(transfer);
}

static const ResourceKind transfer_kind = {"HTTP response", transfer_destroy};

/* "connection refused" says more than "could not connect", and libcurl's sentences begin with capitals. */
static void note_reason(Transfer *transfer, CURLcode code) {
    const Curl *curl = transfer->client->curl;
    long error = 0;
    curl->easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
    if (!transfer->reason[0]) snprintf(transfer->reason, sizeof transfer->reason, "%s", curl->easy_strerror(code));
    if (isupper((unsigned char)transfer->reason[0]) && islower((unsigned char)transfer->reason[1]))
        transfer->reason[0] = (char)tolower((unsigned char)transfer->reason[0]);
    if (code != CURLE_COULDNT_CONNECT || error == 0) return;
    char *after = strstr(transfer->reason, " after ");
    if (!after) after = transfer->reason + strlen(transfer->reason);
    snprintf(after, sizeof transfer->reason - (size_t)(after - transfer->reason), ": %s", uv_strerror(-(int)error));
}

static void wake(Transfer *transfer) {
    if (!transfer->waits) return;
    transfer->waits = false;
    io_finish(&transfer->io);
}

static void note_head(Transfer *transfer) {
    char *url = NULL;
    const Curl *curl = transfer->client->curl;
    curl->easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &transfer->status);
    curl->easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &url);
    free(transfer->url);
    transfer->url = strdup(url ? url : "");
    transfer->has_head = true;
}

static void transfer_ended(Transfer *transfer, CURLcode code) {
    if (code == CURLE_OK) {
        if (!transfer->has_head) note_head(transfer);
    } else if (transfer->failure == FAILED_NOT) {
        transfer->failure = code == CURLE_OPERATION_TIMEDOUT ? FAILED_TIMEOUT : FAILED_NETWORK;
        note_reason(transfer, code);
    }
    transfer_stop(transfer);
    wake(transfer);
}

static void read_messages(HttpClient *client) {
    CURLMsg *message;
    int left;
    while ((message = client->curl->multi_info_read(client->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result; /* the message dies with its transfer */
        Transfer *transfer;
        client->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        transfer_ended(transfer, code);
    }
}

/* ---- what libcurl hands over ---- */

/* Ends a pause. libcurl hands over at once what it has kept meanwhile; of a failure then it tells nobody but us. */
static void transfer_go_on(Transfer *transfer) {
    CURLcode code = transfer->client->curl->easy_pause(transfer->easy, CURLPAUSE_CONT);
    if (code != CURLE_OK) transfer_ended(transfer, code);
}

static void on_next_turn(uv_idle_t *next_turn) {
    HttpClient *client = next_turn->data;
    uv_idle_stop(next_turn);
    for (Transfer *transfer = client->transfers, *next; transfer; transfer = next) {
        next = transfer->next;
        if (!transfer->rests) continue;
        transfer->rests = false;
        transfer->turn = 0;
        transfer_go_on(transfer);
    }
}

/* One line of a head. There may be several heads, of redirects and announcements: the last one counts. */
static size_t on_head_line(char *bytes, size_t size, size_t count, void *data) {
    Transfer *transfer = data;
    size_t length = size * count;
    if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) transfer->head.length = 0;
    if (transfer->head.length + length > HEAD_LIMIT) return 0;
    text_append(&transfer->head, bytes, length);
    bool is_last = length <= 2 && (bytes[0] == '\r' || bytes[0] == '\n');
    if (!is_last || transfer->has_head) return length;
    long status = 0;
    const char *redirect = NULL;
    const Curl *curl = transfer->client->curl;
    curl->easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (transfer->follow && status >= 300 && status < 400)
        redirect = strcasestr(text_cstring(&transfer->head), "\nlocation:");
    if (status < 200 || redirect) return length;
    note_head(transfer);
    wake(transfer);
    return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
    Transfer *transfer = data;
    HttpClient *client = transfer->client;
    const Heap *heap = &client->session->vm->heap;
    size_t length = size * count;
    if (!transfer->whole && transfer->body.length >= BUFFER_LIMIT) {
        transfer->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (transfer->turn >= TURN_LIMIT) {
        transfer->rests = true;
        uv_idle_start(client->next_turn, on_next_turn);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (heap->bytes + client->held + length > heap->limit || transfer->body.length + length > STRING_MAX_LENGTH) {
        transfer->failure = FAILED_MEMORY;
        return CURL_WRITEFUNC_ERROR;
    }
    text_append(&transfer->body, bytes, length);
    client->held += length;
    transfer->turn += length;
    if (transfer->has_head && !transfer->whole) wake(transfer);
    return length;
}

/* ---- what libcurl wants to be told ---- */

typedef struct {
    uv_poll_t poll;
    HttpClient *client;
    curl_socket_t socket;
    int events; /* that libcurl waits for */
} Watch;

static void free_handle(uv_handle_t *handle) { free(handle); }

/*
 * A connection that the server has reset has an error, and may still hold what came before. libuv tells of the error alone
 * and stops watching. So libcurl is told to read or write as it wanted to: that gives what is left and then the reason.
 */
static void on_poll(uv_poll_t *poll, int status, int events) {
    Watch *watch = (Watch *)poll;
    HttpClient *client = watch->client;
    int flags = 0, running;
    if (status < 0) events = watch->events;
    if (events & UV_READABLE) flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE) flags |= CURL_CSELECT_OUT;
    client->curl->multi_socket_action(client->multi, watch->socket, flags, &running);
    if (status < 0 && !uv_is_closing((uv_handle_t *)poll)) uv_poll_start(poll, watch->events, on_poll);
    read_messages(client);
}

static Watch *watch_new(HttpClient *client, curl_socket_t socket) {
    Watch *watch = calloc(1, sizeof *watch);
    if (!watch) abort();
    watch->client = client;
    watch->socket = socket;
    if (uv_poll_init_socket(&client->session->loop, &watch->poll, socket) < 0) {
        free(watch);
        return NULL;
    }
    client->curl->multi_assign(client->multi, socket, watch);
    return watch;
}

static int on_socket_wanted(CURL *easy, curl_socket_t socket, int what, void *data, void *of_socket) {
    (void)easy;
    HttpClient *client = data;
    Watch *watch = of_socket;
    if (what == CURL_POLL_REMOVE) {
        if (watch) uv_close((uv_handle_t *)&watch->poll, free_handle);
        client->curl->multi_assign(client->multi, socket, NULL);
        return 0;
    }
    if (!watch && !(watch = watch_new(client, socket))) return -1;
    watch->events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    return uv_poll_start(&watch->poll, watch->events, on_poll) < 0 ? -1 : 0;
}

static void on_timer(uv_timer_t *timer) {
    HttpClient *client = timer->data;
    int running;
    client->curl->multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    read_messages(client);
}

static int on_timer_wanted(CURLM *multi, long ms, void *data) {
    (void)multi;
    HttpClient *client = data;
    if (ms < 0)
        uv_timer_stop(client->timer);
    else
        uv_timer_start(client->timer, on_timer, (uint64_t)ms, 0);
    return 0;
}

/* ---- the client: one for each session, made for the first request ---- */

static const char owner; /* its address names the part */

static void client_close(IoPart *part) {
    HttpClient *client = (HttpClient *)part;
    while (client->transfers) transfer_stop(client->transfers);
    client->curl->multi_cleanup(client->multi);
    uv_close((uv_handle_t *)client->timer, free_handle);
    uv_close((uv_handle_t *)client->next_turn, free_handle);
    free(client);
}

static HttpClient *client_of(Vm *vm, const char **why) {
    VintSession *session = session_of(vm);
    HttpClient *client = (HttpClient *)io_part(session, &owner);
    if (client) return client;
    const Curl *curl = curl_load(why);
    if (!curl) return NULL;
    CURLM *multi = curl->multi_init();
    if (!multi) {
        *why = "it cannot start a transfer now";
        return NULL;
    }
    client = calloc(1, sizeof *client);
    if (!client || !(client->timer = calloc(1, sizeof *client->timer)) ||
        !(client->next_turn = calloc(1, sizeof *client->next_turn)))
        abort();
    client->multi = multi;
    client->part = (IoPart){.owner = &owner, .close = client_close};
    client->session = session;
    client->curl = curl;
    uv_timer_init(&session->loop, client->timer);
    uv_idle_init(&session->loop, client->next_turn);
    client->timer->data = client->next_turn->data = client;
    curl->multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl->multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl->multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    curl->multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    io_add_part(session, &client->part);
    return client;
}

/* ---- starting a transfer ---- */

static char *copy_string(const String *string) {
    char *copy = strndup(string->bytes, string->length);
    if (!copy) abort();
    return copy;
}

/* The lines "Name: value" as libcurl takes them. False with an error raised. */
static bool take_headers(Vm *vm, const Curl *curl, const Array *lines, struct curl_slist **list) {
    for (uint32_t i = 0; i < lines->length; i++) {
        const String *line = lines->items[i].string;
        for (uint32_t at = 0; at < line->length; at++)
            if ((unsigned char)line->bytes[at] < ' ' && line->bytes[at] != '\t') {
                curl->slist_free_all(*list);
                vm_raise(vm, ERR_VALUE, "a header must be one line, without control characters: %s",
                         error_describe(vm, lines->items[i]));
                return false;
            }
        char *copy = copy_string(line);
        size_t length = strlen(copy);
        if (length > 0 && copy[length - 1] == ':') copy[length - 1] = ';'; /* libcurl's way to say: sent, but empty */
        *list = curl->slist_append(*list, copy);
        free(copy);
    }
    *list = curl->slist_append(*list, "Expect:"); /* bodies are sent without asking first */
    return true;
}

static Transfer *transfer_new(HttpClient *client, struct curl_slist *headers) {
    Transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer || !(transfer->easy = client->curl->easy_init())) abort();
    transfer->client = client;
    transfer->headers = headers;
    transfer->next = client->transfers;
    if (transfer->next) transfer->next->previous = transfer;
    client->transfers = transfer;
    return transfer;
}

/* [body] may be NULL. */
static void set_request(Transfer *transfer, const String *method, const String *url, const String *body) {
    const Curl *curl = transfer->client->curl;
    CURL *easy = transfer->easy;
    char *text = copy_string(url);
    curl->easy_setopt(easy, CURLOPT_URL, text);
    free(text);
    bool is_post = string_is(method, "POST");
    if (body || is_post) {
        size_t length = body ? body->length : 0;
        transfer->sent = malloc(length + 1);
        if (!transfer->sent) abort();
        if (body) memcpy(transfer->sent, body->bytes, length);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->sent);
    }
    if (string_is(method, "HEAD")) {
        curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (!is_post && (body || !string_is(method, "GET"))) { /* a POST by that name could not become a GET */
        text = copy_string(method);
        curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, text);
        free(text);
    }
}

static void set_timeout(Transfer *transfer, double ms) {
    if (ms > 0) transfer->client->curl->easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)(ms + 0.5));
}

/* Whether the server has to prove who it is, and whose word counts: a file of certificates, or NULL for the system's. */
static void set_trust(Transfer *transfer, bool verify, const String *authorities) {
    const Curl *curl = transfer->client->curl;
    curl->easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    curl->easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (!authorities) return;
    char *path = copy_string(authorities);
    curl->easy_setopt(transfer->easy, CURLOPT_CAINFO, path);
    free(path);
}

/* Proxies come from the environment; for the machine itself there is none. */
static void set_no_proxy(const Curl *curl, CURL *easy) {
    const char *variable = getenv("no_proxy");
    if (!variable) variable = getenv("NO_PROXY");
    Text hosts = {0};
    text_puts(&hosts, variable && *variable ? variable : "localhost");
    if (!variable || strcmp(variable, "*") != 0) text_puts(&hosts, ",localhost,127.0.0.1,::1");
    curl->easy_setopt(easy, CURLOPT_NOPROXY, text_cstring(&hosts));
    text_free(&hosts);
}

static void set_options(Transfer *transfer) {
    const Curl *curl = transfer->client->curl;
    CURL *easy = transfer->easy;
    curl->easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head_line);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl->easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl->easy_setopt(easy, CURLOPT_USERAGENT, "VintLang/" VINT_VERSION);
    curl->easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, (long)transfer->follow);
    curl->easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECT_LIMIT);
    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* an aborted transfer does not wait for its name server */
    set_no_proxy(curl, easy);
}

/* ---- what tasks wait for ---- */

static void on_give_up(IoRequest *request) {
    Transfer *transfer = (Transfer *)request;
    transfer->waits = false;
    transfer_stop(transfer);
    io_finish(request);
}

static void on_release(IoRequest *request) { (void)request; /* the resource owns the transfer */ }

static NativeStatus transfer_wait(Vm *vm, Resource *resource, NativeStatus (*done)(Vm *, IoRequest *, Value *),
                                  Value *result) {
    Transfer *transfer = resource->data;
    transfer->io = (IoRequest){
        .done = done, .give_up = on_give_up, .release = on_release, .what = "waiting for an HTTP response"};
    transfer->waits = true;
    return io_wait(vm, &transfer->io, resource, result);
}

/* A failure is a value here: ["timeout" or "network", reason]. The module makes the error of it. */
static NativeStatus give_failure(Vm *vm, const Transfer *transfer, Value *result) {
    if (transfer->failure == FAILED_MEMORY)
        return vm_raise(vm, ERR_MEMORY, "the response is larger than the memory that is left");
    Value parts[2] = {value_obj(string_from(vm, transfer->failure == FAILED_TIMEOUT ? "timeout" : "network")),
                      value_obj(string_new(vm, transfer->reason, strlen(transfer->reason)))};
    return lib_return_array(array_from(vm, parts, 2), result);
}

/* [status, URL, lines of the head, transfer] */
static NativeStatus give_head(Vm *vm, IoRequest *request, Value *result) {
    Transfer *transfer = (Transfer *)request;
    if (!transfer->has_head) return give_failure(vm, transfer, result);
    Array *lines = array_new(vm, 8);
    const char *at = text_cstring(&transfer->head);
    for (const char *end; (end = strchr(at, '\n')); at = end + 1) {
        size_t length = (size_t)(end - at);
        if (length > 0 && at[length - 1] == '\r') length--;
        if (length > 0 && !array_push(vm, lines, value_obj(string_new(vm, at, length)))) return NATIVE_ERROR;
    }
    Value parts[4] = {value_int(transfer->status), value_obj(string_from(vm, transfer->url)), value_obj(lines),
                      value_obj(request->object)};
    return lib_return_array(array_from(vm, parts, 4), result);
}

/* What has come of the body; null at its end. */
static NativeStatus give_body(Vm *vm, IoRequest *request, Value *result) {
    Transfer *transfer = (Transfer *)request;
    Text *body = &transfer->body;
    if (!transfer->client && transfer->failure != FAILED_NOT && (transfer->whole || body->length == 0))
        return give_failure(vm, transfer, result);
    if (!transfer->whole && body->length == 0) NATIVE_RETURN(NULL_VALUE);
    size_t length = transfer->client ? lib_whole_characters(body->bytes, body->length) : body->length;
    String *piece = string_new(vm, body->bytes ? body->bytes : "", length);
    if (!piece) return NATIVE_ERROR;
    if (transfer->client) transfer->client->held -= length;
    if (length > 0) memmove(body->bytes, body->bytes + length, body->length - length);
    body->length -= length;
    NATIVE_RETURN(value_obj(piece));
}

static NativeStatus http_open(NATIVE_ARGS) {
    const char *why;
    HttpClient *client = client_of(vm, &why);
    if (!client) return vm_raise(vm, ERR_IO, "requests need libcurl: %s", why);
    struct curl_slist *headers = NULL;
    if (!take_headers(vm, client->curl, args[2].array, &headers)) return NATIVE_ERROR;
    Transfer *transfer = transfer_new(client, headers);
    transfer->follow = value_truthy(args[5]);
    set_options(transfer);
    set_request(transfer, args[0].string, args[1].string, args[3].tag == T_STRING ? args[3].string : NULL);
    set_timeout(transfer, value_number(args[4]));
    set_trust(transfer, value_truthy(args[6]), args[7].tag == T_STRING ? args[7].string : NULL);
    Resource *resource = resource_new(vm, &transfer_kind, transfer);
    if (client->curl->multi_add_handle(client->multi, transfer->easy) != CURLM_OK)
        return vm_raise(vm, ERR_IO, "libcurl does not take the request");
    return transfer_wait(vm, resource, give_head, result);
}

static NativeStatus http_read(NATIVE_ARGS) {
    Resource *resource = args[0].resource;
    Transfer *transfer = resource->kind == &transfer_kind ? resource->data : NULL;
    if (!transfer) return vm_raise(vm, ERR_TYPE, "this is no response");
    if (transfer->waits) return vm_raise(vm, ERR_IO, "another task reads this response already");
    transfer->whole = value_truthy(args[1]);
    if (transfer->paused && transfer->client) {
        transfer->paused = false;
        transfer_go_on(transfer);
    }
    if (transfer->client && (transfer->whole || transfer->body.length == 0))
        return transfer_wait(vm, resource, give_body, result);
    transfer->io.object = resource;
    return give_body(vm, &transfer->io, result);
}

static const NativeDef builtins[] = {
    {"__http_open(method: string, url: string, headers: array, body: string | null, timeout: number, follow: bool, "
     "verify: bool, authorities: string | null) -> array",
     "Sends a request and waits for the head of the response.", http_open},
    {"__http_read(transfer: resource, whole: bool) -> any", "The next piece of the body, or all that is left.", http_read},
    {0}};

void http_client_register(Vm *vm) { native_register_builtins(vm, builtins); }
