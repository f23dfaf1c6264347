/* SPDX-License-Identifier: BSD-3-Clause */
/* The table where a NIC decides which worker a reply comes to. */
#include "rss_rig.h"
#include "tuples_rig.h"

static struct rss rss;
static struct tuples_rig rigs[8]; /* one for each worker */
static struct tuples_target targets[4];

struct world {
    const char *name;
    unsigned reta_size, n_workers;
    uint16_t first, last;
    bool is_v6;
    uint32_t n_addresses, n_targets;
    uint64_t records; /* of each worker */
};

static const struct world worlds[] = {
    {"one worker", 128, 1, 1024, 65535, false, 1, 1, 100},
    {"two workers", 128, 2, 1024, 65535, false, 3, 1, 1000},
    {"three workers over 128 entries", 128, 3, 1024, 65535, false, 2, 1, 777},
    {"three workers, IPv6", 128, 3, 1024, 65535, true, 2, 1, 777},
    {"several targets", 512, 8, 1024, 65535, false, 2, 4, 64},
    {"several targets, IPv6", 512, 5, 1024, 65535, true, 3, 4, 64},
    {"a narrow range", 128, 3, 30000, 30999, false, 4, 3, 500},
    {"a narrow range, IPv6", 64, 7, 1, 500, true, 4, 2, 64},
    {"targets as a digit", 64, 4, 2048, 4095, false, 2, 4, 3000},
    {"a class for each port", 64, 2, 2048, 4095, true, 1, 1, 1024},
};

static void
init_world(const struct world *w, struct rng *rng)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, w->reta_size, w->n_workers);

    cr_assert(zero(int, rss_init(&rss, &o)), "%s", w->name);
    for (unsigned i = 0; i < w->n_targets; i++)
        targets[i] = (struct tuples_target){random_addr(rng, w->is_v6), (uint16_t)rng_next(rng)};
    for (unsigned i = 0; i < w->n_workers; i++) {
        struct tuples_rig *r = &rigs[i];

        tuples_rig_plain(r, w->n_addresses, 1, 0);
        r->ranges[0].first = addr_of(w->is_v6 ? "2001:2::fffe" : "198.18.0.254");
        r->opts.port_first = w->first;
        r->opts.port_last = w->last;
        r->opts.worker = i;
        r->opts.n_workers = w->n_workers;
        r->opts.records[w->is_v6] = w->records;
        r->opts.n_targets[w->is_v6] = w->n_targets;
        r->opts.seed = 4321;
        r->opts.rss = &rss;
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

/* The tuple of a record in use, in an array of them all. */
static uint8_t *
place_of(const struct world *w, const struct tuples_rig *r, uint32_t idx, uint8_t *tuples)
{
    const struct flow_link *node = tuples_link(&r->p, idx);
    struct ip_addr local;
    uint32_t address;

    tuples_local(&r->p, idx, &local);
    address = index_in_group(&r->p, &local);
    return &tuples[(address * w->n_targets + node->target) * 65536 + node->port];
}

/* Just taken: the reply comes to the worker's queue, and there it is the record's. */
static void
check_taken(const struct world *w, unsigned worker, uint32_t idx, uint64_t seed)
{
    const struct tuples *p = &rigs[worker].p;
    const struct flow_link *node = tuples_link(p, idx);
    const struct tuples_target *t = &targets[node->target];
    struct ip_addr local;

    tuples_local(p, idx, &local);
    cr_assert(node->port >= w->first && node->port <= w->last, "%s, " SEED_FMT, w->name, seed);
    cr_assert(
        eq(uint, rss_queue(&rss, rss_hash(&rss, &t->addr, &local, t->port, node->port)), worker),
        "%s, " SEED_FMT, w->name, seed);
    for (unsigned other = 0; other < w->n_workers; other++) {
        const struct tuples *q = &rigs[other].p;

        cr_assert(eq(u32, tuples_find(q, &local, node->port, &t->addr, t->port, node->target),
                     other == worker ? idx : RECORD_NONE),
                  "%s, " SEED_FMT, w->name, seed);
        cr_assert(eq(u32, tuples_owner(q, &local, node->port, &t->addr, t->port), worker));
    }
}

/* Targets at random, records given back at random: at no time do two have the same tuple. */
static void
check_random_use(const struct world *w, struct rng *rng, uint64_t seed)
{
    uint8_t *tuples = calloc((size_t)w->n_addresses * w->n_targets, 65536);
    struct taken {
        uint32_t worker, idx;
    } *taken = calloc(w->n_workers * 4096, sizeof(*taken));
    uint32_t n = 0;

    for (int step = 0; step < 60000; step++) {
        uint32_t worker = (uint32_t)rng_below(rng, w->n_workers);
        uint32_t target = (uint32_t)rng_below(rng, w->n_targets);
        uint32_t idx = RECORD_NONE;

        if (rng_below(rng, 100) < 55)
            idx = take(&rigs[worker], w->is_v6, target);
        if (idx != RECORD_NONE) {
            uint8_t *use = place_of(w, &rigs[worker], idx, tuples);

            check_taken(w, worker, idx, seed);
            cr_assert(zero(u8, (*use)++), "%s, " SEED_FMT, w->name, seed);
            taken[n++] = (struct taken){worker, idx};
        } else if (n > 0) {
            uint32_t i = (uint32_t)rng_below(rng, n);

            *place_of(w, &rigs[taken[i].worker], taken[i].idx, tuples) = 0;
            tuples_release(&rigs[taken[i].worker].p, taken[i].idx);
            taken[i] = taken[--n];
        }
    }
    free(taken);
    free(tuples);
}

Test(tuples_rss, replies_come_to_the_worker_and_the_record_that_asked)
{
    uint64_t seed = seed_of_test(31);
    struct rng rng = {.state = seed};

    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        init_world(&worlds[i], &rng);
        check_random_use(&worlds[i], &rng, seed);
        fini_world(&worlds[i]);
    }
}

