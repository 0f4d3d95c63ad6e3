/*
 * session.h -- the interpreter, as the rest of the kernel sees it.
 *
 * There is one session and one thread that runs it, the main thread. The other threads reach it by posting.
 */
#ifndef KERNEL_SESSION_H
#define KERNEL_SESSION_H

#include "interp/vint.h"
#include "wire.h"

/* Makes the session; false and a message in [why] (256 bytes) when that fails. */
bool session_open(char *why);
bool session_close(void); /* also when there is none. False: only _exit() ends the process at once, see vint_session_end() */

/* Runs what is asked of the session until session_stop(); returns the status given there. */
int session_run(void);

/* Any thread: has the session thread do something, soon, even while a cell computes. In order. Nothing, once closed. */
void session_post(void (*function)(void *argument), void *argument);

/* The same for a request, of which it takes over a reference; once closed, that is given back. */
void session_post_request(void (*function)(void *request), Request *request);

/* Any thread: interrupts what was started by posts before this one; ends session_run(). */
void session_interrupt(void);
void session_stop(int status);

/* For code that runs on the session thread. */
VintSession *session_vint(void);

#endif
