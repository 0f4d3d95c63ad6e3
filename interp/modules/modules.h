/*
 * modules.h -- what `import` finds: modules written in C, one file each, and files of the program.
 */
#ifndef MODULES_H
#define MODULES_H

#include "vm/native.h"

/* Registers import, include and the modules written in C. Before the prelude, which uses it. */
void modules_register(Vm *vm);

#endif
