/*
 * lib_string.c -- methods of strings. Positions are counted in code points; the work is done on bytes, and only at the
 * border between the two is anything counted (not even there when a string is all ASCII).
 */
#include "vm/string.h"

#include <string.h>

#include "lib.h"

#define BLANKS " \t\n\r"

static bool is_ascii(const String *s) { return s->points == s->length; }

/* Code points before byte [offset]. */
static uint32_t points_before(const String *s, uint32_t offset) {
    return is_ascii(s) ? offset : utf8_count(s->bytes, offset);
}

/* The code point at *offset, which moves behind it. */
static uint32_t next_point(const String *s, uint32_t *offset) {
    int size;
    uint32_t point = utf8_decode(s->bytes + *offset, s->length - *offset, &size);
    *offset += (uint32_t)size;
    return point;
}

/* Length in bytes of the code point that ends before byte [end] > 0. */
static uint32_t last_size(const String *s, uint32_t end) {
    for (uint32_t size = 2; size <= 4 && size <= end; size++) {
        int decoded;
        utf8_decode(s->bytes + end - size, size, &decoded);
        if (decoded == (int)size) return size;
    }
    return 1;
}

/* Where [part] begins in the bytes [from, to) of [s]; -1: nowhere. */
static int64_t find_bytes(const String *s, const String *part, uint32_t from, uint32_t to) {
    const char *found = memmem(s->bytes + from, to - from, part->bytes, part->length);
    return found ? found - s->bytes : -1;
}

static bool has_prefix(const String *s, const String *part) {
    return part->length <= s->length && memcmp(s->bytes, part->bytes, part->length) == 0;
}

static bool has_suffix(const String *s, const String *part) {
    return part->length <= s->length && memcmp(s->bytes + s->length - part->length, part->bytes, part->length) == 0;
}

/* ---- Letters ---------------------------------------------------------------------------------------------------- */

/* Every character through [change]. */
static NativeStatus change_points(Vm *vm, String *s, uint32_t (*change)(uint32_t), uint32_t limit, Value *result) {
    if (is_ascii(s)) {
        char *bytes;
        String *changed = string_reserve(vm, s->length, &bytes);
        if (!changed) return NATIVE_ERROR;
        memcpy(bytes, s->bytes, s->length);
        for (uint32_t i = 0; i < s->length && i < limit; i++) bytes[i] = (char)change((unsigned char)bytes[i]);
        string_seal(changed);
        NATIVE_RETURN(value_obj(changed));
    }
    Text text = lib_text(vm);
    uint32_t offset = 0;
    for (uint32_t i = 0; i < limit && offset < s->length; i++) unicode_append(&text, change(next_point(s, &offset)));
    text_append(&text, s->bytes + offset, s->length - offset);
    return lib_return_text(vm, &text, result);
}

NativeStatus lib_string_upper(NATIVE_ARGS) {
    return change_points(vm, args[0].string, unicode_upper, UINT32_MAX, result);
}

NativeStatus lib_string_lower(NATIVE_ARGS) {
    return change_points(vm, args[0].string, unicode_lower, UINT32_MAX, result);
}

static NativeStatus string_capitalize(NATIVE_ARGS) {
    return change_points(vm, args[0].string, unicode_upper, 1, result);
}

static NativeStatus string_remove_accents(NATIVE_ARGS) {
    String *s = args[0].string;
    if (is_ascii(s)) NATIVE_RETURN(args[0]);
    Text text = lib_text(vm);
    for (uint32_t offset = 0; offset < s->length;) {
        uint32_t point = unicode_without_accent(next_point(s, &offset));
        if (point) unicode_append(&text, point);
    }
    return lib_return_text(vm, &text, result);
}

static NativeStatus string_slug(NATIVE_ARGS) {
    String *s = args[0].string;
    Text text = lib_text(vm);
    bool gap = false;
    for (uint32_t offset = 0; offset < s->length;) {
        uint32_t point = unicode_lower(unicode_without_accent(next_point(s, &offset)));
        if (point == 0 || point == '\'') continue;
        if (unicode_is_letter(point) || unicode_is_digit(point)) {
            if (gap && text.length > 0) text_putc(&text, '-');
            unicode_append(&text, point);
            gap = false;
        } else {
            gap = true;
        }
    }
    return lib_return_text(vm, &text, result);
}

