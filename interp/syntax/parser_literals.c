/*
 * parser_literals.c -- what an expression begins with: literals, names, functions, and the words that make expressions.
 */
#include "parser_internal.h"

/* ---- simple literals ---- */

static Node *parse_word_literal(Parser *parser, NodeKind kind) {
    Node *node = parser_node(parser, kind, parser->current->span.start);
    node->boolean = parser_at(parser, TOKEN_TRUE);
    parser_advance(parser);
    return parser_finish(parser, node);
}

static Node *parse_number(Parser *parser) {
    const Token *token = parser->current;
    Node *node = parser_node(parser, NODE_INT_LITERAL, token->span.start);
    if (token->kind == TOKEN_FLOAT) {
        node->kind = NODE_FLOAT_LITERAL;
        node->number = token->number;
    } else if (token->integer <= INT64_MAX) {
        node->integer = (int64_t)token->integer;
    } else {
        parser_error(parser, token->span, "integers go up to 9223372036854775807; a number with a point may be larger",
                     "this number is too large for an integer");
    }
    parser_advance(parser);
    return parser_finish(parser, node);
}

Node *parse_string(Parser *parser) {
    Node *node = parser_node(parser, NODE_STRING_LITERAL, parser->current->span.start);
    node->string.text = lexer_string(parser->arena, parser->source, parser->current, &node->string.length);
    parser_advance(parser);
    return parser_finish(parser, node);
}

static Node *parse_array(Parser *parser) {
    const Token *opener = parser->current;
    Node *node = parser_node(parser, NODE_ARRAY_LITERAL, opener->span.start);
    Context outer = parser_enter(parser, false, true);
    int capacity = 0;
    parser_advance(parser);
    while (!parser_at(parser, TOKEN_RIGHT_BRACKET) && !parser->panic) {
        Node *item = parse_expression(parser);
        ARENA_PUSH(parser->arena, node->list.items, node->list.count, capacity, item);
        if (!parser_accept(parser, TOKEN_COMMA)) {
            break;
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACKET, opener, "to close the array");
    return parser_finish(parser, node);
}

/* Keys are expressions, so a word that is no name must be quoted. */
static Node *parse_key(Parser *parser) {
    const Token *key = parser->current;
    if (token_is_keyword(key->kind) && !token_is_constant(key->kind) && key[1].kind == TOKEN_COLON) {
        parser_error(parser, key->span, parser_format(parser, "quote it: `\"%s\": …`", token_text[key->kind]),
                     "`%s` is a keyword", token_text[key->kind]);
    }
    return parse_operation(parser);
}

static Node *parse_dict(Parser *parser) {
    const Token *opener = parser->current;
    Node *node = parser_node(parser, NODE_DICT_LITERAL, opener->span.start);
    Context outer = parser_enter(parser, true, true);
    int capacity = 0;
    parser_advance(parser);
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        DictEntry entry = {.key = parse_key(parser)};
        parser_expect(parser, TOKEN_COLON, "between the key and its value");
        entry.value = parse_expression(parser);
        ARENA_PUSH(parser->arena, node->dict.entries, node->dict.count, capacity, entry);
        if (!parser_at(parser, TOKEN_END)) {
            parser_separator(parser, "the entries of a dict");
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the dict");
    return parser_finish(parser, node);
}

/* `{` where a statement could begin: a dict when a plain key and `:` follow, otherwise a block. */
bool parse_at_dict(const Parser *parser) {
    switch (parser_peek(parser, 1)) {
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_RAW_STRING:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_NULL:
    case TOKEN_NIL:
        return parser_peek(parser, 2) == TOKEN_COLON;
    case TOKEN_MINUS:
        return parser_peek(parser, 3) == TOKEN_COLON;
    default:
        return token_is_name(parser_peek(parser, 1)) && parser_peek(parser, 2) == TOKEN_COLON;
    }
}

/* ---- names and struct literals ---- */

/* `Name {}` or `Name {field:`, all on the name's line up to the brace. */
static bool at_struct_literal(const Parser *parser) {
    if (!parser->context.struct_literals || !parser_at(parser, TOKEN_LEFT_BRACE) || !parser_same_line(parser)) {
        return false;
    }
    TokenKind first = parser_peek(parser, 1);
    return first == TOKEN_RIGHT_BRACE || (token_is_word(first) && parser_peek(parser, 2) == TOKEN_COLON);
}

static Node *parse_struct_literal(Parser *parser, Name name) {
    const Token *opener = parser->current;
    Node *node = parser_node(parser, NODE_STRUCT_LITERAL, name.span.start);
    node->struct_literal.name = name;
    Context outer = parser_enter(parser, true, true);
    int capacity = 0;
    parser_advance(parser);
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        Argument field = {0};
        if (token_is_word(parser_kind(parser))) {
            field.name = parser_take_word(parser);
        } else {
            parser_expected(parser, NULL, "the name of a field");
        }
        parser_expect(parser, TOKEN_COLON, "after the name of the field");
        field.value = parse_expression(parser);
        ARENA_PUSH(parser->arena, node->struct_literal.fields, node->struct_literal.count, capacity, field);
        if (!parser_at(parser, TOKEN_END)) {
            parser_separator(parser, "the fields of a struct");
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the struct literal");
    return parser_finish(parser, node);
}

static Node *parse_name(Parser *parser) {
    Node *node = parser_node(parser, NODE_NAME, parser->current->span.start);
    node->name = parser_take_word(parser);
    if (at_struct_literal(parser)) {
        return parse_struct_literal(parser, node->name);
    }
    return parser_finish(parser, node);
}

/* `chan` or `chan(size)`, also after `::`. */
static Node *parse_chan(Parser *parser, uint32_t start) {
    Node *node = parser_node(parser, NODE_CHAN, start);
    parser_advance(parser);
    if (parser_at(parser, TOKEN_LEFT_PAREN) && (parser_same_line(parser) || !parser->context.newlines)) {
        const Token *opener = parser->current;
        Context outer = parser_enter(parser, false, true);
        parser_advance(parser);
        if (!parser_at(parser, TOKEN_RIGHT_PAREN)) {
            node->child = parse_expression(parser);
            parser_accept(parser, TOKEN_COMMA);
        }
        parser_restore(parser, outer);
        parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "to close the channel's size");
    }
    return parser_finish(parser, node);
}

static Node *parse_builtin_name(Parser *parser) {
    uint32_t start = parser->current->span.start;
    Node *node = parser_node(parser, NODE_BUILTIN_NAME, start);
    parser_advance(parser);
    if (parser_at(parser, TOKEN_CHAN)) {
        return parse_chan(parser, start);
    }
    if (token_is_word(parser_kind(parser))) {
        node->name = parser_take_word(parser);
        node->span.start = start;
    } else {
        parser_expected(parser, NULL, "the name of a builtin after `::`");
    }
    return parser_finish(parser, node);
}

static Node *parse_at_sign(Parser *parser) {
    Node *node = parser_node(parser, NODE_AT, parser->current->span.start);
    parser_advance(parser);
    return parser_finish(parser, node);
}

/* The node's span takes in the parentheses, so that what follows the span follows the whole expression. */
static Node *parse_parenthesised(Parser *parser) {
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, false, true);
    parser_advance(parser);
    Node *node = parse_expression(parser);
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "to close the parentheses");
    node->span.start = opener->span.start;
    return parser_finish(parser, node);
}

