/* SPDX-License-Identifier: BSD-3-Clause */
/* From a command line, and what is known of ports, to what workers are told. */
#include "app/setup.h"

#include "../conf/conf_rig.h"
#include "base/units.h"
#include "conf/options.h"

#define TARGET     "tcp://198.19.0.1:80 "
#define TLS_TARGET "tls://198.18.0.1:443 "

static struct conf_rig r;
static struct plan plan;
static struct io io;
static struct handoff_end *handoff = (struct handoff_end *)64; /* never looked into */
static struct tls_setup tls[CONF_CLASSES_MAX];                 /* zeroed: no test looks into it */
static struct setup setup;
static struct schedule schedule;
static struct worker_opts o;

static struct io_port_info
port_info(uint8_t mac_end)
{
    return (struct io_port_info){.mac = {2, 0, 0, 0, 0, mac_end}, .mtu = 1500};
}

/* Ports as a device like the command line's would show them. */
static void
make_io(void)
{
    io = (struct io){.n_ports = conf_has_both_sides(&r.conf) ? 2 : 1,
                     .n_queues = r.conf.lcores,
                     .ports = {port_info(1), port_info(2)}};
    io.n_workers = io.n_ports * io.n_queues;
    io.handoff = io.n_queues > 1 ? handoff : NULL;
}

/* Set up for the conf that is there. */
static void
set_up_conf(void)
{
    cr_assert(eq(int, plan_make(&plan, &r.conf, NULL, 0, &r.fail), 0), "%s", r.fail.text);
    make_io();
    for (unsigned i = 0; i < CONF_CLASSES_MAX; i++)
        tls[i] = (struct tls_setup){.conf = &r.conf, .class = &r.conf.classes[i]};
    setup_init(&setup, &(struct setup_facts){
                           .conf = &r.conf, .plan = &plan, .io = &io, .tls = tls, .seed = 77});
    setup_worker(&setup, &schedule, 0, &o);
}

static void
set_up(const char *line)
{
    cr_assert(eq(int, rig_finish(&r, line), 0), "%s", r.fail.text);
    set_up_conf();
}

/* -- workers and roles ------------------------------------------------------------------------ */

Test(setup, loopback_has_clients_on_its_first_port_and_servers_on_its_second)
{
    static const enum role roles[] = {ROLE_CLIENT, ROLE_CLIENT, ROLE_SERVER, ROLE_SERVER};

    set_up("run --lcores 2");
    for (unsigned i = 0; i < 4; i++) {
        setup_worker(&setup, &schedule, i, &o);
        cr_expect(eq(int, o.role, roles[i]));
        cr_expect(eq(uint, o.queue, i % 2));
        cr_expect(eq(int, o.hosts[0].mac[5], i < 2 ? 1 : 2));
        cr_expect(eq(ptr, o.handoff, handoff + i));
    }
}

Test(setup, behind_a_device_under_test_servers_have_addresses_gateway_and_vlan_of_their_own)
{
    set_up("run " RIG_LOCAL TARGET "--vlan 5 --server-device b0 --server-local 198.19.0.10/24 "
           "--server-gateway 198.19.0.1 --server-vlan 7");
    cr_expect(eq(int, o.role, ROLE_CLIENT));
    cr_expect(eq(int, o.hosts[0].vlan, 5));
    cr_expect(eq(uint, setup_vlans(&r.conf).n, 2));
    setup_worker(&setup, &schedule, 1, &o);
    cr_assert(eq(int, o.role, ROLE_SERVER));
    cr_expect(eq(uint, o.n_networks, 1));
    cr_expect(eq(int, o.hosts[0].vlan, 7));
    cr_expect(eq(int, o.server.core.emit.vlan, 7));
    cr_expect(o.hosts[0].has_gateway[0]);
    cr_expect(eq(uint, o.server.n_ranges, 1));
    cr_expect(o.announces);
}

Test(setup, serve_has_servers_only)
{
    set_up("serve " RIG_LOCAL);
    cr_assert(eq(int, o.role, ROLE_SERVER));
    cr_assert(eq(uint, o.server.n_ranges, 1));
    cr_assert(eq(ptr, (void *)o.hosts[0].local, setup.server_ranges));
}

Test(setup, a_port_with_one_queue_hands_nothing_off)
{
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(eq(ptr, o.handoff, NULL));
    cr_assert(not(o.proves_queue));
}

