/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash beside other people's, and the devices whose replies cannot be steered. */
#include "rss_rig.h"

#include <rte_thash.h>

#include "base/units.h"

static struct rss r;

/* "Verifying the RSS hash calculation", Windows driver documentation: with TCP ports. */
static const struct {
    const char *src, *dst;
    uint16_t src_port, dst_port;
    uint32_t hash;
} verified[] = {
    {"66.9.149.187", "161.142.100.80", 2794, 1766, 0x51ccc178},
    {"199.92.111.2", "65.69.140.83", 14230, 4739, 0xc626b0ea},
    {"24.19.198.95", "12.22.207.184", 12898, 38024, 0x5c2b394a},
    {"38.27.205.30", "209.142.163.6", 48228, 2217, 0xafc7327f},
    {"153.39.163.191", "202.188.127.2", 44251, 1303, 0x10e828a2},
    {"3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x40207d3d},
    {"3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0xdde51bbf},
    {"3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf", 44251, 38024, 0x02d1feef},
};

static void
must_init(const struct rss_opts *o)
{
    cr_assert(zero(int, rss_init(&r, o)));
}

Test(rss, the_hash_is_that_of_the_verification_suite)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, 4);

    must_init(&o);
    for (size_t i = 0; i < ARRAY_LEN(verified); i++) {
        struct ip_addr src, dst;

        cr_assert(zero(int, ip_parse(verified[i].src, &src)));
        cr_assert(zero(int, ip_parse(verified[i].dst, &dst)));
        cr_assert(eq(u32, rss_hash(&r, &src, &dst, verified[i].src_port, verified[i].dst_port),
                     verified[i].hash),
                  "%s", verified[i].src);
    }
}

/* DPDK's own takes the tuple in words of host order. */
static uint32_t
dpdk_hash(const uint8_t *key, const struct ip_addr *src, const struct ip_addr *dst,
          uint16_t src_port, uint16_t dst_port)
{
    uint32_t ports = (uint32_t)src_port << 16 | dst_port;
    uint32_t v4[] = {(uint32_t)src->lo, (uint32_t)dst->lo, ports};
    uint32_t v6[] = {
        (uint32_t)(src->hi >> 32), (uint32_t)src->hi,         (uint32_t)(src->lo >> 32),
        (uint32_t)src->lo,         (uint32_t)(dst->hi >> 32), (uint32_t)dst->hi,
        (uint32_t)(dst->lo >> 32), (uint32_t)dst->lo,         ports};

    return src->is_v6 ? rte_softrss(v6, ARRAY_LEN(v6), key) : rte_softrss(v4, ARRAY_LEN(v4), key);
}

Test(rss, the_hash_of_random_tuples_is_that_of_dpdk)
{
    uint64_t seed = seed_of_test(11);
    struct rng rng = {.state = seed};

    for (int round = 0; round < 50; round++) {
        struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 1, 1); /* one entry: any key will do */

        random_key(&rng, o.key);
        must_init(&o);
        for (int i = 0; i < 200; i++) {
            struct ip_addr src = random_addr(&rng, i % 2), dst = random_addr(&rng, i % 2);
            uint16_t src_port = (uint16_t)rng_next(&rng), dst_port = (uint16_t)rng_next(&rng);

            cr_assert(eq(u32, rss_hash(&r, &src, &dst, src_port, dst_port),
                         dpdk_hash(o.key, &src, &dst, src_port, dst_port)),
                      SEED_FMT, seed);
        }
    }
}

Test(rss, a_hash_is_the_sum_of_its_parts)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 512, 4);
    uint64_t seed = seed_of_test(12);
    struct rng rng = {.state = seed};

    must_init(&o);
    for (int i = 0; i < 2000; i++) {
        struct ip_addr src = random_addr(&rng, i % 2), dst = random_addr(&rng, i % 2);
        struct ip_addr zero = {.is_v6 = src.is_v6};
        uint16_t src_port = (uint16_t)rng_next(&rng), dst_port = (uint16_t)rng_next(&rng);
        uint32_t src_hash = rss_hash(&r, &src, &zero, src_port, 0);
        uint32_t sum = src_hash ^ rss_dst_hash(&r, &dst) ^ rss_port_index(&r, src.is_v6, dst_port);

        cr_assert(eq(u32, rss_hash(&r, &src, &dst, src_port, dst_port) % 512, sum % 512), SEED_FMT,
                  seed);
    }
}

