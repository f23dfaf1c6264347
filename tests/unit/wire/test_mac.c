/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "wire/mac.h"

static const uint8_t OWN[6] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x01};

Test(mac, a_segment_is_taken_only_from_one_other_station_for_our_own_address)
{
    static const struct {
        uint8_t frame[14]; /* to, from, ethertype */
        bool is_taken;
    } rows[] = {
        {{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0}, true},
        {{2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 8, 0}, true},
        {{2, 0, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 8, 0}, true},
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 8, 0}, false},                   /* flooded */
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2, 8, 0}, false}, /* broadcast */
        {{2, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 8, 0}, false}, /* from everyone */
        {{2, 0, 0, 0, 0, 1, 0x01, 0, 0x5e, 0, 0, 1, 8, 0}, false},             /* from a group */
        {{2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8, 0}, false},                   /* from nobody */
        {{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 8, 0}, false},                   /* from ourselves */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert(eq(int, mac_is_between_two(rows[i].frame, mac_number(OWN)), rows[i].is_taken),
                  "row %zu", i);
}
