/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/load_plan.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"
#include "load/load.h"

#define START_NS UINT64_C(123456789012345)

typedef unsigned __int128 u128;

/* The integral of the rate over the first @ns of a segment of @length ns, in starts, with what is
 * left of the division. One rectangle and one triangle, as one draws it; only for small numbers. */
static u128
reference_scaled(const struct load_segment *s, uint64_t length, uint64_t ns)
{
    u128 rectangle = (u128)s->rate_from * ns * 2 * length;
    u128 triangle =
        (s->rate_to > s->rate_from ? s->rate_to - s->rate_from : s->rate_from - s->rate_to) *
        (u128)ns * ns;

    return s->rate_to > s->rate_from ? rectangle + triangle : rectangle - triangle;
}

/* How often the rate of @p has added up to a whole start in [0, @ns): starts 0, 1, ... whose number
 * is below the integral. All segments have @length. */
static uint64_t
reference_starts(const struct load_plan *p, uint64_t length, uint64_t ns)
{
    u128 sum = 0, unit = (u128)2 * length * NS_PER_SEC;

    for (unsigned i = 0; i < p->n && i * length < ns; i++)
        sum += reference_scaled(&p->seg[i], length, u64_min(ns - i * length, length));
    return (uint64_t)((sum + unit - 1) / unit);
}

/* Segments of a microsecond with rates as high as allowed, so that every nanosecond can be looked
 * at: ramps up and down, to and from nothing, a pause, a plateau. */
static const struct load_plan microseconds = {
    .n = 7,
    .seg =
        {
            {1000, 0, 2000000000},
            {2000, 2000000000, 2000000000},
            {3000, 2000000000, 37},
            {4000, 0, 0},
            {5000, 900000001, 0},
            {6000, 0, 0},
            {7000, 1, 4000000000},
        },
};

Test(load_plan, starts_add_up_to_the_integral_of_the_rate)
{
    cr_assert(load_plan_is_valid(&microseconds));
    for (uint64_t ns = 0; ns <= 7000; ns++)
        cr_assert(
            eq(u64, load_plan_starts(&microseconds, ns), reference_starts(&microseconds, 1000, ns)),
            "in %u ns", (unsigned)ns);
    cr_assert(eq(u64, load_plan_starts(&microseconds, TIME_NEVER), 6451));
}

Test(load_plan, each_start_is_where_the_count_says_it_is)
{
    struct load_cursor at = {0};
    uint64_t n = 0, instant = load_plan_instant(&microseconds, &at, 0);

    for (uint64_t ns = 0; ns <= 7000; ns++) {
        for (; instant < ns; instant = load_plan_instant(&microseconds, &at, ++n))
            cr_assert(eq(u64, instant, ns - 1), "start %u", (unsigned)n);
        cr_assert(eq(u64, n, reference_starts(&microseconds, 1000, ns)), "in %u ns", (unsigned)ns);
    }
    cr_assert(eq(u64, instant, TIME_NEVER));
}

/* A plan of segments of @length, whose rates are nothing, small or large. */
static struct load_plan
random_plan(struct rng *rng, uint64_t length)
{
    struct load_plan p = {.n = 1 + (unsigned)(rng_next(rng) % 5)};
    uint64_t ends[2];

    for (unsigned i = 0; i < p.n; i++) {
        for (int end = 0; end < 2; end++) {
            uint64_t how = rng_next(rng), most = UINT64_C(1) << (how >> 8) % 33;

            ends[end] = how % 4 == 0 ? 0 : rng_next(rng) % most;
        }
        p.seg[i] = (struct load_segment){(i + 1) * length, ends[0],
                                         rng_next(rng) % 3 == 0 ? ends[0] : ends[1]};
    }
    return p;
}

Test(load_plan, random_plans_agree_with_the_integral_at_every_nanosecond)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct rng rng = {.state = seed};
        uint64_t length = 1 + rng_next(&rng) % 500, n = 0;
        struct load_plan p = random_plan(&rng, length);
        struct load_cursor at = {0};
        uint64_t instant = load_plan_instant(&p, &at, 0);

        cr_assert(load_plan_is_valid(&p), "seed %u", (unsigned)seed);
        for (uint64_t ns = 0; ns <= p.n * length; ns++) {
            uint64_t starts = reference_starts(&p, length, ns);

            for (; instant < ns; instant = load_plan_instant(&p, &at, ++n))
                cr_assert(eq(u64, instant, ns - 1), "seed %u, start %u", (unsigned)seed,
                          (unsigned)n);
            cr_assert(eq(u64, n, starts), "seed %u, in %u ns", (unsigned)seed, (unsigned)ns);
            cr_assert(eq(u64, load_plan_starts(&p, ns), starts), "seed %u", (unsigned)seed);
        }
    }
}

