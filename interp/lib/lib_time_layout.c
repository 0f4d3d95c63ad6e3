/*
 * lib_time_layout.c -- layouts: the form of a date, given by an example.
 *
 * The example is always the same moment, Monday, 2 January 2006, 15:04:05 in a zone 7 hours behind UTC, and each of
 * its parts is recognised by its value: "2006" is the year, "01" the month with a leading zero, "3" the hour by a
 * clock with twelve. What is no part of it stands for itself. Formatting and parsing both walk over the parts of a
 * layout.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib_time.h"

/* PARTS(X): X(name, how it is written), those that begin with another one before it. */
#define PARTS(X)                                                                                   \
    X(MONTH_NAME, "January") X(MONTH_SHORT, "Jan") X(WEEKDAY_NAME, "Monday") X(WEEKDAY_SHORT, "Mon") \
    X(ZONE_NAME, "MST") X(MONTH_2, "01") X(YEAR_DAY_3, "002") X(DAY_2, "02") X(HOUR12_2, "03")     \
    X(MINUTE_2, "04") X(SECOND_2, "05") X(YEAR_2, "06") X(HOUR, "15") X(MONTH, "1")                \
    X(YEAR, "2006") X(DAY, "2") X(YEAR_DAY_BLANK, "__2") X(DAY_BLANK, "_2") X(HOUR12, "3")         \
    X(MINUTE, "4") X(SECOND, "5") X(PM, "PM") X(PM_LOWER, "pm")                                    \
    X(OFFSET_SECONDS, "-070000") X(OFFSET_COLON_SECONDS, "-07:00:00") X(OFFSET, "-0700")           \
    X(OFFSET_COLON, "-07:00") X(OFFSET_HOURS, "-07")                                               \
    X(Z_SECONDS, "Z070000") X(Z_COLON_SECONDS, "Z07:00:00") X(Z, "Z0700")                          \
    X(Z_COLON, "Z07:00") X(Z_HOURS, "Z07")

typedef enum {
#define X(name, text) PART_##name,
    PARTS(X)
#undef X
    PART_FRACTION,         /* .000: so many digits */
    PART_FRACTION_TRIMMED, /* .999: without zeros at its end */
    PART_TEXT
} PartKind;

static const struct {
    PartKind kind;
    const char *text;
} parts[] = {
#define X(name, text) {PART_##name, text},
    PARTS(X)
#undef X
};

static const char *const month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};
static const char *const weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};

typedef struct {
    PartKind kind;
    const char *text;
    size_t length;
} Part;

static bool starts_with(const char *at, const char *end, const char *text) {
    size_t length = strlen(text);
    return (size_t)(end - at) >= length && memcmp(at, text, length) == 0;
}

/* A dot or comma and equal digits, 0 or 9, that no other digit follows. */
static size_t fraction_length(const char *at, const char *end) {
    if ((*at != '.' && *at != ',') || end - at < 2 || (at[1] != '0' && at[1] != '9')) return 0;
    const char *stop = at + 1;
    while (stop < end && *stop == at[1]) stop++;
    return stop < end && isdigit((unsigned char)*stop) ? 0 : (size_t)(stop - at);
}

/* The part that begins at [at]; length 0: none. */
static Part part_at(const char *at, const char *end) {
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!starts_with(at, end, parts[i].text)) continue;
        Part part = {parts[i].kind, at, strlen(parts[i].text)};
        bool is_short = part.kind == PART_MONTH_SHORT || part.kind == PART_WEEKDAY_SHORT;
        if (is_short && at + 3 < end && islower((unsigned char)at[3])) continue; /* the beginning of another word */
        if (part.kind == PART_DAY_BLANK && starts_with(at + 1, end, "2006")) continue;
        return part;
    }
    size_t length = fraction_length(at, end);
    return (Part){length && at[1] == '9' ? PART_FRACTION_TRIMMED : PART_FRACTION, at, length};
}

/* Takes the next part, or the text before it, off the layout. */
static Part next_part(const char **at, const char *end) {
    Part part = part_at(*at, end);
    if (part.length == 0) {
        part = (Part){PART_TEXT, *at, 1};
        while (*at + part.length < end && part_at(*at + part.length, end).length == 0) part.length++;
    }
    *at += part.length;
    return part;
}

/* ---- formatting ---- */

static void put_offset(Text *text, PartKind kind, int32_t offset) {
    bool zulu = kind >= PART_Z_SECONDS;
    if (zulu && offset == 0) return text_putc(text, 'Z');
    if (zulu) kind -= PART_Z_SECONDS - PART_OFFSET_SECONDS;
    int total = offset < 0 ? -offset : offset;
    bool colon = kind == PART_OFFSET_COLON || kind == PART_OFFSET_COLON_SECONDS;
    text_printf(text, "%c%02d", offset < 0 ? '-' : '+', total / 3600);
    if (kind == PART_OFFSET_HOURS) return;
    text_printf(text, colon ? ":%02d" : "%02d", total / 60 % 60);
    if (kind == PART_OFFSET_SECONDS || kind == PART_OFFSET_COLON_SECONDS)
        text_printf(text, colon ? ":%02d" : "%02d", total % 60);
}

