/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS over TCP, where their two ends do not come at the same time: resets behind alerts, closes in
 * every phase, lost goodbyes. */
#include "secure_opts.h"

#include <string.h>

#include "sess/warmup.h"

static struct pair p;

static void
set_up(void)
{
    secure_set_up("p256");
}

TestSuite(secure_more, .init = set_up, .fini = secure_tear_down, .timeout = 120);

/* All that a time-out could still bring. */
static void
run_long(void)
{
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run(&p, 70 * NS_PER_SEC);
}

/* -- what is left of a connection --------------------------------------------------------- */

Test(secure_more, the_books_balance_whoever_closes_and_however)
{
    for (unsigned i = 0; i < 2 * 3 * 3 * 2 * 2; i++) {
        struct pair_opts opts = secure_pair();

        secure_client.version_max = i % 2 == 0 ? TLS_1_3 : TLS_1_2;
        opts.client_close = (enum close_mode)(i / 2 % 3);
        opts.server_closes = true;
        opts.server_close = (enum close_mode)(i / 6 % 3);
        secure_client.resume_ppm = i / 18 % 2 == 0 ? TLS_RESUME_NEVER : TLS_RESUME_ALWAYS;
        opts.client_hold_ns = i / 36 % 2 == 0 ? 0 : 5 * NS_PER_MS;
        if (opts.client_close == CLOSE_PEER && opts.server_close == CLOSE_PEER)
            continue; /* they wait for each other */
        opts.open_max = 3;
        secure_run(&p, opts);
        run_long();
        cr_assert(zero(u64, client_open(&p.client)), "case %u", i);
        cr_assert(zero(u64, server_open(&p.server)), "case %u", i);
        cr_assert(eq(u64, CLIENT_CTR(&p, tls_handshakes), CLIENT_CTR(&p, attempted)), "case %u", i);
        pair_expects_all_given_back(&p);
        cr_assert(zero(u32, p.client.core.rings.n_borrowed));
        cr_assert(zero(u32, p.server.core.rings.n_borrowed));
        cr_assert(runq_is_empty(&p.client.core.crypto));
        cr_assert(runq_is_empty(&p.server.core.crypto));
        pair_fini(&p);
    }
}

/* Any of the segments of a connection gets lost, the first time it is sent. */
static unsigned lost;

static bool
drops_one(const struct pair *pair, const struct pair_entry *e)
{
    (void)e;
    return pair->n_log == lost;
}

static bool
drops_all(const struct pair *pair, const struct pair_entry *e)
{
    (void)pair;
    (void)e;
    return true;
}

Test(secure_more, no_single_loss_changes_the_outcome)
{
    for (int close_by_server = 0; close_by_server < 2; close_by_server++) {
        for (lost = 1; lost < 24; lost++) {
            struct pair_opts opts = secure_pair();

            opts.server_closes = close_by_server;
            opts.client_close = close_by_server ? CLOSE_PEER : CLOSE_FIN;
            secure_client.resume_ppm = lost % 2 == 0 ? TLS_RESUME_ALWAYS : TLS_RESUME_NEVER;
            opts.step_ns = 100 * NS_PER_US;
            opts.duration_ns = 150 * NS_PER_US;
            pair_init(&p, &opts);
            p.drops = drops_one;
            pair_run_out(&p, 30 * NS_PER_SEC);
            run_long();
            cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1), "lost %u", lost);
            cr_assert(eq(u64, SERVER_CTR(&p, closed), 1), "lost %u", lost);
            cr_assert(eq(u64, CLIENT_CTR(&p, tls_handshakes), 1), "lost %u", lost);
            cr_assert(eq(u64, SERVER_CTR(&p, tls_handshakes), 1), "lost %u", lost);
            pair_expects_all_given_back(&p);
            pair_fini(&p);
        }
    }
}

Test(secure_more, a_window_that_takes_less_than_a_flight_delays_it_only)
{
    for (uint32_t window = 256; window <= 2048; window *= 2) {
        struct pair_opts opts = secure_pair();

        opts.client.rcv_wnd = opts.server.rcv_wnd = window;
        secure_run(&p, opts);
        run_long();
        secure_expects_clean(&p, 1);
        pair_fini(&p);
    }
}

