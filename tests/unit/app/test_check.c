/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/check.h"

#include "../conf/conf_rig.h"

static struct conf_rig r;
static struct plan plan;
static struct io io;
static struct steering steering;
static char text[2048];

static void
check(const char *line)
{
    struct check_facts facts = {.conf = &r.conf,
                                .plan = &plan,
                                .io = &io,
                                .steering = &steering,
                                .available_bytes = UINT64_C(8) << 30};
    FILE *out = fmemopen(text, sizeof(text), "w");

    cr_assert(eq(int, rig_finish(&r, line), 0), "%s", r.fail.text);
    cr_assert(eq(int, plan_make(&plan, &r.conf, NULL, 0, &r.fail), 0), "%s", r.fail.text);
    io = (struct io){.n_queues = r.conf.lcores, .n_workers = 2 * r.conf.lcores};
    steering = (struct steering){.reason = STEER_NO_HASH};
    check_print(out, &facts);
    fclose(out);
}

static void
expect(const char *part)
{
    cr_assert(strstr(text, part) != NULL, "'%s' is missing from:\n%s", part, text);
}

Test(check, says_what_the_load_needs_of_the_host)
{
    check("run --connections 1000");
    expect("device      loopback (driver , 2 workers)\n");
    expect("huge pages  none; ordinary memory is used\n");
    expect("of which this load needs 1000\n");
    expect("memory          8192.0 MiB available, of which connections need\n");
    expect("MiB on the client side: 1000 connections");
    expect("MiB on the server side: 1000 connections");
    expect("ready; nothing was sent\n");
    cr_assert(strstr(text, "queues") == NULL, "%s", text);
}

Test(check, says_why_several_queues_hand_packets_off)
{
    check("run --lcores 2");
    expect("queues      2; the device does not say by which hash it spreads");
}

Test(check, a_server_has_no_tuples_to_choose_from)
{
    check("serve " RIG_LOCAL);
    cr_assert(strstr(text, "tuples") == NULL, "%s", text);
    cr_assert(strstr(text, "client side") == NULL, "%s", text);
}
