/*
 * reading.c -- tokens, brackets and declared names of a text that may be incomplete.
 *
 * One walk from the first token to the last keeps a stack of the braces that are open, each with the number of names
 * that were declared before it. A brace that closes forgets what was declared inside. The parameters of a function, the
 * variable of a `for` or `catch` belong to the brace that follows; they wait until it comes.
 */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

const char *reading_text(const Reading *reading, int i, uint32_t *length) {
    Span span = reading->tokens[i].span;
    *length = span.end - span.start;
    return reading->source->text + span.start;
}

bool reading_is(const Reading *reading, int i, const char *text, size_t length) {
    uint32_t own;
    const char *word = reading_text(reading, i, &own);
    return own == length && memcmp(word, text, length) == 0;
}

static bool is_word(const Reading *reading, int i) { return token_is_word(reading_kind(reading, i)); }

/* ---- brackets ---- */

static bool opens(TokenKind kind) {
    return kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACKET || kind == TOKEN_LEFT_BRACE;
}

static TokenKind closing_of(TokenKind kind) {
    return kind == TOKEN_LEFT_PAREN ? TOKEN_RIGHT_PAREN
           : kind == TOKEN_LEFT_BRACKET ? TOKEN_RIGHT_BRACKET
                                        : TOKEN_RIGHT_BRACE;
}

static bool closes(TokenKind kind) {
    return kind == TOKEN_RIGHT_PAREN || kind == TOKEN_RIGHT_BRACKET || kind == TOKEN_RIGHT_BRACE;
}

static void match_brackets(Reading *reading) {
    int *open = arena_alloc(&reading->arena, (size_t)(reading->count + 1) * sizeof *open), depth = 0;
    reading->match = arena_alloc(&reading->arena, (size_t)(reading->count + 1) * sizeof *reading->match);
    for (int i = 0; i < reading->count; i++) {
        TokenKind kind = reading->tokens[i].kind;
        reading->match[i] = opens(kind) ? reading->count : -1;
        if (opens(kind)) {
            open[depth++] = i;
        } else if (closes(kind) && depth > 0 && closing_of(reading->tokens[open[depth - 1]].kind) == kind) {
            reading->match[i] = open[--depth];
            reading->match[open[depth]] = i;
        }
    }
    reading->innermost = depth > 0 ? open[depth - 1] : -1;
}

/* The token after [i], over everything in brackets when [i] opens them. */
static int step_over(const Reading *reading, int i) {
    return opens(reading_kind(reading, i)) && reading->match[i] < reading->count ? reading->match[i] + 1 : i + 1;
}

/* ---- operands ---- */

static bool ends_operand(const Reading *reading, int i) {
    TokenKind kind = reading_kind(reading, i);
    return token_is_name(kind) || kind == TOKEN_RIGHT_PAREN || kind == TOKEN_RIGHT_BRACKET || kind == TOKEN_STRING ||
           kind == TOKEN_RAW_STRING || kind == TOKEN_RIGHT_BRACE || kind == TOKEN_IMPORT || kind == TOKEN_CHAN ||
           (token_is_keyword(kind) && reading_kind(reading, i - 1) == TOKEN_DOT);
}

/* Does the opener [i] go on with the operand before it: a call, an index, the fields of a struct literal? */
static bool goes_on(const Reading *reading, int i) {
    if (reading->tokens[i].newline_before || !ends_operand(reading, i - 1)) return false;
    return reading_kind(reading, i) != TOKEN_LEFT_BRACE || token_is_name(reading_kind(reading, i - 1));
}

int reading_operand(const Reading *reading, int end) {
    int i = end - 1;
    for (;;) {
        if (i < 0 || reading->tokens[i].kind == TOKEN_ERROR) return -1;
        TokenKind kind = reading->tokens[i].kind;
        if (closes(kind)) {
            i = reading->match[i];
            if (i < 0) return -1;
            if (goes_on(reading, i)) {
                i--;
                continue;
            }
        } else if (!token_is_word(kind) && kind != TOKEN_STRING && kind != TOKEN_RAW_STRING && kind != TOKEN_INT &&
                   kind != TOKEN_FLOAT) {
            return -1;
        }
        switch (reading_kind(reading, i - 1)) {
        case TOKEN_DOT:
            i -= 2;
            break;
        case TOKEN_COLON_COLON:
            return i - 1;
        default:
            return i;
        }
    }
}

