/* SPDX-License-Identifier: BSD-3-Clause */
/* See campaign.h. One statement a draw: the order inside an initialiser is the compiler's. */
#include "campaign.h"

/* One of the values, listed where they are used. */
#define one_of(rng, ...)                                                                           \
    (((const uint64_t[]){__VA_ARGS__})[rng_below((rng), sizeof((const uint64_t[]){__VA_ARGS__}) /  \
                                                            sizeof(uint64_t))])

enum { KIB = 1024, MIB = 1024 * 1024 };

static bool
coin(struct rng *rng, uint32_t percent)
{
    return rng_below(rng, 100) < percent;
}

/* As many small ones as large ones, on a scale of powers. */
static uint64_t
log_uniform(struct rng *rng, unsigned bits_max)
{
    return rng_below(rng, UINT64_C(1) << rng_below(rng, bits_max + 1));
}

/* Two scripts that come to an end together, more or less: not both wait for the other, and one
 * that never ends it loses patience. */
static void
draw_apps(struct rng *rng, struct sim_app_opts apps[2])
{
    for (unsigned i = 0; i < 2; i++) {
        struct sim_app_opts *o = &apps[i];
        bool keeps = o->sip_max > 0; /* as campaign_draw() left it */

        *o = (struct sim_app_opts){.sip_max = keeps};
        o->write =
            (enum sim_write)one_of(rng, SIM_WRITE_AT_ONCE, SIM_WRITE_AT_ONCE, SIM_WRITE_CHUNKS);
        o->bytes = coin(rng, 30) ? 0 : log_uniform(rng, coin(rng, 5) ? 20 : 17);
        o->chunk_max =
            1 + (uint32_t)(o->bytes / one_of(rng, 2, 5, 30)) + (uint32_t)log_uniform(rng, 12);
        o->write_pause_ns = 1 + log_uniform(rng, 27);
        o->read = keeps ? (enum sim_read)one_of(rng, SIM_READ_AT_ONCE, SIM_READ_AT_ONCE,
                                                SIM_READ_SIPS, SIM_READ_LATER)
                        : SIM_READ_AT_ONCE;
        o->sip_max += keeps ? (uint32_t)log_uniform(rng, 17) : 0;
        o->read_pause_ns = 1 + log_uniform(rng, o->read == SIM_READ_LATER ? 34 : 24);
        o->close = coin(rng, 8) ? SIM_CLOSE_RST
                                : (enum sim_close)one_of(rng, SIM_CLOSE_WRITTEN, SIM_CLOSE_WRITTEN,
                                                         SIM_CLOSE_PEER, SIM_CLOSE_RECEIVED);
        o->close_ns = log_uniform(rng, 33);
        o->patience_ns = (20 + rng_below(rng, 200)) * NS_PER_SEC;
    }
    if (coin(rng, 10)) {
        apps[B].write = SIM_WRITE_ECHO;
        apps[B].bytes = 0;
        apps[B].close = SIM_CLOSE_PEER;
    } else if (coin(rng, 20)) {
        apps[B].write = SIM_WRITE_ANSWER;
        apps[B].question = apps[A].bytes;
    }
    if (apps[A].close == SIM_CLOSE_PEER && apps[B].close == SIM_CLOSE_PEER && coin(rng, 90))
        apps[A].close = SIM_CLOSE_WRITTEN;
    apps[A].expects = apps[B].write == SIM_WRITE_ECHO ? apps[A].bytes : apps[B].bytes;
    apps[B].expects = apps[A].bytes;
}

