/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/criteria.h"
#include "report/json.h"
#include "report/outfile.h"
#include "report/rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>

#include "../sanitized.h"
#include "report/sink.h"
#include "sample.h"

extern const struct report_sink sink_json;

/* Rates of HTTP, where there is none. */
#define NO_HTTP                                                                                    \
    "\"tps\":0.0,\"goodput_bps\":0.0,\"header_bps\":0.0,\"body_bps\":0.0,"                         \
    "\"header_bps_sent\":0.0,\"body_bps_sent\":0.0"

static struct sample s;
static struct fail f;

/* The result, written and read again. */
static json_t *
result(void)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    json_t *o;

    cr_assert(zero(int, json_write(out, &s.r, &f)));
    fclose(out);
    cr_assert(eq(chr, text[length - 1], '\n'));
    o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(ne(ptr, o, NULL));
    free(text);
    return o;
}

static char *
dumped(const json_t *value)
{
    static char text[4096];
    char *heap = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));

    snprintf(text, sizeof(text), "%s", heap == NULL ? "(absent)" : heap);
    free(heap);
    return text;
}

Test(json, the_head_says_what_ran_where_and_when)
{
    json_t *o;

    sample_init(&s);
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "schema")), "\"shakedown.result/1\""));
    cr_assert(eq(str, dumped(json_object_get(o, "tool")),
                 "{\"version\":\"0.1.0\",\"dpdk\":\"DPDK 22.11.11\",\"openssl\":\"3.0.17\"}"));
    cr_assert(eq(str, dumped(json_object_get(o, "host")),
                 "{\"cpu\":\"A CPU\",\"cores\":2,\"kernel\":\"6.1.0\",\"hugepages\":false,"
                 "\"device\":\"loopback\",\"driver\":\"net_ring\","
                 "\"driver_lines\":0,\"driver_said\":null}"));
    cr_assert(eq(str, dumped(json_object_get(o, "started_at")), "\"2023-11-14T22:13:20Z\""));
    cr_assert(eq(str, dumped(json_object_get(o, "duration_s")), "10.0"));
    cr_assert(eq(str, dumped(json_object_get(o, "interrupted")), "false"));
    cr_assert(
        eq(str, dumped(json_object_get(json_object_get(o, "scenario"), "device")), "\"loopback\""));
    json_decref(o);
}

Test(json, how_packets_find_their_worker_is_told)
{
    json_t *o;

    sample_init(&s);
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "steering")),
                 "{\"mode\":\"none\",\"verified\":false,\"why\":\"\"}"));
    json_decref(o);
    s.r.steering = (struct steering_facts){STEER_BY_PORT, 16, 16, 0};
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "steering")),
                 "{\"mode\":\"rss\",\"verified\":true,\"why\":\"RSS brings replies to the queue of "
                 "the worker that has the connection, verified by 16 answers to probes\"}"));
    json_decref(o);
}

/* But for what limited it, which has tests of its own. */
static char *
verdict_of(json_t *o)
{
    json_t *verdict = json_object_get(o, "verdict");

    json_object_del(verdict, "limited_by");
    json_object_del(verdict, "part");
    json_object_del(verdict, "evidence");
    return dumped(verdict);
}

Test(json, a_verdict_says_what_limited_the_run_and_what_that_is_drawn_from)
{
    json_t *o, *verdict;

    sample_init(&s);
    o = result();
    verdict = json_object_get(o, "verdict");
    cr_assert(eq(str, dumped(json_object_get(verdict, "limited_by")), "\"target\""));
    cr_assert(eq(str, dumped(json_object_get(verdict, "part")), "\"listen queue, or a firewall\""));
    cr_assert(eq(sz, json_array_size(json_object_get(verdict, "evidence")), 2));
    json_decref(o);
    s.r.cores[0].role = ROLE_SERVER;
    o = result();
    verdict = json_object_get(o, "verdict");
    cr_assert(eq(str, dumped(json_object_get(verdict, "limited_by")), "null"));
    cr_assert(eq(str, dumped(json_object_get(verdict, "part")), "null"));
    json_decref(o);
}

