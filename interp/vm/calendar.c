/*
 * calendar.c -- days and dates.
 *
 * The calendar is the Gregorian one, for all years. Days are counted in years that begin in March: so the leap day is
 * the last one of its year, and the months before it have a regular pattern (Howard Hinnant's algorithms).
 */
#include "calendar.h"

#define ERA_DAYS 146097   /* of 400 years */
#define EPOCH_DAYS 719468 /* from 1 March of year 0 to 1 January 1970 */

static int64_t divide_down(int64_t a, int64_t b) { return a / b - (a % b < 0); }

bool calendar_is_leap_year(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int calendar_month_days(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && calendar_is_leap_year(year));
}

int64_t calendar_seconds(int64_t year, int64_t month, int64_t day) {
    int64_t months = year * 12 + month - 3; /* from March of year 0 */
    year = divide_down(months, 12);
    int64_t era = divide_down(year, 400);
    int64_t year_of_era = year - era * 400, month_of_year = months - year * 12;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * month_of_year + 2) / 5;
    return (era * ERA_DAYS + day_of_era - EPOCH_DAYS + day - 1) * DAY_SECONDS;
}

Civil calendar_civil(int64_t seconds) {
    int64_t days = divide_down(seconds, DAY_SECONDS);
    int rest = (int)(seconds - days * DAY_SECONDS);
    int64_t since = days + EPOCH_DAYS, era = divide_down(since, ERA_DAYS);
    int64_t day_of_era = since - era * ERA_DAYS;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = (int)(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100)); /* from 1 March */
    int month = (5 * day_of_year + 2) / 153;                                                       /* 0: March */
    Civil civil = {
        .year = era * 400 + year_of_era + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
        .hour = rest / 3600,
        .minute = rest / 60 % 60,
        .second = rest % 60,
        .weekday = (int)(days + 4 - divide_down(days + 4, 7) * 7), /* 1970 began on a Thursday */
    };
    civil.year_day = (int)((days * DAY_SECONDS - calendar_seconds(civil.year, 1, 1)) / DAY_SECONDS) + 1;
    return civil;
}

void calendar_iso_week(const Civil *civil, int64_t *year, int *week) {
    int64_t day = calendar_seconds(civil->year, civil->month, civil->day);
    Civil thursday = calendar_civil(day + (4 - (civil->weekday + 6) % 7 - 1) * DAY_SECONDS);
    *year = thursday.year;
    *week = (thursday.year_day - 1) / 7 + 1;
}
