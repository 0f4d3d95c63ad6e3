/*
 * vint_tools.h -- what editors and the command line ask about source texts: a part of vint.h.
 */
#ifndef VINT_TOOLS_H
#define VINT_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "vint_host.h"

typedef struct VintSession VintSession;

#define VINT_SOURCE_LIMIT (64u << 20) /* bytes of a program's file: what is longer is not read */

typedef enum { VINT_COMPLETE, VINT_INCOMPLETE, VINT_INVALID } VintCompleteness;

/* Any thread, no session needed: could [code] be executed as it stands, or is more to come? On VINT_INCOMPLETE, [indent]
 * (of at least 64 bytes) receives the blanks that the next line should start with. */
VintCompleteness vint_is_complete(const char *code, size_t length, char *indent);

/* Is the code nothing but `exit` or `quit`, without parentheses, and has the session no variable of that name? At a
 * prompt somebody wants to leave then. */
bool vint_wants_to_leave(VintSession *session, const char *code, size_t length);

/* Something that could stand at the cursor. Everything is UTF-8 and valid during the callback only. */
typedef struct {
    const char *text;      /* what to put in the place of the word that has begun */
    const char *kind;      /* function method class module variable property constant param key keyword type path magic */
    const char *signature; /* "(w, h = 1): int" of functions and types, ": INTEGER" of values; "" when nothing is known */
} VintCompletion;

/*
 * Calls [found] for what could stand at byte [cursor] of [code], in a useful order: names, members, keys of dicts,
 * names of arguments, modules, files … by what stands before the cursor. [start] receives the byte where the word
 * begins that each of them would replace up to the cursor. Nothing is run for it.
 */
void vint_complete(VintSession *session, const char *code, size_t length, size_t cursor, size_t *start,
                   void (*found)(void *arg, const VintCompletion *completion), void *arg);

/*
 * Help for the name at or before byte [cursor], or else for the function whose arguments the cursor stands in: true and
 * data (text/plain, text/markdown, text/html) valid until the next call on this session, or false. [detail] 1: with
 * source and whole value. Nothing is run for it.
 */
bool vint_inspect(VintSession *session, const char *code, size_t length, size_t cursor, int detail,
                  const VintDatum **data, size_t *data_length);

/*
 * Calls [found] for each word that an editor may colour: "keywords", "softKeywords" and "declaratives" (both are names
 * wherever they begin nothing), "constants", "types", "modules", and "functions", those that every program has.
 */
void vint_words(VintSession *session, void (*found)(void *arg, const char *kind, const char *word), void *arg);

/* ---- Tools for source texts -------------------------------------------------------------------------------------- */

/* Something found in a source text. Everything is UTF-8 and valid during the callback only. */
typedef struct {
    bool is_warning;     /* the program can be run all the same */
    size_t line, column; /* from 1; columns in code points */
    const char *message; /* one line */
    const char *report;  /* several: place and message, source line, caret, hint; without an end of line */
} VintProblem;
typedef void (*VintFound)(void *arg, const VintProblem *problem);

/*
 * Any thread, no session needed: the program [code] in the usual layout, malloc'ed; [formatted_length] in bytes, a NUL
 * follows. A program in that layout stays as it is. NULL, after [found] was called for each of the reasons, when [code]
 * has syntax errors. [file] names the source in reports, [color] puts ANSI sequences into them.
 */
char *vint_format(const char *file, const char *code, size_t length, bool color, size_t *formatted_length,
                  VintFound found, void *arg);

/*
 * Calls [found] for the errors of [code] that show before it runs or, when there are none, for what is suspicious about
 * it, in the order of the text. Names that the session knows need no declaration. Nothing is run.
 */
void vint_check(VintSession *session, const char *file, const char *code, size_t length, VintFound found, void *arg);

/* Any thread, no session needed: calls [found] for the functions that [code] declares outside of all blocks, in order. */
void vint_functions(const char *code, size_t length,
                    void (*found)(void *arg, const char *name, size_t parameters, bool is_async), void *arg);

#endif
