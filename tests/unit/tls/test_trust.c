/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is trusted: the server by the client, the client by the server. */
#include "files.h"
#include "talk.h"

static struct talk t;

static void
set_up(void)
{
    talk_set_up();
    files_set_up();
}

static void
tear_down(void)
{
    files_tear_down();
    talk_tear_down();
}

TestSuite(trust, .init = set_up, .fini = tear_down, .timeout = 60);

static void
trust_the_servers_own(void)
{
    talk_client.verifies = true;
    talk_client.ca = files_write("ca.pem", talk_identity.cert, NULL, NULL);
}

static void
run(void)
{
    talk_init(&t);
    talk_whole(&t);
}

/* The client refused the certificate for @reason and told the server so by @alert. */
static void
expect_untrusted(const char *reason, const char *alert)
{
    const struct tls_tally *y = &t.client.ctx.tally;

    cr_assert(ne(uint, t.client.events & TLS_EV_FAILED, 0));
    cr_assert(zero(uint, t.client.events & TLS_EV_DONE));
    cr_assert(eq(int, t.client.conn.cause, TLS_CAUSE_UNTRUSTED));
    cr_assert(eq(u64, talk_count(&y->untrusted, reason), 1), "it was: %s",
              y->untrusted.rows[0].name);
    cr_assert(ne(ptr, strstr(y->examples[TLS_CAUSE_UNTRUSTED], reason), NULL));
    cr_assert(eq(u64, talk_count(&y->alerts_sent, alert), 1));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.alerts_received, alert), 1));
    cr_assert(eq(int, t.server.conn.cause, TLS_CAUSE_ALERT_RECEIVED));
}

/* -- the server ------------------------------------------------------------------------------- */

Test(trust, a_server_is_trusted_by_its_address_or_its_name)
{
    static struct tls_target rows[] = {
        {.host = "198.18.1.1", .host_is_address = true},
        {.host = "shakedown.test"},
        {.sni = "shakedown.test", .host = "198.18.9.9", .host_is_address = true}};

    trust_the_servers_own();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        talk_client.targets = &rows[i];
        run();
        talk_expects_done(&t);
        talk_fini(&t);
    }
}

Test(trust, a_certificate_for_another_address_or_name_is_not)
{
    static struct tls_target rows[] = {{.host = "198.18.1.2", .host_is_address = true},
                                       {.host = "other.test"},
                                       {.sni = "other.test", .host = "shakedown.test"}};
    static const char *const REASONS[] = {"IP address mismatch", "hostname mismatch",
                                          "hostname mismatch"};

    trust_the_servers_own();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        talk_client.targets = &rows[i];
        run();
        expect_untrusted(REASONS[i], "bad_certificate");
        talk_fini(&t);
    }
}

Test(trust, each_of_the_names_sent_in_turns_is_looked_for_in_the_certificate)
{
    static const char *const NAMES[] = {"shakedown.test", "other.test"};

    trust_the_servers_own();
    talk_client.names = NAMES;
    talk_client.n_names = 2;
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    talk_whole(&t);
    expect_untrusted("hostname mismatch", "bad_certificate");
    talk_fini(&t);
}

Test(trust, an_expired_certificate_is_refused)
{
    trust_the_servers_own();
    files_sign(talk_identity.cert, talk_identity.cert, talk_identity.key, -1);
    talk_client.ca = files_write("expired.pem", talk_identity.cert, NULL, NULL);
    run();
    expect_untrusted("certificate has expired", "certificate_expired");
    talk_fini(&t);
}

Test(trust, a_certificate_that_nobody_vouches_for_is_refused)
{
    struct tls_identity other = files_identity("p256", "shakedown.test");

    files_rename(other.cert, "other", false);
    files_sign(other.cert, other.cert, other.key, 1);
    talk_client.verifies = true;
    talk_client.ca = files_write("other.pem", other.cert, NULL, NULL);
    run();
    cr_assert(eq(int, t.client.conn.cause, TLS_CAUSE_UNTRUSTED));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.alerts_received, "unknown_ca"), 1));
    talk_fini(&t);
    tls_identity_free(&other);
}

/* OpenSSL then has more to tell than that the certificate does not verify. */
Test(trust, a_certificate_whose_signature_is_wrong_is_not_trusted_either)
{
    struct tls_identity ca = files_identity("rsa2048", NULL),
                        fake = files_identity("rsa2048", NULL);

    files_rename(ca.cert, "authority", true);
    files_sign(ca.cert, ca.cert, ca.key, 1);
    files_sign(talk_identity.cert, ca.cert, fake.key, 1);
    talk_client.verifies = true;
    talk_client.ca = files_write("ca.pem", ca.cert, NULL, NULL);
    run();
    expect_untrusted("certificate signature failure", "decrypt_error");
    talk_fini(&t);
    tls_identity_free(&ca);
    tls_identity_free(&fake);
}

