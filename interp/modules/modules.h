/*
 * modules.h -- what `import` finds: modules written in C, modules written in VintLang that are part of the program, and
 * files.
 *
 * A module in C is a file here: a table of natives (vm/native.h) and a function that makes the module of it, called
 * when the module is imported first. A module in VintLang is a file NAME.vint here; the build turns it into bytes.
 */
#ifndef MODULES_H
#define MODULES_H

#include "vm/native.h"

/* MODULES(X): the modules written in C; each has `Module *NAME_module(Vm *vm)` in NAME.c, which ends in
 * native_module(). */
#define MODULES(X)                                                                                 \
    X(csv) X(datetime) X(encoding) X(errors) X(fmt) X(hash) X(json) X(math) X(os) X(path)          \
    X(random) X(reflect) X(regex) X(shell) X(string) X(time) X(url) X(uuid)

/* VINT_MODULES(X): the modules written in VintLang, NAME.vint. */
#define VINT_MODULES(X)                                                                            \
    X(comm) X(context) X(http) X(http_messages) X(http_server) X(magics) X(net) X(notebook) X(schedule) \
    X(sync) X(task)

#define X(name) Module *name##_module(Vm *vm);
MODULES(X)
#undef X

/* The whole of a regular file, malloc'ed; NULL with errno set: ENOTSUP when it is not regular, EFBIG when it is longer
 * than [limit]. On any thread. */
char *modules_read_file(const char *path, size_t limit, size_t *length);

/* ---- For those who look at a program without running it ---- */

/* Module [name], if it is loaded or needs nothing run to be; NULL: neither. Raises nothing. */
Module *modules_find(Vm *vm, const char *name, size_t length);

/* The text that importing [name] would run: of a module that comes with the program, or of a file in the working
 * directory or its folder modules, when it is no longer than [limit]. malloc'ed; NULL: none. */
char *modules_text(const char *name, size_t length, size_t limit, size_t *size);

/* The names of all modules that an import would find. [visit] may see one more than once. */
void modules_each(Vm *vm, void (*visit)(void *arg, const char *name, size_t length), void *arg);

/* Registers import, include and what magics.vint needs. */
void modules_register(Vm *vm);
void magic_shell_register(Vm *vm); /* part of it */

#endif
