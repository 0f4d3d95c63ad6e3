/*
 * encoding.c -- the module `encoding`: bytes as text.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "modules.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes are four digits; what is missing at the end counts as zeros and shows as padding. */
static void encode(const String *s, char *out) {
    for (size_t i = 0; i < s->length; i += 3) {
        size_t left = s->length - i;
        uint32_t bits = 0;
        for (uint32_t j = 0; j < 3; j++) bits = bits << 8 | (j < left ? (unsigned char)s->bytes[i + j] : 0);
        for (uint32_t j = 0; j < 4; j++) *out++ = j <= left ? digits[bits >> (18 - 6 * j) & 63] : '=';
    }
}

static NativeStatus encoding_base64_encode(NATIVE_ARGS) {
    const String *s = args[0].string;
    uint64_t length = ((uint64_t)s->length + 2) / 3 * 4;
    if (heap_refuses(vm, length)) return NATIVE_ERROR;
    char *bytes = malloc(length + 1);
    if (!bytes) abort();
    encode(s, bytes);
    String *encoded = string_new(vm, bytes, length);
    free(bytes);
    return lib_return_string(encoded, result);
}

/* The value of a digit; -1 for other characters. */
static int digit(char c) {
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* False for text that is no Base64: blanks, missing padding, too much of it. */
static bool decode(const String *s, Text *out) {
    uint32_t bits = 0, count = 0, padding = 0;
    for (uint32_t i = 0; i < s->length; i++) {
        char c = s->bytes[i];
        if (c == '\r' || c == '\n') continue;
        int value = c == '=' ? 0 : digit(c);
        if (value < 0 || (c != '=' && padding > 0)) return false;
        padding += c == '=';
        bits = bits << 6 | (uint32_t)value;
        if (++count % 4 > 0) continue;
        if (padding > 2) return false;
        char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
        text_append(out, bytes, 3 - padding);
    }
    return count % 4 == 0;
}

static NativeStatus encoding_base64_decode(NATIVE_ARGS) {
    Text text = lib_text(vm);
    if (decode(args[0].string, &text)) return lib_return_text(vm, &text, result);
    text_free(&text);
    return vm_raise(vm, ERR_VALUE, "base64Decode(): the provided string is not valid Base64");
}

static const NativeDef functions[] = {
    {"base64Encode(data: string) -> string", "The bytes of a string in Base64.", encoding_base64_encode},
    {"base64Decode(text: string) -> string", "The string whose bytes stand in the Base64.", encoding_base64_decode},
    {0}};

Module *encoding_module(Vm *vm) { return native_module(vm, "encoding", functions); }
