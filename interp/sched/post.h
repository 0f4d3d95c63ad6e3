/*
 * post.h -- what other threads want of the session (vint_post(), vint_interrupt()), and how it is done; post.c says more.
 */
#ifndef POST_H
#define POST_H

#include "session.h"

struct Post {
    struct Post *next;
    void (*function)(void *arg), (*drop)(void *arg); /* vint_post() says when each is called */
    void *arg;
};

/* Interrupts, if that was asked for, and calls what was posted. */
void post_run(VintSession *session);

/* At the end: drops what was posted and not called. */
void post_free(VintSession *session);

/* interrupt.c: does what the user wants who interrupts. */
void interrupt_now(VintSession *session);

#endif