static NativeStatus string_is_alpha(NATIVE_ARGS) {
    String *s = args[0].string;
    bool letters = s->length > 0;
    for (uint32_t offset = 0; letters && offset < s->length;) letters = unicode_is_letter(next_point(s, &offset));
    NATIVE_RETURN(value_bool(letters));
}

static NativeStatus string_is_numeric(NATIVE_ARGS) {
    double number;
    NATIVE_RETURN(value_bool(lib_parse_float(args[0].string->bytes, args[0].string->length, &number)));
}

static NativeStatus string_compare_ignore_case(NATIVE_ARGS) {
    String *a = args[0].string, *b = args[1].string;
    uint32_t i = 0, j = 0;
    while (i < a->length && j < b->length) {
        uint32_t left = unicode_lower(next_point(a, &i)), right = unicode_lower(next_point(b, &j));
        if (left != right) NATIVE_RETURN(value_int(left < right ? -1 : 1));
    }
    NATIVE_RETURN(value_int((i < a->length) - (j < b->length)));
}

static NativeStatus string_reverse(NATIVE_ARGS) {
    String *s = args[0].string;
    char *bytes;
    String *reversed = string_reserve(vm, s->length, &bytes);
    if (!reversed) return NATIVE_ERROR;
    char *to = bytes + s->length;
    for (uint32_t offset = 0; offset < s->length;) {
        uint32_t start = offset;
        next_point(s, &offset);
        to -= offset - start;
        memcpy(to, s->bytes + start, offset - start);
    }
    string_seal(reversed);
    NATIVE_RETURN(value_obj(reversed));
}

/* ---- Trimming --------------------------------------------------------------------------------------------------- */

static bool holds(const char *set, size_t set_length, const char *point, uint32_t size) {
    return memmem(set, set_length, point, size) != NULL;
}

static NativeStatus trim(Vm *vm, Value *args, bool at_start, bool at_end, Value *result) {
    String *s = args[0].string;
    const char *set = native_given(args[1]) ? args[1].string->bytes : BLANKS;
    size_t set_length = native_given(args[1]) ? args[1].string->length : strlen(BLANKS);
    uint32_t from = 0, to = s->length;
    while (at_start && from < to) {
        uint32_t next = from;
        next_point(s, &next);
        if (!holds(set, set_length, s->bytes + from, next - from)) break;
        from = next;
    }
    while (at_end && to > from) {
        uint32_t size = last_size(s, to);
        if (!holds(set, set_length, s->bytes + to - size, size)) break;
        to -= size;
    }
    return lib_return_string(string_slice_bytes(vm, s, from, to), result);
}

static NativeStatus string_trim(NATIVE_ARGS) { return trim(vm, args, true, true, result); }

static NativeStatus string_trim_start(NATIVE_ARGS) { return trim(vm, args, true, false, result); }

static NativeStatus string_trim_end(NATIVE_ARGS) { return trim(vm, args, false, true, result); }

/* ---- Searching -------------------------------------------------------------------------------------------------- */

NativeStatus lib_string_contains(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(find_bytes(args[0].string, args[1].string, 0, args[0].string->length) >= 0));
}

NativeStatus lib_string_starts_with(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(has_prefix(args[0].string, args[1].string)));
}

NativeStatus lib_string_ends_with(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(has_suffix(args[0].string, args[1].string)));
}

static NativeStatus string_index_of(NATIVE_ARGS) {
    String *s = args[0].string;
    int64_t from = native_given(args[2]) && args[2].i > 0 ? args[2].i : 0;
    if (from >= s->points) NATIVE_RETURN(value_int(-1));
    int64_t found = find_bytes(s, args[1].string, string_offset(s, (uint32_t)from), s->length);
    NATIVE_RETURN(value_int(found < 0 ? -1 : (int64_t)points_before(s, (uint32_t)found)));
}

static NativeStatus string_last_index_of(NATIVE_ARGS) {
    String *s = args[0].string, *part = args[1].string;
    uint32_t end = s->length;
    if (native_given(args[2])) {
        if (args[2].i < 0) NATIVE_RETURN(value_int(-1));
        if (args[2].i < s->points) end = string_offset(s, (uint32_t)args[2].i + 1);
    }
    int64_t at = (int64_t)end - part->length;
    while (at >= 0 && memcmp(s->bytes + at, part->bytes, part->length) != 0) at--;
    NATIVE_RETURN(value_int(at < 0 ? -1 : (int64_t)points_before(s, (uint32_t)at)));
}

