/*
 * test_lexer.c -- tokens, and what lies below them: arenas, sources, UTF-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/lexer.h"
#include "syntax/utf8.h"

/* The tokens of [code], with blanks between them; `|` before the first of a further line; `!` after a
 * keyword or punctuation, `~` after a soft keyword; what is wrong with an error. */
static char *tokens_of(const char *code, size_t length) {
    Arena arena;
    arena_init(&arena);
    Source *source = source_new(&arena, "test", code, length);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const Token *first = lexer_scan(&arena, source);
    for (const Token *token = first; token->kind != TOKEN_END; token++) {
        fputs(token > first && token->newline_before ? "|" : "", out);
        switch (token->kind) {
        case TOKEN_INT:
            fprintf(out, "%llu ", (unsigned long long)token->integer);
            break;
        case TOKEN_FLOAT:
            fprintf(out, "%gf ", token->number);
            break;
        case TOKEN_STRING:
        case TOKEN_RAW_STRING: {
            uint32_t count;
            const char *value = lexer_string(&arena, source, token, &count);
            fprintf(out, "<");
            fwrite(value, 1, count, out);
            fprintf(out, "> ");
            break;
        }
        case TOKEN_ERROR:
            fprintf(out, "ERROR(%s) ", token->problem->message);
            break;
        default:
            fprintf(out, "%.*s%s ", (int)(token->span.end - token->span.start), code + token->span.start,
                    token->kind == TOKEN_NAME ? "" : token_is_name(token->kind) ? "~" : "!");
        }
    }
    fclose(out);
    arena_free(&arena);
    return text;
}

static void check_bytes(const char *code, size_t length, const char *expected) {
    char *text = tokens_of(code, length);
    assert_string_equal(text, expected);
    free(text);
}

static void check(const char *code, const char *expected) {
    check_bytes(code, strlen(code), expected);
}

static void test_words(void **state) {
    (void)state;
    check("func funcs Func _x x1 a_b", "func! funcs Func _x x1 a_b ");
    check("info Info INFO infos let Let", "info~ Info~ INFO infos let! Let ");
    check("repeat type select try catch finally go error Error",
          "repeat~ type~ select~ try~ catch~ finally~ go~ error~ Error~ ");
    check("über naïve 变量 x₁", "über naïve 变量 x₁ ");
#define X(name, text) assert_true(strlen(text) <= 8); check(text, text "! ");
    TOKEN_KEYWORDS(X)
#undef X
#define X(name, text) check(text, text "~ ");
    TOKEN_DECLARATIVES(X) TOKEN_SOFT_KEYWORDS(X)
#undef X
}

static void test_punctuation(void **state) {
    (void)state;
#define X(name, text) check(text, text "! ");
    TOKEN_PUNCTUATION(X)
#undef X
    check("a+++b", "a ++! +! b ");
    check("a**=b?\?=c?\?d", "a **=! b ?\?=! c ?\?! d ");
    check("a...b..c.d", "a ...! b ..! c .! d ");
    check("=>==", "=>! ==! ");
    check("::a:b", "::! a :! b ");
}

static void test_numbers(void **state) {
    (void)state;
    check("0 42 1_000 007 0xFf 0b1_01 0o17", "0 42 1000 7 255 5 15 ");
    check("9223372036854775807 9223372036854775808", "9223372036854775807 9223372036854775808 ");
    check("1.5 1e3 1E-2 2.5e+1 1_0.0_5", "1.5f 1000f 0.01f 25f 10.05f ");
    check("1..3 5.abs 5.e3", "1 ..! 3 5 .! abs 5 .! e3 ");
    check("9223372036854775809", "ERROR(this number is too large for an integer) ");
    check("0x8000000000000001", "ERROR(this number is too large for an integer) ");
    check("1e999 1e-999", "ERROR(this number is too large for a float) 0f ");
    check("1abc 0x 0b12 0o8 1__0 1_ 1e5x 0xfg",
          "ERROR(`1abc` is not a number) ERROR(`0x` is not a number) ERROR(`0b12` is not a number) "
          "ERROR(`0o8` is not a number) ERROR(`1__0` is not a number) ERROR(`1_` is not a number) "
          "ERROR(`1e5x` is not a number) ERROR(`0xfg` is not a number) ");
}

