/*
 * lib_file.h -- work on files: what natives start on the pool (sched/io.h), and what it leaves.
 *
 * A job is a request with paths and bytes as plain C data. A native makes one with file_job(), puts in what else it
 * needs, and returns file_start(). Its work is one of the functions below or the native's own; it tells of failures
 * by file_failed().
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <sys/stat.h>

#include "sched/io.h"

typedef struct FileJob FileJob;
typedef void (*FileWork)(FileJob *job);                                         /* on the pool */
typedef NativeStatus (*FileResult)(Vm *vm, const FileJob *job, Value *result);  /* when the work has succeeded */

typedef struct {
    char *name; /* owned */
    struct stat status;
} FileEntry;

struct FileJob {
    IoRequest io;
    FileWork work;
    FileResult result;
    const char *success; /* what file_result_success() gives */
    char *path, *other;  /* owned; [other] may be NULL */
    int64_t numbers[2];
    size_t limit;        /* so many bytes may it have; 0: any number */
    size_t room;         /* so many has the heap left: more are not read */
    char *bytes;         /* owned: what is to be written, or what was read */
    size_t length;
    FileEntry *entries;  /* owned: a directory's, or the one that was asked for */
    size_t entry_count;
    bool answer;
    int error; /* errno when it has failed; 0 otherwise */
    const char *failure, *call;   /* the words for that: "Failed to …: ", the system call */
    bool about_both, about_other; /* the paths that it was about; otherwise the first */
};

/* A job on [path] and, unless it is NULL, [other]. [failure] begins the message of its errors. NULL with an error
 * raised: no such paths. */
FileJob *file_job(Vm *vm, FileWork work, FileResult result, const char *failure, const String *path,
                  const String *other);
/* Copies the bytes to be written into the job. */
void file_job_give(FileJob *job, const char *bytes, size_t length);
NativeStatus file_start(Vm *vm, FileJob *job, void *object, Value *result);

/* ---- For works --------------------------------------------------------------------------------------------------- */

/* Notes that [call] failed, with errno; for the works to return at once. */
void file_failed(FileJob *job, const char *call);

/* FILE_WORKS(X): the works there are. */
#define FILE_WORKS(X)                                                                              \
    X(read)       /* the whole of path -> bytes */                                                 \
    X(read_or_not) /* the same; a file that does not exist has the answer false */                 \
    X(write)      /* bytes -> path, made anew */                                                   \
    X(append)     /* bytes -> the end of path, which may be new */                                 \
    X(exists)     /* -> answer; false only if there is no such path */                             \
    X(stat)       /* path -> entries[0] */                                                         \
    X(lstat)      /* the same, of a link itself */                                                 \
    X(list)       /* a directory's entries, sorted by name; without "." and ".." */                \
    X(copy)       /* path -> other, made anew */                                                   \
    X(rename)     /* path -> other */                                                              \
    X(remove)     /* a file or an empty directory */                                               \
    X(remove_all) /* whatever is there, with all that is in it */                                  \
    X(make_directory)                                                                              \
    X(make_directories) /* with those above it; numbers[0] is the mode */                          \
    X(truncate)   /* to numbers[0] bytes */                                                        \
    X(chmod)      /* to mode numbers[0] */                                                         \
    X(chown)      /* to user numbers[0], group numbers[1] */                                       \
    X(lchown)                                                                                      \
    X(chtimes)    /* access and change in seconds */                                               \
    X(link)       /* other becomes another name of path */                                         \
    X(symlink)    /* other becomes a link to path */                                               \
    X(readlink)   /* -> bytes */                                                                   \
    X(same)       /* are both the same file? -> answer */                                          \
    X(make_temporary) /* a new file in directory path by pattern other -> bytes: its path */       \
    X(make_temporary_directory)

#define X(name) void file_##name(FileJob *job);
FILE_WORKS(X)
#undef X

/* ---- Results ----------------------------------------------------------------------------------------------------- */

NativeStatus file_result_success(Vm *vm, const FileJob *job, Value *result); /* the text job->success */
NativeStatus file_result_true(Vm *vm, const FileJob *job, Value *result);
NativeStatus file_result_answer(Vm *vm, const FileJob *job, Value *result);
NativeStatus file_result_string(Vm *vm, const FileJob *job, Value *result);  /* the bytes */
NativeStatus file_result_lines(Vm *vm, const FileJob *job, Value *result);   /* the bytes between line feeds */

/* "no such file or directory": the system's words, in lower case. */
const char *file_error_text(int error, char *buffer, size_t size);

#endif
