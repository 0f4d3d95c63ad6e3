/*
 * parser_statements.c -- what a statement begins with, and the declarations.
 */
#include "parser_internal.h"

/* ---- declarations ---- */

static Node *parse_let(Parser *parser) {
    Node *node = parser_node(parser, NODE_LET, parser->current->span.start);
    node->let.is_const = parser_at(parser, TOKEN_CONST);
    parser_advance(parser);
    const Token *name = parser->current;
    node->at = name->span.start;
    node->let.name = parser_name(parser, node->let.is_const ? "a constant" : "a variable");
    parser_declares(parser, name);
    if (parser_accept(parser, TOKEN_COLON)) {
        if (parser_at(parser, TOKEN_ASSIGN)) {
            parser_expected(parser, "declarations are written `let name = value`, without `:`", "a type");
        }
        node->let.type = parse_type(parser);
    }
    if (!parser->panic && parser_accept(parser, TOKEN_ASSIGN)) {
        node->let.value = parse_expression(parser);
    } else if (!parser->panic && parser_at(parser, TOKEN_COMMA)) {
        parser_expected(parser, "declare one variable at a time", "`=` and a value");
    } else if (node->let.is_const || !node->let.type) {
        parser_error(parser, name->span, parser_format(parser, "give it a value: `%s %.40s = …`",
                     node->let.is_const ? "const" : "let", node->let.name.text),
                     node->let.is_const ? "a constant needs a value"
                                        : "a variable needs a type or a value");
    }
    return parser_finish(parser, node);
}

static Node *parse_function_declaration(Parser *parser) {
    parser_declares(parser, parser->current + (parser_at(parser, TOKEN_ASYNC) ? 2 : 1));
    Node *node = parse_function(parser);
    node->function.declares = true;
    return node;
}

/* `type Name = T`; `type` is an ordinary name otherwise. */
static Node *parse_alias(Parser *parser) {
    Node *node = parser_node(parser, NODE_TYPE_ALIAS, parser->current->span.start);
    parser_advance(parser);
    node->at = parser->current->span.start;
    node->alias.name = parser_take_word(parser);
    parser_advance(parser);
    node->alias.type = parse_type(parser);
    return parser_finish(parser, node);
}

static Node *parse_package(Parser *parser) {
    Node *node = parser_node(parser, NODE_PACKAGE, parser->current->span.start);
    parser_advance(parser);
    node->at = parser->current->span.start;
    node->package.name = parser_name(parser, "a package");
    node->package.body = parse_block(parser, "to open the package");
    return parser_finish(parser, node);
}

/* A module's name, as a word or as a string. */
static Name parse_module_name(Parser *parser) {
    if (parser_at(parser, TOKEN_STRING) || parser_at(parser, TOKEN_RAW_STRING)) {
        Node *string = parse_string(parser);
        return ast_name(string->string.text, string->span);
    }
    const Token *token = parser->current;
    Name name = parser_name(parser, "a module");
    parser_declares(parser, token);
    return name;
}

/* `import a, "b" as c`. */
static Node *parse_import(Parser *parser) {
    Node *node = parser_node(parser, NODE_IMPORT, parser->current->span.start);
    int name_capacity = 0, alias_capacity = 0, alias_count = 0;
    parser_advance(parser);
    do {
        Name name = parse_module_name(parser), alias = {0};
        if (!parser->panic && parser_accept(parser, TOKEN_AS)) {
            parser_declares(parser, parser->current);
            alias = parser_name(parser, "a module");
        }
        ARENA_PUSH(parser->arena, node->import.names, node->import.count, name_capacity, name);
        ARENA_PUSH(parser->arena, node->import.aliases, alias_count, alias_capacity, alias);
    } while (!parser->panic && parser_accept(parser, TOKEN_COMMA));
    return parser_finish(parser, node);
}

static Node *parse_include(Parser *parser) {
    Node *node = parser_node(parser, NODE_INCLUDE, parser->current->span.start);
    parser_advance(parser);
    node->at = parser->current->span.start;
    if (parser_at(parser, TOKEN_STRING) || parser_at(parser, TOKEN_RAW_STRING)) {
        Node *path = parse_string(parser);
        node->include.path = path->string.text;
        node->include.length = path->string.length;
    } else {
        parser_expected(parser, NULL, "the path of a file, as a string");
    }
    return parser_finish(parser, node);
}

