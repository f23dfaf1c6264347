/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "../seed.h"
#include "base/rng.h"
#include "base/units.h"
#include "tcp/scoreboard.h"

#define ROOM 8

/* The least round trip that the tests know of, and when nothing is compared with it. */
#define MIN_RTT_US 100

struct board {
    struct extent extent[ROOM];
    struct scoreboard sb;
};

/* An empty board that begins at 1, with room for @room. */
static void
begins(struct board *b, unsigned room)
{
    memset(b, 0x5a, sizeof(*b));
    b->sb = (struct scoreboard){.extent = b->extent, .capacity = room, .una = 1};
}

/* [1, 11) [11, 21) [21, 31), sent at 1000, 2000 and 3000. */
static void
begins_with_three(struct board *b)
{
    begins(b, ROOM);
    sb_append(&b->sb, 11, 1000, 0);
    sb_append(&b->sb, 21, 2000, 0);
    sb_append(&b->sb, 31, 3000, 0);
}

static struct sb_delivered
sacks(struct board *b, uint32_t begin, uint32_t end, uint32_t now_us)
{
    struct sb_delivered d = {.now_us = now_us, .min_rtt_us = MIN_RTT_US, .fack = sb_fack(&b->sb)};

    cr_assert(sb_sacked(&b->sb, (struct seg_range){begin, end}, &d));
    return d;
}

static struct sb_delivered
acks(struct board *b, uint32_t ack, uint32_t now_us)
{
    struct sb_delivered d = {.now_us = now_us, .min_rtt_us = MIN_RTT_US, .fack = sb_fack(&b->sb)};

    sb_acked(&b->sb, ack, &d);
    return d;
}

/* What was sent at @sent_us and ends at @end was delivered, the last of all;
 * @latest_is_retransmitted. */
static uint32_t
detects_after(struct board *b, struct seg_range sent_end, bool latest_is_retransmitted,
              uint32_t wait_us, uint32_t now_us, uint32_t *lost)
{
    struct sb_delivered latest = {.sent_us = sent_end.begin,
                                  .end = sent_end.end,
                                  .is_retransmitted = latest_is_retransmitted};

    return sb_detect_lost(&b->sb, &latest, wait_us, now_us, lost);
}

#define detects(b, sent_us, end, wait_us, now_us, lost)                                            \
    detects_after((b), (struct seg_range){(sent_us), (end)}, false, (wait_us), (now_us), (lost))

#define expects(b, ...)                                                                            \
    do {                                                                                           \
        const struct extent expected[] = {__VA_ARGS__};                                            \
        cr_assert(eq(u32, (b)->sb.n, ARRAY_LEN(expected)));                                        \
        for (unsigned i_ = 0; i_ < ARRAY_LEN(expected); i_++) {                                    \
            cr_assert(eq(u32, (b)->extent[i_].end, expected[i_].end));                             \
            cr_assert(eq(u32, (b)->extent[i_].sent_us, expected[i_].sent_us));                     \
            cr_assert(eq(u32, (b)->extent[i_].flags, expected[i_].flags));                         \
        }                                                                                          \
    } while (0)

#define tells(delivered, n_bytes, sent, until)                                                     \
    do {                                                                                           \
        struct sb_delivered told = (delivered);                                                    \
                                                                                                   \
        cr_assert(told.has_latest);                                                                \
        cr_assert(eq(u32, told.bytes, (n_bytes)));                                                 \
        cr_assert(eq(u32, told.sent_us, (sent)));                                                  \
        cr_assert(eq(u32, told.end, (until)));                                                     \
    } while (0)

Test(scoreboard, what_goes_out_at_one_instant_is_one_extent)
{
    struct board b;

    begins(&b, ROOM);
    sb_append(&b.sb, 11, 1000, 0);
    sb_append(&b.sb, 21, 1000, 0);
    sb_append(&b.sb, 31, 1001, 0);
    expects(&b, {21, 1000, 0}, {31, 1001, 0});
    cr_assert(eq(u32, sb_in_flight(&b.sb), 30));
    cr_assert(eq(u32, sb_begin(&b.sb, 1), 21));
}

