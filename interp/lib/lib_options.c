/*
 * lib_options.c -- the options for %config.
 */
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "syntax/suggest.h"
#include "vm/options.h"

static bool add_field(Vm *vm, Dict *row, const char *name, Value value) {
    return dict_set(vm, row, value_obj(string_intern(vm, name, strlen(name))), value);
}

static Value text_of(Vm *vm, const char *text, size_t length) {
    return value_obj(string_new(vm, text, length));
}

static Value value_of(Vm *vm, int option) {
    const OptionDef *def = &option_defs[option];
    if (!def->choices) return value_int(vm->options[option]);
    size_t length;
    const char *choice = option_choice(def, vm->options[option], &length);
    return text_of(vm, choice, length);
}

/* [{"option", "value", "what it does"}, …] */
static NativeStatus options_list(NATIVE_ARGS) {
    Array *rows = array_new(vm, OPTION_COUNT);
    for (int i = 0; i < OPTION_COUNT; i++) {
        const OptionDef *def = &option_defs[i];
        Dict *row = dict_new(vm, 4);
        Text help = {0};
        text_puts(&help, def->help);
        if (def->choices) text_printf(&help, " One of %s.", def->choices);
        bool done = add_field(vm, row, "option", text_of(vm, def->name, strlen(def->name))) &&
                    add_field(vm, row, "value", value_of(vm, i)) &&
                    add_field(vm, row, "what it does", text_of(vm, help.bytes, help.length)) &&
                    array_push(vm, rows, value_obj(row));
        text_free(&help);
        if (!done) return NATIVE_ERROR;
    }
    return lib_return_array(rows, result);
}

static int find(Vm *vm, const String *name) {
    int option = option_find(name->bytes, name->length);
    if (option >= 0) return option;
    Suggestion near = suggest_for(name->bytes, name->length);
    for (int i = 0; i < OPTION_COUNT; i++) suggest_consider(&near, option_defs[i].name, strlen(option_defs[i].name));
    vm_raise(vm, ERR_NAME, "there is no option %s%s; %%config lists them", name->bytes, suggest_text(&near));
    return -1;
}

static NativeStatus options_get(NATIVE_ARGS) {
    int option = find(vm, args[0].string);
    if (option < 0) return NATIVE_ERROR;
    NATIVE_RETURN(value_of(vm, option));
}

/* The value that a text stands for; false: it stands for none. */
static bool parse(const OptionDef *def, const String *text, int64_t *value) {
    if (!def->choices)
        return lib_parse_int(text->bytes, text->length, 10, value) && *value >= def->least && *value <= def->most;
    size_t length;
    for (*value = def->least; *value <= def->most; ++*value) {
        const char *choice = option_choice(def, *value, &length);
        if (length == text->length && memcmp(choice, text->bytes, length) == 0) return true;
    }
    return false;
}

static NativeStatus options_set(NATIVE_ARGS) {
    int option = find(vm, args[0].string);
    if (option < 0) return NATIVE_ERROR;
    const OptionDef *def = &option_defs[option];
    int64_t value;
    if (!parse(def, args[1].string, &value)) {
        if (def->choices) return vm_raise(vm, ERR_VALUE, "%s is one of %s", def->name, def->choices);
        return vm_raise(vm, ERR_VALUE, "%s is a number from %lld to %lld", def->name, (long long)def->least,
                        (long long)def->most);
    }
    vm->options[option] = value;
    NATIVE_RETURN(NULL_VALUE);
}

static const NativeDef builtins[] = {
    {"__options() -> array", "The options and what they do.", options_list},
    {"__option(name: string) -> any", "The value of an option.", options_get},
    {"__set_option(name: string, value: string) -> null", "Sets an option.", options_set},
    {0}};

void lib_options_register(Vm *vm) {
    for (int i = 0; i < OPTION_COUNT; i++) vm->options[i] = option_defs[i].value;
    native_register_builtins(vm, builtins);
}
