/*
 * resolve.c -- the walk that finds out what every name in a tree means. See scope.h for the rules.
 *
 * Entering a block first notes all the names it declares (so that functions inside can use them early), then visits
 * the functions it declares (they exist from the block's start), then everything else in order. What is learnt is
 * written into the tree, in fields that the parser left empty: see Meaning in ast_parts.h.
 */
#include "resolve.h"

#include "scope_internal.h"
#include "syntax/ast_walk.h"
#include "syntax/basic_types.h"


static void visit(Resolution *r, Node *node);

static void visit_optional(Resolution *r, Node *node) {
    if (node != NULL) visit(r, node);
}

static void visit_list(Resolution *r, NodeList list) {
    for (int i = 0; i < list.count; i++) visit(r, list.items[i]);
}

static bool declares_function(const Node *node) { return node->kind == NODE_FUNCTION && node->function.declares; }

/*
 * `error Name(a, b)` makes an error type, or raises what Name(a, b) gives if there is a Name already. Inside a
 * function or block, where the type may come from an earlier unit, arguments that are all local variables mean the
 * latter, too.
 */
static bool raises(Resolution *r, const Node *node) {
    const char *text = node->error_type.name.text;
    if (scope_is_local(r, text) || scope_global(r, text)->name != NULL) return true;
    if (r->scope->is_global || node->error_type.count == 0) return false;
    for (int i = 0; i < node->error_type.count; i++) {
        const Field *field = &node->error_type.fields[i];
        if (field->type != NULL || !scope_is_local(r, field->name.text)) return false;
    }
    return true;
}

/* Notes the names that a statement is going to declare in the innermost scope. */
static void announce_statement(Resolution *r, Node *node) {
    switch (node->kind) {
    case NODE_LET: {
        bool is_plain = node->let.type == NULL && !node->let.is_const;
        scope_announce(r, &node->let.name, (Traits){.type = node->let.type,
                                              .is_const = node->let.is_const,
                                              .is_function = is_plain && node->let.value->kind == NODE_FUNCTION,
                                              .is_let = true});
        break;
    }
    case NODE_FUNCTION:
        if (node->function.declares)
            scope_announce(r, &node->function.name, (Traits){.is_function = true})->declared = true;
        break;
    case NODE_STRUCT: scope_announce(r, &node->structure.name, (Traits){.is_const = true, .is_type = true}); break;
    case NODE_ENUM: scope_announce(r, &node->enumeration.name, (Traits){.is_const = true, .is_type = true}); break;
    case NODE_TYPE_ALIAS: scope_announce(r, &node->alias.name, (Traits){.is_const = true, .is_type = true}); break;
    case NODE_PACKAGE: scope_announce(r, &node->package.name, (Traits){.is_const = true}); break;
    case NODE_IMPORT:
        for (int i = 0; i < node->import.count; i++) {
            Name *alias = &node->import.aliases[i];
            scope_announce(r, alias->text != NULL ? alias : &node->import.names[i], (Traits){.is_import = true});
        }
        break;
    case NODE_ERROR_TYPE:
        if (!raises(r, node)) scope_announce(r, &node->error_type.name, (Traits){.is_const = true, .is_type = true});
        break;
    default: break;
    }
}

static void visit_contents(Resolution *r, Node *block) {
    NodeList list = block->list;
    for (int i = 0; i < list.count; i++) announce_statement(r, list.items[i]);
    for (int i = 0; i < list.count; i++) {
        if (declares_function(list.items[i])) visit(r, list.items[i]);
    }
    for (int i = 0; i < list.count; i++) {
        if (!declares_function(list.items[i])) visit(r, list.items[i]);
    }
    block->variables = r->scope->variables;
}

static void visit_block(Resolution *r, Node *block) {
    scope_push(r);
    visit_contents(r, block);
    scope_pop(r);
}

static void visit_parameters(Resolution *r, Node *node, bool is_method) {
    ast_each_type(node, scope_use_type, r);
    FunctionScope *function = node->function.scope = scope_push_function(r);
    if (is_method) {
        function->self = scope_declare_hidden(r, "this");
        function->self->next = r->scope->variables;
        r->scope->variables = function->self;
    }
    for (int i = 0; i < node->function.count; i++) {
        Parameter *parameter = &node->function.parameters[i];
        visit_optional(r, parameter->default_value);
        scope_declare(r, &parameter->name, parameter->type);
    }
    visit_contents(r, node->function.body);
    scope_pop_function(r);
}

