/* SPDX-License-Identifier: BSD-3-Clause */
/* See core.h. */
#include "sess/core.h"

#include "base/pages.h"
#include "sess/brief.h"
#include "sess/channel.h"
#include "sess/exchange.h"
#include "tls/batch.h"

/* Those that are borrowed first have their memory from the start: 20 MiB, and 4 MiB. */
static const uint32_t STREAMS_READY = 65536, OVERFLOWS_READY = 1024;

/* Whether exchanges of the class are to go without a session: a client's only one, or a server's
 * first; with k->keeps_brief all. */
static bool
is_brief(const struct sess_class *k, const struct requests *q)
{
    if (!k->is_planned || k->tls != NULL || k->proto->brief == NULL || k->proxy != PROXY_NONE ||
        !k->proto->brief->may(&k->proto_opts))
        return false;
    if (k->proto_opts.is_server)
        return k->n_exchanges == 0;
    if (k->close == CLOSE_RST && k->hold_ns == 0) /* an ACK would go before the reset */
        return false;
    if (q->is_paced) /* who waits for a request waits in its session */
        return false;
    return k->n_exchanges == 1 || k->keeps_brief;
}

/* Whether exchanges that follow are brief, too. Between them an ACK is put off, which takes a
 * stream: so each has to follow at once, and take it along. */
static bool
keeps_brief(const struct sess_class *k, const struct tcp_params *tcp)
{
    return tcp->piggyback && k->is_planned && k->proto->brief != NULL && k->think_ns == 0 &&
           k->n_exchanges != 1 && k->proto->brief->may_follow(&k->proto_opts);
}

/* Without a stream what came is acknowledged at once, as it is with one at a connection's start,
 * unless all ACKs are to wait. */
static bool
may_be_brief(const struct core_opts *o)
{
    return o->tcp.single && o->n_streams > 0 &&
           (o->tcp.ack != TCP_ACK_DELAYED || o->tcp.delayed_ack_us == 0);
}

/* Fill in what follows from the class's options. */
static void
derive_class(struct sess_class *k, const struct core *c)
{
    bool is_rationed = requests_are_rationed(&c->requests);

    k->channel = k->tls != NULL ? &channel_tls : &channel_plain;
    k->counter_base = k->proto != NULL ? proto_counter_base(k->proto) : 0;
    k->is_planned = k->proto != NULL && k->proto->is_planned(&k->proto_opts);
    k->keeps_brief = keeps_brief(k, &c->opts.tcp);
    k->is_brief = may_be_brief(&c->opts) && is_brief(k, &c->requests);
    k->needs_session =
        k->tls != NULL || k->proxy != PROXY_NONE || (k->n_choices > 0 && !k->is_brief);
    if (k->is_planned && !k->needs_session && !k->is_brief)
        k->needs_session = is_rationed || k->n_exchanges != 1 || k->proto->single == NULL ||
                           !k->proto->single(&k->proto_opts, &k->single);
    if (k->n_exchanges == 0 && k->proto_opts.is_server && k->is_planned &&
        k->proto->single != NULL && k->proto->single(&k->proto_opts, &k->single) &&
        k->single.await_bytes == 0)
        k->n_exchanges = 1; /* nothing would tell it when the next one begins */
    if (k->close == CLOSE_PEER)
        k->hold_ns = 0; /* the peer decides how long it lasts */
}

static size_t
state_bytes_of(const struct proto_ops *p, const struct sess_class *k)
{
    if (p == NULL)
        return 0;
    return p->state_bytes + (p->more_bytes != NULL ? p->more_bytes(&k->proto_opts) : 0);
}

static size_t
state_bytes(const struct sess_class *k)
{
    size_t most = state_bytes_of(k->proto, k);

    for (unsigned i = 0; i < k->n_choices; i++)
        most = u64_max(most, state_bytes_of(k->choices[i], k));
    return most;
}

