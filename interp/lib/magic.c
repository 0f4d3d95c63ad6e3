/*
 * magic.c -- magics: how their lines are found, and the natives that magics.vint is made of.
 *
 * A line is special only where a statement could begin: outside of strings, comments and brackets. Text that merely
 * looks special, such as `% b` going on with an expression, keeps its meaning because the sign must touch a letter.
 */
#include "magic.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib.h"
#include "vm/global.h"
#include "vm/load.h"
#include "vm/task.h"

/* ---- finding them ---- */

/* Where the scan stands: in code, or inside something that may reach over line ends. */
typedef struct {
    int depth;      /* of open brackets */
    char quote;     /* of the open string; '*' inside a block comment; 0: in code */
} Scan;

static void scan_line(Scan *scan, const char *line, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char c = line[i], next = i + 1 < length ? line[i + 1] : '\0';
        if (scan->quote == '*') {
            if (c == '*' && next == '/') {
                scan->quote = 0;
                i++;
            }
        } else if (scan->quote) {
            if (c == '\\' && scan->quote != '`')
                i++;
            else if (c == scan->quote)
                scan->quote = 0;
        } else if (c == '"' || c == '\'' || c == '`') {
            scan->quote = c;
        } else if (c == '/' && next == '*') {
            scan->quote = '*';
            i++;
        } else if (c == '#' || (c == '/' && next == '/')) {
            return;
        } else if (strchr("([{", c)) {
            scan->depth++;
        } else if (strchr(")]}", c) && scan->depth > 0) {
            scan->depth--;
        }
    }
}

static void append_literal(Text *out, const char *text, size_t length) {
    text_putc(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            text_printf(out, "\\%c", c);
        else if (c < 0x20)
            text_printf(out, "\\x%02x", c);
        else
            text_putc(out, (char)c);
    }
    text_putc(out, '"');
}

static void append_call(Text *out, const char *name, size_t name_length, const char *rest, size_t rest_length) {
    text_puts(out, "::__magic(");
    append_literal(out, name, name_length);
    text_puts(out, ", ");
    append_literal(out, rest, rest_length);
    text_putc(out, ')');
}

static size_t trimmed(const char *text, size_t length) {
    while (length > 0 && isspace((unsigned char)text[length - 1])) length--;
    return length;
}

static size_t word_length(const char *text, size_t length) {
    size_t end = 0;
    while (end < length && (isalnum((unsigned char)text[end]) || text[end] == '_')) end++;
    return end;
}

/* A line that is nothing but `name?` or `name??`; [name] with dots. */
static bool asks_for_help(const char *line, size_t length, size_t *name_length) {
    size_t end = 0;
    while (end < length && (isalnum((unsigned char)line[end]) || line[end] == '_' || line[end] == '.')) end++;
    *name_length = end;
    return end > 0 && end < length && line[end] == '?' && (length == end + 1 || (length == end + 2 && line[end + 1] == '?'));
}

/* Turns one line into a call, if it is special. */
static bool expand_line(Text *out, const char *line, size_t length) {
    length = trimmed(line, length);
    size_t name;
    if (length > 1 && line[0] == '%' && isalpha((unsigned char)line[1])) {
        name = word_length(line + 1, length - 1);
        size_t rest = 1 + name;
        while (rest < length && line[rest] == ' ') rest++;
        append_call(out, line + 1, name, line + rest, length - rest);
    } else if (length > 1 && line[0] == '!' && line[1] != '=' && line[1] != '(') {
        append_call(out, "shell", 5, line + 1, length - 1);
    } else if (length > 1 && line[0] == '?') {
        size_t marks = line[1] == '?' ? 2 : 1;
        append_call(out, marks == 2 ? "source" : "help", marks == 2 ? 6 : 4, line + marks, length - marks);
    } else if (asks_for_help(line, length, &name)) {
        bool source = length == name + 2;
        append_call(out, source ? "source" : "help", source ? 6 : 4, line, name);
    } else {
        return false;
    }
    return true;
}

