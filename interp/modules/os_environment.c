/*
 * os_environment.c -- the part of the module `os` that is about the process and its surroundings: environment
 * variables, directories, numbers of users and processes. All of it answers at once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/lib_file.h"
#include "modules.h"
#include "os.h"
#include "vm/object.h"

extern char **environ;

static Value text_value_of(Vm *vm, const char *text, size_t length) { return value_obj(string_new(vm, text, length)); }

/* ---- the environment ---- */

/* It is kept in the module, under a name that programs cannot reach. */
Dict *os_environment(Vm *vm) {
    Value os, kept;
    if (!dict_get_name(vm->modules, string_intern(vm, "os", 2), &os)) os = value_obj(os_module(vm));
    Dict *members = os.module->members;
    String *name = string_intern(vm, "__environment", 13);
    if (dict_get_name(members, name, &kept)) return kept.dict;
    Dict *environment = dict_new(vm, 64);
    for (char **entry = environ; *entry; entry++) {
        const char *sign = strchr(*entry, '=');
        if (sign)
            dict_set(vm, environment, text_value_of(vm, *entry, (size_t)(sign - *entry)),
                     text_value_of(vm, sign + 1, strlen(sign + 1)));
    }
    dict_set(vm, members, value_obj(name), value_obj(environment));
    return environment;
}

const String *os_variable(Vm *vm, const char *name) {
    Value value;
    return dict_get(os_environment(vm), text_value_of(vm, name, strlen(name)), &value) ? value.string : NULL;
}

const String *os_temporary_directory(Vm *vm) {
    const String *directory = os_variable(vm, "TMPDIR");
    return directory && directory->length > 0 ? directory : string_from(vm, P_tmpdir);
}

static NativeStatus success(Vm *vm, const char *text, Value *result) {
    return lib_return_string(string_from(vm, text), result);
}

static NativeStatus os_get_env(NATIVE_ARGS) {
    Value value;
    if (!dict_get(os_environment(vm), args[0], &value)) return success(vm, "", result);
    NATIVE_RETURN(value);
}

static NativeStatus os_lookup_env(NATIVE_ARGS) {
    Value value;
    bool exists = dict_get(os_environment(vm), args[0], &value);
    if (!exists) value = text_value_of(vm, "", 0);
    Dict *answer = dict_new(vm, 2);
    dict_set(vm, answer, value_obj(string_intern(vm, "value", 5)), value);
    dict_set(vm, answer, value_obj(string_intern(vm, "exists", 6)), value_bool(exists));
    NATIVE_RETURN(value_obj(answer));
}

static bool has_byte(const String *s, char byte) { return memchr(s->bytes, byte, s->length) != NULL; }

static NativeStatus os_set_env(NATIVE_ARGS) {
    const String *name = args[0].string, *value = args[1].string;
    if (name->length == 0 || has_byte(name, '=') || has_byte(name, '\0') || has_byte(value, '\0'))
        return vm_raise(vm, ERR_VALUE, "Failed to set environment variable: setenv: invalid argument");
    if (!dict_set(vm, os_environment(vm), args[0], args[1])) return NATIVE_ERROR;
    return success(vm, "Environment variable set successfully", result);
}

static NativeStatus os_unset_env(NATIVE_ARGS) {
    dict_remove(vm, os_environment(vm), args[0]);
    return success(vm, "Environment variable unset successfully", result);
}

static NativeStatus os_clear_env(NATIVE_ARGS) {
    dict_clear(vm, os_environment(vm));
    return success(vm, "Environment cleared successfully", result);
}

static NativeStatus os_environ(NATIVE_ARGS) {
    Dict *environment = os_environment(vm);
    Array *list = array_new(vm, environment->count);
    Value name, value;
    for (uint32_t cursor = 0; list && dict_next(environment, &cursor, &name, &value);) {
        Text text = {0};
        text_append(&text, name.string->bytes, name.string->length);
        text_putc(&text, '=');
        text_append(&text, value.string->bytes, value.string->length);
        bool fits = lib_push(vm, list, string_new(vm, text.bytes, text.length));
        text_free(&text);
        if (!fits) return NATIVE_ERROR;
    }
    return lib_return_array(list, result);
}

/* ---- expand ---- */

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The name behind a dollar sign at [at]; returns how many bytes it takes there, braces included. 0: the dollar sign
 * stands for itself. A mistake in braces has an empty name. */
static size_t take_name(const char *at, size_t length, const char **name, size_t *name_length) {
    *name = at;
    *name_length = 0;
    if (length == 0) return 0;
    if (at[0] == '{') {
        const char *end = memchr(at, '}', length);
        if (!end) return 1;
        *name = at + 1;
        *name_length = (size_t)(end - at - 1);
        return *name_length + 2;
    }
    if (strchr("*#$@!?-0123456789", at[0])) return *name_length = 1;
    while (*name_length < length && is_name(at[*name_length])) ++*name_length;
    return *name_length;
}

