/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_rig.h"

#include "base/units.h"
#include "conf/value.h"

static struct conf_rig r;

Test(args, defaults_are_those_of_the_contract)
{
    static struct conf c;

    conf_init(&c);
    cr_expect(eq(int, c.command, CONF_RUN));
    cr_expect(eq(str, c.device, "loopback"));
    cr_expect(eq(str, c.eal, ""));
    cr_expect(eq(uint, c.lcores, 1));
    cr_expect(eq(uint, c.local.n, 0));
    cr_expect(eq(uint, c.n_targets, 0));
    cr_expect(eq(uint, c.vlan, 0));
    cr_expect(eq(uint, c.mtu, 0));
    cr_expect(eq(u16, c.ports.first, 1024));
    cr_expect(eq(u16, c.ports.last, 65535));
    cr_expect(not(c.allow_public));
    cr_expect(eq(u64, c.rate_milli, 0));
    cr_expect(eq(u64, c.connections, 0));
    cr_expect(eq(u64, c.duration_ns, 10 * NS_PER_SEC));
    cr_expect(eq(u64, c.classes[0].hold_ns, 0));
    cr_expect(eq(int, c.classes[0].close, CLOSE_FIN));
    cr_expect(c.classes[0].piggyback);
    cr_expect(eq(int, c.stop, STOP_HOLD));
    cr_expect(eq(u64, c.classes[0].connect_timeout_ns, 5 * NS_PER_SEC));
    cr_expect(eq(u64, c.classes[0].close_timeout_ns, 3 * NS_PER_SEC));
    cr_expect(eq(u64, c.reuse_ns, NS_PER_SEC));
    cr_expect(not(value_port_is_set(c.classes[0].listen, 0)));
    cr_expect(value_port_is_set(c.classes[0].listen, 1));
    cr_expect(value_port_is_set(c.classes[0].listen, 65535));
    cr_expect(eq(str, c.json, ""));
    cr_expect(eq(u64, c.seed, 0));
}

Test(args, no_payload_is_the_default)
{
    static struct conf c;

    conf_init(&c);
    cr_expect(eq(u64, c.classes[0].send_bytes, 0));
    cr_expect(eq(u64, c.classes[0].receive_bytes, 0));
    cr_expect(eq(u64, c.classes[0].answer_bytes, 0));
    cr_expect(eq(u64, c.classes[0].answer_after, 0));
    cr_expect(not(c.classes[0].echo));
}

Test(args, tcp_and_the_port_have_defaults)
{
    static struct conf c;

    conf_init(&c);
    cr_expect(eq(u64, c.classes[0].data_timeout_ns, 10 * NS_PER_SEC));
    cr_expect(eq(int, c.congestion, CC_CUBIC));
    cr_expect(eq(u64, c.window_bytes, 262144));
    cr_expect(eq(u64, c.fixed_window_bytes, 0));
    cr_expect(eq(int, c.mss, 0));
    cr_expect(eq(u64, c.delayed_ack_ns, 40 * NS_PER_MS));
    cr_expect(not(c.nagle));
    cr_expect(c.timestamps);
    cr_expect(eq(int, c.retries, 15));
    cr_expect(c.offload);
}

Test(args, tls_has_defaults_that_leave_most_to_openssl)
{
    static struct conf c;

    conf_init(&c);
    cr_expect(not(c.classes[0].tls.serves));
    cr_expect(eq(int, c.classes[0].tls.versions, TLS_VERSIONS_BOTH));
    cr_expect(eq(str, c.classes[0].tls.ciphers, ""));
    cr_expect(eq(str, c.classes[0].tls.ciphersuites, ""));
    cr_expect(eq(str, c.classes[0].tls.groups, ""));
    cr_expect(eq(str, c.classes[0].tls.sigalgs, ""));
    cr_expect(eq(str, c.classes[0].tls.sni, "auto"));
    cr_expect(eq(str, c.classes[0].tls.alpn, ""));
    cr_expect(eq(u32, c.classes[0].tls.resume_ppm, 0));
    cr_expect(not(c.classes[0].tls.verify));
    cr_expect(eq(str, c.classes[0].tls.ca, ""));
    cr_expect(eq(str, c.classes[0].tls.cert, ""));
    cr_expect(eq(str, c.classes[0].tls.key, ""));
    cr_expect(eq(int, c.classes[0].tls.self_signed, KEY_NONE));
    cr_expect(eq(str, c.classes[0].tls.keylog, ""));
    cr_expect(c.classes[0].tls.close_notify);
    cr_expect(not(c.classes[0].tls.psk_without_dhe));
    cr_expect(c.classes[0].tls.tickets);
    cr_expect(not(c.classes[0].tls.request_cert));
    cr_expect(eq(u64, c.classes[0].tls.timeout_ns, 10 * NS_PER_SEC));
    cr_expect(eq(int, c.tls_batch, TLS_BATCH_AUTO));
}

Test(args, serve_has_its_own_defaults)
{
    cr_assert(eq(int, rig_parse(&r, "serve"), 0));
    cr_assert(eq(int, r.conf.command, CONF_SERVE));
    cr_assert(eq(int, r.conf.classes[0].close, CLOSE_PEER));
    cr_assert(eq(u64, r.conf.duration_ns, TIME_NEVER));
}

Test(args, serve_keeps_what_was_given_even_before_the_command)
{
    cr_assert(eq(int, rig_parse(&r, "--close fin --duration 5s serve"), 0));
    cr_assert(eq(int, r.conf.classes[0].close, CLOSE_FIN));
    cr_assert(eq(u64, r.conf.duration_ns, 5 * NS_PER_SEC));
}

