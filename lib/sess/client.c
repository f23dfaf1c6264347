/* SPDX-License-Identifier: BSD-3-Clause */
/* See client.h. */
#include "sess/client.h"

#include <string.h>

#include "base/pages.h"
#include "sess/client_side.h"
#include "sess/ends.h"
#include "sess/half_open.h"

static void
copy_targets(struct client *c, const struct client_opts *opts)
{
    uint32_t n_in_group[TUPLES_GROUPS_MAX] = {0};

    assert(opts->n_targets >= 1 && opts->n_targets <= CLIENT_TARGETS_MAX);

    c->n_targets = opts->n_targets;
    for (unsigned i = 0; i < opts->n_targets; i++) {
        c->targets[i] = opts->targets[i];
        c->targets[i].in_group = n_in_group[client_group(&opts->targets[i])]++;
    }
}

/* The last turn is the class's; they stand side by side. */
static void
note_turn(struct client *c, unsigned class_idx)
{
    struct client_turns *t = &c->turns_of[class_idx];

    t->first = t->end == 0 ? c->turns.n - 1 : t->first;
    t->end = c->turns.n;
}

/* Those with shares of the starts. */
static void
init_turns(struct client *c, const struct client_opts *opts)
{
    for (unsigned first = 0, end; opts->turn_weights != NULL && first < c->n_targets; first = end) {
        unsigned turn = c->targets[first].turn;

        for (end = first; end < c->n_targets && c->targets[end].turn == turn;)
            end++;
        turns_add(&c->turns, opts->turn_weights[turn], first, end - first);
        note_turn(c, c->targets[first].class_idx);
    }
    turns_begin(&c->turns, c->worker, c->n_workers);
    if (c->turns.n > 0)
        c->next_target = turns_next(&c->turns);
}

/* @opts plus what is known here; @targets is memory for them. */
static struct tuples_opts
tuples_opts_of(const struct client *c, const struct client_opts *opts,
               struct tuples_target *targets)
{
    struct tuples_opts tuples = opts->tuples;

    tuples.targets = targets;
    tuples.n_all_targets = c->n_targets;
    memset(tuples.n_targets, 0, sizeof(tuples.n_targets));
    for (unsigned i = 0; i < c->n_targets; i++) {
        const struct client_target *t = &c->targets[i];

        targets[i] = (struct tuples_target){.addr = t->addr, .port = t->port};
        tuples.n_targets[client_group(t)]++;
    }
    return tuples;
}

/* The way to a record's target. */
void
client_path(struct core *core, uint32_t idx, struct emit_path *path, struct port_pair *ports)
{
    const struct client *c = (const struct client *)core; /* its first member */
    const struct record *r = &core->records[idx];
    const struct client_target *t = &c->targets[r->link.target];

    tuples_local(&c->tuples, idx, &path->local);
    client_path_to(t, path);
    *ports = (struct port_pair){.local = r->link.port, .remote = t->port};
}

static void
release(struct core *core, uint32_t idx)
{
    tuples_release(&((struct client *)core)->tuples, idx);
}

/* By the next hop, as everything of the connection: what comes may come from another station,
 * where a balancer has the target's address or there are two routers. */
static void
answer(const struct core *core, const struct record *r, const struct packet *p,
       struct emit_path *path)
{
    const struct client *c = (const struct client *)core;

    path->local = p->dst;
    path->remote = p->src;
    path->network = p->network;
    memcpy(path->peer_mac, c->targets[r->link.target].mac, 6);
}

/* Of a connection that is CLOSED as soon as it begins (sess/half_open.h). */
static void
watched(struct core *core, uint32_t idx)
{
    const struct record *r = &core->records[idx];

    half_open_end(core, core_class(core, r), r);
    tuples_release(&((struct client *)core)->tuples, idx);
}

const struct side client_side = {
    .path = client_path, .answer = answer, .release = release, .watched = watched};

int
client_init(struct client *c, const struct client_opts *opts, uint64_t now_ns)
{
    struct tuples_target targets[CLIENT_TARGETS_MAX];
    struct tuples_opts tuples;

    memset(c, 0, sizeof(*c));
    c->plan = opts->load;
    c->open_max = opts->open_max;
    c->worker = opts->worker;
    c->n_workers = opts->n_workers;
    c->turn = load_turn_or(opts->turn, opts->worker, opts->n_workers);
    copy_targets(c, opts);
    init_turns(c, opts);
    tuples = tuples_opts_of(c, opts, targets);
    if (tuples_init(&c->tuples, &tuples) < 0)
        return -1;
    c->tuples.lanes = pages_map(tuples_lanes_bytes(&c->tuples));
    if (c->tuples.lanes == NULL)
        return -1;
    if (core_init(&c->core, &opts->core, tuples_records(&c->tuples), now_ns) < 0)
        goto unmap_lanes;
    c->core.path = client_side.path;
    for (unsigned i = 0; i < c->n_targets; i++) {
        c->core.class_of[i] = &c->core.classes[c->targets[i].class_idx];
        c->leaves_half_open |= c->core.class_of[i]->half_open_ns > 0;
    }
    c->tuples.first_link = &c->core.records[0].link;
    load_init(&c->load, c->plan, c->turn.first, c->turn.of, TIME_NEVER);
    load_stop_at(&c->load, 0); /* nothing is due before client_run_from() */
    return 0;

unmap_lanes:
    pages_unmap(c->tuples.lanes, tuples_lanes_bytes(&c->tuples));
    c->tuples.lanes = NULL;
    return -1;
}

