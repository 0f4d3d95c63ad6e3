/*
 * type.h -- type annotations at run time: what fits, what converts, what a variable starts with.
 *
 * A type is the tree that the parser made. Names that are not basic are looked up among the globals when a check runs:
 * a struct means its instances, an enum its members, an error type its errors, an alias what it stands for. A name that
 * is no global is compared with the name of the value's own struct, so that local declarations work too.
 */
#ifndef TYPE_H
#define TYPE_H

#include "compile/code.h"
#include "proto.h"
#include "syntax/ast_parts.h"
#include "text.h"
#include "vm.h"

/* A bit per ValueType that surely fits; 0 for names that have to be looked up. [type] may be NULL: everything fits. */
uint32_t type_mask(const TypeNode *type);

/* The names of the basic types, one after the other from 0; NULL after the last. */
const char *type_basic_name(int index);

/* The words that are types without a declaration, those included that only the signatures of natives use. The bits of one
 * (0: no such word), and all of them. */
uint32_t type_word_mask(const char *word, size_t length);
void type_each_word(void (*visit)(void *arg, const char *word), void *arg);

/* Does [value] fit? With [widen] not NULL an integer may become a float there. */
bool type_fits(Vm *vm, const TypeNode *type, Value value, Value *widen);

/* [value] as [type]: result in [out]; false with an error raised. */
bool type_cast(Vm *vm, const TypeNode *type, Value value, Value *out);

/* What `let x: T` holds: 0, "", false, [], {}; an instance of a struct with zero values in its fields; null for the
 * rest. */
Value type_zero(Vm *vm, const TypeNode *type);

/* The type as it is written. Appended to [text]. */
void type_print(const TypeNode *type, Text *text);

/* Makes [value] fit entry [entry] or raises the TypeError that fits [context]. */
bool type_check(Vm *vm, const TypeEntry *entry, CheckContext context, Value *value);

#endif