/* ---- Parts ------------------------------------------------------------------------------------------------------ */

static NativeStatus string_char_at(NATIVE_ARGS) {
    String *s = args[0].string;
    int64_t index = args[1].i;
    bool inside = index >= 0 && index < s->points;
    uint32_t from = inside ? (uint32_t)index : 0;
    return lib_return_string(string_slice(vm, s, from, from + inside), result);
}

static NativeStatus string_method_slice(NATIVE_ARGS) {
    String *s = args[0].string;
    uint32_t from, to;
    lib_slice_bounds(s->points, args[1], args[2], &from, &to);
    return lib_return_string(string_slice(vm, s, from, to), result);
}

static uint32_t clamp_position(const String *s, int64_t position) {
    return position < 0 ? 0 : position > s->points ? s->points : (uint32_t)position;
}

static NativeStatus string_substring(NATIVE_ARGS) {
    String *s = args[0].string;
    uint32_t from = clamp_position(s, args[1].i), to = native_given(args[2]) ? clamp_position(s, args[2].i) : s->points;
    return lib_return_string(string_slice(vm, s, from < to ? from : to, from < to ? to : from), result);
}

static bool push_bytes(Vm *vm, Array *parts, String *s, uint32_t from, uint32_t to) {
    String *part = string_slice_bytes(vm, s, from, to);
    return part && array_push(vm, parts, value_obj(part));
}

NativeStatus lib_string_split(NATIVE_ARGS) {
    String *s = args[0].string, *separator = native_given(args[1]) ? args[1].string : NULL;
    bool into_characters = !separator || separator->length == 0;
    Array *parts = array_new(vm, into_characters ? s->points : 0);
    if (!parts) return NATIVE_ERROR;
    uint32_t from = 0;
    if (into_characters) {
        while (from < s->length) {
            uint32_t start = from;
            next_point(s, &from);
            if (!push_bytes(vm, parts, s, start, from)) return NATIVE_ERROR;
        }
        NATIVE_RETURN(value_obj(parts));
    }
    for (int64_t at; (at = find_bytes(s, separator, from, s->length)) >= 0; from = (uint32_t)at + separator->length) {
        if (!push_bytes(vm, parts, s, from, (uint32_t)at)) return NATIVE_ERROR;
    }
    if (!push_bytes(vm, parts, s, from, s->length)) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(parts));
}

/* ---- Building --------------------------------------------------------------------------------------------------- */

NativeStatus lib_string_replace(NATIVE_ARGS) {
    String *s = args[0].string, *old = args[1].string, *new = args[2].string;
    Text text = lib_text(vm);
    uint32_t from = 0;
    if (old->length == 0) { /* stands between all characters and at both ends */
        text_append(&text, new->bytes, new->length);
        while (from < s->length) {
            uint32_t start = from;
            next_point(s, &from);
            text_append(&text, s->bytes + start, from - start);
            text_append(&text, new->bytes, new->length);
        }
        return lib_return_text(vm, &text, result);
    }
    for (int64_t at; (at = find_bytes(s, old, from, s->length)) >= 0; from = (uint32_t)at + old->length) {
        text_append(&text, s->bytes + from, (uint32_t)at - from);
        text_append(&text, new->bytes, new->length);
    }
    if (from == 0) NATIVE_RETURN(args[0]);
    text_append(&text, s->bytes + from, s->length - from);
    return lib_return_text(vm, &text, result);
}

/* Room for a string of [length] bytes, after asking whether the heap allows it. */
static String *reserve(Vm *vm, uint64_t length, char **bytes) {
    if (length <= STRING_MAX_LENGTH && heap_refuses(vm, length)) return NULL;
    return string_reserve(vm, length, bytes);
}

static NativeStatus repeat(Vm *vm, const char *method, String *s, int64_t count, Value *result) {
    if (count < 0) return vm_raise(vm, ERR_VALUE, "%s() count cannot be negative", method);
    if (s->length == 0 || count == 0) return lib_return_string(string_new(vm, "", 0), result);
    if (count > STRING_MAX_LENGTH) count = STRING_MAX_LENGTH + 1ll;
    uint64_t length = s->length * (uint64_t)count;
    char *bytes;
    String *repeated = reserve(vm, length, &bytes);
    if (!repeated) return NATIVE_ERROR;
    for (int64_t i = 0; i < count; i++) memcpy(bytes + (uint64_t)i * s->length, s->bytes, s->length);
    string_seal(repeated);
    NATIVE_RETURN(value_obj(repeated));
}

