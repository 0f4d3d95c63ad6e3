/*
 * replay.h -- remembers the signatures of the last messages, so that none is obeyed twice.
 *
 * A signature proves that a message was made by someone who has the key, not that it comes from them now: whoever
 * can listen could send a copy. Signatures differ as message ids do, so one seen before is a copy.
 */
#ifndef KERNEL_REPLAY_H
#define KERNEL_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_MEMORY (1u << 16) /* how many signatures are remembered */

typedef struct Replay Replay;

/* For one thread at a time. Never NULL. */
Replay *replay_new(void);
void replay_free(Replay *replay);

/* Notes the first 64 bits of a digest; false when they are among the remembered ones. */
bool replay_note(Replay *replay, uint64_t digest);

#endif
