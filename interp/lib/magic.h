/*
 * magic.h -- the lines of a notebook cell that are no VintLang: %magics, !commands, ?help.
 */
#ifndef MAGIC_H
#define MAGIC_H

#include "vm/vm.h"

/*
 * The cell with its special lines turned into calls of the prelude, line for line, so that places in it stay right; malloc'ed.
 * NULL when there are none.
 *
 *     %name rest            ::__magic("name", "rest")
 *     %%name rest           ::__cell_magic("name", "rest", "…the rest of the cell…")     only as the first line
 *     !command              ::__magic("shell", "command")
 *     ?name, name?, name??  ::__magic("help", "name"), ::__magic("source", "name")
 */
char *magic_expand(const char *code, size_t length);

void lib_magic_register(Vm *vm);

#endif
