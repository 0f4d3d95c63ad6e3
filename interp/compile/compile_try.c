/*
 * compile_try.c -- errors caught, and code that runs however a region is left: `finally`, and deferred calls.
 *
 * Such code is written once. There are many ways into it: the region's end, an error, a return, a break, a continue.
 * Each way leaves a number in a register, the *action*, and jumps to the one entry; behind the cleanup, the action
 * tells where to go on. An error or the value to return waits in a second register meanwhile.
 *
 *        region          … return x:  value = x; action = 2; jump entry
 *        action = 0; jump entry
 *     handler:           (value = the error)
 *        action = 1
 *     entry:
 *        the cleanup
 *        if action is 0: go on
 *        if action is 2: return value      (or jump to the next cleanup further out)
 *        …
 *        raise value again
 *
 * Deferred calls are the cleanup of a whole function. The list of calls is in a register too; taking them out one by
 * one is itself guarded, so that an error in one does not keep the others from running. The first error is the one
 * that counts.
 */
#include "compile_internal.h"

enum { ACTION_GO_ON, ACTION_RAISE, ACTION_FIRST_LEAVE };

/* -- leaving -- */

static int leave_number(Builder *b, Cleanup *cleanup, Leave leave) {
    for (int i = 0; i < cleanup->leave_count; i++) {
        if (cleanup->leaves[i].kind == leave.kind && cleanup->leaves[i].loop == leave.loop) return i;
    }
    ARENA_PUSH(b->compiler->arena, cleanup->leaves, cleanup->leave_count, cleanup->leave_capacity, leave);
    return cleanup->leave_count - 1;
}

void compile_leave(Builder *b, uint32_t at, Leave leave, int reg) {
    Cleanup *stop = leave.kind == LEAVE_RETURN ? NULL : leave.loop->cleanup;
    if (b->dead) return;
    if (b->cleanup != stop) {
        Cleanup *cleanup = b->cleanup;
        if (leave.kind == LEAVE_RETURN) emit_move(b, at, cleanup->value, reg);
        emit_load_integer(b, at, cleanup->action, ACTION_FIRST_LEAVE + leave_number(b, cleanup, leave));
        emit_jump(b, at, OPC_JMP, 0, 0, &cleanup->entry);
    } else if (leave.kind == LEAVE_RETURN) {
        emit_abc(b, at, OPC_RETURN, reg, 0, 0);
    } else {
        emit_jump(b, at, OPC_JMP, 0, 0, leave.kind == LEAVE_BREAK ? &leave.loop->end : &leave.loop->next);
    }
}

static void cleanup_open(Builder *b, Cleanup *cleanup) {
    *cleanup = (Cleanup){.outer = b->cleanup};
    cleanup->action = register_take(b);
    cleanup->value = register_take(b);
    b->cleanup = cleanup;
}

/* The region from [start] ends here: all its ways lead to the cleanup, whose code follows. */
static void cleanup_enter(Builder *b, Cleanup *cleanup, uint32_t start, uint32_t at) {
    cleanup->goes_on = !b->dead;
    emit_load_integer(b, at, cleanup->action, ACTION_GO_ON);
    emit_jump(b, at, OPC_JMP, 0, 0, &cleanup->entry);
    emit_handler(b, start, emit_here(b), cleanup->value);
    emit_load_integer(b, at, cleanup->action, ACTION_RAISE);
    emit_label(b, &cleanup->entry);
    b->cleanup = cleanup->outer;
}

/* Behind the cleanup's code: goes on as the action says. */
static void cleanup_close(Builder *b, Cleanup *cleanup, uint32_t at) {
    Label end = {0};
    if (cleanup->goes_on) emit_equal_jump(b, at, cleanup->action, constant_integer(ACTION_GO_ON), true, &end);
    for (int i = 0; i < cleanup->leave_count; i++) {
        Label next = {0};
        emit_equal_jump(b, at, cleanup->action, constant_integer(ACTION_FIRST_LEAVE + i), false, &next);
        compile_leave(b, at, cleanup->leaves[i], cleanup->value);
        emit_label(b, &next);
    }
    emit_abc(b, at, OPC_RETHROW, cleanup->value, 0, 0);
    emit_label(b, &end);
    registers_release(b, cleanup->action);
}

/* -- deferred calls -- */

