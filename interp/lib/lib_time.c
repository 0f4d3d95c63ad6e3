/*
 * lib_time.c -- the methods of times and durations. add() and subtract() of times are in prelude.vint, for the sake
 * of their many optional parameters; what they do is here, too.
 */
#include "lib_time.h"

#include <stdlib.h>
#include <string.h>

#include "sched/timer.h"
#include "vm/task.h"

static const char *const weekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

NativeStatus lib_return_time(Time *time, Value *result) {
    if (!time) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(time));
}

NativeStatus lib_return_duration(Duration *duration, Value *result) {
    if (!duration) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(duration));
}

/* ---- Taking arguments -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int64_t nanoseconds;
} units[] = {{"ns", 1}, {"us", 1000}, {"µs", 1000}, {"μs", 1000}, {"ms", 1000000}, {"s", SECOND_NS},
             {"m", 60 * SECOND_NS}, {"h", 3600 * SECOND_NS}, {0}};

static bool bad_duration(Vm *vm, const char *problem, const String *text) {
    vm_raise(vm, ERR_VALUE, "Invalid duration format: time: %s duration \"%.*s\"", problem, (int)text->length,
             text->bytes);
    return false;
}

static bool is_digit(const char *at, const char *end) { return at < end && *at >= '0' && *at <= '9'; }

/* A number and a unit, as nanoseconds in [sum]. */
static bool take_component(Vm *vm, const String *text, const char **at, __int128 *sum) {
    const char *end = text->bytes + text->length, *p = *at;
    uint64_t whole = 0, fraction = 0, scale = 1;
    bool has_digits = is_digit(p, end);
    for (; is_digit(p, end); p++)
        if (__builtin_mul_overflow(whole, 10u, &whole) || __builtin_add_overflow(whole, (uint64_t)(*p - '0'), &whole))
            return bad_duration(vm, "invalid", text);
    if (p < end && *p == '.') {
        p++;
        has_digits = has_digits || is_digit(p, end);
        for (; is_digit(p, end); p++)
            if (scale < 1000000000000000000u) { /* further digits are below nanoseconds */
                fraction = fraction * 10 + (uint64_t)(*p - '0');
                scale *= 10;
            }
    }
    if (!has_digits) return bad_duration(vm, "invalid", text);
    const char *unit = p;
    while (p < end && *p != '.' && !is_digit(p, end)) p++;
    if (p == unit) return bad_duration(vm, "missing unit in", text);
    size_t length = (size_t)(p - unit), i = 0;
    while (units[i].name && !(strlen(units[i].name) == length && memcmp(units[i].name, unit, length) == 0)) i++;
    if (!units[i].name) {
        vm_raise(vm, ERR_VALUE, "Invalid duration format: time: unknown unit \"%.*s\" in duration \"%.*s\"",
                 (int)length, unit, (int)text->length, text->bytes);
        return false;
    }
    __int128 unit_ns = units[i].nanoseconds;
    *sum += (__int128)whole * unit_ns + (__int128)fraction * unit_ns / scale;
    *at = p;
    return *sum <= INT64_MAX || bad_duration(vm, "invalid", text);
}

/* "1h30m", "-1.5s", "250ms": false with ValueError raised. */
static bool duration_parse(Vm *vm, const String *text, int64_t *nanoseconds) {
    const char *at = text->bytes, *end = at + text->length;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    *nanoseconds = 0;
    if (end - at == 1 && *at == '0') return true;
    if (at == end) return bad_duration(vm, "invalid", text);
    __int128 sum = 0;
    while (at < end)
        if (!take_component(vm, text, &at, &sum)) return false;
    *nanoseconds = (int64_t)(negative ? -sum : sum);
    return true;
}

bool duration_take(Vm *vm, Value value, int64_t *nanoseconds) {
    if (value.tag == T_STRING) return duration_parse(vm, value.string, nanoseconds);
    *nanoseconds = value.duration->nanoseconds;
    return true;
}

const Time *time_take(Vm *vm, Value value, const Zone *zone) {
    if (value.tag == T_TIME) return value.time;
    return layout_parse(vm, value.string, TIME_LAYOUT, sizeof TIME_LAYOUT - 1, zone, "");
}

