/*
 * parser_expressions.c -- operators, from assignment down to calls and members.
 *
 * Binary operators are parsed by precedence climbing: one loop and one table instead of a function a level. The table
 * is the precedence table of the language; levels count from the loosest.
 */
#include "parser_internal.h"

enum { LEVEL_NONE, LEVEL_COALESCE, LEVEL_OR, LEVEL_AND, LEVEL_EQUALITY, LEVEL_COMPARISON, LEVEL_RANGE, LEVEL_SUM,
       LEVEL_PRODUCT, LEVEL_REMAINDER, LEVEL_POWER, LEVEL_PREFIX };

typedef struct {
    uint8_t level;
    uint8_t op;   /* Operator */
    uint8_t kind; /* NodeKind */
} BinaryRule;

static const BinaryRule binary_rules[TOKEN_COUNT] = {
    [TOKEN_COALESCE] = {LEVEL_COALESCE, OP_COALESCE, NODE_LOGICAL},
    [TOKEN_OR] = {LEVEL_OR, OP_OR, NODE_LOGICAL},
    [TOKEN_AND] = {LEVEL_AND, OP_AND, NODE_LOGICAL},
    [TOKEN_EQUAL] = {LEVEL_EQUALITY, OP_EQ, NODE_BINARY},
    [TOKEN_NOT_EQUAL] = {LEVEL_EQUALITY, OP_NE, NODE_BINARY},
    [TOKEN_AS] = {LEVEL_EQUALITY, OP_NONE, NODE_CAST},
    [TOKEN_IS] = {LEVEL_EQUALITY, OP_NONE, NODE_TYPE_TEST},
    [TOKEN_LESS] = {LEVEL_COMPARISON, OP_LT, NODE_BINARY},
    [TOKEN_LESS_EQUAL] = {LEVEL_COMPARISON, OP_LE, NODE_BINARY},
    [TOKEN_GREATER] = {LEVEL_COMPARISON, OP_GT, NODE_BINARY},
    [TOKEN_GREATER_EQUAL] = {LEVEL_COMPARISON, OP_GE, NODE_BINARY},
    [TOKEN_IN] = {LEVEL_COMPARISON, OP_IN, NODE_BINARY},
    [TOKEN_DOT_DOT] = {LEVEL_RANGE, OP_RANGE, NODE_BINARY},
    [TOKEN_PLUS] = {LEVEL_SUM, OP_ADD, NODE_BINARY},
    [TOKEN_MINUS] = {LEVEL_SUM, OP_SUB, NODE_BINARY},
    [TOKEN_STAR] = {LEVEL_PRODUCT, OP_MUL, NODE_BINARY},
    [TOKEN_SLASH] = {LEVEL_PRODUCT, OP_DIV, NODE_BINARY},
    [TOKEN_PERCENT] = {LEVEL_REMAINDER, OP_MOD, NODE_BINARY},
    [TOKEN_POWER] = {LEVEL_POWER, OP_POW, NODE_BINARY},
};

typedef struct {
    bool assigns;
    uint8_t op; /* Operator; OP_NONE for a plain = */
} AssignRule;

static const AssignRule assign_rules[TOKEN_COUNT] = {
    [TOKEN_ASSIGN] = {true, OP_NONE},           [TOKEN_PLUS_ASSIGN] = {true, OP_ADD},
    [TOKEN_MINUS_ASSIGN] = {true, OP_SUB},      [TOKEN_STAR_ASSIGN] = {true, OP_MUL},
    [TOKEN_SLASH_ASSIGN] = {true, OP_DIV},      [TOKEN_PERCENT_ASSIGN] = {true, OP_MOD},
    [TOKEN_POWER_ASSIGN] = {true, OP_POW},      [TOKEN_COALESCE_ASSIGN] = {true, OP_COALESCE},
};

/*
 * Newlines. An expression that is complete ends at a newline, unless the next line begins with something that can
 * only continue it. These tokens can do both, so they begin a new statement. In ( and [ newlines are blanks.
 */
