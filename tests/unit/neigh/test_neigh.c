/* SPDX-License-Identifier: BSD-3-Clause */
#include "neigh/neigh.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define MS(n) ((n)*NS_PER_MS)
#define S(n)  ((n)*NS_PER_SEC)

static const uint8_t MAC_A[6] = {2, 0, 0, 0, 0, 0xa};
static const uint8_t MAC_B[6] = {2, 0, 0, 0, 0, 0xb};
static const struct ip_addr ADDR = {.lo = 0xc6120001}; /* 198.18.0.1 */
static const struct ip_addr ADDR6 = {.hi = 0x2001000200000000, .lo = 1, .is_v6 = true};
static const struct ip_addr STRANGER = {.lo = 0xc6120002};

/* RFC 4861 10, whatever the default is. */
static const struct neigh_opts OPTS = {
    .retry_ns = S(1), .probe_retry_ns = S(1), .refresh_ns = S(30), .tries = 3, .probes = 3};

static struct neigh n;

static void
rig_with_one_entry(void)
{
    neigh_init(&n, &OPTS);
    cr_assert(eq(u32, neigh_add(&n, &ADDR), 0));
}

static bool
says(const uint8_t *mac, bool is_solicited, bool overrides, uint64_t now_ns)
{
    return neigh_input(
        &n,
        &(struct neigh_advert){
            .addr = ADDR, .mac = mac, .is_solicited = is_solicited, .overrides = overrides},
        now_ns);
}

/* As an ARP reply to us does. */
static void
answers(const uint8_t *mac, uint64_t now_ns)
{
    cr_assert(says(mac, true, true, now_ns));
}

static void
rig_reachable_at_0(void)
{
    struct neigh_solicit ask;

    rig_with_one_entry();
    cr_assert(neigh_due(&n, 0, &ask));
    answers(MAC_A, 0);
}

static bool
knows(const uint8_t *mac)
{
    const uint8_t *known = neigh_lookup(&n, 0);

    return known != NULL && memcmp(known, mac, 6) == 0;
}

/* Nothing is sent before @at_ns; at it, one request to everyone (@mac NULL) or to @mac. */
static void
expect_ask(uint64_t at_ns, const uint8_t *mac)
{
    struct neigh_solicit ask;

    cr_assert(eq(u64, neigh_deadline_ns(&n), at_ns));
    if (at_ns > 0)
        cr_assert(not(neigh_due(&n, at_ns - 1, &ask)));
    cr_assert(neigh_due(&n, at_ns, &ask));
    cr_assert(ip_equal(&ask.addr, &ADDR));
    cr_assert(eq(int, ask.is_unicast, mac != NULL));
    if (mac != NULL)
        cr_assert(eq(int, memcmp(ask.mac, mac, 6), 0));
    cr_assert(not(neigh_due(&n, at_ns, &ask)), "one request at a time");
}

/* The entry's deadline is @at_ns, and passing it sends nothing. */
static void
expect_silent_deadline(uint64_t at_ns)
{
    struct neigh_solicit ask;

    cr_assert(eq(u64, neigh_deadline_ns(&n), at_ns));
    cr_assert(not(neigh_due(&n, at_ns, &ask)));
}

Test(neigh, an_empty_cache_has_nothing_to_do_and_nothing_unresolved)
{
    struct neigh_solicit ask;

    neigh_init(&n, &NEIGH_OPTS_DEFAULT);
    cr_assert(eq(u64, neigh_deadline_ns(&n), TIME_NEVER));
    cr_assert(not(neigh_due(&n, S(100), &ask)));
    cr_assert(neigh_all_resolved(&n));
    cr_assert(neigh_is_settled(&n));
}

Test(neigh, a_new_entry_is_asked_for_at_once)
{
    rig_with_one_entry();
    cr_assert(not(neigh_all_resolved(&n)));
    cr_assert(eq(ptr, (void *)neigh_lookup(&n, 0), NULL));
    expect_ask(0, NULL);
}

