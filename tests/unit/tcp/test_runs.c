/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "../seed.h"
#include "base/rng.h"
#include "base/units.h"
#include "tcp/runs.h"

#define ROOM 8

/* The least round trip that the tests know of, and when nothing is compared with it. */
#define MIN_RTT_US 100

struct board {
    struct run run[ROOM];
    struct runs rs;
};

/* An empty board that begins at 1, with room for @room. */
static void
begins(struct board *b, unsigned room)
{
    memset(b, 0x5a, sizeof(*b));
    b->rs = (struct runs){.run = b->run, .room = room, .una = 1};
}

/* [1, 11) [11, 21) [21, 31), sent at 1000, 2000 and 3000. */
static void
begins_with_three(struct board *b)
{
    begins(b, ROOM);
    runs_append(&b->rs, 11, 1000, 0);
    runs_append(&b->rs, 21, 2000, 0);
    runs_append(&b->rs, 31, 3000, 0);
}

static struct runs_delivered
sacks(struct board *b, uint32_t begin, uint32_t end, uint32_t now_us)
{
    struct runs_delivered d = {
        .now_us = now_us, .min_rtt_us = MIN_RTT_US, .fack = runs_fack(&b->rs)};

    cr_assert(runs_sacked(&b->rs, (struct seg_range){begin, end}, &d));
    return d;
}

static struct runs_delivered
acks(struct board *b, uint32_t ack, uint32_t now_us)
{
    struct runs_delivered d = {
        .now_us = now_us, .min_rtt_us = MIN_RTT_US, .fack = runs_fack(&b->rs)};

    runs_acked(&b->rs, ack, &d);
    return d;
}

/* What was sent at @sent_us and ends at @end was delivered, the last of all; @latest_is_resent. */
static uint32_t
detects_after(struct board *b, struct seg_range sent_end, bool latest_is_resent, uint32_t wait_us,
              uint32_t now_us, uint32_t *lost)
{
    struct runs_delivered latest = {
        .sent_us = sent_end.begin, .end = sent_end.end, .is_resent = latest_is_resent};

    return runs_detect_lost(&b->rs, &latest, wait_us, now_us, lost);
}

#define detects(b, sent_us, end, wait_us, now_us, lost)                                            \
    detects_after((b), (struct seg_range){(sent_us), (end)}, false, (wait_us), (now_us), (lost))

#define expects(b, ...)                                                                            \
    do {                                                                                           \
        const struct run expected[] = {__VA_ARGS__};                                               \
        cr_assert(eq(u32, (b)->rs.n, ARRAY_LEN(expected)));                                        \
        for (unsigned i_ = 0; i_ < ARRAY_LEN(expected); i_++) {                                    \
            cr_assert(eq(u32, (b)->run[i_].end, expected[i_].end));                                \
            cr_assert(eq(u32, (b)->run[i_].sent_us, expected[i_].sent_us));                        \
            cr_assert(eq(u32, (b)->run[i_].flags, expected[i_].flags));                            \
        }                                                                                          \
    } while (0)

#define tells(delivered, n_bytes, sent, until)                                                     \
    do {                                                                                           \
        struct runs_delivered told = (delivered);                                                  \
                                                                                                   \
        cr_assert(told.has_latest);                                                                \
        cr_assert(eq(u32, told.bytes, (n_bytes)));                                                 \
        cr_assert(eq(u32, told.sent_us, (sent)));                                                  \
        cr_assert(eq(u32, told.end, (until)));                                                     \
    } while (0)

Test(runs, what_goes_out_at_one_instant_is_one_run)
{
    struct board b;

    begins(&b, ROOM);
    runs_append(&b.rs, 11, 1000, 0);
    runs_append(&b.rs, 21, 1000, 0);
    runs_append(&b.rs, 31, 1001, 0);
    expects(&b, {21, 1000, 0}, {31, 1001, 0});
    cr_assert(eq(u32, runs_in_flight(&b.rs), 30));
    cr_assert(eq(u32, runs_begin(&b.rs, 1), 21));
}

