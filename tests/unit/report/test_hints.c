/* SPDX-License-Identifier: BSD-3-Clause */
/* What the generator did itself, or was told to do, is named as the cause in the hints, which the
 * JSON result has too (test_json.c). */
#include "report/hints.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>

#include "conf/options.h"
#include "report/json.h"
#include "sample.h"

static struct sample s;

/* A client without failures or anything open, on a device; the counts below are set in its one
 * core. */
static void
run_begins(void)
{
    struct stat_block *b;

    sample_init_device(&s, "0000:3b:00.0");
    strcpy(s.r.host.driver, "net_ixgbe");
    b = &s.r.cores[0].total;
    memset(b->failures, 0, sizeof(b->failures));
    b->counters[CTR_failed] = 0;
    b->counters[CTR_closed] = 1000;
    b->open = 0;
    memset(b->open_by, 0, sizeof(b->open_by));
    strcpy(s.conf.targets[0].url, "tls://198.18.0.2:443");
    s.conf.targets[0].addr = (struct ip_addr){.lo = 0xc6120002};
    s.conf.targets[0].port = 443;
}

static void
has(enum stat_counter counter, uint64_t n)
{
    s.r.cores[0].total.counters[counter] = n;
}

static void
fails_by(enum stat_failure cause, uint64_t n)
{
    struct stat_block *b = &s.r.cores[0].total;

    b->failures[cause] += n;
    b->counters[CTR_failed] += n;
    b->counters[CTR_closed] -= n;
}

static void
is_set(int row, const char *value)
{
    struct value_why why;

    cr_assert(zero(int, option_assign(&s.conf, 0, row, value, &why)), "%s", why.text);
}

static void
refuses(const char *alert, const char *words)
{
    s.r.has_tls = true;
    fails_by(FAILURE_tls_alert_sent, 500);
    s.r.tls.alerts_sent = (struct tls_rows){.n = 1, .rows = {{"", 500}}};
    snprintf(s.r.tls.alerts_sent.rows[0].name, TLS_TALLY_NAME, "%s", alert);
    snprintf(s.r.tls.examples[TLS_CAUSE_ALERT_SENT], TLS_EXAMPLE_MAX, "%s", words);
}

static void
is_refused(const char *alert)
{
    s.r.has_tls = true;
    fails_by(FAILURE_tls_alert, 500);
    s.r.tls.alerts_received = (struct tls_rows){.n = 1, .rows = {{"", 500}}};
    snprintf(s.r.tls.alerts_received.rows[0].name, TLS_TALLY_NAME, "%s", alert);
}

static void
groups_bind_the_certificate(void)
{
    is_set(OPTION_GROUPS, "X25519");
    refuses("illegal_parameter", "error:0A00017A:SSL routines::wrong curve");
}

static void
sigalgs_lack_the_targets(void)
{
    is_set(OPTION_SIGALGS, "RSA-PSS+SHA256");
    refuses("illegal_parameter", "error:0A000172:SSL routines::wrong signature type");
}

static void
alpn_is_answered_with_another(void)
{
    is_set(OPTION_ALPN, "h3");
    refuses("decode_error", "error:0A00006E:SSL routines::bad extension");
}

static void
alpn_is_unknown(void)
{
    is_set(OPTION_ALPN, "h3");
    is_refused("no_application_protocol");
}

static void
ciphers_are_not_the_targets(void)
{
    is_set(OPTION_TLS_VERSIONS, "1.2");
    is_set(OPTION_CIPHERS, "ALL:!aNULL");
    is_refused("handshake_failure");
}

static void
versions_are_not_the_targets(void)
{
    is_set(OPTION_TLS_VERSIONS, "1.3");
    is_refused("protocol_version");
}

static void
sni_is_unknown(void)
{
    is_set(OPTION_SNI, "a.example,b.example");
    is_refused("unrecognized_name");
}

static void
no_certificate_is_given(void)
{
    is_refused("certificate_required");
}

static void
ca_did_not_sign(void)
{
    s.r.has_tls = true;
    fails_by(FAILURE_tls_untrusted, 500);
}

static void
scheme_is_wrong(void)
{
    refuses("protocol_version", "error:0A00010B:SSL routines::wrong version number");
}

static void
connections_are_few(void)
{
    has(CTR_conn_limit_reached, 7);
}

static void
connect_timeout_is_short(void)
{
    is_set(OPTION_CONNECT_TIMEOUT, "50ms");
    fails_by(FAILURE_timeout, 5);
}

