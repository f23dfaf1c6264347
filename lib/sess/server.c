/* SPDX-License-Identifier: BSD-3-Clause */
/* See server.h. */
#include "sess/server.h"

#include <limits.h>
#include <string.h>

#include "capture/table.h"
#include "sess/ends.h"
#include "sess/idle.h"
#include "sess/side.h"
#include "tls/mem.h"

/* Records looked at for one in TIME-WAIT before a SYN is dropped: a bound on the work of a packet.
 */
static const unsigned RECLAIM_STEPS = 64;

/* Records looked at for one that is to give way: for a SYN, and in a turn. */
static const unsigned LOOKS_PER_SYN = 64, LOOKS_PER_TURN = 4096;

/* A connection that is half open for less than this may be of a client that is about to answer: to
 * drop it would cost more than to let a SYN come again. */
static const uint64_t HALF_OPEN_MIN_NS = 100 * NS_PER_MS;

/* Free elements of a pool that are kept for whoever comes next: a burst may take one for each
 * packet. Of a small pool an eighth. */
static const uint32_t POOL_RESERVE = 64;

/* Every record is looked at so often in an idle time-out, some records at a time. */
static const uint64_t SWEEPS = 8;
static const uint32_t SWEEP_RECORDS = 64;

/* Whether @a may be one of ours, or the name of a link: a quick look at all new connections. */
static inline bool
may_be_ours(const struct server *s, const struct ip_addr *a)
{
    uint64_t host = a->lo & s->host_bits;

    return a->is_v6 || a->lo - s->own_first <= s->own_last - s->own_first || host == 0 ||
           host == s->host_bits;
}

static void
note_own(struct server *s, const struct ip_range *r)
{
    uint64_t last = r->first.lo + r->count - 1, bits = UINT32_MAX;

    if (r->first.is_v6)
        return;
    s->own_first = u64_min(s->own_first, r->first.lo);
    s->own_last = u64_max(s->own_last, last);
    if (r->prefix_len <= 30)
        s->host_bits &= bits >> r->prefix_len;
}

/* The shortest idle time-out of the classes. */
static uint64_t
shortest_idle_ns(const struct core *c)
{
    uint64_t ns = UINT64_MAX;

    for (unsigned i = 0; i < c->opts.n_classes; i++)
        if (c->classes[i].idle_ns > 0)
            ns = u64_min(ns, c->classes[i].idle_ns);
    return ns == UINT64_MAX ? 0 : ns;
}

static unsigned
range_of(const struct server *s, uint32_t number)
{
    unsigned i = 0;

    while (number - s->range_base[i] >= s->ranges[i].count)
        i++;
    return i;
}

/* The way to a record's peer. */
static void
path_of(struct core *core, uint32_t idx, struct emit_path *path, struct port_pair *ports)
{
    const struct server *s = (const struct server *)core; /* its first member */
    const struct table_key *key = &s->table.keys[idx];
    uint32_t number = key->local_idx & ~TABLE_LOCAL_V6;
    unsigned range = range_of(s, number);

    path->local = ip_add(&s->ranges[range].first, number - s->range_base[range]);
    path->network = s->range_network[range];
    path->remote = (struct ip_addr){.hi = key->remote_hi,
                                    .lo = key->remote_lo,
                                    .is_v6 = (key->local_idx & TABLE_LOCAL_V6) != 0};
    memcpy(path->peer_mac, key->peer_mac, 6);
    *ports = (struct port_pair){.local = key->local_port, .remote = key->remote_port};
}

int
server_init(struct server *s, const struct server_opts *opts, uint64_t now_ns)
{
    uint32_t base = 0;

    assert(opts->n_ranges <= SERVER_RANGES_MAX);

    memset(s, 0, sizeof(*s));
    s->listen = opts->listen;
    s->class_of_port = opts->class_of_port;
    s->n_ranges = opts->n_ranges;
    s->own_first = s->host_bits = UINT32_MAX;
    for (unsigned i = 0; i < opts->n_ranges; i++) {
        s->ranges[i] = opts->ranges[i];
        s->range_base[i] = base;
        s->range_network[i] = opts->networks != NULL ? opts->networks[i] : 0;
        base += opts->ranges[i].count;
        note_own(s, &opts->ranges[i]);
    }
    if (core_init(&s->core, &opts->core, opts->n_records, now_ns) < 0)
        return -1;
    s->core.path = path_of;
    s->core.keeps_time_wait = true;
    s->open_max = opts->open_max;
    s->tls_bytes_max = opts->tls_bytes_max;
    s->limit = opts->limit;
    s->worker = opts->worker;
    s->limit_drops = opts->limit_drops;
    s->turned_ns = s->emptied_ns = now_ns;
    s->rng.state = opts->table_secret.k0 ^ opts->core.secret.k1;
    s->idle_ns = shortest_idle_ns(&s->core);
    for (unsigned i = 0; i < opts->core.n_classes; i++)
        s->core.class_of[i] = &s->core.classes[i];
    if (table_init(&s->table, &s->core.records[0].link, opts->n_records, opts->table_secret) < 0)
        goto fini_core;
    return 0;

fini_core:
    core_fini(&s->core);
    return -1;
}

