/*
 * curl.c -- finding libcurl and its functions.
 */
#include "curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

/* What it may be called: by its own name, as Debian calls the one with GnuTLS, and by Apple's. */
static const char *const libraries[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib", NULL};

static Curl functions;
static char failure[256]; /* "": it is loaded */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool find(void *library, const char *name, void **function) {
    *function = dlsym(library, name);
    if (!*function) snprintf(failure, sizeof failure, "this libcurl is too old: it has no %s()", name);
    return *function;
}

static void load(void) {
    void *library = NULL;
    for (int i = 0; libraries[i] && !library; i++) library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(failure, sizeof failure, "the library libcurl is not installed (%s)", libraries[0]);
        return;
    }
#define X(name) \
    if (!find(library, "curl_" #name, (void **)&functions.name)) return;
    CURL_FUNCTIONS(X)
#undef X
    if (functions.global_init(CURL_GLOBAL_DEFAULT) != 0) snprintf(failure, sizeof failure, "libcurl does not start");
}

const Curl *curl_load(const char **why) {
    pthread_once(&once, load);
    *why = failure;
    return failure[0] ? NULL : &functions;
}
