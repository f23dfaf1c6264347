/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/criteria.h"
#include "report/text.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "lines.h"
#include "report/hints.h"
#include "report/rows.h"
#include "sample.h"

static struct sample s;
static struct fail f;

static char *
written(void)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    cr_assert(zero(int, text_write(out, &s.r, false, &f)));
    fclose(out);
    return text;
}

/* Each break of a line, with the indent behind it, becomes a space. */
static void
unwrap(char *text)
{
    char *to = text;

    for (const char *p = text; *p != '\0'; p++) {
        bool is_break = *p == '\n';

        *to++ = is_break ? ' ' : *p;
        if (is_break)
            p += strspn(p + 1, " ");
    }
    *to = '\0';
}

/* As it stands, or broken into lines. */
static bool
text_has(const char *part)
{
    char *text = written();
    bool has_it = strstr(text, part) != NULL;

    unwrap(text);
    has_it = has_it || strstr(text, part) != NULL;
    free(text);
    return has_it;
}

static void
assert_has(const char *part)
{
    char *text = written();

    cr_assert(text_has(part), "\"%s\" is missing in:\n%s", part, text);
    free(text);
}

static void
assert_lacks(const char *part)
{
    char *text = written();

    cr_assert(not(text_has(part)), "\"%s\" is in:\n%s", part, text);
    free(text);
}

static void
close_all(struct stat_block *b)
{
    b->counters[CTR_closed] += b->open;
    b->open = 0;
    memset(b->open_by, 0, sizeof(b->open_by));
}

/* Nothing failed or is open, nothing is notable. */
static void
calm_down(void)
{
    memset(s.r.cores[0].total.failures, 0, sizeof(s.r.cores[0].total.failures));
    s.r.cores[0].total.counters[CTR_failed] = 0;
    s.r.cores[0].total.counters[CTR_closed] = 996;
    close_all(&s.r.cores[0].total);
    report_result_sum(&s.r);
}

Test(text, a_summary_says_what_ran_and_what_came_of_it)
{
    char *text;

    sample_init(&s);
    s.r.cores[0].total.counters[CTR_retransmits] = 12345;
    s.r.cores[1].total.counters[CTR_bad_header] = 7;
    text = written();
    cr_assert(
        eq(str, text,
           "limit: target (listen queue, or a firewall); schedule adherence 100.00 %\n"
           "shakedown 0.1.0, DPDK 22.11.11: run on loopback to tcp://198.19.0.1:80, 100/s,\n"
           "  at most 1,024 open, close fin, 1 client core, 1 server core, 10.0 s\n"
           "\n"
           "connections\n"
           "  attempted              1,000\n"
           "  established              998   99.8/s\n"
           "  closed                   993\n"
           "  failed                     3\n"
           "  open                       4   1 connecting, 3 closing\n"
           "\n"
           "frames\n"
           "  received               3,000   300/s, 144 kbit/s\n"
           "  sent              30,000,000   3.00M/s, 1.44 Gbit/s\n"
           "\n"
           "latency             p50      p90      p95      p99    p99.9   p99.99      max\n"
           "  connect        200 ns   200 ns   200 ns   200 ns  50.0 us  50.0 us  50.0 us\n"
           "  lateness       100 ns   100 ns   100 ns   100 ns   100 ns   100 ns   100 ns\n"
           "\n"
           "cores\n"
           "  lcore  role     busy        closed       failed        open  rx Mpps  tx Mpps\n"
           "      1  client   90 %           993            3           4    0.000    3.000\n"
           "      2  server   50 %           994            0           5    0.000    3.000\n"
           "\n"
           "memory\n"
           "  4,096 records of 64 bytes; the server takes 104 bytes a connection\n"
           "\n"
           "why connections failed\n"
           "  client timeout                       2  no answer to the SYN or SYN-ACK within\n"
           "                                          timeout.connect\n"
           "  client reset                         1  the peer sent RST after the handshake\n"
           "\n"
           "notable counters\n"
           "  server bad_header                    7  frames dropped for a bad length or\n"
           "                                          version in a header\n"
           "  client retransmits              12,345  segments retransmitted, for any reason\n"
           "\n"
           "what speaks for the limit, and against it\n"
           "  * 2 of 1,000 connections: no answer to the SYN or SYN-ACK within\n"
           "    timeout.connect\n"
           "  * 1 of 1,000 connections: the peer sent RST after the handshake\n"
           "\n"
           "what may help\n"
           "  * Some SYNs were never answered: the target's listen queue overflowed (nstat\n"
           "    -az TcpExtListenOverflows), something between drops them, or the rate is\n"
           "    beyond what the target takes. Try a lower --rate.\n"
           "  * The target reset connections that were established: its program closed them\n"
           "    with bytes unread, or crashed, or its accept queue was closed, or full with\n"
           "    net.ipv4.tcp_abort_on_overflow. Its log may say why. On the target:\n"
           "      nstat -az TcpExtListenOverflows TcpExtTCPAbortOnData TcpExtTCPAbortOnClose\n"
           "  * Connections were under way when --drain was over: whether they would have\n"
           "    failed is not known. Without --drain each is waited for until it ends or its\n"
           "    timeout comes, unless it makes progress all the time.\n"));
    free(text);
}

