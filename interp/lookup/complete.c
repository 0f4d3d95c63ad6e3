/*
 * complete.c -- which names could stand at the cursor.
 *
 * The tokens before the cursor tell what is being written there: a member, a key or a file's name in a string, a type,
 * a module to import, the name of an argument, or just any name. What a receiver or a function is, thing.h finds out.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "candidates.h"
#include "modules/modules.h"
#include "sched/session.h"
#include "syntax/magic_lines.h"
#include "vm/dict.h"
#include "vm/error.h"
#include "vm/type.h"

#define FILE_LIMIT 100000 /* entries of a folder that are looked at */

typedef struct {
    Lookup lookup;
    Candidates candidates;
    const char *code;
    size_t length, cursor;
    size_t start;        /* byte where the word begins */
    int end;             /* tokens before the word */
    int rank;            /* of what is considered next */
} Completion;

/* ---- what is considered ---- */

static void consider(Completion *completion, const char *name, size_t length, const char *kind, const Thing *thing) {
    if (!candidates_want(&completion->candidates, name, length, completion->rank)) return;
    Candidate candidate = {.name = name, .length = length, .kind = kind, .rank = completion->rank};
    if (thing) candidate.thing = *thing;
    candidates_consider(&completion->candidates, &candidate);
}

static void set_word(Completion *completion, size_t start) {
    completion->start = start;
    completion->candidates.word = completion->code + start;
    completion->candidates.word_length = completion->cursor - start;
}

static void on_member(void *arg, const char *name, size_t length, const char *kind, const Thing *member) {
    consider(arg, name, length, kind, member);
}

static void on_module(void *arg, const char *name, size_t length) {
    static const char hidden[] = "magics"; /* no module for programs */
    if (length == sizeof hidden - 1 && memcmp(name, hidden, length) == 0) return;
    Completion *completion = arg;
    consider(completion, arena_strndup(&completion->lookup.arena, name, length), length, "module", NULL);
}

static void on_type_word(void *arg, const char *word) { consider(arg, word, strlen(word), "type", NULL); }

static void consider_words(Completion *completion) {
#define X(token, word) consider(completion, word, strlen(word), "keyword", NULL);
    TOKEN_KEYWORDS(X) TOKEN_DECLARATIVES(X) TOKEN_SOFT_KEYWORDS(X)
#undef X
}

/* `let x = …`: x is no name yet, except in the functions that it may be called from. */
static bool is_unfinished(const Reading *reading, const Local *local) {
    if (local->kind != LOCAL_VARIABLE || reading->count == 0) return false;
    int opener = reading->innermost;
    bool in_function = opener > local->at && reading_kind(reading, opener) == TOKEN_LEFT_BRACE;
    return !in_function && reading_value(reading, local->at).end == reading->tokens[reading->count - 1].span.end;
}

/* Names of the text, the last declared first: it hides the others. */
static void consider_locals(Completion *completion, bool only_types) {
    const Reading *reading = completion->lookup.reading;
    for (int i = reading->local_count - 1; i >= 0; i--) {
        const Local *local = &reading->locals[i];
        bool is_type = local->kind == LOCAL_STRUCT || local->kind == LOCAL_ENUM || local->kind == LOCAL_ERROR ||
                       local->kind == LOCAL_TYPE;
        if (only_types && !is_type) continue;
        /* The word itself may stand in a declaration. */
        bool is_word = local->name + local->length == reading->source->text + completion->cursor;
        if (is_word || is_unfinished(reading, local)) continue;
        if (!candidates_want(&completion->candidates, local->name, local->length, completion->rank)) continue;
        Candidate candidate = {.name = local->name, .length = local->length, .rank = completion->rank};
        candidate.thing = thing_of_local(&completion->lookup, reading, i);
        candidate.kind = is_type ? "class" : local->kind == LOCAL_FUNCTION ? "function" : thing_kind(&candidate.thing);
        candidates_consider(&completion->candidates, &candidate);
    }
}

