/* SPDX-License-Identifier: BSD-3-Clause */
/* See sim.h. */
#include "sim.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim_bytes.h"
#include "wire/csum.h"

enum {
    FRAME_MAX = EMIT_FRAME_MAX + 65536,
    ETHER_LEN = 14,
    IPV4_LEN = 20,
    IPV6_LEN = 40,
    TCP_LEN = 20,
};

/* An end that does not come. */
static const uint64_t EVENTS_MAX = 50 * 1000 * 1000;

/* For an assertion of the engine's, which ends the process. */
static const struct sim *running;

static void
says(const struct sim *sim, const char *what)
{
    sim_log_print(&sim->log, stderr);
    fprintf(stderr, "SHAKEDOWN_SEED=%" PRIu64 " %s: %s\n", sim->opts.seed, sim->opts.name, what);
}

static void
on_abort(int signal_number)
{
    (void)signal_number;
    if (running != NULL)
        says(running, "an assertion failed");
    running = NULL;
}

void
sim_check(struct sim *sim, bool holds, const char *what)
{
    if (!holds && sim->failure == NULL)
        sim->failure = what;
}

/* -- log -----------------------------------------------------------------------------------------
 */

/* As @from counts. */
static struct seg
relative(const struct sim *sim, const struct seg *s, unsigned from)
{
    uint32_t base = sim->hosts[!from].shadow.iss, own = sim->hosts[from].shadow.iss;
    struct seg r = *s;

    r.seq -= own;
    r.ack -= base;
    for (unsigned i = 0; (s->options & SEG_OPT_SACK) != 0 && i < s->n_sack; i++) {
        r.sack[i].begin -= base;
        r.sack[i].end -= base;
    }
    return r;
}

static struct sim_line *
new_line(struct sim *sim, unsigned host, const char *verb, uint64_t number)
{
    struct sim_line *line = sim_log_line(&sim->log);

    line->ns = sim_elapsed_ns(sim);
    line->host = host;
    line->verb = verb;
    line->number = number;
    line->state = tcp_state_names[sim->hosts[host].conn.state];
    return line;
}

/* What a host did again and again with nothing in between is one line. */
static struct sim_line *
line_before(struct sim *sim, unsigned host, const char *verb)
{
    struct sim_log *log = &sim->log;
    struct sim_line *last = &log->lines[(log->n - 1) % SIM_LOG_LINES];

    return log->n > 0 && last->verb == verb && last->host == host && last->number > 0 ? last : NULL;
}

struct sim_line *
sim_notes(struct sim *sim, unsigned host, const char *verb, uint64_t number)
{
    struct sim_line *last = number > 0 ? line_before(sim, host, verb) : NULL;

    if (last != NULL) {
        last->number += number;
        return last;
    }
    return new_line(sim, host, verb, number);
}

void
sim_notes_seg(struct sim *sim, unsigned host, const char *verb, const struct seg *s, unsigned from,
              unsigned fate)
{
    struct sim_line *line = sim_notes(sim, host, verb, 0);

    line->has_seg = true;
    line->seg = relative(sim, s, from);
    line->fate = fate;
}

/* -- the way out
 * ----------------------------------------------------------------------------------- */

/* What the rules make of @s. */
struct verdict {
    unsigned fate, copies;
    uint64_t hold_ns;
};

static struct verdict
judges(struct sim *sim, unsigned from, struct seg *s, bool is_again)
{
    struct sim_sent sent = {.seg = s,
                            .from = from,
                            .offset = s->seq - sim->hosts[from].shadow.iss - 1,
                            .is_again = is_again,
                            .ns = sim_elapsed_ns(sim)};
    struct verdict v = {0};

    for (unsigned i = 0; i < SIM_RULES_MAX && sim->rules[i].action != SIM_RULE_NONE; i++) {
        struct sim_rule *r = &sim->rules[i];

        if (!sim_rule_applies(r, &sent))
            continue;
        if (r->action == SIM_DROP) {
            v.fate |= SIM_RULE_DROPPED;
        } else if (r->action == SIM_HOLD) {
            v.fate |= SIM_RULE_HELD;
            v.hold_ns += r->hold_ns;
        } else if (r->action == SIM_REPEAT) {
            v.fate |= SIM_RULE_REPEATED;
            v.copies += r->copies;
        } else {
            v.fate |= SIM_RULE_EDITED;
            r->edit(s);
        }
    }
    return v;
}

