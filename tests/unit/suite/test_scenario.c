/* SPDX-License-Identifier: BSD-3-Clause */
#include "suite_rig.h"

#include "report/criteria.h"
#include "report/json_tree.h"
#include "suite/scenario.h"

static struct suite_plan p;
static struct suite s;
static json_t *o;

static void
make(const char *more, const char *name, enum suite_stage stage, double load)
{
    struct suite_step step = {.stage = stage, .load = load, .least = 10};
    char text[4096];

    snprintf(text, sizeof(text), "%s%s", RIG_PLAN, more);
    rig_plan(&p, text, false);
    suite_init(&s, &p);
    if (stage != SUITE_SEARCH && strncmp(name, "7.5", 3) == 0)
        step.ramp_up_s = 100;
    o = suite_scenario(&p, &s.cases.list[rig_find(&s, name)], &step);
    cr_assert(o != NULL);
}

static void
end(void)
{
    json_decref(o);
    suite_plan_fini(&p);
}

static void
has(const char *path, const char *text)
{
    const char *found = json_string_value(tree_at_path(o, path));

    cr_expect(found != NULL && strcmp(found, text) == 0, "%s: %s, not %s", path,
              found != NULL ? found : "none", text);
}

/* Of a search, which a run has to understand. */
static const char *
criterion(size_t i)
{
    const char *text = json_string_value(json_array_get(json_object_get(o, "criteria"), i));
    struct criteria c;
    struct fail f;

    cr_assert(text != NULL);
    cr_expect(zero(int, criteria_parse(&c, text, &f)), "%s", f.text);
    return text;
}

Test(suite_scenario, one_transaction_a_connection_and_closed_by_fin, .fini = end)
{
    make("", "7.2-16k", SUITE_TARGET, 1000);
    has("device", "loopback");
    has("requests", "1");
    has("close", "fin");
    has("load.rate", "1000");
    has("http.expect", "200");
    has("phases.init", "5s");
    has("phases.sustain", "5m");
    has("output.sample", "1s");
    cr_expect(eq(str, (char *)json_string_value(json_array_get(tree_at_path(o, "http.paths"), 0)),
                 "/16000"));
    cr_expect(tree_at_path(o, "tls") == NULL);
}

Test(suite_scenario, https_makes_full_handshakes_with_a_recommended_set, .fini = end)
{
    make("", "7.7-mixed", SUITE_TARGET, 50);
    has("tls.resume", "never");
    has("tls.versions", "1.2");
    has("tls.ciphers", "ECDHE-RSA-AES128-GCM-SHA256");
    has("tls.sigalgs", "rsa_pkcs1_sha256");
    has("requests", "10");
    cr_expect(eq(sz, json_array_size(tree_at_path(o, "http.paths")), 10));
}

Test(suite_scenario, capacity_keeps_connections_and_spaces_ten_transactions, .fini = end)
{
    make("", "7.5-1k", SUITE_TARGET, 400);
    has("load.connections", "400");
    has("requests", "0");
    has("stop", "drain");
    has("phases.ramp_up", "100001ms");
    has("think", "40000100us");
}

Test(suite_scenario, families_have_the_shares_of_the_plan, .fini = end)
{
    struct suite_step step = {.stage = SUITE_TARGET, .load = 1000};

    rig_plan(&p,
             "scenario: {device: loopback}\n"
             "http: {urls: ['http://198.19.0.1/', 'http://[2001:2::1]/'], cps: 1k}\n"
             "tests: 7.2\nipv6: 20%\n",
             false);
    suite_init(&s, &p);
    o = suite_scenario(&p, &s.cases.list[0], &step);
    has("load.ipv4_weight", "4");
    has("load.ipv6_weight", "1");
}

Test(suite_scenario, a_search_has_the_goal_and_the_criteria_of_its_trials, .fini = end)
{
    make("criteria: {resets: 2%}\n", "7.2-1k", SUITE_SEARCH, 1000);
    cr_expect(eq(str, (char *)json_string_value(json_array_get(tree_at_path(o, "search.goals"), 0)),
                 "final_trial_duration=1m,duration_sum=1m,initial_trial_duration=1s,"
                 "exceed_ratio=0%,width=1%"));
    has("search.min", "10");
    cr_expect(eq(str, (char *)criterion(0), "http_good > 99.9990%"));
    cr_expect(eq(str, (char *)criterion(1), "failed < 0.0010%"));
    cr_expect(eq(str, (char *)criterion(2), "failures.reset < 2.0000%"));
    cr_expect(tree_at_path(o, "phases") == NULL);
}

Test(suite_scenario, a_limit_of_zero_is_none_at_all, .fini = end)
{
    make("criteria: {resets: 0%, failed_transactions: 0%}\n", "7.2-1k", SUITE_SEARCH, 1000);
    cr_expect(eq(str, (char *)criterion(0), "http_good >= 100.0000%"));
    cr_expect(eq(str, (char *)criterion(1), "failed = 0"));
    cr_expect(eq(str, (char *)criterion(2), "failures.reset = 0"));
}

Test(suite_scenario, applications_of_a_mix_have_connections_by_their_traffic, .fini = end)
{
    const json_t *classes;

    make("", "7.1", SUITE_TARGET, 20);
    classes = json_object_get(o, "classes");
    cr_assert(eq(sz, json_array_size(classes), 2));
    cr_expect(
        eq(i64, json_integer_value(json_object_get(json_array_get(classes, 1), "weight")), 100));
    /* A third of the traffic, in connections of a hundredth the size. */
    cr_expect(
        ge(i64, json_integer_value(json_object_get(json_array_get(classes, 0), "weight")), 2500));
    has("tls.resume", "never");
}
