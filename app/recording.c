/* SPDX-License-Identifier: BSD-3-Clause */
/* See recording.h. */
#include "app/recording.h"

#include <string.h>

#include "app/worker.h"
#include "wire/icmp.h"

/* Handed over in an iteration, at most. */
static const unsigned HANDED_PER_POLL = 32;

int
recording_init(struct recording *c, const struct recording_opts *o)
{
    const struct recorder_opts opts = {
        .table = {.n_conns = RECORDING_CONNS,
                  .n_cells = RECORDING_CELLS,
                  .has_secrets = o->has_secrets,
                  .key = o->key},
        .sample = o->sample,
        .linger_ns = RECORDING_LINGER_NS,
    };

    c->out = o->out;
    c->back = o->back;
    return recorder_init(&c->recorder, &opts);
}

void
recording_fini(struct recording *c)
{
    recorder_fini(&c->recorder);
}

/* What is lined up by now was before the load. */
void
recording_begin(struct worker *w)
{
    if (!w->opts.recording.is_wanted)
        return;
    w->recording = &w->recording_of_it;
    w->recording->recorder.is_on = true;
    w->recording->n_seen = w->outbox.n_frames;
}

/* -- frames ----------------------------------------------------------------------------------- */

static struct recorder_tuple
tuple_of(const struct packet *p, bool is_sent)
{
    if (is_sent)
        return (struct recorder_tuple){p->src, p->dst, p->seg.src_port, p->seg.dst_port};
    return (struct recorder_tuple){p->dst, p->src, p->seg.dst_port, p->seg.src_port};
}

static void
ask(struct recording *c, uint32_t idx)
{
    if (idx != SLAB_NONE && c->n_asked < ARRAY_LEN(c->asked))
        c->asked[c->n_asked++] = idx;
}

static void
record_segment(struct worker *w, const struct packet *p, const struct frame_data *d)
{
    bool is_client = w->opts.role == ROLE_CLIENT;
    struct recording *c = w->recording;
    struct recorder_segment s = {
        .tuple = tuple_of(p, d->is_sent),
        .seq = p->seg.seq,
        .flags = p->seg.flags,
        .opens = d->is_sent == is_client && (p->seg.flags & (SEG_SYN | SEG_ACK)) == SEG_SYN,
    };

    ask(c, recorder_take(&c->recorder, &s, d));
    if (s.opens && !is_client) /* a server may not take it */
        ask(c, recorder_table_find(&c->recorder.table, &s.tuple));
}

/* @m is one buffer, or headers and where the payload lies. */
static struct frame_data
received(struct rte_mbuf *m, uint64_t received_ns)
{
    struct frame_data d = {.bytes = {rte_pktmbuf_mtod(m, const uint8_t *)},
                           .len = {m->data_len},
                           .time_ns = received_ns};

    if (m->next != NULL) {
        d.bytes[1] = rte_pktmbuf_mtod(m->next, const uint8_t *);
        d.len[1] = m->next->data_len;
    }
    return d;
}

void
recording_parse(const struct worker *w, const struct frame_data *d, struct packet *p)
{
    struct packet_rx rx = {.vlan = w->opts.hosts[0].vlan,
                           .more_vlans = w->opts.more_vlans,
                           .n_more_vlans = w->opts.n_networks - 1,
                           .stripped_vlan = -1,
                           .l3_checksum_verified = true,
                           .l4_checksum_verified = true,
                           .ext = d->bytes[1],
                           .ext_len = d->len[1]};

    packet_parse(p, d->bytes[0], d->len[0], &rx);
}

static void
record_icmp(struct worker *w, const struct packet *p, const struct frame_data *d)
{
    struct recorder *r = &w->recording->recorder;
    struct icmp_msg m;

    icmp_parse(p, &m);
    if (m.kind >= ICMP_KIND_UNREACHABLE && m.kind <= ICMP_KIND_PARAM_PROBLEM)
        recorder_take_about(r,
                            &(struct recorder_tuple){.local = m.quote.local,
                                                     .remote = m.quote.remote,
                                                     .local_port = m.quote.local_port,
                                                     .remote_port = m.quote.remote_port},
                            d);
    else if (m.kind == ICMP_KIND_NEIGH_SOLICIT || m.kind == ICMP_KIND_NEIGH_ADVERT)
        recorder_take_neighbor(r, d);
}

static void
record_frame(struct worker *w, const struct packet *p, const struct frame_data *d)
{
    switch ((enum packet_kind)p->kind) {
    case PACKET_TCP:
        record_segment(w, p, d);
        break;
    case PACKET_ARP:
        recorder_take_neighbor(&w->recording->recorder, d);
        break;
    case PACKET_ICMP4:
    case PACKET_ICMP6:
        record_icmp(w, p, d);
        break;
    case PACKET_OTHER:
    case PACKET_FRAGMENT:
    case PACKET_BAD_HEADER:
    case PACKET_BAD_CHECKSUM:
        break;
    }
}

