/*
 * os_process.c -- running other programs.
 *
 * A process is a request without work (sched/io.h): the I/O loop tells of its output and its end. It ends when all
 * of its handles are closed, those of its two pipes and its own. Each process leads a process group, so that what it
 * has started can be ended with it: politely at first, when its task stops waiting, so that it can clean up behind
 * itself, and by force when some of the group are still there after a while.
 *
 * Its output is collected for its result, or shown in the cell of the task that runs it, as it comes.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "sched/io.h"
#include "vm/cell.h"
#include "vm/output.h"
#include "vm/task.h"

#define OUTPUT_LIMIT (256u << 20) /* bytes of each pipe */
#define COMPLAINT_LIMIT 500 /* bytes */
#define GRACE 500 /* ms between the polite request to end and the end by force */

typedef struct {
    uv_pipe_t pipe;
    bool is_shown;
    Text text; /* what was collected */
} Output;

typedef struct {
    IoRequest io;
    uv_process_t process;
    uv_timer_t grace; /* once it was asked to end */
    Output out, err;
    int open_handles;
    int64_t status;
    int signal;
    int request_to_end; /* the signal */
    VintCell *cell; /* where output is shown */
    int failure; /* of the start: libuv's code; 0: it runs */
    size_t room; /* so many bytes of output has the heap left */
    bool too_much, stopping;
    char *command, *program;
    ProcessResult make;
} Process;

static NativeStatus on_done(Vm *vm, IoRequest *request, Value *result) {
    Process *process = (Process *)request;
    if (process->failure == UV_ENOENT)
        return vm_raise(vm, ERR_IO, "Failed to execute '%s': exec: \"%s\": executable file not found in $PATH",
                        process->command, process->program);
    if (process->failure != 0)
        return vm_raise(vm, ERR_IO, "Failed to execute '%s': %s", process->command, uv_strerror(process->failure));
    if (process->too_much && process->room < OUTPUT_LIMIT)
        return vm_raise(vm, ERR_MEMORY, "Command '%s' was stopped: its output is larger than the memory that is left",
                        process->command);
    if (process->too_much)
        return vm_raise(vm, ERR_IO, "Command '%s' was stopped: it wrote more than %u MB", process->command,
                        OUTPUT_LIMIT >> 20);
    const Text *out = &process->out.text, *err = &process->err.text;
    if (heap_refuses(vm, out->length + err->length)) return NATIVE_ERROR;
    ProcessEnd end = {.command = process->command, .status = process->status, .signal = process->signal,
                      .out = out->bytes ? out->bytes : "", .out_length = out->length,
                      .err = err->bytes ? err->bytes : "", .err_length = err->length};
    end.complaint = end.err_length < COMPLAINT_LIMIT ? (int)end.err_length : COMPLAINT_LIMIT;
    while (end.complaint > 0 && end.err[end.complaint - 1] == '\n') end.complaint--;
    return process->make(vm, &end, result);
}

static void on_release(IoRequest *request) {
    Process *process = (Process *)request;
    text_free(&process->out.text);
    text_free(&process->err.text);
    free(process->command);
    free(process->program);
    if (process->cell) cell_release(process->cell);
    free(process);
}

static void on_closed(uv_handle_t *handle) {
    Process *process = handle->data;
    process->open_handles--;
    if (process->open_handles == 1 && process->stopping) /* nothing is left but to stop the clock */
        uv_close((uv_handle_t *)&process->grace, on_closed);
    if (process->open_handles == 0) io_finish(&process->io);
}

static void close_pipe(Output *output) {
    if (!uv_is_closing((uv_handle_t *)&output->pipe)) uv_close((uv_handle_t *)&output->pipe, on_closed);
}

/* Kills the process and all that it has started. Closing the pipes as well lets nothing hold up the end. */
static void end_by_force(Process *process) {
    if (process->process.pid > 0) kill(-process->process.pid, SIGKILL);
    close_pipe(&process->out);
    close_pipe(&process->err);
}

static void on_grace_over(uv_timer_t *timer) { end_by_force(timer->data); }

static bool is_over(const Process *process) {
    return uv_is_closing((const uv_handle_t *)&process->process) &&
           uv_is_closing((const uv_handle_t *)&process->out.pipe) &&
           uv_is_closing((const uv_handle_t *)&process->err.pipe);
}

