/* SPDX-License-Identifier: BSD-3-Clause */
/* The responder's table (flow/table.h) beside DPDK's rte_hash: TSC cycles per look-up in bursts of
 * 32, each look-up ending in a read of the record it found, as the engine does; cycles for a
 * removal and an insertion; and the bytes each takes beside the record. Keys are 32 bytes, and each
 * table is full of them. The median burst counts, because the machine is shared. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_malloc.h>

#include <x86intrin.h>

#include "base/pages.h"
#include "base/rng.h"
#include "base/units.h"
#include "flow/table.h"

enum { BURST = 32, BURSTS = 60000 };

static const uint32_t SIZES[] = {64 << 10, 1 << 20, 10000000};

struct figures {
    double lookup, replace, bytes;
};

static uint64_t lookups[BURSTS], replaces[BURSTS];

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static double
median_per_op(uint64_t *bursts)
{
    qsort(bursts, BURSTS, sizeof(bursts[0]), compare);
    return (double)bursts[BURSTS / 2] / BURST;
}

/* Connection @n of many: 4096 clients with as many ports as it takes. */
static struct table_key
key_of(uint32_t n)
{
    return (struct table_key){.remote_lo = 0xc6120000 + n % 4096,
                              .remote_port = (uint16_t)(1024 + n / 4096),
                              .local_port = 443};
}

/* What of a record the engine looks at first. */
static uint32_t
read_record(const void *records, uint32_t idx)
{
    return *(const volatile uint32_t *)((const char *)records + (uint64_t)idx * RECORD_BYTES);
}

static void
random_burst(struct rng *rng, uint32_t n, uint32_t *conns, struct table_key *keys)
{
    for (int i = 0; i < BURST; i++) {
        conns[i] = (uint32_t)rng_below(rng, n);
        keys[i] = key_of(conns[i]);
    }
}

/* Whether a burst names no connection twice: it can then be removed and inserted as a whole. */
static bool
is_distinct(const uint32_t *conns)
{
    for (int i = 0; i < BURST; i++) {
        for (int k = 0; k < i; k++) {
            if (conns[i] == conns[k])
                return false;
        }
    }
    return true;
}

/* -- ours ------------------------------------------------------------------------------------ */

static uint64_t
ours_lookup(const struct table *t, const struct table_key *keys)
{
    uint64_t began = __rdtsc();
    uint32_t hashes[BURST];

    for (int i = 0; i < BURST; i++)
        hashes[i] = table_hash(t, &keys[i]);
    for (int i = 0; i < BURST; i++)
        table_first(t, hashes[i]);
    for (int i = 0; i < BURST; i++)
        (void)read_record(t->first_link, table_find(t, &keys[i], hashes[i]));
    return __rdtsc() - began;
}

static uint64_t
ours_replace(struct table *t, const struct table_key *keys)
{
    uint32_t hashes[BURST];
    uint64_t began;

    for (int i = 0; i < BURST; i++) /* as after a look-up: it is in the cache */
        hashes[i] = table_hash(t, &keys[i]);
    began = __rdtsc();
    for (int i = 0; i < BURST; i++)
        table_remove(t, table_find(t, &keys[i], hashes[i]));
    for (int i = 0; i < BURST; i++)
        table_insert(t, &keys[i], hashes[i]);
    return __rdtsc() - began;
}

static void
measure_ours(uint32_t n, struct figures *f)
{
    struct rng rng = {.state = n};
    struct table_key keys[BURST];
    uint32_t conns[BURST];
    struct table t;
    void *records = pages_map((size_t)n * RECORD_BYTES);

    if (records == NULL || table_init(&t, records, n, (struct siphash_key){1, 2}) < 0)
        exit(EXIT_FAILURE);
    for (uint32_t i = 0; i < n; i++) {
        keys[0] = key_of(i);
        table_insert(&t, &keys[0], table_hash(&t, &keys[0]));
    }
    for (int burst = 0; burst < BURSTS; burst++) {
        do
            random_burst(&rng, n, conns, keys);
        while (!is_distinct(conns));
        lookups[burst] = ours_lookup(&t, keys);
        replaces[burst] = ours_replace(&t, keys);
    }
    f->lookup = median_per_op(lookups);
    f->replace = median_per_op(replaces);
    /* Keys, heads, and the link that lies in the record. */
    f->bytes = sizeof(t.keys[0]) + (t.head_mask + 1.0) * sizeof(t.heads[0]) / n + sizeof(uint32_t);
    table_fini(&t);
    pages_unmap(records, (size_t)n * RECORD_BYTES);
}