Test(scoreboard, what_goes_out_in_one_grain_is_one_extent_of_the_later_instant)
{
    struct board b;

    begins(&b, ROOM);
    sb_append(&b.sb, 11, 1000, 5);
    sb_append(&b.sb, 21, 1004, 5);
    sb_append(&b.sb, 31, 1005, 5);
    sb_append(&b.sb, 41, 1009, 5);
    expects(&b, {21, 1004, 0}, {41, 1009, 0});
}

Test(scoreboard, an_extent_does_not_grow_for_ever_within_the_grain)
{
    struct board b;

    begins(&b, ROOM);
    for (uint32_t i = 1; i <= 20; i++)
        sb_append(&b.sb, 1 + 1000 * i, 1000 + i, 100);
    expects(&b, {17001, 1017, 0}, {20001, 1020, 0});
}

Test(scoreboard, nothing_is_appended_to_what_has_another_fate)
{
    struct board b;

    begins(&b, ROOM);
    sb_append(&b.sb, 11, 1000, 0);
    sb_mark_lost(&b.sb, 11);
    sb_append(&b.sb, 21, 1000, 0);
    sacks(&b, 11, 21, 1200);
    sb_append(&b.sb, 31, 1000, 0);
    expects(&b, {11, 1000, EXTENT_LOST}, {21, 1000, EXTENT_SACKED}, {31, 1000, 0});
}

Test(scoreboard, without_room_the_last_extent_takes_in_what_follows_and_measures_nothing)
{
    struct board b;

    begins(&b, 1);
    sb_append(&b.sb, 11, 1000, 0);
    sb_append(&b.sb, 21, 2000, 0);
    expects(&b, {21, 2000, EXTENT_RETRANSMITTED});
}

Test(scoreboard, for_room_those_neighbours_become_one_that_were_sent_least_apart)
{
    struct board b;

    begins(&b, 3);
    sb_append(&b.sb, 11, 1000, 0);
    sb_append(&b.sb, 21, 3000, 0);
    sb_append(&b.sb, 31, 4000, 0);
    sb_append(&b.sb, 41, 9000, 0);
    cr_assert(eq(u32, b.sb.n, 3));
    cr_assert(eq(u32, b.extent[0].end, 11));
    cr_assert(eq(u32, b.extent[1].end, 31));
    cr_assert(eq(u32, b.extent[1].sent_us, 4000));
}

/* Its instant is true for a part only: taken for the whole, the round trip looks shorter. */
Test(scoreboard, what_was_joined_for_want_of_room_measures_no_round_trip)
{
    struct board b;
    struct sb_delivered d;

    begins(&b, 3);
    sb_append(&b.sb, 11, 1000, 0);
    sb_append(&b.sb, 21, 3000, 0);
    sb_append(&b.sb, 31, 9000, 0);
    sb_append(&b.sb, 41, 9500, 0);
    sb_append(&b.sb, 51, 20000, 0);
    d = acks(&b, 1 + 5, 10000); /* sent 9 ms ago, not 7 */
    cr_assert(not(d.has_latest && !d.is_retransmitted && d.sent_us != 1000));
}

Test(scoreboard, what_was_lost_and_what_was_not_never_become_one)
{
    struct board b;

    begins(&b, 2);
    sb_append(&b.sb, 11, 1000, 0);
    sb_mark_lost(&b.sb, 11);
    sb_append(&b.sb, 21, 2000, 0);
    sb_append(&b.sb, 31, 3000, 0);
    expects(&b, {11, 1000, EXTENT_LOST}, {31, 3000, EXTENT_RETRANSMITTED});
}

