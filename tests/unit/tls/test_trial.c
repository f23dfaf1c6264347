/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/trial.h"

#include "talk.h"
#include "tls/mem.h"

/* Before main(): Criterion's own libraries use OpenSSL. */
static __attribute__((constructor)) void
install(void)
{
    (void)tls_mem_install();
}

TestSuite(trial, .init = talk_set_up, .fini = talk_tear_down);

Test(trial, both_ends_are_measured_and_both_ways)
{
    struct tls_trial t;
    struct fail f;

    cr_assert(zero(int, tls_trial(&t, &talk_client, &talk_server, &f)), "%s", f.text);
    cr_assert(lt(u64, 200, t.sent_bytes[ROLE_CLIENT]));
    cr_assert(lt(u64, t.sent_bytes[ROLE_CLIENT] / 2, t.sent_bytes[ROLE_SERVER]));
}

Test(trial, flights_add_up_to_what_was_sent_and_the_client_begins)
{
    uint64_t sums[ROLE_COUNT] = {0};
    struct tls_trial t;
    struct fail f;

    cr_assert(zero(int, tls_trial(&t, &talk_client, &talk_server, &f)), "%s", f.text);
    for (unsigned i = 0; i < TLS_TRIAL_FLIGHTS; i++)
        sums[i % 2] += t.flights[i];
    cr_assert(eq(u64, sums[ROLE_CLIENT], t.sent_bytes[ROLE_CLIENT]));
    cr_assert(eq(u64, sums[ROLE_SERVER], t.sent_bytes[ROLE_SERVER]));
    cr_assert(lt(uint, 0, t.flights[0]));
    cr_assert(zero(uint, t.flights[TLS_TRIAL_FLIGHTS - 1]));
}

Test(trial, a_longer_certificate_takes_more_of_the_client)
{
    static char names[500][64];
    const char *pointers[500];
    struct tls_identity small = talk_identity, large;
    struct tls_trial with_small, with_large;
    char why[256];
    struct fail f;

    for (unsigned i = 0; i < 500; i++) {
        snprintf(names[i], sizeof(names[i]), "host-%024u.test", i);
        pointers[i] = names[i];
    }
    cr_assert(zero(int, tls_identity_make(&large, "p256", pointers, 500, why, sizeof(why))), "%s",
              why);
    talk_server.identity = &small;
    cr_assert(zero(int, tls_trial(&with_small, &talk_client, &talk_server, &f)), "%s", f.text);
    talk_server.identity = &large;
    cr_assert(zero(int, tls_trial(&with_large, &talk_client, &talk_server, &f)), "%s", f.text);
    tls_identity_free(&large);
    cr_assert(
        lt(u64, with_small.sent_bytes[ROLE_SERVER] + 16384, with_large.sent_bytes[ROLE_SERVER]));
    cr_assert(eq(u64, with_large.sent_bytes[ROLE_CLIENT], with_small.sent_bytes[ROLE_CLIENT]));
    if (with_small.openssl_bytes[ROLE_CLIENT] > 0) /* it is counted */
        cr_assert(lt(u64, with_small.openssl_bytes[ROLE_CLIENT] + 16384,
                     with_large.openssl_bytes[ROLE_CLIENT]));
}

Test(trial, ends_that_have_nothing_in_common_come_to_nothing)
{
    struct tls_trial t;
    struct fail f;

    talk_client.version_max = TLS_1_2;
    talk_server.version_min = TLS_1_3;
    cr_assert(eq(int, tls_trial(&t, &talk_client, &talk_server, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "came to nothing"), NULL), "%s", f.text);
}

Test(trial, an_option_that_is_not_taken_is_named)
{
    struct tls_trial t;
    struct fail f;

    talk_client.groups = "none-such";
    cr_assert(eq(int, tls_trial(&t, &talk_client, &talk_server, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "groups"), NULL), "%s", f.text);
}
