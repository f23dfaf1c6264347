/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports of one queue, under the keys of devices and under random ones. */
#include "base/units.h"
#include "flow/steer.h"
#include "rss_rig.h"

static struct rss r;
static struct steer s;

struct world {
    unsigned reta_size, n_queues;
    uint16_t first, last;
};

static const struct world worlds[] = {
    {1, 1, 1, 65535},      {2, 2, 1024, 65535},    {128, 1, 1024, 65535},
    {128, 2, 1024, 65535}, {128, 3, 1024, 65535},  {128, 3, 1, 65535},
    {512, 64, 1, 65535},   {512, 7, 10000, 29999}, {64, 5, 1000, 1999},
};

/* A device's key and table first, then others, until one can steer. */
static void
init_world(const struct world *w, unsigned round, struct rng *rng)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, w->reta_size, w->n_queues);

    while (round > 0 || rss_init(&r, &o) < 0) {
        random_key(rng, o.key);
        for (unsigned i = 0; i < w->reta_size; i++) /* not by turns either */
            o.reta[i] = (uint16_t)(i < w->n_queues ? i : rng_below(rng, w->n_queues));
        round = 0;
    }
}

/* Ports of all queues for one peer and local address: what each owns leads to it, and no other owns
 * it. @return how many are owned. */
static uint32_t
check_tuple(const struct world *w, bool is_v6, struct rng *rng, uint64_t seed)
{
    struct ip_addr remote = random_addr(rng, is_v6), local = random_addr(rng, is_v6);
    uint16_t remote_port = (uint16_t)rng_next(rng);
    uint32_t hash0 = rss_hash(&r, &remote, &local, remote_port, 0), n = 0;
    uint8_t owned[65536] = {0};

    for (unsigned q = 0; q < w->n_queues; q++) {
        steer_init(&s, &r, is_v6, q, w->first, w->last);
        for (uint32_t number = 0; number < s.n_ports; number++, n++) {
            uint16_t port = steer_port(&s, hash0, number);
            uint32_t hash = rss_hash(&r, &remote, &local, remote_port, port);

            cr_assert(eq(uint, rss_queue(&r, hash), q), SEED_FMT, seed);
            cr_assert(eq(u32, steer_number(&s, hash, port), number), SEED_FMT, seed);
            cr_assert(port >= w->first && port <= w->last, SEED_FMT, seed);
            cr_assert(zero(u8, owned[port]), SEED_FMT, seed);
            owned[port] = 1;
        }
    }
    for (uint32_t port = 0; port <= UINT16_MAX; port++) { /* the last queue, asked for all */
        uint32_t hash = rss_hash(&r, &remote, &local, remote_port, (uint16_t)port);
        bool is_its = rss_queue(&r, hash) == s.queue && owned[port];

        cr_assert(eq(int, steer_number(&s, hash, (uint16_t)port) != STEER_NONE, is_its), SEED_FMT,
                  seed);
    }
    return n;
}

Test(steer, a_queues_ports_lead_to_it_and_their_numbers_back_to_them)
{
    uint64_t seed = seed_of_test(21);
    struct rng rng = {.state = seed};

    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        for (unsigned round = 0; round < 3; round++) {
            init_world(&worlds[i], round, &rng);
            for (int v6 = 0; v6 < 2; v6++) {
                uint32_t span = 1u + worlds[i].last - worlds[i].first;
                uint32_t n = check_tuple(&worlds[i], v6, &rng, seed);

                cr_assert(lt(u32, span / 4, n), SEED_FMT, seed);
                cr_assert(eq(u32, n % worlds[i].reta_size, 0), SEED_FMT, seed);
            }
        }
    }
}

Test(steer, no_port_is_left_out_where_the_range_begins_and_ends_at_multiples)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 512, 4);

    cr_assert(zero(int, rss_init(&r, &o)));
    for (int v6 = 0; v6 < 2; v6++) {
        uint32_t n = 0;

        for (unsigned q = 0; q < 4; q++) {
            steer_init(&s, &r, v6, q, 8192, 65535);
            n += s.n_ports;
        }
        cr_assert(eq(u32, n, 65536 - 8192));
    }
}

Test(steer, uneven_queues_have_ports_in_proportion_to_their_entries)
{
    static const uint32_t entries[] = {43, 43, 42};
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, 3);

    cr_assert(zero(int, rss_init(&r, &o)));
    for (unsigned q = 0; q < 3; q++) {
        steer_init(&s, &r, false, q, 1024, 65535);
        cr_assert(eq(u32, s.n_ports, entries[q] * 504));
    }
}

Test(steer, a_range_too_narrow_for_the_table_has_no_port)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, 2);

    cr_assert(zero(int, rss_init(&r, &o)));
    steer_init(&s, &r, false, 0, 5000, 5099);
    cr_assert(zero(u32, s.n_ports));
    cr_assert(eq(u32, steer_number(&s, s.entries[0], 5000), STEER_NONE));
}

Test(steer, numbers_grow_with_the_ports_of_an_entry)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, 2);

    cr_assert(zero(int, rss_init(&r, &o)));
    for (int v6 = 0; v6 < 2; v6++) {
        steer_init(&s, &r, v6, 1, 1024, 65535);
        for (uint32_t number = s.n_entries; number < s.n_ports; number++)
            cr_assert(
                lt(u32, steer_port(&s, 77, number - s.n_entries), steer_port(&s, 77, number)));
    }
}