static bool is_type(Value value) {
    return value.tag == T_STRUCT || value.tag == T_ENUM || value.tag == T_ERROR_TYPE || value.tag == T_TYPE;
}

static void consider_globals(Completion *completion, bool only_types) {
    const Vm *vm = completion->lookup.vm;
    for (uint32_t i = 0; i < vm->global_count; i++) {
        const Global *global = &vm->globals[i];
        if (global->value.tag == T_UNDEFINED || global->is_scoped || (only_types && !is_type(global->value))) continue;
        if (!candidates_want(&completion->candidates, global->name->bytes, global->name->length, completion->rank)) continue;
        Thing thing = {.kind = THING_VALUE, .value = global->value};
        consider(completion, global->name->bytes, global->name->length, thing_kind(&thing), &thing);
    }
}

static void consider_builtins(Completion *completion) {
    Value key, value;
    for (uint32_t cursor = 0; dict_next(completion->lookup.vm->builtins, &cursor, &key, &value);) {
        Thing thing = thing_of_value(value);
        consider(completion, key.string->bytes, key.string->length, thing_kind(&thing), &thing);
    }
}

static void consider_types(Completion *completion) {
    consider_locals(completion, true);
    consider_globals(completion, true);
    type_each_word(on_type_word, completion);
#define X(kind, name) consider(completion, name, strlen(name), "class", NULL);
    ERROR_KINDS(X)
#undef X
}

/* ---- in strings ---- */

/* [text] as it must be written between two signs [quote]; in the lookup's arena. */
static char *escaped(Completion *completion, const char *text, size_t length, char quote, size_t *escaped_length) {
    char *out = arena_alloc(&completion->lookup.arena, length * 2 + 3), *end = out; /* and room for a quote and a bracket */
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool needs = quote != '`' && (c == quote || c == '\\' || c == '\n' || c == '\t');
        if (needs) *end++ = '\\';
        *end++ = !needs ? c : c == '\n' ? 'n' : c == '\t' ? 't' : c;
    }
    *end = '\0';
    *escaped_length = (size_t)(end - out);
    return out;
}

typedef struct {
    Completion *completion;
    char quote;
} Keys;

static void on_key(void *arg, const char *name, size_t length, const char *kind, const Thing *member) {
    const Keys *keys = arg;
    Completion *completion = keys->completion;
    size_t name_length;
    char *text = escaped(completion, name, length, keys->quote, &name_length);
    Candidate candidate = {.name = arena_strndup(&completion->lookup.arena, text, name_length), .length = name_length,
                           .text = text, .kind = kind, .thing = *member};
    const char *behind = completion->code + completion->cursor, *end = completion->code + completion->length;
    if (behind == end || *behind != keys->quote) {
        text[name_length++] = keys->quote;
        if (behind == end || *behind != ']') text[name_length++] = ']';
        text[name_length] = '\0';
    }
    candidates_consider(&completion->candidates, &candidate);
}

/* Only links, and entries of some file systems, have to be looked up. */
static bool is_folder_entry(DIR *files, const struct dirent *file) {
    struct stat status;
    if (file->d_type != DT_LNK && file->d_type != DT_UNKNOWN) return file->d_type == DT_DIR;
    return fstatat(dirfd(files), file->d_name, &status, 0) == 0 && S_ISDIR(status.st_mode);
}

/* Files and folders whose path begins with [path], which ends at the cursor; [quote] 0: a shell's word. */
static void consider_files(Completion *completion, const char *path, size_t length, char quote, bool only_folders) {
    const char *slash = memrchr(path, '/', length);
    size_t folder_length = slash ? (size_t)(slash - path) + 1 : 0;
    char *folder = arena_strndup(&completion->lookup.arena, path, folder_length);
    set_word(completion, completion->cursor - (length - folder_length));
    DIR *files = opendir(folder_length ? folder : ".");
    int left = FILE_LIMIT;
    for (const struct dirent *file; files && left-- > 0 && (file = readdir(files));) {
        bool is_hidden = file->d_name[0] == '.' && (completion->candidates.word_length == 0 || path[folder_length] != '.');
        if (is_hidden || strcmp(file->d_name, ".") == 0 || strcmp(file->d_name, "..") == 0) continue;
        bool is_folder = is_folder_entry(files, file);
        if (only_folders && !is_folder) continue;
        size_t name_length;
        char *name = escaped(completion, file->d_name, strlen(file->d_name), quote ? quote : '`', &name_length);
        if (is_folder) memcpy(name + name_length++, "/", 2);
        consider(completion, name, name_length, "path", NULL);
    }
    if (files) closedir(files);
}

