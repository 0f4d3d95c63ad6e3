/*
 * tcp.h -- connections: what modules/net.vint is made of.
 *
 * A connection and a listener are resources of the heap. One task at a time may wait to receive from a connection, or
 * for the next client of a listener; any number may send.
 */
#ifndef TCP_H
#define TCP_H

#include "vm/native.h"

void tcp_register(Vm *vm); /* __lookup(), __tcp_connect(), __tcp_listen() … */

#endif