Test(args, every_client_option_reaches_its_field)
{
    cr_assert(
        eq(int,
           rig_parse(&r, "run tcp://198.19.0.1:80 tcp://[2001:2::8000:1]:443 "
                         "--device net_af_packet0,iface=veth0 --local 198.18.0.10-198.18.0.13/15 "
                         "--local 2001:2::10/48 --gateway 198.18.0.1 --gateway 2001:2::1 "
                         "--vlan 4094 --mtu 9216 --ports 2000-3000 --lcores 4 --rate 200k "
                         "--connections 1M --duration 30s --close rst --hold 1s --drain 500ms "
                         "--connect-timeout 1s --close-timeout 2s --reuse 4s --piggyback no "
                         "--json - --allow-public --eal --no-pci --seed 42"),
           0),
        "%s", r.fail.text);
    cr_expect(eq(int, r.conf.command, CONF_RUN));
    cr_expect(eq(uint, r.conf.n_targets, 2));
    cr_expect(eq(str, r.conf.targets[0].url, "tcp://198.19.0.1:80"));
    cr_expect(eq(u64, r.conf.targets[0].addr.lo, 0xc6130001));
    cr_expect(eq(u16, r.conf.targets[0].port, 80));
    cr_expect(r.conf.targets[1].addr.is_v6);
    cr_expect(eq(u16, r.conf.targets[1].port, 443));
    cr_expect(eq(str, r.conf.device, "net_af_packet0,iface=veth0"));
    cr_expect(eq(uint, r.conf.local.n, 2));
    cr_expect(eq(u32, r.conf.local.range[0].count, 4));
    cr_expect(r.conf.local.range[1].first.is_v6);
    cr_expect(r.conf.gateway.is_set[0] && r.conf.gateway.is_set[1]);
    cr_expect(eq(u64, r.conf.gateway.addr[0].lo, 0xc6120001));
    cr_expect(eq(u64, r.conf.gateway.addr[1].hi, UINT64_C(0x2001000200000000)));
    cr_expect(eq(int, r.conf.vlan, 4094));
    cr_expect(eq(int, r.conf.mtu, 9216));
    cr_expect(eq(u16, r.conf.ports.first, 2000));
    cr_expect(eq(u16, r.conf.ports.last, 3000));
    cr_expect(eq(uint, r.conf.lcores, 4));
    cr_expect(eq(u64, r.conf.rate_milli, 200000000));
    cr_expect(eq(u64, r.conf.connections, 1000000));
    cr_expect(eq(u64, r.conf.duration_ns, 30 * NS_PER_SEC));
    cr_expect(eq(int, r.conf.classes[0].close, CLOSE_RST));
    cr_expect(eq(u64, r.conf.classes[0].hold_ns, NS_PER_SEC));
    cr_expect(eq(u64, r.conf.drain_ns, 500 * NS_PER_MS));
    cr_expect(eq(u64, r.conf.classes[0].connect_timeout_ns, NS_PER_SEC));
    cr_expect(eq(u64, r.conf.classes[0].close_timeout_ns, 2 * NS_PER_SEC));
    cr_expect(eq(u64, r.conf.reuse_ns, 4 * NS_PER_SEC));
    cr_expect(not(r.conf.classes[0].piggyback));
    cr_expect(eq(str, r.conf.json, "-"));
    cr_expect(r.conf.allow_public);
    cr_expect(eq(str, r.conf.eal, "--no-pci"));
    cr_expect(eq(u64, r.conf.seed, 42));
}

Test(args, every_option_of_payload_and_tcp_reaches_its_field)
{
    cr_assert(
        eq(int,
           rig_parse(&r, "run --send 64KiB --receive 1M --data-timeout 30m --congestion fixed "
                         "--fixed-window 1GiB --window 4MiB --mss 9216 --delayed-ack 500ms "
                         "--nagle yes --timestamps no --retries 30 --offload no"),
           0),
        "%s", r.fail.text);
    cr_expect(eq(u64, r.conf.classes[0].send_bytes, 65536));
    cr_expect(eq(u64, r.conf.classes[0].receive_bytes, 1000000));
    cr_expect(eq(u64, r.conf.classes[0].data_timeout_ns, 1800 * NS_PER_SEC));
    cr_expect(eq(int, r.conf.congestion, CC_FIXED));
    cr_expect(eq(u64, r.conf.fixed_window_bytes, 1073741824));
    cr_expect(eq(u64, r.conf.window_bytes, 4194304));
    cr_expect(eq(int, r.conf.mss, 9216));
    cr_expect(eq(u64, r.conf.delayed_ack_ns, 500 * NS_PER_MS));
    cr_expect(not(r.conf.timestamps));
    cr_expect(r.conf.nagle);
    cr_expect(eq(int, r.conf.retries, 30));
    cr_expect(not(r.conf.offload));
}

Test(args, every_option_of_tls_reaches_its_field)
{
    cr_assert(eq(int,
                 rig_parse(&r, "run tls://server.example --tls-versions 1.3 --ciphers A:B "
                               "--ciphersuites C:D --groups X25519 --sigalgs RSA+SHA256 "
                               "--sni a.example,b.example --alpn h2,http/1.1 --resume 12.5% "
                               "--verify on --ca ca.pem --cert cert.pem --key key.pem "
                               "--self-signed ed25519 --keylog keys --close-notify no "
                               "--psk-without-dhe yes --tls-timeout 7s --tls-batch on"),
                 0),
              "%s", r.fail.text);
    cr_expect(r.conf.targets[0].is_tls);
    cr_expect(eq(str, r.conf.targets[0].host, "server.example"));
    cr_expect(eq(u16, r.conf.targets[0].port, 443));
    cr_expect(eq(int, r.conf.classes[0].tls.versions, TLS_VERSIONS_1_3));
    cr_expect(eq(str, r.conf.classes[0].tls.ciphers, "A:B"));
    cr_expect(eq(str, r.conf.classes[0].tls.ciphersuites, "C:D"));
    cr_expect(eq(str, r.conf.classes[0].tls.groups, "X25519"));
    cr_expect(eq(str, r.conf.classes[0].tls.sigalgs, "RSA+SHA256"));
    cr_expect(eq(str, r.conf.classes[0].tls.sni, "a.example,b.example"));
    cr_expect(eq(str, r.conf.classes[0].tls.alpn, "h2,http/1.1"));
    cr_expect(eq(u32, r.conf.classes[0].tls.resume_ppm, 125000));
    cr_expect(r.conf.classes[0].tls.verify);
    cr_expect(eq(str, r.conf.classes[0].tls.ca, "ca.pem"));
    cr_expect(eq(str, r.conf.classes[0].tls.cert, "cert.pem"));
    cr_expect(eq(str, r.conf.classes[0].tls.key, "key.pem"));
    cr_expect(eq(int, r.conf.classes[0].tls.self_signed, KEY_ED25519));
    cr_expect(eq(str, r.conf.classes[0].tls.keylog, "keys"));
    cr_expect(not(r.conf.classes[0].tls.close_notify));
    cr_expect(r.conf.classes[0].tls.psk_without_dhe);
    cr_expect(eq(u64, r.conf.classes[0].tls.timeout_ns, 7 * NS_PER_SEC));
    cr_expect(eq(int, r.conf.tls_batch, TLS_BATCH_ON));
}

