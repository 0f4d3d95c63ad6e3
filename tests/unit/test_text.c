/* Text: numbers and the print forms of values. */
#include "bare_vm.h"

#include <math.h>

static void assert_bytes(Text *text, const char *expected) {
    assert_string_equal(text_cstring(text), expected);
    text_free(text);
}

static void integers(void **state) {
    (void)state;
    static const int64_t cases[] = {0, 7, 10, 99, 100, 12345, -1, -100, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "%lld", (long long)cases[i]);
        Text text = {0};
        text_int(&text, cases[i]);
        assert_bytes(&text, expected);
    }
}

static void floats(void **state) {
    (void)state;
    static const struct { double f; const char *expected; } cases[] = {
        {2.0, "2"}, {0.0, "0"}, {-0.0, "-0"}, {0.1, "0.1"}, {0.1 + 0.2, "0.30000000000000004"}, {1.5, "1.5"},
        {-2.25, "-2.25"}, {100.0, "100"}, {1e20, "100000000000000000000"}, {0x1p62, "4611686018427388000"},
        {1e21, "1e+21"}, {1.5e300, "1.5e+300"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {1.25e-10, "1.25e-10"},
        {0.00001234, "0.00001234"}, {1.0 / 3, "0.3333333333333333"}, {2.0 / 3, "0.6666666666666666"},
        {5e-324, "5e-324"}, {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"}, {9007199254740993.0, "9007199254740992"},
        {123456789.123, "123456789.123"}, {3.14159265358979, "3.14159265358979"}, {4.35, "4.35"},
        {999999999999999.0, "999999999999999"}, {NAN, "NaN"}, {INFINITY, "+Inf"}, {-INFINITY, "-Inf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Text text = {0};
        text_float(&text, cases[i].f);
        assert_bytes(&text, cases[i].expected);
    }
}

static void floats_read_back(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double f;
        memcpy(&f, &seed, sizeof f);
        if (i % 2) f = (double)(int64_t)(seed >> 40) / 1000;
        if (isnan(f) || isinf(f)) continue;
        Text text = {0};
        text_float(&text, f);
        assert_true(strtod(text_cstring(&text), NULL) == f);
        text_free(&text);
    }
}

static void strings_in_containers(void **state) {
    Vm *vm = *state;
    Text text = {0};
    text_value(vm, &text, str(vm, "raw \"text\""));
    assert_bytes(&text, "raw \"text\"");
    text_repr(vm, &text, str(vm, "a\n\t\r\\\"\x1b\x7f\xC3\xA4\xFF'"));
    assert_bytes(&text, "\"a\\n\\t\\r\\\\\\\"\\x1b\\x7f\xC3\xA4\\xff'\"");
    text_repr(vm, &text, value_obj(string_new(vm, "\0", 1)));
    assert_bytes(&text, "\"\\0\"");
    text_value(vm, &text, value_obj(array_from(vm, (Value[]){str(vm, "a"), value_int(1), str(vm, "")}, 3)));
    assert_bytes(&text, "[\"a\", 1, \"\"]");
}

static void containers(void **state) {
    Vm *vm = *state;
    Text text = {0};
    Dict *dict = dict_new(vm, 0);
    text_value(vm, &text, value_obj(dict));
    assert_bytes(&text, "{}");
    dict_set(vm, dict, str(vm, "k"), value_obj(array_new(vm, 0)));
    dict_set(vm, dict, value_int(2), value_bool(true));
    dict_set(vm, dict, value_bool(false), NULL_VALUE);
    text_value(vm, &text, value_obj(dict));
    assert_bytes(&text, "{\"k\": [], 2: true, false: null}");
}

static void cycles_and_depth(void **state) {
    Vm *vm = *state;
    Text text = {0};
    Array *array = array_from(vm, (Value[]){value_int(1), NULL_VALUE, NULL_VALUE}, 3);
    Dict *dict = dict_new(vm, 0);
    dict_set(vm, dict, str(vm, "self"), value_obj(dict));
    array_set(vm, array, 1, value_obj(array));
    array_set(vm, array, 2, value_obj(dict));
    text_value(vm, &text, value_obj(array));
    assert_bytes(&text, "[1, [...], {\"self\": {...}}]");

    Value deep = NULL_VALUE;
    for (int i = 0; i < 100000; i++) deep = value_obj(array_from(vm, &deep, 1));
    text_value(vm, &text, deep);
    assert_int_equal(text.length, 200 + 3 + 200);
    text_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(floats),
        cmocka_unit_test(floats_read_back),
        BARE_VM_TEST(strings_in_containers),
        BARE_VM_TEST(containers),
        BARE_VM_TEST(cycles_and_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
