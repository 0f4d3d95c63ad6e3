/*
 * addressmap.h -- a map from addresses to addresses, in an arena: what is known of the parts of a syntax tree.
 */
#ifndef ADDRESSMAP_H
#define ADDRESSMAP_H

#include "syntax/arena.h"

#include <stdint.h>

typedef struct {
    const void *key;
    void *value;
} AddressEntry;

/* Open addressing; starts as {0}. */
typedef struct {
    AddressEntry *entries;
    uint32_t count, capacity;
} AddressMap;

/* Keys are not NULL. */
void addressmap_put(AddressMap *map, Arena *arena, const void *key, void *value);
/* NULL when there is no entry. */
void *addressmap_get(const AddressMap *map, const void *key);

#endif
