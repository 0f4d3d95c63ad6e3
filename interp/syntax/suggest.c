/*
 * suggest.c -- the known name that lies nearest to a misspelt one.
 *
 * Near is what few slips of the keyboard explain: a character too many, one too few, a wrong one, two neighbours
 * swapped. That is the distance of Damerau and Levenshtein, worked out row by row of a table whose cell (i, j)
 * holds the cost of turning the first i characters of one name into the first j of the other. A slip costs 2, a
 * wrong case 1: so among equals the name that differs only by case wins.
 */
#include "suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SLIP 2
#define WRONG_CASE 1
#define LONGEST 64 /* bytes; longer names are not compared */

/* The longer the name, the more slips are forgiven. */
static int allowance(size_t length) {
    if (length <= 1) return WRONG_CASE;
    if (length <= 4) return SLIP;
    if (length <= 8) return 2 * SLIP;
    return SLIP * (int)(length / 3);
}

static int exchange_cost(char a, char b) {
    if (a == b) return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? WRONG_CASE : SLIP;
}

static int smaller(int a, int b) { return a < b ? a : b; }

static int distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    int rows[3][LONGEST + 1];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++) above[j] = SLIP * (int)j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = SLIP * (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int cost = above[j - 1] + exchange_cost(a[i - 1], b[j - 1]);
            cost = smaller(cost, smaller(above[j], row[j - 1]) + SLIP);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) cost = smaller(cost, before[j - 2] + SLIP);
            row[j] = cost;
        }
        int *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[b_length];
}

Suggestion suggest_for(const char *wanted, size_t length) {
    return (Suggestion){.wanted = wanted, .wanted_length = length, .limit = allowance(length)};
}

void suggest_consider(Suggestion *suggestion, const char *candidate, size_t length) {
    if (length == 0 || length > LONGEST || suggestion->wanted_length > LONGEST) return;
    if (candidate[0] == '_' && candidate[1] == '_') return; /* the library's own */
    int cost = distance(suggestion->wanted, suggestion->wanted_length, candidate, length);
    if (cost > suggestion->limit) return;
    suggestion->best = candidate;
    suggestion->best_length = length;
    suggestion->limit = cost - 1;
}

const char *suggest_text(const Suggestion *suggestion) {
    static _Thread_local char text[LONGEST + 32];
    if (!suggestion->best) return "";
    snprintf(text, sizeof text, ", did you mean '%.*s'?", (int)suggestion->best_length, suggestion->best);
    return text;
}
