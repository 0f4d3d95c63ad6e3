/*
 * error.c -- making, raising and showing errors.
 *
 * The trace of an error is taken when it is raised, before any frame is dropped: for each frame the function and
 * the place in its code, no text. Text is made of it only when somebody reads it. Of a deep stack both ends are
 * kept: where it happened and how it began. The prelude's frames are left out, since to a program its functions
 * are builtins.
 */
#include "error.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gc.h"
#include "native.h"
#include "object.h"
#include "proto.h"
#include "syntax/diagnostic.h"
#include "task.h"

#define MESSAGE_LIMIT 65536 /* bytes of a message that is made by format */
#define TRACE_END 24        /* frames kept at each end of a stack */
#define DESCRIBED_POINTS 20 /* code points of a string that a message shows */
#define LONGEST_PERIOD 8    /* lines of a cycle of calls that is folded */

#define BOLD_RED "\x1b[1;31m"
#define DIM "\x1b[2m"
#define PLAIN "\x1b[0m"

static const char *const error_names[] = {
#define X(kind, name) name,
    ERROR_KINDS(X)
#undef X
};

/* ---- making and raising ---- */

static Error *error_make(Vm *vm, String *name, String *message) {
    Error *error = HEAP_NEW(vm, Error, T_ERROR);
    error->name = name;
    error->message = message;
    error->value = UNDEFINED_VALUE;
    return error;
}

static String *error_name(Vm *vm, ErrorKind kind) {
    return string_intern(vm, error_names[kind], strlen(error_names[kind]));
}