bool parse_may_continue(TokenKind kind) {
    switch (kind) {
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_PLUS:
    case TOKEN_MINUS:
    case TOKEN_STAR:
    case TOKEN_POWER:
    case TOKEN_AMPERSAND:
        return true;
    default:
        return false;
    }
}

static bool newline_ends_before(const Parser *parser) {
    return !parser_same_line(parser) && parser->context.newlines && parse_may_continue(parser_kind(parser));
}

/* ---- calls, members, elements ---- */

/* `name = value`, `name: value` or `value`. */
static Argument parse_argument(Parser *parser) {
    Argument argument = {0};
    TokenKind next = parser_peek(parser, 1);
    if (token_is_word(parser_kind(parser)) && (next == TOKEN_ASSIGN || next == TOKEN_COLON)) {
        argument.name = parser_take_word(parser);
        parser_advance(parser);
    }
    argument.value = parse_expression(parser);
    return argument;
}

static void parse_arguments(Parser *parser, Node *call) {
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, false, true);
    parser_advance(parser);
    int capacity = 0;
    while (!parser_at(parser, TOKEN_RIGHT_PAREN) && !parser->panic) {
        Argument argument = parse_argument(parser);
        ARENA_PUSH(parser->arena, call->call.arguments, call->call.count, capacity, argument);
        if (!parser_accept(parser, TOKEN_COMMA)) {
            break;
        }
    }
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_PAREN, opener, "to close the call");
}

static Node *parse_call(Parser *parser, Node *callee) {
    Node *call = parser_node(parser, NODE_CALL, callee->span.start);
    call->at = callee->at;
    call->call.callee = callee;
    parse_arguments(parser, call);
    return call;
}

/* `object[index]` or `object[from:to]`. */
static Node *parse_element(Parser *parser, Node *object) {
    const Token *opener = parser->current;
    Context outer = parser_enter(parser, false, true);
    parser_advance(parser);
    Node *from = parser_at(parser, TOKEN_COLON) ? NULL : parse_expression(parser), *node;
    if (parser_accept(parser, TOKEN_COLON)) {
        node = parser_node(parser, NODE_SLICE, object->span.start);
        node->slice.object = object;
        node->slice.from = from;
        node->slice.to = parser_at(parser, TOKEN_RIGHT_BRACKET) ? NULL : parse_expression(parser);
    } else {
        node = parser_node(parser, NODE_INDEX, object->span.start);
        node->index.object = object;
        node->index.index = from;
    }
    node->at = opener->span.start;
    parser_restore(parser, outer);
    parser_expect_closing(parser, TOKEN_RIGHT_BRACKET, opener, "to close the index");
    return node;
}

static Node *parse_member(Parser *parser, Node *object) {
    Node *node = parser_node(parser, NODE_MEMBER, object->span.start);
    parser_advance(parser);
    node->at = parser->current->span.start;
    node->member.object = object;
    if (token_is_word(parser_kind(parser))) {
        node->member.name = parser_take_word(parser);
    } else {
        parser_expected(parser, NULL, "a member's name after `.`");
    }
    return node;
}

static bool is_target(const Node *node) {
    return node->kind == NODE_NAME || node->kind == NODE_INDEX || node->kind == NODE_MEMBER ||
           node->kind == NODE_DEREFERENCE;
}

/* ++ and --, before or after their target. */
static Node *make_step(Parser *parser, Node *target, const Token *operator, bool prefix) {
    Node *node = parser_node(parser, NODE_STEP, prefix ? operator->span.start : target->span.start);
    node->at = operator->span.start;
    node->step.target = target;
    node->step.by = operator->kind == TOKEN_INCREMENT ? 1 : -1;
    node->step.prefix = prefix;
    if (!is_target(target)) {
        parser_error(parser, operator->span, NULL, "`%s` needs a variable, an element or a field",
                     token_text[operator->kind]);
    }
    return node;
}

