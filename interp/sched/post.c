/*
 * post.c -- how other threads reach the session: a list of functions to be called, and a flag for interrupts.
 *
 * vm->attention makes the running task give way at its next safe point; a descriptor ends a wait in the I/O loop. (Not
 * a uv_async_t: its receiver spins until the sender has left the system call, and may hold the processor that the sender
 * needs for that. A cell's round trip took a tenth longer.)
 */
#include "post.h"

#include <stdlib.h>
#include <sys/eventfd.h>

static void call_attention(VintSession *session) {
    atomic_store(&session->vm->attention, true);
    eventfd_write(session->wake_descriptor, 1);
}

void vint_post(VintSession *session, void (*fn)(void *arg), void *arg, void (*drop)(void *arg)) {
    Post *post = malloc(sizeof *post);
    if (!post) abort();
    *post = (Post){.function = fn, .drop = drop, .arg = arg};
    pthread_mutex_lock(&session->post_lock);
    if (session->last_post)
        session->last_post->next = post;
    else
        session->posts = post;
    session->last_post = post;
    pthread_mutex_unlock(&session->post_lock);
    call_attention(session);
}

void vint_interrupt(VintSession *session) {
    atomic_store(&session->interrupted, true);
    call_attention(session);
}

static void look_for_interrupt(VintSession *session) {
    if (atomic_exchange(&session->interrupted, false)) interrupt_now(session);
}

/* What a post asks for happens before the next one: an interrupt does not hit a cell that was sent after it. */
void post_run(VintSession *session) {
    look_for_interrupt(session);
    pthread_mutex_lock(&session->post_lock);
    Post *post = session->posts;
    session->posts = session->last_post = NULL;
    pthread_mutex_unlock(&session->post_lock);
    while (post) {
        Post *next = post->next;
        post->function(post->arg);
        free(post);
        look_for_interrupt(session);
        post = next;
    }
}

void post_free(VintSession *session) {
    for (Post *post = session->posts, *next; post; post = next) {
        next = post->next;
        if (post->drop) post->drop(post->arg);
        free(post);
    }
    session->posts = session->last_post = NULL;
}
