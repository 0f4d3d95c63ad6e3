/*
 * url.c -- the module `url`.
 */
#include "url.h"

#include <string.h>
#include <strings.h>

#include "lib/lib.h"
#include "modules.h"

static UrlPart whole(const String *s) { return (UrlPart){s->bytes, s->length}; }

/* False with an error raised: the text is no URL. [what] says in the message which text it is. */
static bool split(Vm *vm, const char *what, const String *text, Url *url) {
    Text problem = {0};
    bool good = url_split(text->bytes, text->length, url, &problem);
    if (!good)
        vm_raise(vm, ERR_VALUE, "Invalid %s: parse \"%.*s\": %s", what, (int)text->length, text->bytes,
                 text_cstring(&problem));
    text_free(&problem);
    return good;
}

static void append_plain(Text *out, const char *title, UrlPart part) {
    Text problem = {0};
    text_puts(out, title);
    url_unescape(part, false, out, &problem);
    text_free(&problem);
}

static NativeStatus url_parse(NATIVE_ARGS) {
    Url url;
    if (!split(vm, "URL", args[0].string, &url)) return NATIVE_ERROR;
    Text text = lib_text(vm);
    text_puts(&text, "scheme:");
    url_write_scheme(&url, &text);
    append_plain(&text, " host:", url.host);
    append_plain(&text, " path:", url.path);
    text_printf(&text, " query:%.*s", (int)url.query.length, url.query.at);
    append_plain(&text, " fragment:", url.fragment);
    return lib_return_text(vm, &text, result);
}

static NativeStatus url_encode(NATIVE_ARGS) {
    Text text = lib_text(vm);
    url_escape(whole(args[0].string), URL_QUERY, &text);
    return lib_return_text(vm, &text, result);
}

static NativeStatus url_decode(NATIVE_ARGS) {
    Text text = lib_text(vm), problem = {0};
    NativeStatus status;
    if (url_unescape(whole(args[0].string), true, &text, &problem)) {
        status = lib_return_text(vm, &text, result);
    } else {
        status = vm_raise(vm, ERR_VALUE, "Invalid URL encoding: %s", text_cstring(&problem));
        text_free(&text);
    }
    text_free(&problem);
    return status;
}

static NativeStatus url_join(NATIVE_ARGS) {
    Url base, reference;
    bool good = split(vm, "base URL", args[0].string, &base) && split(vm, "path", args[1].string, &reference);
    if (!good) return NATIVE_ERROR;
    Text text = lib_text(vm);
    url_resolve(&base, &reference, &text);
    return lib_return_text(vm, &text, result);
}

static NativeStatus url_is_valid(NATIVE_ARGS) {
    const String *s = args[0].string;
    Url url;
    Text problem = {0};
    bool valid = url_split(s->bytes, s->length, &url, &problem) && memmem(s->bytes, s->length, "://", 3);
    text_free(&problem);
    NATIVE_RETURN(value_bool(valid));
}

/* ---- From components -------------------------------------------------------------------------------------------- */

/* COMPONENTS(X): the keys of build(). */
#define COMPONENTS(X) X(scheme) X(host) X(path) X(query) X(fragment) X(user) X(port)

typedef struct {
#define X(name) UrlPart name;
    COMPONENTS(X)
#undef X
} Components;

/* The component that the key names; NULL with an error raised. */
static UrlPart *component(Vm *vm, Components *components, Value key) {
#define X(name)                                                                                    \
    if (key.tag == T_STRING && key.string->length == strlen(#name) &&                              \
        strncasecmp(key.string->bytes, #name, strlen(#name)) == 0)                                 \
        return &components->name;
    COMPONENTS(X)
#undef X
#define X(name) " " #name
    vm_raise(vm, ERR_VALUE, "Unknown URL component: %s; there are" COMPONENTS(X), error_describe(vm, key));
#undef X
    return NULL;
}

static bool read_components(Vm *vm, const Dict *dict, Components *components) {
    Value key, value;
    *components = (Components){0};
    for (uint32_t cursor = 0; dict_next(dict, &cursor, &key, &value);) {
        UrlPart *part = component(vm, components, key);
        if (!part) return false;
        if (value.tag != T_STRING) {
            vm_raise(vm, ERR_TYPE, "Component '%.*s' must be a string, got %s", (int)key.string->length,
                     key.string->bytes, error_describe(vm, value));
            return false;
        }
        *part = whole(value.string);
    }
    if (components->scheme.length > 0 || components->host.length > 0) return true;
    vm_raise(vm, ERR_VALUE, "URL must have at least a scheme or host component");
    return false;
}

static NativeStatus url_build(NATIVE_ARGS) {
    Components parts;
    if (!read_components(vm, args[0].dict, &parts)) return NATIVE_ERROR;
    Text user = {0}, host = {0}, path = {0}, fragment = {0}, text = lib_text(vm);
    url_escape(parts.user, URL_USER, &user);
    url_escape(parts.host, URL_HOST, &host);
    if (parts.port.length > 0) {
        text_putc(&host, ':');
        text_append(&host, parts.port.at, parts.port.length);
    }
    url_escape(parts.path, URL_PATH, &path);
    url_escape(parts.fragment, URL_FRAGMENT, &fragment);
    Url url = {.scheme = parts.scheme,
               .user = url_text(&user),
               .host = url_text(&host),
               .path = url_text(&path),
               .query = parts.query,
               .fragment = url_text(&fragment),
               .has_user = parts.user.length > 0,
               .has_query = parts.query.length > 0};
    url_write(&url, &text);
    text_free(&user);
    text_free(&host);
    text_free(&path);
    text_free(&fragment);
    return lib_return_text(vm, &text, result);
}

static const NativeDef functions[] = {
    {"parse(url: string) -> string", "The parts of a URL: \"scheme:… host:… path:… query:… fragment:…\".", url_parse},
    {"build(components: dict) -> string",
     "A URL of its components: scheme, host, port, path, query, fragment, user. At least a scheme or a host.",
     url_build},
    {"encode(text: string) -> string", "The text as it may stand in a query: %XX for special characters, + for blanks.",
     url_encode},
    {"decode(text: string) -> string", "The text that encode() or a browser has encoded.", url_decode},
    {"join(base: string, path: string) -> string", "Where a link to path leads on the page at base.", url_join},
    {"isValid(url: string) -> bool", "Is it a URL with a scheme and \"://\"?", url_is_valid},
    {0}};

Module *url_module(Vm *vm) { return native_module(vm, "url", functions); }
