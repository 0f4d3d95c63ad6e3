/*
 * url_parse.c -- URLs taken apart and put together.
 *
 *     scheme://user@host/path?query#fragment
 *
 * Splitting cuts the text at its marks, one after the other, and checks what each part may not contain. References are
 * resolved as RFC 3986, section 5, says.
 */
#include <string.h>

#include "lib/lib.h"
#include "url.h"

#define IN_TEXT(part) (int)(part).length, (part).at

static const UrlPart nothing = {"", 0};

static bool has(UrlPart part, char c) { return memchr(part.at, c, part.length) != NULL; }

/* Cuts [part] at the first [mark], which gets lost: what is before it stays, the [rest] is what follows. False: there
 * is none. */
static bool cut(UrlPart *part, char mark, UrlPart *rest) {
    const char *found = memchr(part->at, mark, part->length), *end = part->at + part->length;
    if (!found) return false;
    *rest = url_part(found + 1, end);
    *part = url_part(part->at, found);
    return true;
}

static bool starts(UrlPart part, const char *prefix) {
    return part.length >= strlen(prefix) && memcmp(part.at, prefix, strlen(prefix)) == 0;
}

/* ---- Escapes ---------------------------------------------------------------------------------------------------- */

static int hex_value(char c) {
    if (unicode_is_digit((unsigned char)c)) return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_plain(char c, UrlPlace place) {
    static const char *const allowed[] = {
#define X(place, characters) characters,
        URL_PLACES(X)
#undef X
    };
    unsigned char byte = (unsigned char)c;
    if (byte >= 0x80 || byte == 0) return false;
    return unicode_is_letter(byte) || unicode_is_digit(byte) || strchr("-_.~", c) || strchr(allowed[place], c);
}

void url_escape(UrlPart part, UrlPlace place, Text *out) {
    for (size_t i = 0; i < part.length; i++) {
        char c = part.at[i];
        if (is_plain(c, place))
            text_putc(out, c);
        else if (c == ' ' && place == URL_QUERY)
            text_putc(out, '+');
        else
            text_printf(out, "%%%02X", (unsigned char)c);
    }
}

bool url_unescape(UrlPart part, bool plus_is_blank, Text *out, Text *problem) {
    for (size_t i = 0; i < part.length; i++) {
        char c = part.at[i];
        if (c != '%') {
            text_putc(out, c == '+' && plus_is_blank ? ' ' : c);
            continue;
        }
        size_t left = part.length - i;
        int high = left > 1 ? hex_value(part.at[i + 1]) : -1, low = left > 2 ? hex_value(part.at[i + 2]) : -1;
        if (high < 0 || low < 0) {
            text_printf(problem, "invalid URL escape \"%.*s\"", (int)(left < 3 ? left : 3), part.at + i);
            return false;
        }
        text_putc(out, (char)(high << 4 | low));
        i += 2;
    }
    return true;
}

/* The part as it is when it is well escaped; otherwise unescaped (its escapes are known to be good) and escaped anew. */
static void append_escaped(UrlPart part, UrlPlace place, Text *out) {
    bool well = true;
    for (size_t i = 0; i < part.length && well; i++)
        well = is_plain(part.at[i], place) || strchr("%!'()*[]", part.at[i]);
    if (well) return text_append(out, part.at, part.length);
    Text plain = {0}, problem = {0};
    url_unescape(part, false, &plain, &problem);
    url_escape(url_text(&plain), place, out);
    text_free(&plain);
    text_free(&problem);
}

/* ---- Splitting -------------------------------------------------------------------------------------------------- */

static bool check_escapes(UrlPart part, Text *problem) {
    Text plain = {0};
    bool good = url_unescape(part, false, &plain, problem);
    text_free(&plain);
    return good;
}

/* Cuts a scheme off: letter { letter | digit | "+" | "-" | "." } ":" */
static bool split_scheme(UrlPart *rest, UrlPart *scheme, Text *problem) {
    size_t i = 0;
    for (; i < rest->length && rest->at[i] != ':'; i++) {
        unsigned char c = (unsigned char)rest->at[i];
        bool fits = c < 0x80 && (unicode_is_letter(c) || (i > 0 && (unicode_is_digit(c) || (c && strchr("+-.", c)))));
        if (!fits) return true;
    }
    if (i == rest->length) return true;
    if (i == 0) {
        text_puts(problem, "missing protocol scheme");
        return false;
    }
    UrlPart behind = nothing;
    *scheme = *rest;
    cut(scheme, ':', &behind);
    *rest = behind;
    return true;
}

/* Is ":80" or ":" all that follows the host? */
static bool check_port(UrlPart port, Text *problem) {
    bool good = port.length == 0 || port.at[0] == ':';
    for (size_t i = 1; i < port.length && good; i++) good = unicode_is_digit((unsigned char)port.at[i]);
    if (!good) text_printf(problem, "invalid port \"%.*s\" after host", IN_TEXT(port));
    return good;
}

static bool check_host(UrlPart host, Text *problem) {
    const char *end = host.at + host.length;
    if (starts(host, "[")) {
        const char *close = memrchr(host.at, ']', host.length);
        if (!close) {
            text_puts(problem, "missing ']' in host");
            return false;
        }
        if (!check_port(url_part(close + 1, end), problem)) return false;
    } else {
        const char *colon = memrchr(host.at, ':', host.length);
        if (colon && !check_port(url_part(colon, end), problem)) return false;
    }
    for (size_t i = 0; i < host.length; i++) {
        char c = host.at[i];
        if ((unsigned char)c >= 0x80 || c == '%' || is_plain(c, URL_HOST)) continue;
        text_printf(problem, "invalid character \"%c\" in host name", c);
        return false;
    }
    return check_escapes(host, problem);
}

/* Behind "//": [rest] keeps the path. */
static bool split_authority(UrlPart *rest, Url *url, Text *problem) {
    const char *start = rest->at + 2, *end = rest->at + rest->length;
    const char *slash = memchr(start, '/', (size_t)(end - start));
    UrlPart authority = url_part(start, slash ? slash : end);
    *rest = url_part(authority.at + authority.length, end);
    const char *at = memrchr(authority.at, '@', authority.length);
    url->has_user = at != NULL;
    url->user = at ? url_part(start, at) : nothing;
    url->host = at ? url_part(at + 1, authority.at + authority.length) : authority;
    return check_host(url->host, problem) && check_escapes(url->user, problem);
}

static bool has_controls(UrlPart text) {
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f) return true;
    return false;
}

