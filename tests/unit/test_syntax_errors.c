/*
 * test_syntax_errors.c -- what the parser says about mistakes: where, in which words, and that one mistake is one
 * error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/ast_dump.h"
#include "syntax/parser.h"

typedef struct {
    const char *code;
    const char *expected; /* "line:column-length message" of each problem, one a line */
} Case;

static char *problems_of(const char *code, size_t length) {
    Arena arena;
    arena_init(&arena);
    Source *source = source_new(&arena, "test", code, length);
    Diagnostics diagnostics = {.arena = &arena};
    parser_parse(&arena, source, &diagnostics);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (int i = 0; i < diagnostics.count; i++) {
        const Diagnostic *problem = &diagnostics.items[i];
        Place place = source_place(source, problem->span.start);
        fprintf(out, "%s%u:%u-%u %s", i > 0 ? "\n" : "", place.line, place.column,
                problem->span.end - problem->span.start, problem->message);
    }
    fclose(out);
    arena_free(&arena);
    return text;
}

static void check(const Case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *text = problems_of(cases[i].code, strlen(cases[i].code));
        if (strcmp(text, cases[i].expected) != 0) {
            print_error("%s\n", cases[i].code);
        }
        assert_string_equal(text, cases[i].expected);
        free(text);
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases))

