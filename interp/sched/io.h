/*
 * io.h -- requests: blocking work that tasks wait for (io.c says how it goes).
 *
 * Whoever needs one embeds an IoRequest as the first member of a structure of plain C data, fills in the functions
 * and calls io_submit() from a native:
 *
 *     typedef struct {
 *         IoRequest io;
 *         char *path;
 *         …
 *     } ReadRequest;
 *
 *     request->io = (IoRequest){.work = read_it, .done = make_string, .release = free_it};
 *     return io_submit(vm, &request->io, NULL, result);
 */
#ifndef IO_H
#define IO_H

#include <stdatomic.h>
#include <uv.h>

#include "session.h"
#include "vm/native.h"

struct IoRequest {
    /* On a thread of the pool: the blocking work. Touches nothing but the request. */
    void (*work)(IoRequest *request);
    /* On the session's thread, when the task still waits: makes the result of what work() left, or raises. NATIVE_OK or
     * NATIVE_ERROR. */
    NativeStatus (*done)(Vm *vm, IoRequest *request, Value *result);
    /* On the session's thread: nobody waits any more. For requests without work(), which have to end soon, or at once
     * (it may call io_finish()), unless they may hang. May be NULL. */
    void (*give_up)(IoRequest *request);
    /* On the session's thread, last of all: frees the request. */
    void (*release)(IoRequest *request);

    const char *what; /* for reports: "waiting for a file"; may be NULL */
    bool may_hang;    /* it cannot be told to end, and may take minutes: the end of the process does not wait for it */

    /* The rest is filled in by io_submit() and io_wait(). */
    atomic_bool given_up; /* nobody waits any more: work() should look at this when it takes long */
    void *object;         /* a heap object that done() needs; kept alive as long as the task waits */
    VintSession *session;
    Task *task;           /* NULL: given up */
    IoRequest *next, *previous;
    uv_work_t on_pool;
};

/* Parks the running task and has work() done. Always NATIVE_PARK. [object] may be NULL. */
NativeStatus io_submit(Vm *vm, IoRequest *request, void *object, Value *result);

/* Parks the running task for a request without work(): whoever made it calls io_finish() when it is done. */
NativeStatus io_wait(Vm *vm, IoRequest *request, void *object, Value *result);
void io_finish(IoRequest *request);

/* The uv_alloc_cb of who reads from a stream; its uv_read_cb frees the block. */
void io_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *block);

/* What a task with WAIT_IO waits for; NULL: nobody said. */
const char *io_waits_for(const Task *task);

/* [task], with WAIT_IO, stops waiting for its request. */
void io_give_up(Task *task);

/* What a module keeps for the whole session: embedded as the first member of its own structure. */
struct IoPart {
    struct IoPart *next;
    const void *owner;             /* an address of the module's that tells it from others */
    void (*close)(struct IoPart *part); /* at the end of the session, when no request is left: frees the part; its handles
                                           may still close in the I/O loop */
};

/* The part of [owner]; NULL: it has not been added yet. */
IoPart *io_part(VintSession *session, const void *owner);
void io_add_part(VintSession *session, IoPart *part);

/* Gives up every request and waits for the end of those under way, then closes the parts; before the machine is freed.
 * [all] false: those that may hang are left alone. Has everything ended? */
bool io_close(VintSession *session, bool all);

#endif