Test(text, criteria_stand_behind_the_first_lines_with_what_the_run_came_to)
{
    static struct criteria c;
    struct fail f;

    sample_init(&s);
    cr_assert(zero(int, criteria_parse(&c, "failed < 1%, tls.p99 < 1s, connect.p99 < 1h", &f)));
    criteria_judge(&c, &s.r);
    s.r.criteria = &c;
    assert_has("\ncriteria\n"
               "  pass  failed < 1%                                  0.3 %\n"
               "  FAIL  tls.p99 < 1s                                 no samples\n"
               "  pass  connect.p99 < 1h                             200 ns\n"
               "\nconnections\n");
}

Test(text, a_clean_closed_loop_has_neither_lateness_nor_causes_nor_advice)
{
    sample_init(&s);
    calm_down();
    hist_init(&s.r.totals.latency[LAT_lateness]);
    assert_lacks("lateness");
    assert_lacks("why connections failed");
    assert_lacks("notable counters");
    assert_lacks("what may help");
    assert_lacks("interrupted");
}

Test(text, a_run_without_samples_has_no_latency_table)
{
    sample_init(&s);
    hist_init(&s.r.totals.latency[LAT_lateness]);
    hist_init(&s.r.totals.latency[LAT_connect]);
    assert_lacks("latency");
}

Test(text, payload_has_a_table_of_its_own_and_a_row_of_latency)
{
    sample_init_payload(&s);
    assert_has("\n"
               "frames\n"
               "  received               3,000   300/s, 144 kbit/s\n"
               "  sent              30,000,000   3.00M/s, 1.44 Gbit/s\n"
               "\n"
               "payload\n"
               "  received       1,000,000,000   bytes, 800 Mbit/s\n"
               "  sent              10,000,000   bytes, 8.00 Mbit/s\n"
               "  retransmits           45,000   segments, 0.15 % of the frames sent\n"
               "\n"
               "latency             p50      p90      p95      p99    p99.9   p99.99      max\n"
               "  connect        200 ns   200 ns   200 ns   200 ns  50.0 us  50.0 us  50.0 us\n"
               "  transfer      2.00 ms  2.00 ms  2.00 ms   300 ms   300 ms   300 ms   300 ms\n"
               "  lateness       100 ns   100 ns   100 ns   100 ns   100 ns   100 ns   100 ns\n");
}

Test(text, requests_say_how_many_were_as_asked_for_and_their_bytes)
{
    sample_init(&s);
    s.r.totals.counters[CTR_requests] = 2100;
    s.r.totals.counters[CTR_responses] = 2000;
    s.r.totals.counters[counter_row("http_good")] = 1500;
    s.r.totals.counters[counter_row("http_good_body_bytes")] = 150000;
    assert_has("  answered               2,000   200/s");
    assert_lacks("as asked for");
    s.r.has_http = true;
    s.r.totals.counters[counter_row("http_header_bytes")] = 80000;
    s.r.totals.counters[counter_row("http_body_bytes_sent")] = 5000;
    assert_has("  as asked for           1,500   150/s, goodput 120 kbit/s");
    assert_has("  heads                 80,000   bytes received, 0 sent");
    assert_has("  bodies                     0   bytes received, 5,000 sent");
}

Test(text, what_was_confirmed_stands_below_what_was_established)
{
    sample_init(&s);
    assert_lacks("confirmed");
    s.conf.classes[0].confirm = CONFIRM_CLOSE;
    assert_has("  established              998   99.8/s\n"
               "  confirmed                993   99.3/s, 99.50 % of them\n");
}

