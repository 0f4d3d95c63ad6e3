/*
 * question.c -- input(): questions to the host, one open at a time, asked in the order in which the tasks asked.
 */
#include "question.h"

#include <stdlib.h>
#include <string.h>

#include "vm/cell.h"
#include "vm/error.h"
#include "vm/task.h"

static void ask_next(VintSession *session) {
    VintQuestion *question = session->questions;
    if (!question || question->asked) return;
    question->asked = true;
    session->host.ask(session->host.user, question->task->cell, question->prompt, question->password, question);
}

NativeStatus question_ask(Vm *vm, const String *prompt, bool password, Value *result) {
    VintSession *session = session_of(vm);
    Task *task = vm->current;
    if (!task->cell || !task->cell->options.allow_ask)
        return vm_raise(vm, ERR_IO, "input() has nobody to ask: this frontend does not allow questions");
    VintQuestion *question = calloc(1, sizeof *question);
    if (!question) abort();
    question->session = session;
    question->task = task;
    question->prompt = strndup(prompt->bytes, prompt->length);
    question->password = password;
    question->previous = session->last_question;
    if (session->last_question)
        session->last_question->next = question;
    else
        session->questions = question;
    session->last_question = question;
    task_park(vm, WAIT_INPUT, NULL, result);
    task->request = question;
    if (!task->injected) ask_next(session); /* else this wait ends at once: nobody is to see its question */
    return NATIVE_PARK;
}

static void remove_question(VintSession *session, VintQuestion *question) {
    *(question->previous ? &question->previous->next : &session->questions) = question->next;
    *(question->next ? &question->next->previous : &session->last_question) = question->previous;
    question->next = question->previous = NULL;
}

static void free_question(VintQuestion *question) {
    free(question->prompt);
    free(question);
}

static void ask_next_later(void *session) { ask_next(session); }

void question_cancel(VintSession *session, Task *task) {
    VintQuestion *question = task->request;
    remove_question(session, question);
    if (question->asked) {
        session->host.ask_cancelled(session->host.user, question);
        vint_post(session, ask_next_later, session, NULL); /* more may be cancelled now, without having been asked */
    }
    if (atomic_load(&question->answered)) {
        question->task = NULL;
        question->next = session->cancelled;
        session->cancelled = question;
    } else {
        free_question(question);
    }
}

typedef struct {
    VintQuestion *question;
    char *text; /* NULL: end of input */
    size_t length;
} Answer;

static void free_answer(void *arg) {
    Answer *answer = arg;
    free(answer->text);
    free(answer);
}

static void wake(Vm *vm, Task *task, const Answer *answer) {
    String *text = answer->text ? string_new(vm, answer->text, answer->length) : NULL;
    if (text || !answer->text) {
        task_wake(vm, task, text ? value_obj(text) : NULL_VALUE);
    } else { /* no room for it */
        Error *error = vm->error;
        vm->error = NULL;
        task_inject(vm, task, error);
    }
}

static void take_answer(void *arg) {
    Answer *answer = arg;
    VintQuestion *question = answer->question;
    VintSession *session = question->session;
    Task *task = question->task;
    if (task) {
        remove_question(session, question);
        question->task = NULL;
        free_question(question);
        task->wait = WAIT_NOTHING; /* so that waking it does not cancel the question */
        wake(session->vm, task, answer);
        ask_next(session);
    } else {
        VintQuestion **link = &session->cancelled;
        while (*link && *link != question) link = &(*link)->next;
        if (*link) *link = question->next;
        free_question(question);
    }
    free_answer(answer);
}

void vint_answer(VintQuestion *question, const char *text, size_t length) {
    Answer *answer = calloc(1, sizeof *answer);
    if (!answer) abort();
    answer->question = question;
    atomic_store(&question->answered, true);
    answer->length = text ? length : 0;
    if (text) {
        answer->text = malloc(length + 1);
        if (!answer->text) abort();
        memcpy(answer->text, text, length);
    }
    vint_post(question->session, take_answer, answer, free_answer);
}

void question_free(VintSession *session) {
    VintQuestion *lists[] = {session->questions, session->cancelled};
    for (int i = 0; i < 2; i++)
        for (VintQuestion *question = lists[i], *next; question; question = next) {
            next = question->next;
            free_question(question);
        }
    session->questions = session->last_question = session->cancelled = NULL;
}
