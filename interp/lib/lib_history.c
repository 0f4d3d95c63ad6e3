/*
 * lib_history.c -- the code of earlier cells, which the host keeps, for %history.
 *
 * To find it may mean to read from the disk, so it is done beside the tasks (sched/io.h).
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "sched/io.h"

typedef struct {
    long session, line;
    char *code;
    size_t length;
} Entry;

typedef struct {
    IoRequest io;
    VintHistoryQuery query;
    char *pattern;
    Entry *entries;
    size_t count, capacity;
} HistoryRequest;

static void on_found(void *arg, long session, long line, const char *code, size_t length) {
    HistoryRequest *request = arg;
    if (request->count == request->capacity) {
        request->capacity = request->capacity ? request->capacity * 2 : 64;
        request->entries = realloc(request->entries, request->capacity * sizeof *request->entries);
        if (!request->entries) abort();
    }
    request->entries[request->count++] = (Entry){session, line, strndup(code, length), length};
}

static void find(IoRequest *io) {
    HistoryRequest *request = (HistoryRequest *)io;
    const VintHost *host = &io->session->host;
    host->history(host->user, &request->query, on_found, request);
}

/* [[session, line, code], …] */
static NativeStatus make_list(Vm *vm, IoRequest *io, Value *result) {
    HistoryRequest *request = (HistoryRequest *)io;
    Array *list = array_new(vm, request->count);
    for (size_t i = 0; i < request->count; i++) {
        const Entry *entry = &request->entries[i];
        String *code = string_new(vm, entry->code, entry->length);
        Array *row = array_new(vm, 3);
        if (!code || !array_push(vm, row, value_int(entry->session)) || !array_push(vm, row, value_int(entry->line)) ||
            !array_push(vm, row, value_obj(code)) || !array_push(vm, list, value_obj(row)))
            return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(list));
}

static void release(IoRequest *io) {
    HistoryRequest *request = (HistoryRequest *)io;
    for (size_t i = 0; i < request->count; i++) free(request->entries[i].code);
    free(request->entries);
    free(request->pattern);
    free(request);
}

static long number(Value value) {
    return value.i > INT_MAX ? INT_MAX : value.i < -INT_MAX ? -INT_MAX : (long)value.i;
}

static NativeStatus history_find(NATIVE_ARGS) {
    if (!vm->host->history) return vm_raise(vm, ERR_IO, "no history is kept here");
    HistoryRequest *request = calloc(1, sizeof *request);
    if (!request) abort();
    request->io = (IoRequest){.work = find, .done = make_list, .release = release};
    if (args[0].tag == T_STRING) request->pattern = strndup(args[0].string->bytes, args[0].string->length);
    request->query = (VintHistoryQuery){.pattern = request->pattern,
                                        .session = number(args[1]),
                                        .start = number(args[2]),
                                        .stop = number(args[3]),
                                        .last = number(args[4])};
    return io_submit(vm, &request->io, NULL, result);
}

static const NativeDef builtins[] = {
    {"__history(pattern: string | null, session: int, start: int, stop: int, last: int) -> array",
     "The code of earlier cells: [[session, line, code], …].", history_find},
    {0}};

void lib_history_register(Vm *vm) { native_register_builtins(vm, builtins); }
