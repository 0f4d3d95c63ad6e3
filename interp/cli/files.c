/*
 * files.c -- reading and writing source files, and finding them in folders.
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vint.h"

char *file_read(FILE *file, size_t *length) {
    size_t capacity = 0;
    char *text = NULL;
    *length = 0;
    do {
        capacity = capacity ? capacity * 2 : 1 << 16;
        text = realloc(text, capacity);
        if (!text) abort();
        *length += fread(text + *length, 1, capacity - *length, file);
    } while (*length == capacity && *length <= VINT_SOURCE_LIMIT);
    if (*length <= VINT_SOURCE_LIMIT && !ferror(file)) return text;
    free(text);
    if (*length > VINT_SOURCE_LIMIT) errno = EFBIG;
    return NULL;
}

char *file_load(const char *path, size_t *length) {
    if (strcmp(path, "-") == 0) return file_read(stdin, length);
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = file_read(file, length);
    int problem = errno;
    fclose(file);
    errno = problem;
    return text;
}

static bool write_all(int fd, const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return true;
}

/* A new file beside the old one takes its name when it is complete: nobody ever sees half of it. */
static bool replace(const char *path, const char *text, size_t length) {
    struct stat info;
    char *new_path;
    if (stat(path, &info) != 0) return false;
    if (asprintf(&new_path, "%s.XXXXXX", path) < 0) abort();
    int fd = mkstemp(new_path);
    bool done = fd >= 0 && write_all(fd, text, length) && fchmod(fd, info.st_mode & 07777) == 0;
    int problem = errno;
    if (fd >= 0) close(fd);
    if (done && rename(new_path, path) != 0) {
        done = false;
        problem = errno;
    }
    if (!done && fd >= 0) unlink(new_path);
    free(new_path);
    errno = problem;
    return done;
}

bool file_replace(const char *path, const char *text, size_t length) {
    char *real = realpath(path, NULL);
    bool done = real && replace(real, text, length);
    int problem = errno;
    free(real);
    errno = problem;
    return done;
}

bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool has_suffix(const char *path, const char *suffix) {
    size_t length = strlen(path), tail = strlen(suffix);
    return length > tail && strcmp(path + length - tail, suffix) == 0;
}

static void add(Paths *paths, char *path) {
    if (paths->count == paths->capacity) {
        paths->capacity = paths->capacity ? paths->capacity * 2 : 16;
        paths->items = realloc(paths->items, paths->capacity * sizeof *paths->items);
        if (!paths->items) abort();
    }
    paths->items[paths->count++] = path;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static void add_folder(Paths *paths, const char *folder, const char *suffix) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);
    bool here = strcmp(folder, ".") == 0, has_slash = folder[strlen(folder) - 1] == '/';
    for (int i = 0; i < count; i++) {
        char *path;
        const char *slash = here || has_slash ? "" : "/";
        if (asprintf(&path, "%s%s%s", here ? "" : folder, slash, entries[i]->d_name) < 0) abort();
        bool is_link = entries[i]->d_type == DT_LNK; /* not followed: they may lead round in circles */
        if (is_folder(path)) {
            if (!is_link) add_folder(paths, path, suffix);
            free(path);
        } else if (has_suffix(path, suffix)) {
            add(paths, path);
        } else {
            free(path);
        }
        free(entries[i]);
    }
    if (count >= 0) free(entries);
}

void paths_add(Paths *paths, const char *path, const char *suffix) {
    if (is_folder(path)) {
        add_folder(paths, path, suffix);
        return;
    }
    char *copy = strdup(path);
    if (!copy) abort();
    add(paths, copy);
}

void paths_free(Paths *paths) {
    for (size_t i = 0; i < paths->count; i++) free(paths->items[i]);
    free(paths->items);
}
