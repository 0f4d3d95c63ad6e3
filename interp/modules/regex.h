/*
 * regex.h -- from the patterns of the language to those of PCRE2.
 *
 * The language has the patterns of Go's package regexp, which are those of RE2. PCRE2 understands nearly all of them
 * and much more besides. regex_translate() refuses what is more, and rewrites what PCRE2 would take in another sense.
 */
#ifndef REGEX_H
#define REGEX_H

#include "vm/text.h"

#define REGEX_GROUP_LIMIT 1000

typedef struct {
    const char *at; /* in the source; NULL: no name */
    size_t length;
} RegexName;

typedef struct {
    Text pattern;   /* for PCRE2 */
    RegexName *names; /* names[n - 1] is the name of group n */
    size_t group_count;
    Text problem;   /* what is wrong with the source, when it was refused */
} RegexTranslation;

/* Fills in [translation], which must be zeroed and is to be freed in any case; the source must live as long.
 * False: refused. */
bool regex_translate(const char *source, size_t length, RegexTranslation *translation);
void regex_free(RegexTranslation *translation);

#endif