Test(neigh, an_unanswered_request_is_repeated_after_1_s_and_given_up_after_3)
{
    rig_with_one_entry();
    expect_ask(0, NULL);
    expect_ask(S(1), NULL);
    expect_ask(S(2), NULL);
    cr_assert(not(neigh_is_settled(&n)));
    expect_silent_deadline(S(3));
    cr_assert(eq(int, n.entries[0].state, NEIGH_FAILED));
    cr_assert(neigh_is_settled(&n));
    cr_assert(not(neigh_all_resolved(&n)));
    cr_assert(eq(u32, n.entries[0].requests, 3));
}

Test(neigh, the_number_of_tries_and_their_distance_can_be_chosen)
{
    neigh_init(&n, &(struct neigh_opts){.retry_ns = MS(200),
                                        .probe_retry_ns = MS(200),
                                        .refresh_ns = S(5),
                                        .tries = 2,
                                        .probes = 1});
    neigh_add(&n, &ADDR);
    expect_ask(0, NULL);
    expect_ask(MS(200), NULL);
    expect_silent_deadline(MS(400));
    cr_assert(eq(int, n.entries[0].state, NEIGH_FAILED));
}

Test(neigh, a_late_turn_sends_one_request_and_not_the_ones_it_missed)
{
    struct neigh_solicit ask;

    rig_with_one_entry();
    expect_ask(0, NULL);
    cr_assert(neigh_due(&n, MS(2500), &ask));
    cr_assert(not(neigh_due(&n, MS(2500), &ask)));
    cr_assert(eq(u64, neigh_deadline_ns(&n), MS(3500)));
}

Test(neigh, an_answer_resolves_the_entry)
{
    rig_with_one_entry();
    expect_ask(0, NULL);
    answers(MAC_A, MS(3));
    cr_assert(knows(MAC_A));
    cr_assert(neigh_all_resolved(&n));
    cr_assert(neigh_is_settled(&n));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
}

Test(neigh, an_answer_from_another_address_is_ignored)
{
    struct neigh_advert said = {
        .addr = STRANGER, .mac = MAC_A, .is_solicited = true, .overrides = true};

    rig_with_one_entry();
    expect_ask(0, NULL);
    cr_assert(not(neigh_input(&n, &said, MS(1))));
    cr_assert(not(neigh_all_resolved(&n)));
    expect_ask(S(1), NULL);
}

Test(neigh, an_answer_for_the_same_number_in_the_other_family_is_ignored)
{
    struct neigh_advert said = {
        .addr = ADDR, .mac = MAC_A, .is_solicited = true, .overrides = true};

    said.addr.is_v6 = true;
    rig_with_one_entry();
    cr_assert(not(neigh_input(&n, &said, 0)));
}

Test(neigh, a_group_or_zero_mac_is_not_believed)
{
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1};
    static const uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};
    static const uint8_t zero[6];

    rig_with_one_entry();
    cr_assert(not(says(group, true, true, 0)));
    cr_assert(not(says(broadcast, true, true, 0)));
    cr_assert(not(says(zero, true, true, 0)));
    cr_assert(eq(ptr, (void *)neigh_lookup(&n, 0), NULL));
}

Test(neigh, an_answer_without_mac_does_not_resolve_an_entry_that_has_none)
{
    rig_with_one_entry();
    cr_assert(not(says(NULL, true, true, 0)));
    cr_assert(not(neigh_all_resolved(&n)));
}

Test(neigh, an_answer_is_believed_for_30_s_and_then_probed_by_unicast)
{
    rig_with_one_entry();
    expect_ask(0, NULL);
    answers(MAC_A, MS(500));
    expect_ask(MS(30500), MAC_A);
    cr_assert(eq(int, n.entries[0].state, NEIGH_PROBE));
    cr_assert(knows(MAC_A), "usable while it is probed");
    answers(MAC_A, MS(30700));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
    expect_ask(MS(60700), MAC_A);
}

