/*
 * output.c -- collects what tasks print, per cell, and publishes it in batches.
 *
 * One message for each print would drown a notebook server, which drops messages above a rate; so text is collected.
 * When is it published?
 *
 *   - before anything else of the same cell, so that the order is the program's order;
 *   - when there is much of it;
 *   - in a running cell: FIRST_MS after the first of it came, and not more often than each RUNNING_MS;
 *   - of a cell that has ended (late output): not more often than each LATE_MS, all cells together. Clients that have
 *     just connected wait until IOPub has been silent for a while, and would wait for ever if each of a few cells had
 *     a rhythm of its own;
 *   - when the interpreter is about to wait, unless that is too often.
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
#define MUCH_LATE (512u << 10) /* bytes of late output that are */
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
    bool waiting;          /* stands in the list */
    Cell *next, *previous; /* in the list */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Cell *waiting;           /* cells whose text waits to be published */
static atomic_bool any_waiting; /* the same, without the lock: good for a hint */
static int64_t late_published;  /* when late output was published last */

static void list_add(Cell *cell) {
    cell->waiting = true;
    cell->previous = NULL;
    cell->next = waiting;
    if (waiting) waiting->previous = cell;
    waiting = cell;
    any_waiting = true;
}

static void list_remove(Cell *cell) {
    if (!cell->waiting) return;
    cell->waiting = false;
    if (cell->next) cell->next->previous = cell->previous;
    *(cell->previous ? &cell->previous->next : &waiting) = cell->next;
    any_waiting = waiting != NULL;
}

static void push_stream(Cell *cell, Buffer text) {
    Message *message = message_new(CHANNEL_IOPUB, "stream", cell->request);
    message->stream = cell->stream == VINT_STDERR ? "stderr" : "stdout";
    message->bulk = true;
    message->content = text;
    outbox_push(message);
}

/* Publishes the first [length] bytes of a cell's text, in as many messages as it takes. The rest stays. */
static void push_text(Cell *cell, size_t length) {
    Buffer text = cell->text;
    cell->text = (Buffer){0};
    buffer_add(&cell->text, text.data + length, text.length - length);
    text.length = length;
    size_t from = 0;
    while (length - from > MESSAGE_MAX) {
        size_t size = MESSAGE_MAX - utf8_unfinished(text.data + from, MESSAGE_MAX);
        Buffer piece = {0};
        buffer_add(&piece, text.data + from, size);
        push_stream(cell, piece);
        from += size;
    }
    if (from > 0) {
        Buffer last = {0};
        buffer_add(&last, text.data + from, length - from);
        buffer_free(&text);
        text = last;
    }
    push_stream(cell, text);
}

/* Publishes the collected text; [all]: even a UTF-8 sequence that is not finished. The lock is held. */
static void publish(Cell *cell, bool all, int64_t now) {
    list_remove(cell);
    size_t length = cell->text.length - (all ? 0 : utf8_unfinished(cell->text.data, cell->text.length));
    if (length == 0) return;
    push_text(cell, length);
    cell->published = now;
    if (cell->late) late_published = now;
}

/* From when on the text of a cell may be published, given when late output was published last. The lock is held. */
static int64_t due(const Cell *cell, int64_t late) {
    return cell->late ? late + LATE_MS * CLOCK_MS : cell->published + RUNNING_MS * CLOCK_MS;
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

void cell_write(Cell *cell, VintStream stream, const char *text, size_t length) {
    if (cell->silent) return;
    int64_t wake = CLOCK_NEVER;
    bool published = false;
    pthread_mutex_lock(&lock);
    if (cell->text.length && cell->stream != stream) publish(cell, true, clock_now());
    cell->stream = stream;
    buffer_add(&cell->text, text, length);
    if (cell->text.length >= (cell->late ? MUCH_LATE : MUCH)) {
        publish(cell, false, clock_now());
        published = true;
    } else if (!cell->waiting) {
        list_add(cell);
        cell->collecting = clock_now();
        wake = ripe(cell, late_published);
    }
    pthread_mutex_unlock(&lock);
    if (wake != CLOCK_NEVER) outbox_wake_by(wake);
    if (published) outbox_wait_for_room();
}

void cell_say(Cell *cell, Message *message) {
    if (cell->silent && message->channel == CHANNEL_IOPUB) {
        message_free(message);
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

/* Publishes what [when] says is to be published by now; returns when there will be more. */
static int64_t publish_all(int64_t now, int64_t (*when)(const Cell *cell, int64_t late)) {
    if (!any_waiting) return CLOCK_NEVER;
    int64_t next = CLOCK_NEVER;
    pthread_mutex_lock(&lock);
    int64_t late = late_published; /* before the first of them moves it: they go together */
    for (Cell *cell = waiting, *following; cell; cell = following) {
        following = cell->next;
        int64_t moment = when(cell, late);
        if (moment > now) {
            next = clock_earlier(next, moment);
        } else if (cell->released) {
            publish(cell, true, now);
            cell_free(cell);
        } else {
            publish(cell, false, now);
        }
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

static int64_t at_once(const Cell *cell, int64_t late) {
    (void)cell;
    (void)late;
    return 0;
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
