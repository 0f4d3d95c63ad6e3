/* Dicts (and the arrays beside them): order, holes, growth, keys of all kinds; equality of containers. */
#include "bare_vm.h"

#include <math.h>

static void assert_entry(Dict *dict, Value key, int64_t expected) {
    Value value;
    assert_true(dict_get(dict, key, &value));
    assert_int_equal(value.tag, T_INT);
    assert_int_equal(value.i, expected);
}

static void keys_of_all_kinds(void **state) {
    Vm *vm = *state;
    Dict *dict = dict_new(vm, 0);
    Value value;
    assert_false(dict_get(dict, value_int(1), &value));
    dict_set(vm, dict, value_int(1), value_int(10));
    dict_set(vm, dict, str(vm, "1"), value_int(11));
    dict_set(vm, dict, value_bool(true), value_int(12));
    dict_set(vm, dict, value_float(1.5), value_int(13));
    dict_set(vm, dict, value_bool(false), value_int(14));
    dict_set(vm, dict, value_int(0), value_int(15));
    assert_int_equal(dict->count, 6);
    assert_entry(dict, value_float(1.0), 10);
    assert_entry(dict, str(vm, "1"), 11);
    assert_entry(dict, value_bool(true), 12);
    assert_entry(dict, value_float(1.5), 13);
    assert_entry(dict, value_bool(false), 14);
    assert_entry(dict, value_float(-0.0), 15);
    dict_set(vm, dict, value_float(1.0), value_int(20));
    assert_int_equal(dict->count, 6);
    assert_entry(dict, value_int(1), 20);
    dict_set(vm, dict, value_float(NAN), value_int(30));
    dict_set(vm, dict, value_float(1e300), value_int(31));
    assert_entry(dict, value_float(1e300), 31);
}

/* Against a plain array of what should be there. */
static void random_changes(void **state) {
    Vm *vm = *state;
    enum { KEYS = 700 };
    int64_t expected[KEYS];
    for (int i = 0; i < KEYS; i++) expected[i] = -1;
    Dict *dict = dict_new(vm, 0);
    uint32_t seed = 1, count = 0;
    for (int step = 0; step < 60000; step++) {
        seed = seed * 1664525 + 1013904223;
        int k = (int)(seed >> 8) % KEYS;
        Value key = k % 2 ? value_int(k) : value_obj(string_format(vm, "key %d", k));
        if (seed >> 30 == 0 || step > 55000) {
            assert_int_equal(dict_remove(vm, dict, key), expected[k] >= 0);
            count -= expected[k] >= 0;
            expected[k] = -1;
        } else {
            assert_true(dict_set(vm, dict, key, value_int(step)));
            count += expected[k] < 0;
            expected[k] = step;
        }
        assert_int_equal(dict->count, count);
        if (step % 1000) continue;
        for (int i = 0; i < KEYS; i++) {
            Value value;
            key = i % 2 ? value_int(i) : value_obj(string_format(vm, "key %d", i));
            assert_int_equal(dict_get(dict, key, &value), expected[i] >= 0);
            if (expected[i] >= 0) assert_int_equal(value.i, expected[i]);
        }
    }
}

static void order_survives_removal_and_growth(void **state) {
    Vm *vm = *state;
    Dict *dict = dict_new(vm, 0);
    for (int i = 0; i < 1000; i++) dict_set(vm, dict, value_int(i * 7919 % 1000), value_int(i));
    for (int i = 0; i < 1000; i += 2) dict_remove(vm, dict, value_int(i * 7919 % 1000));
    dict_set(vm, dict, value_int(0), value_int(1001)); /* was removed: goes to the end */
    Dict *copy = dict_copy(vm, dict);
    Dict *both[] = {dict, copy};
    for (int d = 0; d < 2; d++) {
        uint32_t cursor = 0;
        Value key, value;
        for (int i = 1; i < 1000; i += 2) {
            assert_true(dict_next(both[d], &cursor, &key, &value));
            assert_int_equal(key.i, i * 7919 % 1000);
            assert_int_equal(value.i, i);
        }
        assert_true(dict_next(both[d], &cursor, &key, &value));
        assert_int_equal(value.i, 1001);
        assert_false(dict_next(both[d], &cursor, &key, &value));
        assert_entry(both[d], value_int(7919 % 1000), 1);
    }
    dict_clear(vm, dict);
    assert_int_equal(dict->count, 0);
    assert_int_equal(copy->count, 501);
    dict_set(vm, dict, value_int(3), value_int(4));
    assert_entry(dict, value_int(3), 4);
}