Test(runs, what_goes_out_in_one_grain_is_one_run_of_the_later_instant)
{
    struct board b;

    begins(&b, ROOM);
    runs_append(&b.rs, 11, 1000, 5);
    runs_append(&b.rs, 21, 1004, 5);
    runs_append(&b.rs, 31, 1005, 5);
    runs_append(&b.rs, 41, 1009, 5);
    expects(&b, {21, 1004, 0}, {41, 1009, 0});
}

Test(runs, a_run_does_not_grow_for_ever_within_the_grain)
{
    struct board b;

    begins(&b, ROOM);
    for (uint32_t i = 1; i <= 20; i++)
        runs_append(&b.rs, 1 + 1000 * i, 1000 + i, 100);
    expects(&b, {17001, 1017, 0}, {20001, 1020, 0});
}

Test(runs, nothing_is_appended_to_what_has_another_fate)
{
    struct board b;

    begins(&b, ROOM);
    runs_append(&b.rs, 11, 1000, 0);
    runs_mark_lost(&b.rs, 11);
    runs_append(&b.rs, 21, 1000, 0);
    sacks(&b, 11, 21, 1200);
    runs_append(&b.rs, 31, 1000, 0);
    expects(&b, {11, 1000, RUN_LOST}, {21, 1000, RUN_SACKED}, {31, 1000, 0});
}

Test(runs, without_room_the_last_run_takes_in_what_follows_and_measures_nothing)
{
    struct board b;

    begins(&b, 1);
    runs_append(&b.rs, 11, 1000, 0);
    runs_append(&b.rs, 21, 2000, 0);
    expects(&b, {21, 2000, RUN_RESENT});
}

Test(runs, for_room_those_neighbours_become_one_that_were_sent_least_apart)
{
    struct board b;

    begins(&b, 3);
    runs_append(&b.rs, 11, 1000, 0);
    runs_append(&b.rs, 21, 3000, 0);
    runs_append(&b.rs, 31, 4000, 0);
    runs_append(&b.rs, 41, 9000, 0);
    cr_assert(eq(u32, b.rs.n, 3));
    cr_assert(eq(u32, b.run[0].end, 11));
    cr_assert(eq(u32, b.run[1].end, 31));
    cr_assert(eq(u32, b.run[1].sent_us, 4000));
}

/* Its instant is true for a part only: taken for the whole, the round trip looks shorter. */
Test(runs, what_was_joined_for_want_of_room_measures_no_round_trip)
{
    struct board b;
    struct runs_delivered d;

    begins(&b, 3);
    runs_append(&b.rs, 11, 1000, 0);
    runs_append(&b.rs, 21, 3000, 0);
    runs_append(&b.rs, 31, 9000, 0);
    runs_append(&b.rs, 41, 9500, 0);
    runs_append(&b.rs, 51, 20000, 0);
    d = acks(&b, 1 + 5, 10000); /* sent 9 ms ago, not 7 */
    cr_assert(not(d.has_latest && !d.is_resent && d.sent_us != 1000));
}

Test(runs, what_was_lost_and_what_was_not_never_become_one)
{
    struct board b;

    begins(&b, 2);
    runs_append(&b.rs, 11, 1000, 0);
    runs_mark_lost(&b.rs, 11);
    runs_append(&b.rs, 21, 2000, 0);
    runs_append(&b.rs, 31, 3000, 0);
    expects(&b, {11, 1000, RUN_LOST}, {31, 3000, RUN_RESENT});
}

Test(runs, an_acknowledgement_drops_whole_runs_and_cuts_one)
{
    struct board b;
    struct runs_delivered d;

    begins_with_three(&b);
    d = acks(&b, 26, 5000);
    expects(&b, {31, 3000, 0});
    tells(d, 25, 3000, 26);
    cr_assert(eq(u32, b.rs.una, 26));
    cr_assert(eq(u32, runs_in_flight(&b.rs), 5));
    cr_assert(not(d.is_resent));
    cr_assert(not(d.has_reordered));
    d = acks(&b, 31, 5000);
    cr_assert(eq(u32, b.rs.n, 0));
    tells(d, 5, 3000, 31);
}

