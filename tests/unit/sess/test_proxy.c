/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that begin with a header of the PROXY protocol's: it comes first and whole, whatever
 * is lost, and what follows it begins at its own byte 0 (pair_rig.c compares the bytes). */
#include "secure_opts.h"

static struct pair p;

static void
set_up(void)
{
    secure_set_up("p256");
}

TestSuite(proxy, .init = set_up, .fini = secure_tear_down, .timeout = 120);

/* The header of the rig's first connection, both versions and families. */
struct row {
    enum proxy_version version;
    bool is_v6;
    uint64_t bytes;
};

static const struct row rows[] = {
    {PROXY_V1, false, sizeof("PROXY TCP4 198.18.0.10 198.18.1.1 1024 80\r\n") - 1},
    {PROXY_V1, true, sizeof("PROXY TCP6 2001:2::10 2001:2::1:1 1024 80\r\n") - 1},
    {PROXY_V2, false, 28},
    {PROXY_V2, true, 52},
};

static void
begin(const struct row *row, struct pair_opts o)
{
    o.payload = true;
    o.client.exchange.proxy = row->version;
    o.n_targets[0] = !row->is_v6;
    o.n_targets[1] = row->is_v6;
    if (o.duration_ns == 0)
        o.duration_ns = 30 * NS_PER_US;
    pair_init(&p, &o);
}

static void
run(const struct row *row, struct pair_opts o)
{
    begin(row, o);
    pair_run_out(&p, 30 * NS_PER_SEC);
    pair_run(&p, 10 * NS_PER_MS);
}

static void
expects_received(uint64_t header, uint64_t payload)
{
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), header + payload));
    cr_assert(eq(u64, p.proxy_bytes, header));
    pair_fini(&p);
}

Test(proxy, a_connection_that_only_shakes_hands_says_who_it_is)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        run(&rows[i], (struct pair_opts){0});
        expects_received(rows[i].bytes, 0);
    }
}

/* A header, the handshake's ACK and the FIN are one segment. */
Test(proxy, the_header_takes_no_segment_of_its_own)
{
    run(&rows[0], (struct pair_opts){0});
    cr_assert(eq(uint,
                 pair_count_sent(&p, true, SEG_FIN | SEG_ACK | SEG_PSH) +
                     pair_count_sent(&p, true, SEG_FIN | SEG_ACK),
                 1));
    cr_assert(eq(uint, pair_count_sent(&p, true, SEG_ACK), 1)); /* that of the server's FIN */
    expects_received(rows[0].bytes, 0);
}

Test(proxy, a_connection_that_is_held_gives_its_stream_back)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        begin(&rows[i], (struct pair_opts){.client_hold_ns = 500 * NS_PER_MS});
        pair_run(&p, 200 * NS_PER_MS);
        cr_assert(eq(u64, client_open(&p.client), 1));
        cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed));
        pair_run_out(&p, NS_PER_SEC);
        pair_run(&p, 10 * NS_PER_MS);
        expects_received(rows[i].bytes, 0);
    }
}

Test(proxy, a_reset_waits_until_the_header_is_there)
{
    run(&rows[0], (struct pair_opts){.client_close = CLOSE_RST});
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), rows[0].bytes));
    pair_fini(&p);
}

Test(proxy, a_server_that_closes_first_has_read_it)
{
    run(&rows[3], (struct pair_opts){.client_close = CLOSE_PEER,
                                     .server_closes = true,
                                     .server_close = CLOSE_FIN,
                                     .server_hold_ns = 10 * NS_PER_MS});
    expects_received(rows[3].bytes, 0);
}

Test(proxy, payload_follows_from_its_first_byte)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t asked = rows[i].bytes + 5000;

        run(&rows[i],
            (struct pair_opts){.client.exchange = {.send_bytes = 5000, .expect_bytes = 3000},
                               .server.exchange = {.send_bytes = 3000, .after_bytes = asked}});
        cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 3000));
        expects_received(rows[i].bytes, 5000);
    }
}

/* Tail pieces of a frame lie in the constant payload, but not those of one that has the header. */
Test(proxy, so_it_does_where_the_port_gathers_and_cuts)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        run(&rows[i], (struct pair_opts){.client = {.exchange.send_bytes = 300000,
                                                    .tx_multi_seg = true,
                                                    .splits = i % 2 == 1}});
        expects_received(rows[i].bytes, 300000);
    }
}

Test(proxy, a_header_longer_than_a_segment_goes_out_in_several)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        run(&rows[i], (struct pair_opts){.client = {.exchange.send_bytes = 300, .mss = 20}});
        expects_received(rows[i].bytes, 300);
    }
}

Test(proxy, only_the_first_exchange_has_one)
{
    run(&rows[2],
        (struct pair_opts){.client.exchange = {.send_bytes = 100,
                                               .expect_bytes = 10,
                                               .n = 3,
                                               .think_ns = 50 * NS_PER_MS},
                           .server.exchange = {.send_bytes = 10, .after_bytes = 100, .n = 3}});
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 3));
    expects_received(rows[2].bytes, 300);
}

Test(proxy, all_of_it_arrives_whatever_is_lost)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            begin(&rows[i], (struct pair_opts){.duration_ns = 20 * NS_PER_MS,
                                               .open_max = 20,
                                               .loss_ppm = 100000,
                                               .dup_ppm = 50000,
                                               .swap_ppm = 50000,
                                               .seed = seed,
                                               .client.exchange.send_bytes = 4000});
            pair_run_out(&p, 120 * NS_PER_SEC);
            cr_assert(zero(u64, client_open(&p.client)));
            cr_assert(lt(u64, 20, CLIENT_CTR(&p, closed)));
            cr_assert(le(u64, rows[i].bytes * CLIENT_CTR(&p, closed), p.proxy_bytes));
            cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed));
            pair_fini(&p);
        }
    }
}

/* The server knows nothing of it, so it takes what comes for broken TLS. */
Test(proxy, it_is_in_front_of_tls)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        run(&rows[i],
            (struct pair_opts){.client_tls = &secure_client, .server_tls = &secure_server});
        cr_assert(eq(u64, p.proxy_bytes, rows[i].bytes));
        cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
        cr_assert(zero(u64, client_open(&p.client)));
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}
