/*
 * output.c -- collects what tasks print, per cell, and publishes it in batches.
 *
 * One message for each print would drown a notebook server, which drops messages above a rate; so text is collected.
 * When is it published?
 *
 *   - before anything else of the same cell, so that the order is the program's order;
 *   - when there is much of it;
 *   - in a running cell: FIRST_MS after the first of it came, and not more often than each RUNNING_MS;
 *   - of a cell that has ended (late output): not more often than each LATE_MS, all cells together, and so much at a
 *     time as servers let pass: LATE_MESSAGES and LATE_BYTES. A cell whose tasks print more than that loses some of it,
 *     and says so;
 *   - when the interpreter is about to wait, unless that is too often.
 *
 * Displays and errors of a late cell wait with its text, in their order; of several updates of one display the last one
 * is enough. Clients that have just connected wait until IOPub has been silent for a while, and would wait for ever if
 * each of a few cells had a rhythm of its own. So all late output pauses for a moment when a new client shows itself.
 *
 * A cell has one collection, not one for each stream: text for the other stream publishes the first, which keeps the
 * order between the two. A UTF-8 sequence that is cut off at the end stays behind until the rest of it comes.
 *
 * The session thread writes, the wire thread publishes what is due: [lock] guards all of it. The cells that have text
 * stand in a list.
 */
#include "output.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define MUCH (64u << 10)       /* bytes of a running cell that are published at once */
#define LATE_MESSAGES 150      /* messages in LATE_MS: a Jupyter server stops a kernel that sends more than 1000 a second, … */
#define LATE_BYTES (240u << 10) /* … or more than 1 MB */
#define LATE_KEPT (1u << 20)   /* bytes of late text that wait for their turn, of each cell */
#define LATE_HELD 1000         /* messages of late output that do, of each cell */
#define HOLD_MS 500            /* pause of late output for a new client */
#define MESSAGE_MAX (1u << 20) /* bytes in one message */
#define FIRST_MS 5
#define RUNNING_MS 50
#define LATE_MS 250