Test(rss, the_low_bits_of_the_hash_name_the_queue)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, 3);

    must_init(&o);
    for (uint32_t i = 0; i < 1000; i++)
        cr_assert(eq(uint, rss_queue(&r, i * 0x01000193u), i * 0x01000193u % 128 % 3));
}

Test(rss, a_key_may_be_longer_than_what_is_hashed)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 512, 4);
    struct ip_addr src = {.lo = 0x420995bb}, dst = {.lo = 0xa18e6450};

    o.key_bytes = 52;
    must_init(&o);
    cr_assert(eq(u32, rss_hash(&r, &src, &dst, 2794, 1766), 0x51ccc178));
}

Test(rss, a_key_that_repeats_after_16_bits_will_do)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 512, 4);

    for (unsigned i = 0; i < RSS_KEY_MIN; i++) /* makes both directions of a flow hash alike */
        o.key[i] = i % 2 ? 0x5a : 0x6d;
    must_init(&o);
}

Test(rss, a_table_of_one_entry_needs_no_key)
{
    struct rss_opts o = rss_opts_of((const uint8_t[RSS_KEY_MIN]){0}, 1, 1);

    must_init(&o);
    cr_assert(zero(uint, rss_queue(&r, UINT32_MAX)));
}

Test(rss, a_key_of_zeros_cannot_steer)
{
    struct rss_opts o = rss_opts_of((const uint8_t[RSS_KEY_MIN]){0}, 2, 2);

    cr_assert(eq(int, rss_init(&r, &o), -1));
}

/* A key that repeats after one byte, or two bits: the port's bits then say the same over and over.
 */
Test(rss, a_key_whose_windows_are_too_much_alike_cannot_steer)
{
    static const uint8_t repeated[] = {0xff, 0x55, 0x11, 0x0f};

    for (size_t i = 0; i < ARRAY_LEN(repeated); i++) {
        struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 512, 4);

        memset(o.key, repeated[i], RSS_KEY_MIN);
        cr_assert(eq(int, rss_init(&r, &o), -1), "%02x", repeated[i]);
    }
}

/* Windows of the local port: bits 80 to 126 for IPv4, 272 to 318 for IPv6. */
Test(rss, both_families_must_be_spread)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, 4);

    memset(o.key + 12, 0, 4);
    cr_assert(eq(int, rss_init(&r, &o), -1));
    o = rss_opts_of(VERIFICATION_KEY, 128, 4);
    memset(o.key + 36, 0, 4);
    cr_assert(eq(int, rss_init(&r, &o), -1));
}

Test(rss, a_queue_without_an_entry_cannot_be_reached)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, 128, 4);

    o.n_queues = 5;
    cr_assert(eq(int, rss_init(&r, &o), -1));
}

Test(rss, a_device_that_makes_no_sense_is_refused)
{
    struct rss_opts good = rss_opts_of(VERIFICATION_KEY, 128, 4), o = good;

    o.reta[77] = 4;
    cr_assert(eq(int, rss_init(&r, &o), -1), "an entry leads nowhere");
    o = good, o.reta_size = 0;
    cr_assert(eq(int, rss_init(&r, &o), -1), "no table");
    o = good, o.reta_size = 96;
    cr_assert(eq(int, rss_init(&r, &o), -1), "a table that is no power of two");
    o = good, o.reta_size = 1024;
    cr_assert(eq(int, rss_init(&r, &o), -1), "a table too large");
    o = good, o.key_bytes = 39;
    cr_assert(eq(int, rss_init(&r, &o), -1), "a key too short");
    o = good, o.key_bytes = 65;
    cr_assert(eq(int, rss_init(&r, &o), -1), "a key too long");
    o = good, o.n_queues = 0;
    cr_assert(eq(int, rss_init(&r, &o), -1), "no queue");
    o = good, o.n_queues = 65;
    cr_assert(eq(int, rss_init(&r, &o), -1), "too many queues");
}