Test(setup, connections_are_shared_among_the_clients_with_none_lost)
{
    uint64_t sum = 0;

    set_up("run " RIG_LOCAL TARGET "--lcores 3 --connections 1000");
    for (unsigned i = 0; i < 3; i++) {
        setup_worker(&setup, &schedule, i, &o);
        cr_expect(eq(uint, o.client.worker, i));
        cr_expect(eq(uint, o.client.n_workers, 3));
        sum += o.client.open_max;
    }
    cr_assert(eq(u64, sum, 1000));
}

Test(setup, one_worker_of_a_port_announces_its_addresses_and_on_loopback_none)
{
    set_up("serve " RIG_LOCAL "--lcores 3");
    for (unsigned i = 0; i < 3; i++) {
        setup_worker(&setup, &schedule, i, &o);
        cr_expect(eq(int, o.announces, i == 0));
    }
    set_up("run --lcores 2");
    for (unsigned i = 0; i < 4; i++) {
        setup_worker(&setup, &schedule, i, &o);
        cr_expect(not(o.announces));
    }
}

Test(setup, a_server_without_rss_tells_owners_by_a_hash)
{
    set_up("serve " RIG_LOCAL "--lcores 2");
    cr_assert(o.owns_by_hash);
    io.ports[0].has_rss = true;
    setup_worker(&setup, &schedule, 0, &o);
    cr_assert(not(o.owns_by_hash));
}

Test(setup, queues_take_turns_where_the_device_counts_what_they_send)
{
    set_up("serve " RIG_LOCAL "--lcores 2");
    cr_assert(not(o.takes_turns));
    io.counts_sent = true;
    setup_worker(&setup, &schedule, 1, &o);
    cr_assert(o.takes_turns);
    set_up("serve " RIG_LOCAL);
    cr_assert(not(o.takes_turns));
}

Test(setup, clients_with_several_queues_prove_them_and_servers_know_nobody_to_ask)
{
    static struct rss rss;

    set_up("run --lcores 2");
    setup.facts.rss = &rss;
    setup_worker(&setup, &schedule, 0, &o);
    cr_assert(o.proves_queue);
    cr_assert(eq(ptr, (void *)o.client.tuples.rss, &rss));
    setup_worker(&setup, &schedule, 2, &o);
    cr_assert(not(o.proves_queue));
}

/* -- addresses -------------------------------------------------------------------------------- */

Test(setup, loopbacks_server_answers_for_every_target_once)
{
    set_up("run tcp://198.19.0.1:80 tcp://198.19.0.1:81 tcp://198.19.0.2:80");
    setup_worker(&setup, &schedule, 1, &o);
    cr_assert(eq(uint, o.hosts[0].n_local, 2));
    cr_assert(eq(uint, o.server.n_ranges, 2));
}

Test(setup, a_vlan_is_the_engines_and_the_hosts)
{
    set_up("run " RIG_LOCAL TARGET "--vlan 7");
    cr_assert(eq(int, o.hosts[0].vlan, 7));
    cr_assert(eq(int, o.client.core.emit.vlan, 7));
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(eq(int, o.hosts[0].vlan, -1));
    cr_assert(eq(int, o.client.core.emit.vlan, -1));
}

Test(setup, the_users_seed_goes_before_the_clocks)
{
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(eq(u64, o.client.tuples.seed, 77));
    set_up("run " RIG_LOCAL TARGET "--seed 5");
    cr_assert(eq(u64, o.client.tuples.seed, 5));
}

/* What a hash gives to several workers is not the same for all. */
Test(setup, a_worker_that_serves_has_its_share_of_the_connections_and_some)
{
    set_up("serve " RIG_LOCAL "--connections 1000");
    cr_assert(eq(u32, o.server.open_max, 1000));
    set_up("serve " RIG_LOCAL "--connections 1000 --lcores 4");
    cr_assert(eq(u32, o.server.open_max, 250 + 62 + 64));
    set_up("serve " RIG_LOCAL "--connections 40 --lcores 2");
    cr_assert(eq(u32, o.server.open_max, 40));
}

Test(setup, only_serve_lets_connections_make_way)
{
    set_up("serve " RIG_LOCAL "--idle-timeout 7s");
    cr_assert(eq(u64, o.classes[0].idle_ns, 7 * NS_PER_SEC));
    set_up("serve " RIG_LOCAL);
    cr_assert(eq(u64, o.classes[0].idle_ns, 300 * NS_PER_SEC));
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(zero(u64, o.classes[0].idle_ns));
}

