/*
 * url.h -- URLs taken apart and put together, as Go's package net/url does it: nearly any text is a URL.
 */
#ifndef URL_H
#define URL_H

#include "vm/text.h"

typedef struct {
    const char *at; /* not NUL-terminated */
    size_t length;
} UrlPart;

/* The parts as they stand in the URL, escapes and all. They point into its text. */
typedef struct {
    UrlPart scheme;   /* in any case */
    UrlPart opaque;   /* what follows the scheme when that is no path: mailto:x */
    UrlPart user, host, path, query, fragment;
    bool has_user, has_query;
    bool no_authority; /* a path follows the scheme directly: file:/x */
} Url;

/* False with the [problem] told: the text is no URL. */
bool url_split(const char *text, size_t length, Url *url, Text *problem);
void url_write(const Url *url, Text *out);
void url_write_scheme(const Url *url, Text *out); /* in lower case */

/* [reference] as seen from [base]. Appends the whole URL. */
void url_resolve(const Url *base, const Url *reference, Text *out);

/* URL_PLACES(X): where a character stands decides whether it must be escaped; X(place, characters allowed beside
 * letters, digits and "-_.~"). */
#define URL_PLACES(X)                                                                              \
    X(QUERY, "")                                                                                   \
    X(USER, "$&+,;=")                                                                              \
    X(HOST, "!$&'()*+,;=:[]<>\"")                                                                  \
    X(PATH, "$&+,/:;=@")                                                                           \
    X(FRAGMENT, "$&+,/:;=?@!()*")

typedef enum {
#define X(place, allowed) URL_##place,
    URL_PLACES(X)
#undef X
} UrlPlace;

void url_escape(UrlPart part, UrlPlace place, Text *out); /* a blank in a query becomes + */
bool url_unescape(UrlPart part, bool plus_is_blank, Text *out, Text *problem);

static inline UrlPart url_part(const char *from, const char *to) { return (UrlPart){from, (size_t)(to - from)}; }

static inline UrlPart url_text(const Text *text) { return (UrlPart){text->bytes ? text->bytes : "", text->length}; }

#endif
