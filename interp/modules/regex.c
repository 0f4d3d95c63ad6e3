/*
 * regex.c -- the module `regex`, on PCRE2.
 *
 * PCRE2 searches by trying: some patterns take it time that doubles with each character of the text. Hence the limit on
 * its steps, which ends a search with an error before it can hold up the other tasks for long.
 *
 * Texts are checked to be UTF-8 here, once, since PCRE2 would do it anew for each match. Bytes that are none become
 * U+FFFD.
 */
#include "regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "lib/lib.h"
#include "modules.h"

#define STEP_LIMIT 20000000     /* about half a second, */
#define STEPS_FOR_BYTE 10       /* and some more for long texts */
#define MEMORY_LIMIT (64 << 10) /* of one search, in KB */

typedef struct {
    RegexTranslation translation;
    pcre2_code *code;
    pcre2_match_context *context;
    pcre2_match_data *data;
    String *subject;
    size_t position;    /* where the next search begins */
    size_t last_end;    /* of the match before */
    size_t *match;      /* start and end of the match, then of its groups; PCRE2_UNSET: the group took no part */
} Search;

static void search_end(Search *search) {
    pcre2_match_data_free(search->data);
    pcre2_match_context_free(search->context);
    pcre2_code_free(search->code);
    regex_free(&search->translation);
}

static bool bad_pattern(Vm *vm, const char *problem) {
    vm_raise(vm, ERR_VALUE, "Invalid regex pattern: error parsing regexp: %s", problem);
    return false;
}

static bool compile(Vm *vm, Search *search, const String *pattern) {
    RegexTranslation *translation = &search->translation;
    if (!regex_translate(pattern->bytes, pattern->length, translation))
        return bad_pattern(vm, text_cstring(&translation->problem));
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    int error;
    size_t offset;
    search->code = pcre2_compile((PCRE2_SPTR)text_cstring(&translation->pattern), translation->pattern.length,
                                 PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (search->code) return true;
    char message[160];
    pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
    text_printf(&translation->problem, "%s: `%.*s`", message, (int)pattern->length, pattern->bytes);
    return bad_pattern(vm, text_cstring(&translation->problem));
}

/* [s], or a copy of it with U+FFFD for each byte that is no part of UTF-8. NULL with an error raised: too long. */
static String *in_utf8(Vm *vm, String *s) {
    bool good = true;
    int size;
    for (uint32_t at = 0; at < s->length && good; at += (uint32_t)size)
        good = utf8_decode(s->bytes + at, s->length - at, &size) != 0xFFFD || size > 1;
    if (good) return s;
    Text text = {0};
    for (uint32_t at = 0; at < s->length; at += (uint32_t)size)
        unicode_append(&text, utf8_decode(s->bytes + at, s->length - at, &size));
    String *copy = string_new(vm, text.bytes, text.length);
    text_free(&text);
    return copy;
}

/* False with an error raised: the pattern is none. */
static bool search_begin(Vm *vm, Search *search, const String *pattern, String *subject) {
    *search = (Search){.subject = in_utf8(vm, subject), .last_end = SIZE_MAX};
    if (!search->subject) return false;
    if (!compile(vm, search, pattern)) {
        search_end(search);
        return false;
    }
    search->context = pcre2_match_context_create(NULL);
    uint64_t steps = STEP_LIMIT + STEPS_FOR_BYTE * (uint64_t)search->subject->length;
    pcre2_set_match_limit(search->context, steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX);
    pcre2_set_heap_limit(search->context, MEMORY_LIMIT);
    search->data = pcre2_match_data_create_from_pattern(search->code, NULL);
    search->match = pcre2_get_ovector_pointer(search->data);
    return true;
}

/* Bytes of the character at [position], at least 1. */
static size_t width(const String *s, size_t position) {
    int size = 1;
    if (position < s->length) utf8_decode(s->bytes + position, s->length - position, &size);
    return (size_t)size;
}

typedef enum { FOUND, NOT_FOUND, FAILED } Outcome;

/* The next match; FAILED with an error raised. An empty one right behind the match before does not count. */
static Outcome search_next(Vm *vm, Search *search) {
    const String *s = search->subject;
    while (search->position <= s->length) {
        int found = pcre2_match(search->code, (PCRE2_SPTR)s->bytes, s->length, search->position, PCRE2_NO_UTF_CHECK,
                                search->data, search->context);
        if (found == PCRE2_ERROR_NOMATCH) return NOT_FOUND;
        if (found < 0) {
            bool limit = found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_HEAPLIMIT;
            char message[160] = "the pattern takes too many steps on this text";
            if (!limit) pcre2_get_error_message(found, (PCRE2_UCHAR *)message, sizeof message);
            vm_raise(vm, ERR_VALUE, "regex search failed: %s", message);
            return FAILED;
        }
        size_t start = search->match[0], end = search->match[1];
        bool counts = start < end || start != search->last_end;
        search->position = end > search->position ? end : end + width(s, end);
        search->last_end = end;
        if (counts) return FOUND;
    }
    return NOT_FOUND;
}

/* ---- The functions ---------------------------------------------------------------------------------------------- */

static NativeStatus regex_test(NATIVE_ARGS) {
    Search search;
    if (!search_begin(vm, &search, args[0].string, args[1].string)) return NATIVE_ERROR;
    Outcome outcome = search_next(vm, &search);
    search_end(&search);
    *result = value_bool(outcome == FOUND);
    return outcome == FAILED ? NATIVE_ERROR : NATIVE_OK;
}

/* The number of the group called [name]; -1: there is none. */
static int64_t group_number(const Search *search, const char *name, size_t length) {
    int64_t number;
    if (unicode_is_digit((unsigned char)name[0]) && lib_parse_int(name, length, 10, &number))
        return number <= (int64_t)search->translation.group_count ? number : -1;
    for (size_t i = 0; i < search->translation.group_count; i++) {
        const RegexName *group = &search->translation.names[i];
        if (group->at && group->length == length && memcmp(group->at, name, length) == 0) return (int64_t)i + 1;
    }
    return -1;
}

static void append_group(const Search *search, Text *out, int64_t number) {
    if (number < 0 || search->match[2 * number] == PCRE2_UNSET) return;
    size_t from = search->match[2 * number], to = search->match[2 * number + 1];
    text_append(out, search->subject->bytes + from, to - from);
}

/* Length in bytes of the longest name at the start of the text: letters, digits, underscores. */
static size_t name_length(const char *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        int size;
        uint32_t point = utf8_decode(text + at, length - at, &size);
        if (!unicode_is_letter(point) && !unicode_is_digit(point) && point != '_') break;
        at += (size_t)size;
    }
    return at;
}