/* `%%name rest` and the whole cell below it. */
static bool expand_cell(Text *out, const char *code, size_t length) {
    if (length < 3 || code[0] != '%' || code[1] != '%' || !isalpha((unsigned char)code[2])) return false;
    const char *end = memchr(code, '\n', length);
    size_t line = end ? (size_t)(end - code) : length, body = end ? line + 1 : length;
    size_t name = word_length(code + 2, line - 2), rest = 2 + name;
    while (rest < line && code[rest] == ' ') rest++;
    text_puts(out, "::__cell_magic(");
    append_literal(out, code + 2, name);
    text_puts(out, ", ");
    append_literal(out, code + rest, trimmed(code + rest, line - rest));
    text_puts(out, ", ");
    append_literal(out, code + body, length - body);
    text_putc(out, ')');
    return true;
}

char *magic_expand(const char *code, size_t length) {
    Text out = {0};
    Scan scan = {0};
    bool found = expand_cell(&out, code, length);
    for (size_t at = found ? length : 0; at < length;) {
        const char *end = memchr(code + at, '\n', length - at);
        size_t line = end ? (size_t)(end - code) - at : length - at;
        if (scan.depth == 0 && !scan.quote && expand_line(&out, code + at, line)) {
            found = true;
        } else {
            scan_line(&scan, code + at, line);
            text_append(&out, code + at, line);
        }
        if (end) text_putc(&out, '\n');
        at += line + 1;
    }
    char *expanded = found ? strdup(text_cstring(&out)) : NULL;
    text_free(&out);
    return expanded;
}

/* ---- natives for magics.vint ---- */

/* Code as a cell of its own, in the scope of the session; the call gives its result. */
static NativeStatus magic_compile(NATIVE_ARGS) {
    CompileOptions options = {.interactive = true};
    char *code = strndup(args[0].string->bytes, args[0].string->length);
    char *expanded = magic_expand(code, args[0].string->length);
    const char *text = expanded ? expanded : code;
    Loaded loaded = load_source(vm, "<magic>", text, strlen(text), &options);
    free(code);
    free(expanded);
    if (!loaded.main) {
        vm_raise(vm, ERR_SYNTAX, "%s", loaded.problems);
        free(loaded.problems);
        free(loaded.message);
        return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(loaded.main));
}

/* The variables of the user: name -> value. */
static NativeStatus magic_globals(NATIVE_ARGS) {
    Dict *variables = dict_new(vm, 16);
    for (uint32_t i = 0; i < vm->global_count; i++) {
        const Global *global = &vm->globals[i];
        if (global->is_builtin || global->is_scoped || global->value.tag == T_UNDEFINED) continue;
        if (!dict_set(vm, variables, value_obj(global->name), global->value)) return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(variables));
}

/* Forgets the variables of the user. */
static NativeStatus magic_reset(NATIVE_ARGS) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < vm->global_count; i++) {
        Global *global = &vm->globals[i];
        if (global->is_builtin || global->is_scoped || global->value.tag == T_UNDEFINED) continue;
        global_forget(global);
        count++;
        Value builtin;
        if (dict_get_name(vm->builtins, global->name, &builtin)) {
            global->value = builtin;
            global->is_builtin = true;
        }
    }
    NATIVE_RETURN(value_int(count));
}

static NativeStatus magic_clock(NATIVE_ARGS) {
    struct timespec t;
    clock_gettime(args[0].tag == T_TRUE ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    NATIVE_RETURN(value_float((double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6));
}

static const NativeDef builtins[] = {
    {"__compile(code: string) -> func", "A function that runs the code as a cell of its own.", magic_compile},
    {"__globals() -> dict", "The variables of the session by name.", magic_globals},
    {"__reset() -> int", "Forgets the variables of the session; says how many there were.", magic_reset},
    {"__clock(cpu: bool) -> float", "Milliseconds of the wall clock, or of the processor.", magic_clock},
    {0}};

void lib_magic_register(Vm *vm) {
    native_register_builtins(vm, builtins);
}