static NativeStatus string_times(NATIVE_ARGS) { return repeat(vm, "times", args[0].string, args[1].i, result); }

NativeStatus lib_string_repeat(NATIVE_ARGS) { return repeat(vm, "repeat", args[0].string, args[1].i, result); }

/* [s] made [width] characters long by [padding], again and again and then a part of it, at one end. */
static NativeStatus pad(Vm *vm, Value *args, bool at_start, Value *result) {
    String *s = args[0].string, *padding = native_given(args[2]) ? args[2].string : NULL;
    const char *unit = padding ? padding->bytes : " ";
    uint32_t unit_length = padding ? padding->length : 1, unit_points = padding ? padding->points : 1;
    if (args[1].i <= s->points || unit_points == 0) NATIVE_RETURN(args[0]);
    uint64_t missing = (uint64_t)args[1].i - s->points, whole = missing / unit_points;
    uint32_t rest = padding ? string_offset(padding, (uint32_t)(missing % unit_points)) : 0;
    if (whole > STRING_MAX_LENGTH) whole = STRING_MAX_LENGTH;
    uint64_t added = whole * unit_length + rest;
    char *bytes;
    String *padded = reserve(vm, added + s->length, &bytes);
    if (!padded) return NATIVE_ERROR;
    memcpy(bytes + (at_start ? added : 0), s->bytes, s->length);
    char *to = bytes + (at_start ? 0 : s->length);
    for (; whole > 0; whole--, to += unit_length) memcpy(to, unit, unit_length);
    memcpy(to, unit, rest);
    string_seal(padded);
    NATIVE_RETURN(value_obj(padded));
}

static NativeStatus string_pad_start(NATIVE_ARGS) { return pad(vm, args, true, result); }

static NativeStatus string_pad_end(NATIVE_ARGS) { return pad(vm, args, false, result); }

/* {0}, {1} … replaced by the arguments' texts; whatever else stands in braces stays. */
static NativeStatus string_method_format(NATIVE_ARGS) {
    String *s = args[0].string;
    Text text = lib_text(vm);
    for (uint32_t at = 0; at < s->length && !text.is_cut;) {
        uint32_t end = at + 1;
        int64_t index = 0;
        bool opens = s->bytes[at] == '{';
        while (opens && end < s->length && unicode_is_digit((unsigned char)s->bytes[end]) && index < argc) {
            index = index * 10 + (s->bytes[end++] - '0');
        }
        if (end > at + 1 && end < s->length && s->bytes[end] == '}' && index < argc - 1) {
            text_value(vm, &text, args[1 + index]);
            at = end + 1;
        } else {
            text_putc(&text, s->bytes[at++]);
        }
    }
    return lib_return_text(vm, &text, result);
}

/* ---- Conversion and the rest ------------------------------------------------------------------------------------ */

static NativeStatus string_to_int(NATIVE_ARGS) {
    String *s = args[0].string;
    int64_t integer;
    if (lib_parse_int(s->bytes, s->length, 10, &integer)) NATIVE_RETURN(value_int(integer));
    return vm_raise(vm, ERR_VALUE, "Failed to convert '%.*s' to an integer", (int)s->length, s->bytes);
}

static NativeStatus string_to_float(NATIVE_ARGS) {
    String *s = args[0].string;
    double number;
    if (lib_parse_float(s->bytes, s->length, &number)) NATIVE_RETURN(value_float(number));
    return vm_raise(vm, ERR_VALUE, "Failed to convert '%.*s' to a float", (int)s->length, s->bytes);
}

static NativeStatus string_is_empty(NATIVE_ARGS) { NATIVE_RETURN(value_bool(args[0].string->length == 0)); }

static NativeStatus string_chr(NATIVE_ARGS) {
    if (args[0].i < 0 || args[0].i > 0x10FFFF) {
        return vm_raise(vm, ERR_VALUE, "chr() arg not in valid Unicode range (0-0x10FFFF)");
    }
    char bytes[4];
    int size = utf8_encode((uint32_t)args[0].i, bytes);
    return lib_return_string(string_new(vm, bytes, (size_t)size), result);
}

