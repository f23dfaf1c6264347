/* SPDX-License-Identifier: BSD-3-Clause */
/* See identity.h. */
#include "app/identity.h"

#include <stdio.h>
#include <string.h>

static size_t
read_id(const char *path, uint64_t words[static IDENTITY_WORDS])
{
    FILE *file = fopen(path, "re");
    size_t n;

    memset(words, 0, IDENTITY_WORDS * sizeof(words[0]));
    if (file == NULL)
        return 0;
    n = fread(words, 1, IDENTITY_WORDS * sizeof(words[0]), file);
    fclose(file);
    return n;
}

size_t
identity_of_machine(uint64_t words[static IDENTITY_WORDS])
{
    return read_id("/etc/machine-id", words);
}

size_t
identity_of_boot(uint64_t words[static IDENTITY_WORDS])
{
    return read_id("/proc/sys/kernel/random/boot_id", words);
}
