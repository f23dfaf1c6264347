/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS over a link that loses nothing: its course, its ends, what is counted of it. */
#include "secure_opts.h"

#include <string.h>

#include "sess/conn.h"
#include "sess/idle.h"

enum { FIN = SEG_FIN, RST = SEG_RST };

static struct pair p;

static void
set_up(void)
{
    secure_set_up("p256");
}

TestSuite(secure, .init = set_up, .fini = secure_tear_down);

static uint64_t
rows_count(const struct tls_rows *r, const char *name)
{
    for (unsigned i = 0; i < r->n; i++) {
        if (strcmp(r->rows[i].name, name) == 0)
            return r->rows[i].count;
    }
    return 0;
}

/* -- the course --------------------------------------------------------------------------- */

Test(secure, a_handshake_is_done_and_closed_by_both)
{
    secure_run(&p, secure_pair());
    secure_expects_clean(&p, 1);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_connect].count, 1));
    cr_assert(eq(u64, rows_count(&p.client_tls.tally.versions, "TLSv1.3"), 1));
    cr_assert(eq(u64, rows_count(&p.server_tls.tally.versions, "TLSv1.3"), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, tls_truncated)));
    cr_assert(zero(u64, SERVER_CTR(&p, tls_truncated)));
    pair_fini(&p);
}

Test(secure, tls_1_2_takes_two_round_trips_and_1_3_one)
{
    uint64_t took_ns[2];

    for (int i = 0; i < 2; i++) {
        secure_client.version_max = i == 0 ? TLS_1_3 : TLS_1_2;
        secure_run(&p, secure_pair());
        secure_expects_clean(&p, 1);
        took_ns[i] = p.client_stat.now->latency[LAT_tls].max_ns;
        pair_fini(&p);
    }
    cr_assert(ge(u64, took_ns[0], 200 * NS_PER_US));
    cr_assert(lt(u64, took_ns[0], 400 * NS_PER_US));
    cr_assert(ge(u64, took_ns[1], 400 * NS_PER_US));
    cr_assert(lt(u64, took_ns[1], 600 * NS_PER_US));
}

Test(secure, many_connections_wait_in_line_and_all_have_their_turn)
{
    struct pair_opts opts = secure_pair();

    opts.open_max = 32;
    opts.tls_steps = 1;
    secure_run(&p, opts);
    secure_expects_clean(&p, 32);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_tls].count, 32));
    pair_fini(&p);
}

/* A server that has more to do than its core can must not take those for idle that wait for it. */
Test(secure, who_waits_for_our_own_core_is_not_idle)
{
    struct pair_opts opts = secure_pair();
    const struct core *c = &p.server.core;
    unsigned n_waiting = 0;

    opts.open_max = 8;
    opts.server_is_busy = true;
    opts.step_ns = 10 * NS_PER_US;
    pair_init(&p, &opts);
    pair_run(&p, NS_PER_MS);
    for (uint32_t i = 0; i < c->n_records; i++) {
        const struct record *r = &c->records[i];

        if (tcp_is_over(&r->tcp) || !runq_has(&c->crypto, tcp_stream_idx(&r->tcp)))
            continue;
        cr_assert(lt(u64, session_of(c, r)->active_ns, c->tcp.now_ns));
        cr_assert(eq(u64, idle_since_ns(c, r), c->tcp.now_ns));
        n_waiting++;
    }
    cr_assert(eq(uint, n_waiting, 8));
    p.opts.server_is_busy = false;
    pair_run_out(&p, 30 * NS_PER_SEC);
    secure_expects_clean(&p, 8);
    pair_fini(&p);
}

