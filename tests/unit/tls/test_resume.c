/* SPDX-License-Identifier: BSD-3-Clause */
/* Who resumes whose session, and under which name. */
#include "talk.h"

static struct talk t;

TestSuite(resume, .init = talk_set_up, .fini = talk_tear_down, .timeout = 60);

static void
resume_always(uint16_t version)
{
    talk_client.version_max = version;
    talk_client.resume_ppm = TLS_RESUME_ALWAYS;
    talk_init(&t);
}

/* @return whether the connection, which is whole, resumed a session, as both ends see it. */
static bool
is_resumed(void)
{
    talk_whole(&t);
    talk_expects_done(&t);
    cr_assert(eq(uint, t.client.events & TLS_EV_RESUMED, t.server.events & TLS_EV_RESUMED));
    return (t.client.events & TLS_EV_RESUMED) != 0;
}

/* @return the same, of a connection to @target. */
static bool
is_resumed_to(unsigned target)
{
    talk_begin_end(&t.client, &t.client.ctx, target);
    talk_begin_end(&t.server, &t.server.ctx, 0);
    talk_run(&t);
    talk_expects_done(&t);
    talk_end(&t);
    return (t.client.events & TLS_EV_RESUMED) != 0;
}

Test(resume, the_first_shakes_hands_and_all_others_resume)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        resume_always(version);
        cr_assert(not(is_resumed()));
        for (int i = 0; i < 10; i++)
            cr_assert(is_resumed());
        talk_fini(&t);
    }
}

Test(resume, a_connection_that_nobody_closed_leaves_a_session_all_the_same)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        resume_always(version);
        for (int i = 0; i < 5; i++) {
            talk_begin(&t);
            talk_run(&t);
            talk_expects_done(&t);
            cr_assert(eq(int, (t.client.events & TLS_EV_RESUMED) != 0, i > 0));
            talk_end(&t);
        }
        talk_fini(&t);
    }
}

Test(resume, a_resumption_that_is_broken_off_spoils_no_session)
{
    resume_always(TLS_1_2);
    cr_assert(not(is_resumed()));
    talk_begin(&t);
    talk_step(&t.client, &t.server, &(struct talk_cut){0});
    talk_step(&t.server, &t.client, &(struct talk_cut){0});
    talk_end(&t);
    cr_assert(is_resumed());
    talk_fini(&t);
}

/* RFC 5246 7.2.2: it must not be resumed. */
Test(resume, a_session_that_an_alert_has_ended_is_not_resumed)
{
    static const uint8_t ALERT[] = {21, 3, 3, 0, 2, 2, 40};

    resume_always(TLS_1_2);
    cr_assert(not(is_resumed()));
    talk_begin(&t);
    talk_step(&t.client, &t.server, &(struct talk_cut){0});
    talk_hand_over(&t.client, ALERT, sizeof(ALERT));
    talk_run(&t);
    cr_assert(ne(uint, t.client.events & TLS_EV_FAILED, 0));
    talk_end(&t);
    cr_assert(not(is_resumed()));
    talk_fini(&t);
}

Test(resume, a_part_of_them_is_spread_evenly)
{
    talk_client.resume_ppm = TLS_RESUME_ALWAYS / 4;
    talk_init(&t);
    for (int i = 0; i < 20; i++)
        cr_assert(eq(int, is_resumed(), i % 4 == 3));
    talk_fini(&t);
}

Test(resume, a_server_that_gives_no_tickets_is_not_resumed)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        talk_server.gives_tickets = false;
        resume_always(version);
        for (int i = 0; i < 3; i++)
            cr_assert(not(is_resumed()));
        cr_assert(zero(uint, t.client.ctx.sessions.peers[0].n));
        talk_fini(&t);
    }
}

/* -- whose session ---------------------------------------------------------------------------- */

Test(resume, each_target_has_sessions_of_its_own)
{
    static struct tls_target targets[2] = {{.host = "a.test"}, {.host = "b.test"}};

    talk_client.targets = targets;
    talk_client.n_targets = 2;
    resume_always(TLS_1_3);
    cr_assert(not(is_resumed_to(0)));
    cr_assert(not(is_resumed_to(1)));
    cr_assert(is_resumed_to(1));
    cr_assert(is_resumed_to(0));
    talk_fini(&t);
}

Test(resume, names_are_sent_in_turns_each_with_sessions_of_its_own)
{
    static const char *const NAMES[] = {"a.test", "b.test", "c.test"};

    talk_client.names = NAMES;
    talk_client.n_names = 3;
    resume_always(TLS_1_3);
    for (int i = 0; i < 9; i++) {
        talk_begin(&t);
        talk_run(&t);
        talk_expects_done(&t);
        cr_assert(eq(str, (char *)SSL_get_servername(t.server.conn.ssl, TLSEXT_NAMETYPE_host_name),
                     (char *)NAMES[i % 3]));
        cr_assert(eq(int, (t.client.events & TLS_EV_RESUMED) != 0, i >= 3));
        talk_end(&t);
    }
    talk_fini(&t);
}

Test(resume, a_target_without_a_name_is_sent_none)
{
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    cr_assert(zero(ptr, (void *)SSL_get_servername(t.server.conn.ssl, TLSEXT_NAMETYPE_host_name)));
    talk_end(&t);
    talk_fini(&t);
}

/* -- several workers -------------------------------------------------------------------------- */

