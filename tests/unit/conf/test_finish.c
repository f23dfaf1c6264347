/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_rig.h"

#include "conf/options.h"

static struct conf_rig r;

static void
expect_range(const struct ip_range *range, const char *first, uint32_t count, uint8_t prefix_len)
{
    char text[IP_TEXT_MAX];

    ip_format(&range->first, text);
    cr_expect(eq(str, text, (char *)first));
    cr_expect(eq(u32, range->count, count));
    cr_expect(eq(u8, range->prefix_len, prefix_len));
}

Test(finish, run_alone_is_the_embedded_default)
{
    cr_assert(eq(int, rig_finish(&r, "run"), 0), "%s", r.fail.text);
    cr_assert(r.conf.is_loopback);
    cr_assert(eq(uint, r.conf.local.n, 1));
    expect_range(&r.conf.local.range[0], "198.18.1.0", 4096, 15);
    cr_assert(eq(uint, r.conf.n_targets, 1));
    cr_assert(eq(str, r.conf.targets[0].url, "tcp://198.19.0.1:80"));
    cr_assert(eq(u64, r.conf.targets[0].addr.lo, 0xc6130001));
    cr_assert(eq(u16, r.conf.targets[0].port, 80));
    cr_assert(eq(u64, r.conf.connections, 4096));
}

Test(finish, an_ipv6_target_on_loopback_brings_ipv6_addresses)
{
    cr_assert(eq(int, rig_finish(&r, "run tcp://[2001:2::8000:1]:443"), 0), "%s", r.fail.text);
    cr_assert(eq(uint, r.conf.local.n, 1));
    expect_range(&r.conf.local.range[0], "2001:2::1:0", 4096, 48);
    cr_assert(eq(uint, r.conf.n_targets, 1));
    cr_assert(eq(u16, r.conf.targets[0].port, 443));
}

Test(finish, targets_of_both_families_on_loopback_bring_both)
{
    cr_assert(eq(int, rig_finish(&r, "run tcp://[2001:2::8000:1]:80 tcp://198.19.0.1:80"), 0), "%s",
              r.fail.text);
    cr_assert(eq(uint, r.conf.local.n, 2));
    cr_assert(eq(u64, conf_local_count(&r.conf, false), 4096));
    cr_assert(eq(u64, conf_local_count(&r.conf, true), 4096));
}

Test(finish, local_addresses_on_loopback_choose_the_default_target)
{
    cr_assert(eq(int, rig_finish(&r, "run --local 2001:2::10-2001:2::1f/48"), 0), "%s",
              r.fail.text);
    cr_assert(eq(uint, r.conf.local.n, 1));
    cr_assert(eq(str, r.conf.targets[0].url, "tcp://[2001:2::8000:1]:80"));
    cr_assert(eq(int, rig_finish(&r, "run --local 198.18.0.10-198.18.0.19/15"), 0), "%s",
              r.fail.text);
    cr_assert(eq(uint, r.conf.local.n, 1));
    cr_assert(eq(str, r.conf.targets[0].url, "tcp://198.19.0.1:80"));
}

Test(finish, a_device_gets_no_default_address)
{
    cr_assert(eq(int, rig_finish(&r, "run " RIG_LOCAL "tcp://198.19.0.1:80"), 0), "%s",
              r.fail.text);
    cr_assert(eq(uint, r.conf.local.n, 1));
    cr_assert(eq(uint, r.conf.n_targets, 1));
    cr_assert(eq(u64, r.conf.connections, 1024));
}

Test(finish, connections_given_are_kept)
{
    cr_assert(eq(int, rig_finish(&r, "run --connections 77"), 0));
    cr_assert(eq(u64, r.conf.connections, 77));
}

