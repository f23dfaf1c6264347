/* SPDX-License-Identifier: BSD-3-Clause */
/* See digest.h. */
#include "tls/digest.h"

#include <openssl/evp.h>

void *
tls_digest_begin(void)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();

    if (c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(c);
        c = NULL;
    }
    return c;
}

void
tls_digest_restart(void *digest)
{
    (void)EVP_DigestInit_ex(digest, NULL, NULL);
}

void
tls_digest_add(void *digest, const void *bytes, size_t len)
{
    (void)EVP_DigestUpdate(digest, bytes, len);
}

void
tls_digest_end(void *digest, uint8_t out[static 32])
{
    unsigned len;

    (void)EVP_DigestFinal_ex(digest, out, &len);
}

void
tls_digest_drop(void *digest)
{
    EVP_MD_CTX_free(digest);
}
