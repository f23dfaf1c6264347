/* SPDX-License-Identifier: BSD-3-Clause */
#include "metrics/exposition.h"

#include "metrics_rig.h"

#define HAS(line) cr_assert(has_line(text, line), "no line %s in %s", line, text)

static char *text;

Test(exposition, prometheus_tells_of_samples_by_their_full_names)
{
    sample_init(&sample);
    text = text_of(snap(), EXPOSITION_PROMETHEUS);
    HAS("# TYPE shakedown_attempted_total counter");
    HAS("# HELP shakedown_attempted_total connections begun: first SYN sent, or accepted by a "
        "server");
    HAS("shakedown_attempted_total{core=\"1\",role=\"client\"} 1000");
    HAS("shakedown_attempted_total{core=\"2\",role=\"server\"} 999");
    HAS("# TYPE shakedown_build_info gauge");
    HAS("shakedown_build_info{version=\"0.1.0\",dpdk=\"DPDK 22.11.11\",openssl=\"3.0.17\"} 1");
    HAS("shakedown_failures_total{core=\"1\",role=\"client\",cause=\"timeout\"} 2");
    HAS("shakedown_open_connections{core=\"1\",role=\"client\"} 4");
    HAS("shakedown_phase{phase=\"sustain\"} 1");
    HAS("shakedown_phase{phase=\"over\"} 0");
    cr_assert_null(strstr(text, "# EOF"));
    cr_assert_null(strstr(text, "# UNIT"));
    cr_assert_null(strstr(text, "_ns{"));
    free(text);
}

Test(exposition, openmetrics_tells_of_families_with_units_and_an_end)
{
    sample_init(&sample);
    text = text_of(snap(), EXPOSITION_OPENMETRICS);
    HAS("# TYPE shakedown_attempted counter");
    HAS("shakedown_attempted_total{core=\"1\",role=\"client\"} 1000");
    HAS("# TYPE shakedown_build info");
    HAS("# UNIT shakedown_busy_seconds seconds");
    HAS("# UNIT shakedown_rx_bytes bytes");
    HAS("# HELP shakedown_path_mtu_changes ICMP \\\"packet too big\\\" errors accepted (RFC 1191, "
        "RFC 8201)");
    cr_assert(eq(str, text + strlen(text) - 6, "# EOF\n"));
    free(text);
}

Test(exposition, numbers_are_exact_and_in_base_units)
{
    sample_init(&sample);
    sample.r.cores[0].total.counters[CTR_busy_ns] = 9000000001;
    sample.r.cores[0].total.counters[CTR_polls] = UINT64_MAX;
    sample.r.cores[0].total.longest_poll_ns = 1500000;
    text = text_of(snap(), EXPOSITION_PROMETHEUS);
    HAS("shakedown_busy_seconds_total{core=\"1\",role=\"client\"} 9.000000001");
    HAS("shakedown_busy_seconds_total{core=\"2\",role=\"server\"} 5");
    HAS("shakedown_polls_total{core=\"1\",role=\"client\"} 18446744073709551615");
    HAS("shakedown_longest_poll_seconds{core=\"1\",role=\"client\"} 0.0015");
    HAS("shakedown_asked_per_second 100.5");
    HAS("shakedown_start_time_seconds 1700000000.5");
    HAS("shakedown_run_time_seconds 10");
    free(text);
}

Test(exposition, a_histogram_is_cumulative_and_ends_with_all)
{
    sample_init(&sample);
    text = text_of(snap(), EXPOSITION_PROMETHEUS);
    HAS("# TYPE shakedown_connect_seconds histogram");
    HAS("shakedown_connect_seconds_bucket{role=\"client\",le=\"5.11e-07\"} 990");
    HAS("shakedown_connect_seconds_bucket{role=\"client\",le=\"4.6335e-05\"} 990");
    HAS("shakedown_connect_seconds_bucket{role=\"client\",le=\"6.5535e-05\"} 998");
    HAS("shakedown_connect_seconds_bucket{role=\"client\",le=\"274.877906943\"} 998");
    HAS("shakedown_connect_seconds_bucket{role=\"client\",le=\"+Inf\"} 998");
    HAS("shakedown_connect_seconds_count{role=\"client\"} 998");
    HAS("shakedown_connect_seconds_sum{role=\"client\"} 0.000598"); /* 990 of 200 ns, 8 of 50 us */
    free(text);
}

Test(exposition, classes_have_names_of_their_own_and_latencies_tell_them_apart)
{
    sample_init_classes(&sample);
    text = text_of(snap(), EXPOSITION_PROMETHEUS);
    HAS("shakedown_class_attempted_total{class=\"web\"} 600");
    HAS("shakedown_class_open_connections{class=\"web\"} 3");
    HAS("shakedown_class_failures_total{class=\"web\",cause=\"timeout\"} 2");
    HAS("shakedown_connect_seconds_count{role=\"client\",class=\"bulk\"} 400");
    HAS("shakedown_lateness_seconds_count{role=\"client\"} 1000");
    cr_assert_null(strstr(text, "shakedown_class_polls"));
    free(text);
}

Test(exposition, what_labels_say_is_escaped)
{
    sample_init(&sample);
    sample.r.dpdk_version = "a\"b\\c\nd";
    text = text_of(snap(), EXPOSITION_PROMETHEUS);
    HAS("shakedown_build_info{version=\"0.1.0\",dpdk=\"a\\\"b\\\\c\\nd\",openssl=\"3.0.17\"} 1");
    free(text);
}

Test(exposition, a_closed_loop_has_no_rate_and_a_run_no_latency_that_it_does_not_measure)
{
    sample_init(&sample);
    facts.has_rate = false;
    text = text_of(snap(), EXPOSITION_PROMETHEUS);
    cr_assert_null(strstr(text, "asked_per_second"));
    cr_assert_null(strstr(text, "shakedown_tls_seconds"));
    cr_assert_null(strstr(text, "shakedown_ttfb_seconds"));
    cr_assert_not_null(strstr(text, "shakedown_connect_seconds"));
    free(text);
}
