/*
 * zone.h -- time zones: how far clocks are ahead of UTC, and since when.
 *
 * Zones are plain C data without a Vm, made when they are first asked for and never freed; any thread may use them.
 */
#ifndef ZONE_H
#define ZONE_H

#include <stddef.h>
#include <stdint.h>

#define ZONE_NAME_LIMIT 16 /* of an abbreviation like "CEST", with its end */

typedef struct Zone Zone;

/* "UTC", "" (the same), "Local", a name of the system's zone database ("Europe/Paris"), or a fixed offset ("+02:00").
 * NULL: there is none. */
const Zone *zone_find(const char *name, size_t length);

/* The zone of the machine, or of the environment variable TZ. */
const Zone *zone_local(void);

/* Clocks that are always [offset] seconds ahead of UTC; less than a day. */
const Zone *zone_fixed(int32_t offset);

const char *zone_name(const Zone *zone); /* lives as long as the zone */

/* Seconds ahead of UTC at a moment; its abbreviation ("CET") goes to [abbreviation], which may be NULL. */
int32_t zone_offset(const Zone *zone, int64_t seconds, char abbreviation[ZONE_NAME_LIMIT]);

/* The moment at which the zone's clocks show [civil]: the first one if they show it twice; if they jump over it, as if
 * they had not. */
int64_t zone_moment(const Zone *zone, int64_t civil);

#endif
