/*
 * report.h -- an Error of the machine as the host's VintError.
 */
#ifndef REPORT_H
#define REPORT_H

#include "vint.h"
#include "vm/value.h"

typedef struct {
    VintError error; /* points to the rest */
    char *name, *message, *text;
    const char **lines;
} Report;

/* Each fills in [report], to be freed with report_free(). */
void report_make(Vm *vm, Error *error, Report *report);
void report_make_text(const char *name, const char *message, const char *text, Report *report);
void report_free(Report *report);

#endif
