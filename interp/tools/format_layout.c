/*
 * format_layout.c -- where lines break.
 *
 * It begins with the breaks that the author made at places where the layout allows one. Then two steps take turns until
 * neither has anything to do:
 *
 *   settle    what a break brings with it: a block with a break inside stands on lines of its own, and so do the items
 *             of a tall group and the other branches of an `if`
 *   shorten   in every line that is too long, break at the outermost place
 *
 * Both only ever add breaks, so this ends. And since the breaks of the result are all allowed ones, and settled, and
 * leave nothing to shorten, formatting the result again finds nothing to do.
 */
#include "format_internal.h"

enum { WIDE_GROUP = 60, NARROW_GROUP = 12 };

/* ---- the author's breaks ---- */

static bool is_item_of(const Format *format, int piece, int group) {
    return format->pieces[piece].group == group && format->pieces[piece].marks & MARK_ITEM;
}

/* May the line break before a token that begins no item? */
static bool may_break_before(const Format *format, int piece) {
    const Piece *here = &format->pieces[piece];
    int before = format_previous(format, piece);
    if (before < 0) {
        return false;
    }
    const Piece *previous = &format->pieces[before];
    if (here->closes >= 0) {
        return false;
    }
    if ((here->marks | previous->marks) & MARK_OPERATOR || here->kind == TOKEN_DOT) {
        return true;
    }
    if (previous->opens >= 0) {
        return format->groups[previous->opens].kind == GROUP_PLAIN;
    }
    return previous->kind == TOKEN_ASSIGN || previous->kind == TOKEN_COMMA || previous->kind == TOKEN_SEMICOLON ||
           previous->kind == TOKEN_ARROW;
}

/* A blank line may stand before an item and before the comments that belong to it or to the end of a group. */
static bool may_leave_blank(const Format *format, int piece) {
    const Piece *here = &format->pieces[piece];
    bool after_opener = piece > 0 && format->pieces[piece - 1].opens >= 0;
    if (after_opener || (!format_is_comment(here) && !(here->marks & MARK_ITEM))) {
        return false;
    }
    int token = format_is_comment(here) ? format_next(format, piece) : piece;
    return token == format->count || is_item_of(format, token, here->group) ||
           format->pieces[token].closes == here->group;
}

static void take_authors_breaks(Format *format) {
    for (int i = 1; i < format->count; i++) {
        Piece *piece = &format->pieces[i];
        bool free = format_is_comment(piece) || piece->marks & MARK_ITEM || may_break_before(format, i);
        piece->lines = free ? piece->written : 0;
        if (format_is_line_comment(format, i - 1) && piece->lines == 0) {
            piece->lines = 1;
        }
        if (piece->lines == 2 && !may_leave_blank(format, i)) {
            piece->lines = 1;
        }
    }
}

/* ---- settling ---- */

/* Sees to it that the line breaks somewhere between the tokens [before] and [piece]. */
static bool separate(Format *format, int before, int piece) {
    for (int i = before + 1; i <= piece; i++) {
        if (format->pieces[i].lines > 0) {
            return false;
        }
    }
    bool after_opener = before >= 0 && format->pieces[before].opens >= 0;
    format->pieces[after_opener ? before + 1 : piece].lines = 1;
    return true;
}

/* A break in a group is one in those around it, too. */
static void note_break(Format *format, int group) {
    while (group >= 0 && !format->groups[group].broken) {
        format->groups[group].broken = true;
        group = format->groups[group].parent;
    }
}

/* What makes a list tall: a break before one of its own items or comments, or a comment that needs one behind it. */
static bool makes_tall(const Format *format, int piece) {
    const Piece *here = &format->pieces[piece];
    const Group *group = &format->groups[here->group];
    switch (group->kind) {
    case GROUP_LIST:
        return format_is_line_comment(format, piece) ||
               (here->lines > 0 && (here->marks & MARK_ITEM || format_is_comment(here)));
    case GROUP_PLAIN:
        return here->lines > 0 && piece == group->opener + 1;
    default:
        return false;
    }
}

