/*
 * moment.h -- times and durations as values.
 *
 * A time is a moment, to the nanosecond, together with the zone on whose clocks it is read. Times are compared by
 * moment, whatever their zones are. A duration is a number of nanoseconds, up to 292 years.
 */
#ifndef MOMENT_H
#define MOMENT_H

#include "calendar.h"
#include "compile/opcodes.h"
#include "text.h"
#include "value.h"
#include "zone.h"

#define SECOND_NS 1000000000ll
#define MOMENT_LAST_YEAR 9999 /* times lie in the years 0 to this one */

struct Time {
    Obj obj;
    int64_t seconds;     /* since the beginning of 1970, UTC */
    int32_t nanoseconds; /* 0 … 999 999 999 */
    int32_t offset;      /* of the zone at this moment */
    const Zone *zone;
};

struct Duration {
    Obj obj;
    int64_t nanoseconds;
};

/* NULL with an error raised when it lies outside of the years that times may have. [nanoseconds] of any size are
 * added. */
Time *time_new(Vm *vm, int64_t seconds, int64_t nanoseconds, const Zone *zone);
Time *time_now(Vm *vm, const Zone *zone);
/* The moment that the zone's clocks show as [civil] (see calendar.h). */
Time *time_from_civil(Vm *vm, int64_t civil, int64_t nanoseconds, const Zone *zone);

/* What the time's own clocks show. */
Civil time_civil(const Time *time);

/* NULL with an error raised when it is too long. */
Duration *duration_new(Vm *vm, __int128 nanoseconds);
Duration *duration_between(Vm *vm, const Time *from, const Time *to);

/* -1, 0, 1 */
int time_compare(const Time *a, const Time *b);

/* time + duration, time - time, duration * number … 1: done, 0: there is no such operation, -1: an error is raised. */
int moment_binary(Vm *vm, Opcode op, Value a, Value b, Value *result);

/* 21:04:09 07-03-2025 */
void text_time(Text *text, const Time *time);
/* 1h30m0s, 1.5s, 250ms, 0s */
void text_duration(Text *text, int64_t nanoseconds);

#endif
