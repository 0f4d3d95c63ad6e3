/*
 * lib.c -- registration, and what several files of the library share.
 */
#include "lib.h"

#include "lib_display.h"
#include "magic.h"
#include "lib_progress.h"

#include <math.h>

void lib_register(Vm *vm) {
    lib_core_register(vm);
    lib_string_register(vm);
    lib_array_register(vm);
    lib_statistics_register(vm);
    lib_dict_register(vm);
    lib_range_register(vm);
    lib_number_register(vm);
    lib_bool_register(vm);
    lib_format_register(vm);
    lib_assert_register(vm);
    lib_file_register(vm);
    lib_time_register(vm);
    lib_display_register(vm);
    lib_magic_register(vm);
    lib_progress_register(vm);
    lib_options_register(vm);
    lib_history_register(vm);
    lib_prelude_register(vm);
}

NativeStatus lib_return_string(String *string, Value *result) {
    if (!string) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(string));
}

NativeStatus lib_return_array(Array *array, Value *result) {
    if (!array) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(array));
}

Text lib_text(const Vm *vm) { return (Text){.limit = string_room(vm)}; }

bool lib_text_fits(Vm *vm, Text *text) {
    if (!text->is_cut) return true;
    text_free(text);
    vm_raise(vm, ERR_MEMORY, "the text is larger than the memory that is left");
    return false;
}

NativeStatus lib_return_text(Vm *vm, Text *text, Value *result) {
    if (!lib_text_fits(vm, text)) return NATIVE_ERROR;
    String *string = string_new(vm, text->bytes ? text->bytes : "", text->length);
    text_free(text);
    return lib_return_string(string, result);
}

static uint32_t clamp_index(uint32_t length, int64_t index) {
    if (index < 0) index += length;
    if (index < 0) return 0;
    return index > length ? length : (uint32_t)index;
}

void lib_slice_bounds(uint32_t length, Value start, Value end, uint32_t *from, uint32_t *to) {
    *from = native_given(start) ? clamp_index(length, start.i) : 0;
    *to = native_given(end) ? clamp_index(length, end.i) : length;
    if (*to < *from) *to = *from;
}

bool lib_check_key(Vm *vm, Value key) {
    if (value_hashable(key)) return true;
    vm_raise(vm, ERR_TYPE, "Key must be hashable, got %s", error_describe(vm, key));
    return false;
}

bool lib_push(Vm *vm, Array *array, String *string) { return string && array_push(vm, array, value_obj(string)); }

Value lib_integer(__int128 wide) {
    int64_t narrow = (int64_t)wide;
    return narrow == wide ? value_int(narrow) : value_float((double)wide);
}

bool lib_float_to_int(double f, int64_t *integer) {
    if (!(f >= -0x1p63 && f < 0x1p63)) return false;
    *integer = (int64_t)f;
    return true;
}

/* ---- Distinct values -------------------------------------------------------------------------------------------- */

bool lib_distinct_init(Vm *vm, Distinct *distinct) {
    distinct->count = 0;
    distinct->hashable = dict_new(vm, 0);
    distinct->others = array_new(vm, 0);
    return distinct->hashable && distinct->others;
}

bool lib_distinct_number(Vm *vm, Distinct *distinct, Value value, uint32_t *number) {
    if (value_hashable(value)) {
        Value known;
        if (dict_get(distinct->hashable, value, &known)) {
            *number = (uint32_t)known.i;
            return true;
        }
        *number = distinct->count++;
        return dict_set(vm, distinct->hashable, value, value_int(*number));
    }
    Array *others = distinct->others;
    for (uint32_t i = 0; i < others->length; i += 2) {
        if (value_equal(others->items[i], value)) {
            *number = (uint32_t)others->items[i + 1].i;
            return true;
        }
    }
    *number = distinct->count++;
    return array_push(vm, others, value) && array_push(vm, others, value_int(*number));
}
