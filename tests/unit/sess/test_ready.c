/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that wait in line for their turn to send, and the core's use of the line. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sess/core.h"

/* -- the line ----------------------------------------------------------------------------- */

static uint32_t
taken(struct ready *q)
{
    uint32_t place;

    return ready_take(q, &place);
}

Test(ready, who_came_first_goes_first)
{
    struct ready q;

    cr_assert(zero(int, ready_init(&q, 10)));
    cr_assert(ready_is_empty(&q));
    ready_put(&q, 7);
    ready_put(&q, 3);
    ready_put(&q, 5);
    cr_assert(eq(u32, taken(&q), 7));
    ready_put(&q, 7);
    cr_assert(eq(u32, taken(&q), 3));
    cr_assert(eq(u32, taken(&q), 5));
    cr_assert(eq(u32, taken(&q), 7));
    cr_assert(ready_is_empty(&q));
    ready_fini(&q);
}

Test(ready, an_entry_is_known_by_its_place)
{
    struct ready q;
    uint32_t first, second, place;

    cr_assert(zero(int, ready_init(&q, 10)));
    first = ready_put(&q, 7);
    second = ready_put(&q, 7);
    cr_assert(ne(u32, first, second));
    cr_assert(eq(u32, ready_take(&q, &place), 7));
    cr_assert(eq(u32, place, first));
    cr_assert(eq(u32, ready_take(&q, &place), 7));
    cr_assert(eq(u32, place, second));
    ready_fini(&q);
}

Test(ready, there_is_room_for_each_and_for_as_many_entries_without_a_meaning)
{
    static const uint32_t sizes[] = {1, 31, 32, 33, 100, 4096};

    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
        struct ready q;

        cr_assert(zero(int, ready_init(&q, sizes[i])));
        for (uint32_t n = 0; n < 2 * sizes[i]; n++) {
            cr_assert(not(ready_is_full(&q)), "%u of %u", n, sizes[i]);
            ready_put(&q, n);
        }
        for (uint32_t n = 0; n < 2 * sizes[i]; n++)
            cr_assert(eq(u32, taken(&q), n));
        ready_fini(&q);
    }
}

Test(ready, a_full_line_says_so)
{
    struct ready q;

    cr_assert(zero(int, ready_init(&q, 32)));
    for (uint32_t n = 0; n < 64; n++)
        ready_put(&q, n);
    cr_assert(ready_is_full(&q));
    (void)taken(&q);
    cr_assert(not(ready_is_full(&q)));
    ready_fini(&q);
}

Test(ready, the_counts_may_wrap)
{
    struct ready q;

    cr_assert(zero(int, ready_init(&q, 32)));
    q.head = q.tail = UINT32_MAX - 5;
    for (uint32_t n = 0; n < 64; n++) {
        cr_assert(not(ready_is_full(&q)));
        ready_put(&q, n);
    }
    cr_assert(ready_is_full(&q));
    for (uint32_t n = 0; n < 64; n++)
        cr_assert(eq(u32, taken(&q), n));
    cr_assert(ready_is_empty(&q));
    ready_fini(&q);
}

/* -- the core in front of it ------------------------------------------------------------------ */

enum { RECORDS = 8 };

static struct core core;
static struct outbox outbox; /* without rooms: whatever has something to say waits */
static struct stats stat;
static struct payload payload;
static uint8_t payload_bytes[PAYLOAD_BYTES];

static void
set_up(void)
{
    const struct core_opts opts = {.tcp = {.connect_timeout_us = 1000000,
                                           .close_timeout_us = 1000000,
                                           .retries_max = 15,
                                           .data_timeout_us = 1000000,
                                           .rcv_wnd = 65536,
                                           .cc = cc_algorithms[CC_CUBIC]},
                                   .emit = {.vlan = -1, .mtu = 1500, .wscale = TCP_RCV_WSCALE},
                                   .stat = &stat,
                                   .outbox = &outbox,
                                   .n_streams = RECORDS,
                                   .mss = {1460, 1440},
                                   .payload = &payload};

    payload_init(&payload, payload_bytes);
    stat_init(&stat, 0);
    cr_assert(zero(int, core_init(&core, &opts, RECORDS, NS_PER_SEC)));
}

