/*
 * usage.c -- what the session holds: to find out whether something leaks.
 */
#include <string.h>

#include "io.h"
#include "natives.h"
#include "question.h"
#include "vm/dict.h"
#include "vm/gc.h"

/* A whole collection at the next safe point, the next call or turn of a loop. */
static NativeStatus builtin_collect(NATIVE_ARGS) {
    vm->heap.alarm = 0;
    vm_cut_budget(vm);
    NATIVE_RETURN(NULL_VALUE);
}

static void count_handle(uv_handle_t *handle, void *count) {
    if (!uv_is_closing(handle)) ++*(int64_t *)count;
}

static NativeStatus builtin_usage(NATIVE_ARGS) {
    VintSession *session = session_of(vm);
    int64_t handles = 0, requests = 0;
    uv_walk(&session->loop, count_handle, &handles);
    for (const IoRequest *request = session->io_requests; request; request = request->next) requests++;
    const VintQuestion *lists[] = {session->questions, session->cancelled};
    for (int i = 0; i < 2; i++)
        for (const VintQuestion *question = lists[i]; question; question = question->next) requests++;
    const struct {
        const char *name;
        int64_t count;
    } counts[] = {{"tasks", vm->task_count}, {"timers", session->timer_count}, {"requests", requests},
                  {"handles", handles}, {"bytes", (int64_t)vm->heap.bytes}};
    Dict *usage = dict_new(vm, 8);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        dict_set(vm, usage, value_obj(string_intern(vm, counts[i].name, strlen(counts[i].name))),
                 value_int(counts[i].count));
    NATIVE_RETURN(value_obj(usage));
}

static const NativeDef builtins[] = {
    {"__collect() -> null", "Has all garbage collected at the next safe point.", builtin_collect},
    {"__usage() -> dict", "What the session holds.", builtin_usage},
    {0}};

void usage_register(Vm *vm) { native_register_builtins(vm, builtins); }