/* A named function expression sees itself under its name; a declared one is announced by its block. */
static void visit_function(Resolution *r, Node *node) {
    bool names_itself = !node->function.declares && node->function.name.text != NULL;
    if (names_itself) {
        scope_push(r);
        scope_announce(r, &node->function.name, (Traits){.is_const = true})->declared = true;
    }
    visit_parameters(r, node, false);
    if (node->function.name.text != NULL) scope_settle(node->function.name.variable);
    if (names_itself) scope_pop(r);
}

static Node *name_node(Resolution *r, Name name) {
    Node *node = arena_alloc(r->arena, sizeof *node);
    *node = (Node){.kind = NODE_NAME, .at = name.span.start, .name = name};
    return node;
}

/* `field: name`, which the parser takes for a type, is a default value when a variable has that name. */
static void tell_default_from_type(Resolution *r, Field *field) {
    const TypeNode *type = field->type;
    if (type == NULL || type->kind != TYPE_NAME || field->default_value != NULL || is_basic_type(type->name.text)) return;
    Variable *variable = scope_visible_local(r, type->name.text);
    if (variable == NULL) variable = scope_global(r, type->name.text);
    if (variable->name == NULL || variable->is_type || variable->is_import) return;
    field->default_value = name_node(r, type->name);
    field->type = NULL;
}

/* The fields are the parameters of the constructor. */
static FunctionScope *visit_fields(Resolution *r, Node *node, Field *fields, int count) {
    for (int i = 0; i < count; i++) tell_default_from_type(r, &fields[i]);
    ast_each_type(node, scope_use_type, r);
    FunctionScope *constructor = scope_push_function(r);
    for (int i = 0; i < count; i++) {
        visit_optional(r, fields[i].default_value);
        scope_declare(r, &fields[i].name, fields[i].type);
    }
    scope_pop_function(r);
    return constructor;
}

/* The type is bound before its constructor and methods are made: they may capture it by value. */
static void visit_struct(Resolution *r, Node *node) {
    scope_settle(node->structure.name.variable);
    node->structure.scope = visit_fields(r, node, node->structure.fields, node->structure.field_count);
    for (int i = 0; i < node->structure.methods.count; i++) visit_parameters(r, node->structure.methods.items[i], true);
}

/* What looked like the declaration of an error type becomes what it is: `error` with a call, its fields the arguments. */
static void make_raise(Resolution *r, Node *node) {
    Name name = node->error_type.name;
    int count = node->error_type.count;
    Node *call = arena_alloc(r->arena, sizeof *call);
    Argument *arguments = arena_alloc(r->arena, (size_t)(count + 1) * sizeof *arguments);
    for (int i = 0; i < count; i++) {
        Field *field = &node->error_type.fields[i];
        tell_default_from_type(r, field);
        if (field->type != NULL)
            diagnostic_add(r->diagnostics, field->name.span, "`error` with a type that is there raises it",
                           "there is an error type `%s` already: a field's type is of no use here", name.text);
        arguments[i] = field->default_value != NULL ? (Argument){field->name, field->default_value}
                                                    : (Argument){.value = name_node(r, field->name)};
    }
    *call = (Node){.kind = NODE_CALL, .span = {name.span.start, node->span.end}, .at = name.span.start};
    call->call.callee = name_node(r, name);
    call->call.arguments = arguments;
    call->call.count = count;
    node->kind = NODE_RAISE; /* not written as a whole: a node has just the room that its kind needs */
    node->child = call;
}

static void visit_error_type(Resolution *r, Node *node) {
    Variable *variable = node->error_type.name.variable;
    if (variable == NULL) {
        make_raise(r, node);
        visit(r, node);
        return;
    }
    scope_settle(variable);
    node->error_type.scope = visit_fields(r, node, node->error_type.fields, node->error_type.count);
}

static void visit_package(Resolution *r, Node *node) {
    Scope *scope = scope_push(r);
    scope->package = scope_declare_hidden(r, "@");
    node->package.self = scope->package;
    visit_contents(r, node->package.body);
    scope_pop(r);
    scope_settle(node->package.name.variable);
}

static void visit_pattern(Resolution *r, Pattern *pattern) {
    if (pattern->kind == PATTERN_BIND) scope_declare(r, &pattern->name, NULL);
    if (pattern->kind == PATTERN_VALUE) visit(r, pattern->value);
    for (int i = 0; i < pattern->count; i++) {
        if (pattern->kind == PATTERN_DICT) visit(r, pattern->keys[i]);
        visit_pattern(r, pattern->items[i]);
    }
    if (pattern->kind == PATTERN_ARRAY && pattern->name.text != NULL) scope_declare(r, &pattern->name, NULL);
}

