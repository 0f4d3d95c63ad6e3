/*
 * compile_call.c -- calls of all kinds: plain, of methods, with keywords, as tasks (`go`) and put off (`defer`).
 *
 * Keyword arguments stand behind the positional ones and the call names them in a list. `go` and `defer` have no
 * such list; for them a tiny function is made that takes the evaluated callee and arguments and calls with keywords.
 */
#include "compile_internal.h"

/* The arguments of a call that are evaluated: how many, and the list constant of keywords at the end of them. */
typedef struct {
    int count;
    int keyword_count;
    const char **keywords;
} Arguments;

/* Evaluates in the order of the source; the registers hold positional arguments first, then those with keywords. */
static Arguments compile_arguments(Builder *b, const Argument *arguments, int count) {
    Arguments result = {.count = count};
    for (int i = 0; i < count; i++) result.keyword_count += arguments[i].name.text != NULL;
    int positional = count - result.keyword_count, keyword = 0;
    if (result.keyword_count == 0) {
        for (int i = 0; i < count; i++) compile(b, arguments[i].value, register_take(b));
        return result;
    }
    result.keywords = arena_alloc(b->compiler->arena, (size_t)result.keyword_count * sizeof *result.keywords);
    int next = registers_take(b, count), next_keyword = next + positional;
    for (int i = 0; i < count; i++) {
        bool has_keyword = arguments[i].name.text != NULL;
        if (has_keyword) result.keywords[keyword++] = arguments[i].name.text;
        compile(b, arguments[i].value, has_keyword ? next_keyword++ : next++);
    }
    return result;
}

void compile_call(Builder *b, Node *node, int destination) {
    Node *callee = node->call.callee;
    bool is_method = callee->kind == NODE_MEMBER;
    int mark = b->next, base = register_for_call(b, destination);
    compile(b, is_method ? callee->member.object : callee, is_method ? register_take(b) : base);
    Arguments arguments = compile_arguments(b, node->call.arguments, node->call.count);
    int list = arguments.keyword_count ? emit_list_constant(b, arguments.keywords, arguments.keyword_count) : 0;
    if (is_method) {
        Opcode op = arguments.keyword_count ? OPC_INVOKEKW : OPC_INVOKE;
        emit_named(b, callee->at, op, base, arguments.count, &callee->member.name);
        if (arguments.keyword_count) emit(b, callee->at, (uint32_t)list);
    } else if (arguments.keyword_count) {
        emit_with(b, node->at, OPC_CALLKW, base, arguments.count, (uint32_t)list);
    } else {
        emit_abc(b, node->at, OPC_CALL, base, arguments.count, 0);
    }
    registers_release(b, base + 1);
    deliver(b, node->at, destination, base);
    registers_release(b, mark);
}

void compile_struct_literal(Builder *b, Node *node, int destination) {
    int mark = b->next, base = register_for_call(b, destination);
    variable_load(b, node->struct_literal.name.variable, node->at, base);
    Arguments fields = compile_arguments(b, node->struct_literal.fields, node->struct_literal.count);
    int list = emit_list_constant(b, fields.keywords, fields.keyword_count);
    emit_with(b, node->at, OPC_CALLKW, base, fields.count | 1 << 8, (uint32_t)list);
    registers_release(b, base + 1);
    deliver(b, node->at, destination, base);
    registers_release(b, mark);
}

/* -- calls for later -- */

/* A call put together but not made: callee, arguments; after METHOD the receiver comes before them. */
typedef struct {
    int count; /* registers after the callee */
    bool has_receiver;
} PreparedCall;

/* A function that takes all of [call]'s registers, the callee (or nothing) first, and calls with keywords. */
static int make_caller(Builder *outer, const Node *call, const Arguments *arguments, bool is_method) {
    Builder *b = builder_open(outer->compiler, outer, NULL, NULL, call->span);
    const Node *callee = call->call.callee;
    int count = arguments->count + 1 + is_method, parameters = registers_take(b, count);
    builder_parameters(b, count);
    for (int i = 0; i < count; i++) builder_parameter(b, i, "_", false);
    int list = emit_list_constant(b, arguments->keywords, arguments->keyword_count);
    if (is_method) {
        emit_named(b, callee->at, OPC_INVOKEKW, parameters, arguments->count, &callee->member.name);
        emit(b, callee->at, (uint32_t)list);
    } else {
        emit_with(b, call->at, OPC_CALLKW, parameters, arguments->count, (uint32_t)list);
    }
    emit_abc(b, call->at, OPC_RETURN, parameters, 0, 0);
    return builder_close(b);
}

static PreparedCall prepare_with_keywords(Builder *b, Node *call, int base) {
    bool is_method = call->call.callee->kind == NODE_MEMBER;
    int callee = register_take(b);
    if (is_method) {
        emit_abc(b, call->at, OPC_LOADNULL, callee, 0, 0);
        compile(b, call->call.callee->member.object, register_take(b));
    } else {
        compile(b, call->call.callee, callee);
    }
    Arguments arguments = compile_arguments(b, call->call.arguments, call->call.count);
    emit_closure(b, call->at, base, make_caller(b, call, &arguments, is_method));
    return (PreparedCall){arguments.count + 1 + is_method, false};
}

static void compile_out(Builder *b, Node *node) { compile(b, node, OUT); }

/* Anything but a call becomes the body of a function of its own. */
static PreparedCall prepare_wrapped(Builder *b, Node *node, int base) {
    Builder *inner = builder_open(b->compiler, b, node->wrapper, NULL, node->child->span);
    compile_with_deferred(inner, node->child, compile_out);
    emit_closure(b, node->at, base, builder_close(inner));
    return (PreparedCall){0, false};
}

/* Evaluates what the GO or DEFER node is to call. R[base] is on top. */
static PreparedCall prepare_call(Builder *b, Node *node, int base) {
    if (scope_wraps(node)) return prepare_wrapped(b, node, base);
    Node *call = node->child, *callee = call->call.callee;
    for (int i = 0; i < call->call.count; i++) {
        if (call->call.arguments[i].name.text != NULL) return prepare_with_keywords(b, call, base);
    }
    bool is_method = callee->kind == NODE_MEMBER;
    if (is_method) {
        compile(b, callee->member.object, register_take(b));
        emit_named(b, callee->at, OPC_METHOD, base, 0, &callee->member.name);
    } else {
        compile(b, callee, base);
    }
    compile_arguments(b, call->call.arguments, call->call.count);
    return (PreparedCall){call->call.count + is_method, is_method};
}

/* Only a register is taken as a wish for the handle: most functions that end in a `go` want no result. */
void compile_go(Builder *b, Node *node, int destination) {
    int mark = b->next, base = register_for_call(b, destination);
    PreparedCall call = prepare_call(b, node, base);
    int flags = (call.has_receiver ? GO_HAS_RECEIVER : 0) | (destination >= 0 ? GO_KEEPS_HANDLE : 0);
    emit_abc(b, node->at, OPC_GO, base, call.count, flags);
    registers_release(b, base + 1);
    deliver(b, node->at, destination, base);
    registers_release(b, mark);
}

void compile_defer(Builder *b, Node *node) {
    int base = register_take(b);
    PreparedCall call = prepare_call(b, node, base);
    emit_abc(b, node->at, OPC_DEFER, b->deferred, base, call.count);
    registers_release(b, base);
}
