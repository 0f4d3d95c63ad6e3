/*
 * parser_control.c -- if, loops, switch, select, try.
 *
 * All of them may stand where an expression may. Their headers come with and without parentheses: a header is simply
 * an expression in which `Name {` is no struct literal, and parentheses around it are its own.
 */
#include "parser_internal.h"

#include <string.h>

/* ---- headers ---- */

Node *parse_header(Parser *parser) {
    Context outer = parser_enter(parser, parser->context.newlines, false);
    Node *node = parse_expression(parser);
    parser_restore(parser, outer);
    return node;
}

Node *parse_condition(Parser *parser) {
    Node *node = parse_header(parser);
    if (node->kind == NODE_ASSIGN && node->operator == OP_NONE) {
        parser_error(parser, (Span){node->at, node->at + 1}, "did you mean `==`?",
                     "a condition cannot be an assignment");
    }
    return node;
}

/* ---- if ---- */

static Node *parse_branch(Parser *parser) {
    Node *node = parser_node(parser, NODE_IF, parser->current->span.start);
    parser_advance(parser);
    node->branch.condition = parse_condition(parser);
    node->branch.then = parse_block(parser, "to open the branch");
    return parser_finish(parser, node);
}

/* A chain of `else if` is parsed in a loop, but it is a tree as deep as the chain is long. */
static Node *parse_if(Parser *parser) {
    int outer_chain = parser->chain;
    parser->chain = 0;
    Node *first = parse_branch(parser), *last = first;
    int length = parser->chain;
    while (!parser->panic && parser_accept(parser, TOKEN_ELSE)) {
        parser_extend_chain(parser, &length);
        if (!parser_at(parser, TOKEN_IF)) {
            last->branch.otherwise = parse_block(parser, "to open the `else` branch");
            break;
        }
        parser->chain = 0;
        last->branch.otherwise = parse_branch(parser);
        last = last->branch.otherwise;
        length = parser->chain > length ? parser->chain : length;
    }
    length = parser->chain > length ? parser->chain : length;
    parser->chain = outer_chain > length ? outer_chain : length;
    uint32_t end = parser->previous->span.end;
    for (Node *node = first; node && node->kind == NODE_IF; node = node->branch.otherwise) {
        node->span.end = end;
    }
    return first;
}

/* ---- loops ---- */

static Node *parse_while(Parser *parser) {
    Node *node = parser_node(parser, NODE_WHILE, parser->current->span.start);
    parser_advance(parser);
    node->loop.condition = parse_condition(parser);
    node->loop.body = parse_block(parser, "to open the loop");
    return parser_finish(parser, node);
}

static Name parse_loop_variable(Parser *parser) {
    const Token *token = parser->current;
    Name name = parser_name(parser, "the loop's variable");
    parser_declares(parser, token);
    return name;
}

/* `v in xs` or `k, v in xs`, where a `let` may stand before. */
static void parse_for_in(Parser *parser, Node *node) {
    parser_accept(parser, TOKEN_LET);
    node->for_in.value = parse_loop_variable(parser);
    if (parser_accept(parser, TOKEN_COMMA)) {
        node->for_in.key = node->for_in.value;
        node->for_in.value = parse_loop_variable(parser);
    }
    parser_expect(parser, TOKEN_IN, "after the loop's variables");
    node->for_in.iterable = parse_expression(parser);
}

/* `init; condition; step`, each of which may be missing. */
static void parse_for_c(Parser *parser, Node *node, TokenKind end) {
    node->kind = NODE_FOR_C; /* needs less room */
    if (!parser_at(parser, TOKEN_SEMICOLON)) {
        node->for_c.init = parser_at(parser, TOKEN_LET) ? parse_statement(parser) : parse_expression(parser);
    }
    if (!parser_at(parser, TOKEN_SEMICOLON)) {
        parser_expected(parser, "loops are written `for v in xs {…}` or `for (let i = 0; i < n; i++) {…}`",
                        "`;` in the loop's header");
    }
    parser_accept(parser, TOKEN_SEMICOLON);
    if (!parser_at(parser, TOKEN_SEMICOLON)) {
        node->for_c.condition = parse_expression(parser);
    }
    parser_expect(parser, TOKEN_SEMICOLON, "after the loop's condition");
    if (!parser_at(parser, end)) {
        node->for_c.step = parse_expression(parser);
    }
}

/* The variables of a for-in loop stand at [name]. */
static bool at_for_in(const Token *name) {
    name += name->kind == TOKEN_LET;
    return token_is_word(name->kind) && (name[1].kind == TOKEN_IN || name[1].kind == TOKEN_COMMA);
}

