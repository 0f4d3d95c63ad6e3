/*
 * magic.h -- magics: what there is, and the natives that modules/magics.vint is made of.
 *
 * syntax/magic_lines.h finds the special lines of a cell; the parser makes calls of the prelude's __magic() and
 * __cell_magic() of them; magics.vint does what they say.
 */
#ifndef MAGIC_H
#define MAGIC_H

#include "vm/vm.h"

typedef struct {
    const char *name;      /* with its sign: %time, %%time, ! */
    const char *arguments; /* as help shows them: "[-a] FILE"; "" when there are none */
    const char *help;      /* one or more sentences */
    bool takes_code;       /* VintLang stands behind its name or, for the cell's, below it */
} MagicDef;

/* Every magic; ends with a zeroed entry. */
extern const MagicDef magic_defs[];

/* The magic of that name; NULL: there is none. */
const MagicDef *magic_find(const char *name, size_t length);

/* Raises the error that there is no magic of that name; returns NATIVE_ERROR. */
int magic_raise_unknown(Vm *vm, const String *name);

void lib_magic_register(Vm *vm);

#endif
