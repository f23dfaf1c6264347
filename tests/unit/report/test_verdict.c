/* SPDX-License-Identifier: BSD-3-Clause */
/* A table of situations: what a run under each of them counts, and who was the limit. */
#include "report/verdict.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "proto/registry.h"
#include "sample.h"

static struct sample s;
static struct verdict v;
static struct stat_block *client;
static uint64_t *c;

/* Ten seconds at 1,000 connections a second, all of them answered in 200 us; the client's core is
 * half busy. */
static void
set_up(void)
{
    sample_init_device(&s, "net_af_packet0,iface=veth0");
    client = &s.r.cores[0].total;
    stat_block_init(client, 0);
    client->end_ns = 10 * NS_PER_SEC;
    c = client->counters;
    c[CTR_attempted] = c[CTR_established] = c[CTR_closed] = 10000;
    c[CTR_rx_packets] = 30000;
    c[CTR_tx_packets] = 40000;
    c[CTR_busy_ns] = c[CTR_idle_ns] = 5 * NS_PER_SEC;
    c[CTR_polls] = 10000000;
    c[CTR_busy_polls] = 50000;
    for (unsigned i = 0; i < 10000; i++) {
        hist_record(&client->latency[LAT_connect], 200 * NS_PER_US);
        hist_record(&client->latency[LAT_lateness], 2 * NS_PER_US);
    }
    s.conf.rate_milli = 1000000;
    s.r.plan.tuples = 1 << 20;
    s.r.n_intervals = 0;
}

TestSuite(verdict, .init = set_up);

static void
fail_by(enum stat_failure cause, uint64_t n)
{
    client->failures[cause] += n;
    c[CTR_failed] += n;
    c[CTR_closed] -= n;
}

static void
be_late(uint64_t n, uint64_t late_ns)
{
    c[CTR_late_starts] = n;
    hist_init(&client->latency[LAT_lateness]);
    for (unsigned i = 0; i < 10000; i++)
        hist_record(&client->latency[LAT_lateness], i < n ? late_ns : 2 * NS_PER_US);
}

static void
be_off_cpu(uint64_t ns)
{
    c[CTR_off_cpu_ns] = ns;
    c[CTR_long_polls] = ns / NS_PER_MS;
    c[CTR_long_polls_ns] = ns;
    client->longest_poll_ns = 4 * NS_PER_MS;
}

static void
have_no_schedule(void)
{
    hist_init(&client->latency[LAT_lateness]);
    s.conf.rate_milli = 0;
}

static void
expect(enum verdict_limit limit, const char *part)
{
    report_result_sum(&s.r);
    verdict_decide(&v, &s.r);
    cr_assert(v.is_decided);
    cr_expect(
        eq(str, (char *)verdict_limit_names[v.limited_by], (char *)verdict_limit_names[limit]));
    cr_expect(eq(str, v.part, (char *)part));
    cr_expect(limit == LIMIT_NONE || v.n_evidence > 0);
}

static bool
has_evidence(const char *text)
{
    for (unsigned i = 0; i < v.n_evidence; i++)
        if (strstr(v.evidence[i], text) != NULL)
            return true;
    return false;
}

/* -- nobody ------------------------------------------------------------------------------- */

Test(verdict, all_went_as_planned)
{
    expect(LIMIT_NONE, "offered load");
    cr_assert(zero(uint, v.n_evidence));
}

/* One in a thousand is what any machine does. */
Test(verdict, a_few_late_starts_and_one_lost_segment_limit_nobody)
{
    be_late(10, 300 * NS_PER_US);
    c[CTR_retransmits] = 1;
    c[CTR_tx_backpressure] = 3;
    expect(LIMIT_NONE, "offered load");
}

Test(verdict, connections_that_are_held_without_a_schedule_limit_nobody)
{
    have_no_schedule();
    c[CTR_busy_ns] = NS_PER_SEC;
    expect(LIMIT_NONE, "offered load");
}

/* A server that closes kept connections, say: each that takes its place was waited for. */
Test(verdict, requests_that_wait_for_a_new_connection_limit_nobody)
{
    s.conf.rate_milli = 0;
    s.conf.request_rate_milli = 1000000;
    c[CTR_connections_busy] = 2000;
    be_late(50, 300 * NS_PER_US);
    expect(LIMIT_NONE, "offered load");
}

