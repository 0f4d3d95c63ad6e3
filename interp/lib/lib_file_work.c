/*
 * lib_file_work.c -- the works on files: plain C on a thread of the pool, without a Vm.
 *
 * What could wait for ever must not: pipes, terminals and the like are opened without blocking and asked with a time
 * limit, so that a work sees soon when nobody wants its outcome any more.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib_file.h"

#define BLOCK (256 << 10)  /* bytes read or written at a time */
#define PATIENCE_MS 100    /* until the next look whether anybody still waits */
#define NAME_ATTEMPTS 1000 /* for a temporary file */

void file_failed(FileJob *job, const char *call) {
    job->error = errno;
    job->call = call;
}

static bool given_up(FileJob *job) {
    if (!atomic_load(&job->io.given_up)) return false;
    job->error = EINTR; /* nobody will see it */
    return true;
}

/* ---- reading and writing ---- */

/* Waits until an end of a pipe is ready; true at once for files. */
static bool wait_until_ready(FileJob *job, int file, short events) {
    struct pollfd ready = {.fd = file, .events = events};
    while (!given_up(job)) {
        int count = poll(&ready, 1, PATIENCE_MS);
        if (count > 0 || (count < 0 && errno != EINTR)) return true;
    }
    return false;
}

static int open_to_read(FileJob *job, struct stat *status) {
    int file = open(job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        file_failed(job, "open");
    } else if (fstat(file, status) == 0 && S_ISDIR(status->st_mode)) {
        close(file);
        errno = EISDIR;
        file_failed(job, "read");
        file = -1;
    }
    return file;
}

/* A block of a file, 0 at its end; -1: failed or given up. */
static ssize_t read_block(FileJob *job, int file, char *block) {
    for (;;) {
        if (!wait_until_ready(job, file, POLLIN)) return -1;
        ssize_t count = read(file, block, BLOCK);
        if (count >= 0) return count;
        if (errno == EINTR || errno == EAGAIN) continue;
        file_failed(job, "read");
        return -1;
    }
}

static bool write_bytes(FileJob *job, int file, const char *bytes, size_t length) {
    while (length > 0) {
        if (!wait_until_ready(job, file, POLLOUT)) return false;
        ssize_t count = write(file, bytes, length < BLOCK ? length : BLOCK);
        if (count >= 0) {
            bytes += count;
            length -= (size_t)count;
        } else if (errno != EINTR && errno != EAGAIN) {
            file_failed(job, "write");
            return false;
        }
    }
    return true;
}

/* Room for one more block. False, with errno, when there are too many. */
static bool make_room(FileJob *job, size_t *capacity) {
    errno = job->limit > 0 && job->length > job->limit ? EFBIG : ENOMEM;
    if (errno == EFBIG || job->length > job->room) return false;
    if (job->length + BLOCK > *capacity) *capacity = job->length + job->length / 2 + BLOCK;
    char *bytes = realloc(job->bytes, *capacity);
    if (bytes) job->bytes = bytes;
    return bytes != NULL;
}

void file_read(FileJob *job) {
    struct stat status = {0};
    int file = open_to_read(job, &status);
    if (file < 0) return;
    bool is_told = status.st_size > 0 && (size_t)status.st_size <= job->room; /* how large it is */
    size_t capacity = is_told ? (size_t)status.st_size + BLOCK : BLOCK;
    for (;;) {
        if (!make_room(job, &capacity)) {
            file_failed(job, "read");
            break;
        }
        ssize_t count = read_block(job, file, job->bytes + job->length);
        if (count <= 0) break;
        job->length += (size_t)count;
    }
    close(file);
}

void file_read_or_not(FileJob *job) {
    file_read(job);
    job->answer = job->error == 0;
    if (job->error == ENOENT) job->error = 0;
}

