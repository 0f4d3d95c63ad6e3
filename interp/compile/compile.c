/*
 * compile.c -- a unit as a whole: its own code, what it gives as its result, the call of `main`.
 */
#include "compile_internal.h"
#include "resolve.h"

#include <string.h>

/* -- the result of an interactive unit -- */

static bool gives_result(const Node *node);

static bool block_gives_result(const Node *block) {
    if (block->kind != NODE_BLOCK) return gives_result(block);
    return block->list.count == 0 || gives_result(block->list.items[block->list.count - 1]);
}

static bool try_gives_result(const Node *node) {
    bool gives = block_gives_result(node->try_.body);
    for (int i = 0; i < node->try_.catch_count; i++) gives = gives && block_gives_result(node->try_.catches[i].body);
    return gives;
}

/* Is the node worth showing? Declarations, assignments and loops are not; branches are if all of them are. */
static bool gives_result(const Node *node) {
    bool gives = true;
    switch (node->kind) {
    case NODE_LET: case NODE_STRUCT: case NODE_ENUM: case NODE_ERROR_TYPE: case NODE_TYPE_ALIAS: case NODE_PACKAGE:
    case NODE_IMPORT: case NODE_INCLUDE: case NODE_WHILE: case NODE_FOR_IN: case NODE_FOR_C: case NODE_REPEAT:
    case NODE_RETURN: case NODE_BREAK: case NODE_CONTINUE: case NODE_THROW: case NODE_RAISE: case NODE_DEFER:
    case NODE_DECLARATIVE: case NODE_ASSIGN: case NODE_STEP: case NODE_GO:
        return false;
    case NODE_FUNCTION: return !node->function.declares;
    case NODE_BLOCK: return block_gives_result(node);
    case NODE_IF:
        if (node->branch.otherwise != NULL) gives = block_gives_result(node->branch.otherwise);
        return gives && block_gives_result(node->branch.then);
    case NODE_SWITCH:
        for (int i = 0; i < node->switch_.count; i++) gives = gives && block_gives_result(node->switch_.cases[i].body);
        return gives;
    case NODE_MATCH:
        for (int i = 0; i < node->match.count; i++) gives = gives && block_gives_result(node->match.arms[i].action);
        return gives;
    case NODE_SELECT:
        for (int i = 0; i < node->select.count; i++) gives = gives && block_gives_result(node->select.cases[i].body);
        return gives;
    case NODE_TRY: return try_gives_result(node);
    default: return true;
    }
}

/* A `;` behind the last expression keeps its value from being shown. */
static bool is_silenced(const Source *source, const Node *node) {
    const char *c = source->text + node->span.end;
    while (*c != '\0' && strchr(" \t\r\n)", *c) != NULL) c++;
    return *c == ';';
}

/* -- main -- */

/* The unit's own function `main`, or NULL. */
static const Node *find_main(const Node *tree) {
    const Node *found = NULL;
    for (int i = 0; i < tree->list.count; i++) {
        const Node *node = tree->list.items[i];
        const Node *function = node;
        const Name *name = NULL;
        if (node->kind == NODE_FUNCTION && node->function.declares) name = &node->function.name;
        if (node->kind == NODE_LET && node->let.value != NULL && node->let.value->kind == NODE_FUNCTION) {
            name = &node->let.name;
            function = node->let.value;
        }
        if (name != NULL && strcmp(name->text, "main") == 0) found = function;
    }
    return found;
}

static void call_main(Builder *b, const Node *main, int destination) {
    int base = register_take(b);
    variable_load(b, scope_global(b->compiler->resolution, "main"), main->at, base);
    emit_abc(b, main->at, OPC_CALL, base, 0, 0);
    if (main->function.is_async) emit_abc(b, main->at, OPC_AWAIT, base, base, 0);
    deliver(b, main->at, destination, base);
    registers_release(b, base);
}

static int result_destination(const Compiler *compiler, const Node *tree) {
    if (!compiler->options->interactive) return NOWHERE;
    if (find_main(tree) != NULL) return OUT;
    const Node *last = tree->list.count ? tree->list.items[tree->list.count - 1] : NULL;
    return last != NULL && gives_result(last) && !is_silenced(compiler->source, last) ? OUT : NOWHERE;
}

static void compile_main(Builder *b, Node *tree) {
    const Node *main = find_main(tree);
    int destination = result_destination(b->compiler, tree);
    compile_contents(b, tree, main != NULL ? NOWHERE : destination);
    if (main != NULL) call_main(b, main, destination);
}

CodeUnit *compile_unit(Arena *arena, const Source *source, Node *tree, const CompileOptions *options,
                       Diagnostics *diagnostics) {
    int problems = diagnostics->count;
    Compiler compiler = {.arena = arena, .source = source, .options = options, .diagnostics = diagnostics};
    compiler.resolution = resolve(arena, source, tree, diagnostics);
    if (diagnostics->count > problems) return NULL;
    Span whole = {0, source->length};
    Builder *b = builder_open(&compiler, NULL, scope_main(compiler.resolution), "<main>", whole);
    compile_with_deferred(b, tree, compile_main);
    deliver_null(b, source->length, OUT);
    if (diagnostics->count > problems) return NULL;
    CodeUnit *unit = arena_alloc(arena, sizeof *unit);
    Variable **globals = scope_globals(compiler.resolution, &unit->global_count);
    unit->main = builder_finish(b);
    unit->globals = arena_alloc(arena, (size_t)(unit->global_count + 1) * sizeof *unit->globals);
    unit->declares = arena_alloc(arena, (size_t)(unit->global_count + 1) * sizeof *unit->declares);
    unit->hidden = arena_alloc(arena, (size_t)(unit->global_count + 1) * sizeof *unit->hidden);
    for (int i = 0; i < unit->global_count; i++) {
        unit->globals[i] = globals[i]->text;
        unit->declares[i] = globals[i]->name != NULL;
        unit->hidden[i] = scope_is_hidden(globals[i]);
    }
    unit->has_result = result_destination(&compiler, tree) == OUT;
    return unit;
}