/* ---- functions ---- */

static Parameter parse_parameter(Parser *parser) {
    Parameter parameter = {0};
    const Token *name = parser->current;
    parameter.name = parser_name(parser, "a parameter");
    parser_declares(parser, name);
    if (parser_accept(parser, TOKEN_COLON)) {
        parameter.type = parse_type(parser);
    }
    if (parser_accept(parser, TOKEN_ASSIGN)) {
        parameter.default_value = parse_operation(parser);
    }
    return parameter;
}

static void parse_parameters(Parser *parser, Node *function) {
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, false, true);
    bool defaults = false;
    int capacity = 0;
    parser_expect(parser, TOKEN_LEFT_PAREN, "before the parameters");
    while (!parser_at(parser, TOKEN_RIGHT_PAREN) && !parser->panic) {
        Parameter parameter = parse_parameter(parser);
        if (defaults && !parameter.default_value) {
            parser_error(parser, parameter.name.span, "give it a default too, or move it to the front",
                         "a parameter without default cannot follow one with default");
        }
        defaults = parameter.default_value != NULL;
        ARENA_PUSH(parser->arena, function->function.parameters, function->function.count, capacity, parameter);
        if (!parser_accept(parser, TOKEN_COMMA)) {
            break;
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "to close the parameters");
}