const Zone *zone_take(Vm *vm, Value name) {
    if (!native_given(name)) return zone_find("", 0);
    const Zone *zone = zone_find(name.string->bytes, name.string->length);
    if (!zone)
        vm_raise(vm, ERR_VALUE,
                 "Invalid timezone: %.*s; there are UTC, Local, offsets such as +02:00, and the names of the system's "
                 "zone database",
                 (int)name.string->length, name.string->bytes);
    return zone;
}

Time *time_shift(Vm *vm, const Time *time, int64_t nanoseconds, int sign) {
    return time_new(vm, time->seconds + nanoseconds / SECOND_NS * sign,
                    time->nanoseconds + nanoseconds % SECOND_NS * sign, time->zone);
}

#define LONGEST_SLEEP 1e9 /* seconds: 31 years */

NativeStatus time_sleep(Vm *vm, Value span, Value *result) {
    double seconds = 0;
    int64_t nanoseconds;
    if (value_is_number(span)) {
        seconds = value_number(span);
    } else if (span.tag == T_DURATION || !lib_parse_float(span.string->bytes, span.string->length, &seconds)) {
        if (!duration_take(vm, span, &nanoseconds)) return NATIVE_ERROR;
        seconds = (double)nanoseconds / 1e9;
    }
    if (!(seconds <= LONGEST_SLEEP)) return vm_raise(vm, ERR_VALUE, "cannot sleep for %g seconds", seconds);
    task_park(vm, WAIT_SLEEP, NULL, result);
    timer_task(session_of(vm), vm->current, seconds > 0 ? (uint64_t)(seconds * 1e9) : 0, TIMER_SLEEP);
    return NATIVE_PARK;
}

/* ---- Parts of a time --------------------------------------------------------------------------------------------- */

/* TIME_PARTS(X): X(method, value, help) -- integers, of civil time c */
#define TIME_PARTS(X)                                                                              \
    X(year, c.year, "The year.")                                                                   \
    X(month, c.month, "The month, 1 to 12.")                                                       \
    X(day, c.day, "The day of the month, 1 to 31.")                                                \
    X(hour, c.hour, "The hour, 0 to 23.")                                                          \
    X(minute, c.minute, "The minute, 0 to 59.")                                                    \
    X(second, c.second, "The second, 0 to 59.")                                                    \
    X(nanosecond, args[0].time->nanoseconds, "The nanoseconds within the second.")                 \
    X(yearDay, c.year_day, "The day of the year, 1 to 366.")                                       \
    X(timestamp, args[0].time->seconds, "Seconds since the beginning of 1970, UTC.")

#define X(name, value, help)                                                                       \
    static NativeStatus time_##name(NATIVE_ARGS) {                                                 \
        Civil c NATIVE_UNUSED = time_civil(args[0].time);                                          \
        NATIVE_RETURN(value_int(value));                                                           \
    }
TIME_PARTS(X)
#undef X

static NativeStatus time_weekday(NATIVE_ARGS) {
    return lib_return_string(string_from(vm, weekdays[time_civil(args[0].time).weekday]), result);
}

static NativeStatus time_iso_week(NATIVE_ARGS) {
    Civil civil = time_civil(args[0].time);
    int64_t year;
    int week;
    calendar_iso_week(&civil, &year, &week);
    Dict *parts = dict_new(vm, 2);
    if (!parts || !dict_set(vm, parts, value_obj(string_intern(vm, "year", 4)), value_int(year)) ||
        !dict_set(vm, parts, value_obj(string_intern(vm, "week", 4)), value_int(week)))
        return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(parts));
}

static NativeStatus time_format(NATIVE_ARGS) {
    Text text = lib_text(vm);
    layout_format(&text, args[0].time, args[1].string->bytes, args[1].string->length);
    return lib_return_text(vm, &text, result);
}

/* ---- Times compared ---------------------------------------------------------------------------------------------- */

static int compare(const Value *args) { return time_compare(args[0].time, args[1].time); }