static void test_single(void **state) {
    (void)state;
    static const Case cases[] = {
        {"print(\"a\"", "1:7-3 expected `)` to close the call"},
        {"print(1 2)", "1:9-1 expected `)` to close the call, found `2`"},
        {"f(1,\n  2", "2:3-1 expected `)` to close the call opened at 1:2"},
        {"func f() {\n  if a {\n    1\n", "3:5-1 expected `}` to close the block opened at 2:8"},
        {"if (x = 5) { 1 }", "1:7-1 a condition cannot be an assignment"},
        {"while x = 5 { 1 }", "1:9-1 a condition cannot be an assignment"},
        {"let match = 1", "1:5-5 `match` is a keyword and cannot be a variable"},
        {"func if() {}", "1:6-2 `if` is a keyword and cannot be a function"},
        {"func f(in) {}", "1:8-2 `in` is a keyword and cannot be a parameter"},
        {"func f(a = 1, b) {}", "1:15-1 a parameter without default cannot follow one with default"},
        {"let x", "1:5-1 a variable needs a type or a value"},
        {"const x: int", "1:7-1 a constant needs a value"},
        {"let a, b = f()", "1:6-1 expected `=` and a value, found `,`"},
        {"a, b = f()", "1:2-1 expected the end of the statement, found `,`"},
        {"x := 5", "1:3-1 expected the end of the statement, found `:`"},
        {"let x := 5", "1:8-1 expected a type, found `=`"},
        {"print \"a\"", "1:7-3 expected the end of the statement, found a string"},
        {"a b", "1:3-1 expected the end of the statement, found `b`"},
        {"let x = 5 6", "1:11-1 expected the end of the statement, found `6`"},
        {"let x = a ? 1 : 2", "1:11-1 expected the end of the statement, found `?`"},
        {"f() = 5", "1:1-3 this cannot be assigned to"},
        {"a + b = 5", "1:1-5 this cannot be assigned to"},
        {"a[1:2] = b", "1:1-6 this cannot be assigned to"},
        {"5++", "1:2-2 `++` needs a variable, an element or a field"},
        {"--f()", "1:1-2 `--` needs a variable, an element or a field"},
        {"let s = \"abc\nf()", "1:9-4 this string is never closed"},
        {"f() /* abc", "1:5-2 this comment is never closed"},
        {"let x = 1abc", "1:9-4 `1abc` is not a number"},
        {"9223372036854775808", "1:1-19 this number is too large for an integer"},
        {"-9223372036854775808 ** 2", "1:2-19 this number is too large for an integer"},
        {"1 - 9223372036854775808", "1:5-19 this number is too large for an integer"},
        {"let \u201Cx\u201D = 1", "1:5-3 unexpected character `\u201C`"},
        {"x = 5 $ 3", "1:7-1 unexpected character `$`"},
        {"else { 1 }", "1:1-4 `else` without an `if` before it"},
        {"case 5 { 1 }", "1:1-4 `case` stands only in `switch` and `select`"},
        {"}", "1:1-1 this `}` closes nothing"},
        {"f()) + 1", "1:4-1 this `)` closes nothing"},
        {"switch x { case 1: 2 }", "1:18-1 expected `{` to open the case, found `:`"},
        {"switch x { default { } default { } }", "1:24-7 a `switch` can have only one `default`"},
        {"switch x { foo }", "1:12-3 expected `case`, `default` or `}`, found `foo`"},
        {"select { case f(x) { } }", "1:15-4 a case of `select` receives, sends or waits"},
        {"select { case v = send(c, 1) { } }", "1:15-1 only `receive` gives a value to a variable"},
        {"try { 1 }\nf()", "1:9-1 expected `catch` or `finally` after the `try` block"},
        {"match x { 1 | 2 => 3 }", "1:13-1 patterns cannot be joined with `|`"},
        {"match x { [...t, a] => 3 }", "1:18-1 expected `]` after the rest of the array, found `a`"},
        {"let d = {a: 1 b: 2}", "1:15-1 expected `,` or a new line between the entries of a dict, found `b`"},
        {"let d = {default: 1}", "1:10-7 `default` is a keyword"},
        {"let x = {a}", "1:11-1 expected `:` between the key and its value, found `}`"},
        {"struct P { let x: int }", "1:12-3 a field is declared without `let`"},
        {"struct P { 5 }", "1:12-1 expected a field or a method, found `5`"},
        {"struct P { func() { 1 } }", "1:12-4 a method needs a name"},
        {"enum E { 1 }", "1:10-1 expected a member's name, found `1`"},
        {"for i = 1..3 { }", "1:14-1 expected `;` in the loop's header, found `{`"},
        {"for i of xs { }", "1:7-2 expected `;` in the loop's header, found `of`"},
        {"defer 5", "1:7-1 `defer` needs a call"},
        {"x.5", "1:3-1 expected a member's name after `.`, found `5`"},
        {"x.\"a\"", "1:3-3 expected a member's name after `.`, found a string"},
        {"::5", "1:3-1 expected the name of a builtin after `::`, found `5`"},
        {"a[]", "1:3-1 expected an expression, found `]`"},
        {"let x: = 5", "1:8-1 expected a type, found `=`"},
        {"let x: [int] = 5", "1:9-3 expected `]` in an array type, `[]T` or `[n]T`, found `int`"},
        {"func f() -> int { 1 }", "1:10-1 expected `{` to open the function, found `-`"},
        {"1 +", "1:3-1 expected an expression"},
        {"import", "1:1-6 expected a name for a module"},
        {"include x", "1:9-1 expected the path of a file, as a string, found `x`"},
        {"x = = 5", "1:5-1 expected an expression, found `=`"},
        {"module m { }", "1:8-1 expected the end of the statement, found `m`"},
        {"\"a\xFF\"", "1:3-1 this string holds a byte that is not valid UTF-8"},
        {"let = 5", "1:5-1 expected a name for a variable, found `=`"},
        {"let\nx = 5 +", "2:7-1 expected an expression"},
    };
    CHECK(cases);
    char *text = problems_of("a = 1\0b", 7);
    assert_string_equal(text, "1:6-1 unexpected control character U+0000");
    free(text);
}

