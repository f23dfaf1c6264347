/* SPDX-License-Identifier: BSD-3-Clause */
/* See check.h. */
#include "app/check.h"

#include <inttypes.h>

static double
mib(uint64_t bytes)
{
    return (double)bytes / 1048576.0;
}

static void
print_role(FILE *out, const char *role, uint64_t bytes, uint64_t connections)
{
    if (bytes == 0)
        return;
    fprintf(out, "%-12s%10.1f MiB on the %s side: %" PRIu64 " connections, %.1f bytes each\n", "",
            mib(bytes), role, connections, (double)bytes / (double)connections);
}

/* The sum for all connections at once, before any of it is taken. */
static void
print_memory(FILE *out, const struct check_facts *c)
{
    const struct plan *p = c->plan;

    fprintf(out, "memory      %10.1f MiB available, of which connections need\n",
            mib(c->available_bytes));
    print_role(out, "client", p->client_bytes, c->conf->connections);
    print_role(out, "server", p->server_bytes, c->conf->connections);
    fprintf(out, "%-12s%10.1f MiB in all\n", "", mib(p->client_bytes + p->server_bytes));
}

void
check_print(FILE *out, const struct check_facts *c)
{
    const struct io *io = c->io;

    fprintf(out, "device      %s (driver %s, %u worker%s)\n", c->conf->device, io->ports[0].driver,
            io->n_workers, io->n_workers == 1 ? "" : "s");
    if (io->n_queues > 1)
        fprintf(out, "queues      %u; %s\n", io->n_queues,
                steering_reason_texts[c->steering->reason]);
    fprintf(out, "huge pages  %s\n",
            io->uses_hugepages ? "in use" : "none; ordinary memory is used");
    if (c->plan->tuples > 0)
        fprintf(out, "tuples      %" PRIu64 ", of which this load needs %" PRIu64 "\n",
                c->plan->tuples, c->plan->tuples_needed);
    print_memory(out, c);
    fprintf(out, "ready; nothing was sent\n");
}

void
check_fill(const struct check_facts *c, struct result *r)
{
    const struct plan *p = c->plan;

    r->conf = c->conf;
    r->steering.reason = c->steering->reason;
    r->plan = (struct result_plan){
        .n_workers = c->io->n_workers,
        .n_queues = c->io->n_queues,
        .available_bytes = c->available_bytes,
        .headroom_bytes = c->headroom_bytes,
        .client_bytes = p->client_bytes,
        .server_bytes = p->server_bytes,
        .tuples = p->tuples,
        .tuples_needed = p->tuples_needed,
    };
}
