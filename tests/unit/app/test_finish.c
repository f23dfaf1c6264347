/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/finish.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const uint64_t STOP = 10 * NS_PER_SEC;
static const struct finish_terms TERMS = {
    .linger_ns = 250 * NS_PER_MS, .stop_ns = STOP, .drain_end_ns = STOP + 3 * NS_PER_SEC};

Test(finish, a_client_with_nothing_to_do_does_not_end_before_the_stop)
{
    struct finish f;

    finish_init(&f, NS_PER_SEC);
    cr_assert(not(finish_client(&f, &TERMS, false, STOP - 1)));
}

Test(finish, a_client_lingers_after_its_last_connection)
{
    struct finish f;
    uint64_t last = STOP + NS_PER_SEC;

    finish_init(&f, NS_PER_SEC);
    cr_assert(not(finish_client(&f, &TERMS, true, last)));
    cr_assert(not(finish_client(&f, &TERMS, false, last + 250 * NS_PER_MS)));
    cr_assert(finish_client(&f, &TERMS, false, last + 250 * NS_PER_MS + 1));
}

Test(finish, a_client_that_is_busy_again_lingers_anew)
{
    struct finish f;

    finish_init(&f, NS_PER_SEC);
    cr_assert(not(finish_client(&f, &TERMS, true, STOP)));
    cr_assert(not(finish_client(&f, &TERMS, false, STOP + 200 * NS_PER_MS)));
    cr_assert(not(finish_client(&f, &TERMS, true, STOP + 201 * NS_PER_MS)));
    cr_assert(not(finish_client(&f, &TERMS, false, STOP + 451 * NS_PER_MS)));
    cr_assert(finish_client(&f, &TERMS, false, STOP + 451 * NS_PER_MS + 1));
}

Test(finish, without_lingering_a_client_ends_in_the_iteration_after_its_last_connection)
{
    struct finish f;
    struct finish_terms loopback = TERMS;

    loopback.linger_ns = 0;
    finish_init(&f, NS_PER_SEC);
    cr_assert(not(finish_client(&f, &loopback, true, STOP)));
    cr_assert(finish_client(&f, &loopback, false, STOP + 1));
}

Test(finish, the_end_of_the_drain_ends_a_client_that_is_busy)
{
    struct finish f;

    finish_init(&f, NS_PER_SEC);
    cr_assert(not(finish_client(&f, &TERMS, true, TERMS.drain_end_ns - 1)));
    cr_assert(finish_client(&f, &TERMS, true, TERMS.drain_end_ns));
}

Test(finish, a_server_leaves_after_5_ms_of_silence)
{
    struct finish f = {0};
    uint64_t t = STOP;

    for (; t <= STOP + 5 * NS_PER_MS; t += 50 * NS_PER_US)
        cr_assert(not(finish_server(&f, 0, t)));
    cr_assert(finish_server(&f, 0, t));
}

Test(finish, a_server_that_could_not_listen_has_not_heard_silence)
{
    struct finish f = {0};

    cr_assert(not(finish_server(&f, 0, STOP)));
    for (int i = 1; i < 63; i++) /* it slept for 20 ms, and then polls as fast as it can */
        cr_assert(not(finish_server(&f, 0, STOP + 20 * NS_PER_MS)));
    cr_assert(finish_server(&f, 0, STOP + 20 * NS_PER_MS));
}

Test(finish, what_still_comes_keeps_a_server)
{
    struct finish f = {0};

    for (uint64_t t = STOP; t < STOP + 400 * NS_PER_MS; t += NS_PER_MS)
        cr_assert(not(finish_server(&f, 1, t)));
}

Test(finish, nothing_keeps_a_server_for_longer_than_half_a_second)
{
    struct finish f = {0};

    cr_assert(not(finish_server(&f, 1, STOP)));
    cr_assert(not(finish_server(&f, 1, STOP + 500 * NS_PER_MS)));
    cr_assert(finish_server(&f, 1, STOP + 500 * NS_PER_MS + 1));
}
