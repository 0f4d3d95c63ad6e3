/* install_files.h -- the files that `vint-kernel install` brings along, by the place where they go. */
#ifndef KERNEL_INSTALL_FILES_H
#define KERNEL_INSTALL_FILES_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    PLACE_KERNEL, /* the folder of the kernelspec: logos, and colours for the classic Notebook */
    PLACE_LAB,    /* the folder of the extension of JupyterLab and Notebook 7 */
    PLACE_PYTHON, /* a site-packages folder: colours for Pygments, parameters for papermill */
} Place;

/* Writes all files of [place] below [folder], and the folders in between. False, with errno, at the first failure. */
bool install_files_write(Place place, const char *folder);

/* Writes [text] into a file, and makes the folders above it. False with errno. */
bool install_file_write(const char *path, const char *text, size_t length);

/* Removes a folder and all that is in it; one that is not there is no failure. False with errno. */
bool install_files_remove(const char *folder);

/* printf into malloc'ed memory. */
__attribute__((format(printf, 1, 2))) char *install_print(const char *format, ...);

#endif
