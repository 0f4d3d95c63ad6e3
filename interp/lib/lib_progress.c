/*
 * lib_progress.c -- progress bars.
 *
 * A bar is an instance of the prelude's struct __Progress. It is one display, which is updated in place: a count of
 * steps costs an addition and a look at the clock, and only ten times a second a message. Several tasks may step one
 * bar, and there may be several bars at once.
 *
 * What if no further step comes for a while? Then the last ones would stay unseen. So a bar that shows less than it
 * knows stands in a list of the session, which looks at it when it has nothing to do and when an execution ends.
 */
#include "lib_progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib_display.h"
#include "lib.h"
#include "vm/cell.h"
#include "vm/object.h"
#include "vm/task.h"

#define PERIOD 100000000u /* ns between two updates */
#define BAR_WIDTH 20      /* characters */

/* The fields of __Progress, in its order. Its declaration types them, so that programs can put nothing else there. */
enum { LABEL, TOTAL, COUNT, ITEMS = PROGRESS_ITEMS, ID, STARTED, SHOWN, IS_STALE };

typedef struct StaleBar {
    Instance *bar;
    VintCell *cell; /* of its last step */
} StaleBar;

/* ---- how a bar looks ---- */

static void put_time(Text *text, double seconds) {
    uint64_t all = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 1000000000u;
    if (all >= 3600)
        text_printf(text, "%llu:%02llu:%02llu", (unsigned long long)all / 3600, (unsigned long long)all / 60 % 60,
                    (unsigned long long)all % 60);
    else
        text_printf(text, "%llu:%02llu", (unsigned long long)all / 60, (unsigned long long)all % 60);
}

static double part_done(const Instance *bar) {
    int64_t count = bar->fields[COUNT].i, total = bar->fields[TOTAL].i;
    if (count >= total) return 1;
    return count <= 0 ? 0 : (double)count / (double)total;
}

/* "45% … 45/100, 0:03, 0:04 left" without what stands between. */
static void put_numbers(Text *text, const Instance *bar) {
    int64_t count = bar->fields[COUNT].i, total = bar->fields[TOTAL].i;
    double seconds = ((double)session_now() - bar->fields[STARTED].f) / 1e9;
    text_printf(text, "%lld/%lld, ", (long long)count, (long long)total);
    put_time(text, seconds);
    if (count <= 0 || count >= total) return;
    text_puts(text, ", ");
    put_time(text, seconds / (double)count * (double)(total - count));
    text_puts(text, " left");
}

static void put_label(Text *text, const Instance *bar, bool as_html) {
    const String *label = bar->fields[LABEL].string;
    if (label->length == 0) return;
    if (as_html)
        display_escape(text, label->bytes, label->length);
    else
        text_append(text, label->bytes, label->length);
    text_puts(text, ": ");
}

static void put_text(Text *text, const Instance *bar) {
    double done = part_done(bar);
    int full = (int)(done * BAR_WIDTH);
    put_label(text, bar, false);
    text_printf(text, "%3d%% |", (int)(done * 100));
    for (int i = 0; i < BAR_WIDTH; i++) text_puts(text, i < full ? "█" : "·");
    text_puts(text, "| ");
    put_numbers(text, bar);
}

static void put_html(Text *text, const Instance *bar) {
    double done = part_done(bar);
    text_puts(text, "<div>");
    put_label(text, bar, true);
    text_printf(text, "<progress value=\"%.4f\" max=\"1\" style=\"width:20em;vertical-align:middle\"></progress> %d%% ",
                done, (int)(done * 100));
    put_numbers(text, bar);
    text_puts(text, "</div>");
}

/* ---- showing it ---- */

static bool has_ended(const Instance *bar) {
    return bar->fields[COUNT].i >= bar->fields[TOTAL].i;
}

static void show(VintSession *session, Instance *bar, VintCell *cell) {
    const VintHost *host = &session->host;
    bool is_first = bar->fields[SHOWN].f == 0;
    bar->fields[SHOWN] = value_float((double)session_now());
    bar->fields[IS_STALE] = value_bool(false);
    if (cell->capture) return;
    Text text = {0}, html = {0};
    put_text(&text, bar);
    if (host->progress && host->progress(host->user, cell, text_cstring(&text), has_ended(bar))) {
        text_free(&text);
        return;
    }
    put_html(&html, bar);
    const VintDatum data[] = {{"text/plain", text.bytes, text.length}, {"text/html", html.bytes, html.length}};
    if (host->display) host->display(host->user, cell, data, 2, bar->fields[ID].string->bytes, !is_first);
    text_free(&text);
    text_free(&html);
}

/* When it may be shown again. */
static uint64_t due(const Instance *bar) {
    return (uint64_t)bar->fields[SHOWN].f + PERIOD;
}

