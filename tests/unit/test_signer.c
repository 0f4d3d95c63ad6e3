/*
 * test_signer.c -- signatures: the test cases 2 and 6 of RFC 4231 and RFC 2202 (there, MD5's key is shorter; this one is
 * Python's answer), and what is no scheme.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/signer.h"

static const char short_key[] = "Jefe", short_text[] = "what do ya want for nothing?";
static const char long_text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
static char long_key[132];

static const struct {
    const char *scheme, *key, *text, *signature;
} cases[] = {
    {"hmac-md5", short_key, short_text,
     "750c783e6ab0b503eaa86e310a5db738"},
    {"hmac-md5", long_key, long_text,
     "bfecaf4efff90a3a668f3922fec3762d"},
    {"hmac-sha1", short_key, short_text,
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"hmac-sha1", long_key, long_text,
     "90d0dace1c1bdc957339307803160335bde6df2b"},
    {"hmac-sha224", short_key, short_text,
     "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
    {"hmac-sha224", long_key, long_text,
     "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e"},
    {"hmac-sha256", short_key, short_text,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"hmac-sha256", long_key, long_text,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"hmac-sha384", short_key, short_text,
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
    {"hmac-sha384", long_key, long_text,
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
    {"hmac-sha512", short_key, short_text,
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {"hmac-sha512", long_key, long_text,
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

static void signs_as_the_standard_says(void **state) {
    (void)state;
    memset(long_key, 0xaa, sizeof long_key - 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Signer *signer = signer_new(cases[i].scheme, cases[i].key);
        assert_non_null(signer);
        for (int round = 0; round < 2; round++) {
            size_t half = strlen(cases[i].text) / 2;
            const Slice parts[] = {{cases[i].text, half}, {"", 0}, {cases[i].text + half, strlen(cases[i].text + half)}};
            char hex[SIGNATURE_MAX + 1];
            assert_int_equal(signer_sign(signer, parts, 3, hex), strlen(cases[i].signature));
            assert_string_equal(hex, cases[i].signature);
        }
        signer_free(signer);
    }
}

static void an_empty_key_signs_nothing(void **state) {
    (void)state;
    char hex[SIGNATURE_MAX + 1];
    Signer *signer = signer_new("", "");
    assert_int_equal(signer_sign(signer, &(Slice){"text", 4}, 1, hex), 0);
    assert_string_equal(hex, "");
    signer_free(signer);
}

static void refuses_other_schemes(void **state) {
    (void)state;
    static const char *const schemes[] = {"", "hmac-", "hmac-rot13", "sha256", "hmac-sha25", "hmac-sha2566", "HMAC-sha256"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) assert_null(signer_new(schemes[i], "secret"));
}

static void compares_whole_signatures(void **state) {
    (void)state;
    assert_true(signer_same((Slice){"abcd", 4}, "abcd", 4));
    assert_false(signer_same((Slice){"abce", 4}, "abcd", 4));
    assert_false(signer_same((Slice){"abc", 3}, "abcd", 4));
    assert_false(signer_same((Slice){"abcde", 5}, "abcd", 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_the_standard_says),
        cmocka_unit_test(an_empty_key_signs_nothing),
        cmocka_unit_test(refuses_other_schemes),
        cmocka_unit_test(compares_whole_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
