/*
 * requests.h -- every message a client may send, and who answers it.
 *
 * One row a message: its type, the channels it may come on, where it is answered, and the function that does.
 *
 *   WIRE     at once, by the wire thread: nothing of the interpreter is needed
 *   SESSION  by the session thread, between two instructions of whatever runs there
 *   HISTORY  by the history's thread
 *   CELL     by the session thread, when its turn has come among the executions; says busy and idle itself
 *   ANSWER   is an answer itself: nobody is busy with it
 *
 * A handler replies, or, when the content lacks what it needs, calls request_refuse() and does not. Busy before and
 * idle after it are said for it. Types that are not in the table get busy, idle, and no reply. A request on shell may
 * be for a subshell; when there is no such subshell the reply says so.
 */
#ifndef KERNEL_REQUESTS_H
#define KERNEL_REQUESTS_H

#include "connection.h"
#include "interp/vint.h"
#include "output.h"

#define ON(channel) (1u << CHANNEL_##channel)

#define REQUEST_LIST(X) \
    X(execute_request, ON(SHELL), CELL) \
    X(complete_request, ON(SHELL), SESSION) \
    X(inspect_request, ON(SHELL), SESSION) \
    X(is_complete_request, ON(SHELL), WIRE) \
    X(history_request, ON(SHELL), HISTORY) \
    X(kernel_info_request, ON(SHELL) | ON(CONTROL), WIRE) \
    X(connect_request, ON(SHELL) | ON(CONTROL), WIRE) \
    X(comm_info_request, ON(SHELL) | ON(CONTROL), WIRE) \
    X(comm_open, ON(SHELL), CELL) \
    X(comm_msg, ON(SHELL), CELL) \
    X(comm_close, ON(SHELL), CELL) \
    X(create_subshell_request, ON(CONTROL), WIRE) \
    X(delete_subshell_request, ON(CONTROL), WIRE) \
    X(list_subshell_request, ON(CONTROL), WIRE) \
    X(usage_request, ON(CONTROL), WIRE) \
    X(interrupt_request, ON(SHELL) | ON(CONTROL), WIRE) \
    X(shutdown_request, ON(SHELL) | ON(CONTROL), WIRE) \
    X(input_reply, ON(STDIN), ANSWER)

#define X(type, channels, place) void on_##type(Request *request);
REQUEST_LIST(X)
#undef X

/* What some answers tell of. It stays the caller's. */
void requests_open(const Connection *connection);

/* When that was. */
int64_t requests_opened(void);

/* Handles a request that has come in. The wire thread. */
void requests_handle(Request *request);

/* Notes that a request cannot be answered. */
void request_refuse(const Request *request, const char *why);

/* Sends the reply that says why a request fails: a name of the error and a text. */
void request_fail(Request *request, const char *name, const char *why);

/* A field of the content, if it is there and of the right type, else {NULL} or [absent]. */
Slice request_text(const Request *request, const char *field);
bool request_flag(const Request *request, const char *field, bool absent);
long request_number(const Request *request, const char *field, long absent);

/* The text of "code" and the place of "cursor_pos", which counts code points, in bytes. False: not there. */
bool request_code_and_cursor(const Request *request, Slice *code, size_t *cursor);

/* ---- Between the families of requests ---- */

/* Asks the frontend that sent the cell's request; the session thread. */
void input_ask(Cell *cell, const char *prompt, bool password, VintQuestion *question);
void input_cancel(VintQuestion *question);

/* Publishes what a task of the cell does with a comm; the session thread. */
void comm_send(Cell *cell, const VintComm *comm);

#endif