static void run_deferred(Builder *b, Cleanup *cleanup, uint32_t at) {
    Label done = {0}, again = {0};
    int scratch = register_take(b);
    uint32_t start = emit_here(b);
    emit_jump(b, at, OPC_RUNDEFER, scratch, b->deferred, &done);
    emit_back(b, at, OPC_LOOP, 0, 0, start);
    emit_handler(b, start, emit_here(b), scratch);
    emit_equal_jump(b, at, cleanup->action, constant_integer(ACTION_RAISE), true, &again);
    emit_move(b, at, cleanup->value, scratch);
    emit_load_integer(b, at, cleanup->action, ACTION_RAISE);
    emit_label(b, &again);
    emit_back(b, at, OPC_LOOP, 0, 0, start);
    /* An interrupt may strike at the jump itself. */
    if (b->code->handler_count > 0) b->code->handlers[b->code->handler_count - 1].end = emit_here(b);
    emit_label(b, &done);
    registers_release(b, scratch);
}

void compile_with_deferred(Builder *b, Node *node, void (*body)(Builder *b, Node *node)) {
    if (!b->scope->has_defer) {
        body(b, node);
        return;
    }
    Cleanup cleanup;
    b->deferred = register_take(b);
    emit_abc(b, node->at, OPC_LOADNULL, b->deferred, 0, 0);
    cleanup_open(b, &cleanup);
    uint32_t start = emit_here(b);
    body(b, node);
    cleanup_enter(b, &cleanup, start, node->at);
    run_deferred(b, &cleanup, node->at);
    cleanup_close(b, &cleanup, node->at);
}

/* -- try -- */

/* Falls through if the error in [reg] is one that a clause for [name] takes, else jumps. "": a clause without type. */
static void test_name(Builder *b, const char *name, uint32_t at, int reg, Label *otherwise) {
    int base = registers_take(b, 3);
    emit_move(b, at, base + 1, reg);
    emit_load_text(b, at, base + 2, name);
    emit_intrinsic(b, at, INTRINSIC_ERROR_MATCHES, base, 2);
    emit_jump(b, at, OPC_JFALSE, base, 0, otherwise);
    registers_release(b, base);
}

/* The same for any type that a clause may have. */
static void test_type(Builder *b, const TypeNode *type, uint32_t at, int reg, Label *otherwise) {
    if (type->kind == TYPE_UNION) {
        Label matches = {0};
        for (int i = 0; i < type->count; i++) {
            Label next = {0};
            test_type(b, type->items[i], at, reg, &next);
            emit_jump(b, at, OPC_JMP, 0, 0, &matches);
            emit_label(b, &next);
        }
        emit_jump(b, at, OPC_JMP, 0, 0, otherwise);
        emit_label(b, &matches);
        return;
    }
    if (type->kind != TYPE_NAME) compile_error(b, type->span, "`catch` takes the name of an error type");
    test_name(b, type->kind == TYPE_NAME ? type->name.text : "", at, reg, otherwise);
}

/* The clause's variable is the register that holds the error. */
static void compile_catch(Builder *b, CatchClause *clause, int error, int destination) {
    if (clause->bind.text != NULL) {
        variable_adopt(b, clause->bind.variable, clause->body->at, error);
    }
    compile(b, clause->body, destination);
    b->owners[error] = NULL;
}

static void compile_guarded(Builder *b, Node *node, int destination) {
    Label end = {0};
    uint32_t start = emit_here(b);
    compile(b, node->try_.body, destination);
    if (node->try_.catch_count == 0) return;
    uint32_t stop = emit_here(b);
    emit_jump(b, node->at, OPC_JMP, 0, 0, &end);
    int error = register_take(b);
    emit_handler(b, start, stop, error);
    for (int i = 0; i < node->try_.catch_count; i++) {
        CatchClause *clause = &node->try_.catches[i];
        Label next = {0};
        if (clause->type != NULL)
            test_type(b, clause->type, node->at, error, &next);
        else
            test_name(b, "", node->at, error, &next);
        compile_catch(b, clause, error, destination);
        emit_jump(b, node->at, OPC_JMP, 0, 0, &end);
        emit_label(b, &next);
    }
    emit_abc(b, node->at, OPC_RETHROW, error, 0, 0);
    emit_label(b, &end);
    registers_release(b, error);
}

void compile_try(Builder *b, Node *node, int destination) {
    if (node->try_.finally == NULL) {
        compile_guarded(b, node, destination);
        return;
    }
    Cleanup cleanup;
    cleanup_open(b, &cleanup);
    uint32_t start = emit_here(b);
    compile_guarded(b, node, destination);
    cleanup_enter(b, &cleanup, start, node->try_.finally->at);
    compile(b, node->try_.finally, NOWHERE);
    cleanup_close(b, &cleanup, node->try_.finally->at);
}
