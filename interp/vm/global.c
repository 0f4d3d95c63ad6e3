/*
 * global.c -- assigning to global variables.
 *
 * Most assignments need no look at what the variable is: its [mask] has a bit for each tag of value that may simply be
 * stored. It starts empty, as it is for constants, builtins, and what is not declared: then the assignment comes here,
 * where either an error is raised or the mask is found for the next time. So one test in run.c covers all that can be
 * wrong.
 *
 * A declared type stays with the variable: code of later cells and other files, and writes through pointers, are
 * checked as well.
 */
#include "global.h"

#include "error.h"
#include "gc.h"
#include "object.h"
#include "type.h"
#include "unwind.h"

void global_define(Vm *vm, Global *global, Value value, bool is_const) {
    global->value = value;
    global->type = NULL;
    global->mask = 0;
    global->is_const = is_const;
    global->is_builtin = false;
    gc_write(vm, value);
}

void global_set_type(Vm *vm, Global *global, TypeValue *type) {
    global->type = type;
    gc_write_obj(vm, type);
}

void global_forget(Global *global) {
    global->value = UNDEFINED_VALUE;
    global->type = NULL;
    global->mask = 0;
}

bool global_assign(Vm *vm, Global *global, Value *value) {
    if (global->value.tag == T_UNDEFINED || global->is_builtin) {
        unwind_unknown_name(vm, global->name, true);
        return false;
    }
    if (global->is_const) {
        vm_raise(vm, ERR_TYPE, "cannot assign to constant '%.*s'", (int)global->name->length, global->name->bytes);
        return false;
    }
    global->mask = type_mask(global->type ? global->type->type : NULL);
    if (!(global->mask >> value->tag & 1)) {
        TypeEntry entry = {.type = global->type->type, .mask = global->mask, .name = global->name};
        if (!type_check(vm, &entry, CHECK_ASSIGN, value)) return false;
    }
    global->value = *value;
    gc_write(vm, *value);
    return true;
}
