/* SPDX-License-Identifier: BSD-3-Clause */
#include "table_rig.h"

static struct table t;

Test(table, an_empty_table_finds_nothing)
{
    struct table_key key = v4_key(1, 1024);

    table_rig_init(&t, 16);
    cr_assert(eq(u32, find(&t, &key), RECORD_NONE));
    cr_assert(zero(u32, table_first(&t, table_hash(&t, &key))));
    table_rig_fini(&t);
}

Test(table, what_is_inserted_is_found_until_it_is_removed)
{
    struct table_key key = v4_key(1, 1024), other = v4_key(1, 1025);
    uint32_t idx;

    table_rig_init(&t, 16);
    idx = insert(&t, &key);
    cr_assert(lt(u32, idx, 16));
    cr_assert(eq(u32, find(&t, &key), idx));
    cr_assert(eq(u32, find(&t, &other), RECORD_NONE));
    cr_assert(eq(u32, t.n_used, 1));
    cr_assert(zero(int, memcmp(&t.keys[idx], &key, sizeof(key))));
    table_remove(&t, idx);
    cr_assert(eq(u32, find(&t, &key), RECORD_NONE));
    cr_assert(zero(u32, t.n_used));
    table_rig_fini(&t);
}

Test(table, every_part_of_the_tuple_tells_connections_apart)
{
    struct table_key key = v4_key(1, 1024), others[6];

    for (int i = 0; i < 6; i++)
        others[i] = key;
    others[0].remote_lo ^= 1;
    others[1].remote_lo ^= UINT64_C(1) << 63;
    others[2].remote_hi = 1;
    others[3].remote_port ^= 0x8000;
    others[4].local_port ^= 1;
    others[5].local_idx = 7;
    table_rig_init(&t, 16);
    insert(&t, &key);
    for (int i = 0; i < 6; i++) {
        cr_assert(not(table_key_equal(&others[i], &key)), "%d", i);
        cr_assert(eq(u32, find(&t, &others[i]), RECORD_NONE), "%d", i);
    }
    table_rig_fini(&t);
}

Test(table, ports_that_change_places_are_another_connection)
{
    struct table_key key = v4_key(1, 1024), other = key;

    other.remote_port = key.local_port;
    other.local_port = key.remote_port;
    table_rig_init(&t, 16);
    insert(&t, &key);
    cr_assert(eq(u32, find(&t, &other), RECORD_NONE));
    table_rig_fini(&t);
}

/* ::198.18.0.1 and 198.18.0.1 have the same number. */
Test(table, a_v6_tuple_is_not_its_v4_twin)
{
    struct table_key v4 = v4_key(1, 1024), v6 = v4;
    uint32_t idx4, idx6;

    v6.local_idx |= TABLE_LOCAL_V6;
    table_rig_init(&t, 16);
    idx4 = insert(&t, &v4);
    cr_assert(eq(u32, find(&t, &v6), RECORD_NONE));
    idx6 = insert(&t, &v6);
    cr_assert(eq(u32, find(&t, &v4), idx4));
    cr_assert(eq(u32, find(&t, &v6), idx6));
    cr_assert(ne(u32, idx4, idx6));
    table_rig_fini(&t);
}

Test(table, the_upper_half_of_a_v6_address_changes_the_hash)
{
    struct table_key a = v4_key(1, 1024), b;

    a.local_idx = TABLE_LOCAL_V6;
    a.remote_hi = UINT64_C(0x2001000200000000);
    b = a;
    b.remote_hi++;
    table_rig_init(&t, 16);
    cr_assert(ne(u32, table_hash(&t, &a), table_hash(&t, &b)));
    table_rig_fini(&t);
}

Test(table, the_mac_is_kept_but_not_compared)
{
    struct table_key key = v4_key(1, 1024), moved = key;
    uint32_t idx;

    moved.peer_mac[5] = 99;
    table_rig_init(&t, 16);
    idx = insert(&t, &key);
    cr_assert(eq(u32, table_hash(&t, &key), table_hash(&t, &moved)));
    cr_assert(eq(u32, find(&t, &moved), idx));
    cr_assert(eq(u8, t.keys[idx].peer_mac[5], 1));
    table_rig_fini(&t);
}

Test(table, another_secret_gives_another_order)
{
    struct table_key key;
    struct table other;
    unsigned n_same = 0;

    table_rig_init(&t, 16);
    other = t;
    other.secret.k0 ^= 1;
    for (uint32_t i = 0; i < 1000; i++) {
        key = v4_key(i, 1024);
        n_same += (table_hash(&t, &key) & 1023) == (table_hash(&other, &key) & 1023);
    }
    cr_assert(lt(uint, n_same, 20));
    table_rig_fini(&t);
}

