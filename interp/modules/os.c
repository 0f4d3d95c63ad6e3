/*
 * os.c -- the module `os`: files, directories, processes. What answers at once is in os_environment.c.
 *
 * Whatever asks the disk, and whatever another program does, takes as long as it takes: the calling task is parked
 * meanwhile, and the others go on.
 */
#include "os.h"

#include <stdlib.h>
#include <string.h>

#include "lib/lib_file.h"
#include "modules.h"
#include "vm/object.h"

/* ---- modes ---- */

/* MODE_BITS(X): X(bit of a mode as programs see it, the system's) -- those of permissions are the same. */
#define MODE_BITS(X) X(1 << 23, S_ISUID) X(1 << 22, S_ISGID) X(1 << 20, S_ISVTX)
/* MODE_KINDS(X): the kinds of files. */
#define MODE_KINDS(X)                                                                              \
    X(1u << 31, S_IFDIR) X(1 << 27, S_IFLNK) X(1 << 26, S_IFBLK) X(1 << 26 | 1 << 21, S_IFCHR)     \
    X(1 << 25, S_IFIFO) X(1 << 24, S_IFSOCK)

static int64_t mode_from_system(mode_t mode) {
    int64_t seen = mode & 0777;
#define X(bit, system) if (mode & (system)) seen |= (bit);
    MODE_BITS(X)
#undef X
#define X(bits, system) if ((mode & S_IFMT) == (system)) seen |= (bits);
    MODE_KINDS(X)
#undef X
    return seen;
}

static int64_t mode_to_system(int64_t seen) {
    int64_t mode = seen & 0777;
#define X(bit, system) if (seen & (bit)) mode |= (system);
    MODE_BITS(X)
#undef X
    return mode;
}

/* ---- results ---- */

static void set(Vm *vm, Dict *dict, const char *key, Value value) {
    dict_set(vm, dict, value_obj(string_intern(vm, key, strlen(key))), value);
}

static Value entry_value(Vm *vm, const FileEntry *entry) {
    const struct stat *status = &entry->status;
    Dict *dict = dict_new(vm, 5);
    set(vm, dict, "name", value_obj(string_from(vm, entry->name)));
    set(vm, dict, "isDir", value_bool(S_ISDIR(status->st_mode)));
    set(vm, dict, "size", value_int(status->st_size));
    set(vm, dict, "mode", value_int(mode_from_system(status->st_mode)));
    set(vm, dict, "modTime", value_int(status->st_mtim.tv_sec));
    return value_obj(dict);
}

static NativeStatus entry_result(Vm *vm, const FileJob *job, Value *result) {
    NATIVE_RETURN(entry_value(vm, &job->entries[0]));
}

static NativeStatus entries_result(Vm *vm, const FileJob *job, Value *result) {
    Array *list = array_new(vm, job->entry_count);
    for (size_t i = 0; list && i < job->entry_count; i++)
        if (!array_push(vm, list, entry_value(vm, &job->entries[i]))) return NATIVE_ERROR;
    return lib_return_array(list, result);
}

static NativeStatus file_names_result(Vm *vm, const FileJob *job, Value *result) {
    Array *list = array_new(vm, job->entry_count);
    for (size_t i = 0; list && i < job->entry_count; i++) {
        if (S_ISDIR(job->entries[i].status.st_mode)) continue;
        if (!array_push(vm, list, value_obj(string_from(vm, job->entries[i].name)))) return NATIVE_ERROR;
    }
    return lib_return_array(list, result);
}

static NativeStatus names_text_result(Vm *vm, const FileJob *job, Value *result) {
    Text text = lib_text(vm);
    for (size_t i = 0; i < job->entry_count; i++) {
        if (i > 0) text_puts(&text, ", ");
        text_puts(&text, job->entries[i].name);
    }
    return lib_return_text(vm, &text, result);
}

/* ---- files and directories ---- */

/*
 * Functions that are no more than a job. Of their arguments the strings become the job's paths and the integers its
 * numbers, in their order.
 */
#define PATH "(path: string)"
#define PATHS "(from: string, to: string)"
#define OWNER "(path: string, user: int, group: int)"
#define TIMES "(path: string, access: int, change: int)"