/* A step takes a turn of 10 ms here, on either side. */
Test(secure, waiting_for_our_own_core_is_no_timeout)
{
    struct pair_opts opts = secure_pair();

    opts.open_max = 32;
    opts.tls_steps = 1;
    /* In batches the server takes three steps for two of the client's, which waits for it. */
    opts.tls_timeout_ns = (getenv("PAIR_BATCH") != NULL ? 500 : 100) * NS_PER_MS;
    opts.server_waits = true;
    pair_init(&p, &opts);
    pair_run(&p, 40 * NS_PER_US); /* all have begun */
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run_out(&p, 30 * NS_PER_SEC);
    pair_run(&p, 100 * NS_PER_MS);
    cr_assert(lt(u64, 600 * NS_PER_MS, p.now_ns - PAIR_START_NS));
    secure_expects_clean(&p, 32);
    pair_fini(&p);
}

Test(secure, a_held_connection_closes_when_its_hold_is_over)
{
    struct pair_opts opts = secure_pair();

    opts.client_hold_ns = 300 * NS_PER_MS;
    pair_init(&p, &opts);
    pair_run(&p, 200 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_handshakes), 1));
    cr_assert(eq(u64, client_open(&p.client), 1));
    cr_assert(zero(u32, p.client.core.rings.n_borrowed));
    cr_assert(zero(u32, p.client.core.pools.buffers.n_borrowed));
    pair_run_out(&p, NS_PER_SEC);
    secure_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(secure, after_the_stop_held_connections_are_swept)
{
    struct pair_opts opts = secure_pair();

    opts.client_hold_ns = 100 * NS_PER_SEC;
    pair_init(&p, &opts);
    pair_run(&p, 200 * NS_PER_MS);
    p.closes_held = true;
    pair_run_out(&p, NS_PER_SEC);
    secure_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(secure, the_peer_may_be_the_one_to_close)
{
    struct pair_opts opts = secure_pair();

    opts.client_close = CLOSE_PEER;
    opts.server_closes = true;
    opts.server_close = CLOSE_FIN;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, tls_truncated)));
    pair_fini(&p);
}

Test(secure, without_close_notify_the_other_side_counts_a_truncation)
{
    struct pair_opts opts = secure_pair();

    secure_client.says_goodbye = false;
    secure_run(&p, opts);
    secure_expects_clean(&p, 1);
    cr_assert(eq(u64, SERVER_CTR(&p, tls_truncated), 1));
    pair_fini(&p);
}

Test(secure, a_peer_that_ends_tls_in_mid_transfer_is_counted_once)
{
    struct pair_opts opts = secure_pair();

    secure_server.says_goodbye = false;
    opts.client.exchange.send_bytes = 300000;
    opts.client_close = CLOSE_PEER;
    opts.server.exchange.send_bytes = 1000;
    opts.server_closes = true;
    opts.server_close = CLOSE_FIN;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_tx_bytes), 300000));
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_truncated), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* Its last word is a bare ACK, for which TLS gets no turn where the ring has room for more. */
Test(secure, a_peer_that_takes_all_and_answers_nothing_has_stalled)
{
    struct pair_opts opts = secure_pair();

    secure_client.version_max = TLS_1_2; /* no ticket comes after the handshake */
    opts.client.ring_bytes = 65536;
    opts.client.exchange =
        (struct pair_exchange){.send_bytes = 1000, .expect_bytes = 1000, .stall_us = 2000000};
    secure_run(&p, opts);
    cr_assert(eq(u64, SERVER_CTR(&p, tls_rx_bytes), 1000));
    cr_assert(eq(u64, CLIENT_FAIL(&p, stalled), 1));
    cr_assert(lt(u64, p.now_ns - PAIR_START_NS, 4 * NS_PER_SEC));
    pair_fini(&p);
}

