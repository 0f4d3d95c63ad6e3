/*
 * req_execute.c -- execute_request: from the request to the reply.
 *
 * The wire thread reads the request and queues it. On its turn it says busy and execute_input, and runs as a cell of
 * the interpreter. Its main code ends in on_code_done(): then result or error, then user_expressions one by one, each
 * an execution in the same cell; then the reply and idle. What the cell's tasks print after that is late output, with
 * the same parent.
 *
 * nbclient (nbconvert, papermill) takes no output after idle: there the reply waits for all tasks of the cell. It is
 * known by what it lacks: it allows no input and gives its cells no id.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "execute.h"
#include "history.h"
#include "requests.h"
#include "session.h"
#include "sockets.h"

void on_execute_request(Request *request) {
    Slice code = request_text(request, "code");
    if (!code.data) {
        outbox_status(request, "busy");
        request_refuse(request, "no code");
        outbox_status(request, "idle");
        return;
    }
    Execution *execution = memory_zeroed(sizeof *execution);
    execution->request = request_keep(request);
    execution->code = code;
    execution->silent = request_flag(request, "silent", false);
    execution->store_history = !execution->silent && request_flag(request, "store_history", true);
    execution->stop_on_error = request_flag(request, "stop_on_error", true);
    execution->allow_stdin = request_flag(request, "allow_stdin", true);
    execution->drains = !execution->allow_stdin && !json_object_get(request->metadata, "cellId");
    queue_add(execution);
}

/* The execution is over; tasks of its cell may live on. */
static void execution_free(Execution *execution) {
    if (execution->cell) cell_release(execution->cell);
    request_release(execution->request);
    buffer_free(&execution->values);
    free(execution);
}

/* ---- Replies ---- */

/* A reply without its content, of which the status is all that the metadata repeat. */
static Message *reply_new(Execution *execution, const char *status) {
    Message *reply = message_new(CHANNEL_SHELL, "execute_reply", execution->request);
    if (!execution->started[0]) wire_date(execution->started);
    buffer_format(&reply->metadata, "{\"started\":\"%s\",\"status\":\"%s\"}", execution->started, status);
    buffer_format(&reply->content, "{\"status\":\"%s\",\"execution_count\":%d,", status, execution->number);
    return reply;
}

static Message *reply_ok(Execution *execution) {
    Message *reply = reply_new(execution, "ok");
    buffer_text(&reply->content, "\"payload\":[");
    cell_payloads(execution->cell, &reply->content);
    buffer_text(&reply->content, "],\"user_expressions\":{");
    buffer_add(&reply->content, execution->values.data, execution->values.length);
    buffer_text(&reply->content, "}}");
    return reply;
}

static Message *reply_error(Execution *execution, const VintError *error, const char *status) {
    Message *reply = reply_new(execution, status);
    output_error_fields(&reply->content, error);
    buffer_text(&reply->content, ",\"payload\":[");
    if (execution->cell) cell_payloads(execution->cell, &reply->content);
    buffer_text(&reply->content, "],\"user_expressions\":{}}");
    return reply;
}

static Message *reply_aborted(Execution *execution) {
    static const VintError aborted = {"Aborted", "not run, because a cell before it failed or ended the session", NULL, 0};
    return reply_error(execution, &aborted, "aborted");
}

/* Takes the execution over and ends it. */
static void finish(Execution *execution, Message *reply, bool abort_rest) {
    cell_ended(execution->cell);
    queue_finish(execution, reply, abort_rest);
    execution_free(execution);
}

/* ---- The run ---- */

void execution_begin(Execution *execution, int number) {
    execution->number = number;
    wire_date(execution->started);
    outbox_status(execution->request, "busy");
    if (execution->store_history) history_add(number, execution->code);
    if (execution->silent) return;
    Message *input = message_new(CHANNEL_IOPUB, "execute_input", execution->request);
    buffer_text(&input->content, "{\"code\":");
    buffer_json(&input->content, execution->code.data, execution->code.length);
    buffer_format(&input->content, ",\"execution_count\":%d}", number);
    outbox_push(input);
}

