/* SPDX-License-Identifier: BSD-3-Clause */
/* Snapshots of a sample run (../report/sample.h), and text made of them. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "metrics/exposition.h"
#include "sample.h"

static struct sample sample;

static struct metrics_facts facts = {
    .began_unix_ns = UINT64_C(1700000000500000000),
    .taken_unix_ns = UINT64_C(1700000010000000000),
    .run_s = 10,
    .stage = METRICS_SUSTAIN,
    .has_rate = true,
    .rate_milli = 100500,
    .n_ports = 2,
    .n_queues = 1,
};

/* Of what sample has now. */
static inline struct metrics_snapshot *
snap(void)
{
    struct metrics_snapshot *s = metrics_snapshot_make(&sample.r, &facts);

    cr_assert_not_null(s);
    return s;
}

/* Its text; the snapshot is gone. */
static inline char *
text_of(struct metrics_snapshot *s, enum exposition_form form)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    cr_assert(exposition_write(out, s, form));
    fclose(out);
    metrics_snapshot_release(s);
    return text;
}

/* Whether @line is one of @text's. */
static inline bool
has_line(const char *text, const char *line)
{
    size_t length = strlen(line);

    for (const char *at = text; (at = strstr(at, line)) != NULL; at += length)
        if ((at == text || at[-1] == '\n') && at[length] == '\n')
            return true;
    return false;
}
