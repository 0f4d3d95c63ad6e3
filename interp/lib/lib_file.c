/*
 * lib_file.c -- the builtins open() and write(), and the methods of files.
 *
 * A FILE is a name and the content that was found there when it was opened; it keeps nothing open. Opening one that
 * does not exist is no error: exists() tells, write() and append() make it.
 *
 * Everything that asks the disk parks the calling task (lib_file.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "lib_file.h"
#include "vm/object.h"

/* The job's failures begin with [before] 'path' [after]; kept in the job's second path, which must be free. */
static void name_path(FileJob *job, const char *before, const char *after) {
    if (asprintf(&job->other, "%s '%s'%s: ", before, job->path, after) < 0) abort();
    job->failure = job->other;
}

/* ---- Builtins ---------------------------------------------------------------------------------------------------- */

static NativeStatus opened(Vm *vm, const FileJob *job, Value *result) {
    String *content = NULL;
    if (job->answer) {
        if (heap_refuses(vm, job->length)) return NATIVE_ERROR;
        content = string_new(vm, job->bytes, job->length);
        if (!content) return NATIVE_ERROR;
    }
    File *file = HEAP_NEW(vm, File, T_FILE);
    file->path = job->io.object;
    file->content = content;
    gc_write_obj(vm, file->path);
    NATIVE_RETURN(value_obj(file));
}

static NativeStatus open_within(Vm *vm, String *path, size_t limit, Value *result) {
    FileJob *job = file_job(vm, file_read_or_not, opened, NULL, path, NULL);
    if (!job) return NATIVE_ERROR;
    job->limit = limit;
    name_path(job, "Failed to read file", "");
    return file_start(vm, job, path, result);
}

static NativeStatus builtin_open(NATIVE_ARGS) { return open_within(vm, args[0].string, 0, result); }

static NativeStatus builtin_open_small(NATIVE_ARGS) {
    return open_within(vm, args[0].string, (size_t)args[1].i, result);
}

static NativeStatus written(Vm *vm, const FileJob *job, Value *result) {
    (void)vm;
    NATIVE_RETURN(value_int((int64_t)job->length));
}

static NativeStatus builtin_write(NATIVE_ARGS) {
    bool append = native_given(args[2]) && string_is(args[2].string, "a");
    if (native_given(args[2]) && !append && !string_is(args[2].string, "w"))
        return vm_raise(vm, ERR_VALUE, "write() mode must be 'w' (overwrite) or 'a' (append), got '%.*s'",
                        (int)args[2].string->length, args[2].string->bytes);
    FileJob *job = file_job(vm, append ? file_append : file_write, written, NULL, args[0].string, NULL);
    if (!job) return NATIVE_ERROR;
    file_job_give(job, args[1].string->bytes, args[1].string->length);
    name_path(job, "Failed to open file", " for writing");
    return file_start(vm, job, NULL, result);
}

/* ---- Methods ----------------------------------------------------------------------------------------------------- */

/* Starts a job on a file's path; [bytes] and [other] may be NULL. */
static NativeStatus start(Vm *vm, File *file, FileWork work, FileResult make, const char *failure, const String *bytes,
                          const String *other, Value *result) {
    FileJob *job = file_job(vm, work, make, failure, file->path, other);
    if (job && bytes) file_job_give(job, bytes->bytes, bytes->length);
    return file_start(vm, job, file, result);
}

static NativeStatus file_method_read(NATIVE_ARGS) {
    const File *file = args[0].file;
    if (file->content) NATIVE_RETURN(value_obj(file->content));
    char text[128];
    int length = (int)file->path->length;
    return vm_raise(vm, ERR_IO, "Failed to read file '%.*s': open %.*s: %s", length, file->path->bytes, length,
                    file->path->bytes, file_error_text(ENOENT, text, sizeof text));
}

/* The lines, without the ends that other systems put before the line feed. */
static NativeStatus lines_result(Vm *vm, const FileJob *job, Value *result) {
    if (file_result_lines(vm, job, result) != NATIVE_OK) return NATIVE_ERROR;
    Array *lines = result->array;
    for (uint32_t i = 0; i < lines->length; i++) {
        String *line = lines->items[i].string;
        if (line->length > 0 && line->bytes[line->length - 1] == '\r')
            lines->items[i] = value_obj(string_slice_bytes(vm, line, 0, line->length - 1));
    }
    return NATIVE_OK;
}

