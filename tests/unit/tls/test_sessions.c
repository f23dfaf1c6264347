/* SPDX-License-Identifier: BSD-3-Clause */
/* The sessions that a client keeps. Those freed twice are the sanitizer's to find. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../leaks.h"
#include "tls/sessions.h"

static struct tls_sessions s;

static void
set_up(void)
{
    cr_assert(zero(int, tls_sessions_init(&s, 3)));
}

static void
tear_down(void)
{
    tls_sessions_fini(&s);
    cr_assert(zero(uint, s.n_peers));
    expect_no_leaks();
}

TestSuite(sessions, .init = set_up, .fini = tear_down);

/* One that could be resumed, told from others by @mark. */
static SSL_SESSION *
session(int version, uint8_t mark)
{
    SSL_SESSION *x = SSL_SESSION_new();

    cr_assert(eq(int, SSL_SESSION_set1_id(x, &mark, 1), 1));
    cr_assert(eq(int, SSL_SESSION_set_protocol_version(x, version), 1));
    cr_assert(eq(int, SSL_SESSION_is_resumable(x), 1));
    return x;
}

/* The mark of the one that is taken; -1: there is none. */
static int
taken(unsigned peer)
{
    SSL_SESSION *x = tls_sessions_take(&s, peer);
    unsigned len;
    int mark;

    if (x == NULL)
        return -1;
    mark = SSL_SESSION_get_id(x, &len)[0];
    SSL_SESSION_free(x);
    return mark;
}

/* OpenSSL does this to a session that an alert has ended. */
static void
spoil(SSL_SESSION *x)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    SSL_CTX_add_session(ctx, x);
    SSL_CTX_remove_session(ctx, x);
    cr_assert(zero(int, SSL_SESSION_is_resumable(x)));
    SSL_CTX_free(ctx);
}

Test(sessions, where_none_was_kept_there_is_none)
{
    cr_assert(eq(int, taken(0), -1));
}

Test(sessions, a_ticket_of_tls_1_3_is_used_once_the_newest_first)
{
    for (uint8_t i = 1; i <= 3; i++)
        tls_sessions_keep(&s, 0, session(TLS1_3_VERSION, i));
    cr_assert(eq(int, taken(0), 3));
    cr_assert(eq(int, taken(0), 2));
}

Test(sessions, the_last_ticket_stays)
{
    tls_sessions_keep(&s, 0, session(TLS1_3_VERSION, 1));
    for (int i = 0; i < 5; i++)
        cr_assert(eq(int, taken(0), 1));
    tls_sessions_keep(&s, 0, session(TLS1_3_VERSION, 2));
    cr_assert(eq(int, taken(0), 2));
    cr_assert(eq(int, taken(0), 1));
}

Test(sessions, a_session_of_tls_1_2_is_used_again_and_again)
{
    tls_sessions_keep(&s, 0, session(TLS1_2_VERSION, 1));
    tls_sessions_keep(&s, 0, session(TLS1_2_VERSION, 2));
    for (int i = 0; i < 5; i++)
        cr_assert(eq(int, taken(0), 2));
}

Test(sessions, with_more_than_are_kept_the_oldest_goes)
{
    for (uint8_t i = 1; i <= TLS_SESSIONS_KEPT + 2; i++)
        tls_sessions_keep(&s, 0, session(TLS1_3_VERSION, i));
    for (int i = TLS_SESSIONS_KEPT + 2; i >= 3; i--)
        cr_assert(eq(int, taken(0), i));
    cr_assert(eq(int, taken(0), 3));
}

Test(sessions, one_that_cannot_be_resumed_is_passed_over)
{
    SSL_SESSION *bad = session(TLS1_3_VERSION, 3);

    tls_sessions_keep(&s, 0, session(TLS1_3_VERSION, 1));
    tls_sessions_keep(&s, 0, session(TLS1_3_VERSION, 2));
    tls_sessions_keep(&s, 0, bad);
    spoil(bad);
    cr_assert(eq(int, taken(0), 2));
}

Test(sessions, when_none_can_be_resumed_none_is_left)
{
    for (uint8_t i = 1; i <= 3; i++) {
        SSL_SESSION *bad = session(TLS1_2_VERSION, i);

        tls_sessions_keep(&s, 0, bad);
        spoil(bad);
    }
    cr_assert(eq(int, taken(0), -1));
    cr_assert(zero(uint, s.peers[0].n));
}

Test(sessions, each_peer_has_its_own)
{
    tls_sessions_keep(&s, 0, session(TLS1_2_VERSION, 1));
    tls_sessions_keep(&s, 2, session(TLS1_2_VERSION, 2));
    cr_assert(eq(int, taken(0), 1));
    cr_assert(eq(int, taken(1), -1));
    cr_assert(eq(int, taken(2), 2));
}

Test(sessions, one_that_is_taken_outlives_the_others)
{
    SSL_SESSION *x;

    tls_sessions_keep(&s, 0, session(TLS1_2_VERSION, 1));
    x = tls_sessions_take(&s, 0);
    for (uint8_t i = 2; i < 2 * TLS_SESSIONS_KEPT; i++)
        tls_sessions_keep(&s, 0, session(TLS1_2_VERSION, i));
    cr_assert(eq(int, SSL_SESSION_is_resumable(x), 1));
    SSL_SESSION_free(x);
}

Test(sessions, no_peers_need_no_memory)
{
    struct tls_sessions none;

    cr_assert(zero(int, tls_sessions_init(&none, 0)));
    cr_assert(zero(ptr, none.peers));
    tls_sessions_fini(&none);
}