static void note_stale(VintSession *session, Instance *bar, VintCell *cell) {
    if (bar->fields[IS_STALE].tag == T_TRUE) return;
    bar->fields[IS_STALE] = value_bool(true);
    session->bars = realloc(session->bars, (session->bar_count + 1) * sizeof *session->bars);
    if (!session->bars) abort();
    gc_write_obj(session->vm, bar);
    session->bars[session->bar_count++] = (StaleBar){bar, cell_retain(cell)};
}

uint64_t progress_flush(VintSession *session, bool all) {
    uint64_t now = session->bar_count > 0 ? session_now() : 0, next = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < session->bar_count; i++) {
        StaleBar stale = session->bars[i];
        bool is_stale = stale.bar->fields[IS_STALE].tag == T_TRUE;
        if (is_stale && !all && due(stale.bar) > now) {
            uint64_t wait = due(stale.bar) - now;
            if (next == 0 || wait < next) next = wait;
            session->bars[kept++] = stale;
            continue;
        }
        if (is_stale) show(session, stale.bar, stale.cell);
        cell_release(stale.cell);
    }
    session->bar_count = kept;
    return next;
}

void progress_mark(VintSession *session) {
    for (uint32_t i = 0; i < session->bar_count; i++) gc_shade(session->vm, (Obj *)session->bars[i].bar);
}

void progress_free(VintSession *session) {
    for (uint32_t i = 0; i < session->bar_count; i++) cell_release(session->bars[i].cell);
    free(session->bars);
    session->bar_count = 0;
    session->bars = NULL;
}

static void step(Vm *vm, Instance *bar, int64_t count) {
    VintSession *session = session_of(vm);
    bool had_ended = has_ended(bar);
    if (__builtin_add_overflow(bar->fields[COUNT].i, count, &bar->fields[COUNT].i)) bar->fields[COUNT].i = INT64_MAX;
    if (has_ended(bar) ? !had_ended : session_now() >= due(bar))
        show(session, bar, vm->current->cell);
    else
        note_stale(session, bar, vm->current->cell);
}

/* ---- walking over something with a bar ---- */

/* The next turn of a loop, for run.c: [state] holds the bar, how many items were taken, and the items. */
static bool next_item(Vm *vm, Value *state) {
    Instance *bar = state[0].instance;
    int64_t taken = state[1].i++;
    if (taken > 0) step(vm, bar, 1);
    Value items = state[2];
    if (items.tag == T_RANGE) {
        if (items.range->from > items.range->to || taken > items.range->to - items.range->from) return false;
        state[3] = value_int(taken);
        state[4] = value_int(items.range->from + taken);
        return true;
    }
    bool pairs = bar->fields[ITEMS].tag == T_DICT;
    int64_t at = pairs ? taken * 2 : taken;
    if (at + pairs >= items.array->length) return false;
    state[3] = pairs ? items.array->items[at] : value_int(taken);
    state[4] = items.array->items[pairs ? at + 1 : at];
    return true;
}

/* ---- natives ---- */

static Instance *bar_of(Vm *vm, Value value) {
    if (value.tag == T_INSTANCE && value.instance->structure == vm->progress_struct) return value.instance;
    vm_raise(vm, ERR_TYPE, "this is no progress bar: %s", error_describe(vm, value));
    return NULL;
}

static NativeStatus progress_open(NATIVE_ARGS) {
    static uint32_t count;
    Instance *bar = bar_of(vm, args[0]);
    if (!bar) return NATIVE_ERROR;
    Text id = {0};
    text_printf(&id, "progress-%llx-%u", (unsigned long long)session_now(), count++);
    String *name = string_new(vm, text_cstring(&id), id.length);
    text_free(&id);
    if (!name) return NATIVE_ERROR;
    bar->fields[ID] = value_obj(name);
    gc_write(vm, bar->fields[ID]);
    bar->fields[STARTED] = value_float((double)session_now());
    show(session_of(vm), bar, vm->current->cell);
    NATIVE_RETURN(args[0]);
}

static NativeStatus progress_step(NATIVE_ARGS) {
    Instance *bar = bar_of(vm, args[0]);
    if (!bar) return NATIVE_ERROR;
    step(vm, bar, args[1].i);
    NATIVE_RETURN(args[0]);
}

static NativeStatus progress_text(NATIVE_ARGS) {
    const Instance *bar = bar_of(vm, args[0]);
    if (!bar) return NATIVE_ERROR;
    Text text = {0};
    put_text(&text, bar);
    return lib_return_text(vm, &text, result);
}

static const NativeDef builtins[] = {
    {"__progress_open(bar: any) -> any", "Shows a bar for the first time.", progress_open},
    {"__progress_step(bar: any, count: int) -> any", "So many steps more are done.", progress_step},
    {"__progress_text(bar: any) -> string", "The bar as a line of text.", progress_text},
    {0}};

void lib_progress_register(Vm *vm) {
    vm->next_item = next_item;
    native_register_builtins(vm, builtins);
}
