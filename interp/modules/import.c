/*
 * import.c -- import and include.
 *
 * Running an imported file means calling a function of the program, which C must not wait for. So the sequence is
 * written in VintLang (__import and __include in prelude.vint), and here are its steps: is the module known already,
 * find and compile its file, make a module of what it declared.
 *
 * A file runs once, in a scope of its own. It stands for the package that it declares; without one, for a module of all
 * its top-level names. A module that is being imported is noted as such: importing it again meanwhile is a cycle.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "comm.h"
#include "http_client.h"
#include "modules.h"
#include "tcp.h"
#include "vm/array.h"
#include "vm/dict.h"
#include "vm/load.h"
#include "vm/object.h"
#include "vm/run.h"
#include "vm/task.h"

#define FOLDER_LIMIT 100000 /* entries of a folder that are looked at for modules */

/* The file of the code that called into the prelude; "" when it is not a file's. */
static const char *calling_file(Vm *vm) {
    const Task *task = vm->current;
    for (uint32_t i = task->frame_count; i > 0; i--) {
        const Proto *proto = task->frames[i - 1].closure->proto;
        if (!proto->is_prelude) return proto->unit->source->name;
    }
    return "";
}

/* [directory of file]/[rest]; malloc'ed */
static char *beside(const char *file, const char *rest) {
    const char *slash = strrchr(file, '/');
    int length = slash ? (int)(slash - file) + 1 : 0;
    char *path;
    if (asprintf(&path, "%.*s%s", length, file, rest) < 0) abort();
    return path;
}

/* Opened for reading, if it is a file that has its bytes: a pipe would make the whole session wait, a device has no
 * end. */
static FILE *open_regular(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status = {0};
    if (descriptor < 0) return NULL;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) return fdopen(descriptor, "rb");
    close(descriptor);
    errno = S_ISDIR(status.st_mode) ? EISDIR : ENOTSUP;
    return NULL;
}

char *modules_read_file(const char *path, size_t limit, size_t *length) {
    FILE *file = open_regular(path);
    if (!file) return NULL;
    Text text = {0};
    char block[65536];
    size_t read;
    while (text.length <= limit && (read = fread(block, 1, sizeof block, file)) > 0) text_append(&text, block, read);
    int failed = text.length > limit ? EFBIG : ferror(file) ? errno : 0; /* some files say 0 bytes and have many */
    fclose(file);
    *length = text.length;
    text_cstring(&text);
    if (failed) text_free(&text);
    errno = failed;
    return failed ? NULL : text.bytes;
}

/* Why it could not be read. */
static const char *program_problem(void) {
    return errno == ENOTSUP ? "it is no regular file" : errno == EFBIG ? "it has more than 64 MB" : strerror(errno);
}

/* A program's text, for import or include, malloc'ed: it is read while all tasks wait. NULL with an error raised. */
static char *read_program(Vm *vm, const char *doing, const char *path, size_t *length) {
    char *text = modules_read_file(path, VINT_SOURCE_LIMIT, length);
    if (!text) {
        vm_raise(vm, ERR_IMPORT, "cannot %s %s: %s", doing, path, program_problem());
    } else if (load_refuses(vm, *length)) {
        free(text);
        text = NULL;
    }
    return text;
}

/* ", did you mean 'string'?", of the modules that are built in. */
static const char *near_module(const String *name) {
    Suggestion near = suggest_for(name->bytes, name->length);
#define X(module) suggest_consider(&near, #module, strlen(#module));
    MODULES(X)
    VINT_MODULES(X)
#undef X
    return suggest_text(&near);
}

