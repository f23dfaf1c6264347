/* SPDX-License-Identifier: BSD-3-Clause */
/* See pair.h. */
#include "pair.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rig.h"
#include "tcp_invariants.h"

/* A user who never closes loses patience at last: there is no keep-alive to find a dead peer. */
static const uint64_t PATIENCE_NS = 100 * NS_PER_SEC;
/* Retransmissions within the timeouts and what they provoke; an exchange without end has more. */
static const unsigned SENT_MAX = 300;
static const uint64_t END_NS = 3600 * NS_PER_SEC;

static struct stats stats[2];

static void __attribute__((format(printf, 2, 3))) writes_log(struct pair *p, const char *fmt, ...)
{
    char *line = p->log[p->n_logged++ % PAIR_LOG_LINES];
    va_list args;
    int len = snprintf(line, sizeof(p->log[0]), "%12.6f ",
                       (double)(p->now_ns - p->opts.start_ns) / (double)NS_PER_SEC);

    va_start(args, fmt);
    vsnprintf(line + len, sizeof(p->log[0]) - (size_t)len, fmt, args);
    va_end(args);
}

void
pair_check(const struct pair *p, bool holds, const char *what)
{
    unsigned i = p->n_logged > PAIR_LOG_LINES ? p->n_logged - PAIR_LOG_LINES : 0;

    if (holds)
        return;
    for (; i < p->n_logged; i++)
        fprintf(stderr, "%s\n", p->log[i % PAIR_LOG_LINES]);
    cr_fatal("%s; again with SHAKEDOWN_SEED=%" PRIu64, what, p->opts.seed);
}

uint64_t
pair_retransmits(const struct pair *p)
{
    return p->sides[0].ctx.stat->now->counters[CTR_retransmits] +
           p->sides[1].ctx.stat->now->counters[CTR_retransmits];
}

static bool
happens(struct pair *p, uint32_t ppm)
{
    return rng_below(&p->rng, 1000000) < ppm;
}

static void
puts_on_link(struct pair *p, unsigned to, const struct seg *s)
{
    unsigned i = 0;

    while (i < PAIR_PACKETS_MAX && p->packets[i].arrives_ns != TIME_NEVER)
        i++;
    pair_check(p, i < PAIR_PACKETS_MAX, "more segments are on the way than there can be");
    p->packets[i] = (struct pair_packet){
        .arrives_ns = p->now_ns + p->opts.delay_ns + rng_below(&p->rng, p->opts.jitter_ns + 1),
        .to = to,
        .seg = *s,
    };
}

static void
sends(struct pair *p, unsigned from, struct seg s)
{
    bool is_lost = happens(p, p->opts.loss_ppm);
    char text[80];

    if (s.flags & SYN) { /* the emitter's part */
        s.mss = 1460;
        s.wscale = s.options & WSCALE ? TCP_RCV_WSCALE : 0;
    }
    rig_format(text, sizeof(text), &s, p->sides[from].opts->iss, p->sides[!from].opts->iss);
    writes_log(p, "%u sends %s%s", from, text, is_lost ? ", lost" : "");
    pair_check(p, ++p->n_sent <= SENT_MAX, "the exchange does not end");
    if (is_lost)
        return;
    puts_on_link(p, !from, &s);
    if (happens(p, p->opts.dup_ppm))
        puts_on_link(p, !from, &s);
}

static void
begins(struct pair *p, unsigned i)
{
    pair_check(p, p->sides[i].n_begun == p->sides[i].n_ended, "begun before the end of the other");
    p->sides[i].n_begun++;
    p->sides[i].app_ns = TIME_NEVER;
}

static void
ends(struct pair *p, unsigned i)
{
    struct pair_side *side = &p->sides[i];

    side->n_ended++;
    pair_check(p, side->n_begun == side->n_ended, "the end is reported twice");
    side->app_ns = side->n_opens_left > 0 ? p->now_ns + 1 : TIME_NEVER;
}

