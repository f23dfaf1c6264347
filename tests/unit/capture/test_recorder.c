/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"
#include "capture/recorder.h"
#include "wire/seg.h"

enum { REFUSED = 1, TIMEOUT = 2 };

static const uint64_t LINGER_NS = NS_PER_SEC;

static struct recorder r;
static uint64_t now_ns;

static void
set_up_of(uint32_t n_conns, uint32_t n_cells, uint32_t sample, bool has_secrets)
{
    struct recorder_opts o = {
        .table = {.n_conns = n_conns,
                  .n_cells = n_cells,
                  .has_secrets = has_secrets,
                  .key = {.k0 = 1, .k1 = 2}},
        .sample = sample,
        .linger_ns = LINGER_NS,
    };

    cr_assert(zero(int, recorder_init(&r, &o)));
    r.is_on = true;
    now_ns = NS_PER_SEC;
}

static void
set_up(void)
{
    set_up_of(64, 1024, 0, false);
}

static struct recorder_tuple
tuple(uint16_t port)
{
    return (struct recorder_tuple){
        .local = {.lo = 1}, .remote = {.lo = 2}, .local_port = port, .remote_port = 80};
}

static uint32_t
frame(uint16_t port, uint8_t flags, bool is_sent, uint32_t seq)
{
    static const uint8_t bytes[60];
    struct recorder_segment s = {
        .tuple = tuple(port), .seq = seq, .flags = flags, .opens = is_sent && flags == SEG_SYN};
    struct frame_data d = {
        .bytes = {bytes}, .len = {sizeof(bytes)}, .time_ns = now_ns++, .is_sent = is_sent};

    return recorder_take(&r, &s, &d);
}

static uint32_t
sends(uint16_t port, uint8_t flags)
{
    return frame(port, flags, true, 7);
}

static uint32_t
receives(uint16_t port, uint8_t flags)
{
    return frame(port, flags, false, 9);
}

static void
fails(uint16_t port, uint8_t cause)
{
    struct recorder_tuple t = tuple(port);

    recorder_fail(&r, &t, cause, now_ns);
}

/* What is handed over next, and not given back. */
static const struct recorder_conn *
next(void)
{
    uint32_t idx = recorder_next(&r, now_ns);

    return idx == SLAB_NONE ? NULL : recorder_table_at(&r.table, idx);
}

static void
open_and_close(uint16_t port)
{
    uint32_t idx;

    cr_assert(eq(u32, sends(port, SEG_SYN), SLAB_NONE));
    cr_assert(eq(u32, receives(port, SEG_SYN | SEG_ACK), SLAB_NONE));
    (void)sends(port, SEG_FIN | SEG_ACK);
    idx = receives(port, SEG_FIN | SEG_ACK);
    if (idx != SLAB_NONE)
        recorder_close(&r, idx, now_ns);
}

Test(recorder, of_a_connection_that_ends_well_nothing_stays)
{
    set_up();
    open_and_close(1000);
    cr_assert(zero(u32, r.table.conns.n_borrowed));
    cr_assert(zero(u32, r.table.store.cells.n_borrowed));
    now_ns += 10 * NS_PER_SEC;
    cr_assert(zero(ptr, (void *)next()));
    recorder_fini(&r);
}

Test(recorder, one_that_fails_is_handed_over_with_all_its_frames_a_while_later)
{
    const struct recorder_conn *c;

    set_up();
    open_and_close(999);
    sends(1000, SEG_SYN);
    receives(1000, SEG_RST | SEG_ACK);
    fails(1000, REFUSED);
    cr_assert(zero(ptr, (void *)next()));
    now_ns += LINGER_NS;
    c = next();
    cr_assert(ne(ptr, (void *)c, NULL));
    cr_assert(eq(uint, c->frames.n, 2));
    cr_assert(eq(u64, c->number, 2));
    cr_assert(eq(int, c->end, RECORDER_FAILED));
    cr_assert(eq(int, c->cause, REFUSED));
    cr_assert(zero(ptr, (void *)next()));
    recorder_give_back(&r, 1);
    cr_assert(zero(u32, r.table.conns.n_borrowed));
    cr_assert(zero(u32, r.table.store.cells.n_borrowed));
    recorder_fini(&r);
}