static void note_breaks(Format *format) {
    for (int i = 0; i < format->count; i++) {
        const Piece *piece = &format->pieces[i];
        if (piece->lines > 0 || piece->tall) {
            note_break(format, piece->lines > 0 && piece->closes >= 0 ? piece->closes : piece->group);
        }
        format->groups[piece->group].tall |= makes_tall(format, i);
    }
}

static void decide_height(Group *group) {
    switch (group->kind) {
    case GROUP_BLOCK:
    case GROUP_CASES:
        group->tall |= group->broken || group->items > 1;
        break;
    case GROUP_MEMBERS:
        group->tall |= group->broken;
        break;
    default:
        break;
    }
    group->all_items |= group->tall && group->kind != GROUP_LIST && group->kind != GROUP_PLAIN;
}

/* Breaks the lines that the heights of the groups ask for; true when there was something to do. */
static bool break_tall_groups(Format *format) {
    bool changed = false;
    for (int i = 1; i < format->count; i++) {
        Piece *piece = &format->pieces[i];
        int before = format_previous(format, i);
        if (piece->closes >= 0) {
            const Group *group = &format->groups[piece->closes];
            if (group->tall && piece->lines == 0 && group->closer > group->opener + 1) {
                piece->lines = 1;
                changed = true;
            }
        }
        if (format_is_comment(piece)) {
            continue;
        }
        Group *group = &format->groups[piece->group];
        bool first = before == group->opener && group->opener >= 0;
        bool item = piece->marks & MARK_ITEM && before >= 0;
        if (group->tall && (first || (item && group->all_items)) && separate(format, before, i)) {
            group->all_items = changed = true; /* the author did not mean it to be tall */
        }
    }
    return changed;
}

static void settle(Format *format) {
    do {
        note_breaks(format);
        for (int i = format->group_count - 1; i > 0; i--) {
            decide_height(&format->groups[i]);
        }
        for (int i = format->group_count - 1; i > 0; i--) {
            format->groups[format->groups[i].tie].tall |= format->groups[i].tall;
        }
        for (int i = 1; i < format->group_count; i++) {
            format->groups[i].tall |= format->groups[format->groups[i].tie].tall;
            decide_height(&format->groups[i]);
        }
    } while (break_tall_groups(format));
}

/* ---- shortening ---- */

/* Ways to break a line, the better ones first. */
typedef enum { WAY_ITEMS, WAY_BLOCK, WAY_WIDE_GROUP, WAY_OPERATORS, WAY_MEMBERS, WAY_GROUP, WAY_NONE } Way;

typedef struct {
    int depth; /* of groups: outer ones are better */
    int way;
    int rank;  /* OPERATORS: the loosest */
    int group; /* the one that becomes tall, or that the operators stand in */
    int width; /* of that group; the widest is taken */
} Plan;

static bool is_better(const Plan *a, const Plan *b) {
    if (a->depth != b->depth) {
        return a->depth < b->depth;
    }
    if (a->way != b->way) {
        return a->way < b->way;
    }
    return a->way == WAY_OPERATORS ? a->rank < b->rank : a->width > b->width;
}

static int depth_of(const Format *format, int group) {
    int depth = 0;
    for (; group > 0; group = format->groups[group].parent) {
        depth++;
    }
    return depth;
}

static void offer(const Format *format, Plan *best, Way way, int group, int rank, int width) {
    Plan plan = {.depth = depth_of(format, group), .way = way, .rank = rank, .group = group, .width = width};
    if (is_better(&plan, best)) {
        *best = plan;
    }
}