static void
receive_is_long(void)
{
    is_set(OPTION_RECEIVE, "1M");
    fails_by(FAILURE_truncated, 900);
}

static void
fin_rides_into_a_syn_proxy(void)
{
    has(CTR_retransmits, 999);
}

static void
next_hop_falls_silent(void)
{
    has(CTR_next_hop_silent, 1);
    fails_by(FAILURE_timeout, 900);
}

static void
next_hop_moves(void)
{
    has(CTR_next_hop_changed, 1);
    fails_by(FAILURE_timeout, 40);
}

static void
cores_are_slow(void)
{
    has(CTR_rx_missed, 12);
    fails_by(FAILURE_timeout, 5);
}

static void
cores_lag_behind_with_tls(void)
{
    s.r.has_tls = true;
    has(CTR_busy_polls, 1000);
    has(CTR_tls_backlog, 500);
}

/* Of 10 s, so much in so many long polls, in which the core did not run for so long; and 2 % of the
 * handshakes took 1.8 ms. */
static void
is_late(uint64_t polls, uint64_t ns, uint64_t off_ns)
{
    has(CTR_long_polls, polls);
    has(CTR_long_polls_ns, ns);
    has(CTR_off_cpu_ns, off_ns);
    for (int i = 0; i < 20; i++)
        hist_record(&s.r.cores[0].total.latency[LAT_connect], 1800 * NS_PER_US);
}

static void
another_program_has_the_cpu(void)
{
    is_late(100, 200 * NS_PER_MS, 180 * NS_PER_MS);
}

static void
own_work_takes_long(void)
{
    is_late(100, 200 * NS_PER_MS, 10 * NS_PER_MS);
}

static void
the_rate_is_out_of_reach(void)
{
    for (int i = 0; i < 2000; i++)
        hist_record(&s.r.cores[0].total.latency[LAT_lateness], 500 * NS_PER_MS);
}

static void
the_rate_of_requests_is_out_of_reach(void)
{
    s.conf.request_rate_milli = 1000000;
    the_rate_is_out_of_reach();
}

static void
resumes_before_the_first_session(void)
{
    s.r.has_tls = true;
    has(CTR_tls_handshakes, 30);
    has(CTR_tls_resume_due, 30);
    has(CTR_tls_resume_offered, 16);
    has(CTR_tls_resumed, 16);
}

static void
port_refuses_frames(void)
{
    fails_by(FAILURE_data_timeout, 100);
    has(CTR_tx_given_up, 500);
}

static void
link_goes_down(void)
{
    fails_by(FAILURE_timeout, 100);
    has(CTR_link_downs, 1);
    has(CTR_next_hop_silent, 1);
    has(CTR_tx_given_up, 5);
}

static void
the_driver_complains_of_every_frame(void)
{
    s.r.host.driver_lines = 1234567;
    strcpy(s.r.host.driver_said, "net_pcap: send: Message too long");
}

static void
the_driver_complains_once_and_frames_are_lost(void)
{
    s.r.host.driver_lines = 1;
    strcpy(s.r.host.driver_said, "EAL: no DMA mapping");
    has(CTR_tx_dropped, 5);
}

