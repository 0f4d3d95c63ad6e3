/* clock.h -- the time that deadlines are made of: nanoseconds of a clock that only goes forward. */
#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_MS INT64_C(1000000)
#define CLOCK_NEVER INT64_MAX

static inline int64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline int64_t clock_earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

#endif
