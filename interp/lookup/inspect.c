/*
 * inspect.c -- what stands at the cursor, and the page of help about it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "sched/session.h"
#include "thing.h"
#include "vm/array.h"
#include "vm/dict.h"
#include "vm/native.h"
#include "vm/object.h"
#include "words.h"

#define SHORT_LIMIT 300   /* bytes of a value in short … */
#define LONG_LIMIT 50000  /* … and of a whole one, about */
#define DEPTH_LIMIT 8     /* containers in containers that are shown */

typedef struct {
    Lookup lookup;
    HelpPage *page;
    int detail;
} Inspection;

/* ---- values ---- */

/* A value that is being shown, inside of others. Each may take half of the room that is left for the one around it. */
typedef struct Showing {
    const struct Showing *around;
    Vm *vm;
    Text *out;
    size_t limit; /* of out->length */
    int depth;
    Value value;
} Showing;

static void show(const Showing *around, Value value);

/* Before an item: false when there is no room for it, which is said. */
static bool begin_item(const Showing *showing, uint32_t index, uint32_t count) {
    if (index > 0) text_puts(showing->out, ", ");
    if (showing->out->length < showing->limit) return true;
    text_printf(showing->out, "… (%u more)", count - index);
    return false;
}

static void show_string(const Showing *showing) {
    const String *string = showing->value.string;
    size_t room = showing->limit > showing->out->length ? showing->limit - showing->out->length : 0;
    if (room < 20) room = 20;
    if (string->length <= room) {
        text_repr(showing->vm, showing->out, showing->value);
        return;
    }
    while (room > 0 && (string->bytes[room] & 0xC0) == 0x80) room--;
    String *head = string_new(showing->vm, string->bytes, room);
    if (head) text_repr(showing->vm, showing->out, value_obj(head));
    text_printf(showing->out, "… (%u characters)", string->points);
}

static void show_array(const Showing *showing) {
    const Array *array = showing->value.array;
    text_putc(showing->out, '[');
    for (uint32_t i = 0; i < array->length && begin_item(showing, i, array->length); i++) show(showing, array->items[i]);
    text_putc(showing->out, ']');
}

static void show_dict(const Showing *showing) {
    const Dict *dict = showing->value.dict;
    Value key, value;
    uint32_t index = 0;
    text_putc(showing->out, '{');
    for (uint32_t cursor = 0; dict_next(dict, &cursor, &key, &value); index++) {
        if (!begin_item(showing, index, dict->count)) break;
        show(showing, key);
        text_puts(showing->out, ": ");
        show(showing, value);
    }
    text_putc(showing->out, '}');
}

static void show_instance(const Showing *showing) {
    const Instance *instance = showing->value.instance;
    const Struct *structure = instance->structure;
    text_append(showing->out, structure->name->bytes, structure->name->length);
    text_putc(showing->out, '{');
    for (uint32_t i = 0; i < structure->field_count; i++) {
        if (!begin_item(showing, i, structure->field_count)) break;
        text_append(showing->out, structure->field_names[i]->bytes, structure->field_names[i]->length);
        text_puts(showing->out, ": ");
        show(showing, instance->fields[i]);
    }
    text_putc(showing->out, '}');
}

static bool is_around(const Showing *showing, Value value) {
    for (; showing; showing = showing->around)
        if (value_is_obj(value) && showing->value.tag == value.tag && showing->value.obj == value.obj) return true;
    return false;
}

/* As text_repr(), but what is too long is left out: a page of help must not take longer than a blink. */
static void show(const Showing *around, Value value) {
    size_t length = around->out->length, room = around->limit > length ? around->limit - length : 0;
    Showing showing = {around, around->vm, around->out, length + room / 2, around->depth + 1, value};
    if (is_around(around, value) || showing.depth > DEPTH_LIMIT) {
        text_puts(showing.out, "…");
        return;
    }
    switch (value.tag) {
    case T_STRING:
        show_string(&showing);
        break;
    case T_ARRAY:
        show_array(&showing);
        break;
    case T_DICT:
        show_dict(&showing);
        break;
    case T_INSTANCE:
        show_instance(&showing);
        break;
    case T_PROMISE:
    case T_POINTER:
    case T_TASK:
    case T_ERROR: /* these may hold any value, of any size */
        text_puts(showing.out, value_type_name(value));
        break;
    default:
        text_repr(showing.vm, showing.out, value);
    }
}