Test(runs, a_selective_acknowledgement_splits_a_run_in_three)
{
    struct board b;
    struct runs_delivered d;

    begins_with_three(&b);
    d = sacks(&b, 14, 17, 5000);
    expects(&b, {11, 1000, 0}, {14, 2000, 0}, {17, 2000, RUN_SACKED}, {21, 2000, 0}, {31, 3000, 0});
    tells(d, 3, 2000, 17);
    cr_assert(eq(u32, runs_in_flight(&b.rs), 27));
    cr_assert(eq(u32, runs_sacked_bytes(&b.rs), 3));
    cr_assert(eq(u32, runs_fack(&b.rs), 17));
}

Test(runs, a_selective_acknowledgement_over_several_runs_makes_one)
{
    struct board b;
    struct runs_delivered d;

    begins_with_three(&b);
    d = sacks(&b, 6, 31, 5000);
    expects(&b, {6, 1000, 0}, {31, 3000, RUN_SACKED});
    tells(d, 25, 3000, 31);
}

Test(runs, what_was_known_to_be_with_the_peer_is_not_delivered_again)
{
    struct board b;
    struct runs_delivered d;

    begins_with_three(&b);
    sacks(&b, 11, 21, 5000);
    d = sacks(&b, 11, 26, 5000);
    tells(d, 5, 3000, 26);
    d = acks(&b, 21, 5000);
    tells(d, 10, 1000, 11);
    expects(&b, {26, 3000, RUN_SACKED}, {31, 3000, 0});
    d = acks(&b, 26, 5000);
    cr_assert(eq(u32, d.bytes, 0));
    cr_assert(not(d.has_latest));
}

Test(runs, what_is_with_the_peer_is_not_lost_any_more)
{
    struct board b;

    begins_with_three(&b);
    runs_mark_lost(&b.rs, 31);
    sacks(&b, 11, 21, 5000);
    expects(&b, {11, 1000, RUN_LOST}, {21, 2000, RUN_SACKED}, {31, 3000, RUN_LOST});
    cr_assert(eq(u32, runs_in_flight(&b.rs), 0));
}

/* RFC 8985 6.2 step 3. */
Test(runs, an_arrival_below_what_had_arrived_is_reordering)
{
    struct board b;

    begins_with_three(&b);
    cr_assert(not(sacks(&b, 11, 21, 5000).has_reordered));
    cr_assert(not(sacks(&b, 21, 31, 5000).has_reordered));
    cr_assert(sacks(&b, 1, 6, 5000).has_reordered);
    cr_assert(acks(&b, 11, 5000).has_reordered);
}

Test(runs, an_arrival_of_what_was_sent_again_is_not_reordering)
{
    struct board b;

    begins_with_three(&b);
    sacks(&b, 11, 21, 5000);
    runs_mark_lost(&b.rs, 11);
    runs_resent(&b.rs, 1, 11, 5000);
    cr_assert(not(acks(&b, 11, 6000).has_reordered));
}

Test(runs, two_blocks_of_one_segment_in_any_order_are_not_reordering)
{
    struct board b;
    struct runs_delivered d = {.now_us = 5000, .min_rtt_us = MIN_RTT_US, .fack = 1};

    begins_with_three(&b);
    cr_assert(runs_sacked(&b.rs, (struct seg_range){26, 31}, &d));
    cr_assert(runs_sacked(&b.rs, (struct seg_range){11, 21}, &d));
    cr_assert(not(d.has_reordered));
    tells(d, 15, 3000, 31);
}

/* RFC 8985 6.2 step 2. */
Test(runs, what_was_sent_again_a_moment_ago_arrived_from_the_first_copy)
{
    struct board b;
    struct runs_delivered d;

    begins_with_three(&b);
    runs_resent(&b.rs, 1, 11, 5000);
    d = acks(&b, 6, 5000 + MIN_RTT_US - 1);
    cr_assert(eq(u32, d.bytes, 5));
    cr_assert(not(d.has_latest));
    d = acks(&b, 11, 5000 + MIN_RTT_US);
    tells(d, 5, 5000, 11);
    cr_assert(d.is_resent);
}