Test(json, a_run_passes_whose_accounts_are_right)
{
    json_t *o, *verdict;

    sample_init(&s);
    o = result();
    cr_assert(eq(str, verdict_of(o),
                 "{\"pass\":true,\"why\":[],\"criteria\":[],\"identity_holds\":true}"));
    json_decref(o);

    s.r.cores[0].total.failures[FAILURE_timeout]--;
    o = result();
    verdict = json_object_get(o, "verdict");
    cr_assert(eq(str, dumped(json_object_get(verdict, "pass")), "false"));
    cr_assert(eq(str, dumped(json_object_get(verdict, "identity_holds")), "false"));
    cr_assert(eq(sz, json_array_size(json_object_get(verdict, "why")), 1));
    json_decref(o);
}

Test(json, a_run_that_did_not_pass_says_why)
{
    json_t *o;

    sample_init(&s);
    s.r.dead_man = (struct result_dead_man){.has_fired = true, .silent_s = 3.2, .stopped_s = 8.21};
    s.r.criteria = &(struct criteria){.n = 2, .list = {{.holds = true}}};
    o = result();
    cr_assert(eq(sz, json_array_size(json_object_get(json_object_get(o, "verdict"), "why")), 2));
    json_decref(o);
}

Test(json, totals_hold_every_counter_and_failure_under_its_name)
{
    json_t *o, *totals, *failures;

    sample_init(&s);
    for (size_t i = 0; i < CTR_COUNT; i++)
        s.r.totals.counters[i] = 100 + i;
    for (size_t i = 0; i < FAILURE_COUNT; i++)
        s.r.totals.failures[i] = 200 + i;
    o = result();
    totals = json_object_get(o, "totals");
    failures = json_object_get(totals, "failures");
    for (size_t i = 0; i < CTR_COUNT; i++)
        cr_assert(eq(i64, json_integer_value(json_object_get(totals, stat_counter_names[i].name)),
                     (int64_t)(100 + i)));
    for (size_t i = 0; i < FAILURE_COUNT; i++)
        cr_assert(eq(i64, json_integer_value(json_object_get(failures, stat_failure_names[i].name)),
                     (int64_t)(200 + i)));
    cr_assert(eq(str, dumped(json_object_get(totals, "open")), "4"));
    json_decref(o);
}

Test(json, rates_and_latencies_are_in_the_units_of_their_names)
{
    json_t *o, *latency;

    sample_init(&s);
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "rates")),
                 "{\"cps\":99.8,\"rx_pps\":300.0,\"tx_pps\":3000000.0,\"rx_bps\":144000.0,"
                 "\"tx_bps\":1440000000.0,\"rx_payload_bps\":0.0,\"tx_payload_bps\":0.0,"
                 "\"tls_hps\":0.0,\"rps\":0.0," NO_HTTP "}"));
    latency = json_object_get(o, "latency");
    cr_assert(eq(str, dumped(json_object_get(latency, "connect")),
                 "{\"count\":998,\"min_us\":0.2,\"mean_us\":0.599,\"p50_us\":0.2,\"p90_us\":0.2,"
                 "\"p95_us\":0.2,"
                 "\"p99_us\":0.2,\"p999_us\":50.0,\"p9999_us\":50.0,\"max_us\":50.0,"
                 "\"sum_ns\":598000,\"distribution\":\"200:990 49920:8\"}"));
    cr_assert(eq(
        str, dumped(json_object_get(latency, "ttlb")),
        "{\"count\":0,\"min_us\":0.0,\"mean_us\":0.0,\"p50_us\":0.0,\"p90_us\":0.0,\"p95_us\":0.0,"
        "\"p99_us\":0.0,\"p999_us\":0.0,\"p9999_us\":0.0,\"max_us\":0.0,"
        "\"sum_ns\":0,\"distribution\":\"\"}"));
    cr_assert(eq(sz, json_object_size(latency), 19));
    json_decref(o);
}

