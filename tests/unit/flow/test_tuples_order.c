/* SPDX-License-Identifier: BSD-3-Clause */
/* In which order records and ports come again. */
#include "../seed.h"
#include "base/rng.h"
#include "tuples_rig.h"

static struct tuples_rig r;

/* Take and give back one record at a time, and tell how many takes lie between two uses of a tuple.
 */
static void
rests(uint32_t n_takes, uint32_t *shortest, uint32_t *longest)
{
    uint32_t n_addresses = r.ranges[0].count;
    uint32_t *last = calloc((size_t)n_addresses * 65536, sizeof(*last));

    *shortest = UINT32_MAX;
    *longest = 0;
    for (uint32_t n = 1; n <= n_takes; n++) {
        uint32_t idx = must_take(&r, false, 0);
        struct ip_addr addr;
        uint32_t *seen;

        tuples_local(&r.p, idx, &addr);
        seen = &last[index_in_group(&r.p, &addr) * 65536 + port_of(&r, idx)];
        if (*seen != 0) {
            *shortest = n - *seen < *shortest ? n - *seen : *shortest;
            *longest = n - *seen > *longest ? n - *seen : *longest;
        }
        *seen = n;
        tuples_release(&r.p, idx);
    }
    free(last);
}

Test(tuples_order, the_whole_port_range_is_cycled_before_a_tuple_comes_again)
{
    uint32_t shortest, longest;

    tuples_rig_plain(&r, 3, 60, 3 * 12);
    cr_assert(zero(int, tuples_rig_init(&r)));
    rests(3 * 60 * 5, &shortest, &longest);
    cr_assert(eq(u32, shortest, 3 * 60));
    cr_assert(eq(u32, longest, 3 * 60));
    tuples_rig_fini(&r);
}

Test(tuples_order, one_class_cycles_all_ports)
{
    uint32_t shortest, longest;

    tuples_rig_plain(&r, 1, 1000, 1);
    cr_assert(zero(int, tuples_rig_init(&r)));
    rests(3000, &shortest, &longest);
    cr_assert(eq(u32, shortest, 1000));
    cr_assert(eq(u32, longest, 1000));
    tuples_rig_fini(&r);
}

Test(tuples_order, a_class_for_each_port_repeats_after_all_records)
{
    uint32_t shortest, longest;

    tuples_rig_plain(&r, 2, 50, 100);
    cr_assert(zero(int, tuples_rig_init(&r)));
    rests(500, &shortest, &longest);
    cr_assert(eq(u32, shortest, 100));
    cr_assert(eq(u32, longest, 100));
    tuples_rig_fini(&r);
}

/* 61 ports in 12 classes: class 0 has six, the others five. */
Test(tuples_order, where_classes_do_not_divide_the_ports_rests_differ_by_one_round)
{
    uint32_t shortest, longest;

    tuples_rig_plain(&r, 3, 61, 3 * 12);
    cr_assert(zero(int, tuples_rig_init(&r)));
    rests(36 * 30, &shortest, &longest);
    cr_assert(eq(u32, shortest, 36 * 5));
    cr_assert(eq(u32, longest, 36 * 6));
    tuples_rig_fini(&r);
}

Test(tuples_order, a_record_steps_by_the_number_of_classes_and_wraps)
{
    static const uint16_t expected[] = {1024, 1028, 1032, 1024, 1028};
    uint32_t idx = 0;

    tuples_rig_plain(&r, 1, 10, 4);
    cr_assert(zero(int, tuples_rig_init(&r)));
    for (size_t round = 0; round < ARRAY_LEN(expected); round++) {
        for (int i = 0; i < 4; i++) {
            idx = must_take(&r, false, 0);
            if (idx == 0)
                cr_assert(eq(u16, port_of(&r, 0), expected[round]));
        }
        for (uint32_t i = 0; i < 4; i++)
            tuples_release(&r.p, i);
    }
    tuples_rig_fini(&r);
}

Test(tuples_order, the_seed_says_where_the_cycle_begins)
{
    static const struct {
        uint64_t seed;
        uint16_t ports[4];
    } rows[] = {
        {0, {1024, 1025, 1026, 1027}}, {1, {1028, 1029, 1030, 1031}},
        {2, {1032, 1033, 1026, 1027}}, /* classes 2 and 3 have two ports only */
        {3, {1024, 1025, 1030, 1031}}, {0x10000, {1024, 1025, 1026, 1027}},
    };

    for (size_t row = 0; row < ARRAY_LEN(rows); row++) {
        tuples_rig_plain(&r, 1, 10, 4);
        r.opts.seed = rows[row].seed;
        cr_assert(zero(int, tuples_rig_init(&r)));
        for (int i = 0; i < 4; i++)
            cr_assert(eq(u16, port_of(&r, must_take(&r, false, 0)), rows[row].ports[i]));
        tuples_rig_fini(&r);
    }
}

Test(tuples_order, workers_begin_on_ports_of_their_own)
{
    for (unsigned worker = 0; worker < 3; worker++) {
        tuples_rig_plain(&r, 1, 10, 2);
        r.opts.worker = worker;
        r.opts.n_workers = 3;
        cr_assert(zero(int, tuples_rig_init(&r)));
        cr_assert(eq(u16, port_of(&r, must_take(&r, false, 0)), (uint16_t)(1024 + worker)));
        cr_assert(eq(u16, port_of(&r, must_take(&r, false, 0)), (uint16_t)(1027 + worker)));
        tuples_rig_fini(&r);
    }
}

