/* SPDX-License-Identifier: BSD-3-Clause */
/* TSC cycles of timer work per connection (time/wheel.h), in virtual time at 1 M connections a
 * second and with as many records as connections that are open or rest. The records are used in
 * turn, so that each is out of the cache again when there are many.
 *
 *   closes   armed for the handshake, moved for the close, cancelled 1 ms later; the wheel comes by
 *            afterwards and unlinks what is still there, or the record is armed anew before
 *   fires    armed for half the time until its record comes again, runs out */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <x86intrin.h>

#include "base/pages.h"
#include "base/units.h"
#include "time/wheel.h"

enum { CONNS = 8 << 20, PER_TURN = 32, BUDGET = 256 };

static const uint32_t SIZES[] = {64 << 10, 1 << 20, 4 << 20};
static const uint64_t BETWEEN_NS = NS_PER_US; /* starts */

struct bench {
    struct wheel wheel;
    struct wheel_timer *records;
    uint64_t now_ns;
    uint32_t due[BUDGET];
    uint64_t n_fired;
};

static void
expire(struct bench *b)
{
    b->n_fired += wheel_expire(&b->wheel, b->now_ns, b->due, BUDGET);
}

/* A thousand connections are between their start and their end. */
static double
measure_closes(struct bench *b, uint32_t n)
{
    uint32_t begins = 0, ends = (uint32_t)(n - 1000);
    uint64_t began = __rdtsc();

    for (uint32_t conn = 0; conn < CONNS; conn += PER_TURN) {
        b->now_ns += PER_TURN * BETWEEN_NS;
        for (int i = 0; i < PER_TURN; i++) {
            wheel_arm(&b->wheel, begins, b->now_ns + NS_PER_SEC);
            begins = begins + 1 == n ? 0 : begins + 1;
        }
        for (int i = 0; i < PER_TURN; i++) {
            wheel_arm(&b->wheel, ends, b->now_ns + 200 * NS_PER_MS);
            wheel_cancel(wheel_timer(&b->wheel, ends));
            ends = ends + 1 == n ? 0 : ends + 1;
        }
        expire(b);
    }
    return (double)(__rdtsc() - began) / CONNS;
}

static double
measure_fires(struct bench *b, uint32_t n)
{
    uint64_t wait_ns = n / 2 * BETWEEN_NS;
    uint64_t began = __rdtsc();
    uint32_t idx = 0;

    for (uint32_t conn = 0; conn < CONNS; conn += PER_TURN) {
        b->now_ns += PER_TURN * BETWEEN_NS;
        for (int i = 0; i < PER_TURN; i++) {
            wheel_arm(&b->wheel, idx, b->now_ns + wait_ns);
            idx = idx + 1 == n ? 0 : idx + 1;
        }
        expire(b);
    }
    return (double)(__rdtsc() - began) / CONNS;
}

int
main(void)
{
    printf("%10s %10s %10s %10s   TSC cycles per connection\n", "records", "closes", "fires",
           "fired");
    for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
        size_t bytes = (size_t)SIZES[i] * RECORD_BYTES;
        struct bench b = {.now_ns = NS_PER_SEC, .records = pages_map(bytes)};
        double closes, fires;

        if (b.records == NULL || wheel_init(&b.wheel, b.records, b.now_ns) < 0)
            return EXIT_FAILURE;
        closes = measure_closes(&b, SIZES[i]);
        b.now_ns += 2 * NS_PER_SEC; /* let what is cancelled be unlinked */
        for (int call = 0; call < 40000; call++)
            expire(&b);
        b.n_fired = 0;
        fires = measure_fires(&b, SIZES[i]);
        printf("%10" PRIu32 " %10.1f %10.1f %9.0f%%\n", SIZES[i], closes, fires,
               100.0 * (double)b.n_fired / CONNS);
        wheel_fini(&b.wheel);
        pages_unmap(b.records, bytes);
    }
    return 0;
}
