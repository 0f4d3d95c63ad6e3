/*
 * parser_structures.c -- struct, enum, error types.
 */
#include "parser_internal.h"

#include <string.h>

/* ---- fields ---- */

/* What may follow the type of a field. */
static bool field_type_ends(const Parser *parser) {
    switch (parser_kind(parser)) {
    case TOKEN_ASSIGN:
    case TOKEN_COMMA:
    case TOKEN_SEMICOLON:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_RIGHT_PAREN:
    case TOKEN_END:
        return true;
    case TOKEN_FUNC:
        return parser->current[1].kind != TOKEN_LEFT_PAREN;
    case TOKEN_ASYNC:
        return parser->current[1].kind == TOKEN_FUNC;
    default:
        return !parser_same_line(parser) && !parse_continues(parser);
    }
}

/* `[]`, `{}`, `nil` and `Color.RED` could be read as types or the beginning of one, but are values. */
static bool at_plain_default(const Parser *parser) {
    const Token *token = parser->current;
    if (token_is_name(token->kind) && token[1].kind == TOKEN_DOT) {
        return true;
    }
    bool empty = (token->kind == TOKEN_LEFT_BRACKET && token[1].kind == TOKEN_RIGHT_BRACKET) ||
                 (token->kind == TOKEN_LEFT_BRACE && token[1].kind == TOKEN_RIGHT_BRACE);
    bool null = token->kind == TOKEN_NIL || token->kind == TOKEN_NULL;
    const Token *next = token + (null ? 1 : 2);
    return (empty || null) && (next->newline_before || next->kind == TOKEN_COMMA || next->kind == TOKEN_SEMICOLON ||
                               next->kind == TOKEN_RIGHT_BRACE || next->kind == TOKEN_RIGHT_PAREN ||
                               next->kind == TOKEN_END);
}

/*
 * `name`, `name: T`, `name: T = default` or `name: default`. After the colon it is a type if it can be read as one:
 * `x: Point` has the type Point, `x: Point()` a default value.
 */
static Field parse_field(Parser *parser) {
    Field field = {0};
    if ((parser_at(parser, TOKEN_LET) || parser_at(parser, TOKEN_CONST)) && token_is_word(parser_peek(parser, 1)) &&
        !parser->current[1].newline_before) {
        parser_error(parser, parser->current->span, "fields are written `name: type` or `name: value`",
                     "a field is declared without `%s`", token_text[parser_kind(parser)]);
    }
    if (token_is_word(parser_kind(parser))) {
        field.name = parser_take_word(parser);
    } else {
        parser_expected(parser, "fields are written `name`, `name: type`, `name: type = value` or `name: value`",
                        "a field or a method");
    }
    if (parser_accept(parser, TOKEN_COLON)) {
        field.type = at_plain_default(parser) ? NULL : parse_type_if(parser, field_type_ends);
        if (!field.type) {
            field.default_value = parse_operation(parser);
        }
    }
    if (!field.default_value && parser_accept(parser, TOKEN_ASSIGN)) {
        field.default_value = parse_operation(parser);
    }
    return field;
}

/* `func name(…) {…}` or `async func name(…) {…}`, not a field called `func`. */
static bool at_method(const Parser *parser) {
    return (parser_at(parser, TOKEN_FUNC) && parser_peek(parser, 1) != TOKEN_COLON) ||
           (parser_at(parser, TOKEN_ASYNC) && parser_peek(parser, 1) == TOKEN_FUNC);
}

static Node *parse_method(Parser *parser) {
    Node *method = parse_function(parser);
    if (!method->function.name.text) {
        parser_error(parser, (Span){method->span.start, method->span.start + 4}, NULL, "a method needs a name");
    }
    return method;
}

/* The end of a member: a method needs nothing after it, nor does a field before a method. */
static void end_member(Parser *parser) {
    if (parser->panic || parser_at(parser, TOKEN_END)) {
        return;
    }
    if (parser->previous->kind != TOKEN_RIGHT_BRACE && !at_method(parser)) {
        parser_separator(parser, "the members of a struct");
    }
    while (parser_accept(parser, TOKEN_COMMA) || parser_accept(parser, TOKEN_SEMICOLON)) {
    }
}

