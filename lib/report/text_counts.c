/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_counts.h. */
#include "report/text_counts.h"

#include <string.h>

#include "base/units.h"
#include "base/wrap.h"
#include "report/format.h"
#include "report/ink.h"
#include "report/rows.h"
#include "report/text_tls.h"

/* Whether this machine was late, so that figures are worth less than they look. */
static bool
is_late(enum stat_counter counter)
{
    return counter == CTR_late_starts || counter == CTR_starts_dropped ||
           counter == CTR_rx_missed || counter == CTR_long_polls || counter == CTR_off_cpu_ns ||
           counter == CTR_link_downs;
}

/* Counters that are 0 when all is well, most telling first. */
static const enum stat_counter notable[] = {
    CTR_tx_given_up,        CTR_link_downs,
    CTR_link_down_ns,       CTR_bad_checksum,
    CTR_bad_header,         CTR_rx_missed,
    CTR_tls_backlog,        CTR_tx_dropped,
    CTR_tx_backpressure,    CTR_mbufs_exhausted,
    CTR_records_exhausted,  CTR_conn_limit_reached,
    CTR_streams_exhausted,  CTR_starts_dropped,
    CTR_late_starts,        CTR_long_polls,
    CTR_off_cpu_ns,         CTR_retransmits,
    CTR_syn_retransmits,    CTR_fast_retransmits,
    CTR_rto_timeouts,       CTR_tail_loss_probes,
    CTR_window_probes,      CTR_out_of_order,
    CTR_reassembly_dropped, CTR_tls_truncated,
    CTR_path_mtu_changes,   CTR_duplicates,
    CTR_synack_repeated,    CTR_out_of_window,
    CTR_challenge_acks,     CTR_paws_dropped,
    CTR_resets_ignored,     CTR_icmp_errors,
    CTR_no_connection,      CTR_icmp_unreachable,
    CTR_icmp_too_big,       CTR_icmp_time_exceeded,
    CTR_icmp_param_problem, CTR_fragments,
    CTR_not_ours,           CTR_handoffs,
    CTR_keylog_lost,        CTR_checksum_partial,
    CTR_rx_cut_off,         CTR_pcap_lost_connections,
    CTR_pcap_lost_frames,
};

/* Behind a side, a name and a number. */
static const struct wrap meaning = {.indent = 42, .width = WRAP_TERMINAL};

/* One row of the tables below; the first row brings the title with it. Name and number share
 * their width, so that a long name does not move what follows. */
static void
write_named(FILE *out, const char **title, enum role role, uint64_t n, const struct stat_name *name)
{
    char buf[FORMAT_TEXT_MAX];
    int at;

    if (n == 0)
        return;
    fputs(*title, out);
    *title = "";
    at = fprintf(out, "  %-6s %s %*s", result_role_names[role], name->name,
                 30 - (int)strlen(name->name), format_grouped(n, buf));
    wrap_write(out, &meaning, name->meaning, at);
}

void
text_count(FILE *out, const char *name, uint64_t n, const char *remark)
{
    char buf[FORMAT_TEXT_MAX];

    fprintf(out, "  %-12s %15s%s%s\n", name, format_grouped(n, buf), *remark != '\0' ? "   " : "",
            remark);
}

void
text_failures(FILE *out, const struct result *r)
{
    const char *title = "\nwhy connections failed\n";

    for (enum stat_failure i = 0; i < FAILURE_COUNT; i++)
        for (enum role role = 0; role < ROLE_COUNT; role++) {
            uint64_t n = report_result_role_failures(r, role, i);

            write_named(out, &title, role, n, &stat_failure_names[i]);
            if (n > 0 && role == report_result_totals_role(r))
                text_tls_example(out, r, i);
        }
    text_tls_alerts(out, r);
}

/* Polls that had to try again are how a busy core waits: they tell something only when they are
 * more than one in so many. Of a ring to a core of this process not even then: it is the other core
 * that is waited for, and nothing is lost. */
static const uint64_t NOTABLE_POLLS = 100;
/* A link has some frames for others; beyond this share of what came, it is looked at wrongly. */
static const uint64_t NOT_OURS_SHARE = 10;

static bool
is_notable(const struct result *r, enum role role, enum stat_counter counter)
{
    uint64_t n = report_result_role_sum(r, role, counter);

    if (counter == CTR_tx_backpressure && r->conf->is_loopback)
        return false;
    if (counter == CTR_tx_backpressure || counter == CTR_tls_backlog ||
        counter == CTR_conn_limit_reached)
        return n > report_result_role_sum(r, role, CTR_busy_polls) / NOTABLE_POLLS;
    if (counter == CTR_not_ours)
        return n > 0 && n >= report_result_role_sum(r, role, CTR_rx_packets) / NOT_OURS_SHARE;
    return n > 0;
}

void
text_notable(FILE *out, const struct result *r, bool has_ink)
{
    const char *title = "\nnotable counters\n";

    for (size_t i = 0; i < ARRAY_LEN(notable); i++)
        for (enum role role = 0; role < ROLE_COUNT; role++) {
            enum ink ink = is_late(notable[i]) ? INK_YELLOW : INK_PLAIN;

            if (!is_notable(r, role, notable[i]))
                continue;
            fputs(title, out);
            title = "";
            fputs(ink_begin(has_ink, ink), out);
            write_named(out, &title, role, report_result_role_sum(r, role, notable[i]),
                        &stat_counter_names[notable[i]]);
            fputs(ink_end(has_ink, ink), out);
        }
}

void
text_protocols(FILE *out, const struct result *r)
{
    const char *title = "\napplication protocols\n";

    for (unsigned i = CTR_COUNT; i < counter_rows(); i++)
        for (enum role role = 0; role < ROLE_COUNT; role++) {
            struct stat_name name = counter_name(i);

            write_named(out, &title, role, report_result_role_sum(r, role, i), &name);
        }
}