/* The situation, the name of the hint that is to come first, and what it has to say. */
static const struct {
    void (*happens)(void);
    const char *name, *says, *command;
} situations[] = {
    {another_program_has_the_cpu, "own_cpu_was_taken", "kept the generator from its CPU", ""},
    {own_work_takes_long, "own_work_is_long", "not the target's", ""},
    {the_rate_is_out_of_reach, "own_rate", "Use a lower --rate", ""},
    {the_rate_of_requests_is_out_of_reach, "own_rate", "Use a lower --request-rate", ""},
    {groups_bind_the_certificate, "own_groups", "--groups X25519",
     "openssl s_client -connect 198.18.0.2:443 -groups X25519"},
    {sigalgs_lack_the_targets, "own_sigalgs", "--sigalgs RSA-PSS+SHA256",
     "openssl s_client -connect 198.18.0.2:443 -sigalgs RSA-PSS+SHA256"},
    {alpn_is_answered_with_another, "own_alpn", "--alpn h3",
     "openssl s_client -connect 198.18.0.2:443 -alpn h3"},
    {alpn_is_unknown, "own_alpn", "--alpn h3", "openssl s_client -connect 198.18.0.2:443 -alpn h3"},
    {ciphers_are_not_the_targets, "own_lists", "--tls-versions 1.2, --ciphers ALL:!aNULL",
     "openssl s_client -connect 198.18.0.2:443 -tls1_2 -cipher 'ALL:!aNULL'"},
    {versions_are_not_the_targets, "own_lists", "--tls-versions 1.3",
     "openssl s_client -connect 198.18.0.2:443 -tls1_3"},
    {sni_is_unknown, "own_sni", "--sni",
     "openssl s_client -connect 198.18.0.2:443 -servername a.example"},
    {no_certificate_is_given, "own_certificate", "--cert", ""},
    {ca_did_not_sign, "own_trust", "--ca", "openssl s_client -connect 198.18.0.2:443"},
    {scheme_is_wrong, "own_scheme", "tcp://", "openssl s_client -connect 198.18.0.2:443"},
    {connections_are_few, "own_connections", "--connections", ""},
    {connect_timeout_is_short, "own_connect_timeout", "--connect-timeout", ""},
    {receive_is_long, "own_receive_is_long", "--receive", ""},
    {fin_rides_into_a_syn_proxy, "own_piggyback", "--piggyback no", ""},
    {next_hop_falls_silent, "next_hop_silent", "ARP or neighbor discovery", ""},
    {next_hop_moves, "next_hop_changed", "MAC address", ""},
    {resumes_before_the_first_session, "own_resume_early", "tls_resume_offered", ""},
    {port_refuses_frames, "port_refuses_frames", "longer than its interface's MTU", "ip link"},
    {link_goes_down, "link_down", "this side's own port", ""},
    {cores_are_slow, "own_cores_missed", "--lcores", ""},
    {the_driver_complains_of_every_frame, "driver_complained",
     "1,234,567 lines of errors, the first of them: net_pcap: send: Message too long", ""},
    {the_driver_complains_once_and_frames_are_lost, "driver_complained",
     "1 line of errors: EAL: no DMA mapping", ""},
    {cores_lag_behind_with_tls, "own_cores_tls", "--lcores", ""},
};

/* Whether @o, of the result's array, is the advice @a. */
static bool
is_advice(const json_t *o, const struct advice *a)
{
    const char *command = json_string_value(json_object_get(o, "command"));

    return strcmp(json_string_value(json_object_get(o, "name")), a->name) == 0 &&
           strcmp(json_string_value(json_object_get(o, "text")), a->text) == 0 &&
           strcmp(command == NULL ? "" : command, a->command) == 0;
}

/* The first of the result's hints, which is in the JSON result, too. */
static struct advice
first_hint(void)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct advice a = {0};
    unsigned cursor = 0;
    struct fail f;
    json_t *o;

    report_result_sum(&s.r);
    cr_assert(hints_next(&s.r, &cursor, &a));
    cr_assert(zero(int, json_write(out, &s.r, &f)));
    fclose(out);
    o = json_loads(text, 0, NULL);
    cr_assert(is_advice(json_array_get(json_object_get(o, "hints"), 0), &a), "%s", text);
    json_decref(o);
    free(text);
    return a;
}

Test(hints, what_the_generator_or_its_options_caused_is_named_as_such)
{
    for (size_t i = 0; i < ARRAY_LEN(situations); i++) {
        struct advice a;

        run_begins();
        s.r.tls = (struct tls_tally){0};
        situations[i].happens();
        a = first_hint();
        cr_expect(zero(int, strcmp(a.name, situations[i].name)), "%zu: %s", i, a.name);
        cr_expect(strstr(a.text, situations[i].says) != NULL, "%zu: %s", i, a.text);
        cr_expect(zero(int, strcmp(a.command, situations[i].command)), "%zu: %s", i, a.command);
    }
}

Test(hints, nobody_else_is_blamed_for_what_failed_while_the_link_was_down)
{
    unsigned cursor = 0;
    struct advice a;

    run_begins();
    link_goes_down();
    report_result_sum(&s.r);
    while (hints_next(&s.r, &cursor, &a))
        cr_expect(zero(int, strcmp(a.name, "link_down")), "%s", a.name);
}

/* Whether any hint for whoever serves names an option that serve refuses, or a target. */
static void
assert_for_serve(const char *text)
{
    for (int row = 0; row < OPTION_ROWS; row++) {
        const char *at = strstr(text, conf_options[row].name);
        size_t length = strlen(conf_options[row].name);

        if (at != NULL && strchr("abcdefghijklmnopqrstuvwxyz-", at[length]) == NULL)
            cr_expect(ne(u32, conf_options[row].commands & ON_SERVE, 0), "%s", text);
    }
    cr_expect(strstr(text, "target") == NULL, "%s", text);
}

