/*
 * lexer_string.c -- the text that a string token stands for.
 */
#include <ctype.h>
#include <string.h>

#include "lexer.h"
#include "utf8.h"

static int hex_value(const char *text, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!isxdigit((unsigned char)text[i])) {
            return -1;
        }
        value = value * 16 + (isdigit((unsigned char)text[i]) ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
    }
    return value;
}

/* Reads the four digits after `\u`, and a second `\uXXXX` when the two are a surrogate pair; -1 when malformed. */
static int32_t read_unicode_escape(const char *digits, const char **after) {
    int32_t value = hex_value(digits, 4);
    if (value < 0) {
        return -1;
    }
    *after = digits + 4;
    if (value >= 0xD800 && value <= 0xDBFF && digits[4] == '\\' && digits[5] == 'u') {
        int32_t low = hex_value(digits + 6, 4);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *after = digits + 10;
            return 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return value >= 0xD800 && value <= 0xDFFF ? 0xFFFD : value;
}

/* The letters after a backslash, and the bytes they stand for. */
static const char escapes[256] = {['n'] = '\n', ['r'] = '\r', ['t'] = '\t', ['"'] = '"', ['\''] = '\'', ['\\'] = '\\'};

const char *lexer_string(Arena *arena, const Source *source, const Token *token, uint32_t *length) {
    const char *p = source->text + token->span.start + 1, *end = source->text + token->span.end - 1;
    size_t size = (size_t)(end - p);
    if (token->kind == TOKEN_RAW_STRING || !memchr(p, '\\', size)) {
        *length = (uint32_t)size;
        return arena_strndup(arena, p, size);
    }
    char *result = arena_alloc(arena, size + 1), *out = result; /* no escape is shorter than what it stands for */
    while (p < end) {
        int32_t code;
        if (*p != '\\') {
            *out++ = *p++;
        } else if (escapes[(unsigned char)p[1]]) {
            *out++ = escapes[(unsigned char)p[1]];
            p += 2;
        } else if (p[1] == '0') {
            *out++ = '\0';
            p += 2;
        } else if (p[1] == 'x' && (code = hex_value(p + 2, 2)) >= 0) {
            *out++ = (char)code;
            p += 4;
        } else if (p[1] == 'u' && (code = read_unicode_escape(p + 2, &p)) >= 0) {
            out += utf8_write((uint32_t)code, out);
        } else { /* unknown escapes stand for themselves, which suits patterns such as "\d+" */
            *out++ = *p++;
            *out++ = *p++;
        }
    }
    *length = (uint32_t)(out - result);
    return result;
}