Test(args, a_server_has_tls_options_of_its_own)
{
    cr_assert(eq(int,
                 rig_parse(&r, "serve --tls --tickets no --request-cert yes --set tls.versions=1.2 "
                               "--set tls.self_signed=rsa4096 --set tls.alpn=h2"),
                 0),
              "%s", r.fail.text);
    cr_expect(r.conf.classes[0].tls.serves);
    cr_expect(not(r.conf.classes[0].tls.tickets));
    cr_expect(r.conf.classes[0].tls.request_cert);
    cr_expect(eq(int, r.conf.classes[0].tls.versions, TLS_VERSIONS_1_2));
    cr_expect(eq(int, r.conf.classes[0].tls.self_signed, KEY_RSA4096));
    cr_expect(eq(str, r.conf.classes[0].tls.alpn, "h2"));
}

Test(args, the_least_of_each_is_allowed)
{
    cr_assert(eq(int,
                 rig_parse(&r, "check --send 0 --receive 1TiB --data-timeout 1ms "
                               "--congestion newreno --fixed-window 1KiB --window 4KiB --mss 64 "
                               "--delayed-ack 0 --nagle no --retries 1 --offload yes"),
                 0),
              "%s", r.fail.text);
    cr_expect(eq(u64, r.conf.classes[0].send_bytes, 0));
    cr_expect(eq(u64, r.conf.classes[0].receive_bytes, UINT64_C(1) << 40));
    cr_expect(eq(u64, r.conf.classes[0].data_timeout_ns, NS_PER_MS));
    cr_expect(eq(int, r.conf.congestion, CC_NEWRENO));
    cr_expect(eq(u64, r.conf.fixed_window_bytes, 1024));
    cr_expect(eq(u64, r.conf.window_bytes, 4096));
    cr_expect(eq(int, r.conf.mss, 64));
    cr_expect(eq(u64, r.conf.delayed_ack_ns, 0));
    cr_expect(not(r.conf.nagle));
    cr_expect(eq(int, r.conf.retries, 1));
    cr_expect(r.conf.offload);
}

Test(args, a_server_responds_or_echoes)
{
    cr_assert(eq(int, rig_parse(&r, "serve --bytes 1.5MiB --after 100"), 0), "%s", r.fail.text);
    cr_expect(eq(u64, r.conf.classes[0].answer_bytes, 1572864));
    cr_expect(eq(u64, r.conf.classes[0].answer_after, 100));
    cr_expect(not(r.conf.classes[0].echo));
    cr_assert(eq(int, rig_parse(&r, "serve --echo --window 8KiB --mss 1000"), 0), "%s",
              r.fail.text);
    cr_expect(r.conf.classes[0].echo);
    cr_expect(eq(u64, r.conf.window_bytes, 8192));
    cr_expect(eq(int, r.conf.mss, 1000));
}

Test(args, payload_in_either_direction_is_payload)
{
    cr_assert(eq(int, rig_finish(&r, "run --send 1"), 0));
    cr_expect(conf_has_payload(&r.conf));
    cr_assert(eq(int, rig_finish(&r, "run --receive 1"), 0));
    cr_expect(conf_has_payload(&r.conf));
    cr_assert(eq(int, rig_finish(&r, "run --send 0 --receive 0"), 0));
    cr_expect(not(conf_has_payload(&r.conf)));
}

Test(args, set_reaches_payload_and_tcp_by_their_keys)
{
    cr_assert(eq(int,
                 rig_parse(&r, "run --set send=1k --set receive=2k --set timeout.data=3s "
                               "--set tcp.congestion=fixed --set tcp.fixed_window=5KiB "
                               "--set tcp.window=16KiB --set tcp.mss=536 --set tcp.delayed_ack=7ms "
                               "--set tcp.nagle=yes --set tcp.retries=8 --set offload=no"),
                 0),
              "%s", r.fail.text);
    cr_expect(eq(u64, r.conf.classes[0].send_bytes, 1000));
    cr_expect(eq(u64, r.conf.classes[0].receive_bytes, 2000));
    cr_expect(eq(u64, r.conf.classes[0].data_timeout_ns, 3 * NS_PER_SEC));
    cr_expect(eq(int, r.conf.congestion, CC_FIXED));
    cr_expect(eq(u64, r.conf.fixed_window_bytes, 5120));
    cr_expect(eq(u64, r.conf.window_bytes, 16384));
    cr_expect(eq(int, r.conf.mss, 536));
    cr_expect(eq(u64, r.conf.delayed_ack_ns, 7 * NS_PER_MS));
    cr_expect(r.conf.nagle);
    cr_expect(eq(int, r.conf.retries, 8));
    cr_expect(not(r.conf.offload));
    cr_assert(eq(int,
                 rig_parse(&r, "serve --set serve.bytes=9 --set serve.after=4 "
                               "--set serve.echo=no"),
                 0),
              "%s", r.fail.text);
    cr_expect(eq(u64, r.conf.classes[0].answer_bytes, 9));
    cr_expect(eq(u64, r.conf.classes[0].answer_after, 4));
    cr_expect(not(r.conf.classes[0].echo));
}

Test(args, listen_replaces_the_default_set)
{
    cr_assert(eq(int, rig_parse(&r, "serve --listen 80,8000-8001"), 0));
    cr_assert(value_port_is_set(r.conf.classes[0].listen, 80));
    cr_assert(value_port_is_set(r.conf.classes[0].listen, 8001));
    cr_assert(not(value_port_is_set(r.conf.classes[0].listen, 443)));
}

Test(args, an_equals_sign_is_as_good_as_a_space)
{
    cr_assert(
        eq(int, rig_parse(&r, "check --rate=200k --eal=--a=b --allow-public=no --json=--x"), 0));
    cr_assert(eq(int, r.conf.command, CONF_CHECK));
    cr_assert(eq(u64, r.conf.rate_milli, 200000000));
    cr_assert(eq(str, r.conf.eal, "--a=b"));
    cr_assert(not(r.conf.allow_public));
    cr_assert(eq(str, r.conf.json, "--x"));
}

