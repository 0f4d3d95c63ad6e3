/*
 * zone.c -- time zones, read from the system's database.
 *
 * A file of the database (RFC 8536) lists the moments at which the zone's clocks were or will be put forward or back,
 * and which kind of time, an offset and an abbreviation, began there. It ends with a rule for the years after the last
 * one listed, in the notation of the environment variable TZ:
 *
 *     CET-1CEST,M3.5.0,M10.5.0/3   an hour ahead of UTC; two from the last Sunday of March to that of October
 *
 * The C library reads the same files, but only for one zone, which a program could change for all its threads at once.
 */
#include "zone.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"

#define FILE_LIMIT (1 << 20) /* bytes */
#define DATABASE "/usr/share/zoneinfo"
#define LOCAL_FILE "/etc/localtime"

/* A kind of time. */
typedef struct {
    int32_t offset; /* seconds ahead of UTC */
    char name[ZONE_NAME_LIMIT];
} Kind;

/* When in a year the clocks are changed: day [day] of the year, or weekday [day] of week [week] in month [month]. */
typedef struct {
    enum { DAY_WITH_LEAP, DAY_WITHOUT_LEAP, DAY_OF_WEEK } how;
    int month, week, day;
    int32_t seconds; /* from midnight, by the clocks before the change */
} Change;

struct Zone {
    Zone *next; /* all that are known */
    char *name;
    size_t change_count;
    int64_t *changes;      /* when clocks were changed */
    Kind *kinds;           /* what began then */
    Kind first;            /* before that */
    bool has_rule;         /* for the time after the last one; otherwise that goes on */
    Kind standard, summer;
    bool has_summer;
    Change begin, end;     /* of summer time */
};

static Zone utc = {.name = (char *)"UTC", .first = {.name = "UTC"}};

/* ---- rules ---- */

static bool parse_number(const char **at, int *number) {
    if (**at < '0' || **at > '9') return false;
    for (*number = 0; **at >= '0' && **at <= '9' && *number < 100000; (*at)++) *number = *number * 10 + (**at - '0');
    return true;
}

/* [+-]hours[:minutes[:seconds]] */
static bool parse_clock(const char **at, int32_t *seconds) {
    int sign = **at == '-' ? -1 : 1, hours, minutes = 0, rest = 0;
    if (**at == '-' || **at == '+') (*at)++;
    if (!parse_number(at, &hours)) return false;
    if (**at == ':' && ((*at)++, !parse_number(at, &minutes))) return false;
    if (**at == ':' && ((*at)++, !parse_number(at, &rest))) return false;
    *seconds = sign * (hours * 3600 + minutes * 60 + rest);
    return hours <= 167 && minutes < 60 && rest < 60;
}

/* CET, <+03> */
static bool parse_kind_name(const char **at, Kind *kind) {
    bool quoted = **at == '<';
    const char *start = *at + quoted, *end = start;
    while (*end && (quoted ? *end != '>' : (*end >= 'a' && *end <= 'z') || (*end >= 'A' && *end <= 'Z'))) end++;
    size_t length = (size_t)(end - start);
    if (length == 0 || length >= ZONE_NAME_LIMIT || (quoted && *end != '>')) return false;
    memcpy(kind->name, start, length);
    kind->name[length] = '\0';
    *at = end + quoted;
    return true;
}

/* ,Mmonth.week.day ,Jday ,day -- each may be followed by /time */
static bool parse_change(const char **at, Change *change) {
    if (*(*at)++ != ',') return false;
    *change = (Change){.how = **at == 'M'   ? DAY_OF_WEEK
                              : **at == 'J' ? DAY_WITHOUT_LEAP
                                            : DAY_WITH_LEAP,
                       .seconds = 7200};
    if (change->how != DAY_WITH_LEAP) (*at)++;
    if (change->how == DAY_OF_WEEK) {
        if (!parse_number(at, &change->month) || *(*at)++ != '.') return false;
        if (!parse_number(at, &change->week) || *(*at)++ != '.') return false;
        if (change->month < 1 || change->month > 12) return false;
    }
    if (!parse_number(at, &change->day)) return false;
    if (**at != '/') return true;
    (*at)++;
    return parse_clock(at, &change->seconds);
}

/* A whole rule: standard time and its offset west of UTC, summer time and its own, when it begins and ends. */
static bool parse_rule(const char *at, Zone *zone) {
    if (!parse_kind_name(&at, &zone->standard) || !parse_clock(&at, &zone->standard.offset)) return false;
    zone->standard.offset = -zone->standard.offset;
    zone->has_summer = *at != '\0';
    zone->has_rule = true;
    if (!zone->has_summer) return true;
    if (!parse_kind_name(&at, &zone->summer)) return false;
    zone->summer.offset = zone->standard.offset + 3600;
    if (*at != ',' && *at != '\0') {
        if (!parse_clock(&at, &zone->summer.offset)) return false;
        zone->summer.offset = -zone->summer.offset;
    }
    if (*at == '\0') at = ",M3.2.0,M11.1.0";
    return parse_change(&at, &zone->begin) && parse_change(&at, &zone->end) && *at == '\0';
}

