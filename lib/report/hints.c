/* SPDX-License-Identifier: BSD-3-Clause */
/* See hints.h. */
#include "report/hints.h"

#include <string.h>

#include "base/units.h"
#include "report/hints_tls.h"

static bool
has_failed_by(const struct result *r, enum stat_failure cause)
{
    return r->totals.failures[cause] > 0;
}

/* Over the cores of both sides, where loopback has both. */
static uint64_t
sum_of_all(const struct result *r, enum stat_counter counter)
{
    return report_result_role_sum(r, ROLE_CLIENT, counter) +
           report_result_role_sum(r, ROLE_SERVER, counter);
}

/* On the client alone: advice that names its options is no use to a server. */
static bool
client_failed_by(const struct result *r, enum stat_failure cause)
{
    return report_result_role_failures(r, ROLE_CLIENT, cause) > 0;
}

static bool
nothing_established(const struct result *r)
{
    return r->totals.counters[CTR_established] == 0;
}

/* Devices whose frames come from a kernel's virtual interface. */
static bool
is_kernel_device(const struct result *r)
{
    static const char *const names[] = {"af_packet", "af_xdp", "net_tap"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strstr(r->conf->device, names[i]) != NULL || strstr(r->host.driver, names[i]) != NULL)
            return true;
    return false;
}

/* Whether every frame that carried TCP was bad: ARP has no checksum, and the kernel computes those
 * of ICMP itself. */
static bool
all_checksums_are_bad(const struct result *r)
{
    const uint64_t *c = r->totals.counters;
    uint64_t others = c[CTR_arp_received] + c[CTR_ndp_received] + c[CTR_icmp_echoed] +
                      c[CTR_icmp_errors] + c[CTR_not_ours] + c[CTR_bad_header];

    return c[CTR_bad_checksum] > 0 && c[CTR_bad_checksum] + others >= c[CTR_rx_packets];
}

static bool
wants_offload_off(const struct result *r)
{
    return is_kernel_device(r) && all_checksums_are_bad(r);
}

static bool
wants_listener(const struct result *r)
{
    return has_failed_by(r, FAILURE_refused) && nothing_established(r);
}

static bool
wants_backlog(const struct result *r)
{
    return has_failed_by(r, FAILURE_refused) && !nothing_established(r);
}

static bool
wants_path(const struct result *r)
{
    return has_failed_by(r, FAILURE_timeout) && nothing_established(r) &&
           r->totals.counters[CTR_bad_checksum] == 0;
}

static bool
wants_less_rate(const struct result *r)
{
    return has_failed_by(r, FAILURE_timeout) && !nothing_established(r);
}

static bool
wants_route(const struct result *r)
{
    return has_failed_by(r, FAILURE_unreachable);
}

static bool
wants_records(const struct result *r)
{
    return report_result_role_sum(r, ROLE_CLIENT, CTR_records_exhausted) +
               report_result_role_sum(r, ROLE_CLIENT, CTR_conn_limit_reached) >
           0;
}

static bool
wants_acknowledgement(const struct result *r)
{
    return has_failed_by(r, FAILURE_data_timeout) && r->totals.counters[CTR_window_probes] == 0;
}

static bool
wants_reader(const struct result *r)
{
    return has_failed_by(r, FAILURE_data_timeout) && r->totals.counters[CTR_window_probes] > 0;
}

static bool
wants_sender(const struct result *r)
{
    return client_failed_by(r, FAILURE_stalled) && r->totals.counters[CTR_rx_payload_bytes] == 0;
}

static bool
wants_more_sent(const struct result *r)
{
    return client_failed_by(r, FAILURE_stalled) && r->totals.counters[CTR_rx_payload_bytes] > 0;
}

static bool
wants_less_asked(const struct result *r)
{
    return client_failed_by(r, FAILURE_truncated);
}

static bool
wants_streams(const struct result *r)
{
    return sum_of_all(r, CTR_streams_exhausted) > 0;
}