static void on_give_up(IoRequest *request) {
    Process *process = (Process *)request;
    if (is_over(process)) return;
    kill(-process->process.pid, process->request_to_end);
    process->stopping = true;
    process->open_handles++;
    process->grace.data = process;
    uv_timer_init(process->process.loop, &process->grace);
    uv_timer_start(&process->grace, on_grace_over, GRACE, 0);
}

static void on_exit_of_process(uv_process_t *handle, int64_t status, int signal) {
    Process *process = handle->data;
    process->status = status;
    process->signal = signal;
    uv_close((uv_handle_t *)handle, on_closed);
}

static void take_output(Process *process, Output *output, const char *bytes, size_t length) {
    if (output->is_shown) {
        VintStream shown_as = output == &process->out ? VINT_STDOUT : VINT_STDERR;
        output_write(process->io.session->vm, process->cell, shown_as, bytes, length);
        return;
    }
    if (process->stopping) return; /* nobody wants it */
    text_append(&output->text, bytes, length);
    if (output->text.length <= OUTPUT_LIMIT && output->text.length <= process->room) return;
    process->too_much = true;
    end_by_force(process);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *block) {
    Process *process = stream->data;
    Output *output = (uv_pipe_t *)stream == &process->out.pipe ? &process->out : &process->err;
    if (count < 0)
        close_pipe(output);
    else
        take_output(process, output, block->base, (size_t)count);
    free(block->base);
}

/* The environment as the system wants it: NAME=value, NULL at the end; one block. */
static char **make_environment(Vm *vm) {
    Dict *environment = os_environment(vm);
    Value name, value;
    size_t bytes = (environment->count + 1) * sizeof(char *);
    for (uint32_t cursor = 0; dict_next(environment, &cursor, &name, &value);)
        bytes += name.string->length + value.string->length + 2;
    char **list = malloc(bytes), **entry = list;
    if (!list) abort();
    char *at = (char *)(list + environment->count + 1);
    for (uint32_t cursor = 0; dict_next(environment, &cursor, &name, &value);) {
        *entry++ = at;
        at = mempcpy(at, name.string->bytes, name.string->length);
        *at++ = '=';
        at = mempcpy(at, value.string->bytes, value.string->length);
        *at++ = '\0';
    }
    *entry = NULL;
    return list;
}

static int spawn(Vm *vm, Process *process, char *const *words) {
    uv_loop_t *loop = &session_of(vm)->loop;
    uv_pipe_init(loop, &process->out.pipe, 0);
    uv_pipe_init(loop, &process->err.pipe, 0);
    process->process.data = process->out.pipe.data = process->err.pipe.data = process;
    process->open_handles = 3;
    uv_stdio_container_t streams[] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&process->out.pipe},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&process->err.pipe}};
    char **environment = make_environment(vm);
    uv_process_options_t options = {.exit_cb = on_exit_of_process,
                                    .file = words[0],
                                    .args = (char **)words,
                                    .env = environment,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = 3,
                                    .stdio = streams};
    int status = uv_spawn(loop, &process->process, &options);
    free(environment);
    return status;
}

static Process *process_new(Vm *vm, const char *command, char *const *words, ProcessResult make, int request_to_end) {
    Process *process = calloc(1, sizeof *process);
    if (!process) abort();
    process->io = (IoRequest){.done = on_done, .give_up = on_give_up, .release = on_release, .what = "waiting for a process"};
    process->command = strdup(command);
    process->program = strdup(words[0]);
    process->make = make;
    process->room = string_room(vm);
    process->request_to_end = request_to_end;
    return process;
}

static NativeStatus start(Vm *vm, Process *process, char *const *words, Value *result) {
    process->failure = spawn(vm, process, words);
    if (process->failure == 0) {
        uv_read_start((uv_stream_t *)&process->out.pipe, io_allocate, on_read);
        uv_read_start((uv_stream_t *)&process->err.pipe, io_allocate, on_read);
    } else {
        end_by_force(process);
        uv_close((uv_handle_t *)&process->process, on_closed);
    }
    return io_wait(vm, &process->io, NULL, result);
}

NativeStatus process_run(Vm *vm, const char *command, char *const *words, ProcessResult make, Value *result) {
    return start(vm, process_new(vm, command, words, make, SIGTERM), words, result);
}

NativeStatus process_show(Vm *vm, const char *command, char *const *words, bool show_out, ProcessResult make,
                          Value *result) {
    Process *process = process_new(vm, command, words, make, SIGINT);
    process->cell = cell_retain(vm->current->cell);
    process->out.is_shown = show_out;
    process->err.is_shown = true;
    return start(vm, process, words, result);
}
