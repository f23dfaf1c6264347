/* SPDX-License-Identifier: BSD-3-Clause */
/* See secret.h. */
#include "app/secret.h"

#include <sys/random.h>

#include "app/identity.h"

struct siphash_key
secret_of_boot(void)
{
    static const struct siphash_key domain = {.k0 = UINT64_C(0x7368616b65646f77),
                                              .k1 = UINT64_C(0x6e2069736e206b79)};
    uint64_t words[1 + 2 * IDENTITY_WORDS] = {0};
    struct siphash_key key;

    (void)identity_of_machine(&words[1]);
    if (identity_of_boot(&words[1 + IDENTITY_WORDS]) == 0 &&
        getrandom(&words[1 + IDENTITY_WORDS], sizeof(words[0]) * IDENTITY_WORDS, 0) < 0)
        words[1 + IDENTITY_WORDS] = (uint64_t)(uintptr_t)&key;
    words[0] = 0;
    key.k0 = siphash13(domain, words, sizeof(words) / sizeof(words[0]));
    words[0] = 1;
    key.k1 = siphash13(domain, words, sizeof(words) / sizeof(words[0]));
    return key;
}