static bool same_file(const char *a, const char *b) {
    struct stat left, right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/*
 * Where module [name] lies: beside the file that imports it, in the working directory, in its folder modules. malloc'ed;
 * NULL with the error raised that lists the places. The importing file itself is none: a first try of the module redis is
 * often called redis.vint.
 */
static char *find_file(Vm *vm, const String *name) {
    const char *importer = calling_file(vm);
    char *rest, *inside;
    if (asprintf(&rest, "%.*s.vint", (int)name->length, name->bytes) < 0) abort();
    if (asprintf(&inside, "modules/%s", rest) < 0) abort();
    char *places[] = {beside(importer, rest), rest, inside};
    bool in_working_directory = strcmp(places[0], rest) == 0;
    char *found = NULL, *itself = NULL;
    for (int i = 0; i < 3 && !found; i++) {
        if (access(places[i], R_OK) != 0) continue;
        if (same_file(places[i], importer)) itself = places[i];
        else found = strdup(places[i]);
    }
    if (!found && itself)
        vm_raise(vm, ERR_IMPORT,
                 "module '%.*s' not found: no module of that name is built in, and %s is the importing file itself%s",
                 (int)name->length, name->bytes, itself, near_module(name));
    else if (!found)
        vm_raise(vm, ERR_IMPORT,
                 "module '%.*s' not found: no module of that name is built in, and there is no %s%s%s or %s%s",
                 (int)name->length, name->bytes, places[0], in_working_directory ? "" : ", ",
                 in_working_directory ? "" : rest, inside, near_module(name));
    for (int i = 0; i < 3; i++) free(places[i]);
    return found;
}

static NativeStatus syntax_errors(Vm *vm, Loaded *loaded, const char *path) {
    vm_raise(vm, ERR_SYNTAX, "in file %s:\n%s", path, loaded->problems);
    free(loaded->problems);
    free(loaded->message);
    return NATIVE_ERROR;
}

/* ---- the steps of an import ---- */

typedef struct {
    const char *name;
    Module *(*make)(Vm *vm);
} BuiltInModule;

static const BuiltInModule built_in[] = {
#define X(name) {#name, name##_module},
    MODULES(X)
#undef X
    {0}};

typedef struct {
    const char *name, *source;
    const size_t *length;
} VintModule;

#define X(name) extern const char name##_vint_source[]; extern const size_t name##_vint_length;
VINT_MODULES(X)
#undef X

static const VintModule written_in_vint[] = {
#define X(name) {#name, name##_vint_source, &name##_vint_length},
    VINT_MODULES(X)
#undef X
    {0}};

static NativeStatus step_known(NATIVE_ARGS) {
    (void)argc;
    if (!dict_get(vm->modules, args[0], result)) {
        const BuiltInModule *module = built_in;
        while (module->name && !string_is(args[0].string, module->name)) module++;
        if (!module->name) NATIVE_RETURN(NULL_VALUE);
        NATIVE_RETURN(value_obj(module->make(vm)));
    }
    if (result->tag == T_ARRAY)
        return vm_raise(vm, ERR_IMPORT, "circular import: '%.*s' is being imported already", (int)args[0].string->length,
                        args[0].string->bytes);
    return NATIVE_OK;
}

/* Compiles the text of module [name] and notes that it is being imported. */
static NativeStatus compile_module(Vm *vm, Value name, const char *path, const char *text, size_t length, bool library,
                                   Value *result) {
    Array *declared;
    Loaded loaded = load_module(vm, path, text, length, library, &declared);
    if (!loaded.main) return syntax_errors(vm, &loaded, path);
    dict_set(vm, vm->modules, name, value_obj(declared));
    NATIVE_RETURN(value_obj(loaded.main));
}

static NativeStatus step_code(NATIVE_ARGS) {
    (void)argc;
    for (const VintModule *module = written_in_vint; module->name; module++)
        if (string_is(args[0].string, module->name)) {
            char path[64];
            snprintf(path, sizeof path, "<module %s>", module->name);
            return compile_module(vm, args[0], path, module->source, *module->length, true, result);
        }
    char *path = find_file(vm, args[0].string);
    if (!path) return NATIVE_ERROR;
    size_t length;
    char *text = read_program(vm, "read", path, &length);
    NativeStatus status = text ? compile_module(vm, args[0], path, text, length, false, result) : NATIVE_ERROR;
    free(text);
    free(path);
    return status;
}

static NativeStatus step_forget(NATIVE_ARGS) {
    (void)argc;
    dict_remove(vm, vm->modules, args[0]);
    NATIVE_RETURN(NULL_VALUE);
}

/* Names that begin with two underscores are a module's own. */
static bool is_private(const String *name) { return name->length > 2 && memcmp(name->bytes, "__", 2) == 0; }

static NativeStatus step_done(NATIVE_ARGS) {
    (void)argc;
    Value declared;
    if (!dict_get(vm->modules, args[0], &declared) || declared.tag != T_ARRAY) NATIVE_RETURN(NULL_VALUE);
    Module *module = module_new(vm, args[0].string);
    for (uint32_t i = 0; i < declared.array->length; i++) {
        const Global *global = &vm->globals[declared.array->items[i].i];
        if (global->value.tag == T_UNDEFINED || is_private(global->name)) continue;
        if (global->value.tag == T_MODULE && global->value.module->is_package) module = global->value.module;
        else if (!module->is_package) dict_set(vm, module->members, value_obj(global->name), global->value);
    }
    dict_set(vm, vm->modules, args[0], value_obj(module));
    NATIVE_RETURN(value_obj(module));
}

/* ---- without running anything ---- */

Module *modules_find(Vm *vm, const char *name, size_t length) {
    Value known;
    if (dict_get_name(vm->modules, string_intern(vm, name, length), &known))
        return known.tag == T_MODULE ? known.module : NULL;
    for (const BuiltInModule *module = built_in; module->name; module++)
        if (strlen(module->name) == length && memcmp(module->name, name, length) == 0) return module->make(vm);
    return NULL;
}

char *modules_text(const char *name, size_t length, size_t limit, size_t *size) {
    for (const VintModule *module = written_in_vint; module->name; module++)
        if (strlen(module->name) == length && memcmp(module->name, name, length) == 0) {
            *size = *module->length;
            return strndup(module->source, *size);
        }
    static const char *const folders[] = {"", "modules/"};
    char *text = NULL;
    for (int i = 0; i < 2 && !text; i++) {
        char *path;
        if (asprintf(&path, "%s%.*s.vint", folders[i], (int)length, name) < 0) abort();
        text = modules_read_file(path, limit, size);
        free(path);
    }
    return text;
}

static void visit_files(const char *folder, void (*visit)(void *arg, const char *name, size_t length), void *arg) {
    static const char ending[] = ".vint";
    DIR *files = opendir(folder);
    int left = FOLDER_LIMIT;
    for (const struct dirent *file; files && left-- > 0 && (file = readdir(files));) {
        size_t length = strlen(file->d_name);
        if (length < sizeof ending || file->d_name[0] == '.') continue;
        length -= sizeof ending - 1;
        if (strcmp(file->d_name + length, ending) == 0) visit(arg, file->d_name, length);
    }
    if (files) closedir(files);
}

void modules_each(Vm *vm, void (*visit)(void *arg, const char *name, size_t length), void *arg) {
#define X(name) visit(arg, #name, strlen(#name));
    MODULES(X)
    VINT_MODULES(X)
#undef X
    Value name, module;
    for (uint32_t cursor = 0; dict_next(vm->modules, &cursor, &name, &module);)
        visit(arg, name.string->bytes, name.string->length);
    visit_files(".", visit, arg);
    visit_files("modules", visit, arg);
}

/* ---- include ---- */

static NativeStatus step_include(NATIVE_ARGS) {
    (void)argc;
    char *name = strndup(args[0].string->bytes, args[0].string->length);
    char *path = name[0] == '/' ? strdup(name) : beside(calling_file(vm), name);
    size_t length;
    char *text = read_program(vm, "include", path, &length);
    NativeStatus status = text ? NATIVE_OK : NATIVE_ERROR;
    if (text) {
        CompileOptions options = {.interactive = false};
        Loaded loaded = load_source(vm, path, text, length, &options);
        if (loaded.main)
            *result = value_obj(loaded.main);
        else
            status = syntax_errors(vm, &loaded, path);
    }
    free(text);
    free(path);
    free(name);
    return status;
}

/* ---- the intrinsics: calls of the prelude ---- */

static NativeStatus call_prelude(Vm *vm, const char *name, Value *result) {
    if (!dict_get_name(vm->builtins, string_intern(vm, name, strlen(name)), result)) abort();
    vm->call_count = 1;
    return NATIVE_CALL;
}

static NativeStatus intrinsic_import(NATIVE_ARGS) {
    (void)args, (void)argc;
    return call_prelude(vm, "__import", result);
}

static NativeStatus intrinsic_include(NATIVE_ARGS) {
    (void)args, (void)argc;
    return call_prelude(vm, "__include", result);
}

static const NativeDef steps[] = {
    {"import(name: string) -> any", "Imports a module by its name and returns it.", intrinsic_import},
    {"__module_known(name: string) -> any", "The module, or null.", step_known},
    {"__module_code(name: string) -> func", "The compiled file of the module, which is noted as being imported.", step_code},
    {"__module_forget(name: string) -> null", "The import failed.", step_forget},
    {"__module_done(name: string) -> any", "The module of what the file declared.", step_done},
    {"__include_code(path: string) -> func", "The compiled file.", step_include},
    {0}};

void modules_register(Vm *vm) {
    run_intrinsics[INTRINSIC_IMPORT] = intrinsic_import;
    run_intrinsics[INTRINSIC_INCLUDE] = intrinsic_include;
    native_register_builtins(vm, steps);
    magic_shell_register(vm);
    http_client_register(vm);
    tcp_register(vm);
    comm_register(vm);
}
