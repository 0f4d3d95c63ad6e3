/*
 * uuid.c -- the module `uuid`: identifiers that nobody else will ever make.
 */
#include "lib/lib.h"
#include "modules.h"
#include "random.h"

/* Version 4 of RFC 9562: 122 random bits; six say what it is. */
static NativeStatus uuid_generate(NATIVE_ARGS) {
    unsigned char b[16];
    random_fill(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    Text text = {0};
    for (int i = 0; i < 16; i++) text_printf(&text, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
    return lib_return_text(vm, &text, result);
}

static const NativeDef functions[] = {
    {"generate() -> string", "A new random UUID: 32 hexadecimal digits in five groups.", uuid_generate},
    {0}};

Module *uuid_module(Vm *vm) { return native_module(vm, "uuid", functions); }
