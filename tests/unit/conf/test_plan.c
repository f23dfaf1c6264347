/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_rig.h"

#include "base/units.h"
#include "conf/plan.h"

static struct conf_rig r;
static struct plan planned; /* by the latest plan_of() */

/* The plan of a command line that fits together. */
static struct plan
plan_of(const char *line)
{
    cr_assert(eq(int, rig_finish(&r, line), 0), "%s: %s", line, r.fail.text);
    cr_assert(eq(int, plan_make(&planned, &r.conf, NULL, 0, &r.fail), 0), "%s: %s", line,
              r.fail.text);
    return planned;
}

Test(plan, tuples_are_addresses_times_ports_times_targets)
{
    struct plan p =
        plan_of("run " RIG_LOCAL "--ports 5000-5099 --connections 30 --rate 10 --reuse 2s "
                "tcp://198.19.0.1:80 tcp://198.19.0.2:80");

    cr_assert(eq(u64, p.tuples, 4 * 100 * 2));
    cr_assert(eq(u64, p.tuples_needed, 30 + 10 * 2));
    cr_assert(eq(u64, p.client_bytes, 292 * 64));
    cr_assert(eq(u64, p.server_bytes, 0));
}

Test(plan, records_are_shared_among_the_workers_with_some_to_spare)
{
    struct plan p = plan_of("run " RIG_LOCAL "--connections 3998 --lcores 4 tcp://198.19.0.1:80");

    cr_assert(eq(u64, planned.client_records[0], 1384));
    cr_assert(eq(u64, planned.client_records[1], 0));
    cr_assert(eq(u64, p.client_bytes, 4 * 1384 * 64));
}

Test(plan, records_of_a_family_follow_its_share_of_the_targets)
{
    plan_of("run --connections 800 --lcores 2 tcp://198.19.0.1:80 tcp://198.19.0.2:80 "
            "tcp://198.19.0.3:80 tcp://[2001:2::8000:1]:80");

    cr_assert(eq(u64, planned.client_records[0], 4096));
    cr_assert(eq(u64, planned.client_records[1], 4096));
}

Test(plan, there_are_never_more_records_than_tuples)
{
    struct plan p =
        plan_of("run --local 198.18.0.10/15 --ports 5000-5098 --lcores 2 --connections 90");

    cr_assert(eq(u64, p.client_records[0], 49));
}

/* 99 ports are 49 for each of two workers, and 97 connections 49. */
Test(plan, what_does_not_divide_by_the_workers_is_not_counted_on)
{
    struct plan p =
        plan_of("run --local 198.18.0.10/15 --ports 5000-5098 --lcores 2 --connections 97");

    cr_assert(eq(u64, p.tuples, 98));
    cr_assert(eq(u64, p.tuples_needed, 98));
    cr_assert(eq(int,
                 rig_finish(&r, "run --local 198.18.0.10/15 --ports 5000-5098 --lcores 2 "
                                "--connections 99"),
                 -1));
    cr_assert(strstr(r.fail.text, "1 address x 98 ports x 1 target = 98 tuples") != NULL, "%s",
              r.fail.text);
}

Test(plan, the_worker_with_fewest_ports_is_what_can_be_counted_on)
{
    struct plan p =
        plan_of("run --local 198.18.0.10/15 --ports 5000-5099 --lcores 2 --connections 90");
    uint32_t ports[2];

    ports[0] = 46;
    ports[1] = 10; /* IPv6 has no target */
    cr_assert(zero(int, plan_make(&p, &r.conf, ports, 0, &r.fail)), "%s", r.fail.text);
    cr_assert(eq(u64, p.tuples, 92));
    cr_assert(eq(u64, p.client_records[0], 46));
    ports[0] = 44;
    cr_assert(eq(int, plan_make(&p, &r.conf, ports, 0, &r.fail), -1));
    cr_assert(strstr(r.fail.text, "1 address x 88 ports x 1 target = 88 tuples") != NULL, "%s",
              r.fail.text);
}

