/* SPDX-License-Identifier: BSD-3-Clause */
/* See own_mac.h. */
#include "app/own_mac.h"

#include <stdio.h>
#include <string.h>

#include "base/siphash.h"

#define MACHINE_WORDS 8 /* 64 bytes hold its identity */

/* The text of /etc/machine-id, zero-padded; nothing where there is none. */
static void
read_machine(uint64_t words[static MACHINE_WORDS])
{
    FILE *file = fopen("/etc/machine-id", "re");

    memset(words, 0, MACHINE_WORDS * sizeof(words[0]));
    if (file == NULL)
        return;
    (void)!fread(words, 1, MACHINE_WORDS * sizeof(words[0]), file);
    fclose(file);
}

/* One hash of all that is added, whatever its length. */
static uint64_t
add(uint64_t sum, const uint64_t *words, size_t n)
{
    return siphash13((struct siphash_key){.k0 = sum, .k1 = UINT64_C(0x6f776e206d616300)}, words, n);
}

static uint64_t
add_text(uint64_t sum, const char *text)
{
    uint64_t words[CONF_TEXT_MAX / sizeof(uint64_t) + 1] = {0};
    size_t len = strlen(text);

    memcpy(words, text, len);
    return add(sum, words, len / sizeof(words[0]) + 1);
}

static uint64_t
add_ranges(uint64_t sum, const struct conf_ranges *local)
{
    for (unsigned i = 0; i < local->n; i++) {
        const struct ip_range *r = &local->range[i];
        uint64_t words[3] = {r->first.hi, r->first.lo, r->count};

        sum = add(sum, words, 3);
    }
    return sum;
}

void
own_mac_derive(uint8_t mac[static 6], const struct conf *conf, bool of_server_port)
{
    uint64_t role = conf->command == CONF_SERVE || of_server_port, sum;
    uint64_t machine[MACHINE_WORDS];

    read_machine(machine); /* without one the rest has to do */
    sum = add(0, machine, MACHINE_WORDS);
    sum = add(sum, &role, 1);
    sum = add_text(sum, conf_device(conf, of_server_port));
    sum = add_ranges(sum, of_server_port ? &conf->server.local : &conf->local);
    memcpy(mac, &sum, 6);
    mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02); /* locally administered, of one station */
}