struct Cell {
    Request *request;
    int references;
    bool silent;
    Buffer payloads, next_input; /* of the reply, as JSON */
    /* Guarded by [lock]: */
    bool late;
    bool released;     /* lives only until its text is published */
    VintStream stream; /* of [text] */
    Buffer text;
    int64_t collecting;    /* since when there is text */
    int64_t published;     /* when text of this cell was published last */
    Message *held, *last_held; /* of a late cell: to be published before [text] */
    int held_count;
    size_t dropped;        /* bytes of late output that were too much */
    bool waiting;          /* stands in the list */
    Cell *next, *previous; /* in the list */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Cell *waiting, *last_waiting; /* cells whose output waits to be published, in the order in which they had some */
static atomic_bool any_waiting; /* the same, without the lock: good for a hint */
static int64_t late_published;  /* when late output was published last */
static int64_t held_until;      /* no late output is published before */
static int late_messages;       /* published in this beat … */
static size_t late_bytes;       /* … and the bytes of them */

static void list_add(Cell *cell) {
    cell->waiting = true;
    cell->next = NULL;
    cell->previous = last_waiting;
    *(last_waiting ? &last_waiting->next : &waiting) = cell;
    last_waiting = cell;
    any_waiting = true;
}

static void list_remove(Cell *cell) {
    if (!cell->waiting) return;
    cell->waiting = false;
    *(cell->next ? &cell->next->previous : &last_waiting) = cell->previous;
    *(cell->previous ? &cell->previous->next : &waiting) = cell->next;
    any_waiting = waiting != NULL;
}

static Message *stream_message(Cell *cell, VintStream stream, Buffer text) {
    Message *message = message_new(CHANNEL_IOPUB, "stream", cell->request);
    message->bulk = true;
    message->stream = stream == VINT_STDERR ? "stderr" : "stdout";
    message->content = text;
    return message;
}

/* Takes the first [length] bytes of a cell's text. */
static Buffer take_text(Cell *cell, size_t length) {
    Buffer taken = cell->text;
    cell->text = (Buffer){0};
    buffer_add(&cell->text, taken.data + length, taken.length - length);
    taken.length = length;
    return taken;
}

/* How much of the text, up to [most] bytes, is no sequence that is cut off. */
static size_t whole_text(const Cell *cell, size_t most) {
    size_t length = cell->text.length < most ? cell->text.length : most;
    return length - utf8_unfinished(cell->text.data, length);
}

/* Publishes the first [length] bytes of a cell's text, in as many messages as it takes. The rest stays. */
static void push_text(Cell *cell, size_t length) {
    Buffer text = take_text(cell, length);
    size_t at = 0;
    while (text.length - at > MESSAGE_MAX) {
        Buffer part = {0};
        size_t size = MESSAGE_MAX - utf8_unfinished(text.data + at, MESSAGE_MAX);
        buffer_add(&part, text.data + at, size);
        outbox_push(stream_message(cell, cell->stream, part));
        at += size;
    }
    text.length -= at;
    if (at) memmove(text.data, text.data + at, text.length);
    outbox_push(stream_message(cell, cell->stream, text));
}

static Message *take_held(Cell *cell) {
    Message *message = cell->held;
    cell->held = message->next;
    if (!cell->held) cell->last_held = NULL;
    cell->held_count--;
    message->next = NULL;
    return message;
}

static void add_held(Cell *cell, Message *message) {
    *(cell->last_held ? &cell->last_held->next : &cell->held) = message;
    cell->last_held = message;
    if (++cell->held_count <= LATE_HELD) return;
    Message *oldest = take_held(cell);
    cell->dropped += oldest->content.length;
    message_free(oldest);
}

static void push_dropped(Cell *cell) {
    if (cell->dropped == 0) return;
    Buffer text = {0};
    buffer_format(&text, "\n[%zu bytes were left out: more than a notebook takes from tasks in the background]\n", cell->dropped);
    outbox_push(stream_message(cell, VINT_STDERR, text));
    cell->dropped = 0;
}

/* Publishes all that was collected; [all]: even a UTF-8 sequence that is not finished. The lock is held. */
static void publish(Cell *cell, bool all, int64_t now) {
    list_remove(cell);
    push_dropped(cell);
    while (cell->held) outbox_push(take_held(cell));
    size_t length = all ? cell->text.length : whole_text(cell, SIZE_MAX);
    if (length == 0) return;
    push_text(cell, length);
    cell->published = now;
}

static bool beat_is_full(void) {
    return late_messages >= LATE_MESSAGES || late_bytes >= LATE_BYTES;
}

static void push_late(Message *message) {
    late_messages++;
    late_bytes += message->content.length;
    outbox_push(message);
}

/*
 * Publishes of a late cell what this beat, the one of [now], has room for. A cell that has more goes to the end of the
 * line, so that each of them has its turn. The lock is held.
 */
static void publish_late(Cell *cell, int64_t now) {
    if (late_published != now) {
        late_published = now;
        late_messages = 0;
        late_bytes = 0;
    }
    if (beat_is_full()) return;
    push_dropped(cell);
    while (cell->held && !beat_is_full()) push_late(take_held(cell));
    size_t length = cell->released ? cell->text.length : whole_text(cell, SIZE_MAX);
    if (length > LATE_BYTES) length = whole_text(cell, LATE_BYTES);
    if (length > 0 && !cell->held) push_late(stream_message(cell, cell->stream, take_text(cell, length)));
    list_remove(cell);
    if (cell->held || whole_text(cell, SIZE_MAX) > 0) list_add(cell);
}

/* Leaves out the older half of a late text that has grown too long, in whole lines if it has any. The lock is held. */
static void limit_text(Cell *cell) {
    if (cell->text.length < LATE_KEPT) return;
    size_t half = cell->text.length / 2;
    const char *end = memchr(cell->text.data + half, '\n', cell->text.length - half);
    Buffer old = take_text(cell, end ? (size_t)(end - cell->text.data) + 1 : half);
    cell->dropped += old.length;
    buffer_free(&old);
}

/* The part of a display's message that names it. */
static const char *display_name(const Message *message, size_t *length) {
    static const char mark[] = ",\"transient\":{";
    const char *end = message->content.data + message->content.length, *at = end - sizeof mark + 1;
    while (at > message->content.data && memcmp(at, mark, sizeof mark - 1) != 0) at--;
    *length = (size_t)(end - at);
    return at;
}

static bool updates_same_display(const Message *a, const Message *b) {
    if (strcmp(a->type, "update_display_data") != 0 || strcmp(b->type, a->type) != 0) return false;
    size_t one, other;
    const char *name = display_name(a, &one), *other_name = display_name(b, &other);
    return one == other && memcmp(name, other_name, one) == 0;
}

/* The text of a late cell is not added to any more. The lock is held. */
static void set_text_aside(Cell *cell) {
    if (cell->text.length) add_held(cell, stream_message(cell, cell->stream, take_text(cell, cell->text.length)));
}

/* Has the message of a late cell wait behind its text. The lock is held. */
static void hold(Cell *cell, Message *message) {
    set_text_aside(cell);
    if (cell->last_held && updates_same_display(cell->last_held, message)) {
        Buffer old = cell->last_held->content;
        cell->last_held->content = message->content;
        message->content = old;
        message_free(message);
    } else {
        add_held(cell, message);
    }
}

/* From when on the text of a cell may be published, given when late output was published last. The lock is held. */
static int64_t due(const Cell *cell, int64_t late) {
    if (!cell->late) return cell->published + RUNNING_MS * CLOCK_MS;
    int64_t beat = late + LATE_MS * CLOCK_MS;
    return beat > held_until ? beat : held_until;
}

/* From when on it is, if the interpreter does not wait before. */
static int64_t ripe(const Cell *cell, int64_t late) {
    int64_t first = cell->collecting + FIRST_MS * CLOCK_MS, when = due(cell, late);
    return first > when ? first : when;
}

Cell *cell_new(Request *request, bool silent) {
    Cell *cell = memory_zeroed(sizeof *cell);
    cell->request = request_keep(request);
    cell->references = 1;
    cell->silent = silent;
    return cell;
}

Cell *cell_keep(Cell *cell) {
    cell->references++;
    return cell;
}

static void cell_free(Cell *cell) {
    request_release(cell->request);
    while (cell->held) message_free(take_held(cell));
    buffer_free(&cell->text);
    buffer_free(&cell->payloads);
    buffer_free(&cell->next_input);
    free(cell);
}

void cell_release(void *user) {
    Cell *cell = user;
    if (--cell->references > 0) return;
    pthread_mutex_lock(&lock);
    bool stays = cell->waiting && cell->late;
    cell->released = stays;
    if (!stays) publish(cell, true, clock_now());
    pthread_mutex_unlock(&lock);
    if (!stays) cell_free(cell);
}

Request *cell_request(const Cell *cell) {
    return cell->request;
}

/* The cell has something that waits; returns when it is to be published at the latest. The lock is held. */
static int64_t enlist(Cell *cell) {
    if (cell->waiting) return CLOCK_NEVER;
    list_add(cell);
    cell->collecting = clock_now();
    return ripe(cell, late_published);
}

_Static_assert(MUCH < MESSAGE_MAX && LATE_KEPT <= MESSAGE_MAX, "there is always room for some text");

/* Collects as much of the text as fits into one message; returns how much. */
static size_t write_some(Cell *cell, VintStream stream, const char *text, size_t length) {
    int64_t wake = CLOCK_NEVER;
    bool published = false;
    pthread_mutex_lock(&lock);
    if (cell->text.length && cell->stream != stream) {
        if (cell->late)
            set_text_aside(cell);
        else
            publish(cell, true, clock_now());
    }
    cell->stream = stream;
    size_t room = MESSAGE_MAX - cell->text.length;
    if (length > room) length = room;
    buffer_add(&cell->text, text, length);
    if (cell->late) {
        limit_text(cell);
        wake = enlist(cell);
    } else if (cell->text.length >= MUCH) {
        publish(cell, false, clock_now());
        published = true;
    } else {
        wake = enlist(cell);
    }
    pthread_mutex_unlock(&lock);
    if (wake != CLOCK_NEVER) outbox_wake_by(wake);
    if (published) outbox_wait_for_room();
    return length;
}

void cell_write(Cell *cell, VintStream stream, const char *text, size_t length) {
    if (cell->silent) return;
    for (size_t done = 0; done < length;) done += write_some(cell, stream, text + done, length - done);
}

void cell_say(Cell *cell, Message *message) {
    bool shown = message->channel == CHANNEL_IOPUB;
    if (shown && cell->silent) {
        message_free(message);
    } else if (shown && cell->late) {
        pthread_mutex_lock(&lock);
        hold(cell, message);
        int64_t wake = enlist(cell);
        pthread_mutex_unlock(&lock);
        if (wake != CLOCK_NEVER) outbox_wake_by(wake);
    } else {
        cell_send(cell, message);
    }
}

void cell_send(Cell *cell, Message *message) {
    bool bulk = message->bulk;
    pthread_mutex_lock(&lock);
    publish(cell, true, clock_now());
    outbox_push(message);
    pthread_mutex_unlock(&lock);
    if (bulk) outbox_wait_for_room();
}

void cell_error(Cell *cell, const VintError *error) {
    Message *message = message_new(CHANNEL_IOPUB, "error", cell->request);
    message->bulk = true;
    buffer_text(&message->content, "{");
    output_error_fields(&message->content, error);
    buffer_text(&message->content, "}");
    cell_say(cell, message);
}

void cell_display(Cell *cell, const VintDatum *data, size_t length, const char *id, bool update) {
    Message *message =
        message_new(CHANNEL_IOPUB, update && id ? "update_display_data" : "display_data", cell->request);
    buffer_text(&message->content, "{");
    output_bundle(&message->content, data, length);
    buffer_text(&message->content, ",\"transient\":{");
    if (id) {
        buffer_text(&message->content, "\"display_id\":");
        buffer_json_text(&message->content, id);
    }
    buffer_text(&message->content, "}}");
    message->bulk = true;
    cell_say(cell, message);
}

/* Consoles know no updates, but they are terminals. They are known by cells without an id, and by taking input. */
bool cell_progress(Cell *cell, const char *line, bool ended) {
    const Request *request = cell->request;
    bool is_console = !json_object_get(request->metadata, "cellId") &&
                      !json_is_false(json_object_get(request->content, "allow_stdin"));
    if (!is_console) return false;
    Buffer text = {0};
    buffer_format(&text, "\r%s\x1b[K%s", line, ended ? "\n" : "");
    cell_write(cell, VINT_STDERR, text.data, text.length);
    buffer_free(&text);
    return true;
}

void cell_clear(Cell *cell, bool wait) {
    Message *message = message_new(CHANNEL_IOPUB, "clear_output", cell->request);
    message->bulk = true;
    buffer_format(&message->content, "{\"wait\":%s}", wait ? "true" : "false");
    cell_say(cell, message);
}

static void payload_begin(Cell *cell) {
    if (cell->payloads.length) buffer_text(&cell->payloads, ",");
}

bool cell_page(Cell *cell, const VintDatum *data, size_t length) {
    /* Who takes no input (nbconvert and its like) shows no pages. */
    bool is_read = !json_is_false(json_object_get(cell->request->content, "allow_stdin"));
    if (cell->late || cell->silent || !is_read) return false;
    payload_begin(cell);
    buffer_text(&cell->payloads, "{\"source\":\"page\",\"start\":0,");
    output_bundle(&cell->payloads, data, length);
    buffer_text(&cell->payloads, "}");
    return true;
}

bool cell_next_input(Cell *cell, const char *text, size_t length, bool replace) {
    if (cell->late || cell->silent) return false;
    buffer_free(&cell->next_input);
    buffer_text(&cell->next_input, "{\"source\":\"set_next_input\",\"text\":");
    buffer_json(&cell->next_input, text, length);
    buffer_format(&cell->next_input, ",\"replace\":%s}", replace ? "true" : "false");
    return true;
}

void cell_ask_exit(Cell *cell) {
    payload_begin(cell);
    buffer_text(&cell->payloads, "{\"source\":\"ask_exit\",\"keepkernel\":false}");
}

void cell_payloads(const Cell *cell, Buffer *out) {
    buffer_add(out, cell->payloads.data, cell->payloads.length);
    if (cell->payloads.length && cell->next_input.length) buffer_text(out, ",");
    buffer_add(out, cell->next_input.data, cell->next_input.length);
}

void cell_ended(Cell *cell) {
    pthread_mutex_lock(&lock);
    publish(cell, true, clock_now());
    cell->late = true;
    pthread_mutex_unlock(&lock);
}

static int64_t at_once(const Cell *cell, int64_t late) {
    (void)cell;
    (void)late;
    return 0;
}

/* Publishes what [when] says is to be published by now; returns when there will be more. */
static int64_t publish_all(int64_t now, int64_t (*when)(const Cell *cell, int64_t late)) {
    if (!any_waiting) return CLOCK_NEVER;
    int64_t next = CLOCK_NEVER;
    pthread_mutex_lock(&lock);
    int64_t late = late_published; /* before the first of them moves it: they go together */
    Cell *last = last_waiting;
    for (Cell *cell = waiting, *following; cell; cell = following) {
        following = cell == last ? NULL : cell->next;
        int64_t moment = when(cell, late);
        if (moment > now) {
            next = clock_earlier(next, moment);
            continue;
        }
        if (cell->late && when != at_once)
            publish_late(cell, now);
        else
            publish(cell, cell->released, now);
        if (cell->waiting) next = clock_earlier(next, now + LATE_MS * CLOCK_MS);
        if (cell->released && !cell->waiting) cell_free(cell);
    }
    pthread_mutex_unlock(&lock);
    return next;
}

void output_idle(void) {
    int64_t next = publish_all(clock_now(), due);
    if (next != CLOCK_NEVER) outbox_wake_by(next);
}

int64_t output_tick(int64_t now) {
    return publish_all(now, ripe);
}

void output_hold(void) {
    pthread_mutex_lock(&lock);
    held_until = clock_now() + HOLD_MS * CLOCK_MS;
    pthread_mutex_unlock(&lock);
}

void output_close(void) {
    publish_all(clock_now(), at_once);
}

static bool is_json(const char *mime) {
    size_t length = strlen(mime);
    return strcmp(mime, "application/json") == 0 || (length > 5 && strcmp(mime + length - 5, "+json") == 0);
}

static bool is_valid_json(const VintDatum *datum) {
    json_t *value = json_loadb(datum->data, datum->length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_decref(value);
    return value != NULL;
}

void output_bundle(Buffer *out, const VintDatum *data, size_t length) {
    buffer_text(out, "\"data\":{");
    for (size_t i = 0; i < length; i++) {
        if (i) buffer_text(out, ",");
        buffer_json_text(out, data[i].mime);
        buffer_text(out, ":");
        if (is_json(data[i].mime) && is_valid_json(&data[i])) {
            buffer_add(out, data[i].data, data[i].length);
        } else {
            buffer_json(out, data[i].data, data[i].length);
        }
    }
    buffer_text(out, "},\"metadata\":{}");
}

void output_error_fields(Buffer *out, const VintError *error) {
    buffer_text(out, "\"ename\":");
    buffer_json_text(out, error->name);
    buffer_text(out, ",\"evalue\":");
    buffer_json_text(out, error->message);
    buffer_text(out, ",\"traceback\":[");
    for (size_t i = 0; i < error->traceback_length; i++) {
        if (i) buffer_text(out, ",");
        buffer_json_text(out, error->traceback[i]);
    }
    buffer_text(out, "]");
}
