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
 * All tokens of [source]. Never fails: what is no token becomes a TOKEN_ERROR, which is reported by the parser if it gets
 * there, so that problems come in the order of the text.
 */
const Token *lexer_scan(Arena *arena, const Source *source);

/* The same with a TOKEN_COMMENT for every comment, for those who write the text anew. */
const Token *lexer_scan_comments(Arena *arena, const Source *source);

/* The same tokens a few at a time, for those who don't need all of them at once. What they point to is in [arena]. */
typedef struct Lexer Lexer;
Lexer *lexer_open(Arena *arena, const Source *source);
void lexer_close(Lexer *lexer);
const Token *lexer_first(Lexer *lexer);
/* Reads on until [token] and LEXER_END_TOKENS - 1 behind it are there, or the last one is. */
void lexer_read(Lexer *lexer, const Token *token);
/* Forgets what stands before [first]; that and what follows moves to where the first token was, which is returned. */
const Token *lexer_restart(Lexer *lexer, const Token *first);

/* The text that a STRING or RAW_STRING stands for, escapes resolved; NUL-terminated, but may hold NUL bytes. */
const char *lexer_string(Arena *arena, const Source *source, const Token *token, uint32_t *length);

#endif