/* Starts code in the cell of the execution. */
static void start(Execution *execution, Slice code, int64_t drain, VintDone done) {
    char file[32];
    snprintf(file, sizeof file, "In[%d]", execution->number);
    VintCellOptions options = {
        .file = file,
        .number = execution->store_history ? execution->number : 0,
        .key = json_string_value(json_object_get(execution->request->metadata, "cellId")),
        .user = cell_keep(execution->cell),
        .release = cell_release,
        .interactive = true,
        .allow_ask = execution->allow_stdin,
        .drain_ms = drain,
    };
    vint_execute(session_vint(), &options, code.data, code.length, done);
}

static void on_expression_done(void *user, VintCell *cell, const VintResult *result);

/* Starts the next of user_expressions, or ends the execution when there is none. */
static void next_expression(Execution *execution) {
    json_t *expressions = json_object_get(execution->request->content, "user_expressions");
    for (; execution->expression; execution->expression = json_object_iter_next(expressions, execution->expression)) {
        const json_t *code = json_object_iter_value(execution->expression);
        if (!json_is_string(code)) continue;
        start(execution, (Slice){json_string_value(code), json_string_length(code)}, VINT_DRAIN_NONE,
              on_expression_done);
        return;
    }
    finish(execution, reply_ok(execution), false);
}

static void on_expression_done(void *user, VintCell *cell, const VintResult *result) {
    (void)cell;
    Execution *execution = queue_find(user);
    Buffer *values = &execution->values;
    if (values->length) buffer_text(values, ",");
    buffer_json_text(values, json_object_iter_key(execution->expression));
    if (result->error) {
        buffer_text(values, ":{\"status\":\"error\",");
        output_error_fields(values, result->error);
    } else {
        buffer_text(values, ":{\"status\":\"ok\",");
        output_bundle(values, result->data, result->data_length);
    }
    buffer_text(values, "}");
    json_t *expressions = json_object_get(execution->request->content, "user_expressions");
    execution->expression = json_object_iter_next(expressions, execution->expression);
    next_expression(execution);
}

/* The first representation is the text. */
static void keep_result(const Execution *execution, const VintDatum *text) {
    if (execution->store_history) history_output(execution->number, (Slice){text->data, text->length});
}

static void on_code_done(void *user, VintCell *cell, const VintResult *result) {
    (void)cell;
    Execution *execution = queue_find(user);
    outbox_hold(); /* result, reply and idle go out together */
    if (result->error) {
        cell_error(execution->cell, result->error);
        finish(execution, reply_error(execution, result->error, "error"), execution->stop_on_error);
        sockets_send();
        return;
    }
    if (result->data_length) {
        Message *message = message_new(CHANNEL_IOPUB, "execute_result", execution->request);
        buffer_format(&message->content, "{\"execution_count\":%d,", execution->number);
        output_bundle(&message->content, result->data, result->data_length);
        buffer_text(&message->content, "}");
        cell_say(execution->cell, message);
        keep_result(execution, &result->data[0]);
    }
    json_t *expressions = json_object_get(execution->request->content, "user_expressions");
    execution->expression = json_object_iter(expressions);
    next_expression(execution);
    sockets_send();
}

void execution_run(void *argument) {
    Execution *execution = argument;
    execution->cell = cell_new(execution->request, execution->silent);
    int64_t drain = execution->drains ? vint_option(session_vint(), "drain_ms") : VINT_DRAIN_NONE;
    bool leaves = vint_wants_to_leave(session_vint(), execution->code.data, execution->code.length);
    start(execution, leaves ? (Slice){"exit()", 6} : execution->code, drain, on_code_done);
}

void execution_abort(Execution *execution, int number) {
    execution->number = number;
    outbox_status(execution->request, "busy");
    outbox_push(reply_aborted(execution));
    outbox_status(execution->request, "idle");
    execution_free(execution);
}

Message *execution_leave(Execution *execution) {
    Message *reply;
    if (execution->cell) {
        cell_ended(execution->cell);
        cell_ask_exit(execution->cell);
        reply = reply_ok(execution);
    } else {
        reply = reply_aborted(execution);
    }
    execution_free(execution);
    return reply;
}
