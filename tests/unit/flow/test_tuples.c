/* SPDX-License-Identifier: BSD-3-Clause */
/* Which record an address and port belong to. */
#include "tuples_rig.h"

static struct tuples_rig r;

/* Without RSS who sends the reply does not matter. */
static uint32_t
record_of(const struct ip_addr *addr, uint16_t port, uint32_t target)
{
    const struct ip_addr nobody = {.is_v6 = addr->is_v6};

    return tuples_find(&r.p, addr, port, &nobody, 0, target);
}

/* A whole world: sizes that divide and sizes that do not, one family and both, workers, digits. */
struct world {
    const char *name;
    uint32_t n_addresses[2]; /* [is_v6], spread over two ranges when there are more than two */
    uint32_t n_ports;
    unsigned n_workers;
    uint64_t records[2];
    uint32_t n_targets[2];
    uint32_t expect_records; /* of worker 0 */
};

static const struct world worlds[] = {
    {"one record", {1, 0}, 100, 1, {1, 0}, {1, 0}, 1},
    {"classes divide the ports", {4, 0}, 100, 1, {100, 0}, {1, 0}, 100},
    {"classes do not divide the ports", {4, 0}, 100, 1, {28, 0}, {1, 0}, 28},
    {"records are rounded up to addresses", {5, 0}, 100, 1, {7, 0}, {1, 0}, 10},
    {"a class for each port", {3, 0}, 100, 1, {300, 0}, {1, 0}, 300},
    {"primes", {7, 0}, 97, 1, {7 * 13, 0}, {1, 0}, 91},
    {"one port", {6, 0}, 1, 1, {6, 0}, {1, 0}, 6},
    {"one port and a digit", {3, 0}, 1, 1, {12, 0}, {4, 0}, 12},
    {"targets that need no digit", {4, 0}, 50, 1, {200, 0}, {9, 0}, 200},
    {"targets as a digit", {2, 0}, 50, 1, {450, 0}, {5, 0}, 450},
    {"a digit that does not divide", {3, 0}, 11, 1, {100, 0}, {7, 0}, 7 * 15},
    {"v6 alone", {0, 5}, 64, 1, {0, 100}, {0, 1}, 100},
    {"both families", {4, 6}, 40, 1, {80, 66}, {1, 1}, 146},
    {"a digit in v4 only", {2, 3}, 10, 1, {60, 30}, {3, 2}, 90},
    {"a digit in both", {2, 3}, 10, 1, {60, 60}, {3, 2}, 120},
    {"three workers", {4, 0}, 100, 3, {40, 0}, {1, 0}, 40},
    {"two workers, both families, digits", {2, 2}, 9, 2, {24, 24}, {3, 3}, 48},
    {"as many workers as ports", {4, 0}, 8, 8, {4, 0}, {1, 0}, 4},
    {"every port there is", {1, 0}, 65535, 1, {1000, 0}, {1, 0}, 1000},
};

static void
rig_world(const struct world *w, unsigned worker)
{
    static const char *const firsts[2][2] = {{"198.18.0.10", "198.19.255.1"},
                                             {"2001:2::fffe", "2001:2:0:ffff:ffff:ffff:ffff:fffe"}};

    memset(&r, 0, sizeof(r));
    r.opts = (struct tuples_opts){.ranges = r.ranges,
                                  .port_first = (uint16_t)(65535 - w->n_ports + 1),
                                  .port_last = 65535,
                                  .worker = worker,
                                  .n_workers = w->n_workers,
                                  .seed = 12345};
    for (int part = 0; part < 2; part++) {
        for (int v6 = 1; v6 >= 0; v6--) { /* the families' ranges interleave */
            uint32_t n = w->n_addresses[v6], n_first = n > 2 ? n - 2 : n;
            uint32_t count = part == 0 ? n_first : n - n_first;

            r.opts.records[v6] = w->records[v6];
            r.opts.n_targets[v6] = w->n_targets[v6];
            if (count > 0)
                r.ranges[r.opts.n_ranges++] = range_of(firsts[v6][part], count);
        }
    }
    cr_assert(zero(int, tuples_rig_init(&r)), "%s", w->name);
}

