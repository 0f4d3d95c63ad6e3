/*
 * addressmap.c -- see addressmap.h.
 */
#include "addressmap.h"

static AddressEntry *find_slot(AddressEntry *entries, uint32_t capacity, const void *key) {
    uint32_t i = (uint32_t)((uintptr_t)key / 8 * 0x9E3779B97F4A7C15ull >> 32) & (capacity - 1);
    while (entries[i].key != NULL && entries[i].key != key) i = (i + 1) & (capacity - 1);
    return &entries[i];
}

void addressmap_put(AddressMap *map, Arena *arena, const void *key, void *value) {
    if (map->count * 4 >= map->capacity * 3) {
        uint32_t capacity = map->capacity ? map->capacity * 2 : 64;
        AddressEntry *entries = arena_alloc(arena, capacity * sizeof *entries);
        for (uint32_t i = 0; i < map->capacity; i++) {
            const AddressEntry *entry = &map->entries[i];
            if (entry->key != NULL) *find_slot(entries, capacity, entry->key) = *entry;
        }
        map->entries = entries;
        map->capacity = capacity;
    }
    AddressEntry *entry = find_slot(map->entries, map->capacity, key);
    if (entry->key == NULL) map->count++;
    *entry = (AddressEntry){key, value};
}

void *addressmap_get(const AddressMap *map, const void *key) {
    return map->capacity ? find_slot(map->entries, map->capacity, key)->value : NULL;
}
