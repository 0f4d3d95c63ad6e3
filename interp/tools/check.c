/*
 * check.c -- what is suspicious about a program: one walk over its tree, with what resolve.c knows of its names.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_flow.h"
#include "compile/scope.h"
#include "syntax/ast_walk.h"

typedef struct {
    Diagnostics *warnings;
    const CheckNames *known;
    bool has_include;     /* it may declare anything */
    bool has_import;      /* it may bring types, which annotations and `catch` know by their bare names */
    const Name **locals;  /* declarations that ought to be used */
    int local_count, local_capacity;
} Checker;

static void walk(void *arg, Node *node);

/* ---- names ---- */

static void use(Checker *checker, const Name *name) {
    Variable *variable = name->variable;
    if (!variable) {
        return;
    }
    variable->used = true;
    bool declared = variable->owner || variable->name || checker->has_include;
    if (!declared && !checker->known->is_name(checker->known->arg, name->text)) {
        diagnostic_warn(checker->warnings, name->span, NULL, "nothing declares `%s`", name->text);
    }
}

static void use_type(void *arg, TypeNode *type) {
    Checker *checker = arg;
    for (int i = 0; i < type->count; i++) use_type(checker, type->items[i]);
    if (type->result) use_type(checker, type->result);
    const Variable *variable = type->kind == TYPE_NAME ? type->name.variable : NULL;
    if (!variable || variable->owner || variable->name || checker->has_include || checker->has_import) {
        return;
    }
    if (!checker->known->is_type(checker->known->arg, type->name.text)) {
        diagnostic_warn(checker->warnings, type->name.span, NULL, "nothing declares the type `%s`", type->name.text);
    }
}

static void check_shadow(Checker *checker, const Name *name) {
    if (checker->known->is_name(checker->known->arg, name->text)) {
        char hint[80];
        snprintf(hint, sizeof hint, "the builtin is still there as `::%.40s`", name->text);
        diagnostic_warn(checker->warnings, name->span, arena_strndup(checker->warnings->arena, hint, strlen(hint)),
                        "`%s` hides the builtin of that name", name->text);
    }
}

/* A name that the program gives to something. Locals that are declared for their own sake ought to be used. */
static void declare(Checker *checker, const Name *name, bool must_be_used) {
    if (!name->text) {
        return;
    }
    check_shadow(checker, name);
    const Variable *variable = name->variable;
    if (must_be_used && variable && variable->owner && name->text[0] != '_') {
        ARENA_PUSH(checker->warnings->arena, checker->locals, checker->local_count, checker->local_capacity, name);
    }
}

static void report_unused(Checker *checker) {
    for (int i = 0; i < checker->local_count; i++) {
        const Name *name = checker->locals[i];
        Variable *variable = name->variable;
        if (variable->used) {
            continue;
        }
        variable->used = true; /* once is enough */
        diagnostic_warn(checker->warnings, name->span, "if that is meant so, begin its name with `_`",
                        variable->assignment_count > 0 ? "`%s` is assigned, but never read" : "`%s` is never used",
                        name->text);
    }
}

static void walk_function(Checker *checker, Node *node) {
    for (int i = 0; i < node->function.count; i++) {
        declare(checker, &node->function.parameters[i].name, false);
    }
    ast_each_child(node, walk, checker);
}

/* ---- slips ---- */

static void walk_assign(Checker *checker, Node *node) {
    Node *target = node->assign.target, *value = node->assign.value;
    if (node->operator == OP_NONE && ast_same_place(target, value)) {
        diagnostic_warn(checker->warnings, node->span, NULL, "this assigns something to itself");
    }
    if (target->kind == NODE_NAME && node->operator == OP_NONE) {
        walk(checker, value); /* to be written is not to be used */
    } else {
        ast_each_child(node, walk, checker);
    }
}

/* A condition that is an assignment as a whole is an error; here are those that are one in part. */
static void check_condition(Checker *checker, const Node *node) {
    if (!node) {
        return;
    }
    switch (node->kind) {
    case NODE_ASSIGN:
        if (node->operator == OP_NONE) {
            diagnostic_warn(checker->warnings, (Span){node->at, node->at + 1}, "did you mean `==`?",
                            "an assignment in a condition");
        }
        break;
    case NODE_LOGICAL:
        check_condition(checker, node->binary.left);
        check_condition(checker, node->binary.right);
        break;
    case NODE_UNARY:
        check_condition(checker, node->child);
        break;
    default:
        break;
    }
}

static bool is_comparison(const Node *node) {
    return node->kind == NODE_BINARY && node->operator >= OP_EQ && node->operator <= OP_IN;
}

/* ---- statements ---- */

