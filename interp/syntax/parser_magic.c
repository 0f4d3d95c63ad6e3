/*
 * parser_magic.c -- the special lines of a notebook cell as calls.
 */
#include "parser_internal.h"

#include <string.h>

#include "magic_lines.h"

/* A part of the source as a string literal. */
static Node *text_node(Parser *parser, Span span) {
    Node *node = parser_node(parser, NODE_STRING_LITERAL, span.start);
    node->span = span;
    node->string.length = span.end - span.start;
    node->string.text = arena_strndup(parser->arena, parser->source->text + span.start, node->string.length);
    return node;
}

static Node *number_node(Parser *parser, uint32_t number, uint32_t at) {
    Node *node = parser_node(parser, NODE_INT_LITERAL, at);
    node->integer = number;
    return node;
}

/*
 * A magic is a call of the library: `%name rest` means `::__magic("name", "rest", place)`, and a cell magic
 * `::__cell_magic("name", "rest", place, "body", place)`. The places, bytes in the source, are for magics that run what
 * they are given as code.
 */
Node *parse_magic(Parser *parser) {
    const MagicLine *magic = parser->current->magic;
    uint32_t start = parser->current->span.start;
    Node *callee = parser_node(parser, NODE_BUILTIN_NAME, start), *name = parser_node(parser, NODE_STRING_LITERAL, start);
    const char *function = magic->is_cell ? "__cell_magic" : "__magic";
    callee->name = ast_name(function, (Span){start, start});
    name->string.text = magic->name;
    name->string.length = (uint32_t)strlen(magic->name);
    Node *values[] = {name, text_node(parser, magic->rest), number_node(parser, magic->rest.start, start),
                      text_node(parser, magic->body), number_node(parser, magic->body.start, start)};
    Node *call = parser_node(parser, NODE_CALL, start);
    call->call.callee = callee;
    call->call.count = magic->is_cell ? 5 : 3;
    call->call.arguments = arena_alloc(parser->arena, sizeof(Argument) * (size_t)call->call.count);
    for (int i = 0; i < call->call.count; i++) {
        call->call.arguments[i].value = values[i];
    }
    parser_advance(parser);
    return parser_finish(parser, call);
}
