/*
 * io.c -- blocking work beside the tasks.
 *
 *     the session's thread                          a thread of libuv's pool
 *
 *     io_submit(): parks the task  -------------->  work()
 *     done(): makes a value of it  <--------------
 *     the task goes on; release()
 *
 * What crosses is plain C data: work() never sees a value, so the heap needs no locks. Requests that wait for events of
 * the I/O loop instead, such as the end of a process, have no work() and end by io_finish().
 *
 * A task may stop waiting at any moment: it is interrupted or cancelled, or the session ends. Then its request is
 * given up: it is told so, what it finds is thrown away, and it is released when it ends, whenever that is.
 */
#include "io.h"

#include <stdlib.h>

#include "vm/task.h"

static void link_request(VintSession *session, IoRequest *request) {
    request->previous = NULL;
    request->next = session->io_requests;
    if (request->next) request->next->previous = request;
    session->io_requests = request;
}

static void unlink_request(IoRequest *request) {
    if (request->previous)
        request->previous->next = request->next;
    else
        request->session->io_requests = request->next;
    if (request->next) request->next->previous = request->previous;
}

NativeStatus io_wait(Vm *vm, IoRequest *request, void *object, Value *result) {
    VintSession *session = session_of(vm);
    request->session = session;
    request->task = vm->current;
    request->object = object;
    atomic_init(&request->given_up, false);
    link_request(session, request);
    session->io_pending++;
    task_park(vm, WAIT_IO, object, result);
    vm->current->request = request;
    return NATIVE_PARK;
}

static void on_work(uv_work_t *on_pool) {
    IoRequest *request = on_pool->data;
    request->work(request);
}

static void on_worked(uv_work_t *on_pool, int status) {
    (void)status; /* UV_ECANCELED: given up before its turn came */
    io_finish(on_pool->data);
}

NativeStatus io_submit(Vm *vm, IoRequest *request, void *object, Value *result) {
    NativeStatus parked = io_wait(vm, request, object, result);
    request->on_pool.data = request;
    if (uv_queue_work(&session_of(vm)->loop, &request->on_pool, on_work, on_worked) < 0) abort();
    return parked;
}

static void wake_task(IoRequest *request) {
    Vm *vm = request->session->vm;
    Task *task = request->task;
    Value value = NULL_VALUE;
    request->session->io_pending--;
    NativeStatus status = request->done(vm, request, &value);
    task->wait = WAIT_NOTHING; /* so that waking it does not look for a request to give up */
    if (status == NATIVE_OK) {
        task_wake(vm, task, value);
    } else {
        Error *error = vm->error;
        vm->error = NULL;
        task_inject(vm, task, error);
    }
    if (!vm->current) uv_stop(&request->session->loop); /* timers are called before the loop waits: now it must not */
}

void io_finish(IoRequest *request) {
    unlink_request(request);
    if (request->task) wake_task(request);
    request->release(request);
}

static void give_up(IoRequest *request) {
    if (!request->task) return;
    request->task = NULL;
    request->session->io_pending--;
    atomic_store(&request->given_up, true);
    if (request->work)
        uv_cancel((uv_req_t *)&request->on_pool); /* fails when it has begun: then it goes on until it notices */
    else if (request->give_up)
        request->give_up(request);
}

/* Not a static block of each thread: every thread there is would clear one when it starts, and so take the memory. */
void io_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *block) {
    (void)handle;
    char *bytes = malloc(suggested);
    *block = uv_buf_init(bytes, bytes ? (unsigned)suggested : 0); /* none: libuv reports UV_ENOBUFS */
}

const char *io_waits_for(const Task *task) {
    const IoRequest *request = task->request;
    return request->what;
}

void io_give_up(Task *task) { give_up(task->request); }

IoPart *io_part(VintSession *session, const void *owner) {
    IoPart *part = session->io_parts;
    while (part && part->owner != owner) part = part->next;
    return part;
}

void io_add_part(VintSession *session, IoPart *part) {
    part->next = session->io_parts;
    session->io_parts = part;
}

static bool some_end_soon(const VintSession *session) {
    const IoRequest *request = session->io_requests;
    while (request && request->may_hang) request = request->next;
    return request != NULL;
}

bool io_close(VintSession *session, bool all) {
    for (IoRequest *request = session->io_requests, *next; request; request = next) {
        next = request->next;
        give_up(request);
    }
    while (all ? session->io_requests != NULL : some_end_soon(session)) uv_run(&session->loop, UV_RUN_ONCE);
    for (IoPart *part = session->io_parts, *next; part; part = next) {
        next = part->next;
        part->close(part);
    }
    session->io_parts = NULL;
    return session->io_requests == NULL;
}