/* The sample's run is 10 s long. */
Test(json, transactions_and_goodput_are_of_what_is_as_asked_for)
{
    json_t *o, *rates;

    sample_init(&s);
    s.r.totals.counters[CTR_responses] = 2000;
    s.r.totals.counters[counter_row("http_good")] = 1500;
    s.r.totals.counters[counter_row("http_good_body_bytes")] = 150000;
    s.r.totals.counters[counter_row("http_header_bytes")] = 80000;
    s.r.totals.counters[counter_row("http_body_bytes")] = 200000;
    s.r.totals.counters[counter_row("http_header_bytes_sent")] = 90000;
    s.r.totals.counters[counter_row("http_body_bytes_sent")] = 5000;
    o = result();
    rates = json_object_get(o, "rates");
    cr_assert(eq(str, dumped(json_object_get(rates, "rps")), "200.0"));
    cr_assert(eq(str, dumped(json_object_get(rates, "tps")), "150.0"));
    cr_assert(eq(str, dumped(json_object_get(rates, "goodput_bps")), "120000.0"));
    cr_assert(eq(str, dumped(json_object_get(rates, "header_bps")), "64000.0"));
    cr_assert(eq(str, dumped(json_object_get(rates, "body_bps")), "160000.0"));
    cr_assert(eq(str, dumped(json_object_get(rates, "header_bps_sent")), "72000.0"));
    cr_assert(eq(str, dumped(json_object_get(rates, "body_bps_sent")), "4000.0"));
    json_decref(o);
}

Test(json, payload_has_its_rates_and_the_time_it_took)
{
    json_t *o, *latency;

    sample_init_payload(&s);
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "rates")),
                 "{\"cps\":99.8,\"rx_pps\":300.0,\"tx_pps\":3000000.0,\"rx_bps\":144000.0,"
                 "\"tx_bps\":1440000000.0,\"rx_payload_bps\":800000000.0,"
                 "\"tx_payload_bps\":8000000.0,\"tls_hps\":0.0,\"rps\":0.0," NO_HTTP "}"));
    latency = json_object_get(o, "latency");
    cr_assert(eq(str, dumped(json_object_get(latency, "transfer")),
                 "{\"count\":990,\"min_us\":2000.0,\"mean_us\":5010.101,\"p50_us\":2002.944,"
                 "\"p90_us\":2002.944,\"p95_us\":2002.944,\"p99_us\":300000.0,\"p999_us\":300000.0,"
                 "\"p9999_us\":300000.0,"
                 "\"max_us\":300000.0,\"sum_ns\":4960000000,\"distribution\":\"1998848:980 "
                 "299892736:10\"}"));
    json_decref(o);
}

Test(json, how_well_starts_kept_to_the_schedule_is_told_with_the_worst_second)
{
    json_t *o;

    sample_init(&s);
    s.r.totals.counters[CTR_late_starts] = 250;
    s.r.worst_second = (struct result_adherence){.due = 100, .on_time = 20};
    s.r.worst_second_s = 3;
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "schedule_adherence")),
                 "{\"due\":1000,\"on_time\":750,\"share\":0.75,\"worst_second\":"
                 "{\"due\":100,\"on_time\":20,\"share\":0.2,\"t_s\":3.0}}"));
    json_decref(o);
    hist_init(&s.r.totals.latency[LAT_lateness]);
    s.r.totals.counters[CTR_late_starts] = 0;
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "schedule_adherence")), "null"));
    json_decref(o);
}

Test(json, a_target_that_fell_silent_has_not_passed)
{
    json_t *o, *verdict;

    sample_init(&s);
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "dead_man")), "null"));
    json_decref(o);
    s.r.dead_man = (struct result_dead_man){.has_fired = true, .silent_s = 3.2, .stopped_s = 8.21};
    o = result();
    cr_assert(
        eq(str, dumped(json_object_get(o, "dead_man")), "{\"silent_s\":3.2,\"stopped_s\":8.21}"));
    verdict = json_object_get(o, "verdict");
    cr_assert(eq(str, dumped(json_object_get(verdict, "pass")), "false"));
    cr_assert(eq(sz, json_array_size(json_object_get(verdict, "why")), 1));
    json_decref(o);
}

/* As its exit status says. */
Test(json, a_run_that_began_nothing_has_not_passed)
{
    json_t *o, *verdict;

    sample_init(&s);
    memset(&s.r.cores[0].total, 0, sizeof(s.r.cores[0].total));
    report_result_sum(&s.r);
    o = result();
    verdict = json_object_get(o, "verdict");
    cr_assert(eq(str, dumped(json_object_get(verdict, "pass")), "false"));
    cr_assert(eq(str, dumped(json_object_get(verdict, "why")),
                 "[\"not one connection began: none was due; raise --rate or --duration\"]"));
    json_decref(o);
}

