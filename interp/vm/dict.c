/*
 * dict.c -- dicts.
 *
 * The index. Its size is a power of two, 2^k, and a slot is 32 bits wide. Fewer than 2^k entries ever stand behind
 * it, so the number of an entry takes k bits. The other 32 - k hold the high bits of its key's hash:
 *
 *     slot = | high bits of the hash | entry number + 1 |        0: free
 *                     32 - k                  k
 *
 * The low k bits of the hash have chosen the place, the high ones decide whether looking at the entry is worth a cache
 * miss. Probing past other keys' slots nearly never leaves the index, so it may be three quarters full.
 *
 * Removal leaves the slot as it is and makes the entry a hole; a hole equals no key, and probing goes on behind it.
 * When there is no room for another entry, all is rebuilt without holes, in the size that the live entries need.
 *
 * Keys. 1 and 1.0 are one key: a float that is a whole number is made an integer before anything else happens. After
 * that, equal keys have equal tags, and all but strings have equal payloads.
 */
#include "dict.h"

#include <string.h>

#include "error.h"
#include "gc.h"
#include "syntax/hash.h"

#define PLAIN_LIMIT 8 /* entries that are searched without an index */
#define MAX_INDEX (1u << 30)
#define BIG (1 << 20) /* bytes; before so much is allocated the heap's limit is asked for */
#define NOT_FOUND UINT32_MAX

static inline Value canonical(Value key) {
    if (key.tag == T_FLOAT && key.f >= -0x1p63 && key.f < 0x1p63 && key.f == (double)(int64_t)key.f)
        return value_int((int64_t)key.f);
    if (value_is_bool(key)) key.i = 0;
    return key;
}

static inline uint32_t hash_of(Value key) {
    return key.tag == T_STRING ? string_hash(key.string) : hash_int((uint64_t)key.i + key.tag - T_INT);
}

static inline bool entry_is(const DictEntryValue *entry, Value key, uint32_t hash) {
    if (entry->hash != hash || entry->key.tag != key.tag) return false;
    if (entry->key.i == key.i) return true;
    return key.tag == T_STRING && string_equal(entry->key.string, key.string);
}

/* The number of the entry with this key. */
static inline uint32_t find(const Dict *dict, Value key, uint32_t hash) {
    uint32_t mask = dict->mask;
    if (mask == 0) {
        for (uint32_t i = 0; i < dict->used; i++)
            if (entry_is(&dict->entries[i], key, hash)) return i;
        return NOT_FOUND;
    }
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t slot = dict->index[i];
        if (slot == 0) return NOT_FOUND;
        if (((slot ^ hash) & ~mask) == 0 && entry_is(&dict->entries[(slot & mask) - 1], key, hash))
            return (slot & mask) - 1;
    }
}

static inline void index_add(Dict *dict, uint32_t number, uint32_t hash) {
    uint32_t mask = dict->mask, i = hash & mask;
    while (dict->index[i] != 0) i = (i + 1) & mask;
    dict->index[i] = (hash & ~mask) | (number + 1);
}

static size_t index_bytes(const Dict *dict) { return dict->mask ? ((size_t)dict->mask + 1) * sizeof(uint32_t) : 0; }

static size_t entry_bytes(size_t capacity) { return capacity * sizeof(DictEntryValue); }

/* Moves the live entries together. */
static void close_holes(Dict *dict) {
    if (dict->count == dict->used) return;
    uint32_t to = 0;
    for (uint32_t from = 0; from < dict->used; from++)
        if (dict->entries[from].key.tag != T_UNDEFINED) dict->entries[to++] = dict->entries[from];
    dict->used = to;
}

/* Gives the dict room for [wanted] entries, at least as many as it has, and a new index. */
static bool resize(Vm *vm, Dict *dict, size_t wanted) {
    size_t capacity = wanted, index_size = 0;
    if (wanted > PLAIN_LIMIT) {
        for (index_size = PLAIN_LIMIT * 2; index_size / 4 * 3 < wanted; index_size *= 2) {}
        if (index_size > MAX_INDEX) {
            vm_raise(vm, ERR_MEMORY, "a dict of %zu entries is too large", wanted);
            return false;
        }
        capacity = index_size / 4 * 3;
    }
    size_t bytes = entry_bytes(capacity) + index_size * sizeof(uint32_t);
    if (bytes > BIG && heap_refuses(vm, bytes)) return false;

    close_holes(dict);
    dict->entries = heap_grow(vm, dict->entries, entry_bytes(dict->capacity), entry_bytes(capacity));
    heap_release(vm, dict->index, index_bytes(dict));
    dict->capacity = (uint32_t)capacity;
    dict->mask = index_size ? (uint32_t)index_size - 1 : 0;
    dict->index = heap_raw(vm, index_bytes(dict));
    if (index_size) memset(dict->index, 0, index_bytes(dict));
    if (index_size)
        for (uint32_t i = 0; i < dict->used; i++) index_add(dict, i, dict->entries[i].hash);
    return true;
}

