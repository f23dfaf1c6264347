/* SPDX-License-Identifier: BSD-3-Clause */
/* What string.h lacks. */
#pragma once

#include <stdbool.h>
#include <string.h>

static inline bool
text_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), of_end = strlen(end);

    return length >= of_end && strcmp(text + length - of_end, end) == 0;
}
