/*
 * sockets.c -- the wire thread.
 *
 * A ZeroMQ socket is for one thread at a time, and every hop between threads costs a wake-up; so one thread waits for
 * shell, control, stdin and IOPub, for the outbox and for deadlines in one poll(). Control is read first, and who
 * subscribes to IOPub before anything that may be published for it.
 *
 * Turns. To wake this thread takes longer than to send a reply. So who has one to send does it by itself while the
 * thread sleeps (sockets_send()). Whoever uses the sockets, or anything of [sockets], has the [turn]: the wire thread
 * always has it but in its poll().
 *
 * Waiting. zmq_poll() asks every socket twice, with two system calls each. Here the thread waits for the descriptors
 * that sockets signal with, and asks only those that have. There is one trap: a socket signals once, and sending on it
 * may take that signal away. So a socket that something was sent on ([touched]) is asked before the thread sleeps, or
 * by who sent while it slept.
 *
 * A cell that prints without end keeps the thread busy with output. So every TURN_MS it looks for requests, and replies
 * go ahead of the output that waits in the line.
 *
 * IOPub. A PUB socket drops messages, silently, for a client that has a thousand of them unread, and the status that it
 * waits for may be among them. So here the line waits for the client that reads most slowly: when it has too many
 * messages unread (ZMQ_XPUB_NODROP), or when ZeroMQ holds more than IN_FLIGHT bytes of output. A client that has stopped
 * reading would hold up the others for ever. So after PATIENCE_MS, once, a message goes out as PUB sockets do it: who is
 * full misses it, and from then on ZeroMQ leaves that client out until it has read half of what it has. The others go on
 * with nothing lost. What it keeps unread is a thousand messages at most; if those are so big that there are
 * IN_FLIGHT_MAX bytes of them, output is dropped for all, with a notice. Statuses never are.
 */
#include "sockets.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "clock.h"
#include "execute.h"
#include "frames.h"
#include "outbox.h"
#include "output.h"
#include "requests.h"
#include "session.h"

#define BIND_TRIES 100 /* 20 ms each: a restarted kernel gets the ports of the one before it */
#define IN_FLIGHT (16 << 20) /* bytes; see above */
#define IN_FLIGHT_MAX (256 << 20)
#define UNREAD_MAX 1000 /* messages of IOPub that wait for one client */
#define PATIENCE_MS 3000
#define HELD_MS 1      /* when to try again to send what has to wait … */
#define QUESTION_MS 20 /* … and what no stdin was there for */
#define LINGER_MS 1000
#define INCOMING_MAX (INT64_C(256) << 20) /* bytes of a frame; a client that sends more is disconnected */
#define TURN_MS 2                         /* how long it sends before it looks for requests */
#define READS_MAX 64                      /* messages read from a socket before the others get a turn */
#define PARENT_MS 1000
#define RUNNING_TICK_MS 10 /* how long the thread sleeps at most while a cell runs: printing then needs no wake-up */
#define END_MS 500
#define FIRST_CLIENT_MS 300 /* how long shell waits for a first subscriber of IOPub */

/* The sockets of the wire thread, the most urgent first. */
static const Channel poll_order[] = {CHANNEL_CONTROL, CHANNEL_IOPUB, CHANNEL_STDIN, CHANNEL_SHELL};
enum { SHELL_ITEM = 3, OUTBOX_ITEM, ITEMS }; /* where they stand among what is waited for */

