/* SPDX-License-Identifier: BSD-3-Clause */
/* See plan.h. */
#include "conf/plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/record.h"
#include "base/units.h"
#include "conf/http2.h"
#include "conf/options.h"
#include "conf/plan_demand.h"

/* Bytes a connection. The server cannot compute a record's place, so it adds keys and heads of a
 * hash table; and each of its workers has room for half-open connections beyond the client's bound.
 */
static const uint64_t CLIENT_RECORD_BYTES = RECORD_BYTES;
static const uint64_t SERVER_RECORD_BYTES = RECORD_BYTES + 48;
static const uint64_t SERVER_SPARE_RECORDS = 65536;

/* For runs so small that an eighth is next to nothing. */
static const uint64_t CLIENT_SPARE_RECORDS = 256;

static const uint64_t CLOSED_LOOP_CONNECTIONS = 1024;
static const uint64_t LOOPBACK_CONNECTIONS = 4096;
static const uint64_t SERVE_CONNECTIONS = 1000000;

/* In a closed loop, of each worker. A TLS handshake is a fraction of a millisecond of arithmetic on
 * either side: a few dozen keep a target busy over a lab's round trip, and more of them only wait,
 * for longer, and in memory that no cache holds. */
static const uint64_t TLS_CONNECTIONS_PER_WORKER = 64;

static uint64_t
most_connections(const struct conf *c)
{
    uint64_t most = conf_options[OPTION_CONNECTIONS].max;

    return conf_is_tls(c) ? u64_min(most, PLAN_TLS_CONNECTIONS_MAX) : most;
}

static uint64_t
closed_loop_connections(const struct conf *c)
{
    if (conf_is_tls(c))
        return c->lcores * TLS_CONNECTIONS_PER_WORKER;
    return c->is_loopback ? LOOPBACK_CONNECTIONS : CLOSED_LOOP_CONNECTIONS;
}

/* How long a connection is open, or half open, that meets no trouble. */
static uint64_t
held_ns(const struct conf_class *k)
{
    return u64_max(k->hold_ns, k->half_open_ns);
}

/* How long a connection may be open to a target that does not answer, or does so at the last
 * moment. That a target answers TCP and is silent in TLS is not provided for: it would take tens of
 * times the memory that is needed otherwise, and shows in conn_limit_reached. */
static uint64_t
longest_ns(const struct conf *c)
{
    uint64_t longest = 0;

    for (unsigned i = 0; i < c->n_classes; i++)
        longest =
            u64_max(longest, plan_add(held_ns(&c->classes[i]), c->classes[i].connect_timeout_ns));
    return longest;
}

static uint64_t
longest_hold_ns(const struct conf *c)
{
    uint64_t longest = 0;

    for (unsigned i = 0; i < c->n_classes; i++)
        longest = u64_max(longest, held_ns(&c->classes[i]));
    return longest;
}

uint64_t
plan_default_connections(const struct conf *c)
{
    uint64_t capacity, at_rest, wanted, held;

    if (c->command == CONF_SERVE)
        return SERVE_CONNECTIONS;
    capacity = plan_tuple_capacity(c);
    at_rest = plan_begun_in(c, c->reuse_ns);
    held = u64_max(plan_begun_in(c, longest_hold_ns(c)), c->lcores);
    wanted = c->load.n == 0 ? closed_loop_connections(c)
                            : u64_max(plan_begun_in(c, longest_ns(c)), CLOSED_LOOP_CONNECTIONS);
    wanted = u64_min(wanted, most_connections(c));
    if (capacity > at_rest) /* otherwise plan_make() tells how many addresses the rate needs */
        wanted = u64_min(wanted, capacity - at_rest);
    return u64_max(wanted, held);
}

static int
check_most(const struct conf *c, struct fail *f)
{
    const char *kind = conf_is_tls(c) ? " with TLS" : "";
    uint64_t most = most_connections(c);
    char hold[VALUE_TEXT_MAX], rate[VALUE_TEXT_MAX];

    if (c->connections <= most)
        return 0;
    if (c->given[OPTION_CONNECTIONS])
        return fail_set(f, EXIT_USAGE,
                        "--connections: %" PRIu64 " connections%s are too many; at most %" PRIu64
                        " are allowed",
                        c->connections, kind, most);
    return fail_set(f, EXIT_USAGE,
                    "%s: %s %s/s x %s = %" PRIu64
                    " connections%s open at once are too many; at most %" PRIu64 " are allowed",
                    conf_has_half_open(c) ? "--half-open" : "--hold", plan_rate_option(c),
                    plan_peak_words(c, rate), value_format_duration(longest_hold_ns(c), hold),
                    c->connections, kind, most);
}