Test(plan, fewer_ports_than_workers_are_refused)
{
    cr_assert(eq(int, rig_finish(&r, "run --ports 5000-5002 --lcores 4"), -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    cr_assert(
        eq(str, r.fail.text,
           "--ports: 5000-5002 is less than one port for each worker; allowed is at least the 4 of "
           "--lcores"));
}

Test(plan, loopback_pays_for_both_sides)
{
    struct plan p = plan_of("run --connections 1M --lcores 2");

    cr_assert(eq(u64, p.tuples, UINT64_C(4096) * 64512));
    cr_assert(eq(u64, p.client_bytes, UINT64_C(2) * 138 * 4096 * 64));
    cr_assert(eq(u64, p.server_bytes, (1000000 + 2 * 65536) * UINT64_C(112)));
}

Test(plan, without_payload_there_are_no_streams)
{
    plan_of("run --connections 1M");
    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], 0));
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 0));
    cr_assert(eq(u32, planned.buffers[ROLE_SERVER], 0));
    cr_assert(eq(u32, planned.buffers[ROLE_CLIENT], 0));
}

Test(plan, each_record_of_a_client_may_carry_payload)
{
    struct plan p =
        plan_of("run " RIG_LOCAL "--connections 8000 --lcores 2 --receive 1 tcp://198.19.0.1:80");

    cr_assert(eq(u64, planned.client_records[0], 4756));
    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], 4756));
    cr_assert(eq(u64, p.client_bytes, 2 * 4756 * (64 + 384)));
    cr_assert(eq(u64, p.server_bytes, 0));
}

/* A header of the PROXY protocol's is payload, of which nothing is kept. */
Test(plan, so_it_is_where_connections_say_who_they_are)
{
    plan_of("run " RIG_LOCAL "--connections 8000 --proxy-protocol v1 tcp://198.19.0.1:80");

    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], planned.client_records[0]));
    cr_assert(eq(u32, planned.buffers[ROLE_CLIENT], 0));
}

Test(plan, streams_are_for_the_records_of_both_families)
{
    plan_of("run --connections 800 --lcores 2 --send 1 tcp://198.19.0.1:80 "
            "tcp://[2001:2::8000:1]:80");
    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], 4096 + 4096));
}

Test(plan, loopback_pays_for_streams_on_both_sides)
{
    struct plan p = plan_of("run --connections 1M --lcores 2 --send 1");

    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], 138 * 4096));
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 500000 + 65536));
    cr_assert(eq(u64, p.client_bytes, UINT64_C(2) * 138 * 4096 * (64 + 384)));
    cr_assert(eq(u64, p.server_bytes, (1000000 + 2 * 65536) * UINT64_C(496)));
    cr_assert(eq(u32, planned.buffers[ROLE_SERVER], 0));
    cr_assert(eq(u32, planned.buffers[ROLE_CLIENT], 0));
}

/* Whether there will be payload its clients know. */
Test(plan, serve_has_streams_that_cost_nothing_until_they_are_used)
{
    struct plan p = plan_of("serve " RIG_LOCAL "--lcores 2 --bytes 1M");

    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 500000 + 65536));
    cr_assert(eq(u64, p.server_bytes, (1000000 + 2 * 65536) * UINT64_C(112)));
    plan_of("serve " RIG_LOCAL "--lcores 2");
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 500000 + 65536));
}

Test(plan, a_worker_has_no_more_streams_than_it_can_tell_apart)
{
    struct plan p = plan_of("run --connections 100M --send 1");
    uint64_t records = planned.client_records[0];

    cr_assert(lt(u64, 112500000, records));
    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], 16777215));
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 16777215));
    cr_assert(eq(u64, p.client_bytes, records * 64 + UINT64_C(16777215) * 384));
    plan_of("serve " RIG_LOCAL "--connections 16711679"); /* and 65536 spare ones */
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 16777215));
    plan_of("serve " RIG_LOCAL "--connections 16711678");
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 16777214));
}

Test(plan, only_an_echo_keeps_what_comes)
{
    plan_of("serve " RIG_LOCAL "--bytes 1M");
    cr_assert(eq(u32, planned.buffers[ROLE_SERVER], 0));
    plan_of("serve " RIG_LOCAL "--echo --connections 1000");
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 1000 + 65536));
    cr_assert(eq(u32, planned.buffers[ROLE_SERVER], 1000 + 65536));
}

/* A protocol with nothing but the default traits: it reads what comes. */
static bool
always(const struct proto_opts *o)
{
    (void)o;
    return true;
}