Test(json, cores_and_intervals_have_a_row_each)
{
    json_t *o, *core, *row, *latency;

    sample_init(&s);
    o = result();
    cr_assert(eq(sz, json_array_size(json_object_get(o, "cores")), 2));
    core = json_array_get(json_object_get(o, "cores"), 1);
    cr_assert(eq(str, dumped(json_object_get(core, "lcore")), "2"));
    cr_assert(eq(str, dumped(json_object_get(core, "role")), "\"server\""));
    cr_assert(eq(str, dumped(json_object_get(core, "busy")), "0.5"));
    cr_assert(eq(str, dumped(json_object_get(core, "attempted")), "999"));
    cr_assert(eq(sz, json_array_size(json_object_get(o, "intervals")), 1));
    row = json_array_get(json_object_get(o, "intervals"), 0);
    latency = json_object_get(row, "latency");
    cr_assert(eq(str, dumped(json_object_get(latency, "connect")),
                 "{\"count\":998,\"p50_us\":0.2,\"p90_us\":0.2,\"p95_us\":0.2,\"p99_us\":0.2,"
                 "\"p999_us\":50.0,\"p9999_us\":50.0,\"max_us\":50.0}"));
    cr_assert(eq(str, dumped(json_object_get(latency, "tls")),
                 "{\"count\":0,\"p50_us\":0.0,\"p90_us\":0.0,\"p95_us\":0.0,\"p99_us\":0.0,"
                 "\"p999_us\":0.0,\"p9999_us\":0.0,\"max_us\":0.0}"));
    json_object_del(row, "latency");
    cr_assert(
        eq(str, dumped(row),
           "{\"t_s\":10.0,\"attempted\":1000,\"established\":998,\"closed\":993,\"failed\":3,"
           "\"rx_packets\":3000,\"tx_packets\":30000000,\"rx_payload_bytes\":0,"
           "\"tx_payload_bytes\":0,\"tls_handshakes\":0,\"responses\":0,\"retransmits\":0,"
           "\"connections_busy\":0,\"late_starts\":0,\"long_polls\":0,"
           "\"long_polls_ns\":0,\"off_cpu_ns\":0,\"open\":4,\"longest_poll_ns\":0,\"cps\":99.8,"
           "\"rx_pps\":300.0,\"tx_pps\":3000000.0,\"rx_bps\":144000.0,\"tx_bps\":1440000000.0,"
           "\"rx_payload_bps\":0.0,\"tx_payload_bps\":0.0,\"tls_hps\":0.0,\"rps\":0.0," NO_HTTP ","
           "\"busy\":{\"client\":0.9,\"server\":0.5}}"));
    json_decref(o);
}

/* Five minutes at ten milliseconds, or a working day. As a tree they would take 480 MB. A sanitizer
 * keeps what was freed. */
Test(json, many_intervals_take_no_memory_to_write)
{
    const bool keeps_all = IS_SANITIZED;
    const size_t n = keeps_all ? 300 : 30000;
    struct rusage before, after;
    FILE *out = fopen("/dev/null", "w");
    struct result_interval row;

    sample_init(&s);
    row = s.r.intervals[0];
    for (size_t i = 0; i < n; i++)
        report_result_add_interval(&s.r, &row);
    cr_assert(le(sz, n, s.r.n_intervals));
    getrusage(RUSAGE_SELF, &before);
    cr_assert(zero(int, json_write(out, &s.r, &f)));
    getrusage(RUSAGE_SELF, &after);
    fclose(out);
    cr_assert(keeps_all || after.ru_maxrss - before.ru_maxrss < 16 << 10, "%ld KiB",
              after.ru_maxrss - before.ru_maxrss);
}

/* For those that read the file from its beginning. */
Test(json, the_scenario_comes_early_and_the_intervals_last)
{
    static char text[1 << 17];
    FILE *out = fmemopen(text, sizeof(text), "w");

    sample_init(&s);
    cr_assert(zero(int, json_write(out, &s.r, &f)));
    fclose(out);
    cr_assert(lt(ptr, strstr(text, "\n  \"schema\""), strstr(text, "\n  \"scenario\"")));
    cr_assert(lt(ptr, strstr(text, "\n  \"scenario\""), strstr(text, "\n  \"host\"")));
    cr_assert(
        lt(ptr, strstr(text, "\n  \"intervals_omitted\""), strstr(text, "\n  \"intervals\"")));
}

