/* SPDX-License-Identifier: BSD-3-Clause */
/* The table against a list that is searched whole. */
#include "../seed.h"
#include "base/rng.h"
#include "table_rig.h"

enum { RECORDS = 200, SPACE = 600 };

static struct table t;
static uint32_t places[SPACE]; /* of each possible key: its record, or RECORD_NONE */
static uint32_t n_used;

/* 600 tuples of few clients, ports and addresses, a third of them v6. */
static struct table_key
key_of(uint32_t n)
{
    struct table_key key = v4_key(n % 7, (uint16_t)(1024 + n / 7));

    key.local_port = (uint16_t)(80 + n % 2);
    key.local_idx = n % 5;
    if (n % 3 == 0) {
        key.local_idx |= TABLE_LOCAL_V6;
        key.remote_hi = UINT64_C(0x2001000200000000) + n % 4;
    }
    return key;
}

static void
check_all(uint64_t seed)
{
    for (uint32_t n = 0; n < SPACE; n++) {
        struct table_key key = key_of(n);

        cr_assert(eq(u32, find(&t, &key), places[n]), SEED_FMT, seed);
    }
    cr_assert(eq(u32, t.n_used, n_used), SEED_FMT, seed);
}

static void
insert_or_remove(uint32_t n, uint64_t seed)
{
    struct table_key key = key_of(n);

    if (places[n] != RECORD_NONE) {
        table_remove(&t, places[n]);
        places[n] = RECORD_NONE;
        n_used--;
        return;
    }
    places[n] = insert(&t, &key);
    cr_assert(eq(int, places[n] == RECORD_NONE, n_used == RECORDS), SEED_FMT, seed);
    n_used += n_used < RECORDS;
}

Test(table_random, it_holds_what_a_searched_list_holds)
{
    uint64_t seed = seed_of_test(99);
    struct rng rng = {.state = seed};

    memset(places, 0xff, sizeof(places));
    table_rig_init(&t, RECORDS);
    t.head_mask = 15; /* long chains */
    for (int step = 0; step < 20000; step++) {
        insert_or_remove((uint32_t)rng_below(&rng, SPACE), seed);
        if (step % 50 == 0)
            check_all(seed);
    }
    t.head_mask = 1023; /* what table_fini() unmaps */
    table_rig_fini(&t);
}