void
client_fini(struct client *c)
{
    core_fini(&c->core);
    pages_unmap(c->tuples.lanes, tuples_lanes_bytes(&c->tuples));
    c->tuples.lanes = NULL;
}

void
client_run_from(struct client *c, uint64_t start_ns)
{
    load_init(&c->load, c->plan, c->turn.first, c->turn.of, start_ns);
    requests_run_from(&c->core.requests, start_ns);
}

void
client_stop_at(struct client *c, uint64_t stop_ns)
{
    load_stop_at(&c->load, stop_ns);
    requests_stop_at(&c->core.requests, stop_ns);
}

void
client_follow(struct client *c, const struct load_change *change)
{
    if (c->core.requests.is_paced)
        requests_follow(&c->core.requests, change);
    else
        load_follow(&c->load, change);
}

void
client_skip_to(struct client *c, uint64_t ns)
{
    struct requests *q = &c->core.requests;

    STAT_ADD(c->core.opts.stat, starts_dropped,
             q->is_paced ? requests_skip_to(q, ns) : load_skip_to(&c->load, ns));
}

/* The target a packet comes from, in its group's count; only asked where it is a digit of the
 * record. */
static uint32_t
target_of(const struct client *c, const struct packet *p)
{
    for (unsigned i = 0; i < c->n_targets; i++) {
        const struct client_target *t = &c->targets[i];

        if (t->port == p->seg.src_port && t->network == p->network && ip_equal(&t->addr, &p->src))
            return t->in_group;
    }
    return UINT32_MAX;
}

void
client_lookup(const struct client *c, struct packet *packets, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct packet *p = &packets[i];
        uint32_t target = 0;

        if (p->kind != PACKET_TCP)
            continue;
        if (unlikely(tuples_needs_target(&c->tuples, p->dst.is_v6)))
            target = target_of(c, p);
        p->slot =
            tuples_find(&c->tuples, &p->dst, p->seg.dst_port, &p->src, p->seg.src_port, target);
        if (likely(p->slot != RECORD_NONE))
            __builtin_prefetch(&c->core.records[p->slot], 1);
    }
}

uint32_t
client_owner(const struct client *c, const struct packet *p)
{
    uint32_t owner = tuples_owner(&c->tuples, &p->dst, p->seg.dst_port, &p->src, p->seg.src_port);

    return owner == UINT32_MAX ? c->tuples.worker : owner;
}

/* A record is found by its local side; whether it talks to that peer on that port now, it must say.
 */
static bool
is_its_packet(const struct client *c, const struct record *r, const struct packet *p)
{
    return !tcp_is_closed(&r->tcp) && client_is_between(c, r, p);
}

/* @return false: it is not for a connection that is left half open. */
static bool
input_half_open(struct client *c, const struct packet *p)
{
    struct record *r = &c->core.records[p->slot];

    if (!half_open_is(r) || !client_is_between(c, r, p))
        return false;
    if (half_open_input(&c->core, core_class(&c->core, r), r, &p->seg))
        client_end_half_open(c, p->slot);
    return true;
}

/* One that nobody watches any more: an RST would take it from the target, which is to keep it for
 * as long as it would that of somebody who is not there. */
static bool
is_late_half_open(const struct client *c, const struct packet *p)
{
    return c->leaves_half_open && (p->seg.flags & (SEG_SYN | SEG_ACK)) == (SEG_SYN | SEG_ACK);
}

/* A segment of no connection that is open or opening: if it comes from a target, the next hop to
 * that is known. Nothing is said to a source that is no other host (RFC 9293 3.9.2.3). */
