/* SPDX-License-Identifier: BSD-3-Clause */
#include "sess/turns.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

static struct turns turns[4];

/* Classes of @weights, one target each, on so many workers. */
static void
begin(unsigned n_workers, unsigned n, const uint64_t *weights)
{
    for (unsigned w = 0; w < n_workers; w++) {
        turns[w] = (struct turns){0};
        for (unsigned i = 0; i < n; i++)
            turns_add(&turns[w], weights[i], i, 1);
        turns_begin(&turns[w], w, n_workers);
    }
}

Test(turns, each_class_gets_its_share_to_one_start)
{
    static const uint64_t weights[] = {1, 10, 100, 333, 1000000};
    double counts[5] = {0}, sum = 1000444;

    begin(1, 5, weights);
    for (unsigned n = 1; n <= 3000000; n++) {
        uint32_t target = turns_next(&turns[0]);

        counts[target]++;
        if (n % 9973 == 0)
            for (unsigned i = 0; i < 5; i++)
                cr_assert(lt(dbl, fabs(counts[i] - n * (double)weights[i] / sum), 3));
    }
}

Test(turns, a_rare_class_comes_at_even_distances)
{
    static const uint64_t weights[] = {1, 99};
    unsigned last = 0;

    begin(1, 2, weights);
    for (unsigned n = 1; n <= 10000; n++) {
        if (turns_next(&turns[0]) != 0)
            continue;
        cr_expect(last == 0 || (n - last >= 99 && n - last <= 101), "%u after %u", n, last);
        last = n;
    }
    cr_expect(lt(uint, 9800, last));
}

/* Each would begin its first one at the same instant otherwise. */
Test(turns, workers_do_not_begin_a_rare_class_all_at_once)
{
    static const uint64_t weights[] = {1, 999};
    unsigned seen[4], n_seen = 0;

    begin(4, 2, weights);
    for (unsigned n = 0; n < 1000; n++)
        for (unsigned w = 0; w < 4; w++)
            if (turns_next(&turns[w]) == 0)
                seen[n_seen++] = n;
    cr_assert(eq(uint, n_seen, 4));
    for (unsigned i = 1; i < 4; i++)
        cr_expect(seen[i] - seen[i - 1] >= 245 && seen[i] - seen[i - 1] <= 255);
}

Test(turns, the_targets_of_a_class_take_turns)
{
    struct turns t = {0};
    unsigned counts[5] = {0};

    turns_add(&t, 1, 0, 3);
    turns_add(&t, 3, 3, 2);
    turns_begin(&t, 0, 1);
    for (unsigned n = 0; n < 1200; n++)
        counts[turns_next(&t)]++;
    for (unsigned i = 0; i < 5; i++)
        cr_expect(eq(uint, counts[i], i < 3 ? 100 : 450), "%u: %u", i, counts[i]);
}

Test(turns, extremes_have_their_turns)
{
    static const uint64_t weights[] = {1, UINT64_C(1000000000000)};
    unsigned first = 0;

    begin(1, 2, weights);
    for (unsigned n = 0; n < 100000; n++)
        first += turns_next(&turns[0]) == 0;
    cr_expect(eq(uint, first, 0));
}