static void put_fraction(Text *text, Part part, int32_t nanoseconds) {
    char digits[16];
    snprintf(digits, sizeof digits, "%09d", nanoseconds);
    size_t count = part.length - 1 < 9 ? part.length - 1 : 9;
    if (part.kind == PART_FRACTION_TRIMMED)
        while (count > 0 && digits[count - 1] == '0') count--;
    if (count == 0) return;
    text_putc(text, part.text[0]);
    text_append(text, digits, count);
}

static void put_part(Text *text, Part part, const Time *time, const Civil *c) {
    int hour12 = c->hour % 12 ? c->hour % 12 : 12;
    switch (part.kind) {
    case PART_YEAR: return text_printf(text, "%04" PRId64, c->year);
    case PART_YEAR_2: return text_printf(text, "%02d", (int)(c->year % 100));
    case PART_MONTH_NAME: return text_puts(text, month_names[c->month - 1]);
    case PART_MONTH_SHORT: return text_append(text, month_names[c->month - 1], 3);
    case PART_MONTH: return text_int(text, c->month);
    case PART_MONTH_2: return text_printf(text, "%02d", c->month);
    case PART_WEEKDAY_NAME: return text_puts(text, weekday_names[c->weekday]);
    case PART_WEEKDAY_SHORT: return text_append(text, weekday_names[c->weekday], 3);
    case PART_DAY: return text_int(text, c->day);
    case PART_DAY_BLANK: return text_printf(text, "%2d", c->day);
    case PART_DAY_2: return text_printf(text, "%02d", c->day);
    case PART_YEAR_DAY_BLANK: return text_printf(text, "%3d", c->year_day);
    case PART_YEAR_DAY_3: return text_printf(text, "%03d", c->year_day);
    case PART_HOUR: return text_printf(text, "%02d", c->hour);
    case PART_HOUR12: return text_int(text, hour12);
    case PART_HOUR12_2: return text_printf(text, "%02d", hour12);
    case PART_MINUTE: return text_int(text, c->minute);
    case PART_MINUTE_2: return text_printf(text, "%02d", c->minute);
    case PART_SECOND: return text_int(text, c->second);
    case PART_SECOND_2: return text_printf(text, "%02d", c->second);
    case PART_PM: return text_puts(text, c->hour >= 12 ? "PM" : "AM");
    case PART_PM_LOWER: return text_puts(text, c->hour >= 12 ? "pm" : "am");
    case PART_ZONE_NAME: {
        char name[ZONE_NAME_LIMIT];
        zone_offset(time->zone, time->seconds, name);
        return text_puts(text, name);
    }
    case PART_FRACTION:
    case PART_FRACTION_TRIMMED: return put_fraction(text, part, time->nanoseconds);
    case PART_TEXT: return text_append(text, part.text, part.length);
    default: return put_offset(text, part.kind, time->offset);
    }
}

void layout_format(Text *text, const Time *time, const char *layout, size_t length) {
    Civil civil = time_civil(time);
    const char *end = layout + length;
    while (layout < end) put_part(text, next_part(&layout, end), time, &civil);
}

/* ---- parsing ---- */

typedef struct {
    const char *at, *end; /* what is left of the text */
    Civil civil;          /* hour: by a clock with twelve, when there is a half of the day */
    int half;             /* of the day: 0, 1; -1: not said */
    int32_t nanoseconds;
    bool has_offset;
    int32_t offset;
    char zone_name[ZONE_NAME_LIMIT];
    const char *outside;  /* what lies out of its range */
} Reading;

static bool is_digit_at(const Reading *r, int index) {
    return r->end - r->at > index && isdigit((unsigned char)r->at[index]);
}

/* One to [most] digits; exactly [most] when [fixed]. */
static bool read_number(Reading *r, int most, bool fixed, int *number) {
    int count = 0;
    for (*number = 0; count < most && is_digit_at(r, 0); count++) *number = *number * 10 + (*r->at++ - '0');
    return fixed ? count == most : count > 0;
}

static bool read_ranged(Reading *r, bool fixed, int least, int most, const char *what, int *number) {
    if (!read_number(r, 2, fixed, number)) return false;
    if (*number < least || *number > most) r->outside = what;
    return true;
}

