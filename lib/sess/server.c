/* SPDX-License-Identifier: BSD-3-Clause */
/* See server.h. */
#include "sess/server.h"

#include <string.h>

#include "sess/isn.h"

/* Records looked at for one in TIME-WAIT before a SYN is dropped: a bound on the work of a packet.
 */
static const unsigned RECLAIM_STEPS = 64;

int
server_init(struct server *s, const struct server_opts *opts, uint64_t now_ns)
{
    uint32_t base = 0;

    assert(opts->n_ranges <= SERVER_RANGES_MAX);

    memset(s, 0, sizeof(*s));
    s->listen = opts->listen;
    s->n_ranges = opts->n_ranges;
    for (unsigned i = 0; i < opts->n_ranges; i++) {
        s->ranges[i] = opts->ranges[i];
        s->range_base[i] = base;
        base += opts->ranges[i].count;
    }
    if (core_init(&s->core, &opts->core, opts->n_records, now_ns) < 0)
        return -1;
    if (table_init(&s->table, &s->core.records[0].link, opts->n_records, opts->core.secret) < 0)
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

/* The number of @addr among our addresses, UINT32_MAX when it is not one. */
static uint32_t
local_number(const struct server *s, const struct ip_addr *addr)
{
    for (unsigned i = 0; i < s->n_ranges; i++) {
        uint32_t idx = ip_range_index(&s->ranges[i], addr);

        if (idx != UINT32_MAX)
            return s->range_base[i] + idx;
    }
    return UINT32_MAX;
}

static struct ip_addr
local_address(const struct server *s, uint32_t number)
{
    unsigned i = 0;

    while (number - s->range_base[i] >= s->ranges[i].count)
        i++;
    return ip_add(&s->ranges[i].first, number - s->range_base[i]);
}

void
server_lookup(const struct server *s, struct server_burst *b, struct packet *packets, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct packet *p = &packets[i];
        uint32_t number;

        if (p->kind != PACKET_TCP)
            continue;
        number = local_number(s, &p->dst);
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
settle(struct server *s, uint32_t idx, struct record *r, const struct emit_path *path, bool is_over,
       bool arms)
{
    const struct table_key *key = &s->table.keys[idx];

    core_flush(&s->core, idx, r, path, key->local_port, key->remote_port);
    if (is_over && tcp_is_closed(&r->tcp)) {
        core_forget(&s->core, r);
        table_remove(&s->table, idx);
        return;
    }
    if (unlikely(tcp_has_stream(&r->tcp))) {
        if (is_over) /* TIME-WAIT */
            core_release_stream(&s->core, r);
        arms = true;
    }
    if (arms)
        core_arm(&s->core, idx, r);
}

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
    STAT_COUNT(s->core.opts.stat, attempted);
    core_reverse(p, &path);
    settle(s, idx, r, &path, false, true);
}

static uint32_t
iss_for(const struct server *s, const struct packet *p)
{
    return isn_make(s->core.opts.secret, &p->dst, p->seg.dst_port, &p->src, p->seg.src_port,
                    s->core.tcp.now_ns);
}

/* RFC 9293 3.10.7.2, LISTEN, for a segment that belongs to no record. */
static void
input_unknown(struct server *s, const struct packet *p, const struct table_key *key, uint32_t hash)
{
    uint32_t idx;

    if ((p->seg.flags & (SEG_SYN | SEG_RST | SEG_ACK)) != SEG_SYN ||
        !is_listening(s, p->seg.dst_port)) {
        core_stray(&s->core, p);
        return;
    }
    idx = table_insert(&s->table, key, hash);
    if (unlikely(idx == RECORD_NONE) && reclaim(s))
        idx = table_insert(&s->table, key, hash);
    if (unlikely(idx == RECORD_NONE)) { /* in silence: the client will try again */
        STAT_COUNT(s->core.opts.stat, records_exhausted);
        return;
    }
    begin(s, idx, p, iss_for(s, p));
}

static void
input_one(struct server *s, const struct packet *p, const struct table_key *key, uint32_t hash)
{
    uint32_t idx = table_find(&s->table, key, hash);
    struct emit_path path;
    struct record *r;
    unsigned events;
    bool is_over;

    if (idx == RECORD_NONE) {
        input_unknown(s, p, key, hash);
        return;
    }
    r = &s->core.records[idx];
    if (unlikely(tcp_may_reopen(&r->tcp, &p->seg))) {
        begin(s, idx, p, tcp_reopen_iss(&r->tcp, iss_for(s, p)));
        return;
    }
    s->core.tcp.timer_moved = false;
    events = tcp_input(&r->tcp, &s->core.tcp, &p->seg);
    if (unlikely((events & TCP_EV_ANSWER_RST) != 0))
        core_refuse(&s->core, p);
    is_over = core_act(&s->core, idx, r, events, p->dst.is_v6);
    core_reverse(p, &path);
    settle(s, idx, r, &path, is_over, s->core.tcp.timer_moved);
}

void
server_input(struct server *s, const struct server_burst *b, const struct packet *packets,
             unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (packets[i].kind != PACKET_TCP)
            continue;
        if (unlikely(packets[i].slot == UINT32_MAX))
            STAT_COUNT(s->core.opts.stat, not_ours);
        else
            input_one(s, &packets[i], &b->keys[i], b->hashes[i]);
    }
}

