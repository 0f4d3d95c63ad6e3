/*
 * explain.h -- tasks in words, for tables and reports; which of them wait in vain, and the error that says so.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "session.h"

/* Is the task the program's own? Those that the library started, and that run none of the program's own code, are not
 * listed anywhere. */
bool explain_is_own(const Task *task);
const char *explain_state(const Task *task);                   /* "sleeping" */
void explain_name(const Vm *vm, Text *text, const Task *task); /* the function that it was started to call */
void explain_wait(Vm *vm, Text *text, const Task *task);       /* "chan(unbuffered) made at In[3]:1:9" */
void explain_place(Text *text, const Task *task);              /* " in wait() at In[3]:2:7" */
void explain_origin(Text *text, const Task *task);             /* "In[3]:2:7", or nothing for main code */
void explain_point(Text *text, const Proto *proto, uint32_t pc);

/* deadlock.c: the error that lists every blocked task. */
Error *deadlock_error(Vm *vm);

/* leaks.c: finds the tasks that nothing will ever wake; [variables]: what the session's variables hold may yet be used.
 * Then, for each task, until the next one runs: is it one of them? */
void leaks_look(VintSession *session, bool variables);
bool leaks_is_stuck(const Task *task);

#endif
