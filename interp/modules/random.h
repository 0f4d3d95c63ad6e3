/*
 * random.h -- chance, for all modules that need some. It comes from the system's generator: fit for secrets.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_fill(void *bytes, size_t length); /* never fails: without chance the process aborts */
uint64_t random_below(uint64_t limit); /* 0 … limit - 1, all alike; limit 0 means 2^64 */
double random_unit(void);              /* 0 <= x < 1, a multiple of 2^-53 */

#endif
