/*
 * descriptors.c -- sees to it that there are enough file descriptors before anything needs them.
 *
 * Libraries that find none in the middle of their start abort the process (libuv and ZeroMQ both do). So who is about
 * to start one asks here first how many the process may still open.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>

#include "vint.h"

/* How many more can be opened; not more than [enough] are counted. */
static unsigned count_free(rlim_t limit, unsigned enough) {
    unsigned count = 0;
    for (rlim_t descriptor = 0; descriptor < limit && count < enough; descriptor++)
        if (fcntl((int)descriptor, F_GETFD) < 0) count++;
    return count;
}

bool vint_descriptors(unsigned count, char *why) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true; /* opening will tell */
    if (count_free(limit.rlim_cur, count) == count) return true;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
    unsigned found = count_free(limit.rlim_cur, count);
    if (found == count) return true;
    snprintf(why, 256, "too few file descriptors: %u are needed, but the limit of %llu (ulimit -n) leaves %u", count,
             (unsigned long long)limit.rlim_cur, found);
    return false;
}