static void show_value(Inspection *inspection, Text *out, Value value, size_t limit) {
    Showing page = {.vm = inspection->lookup.vm, .out = out, .limit = out->length + 2 * limit, .value = UNDEFINED_VALUE};
    show(&page, value);
}

/* ---- parts of a page ---- */

static void add_text(HelpPage *page, PartKind kind, const char *text, size_t length) {
    text_append(&page_add(page, kind)->text, text, length);
}

/* The help of a function or type: what is declared with a native, or the comment above it. NULL: none. */
static const char *words_about(Inspection *inspection, const Thing *thing) {
    if (thing->kind == THING_VALUE && thing->value.tag == T_NATIVE) return thing->value.native->def->help;
    const Source *source;
    Span span;
    if (!thing_source(thing, &source, &span)) return NULL;
    return reading_comment_above(&inspection->lookup.arena, source, span.start);
}

/* Up to the end of the first sentence. */
static size_t first_sentence(const char *text) {
    size_t length = strcspn(text, "\n");
    for (size_t i = 1; i < length; i++)
        if (text[i - 1] == '.' && text[i] == ' ' && isupper((unsigned char)text[i + 1])) return i;
    return length;
}

/* A function of a module, a method: its signature and what it does, in a line. */
static void add_member(void *arg, const char *name, size_t length, const char *kind, const Thing *member) {
    Inspection *inspection = arg;
    if (length > 1 && name[0] == '_') return;
    Part *part = page_add(inspection->page, PART_ITEM);
    text_append(&part->label, name, length);
    size_t before = part->label.length;
    thing_signature(&inspection->lookup, member, &part->label);
    bool is_value = part->label.length == before || strcmp(kind, "property") == 0 || strcmp(kind, "constant") == 0;
    if (is_value && member->kind == THING_VALUE) {
        show_value(inspection, &part->text, member->value, SHORT_LIMIT / 4);
    } else if (is_value) {
        thing_type(member, &part->text);
    } else {
        const char *words = words_about(inspection, member);
        if (words) text_append(&part->text, words, first_sentence(words));
    }
}

static void add_method(void *arg, const char *name, size_t length, const char *kind, const Thing *member) {
    if (strcmp(kind, "method") == 0) add_member(arg, name, length, kind, member);
}

static void add_field(void *arg, const char *name, size_t length, const char *kind, const Thing *member) {
    if (strcmp(kind, "property") == 0) add_member(arg, name, length, kind, member);
}

static void add_place(Inspection *inspection, const Thing *thing) {
    const Source *source;
    Span span;
    if (!thing_source(thing, &source, &span) || source->name[0] == '<') return; /* the library's own */
    unsigned line = source_place(source, span.start).line;
    if (source->name[0])
        page_add_fact(inspection->page, "defined", "%s:%u", source->name, line);
    else
        page_add_fact(inspection->page, "defined", "here, in line %u", line);
}

static void add_source(Inspection *inspection, const Thing *thing) {
    const Source *source;
    Span span;
    if (inspection->detail > 0 && thing_source(thing, &source, &span))
        add_text(inspection->page, PART_CODE, source->text + span.start, span.end - span.start);
}

/* ---- pages ---- */