static NativeStatus time_method_compare(NATIVE_ARGS) { NATIVE_RETURN(value_int(compare(args))); }
static NativeStatus time_before(NATIVE_ARGS) { NATIVE_RETURN(value_bool(compare(args) < 0)); }
static NativeStatus time_after(NATIVE_ARGS) { NATIVE_RETURN(value_bool(compare(args) > 0)); }
static NativeStatus time_equal(NATIVE_ARGS) { NATIVE_RETURN(value_bool(compare(args) == 0)); }

static NativeStatus time_since(NATIVE_ARGS) {
    const Time *from = time_take(vm, args[1], args[0].time->zone);
    if (!from) return NATIVE_ERROR;
    NATIVE_RETURN(value_int(args[0].time->seconds - from->seconds));
}

static NativeStatus time_until(NATIVE_ARGS) {
    Time *now = time_now(vm, args[0].time->zone);
    return now ? lib_return_duration(duration_between(vm, now, args[0].time), result) : NATIVE_ERROR;
}

/* ---- Times calculated -------------------------------------------------------------------------------------------- */

/* Moves a time to a multiple of a duration, counted from the beginning of year 1. */
static NativeStatus to_multiple(Vm *vm, const Value *args, bool nearest, Value *result) {
    int64_t step;
    if (!duration_take(vm, args[1], &step)) return NATIVE_ERROR;
    if (step <= 0) NATIVE_RETURN(args[0]);
    const Time *time = args[0].time;
    __int128 since = (__int128)(time->seconds - calendar_seconds(1, 1, 1)) * SECOND_NS + time->nanoseconds;
    int64_t rest = (int64_t)(since % step);
    if (rest < 0) rest += step;
    bool up = nearest && rest >= step - rest;
    return lib_return_time(time_shift(vm, time, up ? step - rest : -rest, 1), result);
}

static NativeStatus time_truncate(NATIVE_ARGS) { return to_multiple(vm, args, false, result); }
static NativeStatus time_round(NATIVE_ARGS) { return to_multiple(vm, args, true, result); }

static Time *time_in_zone(Vm *vm, const Time *time, const Zone *zone) {
    return zone ? time_new(vm, time->seconds, time->nanoseconds, zone) : NULL;
}

static NativeStatus time_timezone(NATIVE_ARGS) {
    const Time *time = args[0].time;
    if (native_given(args[1])) return lib_return_time(time_in_zone(vm, time, zone_take(vm, args[1])), result);
    char name[ZONE_NAME_LIMIT];
    zone_offset(time->zone, time->seconds, name);
    return lib_return_string(string_from(vm, time->zone == zone_local() ? name : zone_name(time->zone)), result);
}

static NativeStatus time_utc(NATIVE_ARGS) {
    return lib_return_time(time_in_zone(vm, args[0].time, zone_find("", 0)), result);
}

static NativeStatus time_local(NATIVE_ARGS) {
    return lib_return_time(time_in_zone(vm, args[0].time, zone_local()), result);
}

/* UNITS(X): the keywords of add() and subtract(), in the order in which prelude.vint passes their numbers. */
#define UNITS(X) X(SECONDS) X(MINUTES) X(HOURS) X(DAYS) X(WEEKS) X(MONTHS) X(YEARS)
enum {
#define X(name) IN_##name,
    UNITS(X)
#undef X
    UNIT_COUNT
};

#define UNIT_LIMIT 1000000000000000 /* of each number */

/* By clock first, then by calendar: a day is the same time of the next day, a month the same day of the next month. */
static NativeStatus shift_by_units(Vm *vm, const Time *time, const int64_t *count, Value *result) {
    int64_t seconds = count[IN_SECONDS] + count[IN_MINUTES] * 60 + count[IN_HOURS] * 3600;
    Time *moved = time_new(vm, time->seconds + seconds, time->nanoseconds, time->zone);
    if (!moved) return NATIVE_ERROR;
    int64_t days = count[IN_DAYS] + count[IN_WEEKS] * 7;
    if (days == 0 && count[IN_MONTHS] == 0 && count[IN_YEARS] == 0) NATIVE_RETURN(value_obj(moved));
    int64_t furthest = MOMENT_LAST_YEAR * 400;
    if (llabs(days) > furthest || llabs(count[IN_MONTHS]) > furthest || llabs(count[IN_YEARS]) > furthest)
        return lib_return_time(time_new(vm, INT64_MAX, 0, time->zone), result); /* which says what is wrong */
    Civil c = time_civil(moved);
    int64_t day = calendar_seconds(c.year + count[IN_YEARS], c.month + count[IN_MONTHS], c.day + days);
    int64_t civil = day + c.hour * 3600 + c.minute * 60 + c.second;
    return lib_return_time(time_from_civil(vm, civil, moved->nanoseconds, time->zone), result);
}

