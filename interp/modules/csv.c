/*
 * csv.c -- the module `csv`: tables in files, as Go's package encoding/csv reads and writes them.
 *
 *     a,b c,"x, y"        a field may stand in quotes; then it may hold commas, line ends, and quotes, doubled: ""
 *
 * Files are read and written on the I/O loop's pool; what stands in them is dealt with on the session's thread.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "modules.h"
#include "sched/io.h"

/* ---- From text to rows ------------------------------------------------------------------------------------------ */

typedef struct {
    Vm *vm;
    const char *path; /* for messages */
    const char *at, *end, *line_start;
    unsigned line;
    Text field;
} Reader;

static bool mistake(Reader *r, const char *what) {
    vm_raise(r->vm, ERR_VALUE, "%s is no valid CSV: parse error on line %u, column %ld: %s", r->path, r->line,
             (long)(r->at - r->line_start) + 1, what);
    return false;
}

static bool at_border(const Reader *r) { return r->at == r->end || *r->at == ',' || *r->at == '\n'; }

static bool read_plain(Reader *r) {
    const char *from = r->at;
    for (; !at_border(r); r->at++)
        if (*r->at == '"') return mistake(r, "bare \" in non-quoted-field");
    text_append(&r->field, from, (size_t)(r->at - from));
    return true;
}

static bool read_quoted(Reader *r) {
    r->at++;
    for (; r->at < r->end; r->at++) {
        if (*r->at == '\n') {
            r->line++;
            r->line_start = r->at + 1;
        } else if (*r->at == '"') {
            r->at++;
            if (at_border(r)) return true;
            if (*r->at != '"') {
                r->at--;
                break;
            }
        }
        text_putc(&r->field, *r->at);
    }
    return mistake(r, "extraneous or missing \" in quoted-field");
}

/* One line, or more when fields in quotes span them. */
static Array *read_row(Reader *r) {
    Array *row = array_new(r->vm, 0);
    for (bool more = true; more;) {
        r->field.length = 0;
        bool quoted = r->at < r->end && *r->at == '"';
        if (!(quoted ? read_quoted(r) : read_plain(r))) return NULL;
        String *field = string_new(r->vm, r->field.bytes ? r->field.bytes : "", r->field.length);
        if (!field || !array_push(r->vm, row, value_obj(field))) return NULL;
        more = r->at < r->end && *r->at == ',';
        if (r->at < r->end) r->at++; /* over a comma or a line end */
    }
    r->line++;
    r->line_start = r->at;
    return row;
}

/* Lines that are empty do not count; all rows must be as long as the first. NULL with an error raised. */
static Array *read_rows(Reader *r) {
    Array *rows = array_new(r->vm, 0);
    while (r->at < r->end) {
        if (*r->at == '\n') {
            r->line++;
            r->line_start = ++r->at;
            continue;
        }
        unsigned line = r->line;
        Array *row = read_row(r);
        if (!row || !array_push(r->vm, rows, value_obj(row))) return NULL;
        if (row->length != rows->items[0].array->length) {
            vm_raise(r->vm, ERR_VALUE, "%s is no valid CSV: record on line %u: wrong number of fields", r->path, line);
            return NULL;
        }
    }
    return rows;
}

/* Line ends are "\n" from here on. Returns the new length. */
static size_t unify_line_ends(char *text, size_t length) {
    size_t kept = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != '\r' || (i + 1 < length && text[i + 1] != '\n')) text[kept++] = text[i];
    return kept;
}

/* ---- From rows to text ------------------------------------------------------------------------------------------ */

static bool needs_quotes(const String *field) {
    if (string_is(field, "\\.")) return true; /* the end of the table, to some databases */
    for (uint32_t i = 0; i < field->length; i++)
        if (field->bytes[i] && strchr(",\"\r\n", field->bytes[i])) return true;
    return field->length > 0 && strchr(" \t\v\f", field->bytes[0]);
}

static void write_field(Text *text, const String *field, bool quoted) {
    if (!quoted) return text_append(text, field->bytes, field->length);
    text_putc(text, '"');
    for (uint32_t i = 0; i < field->length; i++) {
        if (field->bytes[i] == '"') text_putc(text, '"');
        text_putc(text, field->bytes[i]);
    }
    text_putc(text, '"');
}

