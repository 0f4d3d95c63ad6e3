/*
 * thing_internal.h -- what thing.c (names and expressions) and thing_members.c (members) share.
 */
#ifndef THING_INTERNAL_H
#define THING_INTERNAL_H

#include "thing.h"
#include "vm/native.h"

/* Whose names an expression means. */
typedef struct {
    const Reading *reading;
    int visible; /* how many of its names */
    int depth;   /* of types that name types */
} Scope;

Scope thing_scope(const Lookup *lookup); /* at the end of the text */

Thing thing_typed(ValueType type);
Thing thing_of_node(Lookup *lookup, Scope scope, const Node *node);
Thing thing_of_span(Lookup *lookup, Scope scope, Span span); /* of the scope's reading: an expression */

/* Some value of a type. */
Thing thing_of_type_node(Lookup *lookup, Scope scope, const TypeNode *type);
Thing thing_of_type_span(Lookup *lookup, Scope scope, Span span);

/* What a native gives, by its signature. */
Thing thing_result_of_native(Lookup *lookup, const Native *native);

/* UNDEFINED when it is not known. */
ValueType thing_value_type(const Thing *thing);

/* A further text, read; it is freed with the lookup. [module]: its name; NULL: a function's or type's text. */
Reading *lookup_read_more(Lookup *lookup, const char *text, size_t length, const char *module);

#endif