Test(secure, a_reset_after_the_handshake_is_an_end_as_asked_for)
{
    struct pair_opts opts = secure_pair();

    opts.client_close = CLOSE_RST;
    secure_run(&p, opts);
    pair_run(&p, 10 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure, a_chain_longer_than_the_send_ring_goes_out_in_parts)
{
    struct pair_opts opts = secure_pair();

    pair_init(&p, &opts);
    for (int i = 0; i < 60; i++) { /* 60 times the same, some 25 KiB */
        X509 *copy = X509_dup(secure_identity.cert);

        cr_assert(eq(int, (int)SSL_CTX_add0_chain_cert(p.server_tls.ssl, copy), 1));
    }
    pair_run_out(&p, 30 * NS_PER_SEC);
    secure_expects_clean(&p, 1);
    cr_assert(lt(u64, CORE_RING_BYTES, pair_payload_sent(&p, false)));
    pair_fini(&p);
}

/* -- resumption --------------------------------------------------------------------------- */

static void
expect_resumption(uint16_t version)
{
    struct pair_opts opts = secure_pair();

    secure_client.resume_ppm = TLS_RESUME_ALWAYS;
    secure_client.version_max = version;
    opts.rate = 100;
    opts.open_max = 10;
    opts.duration_ns = 195 * NS_PER_MS;
    secure_run(&p, opts);
    secure_expects_clean(&p, 20);
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_resume_due), 20));
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_resume_offered), 19));
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_resumed), 19));
    cr_assert(eq(u64, SERVER_CTR(&p, tls_resumed), 19));
    cr_assert(zero(u64, SERVER_CTR(&p, tls_resume_due)));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_tls].count, 1));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_tls_resumed].count, 19));
    pair_fini(&p);
}

Test(secure, tickets_of_tls_1_3_are_resumed)
{
    expect_resumption(TLS_1_3);
}

Test(secure, sessions_of_tls_1_2_are_resumed)
{
    expect_resumption(TLS_1_2);
}

Test(secure, half_of_the_connections_resume_if_asked_to)
{
    struct pair_opts opts = secure_pair();

    secure_client.resume_ppm = TLS_RESUME_ALWAYS / 2;
    opts.rate = 100;
    opts.open_max = 10;
    opts.duration_ns = 195 * NS_PER_MS;
    secure_run(&p, opts);
    secure_expects_clean(&p, 20);
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_resume_due), 10));
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_resumed), 10));
    pair_fini(&p);
}

Test(secure, a_server_without_tickets_is_met_with_full_handshakes)
{
    struct pair_opts opts = secure_pair();

    secure_client.resume_ppm = TLS_RESUME_ALWAYS;
    secure_server.gives_tickets = false;
    opts.rate = 100;
    opts.open_max = 10;
    opts.duration_ns = 95 * NS_PER_MS;
    secure_run(&p, opts);
    secure_expects_clean(&p, 10);
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_resume_due), 10));
    cr_assert(zero(u64, CLIENT_CTR(&p, tls_resume_offered)));
    cr_assert(zero(u64, CLIENT_CTR(&p, tls_resumed)));
    pair_fini(&p);
}

Test(secure, who_resets_waits_for_the_first_ticket_before)
{
    struct pair_opts opts = secure_pair();

    secure_client.resume_ppm = TLS_RESUME_ALWAYS;
    opts.client_close = CLOSE_RST;
    opts.rate = 100;
    opts.open_max = 10;
    opts.duration_ns = 195 * NS_PER_MS;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 20));
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_resumed), 19));
    pair_fini(&p);
}

Test(secure, who_resets_waits_for_a_ticket_that_does_not_come_only_once)
{
    struct pair_opts opts = secure_pair();

    secure_client.resume_ppm = TLS_RESUME_ALWAYS;
    secure_server.gives_tickets = false;
    opts.client_close = CLOSE_RST;
    opts.rate = 10;
    opts.open_max = 10;
    opts.duration_ns = 950 * NS_PER_MS;
    opts.tls_timeout_ns = 150 * NS_PER_MS;
    pair_init(&p, &opts);
    pair_run_out(&p, 30 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 10));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    cr_assert(lt(u64, p.now_ns - PAIR_START_NS, NS_PER_SEC)); /* the last one did not wait */
    pair_fini(&p);
}