/* It has cost one in thirty at most. */
Test(verdict, a_closed_loop_whose_core_others_use_a_little_limits_nobody)
{
    have_no_schedule();
    be_off_cpu(300 * NS_PER_MS);
    expect(LIMIT_NONE, "offered load");
    cr_assert(has_evidence("kept from its CPU for 2.9 %"));
}

/* -- the generator ------------------------------------------------------------------------ */

Test(verdict, one_core_that_is_shared)
{
    be_late(6000, 5 * NS_PER_MS);
    be_off_cpu(4 * NS_PER_SEC);
    expect(LIMIT_GENERATOR, "CPU of worker 1");
    cr_assert(has_evidence("6,000 of 10,000 starts were late, half of these by more than 5"));
    cr_assert(has_evidence("kept from its CPU for 28.6 % of the time"));
}

Test(verdict, a_rate_that_one_core_does_not_make)
{
    be_late(9000, 50 * NS_PER_MS);
    c[CTR_starts_dropped] = 30000;
    c[CTR_busy_ns] = 10 * NS_PER_SEC;
    c[CTR_idle_ns] = 0;
    expect(LIMIT_GENERATOR, "CPU of worker 1");
    cr_assert(has_evidence("39,000 of 40,000 starts were late or dropped"));
}

Test(verdict, a_closed_loop_with_a_busy_core)
{
    have_no_schedule();
    c[CTR_busy_ns] = 98 * NS_PER_SEC;
    c[CTR_idle_ns] = 2 * NS_PER_SEC;
    expect(LIMIT_GENERATOR, "CPU of worker 1");
    cr_assert(has_evidence("busy for 98 %"));
}

Test(verdict, a_closed_loop_whose_core_others_use)
{
    have_no_schedule();
    be_off_cpu(3 * NS_PER_SEC);
    expect(LIMIT_GENERATOR, "CPU of worker 1");
}

Test(verdict, rings_that_are_too_small_for_what_comes)
{
    c[CTR_rx_missed] = 400;
    fail_by(FAILURE_timeout, 150);
    fail_by(FAILURE_close_timeout, 100);
    expect(LIMIT_GENERATOR, "CPU of worker 1");
    cr_assert(has_evidence("400 frames were dropped by the port"));
}

Test(verdict, rings_that_are_too_small_for_what_goes)
{
    be_late(5000, 2 * NS_PER_MS);
    c[CTR_tx_backpressure] = 20000;
    expect(LIMIT_GENERATOR, "port");
}

Test(verdict, a_port_that_does_not_take_frames)
{
    c[CTR_tx_given_up] = 3000;
    fail_by(FAILURE_timeout, 900);
    expect(LIMIT_GENERATOR, "port");
}

Test(verdict, buffers_that_run_out)
{
    c[CTR_mbufs_exhausted] = 20000;
    be_late(3000, NS_PER_MS);
    expect(LIMIT_GENERATOR, "memory");
}

/* A SYN that had no buffer is a timeout that the target has no part in. */
Test(verdict, buffers_that_run_out_explain_what_failed)
{
    c[CTR_mbufs_exhausted] = 20000;
    fail_by(FAILURE_timeout, 200);
    expect(LIMIT_GENERATOR, "memory");
}

Test(verdict, too_few_tuples)
{
    s.conf.connections = 1000;
    s.r.plan.tuples = 1000;
    c[CTR_conn_limit_reached] = 4000000;
    be_late(9000, 80 * NS_PER_MS);
    expect(LIMIT_GENERATOR, "local tuples");
}

Test(verdict, too_few_connections_for_the_hold)
{
    s.conf.connections = 100;
    c[CTR_conn_limit_reached] = 4000000;
    be_late(9000, 80 * NS_PER_MS);
    expect(LIMIT_GENERATOR, "connections allowed");
}

/* Those that are late had a connection, and no CPU. */
Test(verdict, requests_that_are_late_though_a_connection_is_free)
{
    s.conf.rate_milli = 0;
    s.conf.request_rate_milli = 1000000;
    c[CTR_connections_busy] = 2000;
    be_late(500, 3 * NS_PER_MS);
    expect(LIMIT_GENERATOR, "CPU of worker 1");
}