static struct {
    Connection *connection;
    const char *session;
    void *context;
    void *socket[CHANNELS];
    bool touched[CHANNELS]; /* something may have come without a signal */
    pthread_mutex_t turn;
    pthread_t thread, heartbeat;
    Signer *signer;
    Replay *replay;
    Message *line, **line_end; /* taken from the outbox, not sent yet */
    size_t output;         /* messages in the line that are bulk */
    int64_t looked;        /* when the one whose turn it is began to send */
    Message *question;     /* for a client whose stdin is not connected yet */
    int64_t slow_since;    /* since when ZeroMQ has had too many bytes; 0: it has not */
    int64_t full_since;    /* since when some client has had too many messages unread; 0: none has */
    bool dropping;         /* the notice has been given */
    pid_t parent;          /* the process whose end is ours; 0: none */
    bool is_child;         /* [parent] is what getppid() says */
    int64_t parent_checked;
    bool subscribed;       /* somebody has subscribed to IOPub */
    int64_t opened;        /* when the thread began */
    int64_t end_by; /* when to end the process by force; CLOCK_NEVER: not at all */
    atomic_bool closing;
    volatile sig_atomic_t interrupted, terminated;
} sockets = {.turn = PTHREAD_MUTEX_INITIALIZER, .end_by = CLOCK_NEVER};

/* ---- Opening ---- */

static void set_option(void *socket, int option, int value) {
    zmq_setsockopt(socket, option, &value, sizeof value);
}

/* Has clients prove that they know the public key, and encrypts all that is said. */
static bool encrypt(void *socket, const Connection *connection) {
    return zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &(int){1}, sizeof(int)) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, connection->curve_public, CURVE_KEY + 1) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, connection->curve_secret, CURVE_KEY + 1) == 0;
}

static void *new_socket(Channel channel) {
    void *socket = zmq_socket(sockets.context, channel == CHANNEL_IOPUB ? ZMQ_XPUB : ZMQ_ROUTER);
    if (!socket) return NULL;
    set_option(socket, ZMQ_LINGER, LINGER_MS);
    set_option(socket, ZMQ_SNDHWM, channel == CHANNEL_IOPUB ? UNREAD_MAX : 0);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &(int64_t){INCOMING_MAX}, sizeof(int64_t));
    if (channel == CHANNEL_IOPUB) {
        set_option(socket, ZMQ_XPUB_VERBOSE, 1); /* every client is welcomed, not only the first */
        set_option(socket, ZMQ_XPUB_NODROP, 1);
    } else {
        set_option(socket, ZMQ_ROUTER_HANDOVER, 1); /* a client that comes back keeps its identity */
        if (channel == CHANNEL_STDIN) set_option(socket, ZMQ_ROUTER_MANDATORY, 1); /* tells when nobody is there */
    }
    return socket;
}

static bool bind_socket(Channel channel, char why[CONNECTION_WHY]) {
    char endpoint[256];
    size_t size = sizeof endpoint;
    connection_endpoint(sockets.connection, channel, endpoint, size);
    for (int tries = 0; zmq_bind(sockets.socket[channel], endpoint) != 0; tries++) {
        if (errno != EADDRINUSE || tries == BIND_TRIES) {
            snprintf(why, CONNECTION_WHY, "cannot listen on %s: %s", endpoint, zmq_strerror(errno));
            return false;
        }
        usleep(20000);
    }
    zmq_getsockopt(sockets.socket[channel], ZMQ_LAST_ENDPOINT, endpoint, &size);
    if (sockets.connection->port[channel] == 0) sockets.connection->port[channel] = atoi(strrchr(endpoint, ':') + 1);
    return true;
}

bool sockets_open(Connection *connection, const char *session, char why[CONNECTION_WHY]) {
    const char *parent = getenv("JPY_PARENT_PID");
    sockets.connection = connection;
    sockets.session = session;
    sockets.parent = parent ? (pid_t)atol(parent) : 0;
    sockets.is_child = sockets.parent == getppid();
    sockets.replay = replay_new();
    sockets.signer = signer_new(connection->scheme, connection->key);
    if (!sockets.signer) {
        snprintf(why, CONNECTION_WHY, "signature scheme %.32s is not known", connection->scheme);
        return false;
    }
    sockets.context = zmq_ctx_new();
    for (int i = 0; i < CHANNELS; i++) {
        sockets.socket[i] = new_socket(i);
        bool encrypted = connection->curve_secret != NULL;
        if (!sockets.socket[i] || (encrypted && !encrypt(sockets.socket[i], connection))) {
            snprintf(why, CONNECTION_WHY, "cannot make a socket: %s", zmq_strerror(errno));
            return false;
        }
        if (!bind_socket(i, why)) return false;
    }
    return true;
}

