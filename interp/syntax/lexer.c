/*
 * lexer.c -- from source text to tokens.
 *
 * A token says whether it is the first of its line, because newlines may end statements; blanks leave no other trace, and
 * comments only when they are asked for. Strings are only delimited here: their value is worked out when the parser asks
 * for it.
 *
 * Tokens are read into an array with room for as many as the text can have: they stay where they are, and who uses them
 * may look ahead and go back. What of the array is never written takes no memory, and the parser needs little of it: it
 * reads on as it goes, and the tokens of each of the program's statements take the place of those of the one before.
 */
#include "lexer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "magic_lines.h"
#include "utf8.h"

const char *const token_text[TOKEN_COUNT] = {
#define X(name, text) text,
    TOKENS(X)
#undef X
};

enum { KEYWORD_SLOTS = 256, LONGEST_KEYWORD = 8, STRIDE = 32 /* tokens read at a time */ };

struct Lexer {
    Arena *arena; /* of what tokens point to */
    const Source *source;
    const char *text, *end; /* the whole source */
    const char *next;       /* the byte to look at */
    const char *start;      /* of the token under way */
    bool newline;           /* seen since the token before */
    bool keep_comments;     /* as tokens */
    int open_round, open_curly; /* brackets; counted where magics have to know */
    bool ended;                 /* the last token is there */
    TokenKind last;             /* of the tokens; TOKEN_END: there is none yet */
    Token *tokens, *free;       /* the array, and where the next token goes */
    uint8_t keywords[KEYWORD_SLOTS]; /* an open hash table of token kinds; 0: free */
};

/* What a byte can be. */
enum { IN_NAME = 1, DIGIT = 2, HEX_DIGIT = 4, BEYOND_ASCII = 8, BLANK = 16 };

