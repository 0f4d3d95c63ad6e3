/*
 * frames.h -- a message of ours, as frames on a ZeroMQ socket. The wire thread.
 *
 * A message goes out in two steps, because only the first can fail: when its first frame has been taken, ZeroMQ takes
 * the rest.
 */
#ifndef KERNEL_FRAMES_H
#define KERNEL_FRAMES_H

#include "outbox.h"

/* Sends the frames before the delimiter: the topic of an IOPub message, or who a reply is for. False: not now. */
bool frames_send_address(void *socket, const Message *message, const char *session);

/* Sends all the others, signed. Content and buffers may leave the message: ZeroMQ frees them when they have gone. */
void frames_send_rest(void *socket, Message *message, const char *session, const Signer *signer);

/* Bytes of bulk that ZeroMQ has and clients have not. */
long frames_in_flight(void);

#endif
