/*
 * path.c -- the module `path`: paths of files as text. Nothing here looks at the file system.
 */
#include <string.h>

#include "lib/lib.h"
#include "modules.h"

/* Where the last element of the path begins: behind the last slash of its first [length] bytes. */
static size_t element_start(const char *path, size_t length) {
    while (length > 0 && path[length - 1] != '/') length--;
    return length;
}

/* Appends the shortest path that means the same: without empty and "." elements, and with each ".." having taken away
 * the element before it, where there is one. */
static void append_clean(Text *out, const char *path, size_t length) {
    size_t start = out->length, at = 0;
    bool rooted = length > 0 && path[0] == '/';
    size_t elements = 0, ups = 0; /* ups: leading ".." elements, which stay */
    if (rooted) text_putc(out, '/');
    while (at < length) {
        const char *slash = memchr(path + at, '/', length - at);
        size_t size = slash ? (size_t)(slash - path) - at : length - at;
        const char *element = path + at;
        at += size + 1;
        bool up = size == 2 && element[0] == '.' && element[1] == '.';
        if (size == 0 || (size == 1 && element[0] == '.') || (up && rooted && elements == 0)) continue;
        if (up && elements > ups) {
            size_t keep = element_start(out->bytes + start, out->length - start);
            elements--;
            out->length = start + (elements > 0 ? keep - 1 : keep);
            continue;
        }
        if (elements > 0) text_putc(out, '/');
        text_append(out, element, size);
        elements++;
        ups += up;
    }
    if (out->length == start) text_putc(out, '.');
}

static NativeStatus path_join(NATIVE_ARGS) {
    Text joined = lib_text(vm), clean = {0};
    for (int i = 0; i < argc; i++) {
        if (args[i].string->length == 0) continue;
        if (joined.length > 0) text_putc(&joined, '/');
        text_append(&joined, args[i].string->bytes, args[i].string->length);
    }
    if (!lib_text_fits(vm, &joined)) return NATIVE_ERROR;
    if (joined.length > 0) append_clean(&clean, joined.bytes, joined.length);
    text_free(&joined);
    return lib_return_text(vm, &clean, result);
}

static NativeStatus path_clean(NATIVE_ARGS) {
    Text clean = {0};
    append_clean(&clean, args[0].string->bytes, args[0].string->length);
    return lib_return_text(vm, &clean, result);
}

static NativeStatus path_dirname(NATIVE_ARGS) {
    const String *path = args[0].string;
    Text clean = {0};
    append_clean(&clean, path->bytes, element_start(path->bytes, path->length));
    return lib_return_text(vm, &clean, result);
}

static NativeStatus path_basename(NATIVE_ARGS) {
    String *path = args[0].string;
    uint32_t end = path->length;
    if (end == 0) return lib_return_string(string_from(vm, "."), result);
    while (end > 1 && path->bytes[end - 1] == '/') end--;
    uint32_t start = (uint32_t)element_start(path->bytes, end);
    return lib_return_string(string_slice_bytes(vm, path, start == end ? 0 : start, end), result);
}

static NativeStatus path_ext(NATIVE_ARGS) {
    String *path = args[0].string;
    uint32_t start = (uint32_t)element_start(path->bytes, path->length), dot = path->length;
    while (dot > start && path->bytes[dot - 1] != '.') dot--;
    return lib_return_string(string_slice_bytes(vm, path, dot > start ? dot - 1 : path->length, path->length), result);
}

static NativeStatus path_is_absolute(NATIVE_ARGS) {
    NATIVE_RETURN(value_bool(args[0].string->length > 0 && args[0].string->bytes[0] == '/'));
}

static const NativeDef functions[] = {
    {"join(part: string, more: string...) -> string",
     "The parts with slashes between them, in the shortest form; empty parts do not count.", path_join},
    {"clean(path: string) -> string",
     "The shortest path that means the same: without \".\", \"..\" and \"//\" in it.", path_clean},
    {"basename(path: string) -> string", "The last element of the path.", path_basename},
    {"dirname(path: string) -> string",
     "All but the last element of the path, \".\" when there is no more.", path_dirname},
    {"ext(path: string) -> string",
     "What the name ends in, from its last dot on; \"\" when there is no dot.", path_ext},
    {"isAbs(path: string) -> bool", "Does the path begin at the root?", path_is_absolute},
    {0}};

Module *path_module(Vm *vm) { return native_module(vm, "path", functions); }