/* When the side sent its last payload to or from the client's @port before log entry @n. */
static uint64_t
last_payload_ns(bool by_client, uint16_t port, unsigned n)
{
    while (n-- > 0) {
        const struct pair_entry *e = &p.log[n];

        if (e->by_client == by_client && e->seg.payload_len > 0 &&
            (by_client ? e->seg.src_port : e->seg.dst_port) == port)
            return e->at_ns;
    }
    return 0;
}

/* It takes Finished in after TCP has acknowledged it: then come its tickets, or nothing. */
Test(secure, who_resets_leaves_the_server_time_to_complete_the_handshake)
{
    for (int gives_tickets = 0; gives_tickets < 2; gives_tickets++) {
        struct pair_opts opts = secure_pair();
        unsigned n_resets = 0;

        secure_server.gives_tickets = gives_tickets != 0;
        opts.client_close = CLOSE_RST;
        opts.open_max = 20;
        opts.tls_steps = 1;
        opts.server.acks_at_once = true;
        opts.duration_ns = 100 * NS_PER_US;
        pair_init(&p, &opts);
        pair_run_out(&p, 30 * NS_PER_SEC);
        pair_run(&p, 100 * NS_PER_MS);
        cr_assert(eq(u64, CLIENT_CTR(&p, closed), 20));
        for (unsigned i = 0; i < p.n_log; i++) {
            const struct pair_entry *e = &p.log[i];
            uint64_t finished_ns, answer_ns;

            if (!e->by_client || (e->seg.flags & RST) == 0)
                continue;
            n_resets++;
            finished_ns = last_payload_ns(true, e->seg.src_port, i);
            answer_ns = last_payload_ns(false, e->seg.src_port, i);
            if (gives_tickets)
                cr_assert(lt(u64, finished_ns, answer_ns));
            else
                cr_assert(ge(u64, e->at_ns - finished_ns, 20 * NS_PER_MS));
            cr_assert(lt(u64, e->at_ns - finished_ns, 40 * NS_PER_MS));
        }
        cr_assert(eq(uint, n_resets, 20));
        pair_fini(&p);
    }
}

/* Answered in TLS 1.2 before we were done, or with payload: there is nothing to wait for. */
Test(secure, who_resets_does_not_wait_where_the_server_has_shown_that_it_is_done)
{
    struct pair_opts opts = secure_pair();

    secure_client.version_max = TLS_1_2;
    opts.client_close = CLOSE_RST;
    opts.open_max = 1;
    opts.duration_ns = 30 * NS_PER_US;
    pair_init(&p, &opts);
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(lt(u64, p.now_ns - PAIR_START_NS, 10 * NS_PER_MS));
    pair_fini(&p);
}

static bool
drops_the_clients_fin(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return e->by_client && (e->seg.flags & FIN) != 0;
}

/* A server that has closed its socket outright has nobody to read our close_notify. */
Test(secure, a_peer_that_left_first_may_answer_close_notify_with_a_reset)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    const struct tcp_conn *c;
    struct seg rst = {.src_port = PAIR_PORT, .dst_port = PAIR_PORT_FIRST, .flags = RST};
    struct pair_opts opts = secure_pair();

    opts.client_close = CLOSE_PEER;
    opts.server_closes = true;
    opts.server_close = CLOSE_FIN;
    pair_init(&p, &opts);
    p.drops = drops_the_clients_fin;
    pair_run(&p, 20 * NS_PER_MS);
    c = &p.client.core.records[0].tcp;
    cr_assert(eq(u8, c->state, TCPS_LAST_ACK));
    rst.seq = c->rcv_nxt;
    pair_inject_to_client(&p, &remote, &local, &rst);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, resets_received), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    pair_fini(&p);
}

/* -- failures ----------------------------------------------------------------------------- */

