/*
 * files.c -- folders of the user's that kernels and frontends share.
 */
#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void files_jupyter_data(Buffer *path) {
    const char *home = getenv("HOME");
    const char *data = getenv("JUPYTER_DATA_DIR"), *share = getenv("XDG_DATA_HOME");
    if (data && *data) {
        buffer_text(path, data);
    } else if (share && *share) {
        buffer_format(path, "%s/jupyter", share);
    } else {
        buffer_format(path, "%s/.local/share/jupyter", home ? home : "");
    }
}

bool files_make_folders(const char *path, mode_t mode) {
    char *folder = memory_copy(path, strlen(path));
    bool ok = true;
    for (char *slash = folder; ok && *slash && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        ok = mkdir(folder, mode) == 0 || errno == EEXIST;
        *slash = '/';
    }
    free(folder);
    return ok;
}
