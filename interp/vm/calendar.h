/*
 * calendar.h -- the calendar: which date and time of day a second belongs to, and back.
 */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_SECONDS 86400ll

/* A moment as calendars and clocks show it. */
typedef struct {
    int64_t year;
    int month, day; /* from 1 */
    int hour, minute, second;
    int weekday;  /* 0: Sunday */
    int year_day; /* from 1 */
} Civil;

/* What clocks show [seconds] after the beginning of 1970. Clocks of a zone: add its offset before. */
Civil calendar_civil(int64_t seconds);

/* The beginning of a day, in seconds since 1970. Months beyond 1 … 12, and days beyond those of the month, roll on. */
int64_t calendar_seconds(int64_t year, int64_t month, int64_t day);

bool calendar_is_leap_year(int64_t year);
int calendar_month_days(int64_t year, int month); /* [month]: 1 … 12 */

/* The week as ISO 8601 counts it: from Monday on; the first one of a year is that with its first Thursday. */
void calendar_iso_week(const Civil *civil, int64_t *year, int *week);

#endif
