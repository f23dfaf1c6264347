/* SPDX-License-Identifier: BSD-3-Clause */
/* What each shape makes of what the user wrote, followed start by start in virtual time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "load/load.h"
#include "load/registry.h"

#define START_NS UINT64_C(1000000007)

static struct load_plan
plan_of(const char *shape, const struct load_args *args)
{
    struct load_plan plan;
    struct fail f = {0};

    cr_assert(zero(int, load_shape_by_name(shape)->compile(args, &plan, &f)), "%s", f.text);
    cr_assert(load_plan_is_valid(&plan));
    return plan;
}

/* Starts of one worker in the second that begins @s seconds after the start. */
static uint64_t
starts_in_second(const struct load_plan *plan, uint64_t s)
{
    struct load l;
    uint64_t n = 0;

    load_init(&l, plan, 0, 1, START_NS);
    for (; load_intended_ns(&l) < START_NS + (s + 1) * NS_PER_SEC; load_advance(&l))
        n += load_intended_ns(&l) >= START_NS + s * NS_PER_SEC;
    return n;
}

Test(load_shapes, a_ramp_goes_up_in_its_time_and_stays)
{
    static const struct load_args args = {
        .rates_milli = {1000000, 5000000}, .n_rates = 2, .ns = 4 * NS_PER_SEC};
    struct load_plan plan = plan_of("ramp", &args);

    for (uint64_t s = 0; s < 4; s++) /* the rate in the middle of the second */
        cr_expect(eq(u64, starts_in_second(&plan, s), 1500 + 1000 * s));
    cr_expect(eq(u64, starts_in_second(&plan, 4), 5000));
    cr_expect(eq(u64, starts_in_second(&plan, 60), 5000));
}

Test(load_shapes, a_ramp_to_nothing_ends)
{
    static const struct load_args args = {
        .rates_milli = {1000000, 0}, .n_rates = 2, .ns = 2 * NS_PER_SEC};
    struct load_plan plan = plan_of("ramp", &args);
    struct load l;
    unsigned n = 0;

    load_init(&l, &plan, 0, 1, START_NS);
    for (; load_intended_ns(&l) != TIME_NEVER; load_advance(&l))
        n++;
    cr_expect(eq(uint, n, 1000));
}

Test(load_shapes, steps_follow_each_other_and_the_last_stays)
{
    static const struct load_args args = {
        .rates_milli = {100000, 0, 300000}, .n_rates = 3, .ns = 2 * NS_PER_SEC};
    static const uint64_t expected[] = {100, 100, 0, 0, 300, 300, 300, 300};
    struct load_plan plan = plan_of("steps", &args);

    for (uint64_t s = 0; s < ARRAY_LEN(expected); s++)
        cr_expect(eq(u64, starts_in_second(&plan, s), expected[s]), "second %lu", (long)s);
}

/* A second in the middle of a period of 8 s: the integral of the sine, within what 64 straight
 * lines in its place are off (their sum is less by one in 1,200 where it bends most). */
Test(load_shapes, a_sine_goes_up_and_down_period_after_period)
{
    static const struct load_args args = {
        .rates_milli = {2000000, 10000000}, .n_rates = 2, .ns = 8 * NS_PER_SEC};
    struct load_plan plan = plan_of("sine", &args);

    for (uint64_t s = 0; s < 24; s++) {
        double a = 2 * M_PI * (double)s / 8, b = 2 * M_PI * (double)(s + 1) / 8;
        double exact = 6000 - 4000 * (sin(b) - sin(a)) / (b - a);

        cr_expect(lt(dbl, fabs((double)starts_in_second(&plan, s) - exact), 1 + exact / 500),
                  "second %lu: %lu, not %.1f", (long)s, (long)starts_in_second(&plan, s), exact);
    }
    cr_expect(eq(u64, load_plan_starts(&plan, 80 * NS_PER_SEC), 10 * 48000));
}

