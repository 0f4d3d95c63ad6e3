/*
 * thing_members.c -- what Things have: members, keys, parameters, a signature, a text that declares them.
 */
#include <string.h>

#include "thing_internal.h"
#include "vm/access.h"
#include "vm/array.h"
#include "vm/dict.h"
#include "vm/native.h"
#include "vm/object.h"
#include "vm/pointer.h"
#include "vm/proto.h"

static const Thing unknown;

/* ---- members ---- */

typedef struct {
    Lookup *lookup;
    const Thing *thing;
    ThingVisit visit;
    void *arg;
} Tour;

static void show(const Tour *tour, const String *name, const char *kind, Thing member) {
    tour->visit(tour->arg, name->bytes, name->length, kind, &member);
}

static void show_methods(const Tour *tour, const Dict *methods) {
    Value key, value;
    for (uint32_t cursor = 0; methods && dict_next(methods, &cursor, &key, &value);)
        show(tour, key.string, "method", thing_of_value(value));
}

static void show_struct(const Tour *tour, const Struct *structure, const Value *fields) {
    for (uint32_t i = 0; i < structure->field_count; i++) {
        Thing field = fields ? thing_of_value(fields[i])
                             : thing_of_type_node(tour->lookup, thing_scope(tour->lookup), structure->field_types[i].type);
        show(tour, structure->field_names[i], "property", field);
    }
    show_methods(tour, structure->methods);
}

static void show_module(const Tour *tour, const Module *module) {
    Value key, value;
    for (uint32_t cursor = 0; dict_next(module->members, &cursor, &key, &value);) {
        if (key.tag != T_STRING || (key.string->length > 0 && key.string->bytes[0] == '_')) continue;
        Thing member = thing_of_value(value.tag == T_BOX ? value.box->value : value);
        bool is_constant = value.tag == T_NATIVE && value.native->is_constant;
        if (is_constant) member = thing_result_of_native(tour->lookup, value.native);
        show(tour, key.string, is_constant ? "constant" : thing_kind(&member), member);
    }
}

static void show_error(const Tour *tour, const Error *error) {
    Vm *vm = tour->lookup->vm;
    for (int i = NAME_message; i <= NAME_value; i++) {
        Thing field = i == NAME_data ? thing_typed(T_DICT) : i == NAME_value ? unknown : thing_typed(T_STRING);
        show(tour, vm->names[i], "property", field);
    }
    Value key, value;
    for (uint32_t cursor = 0; error && error->data && dict_next(error->data, &cursor, &key, &value);)
        if (key.tag == T_STRING) show(tour, key.string, "property", thing_of_value(value));
}

static void show_time(const Tour *tour) {
    static const char *const fields[] = {"year", "month", "day", "hour", "minute", "second"};
    Thing number = thing_typed(T_INT);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        tour->visit(tour->arg, fields[i], strlen(fields[i]), "property", &number);
}

static void show_type(const Tour *tour, ValueType type, const Error *error) {
    if (type == T_ERROR) show_error(tour, error);
    if (type == T_TIME) show_time(tour);
    show_methods(tour, tour->lookup->vm->methods[type]);
}

static void show_value(const Tour *tour, Value value) {
    if (value.tag == T_POINTER) {
        show_methods(tour, tour->lookup->vm->methods[T_POINTER]);
        if (!pointer_follow(tour->lookup->vm, value, &value)) return;
    }
    if (value.tag == T_INSTANCE) show_struct(tour, value.instance->structure, value.instance->fields);
    if (value.tag == T_MODULE) show_module(tour, value.module);
    Value key, member;
    for (uint32_t cursor = 0; value.tag == T_ENUM && dict_next(value.enumeration->members, &cursor, &key, &member);)
        show(tour, key.string, "constant", thing_of_value(member));
    show_type(tour, value.tag, value.tag == T_ERROR ? value.error : NULL);
}

