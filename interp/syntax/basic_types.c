/*
 * basic_types.c -- see basic_types.h.
 */
#include "basic_types.h"

#include <stddef.h>
#include <string.h>

bool is_basic_type(const char *name) {
    static const char *const names[] = {
#define X(name, fits) name,
        BASIC_TYPES(X)
#undef X
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}