/* Without room for the line between them all counts as not delivered. */
Test(runs, a_block_without_room_for_it_is_forgotten)
{
    struct board b;
    struct runs_delivered d = {.now_us = 5000, .min_rtt_us = MIN_RTT_US, .fack = 1};

    begins(&b, 2);
    runs_append(&b.rs, 31, 1000, 0);
    cr_assert(not(runs_sacked(&b.rs, (struct seg_range){11, 21}, &d)));
    cr_assert(eq(u32, d.bytes, 0));
    cr_assert(eq(u32, runs_in_flight(&b.rs), 30));
    cr_assert(eq(u32, runs_sacked_bytes(&b.rs), 0));
}

Test(runs, what_was_sent_before_a_delivery_is_lost_when_its_time_is_over)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    sacks(&b, 21, 31, 3500);
    cr_assert(eq(u32, detects(&b, 3000, 31, 1000, 2999, &lost), 1));
    cr_assert(eq(u32, lost, 10)); /* sent at 1000, 1999 ago; the other 999 ago */
    expects(&b, {11, 1000, RUN_LOST}, {21, 2000, 0}, {31, 3000, RUN_SACKED});
    cr_assert(eq(u32, detects(&b, 3000, 31, 1000, 3000, &lost), 0));
    cr_assert(eq(u32, lost, 10));
    cr_assert(eq(u32, runs_in_flight(&b.rs), 0));
}

Test(runs, what_was_sent_after_a_delivery_is_not_lost_however_long_ago)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    sacks(&b, 11, 21, 3500);
    cr_assert(eq(u32, detects(&b, 2000, 21, 1000, 1000000, &lost), 0));
    cr_assert(eq(u32, lost, 10));
    expects(&b, {11, 1000, RUN_LOST}, {21, 2000, RUN_SACKED}, {31, 3000, 0});
}

Test(runs, at_one_instant_the_lower_number_was_sent_before)
{
    struct board b;
    uint32_t lost;

    begins(&b, ROOM);
    runs_append(&b.rs, 31, 1000, 0);
    sacks(&b, 11, 21, 2000);
    cr_assert(eq(u32, detects(&b, 1000, 21, 1000, 1990, &lost), 10));
    cr_assert(eq(u32, lost, 0));
    cr_assert(eq(u32, detects(&b, 1000, 21, 1000, 2000, &lost), 0));
    cr_assert(eq(u32, lost, 10));
    expects(&b, {11, 1000, RUN_LOST}, {21, 1000, RUN_SACKED}, {31, 1000, 0});
}

/* All that one turn sends has one instant. */
Test(runs, at_one_instant_a_repetition_was_not_sent_before_what_has_a_higher_number)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    runs_resent(&b.rs, 1, 11, 4000);
    runs_append(&b.rs, 41, 4000, 0);
    sacks(&b, 11, 41, 5000);
    cr_assert(eq(u32, detects(&b, 4000, 41, 500, 5000, &lost), 0));
    cr_assert(eq(u32, lost, 0));
}

Test(runs, at_one_instant_repetitions_went_out_in_the_order_of_their_numbers)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    runs_mark_lost(&b.rs, 21);
    runs_resent(&b.rs, 1, 11, 4000);
    runs_resent(&b.rs, 11, 21, 4000);
    sacks(&b, 11, 21, 5000);
    cr_assert(eq(u32, detects_after(&b, (struct seg_range){4000, 21}, true, 500, 5000, &lost), 0));
    cr_assert(eq(u32, lost, 20));
    expects(&b, {11, 4000, RUN_LOST | RUN_RESENT}, {21, 4000, RUN_SACKED | RUN_RESENT},
            {31, 3000, RUN_LOST});
}

Test(runs, a_repetition_is_lost_when_what_went_out_after_it_arrives)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    runs_mark_lost(&b.rs, 11);
    runs_resent(&b.rs, 1, 11, 4000);
    runs_append(&b.rs, 41, 5000, 0);
    sacks(&b, 31, 41, 6000);
    cr_assert(eq(u32, detects(&b, 5000, 41, 1500, 6000, &lost), 0));
    cr_assert(eq(u32, lost, 30));
    expects(&b, {11, 4000, RUN_LOST | RUN_RESENT}, {21, 2000, RUN_LOST}, {31, 3000, RUN_LOST},
            {41, 5000, RUN_SACKED});
}