/* Each mistake is reported once, and so are those after it. */
static void test_recovery(void **state) {
    (void)state;
    static const Case cases[] = {
        {"let = 1\nlet y = 2\nlet = 3", "1:5-1 expected a name for a variable, found `=`\n"
                                       "3:5-1 expected a name for a variable, found `=`"},
        {"a b; c d; e", "1:3-1 expected the end of the statement, found `b`\n"
                        "1:8-1 expected the end of the statement, found `d`"},
        /* inside blocks, and after them */
        {"func f() {\n  a b\n  let match = 1\n}\nc d", "2:5-1 expected the end of the statement, found `b`\n"
                                                        "3:7-5 `match` is a keyword and cannot be a variable\n"
                                                        "5:3-1 expected the end of the statement, found `d`"},
        {"if a {\n  x y\n} else {\n  z w\n}\nok", "2:5-1 expected the end of the statement, found `y`\n"
                                                  "4:5-1 expected the end of the statement, found `w`"},
        /* in brackets that are closed later */
        {"f(1 2,\n  3, 4)\na b", "1:5-1 expected `)` to close the call, found `2`\n"
                                 "3:3-1 expected the end of the statement, found `b`"},
        {"f(1 2, func() {\n  let x = 1\n})\na b", "1:5-1 expected `)` to close the call, found `2`\n"
                                                  "4:3-1 expected the end of the statement, found `b`"},
        {"let d = {a: 1, b c: 2\n  e: 3}\na b", "1:18-1 expected `:` between the key and its value, found `c`\n"
                                                "3:3-1 expected the end of the statement, found `b`"},
        {"struct P {\n  x int\n  func f() { 1 }\n}\na b",
         "2:5-3 expected `,` or a new line between the members of a struct, found `int`\n"
         "5:3-1 expected the end of the statement, found `b`"},
        {"struct P {\n  let x: int\n}\na b", "2:3-3 a field is declared without `let`\n"
                                             "4:3-1 expected the end of the statement, found `b`"},
        /* in brackets that are never closed */
        {"let x = f(1\nlet y = 2\na b", "1:11-1 expected `)` to close the call\n"
                                        "3:3-1 expected the end of the statement, found `b`"},
        {"func f() {\n  g([1, 2\n  return 3\n}\na b", "2:9-1 expected `]` to close the array\n"
                                                      "5:3-1 expected the end of the statement, found `b`"},
        {"let d = {a: 1,\nlet y = 2\na b", "1:14-1 expected an expression\n"
                                           "3:3-1 expected the end of the statement, found `b`"},
        /* what one error left open is closed without another */
        {"match x { 1 = 2 }\na b", "1:13-1 expected `=>` after the pattern, found `=`\n"
                                   "2:3-1 expected the end of the statement, found `b`"},
        /* the end of the text is one error, however much is open */
        {"if a { if b { f([1,", "1:19-1 expected an expression"},
        {"a b\nif a {", "1:3-1 expected the end of the statement, found `b`\n"
                        "2:6-1 expected `}` to close the block"},
    };
    CHECK(cases);
}

/* [count] times [text], in one string. */
static char *repeat(const char *before, const char *text, int count, const char *after) {
    char *result;
    size_t size;
    FILE *out = open_memstream(&result, &size);
    fputs(before, out);
    for (int i = 0; i < count; i++) {
        fputs(text, out);
    }
    fputs(after, out);
    fclose(out);
    return result;
}

static void test_depth(void **state) {
    (void)state;
    static const struct {
        const char *before, *text, *after;
    } deep[] = {
        {"", "(", ""},           {"", "[", ""},              {"", "{ ", ""},            {"x = ", "{a: ", ""},
        {"", "f(", ""},          {"", "- ", ""},             {"", "!", ""},             {"", "a = ", ""},
        {"", "2 ** ", "2"},      {"", "a[", ""},             {"", "& ", ""},            {"", "await ", "f"},
        {"", "go ", "f()"},      {"", "throw ", "f"},        {"", "++", "x"},           {"", "**", "p"},
        {"", "if a { ", ""},     {"", "func() { ", ""},      {"let x: ", "[]", ""},     {"let x: ", "*", ""},
        {"let x: ", "(", ""},    {"let x: ", "func(", ""},   {"match x { ", "[", ""},   {"match x { ", "{a: ", ""},
        {"", "P{a: ", ""},       {"", "let x = if a { ", ""}, {"", "try { ", ""},       {"", "match x { _ => ", ""},
        {"", "while ", "a"},     {"struct S { a: ", "*", "T }"},
    }, wide[] = {
        {"x", " + 1", ""}, {"x", ".a", ""}, {"x", "()", ""}, {"x", "[0]", ""}, {"x", " as int", ""},
        {"if a { }", " else if b { }", ""}, {"x = f(", "x + ", "x)"},
    };
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        char *code = repeat(deep[i].before, deep[i].text, 100000, deep[i].after);
        char *text = problems_of(code, strlen(code));
        if (!strstr(text, "nested too deeply")) {
            print_error("%s: %s\n", deep[i].text, text);
        }
        assert_non_null(strstr(text, "nested too deeply"));
        free(text);
        free(code);
    }
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        char *code = repeat(wide[i].before, wide[i].text, 100000, wide[i].after);
        char *text = problems_of(code, strlen(code));
        assert_non_null(strstr(text, "too long"));
        free(text);
        free(code);
    }
}

