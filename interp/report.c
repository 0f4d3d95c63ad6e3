/*
 * report.c -- errors on their way to the host: name, message and the rendered lines.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "vm/error.h"

static void split_lines(Report *report) {
    size_t count = 1;
    for (const char *p = report->text; *p; p++) count += *p == '\n';
    report->lines = calloc(count, sizeof *report->lines);
    if (!report->lines) abort();
    size_t lines = 0;
    for (char *line = report->text; line; lines++) {
        char *end = strchr(line, '\n');
        if (end) *end = '\0';
        report->lines[lines] = line;
        line = end ? end + 1 : NULL;
    }
    while (lines > 0 && report->lines[lines - 1][0] == '\0') lines--;
    report->error = (VintError){.name = report->name,
                                .message = report->message,
                                .traceback = report->lines,
                                .traceback_length = lines};
}

void report_make_text(const char *name, const char *message, const char *text, Report *report) {
    *report = (Report){.name = strdup(name), .message = strdup(message), .text = strdup(text)};
    if (!report->name || !report->message || !report->text) abort();
    split_lines(report);
}

void report_make(Vm *vm, Error *error, Report *report) {
    Text text = {0};
    error_render(vm, error, vm->color, &text);
    *report = (Report){.name = strndup(error->name->bytes, error->name->length),
                       .message = strndup(error->message->bytes, error->message->length),
                       .text = strdup(text_cstring(&text))};
    text_free(&text);
    if (!report->name || !report->message || !report->text) abort();
    split_lines(report);
}

void report_free(Report *report) {
    free(report->name);
    free(report->message);
    free(report->text);
    free(report->lines);
}
