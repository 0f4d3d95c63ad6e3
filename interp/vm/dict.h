/*
 * dict.h -- dicts: hash tables that keep insertion order.
 *
 * Entries lie densely in the order in which they were put in; beside them a table of 32-bit indices, a power of two,
 * is probed linearly. Walking a dict is walking an array. A removed entry leaves a hole (key UNDEFINED) until the
 * next rebuild. Small dicts have no index at all: up to 8 entries are searched one by one.
 */
#ifndef VM_DICT_H
#define VM_DICT_H

#include "syntax/suggest.h"
#include "value.h"

typedef struct {
    Value key; /* UNDEFINED: removed */
    Value value;
    uint32_t hash;
} DictEntryValue;

struct Dict {
    Obj obj;
    uint32_t count;    /* live entries */
    uint32_t used;     /* entries including holes */
    uint32_t capacity; /* room for entries */
    uint32_t mask;     /* index size - 1; 0: no index */
    DictEntryValue *entries;
    uint32_t *index;   /* see dict.c */
};

/* With room for [capacity] entries. NULL with an error raised: too large. */
Dict *dict_new(Vm *vm, size_t capacity);
void dict_destroy(Vm *vm, Dict *dict); /* releases what it owns; for the collector */

/* Keys must be value_hashable(). 1 and 1.0 are one key. */
bool dict_get(Dict *dict, Value key, Value *value); /* false: not there, [value] untouched */
bool dict_set(Vm *vm, Dict *dict, Value key, Value value); /* false with an error raised: too large */
bool dict_remove(Vm *vm, Dict *dict, Value key); /* was it there? */
void dict_clear(Vm *vm, Dict *dict);
Dict *dict_copy(Vm *vm, const Dict *dict);
void dict_destroy(Vm *vm, Dict *dict); /* the collector frees it: its entries and index */

/* Names as keys. */
bool dict_get_name(Dict *dict, String *name, Value *value);

/* Walking: *cursor starts at 0; false at the end. The dict must not change meanwhile. */
bool dict_next(const Dict *dict, uint32_t *cursor, Value *key, Value *value);

/* Offers all keys that are strings as candidates. NULL: none. */
void dict_consider_keys(const Dict *dict, Suggestion *suggestion);

#endif