Test(load_plan, a_start_found_from_the_beginning_is_the_one_found_on_the_way)
{
    struct load_cursor walk = {0};

    for (uint64_t n = 0; n < 6451; n += 7) {
        struct load_cursor anew = {0};

        cr_assert(eq(u64, load_plan_instant(&microseconds, &walk, n),
                     load_plan_instant(&microseconds, &anew, n)),
                  "start %u", (unsigned)n);
    }
}

/* From nothing to a million a second within an hour: t = sqrt(2 n length / rate). */
Test(load_plan, a_long_ramp_is_exact)
{
    const uint64_t hour = 3600 * NS_PER_SEC, half = 900000000;
    const struct load_plan up = {.n = 1, .seg = {{hour, 0, 1000000}}};
    struct load_cursor at = {0};

    cr_assert(eq(u64, load_plan_starts(&up, hour), 2 * half));
    cr_assert(eq(u64, load_plan_starts(&up, hour / 2), half / 2));
    cr_assert(eq(u64, load_plan_instant(&up, &at, 0), 0));
    cr_assert(eq(u64, load_plan_instant(&up, &at, half / 2), hour / 2));
    cr_assert(eq(u64, load_plan_instant(&up, &at, half), UINT64_C(2545584412271)));
    cr_assert(eq(u64, load_plan_instant(&up, &at, 2 * half - 1), hour - 1001));
    cr_assert(eq(u64, load_plan_instant(&up, &at, 2 * half), TIME_NEVER));
}

Test(load_plan, a_ramp_down_mirrors_a_ramp_up)
{
    const uint64_t hour = 3600 * NS_PER_SEC, all = 1800000000;
    const struct load_plan up = {.n = 1, .seg = {{hour, 0, 1000000}}};
    const struct load_plan down = {.n = 1, .seg = {{hour, 1000000, 0}}};

    for (uint64_t n = 1; n < all; n += all / 1000) {
        struct load_cursor a = {0}, b = {0};
        uint64_t sum = load_plan_instant(&up, &a, n) + load_plan_instant(&down, &b, all - n);

        cr_assert(sum == hour || sum == hour - 1, "start %u", (unsigned)n); /* both rounded down */
    }
}

Test(load_plan, the_largest_ramp_fits)
{
    const struct load_plan p = {.n = 1, .seg = {{LOAD_RAMP_NS_MAX, LOAD_RATE_MAX, 1}}};
    struct load_cursor at = {0};
    uint64_t n;

    cr_assert(load_plan_is_valid(&p));
    n = load_plan_starts(&p, LOAD_RAMP_NS_MAX);
    cr_assert(lt(u64, load_plan_instant(&p, &at, n - 1), LOAD_RAMP_NS_MAX));
    cr_assert(eq(u64, load_plan_instant(&p, &at, n), TIME_NEVER));
    cr_assert(eq(u64, load_plan_starts(&p, LOAD_RAMP_NS_MAX - 1), n));
}

Test(load_plan, what_cannot_be_followed_exactly_is_not_valid)
{
    static const struct load_plan wrong[] = {
        {.n = LOAD_SEGMENTS_MAX + 1},
        {.n = 1, .seg = {{0, 1, 1}}},
        {.n = 2, .seg = {{5, 1, 1}, {5, 1, 1}}},
        {.n = 1, .seg = {{5, LOAD_RATE_MAX + 1, 1}}},
        {.n = 1, .seg = {{5, 1, LOAD_RATE_MAX + 1}}},
        {.n = 1, .seg = {{LOAD_RAMP_NS_MAX + 1, 1, 2}}},
        {.n = 1, .seg = {{TIME_NEVER, 1, 2}}},
    };
    static const struct load_plan right[] = {
        {.n = 0},
        {.n = 1, .seg = {{TIME_NEVER, LOAD_RATE_MAX, LOAD_RATE_MAX}}},
        {.n = 2, .seg = {{NS_PER_SEC, 0, 0}, {NS_PER_SEC + LOAD_RAMP_NS_MAX, 0, LOAD_RATE_MAX}}},
    };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        cr_expect(not(load_plan_is_valid(&wrong[i])), "%zu", i);
    for (size_t i = 0; i < ARRAY_LEN(right); i++)
        cr_expect(load_plan_is_valid(&right[i]), "%zu", i);
}

Test(load_plan, the_peak_is_the_highest_rate_of_all_ends)
{
    struct load_plan none = load_plan_constant(0), one = load_plan_constant(7);

    cr_assert(zero(u64, load_plan_peak(&none)));
    cr_assert(eq(u64, load_plan_peak(&one), 7));
    cr_assert(eq(u64, load_plan_peak(&microseconds), UINT64_C(4000000000)));
}