static void write_file(FileJob *job, int flags) {
    int file = open(job->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | flags, 0644);
    if (file < 0) {
        file_failed(job, "open");
        return;
    }
    write_bytes(job, file, job->bytes, job->length);
    if (close(file) < 0 && job->error == 0) file_failed(job, "close");
}

void file_write(FileJob *job) { write_file(job, O_TRUNC); }

void file_append(FileJob *job) { write_file(job, O_APPEND); }

void file_copy(FileJob *job) {
    struct stat from_status, to_status;
    job->failure = "Failed to open source file: ";
    int from = open_to_read(job, &from_status);
    if (from < 0) return;
    bool same = stat(job->other, &to_status) == 0 && from_status.st_dev == to_status.st_dev &&
                from_status.st_ino == to_status.st_ino;
    int to = same ? -1 : open(job->other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0644);
    if (to >= 0) {
        char *block = malloc(BLOCK);
        if (!block) abort();
        ssize_t count;
        job->failure = "Failed to copy file: ";
        while ((count = read_block(job, from, block)) > 0 && write_bytes(job, to, block, (size_t)count)) {}
        free(block);
        if (close(to) < 0 && job->error == 0) file_failed(job, "close");
    } else if (!same) {
        job->failure = "Failed to create destination file: ";
        job->about_other = true;
        file_failed(job, "open");
    }
    close(from);
}

/* ---- asking ---- */

static void add_entry(FileJob *job, const char *name, const struct stat *status) {
    if ((job->entry_count & (job->entry_count - 1)) == 0) {
        size_t capacity = job->entry_count ? job->entry_count * 2 : 1;
        job->entries = realloc(job->entries, capacity * sizeof *job->entries);
        if (!job->entries) abort();
    }
    job->entries[job->entry_count++] = (FileEntry){.name = strdup(name), .status = *status};
}

/* The last part of a path, as the entry's name. */
static void add_status(FileJob *job, const struct stat *status) {
    char *copy = strdup(job->path);
    size_t length = strlen(copy);
    while (length > 1 && copy[length - 1] == '/') copy[--length] = '\0';
    const char *slash = strrchr(copy, '/');
    add_entry(job, slash && slash[1] ? slash + 1 : copy, status);
    free(copy);
}

void file_exists(FileJob *job) {
    struct stat status;
    job->answer = stat(job->path, &status) == 0 || errno != ENOENT;
}

void file_stat(FileJob *job) {
    struct stat status;
    if (stat(job->path, &status) < 0)
        file_failed(job, "stat");
    else
        add_status(job, &status);
}

void file_lstat(FileJob *job) {
    struct stat status;
    if (lstat(job->path, &status) < 0)
        file_failed(job, "lstat");
    else
        add_status(job, &status);
}

void file_same(FileJob *job) {
    struct stat a, b;
    job->answer = stat(job->path, &a) == 0 && stat(job->other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void file_readlink(FileJob *job) {
    char target[4096];
    ssize_t length = readlink(job->path, target, sizeof target);
    if (length < 0)
        file_failed(job, "readlink");
    else
        file_job_give(job, target, (size_t)length);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const FileEntry *)a)->name, ((const FileEntry *)b)->name);
}

void file_list(FileJob *job) {
    DIR *directory = opendir(job->path);
    if (!directory) {
        file_failed(job, "open");
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(directory)) && !given_up(job)) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        /* One that is gone by now is left out. */
        if (fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            add_entry(job, entry->d_name, &status);
    }
    closedir(directory);
    if (job->entry_count > 0) qsort(job->entries, job->entry_count, sizeof *job->entries, by_name);
}

/* ---- changing ---- */

static void check(FileJob *job, int outcome, const char *call) {
    if (outcome < 0) file_failed(job, call);
}

static void check_both(FileJob *job, int outcome, const char *call) {
    check(job, outcome, call);
    job->about_both = true;
}