/* A SYN whose MSS was edited to 0 is one without that option, which the emitter always writes. */
static void
strips_mss(bool is_v6, uint8_t *frame)
{
    static const uint8_t nops[4] = {1, 1, 1, 1};
    uint8_t *tcp = frame + ETHER_LEN + (is_v6 ? IPV6_LEN : IPV4_LEN);
    uint16_t csum;
    uint64_t sum;

    memcpy(&csum, tcp + 16, sizeof(csum));
    sum = (uint16_t)~csum + csum_words(nops, 4); /* RFC 1624 3 */
    sum += (uint16_t)~csum_fold(csum_words(tcp + TCP_LEN, 4));
    memcpy(tcp + TCP_LEN, nops, sizeof(nops));
    csum = csum_finish(sum);
    memcpy(tcp + 16, &csum, sizeof(csum));
}

/* @s as bytes. */
static void
writes_frame(struct sim *sim, unsigned from, const struct seg *s, struct sim_frame *f)
{
    static uint8_t payload[65536];
    struct sim_host *h = &sim->hosts[from];
    uint64_t sum = 0;

    if (s->payload_len > 0) {
        sim_bytes(h->app.key, s->seq - h->shadow.iss - 1, payload, s->payload_len);
        sum = csum_partial(payload, s->payload_len, 0);
    }
    f->iss = h->shadow.iss;
    f->n_flips = 0;
    f->is_forged = false;
    f->len = emit_tcp(&h->emit, &h->path, s, sum, f->bytes);
    if ((s->flags & SEG_SYN) != 0 && s->mss == 0)
        strips_mss(sim->opts.is_v6, f->bytes);
    memcpy(f->bytes + f->len, payload, s->payload_len);
    f->len += s->payload_len;
}

/* The router before a narrow link tells the sender, after the time that the way back takes. */
static void
tells_too_big(struct sim *sim, unsigned from, uint32_t seq)
{
    unsigned i = 0;

    while (i < SIM_TOO_BIG_MAX && sim->too_big[i].arrives_ns != TIME_NEVER)
        i++;
    if (i < SIM_TOO_BIG_MAX)
        sim->too_big[i] = (struct sim_too_big){
            .arrives_ns = sim->now_ns + 1 + sim->links[!from].opts.delay_ns,
            .to = from,
            .seq = seq,
            .mtu = sim->links[from].opts.mtu,
        };
}

union frame_room {
    struct sim_frame frame;
    uint8_t room[sizeof(struct sim_frame) + FRAME_MAX];
};

/* What is close to right is the hardest to tell. */
static void
forges(struct sim *sim, unsigned from, const struct seg *like)
{
    static const uint8_t flags[] = {SEG_RST, SEG_RST | SEG_ACK, SEG_SYN, SEG_ACK};
    static union frame_room f;
    struct seg s = *like;
    uint32_t off =
        1 + (uint32_t)rng_below(&sim->rng, UINT64_C(1) << (1 + rng_below(&sim->rng, 24)));

    s.flags = flags[rng_below(&sim->rng, ARRAY_LEN(flags))];
    s.options &= SEG_OPT_TS;
    s.payload_len = 0;
    if (s.flags == SEG_ACK)
        s.ack = sim->hosts[!from].shadow.sent_max + off;
    else
        s.seq += off;
    writes_frame(sim, from, &s, &f.frame);
    f.frame.is_forged = true;
    sim_notes_seg(sim, from, "seems to send", &s, from,
                  sim_link_put(&sim->links[from], &sim->rng, sim->now_ns, 0, &f.frame));
}

void
sim_sends(struct sim *sim, unsigned from, const struct seg *as_handed, bool is_again)
{
    static union frame_room f;
    struct seg s = *as_handed;
    struct verdict v = judges(sim, from, &s, is_again);
    unsigned fate = v.fate;

    if (sim->failure != NULL)
        return;
    writes_frame(sim, from, &s, &f.frame);
    sim->hosts[from].n_frames++;
    for (unsigned i = 0; (v.fate & SIM_RULE_DROPPED) == 0 && i <= v.copies; i++)
        fate |= sim_link_put(&sim->links[from], &sim->rng, sim->now_ns, v.hold_ns, &f.frame);
    if ((fate & SIM_TOO_BIG) != 0)
        tells_too_big(sim, from, s.seq);
    sim_notes_seg(sim, from, "sends", &s, from, fate);
    if (sim->opts.forge_ppm > 0 && rng_below(&sim->rng, 1000000) < sim->opts.forge_ppm)
        forges(sim, from, &s);
}

/* -- the loop ---------------------------------------------------------------------------------- */

bool
sim_is_linked(const struct sim *sim)
{
    const struct sim_shadow *a = &sim->hosts[A].shadow, *b = &sim->hosts[B].shadow;

    return a->has_irs && b->has_irs && a->irs == b->iss && b->irs == a->iss;
}