Test(plan, a_protocol_that_reads_has_buffers_and_streams_on_both_sides)
{
    static const struct proto_ops reader = {.name = "reader", .is_planned = always};

    plan_of("run --connections 1000");
    r.conf.classes[0].proto = &reader;
    cr_assert(zero(int, plan_make(&planned, &r.conf, NULL, 0, &r.fail)), "%s", r.fail.text);
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        cr_expect(lt(u32, 1000, planned.streams[role]));
        cr_expect(eq(u32, planned.buffers[role], planned.streams[role]));
    }
}

Test(plan, receive_rings_take_64_gib_of_address_space_at_most)
{
    static const struct {
        const char *options;
        uint32_t buffers; /* of each worker */
    } rows[] = {
        {"--window 4MiB", 16384},
        {"--window 4MiB --lcores 4", 4096},
        {"--window 256KiB", 262144},
        /* 64 GiB for three workers are not a whole number of rings each */
        {"--window 4MiB --lcores 3", 5461},
        {"--window 4KiB", 1000000 + 65536},
    };

    for (size_t i = 0; i < RIG_ROWS(rows); i++) {
        char line[256];

        snprintf(line, sizeof(line), "serve " RIG_LOCAL "--echo %s", rows[i].options);
        plan_of(line);
        cr_expect(eq(u32, planned.buffers[ROLE_SERVER], rows[i].buffers), "%s", line);
    }
}

/* Where the host's memory is known serve's clients cannot take all of it. */
Test(plan, what_clients_make_serve_hold_is_bounded_by_a_share_of_memory)
{
    uint64_t gib = UINT64_C(1) << 30, records_bytes = (1000 + 65536) * UINT64_C(112), share;
    struct plan p;

    plan_of("serve " RIG_LOCAL "--echo --connections 1000 --window 256KiB");
    share = (gib - records_bytes) / 4;
    cr_assert(zero(int, plan_make(&p, &r.conf, NULL, gib, &r.fail)), "%s", r.fail.text);
    cr_assert(eq(u32, p.buffers[ROLE_SERVER], (uint32_t)(share / (256 << 10))));
    cr_assert(zero(u64, p.tls_bytes));
    plan_of("serve " RIG_LOCAL "--tls --connections 1000");
    cr_assert(zero(int, plan_make(&p, &r.conf, NULL, gib, &r.fail)), "%s", r.fail.text);
    cr_assert(eq(u32, p.buffers[ROLE_SERVER], (uint32_t)(share / (64 << 10))));
    cr_assert(eq(u32, p.rings[ROLE_SERVER], (uint32_t)(share / (16 << 10))));
    cr_assert(eq(u64, p.tls_bytes, share));
    plan_of("serve " RIG_LOCAL "--tls --bytes 1M --connections 1000");
    cr_assert(zero(int, plan_make(&p, &r.conf, NULL, gib, &r.fail)), "%s", r.fail.text);
    cr_assert(eq(u32, p.rings[ROLE_SERVER], (uint32_t)(share / (256 << 10))));
}

Test(plan, a_host_with_little_memory_serves_too)
{
    struct plan p;

    plan_of("serve " RIG_LOCAL "--tls --connections 1000");
    cr_assert(zero(int, plan_make(&p, &r.conf, NULL, UINT64_C(8) << 20, &r.fail)), "%s",
              r.fail.text);
    cr_assert(eq(u32, p.buffers[ROLE_SERVER], 256));
    cr_assert(eq(u32, p.rings[ROLE_SERVER], 256));
}

Test(plan, with_tls_every_connection_has_a_stream_and_a_receive_ring)
{
    plan_of("run " RIG_LOCAL "--connections 8000 --lcores 2 tls://198.19.0.1:443");
    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], 4756));
    cr_assert(eq(u32, planned.buffers[ROLE_CLIENT], 4756));
    plan_of("run --connections 8000 --lcores 2 tls://198.19.0.1:443");
    cr_assert(eq(u32, planned.streams[ROLE_CLIENT], 8192));
    cr_assert(eq(u32, planned.buffers[ROLE_CLIENT], 8192));
    cr_assert(eq(u32, planned.streams[ROLE_SERVER], 4000 + 65536));
    cr_assert(eq(u32, planned.buffers[ROLE_SERVER], 4000 + 65536));
    plan_of("serve " RIG_LOCAL "--connections 1000 --tls");
    cr_assert(eq(u32, planned.buffers[ROLE_SERVER], 1000 + 65536));
}