/* ---- Sending ---- */

typedef enum { GO, WAIT, DROP } Verdict;

/* IOPub ought to wait for a slow client: is there still reason to hope for it? */
static bool is_patient(int64_t *since) {
    int64_t now = clock_now();
    if (!*since) *since = now;
    return !sockets.closing && now - *since < PATIENCE_MS * CLOCK_MS;
}

/* May a message go out now, as far as its bytes are concerned? */
static Verdict judge(Message *message) {
    static const char notice[] = "\n[output lost: a client of this kernel does not read it]\n";
    if (!message->bulk) return GO;
    long in_flight = frames_in_flight();
    if (in_flight < IN_FLIGHT) {
        sockets.slow_since = 0;
        sockets.dropping = false;
        return GO;
    }
    if (is_patient(&sockets.slow_since)) return WAIT;
    if (in_flight < IN_FLIGHT_MAX) return GO;
    if (sockets.dropping || !message->stream) return DROP;
    sockets.dropping = true;
    buffer_clear(&message->content);
    buffer_text(&message->content, notice);
    return GO;
}

/* Sends to IOPub; false: some client is full, and the message has to wait for it. */
static bool publish(void *socket, Message *message) {
    bool begun = frames_send_address(socket, message, sockets.session);
    if (!begun && is_patient(&sockets.full_since)) return false;
    sockets.full_since = 0;
    if (!begun) {
        set_option(socket, ZMQ_XPUB_NODROP, 0);
        begun = frames_send_address(socket, message, sockets.session);
        set_option(socket, ZMQ_XPUB_NODROP, 1);
    }
    if (begun) frames_send_rest(socket, message, sockets.session, sockets.signer);
    return true;
}

/* False: the message has to wait. Otherwise it has been sent, or nobody is there to receive it. */
static bool send_message(Message *message) {
    void *socket = sockets.socket[message->channel];
    size_t bulk = message_bulk(message);
    Verdict verdict = judge(message);
    sockets.touched[message->channel] = true;
    if (verdict == WAIT) return false;
    if (verdict == GO && message->channel == CHANNEL_IOPUB) {
        if (!publish(socket, message)) return false;
    } else if (verdict == GO) {
        bool begun = frames_send_address(socket, message, sockets.session);
        if (!begun && message->channel == CHANNEL_STDIN) return false;
        if (begun) frames_send_rest(socket, message, sockets.session, sockets.signer);
    }
    outbox_sent(bulk);
    return true;
}

/* Reads what clients subscribe to on IOPub and puts a welcome for each into the front of the line. */
static void welcome_clients(void) {
    char frame[1024];
    int length;
    while ((length = zmq_recv(sockets.socket[CHANNEL_IOPUB], frame, sizeof frame, ZMQ_DONTWAIT)) >= 0) {
        if (length == 0 || length > (int)sizeof frame || frame[0] != 1) continue; /* 0: unsubscribes */
        sockets.subscribed = true;
        outbox_wake_by(0); /* shell may be read now */
        size_t size = (size_t)length - 1;
        if (!utf8_is_valid(frame + 1, size)) continue;
        Message *message = message_new(CHANNEL_IOPUB, "iopub_welcome", NULL);
        message->topic = (Slice){memory_copy(frame + 1, size), size};
        buffer_text(&message->content, "{\"subscription\":");
        buffer_json(&message->content, frame + 1, size);
        buffer_text(&message->content, "}");
        message->next = sockets.line;
        if (!sockets.line) sockets.line_end = &message->next;
        sockets.line = message;
    }
}

