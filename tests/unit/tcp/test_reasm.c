/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "../seed.h"
#include "base/rng.h"
#include "tcp/reasm.h"

#define ROOM 8

/* Ranges, and what the last addition told. */
struct reasm {
    struct seg_range ranges[ROOM];
    unsigned n, room, place;
    uint32_t added;
};

static void
add(struct reasm *o, uint32_t begin, uint32_t end)
{
    o->n =
        reasm_add(o->ranges, o->n, o->room, (struct seg_range){begin, end}, &o->added, &o->place);
}

/* [10, 20) [30, 40) [50, 60) and room for one more. */
static struct reasm
reasm_of_three(void)
{
    struct reasm o = {.room = 4};

    add(&o, 10, 20);
    add(&o, 30, 40);
    add(&o, 50, 60);
    return o;
}

#define expects(o, ...)                                                                            \
    do {                                                                                           \
        const struct seg_range expected[] = {__VA_ARGS__};                                         \
        cr_assert(eq(u32, (o)->n, sizeof(expected) / sizeof(expected[0])));                        \
        for (unsigned range = 0; range < (o)->n; range++) {                                        \
            cr_assert(eq(u32, (o)->ranges[range].begin, expected[range].begin));                   \
            cr_assert(eq(u32, (o)->ranges[range].end, expected[range].end));                       \
        }                                                                                          \
    } while (0)

#define tells(o, bytes, where)                                                                     \
    do {                                                                                           \
        cr_assert(eq(u32, (o)->added, (bytes)));                                                   \
        cr_assert(eq(u32, (o)->place, (where)));                                                   \
    } while (0)

Test(reasm, the_first_range_is_kept)
{
    struct reasm o = {.room = 1};

    add(&o, 10, 20);
    expects(&o, {10, 20});
    tells(&o, 10, 0);
}

Test(reasm, a_range_apart_is_put_in_its_place)
{
    struct reasm o = reasm_of_three();

    add(&o, 42, 48);
    expects(&o, {10, 20}, {30, 40}, {42, 48}, {50, 60});
    tells(&o, 6, 2);
}

Test(reasm, a_range_before_all_is_put_first)
{
    struct reasm o = reasm_of_three();

    add(&o, 1, 9);
    expects(&o, {1, 9}, {10, 20}, {30, 40}, {50, 60});
    tells(&o, 8, 0);
}

Test(reasm, a_range_that_touches_an_end_is_merged)
{
    struct reasm o = reasm_of_three();

    add(&o, 40, 45);
    expects(&o, {10, 20}, {30, 45}, {50, 60});
    tells(&o, 5, 1);
}

Test(reasm, a_range_that_touches_a_beginning_is_merged)
{
    struct reasm o = reasm_of_three();

    add(&o, 25, 30);
    expects(&o, {10, 20}, {25, 40}, {50, 60});
    tells(&o, 5, 1);
}

Test(reasm, a_range_that_fills_a_gap_joins_both_sides)
{
    struct reasm o = reasm_of_three();

    add(&o, 20, 30);
    expects(&o, {10, 40}, {50, 60});
    tells(&o, 10, 0);
}

Test(reasm, a_range_over_many_swallows_them)
{
    struct reasm o = reasm_of_three();

    add(&o, 15, 70);
    expects(&o, {10, 70});
    tells(&o, 30, 0);
}

Test(reasm, a_range_known_already_adds_nothing)
{
    struct reasm o = reasm_of_three();

    add(&o, 32, 38);
    expects(&o, {10, 20}, {30, 40}, {50, 60});
    tells(&o, 0, 1);
}

Test(reasm, a_range_too_many_is_refused)
{
    struct reasm o = reasm_of_three();

    o.room = 3;
    add(&o, 22, 28);
    expects(&o, {10, 20}, {30, 40}, {50, 60});
    tells(&o, 0, 3);
}

Test(reasm, a_full_array_still_takes_what_merges)
{
    struct reasm o = reasm_of_three();

    o.room = 3;
    add(&o, 60, 65);
    expects(&o, {10, 20}, {30, 40}, {50, 65});
    tells(&o, 5, 2);
}

Test(reasm, without_room_everything_is_refused)
{
    struct reasm o = {.room = 0};

    add(&o, 10, 20);
    cr_assert(zero(u32, o.n));
    tells(&o, 0, 0);
}

Test(reasm, ranges_lie_across_the_wrap_in_order)
{
    struct reasm o = {.room = 4};

    add(&o, 5, 10);
    add(&o, 0xfffffff0, 0xfffffff8);
    add(&o, 0xfffffffc, 2);
    expects(&o, {0xfffffff0, 0xfffffff8}, {0xfffffffc, 2}, {5, 10});
    add(&o, 0, 5);
    expects(&o, {0xfffffff0, 0xfffffff8}, {0xfffffffc, 10});
    tells(&o, 3, 1);
}

