/* SPDX-License-Identifier: BSD-3-Clause */
/* A text that is no value, and what the sentence about it must say. */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

struct bad_text {
    const char *text;
    const char *mentions[2];
};

static inline void
expect_mentions(const struct bad_text *row, const char *why)
{
    for (int i = 0; i < 2; i++)
        cr_expect(strstr(why, row->mentions[i]) != NULL, "'%s' is missing from: %s",
                  row->mentions[i], why);
}