static void
draw_link(struct rng *rng, struct sim_link_opts *o, bool is_clean)
{
    o->delay_ns = one_of(rng, 10, 100, 1000, 10000, 50000, 150000) * NS_PER_US;
    o->delay_ns += rng_below(rng, o->delay_ns);
    o->keeps_order = true;
    if (is_clean)
        return;
    o->jitter_ns = one_of(rng, 0, 0, o->delay_ns / 10, o->delay_ns, 2 * NS_PER_SEC);
    o->keeps_order = coin(rng, 50);
    o->rate_bps = one_of(rng, 0, 0, 1, 10, 100, 1000) * 1000000;
    o->queue_bytes = (uint32_t)one_of(rng, 5000, 20000, 100000, 1000000);
    o->loss_ppm = (uint32_t)one_of(rng, 0, 0, 1000, 10000, 50000, 150000, 300000);
    if (coin(rng, 15)) {
        o->burst_begin_ppm = (uint32_t)one_of(rng, 1000, 10000, 50000);
        o->burst_end_ppm = (uint32_t)one_of(rng, 50000, 200000, 500000);
    }
    o->dup_ppm = (uint32_t)one_of(rng, 0, 0, 0, 10000, 200000);
    o->reorder_ppm = (uint32_t)one_of(rng, 0, 0, 0, 1000, 50000, 300000);
    o->reorder_ns = rng_below(rng, 3 * o->delay_ns);
    o->corrupt_ppm = (uint32_t)one_of(rng, 0, 0, 0, 1000, 20000);
    if (coin(rng, 10))
        o->mtu = (uint32_t)one_of(rng, 1280, 1400, 1492);
}

static void
draw_host(struct rng *rng, struct sim_host_opts *o, bool is_clean)
{
    struct tcp_params *t = &o->tcp;

    t->connect_timeout_us = (uint32_t)one_of(rng, 3, 10, 30) * 1000000;
    t->close_timeout_us = (uint32_t)one_of(rng, 3, 10, 60) * 1000000;
    t->piggyback = coin(rng, 80);
    t->buffers_rx = coin(rng, 60);
    t->nagle = coin(rng, 30);
    t->retries_max = (uint8_t)one_of(rng, 3, 6, 15);
    t->data_timeout_us = (uint32_t)one_of(rng, 5, 20, 120) * 1000000;
    t->rcv_wnd = (uint32_t)one_of(rng, 64 * KIB, 64 * KIB, 256 * KIB, 4 * MIB);
    if (!t->buffers_rx)
        t->rcv_wnd += (uint32_t)rng_below(rng, 64 * KIB);
    t->ack = (enum tcp_ack_policy)rng_below(rng, TCP_ACK_POLICIES);
    t->delayed_ack_us = (uint32_t)one_of(rng, 0, 1000, 40000, 40000, is_clean ? 40000 : 500000);
    t->tso_max = (uint32_t)one_of(rng, 0, 0, 16384, 65000);
    t->cc = cc_algorithms[one_of(rng, CC_CUBIC, CC_CUBIC, CC_NEWRENO, CC_FIXED)];
    t->cc_opts.fixed_window = (uint32_t)one_of(rng, 10000, 100000, 1000000);
    o->iss = (uint32_t)rng_next(rng);
    o->iss = (uint32_t)one_of(rng, o->iss, o->iss, 0xfffffff0, 0xffffff00 - 20000, 0x7fffff00);
    o->skew_ns = rng_below(rng, 10000 * NS_PER_SEC);
    o->rest_ns = log_uniform(rng, 32);
    o->rooms = (unsigned)one_of(rng, 0, 0, 1, 64);
    o->late_ns = is_clean ? 0 : one_of(rng, 0, 0, 100, 3000) * NS_PER_US;
    if (!is_clean && coin(rng, 8)) {
        o->poor_in = 1 + (unsigned)rng_below(rng, 7);
        o->poor_ns = log_uniform(rng, 36);
    }
    t->single = coin(rng, 50);
    o->app.sip_max = t->buffers_rx; /* for draw_apps() */
}

/* Rules that middle boxes impose: options that do not get through. */
static void
strips_sack(struct seg *s)
{
    s->options &= (uint8_t)~SEG_OPT_SACK_OK;
}

