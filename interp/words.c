/*
 * words.c -- the words of the language, for those who colour its programs.
 */
#include <string.h>

#include "modules/modules.h"
#include "sched/session.h"
#include "syntax/tokens.h"
#include "vm/object.h"
#include "vm/type.h"

static const char *kind_of_keyword(TokenKind kind) {
    return token_is_constant(kind) ? "constants" : "keywords";
}

/* The kind of a global name; NULL: it needs no colour. */
static const char *kind_of_global(const Global *global) {
    if (strncmp(global->name->bytes, "__", 2) == 0) return NULL;
    switch (global->value.tag) {
    case T_NATIVE:
    case T_CLOSURE:
    case T_OVERLOAD:
        return "functions";
    case T_STRUCT:
    case T_ERROR_TYPE:
        return "types";
    default:
        return NULL;
    }
}

void vint_words(VintSession *session, void (*found)(void *arg, const char *kind, const char *word), void *arg) {
#define X(name, text) found(arg, kind_of_keyword(TOKEN_##name), text);
    TOKEN_KEYWORDS(X)
#undef X
#define X(name, text) found(arg, "declaratives", text);
    TOKEN_DECLARATIVES(X)
#undef X
#define X(name, text) found(arg, "softKeywords", text);
    TOKEN_SOFT_KEYWORDS(X)
#undef X
    for (int i = 0; type_basic_name(i); i++) found(arg, "types", type_basic_name(i));
#define X(name) found(arg, "modules", #name);
    MODULES(X) VINT_MODULES(X)
#undef X
    const Vm *vm = session->vm;
    for (uint32_t i = 0; i < vm->global_count; i++) {
        const char *kind = kind_of_global(&vm->globals[i]);
        if (kind) found(arg, kind, vm->globals[i].name->bytes);
    }
}