/* The template with $1, ${1}, $name, ${name} replaced by groups, and $$ by a dollar sign. */
static void expand(const Search *search, Text *out, const String *template) {
    const char *at = template->bytes, *end = at + template->length;
    while (at < end) {
        if (*at != '$') {
            text_putc(out, *at++);
            continue;
        }
        at++;
        bool braces = at < end && *at == '{';
        const char *name = at + braces;
        size_t length = name_length(name, (size_t)(end - name));
        bool whole = length > 0 && (!braces || (name + length < end && name[length] == '}'));
        if (whole) {
            append_group(search, out, group_number(search, name, length));
            at = name + length + braces;
        } else {
            text_putc(out, '$');
            at += at < end && *at == '$';
        }
    }
}

static NativeStatus regex_replace(NATIVE_ARGS) {
    Search search;
    if (!search_begin(vm, &search, args[0].string, args[2].string)) return NATIVE_ERROR;
    const String *subject = search.subject;
    Text text = lib_text(vm);
    size_t done = 0;
    Outcome outcome = FOUND;
    while (!text.is_cut && (outcome = search_next(vm, &search)) == FOUND) {
        text_append(&text, subject->bytes + done, search.match[0] - done);
        expand(&search, &text, args[1].string);
        done = search.match[1];
    }
    text_append(&text, subject->bytes + done, subject->length - done);
    search_end(&search);
    if (outcome != FAILED) return lib_return_text(vm, &text, result);
    text_free(&text);
    return NATIVE_ERROR;
}

static NativeStatus regex_split(NATIVE_ARGS) {
    Search search;
    if (!search_begin(vm, &search, args[0].string, args[1].string)) return NATIVE_ERROR;
    String *subject = search.subject;
    Array *parts = array_new(vm, 0);
    uint32_t done = 0, last_start = 0;
    Outcome outcome = NOT_FOUND;
    bool nothing = subject->length == 0 && args[0].string->length > 0; /* to look at */
    while (!nothing && (outcome = search_next(vm, &search)) == FOUND) {
        last_start = (uint32_t)search.match[0];
        bool fits = search.match[1] == 0 || lib_push(vm, parts, string_slice_bytes(vm, subject, done, last_start));
        if (!fits) break;
        done = (uint32_t)search.match[1];
    }
    search_end(&search);
    if (vm->error) return NATIVE_ERROR;
    bool rest = nothing || last_start != subject->length;
    if (rest && !lib_push(vm, parts, string_slice_bytes(vm, subject, done, subject->length))) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(parts));
}

static const NativeDef functions[] = {
    {"test(pattern: string, text: string) -> bool", "Does the pattern match anywhere in the text?", regex_test},
    {"match(pattern: string, text: string) -> bool", "Does the pattern match anywhere in the text?", regex_test},
    {"replaceString(pattern: string, replacement: string, text: string) -> string",
     "The text with every match replaced. In the replacement $1, ${1}, $name and ${name} stand for groups, $0 for the "
     "match, $$ for a dollar sign.",
     regex_replace},
    {"splitString(pattern: string, text: string) -> array", "The parts of the text between the matches.", regex_split},
    {0}};

Module *regex_module(Vm *vm) { return native_module(vm, "regex", functions); }
