/* SPDX-License-Identifier: BSD-3-Clause */
/* See hints.h. */
#include "report/hints.h"

#include <string.h>

#include "base/units.h"
#include "base/wrap.h"
#include "report/format.h"
#include "report/hints_ends.h"
#include "report/hints_generator.h"
#include "report/hints_tls.h"
#include "report/icmp_text.h"
#include "report/own_lists.h"

static bool
has_failed_by(const struct result *r, enum stat_failure cause)
{
    return r->totals.failures[cause] > 0;
}

static bool
nothing_established(const struct result *r)
{
    return r->totals.counters[CTR_established] == 0;
}

static const struct conf_class *
first_class(const struct result *r)
{
    return &r->conf->classes[conf_first_class(r->conf)];
}

static bool
wants_cores(const struct result *r)
{
    return report_result_all_sum(r, CTR_rx_missed) > 0;
}

static bool
wants_segmentation_off(const struct result *r)
{
    return r->totals.counters[CTR_rx_cut_off] > 0;
}

/* What failed meanwhile is explained by it, and by nothing else. */
static bool
wants_link(const struct result *r)
{
    return report_result_all_sum(r, CTR_link_downs) > 0;
}

/* A link that is down takes nothing either. */
static bool
wants_shorter_frames(const struct result *r)
{
    return report_result_all_sum(r, CTR_tx_given_up) > 0 && !wants_link(r);
}

static bool
wants_listener(const struct result *r)
{
    return has_failed_by(r, FAILURE_refused) && nothing_established(r);
}

/* What a server of ours refused because it was told to. */
static bool
wants_no_limit(const struct result *r)
{
    return report_result_all_sum(r, CTR_limited) > 0;
}

static bool
wants_backlog(const struct result *r)
{
    return has_failed_by(r, FAILURE_refused) && !nothing_established(r) && !wants_no_limit(r);
}

/* Without repetition one lost frame is a failure; RFC 6298 2.1 repeats a SYN after a second. */
static bool
wants_longer_connect_timeout(const struct result *r)
{
    return has_failed_by(r, FAILURE_timeout) && first_class(r)->connect_timeout_ns <= NS_PER_SEC;
}

static bool
wants_path(const struct result *r)
{
    return has_failed_by(r, FAILURE_timeout) && nothing_established(r) && !wants_link(r) &&
           r->totals.counters[CTR_bad_checksum] == 0;
}

static bool
wants_less_rate(const struct result *r)
{
    return has_failed_by(r, FAILURE_timeout) && !nothing_established(r) &&
           !wants_longer_connect_timeout(r) && !wants_cores(r) && !wants_link(r);
}

static bool
wants_answering_clients(const struct result *r)
{
    return (has_failed_by(r, FAILURE_timeout) || has_failed_by(r, FAILURE_half_open_dropped)) &&
           r->totals.counters[CTR_bad_checksum] == 0 && !wants_link(r);
}

static bool
wants_more_connections(const struct result *r)
{
    return has_failed_by(r, FAILURE_crowded_out);
}

static bool
wants_patience(const struct result *r)
{
    return has_failed_by(r, FAILURE_idle_timeout);
}

static bool
wants_route(const struct result *r)
{
    return has_failed_by(r, FAILURE_unreachable);
}

static bool
wants_records(const struct result *r)
{
    enum role role = report_result_totals_role(r);

    return report_result_role_sum(r, role, CTR_records_exhausted) +
               report_result_role_sum(r, role, CTR_conn_limit_reached) >
           0;
}

static bool
wants_acknowledgement(const struct result *r)
{
    return has_failed_by(r, FAILURE_data_timeout) && r->totals.counters[CTR_window_probes] == 0 &&
           r->totals.counters[CTR_path_mtu_holes] == 0 &&                    /* and this, too */
           report_result_role_sum(r, ROLE_CLIENT, CTR_synack_repeated) == 0; /* that says more */
}

static bool
wants_reader(const struct result *r)
{
    return has_failed_by(r, FAILURE_data_timeout) && r->totals.counters[CTR_window_probes] > 0;
}

static bool
wants_sender(const struct result *r)
{
    return has_failed_by(r, FAILURE_stalled) && r->totals.counters[CTR_rx_payload_bytes] == 0;
}

