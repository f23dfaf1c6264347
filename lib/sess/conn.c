/* SPDX-License-Identifier: BSD-3-Clause */
/* See conn.h. */
#include "sess/conn.h"

#include "sess/brief.h"
#include "sess/ends.h"
#include "sess/exchange.h"
#include "sess/single.h"

struct session *
session_of(const struct core *c, const struct record *r)
{
    if (!tcp_has_stream(&r->tcp))
        return NULL;
    return (struct session *)(tcp_stream_of(&r->tcp, &c->tcp) + 1);
}

bool
session_sends_input(const struct core *c, const struct record *r, const struct session *s)
{
    const struct sess_class *k = core_class(c, r);
    const struct proto_ops *p = s->choice == 0 ? k->proto : k->choices[s->choice - 1];

    return k->tls == NULL && p != NULL && (p->traits & PROTO_SENDS_INPUT) != 0;
}

/* Have the session wait for its turn to compute. */
void
conn_queue_crypto(struct conn *n)
{
    bool has_begun = conn_tls(n)->conn.ssl != NULL;

    runq_put(&n->core->crypto, tcp_stream_idx(&n->record->tcp),
             has_begun ? CRYPTO_BEGUN : CRYPTO_NEW);
}

bool
conn_fail(struct conn *n, enum stat_failure cause)
{
    tcp_abort(&n->record->tcp);
    conn_count_lost(n, cause == FAILURE_stalled);
    core_fail(n->core, n->class, n->record, cause);
    return true;
}

uint64_t *
conn_counters(const struct conn *n)
{
    const struct proto_ops *p = n->session != NULL ? conn_proto(n) : n->class->proto;
    unsigned base = p == n->class->proto ? n->class->counter_base : proto_counter_base(p);

    return n->class->stat->now->counters + CTR_COUNT + base;
}

void
conn_count_own(struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    if (p->count != NULL)
        p->count(conn_state(n), &n->class->proto_opts, conn_counters(n));
}

void
conn_begin_own(struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);
    const struct proto_opts *o = &n->class->proto_opts;
    struct emit_path path;
    struct port_pair ports;

    p->begin(conn_state(n), o, conn_target(n));
    if (!o->wants_ends || p->set_ends == NULL)
        return;
    n->core->path(n->core, n->idx, &path, &ports);
    p->set_ends(conn_state(n), o, &path.local, ports.local);
}

void
conn_end_own(struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    if (p->end != NULL)
        p->end(conn_state(n), &n->class->proto_opts);
}

/* The same of a brief request, without a session (sess/brief.h). */
static void
count_lost_brief(struct conn *n, bool has_timed_out)
{
    const struct sess_class *k = n->class;

    if (!k->is_brief || k->proto_opts.is_server || !single_goes_on(&n->record->tcp, &n->core->tcp))
        return;
    STAT_COUNT(k->stat, requests);
    core_note_lost_request(n->core, brief_began_ns(n));
    k->proto->brief->lost(&k->proto_opts, brief_said(n->core, n->class, n->record),
                          has_timed_out ? PROTO_LOSS_TIMEOUT : PROTO_LOSS_CLOSE, conn_counters(n));
    requests_end_one(&n->core->requests);
}

/* Of several that are under way, those that are lost and were late. */
static void
note_lost_of_several(const struct conn *n)
{
    const struct exchanges *x = exchanges_of(n);

    if (n->class->proto_opts.is_server) /* it has no slots */
        return;
    for (uint16_t i = 0; i < x->n_slots; i++)
        if (x->slot[i].written_ns != 0)
            core_note_lost_request(n->core, x->slot[i].intended_ns);
}

void
conn_count_lost(struct conn *n, bool has_timed_out)
{
    struct session *s = n->session;
    const struct proto_ops *p;

    if (s == NULL)
        count_lost_brief(n, has_timed_out);
    if (s == NULL || (!s->is_asking && s->n_under_way == 0))
        return;
    p = conn_proto(n);
    if (conn_is_client_of_requests(n))
        STAT_ADD(n->class->stat, requests, s->is_multi ? s->n_under_way : 1);
    if (s->is_multi)
        note_lost_of_several(n);
    else
        core_note_lost_request(n->core, s->began_ns);
    if (p->lost != NULL)
        p->lost(conn_state(n), &n->class->proto_opts, has_timed_out);
    requests_end(&n->core->requests, s->is_multi ? s->n_under_way : 1);
    s->is_asking = false;
    s->n_under_way = 0;
}

