/*
 * magic.c -- the list of magics with their help, and what magics.vint needs from below.
 */
#include "magic.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib.h"
#include "syntax/suggest.h"
#include "vm/cell.h"
#include "vm/global.h"
#include "vm/load.h"
#include "vm/output.h"
#include "vm/task.h"

/* The one list: completion, help, %lsmagic and the search for misspelt names are made of it. */
const MagicDef magic_defs[] = {
    {"%cd", "[FOLDER]",
     "Changes the working directory; without a folder to your home directory, with `-` back to the one before.",
     false},
    {"%config", "[OPTION [= VALUE]]", "Lists the options there are, or shows one, or sets one.", false},
    {"%env", "[NAME[=VALUE]]", "Lists the environment variables, or shows one, or sets one.", false},
    {"%history", "[-n] [-u] [-i] [-g PATTERN | -l COUNT | LINES ...]",
     "Prints the code of this session's cells, or of LINES: `3`, `2-5`, `~1/2-5` of the session before, `~2/` all of "
     "the one before that. -g finds it in all sessions, with `*` and `?` for any text and any character; -l takes the "
     "last ones. -n: with their numbers; -u: each text once; -i: into the next input.",
     false},
    {"%load", "FILE | LINES",
     "Puts a file's text (1 MB at most), or code of the history, into the next input, to be looked at, changed and run.",
     false},
    {"%lsmagic", "", "Lists the magics.", false},
    {"%output", "[--follow] NUMBER",
     "Prints what the cell of that number has shown, as far as it is kept: its last 256 KB. With --follow it "
     "goes on as more comes.",
     false},
    {"%pwd", "", "The working directory.", false},
    {"%reset", "", "Forgets the variables of the session.", false},
    {"%run", "FILE", "Runs a file in the session, so that its variables are there afterwards.", false},
    {"%tasks", "[cancel ID|all] [leaks]",
     "Shows the tasks that are alive, in a table that stays up to date; `%tasks cancel 7` ends one of them, "
     "`%tasks cancel all` all. `%tasks leaks` says which of them wait for what can never come.",
     false},
    {"%time", "CODE", "Runs the code and tells how long it took.", true},
    {"%timeit", "CODE", "Runs the code many times and tells how long it takes at best.", true},
    {"%who", "", "Lists the variables of the session.", false},
    {"%whos", "", "Lists the variables of the session with their types and values.", false},
    {"%%bash", "", "Has bash run the cell.", false},
    {"%%capture", "[NAME]",
     "Runs the cell and keeps what it shows, in a variable with `stdout`, `stderr`, `displays` and `show()`, "
     "instead of showing it.",
     true},
    {"%%replace", "", "Runs the cell after the tasks that its earlier runs have started were cancelled.", true},
    {"%%sh", "", "Has the system's shell run the cell.", false},
    {"%%time", "", "Runs the cell and tells how long it took.", true},
    {"%%timeit", "", "Runs the cell many times and tells how long it takes at best.", true},
    {"%%writefile", "[-a] FILE",
     "Writes the cell into a file instead of running it; with -a at the file's end.",
     false},
    {"%help", "NAME", "Shows help for a name or a magic; `?name` and `name?` do the same.", true},
    {"%source", "NAME", "Shows the source of a function of yours, or help; `??name` and `name??` do the same.", true},
    {"%sh", "COMMAND",
     "Has the system's shell run the command, whose output appears as it comes; `!command` does the same. With "
     "a `&` at its end it goes on in the background. `$name` and `{name}` stand for variables of the session.",
     false},
    {"%sx", "COMMAND",
     "Has the system's shell run the command; gives the lines of its output: `let files = %sx ls`.",
     false},
    {0}};

const MagicDef *magic_find(const char *name, size_t length) {
    for (const MagicDef *magic = magic_defs; magic->name; magic++)
        if (strlen(magic->name) == length && memcmp(magic->name, name, length) == 0) return magic;
    return NULL;
}

int magic_raise_unknown(Vm *vm, const String *name) {
    Suggestion near = suggest_for(name->bytes, name->length);
    for (const MagicDef *magic = magic_defs; magic->name; magic++) {
        /* The other kind of the same name is what was meant, however short the name is. */
        const char *bare = magic->name + strspn(magic->name, "%"), *wanted = name->bytes + strspn(name->bytes, "%");
        if (strcmp(bare, wanted) == 0)
            return vm_raise(vm, ERR_NAME, "there is no magic %s, but there is %s", name->bytes, magic->name);
        suggest_consider(&near, magic->name, strlen(magic->name));
    }
    return vm_raise(vm, ERR_NAME, "there is no magic %s%s; %%lsmagic lists them", name->bytes, suggest_text(&near));
}