static int
check_workers(const struct conf *c, struct fail *f)
{
    unsigned ports = 1U + c->ports.last - c->ports.first;

    if (ports < c->lcores && c->command != CONF_SERVE)
        return fail_set(
            f, EXIT_USAGE,
            "--ports: %u-%u is less than one port for each worker; allowed is at least the %u "
            "of --lcores",
            c->ports.first, c->ports.last, c->lcores);
    if (c->connections < c->lcores)
        return fail_set(f, EXIT_USAGE,
                        "--connections: %" PRIu64
                        " is less than one for each worker; allowed is at least "
                        "the %u of --lcores",
                        c->connections, c->lcores);
    return check_most(c, f);
}

/* TLS of one open connection, and what it may have in its rings: payload of known size, or what
 * a protocol makes of its own. */
static uint64_t
class_tls_bytes(const struct conf *c, const struct conf_class *k, enum role role)
{
    uint64_t sent = role == ROLE_CLIENT ? k->send_bytes : k->receive_bytes;
    uint64_t received = role == ROLE_CLIENT ? k->receive_bytes : k->send_bytes;

    if (!k->is_tls)
        return 0;
    if ((k->proto->traits & PROTO_SENDS_PATTERN) == 0)
        sent = received = UINT64_MAX;
    return (k->handshake_bytes[role] > 0 ? k->handshake_bytes[role] : PLAN_TLS_BYTES) +
           u64_min(sent, PLAN_RING_BYTES) + u64_min(received, c->window_bytes);
}

/* nghttp2 of one connection, and its streams. */
static uint64_t
class_http2_bytes(const struct conf_class *k)
{
    if (!conf_is_http2(k->proto))
        return 0;
    return PLAN_HTTP2_BYTES + k->http.streams * PLAN_HTTP2_STREAM_BYTES;
}

/* Of libraries, of each open connection, as if all were of the class that takes most; serve: see
 * struct plan. */
static uint64_t
library_bytes(const struct conf *c, enum role role)
{
    uint64_t most = 0;

    if (c->command == CONF_SERVE || !conf_has_role(c, role))
        return 0;
    for (unsigned i = 0; i < c->n_classes; i++)
        most = u64_max(most, class_tls_bytes(c, &c->classes[i], role) +
                                 class_http2_bytes(&c->classes[i]));
    return most;
}

/* Of a protocol's state on either side that this process has. */
static uint64_t
state_bytes(const struct conf *c, const struct conf_class *k)
{
    uint64_t most = 0;

    for (enum role role = 0; role < ROLE_COUNT; role++) {
        struct proto_opts o = conf_proto_opts(c, k, role);

        if (conf_has_role(c, role) && k->proto->more_bytes != NULL)
            most = u64_max(most, k->proto->more_bytes(&o));
    }
    return k->proto->state_bytes + most +
           (k->http.pipeline > 1 ? k->http.pipeline * PLAN_EXCHANGE_BYTES : 0);
}

/* Of each stream, with the state of the protocol that has most; whole cache lines. */
static uint64_t
stream_bytes(const struct conf *c)
{
    uint64_t state = 0;

    for (unsigned i = 0; i < c->n_classes; i++)
        state = u64_max(state, state_bytes(c, &c->classes[i]));
    return (PLAN_STREAM_BYTES + state + 63) / 64 * 64;
}