Test(verdict, requests_that_waited_for_a_connection_to_the_end)
{
    s.conf.rate_milli = 0;
    s.conf.request_rate_milli = 1000000;
    c[CTR_connections_busy] = 9000;
    c[CTR_starts_dropped] = 2000;
    expect(LIMIT_GENERATOR, "connections allowed");
    cr_assert(has_evidence("2,000 of 12,000 starts were dropped"));
}

/* -- the target --------------------------------------------------------------------------- */

Test(verdict, a_firewall_that_drops_some_syns)
{
    fail_by(FAILURE_timeout, 300);
    c[CTR_syn_retransmits] = c[CTR_retransmits] = 900;
    expect(LIMIT_TARGET, "listen queue, or a firewall");
}

Test(verdict, a_firewall_that_drops_syns_which_come_through_later)
{
    c[CTR_syn_retransmits] = c[CTR_retransmits] = 900;
    expect(LIMIT_TARGET, "listen queue, or a firewall");
}

Test(verdict, a_backlog_of_one)
{
    fail_by(FAILURE_timeout, 9700);
    c[CTR_established] = 300;
    c[CTR_synack_repeated] = 20;
    c[CTR_syn_retransmits] = c[CTR_retransmits] = 19000;
    expect(LIMIT_TARGET, "listen queue, or a firewall");
}

Test(verdict, a_backlog_of_one_with_syn_cookies)
{
    fail_by(FAILURE_close_timeout, 9000);
    c[CTR_retransmits] = 36000;
    expect(LIMIT_TARGET, "accept queue");
}

/* Its kernel drops SYNs, and FINs of connections that it could not queue, again and again. */
Test(verdict, an_accept_queue_that_is_full_is_no_loss_at_random)
{
    fail_by(FAILURE_timeout, 5000);
    fail_by(FAILURE_close_timeout, 2000);
    c[CTR_established] = 5000;
    c[CTR_syn_retransmits] = 6000;
    c[CTR_retransmits] = 6000 + 4000;
    expect(LIMIT_TARGET, "listen queue, or a firewall");
}

/* Nothing failed, and nothing has reached its program. */
Test(verdict, a_target_without_the_connections_that_we_think_are_open)
{
    c[CTR_synack_repeated] = 5000;
    c[CTR_duplicates] = 5000;
    expect(LIMIT_TARGET, "accept queue");
}

/* The SYN-ACK that we read late was answered late, and each of ours that went out again has one. */
Test(verdict, syn_acks_that_come_again_after_a_pause_of_ours_are_not_the_target_s)
{
    c[CTR_synack_repeated] = 320;
    c[CTR_syn_retransmits] = c[CTR_retransmits] = 40;
    be_off_cpu(NS_PER_SEC);
    client->longest_poll_ns = NS_PER_SEC;
    expect(LIMIT_NONE, "offered load");
    cr_assert(not(has_evidence("SYN-ACKs came again")));
    c[CTR_synack_repeated] = 3200;
    expect(LIMIT_TARGET, "accept queue");
}

Test(verdict, several_causes_that_are_rare_are_not_rare_together)
{
    fail_by(FAILURE_timeout, 90);
    fail_by(FAILURE_reset, 90);
    fail_by(FAILURE_truncated, 91);
    be_late(200, NS_PER_MS);
    expect(LIMIT_TARGET, "program");
}

Test(verdict, connections_that_nothing_confirms)
{
    s.conf.classes[0].confirm = CONFIRM_CLOSE;
    c[CTR_closed] = 9000;
    client->open = 0;
    c[CTR_established] = 10000;
    expect(LIMIT_TARGET, "accept queue");
    cr_assert(has_evidence("nothing proves"));
    fail_by(FAILURE_timeout, 0);
    c[CTR_attempted] += 2000;
    c[CTR_failed] += 2000;
    client->failures[FAILURE_refused] += 2000;
    report_result_sum(&s.r);
    cr_assert(eq(u64, report_result_unconfirmed(&s.r), 1000), "those refused were never theirs");
}

Test(verdict, a_target_that_was_stopped_and_does_not_close)
{
    fail_by(FAILURE_peer_not_closed, 7000);
    expect(LIMIT_TARGET, "program");
}

Test(verdict, a_target_that_fell_silent)
{
    s.r.dead_man = (struct result_dead_man){.has_fired = true, .silent_s = 3, .stopped_s = 8};
    fail_by(FAILURE_timeout, 5000);
    c[CTR_syn_retransmits] = 15000;
    c[CTR_retransmits] = 15500;
    expect(LIMIT_TARGET, "silence");
}

