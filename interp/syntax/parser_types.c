/*
 * parser_types.c -- types as they are written.
 *
 *   type    = postfix { "|" postfix }
 *   postfix = simple [ "?" ]                        T? is T | nil
 *   simple  = name | "[]" type | "[" n "]" type | "{" type ":" type "}" | "*" type | "chan" [ type ]
 *           | "func" "(" types ")" [ [":"] type ] | "(" types ")"
 */
#include "parser_internal.h"

#include <string.h>

static TypeNode *parse_postfix_type(Parser *parser);

static TypeNode *new_type(Parser *parser, TypeKind kind, uint32_t start) {
    TypeNode *type = arena_alloc(parser->arena, sizeof *type);
    type->kind = kind;
    type->span = (Span){start, start};
    type->length = -1;
    return type;
}

static TypeNode *finish_type(Parser *parser, TypeNode *type) {
    type->span.end = parser->previous->span.end;
    return type;
}

static void add_item(Parser *parser, TypeNode *type, int *capacity, TypeNode *item) {
    ARENA_PUSH(parser->arena, type->items, type->count, *capacity, item);
}

static TypeNode *named_type(Parser *parser, const char *name, Span span) {
    TypeNode *type = new_type(parser, TYPE_NAME, span.start);
    type->name = ast_name(name, span);
    type->span = span;
    return type;
}

/* A name, perhaps with a package before it: `geometry.Point`. */
static TypeNode *parse_type_name(Parser *parser) {
    Name name = parser_take_word(parser);
    while (parser_at(parser, TOKEN_DOT) && token_is_name(parser_peek(parser, 1))) {
        parser_advance(parser);
        Name member = parser_take_word(parser);
        size_t length = strlen(name.text), member_length = strlen(member.text);
        char *text = arena_alloc(parser->arena, length + 1 + member_length + 1);
        memcpy(text, name.text, length);
        text[length] = '.';
        memcpy(text + length + 1, member.text, member_length);
        name = ast_name(text, (Span){name.span.start, member.span.end});
    }
    return named_type(parser, name.text, name.span);
}

static bool starts_type(const Parser *parser) {
    switch (parser_kind(parser)) {
    case TOKEN_LEFT_BRACKET:
    case TOKEN_LEFT_PAREN:
    case TOKEN_STAR:
    case TOKEN_POWER:
    case TOKEN_CHAN:
    case TOKEN_FUNC:
    case TOKEN_NIL:
    case TOKEN_NULL:
        return true;
    default:
        return token_is_name(parser_kind(parser));
    }
}

static TypeNode *parse_array_type(Parser *parser) {
    TypeNode *type = new_type(parser, TYPE_ARRAY, parser->current->span.start);
    int capacity = 0;
    parser_advance(parser);
    if (parser_at(parser, TOKEN_INT) && parser->current->integer <= INT32_MAX) {
        type->length = (int64_t)parser->current->integer;
        parser_advance(parser);
    }
    parser_expect(parser, TOKEN_RIGHT_BRACKET, "in an array type, `[]T` or `[n]T`");
    add_item(parser, type, &capacity, parse_postfix_type(parser));
    return finish_type(parser, type);
}

static TypeNode *parse_dict_type(Parser *parser) {
    TypeNode *type = new_type(parser, TYPE_DICT, parser->current->span.start);
    int capacity = 0;
    parser_advance(parser);
    add_item(parser, type, &capacity, parse_type(parser));
    parser_expect(parser, TOKEN_COLON, "in a dict type, `{K: V}`");
    add_item(parser, type, &capacity, parse_type(parser));
    parser_expect(parser, TOKEN_RIGHT_BRACE, "in a dict type, `{K: V}`");
    return finish_type(parser, type);
}

/* `*T`; the token `**` is two of them. */
static TypeNode *parse_pointer_type(Parser *parser) {
    TypeNode *type = new_type(parser, TYPE_POINTER, parser->current->span.start);
    int capacity = 0;
    bool twice = parser_at(parser, TOKEN_POWER);
    parser_advance(parser);
    TypeNode *target = parse_postfix_type(parser);
    if (twice) {
        TypeNode *inner = new_type(parser, TYPE_POINTER, type->span.start + 1);
        int inner_capacity = 0;
        add_item(parser, inner, &inner_capacity, target);
        target = finish_type(parser, inner);
    }
    add_item(parser, type, &capacity, target);
    return finish_type(parser, type);
}

