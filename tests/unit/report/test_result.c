/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "report/result.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sample.h"

static struct sample s;
static struct fail f;

Test(result, an_empty_one_is_ready_to_be_merged_into)
{
    struct result r;
    static struct stat_block interval;

    cr_assert(zero(int, report_result_init(&r, 2, &f)));
    stat_block_init(&interval, 500);
    interval.end_ns = 900;
    interval.open = 3;
    stat_block_merge(&r.cores[1].total, &interval, false);
    cr_assert(eq(u64, r.cores[1].total.begin_ns, 500));
    cr_assert(eq(u64, r.cores[1].total.end_ns, 900));
    cr_assert(eq(u64, r.cores[1].total.open, 3));
    report_result_fini(&r);
    cr_assert(eq(u32, r.n_cores, 0));
}

Test(result, totals_are_the_clients_side_when_there_is_one)
{
    sample_init(&s);
    cr_assert(eq(u64, s.r.totals.counters[CTR_attempted], 1000));
    cr_assert(eq(u64, s.r.totals.counters[CTR_rx_packets], 3000));
    cr_assert(eq(u64, s.r.totals.open, 4));
    cr_assert(eq(u64, s.r.totals.begin_ns, 0));
    cr_assert(eq(u64, s.r.totals.end_ns, 10 * NS_PER_SEC));
}

Test(result, totals_are_the_servers_side_when_nobody_else_is_there)
{
    sample_init(&s);
    s.r.cores[0].role = ROLE_SERVER;
    report_result_sum(&s.r);
    cr_assert(eq(u64, s.r.totals.counters[CTR_attempted], 1999));
    cr_assert(eq(u64, s.r.totals.open, 9));
    cr_assert(not(report_result_has_role(&s.r, ROLE_CLIENT)));
    cr_assert(eq(int, report_result_totals_role(&s.r), ROLE_SERVER));
}

Test(result, the_identity_holds_for_a_run_that_adds_up)
{
    sample_init(&s);
    cr_assert(zero(int, report_result_check_identity(&s.r, &f)));
}

static void
assert_violated(const char *text)
{
    report_result_sum(&s.r);
    cr_assert(eq(int, report_result_check_identity(&s.r, &f), -1));
    cr_assert(eq(int, f.status, EXIT_CRITERION));
    cr_assert(eq(str, f.text, (char *)text));
}

Test(result, a_run_that_began_nothing_says_why)
{
    sample_init(&s);
    cr_assert(zero(int, report_result_check_begun(&s.r, &f)));
    s.r.totals.counters[CTR_attempted] = 0;
    cr_assert(eq(int, report_result_check_begun(&s.r, &f), -1));
    cr_assert(eq(int, f.status, EXIT_CRITERION));
    cr_assert(ne(ptr, strstr(f.text, "none was due"), NULL));
    s.r.totals.counters[CTR_starts_dropped] = 7;
    cr_assert(eq(int, report_result_check_begun(&s.r, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "7 starts were dropped"), NULL));
}

Test(result, a_connection_lost_on_one_core_is_named_with_the_core_and_the_numbers)
{
    sample_init(&s);
    s.r.cores[1].total.counters[CTR_closed]--;
    assert_violated(
        "ACCOUNTING ERROR on lcore 2 (server): attempted 999 is not closed 993 + failed 0 + "
        "open 5 (difference 1); this is a bug in shakedown, do not trust the figures of "
        "this run");
}

Test(result, a_connection_counted_twice_is_a_negative_difference)
{
    sample_init(&s);
    s.r.cores[0].total.open += 2;
    assert_violated(
        "ACCOUNTING ERROR on lcore 1 (client): attempted 1000 is not closed 993 + failed 3 + "
        "open 6 (difference -2); this is a bug in shakedown, do not trust the figures of "
        "this run");
}

Test(result, a_failure_without_a_cause_is_a_violation)
{
    sample_init(&s);
    s.r.cores[0].total.failures[FAILURE_timeout] = 0;
    assert_violated(
        "ACCOUNTING ERROR on lcore 1 (client): failed 3 but the causes add up to 1; this is "
        "a bug in shakedown, do not trust the figures of this run");
}

Test(result, an_open_connection_that_waits_for_nothing_is_a_violation)
{
    sample_init(&s);
    s.r.cores[0].total.open_by[OPEN_closing]--;
    assert_violated("ACCOUNTING ERROR on lcore 1 (client): open 4 but what they wait for adds up "
                    "to 3; this is a bug in shakedown, do not trust the figures of this run");
}

