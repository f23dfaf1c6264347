/* SPDX-License-Identifier: BSD-3-Clause */
#include "middle/match.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct match m;
static struct middle_tally tally;
static struct middle_seen *to_server = &tally.seen[MIDDLE_TO_SERVER];

static struct crossing
syn(uint32_t tag, uint64_t time_ns, bool is_sent)
{
    return (struct crossing){.time_ns = time_ns,
                             .tag = tag,
                             .ts_val = 7,
                             .src.lo = 1,
                             .dst.lo = 2,
                             .src_port = 1024,
                             .dst_port = 80,
                             .mss = 1460,
                             .options = SEG_OPT_MSS | SEG_OPT_TS,
                             .hop_limit = 64,
                             .kind = MIDDLE_SYN,
                             .is_sent = is_sent};
}

static void
begin(void)
{
    middle_tally_init(&tally, 1);
    match_init(&m, &tally);
}

static void
take(struct crossing c)
{
    match_take(&m, &c);
}

Test(match, both_halves_meet_whichever_is_told_of_first)
{
    begin();
    take(syn(5, 100, true));
    take(syn(6, 350, false));
    take(syn(6, 300, true));
    take(syn(5, 200, false));
    match_end(&m);
    cr_expect(eq(u64, to_server->matched, 2));
    cr_expect(eq(u64, to_server->unmatched_sent + to_server->unmatched_arrived, 0));
    cr_expect(eq(u64, to_server->delay.min_ns, 50));
    cr_expect(eq(u64, to_server->delay.max_ns, 100));
}

Test(match, one_that_is_sent_again_is_told_from_the_lost_one_by_its_timestamp)
{
    struct crossing again = syn(5, 1000, true), arrived = syn(5, 1100, false);

    begin();
    again.ts_val = arrived.ts_val = 8;
    take(syn(5, 0, true));
    take(again);
    take(arrived);
    match_end(&m);
    cr_expect(eq(u64, to_server->matched, 1));
    cr_expect(eq(u64, to_server->unmatched_sent, 1));
    cr_expect(eq(u64, to_server->delay.max_ns, 100));
    cr_expect(eq(u64, to_server->changed[MIDDLE_CHANGED_timestamps], 0));
}

Test(match, what_changed_is_counted_and_nothing_else)
{
    struct crossing c = syn(5, 10, false);

    begin();
    c.src.lo = 9;
    c.mss = 1200;
    c.hop_limit = 63;
    c.tos = 0x28 | 1;
    c.options &= ~SEG_OPT_TS;
    c.ts_val = 0;
    take(syn(5, 0, true));
    take(c);
    for (enum middle_change i = 0; i < MIDDLE_CHANGE_COUNT; i++) {
        bool is_changed = i == MIDDLE_CHANGED_source_address || i == MIDDLE_CHANGED_mss ||
                          i == MIDDLE_CHANGED_hop_limit || i == MIDDLE_CHANGED_dscp ||
                          i == MIDDLE_CHANGED_ecn || i == MIDDLE_CHANGED_timestamps;

        cr_expect(eq(u64, to_server->changed[i], is_changed), "%s", middle_change_names[i]);
    }
}

Test(match, the_oldest_of_too_many_gives_way_unmatched)
{
    begin();
    for (uint32_t i = 0; i < MATCH_WAITING + 3; i++)
        take(syn(i, 0, true));
    cr_expect(eq(u64, to_server->unmatched_sent, 3));
    take(syn(0, 0, false));
    take(syn(5, 0, false));
    match_end(&m);
    cr_expect(eq(u64, to_server->matched, 1));
    cr_expect(eq(u64, to_server->unmatched_arrived, 1));
    cr_expect(eq(u64, to_server->unmatched_sent, MATCH_WAITING + 2));
}

Test(match, an_answer_is_of_the_other_direction)
{
    struct crossing c = syn(5, 0, true);

    begin();
    c.kind = MIDDLE_SYN_ACK;
    take(c);
    take(syn(5, 0, false));
    match_end(&m);
    cr_expect(eq(u64, to_server->matched, 0));
    cr_expect(eq(u64, to_server->unmatched_arrived, 1));
    cr_expect(eq(u64, tally.seen[MIDDLE_TO_CLIENT].unmatched_sent, 1));
}

Test(match, what_the_device_does_is_told_by_what_is_recognised)
{
    struct crossing c = syn(5, 0, false);

    begin();
    cr_expect(eq(int, middle_device_of(&tally), MIDDLE_SILENT));
    tally.counts[MIDDLE_TO_SERVER].arrived[MIDDLE_SYN] = 2;
    take(syn(5, 0, true));
    take(syn(5, 0, false));
    cr_expect(eq(int, middle_device_of(&tally), MIDDLE_FORWARDS));
    c.dst_port = 81;
    take(syn(5, 0, true));
    take(c);
    cr_expect(eq(int, middle_device_of(&tally), MIDDLE_TRANSLATES));
    to_server->unmatched_arrived = 3;
    cr_expect(eq(int, middle_device_of(&tally), MIDDLE_PROXIES));
}

Test(match, both_ports_choose_the_same_sample)
{
    unsigned n = 0;

    for (uint32_t tag = 0; tag < 100000; tag++)
        n += crossing_is_sampled(tag, 10);
    cr_expect(lt(uint, n, 10500));
    cr_expect(lt(uint, 9500, n));
    cr_expect(crossing_is_sampled(12345, 1));
}