/* A member that the text of a struct or enum names. */
static void show_declared(void *arg, int token, MemberKind kind) {
    const Tour *tour = arg;
    const Reading *reading = tour->thing->reading;
    uint32_t length;
    const char *name = reading_text(reading, token, &length);
    Scope scope = {reading, tour->thing->visible, 0};
    Thing member = {.kind = THING_LOCAL, .reading = reading, .visible = scope.visible};
    member.local = (Local){.kind = LOCAL_FUNCTION, .name = name, .length = length, .at = token};
    bool is_enum = tour->thing->local.kind == LOCAL_ENUM;
    if (kind == MEMBER_FIELD) {
        Span type = reading_type(reading, token);
        member = thing_of_type_span(tour->lookup, scope, type);
        if (member.kind == THING_UNKNOWN) member = thing_of_span(tour->lookup, scope, type); /* `name: value` */
        if (member.kind == THING_UNKNOWN) member = thing_of_span(tour->lookup, scope, reading_value(reading, token));
        if (member.kind == THING_UNKNOWN && is_enum) member = thing_typed(T_INT);
    }
    tour->visit(tour->arg, name, length, kind == MEMBER_METHOD ? "method" : is_enum ? "constant" : "property", &member);
}

static void show_module_text(const Tour *tour, const Reading *reading) {
    for (int i = 0; i < reading->local_count; i++) {
        const Local *local = &reading->locals[i];
        if (!local->is_global || local->kind == LOCAL_MODULE || local->name[0] == '_') continue;
        Thing member = thing_of_local(tour->lookup, reading, i);
        tour->visit(tour->arg, local->name, local->length, thing_kind(&member), &member);
    }
}

void thing_each_member(Lookup *lookup, const Thing *thing, ThingVisit visit, void *arg) {
    Tour tour = {lookup, thing, visit, arg};
    switch (thing->kind) {
    case THING_VALUE:
        show_value(&tour, thing->value);
        break;
    case THING_TYPED:
        show_type(&tour, thing->type, NULL);
        break;
    case THING_INSTANCE:
        show_struct(&tour, thing->value.structure, NULL);
        show_type(&tour, T_INSTANCE, NULL);
        break;
    case THING_LOCAL:
        if (thing->local.kind == LOCAL_MODULE) show_module_text(&tour, thing->reading);
        if (thing->local.kind == LOCAL_ENUM) reading_each_member(thing->reading, thing->local.at, show_declared, &tour);
        break;
    case THING_LOCAL_INSTANCE:
        reading_each_member(thing->reading, thing->local.at, show_declared, &tour);
        show_type(&tour, T_INSTANCE, NULL);
        break;
    default:
        break;
    }
}

typedef struct {
    const char *name;
    size_t length;
    Thing found;
} Wanted;

static void take_wanted(void *arg, const char *name, size_t length, const char *kind, const Thing *member) {
    (void)kind;
    Wanted *wanted = arg;
    if (wanted->found.kind == THING_UNKNOWN && length == wanted->length && memcmp(name, wanted->name, length) == 0)
        wanted->found = *member;
}

Thing thing_member(Lookup *lookup, const Thing *thing, const char *name, size_t length) {
    Wanted wanted = {name, length, unknown};
    if (thing->kind == THING_VALUE && (thing->value.tag == T_INSTANCE || thing->value.tag == T_MODULE)) {
        Value value; /* the usual ones, without a walk over the others */
        Cache cache;
        String *key = string_intern(lookup->vm, name, length);
        if (vm_find_method(lookup->vm, thing->value, key, &value)) return thing_of_value(value);
        if (access_get_field(lookup->vm, &thing->value, key, &cache, &value)) return thing_of_value(value);
        return unknown;
    }
    thing_each_member(lookup, thing, take_wanted, &wanted);
    return wanted.found;
}

void thing_each_key(Lookup *lookup, const Thing *thing, ThingVisit visit, void *arg) {
    Value key, value;
    if (thing->kind == THING_VALUE && thing->value.tag == T_DICT) {
        for (uint32_t cursor = 0; dict_next(thing->value.dict, &cursor, &key, &value);) {
            Thing member = thing_of_value(value);
            if (key.tag == T_STRING) visit(arg, key.string->bytes, key.string->length, "key", &member);
        }
    } else if (thing->kind == THING_TYPED && thing->node && thing->node->kind == NODE_DICT_LITERAL) {
        Scope scope = {thing->reading, thing->visible, 0};
        for (int i = 0; i < thing->node->dict.count; i++) {
            const Node *own = thing->node->dict.entries[i].key;
            Thing member = thing_of_node(lookup, scope, thing->node->dict.entries[i].value);
            if (own->kind == NODE_STRING_LITERAL) visit(arg, own->string.text, own->string.length, "key", &member);
        }
    }
}