static bool is_hoisted(const Node *node) {
    return node->kind == NODE_FUNCTION && node->function.declares;
}

static void check_unreachable(Checker *checker, const NodeList *list) {
    bool ended = false;
    for (int i = 0; i < list->count; i++) {
        if (ended && !is_hoisted(list->items[i])) {
            diagnostic_warn(checker->warnings, list->items[i]->span, NULL, "this is never reached");
            return;
        }
        ended = ended || flow_ends(list->items[i]);
    }
}

/* [has_value]: the last statement's value is what the block is there for, perhaps. */
static void walk_statements(Checker *checker, const NodeList *list, bool has_value, bool in_package) {
    check_unreachable(checker, list);
    for (int i = 0; i < list->count; i++) {
        Node *node = list->items[i];
        if (is_comparison(node) && (i < list->count - 1 || !has_value)) {
            diagnostic_warn(checker->warnings, node->span, node->operator == OP_EQ ? "to assign, write `=`" : NULL,
                            "the result of this comparison is not used");
        }
        if (node->kind == NODE_LET) {
            declare(checker, &node->let.name, !in_package);
        } else if (is_hoisted(node)) {
            declare(checker, &node->function.name, !in_package);
        }
        walk(checker, node);
    }
}

static void walk_loop(Checker *checker, Node *body) {
    walk_statements(checker, &body->list, false, false);
}

static void walk_for_c(Checker *checker, Node *node) {
    Node *init = node->for_c.init;
    if (init && init->kind == NODE_LET) {
        declare(checker, &init->let.name, false);
    }
    check_condition(checker, node->for_c.condition);
    Node *parts[] = {init, node->for_c.condition, node->for_c.step};
    for (int i = 0; i < 3; i++) {
        if (parts[i]) {
            walk(checker, parts[i]);
        }
    }
    walk_loop(checker, node->for_c.body);
}

static void check_arms(Checker *checker, const Node *node) {
    for (int i = 1; i < node->match.count; i++) {
        if (flow_takes_all(&node->match.arms[i - 1])) {
            diagnostic_warn(checker->warnings, node->match.arms[i].pattern->span, NULL,
                            "this arm is never reached: the one before it takes everything");
            return;
        }
    }
}

/* ---- the walk ---- */

static void walk(void *arg, Node *node) {
    Checker *checker = arg;
    ast_each_type(node, use_type, checker);
    switch (node->kind) {
    case NODE_NAME:
        use(checker, &node->name);
        return;
    case NODE_STRUCT_LITERAL:
        use(checker, &node->struct_literal.name);
        break;
    case NODE_ASSIGN:
        walk_assign(checker, node);
        return;
    case NODE_FUNCTION:
        walk_function(checker, node);
        return;
    case NODE_BLOCK:
        walk_statements(checker, &node->list, true, false);
        return;
    case NODE_PACKAGE:
        walk_statements(checker, &node->package.body->list, false, true);
        return;
    case NODE_IF:
        check_condition(checker, node->branch.condition);
        break;
    case NODE_WHILE:
        check_condition(checker, node->loop.condition);
        walk(checker, node->loop.condition);
        walk_loop(checker, node->loop.body);
        return;
    case NODE_FOR_IN:
        declare(checker, &node->for_in.key, false);
        declare(checker, &node->for_in.value, false);
        walk(checker, node->for_in.iterable);
        walk_loop(checker, node->for_in.body);
        return;
    case NODE_FOR_C:
        walk_for_c(checker, node);
        return;
    case NODE_REPEAT:
        walk(checker, node->repeat.count);
        walk_loop(checker, node->repeat.body);
        return;
    case NODE_MATCH:
        check_arms(checker, node);
        break;
    default:
        break;
    }
    ast_each_child(node, walk, checker);
}

static void find_other_files(void *arg, Node *node) {
    Checker *checker = arg;
    checker->has_include |= node->kind == NODE_INCLUDE;
    checker->has_import |= node->kind == NODE_IMPORT || node->kind == NODE_IMPORT_CALL;
    ast_each_child(node, find_other_files, arg);
}

static int by_place(const void *left, const void *right) {
    const Diagnostic *a = left, *b = right;
    return a->span.start != b->span.start ? (a->span.start > b->span.start) - (a->span.start < b->span.start)
                                          : strcmp(a->message, b->message);
}

void check_program(Node *program, const CheckNames *known, Diagnostics *warnings) {
    Checker checker = {.warnings = warnings, .known = known};
    find_other_files(&checker, program);
    walk_statements(&checker, &program->list, false, false);
    report_unused(&checker);
    if (warnings->count > 0) {
        qsort(warnings->items, (size_t)warnings->count, sizeof *warnings->items, by_place);
    }
}
