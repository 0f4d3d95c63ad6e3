/*
 * moment.c -- times and durations: making them, calculating with them, showing them.
 */
#include "moment.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "error.h"
#include "heap.h"

/* ---- times ---- */

Time *time_new(Vm *vm, int64_t seconds, int64_t nanoseconds, const Zone *zone) {
    int64_t carried = nanoseconds / SECOND_NS - (nanoseconds % SECOND_NS < 0);
    int64_t last = calendar_seconds(MOMENT_LAST_YEAR + 1, 1, 1);
    if (seconds < -last || seconds > last) goto outside; /* far from overflows */
    seconds += carried;
    int32_t offset = zone_offset(zone, seconds, NULL);
    if (seconds + offset < calendar_seconds(0, 1, 1) || seconds + offset >= last) goto outside;
    Time *time = HEAP_NEW(vm, Time, T_TIME);
    time->seconds = seconds;
    time->nanoseconds = (int32_t)(nanoseconds - carried * SECOND_NS);
    time->offset = offset;
    time->zone = zone;
    return time;
outside:
    vm_raise(vm, ERR_VALUE, "the time lies outside of the years 0 to %d", MOMENT_LAST_YEAR);
    return NULL;
}

Time *time_now(Vm *vm, const Zone *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return time_new(vm, now.tv_sec, now.tv_nsec, zone);
}

Time *time_from_civil(Vm *vm, int64_t civil, int64_t nanoseconds, const Zone *zone) {
    return time_new(vm, zone_moment(zone, civil), nanoseconds, zone);
}

Civil time_civil(const Time *time) { return calendar_civil(time->seconds + time->offset); }

int time_compare(const Time *a, const Time *b) {
    if (a->seconds != b->seconds) return a->seconds < b->seconds ? -1 : 1;
    return (a->nanoseconds > b->nanoseconds) - (a->nanoseconds < b->nanoseconds);
}

/* ---- durations ---- */

Duration *duration_new(Vm *vm, __int128 nanoseconds) {
    if (nanoseconds > INT64_MAX || nanoseconds < INT64_MIN) {
        vm_raise(vm, ERR_VALUE, "the duration is longer than 292 years");
        return NULL;
    }
    Duration *duration = HEAP_NEW(vm, Duration, T_DURATION);
    duration->nanoseconds = (int64_t)nanoseconds;
    return duration;
}

Duration *duration_between(Vm *vm, const Time *from, const Time *to) {
    __int128 seconds = (__int128)to->seconds - from->seconds;
    return duration_new(vm, seconds * SECOND_NS + to->nanoseconds - from->nanoseconds);
}

static Duration *duration_scale(Vm *vm, const Duration *duration, double factor) {
    double scaled = (double)duration->nanoseconds * factor;
    return duration_new(vm, fabs(scaled) < 0x1p64 ? (__int128)scaled : (__int128)1 << 64);
}

/* ---- operators ---- */

static int give(void *object, Value *result) {
    if (!object) return -1;
    *result = value_obj(object);
    return 1;
}

static int shift(Vm *vm, const Time *time, __int128 nanoseconds, Value *result) {
    int64_t seconds = (int64_t)(nanoseconds / SECOND_NS);
    return give(
        time_new(vm, time->seconds + seconds, time->nanoseconds + (int64_t)(nanoseconds % SECOND_NS), time->zone),
        result);
}

static int divide(Vm *vm, const Duration *duration, Value by, Value *result) {
    double divisor = by.tag == T_DURATION ? (double)by.duration->nanoseconds : value_number(by);
    if (divisor == 0) {
        vm_raise(vm, ERR_ZERO_DIVISION, "division by zero");
        return -1;
    }
    if (by.tag != T_DURATION) return give(duration_scale(vm, duration, 1 / divisor), result);
    *result = value_float((double)duration->nanoseconds / divisor);
    return 1;
}

int moment_binary(Vm *vm, Opcode op, Value a, Value b, Value *result) {
    int sign = op == OPC_SUB ? -1 : 1;
    if (op == OPC_ADD || op == OPC_SUB) {
        if (a.tag == T_TIME && b.tag == T_DURATION)
            return shift(vm, a.time, (__int128)b.duration->nanoseconds * sign, result);
        if (a.tag == T_DURATION && b.tag == T_DURATION)
            return give(duration_new(vm, (__int128)a.duration->nanoseconds + (__int128)b.duration->nanoseconds * sign),
                        result);
        if (a.tag == T_DURATION && b.tag == T_TIME && op == OPC_ADD)
            return shift(vm, b.time, a.duration->nanoseconds, result);
        if (a.tag == T_TIME && b.tag == T_TIME && op == OPC_SUB)
            return give(duration_between(vm, b.time, a.time), result);
    } else if (op == OPC_MUL) {
        if (a.tag == T_DURATION && value_is_number(b))
            return give(duration_scale(vm, a.duration, value_number(b)), result);
        if (b.tag == T_DURATION && value_is_number(a))
            return give(duration_scale(vm, b.duration, value_number(a)), result);
    } else if (op == OPC_DIV && a.tag == T_DURATION && (b.tag == T_DURATION || value_is_number(b))) {
        return divide(vm, a.duration, b, result);
    }
    return 0;
}

/* ---- print forms ---- */

void text_time(Text *text, const Time *time) {
    Civil c = time_civil(time);
    text_printf(text, "%02d:%02d:%02d %02d-%02d-%04" PRId64, c.hour, c.minute, c.second, c.day, c.month, c.year);
}

/* [value] / [unit] with as many of [digits] decimals as it takes: 1.5 */
static void text_decimal(Text *text, uint64_t value, uint64_t unit, int digits) {
    text_printf(text, "%" PRIu64, value / unit);
    if (value % unit == 0) return;
    text_printf(text, ".%0*" PRIu64, digits, value % unit);
    while (text->bytes[text->length - 1] == '0') text->length--;
}

void text_duration(Text *text, int64_t nanoseconds) {
    uint64_t ns = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
    uint64_t minute = 60 * SECOND_NS;
    if (nanoseconds < 0) text_putc(text, '-');
    if (ns == 0) {
        text_puts(text, "0s");
    } else if (ns < 1000) {
        text_printf(text, "%" PRIu64 "ns", ns);
    } else if (ns < 1000000) {
        text_decimal(text, ns, 1000, 3);
        text_puts(text, "µs");
    } else if (ns < SECOND_NS) {
        text_decimal(text, ns, 1000000, 6);
        text_puts(text, "ms");
    } else {
        if (ns >= 60 * minute) text_printf(text, "%" PRIu64 "h", ns / (60 * minute));
        if (ns >= minute) text_printf(text, "%" PRIu64 "m", ns / minute % 60);
        text_decimal(text, ns % minute, SECOND_NS, 9);
        text_putc(text, 's');
    }
}
