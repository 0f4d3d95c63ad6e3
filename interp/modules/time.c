/*
 * time.c -- the module `time`: the clock, waiting, and times in their usual form. The module datetime can do more.
 */
#include "lib/lib_time.h"
#include "modules.h"

static NativeStatus time_module_now(NATIVE_ARGS) { return lib_return_time(time_now(vm, zone_local()), result); }

static NativeStatus time_module_sleep(NATIVE_ARGS) {
    if (value_is_number(args[0]) && value_number(args[0]) < 0)
        return vm_raise(vm, ERR_VALUE, "Cannot sleep for negative duration (%s seconds)", error_describe(vm, args[0]));
    return time_sleep(vm, args[0], result);
}

static NativeStatus time_module_since(NATIVE_ARGS) {
    const Time *from = time_take(vm, args[0], zone_local()), *now = from ? time_now(vm, zone_local()) : NULL;
    if (!now) return NATIVE_ERROR;
    NATIVE_RETURN(value_int(now->seconds - from->seconds));
}

static NativeStatus time_module_format(NATIVE_ARGS) {
    const Time *time = time_take(vm, args[0], zone_find("", 0));
    if (!time) return NATIVE_ERROR;
    Text text = lib_text(vm);
    layout_format(&text, time, args[1].string->bytes, args[1].string->length);
    return lib_return_text(vm, &text, result);
}

static NativeStatus time_module_parse(NATIVE_ARGS) {
    if (!native_given(args[1])) {
        const Time *time = time_take(vm, args[0], zone_find("", 0));
        return lib_return_time((Time *)time, result);
    }
    return lib_return_time(
        layout_parse(vm, args[0].string, args[1].string->bytes, args[1].string->length, zone_find("", 0), ""), result);
}

static NativeStatus shifted(Vm *vm, const Value *args, int sign, Value *result) {
    const Time *time = time_take(vm, args[0], zone_find("", 0));
    int64_t nanoseconds;
    if (!time || !duration_take(vm, args[1], &nanoseconds)) return NATIVE_ERROR;
    return lib_return_time(time_shift(vm, time, nanoseconds, sign), result);
}

static NativeStatus time_module_add(NATIVE_ARGS) { return shifted(vm, args, 1, result); }
static NativeStatus time_module_subtract(NATIVE_ARGS) { return shifted(vm, args, -1, result); }

static NativeStatus time_module_is_leap_year(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(calendar_is_leap_year(args[0].i)));
}

static const NativeDef functions[] = {
    {"now() -> time", "The time now, on the clocks here.", time_module_now},
    {"sleep(seconds: number | string | duration) -> null", "Pauses the calling task; the others go on.",
     time_module_sleep},
    {"since(time: time | string) -> int",
     "Seconds from a time, or the text of one (\"15:04:05 02-01-2006\"), until now.", time_module_since},
    {"format(time: time | string, layout: string) -> string",
     "The time in the form of an example, which is always 2 January 2006, 15:04:05.", time_module_format},
    {"parse(text: string, layout: string = \"15:04:05 02-01-2006\") -> time",
     "The time that is written in the text, in the form of the layout.", time_module_parse},
    {"add(time: time | string, span: duration | string) -> time", "The time later by a duration.", time_module_add},
    {"subtract(time: time | string, span: duration | string) -> time", "The time earlier by a duration.",
     time_module_subtract},
    {"isLeapYear(year: int) -> bool", "Does the year have a 29 February?", time_module_is_leap_year},
    {0}};

Module *time_module(Vm *vm) { return native_module(vm, "time", functions); }