/* What the engine has written since the last look. */
static void
record_outbox(struct worker *w)
{
    const struct outbox *o = &w->outbox;
    struct recording *c = w->recording;
    uint64_t now_ns = c->n_seen < o->n_frames ? schedule_now_ns(w->opts.schedule) : 0;

    for (; c->n_seen < o->n_frames; c->n_seen++) {
        const struct outbox_frame *f = &o->frames[c->n_seen];
        struct frame_data d = {
            .bytes = {f->data}, .len = {f->len}, .time_ns = now_ns, .is_sent = true};
        struct packet p;

        if (f->ext_len > 0) {
            d.bytes[1] = o->exts[c->n_seen];
            d.len[1] = f->ext_len;
        }
        recording_parse(w, &d, &p);
        record_frame(w, &p, &d);
    }
}

/* Those that were closing may be over. */
static void
settle(struct worker *w)
{
    struct recording *c = w->recording;

    for (unsigned i = 0; i < c->n_asked; i++) {
        const struct recorder_conn *conn = recorder_table_at(&c->recorder.table, c->asked[i]);

        if ((conn->state == RECORDER_ASKING || conn->state == RECORDER_ANSWERED) &&
            !engine_is_open(&w->engine, &conn->tuple))
            recorder_close(&c->recorder, c->asked[i], w->engine.core.tcp.now_ns);
    }
    c->n_asked = 0;
}

/* -- the loop --------------------------------------------------------------------------------- */

void
recording_note_burst(struct worker *w, struct rte_mbuf *const *mbufs, unsigned n)
{
    memcpy(w->recording->burst, mbufs, n * sizeof(mbufs[0]));
}

/* One packet after the other: what it leads to is told from what the next one does. */
void
recording_input(struct worker *w, const struct packet *packets, const struct server_burst *b,
                unsigned n, uint64_t received_ns)
{
    struct server_burst one;

    for (unsigned i = 0; i < n; i++) {
        struct frame_data d;

        if (packets[i].kind != PACKET_TCP)
            continue;
        d = received(w->recording->burst[i], received_ns);
        record_segment(w, &packets[i], &d);
        if (w->opts.role == ROLE_SERVER) {
            one.keys[0] = b->keys[i];
            one.hashes[0] = b->hashes[i];
        }
        engine_input(&w->engine, &one, &packets[i], 1);
        record_outbox(w);
        settle(w);
    }
}

void
recording_other(struct worker *w, struct rte_mbuf *m, const struct packet *p, uint64_t received_ns)
{
    struct frame_data d = received(m, received_ns);
    struct recorder_tuple tuple;
    struct packet broken;

    if (p->kind != PACKET_BAD_CHECKSUM) {
        record_frame(w, p, &d);
        return;
    }
    recording_parse(w, &d, &broken);
    if (broken.kind != PACKET_TCP)
        return;
    tuple = tuple_of(&broken, false);
    recorder_take_about(&w->recording->recorder, &tuple, &d);
}

void
recording_submit(struct worker *w)
{
    record_outbox(w);
    settle(w);
    w->recording->n_seen = 0;
}

/* @return whether there was something. */
static bool
hand_over(struct recording *c, uint64_t now_ns)
{
    uint32_t idx = recorder_next(&c->recorder, now_ns);

    if (idx == SLAB_NONE)
        return false;
    if (rte_ring_sp_enqueue(c->out, (void *)(uintptr_t)idx) != 0)
        recorder_give_back(&c->recorder, idx); /* never: it has a place for each */
    return true;
}

void
recording_poll(struct worker *w, uint64_t now_ns)
{
    struct recording *c = w->recording;
    void *idx;

    for (unsigned i = 0; i < HANDED_PER_POLL && rte_ring_sc_dequeue(c->back, &idx) == 0; i++)
        recorder_give_back(&c->recorder, (uint32_t)(uintptr_t)idx);
    for (unsigned i = 0; i < HANDED_PER_POLL && hand_over(c, now_ns); i++)
        ;
}

void
recording_end(struct worker *w)
{
    if (w->recording != NULL)
        recorder_end(&w->recording->recorder);
}

void
recording_leave(struct worker *w)
{
    while (w->recording != NULL && hand_over(w->recording, TIME_NEVER))
        ;
}

void
recording_secret(void *arg, const struct tls_conn *t, const char *line)
{
    struct worker *w = arg;
    struct core *core = &w->engine.core;
    struct emit_path path;
    struct port_pair ports;

    if (w->recording == NULL)
        return;
    core->path(core, core_record_of_tls(t), &path, &ports);
    recorder_take_secret(&w->recording->recorder,
                         &(struct recorder_tuple){.local = path.local,
                                                  .remote = path.remote,
                                                  .local_port = ports.local,
                                                  .remote_port = ports.remote},
                         line);
}
