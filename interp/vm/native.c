/*
 * native.c -- natives: their signatures, and the checks that come from them.
 */
#include "native.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dict.h"
#include "object.h"

#define ALL_TYPES 0xffffffffu
#define BIT(tag) (1u << (tag))

/* TYPE_WORDS(X): the types that a signature may name, and what they let in. */
#define TYPE_WORDS(X)                                                                              \
    X("any", ALL_TYPES)                                                                            \
    X("int", BIT(T_INT))                                                                           \
    X("float", BIT(T_FLOAT))                                                                       \
    X("number", BIT(T_INT) | BIT(T_FLOAT))                                                         \
    X("string", BIT(T_STRING))                                                                     \
    X("bool", BIT(T_TRUE) | BIT(T_FALSE))                                                          \
    X("null", BIT(T_NULL))                                                                         \
    X("array", BIT(T_ARRAY))                                                                       \
    X("dict", BIT(T_DICT))                                                                         \
    X("range", BIT(T_RANGE))                                                                       \
    X("chan", BIT(T_CHANNEL))                                                                      \
    X("promise", BIT(T_PROMISE) | BIT(T_TASK))                                                     \
    X("task", BIT(T_TASK))                                                                         \
    X("time", BIT(T_TIME))                                                                         \
    X("duration", BIT(T_DURATION))                                                                 \
    X("file", BIT(T_FILE))                                                                         \
    X("resource", BIT(T_RESOURCE))                                                                 \
    X("error", BIT(T_ERROR))                                                                       \
    X("func", BIT(T_CLOSURE) | BIT(T_NATIVE) | BIT(T_OVERLOAD) | BIT(T_STRUCT) | BIT(T_ERROR_TYPE))

static const struct {
    const char *word;
    uint32_t mask;
} type_words[] = {
#define X(word, mask) {word, mask},
    TYPE_WORDS(X)
#undef X
};

static __attribute__((noreturn)) void bad_signature(const NativeDef *def, const char *at) {
    fprintf(stderr, "vint: bad signature of a native: %s (at \"%s\")\n", def->signature, at);
    abort();
}

static const char *skip_blanks(const char *p) {
    while (*p == ' ') p++;
    return p;
}

static const char *word_end(const char *p) {
    while (isalnum((unsigned char)*p) || *p == '_') p++;
    return p;
}

/* type = word { "|" word } */
static const char *parse_type(const NativeDef *def, const char *p, uint32_t *mask) {
    *mask = 0;
    for (;;) {
        const char *end = word_end(p);
        size_t length = (size_t)(end - p), i = 0, count = sizeof type_words / sizeof *type_words;
        while (i < count && !(strlen(type_words[i].word) == length && memcmp(type_words[i].word, p, length) == 0)) i++;
        if (i == count) bad_signature(def, p);
        *mask |= type_words[i].mask;
        p = skip_blanks(end);
        if (*p != '|') return p;
        p = skip_blanks(p + 1);
    }
}

/* Over a default value, up to the comma or parenthesis behind it. */
static const char *skip_default(const char *p) {
    char quote = 0;
    for (; *p; p++) {
        if (quote) {
            if (*p == '\\' && p[1])
                p++;
            else if (*p == quote)
                quote = 0;
        } else if (*p == '"' || *p == '\'') {
            quote = *p;
        } else if (*p == ',' || *p == ')') {
            break;
        }
    }
    return p;
}

/* parameter = name ":" type ["..." | "=" default] */
static const char *parse_parameter(Vm *vm, Native *native, const NativeDef *def, const char *p) {
    int index = native->parameter_count;
    if (index >= NATIVE_PARAMETER_LIMIT) bad_signature(def, p);
    const char *end = word_end(p);
    if (end == p) bad_signature(def, p);
    native->parameter_names[index] = string_intern(vm, p, (size_t)(end - p));
    p = skip_blanks(end);
    if (*p != ':') bad_signature(def, p);
    p = skip_blanks(parse_type(def, skip_blanks(p + 1), &native->masks[index]));
    if (native->masks[index] != ALL_TYPES) native->unchecked = false;
    if (strncmp(p, "...", 3) == 0) {
        native->has_rest = true;
        native->unchecked = false;
        return skip_blanks(p + 3);
    }
    native->parameter_count++;
    if (*p == '=') return skip_default(p + 1);
    if (native->required_count != native->parameter_count - 1) bad_signature(def, p); /* a required one after an optional one */
    native->required_count++;
    return p;
}