/* One of the names, or its first three letters, in any case. */
static bool read_name(Reading *r, const char *const *names, int count, bool is_short, int *index) {
    for (int i = 0; i < count; i++) {
        size_t length = is_short ? 3 : strlen(names[i]);
        if ((size_t)(r->end - r->at) < length || strncasecmp(r->at, names[i], length) != 0) continue;
        r->at += length;
        *index = i;
        return true;
    }
    return false;
}

/* The digits after the point; those beyond nanoseconds are dropped. */
static void read_fraction_digits(Reading *r) {
    int32_t unit = 100000000;
    for (r->nanoseconds = 0; is_digit_at(r, 0); r->at++, unit /= 10) r->nanoseconds += unit * (*r->at - '0');
}

static bool at_fraction(const Reading *r) {
    return r->at < r->end && (*r->at == '.' || *r->at == ',') && is_digit_at(r, 1);
}

static bool read_fraction(Reading *r, Part part) {
    if (part.kind == PART_FRACTION_TRIMMED) {
        if (at_fraction(r)) r->at++, read_fraction_digits(r);
        return true;
    }
    const char *start = r->at;
    if (!at_fraction(r)) return false;
    r->at++;
    read_fraction_digits(r);
    return r->at - start == (ptrdiff_t)part.length;
}