/* Its long segments get lost, and nothing else: not as a full accept queue, or a program that reads
 * nothing. */
Test(verdict, a_path_that_drops_long_segments_in_silence)
{
    c[CTR_path_mtu_holes] = 9800;
    c[CTR_synack_repeated] = 10000; /* the ACK of the handshake was with the first of them */
    c[CTR_rto_timeouts] = c[CTR_retransmits] = 60000;
    expect(LIMIT_NETWORK, "path MTU");
    fail_by(FAILURE_data_timeout, 10000);
    expect(LIMIT_NETWORK, "path MTU");
}

/* One among many may be chance. */
Test(verdict, a_target_that_takes_no_payload_and_one_long_segment_that_is_lost)
{
    fail_by(FAILURE_data_timeout, 10000);
    c[CTR_path_mtu_holes] = 1;
    c[CTR_rto_timeouts] = c[CTR_retransmits] = 60000;
    expect(LIMIT_TARGET, "program, or accept queue");
}

Test(verdict, a_closed_port)
{
    fail_by(FAILURE_refused, 10000);
    c[CTR_established] = 0;
    expect(LIMIT_TARGET, "listener");
}

Test(verdict, a_target_that_resets)
{
    fail_by(FAILURE_reset, 500);
    expect(LIMIT_TARGET, "program, or accept queue");
}

/* @n answers, by their quantiles. */
static void
add_answers(double t_s, uint64_t n, uint64_t p50_ns, uint64_t p90_ns, uint64_t p99_ns)
{
    struct result_interval i = {.t_s = t_s, .attempted = n};

    i.latency[LAT_connect] = (struct result_latency){.count = n};
    i.latency[LAT_connect].quantile_ns[QUANTILE_p50] = p50_ns;
    i.latency[LAT_connect].quantile_ns[QUANTILE_p90] = p90_ns;
    i.latency[LAT_connect].quantile_ns[QUANTILE_p99] = p99_ns;
    report_result_add_interval(&s.r, &i);
}

static void
add_interval(double t_s, uint64_t p50_ns)
{
    add_answers(t_s, 1000, p50_ns, p50_ns, p50_ns);
}

static void
add_quick_seconds(unsigned n)
{
    for (unsigned second = 1; second <= n; second++)
        add_answers(second, 1000, 200 * NS_PER_US, 300 * NS_PER_US, 2 * NS_PER_MS);
}

Test(verdict, a_target_whose_queue_grows_with_the_load)
{
    for (unsigned second = 1; second <= 8; second++)
        add_interval(second, second * second * 2 * NS_PER_MS);
    expect(LIMIT_TARGET, "capacity");
    cr_assert(has_evidence("at first"));
}

/* The first answer comes after a while, and --sample may be shorter than the time between two. */
Test(verdict, intervals_without_an_answer_are_no_growth)
{
    for (unsigned tenth = 1; tenth <= 80; tenth++)
        add_answers(tenth / 10.0, tenth > 20 && tenth % 4 == 0 ? 5 : 0, NS_PER_SEC, NS_PER_SEC,
                    NS_PER_SEC);
    for (size_t i = 0; i < s.r.n_intervals; i++)
        s.r.intervals[i].attempted = 5;
    expect(LIMIT_NONE, "offered load");
    cr_assert(not(has_evidence("at first")));
}

Test(verdict, a_target_in_which_answers_wait_for_each_other)
{
    have_no_schedule();
    hist_record(&client->latency[LAT_connect], 30 * NS_PER_US);
    for (unsigned i = 0; i < 20000; i++)
        hist_record(&client->latency[LAT_connect], 40 * NS_PER_MS);
    expect(LIMIT_TARGET, "capacity");
}

/* In its second, many wait; in the others, next to none. */
Test(verdict, a_target_that_stands_still_for_a_second)
{
    add_quick_seconds(3);
    add_answers(4, 1000, 60 * NS_PER_MS, 800 * NS_PER_MS, 980 * NS_PER_MS);
    add_quick_seconds(3);
    expect(LIMIT_TARGET, "capacity");
    cr_assert(has_evidence("before 4.0 s took 800 ms or more"));
}

