/*
 * value.c -- what holds for values of all types: names of types, equality, order.
 */
#include "value.h"

#include <stdlib.h>

#include "array.h"
#include "dict.h"
#include "error.h"
#include "object.h"
#include "pointer.h"
#include "proto.h"
#include "syntax/hash.h"
#include "moment.h"
#include "string.h"

static const char *const type_names[] = {
#define X(tag, name, ...) name,
    VALUE_TYPES(X)
#undef X
};

const char *value_type_name(Value v) {
    if (v.tag == T_INSTANCE) return v.instance->structure->name->bytes;
    if (v.tag == T_ERROR && v.obj->flags & ERROR_CUSTOM) return "CUSTOM_ERROR";
    if (v.tag == T_CLOSURE && v.closure->proto->code_function->is_async) return "ASYNC_FUNCTION";
    if (v.tag == T_MODULE && v.module->is_package) return "PACKAGE";
    return type_names[v.tag];
}

bool value_hashable(Value v) { return value_is_number(v) || v.tag == T_STRING || value_is_bool(v); }

bool value_compare(Value a, Value b, int *order) {
    if (a.tag == T_INT && b.tag == T_INT) {
        *order = (a.i > b.i) - (a.i < b.i);
        return true;
    }
    if (value_is_number(a) && value_is_number(b)) {
        double x = value_number(a), y = value_number(b);
        *order = x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
        return true;
    }
    if (a.tag == T_STRING && b.tag == T_STRING) {
        *order = string_compare(a.string, b.string);
        return true;
    }
    if (a.tag == T_TIME && b.tag == T_TIME) {
        *order = time_compare(a.time, b.time);
        return true;
    }
    if (a.tag == T_DURATION && b.tag == T_DURATION) {
        int64_t x = a.duration->nanoseconds, y = b.duration->nanoseconds;
        *order = (x > y) - (x < y);
        return true;
    }
    return false;
}

/*
 * Equality of containers.
 *
 * Two values are equal unless a difference can be found. So the comparison is a search for one: a list of pairs that
 * still have to be compared, to which the contents of a pair of containers are added. Nothing recurs, so no nesting
 * is too deep. A pair that was compared before need not be compared again, and that ends the search in cyclic
 * structures. Small structures are done before the table of such pairs is worth its cost; so it is only begun after
 * some pairs.
 */
#define UNTABLED_PAIRS 64

typedef struct {
    Obj *a, *b;
} Pair;

typedef struct {
    Pair *list; /* to be compared */
    size_t count, capacity;
    Pair *seen; /* open hashing; a NULL: free */
    size_t seen_count, seen_capacity;
    size_t done;
} Search;

static void search_add(Search *search, Obj *a, Obj *b) {
    if (search->count == search->capacity) {
        search->capacity = search->capacity ? search->capacity * 2 : 16;
        search->list = realloc(search->list, search->capacity * sizeof *search->list);
        if (!search->list) abort();
    }
    search->list[search->count++] = (Pair){a, b};
}

static Pair *seen_place(Pair *table, size_t capacity, Pair pair) {
    size_t mask = capacity - 1;
    for (size_t i = hash_mix((uintptr_t)pair.a ^ HASH_K0, (uintptr_t)pair.b ^ HASH_K1) & mask;; i = (i + 1) & mask) {
        if (!table[i].a || (table[i].a == pair.a && table[i].b == pair.b)) return &table[i];
    }
}

/* Was this pair met before? From now on it was. */
static bool search_seen(Search *search, Pair pair) {
    if (search->done++ < UNTABLED_PAIRS) return false;
    if (search->seen_count * 2 >= search->seen_capacity) {
        size_t capacity = search->seen_capacity ? search->seen_capacity * 2 : 256;
        Pair *table = calloc(capacity, sizeof *table);
        if (!table) abort();
        for (size_t i = 0; i < search->seen_capacity; i++)
            if (search->seen[i].a) *seen_place(table, capacity, search->seen[i]) = search->seen[i];
        free(search->seen);
        search->seen = table;
        search->seen_capacity = capacity;
    }
    Pair *place = seen_place(search->seen, search->seen_capacity, pair);
    if (place->a) return true;
    *place = pair;
    search->seen_count++;
    return false;
}

/* false: they differ. Containers are put off until later. */
static inline bool may_equal(Search *search, Value a, Value b) {
    if (a.tag != b.tag) return value_is_number(a) && value_is_number(b) && value_number(a) == value_number(b);
    switch (a.tag) {
    case T_INT:
        return a.i == b.i;
    case T_FLOAT:
        return a.f == b.f;
    case T_STRING:
        return string_equal(a.string, b.string);
    case T_RANGE:
        return a.range->from == b.range->from && a.range->to == b.range->to;
    case T_TIME:
        return time_compare(a.time, b.time) == 0;
    case T_DURATION:
        return a.duration->nanoseconds == b.duration->nanoseconds;
    case T_ARRAY:
    case T_DICT:
    case T_INSTANCE:
    case T_POINTER:
        if (a.obj != b.obj) search_add(search, a.obj, b.obj);
        return true;
    default:
        return a.tag < T_STRING || a.obj == b.obj;
    }
}

static bool values_may_equal(Search *search, const Value *a, const Value *b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (!may_equal(search, a[i], b[i])) return false;
    return true;
}

static bool dicts_may_equal(Search *search, Dict *a, Dict *b) {
    if (a->count != b->count) return false;
    Value key, value, other;
    for (uint32_t cursor = 0; dict_next(a, &cursor, &key, &value);)
        if (!dict_get(b, key, &other) || !may_equal(search, value, other)) return false;
    return true;
}

static bool contents_may_equal(Search *search, Pair pair) {
    Value a = value_obj(pair.a), b = value_obj(pair.b);
    switch (a.tag) {
    case T_ARRAY:
        return a.array->length == b.array->length &&
               values_may_equal(search, a.array->items, b.array->items, a.array->length);
    case T_DICT:
        return dicts_may_equal(search, a.dict, b.dict);
    case T_INSTANCE:
        return a.instance->structure == b.instance->structure &&
               values_may_equal(search, a.instance->fields, b.instance->fields, a.instance->structure->field_count);
    default: /* pointers: the same place, not the same value */
        return a.obj->flags == b.obj->flags && a.pointer->base.tag == b.pointer->base.tag &&
               a.pointer->base.i == b.pointer->base.i && may_equal(search, a.pointer->key, b.pointer->key);
    }
}

bool value_equal(Value a, Value b) {
    Search search = {0};
    bool equal = may_equal(&search, a, b);
    while (equal && search.count > 0) {
        Pair pair = search.list[--search.count];
        if (!search_seen(&search, pair)) equal = contents_may_equal(&search, pair);
    }
    free(search.list);
    free(search.seen);
    return equal;
}