static Node *parse_postfix(Parser *parser, Node *left) {
    int length = parser->chain;
    while (!parser->panic && !newline_ends_before(parser)) {
        switch (parser_kind(parser)) {
        case TOKEN_LEFT_PAREN:
            left = parse_call(parser, left);
            break;
        case TOKEN_LEFT_BRACKET:
            left = parse_element(parser, left);
            break;
        case TOKEN_DOT:
            left = parse_member(parser, left);
            break;
        case TOKEN_INCREMENT:
        case TOKEN_DECREMENT:
            if (!parser_same_line(parser)) {
                return left;
            }
            parser_advance(parser);
            left = make_step(parser, left, parser->previous, false);
            break;
        default:
            return left;
        }
        parser_finish(parser, left);
        length = parser->chain > length ? parser->chain : length;
        parser_extend_chain(parser, &length);
        parser->chain = length;
    }
    return left;
}

/* ---- prefix operators ---- */

static Node *parse_unary(Parser *parser);
static Node *parse_operator(Parser *parser, Node *left, int level);

static Node *parse_level(Parser *parser, int level) {
    return parse_operator(parser, parse_unary(parser), level);
}

/* An expression inside of another, one level deeper. */
static Node *parse_operand(Parser *parser, int level) {
    if (parser->panic) {
        return parser_nothing(parser);
    }
    Node *node = parser_descend(parser) ? parse_level(parser, level) : parser_nothing(parser);
    parser_ascend(parser);
    return node;
}

/* The one number that exists only with its minus: -9223372036854775808. */
static Node *parse_smallest_integer(Parser *parser) {
    Node *node = parser_node(parser, NODE_INT_LITERAL, parser->current->span.start);
    node->integer = INT64_MIN;
    parser_advance(parser);
    parser_advance(parser);
    return parser_finish(parser, node);
}

static bool at_smallest_integer(const Parser *parser) {
    const Token *number = parser->current + 1;
    if (!parser_at(parser, TOKEN_MINUS) || number->kind != TOKEN_INT || number->integer <= INT64_MAX) {
        return false;
    }
    switch (number[1].kind) { /* these would take the number before the minus does */
    case TOKEN_POWER:
    case TOKEN_DOT:
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
        return number[1].newline_before;
    default:
        return true;
    }
}

static Node *parse_prefix(Parser *parser, NodeKind kind, Operator op) {
    Node *node = parser_node(parser, kind, parser->current->span.start);
    parser_advance(parser);
    if (kind == NODE_UNARY) {
        node->operator = op;
        /* ** binds tighter than a sign to its left: -2 ** 2 is -(2 ** 2) */
        node->child = parse_operand(parser, op == OP_NOT ? LEVEL_PREFIX : LEVEL_POWER);
    } else {
        node->child = parse_operand(parser, LEVEL_PREFIX);
    }
    return parser_finish(parser, node);
}

/* `**p` is one token, but two dereferences. */
static Node *parse_double_dereference(Parser *parser) {
    Node *outer = parser_node(parser, NODE_DEREFERENCE, parser->current->span.start);
    Node *inner = parser_node(parser, NODE_DEREFERENCE, parser->current->span.start + 1);
    parser_advance(parser);
    outer->child = inner;
    inner->child = parse_operand(parser, LEVEL_PREFIX);
    parser_finish(parser, inner);
    return parser_finish(parser, outer);
}

static Node *parse_prefix_step(Parser *parser) {
    parser_advance(parser);
    const Token *operator = parser->previous;
    Node *target = parse_operand(parser, LEVEL_PREFIX);
    return parser_finish(parser, make_step(parser, target, operator, true));
}