/* ---- natives for magics.vint ---- */

/* [{"magic", "what it does"}, …] */
static NativeStatus magic_list(NATIVE_ARGS) {
    Array *rows = array_new(vm, 32);
    for (const MagicDef *magic = magic_defs; magic->name; magic++) {
        Dict *row = dict_new(vm, 2);
        Text usage = {0};
        text_printf(&usage, "%s%s%s", magic->name, magic->arguments[0] ? " " : "", magic->arguments);
        String *name = string_new(vm, usage.bytes, usage.length);
        String *help = string_new(vm, magic->help, strlen(magic->help));
        text_free(&usage);
        if (!dict_set(vm, row, value_obj(string_intern(vm, "magic", 5)), value_obj(name)) ||
            !dict_set(vm, row, value_obj(string_intern(vm, "what it does", 12)), value_obj(help)) ||
            !array_push(vm, rows, value_obj(row)))
            return NATIVE_ERROR;
    }
    return lib_return_array(rows, result);
}

static NativeStatus magic_unknown(NATIVE_ARGS) {
    return magic_raise_unknown(vm, args[0].string);
}

/* The source in which the innermost code of the program stands; NULL: there is none. */
static const Source *calling_source(Vm *vm) {
    const Task *task = vm->current;
    for (uint32_t i = task->frame_count; i > 0; i--) {
        const Proto *proto = task->frames[i - 1].closure->proto;
        if (!proto->is_prelude) return proto->unit->source;
    }
    return NULL;
}

/*
 * Code that a magic runs, as a cell of its own in the scope of the session; the call gives its result. When it stands
 * in the cell that calls the magic, places in it are the cell's, and errors show the cell's lines as they were written.
 */
static NativeStatus magic_compile(NATIVE_ARGS) {
    const String *code = args[0].string;
    uint64_t at = (uint64_t)args[1].i, end = at + code->length;
    const Source *source = calling_source(vm);
    bool is_part = source && at <= source->length && end <= source->length &&
                   memcmp(source->text + at, code->bytes, code->length) == 0;
    CompileOptions options = {.interactive = true, .start = is_part ? (uint32_t)at : 0};
    Loaded loaded = is_part ? load_source(vm, source->name, source->text, end, &options)
                            : load_source(vm, "<magic>", code->bytes, code->length, &options);
    if (!loaded.main) {
        vm_raise(vm, ERR_SYNTAX, "in the code of the magic:\n%s", loaded.problems);
        free(loaded.problems);
        free(loaded.message);
        return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(loaded.main));
}

/* Is it a variable of the user? */
static bool is_variable(const Global *global) {
    return !global->is_builtin && !global->is_scoped && global->value.tag != T_UNDEFINED;
}

/* The variables of the user: name -> value. */
static NativeStatus magic_globals(NATIVE_ARGS) {
    Dict *variables = dict_new(vm, 16);
    for (uint32_t i = 0; i < vm->global_count; i++) {
        const Global *global = &vm->globals[i];
        if (is_variable(global) && !dict_set(vm, variables, value_obj(global->name), global->value)) return NATIVE_ERROR;
    }
    NATIVE_RETURN(value_obj(variables));
}