Test(setup, records_are_as_planned)
{
    set_up("run --connections 10000 --send 1");
    cr_assert(eq(u64, o.client.tuples.records[0], plan.client_records[0]));
    cr_assert(eq(u32, o.client.core.n_streams, plan.streams[ROLE_CLIENT]));
    setup_worker(&setup, &schedule, 1, &o);
    cr_assert(eq(u32, o.server.n_records, (uint32_t)plan.server_records));
    cr_assert(eq(u32, o.server.core.n_streams, plan.streams[ROLE_SERVER]));
}

/* -- TCP -------------------------------------------------------------------------------------- */

Test(setup, the_mss_is_the_links_or_less)
{
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(eq(u16, o.client.core.mss[0], 1460));
    cr_assert(eq(u16, o.client.core.mss[1], 1440));
    set_up("run " RIG_LOCAL TARGET "--mss 536");
    cr_assert(eq(u16, o.client.core.mss[0], 536));
    set_up("run " RIG_LOCAL TARGET "--mtu 9000 --mss 8960"); /* and the port has less after all */
    cr_assert(eq(u16, o.client.core.mss[0], 1460));
    io.ports[0].mtu = 9000;
    setup_worker(&setup, &schedule, 0, &o);
    cr_assert(eq(u16, o.client.core.mss[0], 8960));
}

Test(setup, segments_are_cut_by_a_port_that_can)
{
    set_up("run " RIG_LOCAL TARGET "--send 1M");
    cr_assert(eq(u32, o.client.core.tcp.tso_max, 0));
    io.ports[0].tx_tso = true;
    io.ports[0].tso_max = 16383;
    setup_worker(&setup, &schedule, 0, &o);
    cr_assert(eq(u32, o.client.core.tcp.tso_max, 16383));
}

Test(setup, timeouts_are_microseconds_in_the_engine)
{
    set_up("run " RIG_LOCAL TARGET "--connect-timeout 1500ms --close-timeout 2s");
    cr_assert(eq(u32, o.client.core.tcp.connect_timeout_us, 1500000));
    cr_assert(eq(u32, o.client.core.tcp.close_timeout_us, 2000000));
}

/* -- classes ---------------------------------------------------------------------------------- */

/* The command line's class a second time, for the targets from @first on. */
static void
split_class(const char *line, unsigned first)
{
    cr_assert(eq(int, rig_finish(&r, line), 0), "%s", r.fail.text);
    r.conf.classes[1] = r.conf.classes[0];
    r.conf.n_classes = 2;
    for (unsigned i = first; i < r.conf.n_targets; i++)
        r.conf.targets[i].class_idx = 1;
}

Test(setup, a_command_line_makes_one_class)
{
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(eq(uint, o.n_classes, 1));
    cr_assert(not(o.has_tls));
    set_up("serve " RIG_LOCAL);
    cr_assert(eq(ptr, (void *)o.server.class_of_port, NULL), "no packet has to ask");
}

Test(setup, targets_are_of_their_classes)
{
    split_class("run tcp://198.19.0.1:80 tcp://198.19.0.1:81", 1);
    r.conf.classes[1].close = CLOSE_RST;
    set_up_conf();
    cr_assert(eq(uint, o.n_classes, 2));
    cr_assert(eq(int, o.classes[0].close, CLOSE_FIN));
    cr_assert(eq(int, o.classes[1].close, CLOSE_RST));
    cr_assert(eq(uint, o.client.targets[0].class_idx, 0));
    cr_assert(eq(uint, o.client.targets[1].class_idx, 1));
}

Test(setup, loopbacks_server_tells_classes_by_the_targets_ports)
{
    split_class("run tcp://198.19.0.1:80 tcp://198.19.0.1:81", 1);
    set_up_conf();
    setup_worker(&setup, &schedule, 1, &o);
    cr_assert(eq(uint, o.server.class_of_port[80], 0));
    cr_assert(eq(uint, o.server.class_of_port[81], 1));
}

Test(setup, a_server_listens_where_any_class_does)
{
    split_class("serve " RIG_LOCAL "--listen 80", 0);
    memset(r.conf.classes[1].listen, 0, sizeof(r.conf.classes[1].listen));
    r.conf.classes[1].listen[443 / 8] = 1 << 443 % 8;
    set_up_conf();
    cr_assert(eq(uint, o.server.class_of_port[80], 0));
    cr_assert(eq(uint, o.server.class_of_port[443], 1));
    for (unsigned port = 0; port < 65536; port++)
        cr_assert(eq(int, o.server.listen[port / 8] >> port % 8 & 1, port == 80 || port == 443));
}

