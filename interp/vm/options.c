/*
 * options.c -- the options by their names.
 */
#include "options.h"

#include <string.h>

const OptionDef option_defs[OPTION_COUNT] = {
#define X(name, text, value, least, most, choices, help) {text, value, least, most, choices, help},
    OPTIONS(X)
#undef X
};

int option_find(const char *name, size_t length) {
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strlen(option_defs[i].name) == length && memcmp(option_defs[i].name, name, length) == 0) return i;
    return -1;
}

const char *option_choice(const OptionDef *option, int64_t value, size_t *length) {
    const char *choice = option->choices;
    while (value-- > 0) choice += strcspn(choice, "|") + 1;
    *length = strcspn(choice, "|");
    return choice;
}