static void visit_match(Resolution *r, Node *node) {
    visit(r, node->match.value);
    for (int i = 0; i < node->match.count; i++) {
        MatchArm *arm = &node->match.arms[i];
        scope_push(r);
        visit_pattern(r, arm->pattern);
        visit_optional(r, arm->guard);
        visit(r, arm->action);
        scope_pop(r);
    }
}

static void visit_switch(Resolution *r, Node *node) {
    visit(r, node->switch_.value);
    r->function->switch_depth++;
    for (int i = 0; i < node->switch_.count; i++) {
        SwitchCase *c = &node->switch_.cases[i];
        scope_push(r);
        visit_list(r, c->values);
        if (c->bind.text != NULL) scope_declare(r, &c->bind, NULL);
        visit_optional(r, c->guard);
        visit(r, c->body);
        scope_pop(r);
    }
    r->function->switch_depth--;
}

static void visit_select(Resolution *r, Node *node) {
    for (int i = 0; i < node->select.count; i++) {
        visit_optional(r, node->select.cases[i].channel);
        visit_optional(r, node->select.cases[i].value);
    }
    for (int i = 0; i < node->select.count; i++) {
        scope_push(r);
        if (node->select.cases[i].bind.text != NULL) scope_declare(r, &node->select.cases[i].bind, NULL);
        visit(r, node->select.cases[i].body);
        scope_pop(r);
    }
}

static void visit_try(Resolution *r, Node *node) {
    ast_each_type(node, scope_use_type, r);
    visit(r, node->try_.body);
    for (int i = 0; i < node->try_.catch_count; i++) {
        CatchClause *clause = &node->try_.catches[i];
        scope_push(r);
        if (clause->bind.text != NULL) scope_declare(r, &clause->bind, NULL);
        visit(r, clause->body);
        scope_pop(r);
    }
    visit_optional(r, node->try_.finally);
}

static void visit_loop_body(Resolution *r, Node *body) {
    r->function->loop_depth++;
    visit(r, body);
    r->function->loop_depth--;
}

static void visit_break(Resolution *r, Node *node) {
    if (r->function->loop_depth > 0) return;
    const char *word = node->kind == NODE_BREAK ? "break" : "continue";
    const char *hint = NULL;
    if (r->function->switch_depth > 0 && node->kind == NODE_BREAK)
        hint = "a case of `switch` ends by itself and needs no `break`";
    else if (r->function->outer != NULL)
        hint = "a loop around the function does not count; `return` leaves it";
    diagnostic_add(r->diagnostics, node->span, hint, "`%s` outside a loop", word);
}

static void visit_for_c(Resolution *r, Node *node) {
    scope_push(r);
    if (node->for_c.init != NULL) {
        announce_statement(r, node->for_c.init);
        visit(r, node->for_c.init);
    }
    visit_optional(r, node->for_c.condition);
    visit_optional(r, node->for_c.step);
    visit_loop_body(r, node->for_c.body);
    node->for_c.variables = r->scope->variables;
    scope_pop(r);
}

static void visit_arguments(Resolution *r, Argument *arguments, int count) {
    for (int i = 0; i < count; i++) visit(r, arguments[i].value);
}

static void visit_call(Resolution *r, Node *node) {
    visit(r, node->call.callee);
    visit_arguments(r, node->call.arguments, node->call.count);
}

static void visit_started(Resolution *r, Node *node) {
    if (node->child->kind == NODE_FUNCTION)
        diagnostic_add(r->diagnostics, node->child->span, "`()` behind the closing `}` calls it",
                       "this function is never called: `%s` takes a call", node->kind == NODE_GO ? "go" : "defer");
    if (!scope_wraps(node)) {
        visit_call(r, node->child);
        return;
    }
    node->wrapper = scope_push_function(r);
    visit(r, node->child);
    scope_pop_function(r);
}