/* Connections that fit into @bytes when each side of one takes @stream bytes beside its record. */
static uint64_t
fitting(const struct plan *p, const struct conf *c, uint64_t bytes, uint64_t stream)
{
    uint64_t client = p->client_bytes > 0 ? CLIENT_RECORD_BYTES + stream : 0;
    uint64_t server = p->server_bytes > 0 ? SERVER_RECORD_BYTES + stream : 0;
    /* Records beyond nine for every eight connections, in each family and network: see
     * client_records(). */
    uint64_t rounding = 2 * c->n_networks * (CLIENT_SPARE_RECORDS + 2) +
                        conf_local_count(c, false) + conf_local_count(c, true);
    /* TLS takes memory for what is open only, and not for the records beyond. */
    uint64_t tls = library_bytes(c, ROLE_CLIENT) + library_bytes(c, ROLE_SERVER);
    /* As if no division left a remainder; each worker and family may round up twice. */
    uint64_t each = client * 9 / 8 + server + tls;
    uint64_t fixed = c->lcores * (rounding * client + SERVER_SPARE_RECORDS * server + tls);

    return bytes > fixed ? (bytes - fixed) / each : 0;
}

/* The same when there are no more streams than a worker can tell apart: then they are taken
 * anyway, and only records count. */
static uint64_t
fitting_with_streams(const struct plan *p, const struct conf *c, uint64_t bytes)
{
    uint64_t sides = (p->client_bytes > 0) + (p->server_bytes > 0);
    uint64_t all = c->lcores * sides * PLAN_STREAMS_MAX * stream_bytes(c);

    return u64_max(fitting(p, c, bytes, stream_bytes(c)),
                   bytes > all ? fitting(p, c, bytes - all, 0) : 0);
}

/* Only a server's clients know whether there will be payload. */
static bool
may_have_streams(const struct conf *c)
{
    return c->command == CONF_SERVE || conf_has_payload(c) || conf_is_tls(c) || conf_has_proxy(c);
}

static int
check_memory(const struct plan *p, const struct conf *c, uint64_t available_bytes, struct fail *f)
{
    uint64_t needed = p->client_bytes + p->server_bytes;
    bool is_tls = conf_is_tls(c), has_payload = conf_has_payload(c);
    bool has_streams = c->command != CONF_SERVE && may_have_streams(c);
    char needed_text[VALUE_TEXT_MAX], available_text[VALUE_TEXT_MAX];

    if (available_bytes == 0 || needed <= available_bytes)
        return 0;
    return fail_set(f, EXIT_HOST,
                    "--connections: %" PRIu64
                    " connections%s need %s of memory, but this host has %s "
                    "available for them; about %" PRIu64 " fit",
                    c->connections,
                    is_tls        ? " with TLS"
                    : has_payload ? " with payload"
                                  : "",
                    value_format_bytes(needed, needed_text),
                    value_format_bytes(available_bytes, available_text),
                    has_streams ? fitting_with_streams(p, c, available_bytes)
                                : fitting(p, c, available_bytes, 0));
}

/* Records of the family that each client worker needs: its share of the connections, an eighth more
 * and a few, so that a closed record rests before it is used again and can acknowledge a late FIN;
 * never more than the worker's tuples. */
static uint64_t
client_records(const struct conf *c, const uint32_t *ports_of_worker, unsigned network, bool is_v6)
{
    struct plan_demand d = plan_demand_of(c, ports_of_worker, network, is_v6);
    uint64_t share = plan_share(c, plan_scale(c->connections, 1, c->lcores), network, is_v6);
    uint64_t wanted = share + share / 8 + CLIENT_SPARE_RECORDS;

    if (d.targets == 0 || d.addresses == 0)
        return 0;
    /* Every address has as many records as the others (flow/tuples.h). */
    return u64_min((wanted + d.addresses - 1) / d.addresses * d.addresses, d.tuples / c->lcores);
}

static uint64_t
records_of(const struct plan *p, enum role role)
{
    uint64_t n = 0;

    for (unsigned i = 0; role == ROLE_CLIENT && i < PLAN_GROUPS_MAX; i++)
        n += p->client_records[i];
    return role == ROLE_CLIENT ? n : p->server_records;
}

/* What comes is kept for TLS, or a protocol, to read, or to send back. */
static bool
keeps_what_comes(const struct conf *c, enum role role)
{
    for (unsigned i = 0; i < c->n_classes; i++) {
        const struct conf_class *k = &c->classes[i];
        unsigned traits = k->proto->traits & (PROTO_COUNTS_INPUT | PROTO_SENDS_INPUT);

        if (k->is_tls || (traits != PROTO_COUNTS_INPUT && conf_class_has_payload(c, k, role)))
            return true;
    }
    return false;
}