/* How many of a unit: a number or the text of one; null: none. */
static bool take_number(Vm *vm, Value value, int64_t *number) {
    *number = value.tag == T_INT ? value.i : 0;
    bool good = value.tag == T_INT || value.tag == T_NULL ||
                (value.tag == T_STRING && lib_parse_int(value.string->bytes, value.string->length, 10, number));
    if (good && llabs(*number) <= UNIT_LIMIT) return true;
    vm_raise(vm, good ? ERR_VALUE : ERR_TYPE, good ? "%s is too many" : "Only numbers are allowed as arguments, got %s",
             error_describe(vm, value));
    return false;
}

/* __time_shift(time, span, [numbers], sign): add() and subtract(). */
static NativeStatus prelude_time_shift(NATIVE_ARGS) {
    const Time *time = args[0].time;
    Value span = args[1];
    int sign = (int)args[3].i;
    int64_t numbers[UNIT_COUNT], nanoseconds;
    bool has_units = false;
    for (int i = 0; i < UNIT_COUNT; i++) {
        if (!take_number(vm, args[2].array->items[i], &numbers[i])) return NATIVE_ERROR;
        has_units = has_units || args[2].array->items[i].tag != T_NULL;
        numbers[i] *= sign;
    }
    switch (span.tag) {
    case T_TIME:
        if (sign > 0) break;
        return lib_return_duration(duration_between(vm, span.time, time), result);
    case T_INT:
        if (sign < 0 || llabs(span.i) > UNIT_LIMIT) break;
        numbers[IN_HOURS] += span.i;
        return shift_by_units(vm, time, numbers, result);
    case T_STRING:
    case T_DURATION:
        if (!duration_take(vm, span, &nanoseconds)) return NATIVE_ERROR;
        time = time_shift(vm, time, nanoseconds, sign);
        return time ? shift_by_units(vm, time, numbers, result) : NATIVE_ERROR;
    case T_NULL:
        if (has_units) return shift_by_units(vm, time, numbers, result);
        break;
    default: break;
    }
    if (sign < 0)
        return vm_raise(vm, ERR_TYPE,
                        "subtract() expects a duration, its text, a time, or units such as days=1; got %s",
                        error_describe(vm, span));
    return vm_raise(vm, ERR_TYPE,
                    "add() expects a duration, its text, a number of hours, or units such as days=1; got %s",
                    error_describe(vm, span));
}

/* ---- Durations --------------------------------------------------------------------------------------------------- */

static double in_units(Value duration, double unit) { return (double)duration.duration->nanoseconds / unit; }

static NativeStatus duration_hours(NATIVE_ARGS) { NATIVE_RETURN(value_float(in_units(args[0], 3600e9))); }
static NativeStatus duration_minutes(NATIVE_ARGS) { NATIVE_RETURN(value_float(in_units(args[0], 60e9))); }
static NativeStatus duration_seconds(NATIVE_ARGS) { NATIVE_RETURN(value_float(in_units(args[0], 1e9))); }

static NativeStatus duration_milliseconds(NATIVE_ARGS) {
    NATIVE_RETURN(value_int(args[0].duration->nanoseconds / 1000000));
}

static NativeStatus duration_nanoseconds(NATIVE_ARGS) { NATIVE_RETURN(value_int(args[0].duration->nanoseconds)); }

static NativeStatus calculate(Vm *vm, Opcode op, const Value *args, Value *result) {
    return moment_binary(vm, op, args[0], args[1], result) > 0 ? NATIVE_OK : NATIVE_ERROR;
}

