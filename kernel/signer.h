/*
 * signer.h -- signatures of messages: an HMAC with the key of the connection file, in hex.
 */
#ifndef KERNEL_SIGNER_H
#define KERNEL_SIGNER_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

enum { SIGNATURE_MAX = 128 }; /* hexadecimal digits of the longest */

/* Signs with one key. Belongs to one thread. */
typedef struct Signer Signer;

/* [scheme] is "hmac-sha256", as all servers write it, or "hmac-" with md5, sha1, sha224, sha384 or sha512. An empty key
   means no signatures. The caller frees it. NULL: no such scheme. */
Signer *signer_new(const char *scheme, const char *key);
void signer_free(Signer *signer);

/* Writes the signature of these parts, one after the other, in hex and NUL-terminated; returns its length: 0 when there
 * is no key. */
size_t signer_sign(const Signer *signer, const Slice *parts, size_t count, char hex[SIGNATURE_MAX + 1]);

/* Is this the signature? Takes the same time wherever they differ. */
bool signer_same(Slice signature, const char *expected, size_t length);

#endif
