/*
 * suggest.h -- "did you mean …?": the known name that lies nearest to a misspelt one.
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

typedef struct {
    const char *wanted;
    size_t wanted_length;
    int limit;          /* what a candidate may cost at most; falls with each better one */
    const char *best;   /* not NUL-terminated; NULL: nothing is near. Lives as long as the candidate. */
    size_t best_length;
} Suggestion;

Suggestion suggest_for(const char *wanted, size_t length);
void suggest_consider(Suggestion *suggestion, const char *candidate, size_t length);

/* ", did you mean 'name'?" for the end of a message; "" when nothing is near. Valid until the next call. */
const char *suggest_text(const Suggestion *suggestion);

#endif
