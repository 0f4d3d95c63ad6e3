/*
 * ast_dump.c -- a syntax tree as text.
 *
 * Every node is an s-expression whose first word says what it is; operators stand for themselves. What is absent is
 * left out or, where its place matters, written `_`. Types print as they are written.
 */
#include "ast_dump.h"

static const char *const operator_text[] = {
    [OP_NONE] = "",     [OP_ADD] = "+",     [OP_SUB] = "-",        [OP_MUL] = "*",  [OP_DIV] = "/",
    [OP_MOD] = "%",     [OP_POW] = "**",    [OP_EQ] = "==",        [OP_NE] = "!=",  [OP_LT] = "<",
    [OP_LE] = "<=",     [OP_GT] = ">",      [OP_GE] = ">=",        [OP_IN] = "in",  [OP_RANGE] = "..",
    [OP_AND] = "&&",    [OP_OR] = "||",     [OP_COALESCE] = "??",  [OP_NOT] = "!",  [OP_NEGATE] = "-",
    [OP_PLUS] = "+",
};

static void dump_string(FILE *out, const char *text, uint32_t length) {
    fputc('"', out);
    for (uint32_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c == '\n') {
            fputs("\\n", out);
        } else if (c < 0x20 || c == 0x7F) {
            fprintf(out, "\\x%02x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

/* ---- types ---- */

static void dump_type(FILE *out, const TypeNode *type);

static void dump_types(FILE *out, const TypeNode *type, const char *separator) {
    for (int i = 0; i < type->count; i++) {
        fputs(i > 0 ? separator : "", out);
        dump_type(out, type->items[i]);
    }
}

static void dump_type(FILE *out, const TypeNode *type) {
    switch (type->kind) {
    case TYPE_NAME:
        fputs(type->name.text, out);
        break;
    case TYPE_ARRAY:
        if (type->length < 0) {
            fputs("[]", out);
        } else {
            fprintf(out, "[%lld]", (long long)type->length);
        }
        dump_types(out, type, "");
        break;
    case TYPE_DICT:
        fputc('{', out);
        dump_types(out, type, ": ");
        fputc('}', out);
        break;
    case TYPE_POINTER:
        fputc('*', out);
        dump_types(out, type, "");
        break;
    case TYPE_CHAN:
        fputs("chan ", out);
        dump_types(out, type, "");
        break;
    case TYPE_FUNCTION:
        fputs("func(", out);
        dump_types(out, type, ", ");
        fputc(')', out);
        if (type->result) {
            fputc(' ', out);
            dump_type(out, type->result);
        }
        break;
    case TYPE_TUPLE:
    case TYPE_UNION:
        fputc('(', out);
        dump_types(out, type, type->kind == TYPE_TUPLE ? ", " : " | ");
        fputc(')', out);
        break;
    }
}

static void dump_annotation(FILE *out, const TypeNode *type) {
    if (type) {
        fputs(": ", out);
        dump_type(out, type);
    }
}

/* ---- patterns ---- */

static void dump_pattern(FILE *out, const Pattern *pattern) {
    switch (pattern->kind) {
    case PATTERN_ANY:
        fputc('_', out);
        break;
    case PATTERN_BIND:
        fputs(pattern->name.text, out);
        break;
    case PATTERN_VALUE:
        fputs("(value ", out);
        ast_dump(out, pattern->value);
        fputc(')', out);
        break;
    case PATTERN_ARRAY:
        fputc('[', out);
        for (int i = 0; i < pattern->count; i++) {
            fputs(i > 0 ? " " : "", out);
            dump_pattern(out, pattern->items[i]);
        }
        if (pattern->has_rest) {
            fprintf(out, "%s...%s", pattern->count > 0 ? " " : "", pattern->name.text ? pattern->name.text : "");
        }
        fputc(']', out);
        break;
    case PATTERN_DICT:
        fputc('{', out);
        for (int i = 0; i < pattern->count; i++) {
            fputs(i > 0 ? " " : "", out);
            ast_dump(out, pattern->keys[i]);
            fputs(": ", out);
            dump_pattern(out, pattern->items[i]);
        }
        fputc('}', out);
        break;
    }
}

/* ---- parts ---- */

/* A child after a blank; `_` when there is none. */
static void dump_child(FILE *out, const Node *child) {
    fputc(' ', out);
    if (child) {
        ast_dump(out, child);
    } else {
        fputc('_', out);
    }
}

/* A child after a blank and a word, if there is one. */
static void dump_optional(FILE *out, const char *word, const Node *child) {
    if (child) {
        fprintf(out, "%s", word);
        dump_child(out, child);
    }
}

static void dump_list(FILE *out, const NodeList *list) {
    for (int i = 0; i < list->count; i++) {
        dump_child(out, list->items[i]);
    }
}

static void dump_argument(FILE *out, const Argument *argument) {
    if (argument->name.text) {
        fprintf(out, " %s=", argument->name.text);
        ast_dump(out, argument->value);
    } else {
        dump_child(out, argument->value);
    }
}

static void dump_fields(FILE *out, const Field *fields, int count) {
    for (int i = 0; i < count; i++) {
        fprintf(out, " %s", fields[i].name.text);
        dump_annotation(out, fields[i].type);
        dump_optional(out, " =", fields[i].default_value);
    }
}

static void dump_function(FILE *out, const Node *node) {
    fprintf(out, "(%s%s", node->function.is_async ? "async-" : "", node->function.declares ? "declare" : "func");
    fprintf(out, " %s(", node->function.name.text ? node->function.name.text : "");
    for (int i = 0; i < node->function.count; i++) {
        const Parameter *parameter = &node->function.parameters[i];
        fprintf(out, "%s%s", i > 0 ? ", " : "", parameter->name.text);
        dump_annotation(out, parameter->type);
        dump_optional(out, " =", parameter->default_value);
    }
    fputc(')', out);
    dump_annotation(out, node->function.result);
    dump_child(out, node->function.body);
    fputc(')', out);
}

static void dump_switch(FILE *out, const Node *node) {
    fputs("(switch", out);
    dump_child(out, node->switch_.value);
    for (int i = 0; i < node->switch_.count; i++) {
        const SwitchCase *item = &node->switch_.cases[i];
        fputs(item->is_default ? " (default" : " (case", out);
        if (item->bind.text) {
            fprintf(out, " bind %s", item->bind.text);
        }
        dump_list(out, &item->values);
        dump_optional(out, " if", item->guard);
        dump_child(out, item->body);
        fputc(')', out);
    }
    fputc(')', out);
}

static void dump_match(FILE *out, const Node *node) {
    fputs("(match", out);
    dump_child(out, node->match.value);
    for (int i = 0; i < node->match.count; i++) {
        const MatchArm *arm = &node->match.arms[i];
        fputs(" (", out);
        dump_pattern(out, arm->pattern);
        dump_optional(out, " if", arm->guard);
        fputs(" =>", out);
        dump_child(out, arm->action);
        fputc(')', out);
    }
    fputc(')', out);
}

static void dump_select(FILE *out, const Node *node) {
    static const char *const words[] = {"receive", "send", "after", "default"};
    fputs("(select", out);
    for (int i = 0; i < node->select.count; i++) {
        const SelectCase *item = &node->select.cases[i];
        fprintf(out, " (%s", words[item->kind]);
        if (item->bind.text) {
            fprintf(out, " %s =", item->bind.text);
        }
        dump_optional(out, "", item->channel);
        dump_optional(out, "", item->value);
        dump_child(out, item->body);
        fputc(')', out);
    }
    fputc(')', out);
}

static void dump_try(FILE *out, const Node *node) {
    fputs("(try", out);
    dump_child(out, node->try_.body);
    for (int i = 0; i < node->try_.catch_count; i++) {
        const CatchClause *clause = &node->try_.catches[i];
        fprintf(out, " (catch %s", clause->bind.text ? clause->bind.text : "_");
        dump_annotation(out, clause->type);
        dump_child(out, clause->body);
        fputc(')', out);
    }
    dump_optional(out, " finally", node->try_.finally);
    fputc(')', out);
}

/* ---- nodes ---- */

/* `(word child)`, without the child when there is none. */
static void dump_one(FILE *out, const char *word, const Node *child) {
    fprintf(out, "(%s", word);
    dump_optional(out, "", child);
    fputc(')', out);
}

static void dump_two(FILE *out, const char *word, const Node *left, const Node *right) {
    fprintf(out, "(%s", word);
    dump_child(out, left);
    dump_child(out, right);
    fputc(')', out);
}

static void dump_typed(FILE *out, const char *word, const Node *node) {
    fprintf(out, "(%s", word);
    dump_child(out, node->typed.value);
    fputc(' ', out);
    dump_type(out, node->typed.type);
    fputc(')', out);
}

static void dump_let(FILE *out, const Node *node) {
    fprintf(out, "(%s %s", node->let.is_const ? "const" : "let", node->let.name.text);
    dump_annotation(out, node->let.type);
    dump_optional(out, "", node->let.value);
    fputc(')', out);
}

static void dump_structure(FILE *out, const Node *node) {
    fprintf(out, "(struct %s", node->structure.name.text);
    dump_fields(out, node->structure.fields, node->structure.field_count);
    dump_list(out, &node->structure.methods);
    fputc(')', out);
}

static void dump_enumeration(FILE *out, const Node *node) {
    fprintf(out, "(enum %s", node->enumeration.name.text);
    for (int i = 0; i < node->enumeration.count; i++) {
        fprintf(out, " %s", node->enumeration.members[i].name.text);
        dump_optional(out, " =", node->enumeration.members[i].value);
    }
    fputc(')', out);
}

static void dump_import(FILE *out, const Node *node) {
    fputs("(import", out);
    for (int i = 0; i < node->import.count; i++) {
        fprintf(out, " %s", node->import.names[i].text);
        if (node->import.aliases[i].text) {
            fprintf(out, " as %s", node->import.aliases[i].text);
        }
    }
    fputc(')', out);
}

void ast_dump(FILE *out, const Node *node) {
    switch (node->kind) {
    case NODE_NULL_LITERAL:
        fputs("null", out);
        break;
    case NODE_BOOL_LITERAL:
        fputs(node->boolean ? "true" : "false", out);
        break;
    case NODE_INT_LITERAL:
        fprintf(out, "%lld", (long long)node->integer);
        break;
    case NODE_FLOAT_LITERAL:
        fprintf(out, "%.17gf", node->number);
        break;
    case NODE_STRING_LITERAL:
        dump_string(out, node->string.text, node->string.length);
        break;
    case NODE_NAME:
        fputs(node->name.text, out);
        break;
    case NODE_BUILTIN_NAME:
        fprintf(out, "::%s", node->name.text);
        break;
    case NODE_AT:
        fputc('@', out);
        break;
    case NODE_ARRAY_LITERAL:
        fputs("(array", out);
        dump_list(out, &node->list);
        fputc(')', out);
        break;
    case NODE_DICT_LITERAL:
        fputs("(dict", out);
        for (int i = 0; i < node->dict.count; i++) {
            dump_child(out, node->dict.entries[i].key);
            dump_child(out, node->dict.entries[i].value);
        }
        fputc(')', out);
        break;
    case NODE_STRUCT_LITERAL:
        fprintf(out, "(new %s", node->struct_literal.name.text);
        for (int i = 0; i < node->struct_literal.count; i++) {
            dump_argument(out, &node->struct_literal.fields[i]);
        }
        fputc(')', out);
        break;
    case NODE_FUNCTION:
        dump_function(out, node);
        break;
    case NODE_UNARY:
        dump_one(out, operator_text[node->operator], node->child);
        break;
    case NODE_BINARY:
    case NODE_LOGICAL:
        dump_two(out, operator_text[node->operator], node->binary.left, node->binary.right);
        break;
    case NODE_ASSIGN:
        fprintf(out, "(%s=", operator_text[node->operator]);
        dump_child(out, node->assign.target);
        dump_child(out, node->assign.value);
        fputc(')', out);
        break;
    case NODE_STEP:
        fprintf(out, "(%s%s", node->step.prefix ? "pre" : "post", node->step.by > 0 ? "++" : "--");
        dump_child(out, node->step.target);
        fputc(')', out);
        break;
    case NODE_CALL:
        fputs("(call", out);
        dump_child(out, node->call.callee);
        for (int i = 0; i < node->call.count; i++) {
            dump_argument(out, &node->call.arguments[i]);
        }
        fputc(')', out);
        break;
    case NODE_INDEX:
        dump_two(out, "index", node->index.object, node->index.index);
        break;
    case NODE_SLICE:
        fputs("(slice", out);
        dump_child(out, node->slice.object);
        dump_child(out, node->slice.from);
        dump_child(out, node->slice.to);
        fputc(')', out);
        break;
    case NODE_MEMBER:
        fputs("(.", out);
        dump_child(out, node->member.object);
        fprintf(out, " %s)", node->member.name.text);
        break;
    case NODE_CAST:
        dump_typed(out, "as", node);
        break;
    case NODE_TYPE_TEST:
        dump_typed(out, "is", node);
        break;
    case NODE_ADDRESS:
        dump_one(out, "address", node->child);
        break;
    case NODE_DEREFERENCE:
        dump_one(out, "dereference", node->child);
        break;
    case NODE_AWAIT:
        dump_one(out, "await", node->child);
        break;
    case NODE_CHAN:
        dump_one(out, "chan", node->child);
        break;
    case NODE_GO:
        dump_one(out, "go", node->child);
        break;
    case NODE_IMPORT_CALL:
        dump_one(out, "import-call", node->child);
        break;
    case NODE_LET:
        dump_let(out, node);
        break;
    case NODE_STRUCT:
        dump_structure(out, node);
        break;
    case NODE_ENUM:
        dump_enumeration(out, node);
        break;
    case NODE_ERROR_TYPE:
        fprintf(out, "(error-type %s", node->error_type.name.text);
        dump_fields(out, node->error_type.fields, node->error_type.count);
        fputc(')', out);
        break;
    case NODE_TYPE_ALIAS:
        fprintf(out, "(type %s ", node->alias.name.text);
        dump_type(out, node->alias.type);
        fputc(')', out);
        break;
    case NODE_PACKAGE:
        fprintf(out, "(package %s", node->package.name.text);
        dump_child(out, node->package.body);
        fputc(')', out);
        break;
    case NODE_IMPORT:
        dump_import(out, node);
        break;
    case NODE_INCLUDE:
        fputs("(include ", out);
        dump_string(out, node->include.path, node->include.length);
        fputc(')', out);
        break;
    case NODE_BLOCK:
        fputs("(block", out);
        dump_list(out, &node->list);
        fputc(')', out);
        break;
    case NODE_IF:
        fputs("(if", out);
        dump_child(out, node->branch.condition);
        dump_child(out, node->branch.then);
        dump_optional(out, " else", node->branch.otherwise);
        fputc(')', out);
        break;
    case NODE_WHILE:
        dump_two(out, "while", node->loop.condition, node->loop.body);
        break;
    case NODE_FOR_IN:
        fprintf(out, "(for %s%s%s", node->for_in.key.text ? node->for_in.key.text : "",
                node->for_in.key.text ? ", " : "", node->for_in.value.text);
        dump_child(out, node->for_in.iterable);
        dump_child(out, node->for_in.body);
        fputc(')', out);
        break;
    case NODE_FOR_C:
        fputs("(for-c", out);
        dump_child(out, node->for_c.init);
        dump_child(out, node->for_c.condition);
        dump_child(out, node->for_c.step);
        dump_child(out, node->for_c.body);
        fputc(')', out);
        break;
    case NODE_REPEAT:
        fprintf(out, "(repeat %s", node->repeat.variable.text);
        dump_child(out, node->repeat.count);
        dump_child(out, node->repeat.body);
        fputc(')', out);
        break;
    case NODE_SWITCH:
        dump_switch(out, node);
        break;
    case NODE_MATCH:
        dump_match(out, node);
        break;
    case NODE_SELECT:
        dump_select(out, node);
        break;
    case NODE_RETURN:
        dump_one(out, "return", node->child);
        break;
    case NODE_BREAK:
        fputs("(break)", out);
        break;
    case NODE_CONTINUE:
        fputs("(continue)", out);
        break;
    case NODE_TRY:
        dump_try(out, node);
        break;
    case NODE_THROW:
        dump_one(out, "throw", node->child);
        break;
    case NODE_RAISE:
        dump_one(out, "raise", node->child);
        break;
    case NODE_DEFER:
        dump_one(out, "defer", node->child);
        break;
    case NODE_DECLARATIVE:
        dump_one(out, node->declarative.word, node->declarative.value);
        break;
    }
}

void ast_dump_program(FILE *out, const Node *program) {
    for (int i = 0; i < program->list.count; i++) {
        ast_dump(out, program->list.items[i]);
        fputc('\n', out);
    }
}