/* A connection from the client to @server. */
static bool
is_resumed_at(struct tls_ctx *server)
{
    talk_begin_end(&t.client, &t.client.ctx, 0);
    talk_begin_end(&t.server, server, 0);
    talk_run(&t);
    talk_expects_done(&t);
    talk_end(&t);
    return (t.client.events & TLS_EV_RESUMED) != 0;
}

Test(resume, the_ticket_of_one_worker_is_good_at_another_with_the_same_secret)
{
    static struct tls_ctx same, other;

    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        struct tls_opts o = talk_server;

        talk_make(&same, &o);
        o.ticket_secret[0] ^= 1; /* the key's name */
        o.ticket_secret[40] ^= 1;
        talk_make(&other, &o);
        resume_always(version);
        cr_assert(not(is_resumed_at(&t.server.ctx)));
        cr_assert(is_resumed_at(&same));
        cr_assert(not(is_resumed_at(&other)));
        tls_ctx_fini(&same);
        tls_ctx_fini(&other);
        talk_fini(&t);
    }
}

/* -- ticket requests -------------------------------------------------------------------------- */

/* @return tickets that come after a first handshake. */
static unsigned
tickets_kept(void)
{
    cr_assert(not(is_resumed()));
    return t.client.ctx.sessions.peers[0].n;
}

Test(resume, a_client_gets_as_many_tickets_as_it_asks_for)
{
    talk_client.asks_for_tickets = true;
    talk_client.n_tickets = 5;
    resume_always(TLS_1_3);
    cr_assert(eq(uint, tickets_kept(), 5));
    cr_assert(t.client.conn.has_ticket_request);
    cr_assert(eq(uint, t.client.conn.n_tickets, 5));
    talk_fini(&t);
}

Test(resume, who_asks_for_no_ticket_gets_none)
{
    talk_client.asks_for_tickets = true;
    resume_always(TLS_1_3);
    cr_assert(eq(uint, tickets_kept(), 0));
    cr_assert(t.client.conn.has_ticket_request);
    talk_fini(&t);
}

Test(resume, a_server_gives_as_many_as_it_is_told_to_who_does_not_ask_and_no_more_to_who_does)
{
    talk_server.n_tickets = 3;
    resume_always(TLS_1_3);
    cr_assert(eq(uint, tickets_kept(), 3));
    cr_assert(not(t.client.conn.has_ticket_request));
    talk_fini(&t);
    talk_client.asks_for_tickets = true;
    talk_client.n_tickets = 7;
    resume_always(TLS_1_3);
    cr_assert(eq(uint, tickets_kept(), 3));
    talk_fini(&t);
}

Test(resume, a_server_keeps_no_more_sessions_than_it_is_told_to)
{
    talk_server.n_cached = 3;
    talk_client.version_max = TLS_1_2;
    talk_init(&t);
    for (long i = 1; i <= 5; i++) {
        cr_assert(not(is_resumed()));
        cr_assert(le(long, SSL_CTX_sess_number(t.server.ctx.ssl), 3));
        cr_assert(ge(long, SSL_CTX_sess_number(t.server.ctx.ssl), i < 2 ? i : 2)); /* makes room */
    }
    talk_fini(&t);
}

/* -- without a new key exchange --------------------------------------------------------------- */

/* The server of a resumption has no group in common with the client. OpenSSL makes a new exchange
 * wherever it can (RFC 8446 2.2): without one is what is left. */
static unsigned
resume_without_common_group(bool is_asked_for)
{
    static struct tls_ctx odd;
    struct tls_opts o;

    talk_client.psk_without_dhe = talk_server.psk_without_dhe = is_asked_for;
    talk_client.groups = "P-256";
    resume_always(TLS_1_3);
    o = talk_server;
    o.groups = "X25519";
    talk_make(&odd, &o);
    cr_assert(not(is_resumed_at(&t.server.ctx)));
    talk_begin_end(&t.client, &t.client.ctx, 0);
    talk_begin_end(&t.server, &odd, 0);
    talk_run(&t);
    talk_end(&t);
    if (is_asked_for)
        cr_assert(eq(u64, talk_count(&odd.tally.groups, "none"), 1));
    tls_ctx_fini(&odd);
    return t.client.events;
}

Test(resume, who_asks_for_it_resumes_without_a_new_key_exchange)
{
    unsigned events = resume_without_common_group(true);

    cr_assert(ne(uint, events & TLS_EV_RESUMED, 0));
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.groups, "secp256r1"), 1));
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.groups, "none"), 1));
    talk_fini(&t);
}

Test(resume, who_does_not_ask_for_it_needs_a_new_key_exchange)
{
    unsigned events = resume_without_common_group(false);

    cr_assert(ne(uint, events & TLS_EV_FAILED, 0));
    talk_fini(&t);
}

Test(resume, a_resumption_with_a_new_key_exchange_counts_its_group)
{
    talk_client.psk_without_dhe = talk_server.psk_without_dhe = true;
    talk_client.groups = "P-256";
    resume_always(TLS_1_3);
    cr_assert(not(is_resumed()));
    cr_assert(is_resumed());
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.groups, "secp256r1"), 2));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.groups, "secp256r1"), 2));
    talk_fini(&t);
}

Test(resume, in_tls_1_2_a_resumption_has_no_group)
{
    resume_always(TLS_1_2);
    cr_assert(not(is_resumed()));
    cr_assert(is_resumed());
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.groups, "none"), 1));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.groups, "none"), 1));
    talk_fini(&t);
}