static void complete_string(Completion *completion, int token) {
    const Reading *reading = completion->lookup.reading;
    size_t open = reading->tokens[token].span.start;
    Keys keys = {completion, completion->code[open]};
    set_word(completion, open + 1);
    if (reading_kind(reading, token - 1) == TOKEN_LEFT_BRACKET) {
        Thing dict = thing_of_tokens(&completion->lookup, reading_operand(reading, token - 1), token - 1);
        thing_each_key(&completion->lookup, &dict, on_key, &keys);
        if (dict.kind != THING_UNKNOWN) return;
    }
    consider_files(completion, completion->candidates.word, completion->candidates.word_length, keys.quote, false);
}

/* ---- in code ---- */

/* Is the cursor in a list of modules behind `import`? */
static bool at_module(const Reading *reading, int end) {
    int i = end - 1;
    while (reading_kind(reading, i) == TOKEN_COMMA && token_is_word(reading_kind(reading, i - 1))) i -= 2;
    return reading_kind(reading, i) == TOKEN_IMPORT;
}

/* Can only a type stand at the cursor? */
static bool at_type(const Reading *reading, int end) {
    TokenKind before = reading_kind(reading, end - 1);
    if (before == TOKEN_IS || before == TOKEN_AS) return true;
    if (before != TOKEN_COLON) return false;
    if (reading_kind(reading, end - 2) == TOKEN_RIGHT_PAREN) {
        int opener = reading->match[end - 2];
        return opener > 0 && reading_opens_parameters(reading, opener);
    }
    if (!token_is_word(reading_kind(reading, end - 2))) return false;
    TokenKind declarer = reading_kind(reading, end - 3);
    if (declarer == TOKEN_LET || declarer == TOKEN_CONST) return true;
    int opener = reading->innermost;
    if (opener < 0) return false;
    if (reading_opens_parameters(reading, opener) || reading_kind(reading, opener - 1) == TOKEN_CATCH) return true;
    TokenKind owner = reading_kind(reading, opener - 2);
    return owner == TOKEN_STRUCT || owner == TOKEN_RAISE;
}

/* Is a new name being made up at the cursor? */
static bool at_new_name(const Reading *reading, int end) {
    switch (reading_kind(reading, end - 1)) {
    case TOKEN_LET: case TOKEN_CONST: case TOKEN_FUNC: case TOKEN_STRUCT: case TOKEN_ENUM: case TOKEN_PACKAGE: case TOKEN_FOR:
        return true;
    case TOKEN_LEFT_PAREN:
    case TOKEN_COMMA: {
        int opener = reading->innermost;
        return opener >= 0 && (reading_opens_parameters(reading, opener) || reading_kind(reading, opener - 1) == TOKEN_CATCH);
    }
    default:
        return false;
    }
}

static void on_parameter(void *arg, const char *name, size_t length, const char *kind, const Thing *member) {
    Completion *completion = arg;
    const Reading *reading = completion->lookup.reading;
    for (int i = reading->innermost + 1; i < completion->end; i++)
        if (reading_kind(reading, i + 1) == TOKEN_COLON && reading_is(reading, i, name, length)) return; /* given already */
    for (size_t i = 0; i < completion->candidates.count; i++) {
        const Candidate *other = &completion->candidates.items[i]; /* of another function of this name */
        if (other->length == length && memcmp(other->name, name, length) == 0) return;
    }
    char *text = arena_alloc(&completion->lookup.arena, length + 3);
    memcpy(text, name, length);
    memcpy(text + length, ": ", 3);
    Candidate candidate = {.name = text, .length = length, .text = text, .kind = kind, .thing = *member};
    candidate.rank = completion->rank++; /* in the order in which they are declared */
    candidates_consider(&completion->candidates, &candidate);
}