void
server_fini(struct server *s)
{
    table_fini(&s->table);
    core_fini(&s->core);
}

/* Where it does not matter how a packet came. */
static const unsigned ANY_NETWORK = UINT_MAX;

/* The number of @addr among our addresses, UINT32_MAX when it is not one of the network's. */
static uint32_t
local_number(const struct server *s, const struct ip_addr *addr, unsigned network)
{
    for (unsigned i = 0; i < s->n_ranges; i++) {
        uint32_t idx = ip_range_index(&s->ranges[i], addr);

        if (idx != UINT32_MAX)
            return network == ANY_NETWORK || network == s->range_network[i] ? s->range_base[i] + idx
                                                                            : UINT32_MAX;
    }
    return UINT32_MAX;
}

void
server_lookup(const struct server *s, struct server_burst *b, struct packet *packets, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct packet *p = &packets[i];
        uint32_t number;

        if (p->kind != PACKET_TCP)
            continue;
        number = local_number(s, &p->dst, p->network);
        p->slot = number;
        if (unlikely(number == UINT32_MAX))
            continue;
        b->keys[i] = (struct table_key){
            .remote_hi = p->src.hi,
            .remote_lo = p->src.lo,
            .local_idx = number | (p->dst.is_v6 ? TABLE_LOCAL_V6 : 0),
            .remote_port = p->seg.src_port,
            .local_port = p->seg.dst_port,
        };
        memcpy(b->keys[i].peer_mac, p->frame + 6, 6);
        b->hashes[i] = table_hash(&s->table, &b->keys[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        if (packets[i].kind == PACKET_TCP && packets[i].slot != UINT32_MAX)
            table_first(&s->table, b->hashes[i]);
    }
}

static void
release(struct core *core, uint32_t idx)
{
    table_remove(&((struct server *)core)->table, idx);
}

/* By the station that it came from: a server has no routes. */
static void
answer(const struct core *core, const struct record *r, const struct packet *p,
       struct emit_path *path)
{
    (void)core;
    (void)r;
    transmit_reverse(p, path);
}

static const struct side server_side = {.path = path_of, .answer = answer, .release = release};

/* A record for a new connection when all are taken: the next one found in TIME-WAIT gives way. */
static bool
reclaim(struct server *s)
{
    for (unsigned step = 0; step < RECLAIM_STEPS; step++) {
        uint32_t idx = s->reclaim_idx;
        struct record *r = &s->core.records[idx];

        s->reclaim_idx = idx + 1 == s->core.n_records ? 0 : idx + 1;
        if (tcp_drop_time_wait(&r->tcp)) {
            wheel_cancel(&r->timer);
            table_remove(&s->table, idx);
            return true;
        }
    }
    return false;
}

/* The same when none is in TIME-WAIT: of those in their handshake one that has waited long, perhaps
 * for nobody (RFC 4987 3). In silence, as it came. */
static bool
drop_half_open(struct server *s)
{
    unsigned looks = LOOKS_PER_SYN;
    uint32_t idx = idle_longest(&s->core, &s->rng, s->table.fresh, IDLE_HALF_OPEN, &looks);
    struct record *r;

    if (idx == RECORD_NONE)
        return false;
    r = &s->core.records[idx];
    if (s->core.tcp.now_ns - idle_since_ns(&s->core, r) < HALF_OPEN_MIN_NS)
        return false;
    (void)tcp_drop_half_open(&r->tcp);
    s->core.n_opening--;
    core_fail(&s->core, core_class(&s->core, r), r, FAILURE_half_open_dropped);
    side_forget(&s->core, r);
    table_remove(&s->table, idx);
    return true;
}

static bool
is_listening(const struct server *s, uint16_t port)
{
    return (s->listen[port / 8] >> (port % 8) & 1) != 0;
}

static void
begin(struct server *s, uint32_t idx, const struct packet *p, uint32_t iss)
{
    struct record *r = &s->core.records[idx];
    struct emit_path path;

    tcp_accept(&r->tcp, &s->core.tcp, &p->seg, iss);
    r->began_ns = s->core.tcp.now_ns;
    s->core.n_open++;
    s->core.n_opening++;
    if (unlikely(s->class_of_port != NULL))
        r->link.target = s->class_of_port[p->seg.dst_port];
    STAT_COUNT(core_class(&s->core, r)->stat, attempted);
    transmit_reverse(p, &path);
    side_begin(&s->core, idx, r, &path,
               (struct port_pair){.local = p->seg.dst_port, .remote = p->seg.src_port});
}

static uint32_t
iss_for(const struct server *s, const struct packet *p)
{
    return isn_make(&s->core.isn_key, &p->dst, p->seg.dst_port, &p->src, p->seg.src_port,
                    s->core.tcp.now_ns);
}

/* Whether @p, a SYN, is one too many in its second. It gets what the user wants such to get. */
static bool __attribute__((noinline)) meets_limit(struct server *s, const struct packet *p)
{
    struct emit_path path;

    if (limit_take(s->limit, s->core.tcp.now_ns))
        return false;
    STAT_COUNT(s->core.opts.stat, limited);
    if (!s->limit_drops) {
        transmit_reverse(p, &path);
        transmit_refusal(&s->core, p, &path);
    }
    return true;
}

static inline bool
is_beyond_limit(struct server *s, const struct packet *p)
{
    return unlikely(s->limit != NULL) && meets_limit(s, p);
}

/* RFC 9293 3.10.7.2, LISTEN, for a segment that belongs to no record. 3.9.2.3: nothing is said to a
 * source that is no other host. */
static void
input_unknown(struct server *s, const struct packet *p, const struct table_key *key, uint32_t hash)
{
    struct emit_path path;
    uint32_t idx;

    if (unlikely(may_be_ours(s, &p->src)) &&
        unlikely(!ip_is_other_host(&p->src, s->ranges, s->n_ranges))) {
        STAT_COUNT(s->core.opts.stat, not_ours);
        return;
    }
    if ((p->seg.flags & (SEG_SYN | SEG_RST | SEG_ACK)) != SEG_SYN ||
        !is_listening(s, p->seg.dst_port)) {
        transmit_reverse(p, &path);
        transmit_no_connection(&s->core, p, &path);
        return;
    }
    if (is_beyond_limit(s, p))
        return;
    idx = table_insert(&s->table, key, hash);
    if (unlikely(idx == RECORD_NONE) && (reclaim(s) || drop_half_open(s)))
        idx = table_insert(&s->table, key, hash);
    if (unlikely(idx == RECORD_NONE)) { /* in silence: the client will try again */
        STAT_COUNT(s->core.opts.stat, records_exhausted);
        return;
    }
    begin(s, idx, p, iss_for(s, p));
}

SIDE_INLINE void
input_one(struct server *s, const struct packet *p, const struct table_key *key, uint32_t hash,
          bool looks)
{
    uint32_t idx = table_find(&s->table, key, hash);
    struct record *r;

    if (idx == RECORD_NONE) {
        input_unknown(s, p, key, hash);
        return;
    }
    r = &s->core.records[idx];
    if (!unlikely(tcp_may_reopen(&r->tcp, &p->seg)))
        side_input(&server_side, &s->core, idx, r, p, looks);
    else if (!is_beyond_limit(s, p))
        begin(s, idx, p, tcp_reopen_iss(&r->tcp, iss_for(s, p)));
}

void
server_input(struct server *s, const struct server_burst *b, const struct packet *packets,
             unsigned n)
{
    bool looks = s->core.has_brief;

    for (unsigned i = 0; i < n; i++) {
        if (packets[i].kind != PACKET_TCP)
            continue;
        if (unlikely(packets[i].slot == UINT32_MAX))
            STAT_COUNT(s->core.opts.stat, not_ours);
        else
            input_one(s, &packets[i], &b->keys[i], b->hashes[i], looks);
    }
}

/* Reset @idx, which is beyond its handshake, for @cause. */
static void
end(struct server *s, uint32_t idx, enum stat_failure cause)
{
    struct record *r = &s->core.records[idx];
    struct emit_path path;
    struct port_pair ports;

    path_of(&s->core, idx, &path, &ports);
    tcp_abort(&r->tcp);
    core_fail(&s->core, core_class(&s->core, r), r, cause);
    side_finish(&server_side, &s->core, idx, r, &path, ports, true, false);
}

static bool
is_scarce(const struct slab *pool)
{
    return pool->n_elements - pool->n_borrowed < u64_min(POOL_RESERVE, pool->n_elements / 8);
}

/* Who has to make way: holders of what there is too much of, or too little left of. */
static enum idle_holder
crowd(const struct server *s)
{
    const struct core *c = &s->core;

    if (s->open_max == 0)
        return IDLE_NONE;
    if (c->n_open - c->n_opening > s->open_max)
        return IDLE_OPEN;
    if (is_scarce(&c->pools.streams))
        return IDLE_STREAM;
    if (is_scarce(&c->pools.buffers))
        return IDLE_BUFFER;
    if (is_scarce(&c->rings))
        return IDLE_RING;
    if (s->tls_bytes_max > 0 && tls_mem_in_use() + blocks_in_use(&c->blocks) > s->tls_bytes_max)
        return IDLE_STREAM;
    return IDLE_NONE;
}

static unsigned
make_way(struct server *s, unsigned budget)
{
    unsigned n = 0, looks = LOOKS_PER_TURN;
    enum idle_holder which;

    for (; n < budget && (which = crowd(s)) != IDLE_NONE; n++) {
        uint32_t idx = idle_longest(&s->core, &s->rng, s->table.fresh, which, &looks);

        if (idx == RECORD_NONE)
            break;
        end(s, idx, FAILURE_crowded_out);
    }
    return n;
}

/* Pass over some records, and reset those that have been idle too long. */
static unsigned
end_idle(struct server *s, unsigned budget)
{
    uint32_t n_records = s->table.fresh, looks = (uint32_t)u64_min(SWEEP_RECORDS, n_records);
    unsigned n = 0;

    if (s->idle_ns == 0 || s->core.tcp.now_ns < s->sweep_at_ns)
        return 0;
    for (; looks > 0 && n < budget; looks--) {
        uint32_t idx = s->sweep_idx < n_records ? s->sweep_idx : 0;

        s->sweep_idx = idx + 1;
        if (idle_has_expired(&s->core, &s->core.records[idx])) {
            end(s, idx, FAILURE_idle_timeout);
            n++;
        }
    }
    s->sweep_at_ns = s->core.tcp.now_ns +
                     s->idle_ns / SWEEPS * SWEEP_RECORDS / u64_max(n_records, SWEEP_RECORDS);
    return n;
}

unsigned
server_timers(struct server *s, unsigned budget)
{
    unsigned n = make_way(s, budget);

    n += end_idle(s, budget - n);
    return n + side_timers(&server_side, &s->core, budget - n);
}

unsigned
server_output(struct server *s, unsigned budget)
{
    return side_output(&server_side, &s->core, budget);
}

unsigned
server_crypto(struct server *s)
{
    return side_crypto(&server_side, &s->core);
}

bool
server_abort_open(struct server *s, unsigned budget)
{
    return side_abort_open(&server_side, &s->core, budget);
}

/* The record of the connection between these; RECORD_NONE: there is none. */
static uint32_t
find(const struct server *s, const struct ip_addr *local, uint16_t local_port,
     const struct ip_addr *remote, uint16_t remote_port)
{
    uint32_t number = local_number(s, local, ANY_NETWORK);
    struct table_key key = {
        .remote_hi = remote->hi,
        .remote_lo = remote->lo,
        .local_idx = number | (local->is_v6 ? TABLE_LOCAL_V6 : 0),
        .remote_port = remote_port,
        .local_port = local_port,
    };

    return number == UINT32_MAX ? RECORD_NONE
                                : table_find(&s->table, &key, table_hash(&s->table, &key));
}

void
server_too_big(struct server *s, const struct ip_addr *local, uint16_t local_port,
               const struct ip_addr *remote, uint16_t remote_port, uint32_t seq, uint32_t mtu)
{
    uint32_t idx = find(s, local, local_port, remote, remote_port);

    if (idx != RECORD_NONE)
        side_too_big(&server_side, &s->core, idx, seq, mtu);
}

bool
server_is_open(const struct server *s, const struct recorder_tuple *t)
{
    uint32_t idx = find(s, &t->local, t->local_port, &t->remote, t->remote_port);

    return idx != RECORD_NONE && !tcp_is_over(&s->core.records[idx].tcp);
}
