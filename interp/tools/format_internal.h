/*
 * format_internal.h -- what the files of the formatter share.
 *
 * The formatter does not print the syntax tree: it would lose the comments and the author's line breaks. It takes the
 * text as a row of *pieces*, tokens and comments, and only decides what stands between two of them: nothing, a blank,
 * or a line break. Brackets make *groups* of pieces. What the pieces cannot know by themselves comes from the tree:
 *
 *   format_pieces.c   the text as pieces and groups
 *   format_marks.c    the tree marks them: where items begin, which `(` calls, which `-` is a sign …
 *   format_layout.c   where lines break; lines that are too long are broken until all fit
 *   format_lines.c    blanks, indentation and columns, for line breaks that are given
 *   format.c          the whole way, and the proof that the program is still the same
 *
 * Commas and semicolons that only stand between items are no pieces: they are dropped at the beginning and set anew.
 */
#ifndef FORMAT_INTERNAL_H
#define FORMAT_INTERNAL_H

#include "format.h"
#include "syntax/ast.h"
#include "syntax/tokens.h"

typedef enum {
    GROUP_PLAIN,   /* parentheses around one thing, an index, the header of a loop */
    GROUP_LIST,    /* items with commas between them */
    GROUP_MEMBERS, /* of a struct, the arms of a match: commas on one line, line breaks otherwise */
    GROUP_CASES,   /* of switch and select */
    GROUP_BLOCK,   /* statements; group 0 is the whole text */
} GroupKind;

typedef struct {
    uint8_t kind;  /* GroupKind */
    bool padded;   /* on one line, blanks stand inside the brackets */
    bool tall;     /* its items stand on lines of their own */
    bool all_items; /* … every one of them, not only where the author broke the line */
    bool broken;   /* there is a line break somewhere inside */
    bool last_comma; /* it ends with a comma even on one line */
    int opener, closer; /* pieces; -1 and the number of pieces for group 0 */
    int owner;     /* the piece whose line gives the group its indentation: `if`, `func`, or the opener */
    int tie;       /* this group and that one are tall together: the branches of an `if` */
    int parent;
    int items;
    int item;      /* the one that is being laid out */
} Group;

/* Marks of a piece. */
enum {
    MARK_ITEM = 1,      /* an item of its group begins */
    MARK_TIGHT = 2,     /* no blank before it */
    MARK_PREFIX = 4,    /* no blank after it */
    MARK_OPERATOR = 8,  /* binary: a line may break before or after it */
    MARK_ALIGNED = 16,  /* when it begins a line, it stands below its owner: `else`, `catch` */
    MARK_DROPPED = 32,
};

typedef struct {
    Span span;
    uint8_t kind;       /* TokenKind */
    uint8_t marks;
    uint8_t rank;       /* of an operator: how tightly it binds, from 1; 0: lines are not broken there */
    uint8_t lines;      /* line breaks before it: 0, 1, or 2 for a blank line */
    uint8_t written;    /* the same as the author had it */
    bool tall;          /* contains a line break itself */
    bool starred;       /* … and its last line begins with `*`, which is put below the first one */
    int group;          /* the innermost around it; brackets are in the group around theirs */
    int opens, closes;  /* the group; -1 */
    int owner;          /* MARK_ALIGNED */
    int width, last_width; /* in columns: of the first line, of the last line */
    int begin, end;     /* columns from 0 */
    int indent;         /* of its line */
    char separator;     /* set behind it: a comma, a semicolon or 0 */
} Piece;

typedef struct {
    Arena *arena;
    const Source *source;
    Piece *pieces;
    int count;
    Group *groups;
    int group_count, group_capacity;
} Format;

/* ---- format_pieces.c ---- */

void format_make_pieces(Format *format);
/* Drops the separators before items and closing brackets, and numbers the items. After the marks are set. */
void format_drop_separators(Format *format);
/* The piece that holds byte [offset]; the first token from byte [offset] on. */
int format_piece_at(const Format *format, uint32_t offset);
int format_piece_from(const Format *format, uint32_t offset);
/* The token after or before a piece, comments left out; [count] or -1 at the ends. */
int format_next(const Format *format, int piece);
int format_previous(const Format *format, int piece);

/* How many columns a text without line breaks takes. */
int format_columns(const char *text, const char *end);
/* The `*` that a line of a comment begins with, or NULL. */
const char *format_star(const char *line, const char *end);

static inline bool format_is_comment(const Piece *piece) {
    return piece->kind == TOKEN_COMMENT;
}
/* A comment up to the end of its line, so that a line break follows. */
bool format_is_line_comment(const Format *format, int piece);

/* ---- format_marks.c ---- */

void format_mark(Format *format, Node *program);

/* ---- format_layout.c ---- */

void format_lay_out(Format *format);

/* ---- format_lines.c ---- */

/* Works out separators, indentation and columns of all pieces. */
void format_measure(Format *format);
char *format_print(Format *format, size_t *length);

#endif