/* What the engines do after each event: output, timer. */
/* The armed timer by the side's own clock. */
static uint64_t
by_own_clock(const struct pair_side *side)
{
    return side->timer_ns == TIME_NEVER ? TIME_NEVER : side->timer_ns + side->opts->skew_ns;
}

static void
settles(struct pair *p, unsigned i, bool arms)
{
    struct pair_side *side = &p->sides[i];
    struct seg s = {0};
    const char *broken;

    for (unsigned n = 0; tcp_output(&side->conn, &side->ctx, &s); n++) {
        pair_check(p, n < 2, "three segments for one event");
        sends(p, i, s);
    }
    if (arms) {
        side->timer_ns = tcp_deadline_ns(&side->conn, &side->ctx);
        if (side->timer_ns != TIME_NEVER)
            side->timer_ns -= side->opts->skew_ns;
    }
    broken = tcp_broken(&side->conn, &side->ctx, by_own_clock(side), true);
    pair_check(p, broken == NULL, broken);
}

static void
user_aborts(struct pair *p, unsigned i)
{
    writes_log(p, "%u aborts", i);
    tcp_abort(&p->sides[i].conn);
    ends(p, i);
}

/* The user's part, at once or at app_ns. */
static void
user_acts(struct pair *p, unsigned i)
{
    struct pair_side *side = &p->sides[i];

    side->app_ns = TIME_NEVER;
    if (side->conn.state == TCPS_ESTABLISHED && side->opts->close != PAIR_FIN)
        user_aborts(p, i);
    else
        tcp_close(&side->conn, &side->ctx);
}

static void
user_hears(struct pair *p, unsigned i, unsigned events)
{
    struct pair_side *side = &p->sides[i];
    const struct pair_side_opts *o = side->opts;

    side->events |= events;
    if ((events & TCP_EV_ESTABLISHED) != 0)
        side->app_ns = p->now_ns + (o->close == PAIR_PEER ? PATIENCE_NS : o->hold_ns);
    if ((events & TCP_EV_PEER_CLOSED) != 0)
        side->app_ns = p->now_ns + o->linger_ns;
    if ((events & TCP_EV_OVER) != 0)
        ends(p, i);
    else if (side->app_ns == p->now_ns)
        user_acts(p, i);
}

static void
opens(struct pair *p, unsigned i)
{
    struct pair_side *side = &p->sides[i];
    uint32_t iss = side->opts->iss;

    if (side->n_begun > 0)
        iss = tcp_reopen_iss(&side->conn, iss + (uint32_t)rng_below(&p->rng, 1000000));
    side->n_opens_left--;
    begins(p, i);
    tcp_open(&side->conn, &side->ctx, iss);
    settles(p, i, true);
}

static void
accepts(struct pair *p, unsigned i, const struct seg *syn)
{
    struct pair_side *side = &p->sides[i];
    uint32_t iss = side->opts->iss;

    if (side->n_begun > 0)
        iss = tcp_reopen_iss(&side->conn, iss);
    begins(p, i);
    tcp_accept(&side->conn, &side->ctx, syn, iss);
    settles(p, i, true);
}

static void
refuses(struct pair *p, unsigned i, const struct seg *s)
{
    struct seg answer;

    if (tcp_refuse(s, &answer))
        sends(p, i, answer);
}

static void
receives(struct pair *p, unsigned i, const struct seg *s)
{
    struct pair_side *side = &p->sides[i];
    enum tcp_state before = side->conn.state;
    bool is_syn = (s->flags & (SYN | RST | ACK)) == SYN;
    unsigned events;

    writes_log(p, "%u hears %s%s%s%s in %s", i, s->flags & SYN ? "SYN " : "",
               s->flags & FIN ? "FIN " : "", s->flags & RST ? "RST " : "",
               s->flags & ACK ? "ACK" : "-", tcp_state_names[before]);
    if (side->opts->opens_ns == TIME_NEVER &&
        ((before == TCPS_CLOSED && is_syn) || tcp_may_reopen(&side->conn, s))) {
        accepts(p, i, s);
        return;
    }
    if (before == TCPS_CLOSED) {
        refuses(p, i, s);
        return;
    }
    events = tcp_input(&side->conn, &side->ctx, s);
    if ((events & TCP_EV_ANSWER_RST) != 0)
        refuses(p, i, s);
    user_hears(p, i, events);
    settles(p, i, side->conn.state != before);
}