/* Rounded down, so that 100 % is all of them. */
Test(text, the_first_line_says_how_well_starts_kept_to_the_schedule)
{
    sample_init(&s);
    s.r.totals.counters[CTR_late_starts] = 1;
    s.r.totals.counters[CTR_starts_dropped] = 99000;
    s.r.worst_second = (struct result_adherence){.due = 100000, .on_time = 99999};
    s.r.worst_second_s = 3.0004;
    assert_has("limit: generator (CPU of worker 1); schedule adherence 0.99 %, worst second\n"
               "  99.99 % (to 3.0 s)\nshakedown 0.1.0");
    hist_init(&s.r.totals.latency[LAT_lateness]);
    s.r.totals.counters[CTR_late_starts] = s.r.totals.counters[CTR_starts_dropped] = 0;
    assert_lacks("adherence");
}

Test(text, a_run_without_tls_says_nothing_of_it)
{
    sample_init(&s);
    assert_lacks("TLS");
    assert_lacks("tls");
    assert_lacks("OpenSSL");
}

Test(text, tls_says_what_computed_where_it_was_not_openssl_alone)
{
    sample_init_tls(&s);
    assert_lacks("computed by");
    s.r.tls_provider = "openssl";
    assert_lacks("computed by");
    s.r.tls_provider = "crypto_mb";
    assert_has("of them resumed 300\n"
               "  computed by  crypto_mb\n"
               "  versions     TLSv1.3");
    tls_spread_count(&s.r.tls.batches[LANE_X25519_SHARED], 8);
    tls_spread_count(&s.r.tls.batches[LANE_X25519_SHARED], 7);
    tls_spread_count(&s.r.tls.batches[LANE_P256_SIGN], 4);
    assert_has("  computed by  crypto_mb\n"
               "  together     7.5 x25519_shared, 4.0 p256_sign, on average\n");
}

Test(text, tls_says_what_was_agreed_on_how_long_it_took_and_why_it_failed)
{
    sample_init_tls(&s);
    assert_has("shakedown 0.1.0, DPDK 22.11.11, OpenSSL 3.0.17: run on loopback to "
               "tls://198.19.0.1:443, 100/s,");
    assert_has("\n"
               "TLS\n"
               "  handshakes             1,000   100/s, of them resumed 300\n"
               "  versions     TLSv1.3 90.00 %, TLSv1.2 10.00 %\n"
               "  ciphers      TLS_AES_256_GCM_SHA384 90.00 %, ECDHE-RSA-AES128-GCM-SHA256\n"
               "               10.00 %\n"
               "  groups       X25519 70.00 %, none 30.00 %\n"
               "\n"
               "latency             p50      p90      p95      p99    p99.9   p99.99      max\n"
               "  connect        200 ns   200 ns   200 ns   200 ns  50.0 us  50.0 us  50.0 us\n"
               "  tls           2.00 ms  2.00 ms  2.00 ms  2.00 ms  2.00 ms  2.00 ms  2.00 ms\n"
               "  tls resumed    500 us   500 us   500 us   500 us   500 us   500 us   500 us\n"
               "  lateness       100 ns   100 ns   100 ns   100 ns   100 ns   100 ns   100 ns\n");
    assert_has("\nmemory\n"
               "  4,096 records of 64 bytes; the server takes 104 bytes a connection\n"
               "  TLS takes 46.0 KiB a connection in handshake, 12.0 KiB idle\n");
    assert_has("  client tls_alert                     4  the peer refused the TLS handshake, or\n"
               "                                          ended TLS, with an alert\n"
               "         OpenSSL: sslv3 alert handshake failure\n"
               "  client tls_untrusted                 1  the peer's certificate did not verify\n"
               "         OpenSSL: certificate verify failed\n"
               "\n"
               "TLS alerts and certificates\n"
               "  received  handshake_failure                     3\n"
               "  received  unknown_ca                            1\n"
               "  untrusted certificate has expired               1\n");
}

Test(text, what_handshakes_take_of_the_wire_is_told_by_kind)
{
    struct tls_spread *full = s.r.tls.sizes[TLS_FULL];

    sample_init_tls(&s);
    tls_spread_count(&full[TLS_SIZE_sent_bytes], 365);
    tls_spread_count(&full[TLS_SIZE_sent_bytes], 1365);
    tls_spread_count(&full[TLS_SIZE_sent_segments], 2);
    tls_spread_count(&full[TLS_SIZE_received_bytes], 765);
    tls_spread_count(&full[TLS_SIZE_received_segments], 1);
    assert_has("  full         sent 365 to 1,365 bytes in 2 segments, received 765 bytes in 1\n"
               "               segment\n\n");
}