static Node *parse_unary(Parser *parser) {
    if (parser->panic) {
        return parser_nothing(parser);
    }
    switch (parser_kind(parser)) {
    case TOKEN_NOT:
        return parse_prefix(parser, NODE_UNARY, OP_NOT);
    case TOKEN_MINUS:
        return at_smallest_integer(parser) ? parse_smallest_integer(parser)
                                           : parse_prefix(parser, NODE_UNARY, OP_NEGATE);
    case TOKEN_PLUS:
        return parse_prefix(parser, NODE_UNARY, OP_PLUS);
    case TOKEN_AMPERSAND:
        return parse_prefix(parser, NODE_ADDRESS, OP_NONE);
    case TOKEN_STAR:
        return parse_prefix(parser, NODE_DEREFERENCE, OP_NONE);
    case TOKEN_AWAIT:
        return parse_prefix(parser, NODE_AWAIT, OP_NONE);
    case TOKEN_POWER:
        return parse_double_dereference(parser);
    case TOKEN_INCREMENT:
    case TOKEN_DECREMENT:
        return parse_prefix_step(parser);
    default:
        return parse_postfix(parser, parse_primary(parser));
    }
}

/* ---- binary operators ---- */

/* Goes on after [left] with the operators of [level] and tighter ones. */
static Node *parse_operator(Parser *parser, Node *left, int level) {
    int length = parser->chain;
    for (;;) {
        const Token *operator = parser->current;
        const BinaryRule *rule = &binary_rules[operator->kind];
        if (parser->panic || rule->level == LEVEL_NONE || rule->level < level || newline_ends_before(parser)) {
            return left;
        }
        Node *node = parser_node(parser, rule->kind, left->span.start);
        node->at = operator->span.start;
        parser_advance(parser);
        parser->chain = 0;
        if (rule->kind == NODE_CAST || rule->kind == NODE_TYPE_TEST) {
            node->typed.value = left;
            node->typed.type = parse_type(parser);
        } else {
            node->operator = rule->op;
            node->binary.left = left;
            /* ** is the one that groups from the right */
            node->binary.right = rule->level == LEVEL_POWER ? parse_operand(parser, LEVEL_POWER)
                                                            : parse_level(parser, rule->level + 1);
        }
        left = parser_finish(parser, node);
        length = parser->chain > length ? parser->chain : length;
        parser_extend_chain(parser, &length);
        parser->chain = length;
    }
}

Node *parse_operation(Parser *parser) {
    int outer_chain = parser->chain;
    parser->chain = 0;
    Node *node = parse_operand(parser, LEVEL_COALESCE);
    parser->chain = parser->chain > outer_chain ? parser->chain : outer_chain;
    return node;
}

bool parse_continues(const Parser *parser) {
    TokenKind kind = parser_kind(parser);
    return !parse_may_continue(kind) && (kind == TOKEN_DOT || binary_rules[kind].level != LEVEL_NONE);
}

/* ---- assignment ---- */

static Node *parse_assignment(Parser *parser, Node *target) {
    const Token *operator = parser->current;
    if (!is_target(target)) {
        const char *hint = operator->kind == TOKEN_ASSIGN ? "did you mean `==`?" : NULL;
        if (target->kind == NODE_SLICE) {
            hint = "assign its elements one by one, or build a new array";
        }
        parser_error(parser, target->span, hint, "this cannot be assigned to");
        return target;
    }
    Node *node = parser_node(parser, NODE_ASSIGN, target->span.start);
    node->at = operator->span.start;
    node->operator = assign_rules[operator->kind].op;
    node->assign.target = target;
    parser_advance(parser);
    node->assign.value = parser_descend(parser) ? parse_expression(parser) : parser_nothing(parser);
    parser_ascend(parser);
    return parser_finish(parser, node);
}

static Node *parse_any(Parser *parser, Node *left) {
    bool assigns = !parser->panic && assign_rules[parser_kind(parser)].assigns;
    return assigns ? parse_assignment(parser, left) : left;
}

Node *parse_rest(Parser *parser, Node *left) {
    left = parse_operator(parser, parse_postfix(parser, left), LEVEL_COALESCE);
    return parse_any(parser, left);
}

Node *parse_expression(Parser *parser) {
    return parse_any(parser, parse_operation(parser));
}