static NativeStatus duration_add(NATIVE_ARGS) { return calculate(vm, OPC_ADD, args, result); }
static NativeStatus duration_subtract(NATIVE_ARGS) { return calculate(vm, OPC_SUB, args, result); }
static NativeStatus duration_multiply(NATIVE_ARGS) { return calculate(vm, OPC_MUL, args, result); }
static NativeStatus duration_divide(NATIVE_ARGS) { return calculate(vm, OPC_DIV, args, result); }

/* __duration_of(text, [numbers]): datetime.duration(). */
static NativeStatus prelude_duration(NATIVE_ARGS) {
    static const int64_t sizes[] = {604800 * SECOND_NS, 86400 * SECOND_NS, 3600 * SECOND_NS, 60 * SECOND_NS,
                                    SECOND_NS, 1000000, 1000, 1};
    int64_t nanoseconds = 0, number;
    if (args[0].tag == T_STRING && !duration_parse(vm, args[0].string, &nanoseconds)) return NATIVE_ERROR;
    __int128 sum = nanoseconds;
    for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++) {
        if (!take_number(vm, args[1].array->items[i], &number)) return NATIVE_ERROR;
        sum += (__int128)number * sizes[i];
    }
    return lib_return_duration(duration_new(vm, sum), result);
}

/* ------------------------------------------------------------------------------------------------------------------ */

static const NativeDef time_methods[] = {
#define X(name, value, help) {#name "() -> int", help, time_##name},
    TIME_PARTS(X)
#undef X
    {"weekday() -> string", "The name of the day of the week.", time_weekday},
    {"isoWeek() -> dict", "The week by ISO 8601: {\"year\", \"week\"}.", time_iso_week},
    {"format(layout: string) -> string",
     "The time in the form of an example, which is always 2 January 2006, 15:04:05: \"2006-01-02 15:04\".",
     time_format},
    {"compare(other: time) -> int", "-1 when the time is before the other, 0 at the same moment, 1 after it.",
     time_method_compare},
    {"before(other: time) -> bool", "Is the time before the other?", time_before},
    {"after(other: time) -> bool", "Is the time after the other?", time_after},
    {"equal(other: time) -> bool", "Are both the same moment?", time_equal},
    {"since(from: time | string) -> int", "Seconds from another time to this one.", time_since},
    {"until() -> duration", "How long it is from now to the time.", time_until},
    {"truncate(step: duration | string) -> time", "The last multiple of a duration before the time.", time_truncate},
    {"round(step: duration | string) -> time", "The nearest multiple of a duration.", time_round},
    {"timezone(zone: string = null) -> any",
     "The name of the time's zone; or the same moment on the clocks of another zone.", time_timezone},
    {"utc() -> time", "The same moment on the clocks of UTC.", time_utc},
    {"local() -> time", "The same moment on the clocks here.", time_local},
    {0}};

static const NativeDef duration_methods[] = {
    {"hours() -> float", "The duration in hours.", duration_hours},
    {"minutes() -> float", "The duration in minutes.", duration_minutes},
    {"seconds() -> float", "The duration in seconds.", duration_seconds},
    {"milliseconds() -> int", "The duration in whole milliseconds.", duration_milliseconds},
    {"nanoseconds() -> int", "The duration in nanoseconds.", duration_nanoseconds},
    {"string() -> string", "The duration as text: \"1h30m0s\".", lib_string_of},
    {"add(other: duration) -> duration", "Both together.", duration_add},
    {"subtract(other: duration) -> duration", "The difference.", duration_subtract},
    {"multiply(factor: number) -> duration", "So many times the duration.", duration_multiply},
    {"divide(divisor: number | duration) -> duration | float",
     "A part of the duration; or how many times another one is contained in it.", duration_divide},
    {0}};

static const NativeDef builtins[] = {
    {"__time_shift(time: time, span: any, units: array, sign: int) -> any", "The time later or earlier.",
     prelude_time_shift},
    {"__duration_of(text: string | null, units: array) -> duration", "The sum of all.", prelude_duration},
    {0}};

void lib_time_register(Vm *vm) {
    native_register_methods(vm, T_TIME, time_methods);
    native_register_methods(vm, T_DURATION, duration_methods);
    native_register_builtins(vm, builtins);
}