static bool
is_v6_record(uint32_t idx)
{
    struct ip_addr a;

    tuples_local(&r.p, idx, &a);
    return a.is_v6;
}

/* Take all records of a family for all targets; @return how many. */
static uint32_t
take_family(const struct world *w, bool is_v6, uint32_t *taken, uint32_t *targets)
{
    uint32_t n = 0, n_freelists = tuples_needs_target(&r.p, is_v6) ? w->n_targets[is_v6] : 1;

    for (uint32_t target = 0; target < n_freelists; target++) {
        uint32_t idx;

        while ((idx = take(&r, is_v6, target)) != RECORD_NONE) {
            taken[n] = idx;
            targets[n++] = target;
        }
    }
    return n;
}

static void
check_found(const struct world *w, uint32_t idx, uint32_t target)
{
    struct ip_addr addr;

    tuples_local(&r.p, idx, &addr);
    cr_assert(tuples_network(&r.p, &addr) == 0, "%s", w->name);
    cr_assert(eq(u32, record_of(&addr, port_of(&r, idx), target), idx), "%s: port %u", w->name,
              port_of(&r, idx));
}

/* As many rounds as a record has ports, and one more. */
static void
check_all_steps(const struct world *w)
{
    uint32_t n = tuples_records(&r.p);
    uint32_t *taken = calloc(n, sizeof(*taken)), *targets = calloc(n, sizeof(*targets));
    uint32_t rounds = w->n_ports > 1000 ? 70 : w->n_ports + 1;

    for (uint32_t round = 0; round < rounds; round++) {
        for (int v6 = 0; v6 < 2; v6++) {
            uint32_t n_taken = take_family(w, v6, taken, targets);

            for (uint32_t i = 0; i < n_taken; i++) {
                cr_assert(eq(int, is_v6_record(taken[i]), v6), "%s", w->name);
                check_found(w, taken[i], targets[i]);
                tuples_release(&r.p, taken[i]);
            }
        }
    }
    free(taken);
    free(targets);
}

Test(tuples, find_is_the_inverse_of_take_for_every_record_and_every_step)
{
    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        for (unsigned worker = 0; worker < worlds[i].n_workers; worker++) {
            rig_world(&worlds[i], worker);
            if (worker == 0)
                cr_assert(eq(u32, tuples_records(&r.p), worlds[i].expect_records), "%s",
                          worlds[i].name);
            check_all_steps(&worlds[i]);
            tuples_rig_fini(&r);
        }
    }
}

/* @return the records that own (@addr, @port), one for each target in case of a digit. */
static uint32_t
count_owners(const struct world *w, const struct ip_addr *addr, uint16_t port, uint32_t *uses)
{
    uint32_t n = 0,
             n_freelists = tuples_needs_target(&r.p, addr->is_v6) ? w->n_targets[addr->is_v6] : 1;

    for (uint32_t target = 0; target < n_freelists; target++) {
        uint32_t idx = record_of(addr, port, target);

        if (idx == RECORD_NONE)
            continue;
        cr_assert(lt(u32, idx, tuples_records(&r.p)), "%s", w->name);
        uses[idx]++;
        n++;
    }
    return n;
}

/* Every address and port belongs to one worker, there to one record (of each target), and records
 * have about the same number of ports. */