Test(hints, who_serves_is_never_told_of_targets_or_of_options_that_serve_refuses)
{
    unsigned n = 0;

    for (enum stat_failure cause = 0; cause < FAILURE_COUNT; cause++)
        for (uint64_t established = 0; established < 2; established++) {
            struct advice a;

            run_begins();
            s.conf.command = CONF_SERVE;
            s.conf.n_targets = 0;
            s.r.has_tls = true;
            s.r.tls = (struct tls_tally){0};
            s.r.cores[0].role = ROLE_SERVER;
            for (enum stat_counter i = 0; i < CTR_COUNT; i++)
                has(i, 1);
            has(CTR_established, established);
            fails_by(cause, 1);
            report_result_sum(&s.r);
            for (unsigned cursor = 0; hints_next(&s.r, &cursor, &a); n++)
                assert_for_serve(a.text);
        }
    cr_assert(lt(u32, 0, n));
}

Test(hints, sessions_that_were_not_given_are_told_from_refused_ones)
{
    struct advice a;

    run_begins();
    s.r.has_tls = true;
    has(CTR_tls_handshakes, 30);
    has(CTR_tls_resume_due, 30);
    a = first_hint();
    cr_expect(zero(int, strcmp(a.name, "no_tickets")), "%s", a.name);
    has(CTR_tls_resume_offered, 30);
    has(CTR_tls_resumed, 20);
    a = first_hint();
    cr_expect(zero(int, strcmp(a.name, "sessions_refused")), "%s", a.name);
    has(CTR_tls_resumed, 29);
    report_result_sum(&s.r);
    cr_expect(zero(u32, hints_write(stdout, &s.r)));
}

Test(hints, a_key_share_that_the_target_did_not_want_is_told)
{
    struct advice a;

    run_begins();
    s.r.has_tls = true;
    has(CTR_tls_handshakes, 30);
    has(CTR_tls_hello_retries, 3);
    report_result_sum(&s.r);
    cr_expect(zero(u32, hints_write(stdout, &s.r)));
    has(CTR_tls_hello_retries, 4);
    a = first_hint();
    cr_expect(zero(int, strcmp(a.name, "own_key_share")), "%s", a.name);
}

Test(hints, a_driver_that_complains_where_nothing_went_wrong_is_not_quoted)
{
    struct advice a;
    unsigned cursor = 0;

    run_begins();
    s.r.host.driver_lines = 1;
    strcpy(s.r.host.driver_said, "EAL: Error disabling MSI-X interrupts for fd 19");
    report_result_sum(&s.r);
    cr_assert(not(hints_next(&s.r, &cursor, &a)), "%s", a.name);
}

Test(hints, half_open_connections_are_advice_for_whoever_serves)
{
    struct advice a;

    run_begins();
    s.conf.command = CONF_SERVE;
    s.r.cores[0].role = ROLE_SERVER;
    s.conf.targets[0].url[0] = '\0';
    fails_by(FAILURE_timeout, 4);
    a = first_hint();
    cr_assert(zero(int, strcmp(a.name, "half_open")), "%s", a.name);
}

Test(hints, a_command_names_an_address_of_ipv6_in_brackets_and_quotes_what_a_shell_would_take)
{
    struct advice a;

    run_begins();
    s.r.tls = (struct tls_tally){0};
    s.conf.targets[0].addr =
        (struct ip_addr){.hi = UINT64_C(0x2001000200000000), .lo = 1, .is_v6 = true};
    strcpy(s.conf.targets[0].host, "a.example");
    is_set(OPTION_CIPHERS, "A'B");
    is_refused("handshake_failure");
    a = first_hint();
    cr_assert(eq(str, a.command,
                 "openssl s_client -connect [2001:2::1]:443 -servername a.example -cipher "
                 "'A'\\''B'"));
}

Test(hints, the_last_ack_apart_is_no_advice_where_few_segments_were_sent_again_or_a_proxy_took_none)
{
    static const uint64_t retransmits[] = {0, 100, 800, 5000};

    for (size_t i = 0; i < ARRAY_LEN(retransmits); i++) {
        struct advice a;
        unsigned cursor = 0;

        run_begins();
        has(CTR_retransmits, retransmits[i]);
        report_result_sum(&s.r);
        cr_assert(not(hints_next(&s.r, &cursor, &a)), "%s", a.name);
    }
}

Test(hints, intervals_that_are_left_out_are_told)
{
    struct advice a;

    run_begins();
    s.r.intervals_omitted = 3;
    a = first_hint();
    cr_assert(eq(str, (char *)a.name, "intervals_left_out"));
}