Test(load_plan, the_rate_at_an_instant_is_on_the_line)
{
    static const struct load_plan saw = {
        .n = 2,
        .repeats = true,
        .seg = {{NS_PER_SEC, 0, 1000}, {3 * NS_PER_SEC, 1000, 10}},
    };
    struct load_plan slow = load_plan_slow(1, 3 * NS_PER_SEC), none = load_plan_constant(0);

    cr_assert(zero(u64, load_plan_rate_milli(&none, 5)));
    cr_assert(eq(u64, load_plan_rate_milli(&slow, 5), 333));
    cr_assert(eq(u64, load_plan_rate_milli(&saw, 250 * NS_PER_MS), 250000));
    cr_assert(eq(u64, load_plan_rate_milli(&saw, NS_PER_SEC), 1000000));
    cr_assert(eq(u64, load_plan_rate_milli(&saw, 2 * NS_PER_SEC), 505000));
    cr_assert(eq(u64, load_plan_rate_milli(&saw, 3 * NS_PER_SEC + NS_PER_MS), 1000));
    cr_assert(zero(u64, load_plan_rate_milli(&microseconds, 8000)));
}

Test(load_plan, a_rate_for_ever_has_no_last_start)
{
    struct load_plan p = load_plan_constant(3);
    struct load_cursor at = {0};

    cr_assert(eq(u64, load_plan_instant(&p, &at, 1), 333333333));
    cr_assert(eq(u64, load_plan_instant(&p, &at, UINT64_C(3) << 32), NS_PER_SEC << 32));
    cr_assert(eq(u64, load_plan_starts(&p, 10 * NS_PER_SEC), 30));
    cr_assert(eq(u64, load_plan_starts(&p, 10 * NS_PER_SEC + 1), 31));
}

/* -- a worker that follows one ------------------------------------------------------------- */

/* Take a start, due or not. @return when it was intended. */
static uint64_t
take(struct load *l)
{
    uint64_t intended_ns = load_intended_ns(l);

    load_advance(l);
    return intended_ns;
}

Test(load_plan, workers_share_a_plan_in_rotation)
{
    static const unsigned counts[] = {1, 2, 3, 8};

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct load_cursor at = {0};
        struct load loads[8];

        for (unsigned w = 0; w < counts[i]; w++)
            load_init(&loads[w], &microseconds, w, counts[i], START_NS);
        for (uint64_t n = 0; n < 6451; n++)
            cr_assert(eq(u64, take(&loads[n % counts[i]]),
                         START_NS + load_plan_instant(&microseconds, &at, n)));
        for (unsigned w = 0; w < counts[i]; w++)
            cr_assert(eq(u64, load_intended_ns(&loads[w]), TIME_NEVER));
    }
}

Test(load_plan, starts_of_a_plan_are_due_and_end_as_those_of_a_rate)
{
    static const struct load_plan steps = {
        .n = 2, .seg = {{NS_PER_SEC, 10, 10}, {2 * NS_PER_SEC, 100, 100}}};
    struct load l;
    uint64_t n = 0;

    load_init(&l, &steps, 0, 1, START_NS);
    load_stop_at(&l, START_NS + 3 * NS_PER_SEC);
    cr_assert(load_is_open_loop(&l));
    cr_assert(not(load_is_due(&l, START_NS - 1)));
    for (; load_is_due(&l, START_NS + NS_PER_SEC - 1); n++)
        take(&l);
    cr_assert(eq(u64, n, 10));
    for (; load_is_due(&l, START_NS + 2 * NS_PER_SEC); n++)
        take(&l);
    cr_assert(eq(u64, n, 110));
    cr_assert(not(load_is_finished(&l, START_NS + 2 * NS_PER_SEC)));
    cr_assert(load_is_finished(&l, START_NS + 3 * NS_PER_SEC));
}

Test(load_plan, what_a_worker_dropped_of_a_plan_can_be_counted)
{
    for (unsigned n_workers = 1; n_workers < 4; n_workers++) {
        uint64_t sum = 0;

        for (unsigned w = 0; w < n_workers; w++) {
            struct load l;
            uint64_t left, n = 0;

            load_init(&l, &microseconds, w, n_workers, START_NS);
            load_stop_at(&l, START_NS + 4500);
            take(&l);
            left = load_left(&l);
            for (; load_is_due(&l, START_NS + 4500); n++)
                take(&l);
            cr_assert(eq(u64, left, n));
            cr_assert(zero(u64, load_left(&l)));
            sum += left + 1;
        }
        cr_assert(eq(u64, sum, load_plan_starts(&microseconds, 4500)));
    }
}

Test(load_plan, a_worker_that_has_not_begun_waits_for_ever)
{
    struct load l;

    load_init(&l, &microseconds, 0, 1, TIME_NEVER);
    load_stop_at(&l, 0);
    cr_assert(not(load_is_due(&l, UINT64_C(1) << 60)));
}
