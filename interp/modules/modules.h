/*
 * modules.h -- what `import` finds: modules written in C, modules written in VintLang that are part of the program, and files.
 *
 * A module in C is a file here: a table of natives (vm/native.h) and a function that makes the module of it, called when the
 * module is imported first. A module in VintLang is a file NAME.vint here; the build turns it into bytes.
 */
#ifndef MODULES_H
#define MODULES_H

#include "vm/native.h"

/* MODULES(X): the modules written in C; each has `Module *NAME_module(Vm *vm)` in NAME.c, which ends in native_module(). */
#define MODULES(X)                                                                                 \
    X(csv) X(datetime) X(encoding) X(errors) X(fmt) X(hash) X(json) X(math) X(os) X(path)          \
    X(random) X(reflect) X(regex) X(shell) X(string) X(time) X(url) X(uuid)

/* VINT_MODULES(X): the modules written in VintLang, NAME.vint. */
#define VINT_MODULES(X) X(context) X(http) X(net) X(sync) X(task) X(magics) X(notebook)

#define X(name) Module *name##_module(Vm *vm);
MODULES(X)
#undef X

/* The whole of a file, malloc'ed; NULL with errno set. On any thread. */
char *modules_read_file(const char *path, size_t *length);

/* Registers import, include and what magics.vint needs. */
void modules_register(Vm *vm);
void magic_shell_register(Vm *vm); /* part of it */

#endif