Test(result, a_run_in_which_every_connection_failed_has_failed)
{
    uint64_t *c = s.r.totals.counters;

    sample_init(&s);
    report_result_sum(&s.r);
    cr_assert(not(report_result_has_failed(&s.r)));
    c[CTR_failed] = c[CTR_attempted] - 1;
    cr_assert(not(report_result_has_failed(&s.r)));
    c[CTR_failed] = c[CTR_attempted];
    cr_assert(report_result_has_failed(&s.r));
    c[CTR_failed] = c[CTR_attempted] = 0;
    cr_assert(not(report_result_has_failed(&s.r)));
}

Test(result, errors_on_two_cores_that_cancel_in_the_sum_are_found)
{
    sample_init(&s);
    s.r.cores[1].role = ROLE_CLIENT;
    s.r.cores[0].total.open++;
    s.r.cores[0].total.open_by[OPEN_closing]++;
    s.r.cores[1].total.open--;
    s.r.cores[1].total.open_by[OPEN_closing]--;
    report_result_sum(&s.r);
    cr_assert(eq(int, report_result_check_identity(&s.r, &f), -1));
}

Test(result, totals_that_do_not_add_up_are_a_violation)
{
    sample_init(&s);
    s.r.totals.open = 0;
    cr_assert(eq(int, report_result_check_identity(&s.r, &f), -1));
    cr_assert(
        eq(str, f.text,
           "ACCOUNTING ERROR in the sum: attempted 1000 is not closed 993 + failed 3 + open 0 "
           "(difference 4); this is a bug in shakedown, do not trust the figures of this run"));
}

Test(result, totals_that_miss_a_core_are_a_violation)
{
    sample_init(&s);
    s.r.totals.counters[CTR_attempted] -= 10;
    s.r.totals.counters[CTR_closed] -= 10;
    cr_assert(eq(int, report_result_check_identity(&s.r, &f), -1));
    cr_assert(eq(str, f.text,
                 "ACCOUNTING ERROR in the sum: attempted 990 but the client cores' add up to 1000; "
                 "this is a bug in shakedown, do not trust the figures of this run"));
}

Test(result, an_interval_of_loopback_counts_the_clients_side_and_knows_both_loads)
{
    struct result_interval i;

    sample_init(&s);
    i = s.r.intervals[0];
    cr_assert(eq(u64, i.attempted, 1000));
    cr_assert(eq(u64, i.established, 998));
    cr_assert(eq(u64, i.closed, 993));
    cr_assert(eq(u64, i.failed, 3));
    cr_assert(eq(u64, i.open, 4));
    cr_assert(epsilon_eq(dbl, i.cps, 99.8, 1e-9));
    cr_assert(epsilon_eq(dbl, i.busy[ROLE_CLIENT], 0.9, 1e-9));
    cr_assert(epsilon_eq(dbl, i.busy[ROLE_SERVER], 0.5, 1e-9));
    cr_assert(i.has_role[ROLE_SERVER]);
    cr_assert(eq(u64, i.latency[LAT_connect].count, 998));
    cr_assert(eq(u64, i.latency[LAT_connect].quantile_ns[QUANTILE_p50], 200));
    cr_assert(eq(u64, i.latency[LAT_connect].quantile_ns[QUANTILE_p99], 200));
    cr_assert(eq(u64, i.latency[LAT_lateness].quantile_ns[QUANTILE_p99], 100));
}

Test(result, an_interval_divides_payload_by_its_own_length)
{
    static struct stat_block b;
    struct result_interval i;

    stat_block_init(&b, 5 * NS_PER_SEC);
    b.end_ns = 7 * NS_PER_SEC;
    b.counters[CTR_rx_payload_bytes] = 3000;
    b.counters[CTR_tx_payload_bytes] = 500;
    hist_record(&b.latency[LAT_transfer], 40);
    hist_record(&b.latency[LAT_transfer], 40);
    hist_record(&b.latency[LAT_transfer], 90);
    i = report_result_interval(&b, NULL, 2);
    cr_assert(eq(u64, i.rx_payload_bytes, 3000));
    cr_assert(eq(u64, i.tx_payload_bytes, 500));
    cr_assert(epsilon_eq(dbl, i.rx_payload_bps, 12000, 1e-9));
    cr_assert(epsilon_eq(dbl, i.tx_payload_bps, 2000, 1e-9));
    cr_assert(eq(u64, i.latency[LAT_transfer].count, 3));
    cr_assert(eq(u64, i.latency[LAT_transfer].quantile_ns[QUANTILE_p50], 40));
    cr_assert(eq(u64, i.latency[LAT_transfer].quantile_ns[QUANTILE_p99], 90));
}

