/*
 * replay.c -- a ring of the last signatures, with a hash table of chains through it.
 *
 * The ring says which signature is the oldest and to be forgotten next. Digests are random already: some of their
 * bits are the hash.
 */
#include "replay.h"

#include <stdlib.h>

#include "buffer.h"

typedef struct {
    uint64_t digest;
    uint32_t next; /* in the chain: number of the entry plus one; 0 ends it */
} Entry;

struct Replay {
    Entry ring[REPLAY_MEMORY];
    uint32_t chain[REPLAY_MEMORY];
    uint64_t noted; /* how many signatures so far */
};

Replay *replay_new(void) {
    return memory_zeroed(sizeof(Replay));
}

void replay_free(Replay *replay) {
    free(replay);
}

static uint32_t *chain_of(Replay *replay, uint64_t digest) {
    return &replay->chain[digest % REPLAY_MEMORY];
}

static void forget(Replay *replay, uint32_t index) {
    uint32_t *link = chain_of(replay, replay->ring[index].digest);
    while (*link != index + 1) link = &replay->ring[*link - 1].next;
    *link = replay->ring[index].next;
}

bool replay_note(Replay *replay, uint64_t digest) {
    uint32_t *chain = chain_of(replay, digest);
    for (uint32_t i = *chain; i; i = replay->ring[i - 1].next) {
        if (replay->ring[i - 1].digest == digest) return false;
    }
    uint32_t index = (uint32_t)(replay->noted % REPLAY_MEMORY);
    if (replay->noted++ >= REPLAY_MEMORY) forget(replay, index);
    replay->ring[index] = (Entry){digest, *chain};
    *chain = index + 1;
    return true;
}