/* -- rte_hash -------------------------------------------------------------------------------- */

static uint64_t
theirs_lookup(const struct rte_hash *h, const void *records, const struct table_key *keys)
{
    uint64_t began = __rdtsc();
    const void *pointers[BURST];
    int32_t found[BURST];

    for (int i = 0; i < BURST; i++)
        pointers[i] = &keys[i];
    if (rte_hash_lookup_bulk(h, pointers, BURST, found) < 0)
        exit(EXIT_FAILURE);
    for (int i = 0; i < BURST; i++)
        __builtin_prefetch((const char *)records + (uint64_t)(uint32_t)found[i] * RECORD_BYTES, 1);
    for (int i = 0; i < BURST; i++)
        (void)read_record(records, (uint32_t)found[i]);
    return __rdtsc() - began;
}

static uint64_t
theirs_replace(const struct rte_hash *h, const struct table_key *keys)
{
    uint64_t began = __rdtsc();

    for (int i = 0; i < BURST; i++)
        rte_hash_del_key(h, &keys[i]);
    for (int i = 0; i < BURST; i++) {
        if (rte_hash_add_key(h, &keys[i]) < 0)
            exit(EXIT_FAILURE);
    }
    return __rdtsc() - began;
}

static size_t
heap_bytes(void)
{
    struct rte_malloc_socket_stats stats;

    rte_malloc_get_socket_stats(0, &stats);
    return stats.heap_allocsz_bytes;
}

static void
measure_theirs(uint32_t n, struct figures *f)
{
    /* An eighth more than is put in: at the full count an insertion may fail. */
    struct rte_hash_parameters opts = {
        .name = "bench", .entries = n + n / 8, .key_len = sizeof(struct table_key)};
    size_t before = heap_bytes();
    struct rte_hash *h = rte_hash_create(&opts);
    void *records = pages_map((size_t)opts.entries * RECORD_BYTES);
    struct rng rng = {.state = n};
    struct table_key keys[BURST];
    uint32_t conns[BURST];

    if (h == NULL || records == NULL)
        exit(EXIT_FAILURE);
    for (uint32_t i = 0; i < n; i++) {
        keys[0] = key_of(i);
        if (rte_hash_add_key(h, &keys[0]) < 0)
            exit(EXIT_FAILURE);
    }
    for (int burst = 0; burst < BURSTS; burst++) {
        do
            random_burst(&rng, n, conns, keys);
        while (!is_distinct(conns));
        lookups[burst] = theirs_lookup(h, records, keys);
        replaces[burst] = theirs_replace(h, keys);
    }
    f->lookup = median_per_op(lookups);
    f->replace = median_per_op(replaces);
    f->bytes = (double)(heap_bytes() - before) / n;
    rte_hash_free(h);
    pages_unmap(records, (size_t)opts.entries * RECORD_BYTES);
}

static void
print_row(const char *name, uint32_t n, const struct figures *f)
{
    printf("%-10s %10" PRIu32 " %10.1f %16.1f %12.1f\n", name, n, f->lookup, f->replace, f->bytes);
    fflush(stdout);
}

int
main(void)
{
    char *args[] = {
        "bench_table", "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry",
        "-m",          "4096",      "-l",       "0",           "--log-level=lib.eal:error",
        NULL};
    struct figures f;

    if (rte_eal_init((int)ARRAY_LEN(args) - 1, args) < 0)
        return EXIT_FAILURE;
    printf("%-10s %10s %10s %16s %12s   TSC cycles each\n", "table", "entries", "look-up",
           "remove + insert", "bytes");
    for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
        measure_ours(SIZES[i], &f);
        print_row("flow", SIZES[i], &f);
        measure_theirs(SIZES[i], &f);
        print_row("rte_hash", SIZES[i], &f);
    }
    rte_eal_cleanup();
    return 0;
}
