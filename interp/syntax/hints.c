/*
 * hints.c -- guesses at what a mistake was meant to be. See hints.h.
 */
#include "hints.h"

#include <string.h>

#include "suggest.h"

typedef struct {
    const char *word, *hint;
} ForeignWord;

/* ---- words ---- */

static const ForeignWord foreign_words[] = {
    {"def", "functions are declared with `func`"},
    {"function", "functions are declared with `func`"},
    {"fn", "functions are declared with `func`"},
    {"fun", "functions are declared with `func`"},
    {"lambda", "functions without a name are written `func(x) { … }`"},
    {"var", "variables are declared with `let`"},
    {"val", "variables are declared with `let`"},
    {"local", "variables are declared with `let`"},
    {"int", "variables are declared `let name: int = value`"},
    {"float", "variables are declared `let name: float64 = value`"},
    {"double", "variables are declared `let name: float64 = value`"},
    {"string", "variables are declared `let name: string = value`"},
    {"bool", "variables are declared `let name: bool = value`"},
    {"class", "types with fields and methods are declared with `struct`"},
    {"new", "`new` is not needed: `Name(…)` makes a Name"},
    {"self", "a method's own struct is called `this`"},
    {"elif", "it is written `else if`"},
    {"elsif", "it is written `else if`"},
    {"elseif", "it is written `else if`"},
    {"unless", "it is written `if (!condition)`"},
    {"foreach", "loops over a collection are written `for item in items { … }`"},
    {"loop", "endless loops are written `while (true) { … }`"},
    {"until", "it is written `while (!condition)`"},
    {"do", "loops are written `while (condition) { … }`"},
    {"raise", "errors are raised with `throw` or `error`"},
    {"except", "errors are caught with `catch`"},
    {"module", "modules are written `package name { … }`"},
    {"from", "modules are loaded with `import name`"},
    {"using", "modules are loaded with `import name`"},
    {"require", "modules are loaded with `import name`"},
    {"None", "it is written `null`"},
    {"undefined", "it is written `null`"},
    {"console", "text is shown with `print(…)`"},
    {0}};

static const ForeignWord foreign_operators[] = {
    {"and", "`and` is written `&&`"}, {"or", "`or` is written `||`"}, {"not", "`not` is written `!`"}, {0}};

static const char *look_up(const ForeignWord *words, const char *word, uint32_t length) {
    for (; words->word; words++) {
        if (strlen(words->word) == length && memcmp(words->word, word, length) == 0) {
            return words->hint;
        }
    }
    return NULL;
}

const char *hint_foreign_word(const char *word, uint32_t length) {
    return look_up(foreign_words, word, length);
}

const char *hint_foreign_operator(const char *word, uint32_t length) {
    return look_up(foreign_operators, word, length);
}

const char *hint_keyword(const char *word, uint32_t length) {
    Suggestion near = suggest_for(word, length);
    for (int kind = 0; kind < TOKEN_COUNT; kind++) {
        if (token_is_keyword(kind) || kind >= TOKEN_GO) {
            suggest_consider(&near, token_text[kind], strlen(token_text[kind]));
        }
    }
    return near.best;
}

/* ---- brackets and quotes ---- */

static uint32_t line_of(const Source *source, uint32_t at) {
    return source_line_number(source, at);
}

const Token *hint_open_string(const Source *source, const Token *first, const Token *token) {
    uint32_t line = line_of(source, token->span.start);
    for (; token > first && line_of(source, token->span.end) >= line; token--) {
        bool begins_above = line_of(source, token->span.start) < line_of(source, token->span.end - 1);
        if (token->kind == TOKEN_STRING && begins_above) {
            return token;
        }
    }
    return NULL;
}

enum { BRACES = 200 };

/* A `}` at the beginning of a line that stands further left than the line of its `{` was meant for another one. */
const Token *hint_open_brace(const Source *source, const Token *first) {
    struct {
        const Token *brace;
        uint32_t indentation;
    } open[BRACES];
    int count = 0;
    uint32_t indentation = 0;
    for (const Token *token = first; token->kind != TOKEN_END; token++) {
        if (token->newline_before || token == first) {
            indentation = source_place(source, token->span.start).column;
        }
        if (token->kind == TOKEN_LEFT_BRACE && count < BRACES) {
            open[count].brace = token;
            open[count++].indentation = indentation;
        } else if (token->kind == TOKEN_RIGHT_BRACE && count > 0) {
            count--;
            if (token->newline_before && indentation < open[count].indentation) {
                return open[count].brace;
            }
        }
    }
    return NULL;
}