Test(scoreboard, an_acknowledgement_drops_whole_extents_and_cuts_one)
{
    struct board b;
    struct sb_delivered d;

    begins_with_three(&b);
    d = acks(&b, 26, 5000);
    expects(&b, {31, 3000, 0});
    tells(d, 25, 3000, 26);
    cr_assert(eq(u32, b.sb.una, 26));
    cr_assert(eq(u32, sb_in_flight(&b.sb), 5));
    cr_assert(not(d.is_retransmitted));
    cr_assert(not(d.has_reordered));
    d = acks(&b, 31, 5000);
    cr_assert(eq(u32, b.sb.n, 0));
    tells(d, 5, 3000, 31);
}

Test(scoreboard, a_selective_acknowledgement_splits_an_extent_in_three)
{
    struct board b;
    struct sb_delivered d;

    begins_with_three(&b);
    d = sacks(&b, 14, 17, 5000);
    expects(&b, {11, 1000, 0}, {14, 2000, 0}, {17, 2000, EXTENT_SACKED}, {21, 2000, 0},
            {31, 3000, 0});
    tells(d, 3, 2000, 17);
    cr_assert(eq(u32, sb_in_flight(&b.sb), 27));
    cr_assert(eq(u32, sb_sacked_bytes(&b.sb), 3));
    cr_assert(eq(u32, sb_fack(&b.sb), 17));
}

Test(scoreboard, a_selective_acknowledgement_over_several_extents_makes_one)
{
    struct board b;
    struct sb_delivered d;

    begins_with_three(&b);
    d = sacks(&b, 6, 31, 5000);
    expects(&b, {6, 1000, 0}, {31, 3000, EXTENT_SACKED});
    tells(d, 25, 3000, 31);
}

Test(scoreboard, what_was_known_to_be_with_the_peer_is_not_delivered_again)
{
    struct board b;
    struct sb_delivered d;

    begins_with_three(&b);
    sacks(&b, 11, 21, 5000);
    d = sacks(&b, 11, 26, 5000);
    tells(d, 5, 3000, 26);
    d = acks(&b, 21, 5000);
    tells(d, 10, 1000, 11);
    expects(&b, {26, 3000, EXTENT_SACKED}, {31, 3000, 0});
    d = acks(&b, 26, 5000);
    cr_assert(eq(u32, d.bytes, 0));
    cr_assert(not(d.has_latest));
}

Test(scoreboard, what_is_with_the_peer_is_not_lost_any_more)
{
    struct board b;

    begins_with_three(&b);
    sb_mark_lost(&b.sb, 31);
    sacks(&b, 11, 21, 5000);
    expects(&b, {11, 1000, EXTENT_LOST}, {21, 2000, EXTENT_SACKED}, {31, 3000, EXTENT_LOST});
    cr_assert(eq(u32, sb_in_flight(&b.sb), 0));
}

/* RFC 8985 6.2 step 3. */
Test(scoreboard, an_arrival_below_what_had_arrived_is_reordering)
{
    struct board b;

    begins_with_three(&b);
    cr_assert(not(sacks(&b, 11, 21, 5000).has_reordered));
    cr_assert(not(sacks(&b, 21, 31, 5000).has_reordered));
    cr_assert(sacks(&b, 1, 6, 5000).has_reordered);
    cr_assert(acks(&b, 11, 5000).has_reordered);
}

Test(scoreboard, an_arrival_of_what_was_sent_again_is_not_reordering)
{
    struct board b;

    begins_with_three(&b);
    sacks(&b, 11, 21, 5000);
    sb_mark_lost(&b.sb, 11);
    sb_retransmitted(&b.sb, 1, 11, 5000);
    cr_assert(not(acks(&b, 11, 6000).has_reordered));
}

Test(scoreboard, two_blocks_of_one_segment_in_any_order_are_not_reordering)
{
    struct board b;
    struct sb_delivered d = {.now_us = 5000, .min_rtt_us = MIN_RTT_US, .fack = 1};

    begins_with_three(&b);
    cr_assert(sb_sacked(&b.sb, (struct seg_range){26, 31}, &d));
    cr_assert(sb_sacked(&b.sb, (struct seg_range){11, 21}, &d));
    cr_assert(not(d.has_reordered));
    tells(d, 15, 3000, 31);
}