/* QUESTIONS(X): X(name, parameters, result type, help, work, how its result is made, what its errors begin with) */
#define QUESTIONS(X)                                                                               \
    X(readFile, PATH, "string", "The content of a file.", read, file_result_string, "Failed to read file: ") \
    X(readLines, PATH, "array", "The lines of a file.", read, file_result_lines, "Failed to read file: ") \
    X(fileExists, PATH, "bool", "Is there anything of that name?", exists, file_result_answer, "") \
    X(sameFile, PATHS, "bool", "Are both the same file?", same, file_result_answer, "")            \
    X(readlink, PATH, "string", "Where a symbolic link leads.", readlink, file_result_string,      \
      "Failed to read symbolic link: ")                                                            \
    X(listDir, PATH, "string", "The names in a directory, sorted, in one text.", list, names_text_result, \
      "Failed to list directory: ")                                                                \
    X(listFiles, PATH, "array", "The names in a directory that are no directories, sorted.", list, \
      file_names_result, "Failed to list directory: ")                                             \
    X(readDir, PATH, "array", "What is in a directory, sorted by name: dicts as stat() gives them.", list, \
      entries_result, "Failed to read directory: ")                                                \
    X(stat, PATH, "dict", "{\"name\", \"isDir\", \"size\", \"mode\", \"modTime\"} of a file.", stat, entry_result, \
      "Failed to stat file: ")                                                                     \
    X(lstat, PATH, "dict", "The same as stat(), of a symbolic link itself.", lstat, entry_result,  \
      "Failed to lstat file: ")

/* CHANGES(X): X(name, parameters, help, work, what it says on success, what its errors begin with) */
#define CHANGES(X)                                                                                 \
    X(copy, PATHS, "Copies a file, over what is there.", copy, "File copied successfully", "")     \
    X(move, PATHS, "Moves a file or directory.", rename, "File moved successfully", "Failed to move file: ") \
    X(rename, PATHS, "Renames a file or directory.", rename, "File renamed successfully", "Failed to rename: ") \
    X(truncate, "(path: string, size: int)", "Cuts or extends a file to a size in bytes.", truncate, \
      "File truncated successfully", "Failed to truncate file: ")                                  \
    X(deleteFile, PATH, "Deletes a file or an empty directory.", remove, "File deleted successfully", \
      "Failed to delete file: ")                                                                   \
    X(remove, PATH, "Deletes a file or an empty directory.", remove, "File removed successfully",  \
      "Failed to remove: ")                                                                        \
    X(removeAll, PATH, "Deletes a file, or a directory with all that is in it.", remove_all,       \
      "Path removed successfully", "Failed to remove all: ")                                       \
    X(removeDir, PATH, "Deletes a directory with all that is in it.", remove_all,                  \
      "Directory removed successfully", "Failed to remove directory: ")                            \
    X(makeDir, PATH, "Makes a directory.", make_directory, "Directory created successfully",       \
      "Failed to create directory: ")                                                              \
    X(chown, OWNER, "Changes a file's owner.", chown, "File owner changed successfully",           \
      "Failed to change file owner: ")                                                             \
    X(lchown, OWNER, "Changes a symbolic link's owner.", lchown, "Symlink owner changed successfully", \
      "Failed to change symlink owner: ")                                                          \
    X(chtimes, TIMES, "Sets a file's times, in seconds since 1970.", chtimes, "File times changed successfully", \
      "Failed to change file times: ")                                                             \
    X(link, PATHS, "Gives a file a second name.", link, "Hard link created successfully",          \
      "Failed to create hard link: ")                                                              \
    X(symlink, "(target: string, path: string)", "Makes a symbolic link.", symlink,                \
      "Symbolic link created successfully", "Failed to create symbolic link: ")

/* Starts a job with the arguments. */
static NativeStatus start(Vm *vm, const Value *args, int argc, FileWork work, FileResult make, const char *success,
                          const char *failure, Value *result) {
    bool has_two = argc > 1 && args[1].tag == T_STRING;
    FileJob *job = file_job(vm, work, make, failure, args[0].string, has_two ? args[1].string : NULL);
    if (!job) return NATIVE_ERROR;
    job->success = success;
    for (int i = 1, number = 0; i < argc; i++)
        if (args[i].tag == T_INT) job->numbers[number++] = args[i].i;
    return file_start(vm, job, NULL, result);
}

#define X(name, parameters, type, help, work, make, failure)                                       \
    static NativeStatus os_##name(NATIVE_ARGS) {                                                   \
        return start(vm, args, argc, file_##work, make, NULL, failure, result);                    \
    }
QUESTIONS(X)
#undef X

#define X(name, parameters, help, work, success, failure)                                          \
    static NativeStatus os_##name(NATIVE_ARGS) {                                                   \
        return start(vm, args, argc, file_##work, file_result_success, success, failure, result);  \
    }
CHANGES(X)
#undef X

static NativeStatus os_write_file(NATIVE_ARGS) {
    FileJob *job = file_job(vm, file_write, file_result_success, "Failed to write file: ", args[0].string, NULL);
    if (!job) return NATIVE_ERROR;
    job->success = "File written successfully";
    file_job_give(job, args[1].string->bytes, args[1].string->length);
    return file_start(vm, job, NULL, result);
}