static void __attribute__((noinline)) input_stray(struct client *c, const struct packet *p)
{
    const struct tuples *t = &c->tuples;
    struct emit_path path;

    if (p->slot != RECORD_NONE && input_half_open(c, p))
        return;
    if (tuples_network(t, &p->dst) != p->network ||
        !ip_is_other_host(&p->src, t->ranges, t->n_ranges)) {
        STAT_COUNT(c->core.opts.stat, not_ours);
        return;
    }
    if (is_late_half_open(c, p)) {
        STAT_COUNT(c->core.opts.stat, half_open_late);
        return;
    }
    transmit_reverse(p, &path);
    for (unsigned i = 0; i < c->n_targets; i++) {
        if (c->targets[i].network == p->network && ip_equal(&c->targets[i].addr, &p->src)) {
            memcpy(path.peer_mac, c->targets[i].mac, 6);
            break;
        }
    }
    transmit_no_connection(&c->core, p, &path);
}

SIDE_INLINE void
input_one(struct client *c, const struct packet *p, bool looks)
{
    struct record *r = &c->core.records[p->slot];

    if (unlikely(p->slot == RECORD_NONE || !is_its_packet(c, r, p))) {
        input_stray(c, p);
        return;
    }
    side_input(&client_side, &c->core, p->slot, r, p, looks);
}

SIDE_INLINE void
input_all(struct client *c, const struct packet *packets, unsigned n, bool looks)
{
    for (unsigned i = 0; i < n; i++) {
        if (packets[i].kind == PACKET_TCP)
            input_one(c, &packets[i], looks);
    }
}

void
client_input(struct client *c, const struct packet *packets, unsigned n)
{
    if (c->core.has_brief)
        input_all(c, packets, n, true);
    else
        input_all(c, packets, n, false);
}

unsigned
client_timers(struct client *c, unsigned budget)
{
    return side_timers(&client_side, &c->core, budget);
}

unsigned
client_output(struct client *c, unsigned budget)
{
    return side_output(&client_side, &c->core, budget);
}

unsigned
client_crypto(struct client *c)
{
    return side_crypto(&client_side, &c->core);
}

/* The record stays closed. */
bool
client_probe_choose(struct client *c, struct client_probe *probe)
{
    unsigned target = c->next_target;
    const struct client_target *t = &c->targets[target];
    uint32_t idx = tuples_take(&c->tuples, client_group(t), t->in_group, target, &probe->local);

    c->next_target = target + 1 == c->n_targets ? 0 : target + 1;
    if (idx == RECORD_NONE)
        return false;
    probe->local_port = c->core.records[idx].link.port;
    probe->target = (uint16_t)target;
    tuples_release(&c->tuples, idx);
    return true;
}

/* Numbers are as good as any, where there is no connection. */
bool
client_probe_send(struct client *c, const struct client_probe *probe)
{
    const struct client_target *t = &c->targets[probe->target];
    struct emit_path path = {.local = probe->local};
    struct seg s = {
        .flags = SEG_ACK,
        .src_port = probe->local_port,
        .dst_port = t->port,
        .seq = isn_make(&c->core.isn_key, &probe->local, probe->local_port, &t->addr, t->port,
                        c->core.tcp.now_ns),
    };

    client_path_to(t, &path);
    s.ack = ~s.seq;
    return transmit_bare(&c->core, &path, &s);
}

void
client_give_up(struct client *c, uint32_t idx)
{
    struct record *r = &c->core.records[idx];
    struct emit_path path;
    struct port_pair ports;

    if (tcp_is_over(&r->tcp))
        return;
    client_path(&c->core, idx, &path, &ports);
    tcp_abort(&r->tcp);
    core_fail(&c->core, core_class(&c->core, r), r, FAILURE_timeout);
    side_finish(&client_side, &c->core, idx, r, &path, ports, true, false);
}

void
client_end_exchanges(struct client *c)
{
    c->core.is_ending = true;
}

bool
client_close_held(struct client *c, unsigned budget)
{
    bool has_work = c->close_held_idx < c->core.n_records;
    struct emit_path path;
    struct port_pair ports;

    c->core.is_stopping = true;
    for (; budget > 0 && c->close_held_idx < c->core.n_records; budget--, c->close_held_idx++) {
        struct record *r = &c->core.records[c->close_held_idx];

        if (!session_is_held(&c->core, r)) /* an exchange under way goes on until it is done */
            continue;
        client_path(&c->core, c->close_held_idx, &path, &ports);
        side_finish(&client_side, &c->core, c->close_held_idx, r, &path, ports,
                    session_close(&c->core, c->close_held_idx, r), true);
    }
    return has_work;
}

bool
client_abort_open(struct client *c, unsigned budget)
{
    return side_abort_open(&client_side, &c->core, budget);
}

bool
client_is_done(const struct client *c)
{
    const struct requests *q = &c->core.requests;
    bool is_finished = q->is_paced ? requests_have_stopped(q, c->core.tcp.now_ns)
                                   : load_is_finished(&c->load, c->core.tcp.now_ns);

    return is_finished && c->core.n_open == 0 && (q->n_again == 0 || q->n_begin == 0);
}
