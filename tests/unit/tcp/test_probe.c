/* SPDX-License-Identifier: BSD-3-Clause */
/* Tail-loss probes: RFC 8985 7. */
#include "rig.h"

/* A round trip of 100 ms has been measured with the first 1000 bytes: SRTT 100, RTO 300 ms. */
static struct tcp_rig
rig_measured(void)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    return r;
}

/* Three segments, and the probe for them: the last one again. */
static struct tcp_rig
rig_probed(void)
{
    struct tcp_rig r = rig_measured();

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1001, 3);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 3001, .ack = 1, .payload_len = 1000);
    return r;
}

Test(tcp_probe, two_round_trips_after_the_last_segment_it_goes_out_again)
{
    struct tcp_rig r = rig_probed();

    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 1));
    cr_assert(eq(u64, rig_count(&r, retransmits), 1));
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
}

/* 7.2. */
Test(tcp_probe, each_new_segment_and_each_acknowledgement_begin_the_wait_anew)
{
    struct tcp_rig r = rig_measured();

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1001, 3);
    rig_passes(&r, 150);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 4001, 1);
    rig_expects_silence_for(&r, 150); /* an RTT of 300 for the first: SRTT 125 */
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    rig_expects_after(&r, 250, ACK | PSH, .seq = 4001, .ack = 1, .payload_len = 1000);
}

/* 7.2: the ACK of a single segment may be delayed; never later than the timeout. */
Test(tcp_probe, for_a_single_segment_the_wait_is_longer_up_to_the_timeout)
{
    struct tcp_rig r = rig_measured();

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1001, 1);
    rig_expects_after(&r, 300, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 1));
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
}

Test(tcp_probe, before_a_round_trip_is_measured_the_wait_is_the_timeout)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1, 3);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 2001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 1));
}

/* 7.3: the timeout counts from the probe on. */
Test(tcp_probe, after_the_probe_comes_the_timeout)
{
    struct tcp_rig r = rig_probed();

    rig_expects_after(&r, 300, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 1));
    rig_expects_after(&r, 600, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 1));
}

Test(tcp_probe, without_sack_there_is_none)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1001, 3);
    rig_expects_after(&r, 300, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 0));
}

/* 7.3: beyond the congestion window. */
Test(tcp_probe, what_is_new_is_the_better_probe)
{
    struct tcp_rig r = rig_measured();

    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1001, 10);
    rig_expects_after(&r, 200, ACK, .seq = 11001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 1));
    cr_assert(eq(u64, rig_count(&r, retransmits), 0));
    rig_expects_after(&r, 300, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
}

Test(tcp_probe, what_is_new_and_beyond_the_peer_s_window_is_no_probe)
{
    struct tcp_rig r = rig_measured();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 3000);
    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1001, 3);
    rig_expects_after(&r, 200, ACK, .seq = 3001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, retransmits), 1));
}

Test(tcp_probe, the_fin_belongs_to_the_last_segment)
{
    struct tcp_rig r = rig_measured();

    rig_app_writes(&r, 1500);
    rig_expects_full(&r, 1001, 1);
    rig_expects(&r, ACK | PSH, .seq = 2001, .ack = 1, .payload_len = 500);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 2501, .ack = 1);
    rig_expects_after(&r, 200, FIN | PSH | ACK, .seq = 1502, .ack = 1, .payload_len = 999);
}

/* 7.4.1: the loss of several at the end is found by the probe's selective acknowledgement. */
Test(tcp_probe, the_answer_to_a_probe_tells_what_is_missing_before_it)
{
    struct tcp_rig r = rig_probed();

    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .sack = {{3001, 4001}});
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 2001, .ack = 1, .payload_len = 1000);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
    cr_assert(eq(u64, rig_count(&r, fast_retransmits), 2));
}

/* 7.4.2: all arrived, the last but once: it had been lost, so the window is cut. */
Test(tcp_probe, a_probe_that_repaired_a_loss_cuts_the_window)
{
    struct tcp_rig r = rig_probed();

    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 4001, 10);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 5001);
    cr_assert(lt(u32, rig_stream(&r)->cc.ssthresh, 10001));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 14001);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 1));
}

/* 7.4.2, case 1. */
Test(tcp_probe, a_probe_that_was_not_needed_cuts_nothing)
{
    struct tcp_rig r = rig_probed();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001); /* all was only late */
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001, .sack = {{3001, 4001}});
    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 4001, 10);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 14001);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
}

/* The same before all is acknowledged. */
Test(tcp_probe, a_probe_that_was_not_needed_cuts_nothing_with_more_in_flight)
{
    struct tcp_rig r = rig_probed();

    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 4001, 2);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001);
    rig_passes(&r, 50);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001, .sack = {{3001, 4001}});
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 6001);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
}

/* 7.4.2, case 2: the peer does not report duplicates, but answers them. */
Test(tcp_probe, a_duplicate_ack_without_blocks_answers_a_probe_too)
{
    struct tcp_rig r = rig_probed();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001);
    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 4001, 10);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 14001);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
}

/* The answer to a request is no answer to a probe. */
Test(tcp_probe, payload_of_the_peer_does_not_answer_a_probe)
{
    struct tcp_rig r = rig_probed();

    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 4001, .payload_len = 500);
    rig_app_writes(&r, 10000);
    rig_expects(&r, ACK, .seq = 4001, .ack = 501, .payload_len = 1000);
    rig_expects_full(&r, 5001, 9);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 501, .ack = 5001);
    cr_assert(lt(u32, rig_stream(&r)->cc.ssthresh, 10001));
}

Test(tcp_probe, new_payload_as_a_probe_cuts_nothing)
{
    struct tcp_rig r = rig_measured();

    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1001, 10);
    rig_expects_after(&r, 200, ACK, .seq = 11001, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 12001);
    rig_expects_full(&r, 12001, 9);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
}

Test(tcp_probe, while_something_is_known_to_be_missing_there_is_none)
{
    struct tcp_rig r = rig_measured();

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1001, 3);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .sack = {{3001, 4001}});
    rig_expects_after(&r, 25, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 2001, .ack = 1, .payload_len = 1000);
    rig_expects_silence_for(&r, 299);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 0));
    rig_runs_until(&r, r.now_ns + 2 * NS_PER_MS);
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 1));
}

/* On a fast path. */
Test(tcp_probe, the_wait_is_ten_milliseconds_at_least)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1001, 3);
    rig_expects_after(&r, 10, ACK | PSH, .seq = 3001, .ack = 1, .payload_len = 1000);
}

/* The probe fell due while the port took nothing; then the peer's ACK came. */
Test(tcp_probe, one_that_was_kept_waiting_is_not_sent_for_what_has_arrived)
{
    struct tcp_rig r = rig_measured();
    struct seg out, sack = {
                        .seq = r.irs + 1,
                        .ack = r.iss + 1001,
                        .window = 65535,
                        .flags = ACK,
                        .options = SEG_OPT_SACK,
                        .n_sack = 1,
                        .sack = {{r.iss + 3001, r.iss + 4001}},
                    };

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1001, 3);
    tcp_ctx_set_now(&r.ctx, r.deadline_ns);
    cr_assert(zero(uint, tcp_timeout(&r.conn, &r.ctx)));
    cr_assert(zero(uint, tcp_input(&r.conn, &r.ctx, &sack)));
    cr_assert(not(tcp_output(&r.conn, &r.ctx, &out)));
    cr_assert(zero(u64, rig_count(&r, tail_loss_probes)));
}
