/*
 * format_pieces.c -- the text as pieces, and the groups that its brackets make.
 */
#include "format_internal.h"

#include <string.h>

#include "syntax/lexer.h"
#include "syntax/utf8.h"

int format_columns(const char *text, const char *end) {
    int columns = 0;
    while (text < end) {
        uint32_t code_point;
        int length = utf8_read(text, end, &code_point);
        text += length ? length : 1;
        columns++;
    }
    return columns;
}

/* Comments lose the blanks at their end. */
static Span trim(const Source *source, Span span) {
    const char *text = source->text;
    while (text[span.end - 1] == ' ' || text[span.end - 1] == '\t' || text[span.end - 1] == '\r') {
        span.end--;
    }
    return span;
}

static Piece make_piece(const Source *source, const Token *token) {
    Piece piece = {.span = token->span, .kind = token->kind, .opens = -1, .closes = -1};
    if (piece.kind == TOKEN_COMMENT) {
        piece.span = trim(source, piece.span);
    }
    const char *start = source->text + piece.span.start, *end = source->text + piece.span.end;
    const char *first = memchr(start, '\n', (size_t)(end - start));
    const char *last = memrchr(start, '\n', (size_t)(end - start));
    piece.tall = first != NULL;
    piece.width = format_columns(start, first ? first : end);
    if (last && piece.kind == TOKEN_COMMENT) {
        const char *star = format_star(last + 1, end);
        piece.starred = star != NULL;
        last = star ? star - 1 : last;
    }
    piece.last_width = format_columns(last ? last + 1 : start, end);
    return piece;
}

static bool is_opener(TokenKind kind) {
    return kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACKET || kind == TOKEN_LEFT_BRACE;
}

static bool is_closer(TokenKind kind) {
    return kind == TOKEN_RIGHT_PAREN || kind == TOKEN_RIGHT_BRACKET || kind == TOKEN_RIGHT_BRACE;
}

static int add_group(Format *format, int opener, int parent) {
    int index = format->group_count;
    Group group = {.opener = opener, .owner = opener, .parent = parent, .tie = index};
    ARENA_PUSH(format->arena, format->groups, format->group_count, format->group_capacity, group);
    return index;
}

/* The brackets of a program that was parsed without errors are balanced. */
static void make_groups(Format *format) {
    int current = add_group(format, -1, -1);
    for (int i = 0; i < format->count; i++) {
        Piece *piece = &format->pieces[i];
        if (is_closer(piece->kind)) {
            piece->closes = current;
            format->groups[current].closer = i;
            current = format->groups[current].parent;
        }
        piece->group = current;
        if (is_opener(piece->kind)) {
            piece->opens = current = add_group(format, i, current);
        }
    }
    Group *whole = &format->groups[0];
    whole->kind = GROUP_BLOCK;
    whole->tall = whole->all_items = true;
    whole->closer = format->count;
}

void format_make_pieces(Format *format) {
    const Token *tokens = lexer_scan_comments(format->arena, format->source);
    int capacity = 0;
    for (const Token *token = tokens; token->kind != TOKEN_END; token++) {
        ARENA_PUSH(format->arena, format->pieces, format->count, capacity, make_piece(format->source, token));
    }
    make_groups(format);
}

bool format_is_line_comment(const Format *format, int piece) {
    const char *text = format->source->text + format->pieces[piece].span.start;
    return format_is_comment(&format->pieces[piece]) && (text[0] == '#' || text[1] == '/');
}

/* ---- finding pieces ---- */

int format_piece_at(const Format *format, uint32_t offset) {
    int low = 0, high = format->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (format->pieces[middle].span.end <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int format_piece_from(const Format *format, uint32_t offset) {
    int piece = format_piece_at(format, offset);
    bool inside = piece < format->count && format->pieces[piece].span.start < offset;
    return format_next(format, inside ? piece : piece - 1);
}

int format_next(const Format *format, int piece) {
    do {
        piece++;
    } while (piece < format->count && format_is_comment(&format->pieces[piece]));
    return piece;
}

int format_previous(const Format *format, int piece) {
    do {
        piece--;
    } while (piece >= 0 && format_is_comment(&format->pieces[piece]));
    return piece;
}

/* ---- separators ---- */

static bool is_separator(const Piece *piece) {
    return piece->kind == TOKEN_COMMA || piece->kind == TOKEN_SEMICOLON;
}

/*
 * From the end: a separator goes when what follows it is an item or the end of its group, or a separator that goes. But
 * a semicolon before a block stays: without it `repeat(k);` and the block would be a loop.
 */
static void find_separators(Format *format) {
    bool at_boundary = true, at_block = false;
    int boundary_group = 0;
    for (int i = format->count - 1; i >= 0; i--) {
        Piece *piece = &format->pieces[i];
        if (format_is_comment(piece)) {
            continue;
        }
        if (is_separator(piece) && at_boundary && piece->group == boundary_group) {
            bool keeps = at_block && piece->kind == TOKEN_SEMICOLON;
            piece->marks |= keeps ? 0 : MARK_DROPPED;
            at_block = false;
            continue;
        }
        bool is_item = piece->marks & MARK_ITEM;
        at_block = is_item && piece->kind == TOKEN_LEFT_BRACE;
        boundary_group = is_item ? piece->group : piece->closes;
        at_boundary = boundary_group >= 0 && format->groups[boundary_group].kind != GROUP_PLAIN;
    }
}

static uint8_t count_lines(const Source *source, uint32_t from, uint32_t to) {
    int lines = 0;
    for (uint32_t i = from; i < to; i++) {
        lines += source->text[i] == '\n';
    }
    return (uint8_t)(lines > 2 ? 2 : lines);
}

/* Moves the pieces that stay together; what points to pieces follows them. */
static void compact(Format *format) {
    int *moved = arena_alloc(format->arena, ((size_t)format->count + 1) * sizeof *moved);
    int kept = 0;
    for (int i = 0; i < format->count; i++) {
        moved[i] = kept;
        kept += !(format->pieces[i].marks & MARK_DROPPED);
    }
    moved[format->count] = kept;
    for (int i = 0; i < format->count; i++) {
        if (!(format->pieces[i].marks & MARK_DROPPED)) {
            Piece piece = format->pieces[i];
            piece.owner = moved[piece.owner];
            format->pieces[moved[i]] = piece;
        }
    }
    format->count = kept;
    for (int i = 0; i < format->group_count; i++) {
        Group *group = &format->groups[i];
        group->closer = moved[group->closer];
        if (group->opener >= 0) {
            group->opener = moved[group->opener];
            group->owner = moved[group->owner];
        }
    }
}

void format_drop_separators(Format *format) {
    find_separators(format);
    compact(format);
    uint32_t end = 0;
    for (int i = 0; i < format->count; i++) {
        Piece *piece = &format->pieces[i];
        piece->written = i > 0 ? count_lines(format->source, end, piece->span.start) : 0;
        end = piece->span.end;
        format->groups[piece->group].items += (piece->marks & MARK_ITEM) != 0;
    }
}