static NativeStatus file_method_lines(NATIVE_ARGS) {
    return start(vm, args[0].file, file_read, lines_result, "Error reading file: ", NULL, NULL, result);
}

static NativeStatus write_result(Vm *vm, const FileJob *job, Value *result) {
    File *file = job->io.object;
    String *content = string_new(vm, job->bytes, job->length);
    if (!content) return NATIVE_ERROR;
    file->content = content;
    gc_write_obj(vm, content);
    NATIVE_RETURN(value_bool(true));
}

static NativeStatus file_method_write(NATIVE_ARGS) {
    return start(vm, args[0].file, file_write, write_result, "Error writing to file: ", args[1].string, NULL, result);
}

static NativeStatus file_method_append(NATIVE_ARGS) {
    return start(vm, args[0].file, file_append, file_result_true, "Error opening file for appending: ", args[1].string,
                 NULL, result);
}

static NativeStatus file_method_exists(NATIVE_ARGS) {
    return start(vm, args[0].file, file_exists, file_result_answer, NULL, NULL, NULL, result);
}

static NativeStatus size_result(Vm *vm, const FileJob *job, Value *result) {
    (void)vm;
    NATIVE_RETURN(value_int(job->entries[0].status.st_size));
}

static NativeStatus file_method_size(NATIVE_ARGS) {
    return start(vm, args[0].file, file_stat, size_result, "Error getting file size: ", NULL, NULL, result);
}

static NativeStatus file_method_extension(NATIVE_ARGS) {
    const String *path = args[0].file->path;
    uint32_t at = path->length;
    while (at > 0 && path->bytes[at - 1] != '.' && path->bytes[at - 1] != '/') at--;
    bool has_one = at > 0 && path->bytes[at - 1] == '.';
    uint32_t from = has_one ? at - 1 : path->length;
    return lib_return_string(string_slice_bytes(vm, args[0].file->path, from, path->length), result);
}

static NativeStatus file_method_copy(NATIVE_ARGS) {
    return start(vm, args[0].file, file_copy, file_result_true, NULL, NULL, args[1].string, result);
}

static NativeStatus move_result(Vm *vm, const FileJob *job, Value *result) {
    File *file = job->io.object;
    file->path = string_from(vm, job->other);
    gc_write_obj(vm, file->path);
    NATIVE_RETURN(value_bool(true));
}

static NativeStatus file_method_move(NATIVE_ARGS) {
    return start(vm, args[0].file, file_rename, move_result, "Error moving file: ", NULL, args[1].string, result);
}

static NativeStatus file_method_delete(NATIVE_ARGS) {
    return start(vm, args[0].file, file_remove, file_result_true, "Error deleting file: ", NULL, NULL, result);
}

static const NativeDef builtins[] = {
    {"open(path: string) -> file", "A file, with its content if it exists.", builtin_open},
    {"__open_small(path: string, limit: int) -> file", "The same; an error if it has more than so many bytes.",
     builtin_open_small},
    {"write(path: string, content: string, mode: string = \"w\") -> int",
     "Writes the text to a file, in place of what it held (\"w\") or behind it (\"a\"); returns the number of bytes.",
     builtin_write},
    {0}};

static const NativeDef methods[] = {
    {"read() -> string", "The content, as it was when the file was opened or last written by write().",
     file_method_read},
    {"lines() -> array", "The lines of the file as it is now.", file_method_lines},
    {"write(content: string) -> bool", "Replaces the file's content.", file_method_write},
    {"append(content: string) -> bool", "Adds to the end of the file.", file_method_append},
    {"exists() -> bool", "Does the file exist now?", file_method_exists},
    {"size() -> int", "The file's size in bytes now.", file_method_size},
    {"extension() -> string", "The end of the name from its last dot on; \"\" if it has none.", file_method_extension},
    {"copy(path: string) -> bool", "Copies the file, over what is there.", file_method_copy},
    {"move(path: string) -> bool", "Moves or renames the file; the value stands for it under its new name.",
     file_method_move},
    {"delete() -> bool", "Deletes the file.", file_method_delete},
    {0}};

void lib_file_register(Vm *vm) {
    native_register_builtins(vm, builtins);
    native_register_methods(vm, T_FILE, methods);
}