/* A question goes to a client that has just sent a request; its stdin may still be on the way. There is one at most. */
static bool send_question(void) {
    if (!sockets.question) return true;
    if (!send_message(sockets.question)) return false;
    message_free(sockets.question);
    sockets.question = NULL;
    return true;
}

static void keep_question(Message *question) {
    if (sockets.question) message_free(sockets.question);
    sockets.question = question;
}

/* Replies need not wait for output; that of a cell comes after what it printed. */
static bool goes_ahead(const Message *message) {
    return message->channel == CHANNEL_CONTROL ||
           (message->channel == CHANNEL_SHELL && strcmp(message->type, "execute_reply") != 0);
}

/* Puts what is in the outbox into the line. */
static void fill_line(void) {
    for (Message *message = outbox_take(), *next; message; message = next) {
        next = message->next;
        if (sockets.output > 0 && goes_ahead(message) && send_message(message)) {
            message_free(message);
            continue;
        }
        message->next = NULL;
        sockets.output += message->bulk;
        *sockets.line_end = message;
        sockets.line_end = &message->next;
    }
    if (sockets.line) welcome_clients(); /* a cell may print for long */
}

static Message *leave_line(void) {
    Message *message = sockets.line;
    sockets.line = message->next;
    if (!sockets.line) sockets.line_end = &sockets.line;
    sockets.output -= message->bulk;
    return message;
}

typedef enum { ALL_SENT, HAS_TO_WAIT, TURN_OVER } Progress;

/* Sends what is in the outbox, as long as a turn lasts. */
static Progress send_all(void) {
    Progress progress = send_question() ? ALL_SENT : HAS_TO_WAIT;
    fill_line();
    while (sockets.line) {
        bool sent = send_message(sockets.line);
        if (!sent && sockets.line->channel == CHANNEL_IOPUB) return HAS_TO_WAIT;
        Message *message = leave_line();
        if (sent) {
            message_free(message);
        } else {
            keep_question(message);
            progress = HAS_TO_WAIT;
        }
        bool turn_over = !sockets.closing && clock_now() - sockets.looked >= TURN_MS * CLOCK_MS;
        if (turn_over || !sockets.line) fill_line();
        if (turn_over && sockets.line) return TURN_OVER;
    }
    return progress;
}

/* ---- Receiving ---- */

/* Reads one message from a ROUTER and hands it on; false: there is none. */
static bool receive_request(Channel channel) {
    static zmq_msg_t frames[WIRE_FRAMES_MAX];
    Slice slices[WIRE_FRAMES_MAX];
    size_t count = 0;
    bool more = true, overflow = false;
    while (more) {
        zmq_msg_t *frame = &frames[count];
        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, sockets.socket[channel], ZMQ_DONTWAIT) < 0) return false;
        more = zmq_msg_more(frame);
        slices[count] = (Slice){zmq_msg_data(frame), zmq_msg_size(frame)};
        if (count + 1 < WIRE_FRAMES_MAX) {
            count++;
        } else {
            overflow = overflow || more;
            zmq_msg_close(frame);
        }
    }
    Request *request = NULL;
    const char *refused = overflow ? "too many frames"
                                   : wire_parse(sockets.signer, sockets.replay, slices, count, &request);
    for (size_t i = 0; i < count; i++) zmq_msg_close(&frames[i]);
    if (refused) {
        fprintf(stderr, "vint-kernel: message refused: %s\n", refused);
    } else {
        request->channel = channel;
        request->arrived = clock_now();
        requests_handle(request);
        request_release(request);
    }
    return true;
}

/* ---- The thread ---- */

void sockets_note_signal(int number) {
    int error = errno; /* of whatever the signal came in between */
    if (number == SIGINT) {
        sockets.interrupted = 1;
    } else {
        sockets.terminated = 1;
    }
    outbox_wake_by(0);
    errno = error;
}

void sockets_expect_end(void) {
    sockets.end_by = clock_earlier(sockets.end_by, clock_now() + END_MS * CLOCK_MS);
}