/* False with an error raised: there is something else than arrays of strings. */
static bool write_rows(Vm *vm, Text *text, const Array *rows) {
    for (uint32_t i = 0; i < rows->length && !text->is_cut; i++) {
        Value row = rows->items[i], wrong = row;
        uint32_t j = 0;
        for (; row.tag == T_ARRAY && j < row.array->length; j++) {
            wrong = row.array->items[j];
            if (wrong.tag != T_STRING) break;
            if (j > 0) text_putc(text, ',');
            bool alone = row.array->length == 1 && wrong.string->length == 0; /* would read as an empty line */
            write_field(text, wrong.string, alone || needs_quotes(wrong.string));
        }
        if (row.tag != T_ARRAY || j < row.array->length) {
            vm_raise(vm, ERR_TYPE, "write() expects an array of arrays of strings, got %s in row %u",
                     error_describe(vm, wrong), i + 1);
            return false;
        }
        text_putc(text, '\n');
    }
    return true;
}

/* ---- Files ------------------------------------------------------------------------------------------------------ */

typedef struct {
    IoRequest io;
    char *path;
    char *text; /* read, or to be written; malloc'ed */
    size_t length;
    size_t room; /* so many bytes has the heap left: more are not read */
    int error;   /* errno */
} FileRequest;

static void release(IoRequest *io) {
    FileRequest *request = (FileRequest *)io;
    free(request->path);
    free(request->text);
    free(request);
}

static void work_read(IoRequest *io) {
    FileRequest *request = (FileRequest *)io;
    request->text = modules_read_file(request->path, request->room, &request->length);
    if (!request->text) request->error = errno;
}

static void work_write(IoRequest *io) {
    FileRequest *request = (FileRequest *)io;
    FILE *file = fopen(request->path, "wb");
    bool good = file && (!request->text || fwrite(request->text, 1, request->length, file) == request->length);
    if (!good) request->error = errno;
    if (file && fclose(file) != 0 && good) request->error = errno;
}

static NativeStatus failed(Vm *vm, const FileRequest *request) {
    if (request->error == EFBIG)
        return vm_raise(vm, ERR_MEMORY, "read %s: it is larger than the memory that is left", request->path);
    return vm_raise(vm, ERR_IO, "open %s: %s", request->path, uv_strerror(uv_translate_sys_error(request->error)));
}

static NativeStatus done_read(Vm *vm, IoRequest *io, Value *result) {
    FileRequest *request = (FileRequest *)io;
    if (request->error) return failed(vm, request);
    request->length = unify_line_ends(request->text, request->length);
    Reader reader = {.vm = vm, .path = request->path, .at = request->text, .end = request->text + request->length,
                     .line_start = request->text, .line = 1};
    Array *rows = read_rows(&reader);
    text_free(&reader.field);
    return lib_return_array(rows, result);
}

static NativeStatus done_write(Vm *vm, IoRequest *io, Value *result) {
    FileRequest *request = (FileRequest *)io;
    if (request->error) return failed(vm, request);
    NATIVE_RETURN(NULL_VALUE);
}

/* The file at [path] is [text], which goes over to the request. */
static FileRequest *request_new(const String *path, Text text) {
    FileRequest *request = calloc(1, sizeof *request);
    if (!request) abort();
    request->path = strndup(path->bytes, path->length);
    request->text = text.bytes;
    request->length = text.length;
    request->io.release = release;
    return request;
}

static NativeStatus csv_read(NATIVE_ARGS) {
    FileRequest *request = request_new(args[0].string, (Text){0});
    request->room = string_room(vm);
    request->io.work = work_read;
    request->io.done = done_read;
    return io_submit(vm, &request->io, NULL, result);
}

static NativeStatus csv_write(NATIVE_ARGS) {
    Text text = lib_text(vm);
    if (!write_rows(vm, &text, args[1].array)) {
        text_free(&text);
        return NATIVE_ERROR;
    }
    if (!lib_text_fits(vm, &text)) return NATIVE_ERROR;
    FileRequest *request = request_new(args[0].string, text);
    request->io.work = work_write;
    request->io.done = done_write;
    return io_submit(vm, &request->io, NULL, result);
}

static const NativeDef functions[] = {
    {"read(path: string) -> array", "The rows of a CSV file: an array of arrays of strings.", csv_read},
    {"write(path: string, rows: array) -> null", "Makes a CSV file of rows: an array of arrays of strings.", csv_write},
    {0}};

Module *csv_module(Vm *vm) { return native_module(vm, "csv", functions); }
