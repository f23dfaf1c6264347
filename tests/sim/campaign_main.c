/* SPDX-License-Identifier: BSD-3-Clause */
/* The campaign with as many seeds as one has time for:
 *
 *     sim_campaign [--seeds N] [--from S]
 *
 * What breaks is said on stderr; the table at the end on stdout. Ends are counted on both sides. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "campaign.h"
#include "seeds.h"

static struct sim sim;

static void
prints(const char *name, uint64_t n)
{
    printf("%-28s %14" PRIu64 "\n", name, n);
}

static void
prints_sums(const struct campaign_sums *s)
{
    prints("seeds", s->n_seeds);
    prints("connections", s->n_conns);
    for (unsigned i = 0; i < SIM_ENDS; i++)
        prints(sim_end_names[i], s->n_ends[i]);
    prints("payload bytes delivered", s->bytes);
    prints("frames", s->frames);
    prints("events", s->events);
    prints("retransmits", s->retransmits);
    prints("fast retransmits", s->fast_retransmits);
    prints("timeouts", s->timeouts);
    prints("tail probes", s->tail_probes);
    prints("window probes", s->window_probes);
    prints("passed TCP's checksum bent", s->escaped);
    prints("violations", s->n_failed);
}

int
main(int argc, char **argv)
{
    struct campaign_sums sums = {0};
    struct seeds seeds = {.n = 2000, .from = 1};

    if (!seeds_read(&seeds, argc, argv, "sim_campaign"))
        return EXIT_FAILURE;
    for (uint64_t seed = seeds.from; seed < seeds.from + seeds.n; seed++)
        campaign_run(&sim, seed, "sim_campaign::every_promise_holds_whatever_the_network_does",
                     &sums);
    prints_sums(&sums);
    return sums.n_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
