/* SPDX-License-Identifier: BSD-3-Clause */
#include "metrics/snapshot.h"

#include "metrics_rig.h"

Test(snapshot, it_stays_as_it_was_when_the_result_goes_on)
{
    struct metrics_snapshot *s;

    sample_init(&sample);
    s = snap();
    sample.r.cores[0].total.counters[CTR_attempted] += 5;
    hist_record(&sample.r.cores[0].total.latency[LAT_connect], 100);
    cr_assert(eq(u64, s->cores[0].counts.counters[CTR_attempted], 1000));
    cr_assert(eq(u64, s->latencies[0].rows[LAT_connect].count, 998));
    metrics_snapshot_release(s);
}

Test(snapshot, it_lives_until_its_last_owner_lets_go)
{
    struct metrics_snapshot *s;

    sample_init(&sample);
    s = snap();
    cr_assert(eq(ptr, metrics_snapshot_take(s), s));
    metrics_snapshot_release(s);
    cr_assert(eq(u64, s->intervals, 1)); /* a sanitizer sees if it is not so */
    metrics_snapshot_release(s);
    metrics_snapshot_release(NULL);
}

Test(snapshot, latencies_are_of_the_side_that_totals_are_of)
{
    struct metrics_snapshot *s;

    sample_init(&sample);
    hist_record(&sample.r.cores[1].total.latency[LAT_connect], 7);
    s = snap();
    cr_assert(eq(int, s->role, ROLE_CLIENT));
    cr_assert(eq(u64, s->latencies[0].rows[LAT_connect].min_ns, 200));
    cr_assert(eq(u64, s->latencies[0].rows[LAT_connect].quantile_ns[QUANTILE_p50], 200));
    cr_assert(eq(u64, s->latencies[0].rows[LAT_connect].max_ns, 50 * NS_PER_US));
    metrics_snapshot_release(s);
    sample.r.cores[1].role = ROLE_CLIENT;
    s = snap();
    cr_assert(eq(u64, s->latencies[0].rows[LAT_connect].count, 999));
    cr_assert(eq(u64, s->latencies[0].rows[LAT_connect].min_ns, 7));
    metrics_snapshot_release(s);
}

Test(snapshot, what_a_result_gets_in_the_end_is_added_meanwhile)
{
    struct metrics_snapshot *s;

    sample_init(&sample);
    facts.link_downs = 2;
    facts.link_down_ns = 300;
    facts.rx_missed[0] = 4;
    facts.rx_missed[1] = 5;
    s = snap();
    cr_assert(eq(u64, s->cores[0].counts.counters[CTR_link_downs], 2));
    cr_assert(eq(u64, s->cores[0].counts.counters[CTR_link_down_ns], 300));
    cr_assert(eq(u64, s->cores[0].counts.counters[CTR_rx_missed], 4));
    cr_assert(eq(u64, s->cores[1].counts.counters[CTR_rx_missed], 5));
    metrics_snapshot_release(s);
}

Test(snapshot, a_clock_that_was_set_back_does_not_put_the_end_before_the_beginning)
{
    struct metrics_snapshot *s;

    sample_init(&sample);
    facts.taken_unix_ns = facts.began_unix_ns - 1;
    s = snap();
    cr_assert(eq(u64, s->taken_unix_ns, s->began_unix_ns));
    metrics_snapshot_release(s);
}