static void queue_does_not_grow(void **state) {
    Vm *vm = *state;
    Dict *dict = dict_new(vm, 0);
    for (int i = 0; i < 100000; i++) {
        dict_set(vm, dict, value_int(i), NULL_VALUE);
        if (i >= 10) assert_true(dict_remove(vm, dict, value_int(i - 10)));
    }
    assert_int_equal(dict->count, 10);
    assert_true(dict->capacity < 100);
}

static void arrays(void **state) {
    Vm *vm = *state;
    Array *array = array_from(vm, (Value[]){value_int(0), value_int(1)}, 2);
    for (int i = 2; i < 100; i++) assert_true(array_push(vm, array, value_int(i)));
    array_remove(vm, array, 10, 20);
    assert_int_equal(array->length, 90);
    assert_int_equal(array->items[10].i, 20);
    assert_true(array_insert(vm, array, 10, (Value[]){value_int(-1), value_int(-2)}, 2));
    assert_int_equal(array->items[9].i, 9);
    assert_int_equal(array->items[11].i, -2);
    assert_int_equal(array->items[12].i, 20);
    Array *slice = array_slice(vm, array, 11, 13);
    assert_int_equal(slice->length, 2);
    assert_int_equal(slice->items[1].i, 20);
    assert_int_equal(array_slice(vm, array, 5, 5)->length, 0);
}

static Value list(Vm *vm, int depth) {
    Value v = value_int(1);
    for (int i = 0; i < depth; i++) v = value_obj(array_from(vm, (Value[]){v, v}, 2));
    return v;
}

static void equality_of_containers(void **state) {
    Vm *vm = *state;
    assert_true(value_equal(value_int(1), value_float(1.0)));
    assert_false(value_equal(value_float(NAN), value_float(NAN)));
    assert_false(value_equal(value_int(0), value_bool(false)));
    assert_true(value_equal(str(vm, "a"), str(vm, "a")));

    Value one = value_obj(array_from(vm, (Value[]){value_int(1)}, 1));
    Value text = value_obj(array_from(vm, (Value[]){str(vm, "1")}, 1));
    assert_false(value_equal(one, text));

    Dict *a = dict_new(vm, 0), *b = dict_new(vm, 0);
    dict_set(vm, a, str(vm, "x"), value_int(1));
    dict_set(vm, a, str(vm, "y"), one);
    dict_set(vm, b, str(vm, "y"), value_obj(array_from(vm, (Value[]){value_float(1)}, 1)));
    dict_set(vm, b, str(vm, "x"), value_int(1));
    assert_true(value_equal(value_obj(a), value_obj(b)));
    dict_set(vm, b, str(vm, "x"), value_int(2));
    assert_false(value_equal(value_obj(a), value_obj(b)));

    /* Shared parts, 2^60 paths through them; nesting that no C stack would hold. */
    assert_true(value_equal(list(vm, 60), list(vm, 60)));
    assert_true(value_equal(list(vm, 200000), list(vm, 200000)));
    assert_false(value_equal(list(vm, 200000), list(vm, 200001)));

    Array *p = array_from(vm, (Value[]){value_int(1), NULL_VALUE}, 2), *q = array_from(vm, p->items, 2);
    array_set(vm, p, 1, value_obj(p));
    array_set(vm, q, 1, value_obj(q));
    assert_true(value_equal(value_obj(p), value_obj(q)));
    array_set(vm, q, 0, value_int(2));
    assert_false(value_equal(value_obj(p), value_obj(q)));
}

static void order_of_values(void **state) {
    Vm *vm = *state;
    int order;
    assert_true(value_compare(value_int(INT64_MAX), value_int(INT64_MIN), &order) && order == 1);
    assert_true(value_compare(value_int(1), value_float(1.5), &order) && order == -1);
    assert_true(value_compare(value_float(NAN), value_int(1), &order) && order == 2);
    assert_true(value_compare(str(vm, "b"), str(vm, "abc"), &order) && order == 1);
    assert_false(value_compare(str(vm, "1"), value_int(1), &order));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BARE_VM_TEST(keys_of_all_kinds),
        BARE_VM_TEST(random_changes),
        BARE_VM_TEST(order_survives_removal_and_growth),
        BARE_VM_TEST(queue_does_not_grow),
        BARE_VM_TEST(arrays),
        BARE_VM_TEST(equality_of_containers),
        BARE_VM_TEST(order_of_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
