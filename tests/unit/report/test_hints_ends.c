/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/hints_ends.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "sample.h"

static struct sample s;

/* A run of one core without anything that calls for advice. */
static void
begin(enum role role)
{
    sample_init(&s);
    s.r.n_cores = 1;
    s.r.cores[0].role = role;
    stat_block_init(&s.r.cores[0].total, TIME_NEVER);
    s.r.cores[0].total.counters[CTR_established] = 100;
}

static bool
advises(const char *part)
{
    unsigned cursor = 0;
    struct advice a;

    report_result_sum(&s.r);
    while (hints_next(&s.r, &cursor, &a))
        if (strstr(a.text, part) != NULL || strstr(a.command, part) != NULL)
            return true;
    return false;
}

Test(hints_ends, every_end_that_the_target_is_the_cause_of_brings_its_own_advice)
{
    static const struct {
        enum stat_failure cause;
        const char *advice;
    } rows[] = {
        {FAILURE_reset, "The target reset connections that were established"},
        {FAILURE_close_timeout, "never acknowledged the FIN"},
        {FAILURE_peer_not_closed, "acknowledged the FIN and kept its own side open"},
        {FAILURE_hold_cut_short, "closed connections before --hold was over"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
            begin(ROLE_CLIENT);
            s.r.cores[0].total.failures[rows[i].cause] = 1;
            cr_assert(eq(int, advises(rows[k].advice), i == k), "%s", rows[k].advice);
        }
    }
}

Test(hints_ends, a_server_is_not_told_what_its_clients_might_do)
{
    begin(ROLE_SERVER);
    for (enum stat_failure i = FAILURE_reset; i <= FAILURE_hold_cut_short; i++)
        s.r.cores[0].total.failures[i] = i == FAILURE_unreachable ? 0 : 1;
    s.r.cores[0].total.counters[CTR_synack_repeated] = 1;
    cr_assert(not(advises("FIN")));
    cr_assert(not(advises("SYN-ACK")));
    cr_assert(not(advises("--hold")));
}

Test(hints_ends, that_redirects_are_not_followed_is_said_where_there_were_any)
{
    static const unsigned others[] = {200, 204, 304, 404};

    begin(ROLE_CLIENT);
    s.r.has_http = true;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        s.r.http.statuses[others[i]] = 7;
    cr_assert(not(advises("redirects")));
    s.r.http.statuses[301] = 1;
    cr_assert(advises("redirects (HTTP statuses 3xx), and these were not followed"));
    begin(ROLE_SERVER); /* it sent them itself */
    s.r.has_http = true;
    s.r.http.statuses[301] = 1;
    cr_assert(not(advises("redirects")));
}

Test(hints_ends, icmp_errors_are_told_with_their_kind_code_and_sender)
{
    begin(ROLE_CLIENT);
    s.r.icmp[2] = (struct icmp_origin){true, 11, 0, {.lo = 0xc61200fe}};
    s.r.cores[0].total.counters[CTR_icmp_time_exceeded] = 1;
    cr_assert(advises("time exceeded (ICMP type 11, code 0) from 198.18.0.254"));
    s.r.icmp[3] =
        (struct icmp_origin){true, 4, 1, {.hi = 0x2001000200000000, .lo = 1, .is_v6 = true}};
    s.r.cores[0].total.counters[CTR_icmp_param_problem] = 1;
    cr_assert(advises("; parameter problem (ICMPv6 type 4, code 1) from 2001:2::1"));
    s.r.cores[0].total.counters[CTR_icmp_too_big] = 1;
    cr_assert(advises("too big for a link"));
    s.r.cores[0].total.counters[CTR_path_mtu_changes] = 1;
    cr_assert(not(advises("too big for a link")));
}

Test(hints_ends, closes_that_nothing_of_the_target_s_confirms_are_said_to_be_such)
{
    static const char confirms[] = "but its SYN-ACKs confirms";
    struct conf_class *k = &s.conf.classes[0];

    begin(ROLE_CLIENT);
    s.conf.is_loopback = false;
    s.r.cores[0].total.counters[CTR_closed] = 1;
    cr_assert(not(advises(confirms)));
    k->close = CLOSE_RST;
    cr_assert(advises(confirms));
    k->hold_ns = 1;
    cr_assert(not(advises(confirms)));
    k->hold_ns = 0;
    k->receive_bytes = 1;
    cr_assert(not(advises(confirms)));
    k->receive_bytes = 0;
    k->is_tls = true;
    cr_assert(not(advises(confirms)));
    k->is_tls = false;
    s.conf.is_loopback = true;
    cr_assert(not(advises(confirms)));
}

Test(hints_ends, what_is_open_at_the_end_is_said_by_what_it_waits_for)
{
    begin(ROLE_CLIENT);
    s.r.cores[0].total.open = s.r.cores[0].total.open_by[OPEN_securing] = 1;
    cr_assert(advises("under way when --drain was over"));
    cr_assert(not(advises("held when --drain was over")));
    begin(ROLE_CLIENT);
    s.r.cores[0].total.open = s.r.cores[0].total.open_by[OPEN_holding] = 1;
    cr_assert(not(advises("under way when --drain was over")));
    cr_assert(advises("held when --drain was over"));
    s.r.interrupted = true;
    cr_assert(not(advises("--drain was over")));
    s.r.interrupted = false;
    s.r.is_running = true;
    cr_assert(not(advises("--drain was over")));
    s.r.is_running = false;
    s.conf.stop = STOP_NOW;
    cr_assert(not(advises("--drain was over")));
}

Test(hints_ends, a_repeated_syn_ack_is_the_cause_of_payload_that_is_not_acknowledged)
{
    begin(ROLE_CLIENT);
    s.r.cores[0].total.failures[FAILURE_data_timeout] = 1;
    cr_assert(advises("try --mss 536"));
    s.r.cores[0].total.counters[CTR_synack_repeated] = 1;
    cr_assert(not(advises("try --mss 536")));
    cr_assert(advises("nstat -az TcpExtListenOverflows"));
}