static void describe_callable(Inspection *inspection, const char *name, size_t length, const Thing *thing,
                              const Text *signature) {
    const Source *source;
    Span span;
    Part *title = page_add(inspection->page, PART_CODE);
    bool is_type = strcmp(thing_kind(thing), "class") == 0;
    if (thing_source(thing, &source, &span) && source->name[0] != '<') {
        const char *text = source->text + span.start;
        text_puts(&title->text, is_type ? "" : strncmp(text, "async", 5) == 0 ? "async func " : "func ");
    }
    text_append(&title->text, name, length);
    text_append(&title->text, signature->bytes, signature->length);
    const char *words = words_about(inspection, thing);
    if (words) add_text(inspection->page, PART_TEXT, words, strlen(words));
    if (is_type) {
        Thing instance = *thing;
        instance.kind = thing->kind == THING_VALUE ? THING_INSTANCE : THING_LOCAL_INSTANCE;
        if (thing->kind != THING_VALUE || thing->value.tag == T_STRUCT)
            thing_each_member(&inspection->lookup, &instance, add_method, inspection);
    }
    if (thing->kind == THING_VALUE && thing->value.tag == T_OVERLOAD)
        for (uint32_t i = 1; i < thing->value.overload->count; i++) {
            Thing other = thing_of_value(value_obj(thing->value.overload->functions[i]));
            add_member(inspection, name, length, "function", &other);
        }
    add_place(inspection, thing);
    add_source(inspection, thing);
}

static void add_length(Inspection *inspection, Value value) {
    switch (value.tag) {
    case T_STRING:
        page_add_fact(inspection->page, "length", "%u", value.string->points);
        break;
    case T_ARRAY:
        page_add_fact(inspection->page, "length", "%u", value.array->length);
        break;
    case T_DICT:
        page_add_fact(inspection->page, "length", "%u", value.dict->count);
        break;
    default:
        break;
    }
}

static void describe_value(Inspection *inspection, const Thing *thing) {
    Text type = {0};
    thing_type(thing, &type);
    page_add_fact(inspection->page, "type", "%s", text_cstring(&type));
    text_free(&type);
    if (thing->kind == THING_VALUE) {
        add_length(inspection, thing->value);
        bool has_members = thing->value.tag == T_MODULE || thing->value.tag == T_ENUM;
        Part *part = has_members ? NULL : page_add(inspection->page, inspection->detail > 0 ? PART_CODE : PART_FACT);
        if (part && inspection->detail == 0) text_puts(&part->label, "value");
        if (part) show_value(inspection, &part->text, thing->value, inspection->detail > 0 ? LONG_LIMIT : SHORT_LIMIT);
        if (has_members) thing_each_member(&inspection->lookup, thing, add_member, inspection);
        if (thing->value.tag == T_INSTANCE) {
            thing_each_member(&inspection->lookup, thing, add_field, inspection);
            thing_each_member(&inspection->lookup, thing, add_method, inspection);
        }
    } else if (thing->kind == THING_LOCAL) {
        thing_each_member(&inspection->lookup, thing, add_member, inspection);
        add_place(inspection, thing);
        add_source(inspection, thing);
    }
}

static bool describe(Inspection *inspection, const char *name, size_t length, const Thing *thing) {
    if (thing->kind == THING_UNKNOWN) return false;
    Text signature = {0};
    thing_signature(&inspection->lookup, thing, &signature);
    if (signature.length > 0)
        describe_callable(inspection, name, length, thing, &signature);
    else
        describe_value(inspection, thing);
    text_free(&signature);
    return true;
}

static bool describe_word(Inspection *inspection, TokenKind kind) {
    const WordHelp *help = &word_help[kind];
    if (!help->form) return false;
    add_text(inspection->page, PART_CODE, help->form, strlen(help->form));
    add_text(inspection->page, PART_TEXT, help->help, strlen(help->help));
    return true;
}

/* ---- what stands at the cursor ---- */

/* The function whose call is open at the end of the text. */
static bool describe_call(Inspection *inspection) {
    const Reading *reading = inspection->lookup.reading;
    for (int i = reading->count - 1; i >= 0; i--) {
        int callee = reading->match[i] == reading->count ? reading_callee(reading, i) : -1;
        if (callee < 0) continue;
        Thing thing = thing_of_tokens(&inspection->lookup, callee, i);
        uint32_t length;
        const char *name = reading_text(reading, i - 1, &length);
        bool is_name = token_is_word(reading_kind(reading, i - 1)); /* not `f()(` */
        return describe(inspection, name, is_name ? length : 0, &thing);
    }
    return false;
}

