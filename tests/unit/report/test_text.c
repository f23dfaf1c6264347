/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/text.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sample.h"

static struct sample s;
static struct fail f;

static char *
written(void)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    cr_assert(zero(int, text_write(out, &s.r, &f)));
    fclose(out);
    return text;
}

static void
assert_has(const char *part)
{
    char *text = written();
    bool has_it = strstr(text, part) != NULL;

    cr_assert(has_it, "\"%s\" is missing in:\n%s", part, text);
    free(text);
}

static void
assert_lacks(const char *part)
{
    char *text = written();
    bool has_it = strstr(text, part) != NULL;

    cr_assert(not(has_it), "\"%s\" is in:\n%s", part, text);
    free(text);
}

/* Nothing failed, nothing is remarkable. */
static void
calm_down(void)
{
    memset(s.r.cores[0].total.failures, 0, sizeof(s.r.cores[0].total.failures));
    s.r.cores[0].total.counters[CTR_failed] = 0;
    s.r.cores[0].total.counters[CTR_closed] = 996;
    report_result_sum(&s.r);
}

Test(text, a_summary_says_what_ran_and_what_came_of_it)
{
    char *text;

    sample_init(&s);
    s.r.cores[0].total.counters[CTR_retransmits] = 12345;
    s.r.cores[1].total.counters[CTR_bad_header] = 7;
    text = written();
    cr_assert(eq(
        str, text,
        "shakedown 0.1.0, DPDK 22.11.11: run on loopback to tcp://198.19.0.1:80, 100/s, at most "
        "1,024 open, close fin, 1 client core, 1 server core, 10.0 s\n"
        "\n"
        "connections\n"
        "  attempted              1,000\n"
        "  established              998   99.8/s\n"
        "  closed                   993\n"
        "  failed                     3\n"
        "  open                       4\n"
        "\n"
        "frames\n"
        "  received               3,000   300/s, 144 kbit/s\n"
        "  sent              30,000,000   3.00M/s, 1.44 Gbit/s\n"
        "\n"
        "latency               p50        p90        p99      p99.9        max\n"
        "  connect          200 ns     200 ns     200 ns    50.0 us    50.0 us\n"
        "  lateness         100 ns     100 ns     100 ns     100 ns     100 ns\n"
        "\n"
        "cores\n"
        "  lcore  role     busy     attempted   established        closed        failed        "
        "open  rx Mpps  tx Mpps\n"
        "      1  client   90 %         1,000           998           993             3         "
        "  4    0.000    3.000\n"
        "      2  server   50 %           999           999           994             0         "
        "  5    0.000    3.000\n"
        "\n"
        "memory\n"
        "  4,096 records of 64 bytes; the responder takes 104 bytes a connection\n"
        "\n"
        "why connections failed\n"
        "  client timeout                       2 connections  no answer to the SYN, or SYN-ACK, "
        "within "
        "timeout.connect\n"
        "  client reset                         1 connections  the other side sent RST after the "
        "handshake\n"
        "\n"
        "worth knowing\n"
        "  server bad_header                    7 frames       frames dropped because a length "
        "or version was wrong\n"
        "  client retransmits              12,345 segments     SYN, SYN-ACK and FIN segments "
        "sent again after a time-out\n"
        "\n"
        "what may help\n"
        "  Some SYNs were never answered: the target's listen queue overflowed (nstat -az\n"
        "  TcpExtListenOverflows), something between drops them, or the rate is beyond what the "
        "target\n"
        "  takes. Try a lower --rate.\n"));
    free(text);
}

Test(text, a_clean_closed_loop_has_neither_lateness_nor_causes_nor_advice)
{
    sample_init(&s);
    calm_down();
    hist_init(&s.r.totals.lateness);
    assert_lacks("lateness");
    assert_lacks("why connections failed");
    assert_lacks("worth knowing");
    assert_lacks("what may help");
    assert_lacks("interrupted");
    assert_lacks("limited by");
}

Test(text, a_run_without_samples_has_no_latency_table)
{
    sample_init(&s);
    hist_init(&s.r.totals.lateness);
    hist_init(&s.r.totals.connect);
    assert_lacks("latency");
}

Test(text, the_first_line_names_the_rest_of_the_load)
{
    sample_init(&s);
    s.conf.n_targets = 3;
    s.conf.rate = 0;
    s.conf.hold_ns = 1500 * NS_PER_MS;
    s.conf.close = CLOSE_PEER;
    s.r.interrupted = true;
    assert_has(
        ": run on loopback to tcp://198.19.0.1:80 and 2 more, at most 1,024 open, hold 1500ms, "
        "close peer, 1 client core, 1 server core, 10.0 s (interrupted)\n");
}

