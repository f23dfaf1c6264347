/* SPDX-License-Identifier: BSD-3-Clause */
/* In a program of its own, since nothing is installed before main() here. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../sanitized.h"
#include "tls/mem.h"

Test(mem_late, openssl_that_took_memory_goes_on_with_malloc)
{
    char *block = OPENSSL_malloc(1000);

    if (!IS_SANITIZED) /* where nothing is ever installed */
        cr_assert(eq(int, tls_mem_install(), -1));
    memset(block, 1, 1000);
    OPENSSL_free(OPENSSL_realloc(block, 5000));
    cr_assert(zero(u64, tls_mem_in_use()));
    cr_assert(zero(u64, tls_mem_peak()));
}
