/* SPDX-License-Identifier: BSD-3-Clause */
/* The wheel against a list of deadlines that is searched whole. */
#include "../seed.h"
#include "base/rng.h"
#include "wheel_rig.h"

/* What the wheel has to do with a timer, in ticks that do not wrap. */
struct model {
    bool is_armed;
    uint64_t fires_at;
};

static struct rig r;
static struct model models[RIG_RECORDS];

static uint64_t
random_wait_ns(struct rng *rng)
{
    switch (rng_below(rng, 8)) {
    case 0:
        return 0;
    case 1:
        return rng_below(rng, TICK_NS); /* within the tick */
    case 2:
        return rng_below(rng, 4 * WHEEL_SLOTS * TICK_NS); /* around and around */
    case 3:
        return WHEEL_SLOTS * TICK_NS - TICK_NS + rng_below(rng, 3 * TICK_NS);
    default:
        return rng_below(rng, 2000 * TICK_NS);
    }
}

/* First whole tick at or after the deadline, not the one in work, and never tick 0. */
static uint64_t
model_tick(uint64_t now_ns, uint64_t deadline_ns)
{
    uint64_t tick = (deadline_ns + TICK_NS - 1) / TICK_NS;
    uint64_t next = now_ns / TICK_NS + 1;

    if ((uint32_t)tick == 0)
        tick++;
    return tick < next ? next : tick;
}

static void
arm_or_cancel(struct rng *rng)
{
    uint32_t idx = (uint32_t)rng_below(rng, RIG_RECORDS);

    if (rng_below(rng, 3) == 0) {
        wheel_cancel(rig_timer(&r, idx));
        models[idx].is_armed = false;
    } else {
        uint64_t wait_ns = random_wait_ns(rng);

        rig_arm(&r, idx, wait_ns);
        models[idx] =
            (struct model){.is_armed = true, .fires_at = model_tick(r.now_ns, r.now_ns + wait_ns)};
    }
}

static bool
is_slot_empty(uint32_t tick)
{
    static const uint32_t empty[WHEEL_LANES];

    return memcmp(r.wheel.heads[tick % WHEEL_SLOTS], empty, sizeof(empty)) == 0;
}

/* Call with small budgets until the wheel has caught up, and no handler arms in between. */
static void
expire_all(struct rng *rng, uint64_t seed)
{
    uint32_t now_tick = (uint32_t)(r.now_ns >> WHEEL_TICK_SHIFT);

    do {
        unsigned budget = 1 + (unsigned)rng_below(rng, 64);

        rig_expire(&r, budget);
        cr_assert(le(uint, r.n_due, budget));
        for (unsigned i = 0; i < r.n_due; i++) {
            struct model *m = &models[r.due[i]];

            cr_assert(m->is_armed, SEED_FMT, seed);
            cr_assert(le(u64, m->fires_at, r.now_ns / TICK_NS), SEED_FMT, seed);
            cr_assert(not(wheel_is_armed(rig_timer(&r, r.due[i]))), SEED_FMT, seed);
            m->is_armed = false;
        }
    } while (r.wheel.current != now_tick || !is_slot_empty(now_tick));
}

static void
check_all(uint64_t seed)
{
    for (uint32_t i = 0; i < RIG_RECORDS; i++) {
        cr_assert(eq(int, models[i].is_armed, wheel_is_armed(rig_timer(&r, i))), SEED_FMT, seed);
        cr_assert(not(models[i].is_armed && models[i].fires_at <= r.now_ns / TICK_NS),
                  SEED_FMT ": timer %u is late", seed, i);
    }
}

static void
run(uint64_t seed, uint64_t start_ns)
{
    struct rng rng = {.state = seed};

    rig_init(&r, start_ns);
    memset(models, 0, sizeof(models));
    for (int round = 0; round < 2000; round++) {
        unsigned n_ops = (unsigned)rng_below(&rng, 20);

        for (unsigned i = 0; i < n_ops; i++)
            arm_or_cancel(&rng);
        r.now_ns += rng_below(&rng, 40) == 0 ? rng_below(&rng, 20000 * TICK_NS)
                                             : rng_below(&rng, 20 * TICK_NS);
        expire_all(&rng, seed);
        check_all(seed);
    }
    wheel_fini(&r.wheel);
}

Test(wheel_random, it_fires_what_a_searched_list_of_deadlines_fires)
{
    run(seed_of_test(20240917), 123456789);
}

Test(wheel_random, also_across_the_wrap_of_its_ticks)
{
    run(seed_of_test(31), ((UINT64_C(1) << 32) - 20000) * TICK_NS + 17);
}