Test(secure, no_common_version_is_an_alert_on_both_sides)
{
    secure_client.version_max = TLS_1_2;
    secure_server.version_min = TLS_1_3;
    secure_run(&p, secure_pair());
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_alert), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, tls_alert_sent), 1));
    cr_assert(eq(u64, rows_count(&p.client_tls.tally.alerts_received, "protocol_version"), 1));
    cr_assert(eq(u64, rows_count(&p.server_tls.tally.alerts_sent, "protocol_version"), 1));
    cr_assert(ne(chr, p.client_tls.tally.examples[TLS_CAUSE_ALERT_RECEIVED][0], 0));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure, an_alert_with_a_reset_right_behind_it_still_tells_why)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    struct seg rst = {.src_port = PAIR_PORT, .dst_port = PAIR_PORT_FIRST, .flags = RST};
    struct pair_opts opts = secure_pair();

    secure_client.version_max = TLS_1_2;
    secure_server.version_min = TLS_1_3;
    pair_init(&p, &opts);
    while (pair_payload_sent(&p, false) == 0)
        pair_run(&p, 20 * NS_PER_US);
    p.opts.tls_steps = 0; /* the core has other things to do when the alert comes */
    pair_run(&p, NS_PER_MS);
    rst.seq = p.client.core.records[0].tcp.rcv_nxt;
    pair_inject_to_client(&p, &remote, &local, &rst);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, resets_received), 1));
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_alert), 1));
    cr_assert(eq(u64, rows_count(&p.client_tls.tally.alerts_received, "protocol_version"), 1));
    pair_fini(&p);
}

Test(secure, a_certificate_that_nobody_vouches_for_is_not_trusted)
{
    secure_client.verifies = true;
    secure_run(&p, secure_pair());
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_untrusted), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, tls_alert), 1));
    cr_assert(eq(uint, p.client_tls.tally.untrusted.n, 1));
    pair_fini(&p);
}

Test(secure, a_target_that_says_nothing_runs_into_the_timeout)
{
    struct pair_opts opts = secure_pair();

    opts.server_tls = NULL; /* it swallows the ClientHello */
    opts.tls_timeout_ns = 2 * NS_PER_SEC;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_timeout), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure, a_client_that_says_nothing_runs_into_the_servers_timeout)
{
    struct pair_opts opts = secure_pair();

    opts.client_tls = NULL;
    opts.client_hold_ns = 5 * NS_PER_SEC;
    opts.tls_timeout_ns = 2 * NS_PER_SEC;
    secure_run(&p, opts);
    cr_assert(eq(u64, SERVER_FAIL(&p, tls_timeout), 1));
    cr_assert(lt(u64, p.now_ns - PAIR_START_NS, 3 * NS_PER_SEC));
    pair_fini(&p);
}

Test(secure, a_target_that_speaks_plain_text_is_found_out)
{
    struct pair_opts opts = secure_pair();

    opts.server_tls = NULL;
    opts.server.exchange.send_bytes = 300;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls) + CLIENT_FAIL(&p, tls_alert_sent), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure, a_target_that_closes_in_mid_handshake_is_told_apart)
{
    struct pair_opts opts = secure_pair();

    opts.server_tls = NULL;
    opts.server_closes = true;
    opts.server_close = CLOSE_FIN;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_closed), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure, a_client_that_closes_in_mid_handshake_is_told_apart)
{
    struct pair_opts opts = secure_pair();

    opts.client_tls = NULL;
    secure_run(&p, opts);
    cr_assert(eq(u64, SERVER_FAIL(&p, tls_closed), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure, without_memory_for_a_stream_a_connection_fails)
{
    struct pair_opts opts = secure_pair();

    opts.open_max = 3;
    opts.client.n_streams = 2;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_FAIL(&p, no_memory), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_handshakes), 2));
    pair_fini(&p);
}

Test(secure, what_is_open_at_the_end_is_given_back)
{
    struct pair_opts opts = secure_pair();

    opts.client_hold_ns = 100 * NS_PER_SEC;
    opts.open_max = 5;
    pair_init(&p, &opts);
    pair_run(&p, 50 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 5));
    pair_fini(&p); /* leaks are the sanitizer's to find */
}