/* One record at a time, so they take turns, and each use of a tuple is noted. With one target all
 * of a worker's ports come by before one comes again. */
Test(tuples_rss, all_of_a_workers_ports_are_cycled_before_a_tuple_comes_again)
{
    static const struct world w = {"", 128, 3, 1024, 65535, false, 2, 1, 84};
    uint64_t seed = seed_of_test(32);
    struct rng rng = {.state = seed};
    uint32_t *last = calloc((size_t)2 * 65536, sizeof(*last));

    init_world(&w, &rng);
    for (unsigned worker = 0; worker < 3; worker++) {
        struct tuples_rig *r = &rigs[worker];
        uint32_t n_tuples = 2 * tuples_per_address(&r->opts, false);

        memset(last, 0, (size_t)2 * 65536 * sizeof(*last));
        cr_assert(zero(u32, n_tuples % 84), "or rests differ by one round");
        for (uint32_t n = 1; n <= 3 * n_tuples; n++) {
            uint32_t idx = must_take(r, false, 0);
            uint32_t address = idx % 2;
            uint32_t *seen = &last[address * 65536 + port_of(r, idx)];

            cr_assert(eq(u32, *seen, n > n_tuples ? n - n_tuples : 0), SEED_FMT, seed);
            *seen = n;
            tuples_release(&r->p, idx);
        }
    }
    fini_world(&w);
    free(last);
}

/* With several the record goes on whoever the target is: between two uses of a tuple it has been
 * through its whole class. */
Test(tuples_rss, a_record_goes_through_its_class_whichever_targets_it_meets)
{
    static const struct world w = {"", 128, 3, 1024, 65535, true, 1, 4, 50};
    uint64_t seed = seed_of_test(33);
    struct rng rng = {.state = seed};
    uint32_t *last = calloc((size_t)4 * 65536, sizeof(*last));
    uint32_t n_reused = 0;

    init_world(&w, &rng);
    for (uint32_t n = 1; n <= 300000; n++) {
        uint32_t target = (uint32_t)rng_below(&rng, 4), idx = must_take(&rigs[0], true, target);
        uint32_t *seen = &last[target * 65536 + port_of(&rigs[0], idx)];
        uint32_t steps = rigs[0].p.groups[1].n_ports / 50;

        if (*seen != 0) {
            cr_assert(ge(u32, n - *seen, steps * 50), SEED_FMT, seed);
            n_reused++;
        }
        *seen = n;
        tuples_release(&rigs[0].p, idx);
    }
    cr_assert(lt(u32, 100000, n_reused));
    fini_world(&w);
    free(last);
}