Native *native_new(Vm *vm, const NativeDef *def, bool is_method) {
    Native *native = HEAP_NEW(vm, Native, T_NATIVE);
    const char *p = def->signature;
    const char *end = word_end(p);
    native->function = def->function;
    native->name = string_intern(vm, p, (size_t)(end - p));
    native->def = def;
    native->unchecked = true;
    native->is_method = is_method;
    if (is_method) {
        native->masks[0] = ALL_TYPES;
        native->parameter_count = native->required_count = 1;
    }
    p = skip_blanks(end);
    native->is_constant = strncmp(p, "->", 2) == 0;
    if (native->is_constant) return native;
    if (*p != '(') bad_signature(def, p);
    p = skip_blanks(p + 1);
    while (*p != ')') {
        p = skip_blanks(parse_parameter(vm, native, def, p));
        if (*p == ',' && !native->has_rest)
            p = skip_blanks(p + 1);
        else if (*p != ')')
            bad_signature(def, p);
    }
    if (native->parameter_count - native->required_count > VM_NATIVE_MARGIN) bad_signature(def, p);
    return native;
}

void native_register_builtins(Vm *vm, const NativeDef *defs) {
    for (; defs->signature; defs++) {
        Native *native = native_new(vm, defs, false);
        vm_define_builtin(vm, native->name, value_obj(native));
    }
}

void native_register_methods(Vm *vm, ValueType type, const NativeDef *defs) {
    if (!vm->methods[type]) vm->methods[type] = dict_new(vm, 32);
    for (; defs->signature; defs++) {
        Native *native = native_new(vm, defs, true);
        dict_set(vm, vm->methods[type], value_obj(native->name), value_obj(native));
    }
}

Module *native_module(Vm *vm, const char *name, const NativeDef *defs) {
    Module *module = module_new(vm, string_intern(vm, name, strlen(name)));
    for (; defs->signature; defs++) {
        Native *native = native_new(vm, defs, false);
        dict_set(vm, module->members, value_obj(native->name), value_obj(native));
    }
    dict_set(vm, vm->modules, value_obj(module->name), value_obj(module));
    return module;
}

/* "an INTEGER", "a STRING or a NULL": the words of a mask for a message. */
static void mask_words(uint32_t mask, char *out, size_t size) {
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof type_words / sizeof *type_words; i++) {
        uint32_t bits = type_words[i].mask;
        if (bits == ALL_TYPES || (mask & bits) != bits) continue;
        if (length < size)
            length += (size_t)snprintf(out + length, size - length, "%s%s", length ? " or " : "", type_words[i].word);
        mask &= ~bits;
    }
}

void native_raise_count(Vm *vm, const char *name, int least, int most, int given) {
    char expected[48];
    if (most < 0)
        snprintf(expected, sizeof expected, "at least %d", least);
    else if (least == most)
        snprintf(expected, sizeof expected, "%d", least);
    else
        snprintf(expected, sizeof expected, "%d to %d", least, most);
    int last = most < 0 ? least : most;
    vm_raise(vm, ERR_ARGUMENT, "%s() expects %s argument%s, got %d", name, expected, last == 1 ? "" : "s", given);
}

static bool wrong_count(Vm *vm, const Native *native, int given) {
    int receiver = native->is_method ? 1 : 0;
    native_raise_count(vm, native->name->bytes, native->required_count - receiver,
                       native->has_rest ? -1 : native->parameter_count - receiver, given - receiver);
    return false;
}

static bool wrong_type(Vm *vm, const Native *native, int index, int position, Value argument) {
    char expected[160];
    mask_words(native->masks[index], expected, sizeof expected);
    const String *name = native->parameter_names[index];
    vm_raise(vm, ERR_TYPE, "%.*s() expects %s as argument %d (%.*s), got %s", (int)native->name->length,
             native->name->bytes, expected, position, name ? (int)name->length : 0, name ? name->bytes : "",
             error_describe(vm, argument));
    return false;
}

bool native_check(Vm *vm, Native *native, Value *args, int argc) {
    if (argc < native->required_count || (argc > native->parameter_count && !native->has_rest))
        return wrong_count(vm, native, argc);
    int receiver = native->is_method ? 1 : 0;
    for (int i = receiver; i < argc; i++) {
        int index = i < native->parameter_count ? i : native->parameter_count;
        uint32_t mask = native->masks[index];
        if (mask >> args[i].tag & 1) continue;
        /* undefined: left out among keyword arguments */
        if (args[i].tag == T_UNDEFINED && i >= native->required_count) continue;
        return wrong_type(vm, native, index, i - receiver + 1, args[i]);
    }
    for (int i = argc; i < native->parameter_count; i++) args[i] = UNDEFINED_VALUE;
    return true;
}