static void test_strings(void **state) {
    (void)state;
    check("\"a\" 'b' `c`", "<a> <b> <c> ");
    check("\"\\n\\t\\\\\\\"\\'\"", "<\n\t\\\"'> ");
    check("'\\n\\'\\x41\\u00e9'", "<\n'A\u00e9> ");
    check("\"\\d\\x4\\u12\\z\\\n\"", "<\\d\\x4\\u12\\z\\\n> ");
    check("`a\\n\"'`", "<a\\n\"'> ");
    check("\"a\nb\" c\nd", "<a\nb> c |d ");
    check("'\\ud83d\\ude00 \\ud800x\\udc00'", "<\U0001F600 \uFFFDx\uFFFD> ");
    check("\"abc", "ERROR(this string is never closed) ");
    check("\"abc\\", "ERROR(this string is never closed) ");
    check("\"abc\\\"", "ERROR(this string is never closed) ");
    check("`abc\n", "ERROR(this string is never closed) ");
    check("\"a\xFFz\" b", "ERROR(this string holds a byte that is not valid UTF-8) b ");
    check("''", "<> ");
}

static void test_blanks(void **state) {
    (void)state;
    check("a // b\nc", "a |c ");
    check("a # b\n\n\tc", "a |c ");
    check("#!/bin/vint\r\na\r\nb", "a |b ");
    check("a /* b */ c /* \n */ d /***/ e", "a c |d e ");
    check("a /* b", "a ERROR(this comment is never closed) ");
    check("a /*/ b", "a ERROR(this comment is never closed) ");
    check("\xEF\xBB\xBF" "a", "a ");
    check("", "");
}

static void test_strangers(void **state) {
    (void)state;
    check("a $ b ^ c", "a ERROR(unexpected character `$`) b ERROR(unexpected character `^`) c ");
    check("\\ ~", "ERROR(unexpected character `\\`) ERROR(unexpected character `~`) ");
    check("\u201Ca\u201D", "ERROR(unexpected character `\u201C`) a ERROR(unexpected character `\u201D`) ");
    check("a\u00A0b", "a ERROR(unexpected invisible character U+00A0) b ");
    check("\U0001F600", "ERROR(unexpected character `\U0001F600`) ");
    check("\xFF\xC0\x80 a", "ERROR(this byte is not valid UTF-8) ERROR(this byte is not valid UTF-8) "
                            "ERROR(this byte is not valid UTF-8) a ");
    check_bytes("a\0b", 3, "a ERROR(unexpected control character U+0000) b ");
    check_bytes("'a\0b'", 5, "<a\0b> "); /* assert_string_equal stops at the NUL */
}

static void test_utf8(void **state) {
    (void)state;
    static const char *const bad[] = {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xC3", "\xE2\x82",
                                      "\xE2\x82x", "\xF0\x9F\x98"};
    uint32_t code_point;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(utf8_read(bad[i], bad[i] + strlen(bad[i]), &code_point), 0);
    }
    static const uint32_t good[] = {0, 'a', 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char bytes[4];
        int length = utf8_write(good[i], bytes);
        assert_int_equal(utf8_read(bytes, bytes + length, &code_point), length);
        assert_int_equal(code_point, good[i]);
    }
}

static void test_places(void **state) {
    (void)state;
    const char *text = "ab\nü x\r\n\nend";
    Arena arena;
    arena_init(&arena);
    Source *source = source_new(&arena, "In[1]", text, strlen(text));
    static const struct {
        uint32_t offset, line, column;
    } cases[] = {{0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {5, 2, 2}, {6, 2, 3}, {9, 3, 1}, {10, 4, 1}, {13, 4, 4}, {99, 4, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Place place = source_place(source, cases[i].offset);
        assert_int_equal(place.line, cases[i].line);
        assert_int_equal(place.column, cases[i].column);
    }
    assert_int_equal(source->line_count, 4);
    uint32_t length;
    assert_memory_equal(source_line(source, 2, &length), "ü x", 4);
    assert_int_equal(length, 4);
    source_line(source, 3, &length);
    assert_int_equal(length, 0);
    assert_memory_equal(source_line(source, 4, &length), "end", 3);
    source_line(source, 5, &length);
    assert_int_equal(length, 0);
    assert_string_equal(source->name, "In[1]");
    arena_free(&arena);
}

static void test_arena(void **state) {
    (void)state;
    Arena arena;
    arena_init(&arena);
    int *items = NULL, count = 0, capacity = 0;
    for (int i = 0; i < 100000; i++) {
        ARENA_PUSH(&arena, items, count, capacity, i);
        if (i % 1000 == 0) {
            char *other = arena_alloc(&arena, 100); /* makes the array move when it grows next */
            assert_int_equal((uintptr_t)other % 8, 0);
            for (int j = 0; j < 100; j++) {
                assert_int_equal(other[j], 0);
                other[j] = 'x';
            }
        }
    }
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(items[i], i);
    }
    assert_string_equal(arena_strndup(&arena, "hello", 4), "hell");
    memset(arena_alloc(&arena, 5000000), 1, 5000000);
    arena_free(&arena);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),     cmocka_unit_test(test_punctuation), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),   cmocka_unit_test(test_blanks),      cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_utf8),      cmocka_unit_test(test_places),      cmocka_unit_test(test_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
