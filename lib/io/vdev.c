/* SPDX-License-Identifier: BSD-3-Clause */
/* See vdev.h. */
#include "io/vdev.h"

#include <stdio.h>
#include <string.h>

bool
vdev_argument(const char *text, const char *key, char *value, size_t size)
{
    size_t key_len = strlen(key);

    for (const char *p = strchr(text, ','); p != NULL; p = strchr(p, ',')) {
        p++;
        if (strncmp(p, key, key_len) != 0 || p[key_len] != '=')
            continue;
        p += key_len + 1;
        snprintf(value, size, "%.*s", (int)strcspn(p, ","), p);
        return true;
    }
    return false;
}