/* 64 KiB each are 64 GiB for 1,048,576 of them. */
Test(plan, rings_for_as_many_connections_with_tls_as_there_may_be_fit)
{
    plan_of("run --connections 1M --lcores 3 tls://198.19.0.1:443");
    cr_assert(eq(u32, planned.buffers[ROLE_CLIENT], 349525));
    cr_assert(eq(u32, planned.buffers[ROLE_SERVER], 349525));
    cr_assert(ge(u32, planned.buffers[ROLE_CLIENT] * 3, 1000000));
}

/* OpenSSL's own and what a handshake writes into rings for what is open; streams for what has a
 * record. */
Test(plan, tls_is_paid_for_by_what_is_open)
{
    struct plan p = plan_of("run " RIG_LOCAL "--connections 8001 --lcores 2 tls://198.19.0.1:443");

    cr_assert(eq(u64, planned.client_records[0], 4760));
    cr_assert(eq(u64, p.client_bytes, 2 * (4760 * (64 + 384) + UINT64_C(4001) * 100 * 1024)));
    cr_assert(eq(u64, p.server_bytes, 0));
    p = plan_of("run --connections 8000 --window 4KiB tls://198.19.0.1:443");
    cr_assert(eq(u64, p.client_bytes, 12288 * (64 + 384) + UINT64_C(8000) * 100 * 1024));
    cr_assert(eq(u64, p.server_bytes, (8000 + 65536) * (112 + 384) + UINT64_C(8000) * 100 * 1024));
}

Test(plan, what_a_handshake_was_found_to_take_is_what_is_planned)
{
    struct plan before = plan_of("run --connections 8000 tls://198.19.0.1:443"), p;

    r.conf.classes[0].handshake_bytes[ROLE_CLIENT] = 200 * 1024;
    r.conf.classes[0].handshake_bytes[ROLE_SERVER] = 90 * 1024;
    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, 0, &r.fail), 0), "%s", r.fail.text);
    cr_assert(eq(u64, p.client_bytes, before.client_bytes + UINT64_C(8000) * 100 * 1024));
    cr_assert(eq(u64, p.server_bytes, before.server_bytes - UINT64_C(8000) * 10 * 1024));
}

/* What is sent and not acknowledged is in a send ring, what has come and was not read in a receive
 * ring; the other side's are the other way round. */
Test(plan, payload_through_tls_is_paid_for_as_far_as_rings_can_hold_it)
{
    struct plan tls = plan_of("run --connections 1000 --window 64KiB tls://198.19.0.1:443");
    struct plan p = plan_of("run --connections 1000 --window 64KiB --send 1M --receive 100 "
                            "tls://198.19.0.1:443");

    cr_assert(eq(u64, p.client_bytes, tls.client_bytes + UINT64_C(1000) * (262144 + 100)));
    cr_assert(eq(u64, p.server_bytes, tls.server_bytes + UINT64_C(1000) * (100 + 65536)));
}

/* As with payload: how many of its connections there will be its clients know. */
Test(plan, serve_with_tls_costs_nothing_until_it_is_used)
{
    struct plan p = plan_of("serve " RIG_LOCAL "--lcores 2 --tls");

    cr_assert(eq(u64, r.conf.connections, 1000000));
    cr_assert(eq(u64, p.server_bytes, (1000000 + 2 * 65536) * UINT64_C(112)));
}

Test(plan, serve_has_records_but_no_tuples)
{
    struct plan p = plan_of("serve " RIG_LOCAL "--lcores 2");

    cr_assert(eq(u64, r.conf.connections, 1000000));
    cr_assert(eq(u64, p.tuples, 0));
    cr_assert(eq(u64, p.tuples_needed, 0));
    cr_assert(eq(u64, p.server_records, 500000 + 65536));
    cr_assert(eq(u64, p.client_bytes, 0));
    cr_assert(eq(u64, p.server_bytes, (1000000 + 2 * 65536) * UINT64_C(112)));
}