bool reading_opens_parameters(const Reading *reading, int opener) {
    TokenKind before = reading_kind(reading, opener - 1);
    return before == TOKEN_FUNC || (token_is_word(before) && reading_kind(reading, opener - 2) == TOKEN_FUNC);
}

int reading_callee(const Reading *reading, int opener) {
    if (reading_kind(reading, opener) != TOKEN_LEFT_PAREN || reading_opens_parameters(reading, opener)) return -1;
    return goes_on(reading, opener) ? reading_operand(reading, opener) : -1;
}

/* ---- declarations ---- */

typedef struct {
    int opener, local_count;
    bool is_struct;
} Brace;

typedef struct {
    Reading *reading;
    int *owner; /* for the brace that opens a function's body or a struct: 1 + its token `func`, `struct` */
    Local *waiting; /* for the next brace */
    int waiting_count, waiting_capacity;
    Brace *braces;
    int brace_count, brace_capacity;
} Walk;

static Local local_at(const Walk *walk, LocalKind kind, int at) {
    Local local = {.kind = kind, .at = at, .is_global = walk->brace_count == 0};
    local.name = reading_text(walk->reading, at, &local.length);
    return local;
}

static void add_local(Walk *walk, Local local) {
    Reading *reading = walk->reading;
    ARENA_PUSH(&reading->arena, reading->locals, reading->local_count, reading->local_capacity, local);
}

static void declare(Walk *walk, LocalKind kind, int at) {
    if (is_word(walk->reading, at)) add_local(walk, local_at(walk, kind, at));
}

static void declare_later(Walk *walk, int at) {
    if (!is_word(walk->reading, at)) return;
    Local local = local_at(walk, LOCAL_VARIABLE, at);
    local.is_global = false;
    ARENA_PUSH(&walk->reading->arena, walk->waiting, walk->waiting_count, walk->waiting_capacity, local);
}

/* The brace that opens the body of a function whose parameters end with token [closing]; count when there is none yet. */
static int body_after(const Reading *reading, int closing) {
    int i = closing + 1;
    if (reading_kind(reading, i) == TOKEN_COLON) i = step_over(reading, i + 1);
    while (i < reading->count && reading->tokens[i].kind != TOKEN_LEFT_BRACE) {
        if (closes(reading->tokens[i].kind)) return reading->count;
        i = step_over(reading, i);
    }
    return i < reading->count ? i : reading->count;
}

static void visit_function(Walk *walk, int i) {
    const Reading *reading = walk->reading;
    int name = is_word(reading, i + 1) ? i + 1 : -1, opener = name > 0 ? i + 2 : i + 1;
    bool is_method = walk->brace_count > 0 && walk->braces[walk->brace_count - 1].is_struct;
    if (name > 0 && !is_method) declare(walk, LOCAL_FUNCTION, name);
    if (reading_kind(reading, opener) != TOKEN_LEFT_PAREN || reading->match[opener] >= reading->count) return;
    int body = body_after(reading, reading->match[opener]);
    if (body < reading->count) walk->owner[body] = i + 1;
}

static void declare_parameters(Walk *walk, int func) {
    const Reading *reading = walk->reading;
    int opener = is_word(reading, func + 1) ? func + 2 : func + 1;
    for (int i = opener + 1; i < reading->match[opener]; i = step_over(reading, i))
        if (reading_kind(reading, i - 1) == TOKEN_COMMA || i == opener + 1) declare(walk, LOCAL_PARAMETER, i);
}

