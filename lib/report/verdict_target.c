/* SPDX-License-Identifier: BSD-3-Clause */
/* Signs of the target, and of the network before it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "proto/registry.h"
#include "report/format.h"
#include "report/verdict_signs.h"

/* What each cause of failure says. The target's program, or its host, has to be asked. */
static const struct {
    enum verdict_limit side;
    const char *part;
} causes[FAILURE_COUNT] = {
    [FAILURE_timeout] = {LIMIT_TARGET, "listen queue, or a firewall"},
    [FAILURE_refused] = {LIMIT_TARGET, "listener"},
    [FAILURE_reset] = {LIMIT_TARGET, "program, or accept queue"},
    [FAILURE_unreachable] = {LIMIT_NETWORK, "route"},
    [FAILURE_close_timeout] = {LIMIT_TARGET, "accept queue"},
    [FAILURE_peer_not_closed] = {LIMIT_TARGET, "program"},
    [FAILURE_hold_cut_short] = {LIMIT_TARGET, "limit on idle connections"},
    [FAILURE_data_timeout] = {LIMIT_TARGET, "program, or accept queue"},
    [FAILURE_stalled] = {LIMIT_TARGET, "program"},
    [FAILURE_truncated] = {LIMIT_TARGET, "program"},
    [FAILURE_tls_timeout] = {LIMIT_TARGET, "TLS"},
    [FAILURE_tls_alert] = {LIMIT_TARGET, "TLS"},
    [FAILURE_tls_alert_sent] = {LIMIT_TARGET, "TLS"},
    [FAILURE_tls_untrusted] = {LIMIT_TARGET, "TLS"},
    [FAILURE_tls_closed] = {LIMIT_TARGET, "TLS"},
    [FAILURE_alpn] = {LIMIT_TARGET, "TLS"},
    [FAILURE_tls] = {LIMIT_TARGET, "TLS"},
    [FAILURE_http] = {LIMIT_TARGET, "HTTP"},
    [FAILURE_protocol] = {LIMIT_TARGET, "program"},
    [FAILURE_unanswered] = {LIMIT_TARGET, "program"},
};

/* Frames that are lost at random are SYNs as well as others, by shares of one size. */
static const double RANDOM_LEAST = 0.005, RANDOM_RATIO = 8;

static uint64_t
counted(const struct result *r, enum stat_counter counter)
{
    return r->totals.counters[counter];
}

static void
read_silence(struct signs *s, const struct result *r)
{
    if (r->dead_man.has_fired)
        signs_add(s, &(struct sign){LIMIT_TARGET, SIGN_FAILURE, 1, "silence", ""},
                  "nothing came from the target after %.2f s though it was asked",
                  r->dead_man.silent_s);
}

/* A host rejects what its own firewall does not want, or where nothing listens for it. */
static bool
is_said_by_a_target(const struct result *r)
{
    const struct icmp_origin *o = &r->icmp[ICMP_KIND_UNREACHABLE - ICMP_KIND_UNREACHABLE];

    for (unsigned i = 0; o->is_set && i < r->conf->n_targets; i++)
        if (ip_equal(&o->from, &r->conf->targets[i].addr))
            return true;
    return false;
}

static enum verdict_limit
side_of(const struct result *r, unsigned cause)
{
    return cause == FAILURE_unreachable && is_said_by_a_target(r) ? LIMIT_TARGET
                                                                  : causes[cause].side;
}

/* The most frequent cause first, since the first one tells the part. It stands for all of its side:
 * several that are rare are not. */
