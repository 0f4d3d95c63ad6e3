/*
 * comm.h -- comms as the session knows them; comm.c says what they are.
 */
#ifndef COMM_H
#define COMM_H

#include "sched/session.h"

void comm_register(Vm *vm);
void comm_mark(VintSession *session); /* as vm->mark_more: comms that are open are roots */
void comm_free(VintSession *session); /* at the end of the session */

/* Does a task wait for what may come in on a comm? */
bool comm_is_awaited(const VintSession *session);

#endif
