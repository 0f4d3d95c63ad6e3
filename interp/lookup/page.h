/*
 * page.h -- a page of help: its parts, and its three forms.
 */
#ifndef PAGE_H
#define PAGE_H

#include "vm/text.h"

typedef enum {
    PART_CODE, /* [text] is code */
    PART_TEXT, /* … is prose: paragraphs */
    PART_FACT, /* … has the name [label] */
    PART_ITEM  /* of a list: the code [label], and what it is */
} PartKind;

typedef struct {
    PartKind kind;
    Text label, text;
} Part;

typedef struct {
    Part *parts;
    int count, capacity;
} HelpPage;

/* A new part at the end, to be filled before the next one is added. */
Part *page_add(HelpPage *page, PartKind kind);
void page_add_fact(HelpPage *page, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));
void page_free(HelpPage *page);

/* PAGE_FORMS(X): MIME type, function that appends the page in that form. */
#define PAGE_FORMS(X) X("text/plain", page_plain) X("text/markdown", page_markdown) X("text/html", page_html)
#define X(mime, function) void function(const HelpPage *page, Text *out);
PAGE_FORMS(X)
#undef X

#endif
