/*
 * options.h -- what users may set with %config: every option, in one list.
 *
 * OPTIONS(X): X(name, what users call it, value at first, least, most, choices, help). With choices, words separated by
 * "|", the value is the number of one of them; otherwise it is a number from least to most.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS(X)                                                                                                    \
    X(display_rows, "display.rows", 60, 2, 100000, NULL,                                                              \
      "Rows of a table that are shown: the first and the last ones.")                                                 \
    X(display_columns, "display.columns", 30, 1, 1000, NULL, "Columns of a table that are shown.")                    \
    X(display_width, "display.width", 40, 4, 10000, NULL,                                                             \
      "Characters of a table's cell that are shown as text; as HTML, five times as many.")                            \
    X(display_elements, "display.elements", 200, 1, 1000000, NULL, "Elements of an array or dict that are shown.")    \
    X(tasks_on_rerun, "tasks.on_rerun", 0, 0, 1, "keep|replace",                                                      \
      "What becomes of the tasks of a cell that is run again; they go on, or are cancelled; %%replace in a cell "     \
      "cancels them once.")                                                                                           \
    X(abort_ms, "abort_ms", 25, 0, 10000, NULL,                                                                       \
      "Cells that a frontend sends along with one that fails are skipped: those that arrive until none has come for " \
      "so many milliseconds.")                                                                                        \
    X(drain_ms, "drain_ms", 30000, -1, 86400000, NULL,                                                                \
      "How long nbconvert and papermill wait for the tasks of a cell, in milliseconds (-1: as long as it takes); "    \
      "VINT_DRAIN_MS in the environment sets it, too.")

enum {
#define X(name, text, value, least, most, choices, help) OPTION_##name,
    OPTIONS(X)
#undef X
    OPTION_COUNT
};

typedef struct {
    const char *name;
    int64_t value, least, most;
    const char *choices;
    const char *help;
} OptionDef;

extern const OptionDef option_defs[OPTION_COUNT];

/* The number of the option of that name; -1: there is none. */
int option_find(const char *name, size_t length);

/* The choice with number [value]; [length] receives its length. */
const char *option_choice(const OptionDef *option, int64_t value, size_t *length);

#endif