Test(reasm, advancing_to_a_range_takes_it)
{
    struct reasm o = reasm_of_three();
    uint32_t nxt = 10;

    o.n = reasm_advance(o.ranges, o.n, &nxt);
    cr_assert(eq(u32, nxt, 20));
    expects(&o, {30, 40}, {50, 60});
}

Test(reasm, advancing_into_a_range_takes_what_lies_before_and_it)
{
    struct reasm o = reasm_of_three();
    uint32_t nxt = 35;

    o.n = reasm_advance(o.ranges, o.n, &nxt);
    cr_assert(eq(u32, nxt, 40));
    expects(&o, {50, 60});
}

Test(reasm, advancing_into_a_gap_stays_there)
{
    struct reasm o = reasm_of_three();
    uint32_t nxt = 29;

    o.n = reasm_advance(o.ranges, o.n, &nxt);
    cr_assert(eq(u32, nxt, 29));
    expects(&o, {30, 40}, {50, 60});
}

Test(reasm, advancing_over_all_leaves_none)
{
    struct reasm o = reasm_of_three();
    uint32_t nxt = 61;

    o.n = reasm_advance(o.ranges, o.n, &nxt);
    cr_assert(eq(u32, nxt, 61));
    cr_assert(zero(u32, o.n));
}

/* -- blocks --------------------------------------------------------------------- */

#define reports(o, latest, turn, max, ...)                                                         \
    do {                                                                                           \
        const uint32_t begins[] = {__VA_ARGS__};                                                   \
        struct seg_range blocks[4];                                                                \
        unsigned reported =                                                                        \
            reasm_sack_blocks((o)->ranges, (o)->n, (latest), (turn), blocks, (max));               \
        cr_assert(eq(u32, reported, sizeof(begins) / sizeof(begins[0])));                          \
        for (unsigned block = 0; block < reported; block++) {                                      \
            cr_assert(eq(u32, blocks[block].begin, begins[block]));                                \
            cr_assert(eq(u32, blocks[block].end, begins[block] + 10));                             \
        }                                                                                          \
    } while (0)

Test(reasm, the_latest_range_is_reported_first_and_the_others_take_turns)
{
    struct reasm o = reasm_of_three();
    unsigned turn = 0;

    add(&o, 70, 80);
    reports(&o, 1, &turn, 2, 30, 50);
    reports(&o, 1, &turn, 2, 30, 70);
    reports(&o, 1, &turn, 2, 30, 10);
    reports(&o, 1, &turn, 2, 30, 50);
}

Test(reasm, with_room_all_are_reported_once)
{
    struct reasm o = reasm_of_three();
    unsigned turn = 1;

    reports(&o, 0, &turn, 4, 10, 50, 30);
}

Test(reasm, without_a_latest_range_all_take_turns)
{
    struct reasm o = reasm_of_three();
    unsigned turn = 2;

    reports(&o, 3, &turn, 2, 10, 30);
    reports(&o, 3, &turn, 2, 50, 10);
}

Test(reasm, with_one_block_the_latest_is_the_one_and_the_turn_stays)
{
    struct reasm o = reasm_of_three();
    unsigned turn = 1;

    reports(&o, 2, &turn, 1, 50);
    cr_assert(eq(u32, turn, 1));
}

Test(reasm, a_turn_of_a_range_that_is_gone_begins_at_the_front)
{
    struct reasm o = reasm_of_three();
    unsigned turn = 7;

    reports(&o, 1, &turn, 4, 30, 10, 50);
}

Test(reasm, without_ranges_nothing_is_reported)
{
    struct seg_range block;
    unsigned turn = 3;

    cr_assert(zero(u32, reasm_sack_blocks(NULL, 0, 0, &turn, &block, 1)));
}

/* -- against a map of what is there --------------------------------------------- */

#define NUMBERS 96

struct map {
    bool has[NUMBERS]; /* number first + i */
    uint32_t first, nxt;
};

/* The map's ranges. @return how many, of which the first ROOM + 1 are in @ranges. */
static unsigned
map_ranges(const struct map *m, struct seg_range *ranges)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < NUMBERS; i++) {
        if (!m->has[i])
            continue;
        if (i == 0 || !m->has[i - 1]) {
            if (n > ROOM)
                return n;
            ranges[n++].begin = m->first + i;
        }
        ranges[n - 1].end = m->first + i + 1;
    }
    return n;
}

static void
check_ranges(const struct reasm *o, const struct seg_range *expected, unsigned n, uint64_t seed)
{
    cr_assert(eq(u32, o->n, n), SEED_FMT, seed);
    for (unsigned i = 0; i < n; i++) {
        cr_assert(eq(u32, o->ranges[i].begin, expected[i].begin), SEED_FMT, seed);
        cr_assert(eq(u32, o->ranges[i].end, expected[i].end), SEED_FMT, seed);
    }
}