Test(setup, only_the_classes_that_speak_tls_have_it)
{
    split_class("run " RIG_LOCAL TARGET "tcp://198.19.0.1:443", 1);
    r.conf.classes[1].is_tls = true;
    set_up_conf();
    cr_assert(o.has_tls);
    cr_assert(not(o.class_has_tls[0]));
    cr_assert(o.class_has_tls[1]);
}

/* -- what io is told -------------------------------------------------------------------------- */

Test(setup, clients_that_resume_fetch_sessions_before_the_load_where_the_server_is_another)
{
    static const struct {
        const char *line;
        bool warms_up;
    } rows[] = {
        {"run " RIG_LOCAL TLS_TARGET "--resume always", true},
        {"run " RIG_LOCAL TLS_TARGET "--resume 1%", true},
        {"run " RIG_LOCAL TLS_TARGET "--resume always --warmup no", false},
        {"run " RIG_LOCAL TLS_TARGET, false},
        {"run " TLS_TARGET "--resume always", false},
    };

    for (unsigned i = 0; i < RIG_ROWS(rows); i++) {
        set_up(rows[i].line);
        cr_expect(eq(int, o.warms_up, rows[i].warms_up), "%s", rows[i].line);
        cr_expect(eq(int, o.class_warms_up[0], rows[i].warms_up), "%s", rows[i].line);
    }
}

Test(setup, loopback_copies_no_payload_unless_it_has_to)
{
    static const struct {
        const char *line;
        bool copies;
        bool has_payload;
    } rows[] = {
        {"run", false, false},
        {"run --send 1M", false, true},
        {"run --receive 1M", false, true},
        {"run --send 1M --offload no", true, true},
        {"run tls://198.19.0.1:443", true, false},
        {"run " RIG_LOCAL TARGET "--send 1M", true, true},
        {"run " RIG_LOCAL TARGET "--receive 1M", true, false},
        {"serve " RIG_LOCAL "--bytes 1M", true, true},
    };

    for (unsigned i = 0; i < RIG_ROWS(rows); i++) {
        cr_assert(eq(int, rig_finish(&r, rows[i].line), 0), "%s", r.fail.text);
        cr_expect(eq(int, setup_copies_payload(&r.conf), rows[i].copies), "%s", rows[i].line);
        cr_expect(eq(int, setup_payload_bytes(&r.conf) > 0, rows[i].has_payload), "%s",
                  rows[i].line);
    }
}

static bool
always(const struct proto_opts *o)
{
    (void)o;
    return true;
}

Test(setup, what_a_protocol_makes_is_copied_on_loopback_too)
{
    static const struct proto_ops maker = {.name = "maker", .is_planned = always};

    set_up("run");
    r.conf.classes[0].proto = &maker;
    cr_assert(setup_copies_payload(&r.conf));
    cr_assert(eq(u32, setup_payload_bytes(&r.conf), 0));
    set_up_conf();
    cr_assert(o.answers_first);
    cr_assert(eq(u32, o.client.core.ring_bytes, CORE_RING_BYTES_MAX));
}

/* -- what a port needs of starts and ends ----------------------------------------------------- */

Test(setup, starts_stand_back_for_answers_but_for_handshakes_over_loopback)
{
    static const struct {
        const char *line;
        bool answers_first;
    } rows[] = {
        {"run", false},
        {"run --piggyback no", true},
        {"run --send 1", true},
        {"run tls://198.19.0.1:443", true},
        {"run " RIG_LOCAL TARGET, true},
    };

    for (unsigned i = 0; i < RIG_ROWS(rows); i++) {
        set_up(rows[i].line);
        cr_expect(eq(int, o.answers_first, rows[i].answers_first), "%s", rows[i].line);
    }
}

Test(setup, only_a_wire_that_may_lose_frames_is_lingered_on)
{
    set_up("run");
    cr_assert(eq(u64, o.linger_ns, 0));
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(eq(u64, o.linger_ns, 250 * NS_PER_MS));
}

Test(setup, on_a_wire_addresses_are_asked_for_unless_the_user_says_no)
{
    set_up("run");
    cr_assert(not(o.probes));
    set_up("run " RIG_LOCAL TARGET);
    cr_assert(o.probes);
    set_up("run --probe no " RIG_LOCAL TARGET);
    cr_assert(not(o.probes));
}

Test(setup, the_user_calls_congestion_control_what_tcp_calls_it)
{
    for (unsigned i = 0; i < CC_ALGORITHMS; i++)
        cr_expect(eq(str, (char *)conf_congestion_names[i], (char *)cc_algorithms[i]->name));
}