Test(result, an_interval_with_tls_has_the_quantiles_of_full_and_resumed_handshakes_together)
{
    static struct stat_block b;
    struct result_interval i;

    stat_block_init(&b, 5 * NS_PER_SEC);
    b.end_ns = 7 * NS_PER_SEC;
    b.counters[CTR_tls_handshakes] = 3;
    b.counters[CTR_tls_resumed] = 2;
    hist_record(&b.latency[LAT_tls], 90);
    hist_record(&b.latency[LAT_tls_resumed], 40);
    hist_record(&b.latency[LAT_tls_resumed], 40);
    i = report_result_interval(&b, NULL, 2);
    cr_assert(eq(u64, i.tls_handshakes, 3));
    cr_assert(epsilon_eq(dbl, i.tls_hps, 1.5, 1e-9));
    cr_assert(eq(u64, i.latency[LAT_tls].quantile_ns[QUANTILE_p50], 40));
    cr_assert(eq(u64, i.latency[LAT_tls].quantile_ns[QUANTILE_p99], 90));
    cr_assert(eq(u64, b.latency[LAT_tls].count, 1));
}

Test(result, every_cause_of_tls_is_a_failure_of_its_own)
{
    cr_assert(eq(int, tls_cause_failures[TLS_CAUSE_NONE], FAILURE_COUNT));
    for (int i = TLS_CAUSE_NONE + 1; i < TLS_CAUSES; i++) {
        cr_assert(zero(int, strncmp(stat_failure_names[tls_cause_failures[i]].name, "tls", 3)));
        for (int k = TLS_CAUSE_NONE; k < i; k++)
            cr_assert(ne(int, tls_cause_failures[i], tls_cause_failures[k]));
    }
}

Test(result, an_interval_of_a_server_is_its_own)
{
    struct result_interval i;

    sample_init(&s);
    i = report_result_interval(NULL, &s.r.cores[1].total, 3);
    cr_assert(eq(u64, i.attempted, 999));
    cr_assert(eq(u64, i.latency[LAT_connect].count, 0));
    cr_assert(not(i.has_role[ROLE_CLIENT]));
    cr_assert(i.has_role[ROLE_SERVER]);
}

Test(result, an_interval_without_duration_or_turns_has_no_rates)
{
    static struct stat_block b;
    struct result_interval i;

    stat_block_init(&b, 5);
    b.counters[CTR_established] = 7;
    b.counters[CTR_rx_payload_bytes] = 7;
    i = report_result_interval(&b, NULL, 0);
    cr_assert(eq(dbl, i.cps, 0));
    cr_assert(eq(dbl, i.rx_payload_bps, 0));
    cr_assert(eq(dbl, i.busy[ROLE_CLIENT], 0));
}

Test(result, the_rows_of_a_run_have_their_memory_planned)
{
    static const size_t ROW = sizeof(struct result_interval);

    sample_init(&s);
    s.conf.duration_ns = 60 * NS_PER_SEC;
    s.conf.sample_ns = 100 * NS_PER_MS;
    cr_assert(eq(u64, report_result_intervals_bytes(&s.conf), 601 * ROW));
    s.conf.duration_ns = TIME_NEVER;
    cr_assert(eq(u64, report_result_intervals_bytes(&s.conf), 36001 * ROW));
    s.conf.sample_ns = 10 * NS_PER_MS;
    cr_assert(eq(u64, report_result_intervals_bytes(&s.conf), RESULT_INTERVALS_MAX * ROW));
}

Test(result, intervals_beyond_the_bound_are_counted_as_left_out)
{
    struct result r;
    struct result_interval i = {0};

    report_result_init(&r, 0, &f);
    for (unsigned n = 0; n < RESULT_INTERVALS_MAX + 3; n++) {
        i.attempted = n;
        report_result_add_interval(&r, &i);
    }
    cr_assert(eq(sz, r.n_intervals, RESULT_INTERVALS_MAX));
    cr_assert(eq(u64, r.intervals_omitted, 3));
    cr_assert(eq(u64, r.intervals[65].attempted, 65));
    cr_assert(eq(u64, r.intervals[RESULT_INTERVALS_MAX - 1].attempted, RESULT_INTERVALS_MAX - 1));
    report_result_fini(&r);
}

Test(result, role_sums_keep_the_sides_apart)
{
    sample_init(&s);
    cr_assert(eq(u64, report_result_role_sum(&s.r, ROLE_CLIENT, CTR_attempted), 1000));
    cr_assert(eq(u64, report_result_role_sum(&s.r, ROLE_SERVER, CTR_attempted), 999));
    cr_assert(eq(u64, report_result_role_failures(&s.r, ROLE_CLIENT, FAILURE_timeout), 2));
    cr_assert(eq(u64, report_result_role_failures(&s.r, ROLE_SERVER, FAILURE_timeout), 0));
}

Test(result, a_run_without_duration_has_no_rates)
{
    sample_init(&s);
    cr_assert(epsilon_eq(dbl, report_result_rate(&s.r, 998), 99.8, 1e-9));
    s.r.duration_s = 0;
    cr_assert(eq(dbl, report_result_rate(&s.r, 998), 0));
}