static bool
wants_more_sent(const struct result *r)
{
    return has_failed_by(r, FAILURE_stalled) && r->totals.counters[CTR_rx_payload_bytes] > 0;
}

static bool
wants_less_asked(const struct result *r)
{
    return has_failed_by(r, FAILURE_truncated);
}

/* A proxy that answers SYNs for a server knows it only after the handshake, and drops what came
 * with its last ACK: the FIN is then sent once more by nearly every connection. */
static const uint64_t APART_MIN = 10; /* fewer connections prove nothing */

static bool
wants_apart(const struct result *r)
{
    const struct conf_class *k = first_class(r);
    const uint64_t *c = r->totals.counters;
    uint64_t n = c[CTR_established];

    return k->piggyback && k->hold_ns == 0 && k->close == CLOSE_FIN && !k->is_tls &&
           n >= APART_MIN && c[CTR_rx_payload_bytes] + c[CTR_tx_payload_bytes] == 0 &&
           c[CTR_retransmits] >= n - n / 10 && c[CTR_retransmits] <= n + n / 5 + 1;
}

static bool
wants_streams(const struct result *r)
{
    return report_result_all_sum(r, CTR_streams_exhausted) > 0;
}

static bool
wants_no_gaps(const struct result *r)
{
    return report_result_all_sum(r, CTR_reassembly_dropped) > 0;
}

static bool
wants_next_hop(const struct result *r)
{
    return r->totals.counters[CTR_next_hop_silent] > 0 && !wants_link(r);
}

static bool
wants_one_next_hop(const struct result *r)
{
    return r->totals.counters[CTR_next_hop_changed] > 0;
}

/* Some drivers complain of what does no harm, so it takes harm as well; or a line for every frame.
 */
static const uint64_t MANY_LINES = 100;

static bool
wants_driver(const struct result *r)
{
    uint64_t lines = r->host.driver_lines;

    return lines >= MANY_LINES || (lines > 0 && (r->totals.counters[CTR_failed] > 0 ||
                                                 report_result_all_sum(r, CTR_tx_dropped) > 0));
}

/* "12 lines of errors, the first of them" */
static void
driver_text(const struct result *r, char *text, size_t size)
{
    char lines[FORMAT_TEXT_MAX];

    snprintf(text, size, "%s line%s of errors%s: %s", format_grouped(r->host.driver_lines, lines),
             r->host.driver_lines == 1 ? "" : "s",
             r->host.driver_lines == 1 ? "" : ", the first of them", r->host.driver_said);
}