Test(finish, a_fixed_window_has_a_default_where_it_counts)
{
    char words[OPTION_WORDS_MAX];

    cr_assert(eq(int, rig_finish(&r, "run --congestion fixed"), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.fixed_window_bytes, 262144));
    cr_assert(
        eq(str, (char *)option_default_words(&conf_options[OPTION_FIXED_WINDOW], words), "256KiB"));
    cr_assert(eq(int, rig_finish(&r, "run --congestion fixed --fixed-window 3000"), 0));
    cr_assert(eq(u64, r.conf.fixed_window_bytes, 3000));
    cr_assert(eq(int, rig_finish(&r, "run --congestion newreno"), 0));
    cr_assert(eq(u64, r.conf.fixed_window_bytes, 0));
}

/* Connect 5 s, close 3 s, TLS and data 10 s each. */
Test(finish, the_drain_lasts_as_long_as_a_connection_may_take)
{
    static const struct {
        const char *line;
        uint64_t seconds;
    } rows[] = {
        {"run", 8},
        {"run --connect-timeout 1s --close-timeout 2s", 3},
        {"run --hold 1m", 68},
        {"run --hold 1m --close peer", 8},
        {"run --hold 1m --stop drain", 8},
        {"run --stop now", 0},
        {"run --hold 1m --drain 1s", 1},
        {"run tls://198.19.0.1", 18},
        {"run --send 1", 18},
        {"run tls://198.19.0.1 --send 1 --tls-timeout 2s --data-timeout 4s --hold 1s", 15},
        {"run --send 1 --requests 4 --think 10s", 48},
        {"run --send 1 --requests 4 --think 10s --stop drain", 18},
        {"run --send 1 --requests 0 --think 10s", 28},
        {"run --send 1 --requests 4000000000 --think 12h", 86400},
        {"serve " RIG_LOCAL, 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(int, rig_finish(&r, rows[i].line), 0), "%s: %s", rows[i].line, r.fail.text);
        cr_expect(eq(u64, r.conf.drain_ns, rows[i].seconds * NS_PER_SEC), "%s", rows[i].line);
    }
}

/* The SYN goes out again after 1 s and after 3 s (RFC 6298 2.1, 5.5); the answer to the last may
 * take as long as that waited. */
Test(finish, two_repeated_syns_can_be_answered_within_the_default_timeout)
{
    cr_assert(eq(int, rig_finish(&r, "run"), 0), "%s", r.fail.text);
    cr_assert(ge(u64, r.conf.classes[0].connect_timeout_ns, (1 + 2 + 2) * NS_PER_SEC));
}

Test(finish, queries_tell_families_apart)
{
    cr_assert(
        eq(int, rig_finish(&r, "run " RIG_LOCAL "--local 198.18.1.1/15 tcp://198.19.0.1:80"), 0));
    cr_expect(conf_has_local(&r.conf, false));
    cr_expect(not(conf_has_local(&r.conf, true)));
    cr_expect(conf_has_target(&r.conf, false));
    cr_expect(not(conf_has_target(&r.conf, true)));
    cr_expect(eq(u64, conf_local_count(&r.conf, false), 5));
    cr_expect(eq(u64, conf_local_count(&r.conf, true), 0));
    cr_expect(not(r.conf.is_loopback));
}

Test(finish, link_local_addresses_are_on_link_where_there_is_ipv6)
{
    struct ip_addr a;

    cr_assert(eq(int, ip_parse("fe80::1", &a), 0));
    cr_assert(eq(int, rig_parse(&r, "run --local 198.18.0.10/15"), 0));
    cr_expect(not(conf_is_on_link(&r.conf, 0, &a)));
    cr_assert(eq(int, rig_parse(&r, "run --local 2001:2::10/48"), 0));
    cr_expect(conf_is_on_link(&r.conf, 0, &a));
    cr_assert(eq(int, ip_parse("2001:3::1", &a), 0));
    cr_expect(not(conf_is_on_link(&r.conf, 0, &a)));
}