static void end_politely(void) {
    session_stop(0);
    sockets_expect_end();
}

static bool parent_is_gone(void) {
    if (sockets.parent <= 1) return false;
    if (sockets.is_child) return getppid() != sockets.parent;
    return kill(sockets.parent, 0) != 0 && errno == ESRCH;
}

/* Looks after signals and the parent. */
static void look_around(int64_t now) {
    if (sockets.interrupted) {
        sockets.interrupted = 0;
        session_interrupt();
    }
    if (now - sockets.parent_checked >= PARENT_MS * CLOCK_MS) {
        sockets.parent_checked = now;
        if (parent_is_gone()) sockets.terminated = 1;
    }
    if (sockets.terminated) {
        sockets.terminated = 0;
        sockets.parent = 0;
        end_politely();
    }
}

static void close_sockets(void) {
    for (int i = 0; i < CHANNELS; i++) {
        if (i != CHANNEL_HEARTBEAT && sockets.socket[i]) zmq_close(sockets.socket[i]);
    }
}

/* The session thread is stuck in something that cannot be interrupted: leave without it. */
static _Noreturn void end_by_force(void) {
    sockets.closing = true;
    send_all();
    close_sockets();
    zmq_ctx_term(sockets.context);
    connection_free(sockets.connection);
    _exit(0);
}

static void receive(Channel channel) {
    sockets.touched[channel] = false;
    if (channel == CHANNEL_IOPUB) {
        welcome_clients();
        return;
    }
    int n = 0;
    while (n < READS_MAX && receive_request(channel)) n++;
    if (n == READS_MAX) sockets.touched[channel] = true;
}

/*
 * A client that starts the kernel connects its sockets before there is anything to connect to, and tries again every 100 ms
 * or so, each socket for itself. When its shell comes first, it would miss what is published of its first requests, and wait for
 * their idle for ever. So requests on shell are left unread until somebody listens on IOPub, or a moment has passed.
 */
static bool shell_is_open(int64_t now) {
    return sockets.subscribed || now - sockets.opened >= FIRST_CLIENT_MS * CLOCK_MS;
}

/* When the thread has to look around next, as far as it knows; [now] has been looked after. */
static int64_t next_moment(int64_t now, Progress progress) {
    if (progress == TURN_OVER) return now;
    int64_t when = clock_earlier(sockets.parent_checked + PARENT_MS * CLOCK_MS, sockets.end_by);
    when = clock_earlier(when, clock_earlier(output_tick(now), queue_tick(now)));
    if (!shell_is_open(now)) when = clock_earlier(when, sockets.opened + FIRST_CLIENT_MS * CLOCK_MS);
    if (queue_is_running()) when = clock_earlier(when, now + RUNNING_TICK_MS * CLOCK_MS);
    if (progress == HAS_TO_WAIT) when = clock_earlier(when, now + (sockets.line ? HELD_MS : QUESTION_MS) * CLOCK_MS);
    return when;
}

static bool has_come(Channel channel) {
    int events = 0;
    size_t size = sizeof events;
    zmq_getsockopt(sockets.socket[channel], ZMQ_EVENTS, &events, &size);
    return events & ZMQ_POLLIN;
}

/* Of the sockets that something was sent on, has one something to read? */
static bool any_has_come(void) {
    for (int i = 0; i < CHANNELS; i++) {
        if (sockets.touched[i] && has_come(i)) return true;
        sockets.touched[i] = false;
    }
    return false;
}

void sockets_send(void) {
    bool is_done = false;
    if (pthread_mutex_trylock(&sockets.turn) == 0) { /* the wire thread sleeps */
        sockets.looked = clock_now();
        is_done = !sockets.closing && send_all() == ALL_SENT && !any_has_come();
        pthread_mutex_unlock(&sockets.turn);
    }
    outbox_release(!is_done);
}