/* ---- what it is, where it is from ---- */

/* The closure whose text says most of a value. */
static const Closure *closure_of(Value value) {
    switch (value.tag) {
    case T_CLOSURE:
        return value.closure;
    case T_OVERLOAD:
        return value.overload->functions[0];
    case T_STRUCT:
        return value.structure->constructor;
    default:
        return NULL;
    }
}

bool thing_source(const Thing *thing, const Source **source, Span *span) {
    if (thing->kind == THING_LOCAL && thing->local.kind != LOCAL_MODULE) {
        *source = thing->reading->source;
        *span = reading_declaration(thing->reading, thing->local.at);
        return span->end > span->start;
    }
    const Closure *closure = thing->kind == THING_VALUE ? closure_of(thing->value) : NULL;
    if (!closure) return false;
    *source = closure->proto->unit->source;
    *span = closure->proto->code_function->span;
    return span->end > span->start && span->end <= (*source)->length;
}

const Reading *thing_reading(Lookup *lookup, const Thing *thing, int *name) {
    if (thing->kind == THING_LOCAL) {
        *name = thing->local.at;
        return thing->local.kind == LOCAL_MODULE ? NULL : thing->reading;
    }
    const Source *source;
    Span span;
    if (!thing_source(thing, &source, &span)) return NULL;
    const Reading *reading = lookup_read_more(lookup, source->text + span.start, span.end - span.start, NULL);
    *name = reading_kind(reading, 0) == TOKEN_ASYNC ? 2 : 1;
    TokenKind first = reading_kind(reading, *name - 1);
    return (first == TOKEN_FUNC || first == TOKEN_STRUCT) && *name < reading->count ? reading : NULL;
}

typedef struct {
    const Tour *tour;
    const Reading *reading;
} ParameterTour;

static void show_parameter(void *arg, int token, MemberKind kind) {
    const ParameterTour *parameters = arg;
    uint32_t length;
    const char *name = reading_text(parameters->reading, token, &length);
    if (kind == MEMBER_FIELD && !(length == 4 && memcmp(name, "this", 4) == 0))
        parameters->tour->visit(parameters->tour->arg, name, length, "param", &unknown);
}

void thing_each_parameter(Lookup *lookup, const Thing *thing, ThingVisit visit, void *arg) {
    Tour tour = {lookup, thing, visit, arg};
    Value value = thing->kind == THING_VALUE ? thing->value : NULL_VALUE;
    if (value.tag == T_NATIVE)
        for (int i = value.native->is_method; i < value.native->parameter_count; i++)
            show(&tour, value.native->parameter_names[i], "param", unknown);
    if (value.tag == T_ERROR_TYPE)
        for (uint32_t i = 0; i < value.error_type->field_count; i++)
            show(&tour, value.error_type->field_names[i], "param", unknown);
    for (uint32_t f = 0; f < (value.tag == T_OVERLOAD ? value.overload->count : 1); f++) {
        Thing function = value.tag == T_OVERLOAD ? thing_of_value(value_obj(value.overload->functions[f])) : *thing;
        int name;
        const Reading *reading = thing_reading(lookup, &function, &name);
        ParameterTour parameters = {&tour, reading};
        if (reading) reading_each_member(reading, name, show_parameter, &parameters);
    }
}

static void add_field(void *arg, int token, MemberKind kind) {
    ParameterTour *parameters = arg;
    if (kind != MEMBER_FIELD) return;
    Text *text = parameters->tour->arg;
    const Reading *reading = parameters->reading;
    Span type = reading_type(reading, token), value = reading_value(reading, token);
    uint32_t start = reading->tokens[token].span.start, end = reading->tokens[token].span.end;
    if (type.end > end) end = type.end;
    if (value.end > end) end = value.end;
    if (text->bytes[text->length - 1] != '(') text_puts(text, ", ");
    text_append(text, reading->source->text + start, end - start);
}

