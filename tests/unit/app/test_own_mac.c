/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/own_mac.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct conf conf;

static void
rig(void)
{
    conf = (struct conf){
        .device = "memif:/run/a.sock",
        .local = {.n = 1, .range = {{.first = {.lo = 0xc612000a}, .count = 20, .prefix_len = 15}}}};
}

static void
derive(uint8_t mac[static 6])
{
    memset(mac, 0xff, 6);
    own_mac_derive(mac, &conf, false);
}

Test(own_mac, it_is_the_same_from_run_to_run)
{
    uint8_t a[6], b[6];

    rig();
    derive(a);
    derive(b);
    cr_assert(zero(int, memcmp(a, b, 6)));
}

Test(own_mac, it_is_locally_administered_and_of_one_station)
{
    for (uint64_t i = 0; i < 1000; i++) {
        uint8_t mac[6];

        rig();
        conf.local.range[0].first.lo += i;
        derive(mac);
        cr_assert(eq(int, mac[0] & 0x03, 0x02));
    }
}

Test(own_mac, each_device_role_and_address_has_its_own)
{
    uint8_t macs[6][6];

    rig();
    derive(macs[0]);
    conf.command = CONF_SERVE;
    derive(macs[1]);
    rig();
    strcpy(conf.device, "memif:/run/b.sock");
    derive(macs[2]);
    rig();
    conf.local.range[0].first.lo++;
    derive(macs[3]);
    rig();
    conf.local.range[0].count++;
    derive(macs[4]);
    rig();
    conf.local.range[1] = (struct ip_range){.first = {.hi = 1, .lo = 1, .is_v6 = true}, .count = 1};
    conf.local.n = 2;
    derive(macs[5]);
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < i; k++)
            cr_assert(ne(int, memcmp(macs[i], macs[k], 6), 0), "%d and %d", k, i);
}

/* A text that fills its room. */
Test(own_mac, a_device_of_any_length_will_do)
{
    uint8_t a[6], b[6];

    rig();
    memset(conf.device, 'x', sizeof(conf.device) - 1);
    derive(a);
    conf.device[sizeof(conf.device) - 2] = 'y';
    derive(b);
    cr_assert(ne(int, memcmp(a, b, 6), 0));
}