static void
tear_down(void)
{
    core_fini(&core);
}

TestSuite(core_line, .init = set_up, .fini = tear_down, .timeout = 10);

/* The connection of a record that has 1000 bytes to say, and no room to say them. */
static void
waits(uint32_t idx)
{
    static const struct emit_path path;
    struct tcp_conn *c = &core.records[idx].tcp;

    if (!tcp_has_stream(c)) {
        *c = (struct tcp_conn){.state = TCPS_ESTABLISHED, .mss = 1460, .rto_ms = 200};
        c->peer_wnd = 65535;
        cr_assert(tcp_send(c, &core.tcp, 1000));
    }
    cr_assert(zero(uint, core_flush_stream(&core, idx, &path, 1, 2, 2)));
}

static void
ends(uint32_t idx)
{
    tcp_release(&core.records[idx].tcp, &core.tcp);
    core.records[idx].tcp.state = TCPS_CLOSED;
}

Test(core_line, connections_have_their_turn_in_the_order_they_came)
{
    waits(5);
    waits(2);
    waits(7);
    cr_assert(eq(u32, core_next_ready(&core), 5));
    cr_assert(eq(u32, core_next_ready(&core), 2));
    cr_assert(eq(u32, core_next_ready(&core), 7));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}

Test(core_line, nobody_stands_in_line_twice)
{
    waits(5);
    waits(2);
    waits(5);
    waits(5);
    cr_assert(eq(u32, core_next_ready(&core), 5));
    cr_assert(eq(u32, core_next_ready(&core), 2));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}

Test(core_line, who_had_his_turn_may_come_again)
{
    waits(5);
    cr_assert(eq(u32, core_next_ready(&core), 5));
    waits(5);
    cr_assert(eq(u32, core_next_ready(&core), 5));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}

Test(core_line, a_connection_that_has_ended_is_passed_over)
{
    waits(5);
    waits(2);
    ends(5);
    cr_assert(eq(u32, core_next_ready(&core), 2));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}

Test(core_line, who_has_nothing_to_say_does_not_wait)
{
    static const struct emit_path path;
    static uint8_t room[2048];
    struct tcp_conn *c = &core.records[1].tcp;

    *c = (struct tcp_conn){.state = TCPS_ESTABLISHED, .mss = 1460};
    cr_assert(tcp_attach_stream(c, &core.tcp));
    outbox.bufs[outbox.n_bufs++] = room;
    cr_assert(zero(uint, core_flush_stream(&core, 1, &path, 1, 2, 2)));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}

/* The line holds 64 entries. Those that have lost their meaning make room, and who still waits
 * keeps the order. */
Test(core_line, entries_of_connections_that_have_ended_never_fill_it)
{
    for (int i = 0; i < 1000; i++) {
        waits((uint32_t)(i % 4));
        ends((uint32_t)(i % 4));
    }
    waits(6);
    waits(4);
    for (int i = 0; i < 1000; i++) {
        waits(1);
        ends(1);
    }
    waits(0);
    cr_assert(eq(u32, core_next_ready(&core), 6));
    cr_assert(eq(u32, core_next_ready(&core), 4));
    cr_assert(eq(u32, core_next_ready(&core), 0));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}

/* The entry of a connection that has ended is not the place of the next one of its record. */
Test(core_line, a_new_connection_goes_to_the_end_even_if_its_record_stood_in_line_before)
{
    waits(5);
    ends(5);
    waits(2);
    waits(5);
    cr_assert(eq(u32, core_next_ready(&core), 2));
    cr_assert(eq(u32, core_next_ready(&core), 5));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}

/* A record whose connections end while they wait, each followed by the next, up to a full line. */
Test(core_line, a_record_that_came_again_and_again_does_not_keep_others_out)
{
    for (int i = 0; i < 63; i++) {
        waits(1);
        ends(1);
    }
    waits(1);
    waits(2);
    waits(3);
    cr_assert(eq(u32, core_next_ready(&core), 1));
    cr_assert(eq(u32, core_next_ready(&core), 2));
    cr_assert(eq(u32, core_next_ready(&core), 3));
    cr_assert(eq(u32, core_next_ready(&core), RECORD_NONE));
}
