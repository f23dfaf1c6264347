/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_campaign.h. SHAKEDOWN_SIM_SEEDS is how many seeds; SHAKEDOWN_SEED runs one alone. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../unit/seed.h"
#include "http_campaign.h"

#if defined(__SANITIZE_ADDRESS__)
#define SEEDS 100
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEEDS 100
#endif
#endif
#ifndef SEEDS
#define SEEDS 300
#endif

static struct http_world world;
static struct http_campaign_sums sums;

static void
runs_seed(uint64_t seed)
{
    cr_assert(
        http_campaign_run(&world, seed, "sim_http::the_fate_of_every_request_is_known_once", &sums),
        SEED_FMT, seed);
}

Test(sim_http, the_fate_of_every_request_is_known_once)
{
    const char *one = getenv("SHAKEDOWN_SEED"), *many = getenv("SHAKEDOWN_SIM_SEEDS");
    uint64_t n = many != NULL ? strtoull(many, NULL, 0) : SEEDS;

    if (one != NULL) {
        runs_seed(strtoull(one, NULL, 0));
        return;
    }
    for (uint64_t seed = 1; seed <= n; seed++)
        runs_seed(seed);
    for (unsigned i = 0; i < HTTP_KINDS; i++)
        cr_assert(lt(u64, 0, sums.responses[i]), "no answer: %s", http_kind_names[i]);
}
