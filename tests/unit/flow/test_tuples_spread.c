/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts are spread over the local addresses: however few they are, however connections end. */
#include "../seed.h"
#include "base/rng.h"
#include "rss_rig.h"
#include "tuples_rig.h"

enum { ADDRESSES = 20, WINDOW = 1000, WORKERS_MAX = 4, OPEN_MAX = 8192 };

/* The last WINDOW starts of all workers, by address. */
struct window {
    uint32_t of[WINDOW];
    uint32_t uses[ADDRESSES];
    uint64_t n;
};

static struct tuples_rig rigs[WORKERS_MAX];
static struct window window;
static struct rss rss;
static struct tuples_target targets[32];

static uint32_t
address_index(unsigned worker, uint32_t idx)
{
    const struct tuples *p = &rigs[worker].p;
    struct ip_addr a;

    tuples_local(p, idx, &a);
    return index_in_group(p, &a);
}

/* One start more; all 20 must be in any thousand of them, with shares within five per cent. */
static void
note_start(struct window *w, uint32_t address, const char *name)
{
    uint32_t *place = &w->of[w->n++ % WINDOW];

    if (w->n > WINDOW)
        w->uses[*place]--;
    *place = address;
    w->uses[address]++;
    for (uint32_t a = 0; w->n >= WINDOW && a < ADDRESSES; a++) {
        cr_assert(ge(u32, w->uses[a], WINDOW / ADDRESSES * 95 / 100 + 1), "%s: address %u of 20",
                  name, a);
        cr_assert(le(u32, w->uses[a], WINDOW / ADDRESSES * 105 / 100), "%s: address %u of 20", name,
                  a);
    }
}

struct world {
    const char *name;
    unsigned n_workers;
    uint32_t n_targets, n_open; /* targets; open at once in the closed loop, of each worker */
    bool has_rss, is_v6;
    uint64_t records; /* of each worker */
};

static const struct world worlds[] = {
    {"one connection at a time", 1, 1, 1, false, false, 400},
    {"few more records than connections", 1, 1, 256, false, false, 544},
    {"thousands", 1, 1, 4000, false, false, 4756},
    {"IPv6", 1, 1, 1000, false, true, 1400},
    {"two workers", 2, 1, 500, false, false, 820},
    {"four workers", 4, 1, 500, false, false, 820},
    {"as many targets as addresses", 1, 20, 500, false, false, 820},
    {"targets with a common divisor", 1, 8, 500, false, false, 820},
    {"targets without one", 1, 7, 500, false, false, 820},
    {"ports by RSS", 2, 1, 500, true, false, 820},
    {"ports by RSS and targets", 4, 32, 500, true, false, 820},
};

static void
init_world(const struct world *w)
{
    struct rng rng = {.state = 5};

    memset(&window, 0, sizeof(window));
    if (w->has_rss) {
        struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, w->n_workers);

        cr_assert(zero(int, rss_init(&rss, &o)), "%s", w->name);
    }
    for (uint32_t i = 0; i < w->n_targets; i++)
        targets[i] = (struct tuples_target){random_addr(&rng, w->is_v6), 80};
    for (unsigned i = 0; i < w->n_workers; i++) {
        struct tuples_rig *r = &rigs[i];

        tuples_rig_plain(r, ADDRESSES, 60000, 0);
        r->ranges[0].first = addr_of(w->is_v6 ? "2001:2::fffe" : "198.18.0.254");
        r->opts.worker = i;
        r->opts.n_workers = w->n_workers;
        r->opts.records[w->is_v6] = w->records;
        r->opts.n_targets[w->is_v6] = w->n_targets;
        r->opts.rss = w->has_rss ? &rss : NULL;
        r->opts.targets = targets;
        r->opts.n_all_targets = w->n_targets;
        cr_assert(zero(int, tuples_rig_init(r)), "%s", w->name);
    }
}

static void
fini_world(const struct world *w)
{
    for (unsigned i = 0; i < w->n_workers; i++)
        tuples_rig_fini(&rigs[i]);
}

static uint32_t
start_one(const struct world *w, unsigned worker, uint32_t *next_target)
{
    uint32_t target = *next_target, idx = take(&rigs[worker], w->is_v6, target);

    *next_target = target + 1 == w->n_targets ? 0 : target + 1;
    cr_assert(ne(u32, idx, RECORD_NONE), "%s", w->name);
    note_start(&window, address_index(worker, idx), w->name);
    return idx;
}