static const uint8_t classes[256] = {
    ['0' ... '9'] = IN_NAME | DIGIT | HEX_DIGIT,
    ['a' ... 'f'] = IN_NAME | HEX_DIGIT,
    ['g' ... 'z'] = IN_NAME,
    ['A' ... 'F'] = IN_NAME | HEX_DIGIT,
    ['G' ... 'Z'] = IN_NAME,
    ['_'] = IN_NAME,
    [0x80 ... 0xFF] = BEYOND_ASCII,
    [' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK, ['\n'] = BLANK,
};

static bool is(char c, int class) {
    return (classes[(unsigned char)c] & class) != 0;
}

/* ---- keywords ---- */

static unsigned keyword_hash(const char *text, size_t length) {
    return ((unsigned char)text[0] * 7u + (unsigned char)text[1] * 31u + (unsigned char)text[length - 1] * 3u +
            (unsigned)length * 13u) % KEYWORD_SLOTS;
}

static void fill_keywords(Lexer *lexer) {
    for (int kind = TOKEN_FUNC; kind < TOKEN_COUNT; kind++) {
        unsigned slot = keyword_hash(token_text[kind], strlen(token_text[kind]));
        while (lexer->keywords[slot]) {
            slot = (slot + 1) % KEYWORD_SLOTS;
        }
        lexer->keywords[slot] = (uint8_t)kind;
    }
}

static TokenKind find_keyword(const Lexer *lexer, const char *text, size_t length) {
    if (length < 2 || length > LONGEST_KEYWORD) {
        return TOKEN_NAME;
    }
    for (unsigned slot = keyword_hash(text, length); lexer->keywords[slot]; slot = (slot + 1) % KEYWORD_SLOTS) {
        const char *keyword = token_text[lexer->keywords[slot]];
        if (strncmp(keyword, text, length) == 0 && keyword[length] == '\0') {
            return lexer->keywords[slot];
        }
    }
    if (text[0] >= 'A' && text[0] <= 'Z') { /* `Info` is `info`, but `Let` is a name */
        char lower[LONGEST_KEYWORD];
        memcpy(lower, text, length);
        lower[0] = (char)(lower[0] - 'A' + 'a');
        TokenKind kind = find_keyword(lexer, lower, length);
        return token_is_declarative(kind) ? kind : TOKEN_NAME;
    }
    return TOKEN_NAME;
}

/* ---- tokens ---- */

static Token *add(Lexer *lexer, TokenKind kind) {
    Token *token = lexer->free++;
    token->kind = (uint8_t)kind;
    token->newline_before = lexer->newline;
    token->span = (Span){(uint32_t)(lexer->start - lexer->text), (uint32_t)(lexer->next - lexer->text)};
    lexer->newline = false;
    lexer->last = kind;
    return token;
}

static TokenProblem *add_problem(Lexer *lexer, const char *hint, const char *message) {
    TokenProblem *problem = arena_alloc(lexer->arena, sizeof *problem);
    problem->message = arena_strndup(lexer->arena, message, strlen(message));
    problem->hint = hint;
    add(lexer, TOKEN_ERROR)->problem = problem;
    return problem;
}

/* ---- comments ---- */

static const char *find_comment_end(const char *text, const char *end) {
    while ((text = memchr(text, '*', (size_t)(end - text)))) {
        if (*++text == '/') {
            return text + 1;
        }
    }
    return NULL;
}

/* Goes on at [stop], the end of a comment that begins here. */
static void end_comment(Lexer *lexer, const char *stop) {
    bool has_newline = memchr(lexer->next, '\n', (size_t)(stop - lexer->next)) != NULL;
    lexer->start = lexer->next;
    lexer->next = stop;
    if (lexer->keep_comments) {
        add(lexer, TOKEN_COMMENT);
    }
    lexer->newline |= has_newline;
}

/* Skips blanks and comments. An unterminated comment becomes a token, so that it is not lost. */
static void skip_blanks(Lexer *lexer) {
    for (;;) {
        const char *next = lexer->next;
        for (; is(*next, BLANK); next++) {
            lexer->newline |= *next == '\n';
        }
        lexer->next = next;
        char c = *next; /* the text ends with a NUL */
        if (c == '#' || (c == '/' && lexer->next[1] == '/')) {
            const char *line_end = memchr(lexer->next, '\n', (size_t)(lexer->end - lexer->next));
            end_comment(lexer, line_end ? line_end : lexer->end);
        } else if (c == '/' && lexer->next[1] == '*') {
            const char *close = find_comment_end(lexer->next + 2, lexer->end);
            if (!close) {
                lexer->start = lexer->next;
                lexer->next += 2; /* the error underlines where it opens */
                add_problem(lexer, "comments end with `*/`", "this comment is never closed")->at_end = true;
            }
            end_comment(lexer, close ? close : lexer->end);
        } else {
            return;
        }
    }
}

/* ---- names ---- */

typedef struct {
    uint32_t first, last;
} Range;

/* Letters beyond ASCII: the ranges that the C standard (annex D) allows in identifiers, without emoji. */
static bool is_letter(uint32_t c) {
    static const Range ranges[] = {
        {0xA8, 0xA8}, {0xAA, 0xAA}, {0xAF, 0xAF}, {0xB2, 0xB5}, {0xB7, 0xBA}, {0xBC, 0xBE}, {0xC0, 0xD6},
        {0xD8, 0xF6}, {0xF8, 0xFF}, {0x100, 0x167F}, {0x1681, 0x180D}, {0x180F, 0x1FFF}, {0x200C, 0x200D},
        {0x2054, 0x2054}, {0x2060, 0x218F}, {0x2460, 0x24FF}, {0x2776, 0x2793}, {0x2C00, 0x2DFF}, {0x2E80, 0x2FFF},
        {0x3004, 0x3007}, {0x3021, 0x302F}, {0x3031, 0xD7FF}, {0xF900, 0xFD3D}, {0xFD40, 0xFDCF}, {0xFDF0, 0xFE44},
        {0xFE47, 0xFEFE}, {0xFF10, 0xFF19}, {0xFF21, 0xFF3A}, {0xFF41, 0xFF5A}, {0xFF66, 0xFFDC},
        {0x10000, 0x1EFFF}, {0x20000, 0x3FFFD},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (c <= ranges[i].last) {
            return c >= ranges[i].first;
        }
    }
    return false;
}

/* Moves past the letters and digits of a name; true when some are beyond ASCII. */
static bool skip_name(Lexer *lexer) {
    bool beyond_ascii = false;
    for (;;) {
        const char *next = lexer->next;
        while (is(*next, IN_NAME)) {
            next++;
        }
        lexer->next = next;
        uint32_t code_point;
        int length = is(*lexer->next, BEYOND_ASCII) ? utf8_read(lexer->next, lexer->end, &code_point) : 0;
        if (length == 0 || !is_letter(code_point)) {
            return beyond_ascii;
        }
        beyond_ascii = true;
        lexer->next += length;
    }
}

static void scan_name(Lexer *lexer) {
    bool beyond_ascii = skip_name(lexer);
    add(lexer, beyond_ascii ? TOKEN_NAME : find_keyword(lexer, lexer->start, (size_t)(lexer->next - lexer->start)));
}

/* A byte that begins nothing: a character that is no letter, a control character, or no UTF-8 at all. */
static void scan_stranger(Lexer *lexer) {
    uint32_t c;
    int length = utf8_read(lexer->next, lexer->end, &c);
    if (length == 0) {
        lexer->next++;
        add_problem(lexer, "sources are UTF-8", "this byte is not valid UTF-8");
        return;
    }
    lexer->next += length;
    char message[80];
    const char *hint = NULL;
    if (c < 0x20 || c == 0x7F) {
        snprintf(message, sizeof message, "unexpected control character U+%04X", c);
    } else if (c == 0xA0 || (c >= 0x2000 && c <= 0x200F) || c == 0x202F || c == 0x3000 || c == 0xFEFF) {
        snprintf(message, sizeof message, "unexpected invisible character U+%04X", c);
        hint = "replace it with an ordinary blank";
    } else {
        snprintf(message, sizeof message, "unexpected character `%.*s`", length, lexer->start);
        if (c >= 0x2018 && c <= 0x201F) {
            hint = "strings stand in straight quotes: \"…\" or '…'";
        } else if (c == 0x2013 || c == 0x2014 || c == 0x2212) {
            hint = "write minus as `-`";
        } else if (c == 0x00D7) {
            hint = "write multiplication as `*`";
        } else if (c == 0x2026) {
            hint = "write three dots `...`";
        } else if (c == '^') {
            hint = "powers are written `**`";
        }
    }
    add_problem(lexer, hint, message);
}

/* ---- numbers ---- */

static const char *const odd_digits_hint = "a number is written 42, 1_000, 0xFF, 0b101, 0o17, 2.5 or 1e-3";

/* Moves past digits of [base] with `_` between them; false when a `_` stands elsewhere or there is no digit. */
static bool skip_digits(Lexer *lexer, int class) {
    bool after_digit = false, good = true;
    while (is(*lexer->next, class) || *lexer->next == '_') {
        bool digit = *lexer->next != '_';
        good &= digit || after_digit;
        after_digit = digit;
        lexer->next++;
    }
    return good && after_digit;
}

/* The rest of a word that began like a number: `1abc`, `0xZZ`, `1__0`. */
static void reject_number(Lexer *lexer) {
    skip_name(lexer);
    char message[80];
    int shown = (int)(lexer->next - lexer->start);
    snprintf(message, sizeof message, "`%.*s%s` is not a number", shown > 40 ? 40 : shown, lexer->start,
             shown > 40 ? "…" : "");
    add_problem(lexer, odd_digits_hint, message);
}

static void add_integer(Lexer *lexer, const char *digits, unsigned base) {
    uint64_t value = 0;
    bool too_large = false;
    for (const char *p = digits; p < lexer->next; p++) {
        if (*p != '_') {
            unsigned digit = is(*p, DIGIT) ? (unsigned)(*p - '0') : (unsigned)((*p | 0x20) - 'a') + 10;
            too_large |= value > ((UINT64_C(1) << 63) - digit) / base;
            value = value * base + digit;
        }
    }
    if (too_large) {
        add_problem(lexer, "integers go up to 9223372036854775807; a number with a point may be larger",
                    "this number is too large for an integer");
    } else {
        add(lexer, TOKEN_INT)->integer = value;
    }
}

static void add_float(Lexer *lexer) {
    char small[64], *digits = small, *out;
    size_t length = (size_t)(lexer->next - lexer->start);
    if (length >= sizeof small) {
        digits = arena_alloc(lexer->arena, length + 1);
    }
    out = digits;
    for (const char *p = lexer->start; p < lexer->next; p++) {
        if (*p != '_') {
            *out++ = *p;
        }
    }
    *out = '\0';
    errno = 0;
    double value = strtod(digits, NULL);
    if (errno == ERANGE && value > 1) {
        add_problem(lexer, "floats go up to about 1.8e308", "this number is too large for a float");
    } else {
        add(lexer, TOKEN_FLOAT)->number = value;
    }
}

static void scan_number(Lexer *lexer) {
    unsigned base = 10;
    if (lexer->next[0] == '0') {
        switch (lexer->next[1] | 0x20) {
        case 'x': base = 16; break;
        case 'b': base = 2; break;
        case 'o': base = 8; break;
        }
    }
    if (base != 10) {
        lexer->next += 2;
        bool good = skip_digits(lexer, base == 16 ? HEX_DIGIT : DIGIT);
        for (const char *p = lexer->start + 2; base < 10 && p < lexer->next; p++) {
            good &= *p == '_' || *p < (char)('0' + base);
        }
        if (!good || is(*lexer->next, IN_NAME | BEYOND_ASCII)) {
            reject_number(lexer);
        } else {
            add_integer(lexer, lexer->start + 2, base);
        }
        return;
    }
    bool good = skip_digits(lexer, DIGIT), is_float = false;
    if (good && lexer->next[0] == '.' && is(lexer->next[1], DIGIT)) {
        is_float = true;
        lexer->next++;
        good = skip_digits(lexer, DIGIT);
    }
    if (good && (*lexer->next | 0x20) == 'e') {
        const char *digits = lexer->next + 1;
        digits += *digits == '+' || *digits == '-';
        if (is(*digits, DIGIT)) {
            is_float = true;
            lexer->next = digits;
            good = skip_digits(lexer, DIGIT);
        }
    }
    if (!good || is(*lexer->next, IN_NAME | BEYOND_ASCII)) {
        reject_number(lexer);
    } else if (is_float) {
        add_float(lexer);
    } else {
        add_integer(lexer, lexer->start, 10);
    }
}

/* ---- strings ---- */

/* The first byte in [text, end) that begins no valid UTF-8, or NULL. */
static const char *find_bad_utf8(const char *text, const char *end) {
    uint32_t code_point;
    while (text < end) {
        int length = utf8_read(text, end, &code_point);
        if (length == 0) {
            return text;
        }
        text += length;
    }
    return NULL;
}

/* The error underlines the string's first line: the end of the text tells nobody where the quote is missing. */
static void reject_unclosed(Lexer *lexer, char quote) {
    const char *line_end = memchr(lexer->start, '\n', (size_t)(lexer->end - lexer->start));
    const char *hint = quote == '"'    ? "close it with `\"`"
                       : quote == '\'' ? "close it with `'`"
                                       : "close it with a backtick";
    lexer->next = line_end ? line_end : lexer->end;
    add_problem(lexer, hint, "this string is never closed")->at_end = true;
    lexer->next = lexer->end;
}

static void scan_string(Lexer *lexer, char quote) {
    bool beyond_ascii = false;
    for (lexer->next++; *lexer->next != quote; lexer->next++) {
        if (*lexer->next == '\\' && quote != '`' && lexer->next + 1 < lexer->end) {
            lexer->next++;
        } else if (lexer->next >= lexer->end) {
            reject_unclosed(lexer, quote);
            return;
        }
        beyond_ascii |= is(*lexer->next, BEYOND_ASCII);
    }
    lexer->next++;
    const char *bad = beyond_ascii ? find_bad_utf8(lexer->start, lexer->next) : NULL;
    if (bad) {
        const char *start = lexer->start, *next = lexer->next;
        lexer->start = bad;
        lexer->next = bad + 1;
        add_problem(lexer, "write other bytes as `\\xHH`", "this string holds a byte that is not valid UTF-8");
        lexer->start = start;
        lexer->next = next;
        return;
    }
    add(lexer, quote == '`' ? TOKEN_RAW_STRING : TOKEN_STRING);
}

/* ---- punctuation ---- */

/* Punctuation by its first character; of those that fit, the longest is taken. Each row ends with 0. */
static const uint8_t punctuation[128][6] = {
    ['('] = {TOKEN_LEFT_PAREN},
    [')'] = {TOKEN_RIGHT_PAREN},
    ['['] = {TOKEN_LEFT_BRACKET},
    [']'] = {TOKEN_RIGHT_BRACKET},
    ['{'] = {TOKEN_LEFT_BRACE},
    ['}'] = {TOKEN_RIGHT_BRACE},
    [','] = {TOKEN_COMMA},
    [';'] = {TOKEN_SEMICOLON},
    ['@'] = {TOKEN_AT},
    [':'] = {TOKEN_COLON_COLON, TOKEN_COLON},
    ['.'] = {TOKEN_ELLIPSIS, TOKEN_DOT_DOT, TOKEN_DOT},
    ['?'] = {TOKEN_COALESCE_ASSIGN, TOKEN_COALESCE, TOKEN_QUESTION},
    ['='] = {TOKEN_ARROW, TOKEN_EQUAL, TOKEN_ASSIGN},
    ['+'] = {TOKEN_INCREMENT, TOKEN_PLUS_ASSIGN, TOKEN_PLUS},
    ['-'] = {TOKEN_DECREMENT, TOKEN_MINUS_ASSIGN, TOKEN_MINUS},
    ['*'] = {TOKEN_POWER_ASSIGN, TOKEN_POWER, TOKEN_STAR_ASSIGN, TOKEN_STAR},
    ['/'] = {TOKEN_SLASH_ASSIGN, TOKEN_SLASH},
    ['%'] = {TOKEN_PERCENT_ASSIGN, TOKEN_PERCENT},
    ['!'] = {TOKEN_NOT_EQUAL, TOKEN_NOT},
    ['<'] = {TOKEN_LESS_EQUAL, TOKEN_LESS},
    ['>'] = {TOKEN_GREATER_EQUAL, TOKEN_GREATER},
    ['&'] = {TOKEN_AND, TOKEN_AMPERSAND},
    ['|'] = {TOKEN_OR, TOKEN_BAR},
};

static bool scan_punctuation(Lexer *lexer) {
    const uint8_t *kind = punctuation[(unsigned char)*lexer->next & 0x7F];
    for (; *kind; kind++) {
        const char *text = token_text[*kind];
        int length = 1; /* the first character is that of the row */
        while (text[length] && text[length] == lexer->next[length]) {
            length++;
        }
        if (!text[length]) {
            lexer->next += length;
            add(lexer, *kind);
            return true;
        }
    }
    return false;
}

static void scan_token(Lexer *lexer) {
    char c = *lexer->next;
    lexer->start = lexer->next;
    if (is(c, DIGIT)) {
        scan_number(lexer);
    } else if (is(c, IN_NAME)) {
        scan_name(lexer);
    } else if (c == '"' || c == '\'' || c == '`') {
        scan_string(lexer, c);
    } else if (is(c, BEYOND_ASCII)) {
        skip_name(lexer);
        if (lexer->next > lexer->start) {
            add(lexer, TOKEN_NAME);
        } else {
            scan_stranger(lexer);
        }
    } else if (!scan_punctuation(lexer)) {
        scan_stranger(lexer);
    }
}

/* ---- magics ---- */

/* Can a statement begin after this token? Not when an operator, a comma or the like waits for what comes. */
static bool may_end_statement(TokenKind kind) {
    switch (kind) {
    case TOKEN_END:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_RAW_STRING:
    case TOKEN_MAGIC:
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_LEFT_BRACE:
    case TOKEN_SEMICOLON:
    case TOKEN_INCREMENT:
    case TOKEN_DECREMENT:
    case TOKEN_BREAK:
    case TOKEN_CONTINUE:
    case TOKEN_RETURN:
        return true;
    default:
        return token_is_name(kind) || token_is_constant(kind);
    }
}

static void count_brackets(Lexer *lexer) {
    switch (lexer->last) {
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
        lexer->open_round++;
        break;
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
        lexer->open_round--;
        break;
    case TOKEN_LEFT_BRACE:
        lexer->open_curly++;
        break;
    case TOKEN_RIGHT_BRACE:
        lexer->open_curly--;
        break;
    default:
        break;
    }
}

/* Takes a special line as one token, if one begins here. */
static bool scan_magic(Lexer *lexer) {
    TokenKind before = lexer->last;
    MagicPlace place;
    if (before == TOKEN_ASSIGN && !lexer->newline && *lexer->next == '%') {
        place = MAGIC_AS_VALUE;
    } else if (lexer->newline && lexer->open_round <= 0 && may_end_statement(before)) {
        place = before == TOKEN_END ? MAGIC_AT_START : lexer->open_curly > 0 ? MAGIC_IN_BLOCK : MAGIC_AT_LINE;
    } else {
        return false;
    }
    const MagicLine *magic =
        magic_line_at(lexer->arena, lexer->source, (uint32_t)(lexer->next - lexer->text), place);
    if (!magic) {
        return false;
    }
    lexer->start = lexer->next;
    lexer->next = lexer->text + magic->end;
    add(lexer, TOKEN_MAGIC)->magic = magic;
    return true;
}

/* ---- the whole ---- */

static size_t array_size(const Source *source) {
    return (source->length + (size_t)LEXER_END_TOKENS) * sizeof(Token); /* no token is empty but for those */
}

static void start(Lexer *lexer, Arena *arena, const Source *source, Token *array) {
    *lexer = (Lexer){
        .arena = arena,
        .source = source,
        .text = source->text,
        .end = source->text + source->length,
        .next = source->text + source->start,
        .newline = true,
        .last = TOKEN_END,
        .tokens = array,
        .free = array,
    };
    fill_keywords(lexer);
    if (source->start == 0 && source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0) {
        lexer->next += 3; /* a byte order mark */
    }
}

static void end(Lexer *lexer) {
    lexer->start = lexer->next;
    for (int i = 0; i < LEXER_END_TOKENS; i++) {
        add(lexer, TOKEN_END);
    }
    lexer->ended = true;
}

/* Adds the next token, and the comments before it where they are kept. */
static void scan(Lexer *lexer) {
    skip_blanks(lexer);
    if (lexer->next >= lexer->end) {
        end(lexer);
    } else if (!lexer->source->has_magics) {
        scan_token(lexer);
    } else if (!scan_magic(lexer)) {
        scan_token(lexer);
        count_brackets(lexer);
    }
}

static const Token *scan_all(Arena *arena, const Source *source, bool keep_comments) {
    Lexer lexer;
    start(&lexer, arena, source, arena_alloc(arena, array_size(source)));
    lexer.keep_comments = keep_comments;
    while (!lexer.ended) {
        scan(&lexer);
    }
    return lexer.tokens;
}

const Token *lexer_scan(Arena *arena, const Source *source) {
    return scan_all(arena, source, false);
}

const Token *lexer_scan_comments(Arena *arena, const Source *source) {
    return scan_all(arena, source, true);
}

Lexer *lexer_open(Arena *arena, const Source *source) {
    Lexer *lexer = malloc(sizeof *lexer);
    Token *array = malloc(array_size(source));
    if (!lexer || !array) {
        abort();
    }
    start(lexer, arena, source, array);
    return lexer;
}

void lexer_close(Lexer *lexer) {
    free(lexer->tokens);
    free(lexer);
}

void lexer_read(Lexer *lexer, const Token *token) {
    if (lexer->free - token < LEXER_END_TOKENS) {
        for (int i = 0; i < STRIDE && !lexer->ended; i++) {
            scan(lexer);
        }
    }
}

const Token *lexer_first(Lexer *lexer) {
    lexer_read(lexer, lexer->tokens);
    return lexer->tokens;
}

const Token *lexer_restart(Lexer *lexer, const Token *first) {
    size_t count = (size_t)(lexer->free - first);
    memmove(lexer->tokens, first, count * sizeof *first);
    lexer->free = lexer->tokens + count;
    return lexer->tokens;
}