/* IPv6 has one of three targets, and one address; IPv4 has four addresses for two targets. */
Test(plan, each_family_carries_its_share)
{
    struct plan p =
        plan_of("run " RIG_LOCAL "--local 2001:2::10/48 --ports 5000-5099 --connections 300 "
                "tcp://198.19.0.1:80 tcp://198.19.0.2:80 tcp://[2001:2::8000:1]:80");

    cr_assert(eq(u64, p.tuples, 100));
    cr_assert(eq(u64, p.tuples_needed, 100));
}

Test(plan, a_share_that_does_not_fit_is_told_by_family)
{
    cr_assert(eq(
        int,
        rig_finish(&r, "run " RIG_LOCAL "--local 2001:2::10/48 --ports 5000-5099 --connections 301 "
                       "tcp://198.19.0.1:80 tcp://198.19.0.2:80 tcp://[2001:2::8000:1]:80"),
        -1));
    cr_assert(strstr(r.fail.text, "1 address x 100 ports x 1 target = 100 tuples") != NULL, "%s",
              r.fail.text);
    cr_assert(strstr(r.fail.text, "IPv6 has 1 of 3 targets and so 101") != NULL, "%s", r.fail.text);
    cr_assert(strstr(r.fail.text, "give 2 addresses") != NULL, "%s", r.fail.text);
}

Test(plan, the_last_tuple_may_be_used)
{
    cr_assert(eq(int,
                 rig_finish(&r, "run " RIG_LOCAL "--ports 5000-5009 --connections 40 "
                                "tcp://198.19.0.1:80"),
                 0),
              "%s", r.fail.text);
    cr_assert(eq(int,
                 rig_finish(&r, "run " RIG_LOCAL "--ports 5000-5009 --connections 41 "
                                "tcp://198.19.0.1:80"),
                 -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
}

Test(plan, too_few_tuples_are_told_with_all_numbers)
{
    cr_assert(eq(int,
                 rig_finish(&r, "run " RIG_DEVICE "--local 198.18.0.10/15 --rate 200k "
                                "--connections 100k --reuse 1500ms tcp://198.19.0.1:80"),
                 -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    cr_assert(
        eq(str, r.fail.text,
           "--local: 1 address x 64512 ports x 1 target = 64512 tuples are too few; needed are "
           "--connections 100000 + --rate 200k/s x --reuse 1500ms = 400000; give 7 addresses with "
           "--local, or lower one of the three"));
}

Test(plan, memory_that_just_suffices_is_accepted)
{
    struct plan p = plan_of("run " RIG_LOCAL "--connections 8000 tcp://198.19.0.1:80");

    cr_assert(eq(u64, p.client_bytes, (8000 + 1000 + 256) * 64));
    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, 592384, &r.fail), 0));
    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, 592383, &r.fail), -1));
    cr_assert(eq(int, r.fail.status, EXIT_HOST));
}

Test(plan, too_little_memory_is_told_with_all_numbers)
{
    struct plan p = plan_of("run --connections 100M");

    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, UINT64_C(8) << 30, &r.fail), -1));
    cr_assert(eq(int, r.fail.status, EXIT_HOST));
    cr_assert(eq(
        str, r.fail.text,
        "--connections: 100000000 connections need 17.1 GiB of memory, but this host has 8.0 GiB "
        "available for them; about 46642931 fit"));
}

Test(plan, what_is_said_to_fit_fits)
{
    struct plan p;

    cr_assert(eq(int, rig_finish(&r, "run --connections 46642931"), 0));
    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, UINT64_C(8) << 30, &r.fail), 0), "%s",
              r.fail.text);
}

Test(plan, too_little_memory_for_payload_says_so)
{
    struct plan p = plan_of("run --connections 10M --send 1");

    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, UINT64_C(4) << 30, &r.fail), -1));
    cr_assert(eq(int, r.fail.status, EXIT_HOST));
    cr_assert(
        eq(str, r.fail.text,
           "--connections: 10000000 connections with payload need 9.3 GiB of memory, but this host "
           "has 4.0 GiB available for them; about 4260395 fit"));
}

