/*
 * execution.c -- executions: how they start, when they are over, what the host is told.
 *
 * An execution is over when its main code has ended and, depending on how it waits for its tasks
 * (VintCellOptions.drain_ms),
 *
 *     NONE       every task of the cell that can run right now has had its turn: none is runnable any more. Those that
 *                spin are given up on after a few milliseconds and live on in the background (cell.h).
 *     a time     none of its tasks is left, or none can ever go on, or the time is over
 *     FOREVER    none of its tasks is left, or none can ever go on
 *
 * An error of the main code, or an interrupt while tasks are waited for, ends an execution as if it were NONE.
 *
 * "Can ever go on" is decided when the whole session has nothing to do: no ready task, no timer, no question, no request
 * under way. A main code that waits then is in a deadlock, and gets the error that says so.
 */
#include "execution.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lib_display.h"
#include "lib/lib_progress.h"
#include "modules/comm.h"
#include "report.h"
#include "sched/explain.h"
#include "sched/natives.h"
#include "vm/cell.h"
#include "vm/dict.h"
#include "vm/error.h"
#include "vm/gc.h"
#include "syntax/hash.h"
#include "vm/load.h"
#include "vm/output.h"
#include "vm/promise.h"
#include "vm/task.h"

#define PATIENCE 5000000u /* ns of work after which a cell becomes impatient with tasks that compute when its main code has ended */
#define SMALL_HEAP (64u << 20) /* bytes: small enough to look for lost rejections whenever the session is idle */

/* ---- the end ---- */

static void add_to_list(VintSession *session, VintCell *cell) {
    VintCell **link = &session->executions;
    while (*link) link = &(*link)->next;
    *link = cell_retain(cell);
}

static void call_done(VintCell *cell, VintResult *result) {
    VintDone done = cell->done;
    cell->done = NULL;
    result->background_failed = cell->failed;
    if (done) done(cell->options.user, cell, result);
}

static void keep_line(Vm *vm, VintCell *cell, const char *line, size_t length) {
    output_keep(vm, cell, line, length);
    output_keep(vm, cell, "\n", 1);
}

static void keep_lines(Vm *vm, VintCell *cell, const VintError *error) {
    for (size_t i = 0; i < error->traceback_length; i++)
        keep_line(vm, cell, error->traceback[i], strlen(error->traceback[i]));
}

static void finish(VintSession *session, VintCell *cell) {
    VintCell **link = &session->executions;
    while (*link != cell) link = &(*link)->next;
    *link = cell->next;
    cell->next = NULL;
    cell->over = true;
    cell_drop_captures(cell);
    Vm *vm = session->vm;
    progress_flush(session, true);
    VintResult result = {0};
    if (cell->error) {
        Report report;
        if (cell->problems)
            report_make_text("SyntaxError", cell->problem, cell->problems, &report);
        else
            report_make(vm, cell->error, &report);
        result.error = &report.error;
        keep_lines(vm, cell, &report.error);
        call_done(cell, &result);
        report_free(&report);
    } else if (cell->has_result && cell->result.tag != T_NULL) {
        Bundle bundle;
        bundle_make(vm, cell->result, &bundle);
        result.data = bundle.data;
        result.data_length = bundle.length;
        keep_line(vm, cell, bundle.data[0].data, bundle.data[0].length);
        call_done(cell, &result);
        bundle_free(&bundle);
    } else {
        call_done(cell, &result);
    }
    cell->result = NULL_VALUE;
    cell->error = NULL;
    cell_release(cell);
}

static bool is_over(VintCell *cell, bool nothing_more) {
    if (!cell->main_ended) return false;
    if (cell->live == 0 || cell->abandoned) return true;
    if (cell->options.drain_ms == VINT_DRAIN_NONE || cell->error) {
        cell->impatient = session_work() - cell->patient_from > PATIENCE;
        return cell->runnable == 0;
    }
    if (nothing_more) return true;
    uint64_t waited = session_now() - cell->main_ended_at;
    return cell->options.drain_ms > 0 && waited > (uint64_t)cell->options.drain_ms * 1000000u;
}

static void warn_of_tasks(VintSession *session, VintCell *cell) {
    char text[160];
    int length = snprintf(text, sizeof text, "%u task%s still at work after %g s: no longer waited for\n",
                          cell->live, cell->live == 1 ? " of this cell is" : "s of this cell are",
                          (double)cell->options.drain_ms / 1000);
    output_write(session->vm, cell, VINT_STDERR, text, (size_t)length);
}

/* What a cell waits for may come from outside, or from another cell that is yet to come. */
static bool is_deadlocked(VintSession *session, const VintCell *cell) {
    if (!cell->main || cell->main->state != TASK_WAITING || cell->main->wait == WAIT_EXIT) return false;
    if (comm_is_awaited(session)) return false;
    return !session->host.may_execute || !session->host.may_execute(session->host.user);
}

void execution_check(VintSession *session, bool nothing_more) {
    VintCell *cell = session->executions;
    while (cell) {
        VintCell *next = cell->next;
        if (is_over(cell, nothing_more)) {
            if (cell->options.drain_ms != VINT_DRAIN_NONE) execution_report_rejections(session, true);
            if (cell->options.drain_ms > 0 && cell->live > 0 && !nothing_more && !cell->abandoned && !cell->error)
                warn_of_tasks(session, cell);
            finish(session, cell);
        } else if (nothing_more && is_deadlocked(session, cell)) {
            task_inject(session->vm, cell->main, deadlock_error(session->vm));
            nothing_more = false;
        }
        cell = next;
    }
}