/* RFC 8985 6.2 step 2. */
Test(scoreboard, what_was_sent_again_a_moment_ago_arrived_from_the_first_copy)
{
    struct board b;
    struct sb_delivered d;

    begins_with_three(&b);
    sb_retransmitted(&b.sb, 1, 11, 5000);
    d = acks(&b, 6, 5000 + MIN_RTT_US - 1);
    cr_assert(eq(u32, d.bytes, 5));
    cr_assert(not(d.has_latest));
    d = acks(&b, 11, 5000 + MIN_RTT_US);
    tells(d, 5, 5000, 11);
    cr_assert(d.is_retransmitted);
}

/* Without room for the line between them all counts as not delivered. */
Test(scoreboard, a_block_without_room_for_it_is_forgotten)
{
    struct board b;
    struct sb_delivered d = {.now_us = 5000, .min_rtt_us = MIN_RTT_US, .fack = 1};

    begins(&b, 2);
    sb_append(&b.sb, 31, 1000, 0);
    cr_assert(not(sb_sacked(&b.sb, (struct seg_range){11, 21}, &d)));
    cr_assert(eq(u32, d.bytes, 0));
    cr_assert(eq(u32, sb_in_flight(&b.sb), 30));
    cr_assert(eq(u32, sb_sacked_bytes(&b.sb), 0));
}

Test(scoreboard, what_was_sent_before_a_delivery_is_lost_when_its_time_is_over)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    sacks(&b, 21, 31, 3500);
    cr_assert(eq(u32, detects(&b, 3000, 31, 1000, 2999, &lost), 1));
    cr_assert(eq(u32, lost, 10)); /* sent at 1000, 1999 ago; the other 999 ago */
    expects(&b, {11, 1000, EXTENT_LOST}, {21, 2000, 0}, {31, 3000, EXTENT_SACKED});
    cr_assert(eq(u32, detects(&b, 3000, 31, 1000, 3000, &lost), 0));
    cr_assert(eq(u32, lost, 10));
    cr_assert(eq(u32, sb_in_flight(&b.sb), 0));
}

Test(scoreboard, what_was_sent_after_a_delivery_is_not_lost_however_long_ago)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    sacks(&b, 11, 21, 3500);
    cr_assert(eq(u32, detects(&b, 2000, 21, 1000, 1000000, &lost), 0));
    cr_assert(eq(u32, lost, 10));
    expects(&b, {11, 1000, EXTENT_LOST}, {21, 2000, EXTENT_SACKED}, {31, 3000, 0});
}

Test(scoreboard, at_one_instant_the_lower_number_was_sent_before)
{
    struct board b;
    uint32_t lost;

    begins(&b, ROOM);
    sb_append(&b.sb, 31, 1000, 0);
    sacks(&b, 11, 21, 2000);
    cr_assert(eq(u32, detects(&b, 1000, 21, 1000, 1990, &lost), 10));
    cr_assert(eq(u32, lost, 0));
    cr_assert(eq(u32, detects(&b, 1000, 21, 1000, 2000, &lost), 0));
    cr_assert(eq(u32, lost, 10));
    expects(&b, {11, 1000, EXTENT_LOST}, {21, 1000, EXTENT_SACKED}, {31, 1000, 0});
}

/* All that one turn sends has one instant. */
Test(scoreboard, at_one_instant_a_repetition_was_not_sent_before_what_has_a_higher_number)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    sb_retransmitted(&b.sb, 1, 11, 4000);
    sb_append(&b.sb, 41, 4000, 0);
    sacks(&b, 11, 41, 5000);
    cr_assert(eq(u32, detects(&b, 4000, 41, 500, 5000, &lost), 0));
    cr_assert(eq(u32, lost, 0));
}