Test(trust, what_an_authority_signed_is_trusted)
{
    struct tls_identity ca = files_identity("rsa2048", NULL);

    files_rename(ca.cert, "authority", true);
    files_sign(ca.cert, ca.cert, ca.key, 1);
    files_sign(talk_identity.cert, ca.cert, ca.key, 1);
    talk_client.verifies = true;
    talk_client.ca = files_write("ca.pem", ca.cert, NULL, NULL);
    run();
    talk_expects_done(&t);
    talk_fini(&t);
    tls_identity_free(&ca);
}

Test(trust, who_does_not_verify_takes_an_expired_certificate)
{
    files_sign(talk_identity.cert, talk_identity.cert, talk_identity.key, -1);
    run();
    talk_expects_done(&t);
    cr_assert(zero(uint, t.client.ctx.tally.untrusted.n));
    talk_fini(&t);
}

/* -- the client ------------------------------------------------------------------------------- */

static struct tls_identity client_id;

/* The client shows a certificate; the server is to trust it if @is_known. */
static void
give_client_certificate(bool is_known)
{
    client_id = files_identity("p256", "client.test");
    files_rename(client_id.cert, "client", false);
    files_sign(client_id.cert, client_id.cert, client_id.key, 1);
    talk_client.cert = files_write("client.pem", client_id.cert, client_id.key, NULL);
    talk_server.verifies = true;
    talk_server.asks_for_cert = true;
    talk_server.ca = is_known ? files_write("clients.pem", client_id.cert, NULL, NULL)
                              : files_write("clients.pem", talk_identity.cert, NULL, NULL);
}

Test(trust, a_client_that_the_authority_knows_is_let_in)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        give_client_certificate(true);
        talk_client.version_max = version;
        run();
        talk_expects_done(&t);
        talk_fini(&t);
        tls_identity_free(&client_id);
    }
}

Test(trust, a_client_that_the_authority_does_not_know_is_refused)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        give_client_certificate(false);
        talk_client.version_max = version;
        run();
        cr_assert(eq(int, t.server.conn.cause, TLS_CAUSE_UNTRUSTED));
        cr_assert(eq(uint, t.server.ctx.tally.untrusted.n, 1));
        cr_assert(eq(int, t.client.conn.cause, TLS_CAUSE_ALERT_RECEIVED));
        talk_fini(&t);
        tls_identity_free(&client_id);
    }
}

Test(trust, a_client_without_a_certificate_is_refused_by_who_needs_one)
{
    static const char *const ALERTS[] = {"handshake_failure", "certificate_required"};

    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        give_client_certificate(true);
        talk_client.cert = NULL;
        talk_client.version_max = version;
        run();
        cr_assert(ne(uint, t.server.events & TLS_EV_FAILED, 0));
        cr_assert(eq(int, t.server.conn.cause, TLS_CAUSE_ALERT_SENT));
        cr_assert(
            eq(u64, talk_count(&t.server.ctx.tally.alerts_sent, ALERTS[version - TLS_1_2]), 1));
        cr_assert(
            eq(u64, talk_count(&t.client.ctx.tally.alerts_received, ALERTS[version - TLS_1_2]), 1));
        talk_fini(&t);
        tls_identity_free(&client_id);
    }
}

Test(trust, who_only_asks_lets_anyone_in_with_a_certificate_or_without)
{
    for (int has_cert = 0; has_cert < 2; has_cert++) {
        give_client_certificate(false);
        talk_server.verifies = false;
        talk_client.cert = has_cert ? talk_client.cert : NULL;
        talk_init(&t);
        talk_begin(&t);
        talk_run(&t);
        talk_expects_done(&t);
        cr_assert(eq(int, SSL_get0_peer_certificate(t.server.conn.ssl) != NULL, has_cert));
        talk_end(&t);
        talk_fini(&t);
        tls_identity_free(&client_id);
    }
}

Test(trust, who_does_not_ask_is_shown_no_certificate)
{
    give_client_certificate(true);
    talk_server.verifies = talk_server.asks_for_cert = false;
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    talk_expects_done(&t);
    cr_assert(zero(ptr, SSL_get0_peer_certificate(t.server.conn.ssl)));
    talk_end(&t);
    talk_fini(&t);
    tls_identity_free(&client_id);
}

Test(trust, a_client_with_a_certificate_can_resume)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        give_client_certificate(true);
        talk_client.version_max = version;
        talk_client.resume_ppm = TLS_RESUME_ALWAYS;
        talk_init(&t);
        talk_whole(&t);
        talk_whole(&t);
        talk_expects_done(&t);
        cr_assert(ne(uint, t.client.events & TLS_EV_RESUMED, 0));
        talk_fini(&t);
        tls_identity_free(&client_id);
    }
}