/* Where few come in an interval, it takes half of them. */
Test(verdict, one_slow_answer_of_thirty_is_no_standstill)
{
    for (unsigned second = 1; second <= 6; second++)
        add_answers(second, 30, 200 * NS_PER_US, second == 4 ? NS_PER_SEC : NS_PER_MS, NS_PER_MS);
    expect(LIMIT_NONE, "offered load");
}

Test(verdict, a_long_tail_in_each_second_is_no_standstill)
{
    for (unsigned second = 1; second <= 6; second++)
        add_answers(second, 1000, 200 * NS_PER_US, second == 4 ? 500 * NS_PER_MS : NS_PER_MS,
                    500 * NS_PER_MS);
    expect(LIMIT_NONE, "offered load");
}

Test(verdict, a_standstill_of_this_machine_is_not_the_target_s)
{
    add_quick_seconds(3);
    add_answers(4, 1000, 60 * NS_PER_MS, 800 * NS_PER_MS, 980 * NS_PER_MS);
    client->longest_poll_ns = NS_PER_SEC;
    expect(LIMIT_NONE, "offered load");
}

static void
refuse_requests(uint64_t n)
{
    s.r.has_http = true;
    c[CTR_requests] = c[CTR_responses] = 10000;
    c[CTR_COUNT + proto_counter_base(proto_by_name("http1")) + HTTP_COUNT_unexpected_status] = n;
}

Test(verdict, a_target_that_answers_503_to_some)
{
    refuse_requests(3000);
    expect(LIMIT_TARGET, "HTTP");
    cr_assert(has_evidence("3,000 of 10,000 requests: responses with a status"));
}

static void
be_unreachable_for(uint64_t n, const struct ip_addr *from)
{
    struct icmp_origin *o = &s.r.icmp[0];

    fail_by(FAILURE_unreachable, n);
    *o = (struct icmp_origin){.is_set = true, .type = 3, .code = 3, .from = *from};
}

Test(verdict, a_target_whose_own_firewall_rejects)
{
    be_unreachable_for(500, &s.conf.targets[0].addr);
    expect(LIMIT_TARGET, "firewall");
}

/* So connections pile up to the bound, and others have to wait for them. */
Test(verdict, a_slow_target_that_holds_up_starts_is_the_limit_and_not_the_bound)
{
    s.conf.connections = 100;
    c[CTR_conn_limit_reached] = 4000000;
    be_late(9000, 80 * NS_PER_MS);
    fail_by(FAILURE_timeout, 400);
    expect(LIMIT_TARGET, "listen queue, or a firewall");
}

/* -- the network -------------------------------------------------------------------------- */

Test(verdict, a_link_that_goes_down)
{
    c[CTR_link_downs] = 1;
    c[CTR_tx_given_up] = 500;
    fail_by(FAILURE_timeout, 800);
    expect(LIMIT_NETWORK, "link");
}

Test(verdict, a_path_that_loses_segments_at_random)
{
    c[CTR_syn_retransmits] = 210;
    c[CTR_retransmits] = 1000;
    fail_by(FAILURE_timeout, 120);
    expect(LIMIT_NETWORK, "loss");
}

/* Some of what is lost are ACKs of SYN-ACKs. */
Test(verdict, a_path_that_loses_acks_of_handshakes_as_well)
{
    have_no_schedule();
    c[CTR_retransmits] = 8000;
    c[CTR_synack_repeated] = 500;
    expect(LIMIT_NETWORK, "loss");
    cr_assert(has_evidence("500 SYN-ACKs came again"));
}

Test(verdict, a_route_that_is_not_there)
{
    fail_by(FAILURE_unreachable, 10000);
    c[CTR_established] = 0;
    expect(LIMIT_NETWORK, "route");
}

Test(verdict, a_router_that_rejects)
{
    struct ip_addr router = s.conf.targets[0].addr;

    router.lo ^= 1;
    be_unreachable_for(500, &router);
    expect(LIMIT_NETWORK, "route");
}

Test(verdict, a_next_hop_that_was_replaced)
{
    c[CTR_next_hop_silent] = c[CTR_next_hop_changed] = 1;
    fail_by(FAILURE_timeout, 400);
    expect(LIMIT_NETWORK, "next hop");
}

/* -- two at once -------------------------------------------------------------------------- */