/* ---- jumps ---- */

static bool at_statement_end(const Parser *parser) {
    TokenKind kind = parser_kind(parser);
    return !parser_same_line(parser) || kind == TOKEN_SEMICOLON || kind == TOKEN_RIGHT_BRACE || kind == TOKEN_END ||
           kind == TOKEN_COMMA;
}

static Node *parse_return(Parser *parser) {
    Node *node = parser_node(parser, NODE_RETURN, parser->current->span.start);
    parser_advance(parser);
    if (!at_statement_end(parser)) {
        node->child = parse_expression(parser);
    }
    return parser_finish(parser, node);
}

static Node *parse_jump(Parser *parser, NodeKind kind) {
    Node *node = parser_node(parser, kind, parser->current->span.start);
    parser_advance(parser);
    return parser_finish(parser, node);
}

static Node *parse_defer(Parser *parser) {
    Node *node = parser_node(parser, NODE_DEFER, parser->current->span.start);
    parser_advance(parser);
    node->child = parse_expression(parser);
    if (node->child->kind != NODE_CALL) {
        parser_error(parser, node->child->span, "wrap it: `defer func() { … }()`", "`defer` needs a call");
    }
    return parser_finish(parser, node);
}

/* ---- declaratives ---- */

/*
 * `info x` is a statement only if an operand follows on the line; otherwise the word is a name. `info(x)` could be
 * both: it is a statement, unless the program declared that name before or the parentheses hold no single value.
 */
static bool at_declarative(const Parser *parser) {
    const Token *word = parser->current, *next = word + 1;
    if (next->newline_before) {
        return false;
    }
    if (next->kind == TOKEN_LEFT_BRACKET) {
        return next->span.start > word->span.end; /* `log [1]` shows an array, `log[1]` is an element */
    }
    if (next->kind != TOKEN_LEFT_PAREN) {
        return parse_starts_operand(next->kind);
    }
    if (parser->own_words >> (word->kind - TOKEN_INFO) & 1 || next[1].kind == TOKEN_RIGHT_PAREN) {
        return false;
    }
    const Token *closing = parser_find_closing(parser, next);
    int open = 0;
    for (const Token *token = next; token < closing; token++) {
        bool opens = token->kind == TOKEN_LEFT_PAREN || token->kind == TOKEN_LEFT_BRACKET ||
                     token->kind == TOKEN_LEFT_BRACE;
        bool closes = token->kind == TOKEN_RIGHT_PAREN || token->kind == TOKEN_RIGHT_BRACKET ||
                      token->kind == TOKEN_RIGHT_BRACE;
        open += opens - closes;
        if (open == 1 && (token->kind == TOKEN_COMMA || token->kind == TOKEN_ASSIGN)) {
            return false;
        }
    }
    return true;
}

/* `::info x` is no call, so it can only be meant as a statement. */
static bool at_prefixed_declarative(const Parser *parser) {
    const Token *word = parser->current + 1;
    return parser_at(parser, TOKEN_COLON_COLON) && token_is_declarative(word->kind) && !word[1].newline_before &&
           word[1].kind != TOKEN_LEFT_PAREN && parse_starts_operand(word[1].kind);
}

static Node *parse_declarative(Parser *parser) {
    Node *node = parser_node(parser, NODE_DECLARATIVE, parser->current->span.start);
    node->declarative.word = token_text[parser_kind(parser)];
    parser_advance(parser);
    node->declarative.value = parse_expression(parser);
    return parser_finish(parser, node);
}

/* ---- statements ---- */

/* `repeat` counts if an operand follows on the line; `repeat(x)` is a call only if it ends there or is used further. */
static bool at_repeat(const Parser *parser) {
    const Token *next = parser->current + 1;
    if (next->newline_before) {
        return false;
    }
    if (next->kind != TOKEN_LEFT_PAREN) {
        return parse_starts_operand(next->kind) || next->kind == TOKEN_MINUS;
    }
    const Token *after = parser_find_closing(parser, next) + 1;
    switch (after->kind) {
    case TOKEN_DOT:
    case TOKEN_COMMA:
    case TOKEN_ASSIGN:
    case TOKEN_SEMICOLON:
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACE:
        return false;
    default:
        return !after->newline_before || after->kind == TOKEN_LEFT_BRACE;
    }
}

