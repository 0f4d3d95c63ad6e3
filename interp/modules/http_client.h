/*
 * http_client.h -- requests to servers: what modules/http.vint is made of.
 *
 * A transfer is one request and its response, a resource of the heap. A task waits for the response's head, then for
 * its body, in pieces or at once. One task at a time may wait for a transfer; when it stops waiting the transfer is
 * aborted, and so it is when nobody holds it any more.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "vm/native.h"

void http_client_register(Vm *vm); /* __http_open(), __http_read() */

#endif
