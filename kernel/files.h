/* files.h -- folders of the user's that kernels and frontends share. */
#ifndef KERNEL_FILES_H
#define KERNEL_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "buffer.h"

/* Prints the path of Jupyter's data folder of this user: $JUPYTER_DATA_DIR, or the usual place. */
void files_jupyter_data(Buffer *path);

/* Makes the folders above the last part of [path], those that are not there yet. False: errno tells why. */
bool files_make_folders(const char *path, mode_t mode);

#endif
