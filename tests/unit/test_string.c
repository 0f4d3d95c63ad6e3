/* Strings: UTF-8, joining in place, cutting, interning. */
#include "bare_vm.h"

static void assert_text(const String *s, const char *expected) {
    assert_int_equal(s->length, strlen(expected));
    assert_memory_equal(s->bytes, expected, s->length);
}

static void decoding_rejects_what_is_invalid(void **state) {
    (void)state;
    static const struct { const char *bytes; uint32_t point; int size; } cases[] = {
        {"a", 'a', 1},
        {"\xC3\xA4", 0xE4, 2},
        {"\xE2\x82\xAC", 0x20AC, 3},
        {"\xF0\x9F\x98\x80", 0x1F600, 4},
        {"\x80", 0xFFFD, 1},             /* continuation alone */
        {"\xC3", 0xFFFD, 1},             /* cut off */
        {"\xC0\x80", 0xFFFD, 1},         /* overlong */
        {"\xE0\x80\x80", 0xFFFD, 1},
        {"\xF0\x80\x80\x80", 0xFFFD, 1},
        {"\xED\xA0\x80", 0xFFFD, 1},     /* surrogate */
        {"\xF4\x90\x80\x80", 0xFFFD, 1}, /* beyond U+10FFFF */
        {"\xFF", 0xFFFD, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int size;
        assert_int_equal(utf8_decode(cases[i].bytes, strlen(cases[i].bytes), &size), cases[i].point);
        assert_int_equal(size, cases[i].size);
    }
}

static void encoding_is_the_inverse(void **state) {
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point += 37) {
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        char bytes[4];
        int size, length = utf8_encode(point, bytes);
        assert_int_equal(utf8_decode(bytes, (size_t)length, &size), point);
        assert_int_equal(size, length);
    }
}

static void code_points_are_counted(void **state) {
    Vm *vm = *state;
    assert_int_equal(string_from(vm, "")->points, 0);
    assert_int_equal(string_from(vm, "plain text of some length")->points, 25);
    assert_int_equal(string_from(vm, "gr\xC3\xBC\xC3\x9F" "e")->points, 5);
    assert_int_equal(string_from(vm, "\xF0\x9F\x98\x80\x80")->points, 2);
}

static void appending_keeps_older_views(void **state) {
    Vm *vm = *state;
    String *s = string_from(vm, ""), *x = string_from(vm, "x"), *y = string_from(vm, "y"), *old = NULL;
    for (int i = 0; i < 1000; i++) {
        if (i == 500) old = s;
        s = string_concat(vm, s, x);
    }
    assert_int_equal(s->length, 1000);
    assert_int_equal(s->points, 1000);
    assert_int_equal(old->length, 500);
    String *other = string_concat(vm, old, y); /* its end is taken: must not touch s */
    assert_int_equal(other->bytes[500], 'y');
    assert_int_equal(s->bytes[500], 'x');
}

static void appending_shares_the_buffer(void **state) {
    Vm *vm = *state;
    String *s = string_from(vm, ""), *x = string_from(vm, "x");
    while (s->length < 5000) s = string_concat(vm, s, x);
    size_t before = vm->heap.bytes;
    for (int i = 0; i < 100; i++) s = string_concat(vm, s, x);
    assert_true(vm->heap.bytes - before <= 100 * 32);
}

static void joining_halves_of_a_sequence(void **state) {
    Vm *vm = *state;
    static const char *const wholes[] = {"\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                         "a\xE2\x82\xAC\x80\x80", "\xE2\x82z", "\xC3\xA4\xC3\xA4", "\xF0\x9F\x98\x80\x80\x80"};
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++) {
        const char *whole = wholes[i];
        size_t length = strlen(whole);
        for (size_t cut = 0; cut <= length; cut++) {
            String *joined = string_concat(vm, string_new(vm, whole, cut), string_new(vm, whole + cut, length - cut));
            assert_int_equal(joined->points, utf8_count(whole, length));
        }
    }
}

static void slices_go_by_code_points(void **state) {
    Vm *vm = *state;
    String *s = string_from(vm, "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z");
    assert_int_equal(s->points, 5);
    assert_text(string_slice(vm, s, 1, 3), "\xC3\xA4\xE2\x82\xAC");
    assert_text(string_slice(vm, s, 4, 5), "z");
    assert_text(string_slice(vm, s, 2, 2), "");
    assert_ptr_equal(string_slice(vm, s, 0, 5), s);
    assert_int_equal(string_offset(s, 3), 6);
    assert_int_equal(string_offset(s, 5), s->length);
}

static void long_slices_are_views(void **state) {
    Vm *vm = *state;
    char *bytes;
    String *s = string_reserve(vm, 10000, &bytes);
    for (int i = 0; i < 10000; i++) bytes[i] = (char)('a' + i % 26);
    string_seal(s);
    String *view = string_slice(vm, s, 26, 9000), *copy = string_slice(vm, s, 26, 100);
    assert_ptr_equal(view->bytes, s->bytes + 26);
    assert_ptr_not_equal(copy->bytes, s->bytes + 26);
    assert_memory_equal(copy->bytes, s->bytes, 74);
    /* A view that does not end where its buffer does must not be extended in place. */
    String *longer = string_concat(vm, view, string_from(vm, "!"));
    assert_int_equal(longer->bytes[longer->length - 1], '!');
    assert_int_equal(s->bytes[9000], 'a' + 9000 % 26);
}

static void hashes_and_equality(void **state) {
    Vm *vm = *state;
    char text[65] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    for (size_t length = 0; length < 64; length++) {
        String *a = string_new(vm, text, length), *b = string_new(vm, text, length);
        assert_true(string_hash(a) == string_hash(b) && string_hash(a) != 0);
        assert_true(string_equal(a, b));
        String *c = string_new(vm, text, length + 1);
        assert_false(string_equal(a, c));
        assert_true(string_hash(a) != string_hash(c));
        assert_int_equal(string_compare(a, c), -1);
        assert_int_equal(string_compare(c, a), 1);
        assert_int_equal(string_compare(a, b), 0);
    }
}

static void interning(void **state) {
    Vm *vm = *state;
    String *names[2000];
    for (int i = 0; i < 2000; i++) {
        char name[16];
        int length = snprintf(name, sizeof name, "name%d", i);
        names[i] = string_intern(vm, name, (size_t)length);
        assert_int_equal(names[i]->bytes[length], '\0');
    }
    for (int i = 0; i < 2000; i += 3) string_unintern(vm, names[i]);
    assert_int_equal(vm->interned_count, 2000 - 667);
    for (int i = 0; i < 2000; i++) {
        String *again = string_intern(vm, names[i]->bytes, names[i]->length);
        if (i % 3 == 0)
            names[i]->obj.flags = 0; /* as if it were gone */
        else
            assert_ptr_equal(again, names[i]);
    }
    assert_int_equal(vm->interned_count, 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_rejects_what_is_invalid),
        cmocka_unit_test(encoding_is_the_inverse),
        BARE_VM_TEST(code_points_are_counted),
        BARE_VM_TEST(appending_keeps_older_views),
        BARE_VM_TEST(appending_shares_the_buffer),
        BARE_VM_TEST(joining_halves_of_a_sequence),
        BARE_VM_TEST(slices_go_by_code_points),
        BARE_VM_TEST(long_slices_are_views),
        BARE_VM_TEST(hashes_and_equality),
        BARE_VM_TEST(interning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