static struct sim_too_big *
next_too_big(struct sim *sim)
{
    struct sim_too_big *next = &sim->too_big[0];

    for (unsigned i = 1; i < SIM_TOO_BIG_MAX; i++) {
        if (sim->too_big[i].arrives_ns < next->arrives_ns)
            next = &sim->too_big[i];
    }
    return next;
}

static uint64_t
next_ns(struct sim *sim)
{
    uint64_t ns = next_too_big(sim)->arrives_ns;

    for (unsigned i = 0; i < 2; i++) {
        ns = u64_min(ns, sim_link_next_ns(&sim->links[i]));
        ns = u64_min(ns, sim_host_next_ns(&sim->hosts[i]));
    }
    return ns;
}

static void
happens(struct sim *sim)
{
    struct sim_too_big *too_big = next_too_big(sim);

    for (unsigned i = 0; i < 2; i++) {
        if (sim_link_next_ns(&sim->links[i]) <= sim->now_ns) {
            struct sim_frame *frame = sim_link_take(&sim->links[i]);

            sim_host_hears(sim, !i, frame);
            free(frame);
            return;
        }
        if (sim_host_next_ns(&sim->hosts[i]) <= sim->now_ns) {
            sim_host_acts(sim, i);
            return;
        }
    }
    too_big->arrives_ns = TIME_NEVER;
    sim_host_too_big(sim, too_big->to, too_big->seq, too_big->mtu);
}

/* @return false: nothing is left to happen. */
static bool
goes_on(struct sim *sim)
{
    uint64_t ns = next_ns(sim);

    if (ns == TIME_NEVER)
        return false;
    sim_check(sim, ns >= sim->now_ns, "something is due in the past");
    if (sim->opts.limit_ns > 0 && ns - sim->opts.start_ns > sim->opts.limit_ns)
        return false;
    sim->now_ns = ns;
    for (unsigned i = 0; i < 2; i++)
        tcp_ctx_set_now(&sim->hosts[i].ctx, ns + sim->hosts[i].opts.skew_ns);
    sim_check(sim, ++sim->n_events < EVENTS_MAX, "the end does not come");
    if (sim->failure == NULL)
        happens(sim);
    return sim->failure == NULL;
}

static void
begins(struct sim *sim, const struct sim_opts *opts)
{
    memset(sim, 0, sizeof(*sim));
    sim->opts = *opts;
    sim->rng.state = opts->seed;
    sim->now_ns = opts->start_ns;
    memcpy(sim->rules, opts->rules, sizeof(sim->rules));
    for (unsigned i = 0; i < SIM_TOO_BIG_MAX; i++)
        sim->too_big[i].arrives_ns = TIME_NEVER;
    for (unsigned i = 0; i < 2; i++) {
        sim->apps[i] = opts->hosts[i].app;
        sim_link_init(&sim->links[i], &opts->links[i]);
        if (sim_host_init(sim, i, &opts->hosts[i]) < 0)
            abort();
    }
}

bool
sim_run(struct sim *sim, const struct sim_opts *opts)
{
    begins(sim, opts);
    running = sim;
    signal(SIGABRT, on_abort);
    while (goes_on(sim))
        ;
    if (sim->failure == NULL && opts->limit_ns == 0)
        sim_check_end(sim);
    if (sim->failure != NULL)
        says(sim, sim->failure);
    running = NULL;
    for (unsigned i = 0; i < 2; i++) {
        sim_link_fini(&sim->links[i]);
        sim_host_fini(&sim->hosts[i]);
    }
    return sim->failure == NULL;
}

struct sim_opts
sim_plain(uint64_t bytes)
{
    struct sim_opts o = {.name = "?", .seed = 1, .start_ns = 1000 * NS_PER_SEC};

    for (unsigned i = 0; i < 2; i++) {
        o.links[i] = (struct sim_link_opts){.delay_ns = 10 * NS_PER_MS};
        o.hosts[i] = (struct sim_host_opts){
            .tcp = {.connect_timeout_us = 10 * 1000000,
                    .close_timeout_us = 10 * 1000000,
                    .piggyback = true,
                    .buffers_rx = true,
                    .retries_max = 15,
                    .data_timeout_us = 60 * 1000000,
                    .rcv_wnd = 256 * 1024,
                    .delayed_ack_us = 40000,
                    .cc = cc_algorithms[CC_CUBIC]},
            .iss = 1000000 + 7 * i,
            .mtu = 1500,
        };
    }
    o.hosts[A].n_opens = 1;
    o.hosts[A].app.bytes = bytes;
    o.hosts[B].app.close = SIM_CLOSE_PEER;
    return o;
}