static void open_brace(Walk *walk, int i) {
    Brace brace = {.opener = i, .local_count = walk->reading->local_count};
    int owner = walk->owner[i] - 1;
    bool is_method = walk->brace_count > 0 && walk->braces[walk->brace_count - 1].is_struct;
    int around = is_method ? walk->braces[walk->brace_count - 1].opener : 0;
    brace.is_struct = owner >= 0 && reading_kind(walk->reading, owner) == TOKEN_STRUCT;
    ARENA_PUSH(&walk->reading->arena, walk->braces, walk->brace_count, walk->brace_capacity, brace);
    if (owner >= 0 && !brace.is_struct) {
        if (is_method)
            add_local(walk, (Local){.kind = LOCAL_THIS, .name = "this", .length = 4, .at = around - 1});
        declare_parameters(walk, owner);
    } else if (owner < 0) {
        for (int w = 0; w < walk->waiting_count; w++) add_local(walk, walk->waiting[w]);
        walk->waiting_count = 0;
    }
}

static void close_brace(Walk *walk, int i) {
    while (walk->brace_count > 0 && walk->reading->match[i] >= 0) {
        Brace brace = walk->braces[--walk->brace_count];
        walk->reading->local_count = brace.local_count;
        if (brace.opener == walk->reading->match[i]) return;
    }
}

/* import a, b as c */
static void visit_import(Walk *walk, int i) {
    const Reading *reading = walk->reading;
    while (is_word(reading, ++i)) {
        Local local = local_at(walk, LOCAL_MODULE, i);
        if (reading_kind(reading, i + 1) == TOKEN_AS && is_word(reading, i + 2)) {
            i += 2;
            local.name = reading_text(reading, i, &local.length);
        }
        add_local(walk, local);
        if (reading_kind(reading, ++i) != TOKEN_COMMA) return;
    }
}

static void visit(Walk *walk, int i) {
    const Reading *reading = walk->reading;
    TokenKind next = reading_kind(reading, i + 1);
    int inside = next == TOKEN_LEFT_PAREN ? i + 2 : i + 1; /* of a header with or without parentheses */
    switch (reading->tokens[i].kind) {
    case TOKEN_LEFT_BRACE:
        open_brace(walk, i);
        break;
    case TOKEN_RIGHT_BRACE:
        close_brace(walk, i);
        break;
    case TOKEN_LET:
    case TOKEN_CONST:
        declare(walk, LOCAL_VARIABLE, i + 1);
        break;
    case TOKEN_FUNC:
        visit_function(walk, i);
        break;
    case TOKEN_STRUCT:
        declare(walk, LOCAL_STRUCT, i + 1);
        if (reading_kind(reading, i + 2) == TOKEN_LEFT_BRACE) walk->owner[i + 2] = i + 1;
        break;
    case TOKEN_ENUM:
        declare(walk, LOCAL_ENUM, i + 1);
        break;
    case TOKEN_TYPE:
        if (reading_kind(reading, i + 2) == TOKEN_ASSIGN) declare(walk, LOCAL_TYPE, i + 1);
        break;
    case TOKEN_PACKAGE:
        declare(walk, LOCAL_PACKAGE, i + 1);
        break;
    case TOKEN_RAISE:
        if (is_word(reading, i + 1) && opens(reading_kind(reading, i + 2))) declare(walk, LOCAL_ERROR, i + 1);
        break;
    case TOKEN_IMPORT:
        visit_import(walk, i);
        break;
    case TOKEN_FOR:
        declare_later(walk, inside);
        if (reading_kind(reading, inside + 1) == TOKEN_COMMA) declare_later(walk, inside + 2);
        break;
    case TOKEN_CATCH:
        declare_later(walk, inside);
        break;
    case TOKEN_REPEAT:
        if (inside == i + 2 && reading->match[i + 1] == i + 3) declare_later(walk, inside);
        break;
    case TOKEN_CASE:
        if (reading_kind(reading, i + 2) == TOKEN_ASSIGN) declare_later(walk, i + 1);
        break;
    default:
        break;
    }
}

