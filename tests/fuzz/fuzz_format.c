/*
 * fuzz_format.c -- every program can be formatted without becoming another one, and once is enough.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/format.h"

static char *format(Arena *arena, const char *text, size_t length, Diagnostics *diagnostics, size_t *new_length) {
    *diagnostics = (Diagnostics){.arena = arena};
    return format_source(source_new(arena, "fuzz", text, length), diagnostics, new_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena arena;
    arena_init(&arena);
    Diagnostics diagnostics;
    size_t length, again_length;
    char *once = format(&arena, (const char *)data, size, &diagnostics, &length);
    if (once) {
        char *twice = format(&arena, once, length, &diagnostics, &again_length);
        if (!twice || again_length != length || memcmp(once, twice, length) != 0) {
            abort();
        }
        free(twice);
    } else if (strcmp(diagnostics.items[0].message, "the formatter would change this program") == 0) {
        abort();
    }
    free(once);
    arena_free(&arena);
    return 0;
}
