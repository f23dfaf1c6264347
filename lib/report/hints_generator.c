/* SPDX-License-Identifier: BSD-3-Clause */
/* See hints_generator.h. */
#include "report/hints_generator.h"

#include <assert.h>

#include "base/units.h"

/* So much of the time in long polls is more than a hundredth of what began meanwhile had to wait
 * for, on one side or the other. */
static const uint64_t LONG_POLL_SHARE = 200; /* a two-hundredth */

/* Starts that are late by so much, half of them, are no jitter. */
static const uint64_t BEHIND_NS = NS_PER_MS;

static bool
has_long_polls(const struct result *r)
{
    uint64_t all_ns = report_result_all_sum(r, CTR_busy_ns) +
                      report_result_all_sum(r, CTR_idle_ns) +
                      report_result_all_sum(r, CTR_off_cpu_ns);

    return report_result_all_sum(r, CTR_long_polls) > 0 &&
           report_result_all_sum(r, CTR_long_polls_ns) >= all_ns / LONG_POLL_SHARE;
}

/* A server has no latency of its own to look at. */
static bool
is_felt(const struct result *r)
{
    const struct hist *h = &r->totals.latency[LAT_connect];

    return report_result_totals_role(r) == ROLE_SERVER ||
           (h->count > 0 && hist_quantile_ns(h, 0.99) >= STAT_LONG_POLL_NS);
}

static bool
was_off_cpu(const struct result *r)
{
    return report_result_all_sum(r, CTR_off_cpu_ns) >=
           report_result_all_sum(r, CTR_long_polls_ns) / 2;
}

static bool
wants_own_cpus(const struct result *r)
{
    return has_long_polls(r) && is_felt(r) && was_off_cpu(r);
}

static bool
wants_less_work(const struct result *r)
{
    return has_long_polls(r) && is_felt(r) && !was_off_cpu(r);
}

/* What has a rate, connections or requests, began late. Where --connections was the bound, that is
 * said elsewhere. */
static bool
was_behind(const struct result *r)
{
    const struct hist *h = &r->totals.latency[LAT_lateness];

    return h->count > 0 && hist_quantile_ns(h, 0.5) >= BEHIND_NS &&
           report_result_role_sum(r, ROLE_CLIENT, CTR_conn_limit_reached) == 0 &&
           report_result_role_sum(r, ROLE_CLIENT, CTR_records_exhausted) == 0;
}

static bool
wants_a_rate_within_reach(const struct result *r)
{
    return was_behind(r) && r->conf->request_rate_milli == 0;
}

static bool
wants_a_request_rate_within_reach(const struct result *r)
{
    return was_behind(r) && r->conf->request_rate_milli > 0;
}

static bool
wants_a_longer_duration(const struct result *r)
{
    return !r->interrupted && report_result_left(r) > 0;
}

static bool
wants_longer_intervals(const struct result *r)
{
    return r->intervals_omitted > 0;
}

static bool
wants_more_capture(const struct result *r)
{
    return report_result_all_sum(r, CTR_pcap_lost_connections) > 0;
}

const struct hint hints_generator[] = {
    {"own_cpu_was_taken", HINT_RUN, wants_own_cpus,
     "This machine kept the generator from its CPU for more than 0.5 ms at a time, and often "
     "enough to reach into the 99th percentile (long_polls, off_cpu_ns): latencies of that size "
     "are its own, not the target's. Give it CPUs that nothing else uses, no more --lcores than "
     "there are.",
     NULL},
    {"own_cpu_was_taken", HINT_SERVE, wants_own_cpus,
     "This machine kept the server from its CPU for more than 0.5 ms at a time, and often enough "
     "to be felt (long_polls, off_cpu_ns): clients measured that too. Give it CPUs that nothing "
     "else uses, no more --lcores than there are.",
     NULL},
    {"own_work_is_long", HINT_BOTH, wants_less_work,
     "Work of this side's own kept a core busy for more than 0.5 ms at a time (long_polls), and "
     "often enough to reach into the 99th percentile: latencies of that size are not the {peer}'s. "
     "Use more --lcores, or less load.",
     NULL},
    {"own_rate", HINT_RUN, wants_a_rate_within_reach,
     "The generator could not begin connections at the rate that was asked for: half of them began "
     "more than a millisecond late, and that wait is in connect, since it counts from the intended "
     "start (lateness has it alone). It is not the target's. Use a lower --rate, more --lcores, or "
     "CPUs that nothing else uses.",
     NULL},
    {"own_rate", HINT_RUN, wants_a_request_rate_within_reach,
     "The generator could not begin requests at the rate that was asked for: half of them began "
     "more than a millisecond late although a connection was free, and that wait is in ttfb, ttlb "
     "and transfer, since they count from the intended start (lateness has it alone, ttfb_service "
     "is without it). It is not the target's. Use a lower --request-rate, more --lcores, or CPUs "
     "that nothing else uses.",
     NULL},
    {"requests_left", HINT_RUN, wants_a_longer_duration,
     "The run ended before as many requests had been made as -n asked for: --duration was over, or "
     "nothing had come of any for a minute. Give a longer --duration, or see why connections fail.",
     NULL},
    {"intervals_left_out", HINT_BOTH, wants_longer_intervals,
     "The result has not all of its intervals, for which there is room for 86,400 or as many as "
     "memory allows: the last ones are left out, and intervals_omitted says how many. The totals "
     "have them all. Use a longer --sample, or --csv or --json-lines, which have every one.",
     NULL},
    {"capture_is_not_whole", HINT_BOTH, wants_more_capture,
     "The capture file (--pcap) has not every connection that belongs in it "
     "(pcap_lost_connections): the file was full, or there were more of them at once than each "
     "core remembers (65,536, with 32 MiB of frames). Those that are there have all their "
     "frames but for pcap_lost_frames. Give a larger --pcap-size, use a lower load, or a "
     "--pcap-sample.",
     NULL},
    {0},
};

static_assert(RESULT_INTERVALS_MAX == 86400, "what a hint says");
