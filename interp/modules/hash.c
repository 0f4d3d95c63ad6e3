/*
 * hash.c -- the module `hash`: digests of strings, in hexadecimal digits.
 */
#include <openssl/evp.h>
#include <stdlib.h>

#include "lib/lib.h"
#include "modules.h"

static NativeStatus digest(Vm *vm, const EVP_MD *algorithm, const String *data, Value *result) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length;
    if (EVP_Digest(data->bytes, data->length, bytes, &length, algorithm, NULL) != 1)
        return vm_raise(vm, ERR_ERROR, "%s is not available on this system", EVP_MD_get0_name(algorithm));
    Text text = {0};
    for (unsigned i = 0; i < length; i++) text_printf(&text, "%02x", bytes[i]);
    return lib_return_text(vm, &text, result);
}

/* ALGORITHMS(X): X(name, what it is called); libcrypto has them as EVP_name. */
#define ALGORITHMS(X) X(md5, "MD5") X(sha1, "SHA-1") X(sha256, "SHA-256") X(sha512, "SHA-512")

#define X(name, title)                                                                             \
    static NativeStatus hash_##name(NATIVE_ARGS) { return digest(vm, EVP_##name(), args[0].string, result); }
ALGORITHMS(X)
#undef X

static const NativeDef functions[] = {
#define X(name, title)                                                                             \
    {#name "(data: string) -> string", "The " title " digest of the data, in hexadecimal digits.", hash_##name},
    ALGORITHMS(X)
#undef X
    {0}};

Module *hash_module(Vm *vm) { return native_module(vm, "hash", functions); }
