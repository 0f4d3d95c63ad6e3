/*
 * format_marks.c -- what the syntax tree knows of the pieces: a walk that leaves marks on them.
 */
#include "format_internal.h"

#include "syntax/ast_walk.h"

static void mark(void *arg, Node *node);
static void mark_type(void *arg, TypeNode *type);

/* The piece where a construct's first word stands: [at] is not moved by parentheses around it. */
static int first_piece(const Format *format, const Node *node) {
    return format_piece_at(format, node->at);
}

static void set(Format *format, int piece, int marks) {
    format->pieces[piece].marks |= marks;
}

static Group *group_of(Format *format, int opener) {
    return &format->groups[format->pieces[opener].opens];
}

/* ---- items ---- */

/* A statement: the `::` that may stand before a declarative is not in its node. */
static void mark_statement(Format *format, const Node *node) {
    int piece = format_piece_at(format, node->span.start), before = format_previous(format, piece);
    bool prefixed = before >= 0 && format->pieces[before].kind == TOKEN_COLON_COLON;
    set(format, prefixed ? before : piece, MARK_ITEM);
}

/* The next item begins after the one that ends at byte [end] and the separators behind that; returns its piece. */
static int mark_item_from(Format *format, uint32_t end) {
    int piece = format_piece_from(format, end);
    while (format->pieces[piece].kind == TOKEN_COMMA || format->pieces[piece].kind == TOKEN_SEMICOLON) {
        piece = format_next(format, piece);
    }
    set(format, piece, MARK_ITEM);
    return piece;
}

/* In round and square brackets items begin behind the bracket and behind each comma. */
static void mark_list(Format *format, int opener, int marks) {
    Group *group = group_of(format, opener);
    group->kind = GROUP_LIST;
    set(format, opener, marks);
    int index = format->pieces[opener].opens;
    bool begins = true;
    for (int i = format_next(format, opener); i < group->closer; i = format_next(format, i)) {
        if (format->pieces[i].group != index) {
            continue;
        }
        if (begins) {
            set(format, i, MARK_ITEM);
        }
        begins = format->pieces[i].kind == TOKEN_COMMA;
    }
}

/* ---- bodies in braces ---- */

static Group *mark_body(Format *format, int opener, GroupKind kind, int owner) {
    Group *group = group_of(format, opener);
    group->kind = kind;
    group->padded = true;
    group->owner = owner;
    return group;
}

/* A block that belongs to [owner]; the action of a match may be one without braces. */
static void mark_block(Format *format, Node *block, int owner) {
    int opener = format_piece_at(format, block->span.start);
    bool in_braces = block->kind == NODE_BLOCK && format->pieces[opener].kind == TOKEN_LEFT_BRACE;
    if (in_braces) {
        mark_body(format, opener, GROUP_BLOCK, owner);
        for (int i = 0; i < block->list.count; i++) {
            mark_statement(format, block->list.items[i]);
        }
        ast_each_child(block, mark, format);
    } else if (block->kind == NODE_BLOCK) {
        ast_each_child(block, mark, format);
    } else {
        mark(format, block);
    }
}

/* The word before a further block of `if` or `try`, and the block: as tall as the first one. */
static void mark_branch(Format *format, int word, Node *block, int owner, int tie) {
    set(format, word, MARK_ALIGNED);
    format->pieces[word].owner = owner;
    mark_block(format, block, owner);
    group_of(format, format_piece_at(format, block->span.start))->tie = tie;
}

static void mark_if(Format *format, Node *node) {
    int owner = first_piece(format, node), tie = -1;
    for (; node && node->kind == NODE_IF; node = node->branch.otherwise) {
        int word = first_piece(format, node);
        mark(format, node->branch.condition);
        if (tie < 0) {
            tie = format->pieces[format_piece_at(format, node->branch.then->span.start)].opens;
            mark_block(format, node->branch.then, owner);
        } else {
            mark_branch(format, format_previous(format, word), node->branch.then, owner, tie);
        }
    }
    if (node) {
        int word = format_previous(format, format_piece_at(format, node->span.start));
        mark_branch(format, word, node, owner, tie);
    }
}

static void mark_try(Format *format, Node *node) {
    int owner = first_piece(format, node);
    int tie = format->pieces[format_piece_at(format, node->try_.body->span.start)].opens;
    mark_block(format, node->try_.body, owner);
    uint32_t end = node->try_.body->span.end;
    for (int i = 0; i < node->try_.catch_count; i++) {
        Node *body = node->try_.catches[i].body;
        mark_branch(format, format_piece_from(format, end), body, owner, tie);
        end = body->span.end;
    }
    if (node->try_.finally) {
        mark_branch(format, format_piece_from(format, end), node->try_.finally, owner, tie);
    }
    ast_each_type(node, mark_type, format);
}

