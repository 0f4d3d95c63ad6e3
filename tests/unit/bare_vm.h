/*
 * bare_vm.h -- a machine that has a heap and nothing else: enough for strings, arrays and dicts.
 */
#ifndef BARE_VM_H
#define BARE_VM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/array.h"
#include "vm/dict.h"
#include "vm/gc.h"
#include "vm/text.h"

static int bare_vm_setup(void **state) {
    Vm *vm = calloc(1, sizeof *vm);
    heap_init(&vm->heap, (size_t)1 << 30);
    *state = vm;
    return 0;
}

static int bare_vm_teardown(void **state) {
    Vm *vm = *state;
    heap_free_all(vm);
    string_interned_free(vm);
    free(vm);
    return 0;
}

#define BARE_VM_TEST(test) cmocka_unit_test_setup_teardown(test, bare_vm_setup, bare_vm_teardown)

static inline Value str(Vm *vm, const char *text) { return value_obj(string_from(vm, text)); }

#endif