Test(json, an_interval_tells_how_much_payload_it_carried)
{
    json_t *o, *row;

    sample_init_payload(&s);
    o = result();
    row = json_array_get(json_object_get(o, "intervals"), 0);
    cr_assert(eq(str, dumped(json_object_get(row, "rx_payload_bytes")), "1000000000"));
    cr_assert(eq(str, dumped(json_object_get(row, "tx_payload_bytes")), "10000000"));
    cr_assert(eq(str, dumped(json_object_get(row, "rx_payload_bps")), "800000000.0"));
    cr_assert(eq(str, dumped(json_object_get(row, "tx_payload_bps")), "8000000.0"));
    cr_assert(eq(str, dumped(json_object_get(json_object_get(row, "latency"), "transfer")),
                 "{\"count\":990,\"p50_us\":2002.944,\"p90_us\":2002.944,\"p95_us\":2002.944,"
                 "\"p99_us\":300000.0,\"p999_us\":300000.0,\"p9999_us\":300000.0,"
                 "\"max_us\":300000.0}"));
    json_decref(o);
}

Test(json, tls_is_null_in_a_run_without)
{
    json_t *o;

    sample_init(&s);
    o = result();
    cr_assert(eq(str, dumped(json_object_get(o, "tls")), "null"));
    json_decref(o);
}

Test(json, tls_has_the_sizes_of_handshakes_full_and_resumed)
{
    json_t *o, *sizes;

    sample_init_tls(&s);
    tls_spread_count(&s.r.tls.sizes[TLS_RESUMED][TLS_SIZE_sent_bytes], 600);
    tls_spread_count(&s.r.tls.sizes[TLS_RESUMED][TLS_SIZE_sent_bytes], 603);
    o = result();
    sizes = json_object_get(json_object_get(o, "tls"), "sizes");
    cr_assert(eq(str, dumped(json_object_get(json_object_get(sizes, "resumed"), "sent_bytes")),
                 "{\"count\":2,\"sum\":1203,\"min\":600,\"mean\":601.5,\"max\":603}"));
    cr_assert(eq(str, dumped(json_object_get(json_object_get(sizes, "full"), "received_segments")),
                 "{\"count\":0,\"sum\":0,\"min\":0,\"mean\":0.0,\"max\":0}"));
    json_decref(o);
}

Test(json, tls_has_what_was_agreed_on_what_went_wrong_and_what_it_took)
{
    json_t *o;

    sample_init_tls(&s);
    s.r.tls_provider = "crypto_mb";
    tls_spread_count(&s.r.tls.batches[LANE_P256_VERIFY], 8);
    tls_spread_count(&s.r.tls.batches[LANE_P256_VERIFY], 3);
    o = result();
    json_object_del(json_object_get(o, "tls"), "sizes");
    cr_assert(eq(str,
                 dumped(json_object_get(json_object_get(json_object_get(o, "tls"), "batches"),
                                        "p256_verify")),
                 "{\"count\":2,\"sum\":11,\"min\":3,\"mean\":5.5,\"max\":8}"));
    json_object_del(json_object_get(o, "tls"), "batches");
    cr_assert(
        eq(str, dumped(json_object_get(o, "tls")),
           "{\"versions\":{\"TLSv1.3\":900,\"TLSv1.2\":100},"
           "\"ciphers\":{\"TLS_AES_256_GCM_SHA384\":900,\"ECDHE-RSA-AES128-GCM-SHA256\":100},"
           "\"groups\":{\"X25519\":700,\"none\":300},\"signatures\":{},"
           "\"certificates\":{},\"alpn\":{},"
           "\"alerts_received\":{\"unknown_ca\":1,\"handshake_failure\":3},"
           "\"alerts_sent\":{},\"alert_legs\":{},\"untrusted\":{\"certificate has expired\":1},"
           "\"examples\":{\"tls_alert\":\"sslv3 alert handshake failure\","
           "\"tls_untrusted\":\"certificate verify failed\"},"
           "\"provider\":\"crypto_mb\","
           "\"memory\":{\"handshake_bytes\":47104,\"idle_bytes\":12288}}"));
    json_decref(o);
}