static void mark_function(Format *format, Node *node) {
    int word = first_piece(format, node);
    int open = format_next(format, word);
    if (node->function.name.text) { /* [at] is the name */
        word = format_previous(format, word);
        if (node->function.is_async) {
            word = format_previous(format, word);
        }
    } else if (node->function.is_async) {
        open = format_next(format, open);
    }
    mark_list(format, open, MARK_TIGHT);
    for (int i = 0; i < node->function.count; i++) {
        if (node->function.parameters[i].default_value) {
            mark(format, node->function.parameters[i].default_value);
        }
    }
    ast_each_type(node, mark_type, format);
    mark_block(format, node->function.body, word);
}

static void mark_struct(Format *format, Node *node) {
    int open = format_piece_from(format, node->structure.name.span.end);
    Group *group = mark_body(format, open, GROUP_MEMBERS, format_piece_at(format, node->span.start));
    for (int i = 0; i < node->structure.field_count; i++) {
        set(format, format_piece_at(format, node->structure.fields[i].name.span.start), MARK_ITEM);
    }
    for (int i = 0; i < node->structure.methods.count; i++) {
        set(format, format_piece_at(format, node->structure.methods.items[i]->span.start), MARK_ITEM);
        group->tall = true;
    }
}

static void mark_enum(Format *format, Node *node) {
    int open = format_piece_from(format, node->enumeration.name.span.end);
    mark_body(format, open, GROUP_LIST, format_piece_at(format, node->span.start));
    for (int i = 0; i < node->enumeration.count; i++) {
        set(format, format_piece_at(format, node->enumeration.members[i].name.span.start), MARK_ITEM);
    }
}

static void mark_error_type(Format *format, Node *node) {
    int open = format_piece_from(format, node->error_type.name.span.end);
    if (format->pieces[open].kind == TOKEN_LEFT_PAREN) {
        mark_list(format, open, MARK_TIGHT);
        return;
    }
    mark_body(format, open, GROUP_LIST, format_piece_at(format, node->span.start));
    for (int i = 0; i < node->error_type.count; i++) {
        set(format, format_piece_at(format, node->error_type.fields[i].name.span.start), MARK_ITEM);
    }
}

/* ---- cases and arms ---- */

static void mark_switch(Format *format, Node *node) {
    int open = format_piece_from(format, node->switch_.value->span.end);
    mark_body(format, open, GROUP_CASES, first_piece(format, node));
    mark(format, node->switch_.value);
    uint32_t end = format->pieces[open].span.end;
    for (int i = 0; i < node->switch_.count; i++) {
        SwitchCase *item = &node->switch_.cases[i];
        int word = mark_item_from(format, end);
        for (int k = 0; k < item->values.count; k++) {
            mark(format, item->values.items[k]);
        }
        if (item->guard) {
            mark(format, item->guard);
        }
        mark_block(format, item->body, word);
        end = item->body->span.end;
    }
}

/* The call that a case of `select` is has no node. */
static void mark_operation(Format *format, const SelectCase *item) {
    int piece = format_piece_at(format, item->at);
    while (!token_is_word(format->pieces[piece].kind)) {
        piece = format_next(format, piece);
    }
    mark_list(format, format_next(format, piece), MARK_TIGHT);
}

static void mark_select(Format *format, Node *node) {
    int open = format_next(format, first_piece(format, node));
    mark_body(format, open, GROUP_CASES, first_piece(format, node));
    uint32_t end = format->pieces[open].span.end;
    for (int i = 0; i < node->select.count; i++) {
        SelectCase *item = &node->select.cases[i];
        int word = mark_item_from(format, end);
        if (item->kind != SELECT_DEFAULT) {
            mark_operation(format, item);
        }
        if (item->channel) {
            mark(format, item->channel);
        }
        if (item->value) {
            mark(format, item->value);
        }
        mark_block(format, item->body, word);
        end = item->body->span.end;
    }
}

static void mark_pattern(void *arg, Pattern *pattern) {
    Format *format = arg;
    int open = format_piece_at(format, pattern->span.start);
    if (pattern->kind == PATTERN_VALUE) {
        mark(format, pattern->value);
    } else if (pattern->kind == PATTERN_ARRAY) {
        mark_list(format, open, 0);
    } else if (pattern->kind == PATTERN_DICT) {
        group_of(format, open)->kind = GROUP_LIST;
        for (int i = 0; i < pattern->count; i++) {
            set(format, format_piece_at(format, pattern->keys[i]->span.start), MARK_ITEM);
            mark(format, pattern->keys[i]);
        }
    }
}

