/*
 * candidates.c -- chooses among names.
 *
 * A session may have a million names that begin alike, and nobody reads them all. So only the first ones in order are
 * kept: when twice as many have come together, the later half goes.
 */
#include "candidates.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEPT = 2 * CANDIDATE_LIMIT };

static bool is_underscored(const char *name, size_t length) { return length > 0 && name[0] == '_'; }

/* Where a name stands beside [other]: ranks, then names without an underscore in front, then the alphabet. */
static int place(const char *name, size_t length, int rank, const Candidate *other) {
    if (rank != other->rank) return rank - other->rank;
    bool underscored = is_underscored(name, length), other_underscored = is_underscored(other->name, other->length);
    if (underscored != other_underscored) return underscored - other_underscored;
    int order = memcmp(name, other->name, length < other->length ? length : other->length);
    return order != 0 ? order : (length > other->length) - (length < other->length);
}

/* Sorting must keep the order of equals: a name's first meaning hides the later ones. */
static int by_place_then_age(const void *a, const void *b) {
    const Candidate *const *x = a, *const *y = b;
    int order = place((*x)->name, (*x)->length, (*x)->rank, *y);
    return order != 0 ? order : (*x > *y) - (*x < *y);
}

static void sort(Candidates *candidates) {
    size_t count = candidates->count, kept = 0;
    if (count == 0) return;
    const Candidate **order = malloc(count * sizeof *order);
    Candidate *sorted = malloc(count * sizeof *sorted);
    if (!order || !sorted) abort();
    for (size_t i = 0; i < count; i++) order[i] = &candidates->items[i];
    qsort(order, count, sizeof *order, by_place_then_age);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || place(order[i]->name, order[i]->length, order[i]->rank, &sorted[kept - 1]) != 0)
            sorted[kept++] = *order[i];
    free(order);
    free(candidates->items);
    candidates->items = sorted;
    candidates->capacity = count;
    candidates->is_full = kept >= CANDIDATE_LIMIT;
    candidates->count = candidates->is_full ? CANDIDATE_LIMIT : kept;
}

/* Does the name begin with the word? One that does so exactly makes those worthless that do but for case. */
static bool fits(Candidates *candidates, const char *name, size_t length) {
    size_t word_length = candidates->word_length;
    if (length < word_length) return false;
    if (memcmp(name, candidates->word, word_length) == 0) {
        if (candidates->ignores_case) {
            candidates->count = 0;
            candidates->is_full = candidates->ignores_case = false;
        }
        return true;
    }
    if (candidates->count > 0 && !candidates->ignores_case) return false;
    if (strncasecmp(name, candidates->word, word_length) != 0) return false;
    candidates->ignores_case = true;
    return true;
}

bool candidates_want(Candidates *candidates, const char *name, size_t length, int rank) {
    bool is_hidden = length > 1 && name[0] == '_' && name[1] == '_' &&
                     (candidates->word_length < 2 || candidates->word[0] != '_');
    if (is_hidden || !fits(candidates, name, length)) return false;
    return !candidates->is_full || place(name, length, rank, &candidates->items[CANDIDATE_LIMIT - 1]) < 0;
}

void candidates_consider(Candidates *candidates, const Candidate *candidate) {
    if (!candidates_want(candidates, candidate->name, candidate->length, candidate->rank)) return;
    if (candidates->count == KEPT) sort(candidates);
    if (candidates->count == candidates->capacity) {
        candidates->capacity = candidates->capacity ? candidates->capacity * 2 : 64;
        candidates->items = realloc(candidates->items, candidates->capacity * sizeof *candidates->items);
        if (!candidates->items) abort();
    }
    candidates->items[candidates->count++] = *candidate;
}

void candidates_finish(Candidates *candidates) { sort(candidates); }

void candidates_free(Candidates *candidates) { free(candidates->items); }