/* When the change takes place in [year], by clocks that show UTC plus [offset]. */
static int64_t change_moment(const Change *change, int64_t year, int32_t offset) {
    int64_t day;
    if (change->how == DAY_OF_WEEK) {
        int64_t first = calendar_seconds(year, change->month, 1);
        int weekday = calendar_civil(first).weekday;
        int number = 1 + (change->day - weekday + 7) % 7 + (change->week - 1) * 7; /* in the month */
        while (number > calendar_month_days(year, change->month)) number -= 7; /* week 5 is the last one */
        day = first + (number - 1) * DAY_SECONDS;
    } else {
        bool leap = change->how == DAY_WITHOUT_LEAP && calendar_is_leap_year(year) && change->day >= 60;
        int number = change->how == DAY_WITHOUT_LEAP ? change->day + leap : change->day + 1; /* in the year */
        day = calendar_seconds(year, 1, number);
    }
    return day + change->seconds - offset;
}

static const Kind *kind_by_rule(const Zone *zone, int64_t seconds) {
    if (!zone->has_summer) return &zone->standard;
    int64_t year = calendar_civil(seconds + zone->standard.offset).year;
    int64_t begin = change_moment(&zone->begin, year, zone->standard.offset);
    int64_t end = change_moment(&zone->end, year, zone->summer.offset);
    bool summer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
    return summer ? &zone->summer : &zone->standard;
}

static const Kind *kind_at(const Zone *zone, int64_t seconds) {
    size_t low = 0, high = zone->change_count; /* how many changes lie before */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->changes[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->change_count && zone->has_rule) return kind_by_rule(zone, seconds);
    return low == 0 ? &zone->first : &zone->kinds[low - 1];
}

/* ---- files of the database ---- */

static int64_t big_endian(const unsigned char *bytes, int count) {
    uint64_t number = bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < count; i++) number = number << 8 | bytes[i];
    return (int64_t)number;
}

/* The counts in a header: of UTC marks, standard marks, leap seconds, changes, kinds, bytes of names. */
enum { MARKS_UTC, MARKS_STANDARD, LEAPS, CHANGES, KINDS, NAME_BYTES, COUNTS };
#define HEADER_BYTES 44

static bool read_header(const unsigned char *header, size_t length, size_t time_bytes, size_t counts[COUNTS],
                        size_t *body) {
    if (length < HEADER_BYTES || memcmp(header, "TZif", 4) != 0) return false;
    for (int i = 0; i < COUNTS; i++) {
        counts[i] = (size_t)big_endian(header + 20 + 4 * i, 4);
        if (counts[i] > FILE_LIMIT) return false;
    }
    *body = counts[CHANGES] * (time_bytes + 1) + counts[KINDS] * 6 + counts[NAME_BYTES] +
            counts[LEAPS] * (time_bytes + 4) + counts[MARKS_STANDARD] + counts[MARKS_UTC];
    return length - HEADER_BYTES >= *body && counts[KINDS] > 0;
}

/* Kind number [index]: its offset (4 bytes), whether it is summer time, where its name begins. */
static Kind read_kind(const unsigned char *kinds, const size_t counts[COUNTS], size_t index) {
    Kind kind = {0};
    if (index >= counts[KINDS]) return kind;
    const unsigned char *names = kinds + counts[KINDS] * 6, *at = kinds + index * 6;
    kind.offset = (int32_t)big_endian(at, 4);
    for (size_t from = at[5], i = 0; from < counts[NAME_BYTES] && names[from] && i < ZONE_NAME_LIMIT - 1; i++, from++)
        kind.name[i] = (char)names[from];
    return kind;
}

/* The second half of a file; the first says the same in 32 bits, for old readers. */
static bool read_zone(Zone *zone, const unsigned char *bytes, size_t length) {
    size_t counts[COUNTS], body;
    if (!read_header(bytes, length, 4, counts, &body) || bytes[4] < '2') return false;
    bytes += HEADER_BYTES + body;
    length -= HEADER_BYTES + body;
    if (!read_header(bytes, length, 8, counts, &body)) return false;
    const unsigned char *moments = bytes + HEADER_BYTES, *which = moments + counts[CHANGES] * 8;
    const unsigned char *kinds = which + counts[CHANGES];
    zone->change_count = counts[CHANGES];
    zone->changes = calloc(counts[CHANGES] + 1, sizeof *zone->changes);
    zone->kinds = calloc(counts[CHANGES] + 1, sizeof *zone->kinds);
    if (!zone->changes || !zone->kinds) abort();
    for (size_t i = 0; i < counts[CHANGES]; i++) {
        zone->changes[i] = big_endian(moments + i * 8, 8);
        zone->kinds[i] = read_kind(kinds, counts, which[i]);
    }
    zone->first = read_kind(kinds, counts, 0);
    const char *rule = (const char *)bytes + HEADER_BYTES + body;
    const char *end = (const char *)bytes + length;
    if (rule == end || *rule++ != '\n') return true;
    const char *stop = memchr(rule, '\n', (size_t)(end - rule));
    char text[128];
    if (!stop || stop == rule || stop - rule >= (ptrdiff_t)sizeof text) return true;
    memcpy(text, rule, (size_t)(stop - rule));
    text[stop - rule] = '\0';
    zone->has_rule = parse_rule(text, zone);
    return true;
}