Test(finish, what_fits_together_is_accepted)
{
    static const char *const lines[] = {
        /* beyond the link, by a gateway; one that is link-local */
        "run " RIG_LOCAL "--gateway 198.18.0.1 tcp://10.0.0.1:80",
        "run " RIG_DEVICE "--local 2001:2::10/48 --gateway fe80::1 tcp://[2001:db8::1]:80",
        "run " RIG_LOCAL "--local 2001:2::10/48 --gateway 2001:2::1 tcp://[2001:db8::1]:80 "
        "tcp://198.19.0.1:80",
        /* public, because the user says so */
        "run " RIG_LOCAL "--gateway 198.18.0.1 --allow-public tcp://8.8.8.8:80",
        /* neighbours in one subnet that do not overlap */
        "run " RIG_LOCAL "--local 198.18.0.14/15 --local 198.18.0.9/15 tcp://198.19.0.1:80",
        /* the same target more than once is a weight */
        "run tcp://198.19.0.1:80 tcp://198.19.0.1:80 tcp://198.19.0.1:81",
        "run tcp://198.18.0.255:80",
        "check",
        "run --mtu 9000 --mss 8960",
        "run --mtu 576 --mss 536",
        "run tcp://[2001:2::8000:1]:443 --mtu 1280 --mss 1220",
        "check " RIG_LOCAL "--vlan 5 tcp://198.19.0.1:80",
        "serve " RIG_LOCAL,
        "serve " RIG_LOCAL "--local 2001:2::10/48 --gateway 198.18.0.1 --listen 80",
        "serve " RIG_LOCAL "--echo",
        "serve " RIG_LOCAL "--bytes 1M --after 10",
        "serve " RIG_LOCAL "--bytes 1M --close fin",
        /* every key, as the scenario of an earlier result has it */
        "serve " RIG_LOCAL "--set serve.echo=yes --set serve.bytes=0 --set serve.after=0",
        "serve " RIG_LOCAL "--echo=no --bytes 5 --after 0",
        "run --send 1 --receive 1 --close peer --hold 1s",
        "run --receive 1TiB --close rst --piggyback no",
        "run --congestion fixed --fixed-window 1KiB",
        /* a point-to-point link has no broadcast address */
        "run " RIG_DEVICE "--local 198.18.0.0/31 tcp://198.18.0.1:80",
    };

    for (size_t i = 0; i < RIG_ROWS(lines); i++)
        cr_expect(eq(int, rig_finish(&r, lines[i]), 0), "%s: %s", lines[i], r.fail.text);
}