static Node *parse_for(Parser *parser) {
    Node *node = parser_node(parser, NODE_FOR_IN, parser->current->span.start);
    parser_advance(parser);
    const Token *opener = parser->current;
    bool round = parser_accept(parser, TOKEN_LEFT_PAREN);
    Context outer = parser_enter(parser, !round, false);
    if (at_for_in(parser->current)) {
        parse_for_in(parser, node);
    } else {
        parse_for_c(parser, node, round ? TOKEN_RIGHT_PAREN : TOKEN_LEFT_BRACE);
    }
    if (round) {
        parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "to close the loop's header");
    }
    parser_restore(parser, outer);
    Node *body = parse_block(parser, "to open the loop");
    if (node->kind == NODE_FOR_IN) {
        node->for_in.body = body;
    } else {
        node->for_c.body = body;
    }
    return parser_finish(parser, node);
}

/* `repeat n {…}` counts in `i`, `repeat(k) n {…}` in k. */
Node *parse_repeat(Parser *parser) {
    Node *node = parser_node(parser, NODE_REPEAT, parser->current->span.start);
    parser_advance(parser);
    node->repeat.variable = ast_name("i", parser->previous->span);
    if (parser_at(parser, TOKEN_LEFT_PAREN) && token_is_name(parser_peek(parser, 1)) &&
        parser_peek(parser, 2) == TOKEN_RIGHT_PAREN) {
        TokenKind next = parser_peek(parser, 3);
        if (next != TOKEN_LEFT_BRACE && parse_starts_operand(next)) {
            parser_advance(parser);
            node->repeat.variable = parse_loop_variable(parser);
            parser_advance(parser);
        }
    }
    node->repeat.count = parse_header(parser);
    node->repeat.body = parse_block(parser, "to open the loop");
    return parser_finish(parser, node);
}

/* ---- switch ---- */

static void parse_case_values(Parser *parser, SwitchCase *item) {
    int capacity = 0;
    do {
        Node *value = parse_operation(parser);
        ARENA_PUSH(parser->arena, item->values.items, item->values.count, capacity, value);
    } while (!parser->panic && parser_accept(parser, TOKEN_COMMA) && !parser_at(parser, TOKEN_LEFT_BRACE));
}

/* `case a, b if guard {`, `case name if guard {`, `default {`, from the word on. */
static SwitchCase parse_case(Parser *parser) {
    SwitchCase item = {0};
    Context outer = parser_enter(parser, true, false);
    bool is_case = parser_accept(parser, TOKEN_CASE);
    if (parser_accept(parser, TOKEN_DEFAULT)) {
        item.is_default = true;
    } else if (!is_case) {
        parser_expected(parser, NULL, "`case`, `default` or `}`");
    } else if (token_is_name(parser_kind(parser)) && parser_peek(parser, 1) == TOKEN_IF) {
        item.bind = parser_take_word(parser);
    } else {
        parse_case_values(parser, &item);
    }
    if (!item.is_default && parser_accept(parser, TOKEN_IF)) {
        item.guard = parse_condition(parser);
    }
    parser_restore(parser, outer);
    if (parser_at(parser, TOKEN_COLON)) {
        parser_expected(parser, "the body of a case stands in braces: `case x { … }`", "`{` to open the case");
    }
    item.body = parse_block(parser, "to open the case");
    return item;
}

static Node *parse_switch(Parser *parser) {
    Node *node = parser_node(parser, NODE_SWITCH, parser->current->span.start);
    parser_advance(parser);
    node->switch_.value = parse_header(parser);
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, true, true);
    bool has_default = false;
    int capacity = 0;
    parser_expect(parser, TOKEN_LEFT_BRACE, "to open the cases");
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        Span span = parser->current->span;
        SwitchCase item = parse_case(parser);
        if (item.is_default && has_default) {
            parser_error(parser, span, NULL, "a `switch` can have only one `default`");
        }
        has_default |= item.is_default;
        ARENA_PUSH(parser->arena, node->switch_.cases, node->switch_.count, capacity, item);
        while (parser_accept(parser, TOKEN_SEMICOLON) || parser_accept(parser, TOKEN_COMMA)) {
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the `switch`");
    return parser_finish(parser, node);
}

/* ---- select ---- */

static const char *const select_hint =
    "cases are `case v = receive(ch)`, `case send(ch, x)`, `case after(ms)` and `default`";

static const struct {
    const char *name;
    SelectKind kind;
    int arguments;
} select_operations[] = {{"receive", SELECT_RECEIVE, 1}, {"send", SELECT_SEND, 2}, {"after", SELECT_AFTER, 1}};

