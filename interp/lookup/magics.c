/*
 * magics.c -- texts that end in a magic: which one it is, and whether the cursor stands in code all the same.
 */
#include <stdio.h>
#include <string.h>

#include "syntax/magic_lines.h"
#include "thing.h"

const Token *lookup_magic(const Lookup *lookup) {
    const Reading *reading = lookup->reading;
    const Token *last = reading->count > 0 ? &reading->tokens[reading->count - 1] : NULL;
    if (!last || last->kind != TOKEN_MAGIC) return NULL;
    size_t left = reading->source->length - last->span.end;
    return memchr(reading->source->text + last->span.end, '\n', left) ? NULL : last;
}

const MagicDef *lookup_magic_def(const Token *magic) {
    char name[40];
    int length = snprintf(name, sizeof name, "%s%s", magic->magic->is_cell ? "%%" : "%", magic->magic->name);
    return length < (int)sizeof name ? magic_find(name, (size_t)length) : NULL;
}

size_t lookup_magic_rest(const Lookup *lookup, const Token *magic) {
    const char *text = lookup->reading->source->text + magic->span.start;
    size_t sign = strspn(text, "%?!");
    size_t rest = magic->span.start + sign + (text[0] == '%' ? strlen(magic->magic->name) : 0);
    bool is_begun = sign > 0 && (text[0] != '%' || lookup->reading->source->length > rest);
    return is_begun ? rest : SIZE_MAX;
}

size_t lookup_magic_code(const Lookup *lookup, const Token *magic) {
    const MagicLine *line = magic->magic;
    const MagicDef *def = lookup_magic_def(magic);
    bool in_body = line->is_cell && line->body.start > line->rest.end;
    if (!def || !def->takes_code || line->is_cell != in_body) return SIZE_MAX;
    return in_body ? line->body.start : lookup_magic_rest(lookup, magic);
}