static bool read_offset(Reading *r, PartKind kind) {
    r->has_offset = true;
    r->offset = 0;
    if (kind >= PART_Z_SECONDS && r->at < r->end && *r->at == 'Z') {
        r->at++;
        return true;
    }
    if (kind >= PART_Z_SECONDS) kind -= PART_Z_SECONDS - PART_OFFSET_SECONDS;
    if (r->at == r->end || (*r->at != '+' && *r->at != '-')) return false;
    int sign = *r->at++ == '-' ? -1 : 1, hours, minutes = 0, seconds = 0;
    bool colon = kind == PART_OFFSET_COLON || kind == PART_OFFSET_COLON_SECONDS;
    bool has_seconds = kind == PART_OFFSET_SECONDS || kind == PART_OFFSET_COLON_SECONDS;
    if (!read_number(r, 2, true, &hours)) return false;
    if (kind != PART_OFFSET_HOURS) {
        if (colon && (r->at == r->end || *r->at++ != ':')) return false;
        if (!read_number(r, 2, true, &minutes)) return false;
        if (has_seconds && colon && (r->at == r->end || *r->at++ != ':')) return false;
        if (has_seconds && !read_number(r, 2, true, &seconds)) return false;
    }
    if (hours > 23 || minutes > 59 || seconds > 59) r->outside = "time zone offset";
    r->offset = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

/* An abbreviation: three to five capitals. */
static bool read_zone_name(Reading *r) {
    int length = 0;
    while (r->end - r->at > length && isupper((unsigned char)r->at[length]) && length < 6) length++;
    if (length < 3 || length > 5) return false;
    memcpy(r->zone_name, r->at, (size_t)length);
    r->zone_name[length] = '\0';
    r->at += length;
    return true;
}

/* Text of the layout; blanks in it match any number of them. */
static bool read_text(Reading *r, Part part) {
    for (size_t i = 0; i < part.length;) {
        if (part.text[i] == ' ') {
            if (r->at < r->end && *r->at != ' ') return false;
            while (i < part.length && part.text[i] == ' ') i++;
            while (r->at < r->end && *r->at == ' ') r->at++;
        } else {
            if (r->at == r->end || *r->at != part.text[i]) return false;
            r->at++, i++;
        }
    }
    return true;
}

static bool read_part(Reading *r, Part part, bool fraction_follows) {
    Civil *c = &r->civil;
    int number = 0;
    switch (part.kind) {
    case PART_YEAR:
        if (!read_number(r, 4, true, &number)) return false;
        c->year = number;
        return true;
    case PART_YEAR_2:
        if (!read_number(r, 2, true, &number)) return false;
        c->year = number + (number >= 69 ? 1900 : 2000);
        return true;
    case PART_MONTH_NAME:
    case PART_MONTH_SHORT:
        if (!read_name(r, month_names, 12, part.kind == PART_MONTH_SHORT, &number)) return false;
        c->month = number + 1;
        return true;
    case PART_WEEKDAY_NAME: return read_name(r, weekday_names, 7, false, &number);
    case PART_WEEKDAY_SHORT: return read_name(r, weekday_names, 7, true, &number);
    case PART_MONTH:
    case PART_MONTH_2: return read_ranged(r, part.kind == PART_MONTH_2, 1, 12, "month", &c->month);
    case PART_DAY_BLANK:
    case PART_DAY:
    case PART_DAY_2:
        if (part.kind == PART_DAY_BLANK && r->at < r->end && *r->at == ' ') r->at++;
        return read_number(r, 2, part.kind == PART_DAY_2, &c->day);
    case PART_YEAR_DAY_BLANK:
    case PART_YEAR_DAY_3:
        for (int i = 0; i < 2 && part.kind == PART_YEAR_DAY_BLANK && r->at < r->end && *r->at == ' '; i++) r->at++;
        return read_number(r, 3, part.kind == PART_YEAR_DAY_3, &c->year_day);
    case PART_HOUR: return read_ranged(r, false, 0, 23, "hour", &c->hour);
    case PART_HOUR12:
    case PART_HOUR12_2: return read_ranged(r, part.kind == PART_HOUR12_2, 0, 12, "hour", &c->hour);
    case PART_MINUTE:
    case PART_MINUTE_2: return read_ranged(r, part.kind == PART_MINUTE_2, 0, 59, "minute", &c->minute);
    case PART_SECOND:
    case PART_SECOND_2:
        if (!read_ranged(r, part.kind == PART_SECOND_2, 0, 59, "second", &c->second)) return false;
        /* A fraction is taken, even when the layout does not ask for it. */
        if (!fraction_follows && at_fraction(r)) r->at++, read_fraction_digits(r);
        return true;
    case PART_PM:
    case PART_PM_LOWER: {
        static const char *const upper[] = {"AM", "PM"}, *const lower[] = {"am", "pm"};
        const char *const *halves = part.kind == PART_PM ? upper : lower;
        for (r->half = 1; r->half >= 0 && !starts_with(r->at, r->end, halves[r->half]); r->half--) {}
        if (r->half < 0) return false;
        r->at += 2;
        return true;
    }
    case PART_ZONE_NAME: return read_zone_name(r);
    case PART_FRACTION:
    case PART_FRACTION_TRIMMED: return read_fraction(r, part);
    case PART_TEXT: return read_text(r, part);
    default: return read_offset(r, part.kind);
    }
}

/* The zone of what was read: its own offset, or the zone whose clocks it is on. */
static const Zone *zone_of(const Reading *r, const Zone *zone, int64_t civil) {
    char name[ZONE_NAME_LIMIT];
    if (r->has_offset) {
        bool same = zone_offset(zone, civil - r->offset, NULL) == r->offset;
        return same ? zone : zone_fixed(r->offset);
    }
    if (!r->zone_name[0]) return zone;
    zone_offset(zone, zone_moment(zone, civil), name);
    return strcmp(name, r->zone_name) == 0 ? zone : zone_fixed(0);
}

/* Checks what cannot be checked part by part. */
static void complete(Reading *r) {
    Civil *c = &r->civil;
    if (r->half == 1 && c->hour < 12) c->hour += 12;
    if (r->half == 0 && c->hour == 12) c->hour = 0;
    if (r->outside) return;
    if (c->year_day > 0 && c->month == 0 && c->day < 0) {
        if (c->year_day > 365 + calendar_is_leap_year(c->year)) r->outside = "day-of-year";
        c->month = 1;
        c->day = c->year_day;
        return;
    }
    if (c->month == 0) c->month = 1;
    if (c->day < 0) c->day = 1;
    if (c->day < 1 || c->day > calendar_month_days(c->year, c->month)) r->outside = "day";
}

static int text_length(const char *at, const char *end) { return end - at > 100 ? 100 : (int)(end - at); }

Time *layout_parse(Vm *vm, const String *text, const char *layout, size_t length, const Zone *zone,
                   const char *failure) {
    Reading r = {.at = text->bytes, .end = text->bytes + text->length, .half = -1, .civil = {.day = -1}};
    const char *next = layout, *end = layout + length;
    int shown = text_length(text->bytes, r.end);
    while (next < end) {
        Part part = next_part(&next, end);
        const char *start = r.at;
        if (!read_part(&r, part, next < end && fraction_length(next, end) > 0)) {
            vm_raise(vm, ERR_VALUE, "%sparsing time \"%.*s\" as \"%.*s\": cannot parse \"%.*s\" as \"%.*s\"", failure,
                     shown, text->bytes, text_length(layout, end), layout, text_length(start, r.end), start,
                     text_length(part.text, part.text + part.length), part.text);
            return NULL;
        }
        if (r.outside) break;
    }
    if (!r.outside && r.at < r.end) {
        vm_raise(vm, ERR_VALUE, "%sparsing time \"%.*s\": extra text: \"%.*s\"", failure, shown, text->bytes,
                 text_length(r.at, r.end), r.at);
        return NULL;
    }
    complete(&r);
    if (r.outside) {
        vm_raise(vm, ERR_VALUE, "%sparsing time \"%.*s\": %s out of range", failure, shown, text->bytes, r.outside);
        return NULL;
    }
    int64_t civil = calendar_seconds(r.civil.year, r.civil.month, r.civil.day) + r.civil.hour * 3600 +
                    r.civil.minute * 60 + r.civil.second;
    return time_from_civil(vm, civil, r.nanoseconds, zone_of(&r, zone, civil));
}