Test(result, a_class_that_is_not_in_the_totals_breaks_the_identity)
{
    sample_init_classes(&s);
    cr_assert(zero(int, report_result_check_identity(&s.r, &f)));
    s.r.classes[1].total.counters[CTR_attempted]--;
    cr_assert(eq(int, report_result_check_identity(&s.r, &f), -1));
    cr_assert(eq(str, f.text,
                 "ACCOUNTING ERROR in the classes: attempted 1000 but those of the classes add up "
                 "to 999; this is a bug in shakedown, do not trust the figures of this run"));
}

Test(result, a_class_counts_on_the_side_that_totals_are_of)
{
    static struct stat_block b;

    sample_init_classes(&s);
    stat_block_init(&b, 0);
    b.counters[CTR_attempted] = 7;
    report_result_add_class(&s.r, 0, 1, &b);
    cr_assert(eq(u64, s.r.classes[1].total.counters[CTR_attempted], 407));
    report_result_add_class(&s.r, 1, 1, &b); /* a server's, on loopback */
    cr_assert(eq(u64, s.r.classes[1].total.counters[CTR_attempted], 407));
}

static struct result_interval
second_with(double t_s, uint64_t due, uint64_t late)
{
    struct result_interval i = {.t_s = t_s, .late_starts = late};

    i.latency[LAT_lateness].count = due;
    return i;
}

Test(result, the_worst_second_is_the_one_with_the_least_share_on_time)
{
    struct result_interval seconds[] = {second_with(1, 1000, 10), second_with(2, 10, 5),
                                        second_with(3, 0, 0), second_with(4, 1000, 499)};

    sample_init(&s);
    for (size_t i = 0; i < ARRAY_LEN(seconds); i++)
        report_result_note_second(&s.r, &seconds[i]);
    cr_assert(eq(dbl, s.r.worst_second_s, 2.0));
    cr_assert(eq(u64, s.r.worst_second.due, 10));
    cr_assert(eq(u64, s.r.worst_second.on_time, 5));
}

/* What was dropped at the stop would have been late, and what waited for a connection was. */
Test(result, adherence_is_of_all_that_was_due)
{
    struct result_adherence a;

    sample_init(&s);
    s.r.totals.counters[CTR_late_starts] = 100;
    s.r.totals.counters[CTR_starts_dropped] = 1000;
    a = report_result_adherence(&s.r);
    cr_assert(eq(u64, a.due, 2000));
    cr_assert(eq(u64, a.on_time, 900));
    cr_assert(eq(dbl, report_adherence_share(&a), 0.45));
    s.r.totals.counters[CTR_connections_busy] = 1000;
    a = report_result_adherence(&s.r);
    cr_assert(eq(u64, a.due, 3000));
    cr_assert(eq(u64, a.on_time, 900));
}

Test(result, a_target_that_fell_silent_is_told_with_when_and_after_what)
{
    sample_init(&s);
    cr_assert(zero(int, report_result_check_alive(&s.r, &f)));
    s.r.dead_man = (struct result_dead_man){.has_fired = true, .silent_s = 3.2, .stopped_s = 8.21};
    cr_assert(eq(int, report_result_check_alive(&s.r, &f), -1));
    cr_assert(eq(int, f.status, EXIT_CRITERION));
    cr_assert(eq(str, f.text,
                 "the target fell silent: nothing has come from it after 3.20 s, though it was "
                 "asked for answers; 998 connections had been established by then, and --dead-man "
                 "stopped the load at 8.21 s"));
}

Test(result, a_target_that_is_not_heard_without_a_link_did_not_fall_silent)
{
    sample_init(&s);
    s.r.dead_man = (struct result_dead_man){.has_fired = true, .silent_s = 3.2, .stopped_s = 8.21};
    s.r.cores[0].total.counters[CTR_link_downs] = 1;
    cr_assert(eq(int, report_result_check_alive(&s.r, &f), -1));
    cr_assert(zero(int, strncmp(f.text, "the device's link was down, and the target", 42)));
}

Test(result, connections_are_confirmed_by_what_the_class_asks_for)
{
    sample_init_payload(&s);
    cr_assert(not(report_result_has_confirm(&s.r)));
    s.conf.classes[0].confirm = CONFIRM_CLOSE;
    cr_assert(report_result_has_confirm(&s.r));
    cr_assert(eq(u64, report_result_to_confirm(&s.r), 998));
    cr_assert(eq(u64, report_result_confirmed(&s.r), 993));
    s.conf.classes[0].confirm = CONFIRM_PAYLOAD;
    cr_assert(eq(u64, report_result_confirmed(&s.r), 990));

    sample_init_classes(&s);
    s.conf.classes[1].confirm = CONFIRM_CLOSE;
    cr_assert(eq(u64, report_result_to_confirm(&s.r), 400));
    cr_assert(eq(u64, report_result_confirmed(&s.r), 399));
}