Test(recorder, an_answer_that_comes_too_late_is_among_its_frames)
{
    set_up();
    sends(1000, SEG_SYN);
    fails(1000, TIMEOUT);
    receives(1000, SEG_SYN | SEG_ACK);
    sends(1000, SEG_RST);
    now_ns += LINGER_NS;
    cr_assert(eq(uint, next()->frames.n, 3));
    cr_assert(eq(u32, receives(1000, SEG_ACK), SLAB_NONE)); /* nobody's any more */
    recorder_fini(&r);
}

Test(recorder, a_tuple_that_is_used_again_is_another_connection)
{
    const struct recorder_conn *c;

    set_up();
    sends(1000, SEG_SYN);
    fails(1000, TIMEOUT);
    frame(1000, SEG_SYN, true, 8);
    receives(1000, SEG_SYN | SEG_ACK);
    fails(1000, REFUSED);
    now_ns += LINGER_NS;
    c = next();
    cr_assert(eq(u64, c->number, 1));
    cr_assert(eq(uint, c->frames.n, 1));
    c = next();
    cr_assert(eq(u64, c->number, 2));
    cr_assert(eq(uint, c->frames.n, 2));
    cr_assert(eq(int, c->cause, REFUSED));
    recorder_fini(&r);
}

Test(recorder, a_syn_that_is_sent_again_is_the_same_connection)
{
    set_up();
    sends(1000, SEG_SYN);
    sends(1000, SEG_SYN);
    sends(1000, SEG_SYN);
    fails(1000, TIMEOUT);
    now_ns += LINGER_NS;
    cr_assert(eq(uint, next()->frames.n, 3));
    cr_assert(eq(u64, r.n_begun, 1));
    recorder_fini(&r);
}

Test(recorder, a_server_sees_connections_begin_with_what_comes)
{
    struct recorder_segment s = {.tuple = tuple(80), .flags = SEG_SYN, .opens = true};
    static const uint8_t bytes[60];
    struct frame_data d = {.bytes = {bytes}, .len = {60}, .time_ns = 1};

    set_up();
    recorder_take(&r, &s, &d);
    sends(80, SEG_SYN | SEG_ACK);
    cr_assert(zero(u32, r.table.lists[RECORDER_ANSWERED].first));
    receives(80, SEG_ACK);
    cr_assert(ne(u32, r.table.lists[RECORDER_ANSWERED].first, SLAB_NONE));
    recorder_fini(&r);
}

Test(recorder, nothing_is_recorded_before_it_is_on)
{
    set_up();
    r.is_on = false;
    sends(1000, SEG_SYN);
    fails(1000, TIMEOUT);
    cr_assert(zero(u64, r.n_begun));
    cr_assert(zero(u64, r.n_missed));
    cr_assert(zero(u32, r.table.conns.n_borrowed));
    recorder_fini(&r);
}

Test(recorder, an_icmp_error_belongs_to_the_connection_that_it_names)
{
    static const uint8_t bytes[90];
    struct frame_data d = {.bytes = {bytes}, .len = {90}, .time_ns = NS_PER_SEC + 5};
    struct recorder_tuple named = tuple(1000), nobodys = tuple(1001);

    set_up();
    sends(1000, SEG_SYN);
    recorder_take_about(&r, &named, &d);
    recorder_take_about(&r, &nobodys, &d);
    fails(1000, TIMEOUT);
    now_ns += LINGER_NS;
    cr_assert(eq(uint, next()->frames.n, 2));
    cr_assert(eq(u32, r.table.store.cells.n_borrowed, 2));
    recorder_fini(&r);
}

Test(recorder, neighbors_come_once_before_the_connection_that_failed_next)
{
    static const uint8_t bytes[42];
    struct frame_data d = {.bytes = {bytes}, .len = {42}, .time_ns = 5};

    set_up();
    recorder_take_neighbor(&r, &d);
    open_and_close(999);
    sends(1000, SEG_SYN);
    sends(1001, SEG_SYN);
    fails(1000, TIMEOUT);
    fails(1001, TIMEOUT);
    now_ns += LINGER_NS;
    cr_assert(eq(int, next()->end, RECORDER_NEIGHBORS));
    cr_assert(eq(u64, next()->number, 2));
    cr_assert(eq(u64, next()->number, 3));
    cr_assert(zero(ptr, (void *)next()));
    recorder_fini(&r);
}

