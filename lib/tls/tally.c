/* SPDX-License-Identifier: BSD-3-Clause */
/* See tally.h. */
#include "tls/tally.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

const enum stat_failure tls_cause_failures[TLS_CAUSES] = {
    [TLS_CAUSE_NONE] = FAILURE_COUNT,
    [TLS_CAUSE_ALERT_RECEIVED] = FAILURE_tls_alert,
    [TLS_CAUSE_ALERT_SENT] = FAILURE_tls_alert_sent,
    [TLS_CAUSE_UNTRUSTED] = FAILURE_tls_untrusted,
    [TLS_CAUSE_CLOSED] = FAILURE_tls_closed,
    [TLS_CAUSE_OTHER] = FAILURE_tls,
};

const struct tls_tally_name tls_tally_names[] = {
#define X(tally, agreed, title, text)                                                              \
    {#tally, agreed, title, text, offsetof(struct tls_tally, tally)},
    TLS_TALLIES(X)
#undef X
};

const size_t n_tls_tally_names = ARRAY_LEN(tls_tally_names);

const char *const tls_size_names[TLS_SIZE_COUNT] = {
#define X(name, text) #name,
    TLS_SIZES(X)
#undef X
};

const char *const tls_kind_names[TLS_KINDS] = {"full", "resumed"};

void
tls_rows_count(struct tls_rows *r, const char *name, uint64_t n)
{
    unsigned i;

    if (name == NULL)
        name = "unknown";
    for (i = 0; i < r->n; i++) {
        if (strncmp(r->rows[i].name, name, TLS_TALLY_NAME - 1) == 0) {
            r->rows[i].count += n;
            return;
        }
    }
    if (i == TLS_TALLY_ROWS) {
        r->others += n;
        return;
    }
    snprintf(r->rows[i].name, sizeof(r->rows[i].name), "%s", name);
    r->rows[i].count = n;
    r->n++;
}

void
tls_tally_example(struct tls_tally *t, enum tls_cause cause, const char *text)
{
    if (t->examples[cause][0] == '\0')
        snprintf(t->examples[cause], TLS_EXAMPLE_MAX, "%s", text);
}

void
tls_spread_merge(struct tls_spread *into, const struct tls_spread *from)
{
    if (from->count == 0)
        return;
    into->min = into->count == 0 ? from->min : u64_min(into->min, from->min);
    into->max = u64_max(into->max, from->max);
    into->count += from->count;
    into->sum += from->sum;
}

void
tls_spread_count(struct tls_spread *s, uint64_t n)
{
    tls_spread_merge(s, &(struct tls_spread){1, n, n, n});
}

static void
merge_rows(struct tls_rows *into, const struct tls_rows *from)
{
    for (unsigned i = 0; i < from->n; i++)
        tls_rows_count(into, from->rows[i].name, from->rows[i].count);
    into->others += from->others;
}

void
tls_tally_merge(struct tls_tally *into, const struct tls_tally *from)
{
#define X(name, is_agreed, label, meaning) merge_rows(&into->name, &from->name);
    TLS_TALLIES(X)
#undef X
    for (unsigned i = 0; i < (unsigned)TLS_KINDS * TLS_SIZE_COUNT; i++)
        tls_spread_merge(&into->sizes[i / TLS_SIZE_COUNT][i % TLS_SIZE_COUNT],
                         &from->sizes[i / TLS_SIZE_COUNT][i % TLS_SIZE_COUNT]);
    for (unsigned i = 0; i < LANE_KINDS; i++)
        tls_spread_merge(&into->batches[i], &from->batches[i]);
    for (int i = 0; i < TLS_CAUSES; i++)
        tls_tally_example(into, (enum tls_cause)i, from->examples[i]);
    into->handshake_bytes = u64_max(into->handshake_bytes, from->handshake_bytes);
    into->idle_bytes = u64_max(into->idle_bytes, from->idle_bytes);
}
