/* SPDX-License-Identifier: BSD-3-Clause */
/* See campaign.h. SHAKEDOWN_SIM_SEEDS is how many seeds; SHAKEDOWN_SEED runs one alone. */
#include "campaign.h"
#include "sim_test.h"

#if defined(__SANITIZE_ADDRESS__)
#define SEEDS 1000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEEDS 1000
#endif
#endif
#ifndef SEEDS
#define SEEDS 2000
#endif

static struct campaign_sums sums;

static void
runs_seed(uint64_t seed)
{
    cr_assert(campaign_run(&sim, seed,
                           "sim_campaign::every_promise_holds_whatever_the_network_does", &sums),
              SEED_FMT, seed);
}

Test(sim_campaign, every_promise_holds_whatever_the_network_does)
{
    const char *one = getenv("SHAKEDOWN_SEED"), *many = getenv("SHAKEDOWN_SIM_SEEDS");
    uint64_t n = many != NULL ? strtoull(many, NULL, 0) : SEEDS;

    if (one != NULL) {
        runs_seed(strtoull(one, NULL, 0));
        return;
    }
    for (uint64_t seed = 1; seed <= n; seed++)
        runs_seed(seed);
}