Test(text, serve_has_no_target_and_its_cores_accept)
{
    sample_init(&s);
    s.conf.command = CONF_SERVE;
    s.r.cores[0].role = ROLE_SERVER;
    s.r.records = 0;
    assert_has(": serve on loopback, 2 server cores, 10.0 s\n");
    assert_lacks("memory");
}

Test(text, what_was_the_limit_is_said_once_it_is_decided)
{
    sample_init(&s);
    s.r.limited_by = LIMIT_GENERATOR;
    s.r.n_why = 1;
    strcpy(s.r.why[0], "the cores were busy");
    assert_has("\nlimited by: generator\n  the cores were busy\n");
}

static void
all_frames_are_bad(void)
{
    uint64_t *c = s.r.cores[0].total.counters;

    c[CTR_bad_checksum] = 2990;
    c[CTR_arp_received] = 10;
    report_result_sum(&s.r);
}

Test(text, bad_checksums_on_every_frame_of_a_virtual_device_bring_the_command_that_mends_it)
{
    static const char *const devices[] = {"net_af_packet0,iface=veth0", "net_af_xdp0,iface=veth0",
                                          "net_tap0,iface=tap0"};

    for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
        sample_init_device(&s, devices[i]);
        s.r.host.driver[0] = '\0';
        all_frames_are_bad();
        assert_has("      ethtool -K IFACE tx off gso off tso off gro off\n");
        assert_has("  client bad_checksum              2,990 frames ");
    }
}

Test(text, a_few_bad_checksums_bring_no_such_advice)
{
    sample_init_device(&s, "net_af_packet0,iface=veth0");
    all_frames_are_bad();
    s.r.totals.counters[CTR_bad_checksum]--;
    assert_lacks("ethtool");
}

Test(text, silence_is_no_bad_checksum)
{
    sample_init_device(&s, "net_af_packet0,iface=veth0");
    s.r.totals.counters[CTR_rx_packets] = 0;
    assert_lacks("ethtool");
}

Test(text, bad_checksums_on_a_nic_are_not_the_kernels_doing)
{
    sample_init_device(&s, "0000:3b:00.0");
    strcpy(s.r.host.driver, "net_ixgbe");
    all_frames_are_bad();
    assert_lacks("ethtool");
}

static void
fails_by(enum stat_failure cause, uint64_t established)
{
    struct stat_block *b;

    sample_init_device(&s, "0000:3b:00.0");
    b = &s.r.cores[0].total;
    memset(b->failures, 0, sizeof(b->failures));
    b->failures[cause] = 3;
    b->counters[CTR_established] = established;
    report_result_sum(&s.r);
}

Test(text, each_way_to_fail_brings_its_own_advice)
{
    fails_by(FAILURE_refused, 0);
    assert_has("nothing listens on that port");
    fails_by(FAILURE_refused, 500);
    assert_has("refused some connections while it took others");
    assert_lacks("nothing listens on that port. On");
    fails_by(FAILURE_timeout, 0);
    assert_has("Not one SYN was answered.");
    fails_by(FAILURE_timeout, 500);
    assert_has("Some SYNs were never answered");
    assert_lacks("Not one SYN");
    fails_by(FAILURE_unreachable, 0);
    assert_has("cannot be reached");
    fails_by(FAILURE_reset, 500);
    assert_lacks("what may help");
}

Test(text, timeouts_that_bad_checksums_explain_do_not_blame_the_path)
{
    fails_by(FAILURE_timeout, 0);
    s.r.totals.counters[CTR_bad_checksum] = 1;
    assert_lacks("Not one SYN");
}

Test(text, the_generators_own_limits_bring_advice)
{
    sample_init(&s);
    calm_down();
    s.r.cores[0].total.counters[CTR_records_exhausted] = 5;
    assert_has("raise\n  --connections");
    sample_init(&s);
    calm_down();
    s.r.cores[1].total.counters[CTR_rx_missed] = 5;
    assert_has("Use more --lcores");
}

Test(text, every_remarkable_counter_is_listed_with_its_meaning)
{
    static const enum stat_counter counters[] = {
        CTR_bad_checksum, CTR_bad_header,        CTR_rx_missed,
        CTR_tx_dropped,   CTR_records_exhausted, CTR_mbufs_exhausted,
        CTR_late_starts,  CTR_retransmits,       CTR_stray};

    for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
        sample_init(&s);
        calm_down();
        assert_lacks(stat_counter_names[counters[i]].name);
        s.r.cores[1].total.counters[counters[i]] = 1;
        assert_has(stat_counter_names[counters[i]].name);
        assert_has(stat_counter_names[counters[i]].meaning);
    }
}

Test(text, a_full_disk_is_an_error)
{
    FILE *out = fopen("/dev/full", "w");

    sample_init(&s);
    cr_assert(eq(int, text_write(out, &s.r, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(eq(str, f.text, "the summary could not be written: No space left on device"));
    fclose(out);
}
