/*
 * curl.c -- finding libcurl and its functions.
 */
#include "curl.h"

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

static Curl functions;
static char failure[256]; /* "": it is loaded */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    bool loaded = false;
    for (int i = 0; libraries[i] && !loaded; i++) loaded = library_load(libraries[i], names, (void **)&functions);
    if (!loaded) {
        snprintf(failure, sizeof failure, "%s is not installed, or it is too old", libraries[0]);
    } else if (functions.global_init(CURL_GLOBAL_DEFAULT) != 0) {
        snprintf(failure, sizeof failure, "%s does not start", libraries[0]);
    }
}

const Curl *curl_load(const char **why) {
    pthread_once(&once, load);
    *why = failure;
    return failure[0] ? NULL : &functions;
}