Test(text, what_all_handshakes_have_in_common_fits_a_line)
{
    sample_init_tls(&s);
    s.r.tls.versions = (struct tls_rows){.n = 1, .rows = {{"TLSv1.3", 1000}}};
    s.r.tls.ciphers = (struct tls_rows){.n = 1, .rows = {{"TLS_AES_256_GCM_SHA384", 1000}}};
    s.r.tls.groups = (struct tls_rows){.n = 1, .rows = {{"X25519", 1000}}};
    assert_has("resumed 300\n  all with     TLSv1.3, TLS_AES_256_GCM_SHA384, X25519\n\n");
    s.r.tls.alpn = (struct tls_rows){.n = 1, .rows = {{"h2", 1000}}};
    assert_has("  all with     TLSv1.3, TLS_AES_256_GCM_SHA384, X25519, h2\n\n");
    s.r.tls.alpn.rows[0].count = 999; /* one had none */
    assert_has("  versions     TLSv1.3 100.00 %\n"
               "  ciphers      TLS_AES_256_GCM_SHA384 100.00 %\n"
               "  groups       X25519 100.00 %\n"
               "  alpn         h2 99.90 %\n\n");
}

Test(text, names_of_tls_are_the_most_frequent_ones_and_the_rest_is_summed_up)
{
    sample_init_tls(&s);
    s.r.tls.groups = (struct tls_rows){
        .n = 6,
        .rows = {{"a", 10}, {"b", 400}, {"c", 100}, {"d", 20}, {"e", 300}, {"f", 100}},
        .others = 70};
    assert_has("  groups       b 40.00 %, e 30.00 %, c 10.00 %, f 10.00 %, others 10.00 %\n");
}

Test(text, tls_without_a_completed_handshake_has_no_line_of_what_was_agreed_on)
{
    sample_init_tls(&s);
    s.r.totals.counters[CTR_tls_handshakes] = 0;
    s.r.totals.counters[CTR_tls_resumed] = 0;
    s.r.tls = (struct tls_tally){0};
    assert_has("\nTLS\n  handshakes                 0   0/s, of them resumed 0\n\nlatency");
    assert_lacks("TLS takes");
    assert_lacks("TLS alerts");
    assert_lacks("         OpenSSL: ");
}

Test(text, names_from_another_host_do_not_reach_the_terminal_as_commands)
{
    sample_init_tls(&s);
    s.r.tls.alpn = (struct tls_rows){.n = 1, .rows = {{"h\x1b[2J\xff", 10}}};
    strcpy(s.r.tls.examples[TLS_CAUSE_ALERT_RECEIVED], "a\nb");
    assert_has("  alpn         h?[2J? 1.00 %\n");
    assert_has("         OpenSSL: a?b\n");
}

Test(text, openssls_words_are_of_the_side_that_is_summed_up)
{
    sample_init_tls(&s);
    s.r.cores[1].total.failures[FAILURE_tls_closed] = 1;
    strcpy(s.r.tls.examples[TLS_CAUSE_CLOSED], "unexpected eof");
    assert_has("  server tls_closed ");
    assert_lacks("unexpected eof");
    s.r.cores[0].total.failures[FAILURE_tls_closed] = 1;
    assert_has("         OpenSSL: unexpected eof\n  server tls_closed ");
}

Test(text, the_memory_of_tls_is_told_of_a_server_too)
{
    sample_init_tls(&s);
    s.r.records = 0;
    assert_has("\nmemory\n  TLS takes 46.0 KiB a connection in handshake, 12.0 KiB idle\n");
    s.r.tls.idle_bytes = 0;
    assert_has("\nmemory\n  TLS takes 46.0 KiB a connection in handshake\n");
}

Test(text, payload_in_one_direction_is_payload)
{
    sample_init_payload(&s);
    s.r.totals.counters[CTR_rx_payload_bytes] = 0;
    assert_has("\npayload\n  received                   0   bytes, 0 bit/s\n");
    s.r.totals.counters[CTR_rx_payload_bytes] = 1;
    s.r.totals.counters[CTR_tx_payload_bytes] = 0;
    assert_has("  sent                       0   bytes, 0 bit/s\n");
    s.r.totals.counters[CTR_rx_payload_bytes] = 0;
    assert_lacks("\npayload\n");
}

Test(text, the_share_sent_again_tells_little_from_nothing)
{
    sample_init_payload(&s);
    s.r.totals.counters[CTR_retransmits] = 0;
    assert_has("  retransmits                0   segments, 0 % of the frames sent\n");
    s.r.totals.counters[CTR_retransmits] = 1;
    assert_has("  retransmits                1   segments, less than 0.01 % of the frames sent\n");
    s.r.totals.counters[CTR_retransmits] = 30000000;
    assert_has(", 100.00 % of the frames sent\n");
    s.r.totals.counters[CTR_tx_packets] = 0;
    assert_has(", 0 % of the frames sent\n");
}