static void
init_classes(struct core *c)
{
    assert(c->opts.n_classes >= 1 && c->opts.n_classes <= SESS_CLASSES_MAX);

    for (unsigned i = 0; i < c->opts.n_classes; i++) {
        struct sess_class *k = &c->classes[i];

        *k = c->opts.classes[i];
        if (k->stat == NULL)
            k->stat = c->opts.stat;
        k->proto_opts.scratch = c->scratch;
        k->proto_opts.blocks = &c->blocks;
        k->proto_opts.now_ns = &c->tcp.now_ns;
        derive_class(k, c);
        c->has_brief |= k->is_brief;
        if (class_copies(k)) /* into buffers that take one segment */
            c->opts.tcp.tso_max = 0;
        if (class_buffers_rx(k))
            c->opts.tcp.buffers_rx = c->opts.tcp.reads_in_place = true;
    }
    c->opts.tcp.single &= !c->opts.tcp.buffers_rx || c->has_brief;
    for (unsigned i = 0; i < c->opts.n_classes; i++) {
        struct sess_class *k = &c->classes[i];

        k->needs_session |=
            k->is_planned && !k->is_brief && (!c->opts.tcp.single || c->opts.tcp.buffers_rx);
        k->begins_established = !k->needs_session && !brief_keeps_start(k);
    }
    c->opts.classes = c->classes;
    for (unsigned i = 0; i < CORE_TARGETS_MAX; i++)
        c->class_of[i] = &c->classes[0];
}

/* Bytes of a session with all that some class has behind it. */
static size_t
session_bytes(struct core *c)
{
    size_t tls = 0, state = 0;
    uint32_t slots = 0;

    for (unsigned i = 0; i < c->opts.n_classes; i++) {
        const struct sess_class *k = &c->classes[i];

        tls = k->tls != NULL ? sizeof(struct session_tls) : tls;
        state = u64_max(state, state_bytes(k));
        slots = (uint32_t)u64_max(slots, exchanges_slots(k->proto, &k->proto_opts));
    }
    c->state_offset = sizeof(struct session) + tls;
    c->exchanges_offset = c->state_offset + (state + 7) / 8 * 8;
    return c->exchanges_offset + exchanges_bytes(slots);
}

/* Requests that may be sent again, of those that connections have under way. */
static const uint64_t AGAIN_MAX = UINT64_C(1) << 24;

static int
init_requests(struct core *c)
{
    static_assert(SESS_CLASSES_MAX <= REQUESTS_CLASSES_MAX, "each may have a pace");

    struct requests_opts o = c->opts.requests;

    if (o.n_workers == 0) /* a server's */
        o.n_workers = 1;
    for (unsigned i = 0; i < c->opts.n_classes; i++) {
        const struct sess_class *k = &c->opts.classes[i];
        uint64_t slots = u64_max(exchanges_slots(k->proto, &k->proto_opts), 1);

        if (k->repeats)
            o.n_again = (uint32_t)u64_max(o.n_again, u64_min(slots * c->opts.n_streams, AGAIN_MAX));
    }
    return requests_init(&c->requests, &o);
}

static bool
has_rings(const struct core *c)
{
    for (unsigned i = 0; i < c->opts.n_classes; i++) {
        if (class_has_ring(&c->classes[i]))
            return true;
    }
    return false;
}

/* Memory for connections with a stream. */
static int
init_streams(struct core *c)
{
    const struct tcp_pools_opts pools = {
        .n_streams = c->opts.n_streams,
        .stream_bytes = sizeof(struct tcp_stream) + session_bytes(c),
        .n_buffers = c->opts.n_buffers,
        .buffer_bytes = c->opts.tcp.buffers_rx ? c->opts.tcp.rcv_wnd : 0};
    size_t session_at = sizeof(struct tcp_stream);

    if (tcp_pools_init(&c->pools, &pools) < 0)
        return -1;
    if (slab_init(&c->rings, has_rings(c) ? c->opts.n_rings : 0, c->opts.ring_bytes) < 0)
        goto fini_pools;
    c->output = (struct runq){.slab = &c->pools.streams,
                              .link_offset = session_at + offsetof(struct session, output_link)};
    c->crypto = (struct runq){.slab = &c->pools.streams,
                              .link_offset = session_at + sizeof(struct session) +
                                             offsetof(struct session_tls, link)};
    for (unsigned i = 0; i < c->requests.n_classes; i++)
        c->requests.classes[i].pool =
            (struct runq){.slab = &c->pools.streams,
                          .link_offset = session_at + offsetof(struct session, pool_link)};
    slab_populate(&c->pools.streams, STREAMS_READY);
    slab_populate(&c->pools.overflows, OVERFLOWS_READY);
    c->tcp.pools = &c->pools;
    return 0;

fini_pools:
    tcp_pools_fini(&c->pools);
    return -1;
}