Test(runs, marking_up_to_a_number_cuts_there_and_spares_what_the_peer_has)
{
    struct board b;

    begins_with_three(&b);
    sacks(&b, 6, 16, 5000);
    cr_assert(eq(u32, runs_mark_lost(&b.rs, 26), 15)); /* 1-6, 16-21, 21-26 */
    expects(&b, {6, 1000, RUN_LOST}, {16, 2000, RUN_SACKED}, {21, 2000, RUN_LOST},
            {26, 3000, RUN_LOST}, {31, 3000, 0});
    cr_assert(eq(u32, runs_mark_lost(&b.rs, 26), 0));
}

Test(runs, marking_without_room_to_cut_takes_the_whole_run)
{
    struct board b;

    begins(&b, 1);
    runs_append(&b.rs, 31, 1000, 0);
    cr_assert(eq(u32, runs_mark_lost(&b.rs, 11), 30));
    expects(&b, {31, 1000, RUN_LOST});
}

Test(runs, forgetting_makes_the_sacked_be_in_flight_again)
{
    struct board b;

    begins_with_three(&b);
    sacks(&b, 11, 21, 5000);
    runs_forget_sacks(&b.rs);
    expects(&b, {11, 1000, 0}, {21, 2000, 0}, {31, 3000, 0});
    cr_assert(eq(u32, runs_in_flight(&b.rs), 30));
    cr_assert(eq(u32, runs_fack(&b.rs), 1));
}

Test(runs, the_first_lost_range_is_the_next)
{
    struct board b;
    struct seg_range r = {7, 7};

    begins_with_three(&b);
    cr_assert(not(runs_next_lost(&b.rs, &r)));
    sacks(&b, 1, 11, 5000);
    runs_mark_lost(&b.rs, 31);
    cr_assert(runs_next_lost(&b.rs, &r));
    cr_assert(eq(u32, r.begin, 11));
    cr_assert(eq(u32, r.end, 21));
}

Test(runs, a_lost_run_that_goes_out_piece_by_piece_is_two_runs)
{
    struct board b;

    begins(&b, 3);
    runs_append(&b.rs, 31, 1000, 0);
    runs_mark_lost(&b.rs, 31);
    runs_resent(&b.rs, 1, 11, 5000);
    expects(&b, {11, 5000, RUN_RESENT}, {31, 1000, RUN_LOST});
    runs_resent(&b.rs, 11, 21, 5000);
    expects(&b, {21, 5000, RUN_RESENT}, {31, 1000, RUN_LOST});
    cr_assert(eq(u32, runs_in_flight(&b.rs), 20));
    runs_resent(&b.rs, 21, 31, 5000);
    expects(&b, {31, 5000, RUN_RESENT});
}

Test(runs, the_middle_of_a_run_may_go_out_again)
{
    struct board b;

    begins(&b, ROOM);
    runs_append(&b.rs, 31, 1000, 0);
    runs_resent(&b.rs, 11, 21, 5000);
    expects(&b, {11, 1000, 0}, {21, 5000, RUN_RESENT}, {31, 1000, 0});
}

Test(runs, without_room_for_a_line_the_whole_run_counts_as_sent_again)
{
    struct board b;

    begins(&b, 1);
    runs_append(&b.rs, 31, 1000, 0);
    runs_mark_lost(&b.rs, 31);
    runs_resent(&b.rs, 1, 11, 5000);
    expects(&b, {31, 5000, RUN_RESENT});
}

Test(runs, numbers_and_instants_may_wrap)
{
    struct board b;
    uint32_t lost;

    begins(&b, ROOM);
    b.rs.una = 0xfffffff0;
    runs_append(&b.rs, 0xfffffffa, 0xffffff00, 0);
    runs_append(&b.rs, 4, 0xfffffff0, 0);
    runs_append(&b.rs, 14, 0x10, 0);
    tells(sacks(&b, 4, 14, 0x210), 10, 0x10, 14);
    cr_assert(eq(u32, detects(&b, 0x10, 14, 0x210, 0x1ff, &lost), 1));
    cr_assert(eq(u32, lost, 10));
    tells(acks(&b, 1, 0x210), 17, 0xfffffff0, 1);
    expects(&b, {4, 0xfffffff0, 0}, {14, 0x10, RUN_SACKED});
}