Test(args, set_reaches_every_option_by_its_key)
{
    cr_assert(
        eq(int,
           rig_parse(&r, "run --set load.rate=5k --set=hold=2s --set local.addresses=198.18.0.9/15 "
                         "--set safety.allow_public=yes --set eal=--a=b --set local.vlan=7"),
           0),
        "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.rate_milli, 5000000));
    cr_assert(eq(u64, r.conf.classes[0].hold_ns, 2 * NS_PER_SEC));
    cr_assert(eq(uint, r.conf.local.n, 1));
    cr_assert(r.conf.allow_public);
    cr_assert(eq(str, r.conf.eal, "--a=b"));
    cr_assert(eq(int, r.conf.vlan, 7));
}

Test(args, of_an_option_and_its_setting_the_later_one_counts)
{
    cr_assert(eq(int, rig_parse(&r, "run --rate 5 --set load.rate=6"), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.rate_milli, 6000));
    cr_assert(eq(int, rig_parse(&r, "run --set load.rate=6 --rate 5"), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.rate_milli, 5000));
    cr_assert(eq(int, rig_parse(&r, "run --set hold=6s --set hold=7"), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.classes[0].hold_ns, 7 * NS_PER_SEC));
}

Test(args, a_duration_without_a_unit_is_seconds)
{
    cr_assert(eq(int, rig_parse(&r, "run --duration 10 --hold 0.5 --drain 1m30s"), 0), "%s",
              r.fail.text);
    cr_assert(eq(u64, r.conf.duration_ns, 10 * NS_PER_SEC));
    cr_assert(eq(u64, r.conf.classes[0].hold_ns, 500 * NS_PER_MS));
    cr_assert(eq(u64, r.conf.drain_ns, 90 * NS_PER_SEC));
}

Test(args, help_and_version_end_the_command_line)
{
    static const struct {
        const char *line;
        enum conf_command command;
    } rows[] = {
        {"--help", CONF_HELP},
        {"-h", CONF_HELP},
        {"run --help", CONF_HELP},
        {"run --rate 5 -h --nonsense", CONF_HELP},
        {"--version", CONF_VERSION},
        {"--version --help", CONF_VERSION},
        {"run --help=yes", CONF_HELP},
        {"help", CONF_HELP},
        {"help run", CONF_HELP},
        {"version", CONF_VERSION},
        {"--rate 5 version", CONF_VERSION},
    };

    for (size_t i = 0; i < RIG_ROWS(rows); i++) {
        cr_expect(eq(int, rig_parse(&r, rows[i].line), 0), "%s", rows[i].line);
        cr_expect(eq(int, r.conf.command, rows[i].command), "%s", rows[i].line);
    }
}

Test(args, two_dashes_end_the_options)
{
    cr_assert(eq(int, rig_parse(&r, "run -- tcp://198.19.0.1:80"), 0));
    cr_assert(eq(uint, r.conf.n_targets, 1));
    cr_assert(eq(int, rig_parse(&r, "run -- --rate"), -1));
    cr_assert(strstr(r.fail.text, "'--rate' is not a URL") != NULL, "%s", r.fail.text);
}

Test(args, a_host_name_waits_for_the_resolver)
{
    cr_assert(eq(int, rig_parse(&r, "run tcp://server.example:80"), 0));
    cr_assert(eq(str, r.conf.targets[0].url, "tcp://server.example:80"));
    cr_assert(eq(u16, r.conf.targets[0].port, 80));
    cr_assert(eq(u64, r.conf.targets[0].addr.lo, 0));
}

Test(args, nothing_remains_of_an_earlier_parse)
{
    cr_assert(eq(int, rig_parse(&r, "run --rate 5 tcp://198.19.0.1:80"), 0));
    cr_assert(eq(int, conf_parse_args(&r.conf, 2, (char *[]){"shakedown", "run"}, &r.fail), 0));
    cr_assert(eq(u64, r.conf.rate_milli, 0));
    cr_assert(eq(uint, r.conf.n_targets, 0));
}

Test(args, an_empty_argument_vector_is_a_missing_command)
{
    cr_assert(eq(int, conf_parse_args(&r.conf, 0, (char *[]){NULL}, &r.fail), -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
}

static const struct rig_misuse misuses[] = {
    /* the command */
    {"", EXIT_USAGE, {"command is missing", "shakedown run", "--help"}},
    {"--rate 5", EXIT_USAGE, {"command is missing", "shakedown run"}},
    {"rnu", EXIT_USAGE, {"'rnu' is not a command", "did you mean run?"}},
    {"sevre", EXIT_USAGE, {"'sevre' is not a command", "did you mean serve?"}},
    {"''",
     EXIT_USAGE,
     {"'' is not a command", "run, serve, check, doctor, ctl, report, merge, compare or rfc9411"}},
    {"launch",
     EXIT_USAGE,
     {"'launch' is not a command",
      "run, serve, check, doctor, ctl, report, merge, compare or rfc9411"}},
    {"tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"command comes first", "shakedown run tcp://198.19.0.1:80?"}},
    /* options that are not there */
    {"run --devcie x", EXIT_USAGE, {"--devcie: there is no such option", "did you mean --device?"}},
    {"run --devcie=x", EXIT_USAGE, {"--devcie: there is no such option", "did you mean --device?"}},
    {"run --conn 5",
     EXIT_USAGE,
     {"--conn: there is no such option", "did you mean --connections?"}},
    {"run --nonsense", EXIT_USAGE, {"--nonsense: there is no such option", "shakedown --help"}},
    {"run -x 5", EXIT_USAGE, {"-x: there is no such option", "shakedown --help"}},
    /* habits */
    {"run -c 100", EXIT_USAGE, {"-c: there is no such option; did you mean --connections?"}},
    {"run -c100", EXIT_USAGE, {"-c100: there is no such option; did you mean --connections?"}},
    {"run -d 30s", EXIT_USAGE, {"-d: there is no such option; did you mean --duration?"}},
    {"run -t 4", EXIT_USAGE, {"-t: there is no such option; did you mean --lcores?"}},
    {"run --threads=4", EXIT_USAGE, {"--threads: there is no", "did you mean --lcores?"}},
    {"run --time 5s", EXIT_USAGE, {"--time: there is no", "did you mean --duration?"}},
    {"run --timeout 5s", EXIT_USAGE, {"--timeout: there is no", "mean --connect-timeout?"}},
    {"run --output x", EXIT_USAGE, {"--output: there is no", "did you mean --json?"}},
    {"run -o x", EXIT_USAGE, {"-o: there is no", "did you mean --json?"}},
    {"run --vus 5", EXIT_USAGE, {"--vus: there is no", "did you mean --connections?"}},
    {"run --clients 5", EXIT_USAGE, {"--clients: there is no", "did you mean --connections?"}},
    {"run --quiet", EXIT_USAGE, {"--quiet: there is no", "> /dev/null"}},
    {"run -n 0", EXIT_USAGE, {"--requests-total: 0 is"}},
    {"run --request-rate fast", EXIT_USAGE, {"--request-rate: 'fast'"}},
    {"run --ack soon", EXIT_USAGE, {"--ack: 'soon' is not an ACK policy", "linux"}},
    {"run --load.rate 5", EXIT_USAGE, {"--load.rate: there is no", "did you mean --rate?"}},
    {"run --no-piggyback", EXIT_USAGE, {"--no-piggyback: there is no", "write --piggyback no"}},
    {"run --no-rate", EXIT_USAGE, {"--no-rate: there is no such option", "--help"}},
    {"serve --port 80", EXIT_USAGE, {"--port: there is no", "--listen"}},
    {"RUN", EXIT_USAGE, {"'RUN' is not a command; did you mean run?"}},
    {"run --set LOAD.RATE=5", EXIT_USAGE, {"did you mean load.rate?"}},
    {"run --insecure", EXIT_USAGE, {"--insecure: there is no", "did you mean --verify?"}},
    {"run --=5", EXIT_USAGE, {"--: there is no such option", "shakedown --help"}},
    {"run --recieve 1", EXIT_USAGE, {"--recieve: there is no", "did you mean --receive?"}},
    {"serve --set serve.byte=1", EXIT_USAGE, {"there is no such key", "serve.bytes?"}},
    /* options without a value, or with two */
    {"run --rate", EXIT_USAGE, {"--rate: the value is missing", "--rate R", "connections"}},
    {"run --rate --vlan 5", EXIT_USAGE, {"--rate: the value is missing", "--rate R"}},
    {"run --json --rate 5", EXIT_USAGE, {"--json: the value is missing", "--json FILE"}},
    {"run --rate 5 --rate 5", EXIT_USAGE, {"--rate: '5' is a second value", "give --rate once"}},
    {"run --allow-public --allow-public",
     EXIT_USAGE,
     {"--allow-public", "give --allow-public once"}},
    {"run --gateway 198.18.0.1 --gateway 198.18.0.2",
     EXIT_USAGE,
     {"--gateway: '198.18.0.2' is a second IPv4 gateway", "one for each family"}},
    /* values of a wrong form */
    {"run --rate 12q",
     EXIT_USAGE,
     {"--rate: '12q' is not a rate; write how many a second, optionally with k, M or G, e.g. "
      "200k"}},
    {"run --rate=", EXIT_USAGE, {"--rate: '' is not a rate", "e.g. 200k"}},
    {"run --rate ''", EXIT_USAGE, {"--rate: '' is not a rate", "e.g. 200k"}},
    {"run --connections many", EXIT_USAGE, {"--connections: 'many' is not a count", "200k"}},
    {"run --duration never", EXIT_USAGE, {"--duration: 'never' is not a duration", "200ms"}},
    {"run --hold -1s", EXIT_USAGE, {"--hold: '-1s' is not a duration", "200ms"}},
    {"run --drain x", EXIT_USAGE, {"--drain: 'x' is not a duration", "200ms"}},
    {"run --lcores two", EXIT_USAGE, {"--lcores: 'two' is not a count", "whole number"}},
    {"run --vlan x", EXIT_USAGE, {"--vlan: 'x' is not a count", "whole number"}},
    {"run --close gently",
     EXIT_USAGE,
     {"--close: 'gently' is not a way to close", "fin, rst or peer"}},
    {"run --piggyback maybe",
     EXIT_USAGE,
     {"--piggyback: 'maybe' is neither yes nor no", "yes or no"}},
    {"run --allow-public=perhaps", EXIT_USAGE, {"--allow-public: 'perhaps'", "yes or no"}},
    {"run --seed x", EXIT_USAGE, {"--seed: 'x' is not a count", "whole number"}},
    {"run --ports 80,443", EXIT_USAGE, {"--ports: '80,443' is not a range of ports", "1 to 65535"}},
    {"run --ports 2000-1000", EXIT_USAGE, {"--ports: the range 2000-1000 ends before it starts"}},
    {"serve --listen 0", EXIT_USAGE, {"--listen: '0' is not a list of ports", "1 to 65535"}},
    {"run --local here", EXIT_USAGE, {"--local: 'here' is not a range of addresses", "FIRST-LAST"}},
    {"run --local 198.18.3.250-198.18.0.10/15",
     EXIT_USAGE,
     {"--local: '198.18.3.250-198.18.0.10/15' ends before it starts", "lower address first"}},
    {"run --local 198.18.0.10-2001:2::1/15",
     EXIT_USAGE,
     {"--local: '198.18.0.10-2001:2::1/15' mixes"}},
    {"run --local 198.18.0.0/15", EXIT_USAGE, {"--local: 198.18.0.0 is the network address"}},
    {"run --local 10.0.0.1-11.0.0.1/7", EXIT_USAGE, {"--local:", "at most 16777216"}},
    {"run --gateway 198.18.0.1/15", EXIT_USAGE, {"--gateway: '198.18.0.1/15' is not an address"}},
    {"run --gateway 224.0.0.1",
     EXIT_USAGE,
     {"--gateway: '224.0.0.1' is not the address of one host"}},
    {"run --device ''", EXIT_USAGE, {"--device: the value is empty", "PCI address"}},
    {"run --json=",
     EXIT_USAGE,
     {"--json: the value is empty; write --json FILE (write the result as"}},
    /* values out of range */
    {"run --rate 99999999999999999999",
     EXIT_USAGE,
     {"--rate: 99999999999999999999 is out of range; allowed is 0.001 to 1G"}},
    {"run --duration 99999999999d", EXIT_USAGE, {"is out of range; allowed is 100ms to 30d"}},
    {"run --vlan 5000", EXIT_USAGE, {"--vlan: 5000 is out of range; allowed is 1 to 4094"}},
    {"run --mtu 575", EXIT_USAGE, {"--mtu: 575 is out of range; allowed is 576 to 9216"}},
    {"run --mtu 9217", EXIT_USAGE, {"--mtu: 9217 is out of range; allowed is 576 to 9216"}},
    {"run --vlan 0", EXIT_USAGE, {"--vlan: 0 is out of range; allowed is 1 to 4094"}},
    {"run --vlan 4095", EXIT_USAGE, {"--vlan: 4095 is out of range; allowed is 1 to 4094"}},
    {"run --lcores 0", EXIT_USAGE, {"--lcores: 0 is out of range; allowed is 1 to 64"}},
    {"run --lcores 65", EXIT_USAGE, {"--lcores: 65 is out of range; allowed is 1 to 64"}},
    {"run --rate 0.0005",
     EXIT_USAGE,
     {"--rate: '0.0005' is not a whole number of thousandths of one per second"}},
    {"run --rate 0", EXIT_USAGE, {"--rate: 0 is out of range; allowed is 0.001 to 1G"}},
    {"run --rate 1001M", EXIT_USAGE, {"--rate: 1001M is out of range; allowed is 0.001 to 1G"}},
    {"run --connections 0", EXIT_USAGE, {"--connections: 0 is out of range; allowed is 1 to 100M"}},
    {"run --connections 101M", EXIT_USAGE, {"--connections: 101M is out of range", "1 to 100M"}},
    {"run --duration 0", EXIT_USAGE, {"--duration: 0 is out of range; allowed is 100ms to 30d"}},
    {"run --duration 31d",
     EXIT_USAGE,
     {"--duration: 31d is out of range; allowed is 100ms to 30d"}},
    {"run --hold 13h", EXIT_USAGE, {"--hold: 13h is out of range; allowed is 0s to 12h"}},
    {"run --connect-timeout 0", EXIT_USAGE, {"--connect-timeout: 0 is out of range", "1ms to 30m"}},
    {"run --connect-timeout 31m", EXIT_USAGE, {"--connect-timeout: 31m", "1ms to 30m"}},
    {"run --close-timeout 0", EXIT_USAGE, {"--close-timeout: 0 is out of range", "1ms to 30m"}},
    /* payload and TCP */
    {"run --send", EXIT_USAGE, {"--send: the value is missing", "--send B", "payload"}},
    {"run --send lots", EXIT_USAGE, {"--send: 'lots' is not a size", "e.g. 64KiB"}},
    {"run --send 64kB", EXIT_USAGE, {"--send: '64kB' is not a size", "KiB, MiB, GiB or TiB"}},
    {"run --send 2TiB", EXIT_USAGE, {"--send: 2TiB is out of range; allowed is 0 to 1TiB"}},
    {"run --receive 0.5", EXIT_USAGE, {"--receive: '0.5' is not a whole number of bytes", "64KiB"}},
    {"run --receive 1099511627777", EXIT_USAGE, {"--receive: 1099511627777", "0 to 1TiB"}},
    {"serve --bytes -1", EXIT_USAGE, {"--bytes: '-1' is not a size", "64KiB"}},
    {"serve --bytes 1025GiB", EXIT_USAGE, {"--bytes: 1025GiB is out of range", "0 to 1TiB"}},
    {"serve --after soon", EXIT_USAGE, {"--after: 'soon' is not a size", "64KiB"}},
    {"serve --after 2TiB", EXIT_USAGE, {"--after: 2TiB is out of range", "0 to 1TiB"}},
    {"serve --echo=loud", EXIT_USAGE, {"--echo: 'loud' is neither yes nor no", "yes or no"}},
    {"run --data-timeout 0", EXIT_USAGE, {"--data-timeout: 0 is out of range", "1ms to 30m"}},
    {"run --data-timeout 31m", EXIT_USAGE, {"--data-timeout: 31m is out of", "1ms to 30m"}},
    {"run --congestion bbr",
     EXIT_USAGE,
     {"--congestion: 'bbr' is not a congestion control; write cubic, newreno or fixed"}},
    {"run --congestion ''", EXIT_USAGE, {"--congestion: '' is not", "cubic, newreno or fixed"}},
    {"run --window 2KiB", EXIT_USAGE, {"--window: 2KiB is out of range; allowed is 4KiB to 4MiB"}},
    {"run --window 8MiB", EXIT_USAGE, {"--window: 8MiB is out of range; allowed is 4KiB to 4MiB"}},
    {"run --window 100KiB",
     EXIT_USAGE,
     {"--window: 100KiB is not a power of two; the nearest allowed are 64KiB and 128KiB"}},
    {"run --window 64kb", EXIT_USAGE, {"--window: '64kb' is not a size", "64KiB"}},
    {"run --fixed-window 1023", EXIT_USAGE, {"--fixed-window: 1023 is out", "1KiB to 1GiB"}},
    {"run --fixed-window 2GiB", EXIT_USAGE, {"--fixed-window: 2GiB is out", "1KiB to 1GiB"}},
    {"run --fixed-window x", EXIT_USAGE, {"--fixed-window: 'x' is not a size", "64KiB"}},
    {"run --mss 63", EXIT_USAGE, {"--mss: 63 is out of range; allowed is 64 to 9216"}},
    {"run --mss 9217", EXIT_USAGE, {"--mss: 9217 is out of range; allowed is 64 to 9216"}},
    {"run --mss 0", EXIT_USAGE, {"--mss: 0 is out of range; allowed is 64 to 9216"}},
    {"run --mss big", EXIT_USAGE, {"--mss: 'big' is not a count", "whole number"}},
    {"run --delayed-ack 501ms", EXIT_USAGE, {"--delayed-ack: 501ms is out", "0s to 500ms"}},
    {"run --delayed-ack 40", EXIT_USAGE, {"--delayed-ack: 40 is out of range", "0s to 500ms"}},
    {"run --nagle", EXIT_USAGE, {"--nagle: the value is missing", "--nagle yes|no"}},
    {"run --nagle 2", EXIT_USAGE, {"--nagle: '2' is neither yes nor no", "yes or no"}},
    {"run --retries 0", EXIT_USAGE, {"--retries: 0 is out of range; allowed is 1 to 30"}},
    {"run --retries 31", EXIT_USAGE, {"--retries: 31 is out of range; allowed is 1 to 30"}},
    {"run --retries some", EXIT_USAGE, {"--retries: 'some' is not a count", "whole number"}},
    {"run --offload maybe", EXIT_USAGE, {"--offload: 'maybe' is neither yes nor no", "yes or no"}},
    {"run --set send=lots", EXIT_USAGE, {"--set send: 'lots' is not a size", "64KiB"}},
    {"run --set tcp.window=5KiB", EXIT_USAGE, {"--set tcp.window: 5KiB", "4KiB and 8KiB"}},
    {"run --set tcp.congestion=x", EXIT_USAGE, {"--set tcp.congestion: 'x'", "cubic, newreno"}},
    {"run --set local.vlan=5000", EXIT_USAGE, {"--set local.vlan: 5000 is out of range", "4094"}},
    /* TLS */
    {"run --tls-versions 1.1",
     EXIT_USAGE,
     {"--tls-versions: '1.1' is not a set of TLS versions; write both, 1.2 or 1.3"}},
    {"run --self-signed dsa",
     EXIT_USAGE,
     {"--self-signed: 'dsa' is not a key type", "p384, ed25519, mldsa44, mldsa65 or mldsa87"}},
    {"run --resume often", EXIT_USAGE, {"--resume: 'often' is not a share", "e.g. 50%"}},
    {"run --resume 50", EXIT_USAGE, {"--resume: '50' has no unit", "50%"}},
    {"run --resume 101%", EXIT_USAGE, {"--resume: '101%' is too large", "100%"}},
    {"run --alpn h2,,x", EXIT_USAGE, {"--alpn: 'h2,,x' has an empty name", "h2,http/1.1"}},
    {"run --alpn ''", EXIT_USAGE, {"--alpn: the value is empty", "comma-separated"}},
    {"run --sni a..b,198.19.0.1",
     EXIT_USAGE,
     {"--sni: 'a..b,198.19.0.1': '198.19.0.1' is not a host name", "auto, off"}},
    {"run --verify maybe", EXIT_USAGE, {"--verify: 'maybe' is neither yes nor no"}},
    {"run --verify", EXIT_USAGE, {"--verify: the value is missing", "--verify yes|no"}},
    {"run --ca", EXIT_USAGE, {"--ca: the value is missing", "--ca FILE"}},
    {"run --cert=", EXIT_USAGE, {"--cert: the value is empty", "PEM"}},
    {"run --tls-timeout 0", EXIT_USAGE, {"--tls-timeout: 0 is out of range", "1ms to 30m"}},
    {"run --tls-timeout 31m", EXIT_USAGE, {"--tls-timeout: 31m is out of range", "1ms to 30m"}},
    {"run --set tls.vesions=1.2",
     EXIT_USAGE,
     {"--set tls.vesions: there is no such key", "did you mean tls.versions?"}},
    {"run --tls", EXIT_USAGE, {"--tls: shakedown run does not take this", "for serve"}},
    {"run --request-cert no",
     EXIT_USAGE,
     {"--request-cert: shakedown run does not take", "for serve"}},
    {"check --request-cert yes", EXIT_USAGE, {"--request-cert: shakedown check", "for serve"}},
    {"serve --sni off", EXIT_USAGE, {"--sni: shakedown serve does not", "run and check"}},
    {"serve --resume always", EXIT_USAGE, {"--resume: shakedown serve", "run and check"}},
    /* --set */
    {"run --set", EXIT_USAGE, {"--set: the value is missing", "--set KEY=VALUE"}},
    {"run --set load.rate", EXIT_USAGE, {"--set: 'load.rate' is not a setting", "KEY=VALUE"}},
    {"run --set =5", EXIT_USAGE, {"--set: '=5' is not a setting", "KEY=VALUE"}},
    {"run --set load.rat=5",
     EXIT_USAGE,
     {"--set load.rat: there is no such key", "did you mean load.rate?"}},
    {"run --set rate=5",
     EXIT_USAGE,
     {"--set rate: there is no such key", "did you mean load.rate?"}},
    {"run --set=--rate=5", EXIT_USAGE, {"--set --rate: there is no", "did you mean load.rate?"}},
    {"run --set connect-timeout=5",
     EXIT_USAGE,
     {"--set connect-timeout: there is no", "did you mean timeout.connect?"}},
    {"run --set alpn=h2", EXIT_USAGE, {"--set alpn: there is no", "did you mean tls.alpn?"}},
    {"run --set nonsense=5", EXIT_USAGE, {"--set nonsense: there is no such key", "--help"}},
    {"run --set --rate=5", EXIT_USAGE, {"--set: the value is missing"}},
    /* an option that the command would ignore */
    {"run --listen 80", EXIT_USAGE, {"--listen: shakedown run does not take this", "for serve"}},
    {"check --listen 80",
     EXIT_USAGE,
     {"--listen: shakedown check does not take this", "for serve"}},
    {"doctor --rate 5", EXIT_USAGE, {"--rate: shakedown doctor does not take", "run and check"}},
    {"doctor --local 198.18.0.1/15",
     EXIT_USAGE,
     {"--local: shakedown doctor does not take", "run, check and serve"}},
    {"doctor tcp://198.18.0.1:80", EXIT_USAGE, {"'tcp://198.18.0.1:80'", "doctor takes no URL"}},
    {"serve --rate 5", EXIT_USAGE, {"--rate: shakedown serve does not take this", "run and check"}},
    {"serve --send 1", EXIT_USAGE, {"--send: shakedown serve does not take", "run and check"}},
    {"serve --receive 1", EXIT_USAGE, {"--receive: shakedown serve does not", "run and check"}},
    {"run --bytes 1", EXIT_USAGE, {"--bytes: shakedown run does not take this", "for serve"}},
    {"run --after 1", EXIT_USAGE, {"--after: shakedown run does not take this", "for serve"}},
    {"run --echo", EXIT_USAGE, {"--echo: shakedown run does not take this", "for serve"}},
    {"check --set serve.echo=no", EXIT_USAGE, {"--echo: shakedown check does not", "for serve"}},
    {"--ports 5-6 serve",
     EXIT_USAGE,
     {"--ports: shakedown serve does not take this", "run and check"}},
    /* what follows the command */
    {"run load.yaml", EXIT_USAGE, {"'load.yaml'", "No such file", "a scenario file, or a result"}},
    {"check a/b.yml", EXIT_USAGE, {"'a/b.yml'", "No such file", "a scenario file, or a result"}},
    {"run /", EXIT_USAGE, {"'/'", "it is a folder"}},
    {"run a.yaml b.yaml", EXIT_USAGE, {"'a.yaml' and 'b.yaml'", "two scenario files"}},
    {"doctor a.yaml", EXIT_USAGE, {"'a.yaml'", "takes no scenario", "shakedown check"}},
    {"run --var A=1", EXIT_USAGE, {"--var", "there is no scenario file"}},
    {"run --var 1A=1", EXIT_USAGE, {"--var", "'1A=1' is not a variable", "NAME=VALUE"}},
    {"run run", EXIT_USAGE, {"'run' is not a URL", "tcp://ADDRESS:PORT"}},
    {"run -", EXIT_USAGE, {"'-' is not a URL", "tcp://ADDRESS:PORT"}},
    {"run 198.19.0.1", EXIT_USAGE, {"'198.19.0.1' is not a URL", "tcp://ADDRESS:PORT"}},
    {"run ftp://198.19.0.1/",
     EXIT_USAGE,
     {"'ftp://198.19.0.1/'", "unknown scheme; write tcp://", "http://ADDRESS[:PORT][/PATH]"}},
    {"run http://198.19.0.1/#top", EXIT_USAGE, {"'#top' is a fragment", "not sent"}},
    {"run http://user:word@198.19.0.1/", EXIT_USAGE, {"has credentials in it"}},
    {"run http://198.19.0.1/\xc3\xa4", EXIT_USAGE, {"a path must encode as %XX"}},
    {"run http://198.19.0.1 --method G,T", EXIT_USAGE, {"--method: 'G,T' is not a method"}},
    {"run http://198.19.0.1 --method CONNECT", EXIT_USAGE, {"--method: CONNECT makes a tunnel"}},
    {"run http://198.19.0.1 -H NoColon", EXIT_USAGE, {"--header: 'NoColon' is not a header field"}},
    {"run http://198.19.0.1 -H a\nb:c", EXIT_USAGE, {"--header: ", "has a line break"}},
    {"run http://198.19.0.1 --expect 399-200", EXIT_USAGE, {"--expect: '399-200' is not a range"}},
    {"run http://198.19.0.1 --expect 20", EXIT_USAGE, {"--expect: '20' is not a range"}},
    {"run http://198.19.0.1 --path a", EXIT_USAGE, {"--path: 'a' is not a path", "WEIGHT:/PATH"}},
    {"run http://198.19.0.1 --path 0:/a",
     EXIT_USAGE,
     {"--path: '0:/a' is not a path", "1 to 1000"}},
    {"run http://198.19.0.1 --path 1001:/a", EXIT_USAGE, {"is not a path"}},
    {"run http://198.19.0.1 --path /a#b", EXIT_USAGE, {"what follows # is not sent"}},
    {"run http://198.19.0.1 --path /{x}", EXIT_USAGE, {"a path must encode as %XX"}},
    {"run http://198.19.0.1 --path /{conter}",
     EXIT_USAGE,
     {"'{conter}' is no placeholder; did you mean {counter}?", "{{conter}}"}},
    {"run http://198.19.0.1 --path /{random:9-1}",
     EXIT_USAGE,
     {"{random:FIRST-LAST}", "FIRST no larger than LAST"}},
    {"run http://198.19.0.1 -H a:{local.addres}", EXIT_USAGE, {"did you mean {local.address}?"}},
    {"run http://198.19.0.1 --host a/b", EXIT_USAGE, {"--host: 'a/b' is not a host"}},
    {"run http://198.19.0.1 --basic joe",
     EXIT_USAGE,
     {"--basic: there is no colon", "USER:PASSWORD"}},
    {"run http://198.19.0.1 --basic ***", EXIT_USAGE, {"--basic: '***' stands for what"}},
    {"run http://198.19.0.1 --bearer a\nb", EXIT_USAGE, {"--bearer: there is a line break"}},
    {"run http://198.19.0.1 --expect-body x", EXIT_USAGE, {"--expect-body: 'x'"}},
    {"run http://198.19.0.1 --expect-body sha256:00", EXIT_USAGE, {"64 hexadecimal"}},
    {"run tcp://198.19.0.1:99999", EXIT_USAGE, {"'tcp://198.19.0.1:99999'", "1 to 65535"}},
};

Test(args, each_misuse_is_one_sentence_that_names_option_value_and_what_is_allowed)
{
    for (size_t i = 0; i < RIG_ROWS(misuses); i++)
        rig_expect_misuse(rig_parse, &misuses[i]);
}

/* @word, @n times, after the command. */
static int
parse_repeated(const char *word, int n)
{
    static char line[sizeof(r.line)];
    size_t length = (size_t)snprintf(line, sizeof(line), "run");

    for (int i = 0; i < n; i++)
        length += (size_t)snprintf(line + length, sizeof(line) - length, " %s", word);
    return rig_parse(&r, line);
}

Test(args, there_is_a_bound_on_urls)
{
    cr_assert(eq(int, parse_repeated("tcp://198.19.0.1:80", CONF_TARGETS_MAX), 0));
    cr_assert(eq(int, parse_repeated("tcp://198.19.0.1:80", CONF_TARGETS_MAX + 1), -1));
    cr_assert(strstr(r.fail.text, "one URL too many; at most 256") != NULL, "%s", r.fail.text);
}

Test(args, there_is_a_bound_on_local_ranges)
{
    cr_assert(eq(int, parse_repeated("--local 198.18.0.9/15", CONF_RANGES_MAX), 0));
    cr_assert(eq(int, parse_repeated("--local 198.18.0.9/15", CONF_RANGES_MAX + 1), -1));
    cr_assert(strstr(r.fail.text, "--local: '198.18.0.9/15' is one range too many; at most 64") !=
                  NULL,
              "%s", r.fail.text);
}

Test(args, very_long_words_are_refused_in_short_sentences)
{
    static const char *const befores[] = {"run --", "run --set ", "run --device ", "run tcp://",
                                          "run ",   "",           "run --local ",  "run --rate "};
    static const char *const afters[] = {"", "=1", ":80"};
    static char line[8000];

    for (size_t i = 0; i < RIG_ROWS(befores); i++) {
        for (size_t j = 0; j < RIG_ROWS(afters); j++) {
            size_t length = (size_t)snprintf(line, sizeof(line), "%s", befores[i]);

            memset(line + length, 'x', 4000);
            strcpy(line + length + 4000, afters[j]);
            cr_expect(eq(int, rig_parse(&r, line), -1), "%s", befores[i]);
            cr_expect(eq(int, r.fail.status, EXIT_USAGE));
            cr_expect(lt(sz, strlen(r.fail.text), 500), "%s", r.fail.text);
        }
    }
}

static struct conf results;

/* The words are what the paths point to, until the next call. */
static int
parse_results(const char *line, struct fail *f)
{
    static char text[256];
    char *argv[32];
    int argc = 0;

    snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return conf_parse_args(&results, argc, argv, f);
}

Test(args, results_are_groups_of_their_own_or_those_that_vs_makes)
{
    struct fail f = {0};

    cr_assert(zero(int, parse_results("shakedown compare a.json b.json c.json", &f)), "%s", f.text);
    cr_assert(eq(u32, results.results.n_groups, 3));
    cr_assert(eq(u32, results.results.group_of[2], 2));
    cr_assert(zero(int, parse_results("shakedown compare a1 a2 vs b1 b2 --allow-different", &f)));
    cr_assert(eq(u32, results.results.n_groups, 2));
    cr_assert(eq(u32, results.results.group_of[1], 0));
    cr_assert(eq(u32, results.results.group_of[2], 1));
    cr_assert(eq(str, (char *)results.results.paths[3], "b2"));
    cr_assert(zero(int, parse_results("shakedown merge a.json b.json --json m.json", &f)));
    cr_assert(eq(u32, results.results.n, 2));
    cr_assert(zero(int, parse_results("shakedown report a.json --html a.html", &f)));
}

Test(args, too_few_results_are_refused)
{
    static const char *const lines[] = {"shakedown compare a.json",
                                        "shakedown compare vs a.json",
                                        "shakedown compare a.json vs",
                                        "shakedown compare a.json vs vs b.json",
                                        "shakedown compare a.json a2.json --repeat 2",
                                        "shakedown merge a.json",
                                        "shakedown report",
                                        "shakedown report a.json b.json"};

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct fail f = {0};

        cr_expect(eq(int, parse_results(lines[i], &f), -1), "%s", lines[i]);
        cr_expect(eq(int, f.status, EXIT_USAGE), "%s", lines[i]);
    }
}
