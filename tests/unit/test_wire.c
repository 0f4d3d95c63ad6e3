/* test_wire.c -- frames, signatures, the replay guard, and JSON printed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/wire.h"

#define TEXT(literal) {literal, sizeof(literal) - 1}
#define HEADER "{\"msg_id\": \"m1\", \"msg_type\": \"execute_request\", \"session\": \"s\", \"odd\":  [1], \"subshell_id\": \"five\"}"

static Signer *signer;
static Replay *replay;

static int setup(void **state) {
    (void)state;
    signer = signer_new("hmac-sha256", "secret");
    replay = replay_new();
    return signer ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    signer_free(signer);
    replay_free(replay);
    return 0;
}

/* Parses two identities, the delimiter and a right signature, and the four parts. */
static const char *parse(const Slice parts[WIRE_SIGNED], Request **request) {
    char signature[SIGNATURE_MAX + 1];
    size_t length = signer_sign(signer, parts, WIRE_SIGNED, signature);
    Slice frames[] = {TEXT("one"), {"t\0wo", 4}, TEXT(WIRE_DELIMITER), {signature, length},
                      parts[0], parts[1], parts[2], parts[3], TEXT("a buffer")};
    return wire_parse(signer, replay, frames, 9, request);
}

static void parses_a_message(void **state) {
    (void)state;
    Slice parts[WIRE_SIGNED] = {TEXT(HEADER), TEXT("{}"), TEXT("{\"cellId\":\"c\"}"), TEXT("{\"code\":\"x\\u0000y\"}")};
    Request *request;
    assert_null(parse(parts, &request));
    assert_string_equal(request->id, "m1");
    assert_string_equal(request->type, "execute_request");
    assert_string_equal(request->reply, "execute_reply");
    assert_string_equal(request->subshell, "five");
    assert_int_equal(request->identity_count, 2);
    assert_int_equal(request->identities[1].length, 4);
    assert_memory_equal(request->identities[1].data, "t\0wo", 4);
    assert_int_equal(request->header.length, sizeof HEADER - 1);
    assert_memory_equal(request->header.data, HEADER, sizeof HEADER - 1);
    assert_int_equal(json_string_length(json_object_get(request->content, "code")), 3);
    assert_string_equal(json_string_value(json_object_get(request->metadata, "cellId")), "c");
    assert_int_equal(request->buffer_count, 1);
    assert_int_equal(request->buffers[0].length, sizeof "a buffer" - 1);
    assert_string_equal(request->buffers[0].data, "a buffer");
    request_release(request_keep(request));
    request_release(request);
}

static void refuses_a_copy(void **state) {
    (void)state;
    Slice parts[WIRE_SIGNED] = {TEXT(HEADER), TEXT("{}"), TEXT("{}"), TEXT("{\"n\":1}")};
    Request *request;
    assert_null(parse(parts, &request));
    request_release(request);
    assert_string_equal(parse(parts, &request), "message was sent before");
    assert_null(request);
}

static void refuses_a_wrong_signature(void **state) {
    (void)state;
    char wrong[65];
    memset(wrong, '0', 64);
    Slice frames[] = {TEXT(WIRE_DELIMITER), {wrong, 64}, TEXT(HEADER), TEXT("{}"), TEXT("{}"), TEXT("{}")};
    Request *request;
    assert_string_equal(wire_parse(signer, replay, frames, 6, &request), "wrong signature");
    frames[1].length = 63;
    assert_string_equal(wire_parse(signer, replay, frames, 6, &request), "wrong signature");
    frames[1].length = 0;
    assert_string_equal(wire_parse(signer, replay, frames, 6, &request), "wrong signature");
    assert_string_equal(wire_parse(signer, replay, frames, 5, &request), "too few frames");
    assert_string_equal(wire_parse(signer, replay, frames + 1, 5, &request), "no delimiter");
    assert_string_equal(wire_parse(signer, replay, frames, 0, &request), "no delimiter");
    Signer *none = signer_new("hmac-sha256", "");
    assert_null(wire_parse(none, replay, frames, 6, &request));
    request_release(request);
    signer_free(none);
}

