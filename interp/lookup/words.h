/*
 * words.h -- help for what the language itself gives: keywords and operators.
 */
#ifndef WORDS_H
#define WORDS_H

#include "syntax/tokens.h"

typedef struct {
    const char *form; /* how it is written; NULL: there is no help for this token */
    const char *help;
} WordHelp;

/* By TokenKind. */
extern const WordHelp word_help[TOKEN_COUNT];

#endif
