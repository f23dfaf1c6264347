/* SPDX-License-Identifier: BSD-3-Clause */
/* The campaign of HTTP with as many seeds as one has time for:
 *
 *     sim_http [--seeds N] [--from S]
 *
 * What breaks is said on stderr; the table at the end on stdout. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "http_campaign.h"
#include "seeds.h"

static struct http_world world;

static void
prints(const char *name, uint64_t n)
{
    printf("%-36s %14" PRIu64 "\n", name, n);
}

static void
prints_sums(const struct http_campaign_sums *s)
{
    char name[80];

    prints("seeds", s->n_seeds);
    prints("connections", s->connections);
    for (unsigned i = 0; i < HTTP_KINDS; i++) {
        snprintf(name, sizeof(name), "requests, %s", http_kind_names[i]);
        prints(name, s->requests[i]);
        snprintf(name, sizeof(name), "answered, %s", http_kind_names[i]);
        prints(name, s->responses[i]);
    }
    for (unsigned i = HTTP_FAILED_NOT + 1; i < HTTP_FAILURE_COUNT; i++)
        prints(http_counters[http_failure_counters[i]].name, s->lost[i]);
    prints("met a close", s->raced);
    prints("not processed", s->unprocessed);
    prints("sent again", s->again);
    prints("frames", s->frames);
    prints("retransmits", s->retransmits);
    prints("passed TCP's checksum bent", s->escaped);
    prints("violations", s->n_failed);
}

int
main(int argc, char **argv)
{
    struct http_campaign_sums sums = {0};
    struct seeds seeds = {.n = 1000, .from = 1};

    if (!seeds_read(&seeds, argc, argv, "sim_http"))
        return EXIT_FAILURE;
    for (uint64_t seed = seeds.from; seed < seeds.from + seeds.n; seed++)
        http_campaign_run(&world, seed, "sim_http::the_fate_of_every_request_is_known_once", &sums);
    prints_sums(&sums);
    return sums.n_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