static void refuses_what_is_no_message(void **state) {
    (void)state;
    static char deep[100000];
    memset(deep, '[', sizeof deep);
    Slice bad_headers[] = {
        TEXT(""), TEXT("{"), TEXT("null"), TEXT("[]"), TEXT("{}"), TEXT("{\"msg_id\":\"a\",\"msg_type\":\"b\"}"),
        TEXT("{\"msg_id\":1,\"msg_type\":\"b\",\"session\":\"s\"}"), TEXT("{\"msg_id\":\"\xFF\"}"), {deep, sizeof deep},
        TEXT(HEADER "x"),
    };
    Request *request;
    for (size_t i = 0; i < sizeof bad_headers / sizeof *bad_headers; i++) {
        Slice parts[WIRE_SIGNED] = {bad_headers[i], TEXT("{}"), TEXT("{}"), TEXT("{}")};
        assert_non_null(parse(parts, &request));
        assert_null(request);
    }
    for (int i = WIRE_PARENT; i <= WIRE_CONTENT; i++) {
        Slice parts[WIRE_SIGNED] = {TEXT(HEADER), TEXT("{}"), TEXT("{}"), TEXT("{}")};
        parts[i] = (Slice)TEXT("[1]");
        assert_non_null(parse(parts, &request));
        parts[i] = (Slice)TEXT("{\"a\": NaN}");
        assert_non_null(parse(parts, &request));
    }
}

static void remembers_the_last_signatures(void **state) {
    (void)state;
    for (uint64_t i = 0; i < REPLAY_MEMORY; i++) assert_true(replay_note(replay, i * 7919 * REPLAY_MEMORY));
    for (uint64_t i = 0; i < REPLAY_MEMORY; i += 4096) assert_false(replay_note(replay, i * 7919 * REPLAY_MEMORY));
    assert_true(replay_note(replay, 1)); /* takes the place of the oldest */
    assert_true(replay_note(replay, 0));
    assert_false(replay_note(replay, 7919ull * 2 * REPLAY_MEMORY));
}

static void assert_json(const char *text, size_t length, const char *expected) {
    Buffer out = {0};
    buffer_json(&out, text, length);
    buffer_add(&out, "", 1);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
}

static void prints_json_strings(void **state) {
    (void)state;
    assert_json("", 0, "\"\"");
    assert_json("a\"\\\n\t\x01\x7F", 7, "\"a\\\"\\\\\\n\\t\\u0001\x7F\"");
    assert_json("a\0b", 3, "\"a\xEF\xBF\xBD" "b\"");
    assert_json("\xC3\xA4\xF0\x9F\x98\x80", 6, "\"\xC3\xA4\xF0\x9F\x98\x80\"");
    assert_json("\xC3", 1, "\"\xEF\xBF\xBD\"");
    assert_json("\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    assert_json("\xC0\x80", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void finds_sequences_that_are_cut_off(void **state) {
    (void)state;
    const char *smile = "ab\xF0\x9F\x98\x80";
    assert_int_equal(utf8_unfinished(smile, 2), 0);
    assert_int_equal(utf8_unfinished(smile, 3), 1);
    assert_int_equal(utf8_unfinished(smile, 5), 3);
    assert_int_equal(utf8_unfinished(smile, 6), 0);
    assert_int_equal(utf8_unfinished("\x80\x80\x80\x80", 4), 0);
    assert_int_equal(utf8_unfinished("\xFF", 1), 0);
    assert_int_equal(utf8_unfinished("", 0), 0);
}

static void counts_code_points(void **state) {
    (void)state;
    const char *text = "a\xC3\xA4\xF0\x9F\x98\x80z";
    assert_int_equal(utf8_count(text, 8), 4);
    assert_int_equal(utf8_offset(text, 8, 0), 0);
    assert_int_equal(utf8_offset(text, 8, 2), 3);
    assert_int_equal(utf8_offset(text, 8, 4), 8);
    assert_int_equal(utf8_offset(text, 8, 99), 8);
}

static void makes_headers(void **state) {
    (void)state;
    Buffer out = {0};
    wire_header(&out, "ses", 7, "status");
    json_t *header = json_loadb(out.data, out.length, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(header, "msg_id")), "ses_7");
    assert_string_equal(json_string_value(json_object_get(header, "version")), WIRE_PROTOCOL);
    assert_int_equal(json_string_length(json_object_get(header, "date")), 27);
    json_decref(header);
    buffer_free(&out);
}

static void prints_numbers(void **state) {
    (void)state;
    Buffer out = {0};
    buffer_number(&out, 0);
    buffer_number(&out, UINT64_MAX);
    buffer_format(&out, "%200d", 7);
    buffer_add(&out, "", 1);
    assert_int_equal(out.length, 1 + 20 + 200 + 1);
    assert_memory_equal(out.data, "018446744073709551615  ", 23);
    assert_string_equal(out.data + out.length - 3, " 7");
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parses_a_message, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_wrong_signature, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_message, setup, teardown),
        cmocka_unit_test_setup_teardown(remembers_the_last_signatures, setup, teardown),
        cmocka_unit_test(prints_json_strings),
        cmocka_unit_test(finds_sequences_that_are_cut_off),
        cmocka_unit_test(counts_code_points),
        cmocka_unit_test(makes_headers),
        cmocka_unit_test(prints_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
