/*
 * handshake.h -- the other way to start: the launcher names no ports, but where to tell it those that are free.
 *
 * A file with "registration_ip" in it is no connection file but a registration file (protocol 5.6, JEP 66). The kernel
 * listens on ports of its own choice and sends them to the registration socket, which must answer. Then it writes an
 * ordinary connection file, so that other clients can connect as ever.
 */
#ifndef KERNEL_HANDSHAKE_H
#define KERNEL_HANDSHAKE_H

#include "connection.h"

/* Was the kernel started with a registration file? */
bool handshake_is_wanted(const Connection *connection);

/* Registers the ports and names the connection file to be written. False: [why] tells what went wrong. */
bool handshake_register(Connection *connection, char why[CONNECTION_WHY]);

#endif
