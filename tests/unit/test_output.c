/*
 * test_output.c -- what is kept of the output of many cells: the newest, within bounds, and of those that still run first.
 */
#include "bare_vm.h"
#include "vm/cell.h"
#include "vm/output.h"

enum { CELLS = 100000, FIRST = 1000 };

static bool is_kept(const Vm *vm, int number) {
    const Record *record = output_find(vm, number);
    return record && record->capacity > 0;
}

static void the_oldest_go(void **state) {
    Vm *vm = *state;
    VintCell *cells = calloc(CELLS + 1, sizeof *cells);
    for (int i = 1; i <= CELLS; i++) {
        char text[32];
        snprintf(text, sizeof text, "cell %d", i);
        cells[i].options.number = i;
        output_cell_made(vm, &cells[i]);
        output_keep(vm, &cells[i], text, strlen(text));
        if (i > 1) output_cell_gone(&cells[i]);
        assert_true(vm->kept_bytes <= OUTPUT_KEPT_IN_ALL);
    }
    assert_true(is_kept(vm, 1)); /* it is not gone */
    bool kept = false;
    for (int i = 2; i <= CELLS; i++) {
        assert_true(!kept || is_kept(vm, i)); /* no gap */
        kept = is_kept(vm, i);
    }
    assert_true(is_kept(vm, CELLS - FIRST));
    assert_false(is_kept(vm, FIRST));
    Text text = {0};
    output_read(output_find(vm, CELLS), 0, &text);
    assert_string_equal(text_cstring(&text), "cell 100000");
    text_free(&text);
    output_free(vm);
    free(cells);
}

/* What was kept of a cell that still runs had to go; what it shows from then on is kept as before. */
static void a_cell_goes_on_from_nothing(void **state) {
    enum { OTHERS = OUTPUT_KEPT_IN_ALL / OUTPUT_KEPT + 1, MUCH = OUTPUT_KEPT + 1000 };
    Vm *vm = *state;
    VintCell *cells = calloc(OTHERS + 1, sizeof *cells);
    char *much = memset(malloc(MUCH), 'x', MUCH);
    for (int i = 0; i <= OTHERS; i++) {
        cells[i].options.number = i + 1;
        output_cell_made(vm, &cells[i]);
        output_keep(vm, &cells[i], much, i == 0 ? 1000 : MUCH);
    }
    const Record *record = output_find(vm, 1);
    assert_int_equal(record->capacity, 0);
    Text text = {0}, expected = {0};
    output_read(record, 0, &text);
    assert_int_equal(text.length, 0);
    for (int i = 0; i < 1000; i++) {
        char word[16];
        int length = snprintf(word, sizeof word, "%d ", i);
        output_keep(vm, &cells[0], word, (size_t)length);
        text_append(&expected, word, (size_t)length);
    }
    output_read(record, 0, &text);
    assert_string_equal(text_cstring(&text), text_cstring(&expected));
    text.length = 0;
    output_read(record, record->total - 4, &text);
    assert_string_equal(text_cstring(&text), "999 ");
    text_free(&text);
    text_free(&expected);
    output_free(vm);
    free(much);
    free(cells);
}

int main(void) {
    const struct CMUnitTest tests[] = {BARE_VM_TEST(the_oldest_go), BARE_VM_TEST(a_cell_goes_on_from_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
