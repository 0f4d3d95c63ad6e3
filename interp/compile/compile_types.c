/*
 * compile_types.c -- declarations that make types: structs, enums, error types, aliases.
 */
#include "compile_internal.h"

#include <stdio.h>

/* The constructor holds each field twice: as its parameter, and as the new instance's. */
enum { FIELD_LIMIT = CODE_REGISTER_LIMIT / 2 - 5 };

/* The type in R[reg] is what annotations mean by the variable's name, see scope_use_type(). */
static void publish(Builder *b, const Variable *variable, uint32_t at, int reg) {
    if (variable->twin != NULL) emit_with(b, at, OPC_DEFGLOBAL, reg, true, (uint32_t)variable->twin->index);
}

/* -- structs -- */

/* The list of field flags: for each field the index of its type, in decimal, or "". See STRUCT_TYPE. */
static const char **field_flags(Builder *b, const Node *node) {
    int count = node->structure.field_count;
    const char **flags = arena_alloc(b->compiler->arena, (size_t)(count + 1) * sizeof *flags);
    for (int i = 0; i < count; i++) {
        const Field *field = &node->structure.fields[i];
        char text[16] = "";
        if (field->type != NULL) {
            snprintf(text, sizeof text, "%d", emit_type(b, field->type, field->name.text, node->structure.name.text));
        }
        flags[i] = arena_strndup(b->compiler->arena, text, sizeof text);
    }
    return flags;
}

static const char **field_names(Builder *b, const Field *fields, int count) {
    const char **names = arena_alloc(b->compiler->arena, (size_t)(count + 1) * sizeof *names);
    for (int i = 0; i < count; i++) names[i] = fields[i].name.text;
    return names;
}

/* The function behind `Name(…)`: its parameters are the fields, its result what the intrinsic [makes] of them. */
static int make_constructor(Builder *outer, Node *node, Variable *type, Intrinsic makes) {
    bool is_struct = node->kind == NODE_STRUCT;
    const char *name = is_struct ? node->structure.name.text : node->error_type.name.text;
    const Field *fields = is_struct ? node->structure.fields : node->error_type.fields;
    int count = is_struct ? node->structure.field_count : node->error_type.count;
    FunctionScope *scope = is_struct ? node->structure.scope : node->error_type.scope;
    Builder *b = builder_open(outer->compiler, outer, scope, name, node->span);
    if (count > FIELD_LIMIT) {
        compile_error(outer, fields[FIELD_LIMIT].name.span, "too many fields: %s has room for %d",
                      is_struct ? "a struct" : "an error", FIELD_LIMIT);
        count = FIELD_LIMIT;
    }
    int first = registers_take(b, count);
    if (is_struct) b->owner_name = name;
    builder_parameters(b, count);
    for (int i = 0; i < count; i++) {
        builder_parameter(b, i, fields[i].name.text, fields[i].default_value != NULL);
        compile_parameter(b, &fields[i].name, fields[i].type, fields[i].default_value, CHECK_FIELD, first + i);
    }
    int base = register_take(b);
    variable_load(b, type, node->at, register_take(b));
    for (int i = 0; i < count; i++) variable_load(b, fields[i].name.variable, node->at, register_take(b));
    emit_intrinsic(b, node->at, makes, base, count + 1);
    emit_abc(b, node->at, OPC_RETURN, base, 0, 0);
    return builder_close(b);
}

static void add_constructor(Builder *b, Node *node, Variable *type, Intrinsic makes) {
    int base = register_take(b);
    emit_move(b, node->at, register_take(b), type->index);
    int closure = register_take(b);
    emit_closure(b, node->at, closure, make_constructor(b, node, type, makes));
    emit_intrinsic(b, node->at, INTRINSIC_CONSTRUCTOR, base, 2);
    registers_release(b, base);
}

static void add_method(Builder *b, Node *node, Variable *type, Node *method) {
    int base = register_take(b);
    emit_move(b, node->at, register_take(b), type->index);
    emit_load_text(b, node->at, register_take(b), method->function.name.text);
    compile_method(b, method, node->structure.name.text, register_take(b));
    emit_intrinsic(b, node->at, INTRINSIC_METHOD, base, 3);
    registers_release(b, base);
}

/*
 * The type in R[reg], the topmost register, gets its name and its constructor. That needs the type itself, whatever
 * becomes of its name later: it stays in the register while its parts are made.
 */