/* A few of them by milliseconds: that no answer waits for hundreds is beyond it. */
Test(verdict, a_slow_target_and_a_generator_that_is_seldom_late)
{
    be_late(300, 3 * NS_PER_MS);
    be_off_cpu(300 * NS_PER_MS);
    for (unsigned second = 1; second <= 8; second++)
        add_interval(second, second * second * 2 * NS_PER_MS);
    expect(LIMIT_TARGET, "capacity");
    cr_assert(has_evidence("starts were late"), "the generator's is told, too");
}

/* Then answers may have waited here. */
Test(verdict, a_slow_target_and_a_generator_that_is_seldom_late_and_always_busy)
{
    be_late(300, 3 * NS_PER_MS);
    c[CTR_busy_ns] = 9 * NS_PER_SEC;
    c[CTR_idle_ns] = NS_PER_SEC;
    for (unsigned second = 1; second <= 8; second++)
        add_interval(second, second * second * 2 * NS_PER_MS);
    expect(LIMIT_GENERATOR, "CPU of worker 1");
    cr_assert(has_evidence("at first"), "the target's is told, too");
}

Test(verdict, a_path_that_loses_and_a_closed_loop_whose_core_others_use_a_little)
{
    have_no_schedule();
    be_off_cpu(300 * NS_PER_MS);
    c[CTR_retransmits] = 3000;
    expect(LIMIT_NETWORK, "loss");
}

Test(verdict, answers_of_503_and_a_late_generator)
{
    refuse_requests(3000);
    be_late(4000, 3 * NS_PER_MS);
    expect(LIMIT_TARGET, "HTTP");
    cr_assert(has_evidence("starts were late"), "the generator's is told, too");
}

/* Latency is not to be believed then, and nothing failed: the generator is the first to mend. */
Test(verdict, a_slow_target_and_a_late_generator)
{
    be_late(4000, 3 * NS_PER_MS);
    be_off_cpu(2 * NS_PER_SEC);
    for (unsigned second = 1; second <= 8; second++)
        add_interval(second, second * second * 2 * NS_PER_MS);
    expect(LIMIT_GENERATOR, "CPU of worker 1");
    cr_assert(has_evidence("at first"), "the target's is told, too");
}

/* Milliseconds explain no timeout of seconds. */
Test(verdict, a_full_accept_queue_and_a_late_generator)
{
    be_late(4000, 3 * NS_PER_MS);
    be_off_cpu(2 * NS_PER_SEC);
    fail_by(FAILURE_close_timeout, 6000);
    expect(LIMIT_TARGET, "accept queue");
    cr_assert(has_evidence("starts were late"), "the generator's is told, too");
}

Test(verdict, a_refusing_target_and_a_port_that_dropped_a_few_frames)
{
    c[CTR_rx_missed] = 20;
    fail_by(FAILURE_refused, 9000);
    expect(LIMIT_TARGET, "listener");
    cr_assert(has_evidence("20 frames were dropped"));
}

/* -- loopback, and those that cannot tell ------------------------------------------------- */

Test(verdict, on_loopback_the_server_s_core_is_the_target)
{
    have_no_schedule();
    s.r.n_cores = 2;
    s.r.cores[1].total.counters[CTR_busy_ns] = 99;
    s.r.cores[1].total.counters[CTR_idle_ns] = 1;
    c[CTR_busy_ns] = 97 * NS_PER_SEC;
    c[CTR_idle_ns] = 3 * NS_PER_SEC;
    expect(LIMIT_TARGET, "CPU of worker 2");
}

Test(verdict, a_server_cannot_tell)
{
    s.r.cores[0].role = ROLE_SERVER;
    report_result_sum(&s.r);
    verdict_decide(&v, &s.r);
    cr_assert(not(v.is_decided));
}

Test(verdict, a_run_that_began_nothing_cannot_tell)
{
    c[CTR_attempted] = c[CTR_established] = c[CTR_closed] = 0;
    report_result_sum(&s.r);
    verdict_decide(&v, &s.r);
    cr_assert(not(v.is_decided));
}

Test(verdict, evidence_has_a_bound)
{
    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        fail_by(i, 100);
    c[CTR_rx_missed] = c[CTR_tx_dropped] = c[CTR_mbufs_exhausted] = 1;
    expect(LIMIT_NETWORK, "route");
    cr_assert(eq(uint, v.n_evidence, VERDICT_EVIDENCE_MAX));
}