Node *parse_function(Parser *parser) {
    Node *node = parser_node(parser, NODE_FUNCTION, parser->current->span.start);
    node->function.is_async = parser_accept(parser, TOKEN_ASYNC);
    parser_expect(parser, TOKEN_FUNC, "after `async`");
    if (!parser_at(parser, TOKEN_LEFT_PAREN)) {
        node->at = parser->current->span.start;
        node->function.name = parser_name(parser, "a function");
    }
    parse_parameters(parser, node);
    if (parser_accept(parser, TOKEN_COLON)) {
        node->function.result = parse_type(parser);
    } else if (parser_at(parser, TOKEN_MINUS) && parser_peek(parser, 1) == TOKEN_GREATER) {
        parser_expected(parser, "the type of the result is written `func f(): int {`", "`{` to open the function");
    }
    node->function.body = parse_block(parser, "to open the function");
    return parser_finish(parser, node);
}

/* ---- words ---- */

static Node *parse_import_call(Parser *parser) {
    Node *node = parser_node(parser, NODE_IMPORT_CALL, parser->current->span.start);
    Context outer = parser_enter(parser, false, true);
    parser_advance(parser);
    const Token *opener = parser->current;
    parser_advance(parser);
    node->child = parse_expression(parser);
    parser_accept(parser, TOKEN_COMMA);
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "to close the import");
    return parser_finish(parser, node);
}

/* `go` and `throw` take everything that follows. */
static Node *parse_word_expression(Parser *parser, NodeKind kind) {
    Node *node = parser_node(parser, kind, parser->current->span.start);
    parser_advance(parser);
    node->child = parse_operation(parser);
    return parser_finish(parser, node);
}

bool parse_starts_operand(TokenKind kind) {
    switch (kind) {
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_RAW_STRING:
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACE:
    case TOKEN_COLON_COLON:
    case TOKEN_AT:
    case TOKEN_MAGIC:
    case TOKEN_NOT:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_NULL:
    case TOKEN_NIL:
    case TOKEN_FUNC:
    case TOKEN_ASYNC:
    case TOKEN_AWAIT:
    case TOKEN_CHAN:
    case TOKEN_IF:
    case TOKEN_SWITCH:
    case TOKEN_MATCH:
        return true;
    default:
        return token_is_name(kind);
    }
}

/* Why a word cannot begin an expression, if there is something to say about it. */
static const char *word_hint(Parser *parser, TokenKind kind) {
    if (token_is_keyword(kind) && parser_same_line(parser)) {
        return parser_format(parser, "`%s` is a keyword; as a name, try `my_%s`", token_text[kind], token_text[kind]);
    }
    return kind == TOKEN_ASSIGN ? "to compare, write `==`" : NULL;
}

Node *parse_primary(Parser *parser) {
    if (parser->panic) {
        return parser_nothing(parser);
    }
    TokenKind kind = parser_kind(parser);
    switch (kind) {
    case TOKEN_INT:
    case TOKEN_FLOAT:
        return parse_number(parser);
    case TOKEN_STRING:
    case TOKEN_RAW_STRING:
        return parse_string(parser);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return parse_word_literal(parser, NODE_BOOL_LITERAL);
    case TOKEN_NULL:
    case TOKEN_NIL:
        return parse_word_literal(parser, NODE_NULL_LITERAL);
    case TOKEN_LEFT_PAREN:
        return parse_parenthesised(parser);
    case TOKEN_LEFT_BRACKET:
        return parse_array(parser);
    case TOKEN_LEFT_BRACE:
        return parse_dict(parser);
    case TOKEN_COLON_COLON:
        return parse_builtin_name(parser);
    case TOKEN_AT:
        return parse_at_sign(parser);
    case TOKEN_MAGIC:
        return parse_magic(parser);
    case TOKEN_FUNC:
    case TOKEN_ASYNC:
        return parse_function(parser);
    case TOKEN_CHAN:
        return parse_chan(parser, parser->current->span.start);
    case TOKEN_THROW:
        return parse_word_expression(parser, NODE_THROW);
    case TOKEN_GO:
        if (parse_starts_operand(parser_peek(parser, 1)) && !parser->current[1].newline_before) {
            return parse_word_expression(parser, NODE_GO);
        }
        return parse_name(parser);
    case TOKEN_IMPORT:
        if (parser_peek(parser, 1) == TOKEN_LEFT_PAREN) {
            return parse_import_call(parser);
        }
        break;
    default:
        break;
    }
    Node *control = parse_control(parser);
    if (control) {
        return control;
    }
    if (token_is_name(kind)) {
        return parse_name(parser);
    }
    parser_expected(parser, word_hint(parser, kind), "an expression");
    return parser_nothing(parser);
}
