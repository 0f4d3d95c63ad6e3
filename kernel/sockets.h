/*
 * sockets.h -- the wire thread, which looks after every ZeroMQ socket but the heartbeat's.
 *
 * It reads requests and hands them to requests.h, sends what stands in the outbox, publishes output that is due, and
 * watches for signals and for the end of the parent process. It never runs user code and never waits for any.
 */
#ifndef KERNEL_SOCKETS_H
#define KERNEL_SOCKETS_H

#include <stdbool.h>

#include "connection.h"

/* Binds all sockets and notes chosen ports in [connection]. It and [session] stay the caller's and outlive this. */
bool sockets_open(Connection *connection, const char *session, char why[CONNECTION_WHY]);

/* Starts the wire thread and the heartbeat thread. */
void sockets_start(void);

/* Any thread: ends outbox_hold() and sees to it that what is in the outbox is sent, by the calling thread if it can. */
void sockets_send(void);

/* Sends what is in the outbox, ends both threads and closes the sockets. */
void sockets_close(void);

/* The handler of SIGINT and SIGTERM, which all threads but the wire thread must block. */
void sockets_note_signal(int number);

/* For handlers on the wire thread: if the process has not ended by itself in a moment, the wire thread ends it. */
void sockets_expect_end(void);

#endif
