/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/earlier.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "report/criteria.h"
#include "report/verdict.h"
#include "results.h"

static struct sample s;

/* The value at @key as text, of what is written of @r. */
static char *
written(const struct result *r, const char *key)
{
    struct json_tree t = {0};
    json_t *root = json_result_tree(&t, r);
    char *text = json_dumps(json_object_get(root, key),
                            JSON_ENCODE_ANY | JSON_INDENT(1) | JSON_REAL_PRECISION(12));

    json_decref(root);
    return text != NULL ? text : strdup("absent");
}

static void
expect_the_same(const struct result *r, const struct earlier *e, const char *key)
{
    char *before = written(r, key), *after = written(&e->result, key);

    cr_expect(eq(str, before, after), "%s", key);
    free(before);
    free(after);
}

static void
expect_all_the_same(const struct result *r)
{
    static const char *const keys[] = {
        "tool",    "scenario", "host",      "started_at",       "duration_s", "running",
        "phases",  "measured", "confirmed", "interrupted",      "dead_man",   "rate_changes",
        "aborted", "totals",   "rates",     "latency",          "classes",    "schedule_adherence",
        "tls",     "http",     "steering",  "memory",           "cores",      "icmp_errors",
        "middle",  "verdict",  "hints",     "intervals_omitted"};
    struct earlier *e = read_again(r);

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        expect_the_same(r, e, keys[i]);
    cr_assert(eq(sz, e->result.n_intervals, r->n_intervals));
    earlier_free(e);
}

Test(earlier, what_is_read_is_what_was_written)
{
    sample_init(&s);
    complete(&s);
    expect_all_the_same(&s.r);
}

Test(earlier, so_are_payload_tls_and_classes)
{
    sample_init_payload(&s);
    complete(&s);
    expect_all_the_same(&s.r);
    sample_init_tls(&s);
    tls_spread_count(&s.r.tls.sizes[TLS_FULL][TLS_SIZE_sent_bytes], 517);
    tls_spread_count(&s.r.tls.batches[LANE_RSA2048_SIGN], 7);
    tls_spread_count(&s.r.tls.sizes[TLS_FULL][TLS_SIZE_sent_bytes], 1520);
    tls_spread_count(&s.r.tls.sizes[TLS_RESUMED][TLS_SIZE_received_segments], 2);
    complete(&s);
    expect_all_the_same(&s.r);
    sample_init_classes(&s);
    complete(&s);
    expect_all_the_same(&s.r);
}

Test(earlier, so_are_what_happened_on_the_way_and_who_sent_errors)
{
    struct result_rate_change change = {3.5, 100000, 250500};

    sample_init(&s);
    complete(&s);
    report_result_add_rate_change(&s.r, &change);
    s.r.dead_man = (struct result_dead_man){true, 2.5, 3.75};
    s.r.abort = (struct result_abort){true, 4.25, "failed < 1"};
    s.r.interrupted = true;
    s.r.host.driver_lines = 3;
    strcpy(s.r.host.driver_said, "EAL: no \xc3\xa4mbiguity");
    s.r.plan.tuples = 12345;
    s.r.steering = (struct steering_facts){.reason = STEER_BY_PORT, .answers = 15, .misrouted = 1};
    s.r.icmp[1].is_set = true;
    s.r.icmp[1].type = 3;
    s.r.icmp[1].code = 4;
    cr_assert(zero(int, ip_parse("198.18.0.1", &s.r.icmp[1].from)));
    expect_all_the_same(&s.r);
}

Test(earlier, so_is_what_became_of_frames_between_two_ports)
{
    struct middle_tally *m = malloc(sizeof(*m));

    cr_assert(m != NULL);
    sample_init(&s);
    complete(&s);
    middle_tally_init(m, 3);
    m->untold = 2;
    m->counts[MIDDLE_TO_SERVER] = (struct middle_count){.sent = {10, 0, 30}, .arrived = {9, 0, 31}};
    m->seen[MIDDLE_TO_SERVER].matched = 8;
    m->seen[MIDDLE_TO_SERVER].unmatched_sent = 1;
    m->seen[MIDDLE_TO_SERVER].changed[MIDDLE_CHANGED_mss] = 7;
    hist_record(&m->seen[MIDDLE_TO_CLIENT].delay, 12345);
    s.r.middle = m;
    expect_all_the_same(&s.r);
    free(m);
    s.r.middle = NULL;
}

