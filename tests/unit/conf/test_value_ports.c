/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/value.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include <stdlib.h>

#include "base/units.h"
#include "value_rig.h"

static unsigned
count_ports(const uint8_t *set)
{
    unsigned n = 0;

    for (unsigned port = 0; port < 65536; port++)
        n += value_port_is_set(set, (uint16_t)port);
    return n;
}

Test(value_ports, a_list_of_ports_sets_these_and_no_others)
{
    static uint8_t set[VALUE_PORT_SET_BYTES];
    struct value_why why;

    memset(set, 0xff, sizeof(set));
    cr_assert(eq(int, value_port_set("80,443,8000-8100", set, &why), 0));
    cr_assert(eq(uint, count_ports(set), 103));
    cr_assert(value_port_is_set(set, 80));
    cr_assert(value_port_is_set(set, 443));
    cr_assert(value_port_is_set(set, 8000));
    cr_assert(value_port_is_set(set, 8100));
    cr_assert(not(value_port_is_set(set, 8101)));
    cr_assert(not(value_port_is_set(set, 0)));
}

Test(value_ports, one_port_overlapping_ranges_and_both_ends_are_allowed)
{
    static const struct {
        const char *text;
        unsigned ports;
    } rows[] = {{"80", 1},    {"1-65535", 65535},  {"65535", 1},
                {"80,80", 1}, {"10-20,15-25", 16}, {"5-5", 1}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static uint8_t set[VALUE_PORT_SET_BYTES];
        struct value_why why;

        cr_expect(eq(int, value_port_set(rows[i].text, set, &why), 0), "%s", rows[i].text);
        cr_expect(eq(uint, count_ports(set), rows[i].ports), "%s", rows[i].text);
    }
}

Test(value_ports, a_bad_list_of_ports_leaves_the_set_alone)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a list of ports", "80,443,8000-8100"}},
        {"0", {"'0' is not a list of ports", "from 1 to 65535"}},
        {"65536", {"'65536' is not a list of ports", "from 1 to 65535"}},
        {"99999999999", {"'99999999999' is not a list", "from 1 to 65535"}},
        {"80,", {"'80,' is not a list of ports", "from 1 to 65535"}},
        {",80", {"',80' is not a list of ports", "from 1 to 65535"}},
        {"80 81", {"'80 81' is not a list of ports", "from 1 to 65535"}},
        {"80-", {"'80-' is not a list of ports", "from 1 to 65535"}},
        {"-80", {"'-80' is not a list of ports", "from 1 to 65535"}},
        {"1-2-3", {"'1-2-3' is not a list of ports", "from 1 to 65535"}},
        {"http", {"'http' is not a list of ports", "from 1 to 65535"}},
        {"80,8100-8000", {"8100-8000 ends before it starts", "lower port first"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static uint8_t set[VALUE_PORT_SET_BYTES];
        struct value_why why = {""};

        cr_expect(eq(int, value_port_set(rows[i].text, set, &why), -1), "%s", rows[i].text);
        cr_expect(eq(uint, count_ports(set), 0), "%s", rows[i].text);
        expect_mentions(&rows[i], why.text);
    }
}

Test(value_ports, a_range_of_ports_is_one_run)
{
    struct value_why why;
    uint16_t first = 0, last = 0;

    cr_assert(eq(int, value_port_range("1024-65535", &first, &last, &why), 0));
    cr_assert(eq(u16, first, 1024));
    cr_assert(eq(u16, last, 65535));
    cr_assert(eq(int, value_port_range("5000", &first, &last, &why), 0));
    cr_assert(eq(u16, first, 5000));
    cr_assert(eq(u16, last, 5000));
}

Test(value_ports, a_bad_range_of_ports_is_refused)
{
    static const struct bad_text rows[] = {
        {"80,443", {"'80,443' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"0-10", {"'0-10' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"1024-65536", {"'1024-65536' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"", {"'' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"2000-1000", {"2000-1000 ends before it starts", "lower port first"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why = {""};
        uint16_t first = 7, last = 8;

        cr_expect(eq(int, value_port_range(rows[i].text, &first, &last, &why), -1), "%s",
                  rows[i].text);
        cr_expect(eq(u16, first, 7));
        cr_expect(eq(u16, last, 8));
        expect_mentions(&rows[i], why.text);
    }
}

Test(value_ports, a_set_is_written_in_runs)
{
    static const char *const rows[][2] = {
        {"80", "80"},           {"443,80", "80,443"}, {"8000-8100,80", "80,8000-8100"},
        {"1-65535", "1-65535"}, {"1,2,3,5", "1-3,5"}, {"65534,65535", "65534-65535"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t set[VALUE_PORT_SET_BYTES];
        struct value_why why = {""};
        char *text;

        cr_assert(eq(int, value_port_set(rows[i][0], set, &why), 0), "%s", why.text);
        text = value_format_port_set(set);
        cr_expect(eq(str, text, (char *)rows[i][1]));
        free(text);
    }
}