Test(scoreboard, at_one_instant_repetitions_went_out_in_the_order_of_their_numbers)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    sb_mark_lost(&b.sb, 21);
    sb_retransmitted(&b.sb, 1, 11, 4000);
    sb_retransmitted(&b.sb, 11, 21, 4000);
    sacks(&b, 11, 21, 5000);
    cr_assert(eq(u32, detects_after(&b, (struct seg_range){4000, 21}, true, 500, 5000, &lost), 0));
    cr_assert(eq(u32, lost, 20));
    expects(&b, {11, 4000, EXTENT_LOST | EXTENT_RETRANSMITTED},
            {21, 4000, EXTENT_SACKED | EXTENT_RETRANSMITTED}, {31, 3000, EXTENT_LOST});
}

Test(scoreboard, a_repetition_is_lost_when_what_went_out_after_it_arrives)
{
    struct board b;
    uint32_t lost;

    begins_with_three(&b);
    sb_mark_lost(&b.sb, 11);
    sb_retransmitted(&b.sb, 1, 11, 4000);
    sb_append(&b.sb, 41, 5000, 0);
    sacks(&b, 31, 41, 6000);
    cr_assert(eq(u32, detects(&b, 5000, 41, 1500, 6000, &lost), 0));
    cr_assert(eq(u32, lost, 30));
    expects(&b, {11, 4000, EXTENT_LOST | EXTENT_RETRANSMITTED}, {21, 2000, EXTENT_LOST},
            {31, 3000, EXTENT_LOST}, {41, 5000, EXTENT_SACKED});
}

Test(scoreboard, marking_up_to_a_number_cuts_there_and_spares_what_the_peer_has)
{
    struct board b;

    begins_with_three(&b);
    sacks(&b, 6, 16, 5000);
    cr_assert(eq(u32, sb_mark_lost(&b.sb, 26), 15)); /* 1-6, 16-21, 21-26 */
    expects(&b, {6, 1000, EXTENT_LOST}, {16, 2000, EXTENT_SACKED}, {21, 2000, EXTENT_LOST},
            {26, 3000, EXTENT_LOST}, {31, 3000, 0});
    cr_assert(eq(u32, sb_mark_lost(&b.sb, 26), 0));
}

Test(scoreboard, marking_without_room_to_cut_takes_the_whole_extent)
{
    struct board b;

    begins(&b, 1);
    sb_append(&b.sb, 31, 1000, 0);
    cr_assert(eq(u32, sb_mark_lost(&b.sb, 11), 30));
    expects(&b, {31, 1000, EXTENT_LOST});
}

Test(scoreboard, forgetting_makes_the_sacked_be_in_flight_again)
{
    struct board b;

    begins_with_three(&b);
    sacks(&b, 11, 21, 5000);
    sb_forget_sacks(&b.sb);
    expects(&b, {11, 1000, 0}, {21, 2000, 0}, {31, 3000, 0});
    cr_assert(eq(u32, sb_in_flight(&b.sb), 30));
    cr_assert(eq(u32, sb_fack(&b.sb), 1));
}

Test(scoreboard, the_first_lost_range_is_the_next)
{
    struct board b;
    struct seg_range r = {7, 7};

    begins_with_three(&b);
    cr_assert(not(sb_next_lost(&b.sb, &r)));
    sacks(&b, 1, 11, 5000);
    sb_mark_lost(&b.sb, 31);
    cr_assert(sb_next_lost(&b.sb, &r));
    cr_assert(eq(u32, r.begin, 11));
    cr_assert(eq(u32, r.end, 21));
}

Test(scoreboard, a_lost_extent_that_goes_out_piece_by_piece_is_two_extents)
{
    struct board b;

    begins(&b, 3);
    sb_append(&b.sb, 31, 1000, 0);
    sb_mark_lost(&b.sb, 31);
    sb_retransmitted(&b.sb, 1, 11, 5000);
    expects(&b, {11, 5000, EXTENT_RETRANSMITTED}, {31, 1000, EXTENT_LOST});
    sb_retransmitted(&b.sb, 11, 21, 5000);
    expects(&b, {21, 5000, EXTENT_RETRANSMITTED}, {31, 1000, EXTENT_LOST});
    cr_assert(eq(u32, sb_in_flight(&b.sb), 20));
    sb_retransmitted(&b.sb, 21, 31, 5000);
    expects(&b, {31, 5000, EXTENT_RETRANSMITTED});
}