Test(json, tls_has_its_counters_rate_and_latencies)
{
    json_t *o, *totals, *latency, *row;

    sample_init_tls(&s);
    o = result();
    totals = json_object_get(o, "totals");
    cr_assert(eq(str, dumped(json_object_get(totals, "tls_handshakes")), "1000"));
    cr_assert(eq(str, dumped(json_object_get(totals, "tls_resumed")), "300"));
    cr_assert(
        eq(str, dumped(json_object_get(json_object_get(totals, "failures"), "tls_alert")), "4"));
    cr_assert(eq(str, dumped(json_object_get(json_object_get(o, "rates"), "tls_hps")), "100.0"));
    latency = json_object_get(o, "latency");
    cr_assert(eq(
        str, dumped(json_object_get(latency, "tls")),
        "{\"count\":700,\"min_us\":2000.0,\"mean_us\":2000.0,\"p50_us\":2000.0,"
        "\"p90_us\":2000.0,\"p95_us\":2000.0,\"p99_us\":2000.0,\"p999_us\":2000.0,\"p9999_"
        "us\":2000.0,\"max_us\":2000.0,\"sum_ns\":1400000000,\"distribution\":\"1998848:700\"}"));
    cr_assert(
        eq(str, dumped(json_object_get(latency, "tls_resumed")),
           "{\"count\":300,\"min_us\":500.0,\"mean_us\":500.0,\"p50_us\":500.0,"
           "\"p90_us\":500.0,\"p95_us\":500.0,\"p99_us\":500.0,\"p999_us\":500.0,\"p9999_"
           "us\":500.0,\"max_us\":500.0,\"sum_ns\":150000000,\"distribution\":\"499712:300\"}"));
    row = json_array_get(json_object_get(o, "intervals"), 0);
    cr_assert(eq(str, dumped(json_object_get(row, "tls_handshakes")), "1000"));
    cr_assert(eq(str, dumped(json_object_get(row, "tls_hps")), "100.0"));
    cr_assert(eq(str, dumped(json_object_get(json_object_get(row, "latency"), "tls")),
                 "{\"count\":1000,\"p50_us\":2000.0,\"p90_us\":2000.0,\"p95_us\":2000.0,"
                 "\"p99_us\":2000.0,\"p999_us\":2000.0,\"p9999_us\":2000.0,\"max_us\":2000.0}"));
    cr_assert(eq(ptr, json_object_get(json_object_get(row, "latency"), "tls_resumed"), NULL));
    json_decref(o);
}

Test(json, failures_of_tls_are_counted_and_not_overwritten)
{
    json_t *o, *failures;

    sample_init(&s);
    s.r.totals.failures[FAILURE_tls] = 7;
    o = result();
    failures = json_object_get(json_object_get(o, "totals"), "failures");
    cr_assert(eq(str, dumped(json_object_get(failures, "tls")), "7"));
    cr_assert(eq(str, dumped(json_object_get(failures, "http")), "0"));
    json_decref(o);
}

Test(json, names_that_found_no_row_and_names_that_are_no_utf8_do_not_spoil_the_result)
{
    json_t *o;

    sample_init_tls(&s);
    s.r.tls.alpn =
        (struct tls_rows){.n = 3, .rows = {{"h\xff", 1}, {"h\xfe", 2}, {"h2", 4}}, .others = 5};
    o = result();
    cr_assert(eq(str, dumped(json_object_get(json_object_get(o, "tls"), "alpn")),
                 "{\"h?\":3,\"h2\":4,\"others\":5}"));
    json_decref(o);
}

/* The names in @list that the schema's "properties" and "required" at @o lack. */
static void
assert_lists(const json_t *o, const struct stat_name *list, size_t n)
{
    const json_t *properties = json_object_get(o, "properties");
    const json_t *required = json_object_get(o, "required");
    json_t *item;
    size_t idx;

    for (size_t i = 0; i < n; i++) {
        bool is_required = false;

        cr_assert(ne(ptr, json_object_get(properties, list[i].name), NULL),
                  "docs/result.schema.json lacks %s", list[i].name);
        json_array_foreach(required, idx, item) is_required |=
            strcmp(json_string_value(item), list[i].name) == 0;
        cr_assert(is_required, "docs/result.schema.json does not require %s", list[i].name);
    }
}

