/* SPDX-License-Identifier: BSD-3-Clause */
/* See secret.h. */
#include "app/secret.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define ID_WORDS 8 /* 64 bytes hold either identity */

/* Read the file's text into @words, zero-padded. @return bytes read. */
static size_t
read_id(const char *path, uint64_t words[static ID_WORDS])
{
    FILE *file = fopen(path, "re");
    size_t n;

    if (file == NULL)
        return 0;
    n = fread(words, 1, ID_WORDS * sizeof(words[0]), file);
    fclose(file);
    return n;
}

struct siphash_key
secret_of_boot(void)
{
    static const struct siphash_key domain = {.k0 = UINT64_C(0x7368616b65646f77),
                                              .k1 = UINT64_C(0x6e2069736e206b79)};
    uint64_t words[1 + 2 * ID_WORDS] = {0};
    struct siphash_key key;

    read_id("/etc/machine-id", &words[1]);
    if (read_id("/proc/sys/kernel/random/boot_id", &words[1 + ID_WORDS]) == 0 &&
        getrandom(&words[1 + ID_WORDS], sizeof(words[0]) * ID_WORDS, 0) < 0)
        words[1 + ID_WORDS] = (uint64_t)(uintptr_t)&key;
    words[0] = 0;
    key.k0 = siphash13(domain, words, sizeof(words) / sizeof(words[0]));
    words[0] = 1;
    key.k1 = siphash13(domain, words, sizeof(words) / sizeof(words[0]));
    return key;
}
