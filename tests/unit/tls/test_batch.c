/* SPDX-License-Identifier: BSD-3-Clause */
/* Handshakes that wait for each other. */
#include "talk.h"

static struct talk t;

static void
set_up(void)
{
    talk_set_up();
    talk_with_batch(&lanes_serial);
}

static void
tear_down(void)
{
    tls_batch_fini(&talk_batch);
    talk_tear_down();
}

TestSuite(batch, .init = set_up, .fini = tear_down, .timeout = 300);

Test(batch, a_handshake_goes_through_in_parts)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        talk_client.version_max = version;
        talk_init(&t);
        talk_whole(&t);
        talk_expects_done(&t);
        talk_fini(&t);
    }
    cr_assert(lt(u64, 0, talk_batch.sizes[LANE_X25519_SHARED].sum));
    cr_assert(lt(u64, 0, talk_batch.sizes[LANE_P256_VERIFY].sum));
    cr_assert(lt(u64, 0, talk_batch.sizes[LANE_P256_SIGN].sum));
}

/* -- who is computed when ------------------------------------------------------------------- */

/* Lanes that leave each operation to its owner, and count; the one of number @broken fails. */
static unsigned n_calls, n_lanes, broken;

static void
count_and_leave(enum lane_kind kind, struct lane_op *const *ops, unsigned n)
{
    (void)kind;
    n_calls++;
    for (unsigned i = 0; i < n; i++)
        ops[i]->status = ++n_lanes == broken ? LANE_FAILED : LANE_ALONE;
}

static const struct lanes counting = {
    .name = "counting", .least = {1, 1, 1, 1}, .compute = count_and_leave};

static struct talk many[2 * LANES];

/* The clients' hellos have reached @n servers, which have begun to compute. */
static void
begin_many(unsigned n)
{
    const struct talk_cut all = {0};

    talk_init(&many[0]);
    for (unsigned i = 0; i < n; i++) {
        talk_begin_end(&many[i].client, &many[0].client.ctx, 0);
        talk_begin_end(&many[i].server, &many[0].server.ctx, 0);
        talk_step(&many[i].client, &many[i].server, &all);
        talk_step(&many[i].server, &many[i].client, &all);
    }
}

/* All go on until nobody does. */
static void
run_many(unsigned n)
{
    const struct talk_cut all = {0};

    for (bool went_on = true, goes_on = true; goes_on || went_on;) {
        went_on = goes_on; /* a step may have led to no more than to wait */
        goes_on = talk_compute();
        for (unsigned i = 0; i < n; i++) {
            struct talk *each = &many[i];
            uint32_t queued = each->client.queued + each->server.queued;

            if (!talk_is_over(&each->client))
                talk_step(&each->client, &each->server, &all);
            if (!talk_is_over(&each->server))
                talk_step(&each->server, &each->client, &all);
            goes_on = goes_on || each->client.queued + each->server.queued != queued;
        }
    }
}

static void
end_many(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        talk_end(&many[i]);
    talk_fini(&many[0]);
}

static void
count_lanes(void)
{
    talk_batch.lanes = &counting;
    n_calls = n_lanes = broken = 0;
}

Test(batch, eight_are_computed_as_soon_as_they_wait)
{
    count_lanes();
    begin_many(LANES - 1);
    cr_assert(zero(uint, n_calls));
    end_many(LANES - 1);
    begin_many(LANES);
    cr_assert(eq(uint, n_calls, 1));
    cr_assert(eq(uint, n_lanes, LANES));
    cr_assert(eq(uint, talk_batch.n_ready, LANES));
    run_many(LANES);
    for (unsigned i = 0; i < LANES; i++)
        talk_expects_done(&many[i]);
    end_many(LANES);
}

Test(batch, a_lonely_one_waits_50_us_and_with_others_under_way_longer)
{
    count_lanes();
    (void)tls_batch_turn(&talk_batch, NS_PER_SEC, false, false);
    begin_many(1);
    (void)tls_batch_turn(&talk_batch, NS_PER_SEC + 49 * NS_PER_US, false, false);
    cr_assert(zero(uint, n_calls));
    (void)tls_batch_turn(&talk_batch, NS_PER_SEC + 60 * NS_PER_US, false, true);
    cr_assert(zero(uint, n_calls));
    (void)tls_batch_turn(&talk_batch, NS_PER_SEC + 60 * NS_PER_US, false, false);
    cr_assert(eq(uint, n_calls, 1));
    end_many(1);
}

Test(batch, who_is_idle_waits_for_nobody)
{
    count_lanes();
    (void)tls_batch_turn(&talk_batch, NS_PER_SEC, false, false);
    begin_many(3);
    (void)tls_batch_turn(&talk_batch, NS_PER_SEC, true, false);
    cr_assert(eq(uint, n_calls, 1));
    cr_assert(eq(uint, n_lanes, 3));
    run_many(3);
    end_many(3);
}

