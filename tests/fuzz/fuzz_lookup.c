/*
 * fuzz_lookup.c -- completion and help answer about any text, at any place in it, without a crash and without leaving a
 * trace in the session.
 *
 * The first two bytes of an input are the place. Each input has a session of its own, with variables of many kinds.
 */
#include <stdlib.h>
#include <string.h>

#include "sched/session.h"
#include "vint.h"
#include "vm/gc.h"

static const char setup[] =
    "import math\n"
    "// Words about f.\n"
    "func f(a, b = 1): int { return a + b }\n"
    "func f(a) { return [a] }\n"
    "struct P { x: int = 0, next: P? = null\n func m(k) { return this.x } }\n"
    "enum E { A, B = 5 }\n"
    "error Bad(what)\n"
    "let p = P(1, P(2))\nlet d = {\"a\": {\"b\": [1, p]}, \"c'\\\"\": 2}\nlet ring = [d]\nring.push(ring)\n"
    "let c = chan(1)\nlet q = async func(u) { return u }\nlet w = q(p)\nlet s = \"text \xC3\xA4\"\nlet at = &p\n";

static VintSession *session;
static bool is_over;

static void on_write(void *user, VintCell *cell, VintStream stream, const char *text, size_t length) {
    (void)user, (void)cell, (void)stream, (void)text, (void)length;
}
static void on_task_failed(void *user, VintCell *cell, const VintError *error) { (void)user, (void)cell, (void)error; }
static void on_ask(void *user, VintCell *cell, const char *prompt, bool password, VintQuestion *question) {
    (void)user, (void)cell, (void)prompt, (void)password, (void)question;
}
static void on_ask_cancelled(void *user, VintQuestion *question) { (void)user, (void)question; }
static void on_exit_called(void *user, VintCell *cell, int code) { (void)user, (void)cell, (void)code; }
static void on_idle(void *user) { (void)user; }

static void on_done(void *user, VintCell *cell, const VintResult *result) {
    (void)user, (void)cell;
    if (result->error) abort();
    is_over = true;
    vint_stop(session, 0);
}

static void open_session(void) {
    VintOptions options = {.host = {.write = on_write,
                                    .task_failed = on_task_failed,
                                    .ask = on_ask,
                                    .ask_cancelled = on_ask_cancelled,
                                    .exit = on_exit_called,
                                    .idle = on_idle},
                           .heap_limit = 64u << 20};
    char why[256];
    session = vint_session_new(&options, why);
    if (!session) abort();
    VintCellOptions cell = {.file = "In[1]", .interactive = true};
    vint_execute(session, &cell, setup, sizeof setup - 1, on_done);
    is_over = false;
    vint_run(session);
    if (!is_over) abort();
}

static void on_found(void *arg, const VintCompletion *completion) {
    size_t *count = arg;
    if (!completion->text || !completion->text[0] || !completion->kind || !completion->signature) abort();
    ++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    size_t length = size - 2, cursor = ((size_t)data[0] << 8 | data[1]) % (length + 1);
    char *code = malloc(length ? length : 1); /* no NUL behind it: the sanitizer sees who reads beyond */
    memcpy(code, data + 2, length);
    open_session();
    uint32_t globals = session->vm->global_count, tasks = session->vm->task_count;
    size_t start = 0, found = 0;
    vint_complete(session, code, length, cursor, &start, on_found, &found);
    if (start > cursor || found > 2000) abort();
    for (int detail = 0; detail < 2; detail++) {
        const VintDatum *forms;
        size_t count;
        if (vint_inspect(session, code, length, cursor, detail, &forms, &count) && count != 3) abort();
    }
    char indent[64];
    vint_is_complete(code, length, indent);
    if (session->vm->error || session->vm->global_count != globals || session->vm->task_count != tasks) abort();
    free(code);
    gc_full(session->vm);
    vint_session_free(session);
    return 0;
}
