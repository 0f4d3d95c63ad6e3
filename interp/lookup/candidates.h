/*
 * candidates.h -- the best of many names that could complete a word, in order.
 */
#ifndef CANDIDATES_H
#define CANDIDATES_H

#include "thing.h"

#define CANDIDATE_LIMIT 1000 /* names that one answer has at most: the first ones in order */

typedef struct {
    const char *name; /* what is compared with the word */
    size_t length;
    const char *text; /* what is inserted, NUL-terminated; NULL: the name */
    const char *kind;
    int rank;         /* lower ones come first */
    Thing thing;
} Candidate;

typedef struct {
    const char *word;
    size_t word_length;
    bool ignores_case; /* no name begins with the word as it is written; these do but for case */
    bool is_full;      /* what comes after item CANDIDATE_LIMIT - 1 is not wanted any more */
    Candidate *items;
    size_t count, capacity;
} Candidates;

/* Does the name begin with the word, and come before the last of those that are wanted? Quick, for asking a million times. */
bool candidates_want(Candidates *candidates, const char *name, size_t length, int rank);

/* Keeps the candidate if it is wanted. Names must live as long as the candidates. */
void candidates_consider(Candidates *candidates, const Candidate *candidate);

/* Sorts them and leaves one of each name, the one considered first. */
void candidates_finish(Candidates *candidates);
void candidates_free(Candidates *candidates);

#endif
