/*
 * hash.h -- the hash function of strings and numbers: words of eight bytes, mixed by one wide multiplication each.
 *
 * The two halves of a 128-bit product depend on all bits of both factors; folding them together costs one
 * instruction. The low bits of the result choose a place in a table, the high ones are compared before anything else
 * is, so both must be good.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_K0 0x9e3779b97f4a7c15u
#define HASH_K1 0xe7037ed1a0b428dbu

static inline uint64_t hash_mix(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_word(const char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Up to 8 bytes as one word. */
static inline uint64_t hash_tail(const char *bytes, size_t length) {
    if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, bytes, 4);
        memcpy(&last, bytes + length - 4, 4);
        return (uint64_t)first << 32 | last;
    }
    if (length == 0) return 0;
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint64_t)b[0] << 16 | (uint64_t)b[length / 2] << 8 | b[length - 1];
}

static inline uint64_t hash_bytes(const char *bytes, size_t length) {
    uint64_t hash = HASH_K1 ^ length;
    size_t left = length;
    for (; left > 16; bytes += 16, left -= 16) hash = hash_mix(hash_word(bytes) ^ hash, hash_word(bytes + 8) ^ HASH_K0);
    uint64_t a, b;
    if (left > 8) {
        a = hash_word(bytes);
        b = hash_word(bytes + left - 8);
    } else {
        a = hash_tail(bytes, left);
        b = 0;
    }
    return hash_mix(hash_mix(a ^ HASH_K0, b ^ hash), HASH_K1);
}

static inline uint32_t hash_fold(uint64_t hash) { return (uint32_t)(hash ^ hash >> 32); }

static inline uint32_t hash_int(uint64_t i) { return hash_fold(hash_mix(i ^ HASH_K0, HASH_K1)); }

#endif