static void
check_partition(const struct world *w)
{
    uint32_t *owners = calloc(11 * 65536, sizeof(*owners));
    uint32_t n_freelists[2] = {1, 1};

    for (unsigned worker = 0; worker < w->n_workers; worker++) {
        uint32_t *uses, place = 0;

        rig_world(w, worker);
        uses = calloc(tuples_records(&r.p), sizeof(*uses));
        for (unsigned i = 0; i < r.p.n_ranges; i++) {
            for (uint32_t a = 0; a < r.ranges[i].count; a++, place++) {
                struct ip_addr addr = ip_add(&r.ranges[i].first, a);

                n_freelists[addr.is_v6] =
                    tuples_needs_target(&r.p, addr.is_v6) ? w->n_targets[addr.is_v6] : 1;
                for (uint32_t port = r.opts.port_first; port <= 65535; port++)
                    owners[place * 65536 + port] += count_owners(w, &addr, (uint16_t)port, uses);
            }
        }
        for (uint32_t i = 0; i < tuples_records(&r.p); i++) {
            const struct tuples_group *family = &r.p.groups[is_v6_record(i)];

            cr_assert(ge(u32, uses[i], family->n_ports / family->classes), "%s", w->name);
            cr_assert(le(u32, uses[i], family->n_ports / family->classes + 1), "%s", w->name);
        }
        for (uint32_t i = 0; worker + 1 == w->n_workers && i < place * 65536; i++) {
            bool is_in_range = i % 65536 >= r.opts.port_first;
            bool is_v6 = n_freelists[0] != n_freelists[1] && owners[i] == n_freelists[1];

            cr_assert(eq(u32, owners[i], is_in_range ? n_freelists[is_v6] : 0), "%s: %u", w->name,
                      i);
        }
        free(uses);
        tuples_rig_fini(&r);
    }
    free(owners);
}

Test(tuples, every_address_and_port_belongs_to_exactly_one_record_of_one_worker)
{
    for (size_t i = 0; i < ARRAY_LEN(worlds); i++)
        check_partition(&worlds[i]);
}

Test(tuples, local_gives_each_address_to_as_many_records)
{
    uint32_t uses[5] = {0};
    struct ip_addr addr;

    rig_world(&(struct world){"", {5, 0}, 30, 1, {40, 0}, {1, 0}, 40}, 0);
    for (uint32_t idx = 0; idx < 40; idx++) {
        tuples_local(&r.p, idx, &addr);
        uses[index_in_group(&r.p, &addr)]++;
    }
    for (int i = 0; i < 5; i++)
        cr_assert(eq(u32, uses[i], 8));
    tuples_rig_fini(&r);
}

Test(tuples, the_second_range_follows_the_first)
{
    struct ip_addr addr;

    rig_world(&(struct world){"", {5, 0}, 30, 1, {5, 0}, {1, 0}, 5}, 0);
    tuples_local(&r.p, 2, &addr);
    cr_assert(ip_equal(&addr, &(struct ip_addr){.lo = 0xc612000c}));
    tuples_local(&r.p, 3, &addr);
    cr_assert(ip_equal(&addr, &(struct ip_addr){.lo = 0xc613ff01}));
    tuples_rig_fini(&r);
}

Test(tuples, an_address_that_is_not_ours_has_no_record)
{
    static const char *const strangers[] = {"198.18.0.9", "198.18.0.14",     "198.19.0.10",
                                            "0.0.0.0",    "255.255.255.255", "::c612:a",
                                            "2001:2::10"};

    tuples_rig_plain(&r, 4, 100, 40);
    cr_assert(zero(int, tuples_rig_init(&r)));
    for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
        struct ip_addr a = addr_of(strangers[i]);

        cr_assert(eq(u32, record_of(&a, 1024, 0), RECORD_NONE), "%s", strangers[i]);
        cr_assert(not(is_ours(&r.p, &a)), "%s", strangers[i]);
    }
    tuples_rig_fini(&r);
}

