/*
 * req_control.c -- interrupt and shutdown. Answered at once, whatever runs.
 */
#include "requests.h"
#include "session.h"
#include "sockets.h"

void on_interrupt_request(Request *request) {
    session_interrupt();
    outbox_reply(request, "interrupt_reply", "{\"status\":\"ok\"}");
}

void on_shutdown_request(Request *request) {
    const char *content = request_flag(request, "restart", false) ? "{\"status\":\"ok\",\"restart\":true}"
                                                                  : "{\"status\":\"ok\",\"restart\":false}";
    outbox_reply(request, "shutdown_reply", content);
    outbox_say(CHANNEL_IOPUB, "shutdown_reply", request, content); /* for the other clients */
    session_stop(0);
    sockets_expect_end();
}