/* Workers begin by turns and as many are open as there may be: the one that ends is any of them. */
static void
run_closed_loop(const struct world *w, struct rng *rng)
{
    static uint32_t open[WORKERS_MAX][OPEN_MAX];
    uint32_t next_target[WORKERS_MAX] = {0}, n_open = 0;

    for (; n_open < w->n_open; n_open++)
        for (unsigned worker = 0; worker < w->n_workers; worker++)
            open[worker][n_open] = start_one(w, worker, &next_target[worker]);
    for (int step = 0; step < 20000; step++) {
        for (unsigned worker = 0; worker < w->n_workers; worker++) {
            uint32_t *ends = &open[worker][rng_below(rng, n_open)];

            tuples_release(&rigs[worker].p, *ends);
            *ends = start_one(w, worker, &next_target[worker]);
        }
    }
}

Test(tuples_spread, any_thousand_starts_use_all_twenty_addresses_alike)
{
    uint64_t seed = seed_of_test(41);
    struct rng rng = {.state = seed};

    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        init_world(&worlds[i]);
        run_closed_loop(&worlds[i], &rng);
        fini_world(&worlds[i]);
    }
}

/* A burst ends in the opposite order: what comes next is spread all the same. */
Test(tuples_spread, connections_that_end_in_the_opposite_order_change_nothing)
{
    static const struct world w = {"bursts", 1, 1, 300, false, false, 600};
    uint32_t next_target = 0, open[300];

    init_world(&w);
    for (int burst = 0; burst < 50; burst++) {
        for (int i = 0; i < 300; i++)
            open[i] = start_one(&w, 0, &next_target);
        for (int i = 300; i > 0; i--)
            tuples_release(&rigs[0].p, open[i - 1]);
    }
    fini_world(&w);
}

Test(tuples_spread, consecutive_starts_take_consecutive_addresses)
{
    static const struct world w = {"a low rate", 1, 1, 1, false, false, 400};
    uint32_t next_target = 0;

    init_world(&w);
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t idx = start_one(&w, 0, &next_target);

        cr_assert(eq(u32, address_index(0, idx), i % ADDRESSES));
        tuples_release(&rigs[0].p, idx);
    }
    fini_world(&w);
}

/* Workers that begin together are not at the same address. */
Test(tuples_spread, workers_begin_at_addresses_far_from_each_other)
{
    static const struct world w = {"workers", 4, 1, 1, false, false, 400};
    uint32_t next_target = 0;

    init_world(&w);
    for (unsigned worker = 0; worker < 4; worker++)
        cr_assert(eq(u32, address_index(worker, start_one(&w, worker, &next_target)), worker * 5));
    fini_world(&w);
}

/* Also where their numbers have a common divisor, and as often as any other. */
Test(tuples_spread, every_target_meets_every_address)
{
    static const uint32_t numbers[] = {1, 7, 8, 20, 30};

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct world w = {"pairs", 1, numbers[i], 1, false, false, 400};
        uint32_t meetings[32][ADDRESSES] = {{0}}, next_target = 0;

        init_world(&w);
        for (uint32_t n = 0; n < 3 * ADDRESSES * numbers[i]; n++) {
            uint32_t target = next_target, idx = start_one(&w, 0, &next_target);

            meetings[target][address_index(0, idx)]++;
            tuples_release(&rigs[0].p, idx);
        }
        for (uint32_t n = 0; n < ADDRESSES * numbers[i]; n++)
            cr_assert(eq(u32, meetings[n / ADDRESSES][n % ADDRESSES], 3), "%u targets", numbers[i]);
        fini_world(&w);
    }
}

/* Those that hang hold all of an address's records: the others go on in turn. */
Test(tuples_spread, an_address_without_a_free_record_is_passed_over)
{
    uint32_t next_target = 0, kept = 0;

    tuples_rig_plain(&rigs[0], 3, 100, 9);
    cr_assert(zero(int, tuples_rig_init(&rigs[0])));
    while (kept < 3) {
        uint32_t idx = must_take(&rigs[0], false, next_target);

        if (idx % 3 == 1)
            kept++;
        else
            tuples_release(&rigs[0].p, idx);
    }
    for (uint32_t i = 0; i < 20; i++) {
        uint32_t idx = must_take(&rigs[0], false, next_target);

        cr_assert(eq(u32, idx % 3, i % 2 == 0 ? 2 : 0));
        tuples_release(&rigs[0].p, idx);
    }
    tuples_rig_fini(&rigs[0]);
}
