/*
 * parser_patterns.c -- match and its patterns.
 *
 *   match   = "match" expression "{" { pattern [ "if" expression ] "=>" action } "}"
 *   pattern = "_" | name | "[" { pattern "," } [ "..." [ name ] ] "]" | "{" { key ":" pattern "," } "}" | expression
 *   action  = block | statement
 *
 * A bare name binds; anything longer that begins with a name (`Color.RED`, `limit()`, `a..b`) is an expression that the
 * value is compared with.
 */
#include "parser_internal.h"

static Pattern *parse_pattern(Parser *parser);

static Pattern *new_pattern(Parser *parser, PatternKind kind) {
    Pattern *pattern = arena_alloc(parser->arena, sizeof *pattern);
    pattern->kind = kind;
    pattern->span = parser->current->span;
    return pattern;
}

/* `...rest` or `...`, the last item of an array pattern. */
static void parse_rest_pattern(Parser *parser, Pattern *pattern) {
    parser_advance(parser);
    pattern->has_rest = true;
    if (token_is_name(parser_kind(parser))) {
        pattern->name = parser_take_word(parser);
    }
    parser_accept(parser, TOKEN_COMMA);
    if (!parser_at(parser, TOKEN_RIGHT_BRACKET)) {
        parser_expected(parser, "`...` stands at the end of a pattern", "`]` after the rest of the array");
    }
}

static Pattern *parse_array_pattern(Parser *parser) {
    const Token *opener = parser->current;
    Pattern *pattern = new_pattern(parser, PATTERN_ARRAY);
    Context outer = parser_enter(parser, false, true);
    int capacity = 0;
    parser_advance(parser);
    while (!parser_at(parser, TOKEN_RIGHT_BRACKET) && !parser->panic) {
        if (parser_at(parser, TOKEN_ELLIPSIS)) {
            parse_rest_pattern(parser, pattern);
            break;
        }
        Pattern *item = parse_pattern(parser);
        ARENA_PUSH(parser->arena, pattern->items, pattern->count, capacity, item);
        if (!parser_accept(parser, TOKEN_COMMA)) {
            break;
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACKET, opener, "to close the pattern");
    return pattern;
}

static Pattern *parse_dict_pattern(Parser *parser) {
    const Token *opener = parser->current;
    Pattern *pattern = new_pattern(parser, PATTERN_DICT);
    Context outer = parser_enter(parser, true, true);
    int key_count = 0, key_capacity = 0, capacity = 0;
    parser_advance(parser);
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        Node *key = parse_operation(parser);
        ARENA_PUSH(parser->arena, pattern->keys, key_count, key_capacity, key);
        parser_expect(parser, TOKEN_COLON, "between the key and its pattern");
        Pattern *value = parse_pattern(parser);
        ARENA_PUSH(parser->arena, pattern->items, pattern->count, capacity, value);
        parser_separator(parser, "the entries of a pattern");
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the pattern");
    return pattern;
}

/* A name stands alone when what follows it ends a pattern. */
static bool at_lone_name(const Parser *parser) {
    if (!token_is_name(parser_kind(parser))) {
        return false;
    }
    switch (parser_peek(parser, 1)) {
    case TOKEN_ARROW:
    case TOKEN_IF:
    case TOKEN_COMMA:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_BRACE:
        return true;
    default:
        return parser->current[1].newline_before;
    }
}

static Pattern *parse_name_pattern(Parser *parser) {
    Span span = parser->current->span;
    bool any = span.end - span.start == 1 && parser->source->text[span.start] == '_';
    Pattern *pattern = new_pattern(parser, any ? PATTERN_ANY : PATTERN_BIND);
    const Token *name = parser->current;
    pattern->name = parser_take_word(parser);
    parser_declares(parser, name);
    return pattern;
}

static Pattern *parse_value_pattern(Parser *parser) {
    Pattern *pattern = new_pattern(parser, PATTERN_VALUE);
    Context outer = parser_enter(parser, parser->context.newlines, false);
    pattern->value = parse_operation(parser);
    parser_restore(parser, outer);
    return pattern;
}

static Pattern *parse_pattern(Parser *parser) {
    Pattern *pattern;
    bool room = !parser->panic && parser_descend(parser);
    if (!room) {
        pattern = new_pattern(parser, PATTERN_ANY);
    } else if (parser_at(parser, TOKEN_LEFT_BRACKET)) {
        pattern = parse_array_pattern(parser);
    } else if (parser_at(parser, TOKEN_LEFT_BRACE)) {
        pattern = parse_dict_pattern(parser);
    } else if (at_lone_name(parser)) {
        pattern = parse_name_pattern(parser);
    } else {
        pattern = parse_value_pattern(parser);
    }
    if (room) {
        parser_ascend(parser);
    }
    pattern->span.end = parser->previous->span.end;
    return pattern;
}

/* `return`, `break` and their like have no value; a block gives them one. */
static Node *parse_action(Parser *parser) {
    Node *statement = parser_descend(parser) ? parse_statement(parser) : parser_nothing(parser);
    parser_ascend(parser);
    if (statement->kind == NODE_BLOCK || (statement->kind < NODE_LET && statement->kind != NODE_FUNCTION) ||
        (statement->kind >= NODE_IF && statement->kind <= NODE_SELECT)) {
        return statement;
    }
    Node *block = parser_node(parser, NODE_BLOCK, statement->span.start);
    int capacity = 0;
    ARENA_PUSH(parser->arena, block->list.items, block->list.count, capacity, statement);
    return parser_finish(parser, block);
}

static MatchArm parse_arm(Parser *parser) {
    MatchArm arm = {0};
    parser_accept(parser, TOKEN_CASE); /* some write it */
    arm.pattern = parse_pattern(parser);
    if (parser_at(parser, TOKEN_BAR)) {
        parser_error(parser, parser->current->span, "write one arm for each, or a guard: `x if x in [1, 2] =>`",
                     "patterns cannot be joined with `|`");
    }
    if (parser_accept(parser, TOKEN_IF)) {
        Context outer = parser_enter(parser, true, false);
        arm.guard = parse_condition(parser);
        parser_restore(parser, outer);
    }
    if (parser_at(parser, TOKEN_COLON)) {
        parser_expected(parser, "arms are written `pattern => value`", "`=>` after the pattern");
    }
    parser_expect(parser, TOKEN_ARROW, "after the pattern");
    arm.action = parser->panic ? parser_nothing(parser) : parse_action(parser);
    return arm;
}

/* Arms need nothing between them: an action ends where no operator goes on. */
Node *parse_match(Parser *parser) {
    Node *node = parser_node(parser, NODE_MATCH, parser->current->span.start);
    parser_advance(parser);
    node->match.value = parse_header(parser);
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, true, true);
    int capacity = 0;
    parser_expect(parser, TOKEN_LEFT_BRACE, "to open the arms");
    while (!parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_END) && !parser->panic) {
        MatchArm arm = parse_arm(parser);
        ARENA_PUSH(parser->arena, node->match.arms, node->match.count, capacity, arm);
        while (parser_accept(parser, TOKEN_COMMA) || parser_accept(parser, TOKEN_SEMICOLON)) {
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACE, opener, "to close the `match`");
    return parser_finish(parser, node);
}