Test(neigh, a_neighbour_that_went_silent_is_probed_3_times_then_everyone_is_asked_3_times)
{
    rig_reachable_at_0();
    expect_ask(S(30), MAC_A);
    expect_ask(S(31), MAC_A);
    expect_ask(S(32), MAC_A);
    expect_ask(S(33), NULL);
    expect_ask(S(34), NULL);
    expect_ask(S(35), NULL);
    expect_silent_deadline(S(36));
    cr_assert(eq(int, n.entries[0].state, NEIGH_FAILED));
    cr_assert(knows(MAC_A), "the old MAC stays usable");
    cr_assert(neigh_all_resolved(&n));
}

Test(neigh, a_failed_entry_is_asked_for_every_30_s_and_can_come_back)
{
    rig_with_one_entry();
    expect_ask(0, NULL);
    expect_ask(S(1), NULL);
    expect_ask(S(2), NULL);
    expect_silent_deadline(S(3));
    expect_ask(S(33), NULL);
    expect_ask(S(63), NULL);
    answers(MAC_B, S(64));
    cr_assert(knows(MAC_B));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
    expect_ask(S(94), MAC_B);
}

Test(neigh, a_neighbour_that_comes_back_with_another_mac_is_believed_without_override)
{
    rig_reachable_at_0();
    for (uint64_t s = 30; s < 33; s++)
        expect_ask(S(s), MAC_A);
    expect_ask(S(33), NULL);
    cr_assert(says(MAC_B, true, false, S(33)));
    cr_assert(knows(MAC_B));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
}

Test(neigh, what_is_snoopd_while_asking_is_usable_but_probed_no_sooner_than_a_retry)
{
    rig_with_one_entry();
    expect_ask(0, NULL);
    cr_assert(says(MAC_A, false, true, MS(10)));
    cr_assert(knows(MAC_A));
    cr_assert(eq(int, n.entries[0].state, NEIGH_PROBE));
    expect_ask(S(1), MAC_A);
}

Test(neigh, what_is_snoopd_before_the_first_request_is_probed_at_once)
{
    rig_with_one_entry();
    cr_assert(says(MAC_A, false, true, MS(10)));
    expect_ask(MS(10), MAC_A);
}

Test(neigh, an_override_replaces_the_mac_and_a_solicited_one_needs_no_probe)
{
    rig_reachable_at_0();
    answers(MAC_B, S(5));
    cr_assert(knows(MAC_B));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
    expect_ask(S(35), MAC_B);
}

Test(neigh, an_unsolicited_override_replaces_the_mac_and_has_it_probed)
{
    rig_reachable_at_0();
    cr_assert(says(MAC_B, false, true, S(5)));
    cr_assert(knows(MAC_B));
    expect_ask(S(5), MAC_B);
}

Test(neigh, another_mac_without_override_is_not_taken_but_has_the_old_one_probed)
{
    rig_reachable_at_0();
    cr_assert(says(MAC_B, true, false, S(5)));
    cr_assert(knows(MAC_A));
    cr_assert(eq(int, n.entries[0].state, NEIGH_PROBE));
    expect_ask(S(5), MAC_A);
}

Test(neigh, another_mac_without_override_leaves_a_probe_and_its_count_as_they_are)
{
    rig_reachable_at_0();
    for (uint64_t s = 30; s < 33; s++) {
        expect_ask(S(s), MAC_A);
        cr_assert(says(MAC_B, true, false, S(s) + MS(100)));
        cr_assert(knows(MAC_A));
    }
    expect_ask(S(33), NULL);
}

Test(neigh, the_same_mac_unsolicited_confirms_nothing)
{
    rig_reachable_at_0();
    cr_assert(says(MAC_A, false, true, S(20)));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
    expect_ask(S(30), MAC_A);
    cr_assert(says(MAC_A, false, true, MS(30100)));
    expect_ask(S(31), MAC_A);
}

Test(neigh, a_solicited_answer_without_mac_or_override_confirms_the_one_we_have)
{
    rig_reachable_at_0();
    expect_ask(S(30), MAC_A);
    cr_assert(says(NULL, true, false, MS(30200)));
    cr_assert(knows(MAC_A));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
    expect_ask(MS(60200), MAC_A);
}