static void offer_group(const Format *format, Plan *best, int index) {
    const Group *group = &format->groups[index];
    if (index == 0 || group->tall || group->closer == group->opener + 1) {
        return;
    }
    int width = format->pieces[group->closer].end - format->pieces[group->opener].end;
    bool on_one_line = !group->broken;
    if (on_one_line && width < NARROW_GROUP) {
        return;
    }
    Plan plan = {.depth = depth_of(format, group->parent), .group = index, .width = on_one_line ? width : WIDE_GROUP};
    plan.way = group->kind >= GROUP_MEMBERS ? WAY_BLOCK : plan.width >= WIDE_GROUP ? WAY_WIDE_GROUP : WAY_GROUP;
    if (is_better(&plan, best)) {
        *best = plan;
    }
}

/* `.name(` after a closing bracket: the second call of a chain or a later one. */
static bool is_link(const Format *format, int piece) {
    return piece > 0 && piece + 2 < format->count && format->pieces[piece].kind == TOKEN_DOT &&
           format->pieces[piece - 1].closes >= 0 && format->pieces[piece + 2].kind == TOKEN_LEFT_PAREN;
}

/* Could the line break behind this operator? */
static bool is_open_operator(const Format *format, int piece) {
    return format->pieces[piece].rank > 0 && piece + 1 < format->count && format->pieces[piece + 1].lines == 0 &&
           format->pieces[piece].lines == 0 && !format_is_comment(&format->pieces[piece + 1]);
}

/* The best way to break the line of the pieces [from, to). */
static Plan choose(const Format *format, int from, int to) {
    Plan best = {.depth = 1 << 30, .way = WAY_NONE};
    for (int i = from; i < to; i++) {
        const Piece *piece = &format->pieces[i];
        const Group *group = &format->groups[piece->group];
        if (piece->marks & MARK_ITEM && i > from && piece->lines == 0) {
            if (!group->tall) {
                offer_group(format, &best, piece->group);
            } else if (!group->all_items) {
                offer(format, &best, WAY_ITEMS, piece->group, 0, 0);
            }
        }
        if (is_open_operator(format, i)) {
            offer(format, &best, WAY_OPERATORS, piece->group, piece->rank, 0);
        } else if (is_link(format, i) && i > from) {
            offer(format, &best, WAY_MEMBERS, piece->group, 0, 0);
        }
        if (piece->opens >= 0) {
            offer_group(format, &best, piece->opens);
        }
        if (piece->closes >= 0) {
            offer_group(format, &best, piece->closes);
        }
    }
    return best;
}

static void carry_out(Format *format, const Plan *plan, int from, int to) {
    if (plan->way != WAY_OPERATORS && plan->way != WAY_MEMBERS) {
        format->groups[plan->group].tall = format->groups[plan->group].all_items = true;
        return;
    }
    for (int i = from; i < to; i++) {
        const Piece *piece = &format->pieces[i];
        if (piece->group != plan->group) {
            continue;
        }
        if (plan->way == WAY_OPERATORS && piece->rank == plan->rank && is_open_operator(format, i)) {
            format->pieces[i + 1].lines = 1;
        } else if (plan->way == WAY_MEMBERS && i > from && is_link(format, i)) {
            format->pieces[i].lines = 1;
        }
    }
}

/* Does the line of the pieces [from, to) end in time? A comment behind the code may stick out. */
static bool fits(const Format *format, int from, int to) {
    int last = to - 1;
    while (last > from && format_is_comment(&format->pieces[last])) {
        last--;
    }
    const Piece *piece = &format->pieces[last];
    int separator = format->pieces[last].separator ? 1 : 0;
    return piece->begin + piece->width + separator <= FORMAT_WIDTH;
}

static bool shorten(Format *format) {
    bool changed = false;
    format_measure(format);
    for (int from = 0, to; from < format->count; from = to) {
        for (to = from + 1; to < format->count && format->pieces[to].lines == 0; to++) {
        }
        if (fits(format, from, to)) {
            continue;
        }
        Plan plan = choose(format, from, to);
        if (plan.way != WAY_NONE) {
            carry_out(format, &plan, from, to);
            changed = true;
        }
    }
    return changed;
}

void format_lay_out(Format *format) {
    take_authors_breaks(format);
    do {
        settle(format);
    } while (shorten(format));
}