Test(tuples_order, never_used_records_come_before_released_ones)
{
    tuples_rig_plain(&r, 1, 100, 10);
    cr_assert(zero(int, tuples_rig_init(&r)));
    for (uint32_t i = 0; i < 10; i++) {
        cr_assert(eq(u32, must_take(&r, false, 0), i));
        tuples_release(&r.p, i);
    }
    cr_assert(eq(u32, must_take(&r, false, 0), 0));
    tuples_rig_fini(&r);
}

Test(tuples_order, the_one_released_first_is_taken_first)
{
    static const uint32_t order[] = {3, 9, 0, 7, 1, 11, 2, 5, 8, 4, 10, 6};

    tuples_rig_plain(&r, 1, 100, 12);
    cr_assert(zero(int, tuples_rig_init(&r)));
    for (int i = 0; i < 12; i++)
        must_take(&r, false, 0);
    cr_assert(eq(u32, take(&r, false, 0), RECORD_NONE));
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_LEN(order); i++)
            tuples_release(&r.p, order[i]);
        for (size_t i = 0; i < ARRAY_LEN(order); i++)
            cr_assert(eq(u32, must_take(&r, false, 0), order[i]));
        cr_assert(eq(u32, take(&r, false, 0), RECORD_NONE));
    }
    tuples_rig_fini(&r);
}

Test(tuples_order, lanes_of_targets_and_families_do_not_mix)
{
    tuples_rig_plain(&r, 1, 10, 20);
    r.ranges[1] = range_of("2001:2::10", 1);
    r.opts.n_ranges = 2;
    r.opts.n_targets[0] = 2;
    r.opts.records[1] = 5;
    r.opts.n_targets[1] = 1;
    cr_assert(zero(int, tuples_rig_init(&r)));
    for (uint32_t i = 0; i < 10; i++)
        cr_assert(eq(u32, must_take(&r, false, 1), 10 + i));
    cr_assert(eq(u32, take(&r, false, 1), RECORD_NONE));
    cr_assert(eq(u32, must_take(&r, false, 0), 0));
    cr_assert(eq(u32, must_take(&r, true, 0), 20));
    tuples_release(&r.p, 17);
    for (uint32_t i = 1; i < 10; i++)
        cr_assert(eq(u32, must_take(&r, false, 0), i));
    cr_assert(eq(u32, take(&r, false, 0), RECORD_NONE));
    cr_assert(eq(u32, must_take(&r, false, 1), 17));
    tuples_rig_fini(&r);
}

Test(tuples_order, a_released_record_keeps_its_port_and_target)
{
    tuples_rig_plain(&r, 1, 100, 10);
    cr_assert(zero(int, tuples_rig_init(&r)));
    must_take(&r, false, 0);
    tuples_link(&r.p, 0)->target = 77;
    tuples_release(&r.p, 0);
    cr_assert(eq(u16, port_of(&r, 0), 1024));
    cr_assert(eq(u16, tuples_link(&r.p, 0)->target, 77));
    tuples_rig_fini(&r);
}

/* The addresses' queues of what was released, in which the oldest is always next. */
enum { ADDRESSES = 5, CLASSES = 12 };

static struct queue {
    uint32_t n_fresh, n, idx[CLASSES];
} queues[ADDRESSES];

/* @return whether @address has a record, *idx. */
static bool
take_from_queue(uint32_t address, uint32_t *idx)
{
    struct queue *q = &queues[address];

    if (q->n_fresh < CLASSES) {
        *idx = q->n_fresh++ * ADDRESSES + address;
        return true;
    }
    if (q->n == 0)
        return false;
    *idx = q->idx[0];
    memmove(q->idx, q->idx + 1, --q->n * sizeof(q->idx[0]));
    return true;
}

/* Against plain queues: the next address in turn that has one. */
Test(tuples_order, random_takes_and_releases_agree_with_a_queue_for_each_address)
{
    uint64_t seed = seed_of_test(7);
    struct rng rng = {.state = seed};
    uint32_t used[ADDRESSES * CLASSES], n_used = 0, turn = 0;

    tuples_rig_plain(&r, ADDRESSES, 97, ADDRESSES * CLASSES);
    cr_assert(zero(int, tuples_rig_init(&r)));
    for (int step = 0; step < 50000; step++) {
        if (rng_below(&rng, 100) < (step / 500 % 2 ? 60 : 40)) {
            uint32_t idx = take(&r, false, 0), expected = RECORD_NONE;

            while (n_used < ARRAY_LEN(used) && expected == RECORD_NONE) {
                (void)take_from_queue(turn, &expected);
                turn = (turn + 1) % ADDRESSES;
            }
            cr_assert(eq(u32, idx, expected), SEED_FMT, seed);
            if (idx != RECORD_NONE)
                used[n_used++] = idx;
        } else if (n_used > 0) {
            uint32_t i = (uint32_t)rng_below(&rng, n_used);
            struct queue *q = &queues[used[i] % ADDRESSES];

            tuples_release(&r.p, used[i]);
            q->idx[q->n++] = used[i];
            used[i] = used[--n_used];
        }
    }
    tuples_rig_fini(&r);
}