static bool
wants_no_gaps(const struct result *r)
{
    return sum_of_all(r, CTR_reassembly_dropped) > 0;
}

static bool
wants_cores(const struct result *r)
{
    return sum_of_all(r, CTR_rx_missed) > 0;
}

static const struct hint hints[] = {
    {wants_offload_off,
     "  Every TCP frame that came in had a bad checksum: on virtual interfaces the kernel leaves\n"
     "  checksums to a NIC that is not there. Switch that off on the other end:\n"
     "      ethtool -K IFACE tx off gso off tso off gro off\n"},
    {wants_listener,
     "  The target answers, but nothing listens on that port. On the target: ss -ltn\n"},
    {wants_backlog,
     "  The target refused some connections while it took others: its server was restarted, or it\n"
     "  answers a full listen queue with RST (net.ipv4.tcp_abort_on_overflow).\n"},
    {wants_path, "  Not one SYN was answered. Check that a firewall does not drop them, that the "
                 "port is right,\n"
                 "  and that the target has a route back to the local addresses. On the target:\n"
                 "      tcpdump -ni IFACE tcp\n"},
    {wants_less_rate,
     "  Some SYNs were never answered: the target's listen queue overflowed (nstat -az\n"
     "  TcpExtListenOverflows), something between drops them, or the rate is beyond what the "
     "target\n"
     "  takes. Try a lower --rate.\n"},
    {wants_route, "  A router or the target says that the address or port cannot be reached: check "
                  "the target's\n"
                  "  address, --gateway, and firewalls that reject instead of drop.\n"},
    {wants_records,
     "  Connections could not begin because as many as --connections allows were open: raise\n"
     "  --connections, or lower --rate or --hold.\n"},
    {wants_acknowledgement,
     "  Payload was sent and not acknowledged in time, although the handshake was: the other\n"
     "  side died, or frames are lost on the way. Where not one transfer succeeds it may be the\n"
     "  large ones only: try --mss 536, and compare the MTU of every hop.\n"},
    {wants_reader,
     "  The other side stopped reading: its receive window closed and stayed so. Does its program\n"
     "  still take bytes? If not they pile up there in the column Recv-Q: ss -tn\n"},
    {wants_sender,
     "  The target kept connections open and sent no payload at all. One that waits for a request\n"
     "  needs --send; shakedown serve sends only with --bytes or --echo.\n"},
    {wants_more_sent,
     "  The target sent less than --receive and then nothing, with the connection open: is\n"
     "  --receive larger than what it sends (shakedown serve: --bytes)? If not, it is stuck.\n"},
    {wants_less_asked,
     "  The target closed before all of --receive had come: is --receive larger than what it\n"
     "  sends (shakedown serve: --bytes)? If not, it gave up; its log may say why.\n"},
    {wants_streams,
     "  More connections carried payload at once than there is memory for: lower --connections\n"
     "  or --rate on the side that begins them.\n"},
    {wants_no_gaps,
     "  Frames were lost or overtook each other on the way, and there was no room to keep all\n"
     "  that came after the gaps: it is sent once more, and goodput is less than it could be.\n"
     "  Look for the loss (rx_missed here, nstat -az TcpRetransSegs there), or lower\n"
     "  --connections.\n"},
    {wants_cores, "  A port dropped frames because its core was too slow or not its own: these are "
                  "lost on this\n"
                  "  machine, not by the target. Use more --lcores, a lower --rate, or cores that "
                  "nothing else uses.\n"},
    {NULL, NULL},
};

/* Write what applies of the table @h, @n hints being written already. @return how many are now. */
static unsigned
write_table(FILE *out, const struct result *r, const struct hint *h, unsigned n)
{
    for (; h->applies != NULL; h++)
        if (h->applies(r)) {
            fputs(n == 0 ? "\nwhat may help\n" : "", out);
            fputs(h->text, out);
            n++;
        }
    return n;
}

unsigned
hints_write(FILE *out, const struct result *r)
{
    return write_table(out, r, hints_tls, write_table(out, r, hints, 0));
}
