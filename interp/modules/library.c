/*
 * library.c -- loads a library and looks up its functions.
 */
#include "library.h"

#include <dlfcn.h>

bool library_load(const char *file, const char *const *names, void **functions) {
    if (functions[0]) return true;
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
    for (int i = 0; names[i]; i++) {
        functions[i] = dlsym(library, names[i]);
        if (functions[i]) continue;
        functions[0] = NULL;
        return false;
    }
    return true;
}