Test(table, a_full_table_takes_no_more_until_one_is_removed)
{
    struct table_key key;

    table_rig_init(&t, 5);
    for (uint32_t i = 0; i < 5; i++) {
        key = v4_key(i, 1024);
        cr_assert(eq(u32, insert(&t, &key), i));
    }
    key = v4_key(5, 1024);
    cr_assert(eq(u32, insert(&t, &key), RECORD_NONE));
    cr_assert(eq(u32, t.n_used, 5));
    cr_assert(eq(u32, find(&t, &key), RECORD_NONE));
    table_remove(&t, 3);
    cr_assert(eq(u32, insert(&t, &key), 3));
    cr_assert(eq(u32, find(&t, &key), 3));
    table_rig_fini(&t);
}

/* Eight keys that share a head, by search. */
static void
colliding_keys(struct table_key keys[static 8])
{
    uint32_t client = 0, n = 1;

    keys[0] = v4_key(client++, 1024);
    while (n < 8) {
        keys[n] = v4_key(client++, 1024);
        if (((table_hash(&t, &keys[n]) ^ table_hash(&t, &keys[0])) & t.head_mask) == 0)
            n++;
    }
}

Test(table, records_in_one_chain_are_all_found)
{
    struct table_key keys[8];

    table_rig_init(&t, 16);
    colliding_keys(keys);
    for (uint32_t i = 0; i < 8; i++)
        cr_assert(eq(u32, insert(&t, &keys[i]), i));
    for (uint32_t i = 0; i < 8; i++)
        cr_assert(eq(u32, find(&t, &keys[i]), i));
    cr_assert(eq(u32, table_first(&t, table_hash(&t, &keys[0])), 7 + 1));
    table_rig_fini(&t);
}

Test(table, first_middle_and_last_of_a_chain_can_be_removed)
{
    static const uint32_t order[] = {7, 0, 3, 4, 6, 1, 2, 5};
    struct table_key keys[8];

    table_rig_init(&t, 16);
    colliding_keys(keys);
    for (uint32_t i = 0; i < 8; i++)
        insert(&t, &keys[i]);
    for (uint32_t n = 0; n < 8; n++) {
        table_remove(&t, order[n]);
        for (uint32_t i = 0; i < 8; i++) {
            bool is_gone = false;

            for (uint32_t k = 0; k <= n; k++)
                is_gone |= order[k] == i;
            cr_assert(eq(u32, find(&t, &keys[i]), is_gone ? RECORD_NONE : i), "%u after %u", i, n);
        }
    }
    cr_assert(zero(u32, t.heads[table_hash(&t, &keys[0]) & t.head_mask]));
    table_rig_fini(&t);
}

/* A burst hashes all its packets first; an earlier one may change the chain a later one looks at.
 */
Test(table, a_look_up_sees_what_was_inserted_after_its_hash)
{
    struct table_key key = v4_key(1, 1024);
    uint32_t hash, idx;

    table_rig_init(&t, 16);
    hash = table_hash(&t, &key);
    table_first(&t, hash);
    idx = insert(&t, &key);
    cr_assert(eq(u32, table_find(&t, &key, hash), idx));
    table_remove(&t, idx);
    cr_assert(eq(u32, table_find(&t, &key, hash), RECORD_NONE));
    table_rig_fini(&t);
}

Test(table, tuples_of_a_busy_client_spread_over_the_heads)
{
    uint32_t used = 0;

    table_rig_init(&t, 65536);
    for (uint32_t port = 0; port < 65536; port++) {
        struct table_key key = v4_key(1, (uint16_t)port);

        insert(&t, &key);
    }
    for (uint32_t i = 0; i <= t.head_mask; i++)
        used += t.heads[i] != 0;
    cr_assert(eq(u32, t.head_mask, 131071));
    cr_assert(lt(u32, 65536 / 100 * 77, used)); /* 78.7 % is what chance gives */
    table_rig_fini(&t);
}

Test(table, memory_given_back_twice_is_given_back_once)
{
    table_rig_init(&t, 1);
    cr_assert(eq(u32, t.head_mask, 1023));
    table_rig_fini(&t);
    table_fini(&t);
    cr_assert(eq(ptr, t.keys, NULL));
}