Test(batch, a_lane_that_fails_fails_its_own_connection)
{
    unsigned n_failed = 0;

    count_lanes();
    broken = 3;
    begin_many(LANES);
    run_many(LANES);
    for (unsigned i = 0; i < LANES; i++) {
        bool has_failed = (many[i].server.events & TLS_EV_FAILED) != 0;

        n_failed += has_failed;
        cr_assert(eq(int, (many[i].client.events & TLS_EV_DONE) != 0, !has_failed));
    }
    cr_assert(eq(uint, n_failed, 1));
    end_many(LANES);
}

Test(batch, few_are_left_to_themselves)
{
    static const struct lanes picky = {
        .name = "picky", .least = {5, 5, 5, 5}, .compute = count_and_leave};

    count_lanes();
    talk_batch.lanes = &picky;
    begin_many(4);
    run_many(4);
    cr_assert(zero(uint, n_calls));
    for (unsigned i = 0; i < 4; i++)
        talk_expects_done(&many[i]);
    end_many(4);
}

/* -- ends ----------------------------------------------------------------------------------- */

Test(batch, who_ends_while_it_waits_gives_its_job_back)
{
    for (unsigned round = 0; round < 3 * TLS_JOBS_MAX; round++) {
        begin_many(round % (2 * LANES) + 1);
        if (round % 3 == 1)
            (void)tls_batch_turn(&talk_batch, 0, true, false); /* they may go on, and do not */
        if (round % 3 == 2) {
            (void)tls_batch_turn(&talk_batch, 0, true, false);
            while (tls_batch_next_ready(&talk_batch) != NULL)
                ;
        }
        end_many(round % (2 * LANES) + 1);
        cr_assert(zero(uint, talk_batch.n_ready));
        cr_assert(zero(uint, talk_batch.n_left));
        cr_assert(zero(uint, talk_batch.queues[LANE_X25519_SHARED].n));
    }
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    talk_fini(&t);
}

Test(batch, what_waits_can_be_had_at_once)
{
    begin_many(1);
    cr_assert(tls_is_paused(&many[0].server.conn));
    cr_assert(tls_hasten(&many[0].server.conn));
    cr_assert(not(tls_is_paused(&many[0].server.conn)));
    run_many(1);
    talk_expects_done(&many[0]);
    end_many(1);
}

/* -- kinds ------------------------------------------------------------------------------------ */

/* Of certificates that lanes do not know, too. */
Test(batch, any_certificate_serves)
{
    static const char *const KINDS[] = {"rsa2048", "rsa4096", "p256", "p384", "ed25519"};
    static const char *const NAMES[] = {"198.18.1.1"};

    for (size_t k = 0; k < ARRAY_LEN(KINDS); k++) {
        char why[256];

        tls_identity_free(&talk_identity);
        cr_assert(
            zero(int, tls_identity_make(&talk_identity, KINDS[k], NAMES, 1, why, sizeof(why))));
        for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
            talk_client.version_max = version;
            talk_init(&t);
            talk_whole(&t);
            talk_expects_done(&t);
            talk_fini(&t);
        }
    }
}

/* OpenSSL 3.5 knows them. */
Test(batch, the_first_half_of_a_hybrid_is_for_the_batch)
{
    uint64_t n_alone;

    if (OpenSSL_version_num() < 0x30500000L)
        cr_skip_test("this OpenSSL has no hybrids");
    talk_client.groups = talk_server.groups = "X25519MLKEM768";
    n_alone = talk_batch.sizes[LANE_X25519_SHARED].sum;
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    talk_fini(&t);
    cr_assert(eq(u64, talk_batch.sizes[LANE_X25519_SHARED].sum - n_alone, 2));
}

/* As many as there are lanes, with the best there are. */
Test(batch, many_handshakes_go_through_with_the_best_lanes_there_are)
{
    static const char *const KINDS[] = {"rsa2048", "p256"};

    talk_batch.lanes = lanes_best();
    for (size_t k = 0; k < ARRAY_LEN(KINDS); k++) {
        char why[256];

        tls_identity_free(&talk_identity);
        cr_assert(
            zero(int, tls_identity_make(&talk_identity, KINDS[k], NULL, 0, why, sizeof(why))));
        for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
            talk_client.version_max = version;
            for (unsigned n = 1; n <= 2 * LANES; n++) {
                begin_many(n);
                run_many(n);
                for (unsigned i = 0; i < n; i++)
                    talk_expects_done(&many[i]);
                end_many(n);
            }
        }
    }
}
