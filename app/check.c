/* SPDX-License-Identifier: BSD-3-Clause */
/* See check.h. */
#include "app/check.h"

#include <inttypes.h>

#include "conf/forecast.h"
#include "report/format.h"

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

static void
print_offloads(FILE *out, const struct io_port_info *p)
{
    fprintf(out, "%-12sin hardware: %s%s%s%s; the rest is done in software\n", "",
            p->tx_tcp_csum ? "checksums sent" : "no checksums sent",
            p->rx_tcp_csum ? ", checksums received" : "", p->tx_tso ? ", segmentation (TSO)" : "",
            p->tx_multi_seg ? ", frames of several segments" : "");
}

/* Each way: packets and bits a second where a rate is known. */
static void
print_way(FILE *out, const char *name, const struct forecast_way *way, double starts)
{
    char packets[FORMAT_TEXT_MAX], bits[FORMAT_TEXT_MAX];

    fprintf(out, "%-12s%s %.1f packets, %.0f bytes a connection", "", name, way->packets,
            way->bytes);
    if (starts > 0)
        fprintf(out, ": %s packets, %s", format_rate(way->packets * starts, packets),
                format_bit_rate(8 * way->bytes * starts, bits));
    fputc('\n', out);
}

static void
print_estimates(FILE *out, const struct forecast *f)
{
    const char *before = "estimated: ";

    fprintf(out, "%-12s", "");
    if (!f->estimates_tls && !f->estimates_body && !f->estimates_acks)
        fputs("all of it exact, unless packets are lost", out);
    if (f->estimates_tls) {
        fprintf(out, "%swhat TLS sends", before);
        before = ", ";
    }
    if (f->estimates_body) {
        fprintf(out, "%sanswers, as if each had 1 KiB", before);
        before = ", ";
    }
    if (f->estimates_acks)
        fprintf(out, "%show often payload is acknowledged", before);
    fputc('\n', out);
}

static void
print_class(FILE *out, const struct check_facts *c, unsigned class_idx)
{
    const struct conf_class *k = &c->conf->classes[class_idx];
    char starts[FORMAT_TEXT_MAX], open[FORMAT_TEXT_MAX];
    struct forecast f;

    forecast_class(&f, c->conf, class_idx, c->io->ports[0].mtu);
    fprintf(out, "%-12s", c->conf->has_classes ? k->name : "load");
    if (f.starts > 0)
        fprintf(out, "%s connections, about %s open by hold and think time, round trips beside\n",
                format_rate(f.starts, starts), format_grouped((uint64_t)f.open, open));
    else
        fprintf(out, "as many connections as the target takes, a new one for each that ends\n");
    print_way(out, "sends", &f.sent, f.starts);
    print_way(out, "receives", &f.received, f.starts);
    if (k->requests == 0)
        fprintf(out, "%-12swith one exchange each; they have no end\n", "");
    print_estimates(out, &f);
}

/* What a client will do; of serve only its clients know. */
static void
print_load(FILE *out, const struct check_facts *c)
{
    char connections[FORMAT_TEXT_MAX];

    for (unsigned i = 0; c->conf->command != CONF_SERVE && i < c->conf->n_classes; i++)
        print_class(out, c, i);
    fprintf(out, "connections %s open at once at most\n",
            format_grouped(c->conf->connections, connections));
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
    print_offloads(out, &io->ports[0]);
    fprintf(out, "huge pages  %s\n",
            io->uses_hugepages ? "in use" : "none; ordinary memory is used");
    if (c->plan->tuples > 0)
        fprintf(out, "tuples      %" PRIu64 ", of which this load needs %" PRIu64 "\n",
                c->plan->tuples, c->plan->tuples_needed);
    print_load(out, c);
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
        .mtu = c->io->ports[0].mtu,
        .tx_csum = c->io->ports[0].tx_tcp_csum,
        .rx_csum = c->io->ports[0].rx_tcp_csum,
        .tso = c->io->ports[0].tx_tso,
        .multi_seg = c->io->ports[0].tx_multi_seg,
        .available_bytes = c->available_bytes,
        .headroom_bytes = c->headroom_bytes,
        .client_bytes = p->client_bytes,
        .server_bytes = p->server_bytes,
        .tuples = p->tuples,
        .tuples_needed = p->tuples_needed,
    };
}