/* A name in the schema that a result does not have is stale. */
static void
assert_all_written(const json_t *o, const json_t *written)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(o, "properties"), key, value)
        cr_assert(ne(ptr, json_object_get(written, key), NULL), "%s is in the schema only", key);
}

Test(json, the_schema_knows_every_counter_and_failure_and_nothing_else)
{
    json_t *schema = json_load_file(SCHEMA_PATH, 0, NULL), *defs, *o, *totals;

    cr_assert(ne(ptr, schema, NULL));
    sample_init_classes(&s);
    o = result();
    totals = json_object_get(o, "totals");
    defs = json_object_get(schema, "$defs");
    assert_lists(json_object_get(defs, "counts"), stat_counter_names, CTR_COUNT);
    assert_lists(json_object_get(defs, "failures"), stat_failure_names, FAILURE_COUNT);
    assert_all_written(json_object_get(defs, "counts"), totals);
    assert_all_written(json_object_get(defs, "failures"), json_object_get(totals, "failures"));
    assert_all_written(schema, o);
    json_decref(o);
    json_decref(schema);
}

Test(json, a_device_name_that_is_no_utf8_does_not_spoil_the_result)
{
    json_t *o;

    sample_init(&s);
    strcpy(s.conf.device, "net_tap0,iface=\xff");
    o = result();
    cr_assert(eq(str, dumped(json_object_get(json_object_get(o, "host"), "device")),
                 "\"net_tap0,iface=?\""));
    json_decref(o);
}

static int
write_to(const char *place)
{
    struct sink_opts o = {.place = place};
    void *state;

    cr_assert(zero(int, sink_json.open(&state, &o, &f)));
    return sink_json.end(state, &s.r, &f);
}

Test(json, a_full_disk_is_an_error)
{
    sample_init(&s);
    cr_assert(eq(int, write_to("/dev/full"), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(
        eq(str, f.text, "--json /dev/full: the file cannot be written: No space left on device"));
}

Test(json, a_file_is_written_whole_under_its_name)
{
    char dir[] = "/tmp/test_json.XXXXXX", path[64];
    json_t *o;

    sample_init(&s);
    cr_assert(ne(ptr, mkdtemp(dir), NULL));
    snprintf(path, sizeof(path), "%s/result.json", dir);
    cr_assert(zero(int, outfile_check("--json", path, &f)));
    cr_assert(eq(int, access(path, F_OK), -1));
    cr_assert(zero(int, write_to(path)));
    o = json_load_file(path, 0, NULL);
    cr_assert(ne(ptr, o, NULL));
    json_decref(o);
    unlink(path);
    cr_assert(zero(int, rmdir(dir)));
}

Test(json, a_path_without_a_directory_is_found_before_the_run)
{
    cr_assert(eq(int, outfile_check("--json", "/nonexistent/result.json", &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(eq(
        str, f.text,
        "--json /nonexistent/result.json: the file cannot be written: No such file or directory"));
}

Test(json, several_classes_have_totals_rates_and_latencies_of_their_own)
{
    json_t *o, *class;

    sample_init_classes(&s);
    o = result();
    cr_assert(eq(sz, json_array_size(json_object_get(o, "classes")), 2));
    class = json_array_get(json_object_get(o, "classes"), 1);
    cr_assert(eq(str, dumped(json_object_get(class, "name")), "\"bulk\""));
    cr_assert(
        eq(str, dumped(json_object_get(json_object_get(class, "totals"), "attempted")), "400"));
    cr_assert(eq(str, dumped(json_object_get(json_object_get(class, "totals"), "open")), "1"));
    cr_assert(eq(str, dumped(json_object_get(json_object_get(class, "rates"), "cps")), "40.0"));
    cr_assert(eq(str,
                 dumped(json_object_get(
                     json_object_get(json_object_get(class, "latency"), "connect"), "count")),
                 "400"));
    json_decref(o);
    sample_init(&s);
    o = result();
    cr_assert(eq(ptr, json_object_get(o, "classes"), NULL), "with one class nothing is said of it");
    json_decref(o);
}
