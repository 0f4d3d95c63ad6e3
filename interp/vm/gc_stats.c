/*
 * gc_stats.c -- the buckets of pauses. The number of a bucket is the place of the highest bit and the three bits below
 * it.
 */
#include "gc_stats.h"

static int bucket_of(uint64_t ns) {
    if (ns < 8) return (int)ns;
    int shift = 60 - __builtin_clzll(ns); /* leaves four bits, of which the first is 1 */
    return (shift + 1) * 8 + (int)(ns >> shift & 7);
}

/* The longest time that falls into it. */
static uint64_t end_of(int bucket) {
    if (bucket < 8) return (uint64_t)bucket;
    int shift = bucket / 8 - 1;
    return (((uint64_t)bucket % 8 + 9) << shift) - 1;
}

void gc_stats_pause(GcStats *stats, uint64_t ns) {
    stats->pauses++;
    stats->total_ns += ns;
    if (ns > stats->max_ns) stats->max_ns = ns;
    stats->buckets[bucket_of(ns)]++;
}

uint64_t gc_stats_pause_within(const GcStats *stats, double share) {
    double wanted = share * (double)stats->pauses;
    uint64_t seen = 0;
    for (int bucket = 0; bucket < GC_STATS_BUCKETS; bucket++) {
        seen += stats->buckets[bucket];
        if (seen > 0 && (double)seen >= wanted) return end_of(bucket) < stats->max_ns ? end_of(bucket) : stats->max_ns;
    }
    return 0;
}