Test(tuples_rss, as_many_records_as_a_queue_has_tuples_can_be_laid_out_and_no_more)
{
    static const struct world w = {"", 128, 3, 1024, 65535, false, 2, 1, 100};
    struct rng rng = {.state = 34};

    init_world(&w, &rng);
    for (unsigned worker = 0; worker < 3; worker++) {
        struct tuples_opts o = rigs[worker].opts;
        uint32_t n_ports = worker < 2 ? 43 * 504 : 42 * 504;

        cr_assert(eq(u32, tuples_per_address(&o, false), n_ports));
        o.records[0] = 2 * n_ports;
        cr_assert(zero(int, tuples_init(&rigs[3].p, &o)));
        cr_assert(eq(u32, tuples_records(&rigs[3].p), 2 * n_ports));
        o.records[0]++;
        cr_assert(eq(int, tuples_init(&rigs[3].p, &o), -1));
    }
    fini_world(&w);
}

Test(tuples_rss, a_range_too_narrow_to_steer_cannot_be_laid_out)
{
    static const struct world w = {"", 128, 2, 1024, 65535, false, 2, 1, 1};
    struct rng rng = {.state = 35};
    struct tuples_opts o;

    init_world(&w, &rng);
    o = rigs[0].opts;
    o.port_last = 1100;
    cr_assert(zero(u32, tuples_per_address(&o, false)));
    cr_assert(eq(int, tuples_init(&rigs[3].p, &o), -1));
    fini_world(&w);
}

Test(tuples_rss, what_is_none_of_ours_has_no_owner)
{
    static const struct world w = {"", 128, 2, 1024, 65000, false, 2, 1, 1};
    struct ip_addr ours = addr_of("198.18.0.255"), strange = addr_of("198.18.1.0");
    struct rng rng = {.state = 36};
    const struct tuples *p = &rigs[0].p;

    init_world(&w, &rng);
    cr_assert(lt(u32, tuples_owner(p, &ours, 65000, &targets[0].addr, 80), 2));
    cr_assert(eq(u32, tuples_owner(p, &ours, 1023, &targets[0].addr, 80), UINT32_MAX));
    cr_assert(eq(u32, tuples_owner(p, &ours, 65001, &targets[0].addr, 80), UINT32_MAX));
    cr_assert(eq(u32, tuples_owner(p, &strange, 1024, &targets[0].addr, 80), UINT32_MAX));
    fini_world(&w);
}

Test(tuples_rss, without_rss_the_owner_is_the_port_modulo_workers)
{
    struct ip_addr ours = addr_of("198.18.0.10"), remote = addr_of("198.19.0.1");

    for (unsigned worker = 0; worker < 3; worker++) {
        struct tuples_rig *r = &rigs[worker];

        tuples_rig_plain(r, 1, 100, 33);
        r->opts.worker = worker;
        r->opts.n_workers = 3;
        cr_assert(zero(int, tuples_rig_init(r)));
        for (uint16_t i = 0; i < 99; i++) {
            uint16_t port = (uint16_t)(1024 + i);
            bool is_found = tuples_find(&r->p, &ours, port, &remote, 80, 0) != RECORD_NONE;

            cr_assert(eq(u32, tuples_owner(&r->p, &ours, port, &remote, 80), i % 3u));
            cr_assert(eq(int, is_found, i % 3u == worker));
        }
        cr_assert(eq(u32, tuples_owner(&r->p, &ours, 1124, &remote, 80), UINT32_MAX));
        tuples_rig_fini(r);
    }
}
