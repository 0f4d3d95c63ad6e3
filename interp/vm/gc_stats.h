/*
 * gc_stats.h -- what the collector has done, and how long the program had to wait for it each time.
 *
 * Pauses are counted in buckets, eight to each power of two of nanoseconds: so any share of them can be asked for
 * afterwards, 12 % exactly, whatever their number.
 */
#ifndef GC_STATS_H
#define GC_STATS_H

#include <stddef.h>
#include <stdint.h>

#define GC_STATS_BUCKETS 496

typedef struct {
    uint64_t cycles;          /* begun */
    uint64_t pauses;
    uint64_t total_ns, max_ns; /* of the pauses */
    uint64_t allocated;       /* bytes, up to the last pause */
    size_t peak;              /* the most bytes in use that a pause found */
    uint32_t buckets[GC_STATS_BUCKETS];
} GcStats;

/* Counts a pause. */
void gc_stats_pause(GcStats *stats, uint64_t ns);

/* The time, in ns, that [share] (0 to 1) of the pauses did not exceed. */
uint64_t gc_stats_pause_within(const GcStats *stats, double share);

#endif
