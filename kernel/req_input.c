/*
 * req_input.c -- input(): a question to the frontend whose cell asks, on stdin.
 *
 * At most one question is open. An answer that names another question as its parent came too late and is ignored;
 * clients that name none are believed.
 */
#include <stdlib.h>
#include <string.h>

#include "requests.h"
#include "session.h"

#define END_OF_INPUT "\x04" /* what jupyter_console sends for Ctrl-D */

static VintQuestion *open_question; /* session thread only */
static Buffer open_id;              /* of the input_request, as "_number" at its end */

void input_ask(Cell *cell, const char *prompt, bool password, VintQuestion *question) {
    Message *message = message_new(CHANNEL_STDIN, "input_request", cell_request(cell));
    buffer_text(&message->content, "{\"prompt\":");
    buffer_json_text(&message->content, prompt);
    buffer_format(&message->content, ",\"password\":%s}", password ? "true" : "false");
    open_question = question;
    buffer_clear(&open_id);
    wire_id(&open_id, "", message->number);
    buffer_add(&open_id, "", 1);
    cell_say(cell, message);
}

void input_cancel(VintQuestion *question) {
    if (open_question == question) open_question = NULL;
}

/* Does the reply belong to the open question, as far as it tells? */
static bool fits(const Request *reply) {
    const char *parent = json_string_value(json_object_get(reply->parent, "msg_id"));
    if (!parent) return true;
    const char *number = strrchr(parent, '_');
    return number && strcmp(number, open_id.data) == 0;
}

static void answer(void *argument) {
    Request *reply = argument;
    Slice value = request_text(reply, "value");
    if (open_question && fits(reply)) {
        VintQuestion *question = open_question;
        open_question = NULL;
        if (strcmp(value.data, END_OF_INPUT) == 0) value = (Slice){NULL, 0};
        vint_answer(question, value.data, value.length);
    }
    request_release(reply);
}

void on_input_reply(Request *request) {
    if (!request_text(request, "value").data) {
        request_refuse(request, "no value");
        return;
    }
    session_post_request(answer, request_keep(request));
}
