/* SPDX-License-Identifier: BSD-3-Clause */
/* The limit of a server's connections a second, in virtual time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

#include "sess/limit.h"

/* Long after the clock's zero, where roundings would have added up. */
static const uint64_t BEGIN_NS = UINT64_C(400) * 24 * 3600 * NS_PER_SEC + 123456789;

static struct limit l;

/* One worker that looks every @poll_ns and is offered as many as it may take. */
static uint64_t
taken_in(uint64_t from_ns, uint64_t until_ns, uint64_t poll_ns)
{
    uint64_t n = 0;

    for (uint64_t now = from_ns; now < until_ns; now += poll_ns) {
        limit_look(&l, 0, now - poll_ns);
        while (limit_take(&l, now))
            n++;
    }
    return n;
}

struct row {
    uint64_t per_second, poll_ns;
};

ParameterizedTestParameters(limit, every_whole_second_has_its_connections)
{
    static struct row rows[] = {{1, 900000},      {7, 33333},       {999, 50000},
                                {1000, 100000},   {12345, 77777},   {100000, 100000},
                                {123457, 250000}, {1000000, 10000}, {3000001, 3333}};

    return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

/* The first one begins with a full bucket. */
ParameterizedTest(struct row *r, limit, every_whole_second_has_its_connections)
{
    uint64_t from_ns = BEGIN_NS;

    limit_init(&l, r->per_second, 1);
    taken_in(from_ns, from_ns + NS_PER_SEC, r->poll_ns);
    for (unsigned i = 1; i < 4; i++) {
        uint64_t n = taken_in(from_ns + i * NS_PER_SEC, from_ns + (i + 1) * NS_PER_SEC, r->poll_ns);

        cr_assert(le(u64, n, r->per_second + 1 + r->per_second * r->poll_ns / NS_PER_SEC));
        cr_assert(ge(u64, n + 1 + r->per_second * r->poll_ns / NS_PER_SEC, r->per_second));
    }
}

Test(limit, a_hundred_seconds_lose_none_to_rounding)
{
    limit_init(&l, 7, 1);
    taken_in(BEGIN_NS, BEGIN_NS + NS_PER_SEC, 100000);
    cr_assert(eq(u64, taken_in(BEGIN_NS + NS_PER_SEC, BEGIN_NS + 101 * NS_PER_SEC, 100000), 700));
}

Test(limit, an_idle_server_saves_up_a_millisecond)
{
    limit_init(&l, 100000, 1);
    taken_in(BEGIN_NS, BEGIN_NS + NS_PER_SEC, 100000);
    limit_look(&l, 0, BEGIN_NS + 10 * NS_PER_SEC);
    cr_assert(
        eq(u64, taken_in(BEGIN_NS + 10 * NS_PER_SEC, BEGIN_NS + 10 * NS_PER_SEC + 1, 1), 100));
}

Test(limit, one_a_second_is_taken_though_a_millisecond_has_none)
{
    limit_init(&l, 1, 1);
    limit_look(&l, 0, BEGIN_NS);
    cr_assert(limit_take(&l, BEGIN_NS));
    cr_assert(not(limit_take(&l, BEGIN_NS)));
    cr_assert(not(limit_take(&l, BEGIN_NS + NS_PER_SEC / 2)));
    cr_assert(limit_take(&l, BEGIN_NS + NS_PER_SEC + NS_PER_SEC / 2));
    cr_assert(not(limit_take(&l, BEGIN_NS + NS_PER_SEC + NS_PER_SEC / 2)));
}

/* What waited in its queue came at its time. */
Test(limit, a_worker_that_was_away_finds_the_places_of_what_waited)
{
    limit_init(&l, 100000, 1);
    taken_in(BEGIN_NS, BEGIN_NS + NS_PER_SEC, 100000);
    cr_assert(eq(u64, taken_in(BEGIN_NS + NS_PER_SEC, BEGIN_NS + 2 * NS_PER_SEC, 20 * NS_PER_MS),
                 98010)); /* the 20 ms before the last look are yet to come */
}

Test(limit, a_worker_that_is_away_for_seconds_finds_those_of_one)
{
    limit_init(&l, 1000, 1);
    taken_in(BEGIN_NS, BEGIN_NS + NS_PER_SEC, 100000);
    limit_look(&l, 0, BEGIN_NS + NS_PER_SEC);
    cr_assert(limit_take(&l, BEGIN_NS + 61 * NS_PER_SEC));
    for (unsigned i = 0; i < 1000; i++)
        cr_assert(limit_take(&l, BEGIN_NS + 61 * NS_PER_SEC));
    cr_assert(not(limit_take(&l, BEGIN_NS + 61 * NS_PER_SEC)));
}

/* Each is offered less than the limit, all together more; they look at different instants. */
Test(limit, several_workers_share_one_limit)
{
    uint64_t n = 0, offered[3] = {0};
    const uint64_t poll_ns[3] = {50000, 130000, 7 * NS_PER_MS};

    limit_init(&l, 100000, 3);
    for (unsigned w = 0; w < 3; w++)
        limit_look(&l, w, BEGIN_NS);
    for (uint64_t now = BEGIN_NS; now < BEGIN_NS + 3 * NS_PER_SEC; now += 10000) {
        for (unsigned w = 0; w < 3; w++) {
            uint64_t due = (now - BEGIN_NS) * 40000 / NS_PER_SEC;

            if ((now - BEGIN_NS) % poll_ns[w] != 0)
                continue;
            for (; offered[w] < due; offered[w]++)
                n += limit_take(&l, now) && now >= BEGIN_NS + NS_PER_SEC;
            limit_look(&l, w, now);
        }
    }
    cr_assert(ge(u64, n, 200000 - 701)); /* two seconds; the last 7 ms of one are yet to come */
    cr_assert(le(u64, n, 200000 + 701));
}

/* A bucket that did not know of the other's pause would have thrown its places away. */
Test(limit, what_waits_for_one_worker_is_not_given_up_by_another)
{
    unsigned n = 0;

    limit_init(&l, 1000, 2);
    limit_look(&l, 0, BEGIN_NS);
    limit_look(&l, 1, BEGIN_NS);
    while (limit_take(&l, BEGIN_NS))
        ;
    for (uint64_t now = BEGIN_NS; now <= BEGIN_NS + 100 * NS_PER_MS; now += 4 * NS_PER_MS) {
        limit_take(&l, now); /* a quarter of the limit */
        limit_look(&l, 0, now);
    }
    for (unsigned i = 0; i < 75; i++)
        n += limit_take(&l, BEGIN_NS + 100 * NS_PER_MS);
    cr_assert(ge(uint, n, 74));
}
