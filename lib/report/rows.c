/* SPDX-License-Identifier: BSD-3-Clause */
/* See rows.h. */
#include "report/rows.h"

#include <assert.h>
#include <string.h>

static_assert(PROTO_COUNTERS_MAX == STAT_PROTO_COUNTERS, "a block has room for them");
static_assert(PROTO_LATENCIES_MAX == STAT_PROTO_LATENCIES, "a block has room for them");

const char *const need_names[NEED_COUNT] = {
    [NEED_nothing] = "",
    [NEED_rate] = "`--rate` or `--request-rate`",
    [NEED_tls] = "TLS",
    [NEED_payload] = "payload",
    [NEED_rx_payload] = "payload received",
    [NEED_tx_payload] = "payload sent",
    [NEED_requests] = "requests",
    [NEED_paced_requests] = "requests and `--request-rate`",
    [NEED_protocol] = "the protocol",
};

unsigned
counter_rows(void)
{
    unsigned n = CTR_COUNT;

    for (unsigned i = 0; i < proto_registry_count; i++)
        n += proto_shares_counters(proto_registry, i) ? 0 : proto_registry[i]->n_counters;
    return n;
}

struct stat_name
proto_counter_name(const struct proto_ops *const protos[], unsigned i)
{
    unsigned p = 0;

    for (; proto_shares_counters(protos, p) || i >= protos[p]->n_counters; p++)
        i -= proto_shares_counters(protos, p) ? 0 : protos[p]->n_counters;
    return (struct stat_name){
        .name = protos[p]->counters[i].name,
        .unit = protos[p]->name,
        .meaning = protos[p]->counters[i].help,
    };
}

struct stat_name
counter_name(unsigned row)
{
    return row < CTR_COUNT ? stat_counter_names[row]
                           : proto_counter_name(proto_registry, row - CTR_COUNT);
}

unsigned
counter_row(const char *name)
{
    unsigned row = 0;

    while (strcmp(counter_name(row).name, name) != 0)
        row++;
    return row;
}

unsigned
latency_rows(void)
{
    unsigned n = LAT_COUNT;

    for (unsigned i = 0; i < proto_registry_count; i++)
        n += proto_registry[i]->n_latencies;
    return n;
}

struct stat_latency_name
proto_latency_name(const struct proto_ops *const protos[], unsigned i)
{
    unsigned row = LAT_COUNT + i;

    for (; i >= (*protos)->n_latencies; protos++)
        i -= (*protos)->n_latencies;
    return (struct stat_latency_name){
        .name = (*protos)->latencies[i].name,
        .interval = row,
        .whole = row,
        .need = NEED_protocol,
        .from = (*protos)->latencies[i].from,
        .to = (*protos)->latencies[i].to,
    };
}

struct stat_latency_name
latency_name(unsigned row)
{
    return row < LAT_COUNT ? stat_latency_names[row]
                           : proto_latency_name(proto_registry, row - LAT_COUNT);
}

static bool
receives(const struct conf_class *k)
{
    return k->receive_bytes > 0 || k->answer_after > 0 || k->echo;
}

static bool
sends(const struct conf_class *k)
{
    return k->send_bytes > 0 || k->answer_bytes > 0 || k->echo;
}

static bool
has_requests(const struct conf_class *k)
{
    return k->proto != NULL && k->proto->has_requests;
}

static bool
any_class(const struct conf *c, bool (*has)(const struct conf_class *k))
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (has(&c->classes[i]))
            return true;
    return false;
}

bool
need_is_met(enum stat_need need, const struct conf *c)
{
    switch (need) {
    case NEED_nothing:
        return true;
    case NEED_rate:
        return conf_is_open_loop(c) || c->request_rate_milli > 0;
    case NEED_tls:
        return conf_is_tls(c);
    case NEED_rx_payload:
        return any_class(c, receives);
    case NEED_tx_payload:
        return any_class(c, sends);
    case NEED_payload:
        return any_class(c, receives) || any_class(c, sends);
    case NEED_requests:
        return any_class(c, has_requests);
    case NEED_paced_requests:
        return any_class(c, has_requests) && c->request_rate_milli > 0;
    case NEED_protocol: /* samples tell */
    case NEED_COUNT:
        break;
    }
    return false;
}

bool
latency_has_interval(unsigned row)
{
    return latency_name(row).interval == row;
}

const struct hist *
latency_interval(const struct stat_block *b, unsigned row, struct hist *scratch)
{
    bool is_copied = false;

    for (unsigned other = 0; other < latency_rows(); other++) {
        if (other == row || latency_name(other).interval != row || b->latency[other].count == 0)
            continue;
        if (!is_copied)
            *scratch = b->latency[row];
        is_copied = true;
        hist_merge(scratch, &b->latency[other]);
    }
    return is_copied ? scratch : &b->latency[row];
}
