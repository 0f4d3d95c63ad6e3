/*
 * hash.c -- the module `hash`: digests of strings, in hexadecimal digits.
 */
#include <openssl/evp.h>
#include <openssl/opensslv.h>

#include "lib/lib.h"
#include "library.h"
#include "modules.h"

/* ALGORITHMS(X): X(name, what it is called); libcrypto has them as EVP_name. */
#define ALGORITHMS(X) X(md5, "MD5") X(sha1, "SHA-1") X(sha256, "SHA-256") X(sha512, "SHA-512")

#define FUNCTIONS(X) X(EVP_Digest) X(EVP_md5) X(EVP_sha1) X(EVP_sha256) X(EVP_sha512)
static LIBRARY(FUNCTIONS) crypto;

#define TEXT(number) #number
#define LIBCRYPTO(version) "libcrypto.so." TEXT(version)

static bool load(Vm *vm) {
    const char *file = LIBCRYPTO(OPENSSL_SHLIB_VERSION);
    if (LIBRARY_LOAD(crypto, file, FUNCTIONS)) return true;
    vm_raise(vm, ERR_ERROR, "hash needs the library %s, which is missing on this system", file);
    return false;
}

static NativeStatus digest(Vm *vm, const EVP_MD *algorithm, const char *name, const String *data, Value *result) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length;
    if (crypto.EVP_Digest(data->bytes, data->length, bytes, &length, algorithm, NULL) != 1)
        return vm_raise(vm, ERR_ERROR, "%s is not available on this system", name);
    Text text = {0};
    for (unsigned i = 0; i < length; i++) text_printf(&text, "%02x", bytes[i]);
    return lib_return_text(vm, &text, result);
}

#define X(name, title)                                                                             \
    static NativeStatus hash_##name(NATIVE_ARGS) {                                                 \
        if (!load(vm)) return NATIVE_ERROR;                                                        \
        return digest(vm, crypto.EVP_##name(), title, args[0].string, result);                     \
    }
ALGORITHMS(X)
#undef X

static const NativeDef functions[] = {
#define X(name, title)                                                                             \
    {#name "(data: string) -> string", "The " title " digest of the data, in hexadecimal digits.", hash_##name},
    ALGORITHMS(X)
#undef X
    {0}};

Module *hash_module(Vm *vm) { return native_module(vm, "hash", functions); }
