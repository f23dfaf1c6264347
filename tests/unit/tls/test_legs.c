/* SPDX-License-Identifier: BSD-3-Clause */
/* The legs of handshakes between two ends of our own, on a clock that goes on by one at each look,
 * and what is agreed on, by name. */
#include "talk.h"

static struct talk t;
static uint64_t now_ns;

static uint64_t
tick(const void *arg)
{
    (void)arg;
    return ++now_ns;
}

static void
set_up(void)
{
    talk_set_up();
    talk_client.now = talk_server.now = tick;
    now_ns = 1000;
}

TestSuite(legs, .init = set_up, .fini = talk_tear_down, .timeout = 60);

/* The legs follow each other and fill the time from the ClientHello to the end. */
static void
expect_legs(const struct tls_conn *c)
{
    const struct tls_legs *l = &c->legs;
    uint64_t sum_ns = 0;

    for (enum tls_leg leg = 0; leg < TLS_LEGS; leg++) {
        cr_assert(lt(u64, 0, l->began_ns[leg]));
        cr_assert(lt(u64, 0, tls_legs_ns(l, leg, c->done_ns)));
        sum_ns += tls_legs_ns(l, leg, c->done_ns);
    }
    cr_assert(eq(u64, sum_ns, c->done_ns - l->began_ns[TLS_LEG_HELLO]));
    cr_assert(lt(u64, 0, l->computing_ns));
    cr_assert(le(u64, l->computing_ns, c->done_ns - 1000));
}

/* One handshake, whose connection stays. */
static void
shake_hands(void)
{
    talk_begin(&t);
    talk_run(&t);
    talk_expects_done(&t);
    expect_legs(&t.client.conn);
    expect_legs(&t.server.conn);
    cr_assert(eq(uint, t.client.conn.legs.out_bytes, t.server.conn.legs.in_bytes));
}

Test(legs, both_ends_see_the_same_three_in_every_version_full_and_resumed)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        talk_client.version_max = version;
        talk_client.resume_ppm = TLS_RESUME_ALWAYS;
        talk_client.groups = "X25519:P-256"; /* a share for the first */
        talk_init(&t);
        for (unsigned i = 0; i < 3; i++) {
            shake_hands();
            cr_assert(eq(int, (t.client.events & TLS_EV_RESUMED) != 0, i > 0));
            cr_assert(eq(uint, t.client.conn.legs.n_shares, version == TLS_1_3));
            cr_assert(not(t.client.conn.legs.has_retried));
            talk_end(&t);
        }
        talk_fini(&t);
    }
}

Test(legs, a_server_that_wants_another_key_share_makes_the_first_one_longer)
{
    uint64_t hello_ns;

    talk_client.groups = "X25519:P-256";
    talk_server.groups = "X25519:P-256";
    talk_init(&t);
    shake_hands();
    hello_ns = tls_legs_ns(&t.client.conn.legs, TLS_LEG_HELLO, t.client.conn.done_ns);
    cr_assert(not(t.client.conn.legs.has_retried));
    talk_end(&t);
    talk_fini(&t);
    talk_server.groups = "P-256";
    talk_init(&t);
    shake_hands();
    cr_assert(t.client.conn.legs.has_retried);
    cr_assert(t.server.conn.legs.has_retried);
    cr_assert(
        lt(u64, hello_ns, tls_legs_ns(&t.client.conn.legs, TLS_LEG_HELLO, t.client.conn.done_ns)));
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.groups, "secp256r1"), 1));
    talk_end(&t);
    talk_fini(&t);
}

Test(legs, an_alert_is_told_with_who_sent_it_and_when)
{
    talk_server.groups = "P-521:P-256";
    talk_client.groups = "X25519";
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    cr_assert(ne(uint, t.client.events & TLS_EV_FAILED, 0));
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.alert_legs, "received, hello"), 1));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.alert_legs, "sent, hello"), 1));
    talk_end(&t);
    talk_fini(&t);
}

Test(legs, one_who_does_not_trust_the_server_says_so_in_its_flight)
{
    talk_client.verifies = true;
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.alert_legs, "sent, flight"), 1));
    talk_end(&t);
    talk_fini(&t);
}

Test(legs, who_the_server_is_is_told_by_kind_of_signature_and_of_key)
{
    static const struct {
        const char *kind, *signature, *certificate;
    } CASES[] = {{"p256", "ecdsa_secp256r1_sha256", "EC prime256v1"},
                 {"p384", "ecdsa_secp384r1_sha384", "EC secp384r1"},
                 {"rsa2048", "rsa_pss_rsae_sha256", "RSA 2048"},
                 {"ed25519", "ed25519", "ED25519"}};
    static const char *const NAMES[] = {"198.18.1.1"};
    struct tls_identity identity;
    char why[256];

    for (unsigned i = 0; i < ARRAY_LEN(CASES); i++) {
        cr_assert(
            zero(int, tls_identity_make(&identity, CASES[i].kind, NAMES, 1, why, sizeof(why))));
        talk_server.identity = &identity;
        talk_client.resume_ppm = TLS_RESUME_ALWAYS;
        talk_init(&t);
        for (unsigned n = 0; n < 2; n++) {
            shake_hands();
            talk_end(&t);
        }
        for (unsigned end = 0; end < 2; end++) {
            const struct tls_tally *y = end == 0 ? &t.client.ctx.tally : &t.server.ctx.tally;

            cr_expect(eq(u64, talk_count(&y->signatures, CASES[i].signature), 1), "%s: %s",
                      CASES[i].kind, y->signatures.rows[0].name);
            cr_expect(eq(u64, talk_count(&y->certificates, CASES[i].certificate), 1), "%s: %s",
                      CASES[i].kind, y->certificates.rows[0].name);
            cr_expect(eq(u64, talk_count(&y->signatures, "none"), 1));
        }
        talk_fini(&t);
        tls_identity_free(&identity);
    }
}

/* -- what no OpenSSL sends ----------------------------------------------------------------- */

Test(legs, a_hello_that_is_cut_anywhere_is_read_as_far_as_it_goes)
{
    /* Version, random, an empty session id, a suite, no compression, one extension: two shares. */
    static const uint8_t HELLO[] = {1, 0,  0, 63, 3, 3, 0, 0,    0, 0,  0, 0, 0,  0, 0,  0, 0,
                                    0, 0,  0, 0,  0, 0, 0, 0,    0, 0,  0, 0, 0,  0, 0,  0, 0,
                                    0, 0,  0, 0,  0, 0, 2, 0x13, 1, 1,  0, 0, 18, 0, 51, 0, 14,
                                    0, 12, 0, 29, 0, 2, 1, 2,    0, 23, 0, 2, 3,  4};

    for (size_t len = 0; len <= sizeof(HELLO); len++) {
        uint8_t *exact = malloc(len + 1); /* a sanitizer sees the first byte too many */
        struct tls_legs l = {0};

        memcpy(exact + 1, HELLO, len);
        tls_legs_message(&l, exact + 1, len, 7);
        cr_assert(le(uint, l.n_shares, 2));
        cr_assert(eq(u64, l.began_ns[TLS_LEG_HELLO], len >= 4 ? 7 : 0));
        if (len == sizeof(HELLO))
            cr_assert(eq(uint, l.n_shares, 2));
        free(exact);
    }
}