/* `receive(ch)`, `send(ch, x)` or `after(ms)`, with or without `::` before it. */
static void parse_select_operation(Parser *parser, SelectCase *item) {
    item->at = parser->current->span.start;
    const Token *first = parser->current;
    Node *call = parse_operation(parser);
    size_t count = sizeof select_operations / sizeof *select_operations, i = count;
    if (call->kind == NODE_CALL) {
        Node *callee = call->call.callee;
        bool is_name = callee->kind == NODE_NAME || callee->kind == NODE_BUILTIN_NAME;
        for (i = 0; i < count && !(is_name && strcmp(callee->name.text, select_operations[i].name) == 0); i++) {
        }
    }
    if (i == count || call->call.count != select_operations[i].arguments) {
        parser_error(parser, (Span){first->span.start, parser->previous->span.end}, select_hint,
                     "a case of `select` receives, sends or waits");
        return;
    }
    Argument *arguments = call->call.arguments;
    item->kind = select_operations[i].kind;
    if (item->kind == SELECT_AFTER) {
        item->value = arguments[0].value;
    } else {
        item->channel = arguments[0].value;
        item->value = item->kind == SELECT_SEND ? arguments[1].value : NULL;
    }
    if (item->bind.text && item->kind != SELECT_RECEIVE) {
        parser_error(parser, item->bind.span, select_hint, "only `receive` gives a value to a variable");
    }
}

static SelectCase parse_select_case(Parser *parser) {
    SelectCase item = {.at = parser->current->span.start};
    Context outer = parser_enter(parser, true, false);
    if (parser_accept(parser, TOKEN_DEFAULT)) {
        item.kind = SELECT_DEFAULT;
    } else if (!parser_accept(parser, TOKEN_CASE)) {
        parser_expected(parser, select_hint, "`case`, `default` or `}`");
    } else {
        if (token_is_name(parser_kind(parser)) && parser_peek(parser, 1) == TOKEN_ASSIGN) {
            item.bind = parser_take_word(parser);
            parser_advance(parser);
        }
        parse_select_operation(parser, &item);
    }
    parser_restore(parser, outer);
    item.body = parse_block(parser, "to open the case");
    return item;
}

static Node *parse_select(Parser *parser) {
    Node *node = parser_node(parser, NODE_SELECT, parser->current->span.start);
    parser_advance(parser);
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, true, true);
    int capacity = 0;
    bool has_default = false;
    parser_advance(parser);
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        Span span = parser->current->span;
        SelectCase item = parse_select_case(parser);
        if (item.kind == SELECT_DEFAULT && has_default) {
            parser_error(parser, span, NULL, "a `select` can have only one `default`");
        }
        has_default |= item.kind == SELECT_DEFAULT;
        ARENA_PUSH(parser->arena, node->select.cases, node->select.count, capacity, item);
        while (parser_accept(parser, TOKEN_SEMICOLON) || parser_accept(parser, TOKEN_COMMA)) {
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the `select`");
    return parser_finish(parser, node);
}

/* ---- try ---- */

/* `catch {`, `catch (e) {`, `catch (e: Type) {`, and the last two without parentheses. */
static CatchClause parse_catch(Parser *parser) {
    CatchClause clause = {0};
    parser_advance(parser);
    const Token *opener = parser->current;
    if (!parser_at(parser, TOKEN_LEFT_BRACE)) {
        bool round = parser_accept(parser, TOKEN_LEFT_PAREN);
        clause.bind = parser_name(parser, "the error");
        if (parser_accept(parser, TOKEN_COLON)) {
            clause.type = parse_type(parser);
        }
        if (round) {
            parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "after the error's name");
        }
    }
    clause.body = parse_block(parser, "to open the `catch`");
    return clause;
}

static Node *parse_try(Parser *parser) {
    Node *node = parser_node(parser, NODE_TRY, parser->current->span.start);
    int capacity = 0;
    parser_advance(parser);
    node->try_.body = parse_block(parser, "to open the `try`");
    while (parser_at(parser, TOKEN_CATCH) && !parser->panic) {
        CatchClause clause = parse_catch(parser);
        ARENA_PUSH(parser->arena, node->try_.catches, node->try_.catch_count, capacity, clause);
    }
    if (!parser->panic && parser_accept(parser, TOKEN_FINALLY)) {
        node->try_.finally = parse_block(parser, "to open the `finally`");
    }
    if (node->try_.catch_count == 0 && !node->try_.finally) {
        parser_expected(parser, NULL, "`catch` or `finally` after the `try` block");
    }
    return parser_finish(parser, node);
}

Node *parse_control(Parser *parser) {
    switch (parser_kind(parser)) {
    case TOKEN_IF:
        return parse_if(parser);
    case TOKEN_WHILE:
        return parse_while(parser);
    case TOKEN_FOR:
        return parse_for(parser);
    case TOKEN_SWITCH:
        return parse_switch(parser);
    case TOKEN_MATCH:
        return parse_match(parser);
    case TOKEN_SELECT:
        return parser_peek(parser, 1) == TOKEN_LEFT_BRACE ? parse_select(parser) : NULL;
    case TOKEN_TRY:
        return parser_peek(parser, 1) == TOKEN_LEFT_BRACE ? parse_try(parser) : NULL;
    default:
        return NULL;
    }
}