/* -- bounds ----------------------------------------------------------------------------------- */

Test(recorder, who_has_been_silent_longest_since_an_answer_gives_way)
{
    set_up_of(4, 1024, 0, false);
    sends(1, SEG_SYN); /* waits for an answer: it does not */
    for (uint16_t port = 2; port <= 4; port++) {
        sends(port, SEG_SYN);
        receives(port, SEG_SYN | SEG_ACK);
    }
    receives(2, SEG_ACK);
    sends(5, SEG_SYN);
    cr_assert(eq(u64, r.table.n_lost, 1));
    fails(3, TIMEOUT); /* that one */
    cr_assert(eq(u64, r.n_missed, 1));
    fails(1, TIMEOUT);
    fails(2, TIMEOUT);
    fails(4, TIMEOUT);
    fails(5, TIMEOUT);
    cr_assert(eq(u64, r.n_missed, 1));
    recorder_fini(&r);
}

Test(recorder, where_none_may_give_way_a_new_one_is_not_recorded_and_counted_when_it_fails)
{
    set_up_of(4, 1024, 0, false);
    for (uint16_t port = 1; port <= 6; port++)
        sends(port, SEG_SYN);
    cr_assert(zero(u64, r.n_missed));
    for (uint16_t port = 1; port <= 6; port++)
        fails(port, TIMEOUT);
    cr_assert(eq(u64, r.n_missed, 2));
    recorder_fini(&r);
}

Test(recorder, where_memory_is_full_frames_of_the_silent_are_left_out_and_counted)
{
    set_up_of(64, 8, 0, false);
    for (uint16_t port = 1; port <= 4; port++) {
        sends(port, SEG_SYN);
        receives(port, SEG_SYN | SEG_ACK);
    }
    sends(5, SEG_SYN);
    fails(1, TIMEOUT);
    fails(5, TIMEOUT);
    recorder_end(&r);
    cr_assert(eq(uint, next()->frames.n_left_out, 2));
    cr_assert(eq(uint, next()->frames.n, 1));
    recorder_fini(&r);
}

Test(recorder, a_connection_does_not_give_way_to_itself)
{
    const struct recorder_conn *c;

    set_up_of(64, 3, 0, false);
    sends(1, SEG_SYN);
    receives(1, SEG_SYN | SEG_ACK);
    for (unsigned i = 0; i < 10; i++)
        sends(1, SEG_ACK);
    fails(1, TIMEOUT);
    recorder_end(&r);
    c = next();
    cr_assert(eq(uint, c->frames.n, 3));
    cr_assert(eq(uint, c->frames.n_left_out, 9));
    recorder_fini(&r);
}

Test(recorder, who_lingers_does_so_no_longer_than_memory_allows)
{
    unsigned n = 0;

    set_up_of(64, 1024, 0, false);
    for (uint16_t port = 1; port <= 60; port++) {
        sends(port, SEG_SYN);
        fails(port, TIMEOUT);
    }
    while (next() != NULL)
        recorder_give_back(&r, ++n);
    cr_assert(lt(uint, 0, n));
    cr_assert(le(u32, r.table.conns.n_borrowed, 48));
    recorder_fini(&r);
}

/* -- a sample --------------------------------------------------------------------------------- */

Test(recorder, of_a_sample_one_in_so_many_comes_whatever_its_end)
{
    unsigned n = 0;

    set_up_of(64, 1024, 3, false);
    for (uint16_t port = 1; port <= 3000; port++) {
        open_and_close(port);
        while (next() != NULL) {
            cr_assert(eq(int, recorder_table_at(&r.table, 1)->end, RECORDER_CLOSED));
            cr_assert(eq(u64, recorder_table_at(&r.table, 1)->number, ++n));
            cr_assert(eq(uint, recorder_table_at(&r.table, 1)->frames.n, 4));
            recorder_give_back(&r, 1);
        }
    }
    cr_assert(lt(uint, 900, n));
    cr_assert(lt(uint, n, 1100));
    recorder_fini(&r);
}