/* The name that is the last token. */
static bool describe_name(Inspection *inspection) {
    Lookup *lookup = &inspection->lookup;
    const Reading *reading = lookup->reading;
    int last = reading->count - 1;
    uint32_t length;
    const char *name = reading_text(reading, last, &length);
    TokenKind before = reading_kind(reading, last - 1);
    Thing thing;
    if (before == TOKEN_DOT || before == TOKEN_COLON_COLON)
        thing = thing_of_tokens(lookup, reading_operand(reading, last + 1), last + 1);
    else if (before == TOKEN_IMPORT)
        thing = thing_of_module(lookup, name, length);
    else
        thing = thing_of_name(lookup, name, length);
    return describe(inspection, name, length, &thing) ||
           (before != TOKEN_DOT && describe_word(inspection, reading->tokens[last].kind));
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c & 0x80; }

static bool is_sign(char c) { return c && strchr("+-*/%=!<>&|?:.", c); }

/* Where the word or the operator ends that the cursor stands in or behind. */
static size_t end_of_word(const char *code, size_t length, size_t cursor) {
    bool at_word = (cursor < length && is_word(code[cursor])) || (cursor > 0 && is_word(code[cursor - 1]));
    while (cursor < length && (at_word ? is_word(code[cursor]) : is_sign(code[cursor]))) cursor++;
    return cursor;
}

static bool describe_magic(Inspection *inspection, const MagicDef *def) {
    if (!def) return false;
    Part *title = page_add(inspection->page, PART_CODE);
    text_printf(&title->text, "%s%s%s", def->name, def->arguments[0] ? " " : "", def->arguments);
    add_text(inspection->page, PART_TEXT, def->help, strlen(def->help));
    return true;
}

static bool describe_place(Inspection *inspection) {
    const Token *magic = lookup_magic(&inspection->lookup);
    if (magic) {
        const MagicDef *def = lookup_magic_def(magic);
        size_t code = lookup_magic_code(&inspection->lookup, magic);
        if (code != SIZE_MAX) lookup_begin_at(&inspection->lookup, code);
        return (code != SIZE_MAX && describe_place(inspection)) || describe_magic(inspection, def);
    }
    const Reading *reading = inspection->lookup.reading;
    const Token *last = reading->count > 0 ? &reading->tokens[reading->count - 1] : NULL;
    bool is_near = last && last->span.end == reading->source->length;
    if (is_near && token_is_word(last->kind) && describe_name(inspection)) return true;
    return describe_call(inspection) || (is_near && describe_word(inspection, last->kind));
}

/* Fills [page]; false: there is no help. */
static bool fill_page(Vm *vm, const char *code, size_t length, size_t cursor, int detail, HelpPage *page) {
    if (cursor > length) cursor = length;
    Inspection inspection = {.page = page, .detail = detail};
    lookup_open(&inspection.lookup, vm, code, end_of_word(code, length, cursor));
    bool found = describe_place(&inspection);
    lookup_close(&inspection.lookup);
    return found;
}

bool vint_inspect(VintSession *session, const char *code, size_t length, size_t cursor, int detail, const VintDatum **data,
                  size_t *data_length) {
    HelpPage page = {0};
    bool found = fill_page(session->vm, code, length, cursor, detail, &page);
    int count = 0;
#define X(type, write)                                                                                       \
    if (found) {                                                                                             \
        Text *text = &session->help[count];                                                                  \
        text->length = 0;                                                                                    \
        write(&page, text);                                                                                  \
        const char *bytes = text_cstring(text);                                                              \
        session->help_data[count++] = (VintDatum){.mime = type, .data = bytes, .length = text->length};      \
    }
    PAGE_FORMS(X)
#undef X
    *data = session->help_data;
    *data_length = (size_t)count;
    page_free(&page);
    return found;
}