/* Add numbers [@from, @to) of the map to both and compare. */
static void
add_to_both(struct reasm *o, struct map *m, uint32_t from, uint32_t to, uint64_t seed)
{
    struct seg_range expected[ROOM + 1];
    struct map before = *m;
    uint32_t added = 0;
    unsigned n;

    for (uint32_t i = from; i < to; i++) {
        added += !m->has[i];
        m->has[i] = true;
    }
    n = map_ranges(m, expected);
    add(o, m->first + from, m->first + to);
    if (n > o->room) {
        *m = before;
        cr_assert(eq(u32, o->place, o->n), SEED_FMT, seed);
        cr_assert(zero(u32, o->added), SEED_FMT, seed);
        check_ranges(o, expected, map_ranges(m, expected), seed);
        return;
    }
    check_ranges(o, expected, n, seed);
    cr_assert(eq(u32, o->added, added), SEED_FMT, seed);
    cr_assert(lt(u32, o->place, n), SEED_FMT, seed);
    cr_assert(le(u32, expected[o->place].begin - m->first, from), SEED_FMT, seed);
    cr_assert(ge(u32, expected[o->place].end - m->first, to), SEED_FMT, seed);
}

static void
advance_both(struct reasm *o, struct map *m, uint32_t to, uint64_t seed)
{
    struct seg_range expected[ROOM + 1];
    uint32_t nxt = m->first + to;

    memset(m->has, 0, to);
    for (; to < NUMBERS && m->has[to]; to++)
        m->has[to] = false;
    o->n = reasm_advance(o->ranges, o->n, &nxt);
    cr_assert(eq(u32, nxt, m->first + to), SEED_FMT, seed);
    check_ranges(o, expected, map_ranges(m, expected), seed);
    m->nxt = to;
}

/* Every sequence of three ranges among seven numbers and an advance, the wrap in their midst. */
Test(reasm, three_ranges_of_any_kind_are_where_a_map_has_them)
{
    struct seg_range all[28];
    unsigned n = 0;

    for (uint32_t from = 0; from < 7; from++)
        for (uint32_t to = from + 1; to <= 7; to++)
            all[n++] = (struct seg_range){from, to};
    cr_assert(eq(u32, n, 28));
    for (unsigned i = 0; i < 28 * 28 * 28 * 3; i++) {
        struct reasm o = {.room = 1 + i / (28 * 28 * 28)};
        struct map m = {.first = 0xfffffffd};

        add_to_both(&o, &m, all[i % 28].begin, all[i % 28].end, i);
        add_to_both(&o, &m, all[i / 28 % 28].begin, all[i / 28 % 28].end, i);
        add_to_both(&o, &m, all[i / 784 % 28].begin, all[i / 784 % 28].end, i);
        advance_both(&o, &m, i % 8, i);
    }
}

Test(reasm, ranges_at_random_are_where_a_map_has_them)
{
    uint64_t seed = seed_of_test(20240613);
    struct rng rng = {.state = seed};

    for (int i = 0; i < 2000; i++) {
        struct reasm o = {.room = (unsigned)rng_below(&rng, ROOM + 1)};
        struct map m = {.first = (uint32_t)(0 - rng_below(&rng, 2 * NUMBERS))};

        while (m.nxt + 1 < NUMBERS) {
            uint32_t from = m.nxt + 1 + (uint32_t)rng_below(&rng, NUMBERS - m.nxt - 1);
            uint32_t len = 1 + (uint32_t)rng_below(&rng, 12);

            if (rng_below(&rng, 10) == 0)
                advance_both(&o, &m, from, seed);
            else
                add_to_both(&o, &m, from, from + len < NUMBERS ? from + len : NUMBERS, seed);
        }
    }
}

Test(reasm, every_range_is_reported_within_a_few_segments)
{
    uint64_t seed = seed_of_test(20240614);
    struct rng rng = {.state = seed};

    for (int i = 0; i < 5000; i++) {
        unsigned n = 1 + (unsigned)rng_below(&rng, ROOM), max = 2 + (unsigned)rng_below(&rng, 3);
        unsigned latest = (unsigned)rng_below(&rng, ROOM + 1), turn = (unsigned)rng_next(&rng) % 16;
        unsigned segments = (n + max - 2) / (max - 1), seen = 0;
        struct seg_range ranges[ROOM], blocks[4];

        for (unsigned k = 0; k < n; k++)
            ranges[k] = (struct seg_range){k, 100 + k};
        for (unsigned k = 0; k < segments; k++) {
            unsigned here = 0, filled = reasm_sack_blocks(ranges, n, latest, &turn, blocks, max);

            cr_assert(eq(u32, filled, n < max ? n : max), SEED_FMT, seed);
            if (latest < n)
                cr_assert(eq(u32, blocks[0].begin, latest), SEED_FMT, seed);
            for (unsigned b = 0; b < filled; b++) {
                cr_assert(zero(u32, here & 1u << blocks[b].begin), SEED_FMT, seed);
                here |= 1u << blocks[b].begin;
            }
            seen |= here;
        }
        cr_assert(eq(u32, seen, (1u << n) - 1), SEED_FMT, seed);
    }
}