/* The text by turns with the names in it: text, name, text, name, text. NULL with an error raised. */
static Array *expand_pieces(Vm *vm, const String *text) {
    Array *pieces = array_new(vm, 8);
    const char *at = text->bytes, *end = at + text->length, *start = at;
    while (at < end) {
        const char *name;
        size_t name_length, taken = *at == '$' ? take_name(at + 1, (size_t)(end - at - 1), &name, &name_length) : 0;
        if (taken == 0) {
            at++;
            continue;
        }
        if (!lib_push(vm, pieces, string_new(vm, start, (size_t)(at - start))) ||
            !lib_push(vm, pieces, string_new(vm, name, name_length)))
            return NULL;
        start = at += 1 + taken;
    }
    if (!lib_push(vm, pieces, string_new(vm, start, (size_t)(end - start)))) return NULL;
    return pieces;
}

static NativeStatus os_expand_env(NATIVE_ARGS) {
    Array *pieces = expand_pieces(vm, args[0].string);
    if (!pieces) return NATIVE_ERROR;
    Text text = lib_text(vm);
    for (uint32_t i = 0; i < pieces->length; i++) {
        Value piece = pieces->items[i];
        if (i % 2 == 1 && !dict_get(os_environment(vm), piece, &piece)) continue;
        text_append(&text, piece.string->bytes, piece.string->length);
    }
    return lib_return_text(vm, &text, result);
}

/* With a function, it ends in a call of the prelude, which calls that. */
static NativeStatus os_expand(NATIVE_ARGS) {
    if (!native_given(args[1])) return os_expand_env(vm, args, argc, result);
    if (!dict_get_name(vm->builtins, string_intern(vm, "__expand", 8), result)) abort();
    Array *pieces = expand_pieces(vm, args[0].string);
    if (!pieces) return NATIVE_ERROR;
    args[0] = value_obj(pieces);
    vm->call_count = 2;
    return NATIVE_CALL;
}

/* ---- directories ---- */

static NativeStatus failure(Vm *vm, const char *what, const char *call, const char *path) {
    char text[128];
    const char *reason = file_error_text(errno, text, sizeof text);
    return vm_raise(vm, ERR_IO, "%s: %s%s%s: %s", what, call, path[0] ? " " : "", path, reason);
}

static NativeStatus working_directory(Vm *vm, const char *what, Value *result) {
    char *path = getcwd(NULL, 0);
    if (!path) return failure(vm, what, "getwd", "");
    *result = text_value_of(vm, path, strlen(path));
    free(path);
    return NATIVE_OK;
}

static NativeStatus os_getwd(NATIVE_ARGS) {
    return working_directory(vm, "Failed to get current working directory", result);
}
static NativeStatus os_current_dir(NATIVE_ARGS) {
    return working_directory(vm, "Failed to get current directory", result);
}

static NativeStatus os_change_dir(NATIVE_ARGS) {
    char *path = strndup(args[0].string->bytes, args[0].string->length);
    NativeStatus status = NATIVE_OK;
    if (chdir(path) < 0)
        status = failure(vm, "Failed to change directory", "chdir", path);
    else
        status = success(vm, "Directory changed successfully", result);
    free(path);
    return status;
}

/* $[variable], or else a directory in $HOME. */
static NativeStatus user_directory(Vm *vm, const char *what, const char *variable, const char *in_home, Value *result) {
    const String *set = variable ? os_variable(vm, variable) : NULL, *home = os_variable(vm, "HOME");
    if (set && set->length > 0) return lib_return_string((String *)set, result);
    if (!home || home->length == 0)
        return vm_raise(vm, ERR_IO, "Failed to get %s directory: $HOME is not defined", what);
    return lib_return_string(string_format(vm, "%.*s%s", (int)home->length, home->bytes, in_home), result);
}

static NativeStatus os_homedir(NATIVE_ARGS) { return user_directory(vm, "home", NULL, "", result); }
static NativeStatus os_user_home_dir(NATIVE_ARGS) { return user_directory(vm, "user home", NULL, "", result); }
static NativeStatus os_user_cache_dir(NATIVE_ARGS) {
    return user_directory(vm, "user cache", "XDG_CACHE_HOME", "/.cache", result);
}
static NativeStatus os_user_config_dir(NATIVE_ARGS) {
    return user_directory(vm, "user config", "XDG_CONFIG_HOME", "/.config", result);
}
static NativeStatus os_temp_dir(NATIVE_ARGS) { return lib_return_string((String *)os_temporary_directory(vm), result); }

/* ---- process and machine ---- */

/* NUMBERS(X): X(name, value, help) */
#define NUMBERS(X)                                                                                 \
    X(cpuCount, sysconf(_SC_NPROCESSORS_ONLN), "How many processors there are.")                   \
    X(getpid, getpid(), "The number of this process.")                                             \
    X(getppid, getppid(), "The number of the process that started this one.")                      \
    X(getuid, getuid(), "The user's number.")                                                      \
    X(geteuid, geteuid(), "The effective user's number.")                                          \
    X(getgid, getgid(), "The group's number.")                                                     \
    X(getegid, getegid(), "The effective group's number.")                                         \
    X(getpagesize, sysconf(_SC_PAGESIZE), "The size of a page of memory in bytes.")

