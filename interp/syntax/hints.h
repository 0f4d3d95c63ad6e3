/*
 * hints.h -- guesses at what a mistake was meant to be, for those who come from other languages or have slipped.
 */
#ifndef HINTS_H
#define HINTS_H

#include "source.h"
#include "tokens.h"

/* What a word of other languages is called here: "functions are declared with `func`". NULL: nothing is known. */
const char *hint_foreign_word(const char *word, uint32_t length);

/* The same for words between or before values: `and`, `or`, `not`. */
const char *hint_foreign_operator(const char *word, uint32_t length);

/* The keyword that lies nearest to a misspelt one; NULL: none is near. */
const char *hint_keyword(const char *word, uint32_t length);

/*
 * The string that probably lacks its closing quote: the last one that ends on the line of [token] but begins on an
 * earlier one. NULL: there is none. [first] is the first token to look at.
 */
const Token *hint_open_string(const Source *source, const Token *first, const Token *token);

/* The `{` that probably lacks its `}`, going by the indentation; NULL: nothing is to be seen. */
const Token *hint_open_brace(const Source *source, const Token *first);

#endif