NativeStatus lib_string_ord(NATIVE_ARGS) {
    String *s = args[0].string;
    if (s->points != 1) {
        return vm_raise(vm, ERR_VALUE, "ord() expected a character, but string of length %u found", s->points);
    }
    uint32_t offset = 0;
    NATIVE_RETURN(value_int(next_point(s, &offset)));
}

static const NativeDef methods[] = {
    {"len() -> int", "The number of characters.", lib_length},
    {"length() -> int", "The number of characters.", lib_length},
    {"isEmpty() -> bool", "Is the string \"\"?", string_is_empty},
    {"upper() -> string", "The string in upper case.", lib_string_upper},
    {"lower() -> string", "The string in lower case.", lib_string_lower},
    {"capitalize() -> string",
     "The string with its first character in upper case; the rest stays as it is.", string_capitalize},
    {"trim(chars: string = blanks) -> string",
     "The string without blanks, or any of the given characters, at both ends.", string_trim},
    {"trimStart(chars: string = blanks) -> string",
     "The string without blanks, or any of the given characters, at its start.", string_trim_start},
    {"trimEnd(chars: string = blanks) -> string",
     "The string without blanks, or any of the given characters, at its end.", string_trim_end},
    {"split(separator: string = \"\") -> array",
     "The parts between the separators; without one, the characters.", lib_string_split},
    {"contains(part: string) -> bool", "Does the string contain the part?", lib_string_contains},
    {"includes(part: string) -> bool", "Does the string contain the part?", lib_string_contains},
    {"replace(old: string, new: string) -> string",
     "The string with every occurrence of old replaced by new.", lib_string_replace},
    {"startsWith(prefix: string) -> bool", "Does the string start with the prefix?", lib_string_starts_with},
    {"endsWith(suffix: string) -> bool", "Does the string end with the suffix?", lib_string_ends_with},
    {"indexOf(part: string, from: int = 0) -> int",
     "Where the part occurs first, at or after from; -1 when nowhere.", string_index_of},
    {"lastIndexOf(part: string, from: int = end) -> int",
     "Where the part occurs last, lying wholly at or before from; -1 when nowhere.",
     string_last_index_of},
    {"charAt(index: int) -> string", "The character at the index; \"\" when there is none.", string_char_at},
    {"substring(start: int, end: int = length) -> string",
     "The characters from start up to end, which may stand in any order.", string_substring},
    {"slice(start: int, end: int = length) -> string",
     "The characters from start up to end; negative positions count from the end.",
     string_method_slice},
    {"reverse() -> string", "The characters in reverse order.", string_reverse},
    {"times(count: int) -> string", "The string repeated.", string_times},
    {"repeat(count: int) -> string", "The string repeated.", lib_string_repeat},
    {"padStart(length: int, pad: string = \" \") -> string",
     "The string made that long by padding at its start.", string_pad_start},
    {"padEnd(length: int, pad: string = \" \") -> string",
     "The string made that long by padding at its end.", string_pad_end},
    {"format(values: any...) -> string", "The string with {0}, {1} … replaced by the values.", string_method_format},
    {"toInt() -> int", "The integer that is written in the string.", string_to_int},
    {"toFloat() -> float", "The number that is written in the string, as a float.", string_to_float},
    {"toString() -> string", "The string itself.", lib_string_of},
    {"isNumeric() -> bool", "Is a number written in the string?", string_is_numeric},
    {"isAlpha() -> bool", "Are there only letters, and at least one?", string_is_alpha},
    {"compareIgnoreCase(other: string) -> int",
     "-1, 0 or 1: the order of the two when case does not count.", string_compare_ignore_case},
    {"removeAccents() -> string", "The string with plain letters in place of accented ones.", string_remove_accents},
    {"slug() -> string",
     "The words in lower case, without accents, joined by hyphens: a form for addresses.", string_slug},
    {0}};

static const NativeDef builtins[] = {
    {"startsWith(text: string, prefix: string) -> bool", "Does the text start with the prefix?", lib_string_starts_with},
    {"endsWith(text: string, suffix: string) -> bool", "Does the text end with the suffix?", lib_string_ends_with},
    {"chr(code: int) -> string", "The character of a Unicode code point.", string_chr},
    {"ord(character: string) -> int", "The Unicode code point of a character.", lib_string_ord},
    {0}};

void lib_string_register(Vm *vm) {
    native_register_methods(vm, T_STRING, methods);
    native_register_builtins(vm, builtins);
}