/* The fields of a struct or error as the parameters of its constructor. */
static void add_fields(Lookup *lookup, const Thing *thing, const Reading *reading, int name, Text *text) {
    Tour tour = {.lookup = lookup, .thing = thing, .arg = text};
    ParameterTour parameters = {&tour, reading};
    text_putc(text, '(');
    reading_each_member(reading, name, add_field, &parameters);
    text_putc(text, ')');
}

/* A header on one line, without the receiver of a method of the library. */
static void add_header(Text *text, const char *header, size_t length) {
    static const char receiver[] = "(this";
    size_t at = 0;
    if (length > sizeof receiver && memcmp(header, receiver, sizeof receiver - 1) == 0 && strchr(",)", header[5])) {
        text_putc(text, '(');
        at = header[5] == ',' ? 6 : 5;
        while (at < length && header[at] == ' ') at++;
    }
    for (; at < length; at++) {
        if (header[at] != '\n') {
            text_putc(text, header[at]);
            continue;
        }
        while (at + 1 < length && (header[at + 1] == ' ' || header[at + 1] == '\t')) at++;
        text_putc(text, ' ');
    }
}

void thing_signature(Lookup *lookup, const Thing *thing, Text *text) {
    Value value = thing->kind == THING_VALUE ? thing->value : NULL_VALUE;
    if (value.tag == T_NATIVE) {
        text_puts(text, value.native->def->signature + value.native->name->length);
        return;
    }
    if (value.tag == T_ERROR_TYPE) {
        const ErrorType *type = value.error_type;
        text_putc(text, '(');
        for (uint32_t i = 0; i < type->field_count; i++)
            text_printf(text, "%s%.*s", i ? ", " : "", (int)type->field_names[i]->length, type->field_names[i]->bytes);
        text_putc(text, ')');
        return;
    }
    int name;
    const Reading *reading = thing_reading(lookup, thing, &name);
    if (!reading) return;
    bool has_fields = value.tag == T_STRUCT || (thing->kind == THING_LOCAL && (thing->local.kind == LOCAL_STRUCT ||
                                                                                 thing->local.kind == LOCAL_ERROR));
    Span header = reading_header(reading, name);
    if (has_fields)
        add_fields(lookup, thing, reading, name, text);
    else if (header.end > header.start)
        add_header(text, reading->source->text + header.start, header.end - header.start);
}

const char *thing_kind(const Thing *thing) {
    static const char *const of_local[] = {"variable", "variable", "function", "class", "class",
                                           "class",    "module",   "module",   "class", "variable"};
    if (thing->kind == THING_LOCAL) return of_local[thing->local.kind];
    switch (thing_value_type(thing)) {
    case T_CLOSURE:
    case T_NATIVE:
    case T_OVERLOAD:
        return "function";
    case T_MODULE:
        return "module";
    case T_STRUCT:
    case T_ENUM:
    case T_ERROR_TYPE:
    case T_TYPE:
        return "class";
    default:
        return "variable";
    }
}

void thing_type(const Thing *thing, Text *text) {
    static const char *const names[] = {
#define X(tag, name, ...) name,
        VALUE_TYPES(X)
#undef X
    };
    static const char *const of_local[] = {"", "", "FUNCTION", "STRUCT", "ENUM", "ERROR_TYPE", "MODULE", "MODULE", "TYPE", ""};
    switch (thing->kind) {
    case THING_VALUE:
        text_puts(text, value_type_name(thing->value));
        break;
    case THING_TYPED:
        text_puts(text, names[thing->type]);
        break;
    case THING_INSTANCE:
        text_append(text, thing->value.structure->name->bytes, thing->value.structure->name->length);
        break;
    case THING_LOCAL:
        text_puts(text, of_local[thing->local.kind]);
        break;
    case THING_LOCAL_INSTANCE:
        text_append(text, thing->local.name, thing->local.length);
        break;
    default:
        break;
    }
}