static void mark_match(Format *format, Node *node) {
    int open = format_piece_from(format, node->match.value->span.end);
    mark_body(format, open, GROUP_MEMBERS, first_piece(format, node));
    mark(format, node->match.value);
    ast_each_pattern(node, mark_pattern, format);
    uint32_t end = format->pieces[open].span.end;
    for (int i = 0; i < node->match.count; i++) {
        MatchArm *arm = &node->match.arms[i];
        int word = mark_item_from(format, end);
        if (arm->guard) {
            mark(format, arm->guard);
        }
        mark_block(format, arm->action, word);
        end = arm->action->span.end;
    }
}

/* ---- expressions ---- */

static void mark_struct_literal(Format *format, Node *node) {
    int open = format_piece_from(format, node->struct_literal.name.span.end);
    group_of(format, open)->kind = GROUP_LIST;
    set(format, open, MARK_TIGHT);
    for (int i = 0; i < node->struct_literal.count; i++) {
        set(format, format_piece_at(format, node->struct_literal.fields[i].name.span.start), MARK_ITEM);
    }
}

static void mark_dict(Format *format, Node *node) {
    group_of(format, first_piece(format, node))->kind = GROUP_LIST;
    for (int i = 0; i < node->dict.count; i++) {
        set(format, format_piece_at(format, node->dict.entries[i].key->span.start), MARK_ITEM);
    }
}

static void mark_slice(Format *format, Node *node) {
    int open = first_piece(format, node);
    int colon = node->slice.from ? format_piece_from(format, node->slice.from->span.end) : format_next(format, open);
    set(format, open, MARK_TIGHT);
    set(format, colon, MARK_TIGHT | MARK_PREFIX);
}

/* From loose to tight; ranges are written without blanks and never broken. */
static uint8_t rank_of(TokenKind kind) {
    switch (kind) {
    case TOKEN_COALESCE:
        return 1;
    case TOKEN_OR:
        return 2;
    case TOKEN_AND:
        return 3;
    case TOKEN_EQUAL: case TOKEN_NOT_EQUAL:
        return 4;
    case TOKEN_LESS: case TOKEN_LESS_EQUAL: case TOKEN_GREATER: case TOKEN_GREATER_EQUAL: case TOKEN_IN:
        return 5;
    case TOKEN_PLUS: case TOKEN_MINUS:
        return 6;
    case TOKEN_STAR: case TOKEN_SLASH:
        return 7;
    default:
        return 8;
    }
}

static void mark_operator(Format *format, Node *node) {
    int piece = first_piece(format, node);
    if (node->operator == OP_RANGE) {
        set(format, piece, MARK_TIGHT | MARK_PREFIX);
        return;
    }
    set(format, piece, MARK_OPERATOR);
    format->pieces[piece].rank = rank_of(format->pieces[piece].kind);
}

/* `chan(3)`, `import("x")`: the word and the parenthesis that belongs to it. */
static void mark_word_call(Format *format, Node *node) {
    int word = first_piece(format, node);
    if (format->pieces[word].kind == TOKEN_COLON_COLON) {
        word = format_next(format, word);
    }
    if (node->child) {
        set(format, format_next(format, word), MARK_TIGHT);
    }
}

/* `error("x")` and `error ("x")` are the same; the author's way is kept. */
static void mark_declarative(Format *format, Node *node) {
    int word = format_piece_at(format, node->span.start), next = format_next(format, word);
    bool touches = format->pieces[next].span.start == format->pieces[word].span.end;
    if (touches && format->pieces[next].kind == TOKEN_LEFT_PAREN) {
        set(format, next, MARK_TIGHT);
    }
}

static void mark_repeat(Format *format, Node *node) {
    int word = first_piece(format, node);
    if (node->repeat.variable.span.start != format->pieces[word].span.start) {
        set(format, format_next(format, word), MARK_TIGHT);
    }
    mark(format, node->repeat.count);
    mark_block(format, node->repeat.body, word);
}

/* `info(x,)` is a call only because of its comma. */
static void mark_call(Format *format, Node *node) {
    int open = format_piece_from(format, node->call.callee->span.end), word = format_previous(format, open);
    mark_list(format, open, MARK_TIGHT);
    if (node->call.count == 1 && token_is_declarative(format->pieces[word].kind)) {
        Group *group = group_of(format, open);
        group->last_comma = format->pieces[format_previous(format, group->closer)].kind == TOKEN_COMMA;
    }
}