uint64_t execution_patience(VintSession *session) {
    uint64_t now = session_now(), least = 0;
    for (const VintCell *cell = session->executions; cell; cell = cell->next) {
        if (!cell->main_ended || cell->options.drain_ms <= 0) continue;
        uint64_t end = cell->main_ended_at + (uint64_t)cell->options.drain_ms * 1000000u + 1000000u;
        uint64_t wait = end > now ? end - now : 1;
        if (least == 0 || wait < least) least = wait;
    }
    return least;
}

static void end_main(VintCell *cell, Value value, Error *error) {
    cell->main_ended = true;
    cell->main_ended_at = session_now();
    cell->patient_from = session_work();
    cell->result = value;
    cell->error = error;
    cell->main = NULL;
    cell->session->rejections_kept = 0; /* what its registers kept may be lost now */
}

/* A result whose struct says how it is to be shown (display(), toString()) is asked: as a further part of the main
 * code. */
static bool present_result(Vm *vm, VintCell *cell, Value value) {
    Value method, show;
    if (!cell->has_result || cell->presented || value.tag != T_INSTANCE) return false;
    if (!vm_find_method(vm, value, vm->names[NAME_display], &method) &&
        !vm_find_method(vm, value, vm->names[NAME_toString], &method))
        return false;
    if (!dict_get_name(vm->builtins, string_intern(vm, "__shown", 7), &show)) return false;
    cell->presented = true;
    cell->main = task_spawn(vm, show, &value, 1, cell);
    cell->main->is_main = true;
    return true;
}

void execution_task_ended(Vm *vm, Task *task, Value value, Error *error) {
    VintSession *session = session_of(vm);
    VintCell *cell = task->cell;
    if (task->is_main) {
        if (error || !present_result(vm, cell, value)) end_main(cell, value, error);
        return;
    }
    if (!error || task->promise) return; /* a promise carries its error to whoever awaits it */
    if (cell) cell->failed = true;
    Report report;
    report_make(vm, error, &report);
    keep_lines(vm, cell, &report.error);
    session->host.task_failed(session->host.user, cell, &report.error);
    report_free(&report);
}

void execution_report_rejections(VintSession *session, bool all) {
    Vm *vm = session->vm;
    if (vm->rejection_count == 0) return;
    size_t kept = 0, count = vm->rejection_count;
    for (size_t i = 0; i < count; i++) {
        Promise *promise = vm->rejections[i];
        if (promise->handled) continue;
        if (!promise->lost && !all) {
            vm->rejections[kept++] = promise;
            continue;
        }
        promise->handled = true;
        if (promise->cell) promise->cell->failed = true;
        Report report;
        report_make(vm, promise->value.error, &report);
        keep_lines(vm, promise->cell, &report.error);
        session->host.task_failed(session->host.user, promise->cell, &report.error);
        report_free(&report);
    }
    vm->rejection_count = kept;
    vm->rejections_lost = 0;
}

/* Only new ones are worth a look: what a program keeps it may keep for long. */
void execution_look_for_lost_rejections(VintSession *session) {
    Vm *vm = session->vm;
    if (vm->rejection_count > session->rejections_kept) promise_forget_handled(vm);
    if (vm->rejection_count > session->rejections_kept && vm->heap.bytes < SMALL_HEAP) gc_full(vm);
    if (vm->rejections_lost > 0) execution_report_rejections(session, false);
    session->rejections_kept = vm->rejection_count;
}

/* ---- the start ---- */

/* Reports syntax errors later, as everything else: from inside vint_run(), which must not fall asleep before. */
static void fail_to_compile(VintSession *session, VintCell *cell, const Loaded *loaded) {
    Error *error = error_new(session->vm, ERR_SYNTAX, "%s", loaded->message);
    cell->problem = strdup(loaded->message);
    cell->problems = strdup(loaded->problems);
    end_main(cell, NULL_VALUE, error);
    atomic_store(&session->vm->attention, true);
}

static char *key_of_code(const char *code, size_t length) {
    char *key;
    if (asprintf(&key, "code %zu %" PRIx64, length, hash_bytes(code, length)) < 0) abort();
    return key;
}

VintCell *vint_execute(VintSession *session, const VintCellOptions *options, const char *code, size_t length, VintDone done) {
    VintCell *cell = calloc(1, sizeof *cell);
    if (!cell) abort();
    cell->options = *options;
    cell->options.file = strdup(options->file);
    cell->options.key = options->key ? strdup(options->key) : key_of_code(code, length);
    cell->done = done;
    cell->session = session;
    output_cell_made(session->vm, cell);
    add_to_list(session, cell);
    tasks_end_former(session->vm, cell, session->vm->options[OPTION_tasks_on_rerun] == 1);

    CompileOptions compile = {.interactive = options->interactive};
    Loaded loaded = load_source(session->vm, options->file, code, length, &compile);
    if (loaded.main) {
        /* In front of all others: who sends a cell looks at it, however many tasks are at work in the background. */
        cell->main = task_spawn_first(session->vm, value_obj(loaded.main), cell);
        cell->main->is_main = true;
        cell->has_result = options->interactive;
    } else {
        fail_to_compile(session, cell, &loaded);
    }
    free(loaded.problems);
    free(loaded.message);
    return cell;
}
