/*
 * string.c -- the module `string`: strings through functions instead of methods.
 *
 * Most are the natives of the methods themselves: a function's first argument stands where a method has its receiver.
 */
#include "vm/string.h"

#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "modules.h"

/* ---- Blanks ----------------------------------------------------------------------------------------------------- */

/* What Unicode calls white space. */
static bool is_blank(uint32_t point) {
    return (point >= '\t' && point <= '\r') || point == ' ' || point == 0x85 || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F ||
           point == 0x205F || point == 0x3000;
}

static NativeStatus string_trim(NATIVE_ARGS) {
    String *s = args[0].string;
    uint32_t from = 0, to = 0; /* to: behind the last character that is no blank */
    for (uint32_t offset = 0; offset < s->length;) {
        int size;
        bool blank = is_blank(utf8_decode(s->bytes + offset, s->length - offset, &size));
        if (blank && to == 0) from = offset + (uint32_t)size;
        offset += (uint32_t)size;
        if (!blank) to = offset;
    }
    return lib_return_string(string_slice_bytes(vm, s, to == 0 ? 0 : from, to), result);
}

static NativeStatus string_slug(NATIVE_ARGS) {
    String *s = args[0].string;
    Text text = lib_text(vm);
    bool gap = false;
    for (uint32_t i = 0; i < s->length; i++) {
        char c = s->bytes[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            if (gap && text.length > 0) text_putc(&text, '-');
            text_putc(&text, c);
            gap = false;
        } else if (c == '-' || c == ' ' || (c >= '\t' && c <= '\r')) {
            gap = true;
        }
    }
    return lib_return_text(vm, &text, result);
}

/* ---- Places and parts ------------------------------------------------------------------------------------------- */

static NativeStatus string_index_of(NATIVE_ARGS) {
    const String *s = args[0].string, *part = args[1].string;
    const char *found = memmem(s->bytes, s->length, part->bytes, part->length);
    if (!found) return vm_raise(vm, ERR_VALUE, "Substring not found");
    NATIVE_RETURN(value_int(utf8_count(s->bytes, (size_t)(found - s->bytes))));
}

static NativeStatus string_join(NATIVE_ARGS) {
    const Array *parts = args[0].array;
    const String *separator = args[1].string;
    Text text = lib_text(vm);
    for (uint32_t i = 0; i < parts->length; i++) {
        if (parts->items[i].tag != T_STRING) {
            text_free(&text);
            return vm_raise(vm, ERR_TYPE, "join expects an array of strings, got %s in it",
                            error_describe(vm, parts->items[i]));
        }
        if (i > 0) text_append(&text, separator->bytes, separator->length);
        text_append(&text, parts->items[i].string->bytes, parts->items[i].string->length);
    }
    return lib_return_text(vm, &text, result);
}

static NativeStatus string_substring(NATIVE_ARGS) {
    uint32_t from, to;
    lib_slice_bounds(args[0].string->points, args[1], args[2], &from, &to);
    return lib_return_string(string_slice(vm, args[0].string, from, to), result);
}

static NativeStatus string_chr(NATIVE_ARGS) {
    char bytes[4];
    uint32_t point = args[0].i >= 0 && args[0].i <= 0x10FFFF ? (uint32_t)args[0].i : 0xFFFD;
    return lib_return_string(string_new(vm, bytes, (size_t)utf8_encode(point, bytes)), result);
}

/* ---- Similarity ------------------------------------------------------------------------------------------------- */

#define SIMILARITY_LIMIT 20000 /* characters: the time grows with the square */

static uint32_t *code_points(const String *s) {
    uint32_t *points = malloc((s->points + 1) * sizeof *points);
    if (!points) abort();
    for (uint32_t offset = 0, i = 0; offset < s->length; i++) {
        int size;
        points[i] = utf8_decode(s->bytes + offset, s->length - offset, &size);
        offset += (uint32_t)size;
    }
    return points;
}

/* How many characters must be put in or taken out to make one of the other (a changed one counts as both), row by row:
 * row[j] is the distance between the first characters of [a], as many as rows were done, and the first j of [b]. */
static uint32_t distance(const String *a, const String *b) {
    uint32_t *left = code_points(a), *right = code_points(b);
    uint32_t *row = malloc((b->points + 1) * sizeof *row);
    if (!row) abort();
    for (uint32_t j = 0; j <= b->points; j++) row[j] = j;
    for (uint32_t i = 0; i < a->points; i++) {
        uint32_t diagonal = row[0];
        row[0] = i + 1;
        for (uint32_t j = 0; j < b->points; j++) {
            uint32_t fewer = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;
            uint32_t next = left[i] == right[j] ? diagonal : fewer;
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    uint32_t total = row[b->points];
    free(left);
    free(right);
    free(row);
    return total;
}

static NativeStatus string_similarity(NATIVE_ARGS) {
    const String *a = args[0].string, *b = args[1].string;
    uint32_t longer = a->points > b->points ? a->points : b->points;
    if (longer > SIMILARITY_LIMIT)
        return vm_raise(vm, ERR_VALUE, "similarity() compares at most %d characters, got %u", SIMILARITY_LIMIT, longer);
    NATIVE_RETURN(value_float(longer == 0 ? 1 : 1 - (double)distance(a, b) / longer));
}

/* ----------------------------------------------------------------------------------------------------------------- */

static const NativeDef functions[] = {
    {"length(text: string) -> int", "The number of characters.", lib_length},
    {"trim(text: string) -> string", "The text without blanks at both ends.", string_trim},
    {"contains(text: string, part: string) -> bool", "Does the text contain the part?", lib_string_contains},
    {"startsWith(text: string, prefix: string) -> bool",
     "Does the text start with the prefix?", lib_string_starts_with},
    {"endsWith(text: string, suffix: string) -> bool", "Does the text end with the suffix?", lib_string_ends_with},
    {"toUpper(text: string) -> string", "The text in upper case.", lib_string_upper},
    {"toLower(text: string) -> string", "The text in lower case.", lib_string_lower},
    {"replace(text: string, old: string, new: string) -> string",
     "The text with every occurrence of old replaced by new.", lib_string_replace},
    {"split(text: string, separator: string) -> array",
     "The parts between the separators; the characters when the separator is \"\".", lib_string_split},
    {"join(parts: array, separator: string) -> string",
     "The strings in one, with the separator between them.", string_join},
    {"indexOf(text: string, part: string) -> int",
     "Where the part occurs first; an error when nowhere.", string_index_of},
    {"substring(text: string, start: int, end: int = length) -> string",
     "The characters from start up to end; negative positions count from the end.", string_substring},
    {"similarity(a: string, b: string) -> float",
     "1 for equal texts, and less the more characters must be put in or taken out to make one of the other.",
     string_similarity},
    {"slug(text: string) -> string",
     "The ASCII letters and digits in lower case, with hyphens for blanks.", string_slug},
    {"chr(code: int) -> string", "The character of a Unicode code point.", string_chr},
    {"ord(character: string) -> int", "The Unicode code point of a character.", lib_string_ord},
    {0}};

Module *string_module(Vm *vm) { return native_module(vm, "string", functions); }