/* The names of arguments, when one may begin at the cursor. */
static void consider_arguments(Completion *completion) {
    const Reading *reading = completion->lookup.reading;
    TokenKind before = reading_kind(reading, completion->end - 1);
    int opener = reading->innermost;
    if (opener < 0 || !(before == TOKEN_COMMA || completion->end - 1 == opener)) return;
    Thing callee = {0};
    if (reading_kind(reading, opener) == TOKEN_LEFT_PAREN)
        callee = thing_of_tokens(&completion->lookup, reading_callee(reading, opener), opener);
    else if (reading_kind(reading, opener) == TOKEN_LEFT_BRACE && !reading->tokens[opener].newline_before &&
             token_is_name(reading_kind(reading, opener - 1)) && reading_kind(reading, opener - 2) != TOKEN_STRUCT)
        callee = thing_of_tokens(&completion->lookup, opener - 1, opener);
    bool is_struct = strcmp(thing_kind(&callee), "class") == 0;
    if (reading_kind(reading, opener) == TOKEN_LEFT_PAREN || is_struct)
        thing_each_parameter(&completion->lookup, &callee, on_parameter, completion);
}

static void complete_code(Completion *completion) {
    const Reading *reading = completion->lookup.reading;
    int end = completion->end;
    switch (reading_kind(reading, end - 1)) {
    case TOKEN_DOT: {
        Thing receiver = thing_of_tokens(&completion->lookup, reading_operand(reading, end - 1), end - 1);
        thing_each_member(&completion->lookup, &receiver, on_member, completion);
        return;
    }
    case TOKEN_COLON_COLON:
        consider_builtins(completion);
        return;
    default:
        break;
    }
    if (at_module(reading, end)) {
        modules_each(completion->lookup.vm, on_module, completion);
    } else if (at_type(reading, end)) {
        consider_types(completion);
    } else if (!at_new_name(reading, end)) {
        consider_arguments(completion);
        completion->rank++;
        consider_locals(completion, false);
        consider_words(completion);
        consider_globals(completion, false);
    }
}

/* Is the end of the text inside a comment? */
static bool in_comment(Lookup *lookup) {
    const Source *source = lookup->reading->source;
    const Token *last = NULL;
    for (const Token *token = lexer_scan_comments(&lookup->arena, source); token->kind != TOKEN_END; token++) last = token;
    if (!last || last->span.end < source->length) return false;
    const char *text = source->text + last->span.start;
    bool is_block = text[0] == '/' && text[1] == '*';
    return is_block ? last->kind == TOKEN_ERROR : last->kind == TOKEN_COMMENT;
}

/* ---- in magics ---- */

/* The word's start when the text ends with nothing but signs in its line; SIZE_MAX otherwise. */
static size_t lone_signs(const Completion *completion) {
    size_t at = completion->cursor;
    while (at > 0 && completion->code[at - 1] == '%') at--;
    size_t start = at;
    while (at > 0 && (completion->code[at - 1] == ' ' || completion->code[at - 1] == '\t')) at--;
    bool is_alone = start < completion->cursor && completion->cursor - start <= 2;
    return is_alone && (at == 0 || completion->code[at - 1] == '\n') ? start : SIZE_MAX;
}

static void complete_magic_name(Completion *completion, size_t start) {
    set_word(completion, start);
    for (const MagicDef *magic = magic_defs; magic->name; magic++) {
        completion->rank = magic->name[1] == '%'; /* those of cells come later, and stand at the beginning only */
        if (start == 0 || completion->rank == 0) consider(completion, magic->name, strlen(magic->name), "magic", NULL);
    }
}

