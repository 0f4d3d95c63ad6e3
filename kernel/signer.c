/*
 * signer.c -- HMAC (RFC 2104): hash(key ^ outer pad, hash(key ^ inner pad, text)), on libcrypto's hash functions.
 *
 * The pads fill a block each. So a Signer keeps the two states that a hash is in after it; to sign is to go on from
 * copies.
 *
 * libcrypto has an HMAC of its own, behind its registry of algorithms and providers. That costs 3 MB of the 8 that an
 * idle kernel may have, and a millisecond and a half of its start. The functions used here need no registry, so they
 * are linked in from the archive: 40 KB. Since OpenSSL 3 it calls them deprecated, in favour of the registry.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "signer.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* X(name, its state, how its functions begin, bytes of a digest, bytes of a block) */
#define DIGESTS(X)                                                                                 \
    X(md5, MD5_CTX, MD5, MD5_DIGEST_LENGTH, MD5_CBLOCK)                                            \
    X(sha1, SHA_CTX, SHA1, SHA_DIGEST_LENGTH, SHA_CBLOCK)                                          \
    X(sha224, SHA256_CTX, SHA224, SHA224_DIGEST_LENGTH, SHA256_CBLOCK)                             \
    X(sha256, SHA256_CTX, SHA256, SHA256_DIGEST_LENGTH, SHA256_CBLOCK)                             \
    X(sha384, SHA512_CTX, SHA384, SHA384_DIGEST_LENGTH, SHA512_CBLOCK)                             \
    X(sha512, SHA512_CTX, SHA512, SHA512_DIGEST_LENGTH, SHA512_CBLOCK)

typedef union {
#define X(name, type, function, length, block) type name;
    DIGESTS(X)
#undef X
} State;

typedef struct {
    const char *name;
    size_t length, block;
    void (*start)(State *state);
    void (*add)(State *state, const void *bytes, size_t length);
    void (*finish)(State *state, unsigned char *digest);
} Digest;

#define X(name, type, function, length, block)                                                             \
    static void name##_start(State *state) { function##_Init(&state->name); }                              \
    static void name##_add(State *state, const void *bytes, size_t size) { function##_Update(&state->name, bytes, size); } \
    static void name##_finish(State *state, unsigned char *digest) { function##_Final(digest, &state->name); }
DIGESTS(X)
#undef X

static const Digest digests[] = {
#define X(name, type, function, length, block) {#name, length, block, name##_start, name##_add, name##_finish},
    DIGESTS(X)
#undef X
};

struct Signer {
    const Digest *digest; /* NULL: no key, no signatures */
    State inner, outer;
};

static const Digest *digest_of(const char *scheme) {
    static const char prefix[] = "hmac-";
    if (strncmp(scheme, prefix, sizeof prefix - 1) != 0) return NULL;
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
        if (strcmp(digests[i].name, scheme + sizeof prefix - 1) == 0) return &digests[i];
    return NULL;
}

static void start_padded(const Digest *digest, State *state, const unsigned char *key, unsigned char pad) {
    unsigned char block[SHA512_CBLOCK];
    for (size_t i = 0; i < digest->block; i++) block[i] = key[i] ^ pad;
    digest->start(state);
    digest->add(state, block, digest->block);
    OPENSSL_cleanse(block, sizeof block);
}

Signer *signer_new(const char *scheme, const char *key) {
    const Digest *digest = *key ? digest_of(scheme) : NULL;
    if (*key && !digest) return NULL;
    Signer *signer = memory_zeroed(sizeof *signer);
    signer->digest = digest;
    if (!digest) return signer;
    unsigned char padded[SHA512_CBLOCK] = {0};
    size_t length = strlen(key);
    if (length <= digest->block) {
        memcpy(padded, key, length);
    } else {
        digest->start(&signer->inner);
        digest->add(&signer->inner, key, length);
        digest->finish(&signer->inner, padded);
    }
    start_padded(digest, &signer->inner, padded, 0x36);
    start_padded(digest, &signer->outer, padded, 0x5c);
    OPENSSL_cleanse(padded, sizeof padded);
    return signer;
}

void signer_free(Signer *signer) {
    if (signer) OPENSSL_cleanse(signer, sizeof *signer);
    free(signer);
}

size_t signer_sign(const Signer *signer, const Slice *parts, size_t count, char hex[SIGNATURE_MAX + 1]) {
    const Digest *digest = signer->digest;
    size_t length = digest ? digest->length : 0;
    unsigned char bytes[SIGNATURE_MAX / 2];
    if (digest) {
        State state = signer->inner;
        for (size_t i = 0; i < count; i++) digest->add(&state, parts[i].data, parts[i].length);
        digest->finish(&state, bytes);
        state = signer->outer;
        digest->add(&state, bytes, length);
        digest->finish(&state, bytes);
    }
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    hex[2 * length] = '\0';
    return 2 * length;
}

bool signer_same(Slice signature, const char *expected, size_t length) {
    return signature.length == length && CRYPTO_memcmp(signature.data, expected, length) == 0;
}