/* What this machine did itself comes first. */
static const struct hint hints[] = {
    {"link_down", HINT_BOTH, wants_link,
     "The link of this side's own port went down in the run, or its interface vanished "
     "(link_downs, "
     "link_down_ns): what was due meanwhile is lost, and is not the {peer}'s. Look at the cable, "
     "the switch's port, and the interface at the other end.",
     NULL},
    {"own_cores_missed", HINT_RUN, wants_cores,
     "A port dropped frames because its core was too slow or not its own: these are lost on this "
     "machine, not by the target. Use more --lcores, a lower --rate, or cores that nothing else "
     "uses.",
     NULL},
    {"own_cores_missed", HINT_SERVE, wants_cores,
     "A port dropped frames because its core was too slow or not its own: these are lost on this "
     "machine, not by the clients. Use more --lcores, or cores that nothing else uses.",
     NULL},
    {"port_refuses_frames", HINT_BOTH, wants_shorter_frames,
     "This side's own port would not take some frames, so they were given up (tx_given_up) and are "
     "not the {peer}'s loss. They may be longer than its interface's MTU, or of a kind that the "
     "driver offers to send and does not: compare the MTU here, try --mss 536 and --offload no.",
     "ip link"},
    {"driver_complained", HINT_BOTH, wants_driver,
     "The device's driver, DPDK or a library under them wrote {driver}", NULL},
    {"peer_leaves_segmentation", HINT_BOTH, wants_segmentation_off,
     "Frames broke off because they were longer than the device's buffers: on virtual interfaces a "
     "kernel leaves it to a NIC that is not there to cut what it sends. With more memory available "
     "to this process they come whole; or switch that off on the {peer}'s end:",
     "ethtool -K IFACE gso off tso off gro off"},
    {"nothing_listens", HINT_RUN, wants_listener,
     "The target answers, but nothing listens on that port. On the target:", "ss -ltn"},
    {"limited", HINT_BOTH, wants_no_limit,
     "More connections came than --limit-cps takes in a second: those beyond it were refused, or "
     "with --limit-mode drop got no answer, as was asked for (limited).",
     NULL},
    {"refuses_some", HINT_RUN, wants_backlog,
     "The target refused some connections while it took others: its server was restarted, a "
     "firewall rejects some, or a full listen queue is answered with RST "
     "(net.ipv4.tcp_abort_on_overflow).",
     NULL},
    {"next_hop_silent", HINT_RUN, wants_next_hop,
     "A next hop (the target, or --gateway) fell silent: nothing got through it, and it did not "
     "answer ARP or neighbor discovery at its MAC address. What was sent meanwhile is lost: did "
     "the device at the other end go down, or was it replaced?",
     NULL},
    {"next_hop_changed", HINT_RUN, wants_one_next_hop,
     "A next hop (the target, or --gateway) changed its MAC address, as after a failover (VRRP, a "
     "balancer): what went to the old one is lost. Or two stations claim one address.",
     NULL},
    {"silence", HINT_RUN, wants_path,
     "Not one SYN was answered. Check that a firewall does not drop them, that the port is right, "
     "and that the target has a route back to the local addresses. On the target:",
     "tcpdump -ni IFACE tcp"},
    {"own_connect_timeout", HINT_RUN, wants_longer_connect_timeout,
     "--connect-timeout is so short that no SYN is sent a second time, which is due after 1 s: "
     "each lost frame, and each slow answer, is a failed connection. Try 5s, the default.",
     NULL},
    {"some_syns_lost", HINT_RUN, wants_less_rate,
     "Some SYNs were never answered: the target's listen queue overflowed (nstat -az "
     "TcpExtListenOverflows), something between drops them, or the rate is beyond what the target "
     "takes. Try a lower --rate.",
     NULL},
    {"half_open", HINT_SERVE, wants_answering_clients,
     "Clients sent SYNs and did not answer our SYN-ACKs. Have they a route back to the local "
     "addresses? Does a firewall on the way drop SYN-ACKs? If neither, it is half-open load, a "
     "scan or a flood (RFC 4987). On a client:",
     "tcpdump -ni IFACE tcp"},
    {"unreachable", HINT_RUN, wants_route,
     "A router or the target says that the address or port cannot be reached: {icmp}. Check the "
     "target's address, --gateway, and firewalls that reject instead of drop.",
     NULL},
    {"own_connections", HINT_RUN, wants_records,
     "Connections could not begin because as many as --connections allows were open: raise "
     "--connections, or lower --rate or --hold.",
     NULL},
    {"own_connections", HINT_SERVE, wants_records,
     "SYNs were dropped because not one connection record was left for them: raise "
     "--connections.",
     NULL},
    {"crowded_out", HINT_SERVE, wants_more_connections,
     "Connections that had been idle longest were reset, because as many as --connections allows "
     "were open, or clients made serve hold as much payload as this host has memory for. If they "
     "were wanted, raise --connections, or lower --window; if not, an --idle-timeout that is "
     "shorter ends them sooner.",
     NULL},
    {"idle_timeout", HINT_SERVE, wants_patience,
     "Connections were reset because no payload had moved on them for --idle-timeout: their "
     "clients are gone without a word, do not read, or hold them for longer. For clients that do, "
     "raise it; 0 is never.",
     NULL},
    {"not_acknowledged", HINT_BOTH, wants_acknowledgement,
     "Payload was sent and not acknowledged in time, although the handshake was: the {peer} died, "
     "or frames are lost on the way. Where not one transfer succeeds it may be the large ones "
     "only: try --mss 536, and compare the MTU of every hop.",
     NULL},
    {"not_read", HINT_BOTH, wants_reader,
     "The {peer} stopped reading: its receive window closed and stayed so. Does its program still "
     "take bytes? If not they pile up there in the column Recv-Q:",
     "ss -tn"},
    {"sends_nothing", HINT_RUN, wants_sender,
     "The target kept connections open and sent no payload at all. One that waits for a request "
     "needs --send; shakedown serve sends only with --bytes or --echo.",
     NULL},
    {"own_receive_stalls", HINT_RUN, wants_more_sent,
     "The target sent less than --receive and then nothing, with the connection open: is --receive "
     "larger than what it sends (shakedown serve: --bytes)? If not, it is stuck.",
     NULL},
    {"own_receive_is_long", HINT_RUN, wants_less_asked,
     "The target closed before all of --receive had come: is --receive larger than what it sends "
     "(shakedown serve: --bytes)? If not, it gave up; its log may say why.",
     NULL},
    {"own_piggyback", HINT_RUN, wants_apart,
     "Nearly every connection had to send its FIN twice. Something before the target, such as a "
     "SYN proxy, takes the handshake's last ACK and drops the FIN that rides on it; each "
     "connection waits for a timeout then. Try --piggyback no.",
     NULL},
    {"streams_exhausted", HINT_RUN, wants_streams,
     "More connections carried payload at once than there is memory for: lower --connections or "
     "--rate.",
     NULL},
    {"streams_exhausted", HINT_SERVE, wants_streams,
     "More connections carried payload at once than there is memory for: raise --connections, or "
     "let clients open fewer.",
     NULL},
    {"gaps", HINT_BOTH, wants_no_gaps,
     "Frames were lost or overtook each other on the way, and there was no room to keep all that "
     "came after the gaps: it is sent once more, and goodput is less than it could be. Look for "
     "the loss (rx_missed here, nstat -az TcpRetransSegs there), or have fewer connections at "
     "once.",
     NULL},
    {0},
};