/* `chan T`; a bare `chan` carries anything. */
static TypeNode *parse_chan_type(Parser *parser) {
    TypeNode *type = new_type(parser, TYPE_CHAN, parser->current->span.start);
    int capacity = 0;
    parser_advance(parser);
    bool dict = parser_at(parser, TOKEN_LEFT_BRACE) && parser->context.struct_literals;
    TypeNode *item = (dict || starts_type(parser)) && parser_same_line(parser)
                         ? parse_postfix_type(parser)
                         : named_type(parser, "any", parser->previous->span);
    add_item(parser, type, &capacity, item);
    return finish_type(parser, type);
}

/* The types in parentheses, from `(` on; names of parameters may stand before them and say nothing. */
static void parse_type_list(Parser *parser, TypeNode *type) {
    const Token *opener = parser->current;
    int capacity = 0;
    parser_expect(parser, TOKEN_LEFT_PAREN, "before the types");
    while (!parser_at(parser, TOKEN_RIGHT_PAREN) && !parser->panic) {
        if (token_is_name(parser_kind(parser)) && parser_peek(parser, 1) == TOKEN_COLON) {
            parser_advance(parser);
            parser_advance(parser);
        }
        add_item(parser, type, &capacity, parse_type(parser));
        if (!parser_accept(parser, TOKEN_COMMA)) {
            break;
        }
    }
    parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "to close the types");
}

static TypeNode *parse_function_type(Parser *parser) {
    TypeNode *type = new_type(parser, TYPE_FUNCTION, parser->current->span.start);
    parser_advance(parser);
    parse_type_list(parser, type);
    if (parser_accept(parser, TOKEN_COLON) || (starts_type(parser) && parser_same_line(parser))) {
        type->result = parse_postfix_type(parser);
    }
    return finish_type(parser, type);
}

/* `(T1, T2)`; with one type, the parentheses only group. */
static TypeNode *parse_tuple_type(Parser *parser) {
    TypeNode *type = new_type(parser, TYPE_TUPLE, parser->current->span.start);
    parse_type_list(parser, type);
    return type->count == 1 ? type->items[0] : finish_type(parser, type);
}

static TypeNode *parse_simple_type(Parser *parser) {
    switch (parser_kind(parser)) {
    case TOKEN_LEFT_BRACKET:
        return parse_array_type(parser);
    case TOKEN_LEFT_BRACE:
        return parse_dict_type(parser);
    case TOKEN_STAR:
    case TOKEN_POWER:
        return parse_pointer_type(parser);
    case TOKEN_CHAN:
        return parse_chan_type(parser);
    case TOKEN_FUNC:
        return parse_function_type(parser);
    case TOKEN_LEFT_PAREN:
        return parse_tuple_type(parser);
    default:
        if (starts_type(parser)) {
            return parse_type_name(parser);
        }
        parser_expected(parser, NULL, "a type");
        return new_type(parser, TYPE_NAME, parser->current->span.start);
    }
}

static TypeNode *parse_optional(Parser *parser, TypeNode *type) {
    TypeNode *either = new_type(parser, TYPE_UNION, type->span.start);
    int capacity = 0;
    parser_advance(parser);
    add_item(parser, either, &capacity, type);
    add_item(parser, either, &capacity, named_type(parser, "nil", parser->previous->span));
    return finish_type(parser, either);
}

static TypeNode *parse_postfix_type(Parser *parser) {
    if (parser->panic) {
        return new_type(parser, TYPE_NAME, parser->current->span.start);
    }
    TypeNode *type = parser_descend(parser) ? parse_simple_type(parser)
                                            : new_type(parser, TYPE_NAME, parser->current->span.start);
    if (!parser->panic && parser_at(parser, TOKEN_QUESTION)) {
        type = parse_optional(parser, type);
    }
    parser_ascend(parser);
    return type;
}

TypeNode *parse_type(Parser *parser) {
    TypeNode *type = parse_postfix_type(parser);
    if (parser->panic || !parser_at(parser, TOKEN_BAR)) {
        return type;
    }
    TypeNode *all = new_type(parser, TYPE_UNION, type->span.start);
    int capacity = 0;
    add_item(parser, all, &capacity, type);
    while (!parser->panic && parser_accept(parser, TOKEN_BAR)) {
        add_item(parser, all, &capacity, parse_postfix_type(parser));
    }
    return finish_type(parser, all);
}

TypeNode *parse_type_if(Parser *parser, bool (*accept)(const Parser *parser)) {
    Parser before = *parser;
    parser->quiet = true;
    TypeNode *type = parse_type(parser);
    if (parser->panic || !accept(parser)) {
        *parser = before;
        return NULL;
    }
    parser->quiet = before.quiet;
    return type;
}