/* No start is lost or doubled where one period goes over into the next, however many workers. */
Test(load_shapes, workers_share_a_plan_that_repeats)
{
    static const struct load_args args = {
        .rates_milli = {7000, 33000}, .n_rates = 2, .ns = NS_PER_SEC};
    struct load_plan plan = plan_of("sine", &args);
    struct load l[3];
    uint64_t last = 0, n = 0;

    for (unsigned w = 0; w < 3; w++)
        load_init(&l[w], &plan, w, 3, START_NS);
    for (; n < 20 * 100; n++) {
        struct load *next = &l[n % 3];

        cr_assert(ge(u64, load_intended_ns(next), last));
        last = load_intended_ns(next);
        load_advance(next);
    }
    cr_expect(eq(u64, load_plan_starts(&plan, last - START_NS), n - 1));
    cr_expect(eq(u64, load_plan_starts(&plan, 100 * NS_PER_SEC), 2000));
}

/* The gaps of a Poisson process are exponentially distributed: their greatest distance from that
 * distribution (Kolmogorov and Smirnov) is beyond 1.63 / sqrt(n) once in a hundred times, and the
 * seed is fixed. */
static double
ks_distance(const struct load_plan *plan, unsigned worker, unsigned n_workers, double mean_ns)
{
    enum { N = 20000, BINS = 2000 };
    static unsigned below[BINS + 1];
    struct load l;
    uint64_t last = START_NS;
    double most = 0;
    unsigned sum = 0;

    memset(below, 0, sizeof(below));
    load_init(&l, plan, worker, n_workers, START_NS);
    for (unsigned i = 0; i < N; i++, load_advance(&l)) {
        double share = -expm1(-(double)(load_intended_ns(&l) - last) / mean_ns);

        last = load_intended_ns(&l);
        below[(unsigned)(share * BINS)]++;
    }
    for (unsigned i = 0; i < BINS; i++) {
        sum += below[i];
        most = fmax(most, fabs((double)sum / N - (double)(i + 1) / BINS));
    }
    return most * sqrt(N);
}

Test(load_shapes, the_gaps_of_poisson_are_exponential)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct load_args args = {.rate_milli = 50000000, .seed = seed};
        struct load_plan plan = plan_of("poisson", &args);

        cr_expect(lt(dbl, ks_distance(&plan, 0, 1, 20000), 1.63), "seed %lu", (long)seed);
        cr_expect(lt(dbl, ks_distance(&plan, 1, 4, 80000), 1.63), "seed %lu", (long)seed);
    }
}

/* Their numbers in windows of the same length have a variance like the mean, and the workers'
 * starts have nothing to do with each other. */
Test(load_shapes, the_counts_of_poisson_vary_as_they_should)
{
    enum { WINDOWS = 2000, WORKERS = 2 };
    struct load_args args = {.rate_milli = 100000, .seed = 7};
    struct load_plan plan = plan_of("poisson", &args);
    double sum = 0, squares = 0, products = 0;
    struct load l[WORKERS];

    for (unsigned w = 0; w < WORKERS; w++)
        load_init(&l[w], &plan, w, WORKERS, START_NS);
    for (uint64_t i = 1; i <= WINDOWS; i++) {
        double n[WORKERS] = {0};

        for (unsigned w = 0; w < WORKERS; w++)
            for (; load_intended_ns(&l[w]) < START_NS + i * NS_PER_SEC; load_advance(&l[w]))
                n[w]++;
        sum += n[0] + n[1];
        squares += (n[0] + n[1] - 100) * (n[0] + n[1] - 100);
        products += (n[0] - 50) * (n[1] - 50);
    }
    cr_expect(lt(dbl, fabs(sum / WINDOWS - 100), 3 * 10 / sqrt(WINDOWS)));
    cr_expect(lt(dbl, fabs(squares / WINDOWS / 100 - 1), 3 * sqrt(2.0 / WINDOWS)));
    cr_expect(lt(dbl, fabs(products / WINDOWS / 50), 3 / sqrt(WINDOWS)));
}