/* A file or folder behind a magic's name: the last word of the line. */
static void complete_magic_file(Completion *completion, const Token *magic, size_t rest) {
    const MagicDef *def = lookup_magic_def(magic);
    bool only_folders = def && strstr(def->arguments, "FOLDER");
    bool is_command = def && strcmp(def->arguments, "COMMAND") == 0;
    if (!only_folders && !is_command && !(def && strstr(def->arguments, "FILE"))) return;
    size_t start = completion->cursor;
    while (start > rest && completion->code[start - 1] != ' ') start--;
    bool is_first = strspn(completion->code + rest, " ") >= start - rest;
    if (is_command && is_first) return; /* the command's name */
    consider_files(completion, completion->code + start, completion->cursor - start, 0, only_folders);
}

static void complete(Completion *completion);

static void complete_magic(Completion *completion, const Token *magic) {
    size_t code = lookup_magic_code(&completion->lookup, magic), rest = lookup_magic_rest(&completion->lookup, magic);
    if (code != SIZE_MAX) {
        lookup_begin_at(&completion->lookup, code);
        complete(completion);
    } else if (rest == SIZE_MAX) {
        complete_magic_name(completion, magic->span.start);
    } else if (!memchr(completion->code + rest, '\n', completion->cursor - rest)) {
        complete_magic_file(completion, magic, rest);
    }
}

/* ---- anywhere ---- */

static void complete(Completion *completion) {
    const Reading *reading = completion->lookup.reading;
    const Token *magic = lookup_magic(&completion->lookup);
    size_t signs = lone_signs(completion);
    if (magic) {
        complete_magic(completion, magic);
        return;
    }
    if (signs != SIZE_MAX) {
        complete_magic_name(completion, signs);
        return;
    }
    const Token *last = reading->count > 0 ? &reading->tokens[reading->count - 1] : NULL;
    completion->end = reading->count;
    if (in_comment(&completion->lookup)) return;
    if (last && last->kind == TOKEN_ERROR) {
        if (strchr("\"'`", completion->code[last->span.start])) complete_string(completion, reading->count - 1);
        return;
    }
    if (last && last->span.end == completion->cursor && !token_is_word(last->kind)) {
        if (last->kind == TOKEN_INT || last->kind == TOKEN_FLOAT || last->kind == TOKEN_STRING || last->kind == TOKEN_RAW_STRING)
            return;
    } else if (last && last->span.end == completion->cursor) {
        set_word(completion, last->span.start);
        completion->end--;
    }
    complete_code(completion);
}

/* "(w, h = 1)" of what can be called, ": INTEGER" of values. */
static void describe(Lookup *lookup, const Candidate *candidate, Text *signature) {
    signature->length = 0;
    thing_signature(lookup, &candidate->thing, signature);
    if (signature->length > 0 || candidate->thing.kind == THING_UNKNOWN) return;
    text_puts(signature, ": ");
    thing_type(&candidate->thing, signature);
}

void vint_complete(VintSession *session, const char *code, size_t length, size_t cursor, size_t *start,
                   void (*found)(void *arg, const VintCompletion *completion), void *arg) {
    if (cursor > length) cursor = length;
    Completion completion = {.code = code, .length = length, .cursor = cursor};
    set_word(&completion, cursor);
    lookup_open(&completion.lookup, session->vm, code, cursor);
    complete(&completion);
    candidates_finish(&completion.candidates);
    Text signature = {0};
    for (size_t i = 0; i < completion.candidates.count; i++) {
        const Candidate *candidate = &completion.candidates.items[i];
        char *name = candidate->text ? NULL : strndup(candidate->name, candidate->length);
        describe(&completion.lookup, candidate, &signature);
        VintCompletion one = {candidate->text ? candidate->text : name, candidate->kind, text_cstring(&signature)};
        found(arg, &one);
        free(name);
    }
    *start = completion.start;
    text_free(&signature);
    candidates_free(&completion.candidates);
    lookup_close(&completion.lookup);
}