Reading *reading_new(const char *text, size_t length, size_t start, bool is_cell) {
    Reading *reading = calloc(1, sizeof *reading);
    if (!reading) abort();
    arena_init(&reading->arena);
    reading->source = source_new(&reading->arena, "", text, length);
    reading->source->start = (uint32_t)start;
    reading->source->has_magics = is_cell;
    reading->tokens = lexer_scan(&reading->arena, reading->source);
    while (reading->tokens[reading->count].kind != TOKEN_END) reading->count++;
    match_brackets(reading);
    Walk walk = {.reading = reading};
    walk.owner = arena_alloc(&reading->arena, (size_t)(reading->count + 1) * sizeof *walk.owner);
    for (int i = 0; i < reading->count; i++) visit(&walk, i);
    return reading;
}

void reading_free(Reading *reading) {
    arena_free(&reading->arena);
    free(reading);
}

/* ---- what stands behind a name ---- */

/* Does a new statement or member begin with token [i]? */
static bool begins_line(const Reading *reading, int i) {
    TokenKind kind = reading_kind(reading, i), before = reading_kind(reading, i - 1);
    bool goes_on = kind == TOKEN_DOT || (before >= TOKEN_DOT_DOT && before <= TOKEN_BAR && before != TOKEN_INCREMENT &&
                                         before != TOKEN_DECREMENT);
    return reading->tokens[i].newline_before && !goes_on;
}

/* Where what begins with token [i] ends: before a comma, the end of the statement, a closing bracket, or [stop]. */
static int end_of(const Reading *reading, int i, TokenKind stop) {
    for (int first = i; i < reading->count; i = step_over(reading, i)) {
        TokenKind kind = reading->tokens[i].kind;
        if (kind == TOKEN_COMMA || kind == TOKEN_SEMICOLON || closes(kind) || kind == stop) break;
        if (i > first && begins_line(reading, i)) break;
    }
    return i;
}

/* The bytes of tokens [from, to). */
static Span span_of(const Reading *reading, int from, int to) {
    if (to > reading->count) to = reading->count;
    if (from < 0 || from >= to) return (Span){0, 0};
    return (Span){reading->tokens[from].span.start, reading->tokens[to - 1].span.end};
}

Span reading_type(const Reading *reading, int name) {
    int at = name + 1;
    if (reading_kind(reading, at) == TOKEN_LEFT_PAREN) {
        at = step_over(reading, at);
        if (reading_kind(reading, at) != TOKEN_COLON) return (Span){0, 0};
        return span_of(reading, at + 1, body_after(reading, at - 1));
    }
    if (reading_kind(reading, at) != TOKEN_COLON) return (Span){0, 0};
    return span_of(reading, at + 1, end_of(reading, at + 1, TOKEN_ASSIGN));
}

Span reading_value(const Reading *reading, int name) {
    int at = name + 1;
    if (reading_kind(reading, at) == TOKEN_COLON) at = end_of(reading, at + 1, TOKEN_ASSIGN);
    if (reading_kind(reading, at) == TOKEN_IN) return span_of(reading, at + 1, end_of(reading, at + 1, TOKEN_LEFT_BRACE));
    if (reading_kind(reading, at) != TOKEN_ASSIGN) return (Span){0, 0};
    return span_of(reading, at + 1, end_of(reading, at + 1, TOKEN_END));
}

int reading_function(const Reading *reading, int name) {
    int at = name + 1;
    if (reading_kind(reading, at) == TOKEN_COLON) at = end_of(reading, at + 1, TOKEN_ASSIGN);
    if (reading_kind(reading, at) != TOKEN_ASSIGN) return -1;
    at += reading_kind(reading, at + 1) == TOKEN_ASYNC ? 2 : 1;
    int opener = at + 1;
    if (reading_kind(reading, at) != TOKEN_FUNC || reading_kind(reading, opener) != TOKEN_LEFT_PAREN) return -1;
    int body = body_after(reading, step_over(reading, opener) - 1);
    if (body >= reading->count || reading->match[body] >= reading->count) return opener; /* the text ends inside of it */
    int behind = reading->match[body] + 1;
    bool ends = behind >= reading->count || begins_line(reading, behind) || reading->tokens[behind].kind == TOKEN_SEMICOLON;
    return ends ? opener : -1; /* `func() {…}()` is its result */
}

