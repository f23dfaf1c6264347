/* SPDX-License-Identifier: BSD-3-Clause */
/* See hints_ends.h. A server is told nothing of this: it is its clients' to look after. */
#include "report/hints_ends.h"

static bool
client_counted(const struct result *r, enum stat_counter counter)
{
    return report_result_role_sum(r, ROLE_CLIENT, counter) > 0;
}

static bool
client_failed_by(const struct result *r, enum stat_failure cause)
{
    return report_result_role_failures(r, ROLE_CLIENT, cause) > 0;
}

static bool
wants_connection(const struct result *r)
{
    return client_counted(r, CTR_synack_repeated);
}

static bool
wants_no_reset(const struct result *r)
{
    return client_failed_by(r, FAILURE_reset);
}

static bool
wants_fin_acknowledged(const struct result *r)
{
    return client_failed_by(r, FAILURE_close_timeout);
}

static bool
wants_close(const struct result *r)
{
    return client_failed_by(r, FAILURE_peer_not_closed);
}

static bool
wants_hold(const struct result *r)
{
    return client_failed_by(r, FAILURE_hold_cut_short);
}

static bool
wants_fewer_requests(const struct result *r)
{
    return client_failed_by(r, FAILURE_truncated) && r->conf->classes[0].requests > 1;
}

/* Not all that is open could still have failed: the user's second Ctrl-C ends it, too. */
static bool
is_open_at_the_end(const struct result *r, bool is_held)
{
    uint64_t held = r->totals.open_by[OPEN_holding];

    return !r->is_running && !r->interrupted && r->conf->stop != STOP_NOW &&
           (is_held ? held > 0 : r->totals.open > held);
}

static bool
wants_drain(const struct result *r)
{
    return is_open_at_the_end(r, false);
}

static bool
wants_end_of_hold(const struct result *r)
{
    return is_open_at_the_end(r, true);
}

static bool
wants_way(const struct result *r)
{
    return client_counted(r, CTR_icmp_time_exceeded);
}

static bool
wants_sound_header(const struct result *r)
{
    return client_counted(r, CTR_icmp_param_problem);
}

/* Segments are made smaller; a SYN cannot be. */
static bool
wants_mtu(const struct result *r)
{
    return client_counted(r, CTR_icmp_too_big) && !client_counted(r, CTR_path_mtu_changes);
}

static bool
wants_long_segments(const struct result *r)
{
    return r->totals.counters[CTR_path_mtu_holes] > 0;
}

static bool
wants_whole_packets(const struct result *r)
{
    return client_counted(r, CTR_fragments);
}

/* Those of 3xx that name another place (RFC 9110 15.4): 304 is an answer about the one asked for.
 */
static bool
wants_another_place(const struct result *r)
{
    for (unsigned status = 300; status < 400 && r->has_http; status++)
        if (status != 304 && r->http.statuses[status] > 0)
            return true;
    return false;
}

/* On loopback the target is this program, which counts what it takes. */
static bool
wants_witness(const struct result *r)
{
    const struct conf *c = r->conf;

    for (unsigned i = 0; i < c->n_classes; i++) {
        const struct conf_class *k = &c->classes[i];

        if (k->close == CLOSE_RST && !k->is_tls && k->hold_ns == 0 && k->send_bytes == 0 &&
            k->receive_bytes == 0)
            return !c->is_loopback && r->totals.counters[CTR_closed] > 0;
    }
    return false;
}