static bool read_zone_file(Zone *zone, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    unsigned char *bytes = malloc(FILE_LIMIT);
    if (!bytes) abort();
    size_t length = fread(bytes, 1, FILE_LIMIT, file);
    fclose(file);
    bool good = read_zone(zone, bytes, length);
    free(bytes);
    return good;
}

/* A name of the database cannot lead out of it. */
static bool read_named(Zone *zone, const char *name) {
    char path[256];
    if (name[0] == '\0' || name[0] == '/' || strstr(name, "..")) return false;
    int length = snprintf(path, sizeof path, DATABASE "/%s", name);
    return length < (int)sizeof path && read_zone_file(zone, path);
}

/* What TZ says: a file, a name of the database, or a rule. */
static bool read_local(Zone *zone) {
    const char *said = getenv("TZ");
    if (!said) return read_zone_file(zone, LOCAL_FILE);
    if (said[0] == ':') said++;
    return said[0] == '/' ? read_zone_file(zone, said) : read_named(zone, said) || parse_rule(said, zone);
}

/* ---- finding zones ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Zone *known = &utc;

static const Zone *add_known(Zone zone, const char *name) {
    Zone *kept = malloc(sizeof *kept);
    if (!kept) abort();
    *kept = zone;
    kept->name = strdup(name);
    kept->next = known;
    return known = kept;
}

static const Zone *find_or_read(const char *name) {
    Zone *zone = known;
    while (zone && strcmp(zone->name, name) != 0) zone = zone->next;
    if (zone) return zone;
    Zone new = {0};
    bool local = strcmp(name, "Local") == 0;
    if (local ? read_local(&new) : read_named(&new, name)) return add_known(new, name);
    free(new.changes);
    free(new.kinds);
    return local ? add_known((Zone){.first = utc.first}, name) : NULL;
}

/* +02:00, -0330, +02 */
static bool parse_fixed(const char *name, int32_t *offset) {
    if (name[0] != '+' && name[0] != '-') return false;
    int digits = 0, value = 0;
    for (const char *c = name + 1; *c; c++) {
        if (*c == ':' && digits == 2) continue;
        if (*c < '0' || *c > '9' || digits == 4) return false;
        value = value * 10 + (*c - '0');
        digits++;
    }
    if (digits == 2) value *= 100;
    *offset = (name[0] == '-' ? -1 : 1) * (value / 100 * 3600 + value % 100 * 60);
    return (digits == 2 || digits == 4) && value / 100 < 24 && value % 100 < 60;
}

const Zone *zone_fixed(int32_t offset) {
    if (offset == 0) return &utc;
    char name[ZONE_NAME_LIMIT];
    int minutes = abs(offset) / 60 % (24 * 60), rest = abs(offset) % 60;
    int length = snprintf(name, sizeof name, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    if (rest) snprintf(name + length, sizeof name - (size_t)length, ":%02d", rest);
    pthread_mutex_lock(&lock);
    const Zone *zone = known;
    while (zone && strcmp(zone->name, name) != 0) zone = zone->next;
    if (!zone) {
        Zone new = {.first = {.offset = offset}};
        memcpy(new.first.name, name, sizeof name);
        zone = add_known(new, name);
    }
    pthread_mutex_unlock(&lock);
    return zone;
}

const Zone *zone_find(const char *name, size_t length) {
    char text[200];
    int32_t offset;
    if (length >= sizeof text || memchr(name, '\0', length)) return NULL;
    memcpy(text, name, length);
    text[length] = '\0';
    if (length == 0) return &utc;
    if (parse_fixed(text, &offset)) return zone_fixed(offset);
    pthread_mutex_lock(&lock);
    const Zone *zone = find_or_read(text);
    pthread_mutex_unlock(&lock);
    return zone;
}

const Zone *zone_local(void) { return zone_find("Local", 5); }

const char *zone_name(const Zone *zone) { return zone->name; }

int32_t zone_offset(const Zone *zone, int64_t seconds, char abbreviation[ZONE_NAME_LIMIT]) {
    const Kind *kind = kind_at(zone, seconds);
    if (abbreviation) memcpy(abbreviation, kind->name, ZONE_NAME_LIMIT);
    return kind->offset;
}

int64_t zone_moment(const Zone *zone, int64_t civil) {
    int32_t before = zone_offset(zone, civil - DAY_SECONDS, NULL), after = zone_offset(zone, civil + DAY_SECONDS, NULL);
    int64_t first = civil - before, second = civil - after;
    if (zone_offset(zone, first, NULL) == before) return first;
    return zone_offset(zone, second, NULL) == after ? second : first;
}