static Variable *define_type(Builder *b, Node *node, Variable *variable, int reg, Intrinsic makes) {
    publish(b, variable, node->at, reg);
    Variable *type = variable_hidden(b, reg);
    int copy = register_take(b);
    emit_move(b, node->at, copy, reg);
    variable_define(b, variable, node->at, copy);
    add_constructor(b, node, type, makes);
    return type;
}

void compile_struct(Builder *b, Node *node) {
    Variable *variable = node->structure.name.variable;
    int count = node->structure.field_count;
    int reg = register_take(b);
    emit_load_text(b, node->at, register_take(b), node->structure.name.text);
    emit_load_list(b, node->at, register_take(b), field_names(b, node->structure.fields, count), count);
    emit_load_list(b, node->at, register_take(b), field_flags(b, node), count);
    emit_intrinsic(b, node->at, INTRINSIC_STRUCT_TYPE, reg, 3);
    Variable *type = define_type(b, node, variable, reg, INTRINSIC_INSTANCE);
    for (int i = 0; i < node->structure.methods.count; i++) add_method(b, node, type, node->structure.methods.items[i]);
    if (b->next == reg + 1) registers_release(b, reg);
}

/* -- enums -- */

/* A member without a value is one more than the member before, which is still in that register. */
static void compile_enum_member(Builder *b, const Node *node, int i, int reg, int before) {
    EnumMember *members = node->enumeration.members;
    uint32_t at = members[i].name.span.start;
    Constant constant;
    if (members[i].value != NULL) {
        compile(b, members[i].value, reg);
    } else if (i == 0) {
        emit_load_integer(b, at, reg, 0);
    } else if (members[i - 1].value != NULL && compile_constant(members[i - 1].value, &constant) &&
               constant.kind == CONST_INT) {
        emit_load_integer(b, at, reg, (int64_t)((uint64_t)constant.integer + 1));
    } else {
        emit_abc(b, at, OPC_ADDI, reg, before, 1);
    }
}

void compile_enum(Builder *b, Node *node) {
    Variable *variable = node->enumeration.name.variable;
    int count = node->enumeration.count;
    const char **names = arena_alloc(b->compiler->arena, (size_t)(count + 1) * sizeof *names);
    for (int i = 0; i < count; i++) names[i] = node->enumeration.members[i].name.text;
    int reg = register_take(b);
    emit_load_text(b, node->at, register_take(b), node->enumeration.name.text);
    emit_load_list(b, node->at, register_take(b), names, count);
    Gather values = {.base = register_take(b)};
    for (int i = 0, before = 0; i < count; i++) {
        int member = gather_next(b, &values, node->at);
        compile_enum_member(b, node, i, member, before);
        before = member;
    }
    gather_end(b, &values, node->at);
    emit_intrinsic(b, node->at, INTRINSIC_ENUM_TYPE, reg, 3);
    publish(b, variable, node->at, reg);
    variable_define(b, variable, node->at, reg);
}

/* -- error types and aliases -- */

void compile_error_type(Builder *b, Node *node) {
    Variable *variable = node->error_type.name.variable;
    int reg = register_take(b);
    emit_load_text(b, node->at, register_take(b), variable->text);
    const char **names = field_names(b, node->error_type.fields, node->error_type.count);
    emit_load_list(b, node->at, register_take(b), names, node->error_type.count);
    emit_intrinsic(b, node->at, INTRINSIC_ERROR_TYPE, reg, 2);
    define_type(b, node, variable, reg, INTRINSIC_ERROR);
    if (b->next == reg + 1) registers_release(b, reg);
}

/* R[reg], the topmost one, gets the type as a value. */
static void type_value(Builder *b, uint32_t at, const char *name, TypeNode *type, int reg) {
    emit_load_text(b, at, register_take(b), name);
    emit_load_integer(b, at, register_take(b), emit_type(b, type, name, NULL));
    emit_intrinsic(b, at, INTRINSIC_TYPE_ALIAS, reg, 2);
    registers_release(b, reg + 1);
}

void compile_type_value(Builder *b, uint32_t at, const Variable *variable, int reg) {
    type_value(b, at, variable->text, variable->type, reg);
}

void compile_alias(Builder *b, Node *node) {
    Variable *variable = node->alias.name.variable;
    int reg = register_take(b);
    type_value(b, node->at, variable->text, node->alias.type, reg);
    publish(b, variable, node->at, reg);
    variable_define(b, variable, node->at, reg);
}
