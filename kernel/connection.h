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
#define CURVE_KEY 40       /* characters of a key for encryption, in Z85 */

typedef struct {
    char *path;
    json_t *file;     /* the whole file, so that unknown keys survive when it is written back */
    bool created;     /* there was no such file: this kernel made it, and removes it in the end */
    const char *transport, *ip, *key, *scheme; /* belong to [file] */
    const char *curve_public, *curve_secret;   /* likewise; both or neither. Messages are encrypted when they are there */
    int port[CHANNELS]; /* 0: any */
} Connection;

/* Reads the file at [path], or invents what stands in it when there is none. False: [why] tells what is wrong. */
bool connection_read(Connection *connection, const char *path, char why[CONNECTION_WHY]);

/* Can others than this machine listen to what is said? */
bool connection_is_exposed(const Connection *connection);

/* A port as number or as text; 0, any, when [value] is NULL. -1: no port. */
int connection_port_number(const json_t *value);

/* Writes the file, readable to its owner only. For when ports have been chosen. */
bool connection_write(Connection *connection, char why[CONNECTION_WHY]);

/* Where a channel listens, as ZeroMQ writes it; with port 0, a pattern that lets ZeroMQ choose, or a free name. */
void connection_endpoint(Connection *connection, Channel channel, char *endpoint, size_t size);

void connection_free(Connection *connection); /* what it holds; a file that the kernel has made is removed */

#endif