/* Rings of @ring_bytes that each worker may have, @wanted or less. */
static uint32_t
rings_within(const struct conf *c, uint64_t wanted, uint64_t bytes, uint64_t ring_bytes)
{
    return (uint32_t)u64_min(wanted, bytes / c->lcores / ring_bytes);
}

static uint64_t
send_ring_bytes(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (conf_class_has_payload(c, &c->classes[i], ROLE_SERVER) ||
            conf_class_has_payload(c, &c->classes[i], ROLE_CLIENT))
            return PLAN_RING_BYTES;
    return PLAN_HANDSHAKE_RING_BYTES;
}

static bool
serves_http(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (c->classes[i].http.serves)
            return true;
    return false;
}

/* Bound what serve's clients may make it hold. */
static void
bound_serve(struct plan *p, const struct conf *c, uint64_t available_bytes)
{
    uint64_t share = available_bytes > p->server_bytes
                         ? (available_bytes - p->server_bytes) / PLAN_SERVE_SHARE
                         : 0;
    uint64_t streams = p->streams[ROLE_SERVER];
    uint64_t least = u64_min(streams, PLAN_SERVE_RINGS_MIN);

    p->buffers[ROLE_SERVER] =
        (uint32_t)u64_max(rings_within(c, p->buffers[ROLE_SERVER], share, c->window_bytes),
                          u64_min(least, p->buffers[ROLE_SERVER]));
    p->rings[ROLE_SERVER] =
        (uint32_t)u64_max(rings_within(c, streams, share, send_ring_bytes(c)), least);
    if (conf_is_tls(c) || serves_http(c))
        p->tls_bytes = u64_max(share / c->lcores, PLAN_SERVE_RINGS_MIN * PLAN_TLS_BYTES);
}

static void
plan_workers(struct plan *p, const struct conf *c, const uint32_t *ports_of_worker)
{
    for (unsigned i = 0; conf_has_role(c, ROLE_CLIENT) && i < 2 * c->n_networks; i++)
        p->client_records[i] = client_records(c, ports_of_worker, i / 2, i % 2);
    if (conf_has_role(c, ROLE_SERVER))
        p->server_records = plan_scale(c->connections, 1, c->lcores) + SERVER_SPARE_RECORDS;
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        if (may_have_streams(c))
            p->streams[role] = (uint32_t)u64_min(records_of(p, role), PLAN_STREAMS_MAX);
        if (keeps_what_comes(c, role))
            p->buffers[role] =
                rings_within(c, p->streams[role], PLAN_BUFFERS_BYTES_MAX, c->window_bytes);
        p->rings[role] = p->streams[role];
    }
}

/* Memory for all workers of a role; serve: see struct plan. */
static uint64_t
bytes_of(const struct plan *p, const struct conf *c, enum role role)
{
    uint64_t record = role == ROLE_CLIENT ? CLIENT_RECORD_BYTES : SERVER_RECORD_BYTES;
    uint64_t streams = c->command == CONF_SERVE ? 0 : p->streams[role];

    if (!conf_has_role(c, role))
        return 0;
    return c->lcores * (records_of(p, role) * record + streams * stream_bytes(c) +
                        plan_scale(c->connections, 1, c->lcores) * library_bytes(c, role));
}

int
plan_make(struct plan *p, const struct conf *c, const uint32_t *ports_of_worker,
          uint64_t available_bytes, struct fail *f)
{
    *p = (struct plan){0};
    if (check_workers(c, f) < 0)
        return -1;
    if (conf_has_role(c, ROLE_CLIENT)) {
        struct plan_demand d = plan_tightest_demand(c, ports_of_worker);

        if (d.needed > d.tuples)
            return plan_refuse_tuples(c, &d, f);
        p->tuples = d.tuples;
        p->tuples_needed = d.needed;
    }
    plan_workers(p, c, ports_of_worker);
    p->client_bytes = bytes_of(p, c, ROLE_CLIENT);
    p->server_bytes = bytes_of(p, c, ROLE_SERVER);
    if (c->command == CONF_SERVE && available_bytes > 0)
        bound_serve(p, c, available_bytes);
    return check_memory(p, c, available_bytes, f);
}