Test(plan, too_little_memory_for_tls_says_so)
{
    struct plan p = plan_of("run --connections 200k tls://198.19.0.1:443");

    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, UINT64_C(8) << 30, &r.fail), -1));
    cr_assert(eq(int, r.fail.status, EXIT_HOST));
    cr_assert(strstr(r.fail.text, "200000 connections with TLS need 38.4 GiB") != NULL, "%s",
              r.fail.text);
}

/* With fewer streams than records, and with as many. */
Test(plan, what_is_said_to_fit_with_payload_fits_and_little_more_does)
{
    static const struct {
        const char *line;
        uint64_t available_bytes;
    } rows[] = {
        {"run --send 1 --connections ", UINT64_C(4) << 30},
        {"run --send 1 --connections ", UINT64_C(20) << 30},
        {"run --send 1 --lcores 3 --connections ", UINT64_C(6) << 30},
        {"run " RIG_LOCAL "--receive 1 tcp://198.19.0.1:80 tcp://198.19.0.2:80 tcp://198.19.0.3:80 "
         "--ports 1-65535 --connections ",
         UINT64_C(100) << 20},
        {"run tls://198.19.0.1:443 --lcores 3 --connections ", UINT64_C(8) << 30},
        {"run " RIG_LOCAL "--window 4MiB tls://198.19.0.1:443 --connections ", UINT64_C(8) << 30},
    };
    static const char *const connections[] = {"100M", "100M", "100M", "600k", "1M", "200k"};

    for (size_t i = 0; i < RIG_ROWS(rows); i++) {
        char line[512];
        const char *about;
        uint64_t fitting;
        struct plan p;

        snprintf(line, sizeof(line), "%s%s", rows[i].line, connections[i]);
        plan_of(line);
        cr_assert(eq(int, plan_make(&p, &r.conf, NULL, rows[i].available_bytes, &r.fail), -1));
        about = strstr(r.fail.text, "about ");
        cr_assert(about != NULL, "%s", r.fail.text);
        fitting = strtoull(about + strlen("about "), NULL, 10);

        r.conf.connections = fitting;
        cr_expect(eq(int, plan_make(&p, &r.conf, NULL, rows[i].available_bytes, &r.fail), 0),
                  "%s: %s", line, r.fail.text);
        r.conf.connections = fitting + fitting / 50;
        cr_expect(eq(int, plan_make(&p, &r.conf, NULL, rows[i].available_bytes, &r.fail), -1), "%s",
                  line);
    }
}

Test(plan, memory_less_than_the_spare_records_fits_nothing)
{
    struct plan p = plan_of("run");

    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, 1000, &r.fail), -1));
    cr_assert(strstr(r.fail.text, "about 0 fit") != NULL, "%s", r.fail.text);
}

Test(plan, the_default_bound_follows_rate_hold_and_timeout)
{
    static const struct {
        const char *line;
        uint64_t connections;
    } rows[] = {
        {"run", 4096},
        {"run " RIG_LOCAL "tcp://198.19.0.1:80", 1024},
        {"serve " RIG_LOCAL, 1000000},
        /* rate x (hold + connect timeout) */
        {"run --rate 10k", 50000},
        {"run --rate 10k --hold 2s --connect-timeout 1s", 30000},
        /* at least 1024 */
        {"run --rate 10", 1024},
        /* closed loop within few tuples */
        {"run --local 198.18.0.10/15 --ports 5000-5009", 10},
        /* what the tuples leave beside those at rest */
        {"run --local 198.18.0.10/15 --rate 60k", 4512},
        {"run --local 198.18.0.10/15 --rate 10 --ports 5000-5099", 90},
        /* never more than the option itself allows */
        {"run --rate 100M --connect-timeout 2s", 100000000},
        /* at least one a worker */
        {"run --local 198.18.0.10/15 --ports 5000-5009 --lcores 10", 10},
        /* a whole number of ports a worker */
        {"run --local 198.18.0.10/15 --ports 5000-5009 --lcores 4", 8},
        /* with TLS a few hundred a worker, on every device */
        {"run tls://198.19.0.1:443", 64},
        {"run --lcores 3 tls://198.19.0.1:443", 192},
        {"run " RIG_LOCAL "tls://198.19.0.1:443", 64},
        {"serve " RIG_LOCAL "--tls", 1000000},
        /* the same with TLS, however long that may take */
        {"run --rate 1k tls://198.19.0.1:443", 5000},
        {"run --rate 1k --hold 1s --connect-timeout 2s --tls-timeout 4s tls://198.19.0.1:443",
         3000},
        {"run --rate 10 tls://198.19.0.1:443", 1024},
        {"run --rate 100k tls://198.19.0.1:443", 500000},
    };

    for (size_t i = 0; i < RIG_ROWS(rows); i++) {
        cr_expect(eq(int, rig_finish(&r, rows[i].line), 0), "%s: %s", rows[i].line, r.fail.text);
        cr_expect(eq(u64, r.conf.connections, rows[i].connections), "%s", rows[i].line);
    }
}