/* -- resets ------------------------------------------------------------------------------- */

/* What a handshake ends with is on its way when its sender has done with it. */
Test(secure_more, who_closes_by_reset_sees_to_it_that_the_other_side_can_finish_its_handshake)
{
    for (unsigned i = 0; i < 8; i++) {
        struct pair_opts opts = secure_pair();

        secure_client.version_max = i % 2 == 0 ? TLS_1_3 : TLS_1_2;
        secure_client.resume_ppm = i / 2 % 2 == 0 ? TLS_RESUME_NEVER : TLS_RESUME_ALWAYS;
        opts.client_close = i / 4 == 0 ? CLOSE_RST : CLOSE_PEER;
        opts.server_closes = i / 4 == 1;
        opts.server_close = CLOSE_RST;
        opts.rate = 100;
        opts.duration_ns = 45 * NS_PER_MS;
        opts.open_max = 2;
        secure_run(&p, opts);
        cr_assert(eq(u64, CLIENT_CTR(&p, tls_handshakes), CLIENT_CTR(&p, attempted)), "case %u", i);
        cr_assert(eq(u64, SERVER_CTR(&p, tls_handshakes), CLIENT_CTR(&p, attempted)), "case %u", i);
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

Test(secure_more, who_closes_by_reset_does_not_wait_for_ever)
{
    struct pair_opts opts = secure_pair();

    opts.client_close = CLOSE_RST;
    secure_client.version_min = TLS_1_3;
    pair_init(&p, &opts);
    while (CLIENT_CTR(&p, tls_handshakes) == 0)
        pair_run(&p, 10 * NS_PER_US);
    p.drops = drops_all;
    run_long();
    cr_assert(eq(u64, CLIENT_FAIL(&p, data_timeout), 1));
    cr_assert(zero(u64, client_open(&p.client)));
    pair_fini(&p);
}

/* -- alerts that a reset follows ---------------------------------------------------------- */

/* What a server does that refuses and has not read all: the alert, then RST (RFC 9293 3.6.1 note).
 * Both are there before the client looks at either. */
static void
inject_alert_and_reset(const uint8_t *alert, uint16_t n)
{
    const struct pair_entry *syn = pair_sent(&p, true, 0), *answer = pair_sent(&p, false, 0);
    struct seg s = {.src_port = syn->seg.dst_port,
                    .dst_port = syn->seg.src_port,
                    .seq = answer->seg.seq + 1,
                    .ack = syn->seg.seq + 1,
                    .flags = SEG_ACK | SEG_PSH,
                    .window = 1000,
                    .payload = alert,
                    .payload_len = n};

    pair_inject_to_client(&p, &syn->dst, &syn->src, &s);
    s.flags = SEG_RST | SEG_ACK;
    s.seq += n;
    s.payload_len = 0;
    pair_inject_to_client(&p, &syn->dst, &syn->src, &s);
}

Test(secure_more, an_alert_that_a_reset_follows_at_once_is_still_the_reason)
{
    static const uint8_t ALERT[] = {21, 3, 3, 0, 2, 2, 40};
    struct pair_opts opts = secure_pair();

    opts.server_tls = NULL; /* it says nothing of its own */
    pair_init(&p, &opts);
    pair_run(&p, 2 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 1));
    inject_alert_and_reset(ALERT, sizeof(ALERT));
    pair_run(&p, 10 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
    cr_assert(zero(u64, CLIENT_FAIL(&p, reset)));
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_alert), 1));
    pair_fini(&p);
}

Test(secure_more, a_reset_without_an_alert_is_a_reset)
{
    struct pair_opts opts = secure_pair();

    opts.server_tls = NULL;
    pair_init(&p, &opts);
    pair_run(&p, 2 * NS_PER_MS);
    inject_alert_and_reset(NULL, 0);
    pair_run(&p, 10 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 1));
    pair_fini(&p);
}

/* -- certificates of clients -------------------------------------------------------------- */