/* ---- types ---- */

static void mark_type(void *arg, TypeNode *type) {
    Format *format = arg;
    int first = format_piece_at(format, type->span.start);
    switch (type->kind) {
    case TYPE_ARRAY:
        set(format, group_of(format, first)->closer, MARK_PREFIX);
        break;
    case TYPE_POINTER:
        set(format, first, MARK_PREFIX);
        break;
    case TYPE_FUNCTION:
        mark_list(format, format_next(format, first), MARK_TIGHT);
        break;
    case TYPE_TUPLE:
        mark_list(format, first, 0);
        break;
    default:
        break;
    }
    for (int i = 0; i < type->count; i++) {
        mark_type(format, type->items[i]);
    }
    if (type->result) {
        mark_type(format, type->result);
    }
}

/* ---- the walk ---- */

static void mark(void *arg, Node *node) {
    Format *format = arg;
    switch (node->kind) {
    case NODE_BLOCK:
        mark_block(format, node, format_piece_at(format, node->span.start));
        return;
    case NODE_FUNCTION:
        mark_function(format, node);
        return;
    case NODE_IF:
        mark_if(format, node);
        return;
    case NODE_WHILE:
        mark(format, node->loop.condition);
        mark_block(format, node->loop.body, first_piece(format, node));
        return;
    case NODE_FOR_IN:
        mark(format, node->for_in.iterable);
        mark_block(format, node->for_in.body, first_piece(format, node));
        return;
    case NODE_FOR_C:
        mark_block(format, node->for_c.body, first_piece(format, node));
        for (int i = 0; i < 3; i++) {
            Node *part = i == 0 ? node->for_c.init : i == 1 ? node->for_c.condition : node->for_c.step;
            if (part) {
                mark(format, part);
            }
        }
        return;
    case NODE_REPEAT:
        mark_repeat(format, node);
        return;
    case NODE_PACKAGE:
        mark_block(format, node->package.body, format_piece_at(format, node->span.start));
        return;
    case NODE_TRY:
        mark_try(format, node);
        return;
    case NODE_SWITCH:
        mark_switch(format, node);
        return;
    case NODE_SELECT:
        mark_select(format, node);
        return;
    case NODE_MATCH:
        mark_match(format, node);
        return;
    case NODE_STRUCT:
        mark_struct(format, node);
        break;
    case NODE_ENUM:
        mark_enum(format, node);
        break;
    case NODE_ERROR_TYPE:
        mark_error_type(format, node);
        break;
    case NODE_STRUCT_LITERAL:
        mark_struct_literal(format, node);
        break;
    case NODE_DICT_LITERAL:
        mark_dict(format, node);
        break;
    case NODE_ARRAY_LITERAL:
        mark_list(format, first_piece(format, node), 0);
        break;
    case NODE_CALL:
        mark_call(format, node);
        break;
    case NODE_INDEX:
        set(format, first_piece(format, node), MARK_TIGHT);
        break;
    case NODE_SLICE:
        mark_slice(format, node);
        break;
    case NODE_UNARY: case NODE_ADDRESS: case NODE_DEREFERENCE:
        set(format, first_piece(format, node), MARK_PREFIX);
        break;
    case NODE_INT_LITERAL:
        if (format->pieces[first_piece(format, node)].kind == TOKEN_MINUS) {
            set(format, first_piece(format, node), MARK_PREFIX);
        }
        break;
    case NODE_STEP:
        set(format, first_piece(format, node), node->step.prefix ? MARK_PREFIX : MARK_TIGHT);
        break;
    case NODE_BINARY: case NODE_LOGICAL:
        mark_operator(format, node);
        break;
    case NODE_CAST: case NODE_TYPE_TEST: case NODE_ASSIGN:
        set(format, first_piece(format, node), MARK_OPERATOR);
        break;
    case NODE_CHAN: case NODE_IMPORT_CALL:
        mark_word_call(format, node);
        break;
    case NODE_DECLARATIVE: case NODE_RAISE:
        mark_declarative(format, node);
        break;
    default:
        break;
    }
    ast_each_child(node, mark, format);
    ast_each_type(node, mark_type, format);
}

void format_mark(Format *format, Node *program) {
    for (int i = 0; i < program->list.count; i++) {
        mark_statement(format, program->list.items[i]);
        mark(format, program->list.items[i]);
    }
}