/* With a mode as programs see it. */
static NativeStatus start_with_mode(Vm *vm, Value path, int64_t mode, FileWork work, const char *success,
                                    const char *failure, Value *result) {
    Value args[] = {path, value_int(mode_to_system(mode))};
    return start(vm, args, 2, work, file_result_success, success, failure, result);
}

static NativeStatus os_chmod(NATIVE_ARGS) {
    return start_with_mode(vm, args[0], args[1].i, file_chmod, "File mode changed successfully",
                           "Failed to change file mode: ", result);
}

static NativeStatus os_mkdir_all(NATIVE_ARGS) {
    return start_with_mode(vm, args[0], native_given(args[1]) ? args[1].i : 0755, file_make_directories,
                           "Directory tree created successfully", "Failed to create directory tree: ", result);
}

static NativeStatus start_temporary(Vm *vm, const Value *args, FileWork work, const char *failure, Value *result) {
    const String *directory = args[0].string->length > 0 ? args[0].string : os_temporary_directory(vm);
    return file_start(vm, file_job(vm, work, file_result_string, failure, directory, args[1].string), NULL, result);
}

static NativeStatus os_create_temp(NATIVE_ARGS) {
    return start_temporary(vm, args, file_make_temporary, "Failed to create temporary file: ", result);
}

static NativeStatus os_mkdir_temp(NATIVE_ARGS) {
    return start_temporary(vm, args, file_make_temporary_directory, "Failed to create temporary directory: ", result);
}

/* ---- processes ---- */

static NativeStatus run_result(Vm *vm, const ProcessEnd *end, Value *result) {
    if (end->status == 0 && end->signal == 0)
        return lib_return_string(string_new(vm, end->out, end->out_length), result);
    const char *between = end->complaint > 0 ? "\n" : "";
    if (end->signal != 0)
        return vm_raise(vm, ERR_IO, "Command '%s' was ended by signal %d (%s).%s%.*s", end->command, end->signal,
                        strsignal(end->signal), between, end->complaint, end->err);
    return vm_raise(vm, ERR_IO, "Command '%s' exited with status %lld.%s%.*s", end->command, (long long)end->status,
                    between, end->complaint, end->err);
}

/* The words of a command are what stands between its blanks; there is no shell. */
static NativeStatus os_run(NATIVE_ARGS) {
    char *command = strndup(args[0].string->bytes, args[0].string->length), *copy = strdup(command), *rest = copy;
    char **words = calloc(strlen(copy) / 2 + 2, sizeof *words);
    if (!words) abort();
    size_t count = 0;
    for (char *word; (word = strtok_r(rest, " \t\n", &rest));) words[count++] = word;
    NativeStatus status = count > 0 ? process_run(vm, command, words, run_result, result)
                                    : (NativeStatus)vm_raise(vm, ERR_VALUE, "os.run(): the command is empty");
    free(words);
    free(copy);
    free(command);
    return status;
}

/* ---- the module ---- */

static const NativeDef functions[] = {
#define X(name, parameters, type, help, work, make, failure) {#name parameters " -> " type, help, os_##name},
    QUESTIONS(X)
#undef X
#define X(name, parameters, help, work, success, failure) {#name parameters " -> string", help, os_##name},
    CHANGES(X)
#undef X
    {"writeFile(path: string, content: string) -> string", "Writes the text to a file, in place of what it held.",
     os_write_file},
    {"chmod(path: string, mode: int) -> string", "Changes a file's permissions: 420 is rw-r--r--.", os_chmod},
    {"mkdirAll(path: string, mode: int = 493) -> string", "Makes a directory and those above it.", os_mkdir_all},
    {"createTemp(directory: string, pattern: string) -> string",
     "Makes a file with a new name, in which digits stand for the last *; \"\" stands for tempDir(). Returns its path.",
     os_create_temp},
    {"mkdirTemp(directory: string, pattern: string) -> string",
     "Makes a directory with a new name, as createTemp() does for files. Returns its path.",
     os_mkdir_temp},
    {"run(command: string) -> string",
     "Runs a program, without a shell: words are separated by blanks. Returns what it printed.", os_run},
    {0}};

/* Builtins that belong here, too. */
static void add_builtin(Vm *vm, Module *module, const char *name) {
    Value builtin;
    String *key = string_intern(vm, name, strlen(name));
    if (!dict_get_name(vm->builtins, key, &builtin)) abort();
    dict_set(vm, module->members, value_obj(key), builtin);
}

Module *os_module(Vm *vm) {
    Module *module = native_module(vm, "os", functions);
    for (const NativeDef *def = os_environment_functions; def->signature; def++) {
        Native *native = native_new(vm, def, false);
        dict_set(vm, module->members, value_obj(native->name), value_obj(native));
    }
    add_builtin(vm, module, "exit");
    add_builtin(vm, module, "args");
    return module;
}