const struct hint hints_ends[] = {
    {"hops_ran_out", HINT_RUN, wants_way,
     "Packets of ours were given up on their way because their hops ran out: {icmp}. That is a "
     "routing loop, as a rule. Connections went on all the same.",
     "traceroute -n TARGET"},
    {"headers_refused", HINT_RUN, wants_sound_header,
     "Something could not make sense of the IP headers of our packets: {icmp}. Does it, or "
     "something before it, change packets on their way?",
     NULL},
    {"smallest_too_big", HINT_RUN, wants_mtu,
     "A router says that packets of ours are too big for a link, but they are as small as they "
     "can be: {icmp}. Compare the MTU of every hop.",
     NULL},
    {"path_mtu_hole", HINT_RUN, wants_long_segments,
     "Full-sized segments to the target went out again and again in vain, and shorter ones came "
     "through: a link on the way has a smaller MTU, and something keeps the ICMP errors that "
     "should say so (RFC 2923 2.1). Let them through, or try a smaller --mss.",
     "tracepath -n TARGET"},
    {"fragments", HINT_RUN, wants_whole_packets,
     "The target's packets came in fragments, which are ignored here: a link on the way has a "
     "smaller MTU than the target thinks, and something lets it not find out (RFC 8900). Try a "
     "smaller --mss.",
     NULL},
    {"not_accepted", HINT_RUN, wants_connection,
     "SYN-ACKs came again after they had been acknowledged: the target counts no connection yet. "
     "Its accept queue is full (ss -ltn: Recv-Q beyond Send-Q), it waits for data first "
     "(TCP_DEFER_ACCEPT), a SYN proxy stands before it, or our ACKs were lost. On the target:",
     "nstat -az TcpExtListenOverflows TcpExtTCPDeferAcceptDrop"},
    {"resets", HINT_RUN, wants_no_reset,
     "The target reset connections that were established: its program closed them with bytes "
     "unread, or crashed, or its accept queue was closed, or full with "
     "net.ipv4.tcp_abort_on_overflow. Its log may say why. On the target:",
     "nstat -az TcpExtListenOverflows TcpExtTCPAbortOnData TcpExtTCPAbortOnClose"},
    {"fin_not_acknowledged", HINT_RUN, wants_fin_acknowledged,
     "The target answered SYNs and never acknowledged the FIN: with SYN cookies that is how a full "
     "accept queue looks. Or something on the way forgot the connection: a firewall, a balancer, a "
     "SYN proxy. On the target:",
     "nstat -az TcpExtListenOverflows TcpExtSyncookiesSent"},
    {"not_closed", HINT_RUN, wants_close,
     "The target acknowledged the FIN and kept its own side open: its program does not accept the "
     "connection, or does not close when it reads the end. On the target:",
     "ss -tn state close-wait"},
    {"hold_cut_short", HINT_RUN, wants_hold,
     "The target closed connections before --hold was over: a limit on idle connections, of its "
     "server or of a balancer before it, is shorter. Raise that, or hold for less.",
     NULL},
    {"own_requests", HINT_RUN, wants_fewer_requests,
     "The target closed before the last of --requests: a limit on the requests of a connection, of "
     "its server or of a balancer before it, is lower. Raise that, or ask for fewer.",
     NULL},
    {"redirects_not_followed", HINT_RUN, wants_another_place,
     "The target answered with redirects (HTTP statuses 3xx), and these were not followed: each "
     "counts as the response, by its status, and is what was measured. To measure the place that "
     "it names, give that as the URL; to have them count as failures, --expect 200-299.",
     "curl -sI URL"},
    {"own_close_unconfirmed", HINT_RUN, wants_witness,
     "With --close rst, no payload and no --hold nothing of the target's but its SYN-ACKs confirms "
     "these connections: one with a full accept queue, with TCP_DEFER_ACCEPT or with a SYN proxy "
     "before it looks the same. Compare with what it has counted. On the target:",
     "nstat -az TcpPassiveOpens TcpAttemptFails"},
    {"open_at_the_end", HINT_RUN, wants_drain,
     "Connections were under way when --drain was over: whether they would have failed is not "
     "known. Without --drain each is waited for until it ends or its timeout comes, unless it "
     "makes progress all the time.",
     NULL},
    {"held_at_the_end", HINT_RUN, wants_end_of_hold,
     "Connections were held when --drain was over, and reset. Raise --drain or leave it out, or "
     "let them close with the load: --stop drain. With --close peer it is the target that keeps "
     "them open.",
     NULL},
    {0},
};