Test(tuples, a_port_outside_the_range_has_no_record)
{
    static const uint16_t strangers[] = {0, 1, 1023, 1124, 65535};
    struct ip_addr a = addr_of("198.18.0.10");

    tuples_rig_plain(&r, 4, 100, 40);
    cr_assert(zero(int, tuples_rig_init(&r)));
    for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
        cr_assert(eq(u32, record_of(&a, strangers[i], 0), RECORD_NONE));
    cr_assert(eq(u32, record_of(&a, 1024, 0), 0));
    cr_assert(eq(u32, record_of(&a, 1123, 0), 9 * 4)); /* the tenth class, the first address */
    cr_assert(is_ours(&r.p, &a));
    tuples_rig_fini(&r);
}

Test(tuples, an_unknown_target_has_no_record_where_the_target_is_a_digit)
{
    struct ip_addr a = addr_of("198.18.0.10");

    tuples_rig_plain(&r, 1, 10, 30);
    r.opts.n_targets[0] = 3;
    cr_assert(zero(int, tuples_rig_init(&r)));
    cr_assert(tuples_needs_target(&r.p, false));
    cr_assert(eq(u32, record_of(&a, 1024, 2), 20));
    cr_assert(eq(u32, record_of(&a, 1024, 3), RECORD_NONE));
    cr_assert(eq(u32, record_of(&a, 1024, UINT32_MAX), RECORD_NONE));
    tuples_rig_fini(&r);
}

Test(tuples, the_target_is_ignored_where_it_is_no_digit)
{
    struct ip_addr a = addr_of("198.18.0.10");

    tuples_rig_plain(&r, 1, 10, 10);
    r.opts.n_targets[0] = 3;
    cr_assert(zero(int, tuples_rig_init(&r)));
    cr_assert(not(tuples_needs_target(&r.p, false)));
    cr_assert(eq(u32, record_of(&a, 1025, UINT32_MAX), 1));
    tuples_rig_fini(&r);
}

Test(tuples, a_family_that_is_not_used_has_no_record)
{
    struct ip_addr a = addr_of("2001:2::10");

    tuples_rig_plain(&r, 1, 10, 10);
    r.ranges[1] = range_of("2001:2::10", 1);
    r.opts.n_ranges = 2;
    cr_assert(zero(int, tuples_rig_init(&r)));
    cr_assert(is_ours(&r.p, &a));
    cr_assert(eq(u32, record_of(&a, 1024, 0), RECORD_NONE));
    cr_assert(eq(u32, take(&r, true, 0), RECORD_NONE));
    tuples_rig_fini(&r);
}

Test(tuples, more_records_than_tuples_cannot_be_laid_out)
{
    tuples_rig_plain(&r, 4, 100, 400);
    cr_assert(zero(int, tuples_init(&r.p, &r.opts)));
    r.opts.records[0] = 401;
    cr_assert(eq(int, tuples_init(&r.p, &r.opts), -1));
    r.opts.n_targets[0] = 2;
    cr_assert(zero(int, tuples_init(&r.p, &r.opts)));
    r.opts.records[0] = 801;
    cr_assert(eq(int, tuples_init(&r.p, &r.opts), -1));
}

Test(tuples, records_without_address_target_or_port_cannot_be_laid_out)
{
    tuples_rig_plain(&r, 4, 100, 10);
    r.opts.n_targets[0] = 0;
    cr_assert(eq(int, tuples_init(&r.p, &r.opts), -1));
    tuples_rig_plain(&r, 4, 100, 10);
    r.opts.records[1] = 1;
    r.opts.n_targets[1] = 1;
    cr_assert(eq(int, tuples_init(&r.p, &r.opts), -1));
    tuples_rig_plain(&r, 4, 2, 4);
    r.opts.worker = 2;
    r.opts.n_workers = 3;
    cr_assert(eq(int, tuples_init(&r.p, &r.opts), -1));
}

