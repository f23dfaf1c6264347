/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/hosts.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "conf/options.h"

static struct hosts h;
static struct conf c;
static struct fail f;
static struct value_why why;

static void
read_hosts(const char *text)
{
    cr_assert(zero(int, hosts_read(text, &h, &why)), "%s", why.text);
}

static void
expect_refused(const char *text, const char *what)
{
    cr_assert(eq(int, hosts_read(text, &h, &why), -1));
    cr_assert(ne(ptr, strstr(why.text, what), NULL), "%s", why.text);
}

Test(hosts, names_have_ranks_and_settings)
{
    read_hosts("a:2,b,device=net_af_packet0,iface=veth0,lcores=3\nc:3\n");
    cr_assert(eq(u32, h.n, 3));
    cr_assert(eq(u32, h.n_ranks, 6));
    cr_assert(eq(str, h.list[0].name, "a"));
    cr_assert(eq(u32, h.list[0].n_ranks, 2));
    cr_assert(eq(str, h.list[1].settings, "device=net_af_packet0,iface=veth0\nlcores=3\n"));
    cr_assert(eq(ptr, (void *)hosts_of_rank(&h, 2), &h.list[1]));
    cr_assert(eq(ptr, (void *)hosts_of_rank(&h, 5), &h.list[2]));
    cr_assert(eq(ptr, (void *)hosts_of_rank(&h, 6), NULL));
}

Test(hosts, what_is_no_list_is_refused)
{
    expect_refused("", "missing");
    expect_refused("a,,b", "no name");
    expect_refused("a:0", "1 to 64");
    expect_refused("a:2x", "1 to 64");
    expect_refused("a:60,b:5", "too many");
    expect_refused("device=x", "no name");
    expect_refused("a,rate=5", "nothing that a host can be given");
}

Test(hosts, ranks_of_a_machine_know_each_other)
{
    unsigned before;

    read_hosts("a:2,b,a");
    cr_assert(eq(u32, hosts_neighbors(&h, 3, &before), 3));
    cr_assert(eq(u32, before, 2));
    cr_assert(eq(u32, hosts_neighbors(&h, 2, &before), 1));
}

static void
take(const char *hosts, unsigned rank, const char *local)
{
    int row = option_by_name("--local");

    conf_init(&c);
    snprintf(c.hosts, sizeof(c.hosts), "%s", hosts);
    cr_assert(zero(int, option_assign(&c, 0, row, local, &why)));
    cr_assert(zero(int, hosts_take_rank(&c, rank, &f)), "%s", f.text);
}

Test(hosts, a_range_is_cut_in_equal_parts)
{
    static const uint64_t firsts[] = {0xc6120000 + 10, 0xc6120000 + 13, 0xc6120000 + 16};

    for (unsigned i = 0; i < 3; i++) {
        take("a:2,b", i, "198.18.0.10-198.18.0.20/16"); /* 11 of them */
        cr_assert(eq(u64, c.local.range[0].first.lo, firsts[i]));
        cr_assert(eq(u32, c.local.range[0].count, 3));
    }
    conf_init(&c);
    snprintf(c.hosts, sizeof(c.hosts), "a:3");
    (void)option_assign(&c, 0, option_by_name("--local"), "198.18.0.10-198.18.0.11/16", &why);
    cr_assert(eq(int, hosts_take_rank(&c, 0, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "cannot be cut in 3 parts"), NULL), "%s", f.text);
}

Test(hosts, a_host_has_its_own_addresses_and_the_others_share_what_is_left)
{
    take("a,b,local=198.18.9.1/16,c", 1, "198.18.0.10-198.18.0.19/16");
    cr_assert(eq(u32, c.local.n, 1));
    cr_assert(eq(u64, c.local.range[0].first.lo, 0xc6120901));
    take("a,b,local=198.18.9.1/16,c", 2, "198.18.0.10-198.18.0.19/16");
    cr_assert(eq(u64, c.local.range[0].first.lo, 0xc612000f));
    cr_assert(eq(u32, c.local.range[0].count, 5));
}

Test(hosts, parts_by_cores_add_up_to_the_whole)
{
    uint64_t rate = 0, connections = 0;

    for (unsigned i = 0; i < 3; i++) {
        take("a,lcores=3,b:2", i, "198.18.0.10-198.18.0.19/16");
        cr_assert(eq(u32, c.share.of, 5));
        c.rate_milli = 1000001;
        c.connections = 101;
        cr_assert(zero(int, hosts_take_share(&c, &f)));
        rate += c.rate_milli;
        connections += c.connections;
        if (i == 0)
            cr_assert(eq(u64, c.rate_milli, 600000));
    }
    cr_assert(eq(u64, rate, 1000001));
    cr_assert(eq(u64, connections, 101));
}

Test(hosts, a_part_that_is_nothing_is_refused)
{
    take("a:4", 0, "198.18.0.10-198.18.0.19/16");
    c.requests_total = 3;
    cr_assert(eq(int, hosts_take_share(&c, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "--requests-total"), NULL), "%s", f.text);
}