Test(text, transfers_alone_make_a_latency_table)
{
    sample_init_payload(&s);
    hist_init(&s.r.totals.latency[LAT_lateness]);
    hist_init(&s.r.totals.latency[LAT_connect]);
    assert_has("max\n  transfer      2.00 ms  2.00 ms  2.00 ms   300 ms   300 ms   300 ms   300 "
               "ms\n\ncores");
}

Test(text, the_first_line_names_the_payload_asked_for)
{
    sample_init_payload(&s);
    assert_has(", at most 1,024 open, send 10k, receive 1MiB, close fin, 1 client core");
    s.conf.command = CONF_SERVE;
    s.conf.classes[0].answer_bytes = 65536;
    assert_has(": serve on loopback, answer 64KiB, 1 client core");
    s.conf.classes[0].answer_after = 100;
    assert_has(": serve on loopback, answer 64KiB after 100, 1 client core");
    s.conf.classes[0].answer_bytes = s.conf.classes[0].answer_after = 0;
    s.conf.classes[0].echo = true;
    assert_has(": serve on loopback, echo, 1 client core");
}

Test(text, the_first_line_names_the_rest_of_the_load)
{
    sample_init(&s);
    s.conf.n_targets = 3;
    s.conf.rate_milli = 0;
    s.conf.classes[0].hold_ns = 1500 * NS_PER_MS;
    s.conf.classes[0].close = CLOSE_PEER;
    s.r.interrupted = true;
    assert_has(": run on loopback to tcp://198.19.0.1:80 and 2 more, at most 1,024 open, hold "
               "1500ms, close peer, 1 client core, 1 server core, 10.0 s (interrupted)");
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

Test(text, frames_that_broke_off_bring_the_command_that_mends_it)
{
    sample_init_device(&s, "net_af_packet0,iface=veth0");
    assert_lacks("ethtool");
    s.r.cores[0].total.counters[CTR_rx_cut_off] = 3;
    report_result_sum(&s.r);
    assert_has("      ethtool -K IFACE gso off tso off gro off\n");
    assert_has("  client rx_cut_off                    3  frames ");
}

Test(text, frames_for_others_are_notable_only_in_quantity)
{
    sample_init(&s);
    s.r.cores[0].total.counters[CTR_not_ours] = 299;
    assert_lacks("not_ours");
    s.r.cores[0].total.counters[CTR_not_ours] = 300;
    assert_has("  client not_ours                    300  frames ");
}

static void
fails_by(enum stat_failure cause, uint64_t established)
{
    struct stat_block *b;

    sample_init_device(&s, "0000:3b:00.0");
    b = &s.r.cores[0].total;
    memset(b->failures, 0, sizeof(b->failures));
    b->failures[cause] = 3;
    close_all(b);
    b->counters[CTR_established] = established;
    report_result_sum(&s.r);
}

Test(text, each_way_to_fail_brings_its_own_advice)
{
    fails_by(FAILURE_refused, 0);
    assert_has("nothing listens on that");
    fails_by(FAILURE_refused, 500);
    assert_has("refused some connections while it took");
    assert_lacks("The target answers, but nothing");
    fails_by(FAILURE_timeout, 0);
    assert_has("Not one SYN was answered.");
    fails_by(FAILURE_timeout, 500);
    assert_has("Some SYNs were never answered");
    assert_lacks("Not one SYN");
    fails_by(FAILURE_unreachable, 0);
    assert_has("cannot be reached");
    fails_by(FAILURE_reset, 500);
    assert_has("reset connections that were established");
    fails_by(FAILURE_tls_timeout, 500);
    s.r.cores[0].total.failures[FAILURE_tls_timeout] = 0;
    report_result_sum(&s.r);
    assert_lacks("what may help");
}

/* With TLS, the one core being a client's or a server's. */
static void
tls_fails_by(enum stat_failure cause, enum role role)
{
    fails_by(cause, 500);
    s.r.has_tls = true;
    s.r.tls = (struct tls_tally){0};
    s.r.cores[0].role = role;
}

static void
gets_alert(const char *name)
{
    s.r.tls.alerts_received = (struct tls_rows){.n = 1, .rows = {{"", 3}}};
    strcpy(s.r.tls.alerts_received.rows[0].name, name);
}

static void
sends_alert(const char *name)
{
    s.r.tls.alerts_sent = (struct tls_rows){.n = 1, .rows = {{"", 3}}};
    strcpy(s.r.tls.alerts_sent.rows[0].name, name);
}

static unsigned
n_hints(void)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    unsigned n = hints_write(out, &s.r);

    fclose(out);
    free(text);
    return n;
}

