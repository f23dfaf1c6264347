/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS for both ends of the pair: a certificate of its own, no demands. */
#pragma once

#include "../leaks.h"
#include "pair_rig.h"
#include "tls/identity.h"

static struct tls_identity secure_identity;
static struct tls_target secure_target = {.host = "198.18.1.1", .host_is_address = true};
static struct tls_opts secure_client, secure_server;

static inline void
secure_set_up(const char *kind)
{
    const char *names[] = {"198.18.1.1", "shakedown.test"};
    char why[256];

    cr_assert(zero(int, tls_identity_make(&secure_identity, kind, names, 2, why, sizeof(why))),
              "%s", why);
    secure_client = (struct tls_opts){.version_min = TLS_1_2,
                                      .version_max = TLS_1_3,
                                      .says_goodbye = true,
                                      .targets = &secure_target,
                                      .n_targets = 1};
    secure_server = (struct tls_opts){.is_server = true,
                                      .version_min = TLS_1_2,
                                      .version_max = TLS_1_3,
                                      .says_goodbye = true,
                                      .identity = &secure_identity,
                                      .gives_tickets = true};
}

static inline void
secure_tear_down(void)
{
    tls_identity_free(&secure_identity);
    expect_no_leaks();
}

/* Connections of one turn. */
static inline struct pair_opts
secure_pair(void)
{
    return (struct pair_opts){
        .duration_ns = 30 * NS_PER_US, .client_tls = &secure_client, .server_tls = &secure_server};
}

/* To the end, and what follows it. */
static inline void
secure_run(struct pair *p, struct pair_opts opts)
{
    pair_init(p, &opts);
    pair_run_out(p, 30 * NS_PER_SEC);
    pair_run(p, 10 * NS_PER_MS);
}

/* Both ends have done @n handshakes, and nothing is left of them. */
#define secure_expects_clean(p, n)                                                                 \
    do {                                                                                           \
        pair_expects_clean(p, n);                                                                  \
        pair_expects_all_given_back(p);                                                            \
        cr_assert(zero(u32, (p)->client.core.rings.n_borrowed));                                   \
        cr_assert(zero(u32, (p)->server.core.rings.n_borrowed));                                   \
        cr_assert(eq(u64, CLIENT_CTR(p, tls_handshakes), (n)));                                    \
        cr_assert(eq(u64, SERVER_CTR(p, tls_handshakes), (n)));                                    \
    } while (0)
