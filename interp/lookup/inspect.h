/*
 * inspect.h -- help for what stands at the cursor.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include "page.h"
#include "vm/vm.h"

/* Fills [page] with help for the name at or before byte [cursor] of [code], else for the function whose call the cursor is
 * in. [detail] 0: in short; 1: with source and whole value. False: there is none. */
bool inspect_page(Vm *vm, const char *code, size_t length, size_t cursor, int detail, HelpPage *page);

#endif
