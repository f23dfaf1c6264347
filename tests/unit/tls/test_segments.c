/* SPDX-License-Identifier: BSD-3-Clause */
/* The BIO over two stretches of a ring, cut in every way. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tls/conn.h"

enum { N = 12 };
static const char TEXT[N + 1] = "abcdefghijkl";

struct rig {
    BIO_METHOD *method;
    BIO *bio;
    struct tls_conn conn;
    struct tls_wire wire;
    uint8_t first[N], second[N]; /* of the room to write to */
};

static struct rig r;

static void
set_up(void)
{
    memset(&r, 0, sizeof(r));
    r.method = tls_segments_method();
    r.bio = BIO_new(r.method);
    cr_assert(ne(ptr, r.bio, NULL));
    r.conn.wire = &r.wire;
    BIO_set_data(r.bio, &r.conn);
    BIO_set_init(r.bio, 1);
}

static void
tear_down(void)
{
    BIO_free(r.bio);
    BIO_meth_free(r.method);
}

TestSuite(segments, .init = set_up, .fini = tear_down);

/* @n bytes of TEXT are there, @cut of them in the first stretch. */
static void
offer(uint32_t n, uint32_t cut)
{
    r.wire = (struct tls_wire){.in = {(const uint8_t *)TEXT, (const uint8_t *)TEXT + cut},
                               .in_len = {cut, n - cut}};
}

static void
give_room(uint32_t n, uint32_t cut)
{
    memset(r.first, '-', N);
    memset(r.second, '-', N);
    r.wire = (struct tls_wire){.out = {r.first, r.second}, .out_room = {cut, n - cut}};
}

Test(segments, all_that_came_is_read_in_order_whatever_the_cuts)
{
    for (uint32_t cut = 0; cut <= N; cut++) {
        for (int a_time = 1; a_time <= N + 1; a_time++) {
            char got[2 * N] = {0};
            int n, at = 0;

            offer(N, cut);
            while ((n = BIO_read(r.bio, got + at, a_time)) > 0) {
                cr_assert(le(int, n, a_time));
                cr_assert(zero(int, BIO_should_retry(r.bio)));
                at += n;
            }
            cr_assert(eq(int, at, N));
            cr_assert(eq(str, got, (char *)TEXT));
            cr_assert(eq(uint, r.wire.taken, N));
        }
    }
}

Test(segments, a_read_takes_as_much_as_there_is_over_both_stretches)
{
    char got[N + 1] = {0};

    offer(N, 5);
    cr_assert(eq(int, BIO_read(r.bio, got, N), N));
    cr_assert(eq(str, got, (char *)TEXT));
}

Test(segments, where_nothing_is_left_a_read_is_to_be_tried_again)
{
    char got[N];

    for (uint32_t n = 0; n <= N; n += N) {
        for (uint32_t cut = 0; cut <= n; cut += N) {
            offer(n, cut);
            if (n > 0)
                cr_assert(eq(int, BIO_read(r.bio, got, N), N));
            cr_assert(le(int, BIO_read(r.bio, got, N), 0));
            cr_assert(ne(int, BIO_should_retry(r.bio), 0));
            cr_assert(ne(int, BIO_should_read(r.bio), 0));
            cr_assert(zero(int, BIO_should_write(r.bio)));
        }
    }
}

Test(segments, more_is_read_in_the_next_step)
{
    char got[N];

    offer(3, 3);
    cr_assert(eq(int, BIO_read(r.bio, got, N), 3));
    cr_assert(le(int, BIO_read(r.bio, got, N), 0));
    offer(N, 0);
    cr_assert(eq(int, BIO_read(r.bio, got, N), N));
    cr_assert(zero(int, BIO_should_retry(r.bio)));
}

Test(segments, what_is_written_lies_in_both_stretches_whatever_the_cuts)
{
    for (uint32_t cut = 0; cut <= N; cut++) {
        for (int a_time = 1; a_time <= N; a_time++) {
            int at = 0;

            give_room(N, cut);
            while (at < N) {
                int most = a_time < N - at ? a_time : N - at;
                int n = BIO_write(r.bio, TEXT + at, most);

                cr_assert(eq(int, n, most));
                at += n;
            }
            cr_assert(eq(uint, r.wire.written, N));
            cr_assert(zero(int, memcmp(r.first, TEXT, cut)));
            cr_assert(zero(int, memcmp(r.second, TEXT + cut, N - cut)));
            for (uint32_t i = cut; i < N; i++)
                cr_assert(eq(chr, (char)r.first[i], '-'));
            for (uint32_t i = N - cut; i < N; i++)
                cr_assert(eq(chr, (char)r.second[i], '-'));
        }
    }
}

Test(segments, a_full_ring_takes_a_part_and_the_rest_later)
{
    for (uint32_t cut = 0; cut <= 7; cut++) {
        give_room(7, cut);
        cr_assert(eq(int, BIO_write(r.bio, TEXT, N), 7));
        cr_assert(le(int, BIO_write(r.bio, TEXT + 7, N - 7), 0));
        cr_assert(ne(int, BIO_should_retry(r.bio), 0));
        cr_assert(ne(int, BIO_should_write(r.bio), 0));
        cr_assert(zero(int, BIO_should_read(r.bio)));
        cr_assert(eq(uint, r.wire.written, 7));
        give_room(N, 3);
        cr_assert(eq(int, BIO_write(r.bio, TEXT + 7, N - 7), N - 7));
        cr_assert(zero(int, BIO_should_retry(r.bio)));
        cr_assert(zero(int, memcmp(r.second, TEXT + 10, 2)));
    }
}

Test(segments, without_any_room_nothing_is_written)
{
    give_room(0, 0);
    cr_assert(le(int, BIO_write(r.bio, TEXT, N), 0));
    cr_assert(ne(int, BIO_should_write(r.bio), 0));
    cr_assert(zero(uint, r.wire.written));
}

Test(segments, a_flush_has_nothing_to_do_and_other_controls_are_not_known)
{
    cr_assert(eq(int, BIO_flush(r.bio), 1));
    cr_assert(zero(int, BIO_reset(r.bio)));
    cr_assert(zero(sz, BIO_ctrl_pending(r.bio)));
}
