/*
 * install_files.c -- the files of kernelspec/, as parts of this program, and how they are written to disk.
 *
 * The assembler puts their bytes into the program's read-only data. Some are made of two pieces: the tokenizer in
 * mode.js serves two editors. On the way to disk "@WORDS@" becomes the words of the language, which the interpreter
 * itself tells, as JSON; JavaScript and Python both read that as their own. @VERSION@ becomes the version.
 */
#include "install_files.h"

#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "files.h"
#include "interp/vint.h"

#define PIECE(name) ".incbin \"kernelspec/" name "\"\n"

/* FILE_LIST(X): X(symbol, place, name there, pieces) */
#define FILE_LIST(X)                                                                                     \
    X(logo_32, KERNEL, "logo-32x32.png", PIECE("logo-32x32.png"))                                        \
    X(logo_64, KERNEL, "logo-64x64.png", PIECE("logo-64x64.png"))                                        \
    X(logo_svg, KERNEL, "logo-svg.svg", PIECE("logo-svg.svg"))                                           \
    X(classic, KERNEL, "kernel.js", PIECE("mode.js") PIECE("kernel.js"))                                 \
    X(lab, LAB, "static/remoteEntry.js", PIECE("mode.js") PIECE("lab/remoteEntry.js"))                   \
    X(lab_logo, LAB, "static/logo.svg", PIECE("logo-svg.svg"))                                           \
    X(lab_package, LAB, "package.json", PIECE("lab/package.json"))                                       \
    X(lexer, PYTHON, "vintlang/lexer.py", PIECE("python/lexer.py"))                                      \
    X(papermill, PYTHON, "vintlang/papermill.py", PIECE("python/papermill.py"))                          \
    X(metadata, PYTHON, "vintlang.dist-info/METADATA", PIECE("python/METADATA"))                         \
    X(entry_points, PYTHON, "vintlang.dist-info/entry_points.txt", PIECE("python/entry_points.txt"))

#define X(id, place, name, pieces) \
    __asm__(".section .rodata\nfile_" #id ":\n" pieces "file_" #id "_end:\n.previous\n"); \
    extern const char file_##id[], file_##id##_end[];
FILE_LIST(X)
#undef X

static const struct {
    Place place;
    const char *name, *start, *end;
} files[] = {
#define X(id, place, name, pieces) {PLACE_##place, name, file_##id, file_##id##_end},
    FILE_LIST(X)
#undef X
};

char *install_print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text;
    if (vasprintf(&text, format, arguments) < 0) abort();
    va_end(arguments);
    return text;
}

/* ---- words ---- */

static void add_word(void *arg, const char *kind, const char *word) {
    json_t *words = arg;
    if (!json_object_get(words, kind)) json_object_set_new(words, kind, json_array());
    json_array_append_new(json_object_get(words, kind), json_string(word));
}

/* {"keywords": ["func", ...], ...}; malloc'ed. NULL with errno. */
static char *words_as_json(void) {
    char why[256];
    VintSession *session = vint_session_new(&(VintOptions){0}, why); /* runs nothing, so it needs no host */
    if (!session) {
        errno = ENOMEM;
        return NULL;
    }
    json_t *words = json_object();
    vint_words(session, add_word, words);
    vint_session_free(session);
    char *text = json_dumps(words, JSON_COMPACT);
    json_decref(words);
    return text;
}

/* Adds [text] to [out] with each [mark] replaced. */
static void replace(Buffer *out, const char *text, size_t length, const char *mark, const char *by) {
    const char *end = text + length, *found;
    while ((found = memmem(text, (size_t)(end - text), mark, strlen(mark)))) {
        buffer_add(out, text, (size_t)(found - text));
        buffer_text(out, by);
        text = found + strlen(mark);
    }
    buffer_add(out, text, (size_t)(end - text));
}

/* ---- the disk ---- */

bool install_file_write(const char *path, const char *text, size_t length) {
    FILE *file = files_make_folders(path, 0777) ? fopen(path, "wb") : NULL;
    bool ok = file && fwrite(text, 1, length, file) == length;
    if (file) ok = fclose(file) == 0 && ok;
    return ok;
}

bool install_files_write(Place place, const char *folder) {
    char *words = words_as_json();
    Buffer versioned = {0}, text = {0};
    bool ok = words != NULL;
    for (size_t i = 0; ok && i < sizeof files / sizeof *files; i++) {
        if (files[i].place != place) continue;
        buffer_clear(&versioned);
        buffer_clear(&text);
        replace(&versioned, files[i].start, (size_t)(files[i].end - files[i].start), "@VERSION@", VINT_VERSION);
        replace(&text, versioned.data, versioned.length, "\"@WORDS@\"", words);
        char *path = install_print("%s/%s", folder, files[i].name);
        ok = install_file_write(path, text.data, text.length);
        free(path);
    }
    buffer_free(&versioned);
    buffer_free(&text);
    free(words);
    return ok;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

bool install_files_remove(const char *folder) {
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT;
}