/* Waits for up to [wait_ms] and notes in [items] what has come: on sockets in their order, in the outbox behind them. */
static void wait_for_work(struct pollfd items[ITEMS], int64_t wait_ms, bool shell_open) {
    bool come[OUTBOX_ITEM] = {false};
    items[SHELL_ITEM].events = shell_open ? POLLIN : 0;
    for (int i = 0; i < OUTBOX_ITEM; i++) {
        bool *touched = &sockets.touched[poll_order[i]];
        if (!*touched || (i == SHELL_ITEM && !shell_open)) continue;
        *touched = come[i] = has_come(poll_order[i]);
        if (come[i]) wait_ms = 0;
    }
    for (int i = 0; i < ITEMS; i++) items[i].revents = 0; /* poll() leaves them so when a signal ends it */
    pthread_mutex_unlock(&sockets.turn);
    poll(items, ITEMS, (int)wait_ms);
    pthread_mutex_lock(&sockets.turn);
    for (int i = 0; i < OUTBOX_ITEM; i++) {
        if (come[i]) items[i].revents |= POLLIN;
    }
}

static void take_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void *wire_thread(void *unused) {
    take_signals();
    struct pollfd items[ITEMS] = {[OUTBOX_ITEM] = {outbox_descriptor(), POLLIN, 0}};
    for (int i = 0; i < OUTBOX_ITEM; i++) {
        size_t size = sizeof items[i].fd;
        zmq_getsockopt(sockets.socket[poll_order[i]], ZMQ_FD, &items[i].fd, &size);
        items[i].events = POLLIN;
        sockets.touched[poll_order[i]] = true;
    }
    sockets.opened = clock_now();
    pthread_mutex_lock(&sockets.turn);
    for (;;) {
        int64_t now = clock_now();
        bool closing = sockets.closing;
        output_tick(now);
        queue_tick(now);
        Progress progress = send_all();
        if (closing) break;
        if (now >= sockets.end_by) end_by_force();
        int64_t when = next_moment(now, progress);
        if (progress != TURN_OVER && !outbox_sleep(when)) continue; /* something came in the meantime */
        int64_t wait = when - clock_now();
        bool stay = sockets.closing || sockets.interrupted || sockets.terminated || wait < 0;
        wait_for_work(items, stay ? 0 : (wait + CLOCK_MS - 1) / CLOCK_MS, shell_is_open(now));
        outbox_awake(items[OUTBOX_ITEM].revents);
        sockets.looked = clock_now();
        look_around(sockets.looked);
        for (int i = 0; i < OUTBOX_ITEM; i++) {
            if (items[i].revents & POLLIN) receive(poll_order[i]);
        }
    }
    if (sockets.question) message_free(sockets.question);
    close_sockets();
    pthread_mutex_unlock(&sockets.turn);
    return unused;
}

/* Echoes whatever comes, until the context ends. A thread of its own, so that nothing ever delays it. */
static void *heartbeat_thread(void *unused) {
    void *socket = sockets.socket[CHANNEL_HEARTBEAT];
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    while (zmq_msg_recv(&frame, socket, 0) >= 0) {
        zmq_msg_send(&frame, socket, zmq_msg_more(&frame) ? ZMQ_SNDMORE : 0);
    }
    zmq_msg_close(&frame);
    zmq_close(socket);
    return unused;
}

void sockets_start(void) {
    sockets.parent_checked = sockets.looked = clock_now();
    sockets.line_end = &sockets.line;
    if (pthread_create(&sockets.thread, NULL, wire_thread, NULL) != 0) abort();
    if (pthread_create(&sockets.heartbeat, NULL, heartbeat_thread, NULL) != 0) abort();
}

void sockets_close(void) {
    sockets.closing = true;
    outbox_wake_by(0);
    pthread_join(sockets.thread, NULL);
    zmq_ctx_shutdown(sockets.context);
    pthread_join(sockets.heartbeat, NULL);
    zmq_ctx_term(sockets.context);
    signer_free(sockets.signer);
    replay_free(sockets.replay);
}
