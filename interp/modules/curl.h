/*
 * curl.h -- libcurl, loaded when it is first used.
 *
 * libcurl brings two dozen other libraries along. A program that never asks the network for anything should not wait for
 * them at its start, nor be unable to start without them. So the functions are looked up at run time, and their types
 * are those of libcurl's own headers:
 *
 *     const Curl *curl = curl_load(&why);
 *     CURL *easy = curl->easy_init();
 */
#ifndef CURL_H
#define CURL_H

#define CURL_DISABLE_TYPECHECK /* easy_setopt() is called through a pointer */
#include <curl/curl.h>

/* CURL_FUNCTIONS(X): X(name) for each curl_NAME that is used. */
#define CURL_FUNCTIONS(X)                                                                          \
    X(global_init)                                                                                 \
    X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_cleanup) X(easy_strerror) X(easy_pause)     \
    X(multi_init) X(multi_setopt) X(multi_assign) X(multi_add_handle) X(multi_remove_handle)       \
    X(multi_socket_action) X(multi_info_read) X(multi_cleanup)                                     \
    X(slist_append) X(slist_free_all)

typedef struct {
#define X(name) __typeof__(&curl_##name) name;
    CURL_FUNCTIONS(X)
#undef X
} Curl;

/* The functions, valid for ever; NULL and the reason when there is no usable libcurl. On the session's thread. */
const Curl *curl_load(const char **why);

#endif
