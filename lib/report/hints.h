/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user who sees these numbers would want to be told: advice drawn from the counters of a
 * run. It speaks to the side that totals are of: to whoever runs a generator of its target and of
 * options that run takes, to whoever serves of clients and of options that serve takes. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "report/result.h"

/* Room for a paragraph of advice, and for a command with lists of the user's own in it. */
#define HINT_TEXT_MAX 4096

/* Whom a hint is for. */
#define HINT_RUN   (1U << ROLE_CLIENT)
#define HINT_SERVE (1U << ROLE_SERVER)
#define HINT_BOTH  (HINT_RUN | HINT_SERVE)

/* A row of a table of hints; its end has no name. */
struct hint {
    const char *name; /* in the JSON result; of one cause for both sides the same */
    unsigned whom;
    bool (*applies)(const struct result *r);
    /* A paragraph without line breaks. {peer} stands for "target" or "client", {lists} for the TLS
     * options of the user's own with their values (own_lists.h), {icmp} for the
     * ICMP errors that came (icmp_text.h), {driver} for what DPDK and drivers wrote. */
    const char *text;
    const char *command; /* shows more, or mends it; {s_client} is one; NULL: there is none */
};

/* A hint that applies to a run, in full. */
struct advice {
    const char *name;
    char text[HINT_TEXT_MAX];
    char command[HINT_TEXT_MAX]; /* "" for none */
};

/**
 * Find the advice that @r gives reason for, one after the other.
 *
 * @param cursor  0 before the first call
 * @return false when there is no more
 */
bool hints_next(const struct result *r, unsigned *cursor, struct advice *a);

/** Write all of it under a title, in lines for a terminal; nothing when there is none. @return how
 * many were written */
unsigned hints_write(FILE *out, const struct result *r);