static Error *error_format(Vm *vm, ErrorKind kind, const char *format, va_list args) {
    char small[512], *text = small;
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(small, sizeof small, format, args);
    if (length > MESSAGE_LIMIT) length = MESSAGE_LIMIT;
    if ((size_t)length >= sizeof small) {
        text = malloc((size_t)length + 1);
        if (!text) abort();
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    Error *error = error_make(vm, error_name(vm, kind), string_new(vm, text, (size_t)length));
    if (kind == ERR_INTERRUPTED || kind == ERR_CANCELLED) error->obj.flags |= ERROR_ENDING;
    if (kind == ERR_MEMORY) vm->heap.alarm = 0; /* who tries again shall not be refused because of garbage */
    if (text != small) free(text);
    return error;
}

Error *error_new(Vm *vm, ErrorKind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Error *error = error_format(vm, kind, format, args);
    va_end(args);
    return error;
}

int vm_raise(Vm *vm, ErrorKind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vm->error = error_format(vm, kind, format, args);
    va_end(args);
    return NATIVE_ERROR;
}

int vm_throw(Vm *vm, Value value) {
    if (value.tag == T_ERROR) {
        vm->error = value.error;
        return NATIVE_ERROR;
    }
    String *name = value.tag == T_INSTANCE ? value.instance->structure->name : error_name(vm, ERR_ERROR);
    String *message = string_of(vm, value);
    if (!message) return NATIVE_ERROR; /* too long to be made: that is the error now */
    vm->error = error_make(vm, name, message);
    vm->error->value = value;
    return NATIVE_ERROR;
}

/* ---- the trace ---- */

static bool frame_counts(const Frame *frame) { return !frame->closure->proto->is_prelude; }

void error_take_trace(Vm *vm) {
    Error *error = vm->error;
    Task *task = vm->current;
    if (!task || error->obj.flags & ERROR_RAISED) return;
    error->obj.flags |= ERROR_RAISED;
    uint32_t total = 0;
    for (uint32_t i = 0; i < task->frame_count; i++) total += frame_counts(&task->frames[i]);
    uint32_t kept = total < 2 * TRACE_END ? total : 2 * TRACE_END;
    error->trace = heap_raw(vm, kept * sizeof(TracePoint));
    error->trace_count = kept;
    error->trace_skipped = total - kept;
    uint32_t number = 0; /* of the frames that count, from the innermost */
    for (uint32_t i = task->frame_count; i > 0; i--) {
        const Frame *frame = &task->frames[i - 1];
        if (!frame_counts(frame)) continue;
        uint32_t at = number++;
        if (at >= TRACE_END && at < total - (kept - TRACE_END) && total > kept) continue;
        if (at >= TRACE_END) at -= error->trace_skipped;
        Proto *proto = frame->closure->proto;
        error->trace[at] = (TracePoint){proto, (uint32_t)(frame->pc - proto->code)};
        gc_write_obj(vm, proto);
    }
    error->origin = task->origin;
    error->origin_pc = task->origin_pc;
    gc_write_obj(vm, task->origin);
}

/* ---- showing ---- */

static void put_place(Text *text, const Proto *proto, uint32_t pc) {
    const Source *source = proto->unit->source;
    Place place = source_place(source, proto_place(proto, pc));
    text_printf(text, "%s:%u:%u", source->name, place.line, place.column);
}

static void put_frame(Text *text, const TracePoint *point) {
    const String *name = point->proto->name;
    text_puts(text, "  in ");
    if (name)
        text_append(text, name->bytes, name->length);
    else
        text_puts(text, "<anonymous>");
    text_puts(text, " (");
    put_place(text, point->proto, point->pc);
    text_puts(text, ")\n");
}

/* How often the [period] points before trace[at] follow again, up to trace[end]. */
static uint32_t repetitions(const TracePoint *trace, uint32_t at, uint32_t end, uint32_t period) {
    uint32_t count = 0;
    for (uint32_t i = at; i + period <= end; i += period, count++)
        for (uint32_t j = i; j < i + period; j++)
            if (trace[j].proto != trace[j - period].proto || trace[j].pc != trace[j - period].pc) return count;
    return count;
}

/* The frames [from, to) of a trace; those of a recursion only once. */
static void put_frames(Text *text, const TracePoint *trace, uint32_t from, uint32_t to) {
    for (uint32_t at = from; at < to;) {
        uint32_t period = 1, times = 0;
        for (; period <= LONGEST_PERIOD && at >= from + period; period++) {
            times = repetitions(trace, at, to, period);
            if (times * period > 2) break;
            times = 0;
        }
        if (times == 0) {
            put_frame(text, &trace[at++]);
        } else if (period == 1) {
            text_printf(text, "  … the line above %u more times\n", times);
        } else {
            text_printf(text, "  … the %u lines above %u more times\n", period, times);
        }
        at += times * period;
    }
}

static void put_stack(Text *text, const Error *error) {
    uint32_t newest = error->trace_skipped ? TRACE_END : error->trace_count;
    put_frames(text, error->trace, 0, newest);
    if (error->trace_skipped) text_printf(text, "  … %u more frames\n", error->trace_skipped);
    put_frames(text, error->trace, newest, error->trace_count);
    if (error->origin && !error->origin->is_prelude) {
        text_puts(text, "  started at ");
        put_place(text, error->origin, error->origin_pc);
        text_putc(text, '\n');
    }
}

String *error_stack(Vm *vm, const Error *error) {
    Text text = {0};
    put_stack(&text, error);
    while (text.length > 0 && text.bytes[text.length - 1] == '\n') text.length--;
    String *stack = string_new(vm, text.length ? text.bytes : "", text.length);
    text_free(&text);
    return stack;
}

static void put_excerpt(Text *text, const TracePoint *point, bool color) {
    Arena arena;
    arena_init(&arena);
    const Source *source = point->proto->unit->source;
    uint32_t at = proto_place(point->proto, point->pc), end = at;
    while (isalnum((unsigned char)source->text[end]) || source->text[end] == '_') end++;
    const char *excerpt = diagnostic_excerpt(&arena, source, (Span){at, end}, color);
    if (excerpt) {
        text_puts(text, excerpt);
        text_putc(text, '\n');
    }
    arena_free(&arena);
}

void error_render(Vm *vm, Error *error, bool color, Text *text) {
    (void)vm;
    if (error->trace_count > 0) {
        put_place(text, error->trace[0].proto, error->trace[0].pc);
        text_puts(text, ": ");
    }
    text_puts(text, color ? BOLD_RED : "");
    text_append(text, error->name->bytes, error->name->length);
    text_puts(text, color ? PLAIN : "");
    text_puts(text, ": ");
    text_append(text, error->message->bytes, error->message->length);
    text_putc(text, '\n');
    if (error->trace_count > 0) put_excerpt(text, &error->trace[0], color);
    if (error->trace_count > 1 || error->origin) {
        text_puts(text, color ? DIM : "");
        put_stack(text, error);
        text_puts(text, color ? PLAIN : "");
    }
}

/* ---- values in messages ---- */

const char *error_describe(Vm *vm, Value value) {
    static _Thread_local char buffers[4][160];
    static _Thread_local unsigned turn;
    char *buffer = buffers[turn++ % 4];
    if (value.tag == T_NULL) return "null";
    if (value.tag == T_UNDEFINED) return "nothing";
    const char *type = value_type_name(value);
    if (value.tag > T_STRING) { /* the print form of a container may be endless */
        snprintf(buffer, sizeof buffers[0], "%s", type);
        return buffer;
    }
    Text text = {0};
    bool cut = value.tag == T_STRING && value.string->points > DESCRIBED_POINTS;
    text_repr(vm, &text, cut ? value_obj(string_slice(vm, value.string, 0, DESCRIBED_POINTS)) : value);
    if (cut) text.length--; /* the closing quote comes after the dots */
    snprintf(buffer, sizeof buffers[0], "%s %.*s%s", type, (int)text.length, text.bytes, cut ? "…\"" : "");
    text_free(&text);
    return buffer;
}
