/* SPDX-License-Identifier: BSD-3-Clause */
/* What we tell the peer beyond the acknowledgement: RFC 2018 4, RFC 2883. */
#include "rig.h"

#define receives(r, at, n) rig_peer_sends((r), ACK, .seq = (at), .ack = 1, .payload_len = (n))
#define answers(r, until, ...)                                                                     \
    rig_expects((r), ACK, .seq = 1, .ack = (until), .options = SACK, .sack = {__VA_ARGS__})

Test(tcp_sack, what_lies_beyond_a_gap_is_told)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    receives(&r, 1001, 1000);
    answers(&r, 1, {1001, 2001});
    receives(&r, 2001, 1000);
    answers(&r, 1, {1001, 3001});
    receives(&r, 1, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 3001);
}

Test(tcp_sack, without_the_option_agreed_nothing_is_told)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1001, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    receives(&r, 1001, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
}

/* RFC 2018 4: the block of the segment that has come is the first. */
Test(tcp_sack, the_newest_block_comes_first_and_the_others_follow)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    receives(&r, 1001, 1000);
    answers(&r, 1, {1001, 2001});
    receives(&r, 3001, 1000);
    answers(&r, 1, {3001, 4001}, {1001, 2001});
    receives(&r, 5001, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = SACK,
                .sack = {{5001, 6001}, {3001, 4001}, {1001, 2001}});
    receives(&r, 2001, 500);
    cr_assert(eq(u32, r.pending[0].n_sack, 3));
    cr_assert(eq(u32, r.pending[0].sack[0].begin, r.irs + 1001));
    cr_assert(eq(u32, r.pending[0].sack[0].end, r.irs + 2501));
    r.n_pending = 0;
}

Test(tcp_sack, four_blocks_fit_and_three_beside_a_timestamp)
{
    for (uint8_t options = SACK_OK; options <= (SACK_OK | TS); options += TS) {
        struct tcp_rig r = rig_with_stream(options);

        for (uint32_t i = 0; i < 6; i++) {
            rig_peer_sends(&r, ACK, .seq = 1001 + 2000 * i, .ack = 1, .options = options & TS,
                           .ts_val = 101, .payload_len = 1000);
            cr_assert(eq(u32, r.n_pending, 1));
            cr_assert(eq(u32, r.pending[0].n_sack,
                         i + 1 < (options & TS ? 3 : 4) ? i + 1 : (options & TS ? 3 : 4)));
            cr_assert(eq(u32, r.pending[0].sack[0].begin, r.irs + 1001 + 2000 * i));
            r.n_pending = 0;
        }
    }
}

/* A peer that lost our ACKs hears of all in the next few. */
Test(tcp_sack, every_block_is_told_within_a_few_acks)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);
    bool is_told[10] = {false};

    for (uint32_t i = 0; i < 10; i++) {
        receives(&r, 1001 + 2000 * i, 1000);
        r.n_pending = 0;
    }
    for (uint32_t n = 0; n < 4; n++) {
        receives(&r, 30001 + 1000 * n, 1000);
        for (unsigned b = 0; b < r.pending[0].n_sack; b++) {
            uint32_t begin = r.pending[0].sack[b].begin - r.irs;

            if (begin < 30001)
                is_told[begin / 2000] = true;
        }
        r.n_pending = 0;
    }
    for (int i = 0; i < 10; i++)
        cr_assert(is_told[i]);
}

Test(tcp_sack, after_a_gap_is_filled_the_others_are_still_told)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    receives(&r, 1001, 1000);
    answers(&r, 1, {1001, 2001});
    receives(&r, 3001, 1000);
    answers(&r, 1, {3001, 4001}, {1001, 2001});
    receives(&r, 1, 1000);
    answers(&r, 2001, {3001, 4001});
    receives(&r, 2001, 500);
    answers(&r, 2501, {3001, 4001});
}

/* RFC 2883 4.1. */
Test(tcp_sack, a_segment_known_already_is_reported_once)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    receives(&r, 1, 1000);
    receives(&r, 1001, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 2001);
    receives(&r, 1, 1000);
    answers(&r, 2001, {1, 1001});
    receives(&r, 2001, 1000);
    receives(&r, 3001, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 4001);
}

Test(tcp_sack, a_duplicate_comes_before_what_lies_beyond_a_gap)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    receives(&r, 1, 1000);
    receives(&r, 2001, 1000);
    answers(&r, 1001, {2001, 3001});
    receives(&r, 1, 1000);
    answers(&r, 1001, {1, 1001}, {2001, 3001});
    receives(&r, 3001, 1000);
    answers(&r, 1001, {2001, 4001});
}

/* RFC 2883 4.1, example 3, and 4 (3): the second block is the larger one that holds it. */
Test(tcp_sack, a_duplicate_beyond_a_gap_is_followed_by_the_block_that_holds_it)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    receives(&r, 1001, 1000);
    answers(&r, 1, {1001, 2001});
    receives(&r, 2001, 1000);
    answers(&r, 1, {1001, 3001});
    receives(&r, 5001, 1000);
    answers(&r, 1, {5001, 6001}, {1001, 3001});
    receives(&r, 2001, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = SACK,
                .sack = {{2001, 3001}, {1001, 3001}, {5001, 6001}});
    cr_assert(eq(u64, rig_count(&r, duplicates), 1));
}

Test(tcp_sack, a_keep_alive_s_byte_is_reported_as_a_duplicate)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    receives(&r, 1, 1000);
    receives(&r, 1000, 1);
    answers(&r, 1001, {1000, 1001});
}

/* An ACK that carries blocks goes on its own, since payload has no room for them. */
Test(tcp_sack, blocks_do_not_wait_for_payload)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 11000);
    rig_expects_full(&r, 1, 10);
    rig_peer_sends(&r, ACK, .seq = 1001, .ack = 10001, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 10001, .ack = 1, .options = SACK, .sack = {{1001, 2001}});
    rig_expects_full(&r, 10001, 1);
}

/* Without boards a stream has two lines of its own. */
Test(tcp_sack, without_memory_what_finds_no_line_is_dropped)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);
    uint32_t n = r.ctx.pools->overflows.n_elements;

    r.ctx.pools->overflows.n_elements = 0;
    receives(&r, 1001, 1000);
    answers(&r, 1, {1001, 2001});
    receives(&r, 3001, 1000);
    answers(&r, 1, {3001, 4001}, {1001, 2001});
    receives(&r, 5001, 1000);
    cr_assert(eq(u32, r.pending[0].n_sack, 2));
    r.n_pending = 0;
    cr_assert(eq(u64, rig_count(&r, reassembly_dropped), 1));
    receives(&r, 1, 1000);
    answers(&r, 2001, {3001, 4001});
    r.ctx.pools->overflows.n_elements = n;
}
