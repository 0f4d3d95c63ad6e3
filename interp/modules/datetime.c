/*
 * datetime.c -- the module `datetime`: times in zones, durations, the bounds of days, weeks, months and years.
 */
#include <stdlib.h>

#include "lib/lib_time.h"
#include "modules.h"
#include "vm/object.h"
#include "vm/proto.h"

#define LAYOUT "2006-01-02 15:04:05"

static NativeStatus now_in(Vm *vm, const Zone *zone, Value *result) {
    return zone ? lib_return_time(time_now(vm, zone), result) : NATIVE_ERROR;
}

static NativeStatus datetime_now(NATIVE_ARGS) {
    return now_in(vm, native_given(args[0]) ? zone_take(vm, args[0]) : zone_local(), result);
}

static NativeStatus datetime_utc_now(NATIVE_ARGS) { return now_in(vm, zone_find("", 0), result); }

static NativeStatus datetime_parse(NATIVE_ARGS) {
    const Zone *zone = zone_take(vm, args[2]);
    if (!zone) return NATIVE_ERROR;
    const char *layout = native_given(args[1]) ? args[1].string->bytes : LAYOUT;
    size_t length = native_given(args[1]) ? args[1].string->length : sizeof LAYOUT - 1;
    return lib_return_time(layout_parse(vm, args[0].string, layout, length, zone, "Failed to parse datetime: "),
                           result);
}

static NativeStatus datetime_from_timestamp(NATIVE_ARGS) {
    const Zone *zone = native_given(args[1]) ? zone_take(vm, args[1]) : zone_local();
    return zone ? lib_return_time(time_new(vm, args[0].i, 0, zone), result) : NATIVE_ERROR;
}

static NativeStatus datetime_timezone(NATIVE_ARGS) {
    const Zone *zone = zone_take(vm, args[1]);
    const Time *time = args[0].time;
    return zone ? lib_return_time(time_new(vm, time->seconds, time->nanoseconds, zone), result) : NATIVE_ERROR;
}

static NativeStatus datetime_sleep(NATIVE_ARGS) { return time_sleep(vm, args[0], result); }

static NativeStatus datetime_since(NATIVE_ARGS) {
    Time *now = time_now(vm, args[0].time->zone);
    return now ? lib_return_duration(duration_between(vm, args[0].time, now), result) : NATIVE_ERROR;
}

static NativeStatus datetime_until(NATIVE_ARGS) {
    Time *now = time_now(vm, args[0].time->zone);
    return now ? lib_return_duration(duration_between(vm, now, args[0].time), result) : NATIVE_ERROR;
}

/* ---- the calendar ---- */

static NativeStatus datetime_is_leap_year(NATIVE_ARGS) { NATIVE_RETURN(value_bool(calendar_is_leap_year(args[0].i))); }

static NativeStatus datetime_days_in_month(NATIVE_ARGS) {
    if (args[1].i < 1 || args[1].i > 12) return vm_raise(vm, ERR_VALUE, "Month must be between 1 and 12");
    NATIVE_RETURN(value_int(calendar_month_days(args[0].i, (int)args[1].i)));
}

/* PERIODS(X): X(name, its first day, the first day after it) -- as arguments of calendar_seconds(), for civil time c */
#define PERIODS(X)                                                                                 \
    X(Day, "day", (c.year, c.month, c.day), (c.year, c.month, c.day + 1))                          \
    X(Week, "week, a Sunday", (c.year, c.month, c.day - c.weekday), (c.year, c.month, c.day - c.weekday + 7)) \
    X(Month, "month", (c.year, c.month, 1), (c.year, c.month + 1, 1))                              \
    X(Year, "year", (c.year, 1, 1), (c.year + 1, 1, 1))

#define X(name, what, first, after)                                                                \
    static NativeStatus start_of_##name(NATIVE_ARGS) {                                             \
        Civil c = time_civil(args[0].time);                                                        \
        return lib_return_time(time_from_civil(vm, calendar_seconds first, 0, args[0].time->zone), result); \
    }                                                                                              \
    static NativeStatus end_of_##name(NATIVE_ARGS) {                                               \
        Civil c = time_civil(args[0].time);                                                        \
        return lib_return_time(time_from_civil(vm, calendar_seconds after - 1, 0, args[0].time->zone), result); \
    }
PERIODS(X)
#undef X

static const NativeDef functions[] = {
    {"now(zone: string = \"Local\") -> time", "The time now, on the clocks of a zone.", datetime_now},
    {"utcNow() -> time", "The time now, on the clocks of UTC.", datetime_utc_now},
    {"parse(text: string, layout: string = \"2006-01-02 15:04:05\", zone: string = \"UTC\") -> time",
     "The time that is written in the text, in the form of the layout, on the clocks of the zone.", datetime_parse},
    {"fromTimestamp(seconds: int, zone: string = \"Local\") -> time",
     "The time so many seconds after the beginning of 1970, UTC.", datetime_from_timestamp},
    {"timezone(time: time, zone: string) -> time", "The same moment on the clocks of another zone.", datetime_timezone},
    {"sleep(span: number | string | duration) -> null",
     "Pauses the calling task for a duration or a number of seconds; the others go on.", datetime_sleep},
    {"since(time: time) -> duration", "How long ago the time was.", datetime_since},
    {"until(time: time) -> duration", "How long it is until the time.", datetime_until},
    {"isLeapYear(year: int) -> bool", "Does the year have a 29 February?", datetime_is_leap_year},
    {"daysInMonth(year: int, month: int) -> int", "How many days the month has.", datetime_days_in_month},
#define X(name, what, first, after)                                                                \
    {"startOf" #name "(time: time) -> time", "The first second of the time's " what ".", start_of_##name}, \
    {"endOf" #name "(time: time) -> time", "The last second of the time's " what " to begin with.", end_of_##name},
    PERIODS(X)
#undef X
    {0}};

Module *datetime_module(Vm *vm) {
    Module *module = native_module(vm, "datetime", functions);
    Value duration; /* written in VintLang: it has many optional parameters */
    String *name = string_intern(vm, "duration", 8);
    if (!dict_get_name(vm->builtins, string_intern(vm, "__duration", 10), &duration)) abort();
    duration.closure->proto->name = name;
    duration.closure->proto->code_function->name = "duration";
    gc_write_obj(vm, name);
    dict_set(vm, module->members, value_obj(name), duration);
    return module;
}