Test(neigh, two_stations_fighting_over_an_address_cause_one_request_a_second)
{
    struct neigh_solicit ask;
    unsigned requests = 0;

    rig_reachable_at_0();
    for (uint64_t ms = 10000; ms < 20000; ms++) {
        says(ms % 2 != 0 ? MAC_A : MAC_B, false, true, MS(ms));
        requests += neigh_due(&n, MS(ms), &ask);
    }
    cr_assert(eq(uint, requests, 10));
}

Test(neigh, adding_an_address_twice_gives_the_same_index_and_keeps_what_is_known)
{
    rig_reachable_at_0();
    cr_assert(eq(u32, neigh_add(&n, &ADDR6), 1));
    cr_assert(eq(u32, neigh_add(&n, &ADDR), 0));
    cr_assert(eq(u32, n.n_entries, 2));
    cr_assert(knows(MAC_A));
}

Test(neigh, the_table_takes_258_next_hops_and_refuses_one_more)
{
    struct ip_addr addr = ADDR;
    struct neigh_solicit ask;
    unsigned asked = 0;

    neigh_init(&n, &NEIGH_OPTS_DEFAULT);
    for (uint32_t i = 0; i < 258; i++, addr.lo++)
        cr_assert(eq(u32, neigh_add(&n, &addr), i));
    cr_assert(eq(u32, neigh_add(&n, &addr), NEIGH_NONE));
    cr_assert(eq(u32, neigh_add(&n, &ADDR), 0));
    while (neigh_due(&n, 0, &ask))
        cr_assert(eq(u64, ask.addr.lo, ADDR.lo + asked++));
    cr_assert(eq(uint, asked, 258));
    cr_assert(eq(u64, neigh_deadline_ns(&n), S(1)));
}

Test(neigh, entries_live_their_own_lives_and_the_earliest_deadline_counts)
{
    struct neigh_advert said = {
        .addr = ADDR6, .mac = MAC_B, .is_solicited = true, .overrides = true};
    struct neigh_solicit ask;
    uint32_t left[2] = {9, 9};

    rig_with_one_entry();
    neigh_add(&n, &ADDR6);
    while (neigh_due(&n, 0, &ask))
        ;
    cr_assert(neigh_input(&n, &said, MS(1)));
    cr_assert(eq(u64, neigh_deadline_ns(&n), S(1)));
    cr_assert(eq(int, memcmp(neigh_lookup(&n, 1), MAC_B, 6), 0));

    cr_assert(eq(u32, neigh_unresolved(&n, left, 2), 1));
    cr_assert(eq(u32, left[0], 0));
    cr_assert(eq(u32, left[1], 9), "beyond the count nothing is written");
    answers(MAC_A, MS(2));
    cr_assert(eq(u64, neigh_deadline_ns(&n), MS(30001)));
    cr_assert(eq(u32, neigh_unresolved(&n, left, 2), 0));
}

Test(neigh, the_list_of_unresolved_is_cut_but_counted_whole)
{
    uint32_t left[1] = {9};

    rig_with_one_entry();
    neigh_add(&n, &ADDR6);
    cr_assert(eq(u32, neigh_unresolved(&n, left, 1), 2));
    cr_assert(eq(u32, left[0], 0));
    cr_assert(eq(u32, neigh_unresolved(&n, NULL, 0), 2));
}

Test(neigh, find_knows_what_was_added_only)
{
    rig_with_one_entry();
    cr_assert(eq(u32, neigh_find(&n, &ADDR), 0));
    cr_assert(eq(u32, neigh_find(&n, &STRANGER), NEIGH_NONE));
}

Test(neigh, progress_confirms_a_neighbour_that_then_is_not_asked)
{
    struct neigh_solicit ask;

    rig_reachable_at_0();
    for (uint64_t s = 30; s <= 300; s += 30) {
        neigh_confirm(&n, 0, S(s));
        cr_assert(not(neigh_due(&n, S(s), &ask)));
        cr_assert(eq(u64, neigh_deadline_ns(&n), S(s + 30)));
    }
    expect_ask(S(330), MAC_A);
    cr_assert(zero(u32, n.n_silent));
}