static void
read_failures(struct signs *s, const struct result *r)
{
    bool is_read[FAILURE_COUNT] = {0};
    uint64_t of_side[LIMIT_COUNT + 1] = {0};

    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        if (causes[i].part != NULL)
            of_side[side_of(r, i)] += r->totals.failures[i];

    for (;;) {
        unsigned most = FAILURE_COUNT;
        struct sign sign = {.kind = SIGN_FAILURE};
        char n[FORMAT_TEXT_MAX], all[FORMAT_TEXT_MAX];

        for (unsigned i = 0; i < FAILURE_COUNT; i++)
            if (causes[i].part != NULL && !is_read[i] && r->totals.failures[i] > 0 &&
                (most == FAILURE_COUNT || r->totals.failures[i] > r->totals.failures[most]))
                most = i;
        if (most == FAILURE_COUNT)
            return;
        is_read[most] = true;
        s->n_failed += r->totals.failures[most];
        sign.side = side_of(r, most);
        sign.share =
            sign_share(of_side[sign.side] > 0 ? of_side[sign.side] : r->totals.failures[most],
                       counted(r, CTR_attempted));
        of_side[sign.side] = 0;
        snprintf(sign.part, sizeof(sign.part), "%s",
                 sign.side == causes[most].side ? causes[most].part : "firewall");
        signs_add(s, &sign, "%s of %s connections: %s", format_grouped(r->totals.failures[most], n),
                  format_grouped(counted(r, CTR_attempted), all), stat_failure_names[most].meaning);
    }
}

/* Requests fail on connections that do not: the target says no, or something else than was asked
 * for. No frame that is lost explains a whole answer. */
static void
read_requests(struct signs *s, const struct result *r)
{
    unsigned base = CTR_COUNT + proto_counter_base(proto_by_name("http1"));
    uint64_t all = counted(r, CTR_requests);

    for (unsigned i = HTTP_FAILED_NOT + 1; r->has_http && i < HTTP_FAILURE_COUNT; i++) {
        enum http_counter counter = http_failure_counters[i];
        uint64_t n = r->totals.counters[base + counter];
        char some[FORMAT_TEXT_MAX], whole[FORMAT_TEXT_MAX];

        if (n == 0)
            continue;
        if (i == HTTP_FAILED_unexpected_status || i == HTTP_FAILED_wrong_body)
            s->n_failed += n;
        signs_add(s, &(struct sign){LIMIT_TARGET, SIGN_FAILURE, sign_share(n, all), "HTTP", ""},
                  "%s of %s requests: %s", format_grouped(n, some), format_grouped(all, whole),
                  http_counters[counter].help);
    }
}

/* The first timeout of a SYN-ACK (RFC 6298 2), less what it takes there and back. */
static const uint64_t SYNACK_NS = 900 * NS_PER_MS;

/* SYNs that are sent again before a handshake is given up, as a rule. */
static const uint64_t SYNS_AGAIN = 2;

/* SYN-ACKs that came again for our sake: for a SYN of ours that did and was answered, or while we
 * were kept from sending the ACK. */
static uint64_t
repeated_for_us(const struct result *r)
{
    double paused = r->duration_s <= 0 ? 1
                                       : (double)report_result_all_sum(r, CTR_long_polls_ns) /
                                             (r->duration_s * (double)NS_PER_SEC);
    uint64_t syns = counted(r, CTR_syn_retransmits);
    uint64_t n = syns - u64_min(syns, SYNS_AGAIN * r->totals.failures[FAILURE_timeout]);

    if (signs_longest_pause_ns(r) >= SYNACK_NS)
        n += (uint64_t)((double)counted(r, CTR_attempted) * (paused > 1 ? 1 : paused));
    return n;
}

/* Evidence that the application has not got them; where nothing failed it has got them later. */
static void
read_repeated(struct signs *s, const struct result *r)
{
    uint64_t all = counted(r, CTR_synack_repeated), ours = repeated_for_us(r);
    uint64_t n = all > ours ? all - ours : 0;
    struct sign sign = {LIMIT_TARGET, s->n_failed > 0 ? SIGN_FAILURE : SIGN_SLOW,
                        sign_share(n, counted(r, CTR_established)), "accept queue", ""};

    if (n > 0)
        signs_add(s, &sign,
                  "%" PRIu64 " SYN-ACKs came again after our ACK: the target had no connection", n);
}