Dict *dict_new(Vm *vm, size_t capacity) {
    Dict *dict = HEAP_NEW(vm, Dict, T_DICT);
    if (capacity > 0 && !resize(vm, dict, capacity)) return NULL;
    return dict;
}

void dict_destroy(Vm *vm, Dict *dict) {
    heap_release(vm, dict->entries, entry_bytes(dict->capacity));
    heap_release(vm, dict->index, index_bytes(dict));
}

bool dict_get(Dict *dict, Value key, Value *value) {
    if (dict->count == 0) return false;
    key = canonical(key);
    uint32_t number = find(dict, key, hash_of(key));
    if (number == NOT_FOUND) return false;
    value_copy(value, &dict->entries[number].value);
    return true;
}

bool dict_get_name(Dict *dict, String *name, Value *value) {
    if (dict->count == 0) return false;
    uint32_t number = find(dict, value_obj(name), string_hash(name));
    if (number == NOT_FOUND) return false;
    value_copy(value, &dict->entries[number].value);
    return true;
}

bool dict_set(Vm *vm, Dict *dict, Value key, Value value) {
    key = canonical(key);
    uint32_t hash = hash_of(key);
    uint32_t number = find(dict, key, hash);
    gc_write(vm, value);
    if (number != NOT_FOUND) {
        value_copy(&dict->entries[number].value, &value);
        return true;
    }
    if (dict->used == dict->capacity) {
        size_t wanted = dict->count < PLAIN_LIMIT / 2 ? dict->count * 2 + 2 : dict->count * (size_t)2;
        if (!resize(vm, dict, wanted)) return false;
    }
    gc_write(vm, key);
    DictEntryValue *entry = &dict->entries[dict->used];
    value_copy(&entry->key, &key);
    value_copy(&entry->value, &value);
    entry->hash = hash;
    if (dict->mask) index_add(dict, dict->used, hash);
    dict->used++;
    dict->count++;
    return true;
}

bool dict_remove(Vm *vm, Dict *dict, Value key) {
    (void)vm;
    key = canonical(key);
    uint32_t number = find(dict, key, hash_of(key));
    if (number == NOT_FOUND) return false;
    dict->entries[number].key = UNDEFINED_VALUE;
    dict->entries[number].value = NULL_VALUE;
    dict->count--;
    return true;
}

void dict_clear(Vm *vm, Dict *dict) {
    dict_destroy(vm, dict);
    dict->entries = NULL;
    dict->index = NULL;
    dict->count = dict->used = dict->capacity = dict->mask = 0;
}

Dict *dict_copy(Vm *vm, const Dict *dict) {
    Dict *copy = dict_new(vm, dict->count);
    if (!copy) return NULL;
    for (uint32_t i = 0; i < dict->used; i++) {
        const DictEntryValue *entry = &dict->entries[i];
        if (entry->key.tag == T_UNDEFINED) continue;
        copy->entries[copy->used] = *entry;
        if (copy->mask) index_add(copy, copy->used, entry->hash);
        copy->used++;
    }
    copy->count = copy->used;
    return copy;
}

bool dict_next(const Dict *dict, uint32_t *cursor, Value *key, Value *value) {
    while (*cursor < dict->used) {
        const DictEntryValue *entry = &dict->entries[(*cursor)++];
        if (entry->key.tag == T_UNDEFINED) continue;
        *key = entry->key;
        *value = entry->value;
        return true;
    }
    return false;
}

void dict_consider_keys(const Dict *dict, Suggestion *suggestion) {
    Value key, value;
    for (uint32_t cursor = 0; dict && dict_next(dict, &cursor, &key, &value);)
        if (key.tag == T_STRING) suggest_consider(suggestion, key.string->bytes, key.string->length);
}