/* It does not answer requests, and forwards all the same. */
Test(neigh, progress_ends_a_probe_and_a_search)
{
    rig_reachable_at_0();
    expect_ask(S(30), MAC_A);
    neigh_confirm(&n, 0, MS(30500));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
    expect_silent_deadline(S(31));
    for (uint64_t s = 0; s < 3; s++)
        expect_ask(MS(60500) + S(s), MAC_A);
    expect_ask(MS(63500), NULL);
    neigh_confirm(&n, 0, S(64));
    cr_assert(knows(MAC_A));
    cr_assert(eq(int, n.entries[0].state, NEIGH_REACHABLE));
}

Test(neigh, progress_says_nothing_of_a_neighbour_without_a_mac)
{
    rig_with_one_entry();
    neigh_confirm(&n, 0, 0);
    cr_assert(not(neigh_all_resolved(&n)));
    expect_ask(0, NULL);
}

Test(neigh, of_two_neighbours_the_one_without_progress_is_asked)
{
    struct neigh_solicit ask;

    rig_reachable_at_0();
    cr_assert(eq(u32, neigh_add(&n, &ADDR6), 1));
    cr_assert(neigh_due(&n, 0, &ask));
    cr_assert(neigh_input(
        &n, &(struct neigh_advert){.addr = ADDR6, .mac = MAC_B, .is_solicited = true}, 0));
    neigh_confirm(&n, 0, S(30));
    cr_assert(neigh_due(&n, S(30), &ask));
    cr_assert(ip_equal(&ask.addr, &ADDR6));
    cr_assert(not(neigh_due(&n, S(30), &ask)));
}

Test(neigh, a_known_mac_that_another_replaces_is_counted_once)
{
    rig_reachable_at_0();
    cr_assert(zero(u32, n.n_changed), "the first is no change");
    cr_assert(says(MAC_B, false, true, S(5)));
    cr_assert(says(MAC_B, false, true, S(6)));
    cr_assert(eq(u32, n.n_changed, 1));
    cr_assert(says(MAC_A, true, false, S(7)), "it is not believed");
    cr_assert(eq(u32, n.n_changed, 1));
}

Test(neigh, a_neighbour_that_falls_silent_is_counted_once_and_so_is_its_new_mac)
{
    rig_reachable_at_0();
    for (uint64_t s = 30; s < 33; s++)
        expect_ask(S(s), MAC_A);
    cr_assert(zero(u32, n.n_silent));
    expect_ask(S(33), NULL);
    expect_ask(S(34), NULL);
    expect_ask(S(35), NULL);
    expect_silent_deadline(S(36));
    expect_ask(S(66), NULL);
    cr_assert(eq(u32, n.n_silent, 1));
    cr_assert(zero(u32, n.n_changed));
    answers(MAC_B, S(66));
    cr_assert(eq(u32, n.n_changed, 1));
}

/* The last progress is seen at 0: as late as it can be. */
Test(neigh, one_that_moved_without_a_word_is_found_within_three_seconds)
{
    struct neigh_solicit ask;
    uint64_t now_ns = 0;
    unsigned n_unicast = 0;

    neigh_init(&n, &NEIGH_OPTS_DEFAULT);
    neigh_add(&n, &ADDR);
    cr_assert(neigh_due(&n, 0, &ask));
    answers(MAC_A, 0);
    neigh_confirm(&n, 0, S(1)); /* what was under way when it left */
    do {
        now_ns = neigh_deadline_ns(&n);
        if (neigh_due(&n, now_ns, &ask))
            n_unicast += ask.is_unicast;
    } while (n_unicast == 0 || ask.is_unicast);
    cr_assert(eq(uint, n_unicast, 3));
    cr_assert(eq(u64, now_ns, MS(2750)));
    answers(MAC_B, now_ns);
    cr_assert(knows(MAC_B));
    cr_assert(eq(u32, n.n_changed, 1));
}