static const struct rig_misuse misuses[] = {
    {"run http://198.19.0.1 --send 10", EXIT_USAGE, {"--send: requests are what is sent"}},
    {"run http://198.19.0.1 --receive 10", EXIT_USAGE, {"--receive: over HTTP the response"}},
    {"run http://198.19.0.1 --close peer", EXIT_USAGE, {"--close peer: the server is asked"}},
    {"run http://198.19.0.1/a --path /b", EXIT_USAGE, {"--path: 'http://198.19.0.1/a' has a path"}},
    {"run http://198.19.0.1/{x}", EXIT_USAGE, {"'/{x}': '{' is a character"}},
    {"run http://198.19.0.1 --basic a:b --bearer c", EXIT_USAGE, {"--bearer: with --basic"}},
    {"run http://198.19.0.1 --basic a:b -H authorization:c",
     EXIT_USAGE,
     {"--basic: --header has an Authorization field already"}},
    {"run http://198.19.0.1 --host a -H Host:b", EXIT_USAGE, {"--host: --header has a Host field"}},
    {"run http://198.19.0.1 --cookies yes -H Cookie:b", EXIT_USAGE, {"--cookies: --header has a"}},
    {"run http://198.19.0.1 --body a --body-bytes 1", EXIT_USAGE, {"--body-bytes: --body is"}},
    {"run http://198.19.0.1 --method HEAD --expect-body 1",
     EXIT_USAGE,
     {"--expect-body: the resp"}},
    {"run http://198.19.0.1 --csv-order random",
     EXIT_USAGE,
     {"--csv-order: there is no --csv-data"}},
    {"run http://198.19.0.1 --path 1000:/a --path 1000:/b --path 1000:/c --path 1000:/d --path "
     "999:/e",
     EXIT_USAGE,
     {"--path: the weights add up to 4999; at most 4096"}},
    {"run --path /a", EXIT_USAGE, {"--path: without HTTP it would be ignored"}},
    {"run --method POST", EXIT_USAGE, {"--method: without HTTP it would be ignored", "http://"}},
    {"serve --local 198.19.0.1/15 --device memif:/run/x --keepalive-requests 5",
     EXIT_USAGE,
     {"--keepalive-requests: without HTTP it would be ignored", "--http"}},
    {"serve --local 198.19.0.1/15 --device memif:/run/x --http --echo",
     EXIT_USAGE,
     {"--echo: with --http requests are answered"}},
    /* what the command needs */
    {"run " RIG_LOCAL,
     EXIT_USAGE,
     {"the target is missing", "at least one URL", "tcp://198.19.0.1:80"}},
    {"check " RIG_LOCAL, EXIT_USAGE, {"shakedown check: the target is missing", "URL"}},
    {"serve",
     EXIT_USAGE,
     {"--device: shakedown serve on 'loopback'", "PCI address", "shakedown run"}},
    {"serve " RIG_DEVICE, EXIT_USAGE, {"--local: shakedown serve needs at least one address"}},
    {"serve " RIG_LOCAL "tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"'tcp://198.19.0.1:80': shakedown serve", "takes no URL", "--listen"}},
    {"run --gateway 198.18.0.1", EXIT_USAGE, {"--gateway: device 'loopback' has no gateway"}},
    {"run --mac 02:00:00:00:00:01", EXIT_USAGE, {"--mac: device 'loopback' is both sides"}},
    /* options that exclude or need each other */
    {"run --mss 1461",
     EXIT_USAGE,
     {"--mss: segments of 1461 bytes", "MTU of 1500", "IPv4 at most 1460"}},
    {"run --mtu 9000 --mss 8961", EXIT_USAGE, {"MTU of 9000", "IPv4 at most 8960"}},
    {"run tcp://[2001:2::8000:1]:443 --mss 1441", EXIT_USAGE, {"over IPv6 at most 1440"}},
    {"run tcp://[2001:2::8000:1]:443 --mtu 1279", EXIT_USAGE, {"--mtu: 1279", "IPv6", "1280"}},
    {"run --stop now --drain 1s", EXIT_USAGE, {"--drain: with --stop now", "1s"}},
    {"run --requests 3", EXIT_USAGE, {"--requests: there is no payload", "--send or --receive"}},
    {"serve " RIG_LOCAL "--requests 3", EXIT_USAGE, {"--requests: there is no payload", "--bytes"}},
    {"serve " RIG_LOCAL "--requests 0 --bytes 1k", EXIT_USAGE, {"--requests: 0 is", "--after"}},
    {"serve " RIG_LOCAL "--requests 2 --echo", EXIT_USAGE, {"--requests: an echo", "leave it out"}},
    {"run --think 1s --send 1", EXIT_USAGE, {"--think: between", "give --requests"}},
    {"run -n 5", EXIT_USAGE, {"--requests-total: there are no exchanges", "--send or --receive"}},
    {"run -n 5 --requests 2 --close peer http://198.19.0.1",
     EXIT_USAGE,
     {"--close peer: with -n", "--requests 1"}},
    {"run --proxy-protocol v1 http://198.19.0.1", EXIT_USAGE, {"--proxy-protocol: on loopback"}},
    {"run --request-rate 5", EXIT_USAGE, {"--request-rate: without --send", "http://"}},
    {"run --request-rate 5 --receive 1", EXIT_USAGE, {"--request-rate: without --send"}},
    {"run --request-rate 5 --shape sine:1..5/10s --send 1",
     EXIT_USAGE,
     {"--shape: with --request-rate"}},
    {"run --request-rate 5 --rate 5 --send 1",
     EXIT_USAGE,
     {"--rate: with --request-rate connections begin as requests need them"}},
    {"serve " RIG_LOCAL "--echo --bytes 64KiB",
     EXIT_USAGE,
     {"--echo: received bytes are sent back", "--bytes 64KiB", "leave one of the two out"}},
    {"serve " RIG_LOCAL "--set serve.echo=yes --set serve.bytes=1",
     EXIT_USAGE,
     {"--echo:", "--bytes 1 "}},
    {"serve " RIG_LOCAL "--echo --after 10",
     EXIT_USAGE,
     {"--echo: ", "at once", "--after 10", "leave one of the two out"}},
    {"serve " RIG_LOCAL "--after 10",
     EXIT_USAGE,
     {"--after: once 10 are received there is nothing to send", "--bytes"}},
    {"serve " RIG_LOCAL "--after 10 --bytes 0", EXIT_USAGE, {"--after: once 10", "give --bytes"}},
    {"run --fixed-window 64KiB",
     EXIT_USAGE,
     {"--fixed-window: 64KiB would be ignored with --congestion cubic",
      "allowed is --congestion fixed"}},
    {"serve " RIG_LOCAL "--fixed-window 64KiB --congestion newreno",
     EXIT_USAGE,
     {"--fixed-window: 64KiB", "--congestion newreno; allowed"}},
    {"run --pcap-sample 9", EXIT_USAGE, {"--pcap-sample: it would be ignored", "no --pcap;"}},
    {"run --pcap-size 1G", EXIT_USAGE, {"--pcap-size: it would be ignored", "no --pcap;"}},
    {"run --pcap a --pcap-size 1k", EXIT_USAGE, {"--pcap-size"}},
    {"run --hdr-latency tls", EXIT_USAGE, {"--hdr-latency: 'tls' would be ignored", "no --hdr;"}},
    /* families */
    {"run " RIG_DEVICE "tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"--local: 'tcp://198.19.0.1:80' is an IPv4 target, but there is no local IPv4 address"}},
    {"run " RIG_LOCAL "tcp://[2001:2::8000:1]:80",
     EXIT_USAGE,
     {"--local: 'tcp://[2001:2::8000:1]:80' is an IPv6 target", "no local IPv6 address",
      "2001:2::10"}},
    {"run --local 198.18.0.10/15 tcp://[2001:2::8000:1]:80", EXIT_USAGE, {"no local IPv6 address"}},
    /* the link */
    {"run " RIG_LOCAL "tcp://10.0.0.1:80",
     EXIT_USAGE,
     {"--gateway: 10.0.0.1 of 'tcp://10.0.0.1:80' is not on the link", "no IPv4 gateway",
      "--local"}},
    {"run " RIG_DEVICE "--local 198.18.0.10 tcp://198.18.0.1:80",
     EXIT_USAGE,
     {"--gateway: 198.18.0.1 of", "not on the link", "--local with a prefix length"}},
    {"run " RIG_LOCAL "--local 2001:2::10/48 --gateway 198.18.0.1 tcp://[2001:db8::1]:80",
     EXIT_USAGE,
     {"--gateway: 2001:db8::1 of", "no IPv6 gateway"}},
    {"run " RIG_LOCAL "--gateway 10.0.0.1 tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"--gateway: 10.0.0.1 is not on the link of any local address", "--local"}},
    {"run " RIG_LOCAL "--gateway fe80::1 tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"--gateway: fe80::1 is not on the link of any local address", "2001:2::10/48"}},
    {"run " RIG_LOCAL "--gateway 198.18.0.11 tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"--gateway: 198.18.0.11 is one of the local addresses"}},
    {"serve " RIG_LOCAL "--gateway 10.0.0.1",
     EXIT_USAGE,
     {"--gateway: 10.0.0.1 is not on the link"}},
    {"run tcp://10.0.0.1:80",
     EXIT_USAGE,
     {"'tcp://10.0.0.1:80': 10.0.0.1 is not within the prefix", "on loopback", "--local"}},
    {"run --local 198.18.0.10",
     EXIT_USAGE,
     {"198.19.0.1 is not within the prefix", "prefix length"}},
    /* overlaps */
    {"run " RIG_LOCAL "--local 198.18.0.12-198.18.0.20/15 tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"--local: two ranges overlap at 198.18.0.12"}},
    {"run " RIG_LOCAL "--local 198.18.0.1-198.18.0.10/15 tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"--local: two ranges overlap at 198.18.0.10"}},
    {"run " RIG_LOCAL "--local 198.18.0.1-198.18.0.99/15 tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"--local: two ranges overlap at 198.18.0.10"}},
    {"run --local 2001:2::1/48 --local 198.18.0.10/15 --local 2001:2::1/64",
     EXIT_USAGE,
     {"--local: two ranges overlap at 2001:2::1"}},
    {"run --local 10.0.0.1-10.200.0.1/8 --local 2001:2::1-2001:2::ff:ffff/48",
     EXIT_USAGE,
     {"--local: ", "are too many", "at most 16777216"}},
    {"run " RIG_LOCAL "tcp://198.18.0.11:80",
     EXIT_USAGE,
     {"--local: the target 198.18.0.11 of 'tcp://198.18.0.11:80' is itself one of the local"}},
    {"run tcp://198.18.1.0:80", EXIT_USAGE, {"--local: the target 198.18.1.0"}},
    /* safety */
    {"run " RIG_LOCAL "--gateway 198.18.0.1 tcp://8.8.8.8:80",
     EXIT_USAGE,
     {"'tcp://8.8.8.8:80': 8.8.8.8 is a public address", "--allow-public"}},
    {"run " RIG_DEVICE "--local 2001:2::10/48 --gateway 2001:2::1 tcp://[2606:4700::1111]:80",
     EXIT_USAGE,
     {"2606:4700::1111 is a public address", "--allow-public"}},
    {"run tcp://198.20.0.1:80", EXIT_USAGE, {"198.20.0.1 is a public address", "--allow-public"}},
    {"check tcp://8.8.8.8:80", EXIT_USAGE, {"8.8.8.8 is a public address", "--allow-public"}},
    {"run " RIG_LOCAL "--gateway 198.18.0.1 --allow-public tcp://224.0.0.1:80",
     EXIT_USAGE,
     {"'tcp://224.0.0.1:80': 224.0.0.1 is not the address of one host", "never be a target"}},
    {"run --allow-public tcp://0.0.0.0:80", EXIT_USAGE, {"0.0.0.0 is not the address of one host"}},
    {"run --allow-public tcp://255.255.255.255:80",
     EXIT_USAGE,
     {"255.255.255.255 is not the address"}},
    {"run --allow-public tcp://[ff02::1]:80",
     EXIT_USAGE,
     {"ff02::1 is not the address of one host"}},
    {"run --allow-public tcp://[::]:80", EXIT_USAGE, {":: is not the address of one host"}},
    {"run --allow-public tcp://[::ffff:10.0.0.1]:80",
     EXIT_USAGE,
     {"is not the address of one host"}},
    {"run " RIG_LOCAL "tcp://198.19.255.255:80", EXIT_USAGE, {"198.19.255.255 is not the address"}},
    {"run " RIG_LOCAL "tcp://198.18.0.0:80",
     EXIT_USAGE,
     {"198.18.0.0 is not the address of one host"}},
    {"run --allow-public tcp://127.0.0.1:80", EXIT_USAGE, {"127.0.0.1 is not the address of one"}},
    {"run --allow-public tcp://[::1]:80", EXIT_USAGE, {"::1 is not the address of one host"}},
    {"check " RIG_DEVICE "--local 8.8.8.1-8.8.8.100/24 tcp://8.8.8.200:80",
     EXIT_USAGE,
     {"--local: 8.8.8.1 is a public address", "--allow-public"}},
    {"run " RIG_LOCAL "--local 8.8.8.1/24 tcp://198.18.0.1:80",
     EXIT_USAGE,
     {"--local: 8.8.8.1 is a public address", "--allow-public"}},
    {"run " RIG_DEVICE "--local 10.255.255.255-11.0.0.9/7 tcp://10.0.0.1:80",
     EXIT_USAGE,
     {"--local: 11.0.0.9 is a public address", "--allow-public"}},
    {"run " RIG_DEVICE "--local 9.255.255.250-10.0.0.9/6 tcp://10.0.0.1:80",
     EXIT_USAGE,
     {"--local: 9.255.255.250 is a public address", "--allow-public"}},
    {"run " RIG_DEVICE "--local 198.19.255.1-198.51.100.9/10 tcp://198.18.0.1:80",
     EXIT_USAGE,
     {"--local: between 198.19.255.1 and its range's end", "split the range"}},
    {"serve " RIG_DEVICE "--local 2606:4700::1/64",
     EXIT_USAGE,
     {"--local: 2606:4700::1 is a public address", "--allow-public"}},
    {"run " RIG_DEVICE "--local 10.0.0.1/6 --gateway 8.8.8.254 tcp://10.0.0.2:80",
     EXIT_USAGE,
     {"--gateway: 8.8.8.254 is a public address", "--allow-public"}},
    {"run " RIG_LOCAL "--gateway 198.19.255.255 tcp://198.18.0.1:80",
     EXIT_USAGE,
     {"--gateway: 198.19.255.255 is not the address of one host", "router"}},
    {"run " RIG_DEVICE "--local 127.0.0.1-127.0.0.5/8 tcp://10.0.0.2:80",
     EXIT_USAGE,
     {"'127.0.0.1-127.0.0.5/8' is not for hosts", "unicast"}},
    /* arithmetic; plan's own tests have the rest */
    {"run --ports 5000-5009 --local 198.18.0.10/15 --connections 11",
     EXIT_USAGE,
     {"--local: 1 address x 10 ports x 1 target = 10 tuples are too few", "--connections 11",
      "= 11"}},
    {"run --lcores 4 --connections 3",
     EXIT_USAGE,
     {"--connections: 3 is less than", "4 of --lcores"}},
    {"run --confirm payload", EXIT_USAGE, {"--confirm: the target is to send no payload"}},
    {"run --half-open 4s", EXIT_USAGE, {"--half-open: such a load is bounded", "--rate"}},
    {"run --half-open 1s --rate 10", EXIT_USAGE, {"--half-open: in 1s", "2s to 30m"}},
    {"run --half-open 4s --rate 10 --hold 1s", EXIT_USAGE, {"--hold: with --half-open"}},
    {"run --half-open 4s --rate 10 --send 1", EXIT_USAGE, {"--send: with --half-open"}},
    {"run --half-open 4s --rate 10 --confirm close", EXIT_USAGE, {"--confirm: with --half-open"}},
    {"run http://198.19.0.1/ --half-open 4s --rate 10", EXIT_USAGE, {"--half-open", "tcp://"}},
    {"run tls://198.19.0.1 --half-open 4s --rate 10", EXIT_USAGE, {"--half-open", "tcp://"}},
    {"run tcp://198.18.0.1:80 " RIG_LOCAL "--half-open 4s --rate 10",
     EXIT_USAGE,
     {"--half-open", "--i-own-the-target"}},
    {"run tcp://8.8.8.8:80 " RIG_LOCAL "--gateway 198.18.0.1 --half-open 4s --rate 10 "
     "--i-own-the-target --allow-public",
     EXIT_USAGE,
     {"'tcp://8.8.8.8:80': --half-open is for private", "--allow-public"}},
    {"run tcp://198.18.0.1:80 " RIG_LOCAL "--half-open 4s --rate 100k --i-own-the-target",
     EXIT_USAGE,
     {"--rate", "addresses with --local"}},
    {"run --confirm close --close rst", EXIT_USAGE, {"--confirm: with --close rst"}},
    {"run --sample 300ms", EXIT_USAGE, {"--sample: a second is no multiple of 300ms", "100ms"}},
};

Test(finish, each_misfit_is_one_sentence_that_names_option_value_and_what_is_allowed)
{
    for (size_t i = 0; i < RIG_ROWS(misuses); i++)
        rig_expect_misuse(rig_finish, &misuses[i]);
}

Test(finish, classes_have_protocols_and_checks_of_their_own)
{
    cr_assert(zero(int, rig_parse(&r, "run tcp://198.19.0.1:80 tls://198.19.0.2:443 "
                                      "tls://198.19.0.3:443 --local 198.18.0.10/15")));
    r.conf.n_classes = 2;
    r.conf.classes[1] = r.conf.classes[0];
    r.conf.targets[1].class_idx = r.conf.targets[2].class_idx = 1;
    cr_assert(zero(int, conf_finish(&r.conf, &r.fail)), "%s", r.fail.text);
    cr_expect(not(r.conf.classes[0].is_tls));
    cr_expect(eq(int, r.conf.classes[0].tls.self_signed, KEY_NONE));
    cr_expect(r.conf.classes[1].is_tls);
    cr_expect(eq(int, r.conf.classes[1].tls.self_signed, KEY_P256));
    cr_expect(conf_is_tls(&r.conf));

    r.conf.targets[2].class_idx = 0;
    cr_assert(eq(int, conf_finish(&r.conf, &r.fail), -1));
    cr_expect(strstr(r.fail.text, "'tcp://198.19.0.1:80' and 'tls://198.19.0.3:443'") != NULL, "%s",
              r.fail.text);
}

Test(finish, a_limit_is_of_a_server_side)
{
    cr_assert(eq(int, rig_finish(&r, "run --limit-cps 10k --limit-mode drop"), 0), "%s",
              r.fail.text);
    cr_assert(eq(u64, r.conf.limit_cps, 10000));
    cr_assert(eq(int,
                 rig_finish(&r, "serve --device net_null0 --local 198.19.0.1/15 "
                                "--limit-cps 10k"),
                 0),
              "%s", r.fail.text);
    cr_assert(eq(int, r.conf.limit_mode, LIMIT_RST));
    cr_assert(eq(int,
                 rig_finish(&r, "run --device net_null0 --local 198.18.0.1/15 --limit-cps 1 "
                                "tcp://198.19.0.1:80"),
                 -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    cr_assert(strstr(r.fail.text, "--limit-cps: ") != NULL, "%s", r.fail.text);
    cr_assert(eq(int, rig_finish(&r, "run --limit-mode drop"), -1));
    cr_assert(strstr(r.fail.text, "--limit-mode: drop ") != NULL, "%s", r.fail.text);
}

/* Linux keeps what is half open for 63 s. */
Test(finish, addresses_and_ports_of_half_open_connections_rest_until_a_target_has_forgotten_them)
{
    cr_assert(eq(int, rig_finish(&r, "run --half-open 4s --rate 1k"), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.reuse_ns, 64 * NS_PER_SEC));
    cr_assert(ge(u64, r.conf.connections, 4000));
    cr_assert(eq(int, rig_finish(&r, "run --half-open 4s --rate 1k --reuse 2s"), 0), "%s",
              r.fail.text);
    cr_assert(eq(u64, r.conf.reuse_ns, 2 * NS_PER_SEC));
    cr_assert(eq(int, rig_finish(&r, "run --rate 1k"), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.reuse_ns, NS_PER_SEC));
}
