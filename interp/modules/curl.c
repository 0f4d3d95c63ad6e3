/*
 * curl.c -- finding libcurl and its functions.
 */
#include "curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "library.h"

/* What it may be called: by its own name, as Debian calls the one with GnuTLS, and by Apple's. */
static const char *const libraries[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib", NULL};

static const char *const names[] = {
#define X(name) "curl_" #name,
    CURL_FUNCTIONS(X)
#undef X
    NULL};

static Curl functions; /* those of a session are those of all */
static bool is_ready;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* NULL, or why not: what the linker says of the usual name. It may be of a passing kind, such as too many open files. */
static const char *load(void) {
    static char failure[256];
    for (int i = 0; libraries[i]; i++) {
        if (library_load(libraries[i], names, (void **)&functions))
            return functions.global_init(CURL_GLOBAL_DEFAULT) == 0 ? NULL : "it does not start";
        const char *reason = dlerror();
        if (i == 0) snprintf(failure, sizeof failure, "%s", reason ? reason : "it cannot be loaded");
    }
    return failure;
}

const Curl *curl_load(const char **why) {
    pthread_mutex_lock(&lock);
    *why = is_ready ? NULL : load();
    if (!*why) is_ready = true;
    pthread_mutex_unlock(&lock);
    return *why ? NULL : &functions;
}
