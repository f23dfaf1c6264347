/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "../seed.h"
#include "base/rng.h"
#include "capture/frames.h"

static struct frame_store store;
static uint8_t bytes[FRAMES_SNAP_BYTES + 1000], copy[FRAMES_SNAP_BYTES];

static void
set_up(uint32_t n_cells)
{
    cr_assert(zero(int, frames_init(&store, n_cells)));
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
}

static bool
add(struct frame_list *l, uint64_t time_ns, uint32_t first, uint32_t second)
{
    struct frame_data d = {.bytes = {bytes, bytes + first},
                           .len = {first, second},
                           .time_ns = time_ns,
                           .is_sent = time_ns % 2 == 0};

    return frames_add(&store, l, &d);
}

static unsigned
count(const struct frame_list *l)
{
    unsigned n = 0;

    for (uint32_t i = l->first; i != SLAB_NONE; i = frames_at(&store, i)->next)
        n++;
    return n;
}

Test(frames, the_bytes_of_a_frame_come_back_whole_whatever_its_two_pieces)
{
    uint64_t seed = seed_of_test(7);
    struct rng rng = {.state = seed};

    set_up(2000);
    for (unsigned i = 0; i < 2000; i++) {
        struct frame_list l = {0};
        uint32_t first = (uint32_t)(rng_next(&rng) % 400), second = 0;

        if (i % 2 != 0)
            second = (uint32_t)(rng_next(&rng) % 2000);
        cr_assert(add(&l, 5, first, second));
        cr_assert(eq(sz, frames_copy(&store, l.first, copy), first + second));
        cr_assert(zero(int, memcmp(copy, bytes, first + second)), SEED_FMT, seed);
        cr_assert(eq(u32, frames_at(&store, l.first)->wire_bytes, first + second));
        frames_clear(&store, &l);
        cr_assert(zero(u32, store.cells.n_borrowed));
    }
    frames_fini(&store);
}

Test(frames, of_a_longer_one_the_beginning_stays_and_the_length)
{
    struct frame_list l = {0};

    set_up(2000);
    cr_assert(add(&l, 5, 100, FRAMES_SNAP_BYTES));
    cr_assert(eq(u32, frames_at(&store, l.first)->wire_bytes, FRAMES_SNAP_BYTES + 100));
    cr_assert(eq(sz, frames_copy(&store, l.first, copy), FRAMES_SNAP_BYTES));
    cr_assert(zero(int, memcmp(copy, bytes, FRAMES_SNAP_BYTES)));
    frames_clear(&store, &l);
    frames_fini(&store);
}

Test(frames, they_lie_in_the_order_of_their_instants)
{
    static const uint64_t given[] = {5, 9, 7, 9, 1, 8, 9}, want[] = {1, 5, 7, 8, 9, 9, 9};
    struct frame_list l = {0};
    unsigned n = 0;

    set_up(100);
    for (unsigned i = 0; i < 7; i++)
        cr_assert(add(&l, given[i], 60 + i, 0));
    for (uint32_t i = l.first; i != SLAB_NONE; i = frames_at(&store, i)->next)
        cr_assert(eq(u64, frames_at(&store, i)->time_ns, want[n++]));
    cr_assert(eq(uint, n, 7));
    cr_assert(eq(u32, frames_at(&store, l.last)->wire_bytes, 66));
    cr_assert(add(&l, 10, 99, 0));
    cr_assert(eq(u32, frames_at(&store, l.last)->wire_bytes, 99));
    frames_fini(&store);
}

Test(frames, of_many_the_first_and_the_last_stay)
{
    struct frame_list l = {0};
    uint32_t idx;

    set_up(1000);
    for (unsigned i = 1; i <= 1000; i++)
        cr_assert(add(&l, i, 60, 0));
    cr_assert(eq(uint, count(&l), FRAMES_PER_LIST));
    cr_assert(eq(uint, l.n, FRAMES_PER_LIST));
    cr_assert(eq(u32, l.n_left_out, 1000 - FRAMES_PER_LIST));
    cr_assert(eq(u32, store.cells.n_borrowed, FRAMES_PER_LIST));
    idx = l.first;
    for (unsigned i = 1; i <= FRAMES_AT_FRONT; i++, idx = frames_at(&store, idx)->next)
        cr_assert(eq(u64, frames_at(&store, idx)->time_ns, i));
    for (unsigned i = 0; i < FRAMES_PER_LIST - FRAMES_AT_FRONT; i++) {
        cr_assert(eq(u64, frames_at(&store, idx)->time_ns,
                     1000 - FRAMES_PER_LIST + FRAMES_AT_FRONT + 1 + i));
        idx = frames_at(&store, idx)->next;
    }
    frames_fini(&store);
}

Test(frames, of_long_ones_too_the_last_stay_and_a_list_keeps_to_its_cells)
{
    struct frame_list l = {0};

    set_up(10000);
    for (unsigned i = 1; i <= 100; i++) {
        cr_assert(add(&l, i, 54, 16000));
        cr_assert(le(uint, l.n_cells, CELLS_PER_LIST));
        cr_assert(eq(u32, store.cells.n_borrowed, l.n_cells));
        cr_assert(eq(u64, frames_at(&store, l.last)->time_ns, i));
    }
    cr_assert(eq(u64, frames_at(&store, l.first)->time_ns, 1));
    cr_assert(eq(u32, l.n_left_out, 100 - count(&l)));
    frames_clear(&store, &l);
    cr_assert(zero(u32, store.cells.n_borrowed));
    frames_fini(&store);
}

Test(frames, a_full_store_takes_none_and_changes_nothing)
{
    struct frame_list l = {0};

    set_up(3);
    cr_assert(add(&l, 1, 60, 0));
    cr_assert(not(add(&l, 2, 1000, 0)));
    cr_assert(eq(uint, l.n, 1));
    cr_assert(zero(u32, l.n_left_out));
    cr_assert(add(&l, 3, 150, 0));
    cr_assert(not(add(&l, 4, 1, 0)));
    cr_assert(eq(uint, count(&l), 2));
    frames_clear(&store, &l);
    cr_assert(add(&l, 5, 300, 0));
    frames_fini(&store);
}