static void visit(Resolution *r, Node *node) {
    switch (node->kind) {
    case NODE_NULL_LITERAL: case NODE_BOOL_LITERAL: case NODE_INT_LITERAL: case NODE_FLOAT_LITERAL:
    case NODE_STRING_LITERAL: case NODE_BUILTIN_NAME: case NODE_INCLUDE:
        break;
    case NODE_BREAK: case NODE_CONTINUE: visit_break(r, node); break;
    case NODE_NAME: scope_use(r, &node->name); break;
    case NODE_AT: scope_use_package(r, node); break;
    case NODE_ARRAY_LITERAL: visit_list(r, node->list); break;
    case NODE_BLOCK: visit_block(r, node); break;
    case NODE_DICT_LITERAL:
        for (int i = 0; i < node->dict.count; i++) {
            visit(r, node->dict.entries[i].key);
            visit(r, node->dict.entries[i].value);
        }
        break;
    case NODE_STRUCT_LITERAL:
        scope_use(r, &node->struct_literal.name);
        visit_arguments(r, node->struct_literal.fields, node->struct_literal.count);
        break;
    case NODE_FUNCTION: visit_function(r, node); break;
    case NODE_BINARY: case NODE_LOGICAL:
        visit(r, node->binary.left);
        visit(r, node->binary.right);
        break;
    case NODE_ASSIGN:
        if (node->assign.target->kind == NODE_NAME) {
            scope_note_assignment(r, node->assign.target, node);
        } else {
            visit(r, node->assign.target);
        }
        visit(r, node->assign.value);
        break;
    case NODE_STEP:
        if (node->step.target->kind == NODE_NAME) {
            scope_note_assignment(r, node->step.target, node);
        } else {
            visit(r, node->step.target);
        }
        break;
    case NODE_CALL: visit_call(r, node); break;
    case NODE_INDEX:
        visit(r, node->index.object);
        visit(r, node->index.index);
        break;
    case NODE_SLICE:
        visit(r, node->slice.object);
        visit_optional(r, node->slice.from);
        visit_optional(r, node->slice.to);
        break;
    case NODE_MEMBER: visit(r, node->member.object); break;
    case NODE_CAST: case NODE_TYPE_TEST:
        scope_use_type(r, node->typed.type);
        visit(r, node->typed.value);
        break;
    case NODE_ADDRESS:
        if (node->child->kind == NODE_NAME) {
            scope_use(r, &node->child->name)->addressed = true;
        } else {
            visit(r, node->child);
        }
        break;
    case NODE_UNARY: case NODE_DEREFERENCE: case NODE_AWAIT: case NODE_CHAN: case NODE_IMPORT_CALL: case NODE_RETURN:
    case NODE_THROW: case NODE_RAISE:
        visit_optional(r, node->child);
        break;
    case NODE_DEFER:
        r->function->has_defer = true;
        visit_started(r, node);
        break;
    case NODE_GO: visit_started(r, node); break;
    case NODE_LET:
        if (node->let.type != NULL) scope_use_type(r, node->let.type);
        visit_optional(r, node->let.value);
        scope_settle(node->let.name.variable);
        break;
    case NODE_STRUCT: visit_struct(r, node); break;
    case NODE_ENUM:
        for (int i = 0; i < node->enumeration.count; i++) visit_optional(r, node->enumeration.members[i].value);
        scope_settle(node->enumeration.name.variable);
        break;
    case NODE_ERROR_TYPE: visit_error_type(r, node); break;
    case NODE_TYPE_ALIAS:
        scope_use_type(r, node->alias.type);
        scope_settle(node->alias.name.variable);
        break;
    case NODE_PACKAGE: visit_package(r, node); break;
    case NODE_IMPORT:
        for (int i = 0; i < node->import.count; i++) {
            Name *alias = &node->import.aliases[i];
            scope_settle((alias->text != NULL ? alias : &node->import.names[i])->variable);
        }
        break;
    case NODE_IF:
        visit(r, node->branch.condition);
        visit(r, node->branch.then);
        visit_optional(r, node->branch.otherwise);
        break;
    case NODE_WHILE:
        visit(r, node->loop.condition);
        visit_loop_body(r, node->loop.body);
        break;
    case NODE_FOR_IN:
        visit(r, node->for_in.iterable);
        scope_push(r);
        if (node->for_in.key.text != NULL) scope_declare(r, &node->for_in.key, NULL);
        scope_declare(r, &node->for_in.value, NULL);
        visit_loop_body(r, node->for_in.body);
        scope_pop(r);
        break;
    case NODE_FOR_C: visit_for_c(r, node); break;
    case NODE_REPEAT:
        visit(r, node->repeat.count);
        scope_push(r);
        scope_declare(r, &node->repeat.variable, NULL);
        visit_loop_body(r, node->repeat.body);
        scope_pop(r);
        break;
    case NODE_SWITCH: visit_switch(r, node); break;
    case NODE_MATCH: visit_match(r, node); break;
    case NODE_SELECT: visit_select(r, node); break;
    case NODE_TRY: visit_try(r, node); break;
    case NODE_DECLARATIVE: visit(r, node->declarative.value); break;
    }
}

Resolution *resolve(Arena *arena, const Source *source, Node *tree, Diagnostics *diagnostics) {
    Resolution *r = arena_alloc(arena, sizeof *r);
    r->arena = arena;
    r->source = source;
    r->diagnostics = diagnostics;
    r->main = scope_push_function(r);
    r->scope->is_global = true;
    visit_contents(r, tree);
    return r;
}