/* The way to a record's peer when no packet shows it. */
static void
path_of(const struct server *s, uint32_t idx, struct emit_path *path)
{
    const struct table_key *key = &s->table.keys[idx];

    path->local = local_address(s, key->local_idx & ~TABLE_LOCAL_V6);
    path->remote = (struct ip_addr){.hi = key->remote_hi,
                                    .lo = key->remote_lo,
                                    .is_v6 = (key->local_idx & TABLE_LOCAL_V6) != 0};
    memcpy(path->peer_mac, key->peer_mac, 6);
}

static void
timer_one(struct server *s, uint32_t idx)
{
    struct record *r = &s->core.records[idx];
    struct emit_path path;
    bool is_over;

    path_of(s, idx, &path);
    if (tcp_is_in_time_wait(&r->tcp)) /* rested long enough; it was counted when it closed */
        is_over = tcp_timeout(&r->tcp, &s->core.tcp) == 0;
    else
        is_over = core_timeout(&s->core, idx, r, path.local.is_v6);
    settle(s, idx, r, &path, is_over, true);
}

unsigned
server_timers(struct server *s, unsigned budget)
{
    uint32_t due[OUTBOX_BUFS];
    unsigned n = core_expire(&s->core, due, budget);

    for (unsigned i = 0; i < n; i++)
        timer_one(s, due[i]);
    return n;
}

unsigned
server_output(struct server *s, unsigned budget)
{
    unsigned n = 0;

    for (unsigned looks = 0; n < budget && looks < budget && core_may_output(&s->core); looks++) {
        uint32_t idx = core_next_ready(&s->core);
        const struct table_key *key;
        struct emit_path path;

        if (idx == RECORD_NONE)
            break;
        key = &s->table.keys[idx];
        path_of(s, idx, &path);
        n += core_flush_stream(&s->core, idx, &path, key->local_port, key->remote_port,
                               (unsigned)u64_min(budget - n, CORE_FRAMES_PER_TURN));
        core_arm(&s->core, idx, &s->core.records[idx]);
    }
    return n;
}

unsigned
server_secure(struct server *s)
{
    uint32_t idx = core_has_secure_work(&s->core) ? secure_next(&s->core) : RECORD_NONE;
    struct emit_path path;
    struct record *r;
    bool is_over;

    if (idx == RECORD_NONE)
        return 0;
    r = &s->core.records[idx];
    path_of(s, idx, &path);
    is_over = secure_work(&s->core, idx, r, 0);
    settle(s, idx, r, &path, is_over, true);
    return 1;
}

void
server_too_big(struct server *s, const struct ip_addr *local, uint16_t local_port,
               const struct ip_addr *remote, uint16_t remote_port, uint32_t seq, uint32_t mtu)
{
    uint32_t number = local_number(s, local), idx;
    struct table_key key = {
        .remote_hi = remote->hi,
        .remote_lo = remote->lo,
        .local_idx = number | (local->is_v6 ? TABLE_LOCAL_V6 : 0),
        .remote_port = remote_port,
        .local_port = local_port,
    };
    struct emit_path path;
    struct record *r;

    if (number == UINT32_MAX)
        return;
    idx = table_find(&s->table, &key, table_hash(&s->table, &key));
    if (idx == RECORD_NONE)
        return;
    r = &s->core.records[idx];
    if (!tcp_path_mtu(&r->tcp, &s->core.tcp, seq, mtu, local->is_v6 ? 40 : 20))
        return;
    path_of(s, idx, &path);
    settle(s, idx, r, &path, false, true);
}