Test(load_shapes, the_same_seed_makes_the_same_starts_and_another_makes_others)
{
    struct load_args args = {.rate_milli = 1000000, .seed = 3};
    struct load_plan one = plan_of("poisson", &args), other;
    struct load a, b, c;
    unsigned n_same = 0;

    args.seed = 4;
    other = plan_of("poisson", &args);
    load_init(&a, &one, 0, 1, START_NS);
    load_init(&b, &one, 0, 1, START_NS);
    load_init(&c, &other, 0, 1, START_NS);
    for (int i = 0; i < 1000; i++) {
        cr_assert(eq(u64, load_intended_ns(&a), load_intended_ns(&b)));
        n_same += load_intended_ns(&a) == load_intended_ns(&c);
        load_advance(&a);
        load_advance(&b);
        load_advance(&c);
    }
    cr_expect(lt(uint, n_same, 10));
}

Test(load_shapes, what_is_left_of_poisson_at_the_stop_is_what_would_have_come)
{
    struct load_args args = {.rate_milli = 1000000, .seed = 9};
    struct load_plan plan = plan_of("poisson", &args);
    struct load l;
    uint64_t left, n = 0;

    load_init(&l, &plan, 0, 1, START_NS);
    load_stop_at(&l, START_NS + 2 * NS_PER_SEC);
    left = load_left(&l);
    for (; load_intended_ns(&l) < START_NS + 2 * NS_PER_SEC; load_advance(&l))
        n++;
    cr_expect(eq(u64, left, n));
    cr_expect(zero(u64, load_left(&l)));
}

Test(load_shapes, the_most_that_may_begin_is_seldom_reached_and_never_too_few)
{
    struct load_args args = {.rate_milli = 1000000, .seed = 5};
    struct load_plan poisson = plan_of("poisson", &args), even = load_plan_constant(1000);
    uint64_t most = load_plan_most(&poisson, NS_PER_SEC);

    cr_expect(eq(u64, load_plan_most(&even, NS_PER_SEC), 1000));
    cr_expect(lt(u64, 1000 + 5 * 31, most));
    cr_expect(lt(u64, most, 1400));
    for (uint64_t s = 0; s < 100; s++)
        cr_expect(lt(u64, starts_in_second(&poisson, s), most));
}

struct refusal {
    const char *shape;
    struct load_args args;
    const char *text;
};

Test(load_shapes, what_makes_no_plan_is_one_sentence)
{
    static const struct refusal rows[] = {
        {"ramp",
         {.rate_milli = 5, .n_rates = 2, .rates_milli = {1000, 2000}, .ns = NS_PER_SEC},
         "--rate: --shape ramp has its own; leave --rate out"},
        {"ramp",
         {.n_rates = 2, .ns = NS_PER_SEC},
         "--shape ramp: from 0 to 0 nothing begins; write a rate"},
        {"ramp",
         {.n_rates = 2, .rates_milli = {1500, 2000}, .ns = NS_PER_SEC},
         "--shape ramp: a rate of 1.500 is not possible; allowed is a whole number from 0 to "
         "4294967296"},
        {"ramp",
         {.n_rates = 2, .rates_milli = {1000, 2000}, .ns = LOAD_RAMP_NS_MAX + 1},
         "--shape ramp: a ramp takes 19 hours at most"},
        {"steps",
         {.n_rates = 2, .ns = NS_PER_SEC},
         "--shape steps: at 0 nothing begins; write a rate"},
        {"steps",
         {.n_rates = 2, .rates_milli = {1000}, .ns = TIME_NEVER - 1},
         "--shape steps: all steps together take 584 years at most"},
        {"sine",
         {.n_rates = 2, .rates_milli = {1000, 2000}, .ns = 1000},
         "--shape sine: a period takes 1 ms to 19 hours"},
        {"poisson", {0}, "--shape poisson: give --rate too, the mean"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        struct load_plan plan;
        struct fail f = {0};

        cr_expect(
            eq(int, load_shape_by_name(rows[i].shape)->compile(&rows[i].args, &plan, &f), -1));
        cr_expect(eq(int, f.status, EXIT_USAGE));
        cr_expect(eq(str, f.text, (char *)rows[i].text));
    }
}
