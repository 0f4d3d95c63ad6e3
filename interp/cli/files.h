/*
 * files.h -- reading and writing source files, and finding them in folders.
 */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SUFFIX ".vint"

/* All there is to read from [file], malloc'ed; NULL, with errno set, when that fails. */
char *file_read(FILE *file, size_t *length);

/* The same of a file by its name; "-" is standard input. */
char *file_load(const char *path, size_t *length);

/* Puts the text in the place of the file's own, all at once; false, with errno set, when that fails. */
bool file_replace(const char *path, const char *text, size_t length);

bool is_folder(const char *path);
bool has_suffix(const char *path, const char *suffix);

typedef struct {
    char **items; /* malloc'ed, and so is each */
    size_t count, capacity;
} Paths;

/*
 * Adds [path] or, when it is a folder, the files in it and below whose names end in [suffix], sorted. Hidden folders
 * are left out.
 */
void paths_add(Paths *paths, const char *path, const char *suffix);
void paths_free(Paths *paths);

#endif