/* A word that can only stand inside of something else. */
static const char *misplaced(TokenKind kind) {
    switch (kind) {
    case TOKEN_ELSE:
        return "`else` without an `if` before it";
    case TOKEN_CASE:
        return "`case` stands only in `switch` and `select`";
    case TOKEN_DEFAULT:
        return "`default` stands only in `switch` and `select`";
    case TOKEN_IN:
        return "`in` stands only between a value and a collection";
    case TOKEN_ARROW:
        return "`=>` stands only in `match`";
    default:
        return NULL;
    }
}

static bool starts_expression(TokenKind kind) {
    switch (kind) {
    case TOKEN_LEFT_BRACKET:
    case TOKEN_MINUS:
    case TOKEN_PLUS:
    case TOKEN_STAR:
    case TOKEN_POWER:
    case TOKEN_AMPERSAND:
    case TOKEN_INCREMENT:
    case TOKEN_DECREMENT:
    case TOKEN_IMPORT:
    case TOKEN_THROW:
    case TOKEN_WHILE:
    case TOKEN_FOR:
        return true;
    default:
        return parse_starts_operand(kind);
    }
}

static Node *parse_expression_statement(Parser *parser) {
    TokenKind kind = parser_kind(parser);
    if (starts_expression(kind) || kind == TOKEN_ERROR || kind == TOKEN_END) {
        return parse_expression(parser);
    }
    const char *message = misplaced(kind);
    if (message) {
        bool after_semicolon = kind == TOKEN_ELSE && parser->previous->kind == TOKEN_SEMICOLON;
        const char *hint = after_semicolon ? "the `;` before it ends the `if`: leave it out" : NULL;
        parser_error(parser, parser->current->span, hint, "%s", message);
    } else {
        parser_error(parser, parser->current->span, NULL, "a statement cannot begin with `%s`", token_text[kind]);
    }
    return parser_nothing(parser);
}

/* Statements in braces end with them, unless an operator follows that can only continue them: `match x {…} ?? 0`. */
static Node *continue_control(Parser *parser, Node *node) {
    return !parser->panic && parse_continues(parser) ? parse_rest(parser, node) : node;
}

Node *parse_statement(Parser *parser) {
    if (at_prefixed_declarative(parser)) {
        parser_advance(parser);
    }
    TokenKind kind = parser_kind(parser), next = parser_peek(parser, 1);
    switch (kind) {
    case TOKEN_LET:
    case TOKEN_CONST:
        return parse_let(parser);
    case TOKEN_RETURN:
        return parse_return(parser);
    case TOKEN_BREAK:
        return parse_jump(parser, NODE_BREAK);
    case TOKEN_CONTINUE:
        return parse_jump(parser, NODE_CONTINUE);
    case TOKEN_STRUCT:
        return parse_struct(parser);
    case TOKEN_ENUM:
        return parse_enum(parser);
    case TOKEN_PACKAGE:
        return parse_package(parser);
    case TOKEN_INCLUDE:
        return parse_include(parser);
    case TOKEN_DEFER:
        return parse_defer(parser);
    case TOKEN_IMPORT:
        return next == TOKEN_LEFT_PAREN ? parse_expression(parser) : parse_import(parser);
    case TOKEN_FUNC:
        return next == TOKEN_LEFT_PAREN ? parse_expression(parser) : parse_function_declaration(parser);
    case TOKEN_ASYNC:
        return next == TOKEN_FUNC && parser_peek(parser, 2) == TOKEN_LEFT_PAREN ? parse_expression(parser)
                                                                                 : parse_function_declaration(parser);
    case TOKEN_LEFT_BRACE:
        return parse_at_dict(parser) ? parse_expression(parser) : parse_block(parser, "to open the block");
    case TOKEN_REPEAT:
        return at_repeat(parser) ? continue_control(parser, parse_repeat(parser)) : parse_expression(parser);
    case TOKEN_TYPE:
        return token_is_name(next) && !parser->current[1].newline_before && parser_peek(parser, 2) == TOKEN_ASSIGN
                   ? parse_alias(parser)
                   : parse_expression(parser);
    case TOKEN_RAISE:
        return at_declarative(parser) ? parse_error_statement(parser) : parse_expression(parser);
    default:
        break;
    }
    if (token_is_declarative(kind) && at_declarative(parser)) {
        return parse_declarative(parser);
    }
    Node *control = parse_control(parser);
    return control ? continue_control(parser, control) : parse_expression_statement(parser);
}