Test(scoreboard, the_middle_of_an_extent_may_go_out_again)
{
    struct board b;

    begins(&b, ROOM);
    sb_append(&b.sb, 31, 1000, 0);
    sb_retransmitted(&b.sb, 11, 21, 5000);
    expects(&b, {11, 1000, 0}, {21, 5000, EXTENT_RETRANSMITTED}, {31, 1000, 0});
}

Test(scoreboard, without_room_for_a_line_the_whole_extent_counts_as_sent_again)
{
    struct board b;

    begins(&b, 1);
    sb_append(&b.sb, 31, 1000, 0);
    sb_mark_lost(&b.sb, 31);
    sb_retransmitted(&b.sb, 1, 11, 5000);
    expects(&b, {31, 5000, EXTENT_RETRANSMITTED});
}

Test(scoreboard, numbers_and_instants_may_wrap)
{
    struct board b;
    uint32_t lost;

    begins(&b, ROOM);
    b.sb.una = 0xfffffff0;
    sb_append(&b.sb, 0xfffffffa, 0xffffff00, 0);
    sb_append(&b.sb, 4, 0xfffffff0, 0);
    sb_append(&b.sb, 14, 0x10, 0);
    tells(sacks(&b, 4, 14, 0x210), 10, 0x10, 14);
    cr_assert(eq(u32, detects(&b, 0x10, 14, 0x210, 0x1ff, &lost), 1));
    cr_assert(eq(u32, lost, 10));
    tells(acks(&b, 1, 0x210), 17, 0xfffffff0, 1);
    expects(&b, {4, 0xfffffff0, 0}, {14, 0x10, EXTENT_SACKED});
}

/* -- byte by byte ------------------------------------------------------------------------------ */

#define NUMBERS 40 /* extents at most, so that the model need not know of room */

/* Number first + i is byte i. */
struct model {
    uint32_t first;
    unsigned una, nxt;
    uint32_t sent_us[NUMBERS];
    uint8_t flags[NUMBERS];
    unsigned fack;
    bool has_sent; /* what sb_detect_lost() is measured by */
    struct sb_delivered rack;
};

struct world {
    struct extent extent[NUMBERS + 2];
    struct scoreboard sb;
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
    uint32_t at = w->sb.una, in_flight = 0, sacked = 0;
    unsigned i = m->una;

    holds(w, w->sb.una == m->first + m->una);
    for (unsigned k = 0; k < w->sb.n; k++) {
        holds(w, (int32_t)(w->extent[k].end - at) > 0);
        for (; at != w->extent[k].end; at++, i++) {
            holds(w, i < m->nxt);
            holds(w, w->extent[k].flags == m->flags[i] ||
                         (w->extent[k].flags & m->flags[i] & EXTENT_SACKED) != 0);
            holds(w, (m->flags[i] & EXTENT_SACKED) != 0 || w->extent[k].sent_us == m->sent_us[i]);
            in_flight += (m->flags[i] & (EXTENT_SACKED | EXTENT_LOST)) == 0;
            sacked += (m->flags[i] & EXTENT_SACKED) != 0;
        }
    }
    holds(w, i == m->nxt);
    holds(w, sb_in_flight(&w->sb) == in_flight);
    holds(w, sb_sacked_bytes(&w->sb) == sacked);
}

