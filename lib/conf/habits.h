/* SPDX-License-Identifier: BSD-3-Clause */
/* Options that fingers know from other load generators and TLS tools, and what they are called
 * here. Pure. */
#pragma once

#include <stddef.h>

struct habit {
    const char *typed;
    const char *option;  /* of ours that does it; NULL: none does */
    const char *instead; /* without such an option: what to do */
};

/** What is known of @name, as it stands before its value; of "-c100" what "-c" is. @return NULL:
 * nothing */
const struct habit *habit_find(const char *name);

/** Each of them in turn; NULL behind the last. */
const struct habit *habit_at(size_t i);