static const struct hint *const tables[] = {hints_generator, hints, hints_tls, hints_ends};

/* Write the value of the placeholder that @p begins with. @return its length; 0: it is none */
static size_t
expand(const char *p, const struct result *r, char *value, size_t size)
{
    value[0] = '\0';
    if (strncmp(p, "{peer}", 6) == 0) {
        bool is_client = report_result_totals_role(r) == ROLE_CLIENT;

        snprintf(value, size, "%s", is_client ? "target" : "client");
        return 6;
    }
    if (strncmp(p, "{icmp}", 6) == 0) {
        icmp_text(r, value, size);
        return 6;
    }
    if (strncmp(p, "{driver}", 8) == 0) {
        driver_text(r, value, size);
        return 8;
    }
    if (strncmp(p, "{lists}", 7) == 0) {
        own_lists_text(r, value, size);
        return 7;
    }
    if (strncmp(p, "{s_client}", 10) == 0) {
        own_lists_s_client(r, value, size);
        return 10;
    }
    return 0;
}

static void
fill_in(const char *text, const struct result *r, char out[static HINT_TEXT_MAX])
{
    char value[HINT_TEXT_MAX / 2];
    size_t used = 0;

    out[0] = '\0';
    while (text != NULL && *text != '\0' && used < HINT_TEXT_MAX - 1) {
        size_t length = *text == '{' ? expand(text, r, value, sizeof(value)) : 0;

        if (length == 0)
            snprintf(value, sizeof(value), "%c", *text);
        snprintf(out + used, HINT_TEXT_MAX - used, "%s", value);
        used += strlen(out + used);
        text += length == 0 ? 1 : length;
    }
}

/* Row @i of all tables; NULL behind the last. */
static const struct hint *
hint_at(unsigned i)
{
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (const struct hint *h = tables[t]; h->name != NULL; h++)
            if (i-- == 0)
                return h;
    return NULL;
}

bool
hints_next(const struct result *r, unsigned *cursor, struct advice *a)
{
    unsigned whom = 1U << report_result_totals_role(r);
    const struct hint *h;

    while ((h = hint_at((*cursor)++)) != NULL)
        if ((h->whom & whom) != 0 && h->applies(r)) {
            a->name = h->name;
            fill_in(h->text, r, a->text);
            fill_in(h->command, r, a->command);
            return true;
        }
    return false;
}

unsigned
hints_write(FILE *out, const struct result *r)
{
    static const struct wrap paragraph = {.indent = 2, .hang = 2, .width = WRAP_TERMINAL};
    unsigned cursor = 0, n = 0;
    struct advice a;

    for (; hints_next(r, &cursor, &a); n++) {
        char text[sizeof("* ") + sizeof(a.text)];

        fputs(n == 0 ? "\nwhat may help\n" : "", out);
        snprintf(text, sizeof(text), "* %s", a.text);
        wrap_write(out, &paragraph, text, 0);
        if (a.command[0] != '\0')
            fprintf(out, "      %s\n", a.command);
    }
    return n;
}
