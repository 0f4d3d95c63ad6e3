/*
 * history.h -- the code of all cells, of this session and of earlier ones.
 *
 * A thread of its own owns the history and does what it is asked in order; nobody else ever waits for the disk. What is
 * kept outlives the process, in a database that all kernels of a user share (store.c).
 */
#ifndef KERNEL_HISTORY_H
#define KERNEL_HISTORY_H

#include <stdbool.h>

#include "buffer.h"

/* Starts the thread, which opens the database. */
void history_open(void);

/* Saves what is not saved yet and ends the thread. */
void history_close(void);

/* Any thread: keeps the code of cell [line] of this session; and, later, its result as text. Both are copied. */
void history_add(int line, Slice code);
void history_output(int line, Slice output);

typedef enum { HISTORY_TAIL, HISTORY_RANGE, HISTORY_SEARCH } HistoryKind;

/* What to look for. TAIL: the last [n] cells. RANGE: lines of a session. SEARCH: the last [n] that match. */
typedef struct {
    HistoryKind kind;
    long session;     /* 0: this one; -1: the last one before it in which cells were run, and so on */
    long start, stop; /* lines from [start] on, before [stop] */
    Slice pattern;    /* a glob with * ? […], for the whole text of a cell; its data are NUL-terminated */
    bool unique;      /* SEARCH: of the same code several times only the last */
    long n;
} HistoryQuery;

typedef struct {
    long session, line;
    Slice code;
    Slice output; /* data NULL: none was kept */
} HistoryEntry;

typedef struct {
    HistoryEntry *entries; /* the oldest first */
    size_t count;
} HistoryList;

/* Any thread but the history's: finds entries. Takes milliseconds, with every entry added before it in the answer. */
HistoryList history_find(const HistoryQuery *query);
void history_list_free(HistoryList *list);

/* Any thread: has the history's thread do something, after what it was asked before. */
void history_post(void (*function)(void *argument), void *argument);

#endif