/* -- byte by byte ------------------------------------------------------------------------------ */

#define NUMBERS 40 /* runs at most, so that the model need not know of room */

/* Number first + i is byte i. */
struct model {
    uint32_t first;
    unsigned una, nxt;
    uint32_t sent_us[NUMBERS];
    uint8_t flags[NUMBERS];
    unsigned fack;
    bool has_sent; /* what runs_detect_lost() is measured by */
    struct runs_delivered rack;
};

struct world {
    struct run run[NUMBERS + 2];
    struct runs rs;
    struct model m;
    struct rng rng;
    uint64_t seed;
    uint32_t now_us;
};

#define holds_with(seed, what)                                                                     \
    do {                                                                                           \
        if (!(what))                                                                               \
            cr_fatal(#what "; again with " SEED_FMT, (seed));                                      \
    } while (0)
#define holds(w, what) holds_with((w)->seed, what)

static void
compares(const struct world *w)
{
    const struct model *m = &w->m;
    uint32_t at = w->rs.una, in_flight = 0, sacked = 0;
    unsigned i = m->una;

    holds(w, w->rs.una == m->first + m->una);
    for (unsigned k = 0; k < w->rs.n; k++) {
        holds(w, (int32_t)(w->run[k].end - at) > 0);
        for (; at != w->run[k].end; at++, i++) {
            holds(w, i < m->nxt);
            holds(w, w->run[k].flags == m->flags[i] ||
                         (w->run[k].flags & m->flags[i] & RUN_SACKED) != 0);
            holds(w, (m->flags[i] & RUN_SACKED) != 0 || w->run[k].sent_us == m->sent_us[i]);
            in_flight += (m->flags[i] & (RUN_SACKED | RUN_LOST)) == 0;
            sacked += (m->flags[i] & RUN_SACKED) != 0;
        }
    }
    holds(w, i == m->nxt);
    holds(w, runs_in_flight(&w->rs) == in_flight);
    holds(w, runs_sacked_bytes(&w->rs) == sacked);
}

/* Byte i is delivered now. */
static void
model_delivers(struct world *w, struct runs_delivered *d, unsigned i)
{
    struct model *m = &w->m;
    bool is_resent = (m->flags[i] & RUN_RESENT) != 0;
    uint32_t sent_us = m->sent_us[i], end = m->first + i + 1;

    if ((m->flags[i] & RUN_SACKED) != 0)
        return;
    d->bytes++;
    if (!is_resent && i + 1 < m->fack)
        d->has_reordered = true;
    if (is_resent && w->now_us - sent_us < MIN_RTT_US)
        return;
    if (d->has_latest && (int32_t)(sent_us - d->sent_us) < 0)
        return;
    if (d->has_latest && sent_us == d->sent_us && (int32_t)(end - d->end) < 0)
        return;
    d->has_latest = true;
    d->sent_us = sent_us;
    d->end = end;
    d->is_resent = is_resent;
}

static void
both_deliver(struct world *w, unsigned begin, unsigned end, bool is_ack)
{
    struct model *m = &w->m;
    struct runs_delivered want = {0}, got = {.now_us = w->now_us, .min_rtt_us = MIN_RTT_US};

    m->fack = m->una;
    for (unsigned i = m->una; i < m->nxt; i++)
        m->fack = (m->flags[i] & RUN_SACKED) != 0 ? i + 1 : m->fack;
    got.fack = runs_fack(&w->rs);
    holds(w, got.fack == m->first + m->fack);
    for (unsigned i = begin; i < end; i++) {
        model_delivers(w, &want, i);
        m->flags[i] = (uint8_t)((m->flags[i] & ~RUN_LOST) | RUN_SACKED);
    }
    if (is_ack) {
        m->una = end;
        runs_acked(&w->rs, m->first + end, &got);
    } else {
        holds(w, runs_sacked(&w->rs, (struct seg_range){m->first + begin, m->first + end}, &got));
    }
    holds(w, got.bytes == want.bytes);
    holds(w, got.has_reordered == want.has_reordered);
    holds(w, got.has_latest == want.has_latest);
    if (!want.has_latest)
        return;
    holds(w, got.sent_us == want.sent_us);
    holds(w, got.end == want.end);
    holds(w, got.is_resent == want.is_resent);
    if (!m->has_sent || (int32_t)(got.sent_us - m->rack.sent_us) > 0 ||
        (got.sent_us == m->rack.sent_us && (int32_t)(got.end - m->rack.end) > 0)) {
        m->has_sent = true;
        m->rack = got;
    }
}

static void
both_detect(struct world *w)
{
    struct model *m = &w->m;
    uint32_t wait_us = 1 + (uint32_t)rng_below(&w->rng, 200), lost, want_lost = 0, longest_us = 0;

    if (!m->has_sent)
        return;
    for (unsigned i = m->una; i < m->nxt; i++) {
        int32_t later = (int32_t)(m->rack.sent_us - m->sent_us[i]);
        bool is_before =
            later > 0 || (later == 0 && (int32_t)(m->rack.end - (m->first + i + 1)) > 0);
        uint32_t passed_us = w->now_us - m->sent_us[i];

        if ((m->flags[i] & (RUN_SACKED | RUN_LOST)) != 0 || !is_before)
            continue;
        if (later == 0 && (m->flags[i] & RUN_RESENT) != 0 && !m->rack.is_resent)
            continue;
        if (passed_us >= wait_us) {
            m->flags[i] |= RUN_LOST;
            want_lost++;
        } else if (wait_us - passed_us > longest_us) {
            longest_us = wait_us - passed_us;
        }
    }
    holds(w, runs_detect_lost(&w->rs, &m->rack, wait_us, w->now_us, &lost) == longest_us);
    holds(w, lost == want_lost);
}

static void
both_mark_lost(struct world *w)
{
    struct model *m = &w->m;
    unsigned end = m->una + (unsigned)rng_below(&w->rng, m->nxt - m->una + 1), want = 0;

    for (unsigned i = m->una; i < end; i++) {
        want += (m->flags[i] & (RUN_SACKED | RUN_LOST)) == 0;
        m->flags[i] |= (m->flags[i] & RUN_SACKED) != 0 ? 0 : RUN_LOST;
    }
    holds(w, runs_mark_lost(&w->rs, m->first + end) == want);
}

static void
both_resend(struct world *w)
{
    struct model *m = &w->m;
    unsigned first = m->una, end;
    struct seg_range r;

    while (first < m->nxt && (m->flags[first] & RUN_LOST) == 0)
        first++;
    holds(w, runs_next_lost(&w->rs, &r) == (first < m->nxt));
    if (first == m->nxt)
        return;
    holds(w, r.begin == m->first + first);
    end = first + 1 + (unsigned)rng_below(&w->rng, r.end - r.begin);
    for (unsigned i = first; i < end; i++) {
        holds(w, (m->flags[i] & RUN_LOST) != 0);
        m->flags[i] = RUN_RESENT;
        m->sent_us[i] = w->now_us;
    }
    runs_resent(&w->rs, m->first + first, m->first + end, w->now_us);
}

static void
both_append(struct world *w)
{
    struct model *m = &w->m;
    unsigned end = m->nxt + 1 + (unsigned)rng_below(&w->rng, 8);

    for (; m->nxt < end && m->nxt < NUMBERS; m->nxt++) {
        m->sent_us[m->nxt] = w->now_us;
        m->flags[m->nxt] = 0;
    }
    runs_append(&w->rs, m->first + m->nxt, w->now_us, 0);
}

/* What is joined where the peer has it keeps one instant: the model takes that over. */
static void
both_forget(struct world *w)
{
    struct model *m = &w->m;
    uint32_t at = w->rs.una;
    unsigned i = m->una;

    for (unsigned k = 0; k < w->rs.n; k++) {
        for (; at != w->run[k].end; at++, i++) {
            if ((m->flags[i] & RUN_SACKED) == 0)
                continue;
            holds(w, (int32_t)(w->run[k].sent_us - m->sent_us[i]) >= 0);
            m->sent_us[i] = w->run[k].sent_us;
            m->flags[i] = w->run[k].flags & (uint8_t)~RUN_SACKED;
        }
    }
    runs_forget_sacks(&w->rs);
    m->has_sent = false;
}

static void
both_step(struct world *w)
{
    struct model *m = &w->m;
    unsigned begin = m->una, end = m->nxt;

    w->now_us += (uint32_t)rng_below(&w->rng, 3) * 60;
    if (m->una < m->nxt) {
        begin += (unsigned)rng_below(&w->rng, m->nxt - m->una);
        end = begin + 1 + (unsigned)rng_below(&w->rng, m->nxt - begin);
    }
    switch (rng_below(&w->rng, 16)) {
    case 0:
        both_forget(w);
        break;
    case 1:
        both_mark_lost(w);
        break;
    case 2:
        if (begin < end)
            both_deliver(w, m->una, begin + 1, true);
        break;
    case 3:
    case 4:
    case 5:
    case 6:
        if (m->nxt < NUMBERS)
            both_append(w);
        break;
    case 7:
    case 8:
    case 9:
        both_detect(w);
        break;
    case 10:
    case 11:
    case 12:
        both_resend(w);
        break;
    default:
        if (begin < end)
            both_deliver(w, begin, end, false);
        break;
    }
    compares(w);
}

Test(runs, at_random_each_byte_has_the_fate_that_a_model_gives_it)
{
    struct world w = {.seed = seed_of_test(20240701)};

    w.rng.state = w.seed;
    for (int i = 0; i < 1500; i++) {
        w.m = (struct model){.first = (uint32_t)(0 - rng_below(&w.rng, 2 * NUMBERS))};
        w.rs = (struct runs){.run = w.run, .room = NUMBERS + 2, .una = w.m.first};
        w.now_us = (uint32_t)(0 - rng_below(&w.rng, 4000));
        while (w.m.una < NUMBERS)
            both_step(&w);
    }
}

/* With little room less is known, but never what is not so. */
Test(runs, at_random_and_without_room_nothing_is_taken_for_delivered_that_was_not)
{
    uint64_t seed = seed_of_test(20240702);
    struct rng rng = {.state = seed};

    for (int i = 0; i < 3000; i++) {
        struct run run[3];
        struct runs rs = {.run = run, .room = 1 + (unsigned)rng_below(&rng, 3), .una = 0xfffffff0};
        uint64_t has = 0; /* bit k: number una + k is with the peer */
        uint32_t nxt = rs.una, now_us = 0, lost;

        for (int step = 0; step < 40; step++) {
            uint32_t begin = (uint32_t)rng_below(&rng, 32), len = 1 + (uint32_t)rng_below(&rng, 8);
            struct runs_delivered d = {.now_us = now_us, .min_rtt_us = 50, .fack = runs_fack(&rs)};
            struct seg_range r;
            uint64_t unknown = 0;

            now_us += 30;
            switch (rng_below(&rng, 4)) {
            case 0:
                if (nxt - 0xfffffff0 + len <= 60)
                    runs_append(&rs, nxt += len, now_us, 0);
                break;
            case 1:
                r = (struct seg_range){0xfffffff0 + begin, 0xfffffff0 + begin + len};
                if (r.end - rs.una > nxt - rs.una || (int32_t)(r.begin - rs.una) < 0)
                    break;
                (void)runs_sacked(&rs, r, &d);
                has |= ((UINT64_C(1) << len) - 1) << begin;
                break;
            case 2:
                d.sent_us = now_us;
                d.end = nxt;
                (void)runs_detect_lost(&rs, &d, 100, now_us, &lost);
                break;
            case 3:
                if (runs_next_lost(&rs, &r))
                    runs_resent(&rs, r.begin, r.begin + 1, now_us);
                break;
            }
            holds_with(seed, rs.n <= rs.room);
            for (unsigned k = 0; k < rs.n; k++) {
                uint32_t at = runs_begin(&rs, k);

                holds_with(seed, (int32_t)(run[k].end - at) > 0);
                for (; (run[k].flags & RUN_SACKED) != 0 && at != run[k].end; at++)
                    unknown |= ~has & UINT64_C(1) << (at - 0xfffffff0);
            }
            holds_with(seed, unknown == 0);
            holds_with(seed, rs.n == 0 ? nxt == rs.una : run[rs.n - 1].end == nxt);
        }
    }
}