Test(earlier, histograms_lose_nothing)
{
    struct hist *h;
    struct earlier *e;

    sample_init(&s);
    h = &s.r.totals.latency[LAT_connect];
    for (uint64_t ns = 1; ns < NS_PER_SEC * 100; ns = ns * 17 / 16 + 1)
        hist_record(h, ns);
    e = read_again(&s.r);
    cr_assert(zero(int, memcmp(h, &e->result.totals.latency[LAT_connect], sizeof(*h))));
    earlier_free(e);
}

/* A part of the run is measured: the half from its second second on. */
Test(earlier, the_part_that_is_measured_has_its_own_counts)
{
    struct result part;
    struct earlier *e;
    struct fail f;

    sample_init(&s);
    s.conf.warm_up_ns = 5 * NS_PER_SEC;
    complete(&s);
    cr_assert(zero(int, report_result_init(&part, 2, &f)));
    report_result_copy_facts(&part, &s.r);
    part.cores[0] = s.r.cores[0];
    part.cores[1] = s.r.cores[1];
    part.cores[0].total.counters[CTR_established] = 400;
    report_result_sum(&part);
    part.duration_s = 5;
    report_result_take_measured(&s.r, &part, 5);
    expect_all_the_same(&s.r);
    e = read_again(&s.r);
    cr_assert(eq(u64, e->result.measured->cores[0].total.counters[CTR_established], 400));
    cr_assert(epsilon_eq(dbl, e->result.measured->duration_s, 5, 1e-9));
    earlier_free(e);
}

Test(earlier, a_secret_that_is_not_told_does_not_stop_it)
{
    struct earlier *e;

    sample_init(&s);
    strcpy(s.conf.targets[0].url, "http://198.19.0.1:80");
    strcpy(s.conf.classes[0].http.basic, "user:password");
    e = read_again(&s.r);
    cr_assert(eq(str, e->conf.classes[0].http.basic, ""));
    earlier_free(e);
}

static void
expect_refused(const char *text, const char *why)
{
    char path[] = "/tmp/result-XXXXXX";
    struct fail f = {0};
    FILE *out = fdopen(mkstemp(path), "w");

    fputs(text, out);
    fclose(out);
    cr_expect(eq(ptr, earlier_read(path, &f), NULL));
    unlink(path);
    cr_expect(eq(int, f.status, EXIT_USAGE));
    cr_expect(ne(ptr, strstr(f.text, why), NULL), "%s", f.text);
}

Test(earlier, what_is_no_result_is_refused_in_a_sentence)
{
    struct fail f = {0};

    cr_assert(eq(ptr, earlier_read("/nowhere/r.json", &f), NULL));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(ne(ptr, strstr(f.text, "/nowhere/r.json"), NULL), "%s", f.text);
    expect_refused("{\n  \"schema\": ", ":2:");
    expect_refused("[]", "its schema is ''");
    expect_refused("{\"schema\": \"shakedown.result/2\"}", "shakedown.result/1 is the one");
    expect_refused("{\"schema\": \"shakedown.result/1\"}", "there is no scenario in it");
    expect_refused("{\"schema\": \"shakedown.result/1\", \"scenario\": {\"load\": {\"rat\": 1}}}",
                   "rat");
}

Test(earlier, a_distribution_that_was_changed_is_noticed)
{
    char path[RESULT_PATH_MAX], *text;
    struct fail f = {0};
    FILE *file;
    json_t *root, *connect;

    sample_init(&s);
    write_result(&s.r, path);
    root = json_load_file(path, 0, NULL);
    connect = json_object_get(json_object_get(root, "latency"), "connect");
    json_object_set_new(connect, "distribution", json_string("200:990 49921:8"));
    text = json_dumps(root, 0);
    file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    cr_assert(eq(ptr, earlier_read(path, &f), NULL));
    cr_assert(ne(ptr, strstr(f.text, "do not add up"), NULL), "%s", f.text);
    unlink(path);
    free(text);
    json_decref(root);
}
