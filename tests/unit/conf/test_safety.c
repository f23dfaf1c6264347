/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/safety.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static void
expect_all(bool (*is)(const struct ip_addr *), bool want, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        struct ip_addr a;

        cr_assert(eq(int, ip_parse(*texts, &a), 0), "%s", *texts);
        cr_expect(eq(int, is(&a), want), "%s", *texts);
    }
}

Test(safety, both_ends_of_each_lab_range_are_lab)
{
    static const char *const texts[] = {
        "10.0.0.0",     "10.255.255.255",
        "172.16.0.0",   "172.31.255.255",
        "192.168.0.0",  "192.168.255.255",
        "169.254.0.0",  "169.254.255.255",
        "198.18.0.0",   "198.19.255.255",
        "100.64.0.0",   "100.127.255.255",
        "192.0.2.0",    "192.0.2.255",
        "198.51.100.0", "198.51.100.255",
        "203.0.113.0",  "203.0.113.255",
        "fe80::",       "febf:ffff::1",
        "fc00::",       "fdff:ffff::1",
        "2001:2::",     "2001:2:0:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::",   "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "3fff::",       "3fff:0fff:ffff::1",
        NULL,
    };

    expect_all(ip_is_lab, true, texts);
}

Test(safety, the_neighbours_of_each_lab_range_are_public)
{
    static const char *const texts[] = {
        "9.255.255.255",
        "11.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "192.0.1.255",
        "192.0.3.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "8.8.8.8",
        "1.1.1.1",
        "::2",
        "fec0::",
        "fe7f:ffff::1",
        "fbff:ffff::1",
        "fe00::",
        "2001:1:ffff::1",
        "2001:2:1::",
        "2001:db7:ffff::1",
        "2001:db9::",
        "3fff:1000::",
        "2606:4700::1111",
        NULL,
    };

    expect_all(ip_is_lab, false, texts);
}

Test(safety, an_ipv6_address_is_not_lab_for_its_low_bits)
{
    struct ip_addr a;

    cr_assert(eq(int, ip_parse("2606:4700::10.0.0.1", &a), 0));
    cr_assert(not(ip_is_lab(&a)));
}

Test(safety, what_is_not_one_host_is_not_unicast)
{
    static const char *const texts[] = {
        "0.0.0.0",
        "0.255.255.255",
        "224.0.0.0",
        "239.255.255.255",
        "255.255.255.255",
        "::",
        "ff00::",
        "ff02::1",
        "ffff:ffff::1",
        "::ffff:10.0.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "255.0.0.0",
        "::1",
        "::ffff:ffff:ffff:ffff",
        NULL,
    };

    expect_all(ip_is_unicast, false, texts);
}

Test(safety, hosts_are_unicast)
{
    static const char *const texts[] = {
        "1.0.0.0",    "223.255.255.255", "240.0.0.1", "10.0.0.1", "126.255.255.255", "128.0.0.0",
        "64:ff9b::1", "0:0:0:1::",       "fe80::1",   "feff::1",  "2001:2::1",       NULL,
    };

    expect_all(ip_is_unicast, true, texts);
}