Test(text, an_alert_from_the_target_brings_advice_by_its_name)
{
    static const struct {
        const char *alert, *advice;
    } rows[] = {
        {"handshake_failure", "no version, cipher or group that both sides"},
        {"protocol_version", "no version, cipher or group that both sides"},
        {"insufficient_security", "no version, cipher or group that both sides"},
        {"unknown_ca", "wants a client certificate"},
        {"bad_certificate", "wants a client certificate"},
        {"certificate_required", "wants a client certificate"},
        {"unrecognized_name", "compare --sni"},
        {"no_application_protocol", "none of the protocols in --alpn"},
        {"internal_error", "its log may say why"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tls_fails_by(FAILURE_tls_alert, ROLE_CLIENT);
        gets_alert(rows[i].alert);
        assert_has(rows[i].advice);
        cr_assert(eq(u32, n_hints(), 1), "%s", rows[i].alert);
    }
}

Test(text, an_alert_from_a_client_brings_advice_to_the_server)
{
    tls_fails_by(FAILURE_tls_alert, ROLE_SERVER);
    gets_alert("unknown_ca");
    assert_has("Clients do not trust this server");
    cr_assert(eq(u32, n_hints(), 1));
    gets_alert("decode_error");
    assert_has("Clients ended TLS with the alerts above");
    cr_assert(eq(u32, n_hints(), 1));
}

Test(text, an_alert_that_this_side_sent_brings_advice_by_its_name)
{
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        tls_fails_by(FAILURE_tls_alert_sent, role);
        sends_alert("protocol_version");
        assert_has("This side found no version, cipher or group");
        cr_assert(eq(u32, n_hints(), 1));
        sends_alert("bad_record_mac");
        assert_has("refused what came as wrong TLS");
        cr_assert(eq(u32, n_hints(), 1));
    }
}