static void
strips_timestamps(struct seg *s)
{
    s->options &= (uint8_t)~SEG_OPT_TS;
}

static void
strips_shift(struct seg *s)
{
    s->options &= (uint8_t)~SEG_OPT_WSCALE;
    s->wscale = 0;
}

static void
draw_rules(struct rng *rng, struct sim_rule *rules)
{
    static void (*const edits[])(struct seg *) = {strips_sack, strips_timestamps, strips_shift};

    for (unsigned i = 0; i < ARRAY_LEN(edits); i++) {
        if (coin(rng, 15))
            *rules++ = (struct sim_rule){.action = SIM_EDIT, .flags = SEG_SYN, .edit = edits[i]};
    }
}

struct sim_opts
campaign_draw(uint64_t seed)
{
    struct rng rng = {.state = seed};
    struct sim_opts o = {.seed = seed, .is_clean = seed % 4 == 0, .draw_apps = draw_apps};
    unsigned each;

    o.start_ns = rng_below(&rng, 10000 * NS_PER_SEC);
    if (coin(&rng, 20)) /* the microseconds' and the timestamps' wraps */
        o.start_ns = one_of(&rng, UINT64_C(1) << 32, UINT64_C(1000) << 32) * NS_PER_US - NS_PER_SEC;
    o.is_v6 = coin(&rng, 40);
    each = (unsigned)one_of(&rng, 1500, 1500, 1280, 9000, 576);
    if (o.is_v6 && each < 1280)
        each = 1280;
    for (unsigned i = 0; i < 2; i++) {
        draw_link(&rng, &o.links[i], o.is_clean);
        draw_host(&rng, &o.hosts[i], o.is_clean);
        o.hosts[i].mtu = each;
    }
    for (unsigned i = 0; i < 2; i++) /* a window that never gives way fits what it goes through */
        if (o.links[i].rate_bps > 0 && o.hosts[i].tcp.cc_opts.fixed_window > o.links[i].queue_bytes)
            o.hosts[i].tcp.cc_opts.fixed_window = o.links[i].queue_bytes;
    draw_rules(&rng, o.rules);
    if (!o.is_clean && coin(&rng, 15))
        o.forge_ppm = (uint32_t)one_of(&rng, 1000, 30000, 200000);
    if (coin(&rng, 15)) { /* both open, more or less at once */
        o.hosts[A].n_opens = o.hosts[B].n_opens = o.is_clean ? 1 : 1 + (unsigned)rng_below(&rng, 3);
        o.hosts[B].opens_ns = rng_below(&rng, 2 * o.links[A].delay_ns);
    } else {
        o.hosts[A].n_opens = 1 + (unsigned)rng_below(&rng, 120);
    }
    return o;
}

static void
add_host(struct campaign_sums *sums, const struct sim_host *h)
{
    for (unsigned i = 0; i < SIM_ENDS; i++)
        sums->n_ends[i] += h->n_ends[i];
    sums->bytes += h->received;
    sums->frames += h->n_frames;
    sums->escaped += h->n_escaped;
    sums->retransmits += sim_count(h, retransmits);
    sums->fast_retransmits += sim_count(h, fast_retransmits);
    sums->timeouts += sim_count(h, rto_timeouts);
    sums->tail_probes += sim_count(h, tail_loss_probes);
    sums->window_probes += sim_count(h, window_probes);
}

bool
campaign_run(struct sim *sim, uint64_t seed, const char *name, struct campaign_sums *sums)
{
    struct sim_opts o = campaign_draw(seed);
    bool holds;

    o.name = name;
    holds = sim_run(sim, &o);
    sums->n_seeds++;
    sums->n_failed += !holds;
    sums->n_conns += sim->hosts[A].n_begun;
    sums->events += sim->n_events;
    add_host(sums, &sim->hosts[A]);
    add_host(sums, &sim->hosts[B]);
    return holds;
}
