/*
 * library.h -- libraries that are loaded when a program first needs them.
 *
 * The dynamic linker takes longer for libcrypto, and much longer for libcurl, than the rest of vint needs to start. So
 * the few modules that want such a library ask for it at their first call. A module lists the functions that it uses,
 *
 *     #define FUNCTIONS(X) X(EVP_Digest) X(EVP_md5)
 *     static LIBRARY(FUNCTIONS) crypto;
 *     ...
 *     if (!LIBRARY_LOAD(crypto, "libcrypto.so.3", FUNCTIONS)) ...
 *     crypto.EVP_Digest(...)
 *
 * and the library's own header gives them their types. (libcurl, which has many, is in curl.h.)
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#define LIBRARY_MEMBER(function) __typeof__(function) *function;
#define LIBRARY_NAME(function) #function,

/* A struct of pointers to the functions. */
#define LIBRARY(FUNCTIONS)       \
    struct {                     \
        FUNCTIONS(LIBRARY_MEMBER) \
    }

/* Fills the struct, unless that was done before. False: the library or one of the functions is missing. */
#define LIBRARY_LOAD(library, file, FUNCTIONS)                                                      \
    library_load(file, (const char *const[]){FUNCTIONS(LIBRARY_NAME) NULL}, (void **)&(library))

/* The same for an array of pointers, in the order of the names, which end with NULL. */
bool library_load(const char *file, const char *const *names, void **functions);

#endif