Test(recorder, of_a_sample_failures_and_what_is_open_at_the_end_come_too)
{
    set_up_of(64, 1024, 1, false);
    sends(6, SEG_SYN);
    fails(6, TIMEOUT);
    sends(8, SEG_SYN);
    cr_assert(eq(int, next()->cause, TIMEOUT));
    cr_assert(zero(ptr, (void *)next()));
    recorder_end(&r);
    cr_assert(eq(int, next()->end, RECORDER_OPEN));
    cr_assert(zero(ptr, (void *)next()));
    cr_assert(zero(u64, r.n_missed));
    recorder_fini(&r);
}

Test(recorder, a_syn_that_is_sent_again_makes_no_other_choice)
{
    unsigned n = 0;

    set_up_of(64, 1024, 2, false);
    for (uint16_t port = 1; port <= 60; port++)
        for (unsigned i = 0; i < 8; i++)
            sends(port, SEG_SYN);
    recorder_end(&r);
    for (const struct recorder_conn *c; (c = next()) != NULL; n++)
        cr_assert(eq(uint, c->frames.n, 8));
    cr_assert(lt(uint, 0, n));
    cr_assert(lt(uint, n, 60));
    recorder_fini(&r);
}

Test(recorder, one_of_a_sample_that_had_no_place_is_missed)
{
    set_up_of(2, 1024, 1, false);
    for (uint16_t port = 1; port <= 3; port++)
        sends(port, SEG_SYN);
    cr_assert(eq(u64, r.n_missed, 1));
    recorder_fini(&r);
}

/* -- secrets ---------------------------------------------------------------------------------- */

Test(recorder, secrets_come_with_their_connection_line_by_line)
{
    struct recorder_tuple t = tuple(1000), other = tuple(1001);
    const struct recorder_conn *c;

    set_up_of(64, 1024, 0, true);
    sends(1000, SEG_SYN);
    recorder_take_secret(&r, &t, "CLIENT_RANDOM 01 02");
    recorder_take_secret(&r, &other, "CLIENT_RANDOM 03 04");
    recorder_take_secret(&r, &t, "EXPORTER_SECRET 05 06");
    fails(1000, TIMEOUT);
    recorder_end(&r);
    c = next();
    cr_assert(eq(uint, c->secrets_len, 42));
    cr_assert(zero(int, memcmp(slab_at(&r.table.secrets, c->secrets),
                               "CLIENT_RANDOM 01 02\nEXPORTER_SECRET 05 06\n", 42)));
    recorder_fini(&r);
}

Test(recorder, secrets_are_wiped_with_their_connection)
{
    struct recorder_tuple t = tuple(1000);
    const uint8_t *at;
    uint32_t idx;

    set_up_of(64, 1024, 0, true);
    sends(1000, SEG_SYN);
    recorder_take_secret(&r, &t, "CLIENT_RANDOM 01 02");
    at = slab_at(&r.table.secrets, 1);
    cr_assert(eq(int, at[10], 'D'));
    idx = receives(1000, SEG_RST);
    recorder_close(&r, idx, now_ns);
    for (unsigned i = 4; i < 100; i++) /* the first bytes are the slab's now */
        cr_assert(zero(int, at[i]));
    cr_assert(zero(u32, r.table.secrets.n_borrowed));
    recorder_fini(&r);
}

Test(recorder, secrets_that_find_no_memory_are_known_to_be_missing)
{
    struct recorder_tuple t = tuple(1000);
    char line[RECORDER_SECRETS_BYTES];

    set_up_of(64, 1024, 0, true);
    sends(1000, SEG_SYN);
    memset(line, 'A', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    recorder_take_secret(&r, &t, line);
    cr_assert(not(recorder_table_at(&r.table, 1)->lacks_secrets));
    recorder_take_secret(&r, &t, "B");
    cr_assert(recorder_table_at(&r.table, 1)->lacks_secrets);
    recorder_fini(&r);
}