#define X(name, value, help)                                                                       \
    static NativeStatus os_##name(NATIVE_ARGS) { NATIVE_RETURN(value_int((int64_t)(value))); }
NUMBERS(X)
#undef X

static NativeStatus os_getgroups(NATIVE_ARGS) {
    gid_t groups[1024];
    int count = getgroups(1024, groups);
    if (count < 0) return failure(vm, "Failed to get groups", "getgroups", "");
    Array *list = array_new(vm, (size_t)count);
    for (int i = 0; list && i < count; i++) array_push(vm, list, value_int(groups[i]));
    return lib_return_array(list, result);
}

static NativeStatus os_hostname(NATIVE_ARGS) {
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) < 0) return failure(vm, "Failed to get hostname", "hostname", "");
    return lib_return_string(string_from(vm, name), result);
}

static NativeStatus os_executable(NATIVE_ARGS) {
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length < 0) return failure(vm, "Failed to get executable path", "readlink", "/proc/self/exe");
    return lib_return_string(string_new(vm, path, (size_t)length), result);
}

/* ---- errors ---- */

/* Does the text contain one of the words, in any case? */
static bool says(const String *text, const char *const *words) {
    char *copy = strndup(text->bytes, text->length);
    bool found = false;
    for (; *words && !found; words++) found = strcasestr(copy, *words) != NULL;
    free(copy);
    return found;
}

static const char *const not_exist[] = {"not exist", "no such", NULL};

static NativeStatus os_is_exist(NATIVE_ARGS) {
    static const char *const exist[] = {"exist", NULL};
    NATIVE_RETURN(value_bool(says(args[0].string, exist) && !says(args[0].string, not_exist)));
}

static NativeStatus os_is_not_exist(NATIVE_ARGS) { NATIVE_RETURN(value_bool(says(args[0].string, not_exist))); }

static NativeStatus os_is_permission(NATIVE_ARGS) {
    static const char *const words[] = {"permission", "denied", "access", NULL};
    NATIVE_RETURN(value_bool(says(args[0].string, words)));
}

static NativeStatus os_is_timeout(NATIVE_ARGS) {
    static const char *const words[] = {"timeout", "deadline", NULL};
    NATIVE_RETURN(value_bool(says(args[0].string, words)));
}

static NativeStatus os_is_path_separator(NATIVE_ARGS) { NATIVE_RETURN(value_bool(string_is(args[0].string, "/"))); }

const NativeDef os_environment_functions[] = {
    {"getEnv(name: string) -> string", "The value of an environment variable; \"\" when it is not set.", os_get_env},
    {"lookupEnv(name: string) -> dict", "{\"value\", \"exists\"} of an environment variable.", os_lookup_env},
    {"setEnv(name: string, value: string) -> string",
     "Sets an environment variable, for this program and those that it runs.", os_set_env},
    {"unsetEnv(name: string) -> string", "Removes an environment variable.", os_unset_env},
    {"clearenv() -> string", "Removes all environment variables.", os_clear_env},
    {"environ() -> array", "All environment variables, as NAME=value.", os_environ},
    {"expand(text: string, f: func = null) -> string",
     "The text with $NAME and ${NAME} replaced by environment variables, or by what f gives for the name.", os_expand},
    {"expandEnv(text: string) -> string", "The text with $NAME and ${NAME} replaced by environment variables.",
     os_expand_env},
    {"getwd() -> string", "The working directory.", os_getwd},
    {"currentDir() -> string", "The working directory.", os_current_dir},
    {"changeDir(path: string) -> string", "Changes the working directory, of the whole process.", os_change_dir},
    {"homedir() -> string", "The user's directory.", os_homedir},
    {"userHomeDir() -> string", "The user's directory.", os_user_home_dir},
    {"userCacheDir() -> string", "The directory for what programs keep for a while.", os_user_cache_dir},
    {"userConfigDir() -> string", "The directory for programs' settings.", os_user_config_dir},
    {"tempDir() -> string", "The directory for temporary files.", os_temp_dir},
    {"tmpdir() -> string", "The directory for temporary files.", os_temp_dir},
#define X(name, value, help) {#name "() -> int", help, os_##name},
    NUMBERS(X)
#undef X
    {"getgroups() -> array", "The numbers of the groups that the user belongs to.", os_getgroups},
    {"hostname() -> string", "The machine's name.", os_hostname},
    {"executable() -> string", "The path of the program that runs.", os_executable},
    {"isExist(message: string) -> bool", "Does an error say that something exists already?", os_is_exist},
    {"isNotExist(message: string) -> bool", "Does an error say that something does not exist?", os_is_not_exist},
    {"isPermission(message: string) -> bool", "Does an error say that something is not allowed?", os_is_permission},
    {"isTimeout(message: string) -> bool", "Does an error say that something took too long?", os_is_timeout},
    {"isPathSeparator(character: string) -> bool", "Is it \"/\"?", os_is_path_separator},
    {0}};
