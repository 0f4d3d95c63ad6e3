/*
 * lib_file_job.c -- jobs on files between the machine and the pool: from strings to plain C data, and back.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "lib_file.h"

/* A path as the system wants it; NULL with an error raised. */
static char *take_path(Vm *vm, const String *path) {
    if (memchr(path->bytes, '\0', path->length)) {
        vm_raise(vm, ERR_VALUE, "a path cannot contain the character \\0");
        return NULL;
    }
    char *taken = strndup(path->bytes, path->length);
    if (!taken) abort();
    return taken;
}

static void on_work(IoRequest *request) {
    FileJob *job = (FileJob *)request;
    job->work(job);
}

static NativeStatus on_done(Vm *vm, IoRequest *request, Value *result) {
    FileJob *job = (FileJob *)request;
    if (job->error == 0) return job->result(vm, job, result);
    if (job->error == ENOMEM)
        return vm_raise(vm, ERR_MEMORY, "%s%s %s: it is larger than the memory that is left", job->failure, job->call,
                        job->path);
    char text[128];
    const char *reason = file_error_text(job->error, text, sizeof text);
    if (job->about_both)
        return vm_raise(vm, ERR_IO, "%s%s %s %s: %s", job->failure, job->call, job->path, job->other, reason);
    return vm_raise(vm, ERR_IO, "%s%s %s: %s", job->failure, job->call, job->about_other ? job->other : job->path,
                    reason);
}

static void on_release(IoRequest *request) {
    FileJob *job = (FileJob *)request;
    for (size_t i = 0; i < job->entry_count; i++) free(job->entries[i].name);
    free(job->entries);
    free(job->path);
    free(job->other);
    free(job->bytes);
    free(job);
}

FileJob *file_job(Vm *vm, FileWork work, FileResult result, const char *failure, const String *path,
                  const String *other) {
    char *first = take_path(vm, path), *second = first && other ? take_path(vm, other) : NULL;
    FileJob *job = calloc(1, sizeof *job);
    if (!job) abort();
    job->io = (IoRequest){.work = on_work, .done = on_done, .release = on_release, .what = "waiting for a file"};
    job->work = work;
    job->room = string_room(vm);
    job->result = result;
    job->failure = failure;
    job->path = first;
    job->other = second;
    if (first && (second || !other)) return job;
    on_release(&job->io);
    return NULL;
}

void file_job_give(FileJob *job, const char *bytes, size_t length) {
    job->bytes = malloc(length + 1);
    if (!job->bytes) abort();
    memcpy(job->bytes, bytes, length);
    job->length = length;
}

NativeStatus file_start(Vm *vm, FileJob *job, void *object, Value *result) {
    return job ? io_submit(vm, &job->io, object, result) : NATIVE_ERROR;
}

const char *file_error_text(int error, char *buffer, size_t size) {
    const char *text = strerror_r(error, buffer, size);
    size_t i = 0;
    for (; text[i] && i < size - 1; i++) buffer[i] = (char)tolower((unsigned char)text[i]);
    buffer[i] = '\0';
    return buffer;
}

/* ---- results ---- */

NativeStatus file_result_success(Vm *vm, const FileJob *job, Value *result) {
    return lib_return_string(string_from(vm, job->success), result);
}

NativeStatus file_result_true(Vm *vm, const FileJob *job, Value *result) {
    (void)vm, (void)job;
    NATIVE_RETURN(value_bool(true));
}

NativeStatus file_result_answer(Vm *vm, const FileJob *job, Value *result) {
    (void)vm;
    NATIVE_RETURN(value_bool(job->answer));
}

NativeStatus file_result_string(Vm *vm, const FileJob *job, Value *result) {
    if (heap_refuses(vm, job->length)) return NATIVE_ERROR;
    return lib_return_string(string_new(vm, job->bytes ? job->bytes : "", job->length), result);
}

NativeStatus file_result_lines(Vm *vm, const FileJob *job, Value *result) {
    if (heap_refuses(vm, job->length)) return NATIVE_ERROR;
    String *text = string_new(vm, job->bytes ? job->bytes : "", job->length);
    Array *lines = text ? array_new(vm, 8) : NULL;
    if (!lines) return NATIVE_ERROR;
    for (uint32_t from = 0; from <= text->length;) {
        const char *feed = memchr(text->bytes + from, '\n', text->length - from);
        uint32_t to = feed ? (uint32_t)(feed - text->bytes) : text->length;
        if (!lib_push(vm, lines, string_slice_bytes(vm, text, from, to))) return NATIVE_ERROR;
        from = to + 1;
    }
    NATIVE_RETURN(value_obj(lines));
}
