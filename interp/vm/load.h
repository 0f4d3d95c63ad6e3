/*
 * load.h -- from compiled code to the heap.
 */
#ifndef LOAD_H
#define LOAD_H

#include "compile/code.h"
#include "vm.h"

/*
 * Compiles [text] and loads it. On success the main function as a closure, ready to be called without arguments.
 * Otherwise NULL and an error named SyntaxError in [error], whose trace is the rendered diagnostics.
 */
typedef struct {
    Closure *main;
    char *problems; /* malloc'ed text, line by line: every problem with its place; NULL when [main] is set */
    char *message;  /* malloc'ed: the first problem, one line */
} Loaded;

Loaded load_source(Vm *vm, const char *name, const char *text, size_t length, const CompileOptions *options);

/* The same for a file with a scope of its own: what it declares at top level goes there. [declared] receives the slots of
 * these names, as an array of INTs in the order of the source. [library]: it is part of the program, as the prelude is. */
Loaded load_module(Vm *vm, const char *path, const char *text, size_t length, bool library, Array **declared);

/* Is there no room for what becomes of a text of so many bytes? True with MemoryError raised. */
bool load_refuses(Vm *vm, size_t length);

#endif
