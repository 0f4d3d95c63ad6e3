/*
 * complete.h -- whether a text is a whole program, or more of it is still to come.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include <stddef.h>

typedef enum { SYNTAX_COMPLETE, SYNTAX_INCOMPLETE, SYNTAX_INVALID } SyntaxCompleteness;

/* The size that the buffer for an indentation must have. */
enum { SYNTAX_INDENT_SIZE = 64 };

/*
 * Parses [code], which may have magics, and says how it ends. On SYNTAX_INCOMPLETE, [indent] receives the blanks that the next line should
 * start with; otherwise an empty string. May be called on any thread.
 */
SyntaxCompleteness syntax_is_complete(const char *code, size_t length, char *indent);

#endif
