/*
 * lib_time.h -- what the methods of times and durations share with the modules time and datetime.
 */
#ifndef LIB_TIME_H
#define LIB_TIME_H

#include "lib.h"
#include "vm/moment.h"

#define TIME_LAYOUT "15:04:05 02-01-2006" /* how times print */

NativeStatus lib_return_time(Time *time, Value *result); /* NULL: an error is raised already */
NativeStatus lib_return_duration(Duration *duration, Value *result);

/* A duration or the text of one: "1h30m", "-1.5s", "250ms". False with ValueError raised. */
bool duration_take(Vm *vm, Value value, int64_t *nanoseconds);

/* A time, or the text of one by TIME_LAYOUT, on the clocks of [zone]. NULL with an error raised. */
const Time *time_take(Vm *vm, Value value, const Zone *zone);

/* The zone of that name; UTC when it is undefined. NULL with an error raised. */
const Zone *zone_take(Vm *vm, Value name);

Time *time_shift(Vm *vm, const Time *time, int64_t nanoseconds, int sign); /* sign: 1 or -1 */

/* Pauses the running task for a number of seconds, the text of one, a duration or the text of one. */
NativeStatus time_sleep(Vm *vm, Value span, Value *result);

/* Layouts (lib_time_layout.c): the time in the form of an example, the second of January 2006, 15:04:05. */
void layout_format(Text *text, const Time *time, const char *layout, size_t length);

/* The time written in [text]; without a zone of its own, on the clocks of [zone]. NULL with an error raised whose
 * message begins with [failure]. */
Time *layout_parse(Vm *vm, const String *text, const char *layout, size_t length, const Zone *zone,
                   const char *failure);

#endif