Test(text, each_other_way_to_fail_in_tls_brings_its_own_advice_to_each_side)
{
    static const struct {
        enum stat_failure cause;
        enum role role;
        const char *advice;
    } rows[] = {
        {FAILURE_tls_untrusted, ROLE_CLIENT, "The target's certificate is not trusted"},
        {FAILURE_tls_untrusted, ROLE_SERVER, "Clients' certificates are not trusted"},
        {FAILURE_tls_closed, ROLE_CLIENT, "is that port one of TLS, or the plain one?"},
        {FAILURE_tls_closed, ROLE_SERVER, "they gave up waiting"},
        {FAILURE_tls_timeout, ROLE_CLIENT, "does that port speak TLS at all?"},
        {FAILURE_tls_timeout, ROLE_SERVER, "do they speak TLS (tls://"},
        {FAILURE_tls, ROLE_CLIENT, "the reason that OpenSSL gives"},
        {FAILURE_tls, ROLE_SERVER, "the reason that OpenSSL gives"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tls_fails_by(rows[i].cause, rows[i].role);
        assert_has(rows[i].advice);
        cr_assert(eq(u32, n_hints(), 1), "%s", rows[i].advice);
    }
}

Test(text, time_outs_where_other_handshakes_succeed_are_a_matter_of_load)
{
    tls_fails_by(FAILURE_tls_timeout, ROLE_CLIENT);
    s.r.totals.counters[CTR_tls_handshakes] = 1;
    assert_has("Some TLS handshakes took longer than --tls-timeout");
    cr_assert(eq(u32, n_hints(), 1));
}

Test(text, plain_text_on_a_port_for_tls_is_told_apart_from_other_causes)
{
    static const struct {
        enum stat_failure cause;
        enum tls_cause tally;
        enum role role;
        const char *words, *advice;
    } rows[] = {
        {FAILURE_tls, TLS_CAUSE_OTHER, ROLE_CLIENT,
         "error:0A00010B:SSL routines::wrong version number", "The target answers in plain text"},
        {FAILURE_tls_alert_sent, TLS_CAUSE_ALERT_SENT, ROLE_CLIENT,
         "error:0A00010B:SSL routines::wrong version number", "The target answers in plain text"},
        {FAILURE_tls, TLS_CAUSE_OTHER, ROLE_SERVER, "error:0A00009C:SSL routines::http request",
         "What came to this server was no TLS"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tls_fails_by(rows[i].cause, rows[i].role);
        strcpy(s.r.tls.examples[rows[i].tally], rows[i].words);
        assert_has(rows[i].advice);
        cr_assert(eq(u32, n_hints(), 1), "%s", rows[i].advice);
    }
}

static void
set_busy(unsigned core, unsigned percent)
{
    s.r.cores[core].total.counters[CTR_busy_ns] = percent;
    s.r.cores[core].total.counters[CTR_idle_ns] = 100 - percent;
}

Test(text, cores_that_lag_behind_with_tls_bring_advice_and_one_late_turn_does_not)
{
    for (unsigned core = 0; core < 2; core++) {
        sample_init(&s);
        calm_down();
        s.r.cores[core].total.counters[CTR_busy_polls] = 1000;
        s.r.cores[core].total.counters[CTR_tls_backlog] = 10;
        assert_lacks("more TLS to compute");
        s.r.cores[core].total.counters[CTR_tls_backlog] = 11;
        set_busy(core, 70);
        assert_lacks("more TLS to compute"); /* it had the time */
        set_busy(core, 80);
        assert_has("A core of this machine had more TLS to compute");
    }
}

Test(text, payload_that_was_not_acknowledged_blames_the_path_or_the_reader)
{
    fails_by(FAILURE_data_timeout, 500);
    assert_has("try --mss 536");
    assert_lacks("stopped reading");
    s.r.totals.counters[CTR_window_probes] = 1;
    assert_has("The target stopped reading");
    assert_lacks("--mss");
}

Test(text, payload_that_did_not_come_brings_advice_about_receive)
{
    fails_by(FAILURE_stalled, 500);
    assert_has("sent no payload at all");
    assert_lacks("sent less than --receive");
    s.r.totals.counters[CTR_rx_payload_bytes] = 1;
    assert_has("The target sent less than --receive");
    assert_lacks("no payload at all");
    fails_by(FAILURE_truncated, 500);
    assert_has("closed before all of --receive");
    assert_lacks("stuck");
}

Test(text, a_server_is_not_told_what_its_target_did)
{
    fails_by(FAILURE_truncated, 500);
    s.r.cores[0].role = ROLE_SERVER;
    assert_lacks("what may help");
    fails_by(FAILURE_stalled, 500);
    s.r.cores[0].role = ROLE_SERVER;
    assert_lacks("what may help");
}

Test(text, memory_that_payload_lacked_brings_advice_from_either_side)
{
    for (unsigned core = 0; core < 2; core++) {
        sample_init(&s);
        calm_down();
        s.r.cores[core].total.counters[CTR_streams_exhausted] = 1;
        assert_has("More connections carried payload at once");
        sample_init(&s);
        calm_down();
        s.r.cores[core].total.counters[CTR_reassembly_dropped] = 1;
        assert_has("no room to");
    }
}

Test(text, timeouts_that_bad_checksums_explain_do_not_blame_the_path)
{
    fails_by(FAILURE_timeout, 0);
    s.r.totals.counters[CTR_bad_checksum] = 1;
    assert_lacks("Not one SYN");
}

Test(text, the_clients_own_limits_bring_advice)
{
    sample_init(&s);
    calm_down();
    s.r.cores[0].total.counters[CTR_records_exhausted] = 5;
    assert_has("raise --connections");
    sample_init(&s);
    calm_down();
    s.r.cores[1].total.counters[CTR_rx_missed] = 5;
    assert_has("Use more --lcores");
}

Test(text, how_packets_find_their_worker_is_told_where_a_port_has_several)
{
    sample_init(&s);
    assert_lacks("queues");
    s.r.steering.reason = STEER_FEW_PORTS;
    assert_has("\nqueues\n  workers hand packets off to each other: of --ports too few lead");
    assert_has(" lead to each of the device's queues ");
}

Test(text, every_notable_counter_is_listed_with_its_meaning)
{
    static const enum stat_counter counters[] = {
        CTR_bad_checksum,      CTR_bad_header,       CTR_rx_missed,          CTR_tx_dropped,
        CTR_records_exhausted, CTR_mbufs_exhausted,  CTR_late_starts,        CTR_retransmits,
        CTR_no_connection,     CTR_fast_retransmits, CTR_rto_timeouts,       CTR_tail_loss_probes,
        CTR_window_probes,     CTR_out_of_order,     CTR_reassembly_dropped, CTR_streams_exhausted,
        CTR_path_mtu_changes,  CTR_tls_backlog,      CTR_tls_truncated,      CTR_checksum_partial};

    for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
        sample_init(&s);
        calm_down();
        assert_lacks(stat_counter_names[counters[i]].name);
        s.r.cores[1].total.counters[counters[i]] = 1;
        assert_has(stat_counter_names[counters[i]].name);
        assert_has(stat_counter_names[counters[i]].meaning);
    }
}

Test(text, a_long_name_does_not_move_what_stands_behind_it)
{
    sample_init(&s);
    s.r.cores[0].total.counters[CTR_records_exhausted] = 12345;
    s.r.cores[0].total.counters[CTR_reassembly_dropped] = 12345;
    assert_has("  client records_exhausted        12,345  times no");
    assert_has("  client reassembly_dropped       12,345  out-of-order");
}

Test(text, a_full_disk_is_an_error)
{
    FILE *out = fopen("/dev/full", "w");

    sample_init(&s);
    cr_assert(eq(int, text_write(out, &s.r, false, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(eq(str, f.text, "the summary could not be written: No space left on device"));
    fclose(out);
}

Test(text, several_classes_have_a_table_and_latencies_of_their_own)
{
    sample_init_classes(&s);
    assert_has("\n"
               "classes\n"
               "  name                        closed       failed        open        cps\n"
               "  web                            594            3           3     59.8/s\n"
               "  bulk                           399            0           1     40.0/s\n"
               "\n"
               "latency of class web\n"
               "                    p50      p90      p95      p99    p99.9   p99.99      max\n"
               "  connect        200 ns   200 ns   200 ns   200 ns   200 ns   200 ns   200 ns\n"
               "\n"
               "latency of class bulk\n"
               "                    p50      p90      p95      p99    p99.9   p99.99      max\n"
               "  connect        400 ns   400 ns   400 ns   400 ns   400 ns   400 ns   400 ns\n"
               "  transfer      3.00 ms  3.00 ms  3.00 ms  3.00 ms  3.00 ms  3.00 ms  3.00 ms\n"
               "\n"
               "cores\n");
    sample_init(&s);
    assert_lacks("class");
}

/* All sections, with numbers as long as they get. A command is not broken: it is to be copied. */
Test(text, every_row_fits_a_terminal)
{
    void (*const samples[])(struct sample *) = {sample_init_payload, sample_init_tls,
                                                sample_init_classes};

    for (size_t k = 0; k < ARRAY_LEN(samples); k++) {
        char *text;

        samples[k](&s);
        strcpy(s.conf.classes[0].name, "a-name-of-thirty-one-characters");
        memset(s.r.tls.examples[TLS_CAUSE_ALERT_RECEIVED], 'x', 60);
        s.r.bytes_per_stream = 1000000;
        s.r.steering.reason = STEER_FEW_PORTS;
        for (unsigned core = 0; core < 2; core++) {
            struct stat_block *b = &s.r.cores[core].total;

            for (unsigned i = 0; i < counter_rows(); i++)
                b->counters[i] = 123456789;
            for (enum stat_failure i = 0; i < FAILURE_COUNT; i++)
                b->failures[i] = 123456789;
        }
        text = written();
        cr_expect(le(u32, longest_line(text), 80), "%s", text);
        free(text);
    }
}

Test(text, what_failed_and_what_was_late_is_marked_where_there_is_colour)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    sample_init(&s);
    s.r.cores[0].total.counters[CTR_late_starts] = 5;
    hist_record(&s.r.totals.latency[LAT_lateness], 3 * NS_PER_SEC);
    cr_assert(zero(int, text_write(out, &s.r, true, &f)));
    fclose(out);
    cr_expect(strstr(text, "\x1b[31mfailed ") != NULL, "%s", text);
    cr_expect(strstr(text, "\x1b[33m  client late_starts ") != NULL, "%s", text);
    cr_expect(strstr(text, "\x1b[33mlateness") == NULL, "%s", text); /* one of a thousand */
    free(text);
    assert_lacks("\x1b");
}

Test(text, polls_that_had_to_wait_are_notable_only_in_quantity)
{
    sample_init(&s);
    calm_down();
    s.r.cores[0].total.counters[CTR_busy_polls] = 1000;
    s.r.cores[0].total.counters[CTR_tx_backpressure] = 10;
    assert_lacks("tx_backpressure");
    s.r.cores[0].total.counters[CTR_tx_backpressure] = 11;
    assert_has("tx_backpressure");
    s.conf.is_loopback = true;
    assert_lacks("tx_backpressure");
}