bool url_split(const char *text, size_t length, Url *url, Text *problem) {
    *url = (Url){.scheme = nothing, .opaque = nothing, .user = nothing, .host = nothing, .path = nothing,
                 .query = nothing, .fragment = nothing};
    UrlPart rest = {text, length};
    if (has_controls(rest)) {
        text_puts(problem, "net/url: invalid control character in URL");
        return false;
    }
    cut(&rest, '#', &url->fragment);
    if (!split_scheme(&rest, &url->scheme, problem)) return false;
    url->has_query = cut(&rest, '?', &url->query);
    if (!starts(rest, "/") && url->scheme.length > 0) {
        url->opaque = rest;
        return check_escapes(url->fragment, problem);
    }
    if (starts(rest, "//") && (url->scheme.length > 0 || !starts(rest, "///"))) {
        if (!split_authority(&rest, url, problem)) return false;
    } else {
        url->no_authority = url->scheme.length > 0;
    }
    UrlPart first = rest, more;
    cut(&first, '/', &more);
    if (has(first, ':')) {
        text_puts(problem, "first path segment in URL cannot contain colon");
        return false;
    }
    url->path = rest;
    return check_escapes(url->path, problem) && check_escapes(url->fragment, problem);
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

void url_write_scheme(const Url *url, Text *out) {
    for (size_t i = 0; i < url->scheme.length; i++)
        text_putc(out, (char)unicode_lower((unsigned char)url->scheme.at[i]));
}

void url_write(const Url *url, Text *out) {
    size_t start = out->length;
    url_write_scheme(url, out);
    if (url->scheme.length > 0) text_putc(out, ':');
    if (url->opaque.length > 0) {
        text_append(out, url->opaque.at, url->opaque.length);
    } else {
        bool authority = url->host.length > 0 || url->has_user;
        if (authority || (url->scheme.length > 0 && url->path.length > 0 && !url->no_authority)) text_puts(out, "//");
        if (url->has_user) {
            text_append(out, url->user.at, url->user.length);
            text_putc(out, '@');
        }
        text_append(out, url->host.at, url->host.length);
        if (url->host.length > 0 && url->path.length > 0 && !starts(url->path, "/")) text_putc(out, '/');
        UrlPart first = url->path, more;
        cut(&first, '/', &more);
        if (out->length == start && has(first, ':')) text_puts(out, "./"); /* or it would read as a scheme */
        append_escaped(url->path, URL_PATH, out);
    }
    if (url->has_query) {
        text_putc(out, '?');
        text_append(out, url->query.at, url->query.length);
    }
    if (url->fragment.length > 0) {
        text_putc(out, '#');
        append_escaped(url->fragment, URL_FRAGMENT, out);
    }
}

/* ---- References ------------------------------------------------------------------------------------------------- */

/* The path with its "." and ".." elements followed. It always begins with a slash, unless it is empty. */
static void append_resolved(UrlPart path, Text *out) {
    if (path.length == 0) return;
    size_t start = out->length;
    bool more = true;
    UrlPart element = path, rest = nothing;
    if (starts(path, "/")) element = url_part(path.at + 1, path.at + path.length);
    for (; more; element = rest) {
        more = cut(&element, '/', &rest);
        bool up = element.length == 2 && starts(element, ".."), here = element.length == 1 && element.at[0] == '.';
        if (up) {
            while (out->length > start && out->bytes[out->length - 1] != '/') out->length--;
            if (out->length > start) out->length--;
        } else if (!here) {
            text_putc(out, '/');
            text_append(out, element.at, element.length);
        }
        if ((up || here) && !more) text_putc(out, '/');
    }
}

/* Where [reference] leads from the path [base]: beside its last element, unless it begins at the root. */
static void append_path(UrlPart base, UrlPart reference, Text *out) {
    Text joined = {0};
    const char *slash = memrchr(base.at, '/', base.length);
    if (reference.length == 0)
        text_append(&joined, base.at, base.length);
    else if (!starts(reference, "/") && slash)
        text_append(&joined, base.at, (size_t)(slash - base.at) + 1);
    text_append(&joined, reference.at, reference.length);
    append_resolved(url_text(&joined), out);
    text_free(&joined);
}

void url_resolve(const Url *base, const Url *reference, Text *out) {
    Url url = *reference;
    Text path = {0};
    if (reference->scheme.length == 0) url.scheme = base->scheme;
    if (reference->scheme.length > 0 || reference->host.length > 0 || reference->has_user) {
        append_resolved(reference->path, &path);
    } else {
        bool same = reference->path.length == 0;
        if (same && !reference->has_query) {
            url.has_query = base->has_query;
            url.query = base->query;
            if (reference->fragment.length == 0) url.fragment = base->fragment;
        }
        if (same) url.opaque = base->opaque;
        url.has_user = base->has_user;
        url.user = base->user;
        url.host = base->host;
        url.no_authority = base->no_authority;
        append_path(base->path, reference->path, &path);
    }
    url.path = url_text(&path);
    url_write(&url, out);
    text_free(&path);
}