void file_rename(FileJob *job) { check_both(job, rename(job->path, job->other), "rename"); }
void file_link(FileJob *job) { check_both(job, link(job->path, job->other), "link"); }
void file_symlink(FileJob *job) { check_both(job, symlink(job->path, job->other), "symlink"); }
void file_remove(FileJob *job) { check(job, remove(job->path), "remove"); }
void file_make_directory(FileJob *job) { check(job, mkdir(job->path, 0755), "mkdir"); }
void file_truncate(FileJob *job) { check(job, truncate(job->path, job->numbers[0]), "truncate"); }
void file_chmod(FileJob *job) { check(job, chmod(job->path, (mode_t)job->numbers[0]), "chmod"); }

void file_chown(FileJob *job) {
    check(job, chown(job->path, (uid_t)job->numbers[0], (gid_t)job->numbers[1]), "chown");
}

void file_lchown(FileJob *job) {
    check(job, lchown(job->path, (uid_t)job->numbers[0], (gid_t)job->numbers[1]), "lchown");
}

void file_chtimes(FileJob *job) {
    struct timespec times[] = {{.tv_sec = job->numbers[0]}, {.tv_sec = job->numbers[1]}};
    check(job, utimensat(AT_FDCWD, job->path, times, 0), "chtimes");
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status, (void)kind, (void)where;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

void file_remove_all(FileJob *job) {
    struct stat status;
    size_t length = strlen(job->path);
    while (length > 1 && job->path[length - 1] == '/') job->path[--length] = '\0';
    bool whole = strcmp(job->path, "/") == 0 || (length > 0 && job->path[length - 1] == '.' &&
                                                 (length == 1 || strchr("/.", job->path[length - 2])));
    if (whole) { /* "/", ".", "..": never meant */
        errno = EINVAL;
        file_failed(job, "remove");
    } else if (lstat(job->path, &status) == 0) {
        check(job, nftw(job->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), "remove");
    } else if (errno != ENOENT && errno != ENOTDIR) {
        file_failed(job, "remove");
    }
}

void file_make_directories(FileJob *job) {
    mode_t mode = (mode_t)job->numbers[0];
    for (char *slash = job->path + 1; *job->path && slash; slash++) {
        slash = strchr(slash, '/');
        if (slash) *slash = '\0';
        struct stat status;
        bool failed = mkdir(job->path, mode) < 0 &&
                      !(errno == EEXIST && stat(job->path, &status) == 0 && S_ISDIR(status.st_mode));
        if (failed && errno == EEXIST) errno = ENOTDIR;
        if (failed) return file_failed(job, "mkdir");
        if (!slash) return;
        *slash = '/';
    }
}

/* ---- temporary files ---- */

/* [directory]/[pattern], with random digits for its last star, or at its end; malloc'ed. */
static char *random_path(const char *directory, const char *pattern) {
    uint32_t number;
    if (getrandom(&number, sizeof number, 0) != sizeof number) abort();
    const char *star = strrchr(pattern, '*');
    int before = star ? (int)(star - pattern) : (int)strlen(pattern);
    char *path;
    if (asprintf(&path, "%s/%.*s%u%s", directory, before, pattern, number, star ? star + 1 : "") < 0) abort();
    return path;
}

static void make_temporary(FileJob *job, bool directory) {
    const char *call = directory ? "mkdirtemp" : "createtemp";
    if (strchr(job->other, '/')) {
        errno = EINVAL;
        return file_failed(job, call);
    }
    for (int i = 0; i < NAME_ATTEMPTS; i++) {
        char *path = random_path(job->path, job->other);
        int made = directory ? mkdir(path, 0700) : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (made >= 0) {
            if (!directory) close(made);
            job->bytes = path;
            job->length = strlen(path);
            return;
        }
        free(path);
        if (errno != EEXIST) break;
    }
    file_failed(job, call);
}

void file_make_temporary(FileJob *job) { make_temporary(job, false); }
void file_make_temporary_directory(FileJob *job) { make_temporary(job, true); }
