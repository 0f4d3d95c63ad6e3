/*
 * thing.h -- what a name or an expression stands for, found out without running anything.
 *
 * A Thing is the best that can be said: the value itself when it is at hand (a variable of the session, an element of
 * one); else its type (a literal, the result of a function whose signature tells); else what the text of the cell
 * declares and nothing has run yet. Calls are never made, so nothing that is found out changes anything.
 */
#ifndef THING_H
#define THING_H

#include "lib/magic.h"
#include "reading.h"
#include "syntax/ast.h"
#include "vm/text.h"
#include "vm/vm.h"

typedef enum {
    THING_UNKNOWN,
    THING_VALUE,         /* [value] */
    THING_TYPED,         /* some value of type [type] */
    THING_INSTANCE,      /* some instance of the struct [value] */
    THING_LOCAL,         /* what [local] declares: a function, struct, enum, error, module that is not loaded */
    THING_LOCAL_INSTANCE /* some instance of the struct that [local] declares */
} ThingKind;

typedef struct {
    ThingKind kind;
    Value value;
    ValueType type;
    const Node *node;       /* TYPED: the literal it comes from, or NULL */
    const Reading *reading; /* LOCAL …: where; TYPED with a node: where its names mean something … */
    int visible;            /* … and how many of the reading's names do */
    Local local;
} Thing;

typedef struct Other Other;

/* One question of a frontend, from open to close. */
typedef struct {
    Vm *vm;
    Reading *reading; /* the code up to the cursor */
    Arena arena;
    Other *others;    /* further texts: of modules and functions */
    int budget;       /* expressions that may still be looked at */
    int depth;        /* of names that are explained by other names */
    Error *error;     /* the machine's, put back at the end */
} Lookup;

/* [text]: the code up to the cursor, copied. To be closed with lookup_close(). */
void lookup_open(Lookup *lookup, Vm *vm, const char *text, size_t length);
void lookup_begin_at(Lookup *lookup, size_t start); /* leaves out what stands before byte [start] */
void lookup_close(Lookup *lookup);

/* The magic that the text ends with or in; NULL: none. */
const Token *lookup_magic(const Lookup *lookup);
/* Its entry in the list of magics; NULL: there is none of that name. */
const MagicDef *lookup_magic_def(const Token *magic);
/* Where what stands behind the magic's name begins; SIZE_MAX: the text ends with the name. */
size_t lookup_magic_rest(const Lookup *lookup, const Token *magic);
/* Where code begins that the magic takes, in its line or below; SIZE_MAX: the text does not end in such code. */
size_t lookup_magic_code(const Lookup *lookup, const Token *magic);

/* All names are bytes without a NUL. What is found lives until lookup_close(), or until the program goes on. */
Thing thing_of_name(Lookup *lookup, const char *name, size_t length); /* at the end of the text */
Thing thing_of_tokens(Lookup *lookup, int from, int to);              /* an expression of the text: tokens [from, to) */
Thing thing_of_module(Lookup *lookup, const char *name, size_t length);
Thing thing_of_value(Value value);
Thing thing_of_global(Lookup *lookup, const char *name, size_t length);
Thing thing_of_local(Lookup *lookup, const Reading *reading, int index);

/* What a dot and the name lead to; of kind THING_UNKNOWN when nothing is known of it. */
Thing thing_member(Lookup *lookup, const Thing *thing, const char *name, size_t length);

/* [kind] as for completion: "property", "method", "function", "constant" … */
typedef void (*ThingVisit)(void *arg, const char *name, size_t length, const char *kind, const Thing *member);
void thing_each_member(Lookup *lookup, const Thing *thing, ThingVisit visit, void *arg);

/* The keys of a dict that are strings; [name] is the key's text. */
void thing_each_key(Lookup *lookup, const Thing *thing, ThingVisit visit, void *arg);

/* The names that arguments of a call may have. */
void thing_each_parameter(Lookup *lookup, const Thing *thing, ThingVisit visit, void *arg);

/* "(w, h = 1): int" appended to [text]; nothing for what cannot be called. */
void thing_signature(Lookup *lookup, const Thing *thing, Text *text);

/* "function", "class", "module", "variable"; what it is for completion. */
const char *thing_kind(const Thing *thing);

/* What type() says, or would say; appended to [text]. Nothing when unknown. */
void thing_type(const Thing *thing, Text *text);

/* Where it is declared; false: in no text. */
bool thing_source(const Thing *thing, const Source **source, Span *span);

/* The text of what [thing] is declared as, read; [name] receives the token of its name. NULL: none. */
const Reading *thing_reading(Lookup *lookup, const Thing *thing, int *name);

#endif
