/*
 * store.h -- the history's database. Everything here belongs to the history's thread.
 */
#ifndef KERNEL_STORE_H
#define KERNEL_STORE_H

#include "history.h"

/* Opens the database and takes a number for this session. Complains on stderr, and keeps all in memory, if it can't. */
void store_open(void);
void store_close(void);

/* As history_add() and history_output(); to the disk they go by store_save(). */
void store_add(int line, Slice code);
void store_output(int line, Slice output);

/* Writes what is new to the disk. If others keep the database locked, the next call tries again. */
void store_save(void);

/* As history_find(). */
HistoryList store_find(const HistoryQuery *query);

#endif