static void
init_emits(struct core *c)
{
    struct emit_opts o = c->opts.emit;

    assert(c->opts.n_more_vlans < CORE_NETWORKS_MAX);

    emit_init(&c->emits[0], &o);
    for (unsigned i = 0; i < c->opts.n_more_vlans; i++) {
        o.vlan = c->opts.more_vlans[i];
        emit_init(&c->emits[i + 1], &o);
    }
    c->opts.more_vlans = NULL;
}

int
core_init(struct core *c, const struct core_opts *opts, uint32_t n_records, uint64_t now_ns)
{
    struct tcp_conn first;

    *c = (struct core){.opts = *opts, .n_records = n_records};
    if (c->opts.ring_bytes == 0)
        c->opts.ring_bytes = CORE_RING_BYTES;
    if (c->opts.n_rings == 0)
        c->opts.n_rings = c->opts.n_streams;
    if (init_requests(c) < 0)
        return -1;
    init_classes(c);
    init_emits(c);
    isn_key_init(&c->isn_key, opts->secret);
    c->tcp.params = &c->opts.tcp;
    c->tcp.stat = opts->stat;
    c->tcp.challenges.rng.state = c->opts.secret.k0 ^ c->opts.secret.k1;
    tcp_ctx_set_now(&c->tcp, now_ns);
    tcp_open(&first, &c->tcp, 0);
    c->opening_ns = tcp_deadline_ns(&first, &c->tcp) - now_ns;
    c->records = pages_map((size_t)n_records * sizeof(c->records[0]));
    if (c->records == NULL)
        goto fini_requests;
    c->tcp.challenges.first = c->records;
    if (wheel_init(&c->wheel, &c->records[0].timer, now_ns) < 0)
        goto unmap_records;
    if (opts->n_streams > 0 && init_streams(c) < 0)
        goto fini_wheel;
    return 0;

fini_wheel:
    wheel_fini(&c->wheel);
unmap_records:
    pages_unmap(c->records, (size_t)n_records * sizeof(c->records[0]));
    c->records = NULL;
fini_requests:
    requests_fini(&c->requests);
    return -1;
}

void
core_fini(struct core *c)
{
    if (c->tcp.pools != NULL) {
        core_end_sessions(c);
        slab_fini(&c->rings);
        tcp_pools_fini(&c->pools);
    }
    blocks_fini(&c->blocks);
    requests_fini(&c->requests);
    wheel_fini(&c->wheel);
    pages_unmap(c->records, (size_t)c->n_records * sizeof(c->records[0]));
    c->records = NULL;
}

void
core_queue_computed(struct core *c)
{
    struct tls_conn *t;

    while ((t = tls_batch_next_ready(c->opts.batch)) != NULL) {
        runq_put(&c->crypto, tcp_stream_idx(&c->records[core_record_of_tls(t)].tcp),
                 CRYPTO_COMPUTED);
    }
}

unsigned
core_compute_due(struct core *c, uint64_t now_ns, bool is_idle)
{
    unsigned n;

    if (c->opts.batch == NULL)
        return 0;
    n = tls_batch_turn(c->opts.batch, now_ns, is_idle, !runq_is_empty(&c->crypto));
    core_queue_computed(c);
    return n;
}

/* Whether sessions of the class hold what has to be given back. */
static bool
class_holds_more(const struct sess_class *k)
{
    bool has_end = k->proto != NULL && k->proto->end != NULL;

    for (unsigned i = 0; i < k->n_choices; i++)
        has_end = has_end || k->choices[i]->end != NULL;
    return k->tls != NULL || has_end;
}

void
core_end_sessions(struct core *c)
{
    bool holds_more = false;

    for (unsigned i = 0; i < c->opts.n_classes; i++)
        holds_more = holds_more || class_holds_more(&c->classes[i]);
    for (uint32_t i = 0; holds_more && i < c->n_records; i++)
        session_release(c, &c->records[i]);
}