Node *parse_struct(Parser *parser) {
    Node *node = parser_node(parser, NODE_STRUCT, parser->current->span.start);
    parser_advance(parser);
    node->at = parser->current->span.start;
    node->structure.name = parser_name(parser, "a struct");
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, true, true);
    NodeList *methods = &node->structure.methods;
    int field_capacity = 0, method_capacity = 0;
    parser_expect(parser, TOKEN_LEFT_BRACE, "to open the struct");
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        if (at_method(parser)) {
            Node *method = parse_method(parser);
            ARENA_PUSH(parser->arena, methods->items, methods->count, method_capacity, method);
        } else {
            Field field = parse_field(parser);
            ARENA_PUSH(parser->arena, node->structure.fields, node->structure.field_count, field_capacity, field);
        }
        end_member(parser);
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the struct");
    return parser_finish(parser, node);
}

/* ---- enum ---- */

static EnumMember parse_enum_member(Parser *parser) {
    EnumMember member = {0};
    if (token_is_word(parser_kind(parser))) {
        member.name = parser_take_word(parser);
    } else {
        parser_expected(parser, "members are written `NAME` or `NAME = value`", "a member's name");
    }
    if (parser_accept(parser, TOKEN_ASSIGN)) {
        member.value = parse_operation(parser);
    }
    return member;
}

Node *parse_enum(Parser *parser) {
    Node *node = parser_node(parser, NODE_ENUM, parser->current->span.start);
    parser_advance(parser);
    node->at = parser->current->span.start;
    node->enumeration.name = parser_name(parser, "an enum");
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, true, true);
    int capacity = 0;
    parser_expect(parser, TOKEN_LEFT_BRACE, "to open the enum");
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        EnumMember member = parse_enum_member(parser);
        ARENA_PUSH(parser->arena, node->enumeration.members, node->enumeration.count, capacity, member);
        if (!parser_at(parser, TOKEN_END)) {
            parser_separator(parser, "the members of an enum");
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the enum");
    return parser_finish(parser, node);
}

/* ---- errors ---- */

static Node *parse_error_fields(Parser *parser, Node *node, TokenKind end) {
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, end == TOKEN_RIGHT_BRACE, true);
    int capacity = 0;
    parser_advance(parser);
    while (!parser_at(parser, end) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        Field field = parse_field(parser);
        ARENA_PUSH(parser->arena, node->error_type.fields, node->error_type.count, capacity, field);
        if (end == TOKEN_RIGHT_PAREN ? !parser_accept(parser, TOKEN_COMMA)
                                     : !parser_at(parser, TOKEN_END) && !parser_separator(parser, "the fields")) {
            break;
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, end, opener, "to close the error's fields");
    return parser_finish(parser, node);
}

/*
 * `Name(a, b)` at the current token, with nothing but names, or names with types, in the parentheses, and nothing after
 * them: it declares. Every other call raises. (`error Name(x)` with `Name` declared before raises too; the
 * compiler knows.)
 */
static bool at_error_declaration(const Parser *parser) {
    const Token *opener = parser->current + 1;
    const Token *closing = parser_find_closing(parser, opener);
    if (closing == opener) {
        return true; /* unclosed: either way it is an error */
    }
    bool name_expected = true;
    for (const Token *token = opener + 1; token < closing; token++) {
        if (name_expected ? !token_is_name(token->kind) : token->kind != TOKEN_COMMA) {
            return token->kind == TOKEN_COLON;
        }
        name_expected = !name_expected;
    }
    Parser after = *parser;
    after.current = closing + 1;
    return closing[1].newline_before || !(parse_continues(&after) || parse_may_continue(closing[1].kind));
}

Node *parse_error_statement(Parser *parser) {
    uint32_t start = parser->current->span.start;
    parser_advance(parser);
    TokenKind next = parser_peek(parser, 1);
    bool named = token_is_name(parser_kind(parser)) && !parser->current[1].newline_before;
    bool braces = named && next == TOKEN_LEFT_BRACE && parser->context.struct_literals;
    if (braces || (named && next == TOKEN_LEFT_PAREN && at_error_declaration(parser))) {
        Node *node = parser_node(parser, NODE_ERROR_TYPE, start);
        node->at = parser->current->span.start;
        node->error_type.name = parser_take_word(parser);
        return parse_error_fields(parser, node, braces ? TOKEN_RIGHT_BRACE : TOKEN_RIGHT_PAREN);
    }
    Node *node = parser_node(parser, NODE_RAISE, start);
    node->child = parse_expression(parser);
    return parser_finish(parser, node);
}
