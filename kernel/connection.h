/*
 * connection.h -- the connection file: where to listen, and the key to sign with.
 *
 * A frontend writes it (or the kernel itself, when there is none) and both sides read it. It is secret: who has the
 * key can run code here.
 */
#ifndef KERNEL_CONNECTION_H
#define KERNEL_CONNECTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "wire.h"

#define CONNECTION_WHY 512 /* bytes of an explanation */

typedef struct {
    char *path;
    json_t *file;     /* the whole file, so that unknown keys survive when it is written back */
    bool created;     /* there was no such file: this kernel made it, and removes it in the end */
    const char *transport, *ip, *key, *scheme; /* belong to [file] */
    int port[CHANNELS]; /* 0: any */
} Connection;

/* Reads the file at [path], or invents what stands in it when there is none. False: [why] tells what is wrong. */
bool connection_read(Connection *connection, const char *path, char why[CONNECTION_WHY]);

/* Writes the file, readable to its owner only. For when ports have been chosen. */
bool connection_write(Connection *connection, char why[CONNECTION_WHY]);

/* Where a channel listens, as ZeroMQ writes it; with port 0, a pattern that lets ZeroMQ choose, or a free name. */
void connection_endpoint(Connection *connection, Channel channel, char *endpoint, size_t size);

void connection_free(Connection *connection);

#endif