/* What is still allowed, and that its tree can be walked. */
static void test_almost_too_deep(void **state) {
    (void)state;
    static const struct {
        const char *before, *text, *after;
        int count;
    } cases[] = {
        {"x", " + 1", "", 1900},
        {"if a { }", " else if b { }", "", 1900},
        {"", "x = x + 1\n", "", 20000},
        {"f(", "x + 1, ", ")", 20000},
        {"", "- ", "x", 490},
        {"let x: ", "[]", "int", 490},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *code = repeat(cases[i].before, cases[i].text, cases[i].count, cases[i].after);
        char *text = problems_of(code, strlen(code));
        assert_string_equal(text, "");
        free(text);
        free(code);
    }
}

static void check_rendering(const char *code, bool color, const char *expected) {
    Arena arena;
    arena_init(&arena);
    Source *source = source_new(&arena, "In[3]", code, strlen(code));
    Diagnostics diagnostics = {.arena = &arena};
    parser_parse(&arena, source, &diagnostics);
    assert_true(diagnostics.count > 0);
    assert_string_equal(diagnostic_render(&arena, source, diagnostics.items, color), expected);
    arena_free(&arena);
}

static void test_rendering(void **state) {
    (void)state;
    check_rendering("let x = 1\nprint(\"a\"\n", false,
                    "In[3]:2:7: SyntaxError: expected `)` to close the call\n"
                    " 2 | print(\"a\"\n"
                    "   |       ^~~");
    check_rendering("\n\n\n\n\n\n\n\n\n\tif (x = 5) { }", false,
                    "In[3]:10:8: SyntaxError: a condition cannot be an assignment\n"
                    " 10 | \tif (x = 5) { }\n"
                    "    | \t      ^\n"
                    "    = hint: did you mean `==`?");
    check_rendering("'ü' über", false,
                    "In[3]:1:5: SyntaxError: expected the end of the statement, found `über`\n"
                    " 1 | 'ü' über\n"
                    "   |     ^~~~");
    check_rendering("a 5", true,
                    "In[3]:1:3: \x1b[1;31mSyntaxError\x1b[0m: expected the end of the statement, found `5`\n"
                    "\x1b[2m 1 | \x1b[0ma 5\n"
                    "\x1b[2m   | \x1b[0m  \x1b[1;31m^\x1b[0m\n"
                    "   = hint: a call needs parentheses: `a(…)`");
    check_rendering("a \"\x1b[31m\xFF\"", false, /* nothing of the source reaches the terminal as a command */
                    "In[3]:1:9: SyntaxError: this string holds a byte that is not valid UTF-8\n"
                    " 1 | a \" [31m\uFFFD\"\n"
                    "   |         ^\n"
                    "   = hint: write other bytes as `\\xHH`");
}

/* A line of a megabyte is shown around the error. */
static void test_long_line(void **state) {
    (void)state;
    char *code = repeat("f(", "1, ", 300000, "2 3)");
    Arena arena;
    arena_init(&arena);
    Source *source = source_new(&arena, "test", code, strlen(code));
    Diagnostics diagnostics = {.arena = &arena};
    parser_parse(&arena, source, &diagnostics);
    const char *excerpt = diagnostic_excerpt(&arena, source, diagnostics.items[0].span, false);
    assert_true(strlen(excerpt) < 400);
    assert_non_null(strstr(excerpt, "2 3)\n"));
    assert_null(diagnostic_excerpt(&arena, source, (Span){source->length + 10, source->length + 20}, false) == NULL
                    ? "" : NULL);
    free(code);
    arena_free(&arena);
}

static void test_at_most_twenty(void **state) {
    (void)state;
    char *code = repeat("", "a b\n", 100, "");
    char *text = problems_of(code, strlen(code));
    int lines = 1;
    for (const char *p = text; *p; p++) {
        lines += *p == '\n';
    }
    assert_int_equal(lines, 20);
    free(text);
    free(code);
}

/* What is limited is the length of one chain, not of all those that stand one after the other. */
static void test_many_chains(void **state) {
    (void)state;
    char *code = repeat("", "if (a) { b } else if (c + d) { e } else { f }\n", 3000, "");
    char *text = problems_of(code, strlen(code));
    assert_string_equal(text, "");
    free(text);
    free(code);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),          cmocka_unit_test(test_recovery),  cmocka_unit_test(test_depth),
        cmocka_unit_test(test_almost_too_deep), cmocka_unit_test(test_rendering), cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_at_most_twenty),  cmocka_unit_test(test_many_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