/* In TLS 1.3 the client is done before the server has looked at its certificate: held, it hears of
 * the refusal. */
Test(secure_more, a_client_that_is_refused_after_its_handshake_fails)
{
    struct pair_opts opts = secure_pair();

    secure_server.verifies = true; /* and the client has none */
    secure_server.asks_for_cert = true;
    secure_client.version_min = TLS_1_3;
    opts.client_hold_ns = 100 * NS_PER_MS;
    secure_run(&p, opts);
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_alert), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, tls_alert_sent), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure_more, a_client_that_is_refused_as_it_closes_fails_too)
{
    struct pair_opts opts = secure_pair();

    secure_server.verifies = true;
    secure_server.asks_for_cert = true;
    secure_client.version_min = TLS_1_3;
    secure_run(&p, opts);
    cr_assert(eq(u64, SERVER_FAIL(&p, tls_alert_sent), 1));
    cr_assert(eq(u64, CLIENT_FAIL(&p, tls_alert), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(secure_more, a_client_that_is_let_in_closes_as_ever)
{
    secure_server.asks_for_cert = true; /* and takes none, too */
    secure_run(&p, secure_pair());
    secure_expects_clean(&p, 1);
    pair_fini(&p);
}

/* -- the count of truncations ------------------------------------------------------------- */

/* Who has said goodbye and closed does not wait for the other's, whether it resumes or not. */
Test(secure_more, a_peer_that_only_closes_in_answer_is_counted_the_same_with_resumption_or_without)
{
    uint64_t truncated[2];

    secure_server.says_goodbye = false;
    for (int resumes = 0; resumes < 2; resumes++) {
        secure_client.resume_ppm = resumes ? TLS_RESUME_ALWAYS : TLS_RESUME_NEVER;
        secure_run(&p, secure_pair());
        secure_expects_clean(&p, 1);
        truncated[resumes] = CLIENT_CTR(&p, tls_truncated);
        pair_fini(&p);
    }
    cr_assert(eq(u64, truncated[0], truncated[1]));
}

/* -- before the load ---------------------------------------------------------------------- */

Test(secure_more, a_warmup_fetches_sessions_and_counts_apart)
{
    struct pair_opts opts = secure_pair();
    static struct warmup warmup;
    static struct stats apart;

    secure_client.resume_ppm = TLS_RESUME_ALWAYS;
    pair_init(&p, &opts);
    client_stop_at(&p.client, 0);
    stat_init(&apart, p.now_ns);
    warmup_begin(&warmup, &p.client, &apart);
    cr_assert(warmup_add(&warmup, &p.client, 0, p.now_ns));
    pair_run(&p, 50 * NS_PER_MS);
    cr_assert(zero(u64, client_open(&p.client)));
    warmup_end(&warmup, &p.client);
    cr_assert(eq(u64, apart.now->counters[CTR_attempted], 1));
    cr_assert(eq(u64, apart.now->counters[CTR_closed], 1));
    cr_assert(eq(u64, apart.now->counters[CTR_tls_handshakes], 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, attempted)));
    cr_assert(zero(u64, CLIENT_CTR(&p, tls_handshakes)));
    cr_assert(lt(uint, 0, p.client_tls.sessions.peers[0].n));
    pair_fini(&p);
}

Test(secure_more, what_a_warmup_has_open_at_its_end_is_given_up)
{
    struct pair_opts opts = secure_pair();
    static struct warmup warmup;
    static struct stats apart;

    secure_client.resume_ppm = TLS_RESUME_ALWAYS;
    pair_init(&p, &opts);
    client_stop_at(&p.client, 0);
    stat_init(&apart, p.now_ns);
    warmup_begin(&warmup, &p.client, &apart);
    cr_assert(warmup_add(&warmup, &p.client, 0, p.now_ns));
    warmup_end(&warmup, &p.client);
    cr_assert(zero(u64, client_open(&p.client)));
    cr_assert(eq(u64, apart.now->counters[CTR_failed], 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    pair_run(&p, 50 * NS_PER_MS);
    pair_fini(&p);
}