Test(plan, a_rate_that_cannot_be_held_open_is_refused)
{
    cr_assert(eq(int, rig_finish(&r, "run --local 198.18.0.10/15 --rate 20k --hold 10s"), -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    cr_assert(strstr(r.fail.text, "--connections 200000 + --rate 20k/s x --reuse 1s = 220000") !=
                  NULL,
              "%s", r.fail.text);
    cr_assert(strstr(r.fail.text, "give 4 addresses") != NULL, "%s", r.fail.text);
}

Test(plan, a_rate_that_the_tuples_cannot_rest_is_refused)
{
    cr_assert(eq(int,
                 rig_finish(&r, "run --local 198.18.0.10/15 --rate 100"
                                " --ports 5000-5099"),
                 -1));
    cr_assert(strstr(r.fail.text, "--connections 1024 + --rate 100/s x --reuse 1s = 1124") != NULL,
              "%s", r.fail.text);
}

Test(plan, more_held_open_than_allowed_names_hold)
{
    cr_assert(eq(int, rig_finish(&r, "run --rate 1G --hold 12h"), -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    cr_assert(strstr(r.fail.text, "--hold: --rate 1G/s x 12h = 43200000000000 connections") != NULL,
              "%s", r.fail.text);
    cr_assert(strstr(r.fail.text, "at most 100000000") != NULL, "%s", r.fail.text);
}

Test(plan, more_with_tls_than_allowed_is_refused)
{
    cr_assert(eq(int, rig_finish(&r, "run --connections 1M tls://198.19.0.1:443"), 0), "%s",
              r.fail.text);
    cr_assert(eq(int, rig_finish(&r, "run --connections 1000001 tls://198.19.0.1:443"), -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    cr_assert(eq(str, r.fail.text,
                 "--connections: 1000001 connections with TLS are too many; at most 1000000 are "
                 "allowed"));
    cr_assert(eq(int, rig_finish(&r, "serve " RIG_LOCAL "--tls --connections 2M"), -1));
    cr_assert(eq(int, rig_finish(&r, "serve " RIG_LOCAL "--connections 2M"), 0));
    cr_assert(eq(int, rig_finish(&r, "run --rate 10k --hold 2m tls://198.19.0.1:443"), -1));
    cr_assert(strstr(r.fail.text, "--hold: --rate 10k/s x 2m = 1200000 connections with TLS") !=
                  NULL,
              "%s", r.fail.text);
}

/* Values no option lets through must not wrap around either. */
Test(plan, extreme_values_saturate)
{
    struct plan p;

    cr_assert(eq(int, rig_finish(&r, "run"), 0));
    r.conf.load = load_plan_constant(UINT64_MAX);
    r.conf.reuse_ns = UINT64_MAX;
    cr_assert(eq(int, plan_make(&p, &r.conf, NULL, 0, &r.fail), -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    r.conf.classes[0].hold_ns = UINT64_MAX;
    cr_assert(eq(u64, plan_default_connections(&r.conf), UINT64_MAX));
}

Test(plan, the_largest_run_is_counted_exactly)
{
    static char line[16000];
    int length =
        snprintf(line, sizeof(line), "run --local 2001:2::1-2001:2::100:0/48 --ports 1-65535");

    for (int i = 0; i < 256; i++)
        length +=
            snprintf(line + length, sizeof(line) - (size_t)length, " tcp://[2001:2::8000:1]:80");
    cr_assert(eq(u64, plan_of(line).tuples, UINT64_C(16777216) * 65535 * 256));
}