/* Byte i is delivered now. */
static void
model_delivers(struct world *w, struct sb_delivered *d, unsigned i)
{
    struct model *m = &w->m;
    bool is_retransmitted = (m->flags[i] & EXTENT_RETRANSMITTED) != 0;
    uint32_t sent_us = m->sent_us[i], end = m->first + i + 1;

    if ((m->flags[i] & EXTENT_SACKED) != 0)
        return;
    d->bytes++;
    if (!is_retransmitted && i + 1 < m->fack)
        d->has_reordered = true;
    if (is_retransmitted && w->now_us - sent_us < MIN_RTT_US)
        return;
    if (d->has_latest && (int32_t)(sent_us - d->sent_us) < 0)
        return;
    if (d->has_latest && sent_us == d->sent_us && (int32_t)(end - d->end) < 0)
        return;
    d->has_latest = true;
    d->sent_us = sent_us;
    d->end = end;
    d->is_retransmitted = is_retransmitted;
}

static void
both_deliver(struct world *w, unsigned begin, unsigned end, bool is_ack)
{
    struct model *m = &w->m;
    struct sb_delivered want = {0}, got = {.now_us = w->now_us, .min_rtt_us = MIN_RTT_US};

    m->fack = m->una;
    for (unsigned i = m->una; i < m->nxt; i++)
        m->fack = (m->flags[i] & EXTENT_SACKED) != 0 ? i + 1 : m->fack;
    got.fack = sb_fack(&w->sb);
    holds(w, got.fack == m->first + m->fack);
    for (unsigned i = begin; i < end; i++) {
        model_delivers(w, &want, i);
        m->flags[i] = (uint8_t)((m->flags[i] & ~EXTENT_LOST) | EXTENT_SACKED);
    }
    if (is_ack) {
        m->una = end;
        sb_acked(&w->sb, m->first + end, &got);
    } else {
        holds(w, sb_sacked(&w->sb, (struct seg_range){m->first + begin, m->first + end}, &got));
    }
    holds(w, got.bytes == want.bytes);
    holds(w, got.has_reordered == want.has_reordered);
    holds(w, got.has_latest == want.has_latest);
    if (!want.has_latest)
        return;
    holds(w, got.sent_us == want.sent_us);
    holds(w, got.end == want.end);
    holds(w, got.is_retransmitted == want.is_retransmitted);
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

        if ((m->flags[i] & (EXTENT_SACKED | EXTENT_LOST)) != 0 || !is_before)
            continue;
        if (later == 0 && (m->flags[i] & EXTENT_RETRANSMITTED) != 0 && !m->rack.is_retransmitted)
            continue;
        if (passed_us >= wait_us) {
            m->flags[i] |= EXTENT_LOST;
            want_lost++;
        } else if (wait_us - passed_us > longest_us) {
            longest_us = wait_us - passed_us;
        }
    }
    holds(w, sb_detect_lost(&w->sb, &m->rack, wait_us, w->now_us, &lost) == longest_us);
    holds(w, lost == want_lost);
}

static void
both_mark_lost(struct world *w)
{
    struct model *m = &w->m;
    unsigned end = m->una + (unsigned)rng_below(&w->rng, m->nxt - m->una + 1), want = 0;

    for (unsigned i = m->una; i < end; i++) {
        want += (m->flags[i] & (EXTENT_SACKED | EXTENT_LOST)) == 0;
        m->flags[i] |= (m->flags[i] & EXTENT_SACKED) != 0 ? 0 : EXTENT_LOST;
    }
    holds(w, sb_mark_lost(&w->sb, m->first + end) == want);
}

static void
both_resend(struct world *w)
{
    struct model *m = &w->m;
    unsigned first = m->una, end;
    struct seg_range r;

    while (first < m->nxt && (m->flags[first] & EXTENT_LOST) == 0)
        first++;
    holds(w, sb_next_lost(&w->sb, &r) == (first < m->nxt));
    if (first == m->nxt)
        return;
    holds(w, r.begin == m->first + first);
    end = first + 1 + (unsigned)rng_below(&w->rng, r.end - r.begin);
    for (unsigned i = first; i < end; i++) {
        holds(w, (m->flags[i] & EXTENT_LOST) != 0);
        m->flags[i] = EXTENT_RETRANSMITTED;
        m->sent_us[i] = w->now_us;
    }
    sb_retransmitted(&w->sb, m->first + first, m->first + end, w->now_us);
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
    sb_append(&w->sb, m->first + m->nxt, w->now_us, 0);
}

