/*
 * lexer.h -- from source text to tokens.
 */
#ifndef LEXER_H
#define LEXER_H

#include "arena.h"
#include "source.h"
#include "tokens.h"

/* How many TOKEN_END stand at the end of the list, so that a parser may look ahead without counting. */
enum { LEXER_END_TOKENS = 4 };

/*
 * All tokens of [source], in [tokens]; what they point to is in [arena]: who needs the tokens for a short time only frees
 * them early. Never fails: what is no token becomes a TOKEN_ERROR, which is reported by the parser if it gets there, so
 * that problems come in the order of the text.
 */
const Token *lexer_scan(Arena *tokens, Arena *arena, const Source *source);

/* The same, all in [arena], with a TOKEN_COMMENT for every comment, for those who write the text anew. */
const Token *lexer_scan_comments(Arena *arena, const Source *source);

/* The text that a STRING or RAW_STRING stands for, escapes resolved; NUL-terminated, but may hold NUL bytes. */
const char *lexer_string(Arena *arena, const Source *source, const Token *token, uint32_t *length);

#endif