bool
conn_ask_again(struct conn *n)
{
    struct session *s = n->session;
    struct request r = {.intended_ns = s->began_ns, .is_again = s->is_again};

    if (!s->is_asking)
        return true;
    STAT_COUNT(n->class->stat, requests_raced);
    if (!n->class->repeats ||
        !requests_put_again(&n->core->requests, core_class_idx(n->core, n->class),
                            n->record->link.target, &r))
        return false;
    s->is_asking = false;
    return true;
}

bool
conn_introduce(struct conn *n)
{
    uint8_t header[PROXY_HEADER_MAX], *at[2];
    struct emit_path path;
    struct port_pair ports;
    uint32_t len[2];
    size_t bytes;

    if (n->class->proxy == PROXY_NONE)
        return true;
    n->core->path(n->core, n->idx, &path, &ports);
    bytes = proxy_header_write(n->class->proxy, &path.local, ports.local, &path.remote,
                               ports.remote, header);
    if (!class_has_ring(n->class)) {
        n->session->origin -= (uint32_t)bytes;
        n->session->has_head = true;
        (void)tcp_send(&n->record->tcp, &n->core->tcp, (uint32_t)bytes); /* there is a stream */
        return true;
    }
    if (conn_ring_room(n, at, len) == 0 || len[0] < bytes)
        return false;
    memcpy(at[0], header, bytes);
    conn_ring_written(n, (uint32_t)bytes);
    return true;
}

void
conn_end_seeking(struct conn *n)
{
    if (!n->session->is_seeking)
        return;
    requests_note_seeking(&n->core->requests, core_class_idx(n->core, n->class), -1);
    n->session->is_seeking = false;
}

/* An exchange has its answer: whether that is a failure. Of several under way each has a fate. */
static bool
is_wrong(const struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    return !n->session->is_multi && p->is_wrong != NULL && p->is_wrong(conn_state(n));
}

/* What a client of requests measures beside the time from the intended instant, @began_ns: from
 * when the request was written, and the first of a connection from when that was to begin (RFC
 * 9411). */
static void
measure_request(struct conn *n, enum proto_mark mark, uint64_t began_ns)
{
    const struct session *s = n->session;
    struct stats *stat = n->class->stat;
    uint64_t now_ns = n->core->tcp.now_ns;
    bool is_done = mark == PROTO_MARK_DONE;

    if (n->core->requests.is_paced) {
        stat_latency(stat, is_done ? LAT_ttlb_service : LAT_ttfb_service, now_ns - s->asked_ns);
        if (is_done && is_wrong(n))
            core_note_lost_request(n->core, began_ns);
    }
    if (s != NULL ? s->is_first : !brief_is_kept(n->core, n->record))
        stat_latency(stat, is_done ? LAT_ttlb_syn : LAT_ttfb_syn, now_ns - n->record->began_ns);
}

/* An instant of the exchange that began at @began_ns. */
void
conn_measure(struct conn *n, enum proto_mark mark, uint64_t began_ns)
{
    const struct proto_ops *p = n->session != NULL ? conn_proto(n) : n->class->proto;
    uint64_t ns = n->core->tcp.now_ns - began_ns;
    struct stats *stat = n->class->stat;
    bool is_done = mark == PROTO_MARK_DONE;

    if (p->has_requests) {
        stat_latency(stat, is_done ? LAT_ttlb : LAT_ttfb, ns);
        STAT_ADD(stat, requests, is_done);
        STAT_ADD(stat, responses, is_done);
        if (!n->class->proto_opts.is_server)
            measure_request(n, mark, began_ns);
    } else if (is_done) {
        stat_latency(stat, LAT_transfer, ns);
    }
    if (is_done)
        requests_end_one(&n->core->requests);
    for (unsigned i = 0; i < p->n_latencies; i++) {
        if (p->latencies[i].end == mark)
            stat_latency(stat, LAT_COUNT + proto_latency_base(p) + i, ns);
    }
}

void
conn_measure_acked(struct conn *n)
{
    struct session *s = n->session;

    if (!s->awaits_ack || conn_unacked(n) > 0)
        return;
    s->awaits_ack = s->is_asking = false;
    conn_measure(n, PROTO_MARK_DONE, s->began_ns);
}

/* Where the first byte of the protocol's, or of TLS's, has its place. */
void
conn_set_origin(struct conn *n)
{
    struct tcp_conn *c = &n->record->tcp;
    bool sends_input = session_sends_input(n->core, n->record, n->session);
    uint32_t first = sends_input ? tcp_read_seq(c, &n->core->tcp) : 0;

    n->session->origin = first - tcp_write_seq(c, &n->core->tcp);
}