/* What is joined where the peer has it keeps one instant: the model takes that over. */
static void
both_forget(struct world *w)
{
    struct model *m = &w->m;
    uint32_t at = w->sb.una;
    unsigned i = m->una;

    for (unsigned k = 0; k < w->sb.n; k++) {
        for (; at != w->extent[k].end; at++, i++) {
            if ((m->flags[i] & EXTENT_SACKED) == 0)
                continue;
            holds(w, (int32_t)(w->extent[k].sent_us - m->sent_us[i]) >= 0);
            m->sent_us[i] = w->extent[k].sent_us;
            m->flags[i] = w->extent[k].flags & (uint8_t)~EXTENT_SACKED;
        }
    }
    sb_forget_sacks(&w->sb);
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

Test(scoreboard, at_random_each_byte_has_the_fate_that_a_model_gives_it)
{
    struct world w = {.seed = seed_of_test(20240701)};

    w.rng.state = w.seed;
    for (int i = 0; i < 1500; i++) {
        w.m = (struct model){.first = (uint32_t)(0 - rng_below(&w.rng, 2 * NUMBERS))};
        w.sb = (struct scoreboard){.extent = w.extent, .capacity = NUMBERS + 2, .una = w.m.first};
        w.now_us = (uint32_t)(0 - rng_below(&w.rng, 4000));
        while (w.m.una < NUMBERS)
            both_step(&w);
    }
}

/* With little room less is known, but never what is not so. */
Test(scoreboard, at_random_and_without_room_nothing_is_taken_for_delivered_that_was_not)
{
    uint64_t seed = seed_of_test(20240702);
    struct rng rng = {.state = seed};

    for (int i = 0; i < 3000; i++) {
        struct extent extent[3];
        struct scoreboard sb = {
            .extent = extent, .capacity = 1 + (unsigned)rng_below(&rng, 3), .una = 0xfffffff0};
        uint64_t has = 0; /* bit k: number una + k is with the peer */
        uint32_t nxt = sb.una, now_us = 0, lost;

        for (int step = 0; step < 40; step++) {
            uint32_t begin = (uint32_t)rng_below(&rng, 32), len = 1 + (uint32_t)rng_below(&rng, 8);
            struct sb_delivered d = {.now_us = now_us, .min_rtt_us = 50, .fack = sb_fack(&sb)};
            struct seg_range r;
            uint64_t unknown = 0;

            now_us += 30;
            switch (rng_below(&rng, 4)) {
            case 0:
                if (nxt - 0xfffffff0 + len <= 60)
                    sb_append(&sb, nxt += len, now_us, 0);
                break;
            case 1:
                r = (struct seg_range){0xfffffff0 + begin, 0xfffffff0 + begin + len};
                if (r.end - sb.una > nxt - sb.una || (int32_t)(r.begin - sb.una) < 0)
                    break;
                (void)sb_sacked(&sb, r, &d);
                has |= ((UINT64_C(1) << len) - 1) << begin;
                break;
            case 2:
                d.sent_us = now_us;
                d.end = nxt;
                (void)sb_detect_lost(&sb, &d, 100, now_us, &lost);
                break;
            case 3:
                if (sb_next_lost(&sb, &r))
                    sb_retransmitted(&sb, r.begin, r.begin + 1, now_us);
                break;
            }
            holds_with(seed, sb.n <= sb.capacity);
            for (unsigned k = 0; k < sb.n; k++) {
                uint32_t at = sb_begin(&sb, k);

                holds_with(seed, (int32_t)(extent[k].end - at) > 0);
                for (; (extent[k].flags & EXTENT_SACKED) != 0 && at != extent[k].end; at++)
                    unknown |= ~has & UINT64_C(1) << (at - 0xfffffff0);
            }
            holds_with(seed, unknown == 0);
            holds_with(seed, sb.n == 0 ? nxt == sb.una : extent[sb.n - 1].end == nxt);
        }
    }
}
