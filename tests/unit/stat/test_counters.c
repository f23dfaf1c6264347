/* SPDX-License-Identifier: BSD-3-Clause */
#include "stat/counters.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static void
assert_is_key(const char *name)
{
    bool is_key = true;

    for (const char *p = name; *p != '\0'; p++)
        is_key &= islower((unsigned char)*p) || *p == '_';
    cr_assert(is_key, "\"%s\" is no JSON key", name);
}

Test(counters, every_counter_has_a_name_a_unit_and_a_meaning)
{
    for (int i = 0; i < CTR_COUNT; i++) {
        cr_assert(ne(ptr, (void *)stat_counter_names[i].name, NULL), "counter %d", i);
        cr_assert(lt(sz, 0, strlen(stat_counter_names[i].unit)));
        cr_assert(lt(sz, 10, strlen(stat_counter_names[i].meaning)));
        assert_is_key(stat_counter_names[i].name);
    }
}

Test(counters, every_failure_has_a_name_and_a_meaning_and_no_unit)
{
    for (int i = 0; i < FAILURE_COUNT; i++) {
        cr_assert(ne(ptr, (void *)stat_failure_names[i].name, NULL), "failure %d", i);
        cr_assert(eq(ptr, (void *)stat_failure_names[i].unit, NULL));
        cr_assert(lt(sz, 10, strlen(stat_failure_names[i].meaning)));
        assert_is_key(stat_failure_names[i].name);
    }
}

Test(counters, names_are_found_at_their_own_place)
{
    cr_assert(eq(str, (char *)stat_counter_names[CTR_attempted].name, "attempted"));
    cr_assert(eq(str, (char *)stat_counter_names[CTR_rx_missed].name, "rx_missed"));
    cr_assert(eq(str, (char *)stat_counter_names[CTR_rx_missed].unit, "frames"));
    cr_assert(eq(str, (char *)stat_counter_names[CTR_idle_ns].name, "idle_ns"));
    cr_assert(eq(str, (char *)stat_failure_names[FAILURE_timeout].name, "timeout"));
    cr_assert(eq(str, (char *)stat_failure_names[FAILURE_close_timeout].name, "close_timeout"));
    cr_assert(eq(str, (char *)stat_counter_names[CTR_tx_payload_bytes].unit, "bytes"));
    cr_assert(eq(str, (char *)stat_failure_names[FAILURE_truncated].name, "truncated"));
}

Test(counters, no_two_names_are_the_same)
{
    for (int i = 0; i < CTR_COUNT; i++)
        for (int j = i + 1; j < CTR_COUNT; j++)
            cr_assert(
                ne(str, (char *)stat_counter_names[i].name, (char *)stat_counter_names[j].name));
    for (int i = 0; i < FAILURE_COUNT; i++)
        for (int j = i + 1; j < FAILURE_COUNT; j++)
            cr_assert(
                ne(str, (char *)stat_failure_names[i].name, (char *)stat_failure_names[j].name));
}