/* Forgets the variables of the user. */
static NativeStatus magic_reset(NATIVE_ARGS) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < vm->global_count; i++) {
        Global *global = &vm->globals[i];
        if (!is_variable(global)) continue;
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

/* Declares a variable of the user. */
static NativeStatus magic_declare(NATIVE_ARGS) {
    uint32_t slot = vm_global_slot(vm, NULL, string_intern(vm, args[0].string->bytes, args[0].string->length));
    global_define(vm, &vm->globals[slot], args[1], false);
    NATIVE_RETURN(NULL_VALUE);
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

/* Appends the value of the user's variable that [length] bytes name; false: there is none. */
static bool append_variable(Vm *vm, Text *text, const char *name, size_t length) {
    Value slot;
    String *key = length > 0 ? string_new(vm, name, length) : NULL;
    if (!key || !dict_get_name(vm->global_slots, key, &slot) || !is_variable(&vm->globals[slot.i])) return false;
    text_value(vm, text, vm->globals[slot.i].value);
    return true;
}

/* The text with $name and {name} replaced by variables of the user; what names none stays, since it is the shell's. */
static NativeStatus magic_interpolate(NATIVE_ARGS) {
    const String *from = args[0].string;
    const char *at = from->bytes, *end = at + from->length;
    Text text = lib_text(vm);
    while (at < end) {
        if (*at == '$' && at + 1 < end && (at[1] == '{' || at[1] == '$')) { /* the shell's own */
            text_append(&text, at, 2);
            at += 2;
            continue;
        }
        const char *name = at + 1, *behind = name;
        bool is_opened = *at == '$' || *at == '{';
        while (is_opened && behind < end && is_word(*behind)) behind++;
        bool is_closed = *at == '$' || (*at == '{' && behind < end && *behind == '}');
        if (is_opened && is_closed && append_variable(vm, &text, name, (size_t)(behind - name)))
            at = behind + (*at == '{');
        else
            text_putc(&text, *at++);
    }
    return lib_return_text(vm, &text, result);
}

/* ---- %%capture ---- */

static NativeStatus magic_capture(NATIVE_ARGS) {
    if (vm->current->cell->over) return vm_raise(vm, ERR_VALUE, "the cell is over");
    cell_capture(vm->current->cell, args[0].array);
    NATIVE_RETURN(NULL_VALUE);
}

/* [stdout, stderr] */
static NativeStatus magic_end_capture(NATIVE_ARGS) {
    Text out, err;
    if (!vm->current->cell->capture) return vm_raise(vm, ERR_VALUE, "nothing is captured here");
    cell_end_capture(vm->current->cell, &out, &err);
    Array *texts = array_new(vm, 2);
    String *both[] = {string_new(vm, out.bytes ? out.bytes : "", out.length),
                      string_new(vm, err.bytes ? err.bytes : "", err.length)};
    text_free(&out);
    text_free(&err);
    for (int i = 0; i < 2; i++)
        if (!both[i] || !array_push(vm, texts, value_obj(both[i]))) return NATIVE_ERROR;
    NATIVE_RETURN(value_obj(texts));
}

/* Writes text as it is. */
static NativeStatus magic_write(NATIVE_ARGS) {
    VintStream stream = args[1].tag == T_TRUE ? VINT_STDERR : VINT_STDOUT;
    output_write(vm, vm->current->cell, stream, args[0].string->bytes, args[0].string->length);
    NATIVE_RETURN(NULL_VALUE);
}

static NativeStatus magic_clock(NATIVE_ARGS) {
    struct timespec t;
    clock_gettime(args[0].tag == T_TRUE ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    NATIVE_RETURN(value_float((double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6));
}

static NativeStatus magic_next_input(NATIVE_ARGS) {
    const VintHost *host = vm->host;
    const String *text = args[0].string;
    if (!host->set_next_input ||
        !host->set_next_input(host->user, vm->current->cell, text->bytes, text->length, args[1].tag == T_TRUE))
        return vm_raise(vm, ERR_IO, "the next input cannot be set here");
    NATIVE_RETURN(NULL_VALUE);
}

static const NativeDef builtins[] = {
    {"__magics() -> array", "The magics and what they do.", magic_list},
    {"__magic_unknown(name: string) -> null", "Raises the error that there is no magic of that name.", magic_unknown},
    {"__compile(code: string, at: int) -> func",
     "A function that runs the code, which stands at that byte of the cell, as a cell of its own.", magic_compile},
    {"__globals() -> dict", "The variables of the session by name.", magic_globals},
    {"__reset() -> int", "Forgets the variables of the session; says how many there were.", magic_reset},
    {"__declare(name: string, value: any) -> null", "Declares a variable of the session.", magic_declare},
    {"__interpolate(text: string) -> string", "The text with $name and {name} replaced by variables.", magic_interpolate},
    {"__capture(displays: array) -> null", "From now on what the cell shows is kept.", magic_capture},
    {"__end_capture() -> array", "What was kept: [stdout, stderr].", magic_end_capture},
    {"__write(text: string, error: bool) -> null", "Writes text to stdout or stderr as it is.", magic_write},
    {"__clock(cpu: bool) -> float", "Milliseconds of the wall clock, or of the processor.", magic_clock},
    {"__next_input(text: string, replace: bool) -> null",
     "Puts the text into the next input of the user, or in place of the cell.", magic_next_input},
    {0}};

void lib_magic_register(Vm *vm) {
    native_register_builtins(vm, builtins);
}