Span reading_header(const Reading *reading, int name) {
    int opener = reading_kind(reading, name) == TOKEN_LEFT_PAREN ? name : name + 1;
    if (reading_kind(reading, opener) != TOKEN_LEFT_PAREN) return (Span){0, 0};
    int closing = reading->match[opener];
    if (reading_kind(reading, closing + 1) == TOKEN_COLON) return span_of(reading, opener, body_after(reading, closing));
    return span_of(reading, opener, closing < reading->count ? closing + 1 : closing);
}

Span reading_declaration(const Reading *reading, int name) {
    int first = name - 1, last = reading_kind(reading, name) == TOKEN_LEFT_PAREN ? name : name + 1;
    if (reading_kind(reading, first) == TOKEN_FUNC) {
        if (reading_kind(reading, last) == TOKEN_LEFT_PAREN) last = body_after(reading, step_over(reading, last) - 1);
        if (reading_kind(reading, first - 1) == TOKEN_ASYNC) first--;
    }
    if (opens(reading_kind(reading, last)))
        last = step_over(reading, last);
    else
        last = end_of(reading, last, TOKEN_END);
    return span_of(reading, first, last);
}

void reading_each_member(const Reading *reading, int name, void (*visit)(void *arg, int token, MemberKind kind), void *arg) {
    int opener = opens(reading_kind(reading, name)) ? name : name + 1;
    if (!opens(reading_kind(reading, opener))) return;
    for (int i = opener + 1; i < reading->match[opener];) {
        int method = reading_kind(reading, i) == TOKEN_ASYNC ? i + 1 : i;
        if (reading_kind(reading, method) == TOKEN_FUNC && is_word(reading, method + 1)) {
            visit(arg, method + 1, MEMBER_METHOD);
            int parameters = method + 2;
            if (reading_kind(reading, parameters) != TOKEN_LEFT_PAREN) return;
            int body = body_after(reading, step_over(reading, parameters) - 1);
            if (body >= reading->count || reading->match[body] >= reading->count) return; /* the text ends inside of it */
            i = reading->match[body] + 1;
        } else {
            if (is_word(reading, i)) visit(arg, i, MEMBER_FIELD);
            int end = end_of(reading, i, TOKEN_FUNC);
            i = end > i ? end : i + 1;
            continue;
        }
        while (reading_kind(reading, i) == TOKEN_COMMA || reading_kind(reading, i) == TOKEN_SEMICOLON) i++;
    }
}

/* ---- comments ---- */

/* Where the words of a comment line begin; NULL when it is none. */
static const char *comment_words(const char *line, uint32_t *length) {
    uint32_t at = 0;
    while (at < *length && (line[at] == ' ' || line[at] == '\t')) at++;
    if (at < *length && line[at] == '#')
        at++;
    else if (at + 1 < *length && line[at] == '/' && line[at + 1] == '/')
        at += 2;
    else
        return NULL;
    if (at < *length && line[at] == ' ') at++;
    *length -= at;
    return line + at;
}

const char *reading_comment_above(Arena *arena, const Source *source, uint32_t at) {
    uint32_t line = source_line_number(source, at), first = line, length;
    for (; first > 1; first--) {
        const char *text = source_line(source, first - 1, &length);
        if (!comment_words(text, &length)) break;
    }
    if (first == line) return NULL;
    uint32_t end;
    const char *from = source_line(source, first, &length), *to = source_line(source, line, &end);
    char *comment = arena_alloc(arena, (size_t)(to - from) + 1), *out = comment;
    for (; first < line; first++) {
        const char *words = source_line(source, first, &length);
        words = comment_words(words, &length);
        memcpy(out, words, length);
        out += length;
        *out++ = '\n';
    }
    out[-1] = '\0';
    return comment;
}