static void
user_is_due(struct pair *p, unsigned i)
{
    struct pair_side *side = &p->sides[i];

    if (side->n_begun == side->n_ended) {
        opens(p, i);
        return;
    }
    user_acts(p, i);
    settles(p, i, true);
}

static void
time_is_out(struct pair *p, unsigned i)
{
    struct pair_side *side = &p->sides[i];

    writes_log(p, "%u times out in %s", i, tcp_state_names[side->conn.state]);
    user_hears(p, i, tcp_timeout(&side->conn, &side->ctx));
    settles(p, i, true);
}

static struct pair_packet *
next_packet(struct pair *p)
{
    struct pair_packet *next = &p->packets[0];

    for (unsigned i = 1; i < PAIR_PACKETS_MAX; i++) {
        if (p->packets[i].arrives_ns < next->arrives_ns)
            next = &p->packets[i];
    }
    return next;
}

/* The earliest event. @return false: there is none. */
static bool
goes_on(struct pair *p)
{
    struct pair_packet *packet = next_packet(p), arrived = *packet;
    uint64_t next_ns = packet->arrives_ns;

    for (unsigned i = 0; i < 2; i++)
        next_ns = u64_min(next_ns, u64_min(p->sides[i].timer_ns, p->sides[i].app_ns));
    if (next_ns == TIME_NEVER)
        return false;
    pair_check(p, next_ns >= p->now_ns, "a timer is armed for the past");
    p->now_ns = next_ns;
    pair_check(p, p->now_ns - p->opts.start_ns < END_NS, "the end does not come");
    for (unsigned i = 0; i < 2; i++)
        tcp_ctx_set_now(&p->sides[i].ctx, p->now_ns + p->sides[i].opts->skew_ns);

    if (arrived.arrives_ns == next_ns) {
        packet->arrives_ns = TIME_NEVER;
        receives(p, arrived.to, &arrived.seg);
        return true;
    }
    for (unsigned i = 0; i < 2; i++) {
        if (p->sides[i].timer_ns == next_ns) {
            time_is_out(p, i);
            return true;
        }
        if (p->sides[i].app_ns == next_ns) {
            user_is_due(p, i);
            return true;
        }
    }
    return true;
}

void
pair_run(struct pair *p, const struct pair_opts *opts)
{
    memset(p, 0, sizeof(*p));
    p->opts = *opts;
    p->rng.state = opts->seed;
    p->now_ns = opts->start_ns;
    for (unsigned i = 0; i < PAIR_PACKETS_MAX; i++)
        p->packets[i].arrives_ns = TIME_NEVER;
    for (unsigned i = 0; i < 2; i++) {
        struct pair_side *side = &p->sides[i];

        side->opts = &p->opts.sides[i];
        stats[i].now = &stats[i].blocks[0];
        memset(stats[i].now->counters, 0, sizeof(stats[i].now->counters));
        side->ctx = (struct tcp_ctx){.params = &side->opts->tcp, .stat = &stats[i]};
        side->timer_ns = side->app_ns = TIME_NEVER;
        if (side->opts->opens_ns != TIME_NEVER) {
            side->n_opens_left = 1 + side->opts->reopens;
            side->app_ns = opts->start_ns + side->opts->opens_ns;
        }
    }
    while (goes_on(p))
        ;
    for (unsigned i = 0; i < 2; i++) {
        pair_check(p, p->sides[i].conn.state == TCPS_CLOSED, "a connection is left over");
        pair_check(p, p->sides[i].n_begun == p->sides[i].n_ended, "an end was not reported");
    }
}