static void
read_unconfirmed(struct signs *s, const struct result *r)
{
    uint64_t all = report_result_to_confirm(r), n = report_result_unconfirmed(r);

    if (report_result_has_confirm(r) && n > 0)
        signs_add(
            s, &(struct sign){LIMIT_TARGET, SIGN_FAILURE, sign_share(n, all), "accept queue", ""},
            "%" PRIu64 " connections were established, and nothing proves that the target's "
            "program had them",
            n);
}

/* Each waited for more than a second before that was found out, if it did not fail: no pause of a
 * generator's. */
static void
read_path_mtu(struct signs *s, const struct result *r)
{
    uint64_t n = counted(r, CTR_path_mtu_holes);

    if (n > 0)
        signs_add(s,
                  &(struct sign){LIMIT_NETWORK, SIGN_FAILURE,
                                 sign_share(n, counted(r, CTR_established)), "path MTU", ""},
                  "of %" PRIu64 " connections no full segment came through, and short ones did: "
                  "the path drops long ones in silence",
                  n);
}

static void
read_path(struct signs *s, const struct result *r)
{
    uint64_t downs = report_result_all_sum(r, CTR_link_downs);
    uint64_t hops = counted(r, CTR_next_hop_silent) + counted(r, CTR_next_hop_changed);
    uint64_t loops = counted(r, CTR_icmp_time_exceeded);
    enum sign_kind kind = s->n_failed > 0 ? SIGN_FAILURE : SIGN_SLOW;

    if (downs > 0)
        signs_add(s, &(struct sign){LIMIT_NETWORK, kind, 1, "link", ""},
                  "the link of this port went down %" PRIu64 " times", downs);
    if (hops > 0)
        signs_add(s, &(struct sign){LIMIT_NETWORK, kind, 1, "next hop", ""},
                  "a next hop fell silent or changed %" PRIu64 " times", hops);
    if (loops > 0)
        signs_add(s,
                  &(struct sign){LIMIT_NETWORK, kind, sign_share(loops, counted(r, CTR_attempted)),
                                 "route", ""},
                  "%" PRIu64 " packets ran out of hops on their way", loops);
}

/* Whether it strikes SYNs as well as others, and what is sent again comes through. */
static bool
is_random(const struct result *r, double of_syns, double of_others)
{
    uint64_t given_up =
        r->totals.failures[FAILURE_close_timeout] + r->totals.failures[FAILURE_data_timeout];

    return of_syns >= RANDOM_LEAST && of_others >= RANDOM_LEAST &&
           of_syns < of_others * RANDOM_RATIO && !r->dead_man.has_fired &&
           sign_share(given_up, counted(r, CTR_established)) <= of_others;
}

static void
read_loss(struct signs *s, const struct result *r)
{
    uint64_t syns = counted(r, CTR_syn_retransmits);
    uint64_t others = counted(r, CTR_retransmits) - syns;
    double of_syns = sign_share(syns, counted(r, CTR_attempted));
    double of_others = sign_share(others, counted(r, CTR_tx_packets) - counted(r, CTR_attempted));
    bool strikes_all = is_random(r, of_syns, of_others);
    struct sign loss = {LIMIT_NETWORK, strikes_all ? SIGN_FAILURE : SIGN_SLOW, of_others, "loss",
                        ""};
    struct sign queue = {LIMIT_TARGET, SIGN_SLOW, of_syns, "listen queue, or a firewall", ""};

    if (others > 0)
        signs_add(s, &loss, "%" PRIu64 " segments other than SYNs were sent again", others);
    if (syns > 0 && !strikes_all)
        signs_add(s, &queue, "%" PRIu64 " SYNs had to be sent again", syns);
}

void
signs_of_target(struct signs *s, const struct result *r)
{
    read_silence(s, r);
    read_failures(s, r);
    read_requests(s, r);
    read_repeated(s, r);
    read_unconfirmed(s, r);
    read_path_mtu(s, r);
    read_path(s, r);
    read_loss(s, r);
    signs_of_waiting(s, r);
}
