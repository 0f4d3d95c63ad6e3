/*
 * scope.c -- variables and the blocks they are declared in, while names are resolved: the steps that resolve.c walks with.
 * See scope.h for the rules.
 */
#include "code.h"
#include "scope_internal.h"
#include "syntax/basic_types.h"
#include "syntax/hash.h"

#include <string.h>

#define FIRST_CHAINS 64 /* a power of two */

FunctionScope *scope_main(const Resolution *r) { return r->main; }

Variable **scope_globals(const Resolution *r, int *count) {
    *count = r->global_count;
    return r->globals;
}

/* How many of the assignments come before [at], when they are in order. */
static int assignments_before(const Variable *variable, uint32_t at) {
    int from = 0, to = variable->assignment_count;
    while (from < to) {
        int middle = from + (to - from) / 2;
        if (variable->assignments[middle] < at)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool variable_assigned_within(const Variable *variable, Span span) {
    if (!variable->disordered) return assignments_before(variable, span.start) < assignments_before(variable, span.end);
    for (int i = 0; i < variable->assignment_count; i++) {
        if (variable->assignments[i] >= span.start && variable->assignments[i] < span.end) return true;
    }
    return false;
}

/* -- variables -- */

static Variable *add_global(Resolution *r, const char *text) {
    Variable *variable = arena_alloc(r->arena, sizeof *variable);
    *variable = (Variable){.text = text, .index = r->global_count};
    ARENA_PUSH(r->arena, r->globals, r->global_count, r->global_capacity, variable);
    return variable;
}

static void link_global(Resolution *r, Variable *global) {
    Variable **chain = &r->chains[global->hash & (uint32_t)(r->chain_count - 1)];
    global->next = *chain;
    *chain = global;
}

static void add_chains(Resolution *r) {
    r->chain_count = r->chain_count ? r->chain_count * 2 : FIRST_CHAINS;
    r->chains = arena_alloc(r->arena, (size_t)r->chain_count * sizeof *r->chains);
    for (int i = 0; i < r->global_count; i++) {
        if (!scope_is_hidden(r->globals[i])) link_global(r, r->globals[i]);
    }
}

Variable *scope_global(Resolution *r, const char *text) {
    if (r->global_count >= r->chain_count) add_chains(r);
    uint32_t hash = hash_fold(hash_bytes(text, strlen(text)));
    Variable *known = r->chains[hash & (uint32_t)(r->chain_count - 1)];
    for (; known != NULL; known = known->next) {
        if (known->hash == hash && strcmp(known->text, text) == 0) return known;
    }
    Variable *variable = add_global(r, text);
    variable->hash = hash;
    link_global(r, variable);
    return variable;
}

bool scope_is_hidden(const Variable *global) { return global->twin == global; }

static Variable *find_in(Scope *scope, const char *text) {
    for (Variable *v = scope->variables; v != NULL; v = v->next) {
        if (v->text[0] == text[0] && strcmp(v->text, text) == 0) return v; /* mostly the first byte tells */
    }
    return NULL;
}

Variable *scope_visible_local(const Resolution *r, const char *text) {
    for (Scope *scope = r->scope; !scope->is_global; scope = scope->outer) {
        Variable *variable = find_in(scope, text);
        if (variable != NULL && (variable->declared || scope->function != r->function)) return variable;
    }
    return NULL;
}

static void note_capture(const Resolution *r, Variable *variable) {
    if (variable->owner == NULL || variable->owner == r->function) return;
    variable->captured = true;
    if (!variable->initialised) variable->early = true;
}

Variable *scope_use(Resolution *r, Name *name) {
    Variable *variable = scope_visible_local(r, name->text);
    if (variable == NULL) variable = scope_global(r, name->text);
    note_capture(r, variable);
    return name->variable = variable;
}

bool scope_is_local(const Resolution *r, const char *text) {
    for (Scope *scope = r->scope; !scope->is_global; scope = scope->outer) {
        if (find_in(scope, text) != NULL) return true;
    }
    return false;
}

/* The type that a block around the code at hand declares, even if further down; or NULL. */
static Variable *local_type(const Resolution *r, const char *text) {
    for (Scope *scope = r->scope; !scope->is_global; scope = scope->outer) {
        Variable *variable = find_in(scope, text);
        if (variable != NULL && variable->is_type) return variable;
    }
    return NULL;
}

/*
 * Ties the names in a type to what they stand for. Annotations are looked up when they are checked, in a place that any
 * code can reach: a global. A type that a function or a package declares gets a hidden one for that.
 */
void scope_use_type(void *arg, TypeNode *type) {
    Resolution *r = arg;
    for (int i = 0; i < type->count; i++) scope_use_type(r, type->items[i]);
    if (type->result != NULL) scope_use_type(r, type->result);
    if (type->kind != TYPE_NAME) return;
    if (is_basic_type(type->name.text)) return;
    const char *dot = strchr(type->name.text, '.');
    Variable *variable = local_type(r, type->name.text);
    if (dot != NULL) {
        variable = scope_global(r, arena_strndup(r->arena, type->name.text, (size_t)(dot - type->name.text)));
    } else if (variable == NULL) {
        variable = scope_global(r, type->name.text);
    }
    type->name.variable = variable;
    if (variable->owner != NULL) {
        if (variable->twin == NULL) {
            variable->twin = add_global(r, variable->text);
            variable->twin->twin = variable->twin;
        }
        variable = variable->twin;
    }
    type->global = -1 - variable->index;
}

void scope_use_package(Resolution *r, Node *node) {
    for (Scope *scope = r->scope; scope != NULL; scope = scope->outer) {
        if (scope->package == NULL) continue;
        note_capture(r, scope->package);
        node->around = scope->package;
        return;
    }
    diagnostic_add(r->diagnostics, node->span, NULL, "`@` stands for the package around it, and there is none");
}

void scope_note_assignment(Resolution *r, Node *target, const Node *assignment) {
    Variable *variable = scope_use(r, &target->name);
    variable->assigned = true;
    int count = variable->assignment_count;
    if (count > 0 && assignment->span.start < variable->assignments[count - 1]) variable->disordered = true;
    ARENA_PUSH(r->arena, variable->assignments, variable->assignment_count, variable->assignment_capacity,
               assignment->span.start);
    if (variable->is_const && variable->owner != NULL) {
        diagnostic_add(r->diagnostics, target->span, NULL, "cannot assign to constant `%s`", variable->text);
    }
}

/* Each variable takes a register. Those that are too many are not looked for any more. */
static Variable *too_many(Resolution *r, Name *name, Variable *variable) {
    if (r->scope->count == CODE_REGISTER_LIMIT + 1) {
        diagnostic_add(r->diagnostics, name->span, "an array or a dict holds as many values as you like",
                       "too many names: this block has room for %d", CODE_REGISTER_LIMIT);
    }
    variable->name = name;
    variable->text = name->text;
    return name->variable = variable;
}

Variable *scope_announce(Resolution *r, Name *name, Traits traits) {
    Scope *scope = r->scope;
    Variable *variable = scope->is_global ? scope_global(r, name->text) : find_in(scope, name->text);
    if (variable != NULL && variable->name != NULL) {
        bool joins = (variable->is_function && traits.is_function) || (variable->is_import && traits.is_import);
        if (!joins) {
            Place place = source_place(r->source, variable->name->span.start);
            const char *hint = traits.is_let && !variable->is_const ? "to give it another value, leave out `let`" : NULL;
            diagnostic_add(r->diagnostics, name->span, hint, "`%s` is already declared in line %u", name->text,
                           place.line);
        }
        variable->assigned = true;
        return name->variable = variable;
    }
    if (variable == NULL) {
        variable = arena_alloc(r->arena, sizeof *variable);
        variable->owner = r->function;
        if (scope->count++ >= CODE_REGISTER_LIMIT) return too_many(r, name, variable);
        Variable **link = &scope->variables;
        while (*link != NULL) link = &(*link)->next;
        *link = variable;
        /* The members of a package are shared with the package value from the start: always boxes. */
        variable->captured = variable->early = scope->package != NULL;
    }
    variable->name = name;
    variable->text = name->text;
    variable->type = traits.type;
    variable->is_const = traits.is_const;
    variable->is_function = traits.is_function;
    variable->is_import = traits.is_import;
    variable->is_type = traits.is_type;
    return name->variable = variable;
}

void scope_settle(Variable *variable) { variable->declared = variable->initialised = true; }

void scope_declare(Resolution *r, Name *name, TypeNode *type) {
    scope_settle(scope_announce(r, name, (Traits){.type = type}));
}

Variable *scope_declare_hidden(Resolution *r, const char *text) {
    Variable *variable = arena_alloc(r->arena, sizeof *variable);
    *variable = (Variable){.text = text, .owner = r->function, .is_const = true, .declared = true, .initialised = true};
    return variable;
}

/* -- scopes -- */

Scope *scope_push(Resolution *r) {
    Scope *scope = r->spare;
    if (scope != NULL) {
        r->spare = scope->outer;
    } else {
        scope = arena_alloc(r->arena, sizeof *scope);
    }
    *scope = (Scope){.outer = r->scope, .function = r->function};
    return r->scope = scope;
}

void scope_pop(Resolution *r) {
    Scope *scope = r->scope;
    r->scope = scope->outer;
    scope->outer = r->spare;
    r->spare = scope;
}

FunctionScope *scope_push_function(Resolution *r) {
    FunctionScope *function = arena_alloc(r->arena, sizeof *function);
    function->outer = r->function;
    r->function = function;
    scope_push(r);
    return function;
}

void scope_pop_function(Resolution *r) {
    scope_pop(r);
    r->function = r->function->outer;
}
