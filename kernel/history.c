/*
 * history.c -- the thread that owns the history, and the line of what it is asked.
 *
 * To write a cell to the disk costs more than to run a small one. So cells are collected for SAVE_MS and written
 * together, and the thread is woken for the first of them only; who asks something wakes it at once. The database is opened
 * for the first cell or question: a session that has neither goes without SQLite, and without a number.
 */
#include "history.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "store.h"

#define SAVE_MS 100

typedef struct Job {
    struct Job *next;
    void (*function)(void *argument);
    void *argument;
} Job;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    Job *first, **end;
    bool urgent; /* somebody waits for an answer */
    bool closing;
} history = {.lock = PTHREAD_MUTEX_INITIALIZER, .end = &history.first};

static void push(void (*function)(void *argument), void *argument, bool urgent) {
    Job *job = memory_new(sizeof *job);
    *job = (Job){NULL, function, argument};
    pthread_mutex_lock(&history.lock);
    bool wake = urgent || !history.first;
    *history.end = job;
    history.end = &job->next;
    if (urgent) history.urgent = true;
    if (wake) pthread_cond_signal(&history.changed);
    pthread_mutex_unlock(&history.lock);
}

/* Waits until there is something to do; the lock is held. */
static void wait_for_a_job(void) {
    while (!history.first && !history.closing) pthread_cond_wait(&history.changed, &history.lock);
}

/* The same, and until the time for it has come. */
static void wait_for_jobs(void) {
    wait_for_a_job();
    int64_t until = clock_now() + SAVE_MS * CLOCK_MS;
    struct timespec time = {until / (1000 * CLOCK_MS), until % (1000 * CLOCK_MS)};
    int status = 0;
    while (!history.urgent && !history.closing && status == 0) {
        status = pthread_cond_timedwait(&history.changed, &history.lock, &time);
    }
    history.urgent = false;
}

static void *history_thread(void *unused) {
    pthread_mutex_lock(&history.lock);
    wait_for_a_job();
    bool needed = history.first != NULL;
    pthread_mutex_unlock(&history.lock);
    if (!needed) return unused;
    store_open();
    pthread_mutex_lock(&history.lock);
    for (;;) {
        wait_for_jobs();
        bool last = history.closing;
        Job *jobs = history.first;
        history.first = NULL;
        history.end = &history.first;
        pthread_mutex_unlock(&history.lock);
        for (Job *next; jobs; jobs = next) {
            next = jobs->next;
            jobs->function(jobs->argument);
            free(jobs);
        }
        store_save();
        if (last) break;
        pthread_mutex_lock(&history.lock);
    }
    store_close();
    return unused;
}

void history_open(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&history.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&history.thread, NULL, history_thread, NULL) != 0) abort();
}

void history_close(void) {
    pthread_mutex_lock(&history.lock);
    history.closing = true;
    pthread_cond_signal(&history.changed);
    pthread_mutex_unlock(&history.lock);
    pthread_join(history.thread, NULL);
    pthread_cond_destroy(&history.changed);
}

/* ---- What it is asked ---- */

typedef struct {
    int line;
    Slice text;
} Note;

static Note *note_new(int line, Slice text) {
    Note *note = memory_new(sizeof *note);
    *note = (Note){line, {memory_copy(text.data, text.length), text.length}};
    return note;
}

static void note_free(Note *note) {
    free((char *)note->text.data);
    free(note);
}

static void add(void *argument) {
    Note *note = argument;
    store_add(note->line, note->text);
    note_free(note);
}

static void add_output(void *argument) {
    Note *note = argument;
    store_output(note->line, note->text);
    note_free(note);
}

void history_add(int line, Slice code) {
    push(add, note_new(line, code), false);
}

void history_output(int line, Slice output) {
    push(add_output, note_new(line, output), false);
}

void history_post(void (*function)(void *argument), void *argument) {
    push(function, argument, true);
}

/* A question whose asker waits. */
typedef struct {
    const HistoryQuery *query;
    HistoryList list;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
} Question;

static void answer(void *argument) {
    Question *question = argument;
    HistoryList list = store_find(question->query);
    pthread_mutex_lock(&question->lock);
    question->list = list;
    question->done = true;
    pthread_cond_signal(&question->answered);
    pthread_mutex_unlock(&question->lock);
}

HistoryList history_find(const HistoryQuery *query) {
    Question question = {query, {0}, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    history_post(answer, &question);
    pthread_mutex_lock(&question.lock);
    while (!question.done) pthread_cond_wait(&question.answered, &question.lock);
    pthread_mutex_unlock(&question.lock);
    return question.list;
}

void history_list_free(HistoryList *list) {
    for (size_t i = 0; i < list->count; i++) {
        free((char *)list->entries[i].code.data);
        free((char *)list->entries[i].output.data);
    }
    free(list->entries);
    *list = (HistoryList){0};
}
