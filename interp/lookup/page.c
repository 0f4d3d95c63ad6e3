/*
 * page.c -- writes a page of help as plain text, Markdown and HTML.
 *
 * Names and values are the program's, so nothing in them may mean anything to the form: HTML is escaped, code in
 * Markdown is fenced with more backticks than it has itself.
 */
#include "page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Part *page_add(HelpPage *page, PartKind kind) {
    if (page->count == page->capacity) {
        page->capacity = page->capacity ? page->capacity * 2 : 16;
        page->parts = realloc(page->parts, (size_t)page->capacity * sizeof *page->parts);
        if (!page->parts) abort();
    }
    Part *part = &page->parts[page->count++];
    *part = (Part){.kind = kind};
    return part;
}

void page_add_fact(HelpPage *page, const char *label, const char *format, ...) {
    Part *part = page_add(page, PART_FACT);
    char *text;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) abort();
    text_puts(&part->label, label);
    text_append(&part->text, text, (size_t)length);
    free(text);
}

void page_free(HelpPage *page) {
    for (int i = 0; i < page->count; i++) {
        text_free(&page->parts[i].label);
        text_free(&page->parts[i].text);
    }
    free(page->parts);
}

/* Parts of one kind that stand together; others are a paragraph each. */
static bool stands_close(const HelpPage *page, int i) {
    return i > 0 && page->parts[i].kind == page->parts[i - 1].kind &&
           (page->parts[i].kind == PART_FACT || page->parts[i].kind == PART_ITEM);
}

/* ---- plain ---- */

void page_plain(const HelpPage *page, Text *out) {
    for (int i = 0; i < page->count; i++) {
        const Part *part = &page->parts[i];
        if (i > 0) text_puts(out, stands_close(page, i) ? "\n" : "\n\n");
        if (part->kind == PART_ITEM) text_puts(out, "    ");
        text_append(out, part->label.bytes, part->label.length);
        if (part->kind == PART_FACT) text_puts(out, ": ");
        if (part->kind == PART_ITEM && part->text.length > 0) text_puts(out, "  ");
        text_append(out, part->text.bytes, part->text.length);
    }
}

/* ---- Markdown ---- */

/* Prose: the signs that would mean something lose it. */
static void mark_prose(Text *out, const Text *text) {
    for (size_t i = 0; i < text->length; i++) {
        char c = text->bytes[i];
        if (strchr("\\`*_[]<>#|&", c) && c) text_putc(out, '\\');
        text_putc(out, c);
    }
}

static size_t longest_fence(const Text *text) {
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < text->length; i++) {
        run = text->bytes[i] == '`' ? run + 1 : 0;
        if (run > longest) longest = run;
    }
    return longest;
}

static void repeat(Text *out, char c, size_t count) {
    while (count-- > 0) text_putc(out, c);
}

/* Code in the line, which has no line ends. */
static void mark_code(Text *out, const Text *text) {
    size_t longest = longest_fence(text);
    const char *gap = longest > 0 ? " " : "";
    repeat(out, '`', longest + 1);
    text_puts(out, gap);
    text_append(out, text->bytes, text->length);
    text_puts(out, gap);
    repeat(out, '`', longest + 1);
}

static void mark_block(Text *out, const Text *text) {
    size_t longest = longest_fence(text), fence = longest < 3 ? 3 : longest + 1;
    repeat(out, '`', fence);
    text_puts(out, "vint\n");
    text_append(out, text->bytes, text->length);
    text_putc(out, '\n');
    repeat(out, '`', fence);
}

static void mark_part(const Part *part, Text *out) {
    switch (part->kind) {
    case PART_CODE:
        mark_block(out, &part->text);
        break;
    case PART_TEXT:
        mark_prose(out, &part->text);
        break;
    case PART_FACT:
        text_puts(out, "- **");
        mark_prose(out, &part->label);
        text_puts(out, "**: ");
        mark_code(out, &part->text);
        break;
    case PART_ITEM:
        text_puts(out, "- ");
        mark_code(out, &part->label);
        if (part->text.length > 0) text_puts(out, " — ");
        mark_prose(out, &part->text);
        break;
    }
}

void page_markdown(const HelpPage *page, Text *out) {
    for (int i = 0; i < page->count; i++) {
        if (i > 0) text_puts(out, stands_close(page, i) ? "\n" : "\n\n");
        mark_part(&page->parts[i], out);
    }
}

/* ---- HTML ---- */

static void escape(Text *out, const Text *text) {
    for (size_t i = 0; i < text->length; i++) {
        char c = text->bytes[i];
        const char *entity = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : NULL;
        if (entity)
            text_puts(out, entity);
        else
            text_putc(out, c);
    }
}

static void wrap(Text *out, const char *before, const Text *text, const char *after) {
    text_puts(out, before);
    escape(out, text);
    text_puts(out, after);
}

void page_html(const HelpPage *page, Text *out) {
    for (int i = 0; i < page->count; i++) {
        const Part *part = &page->parts[i];
        bool in_list = part->kind == PART_FACT || part->kind == PART_ITEM;
        if (in_list && !stands_close(page, i)) text_puts(out, "<ul>");
        switch (part->kind) {
        case PART_CODE:
            wrap(out, "<pre><code>", &part->text, "</code></pre>");
            break;
        case PART_TEXT:
            wrap(out, "<p style=\"white-space: pre-wrap\">", &part->text, "</p>");
            break;
        case PART_FACT:
            wrap(out, "<li><b>", &part->label, "</b>: ");
            wrap(out, "<code>", &part->text, "</code></li>");
            break;
        case PART_ITEM:
            wrap(out, "<li><code>", &part->label, "</code> ");
            wrap(out, "", &part->text, "</li>");
            break;
        }
        if (in_list && !(i + 1 < page->count && stands_close(page, i + 1))) text_puts(out, "</ul>");
    }
}