Test(tuples, more_records_than_an_index_holds_cannot_be_laid_out)
{
    tuples_rig_plain(&r, 1u << 20, 60000, UINT64_C(1) << 30);
    cr_assert(zero(int, tuples_init(&r.p, &r.opts)));
    cr_assert(eq(u32, tuples_records(&r.p), RECORDS_MAX));
    r.opts.records[0]++;
    cr_assert(eq(int, tuples_init(&r.p, &r.opts), -1));
}

Test(tuples, a_remainder_without_a_division_is_exact)
{
    for (uint32_t d = 1; d <= 65535; d += d < 300 ? 1 : 13) {
        uint64_t magic = tuples_magic(d);

        for (uint32_t k = 0; k < 70; k++) {
            uint32_t near[] = {k * d, k * d - 1, k * 65521, UINT32_MAX - k};

            for (size_t i = 0; i < ARRAY_LEN(near); i++)
                cr_assert(eq(u32, tuples_mod(magic, d, near[i]), near[i] % d));
        }
    }
}

/* -- networks --------------------------------------------------------------------------------- */

/* Network 0 has both families, network 2 one address range of each, network 1 IPv6 alone. */
static void
rig_networks(void)
{
    static const uint8_t networks[] = {0, 0, 2, 1, 2};

    memset(&r, 0, sizeof(r));
    r.ranges[0] = range_of("198.18.0.10", 4);
    r.ranges[1] = range_of("2001:2::10", 6);
    r.ranges[2] = range_of("10.0.0.1", 8);
    r.ranges[3] = range_of("fd00:1::1", 3);
    r.ranges[4] = range_of("fd00:2::1", 2);
    r.opts = (struct tuples_opts){.ranges = r.ranges,
                                  .n_ranges = 5,
                                  .networks = networks,
                                  .port_first = 1000,
                                  .port_last = 1099,
                                  .n_workers = 1};
    for (unsigned group = 0; group < 6; group++) {
        r.opts.records[group] = group == 2 ? 0 : 24;
        r.opts.n_targets[group] = group == 2 ? 0 : 1;
    }
    cr_assert(zero(int, tuples_rig_init(&r)));
}

Test(tuples, each_networks_records_have_addresses_of_that_network)
{
    rig_networks();
    for (unsigned group = 0; group < 6; group++) {
        unsigned n = 0;
        struct ip_addr addr;
        uint32_t idx;

        while ((idx = tuples_take(&r.p, group, 0, group, &addr)) != RECORD_NONE) {
            struct ip_addr same;

            cr_assert(eq(uint, tuples_network(&r.p, &addr), group / 2));
            cr_assert(eq(int, addr.is_v6, group % 2));
            tuples_local(&r.p, idx, &same);
            cr_assert(ip_equal(&addr, &same));
            cr_assert(eq(u32, record_of(&addr, port_of(&r, idx), 0), idx));
            n++;
        }
        cr_assert(eq(uint, n, group == 2 ? 0 : 24), "group %u", group);
    }
}

Test(tuples, a_record_goes_back_to_its_network)
{
    struct ip_addr addr;
    uint32_t idx, again;

    rig_networks();
    for (unsigned i = 0; i < 1000; i++) {
        unsigned group = i % 2 == 0 ? 4 : 5;

        idx = tuples_take(&r.p, group, 0, 0, &addr);
        cr_assert(ne(u32, idx, RECORD_NONE));
        tuples_release(&r.p, idx);
    }
    for (unsigned group = 4; group < 6; group++)
        for (unsigned i = 0; i < 24; i++)
            cr_assert(ne(u32, tuples_take(&r.p, group, 0, 0, &addr), RECORD_NONE));
    again = tuples_take(&r.p, 4, 0, 0, &addr);
    cr_assert(eq(u32, again, RECORD_NONE));
}

Test(tuples, an_address_that_is_not_ours_is_of_no_network)
{
    struct ip_addr addr = {.lo = 0x0a000009};

    rig_networks();
    cr_assert(eq(uint, tuples_network(&r.p, &addr), TUPLES_NO_NETWORK));
}
