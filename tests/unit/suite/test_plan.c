/* SPDX-License-Identifier: BSD-3-Clause */
#include "suite_rig.h"

static struct suite_plan p;
static struct fail f;

#define FAMILIES                                                                                   \
    "scenario: {device: loopback}\n"                                                               \
    "http: {urls: ['http://198.19.0.1/', 'http://[2001:2::1]/'], cps: 1k}\ntests: 7.2\n"

static void
fini(void)
{
    suite_plan_fini(&p);
}

static void
refuses(const char *text, const char *where)
{
    cr_assert(eq(int, suite_plan_from(&p, "plan.yaml", text, false, &f), -1), "%s", text);
    cr_expect(eq(int, f.status, EXIT_USAGE));
    cr_expect(strncmp(f.text, where, strlen(where)) == 0, "%s, not %s", f.text, where);
}

Test(suite_plan, what_it_does_not_say_is_as_the_rfc_recommends)
{
    char changes[SUITE_WHY_MAX];

    rig_plan(&p, RIG_PLAN, false);
    cr_expect(eq(u64, p.init_ns, 5 * NS_PER_SEC));
    cr_expect(eq(u64, p.sustain_ns, 300 * NS_PER_SEC));
    cr_expect(eq(u32, p.initial_ppm, 100000));
    cr_expect(eq(u32, p.limit_ppm[SUITE_FAILURES], 10));
    cr_expect(eq(u32, p.limit_ppm[SUITE_RESETS], 10));
    cr_expect(eq(u32, p.limit_ppm[SUITE_FORWARDING], 50000));
    cr_expect(eq(u32, p.limit_ppm[SUITE_OPEN], 100000));
    cr_expect(eq(uint, p.rate_sizes.n, 5));
    cr_expect(eq(u64, p.rate_sizes.list[4], 64000));
    cr_expect(eq(u64, p.throughput_sizes.list[4], SUITE_MIXED));
    cr_expect(eq(uint, p.latency_sizes.n, 3));
    cr_expect(p.has_test[SUITE_7_1] && p.has_test[SUITE_7_9]);
    cr_expect(not(p.has_test[SUITE_REFERENCE] || p.has_test[SUITE_3511_5_2]));
    cr_expect(eq(str, (char *)suite_plan_changes(&p, changes), ""));
    suite_plan_fini(&p);
}

Test(suite_plan, whatever_is_changed_is_told)
{
    char changes[SUITE_WHY_MAX];

    rig_plan(&p,
             RIG_PLAN "criteria: {resets: 1%, rate_deviation: 5%}\nphases: {sustain: 100s}\n"
                      "sizes: {cps: [1k, 2k]}\ntests: [7.1, 7.2]\ninitial: 20%\n",
             false);
    suite_plan_changes(&p, changes);
    cr_expect(strstr(changes, "criteria.resets is changed: 1% in place of 0.001%") != NULL);
    cr_expect(strstr(changes, "rate_deviation") == NULL, "it is the RFC's");
    cr_expect(strstr(changes, "100s, less than 300 s") != NULL);
    cr_expect(strstr(changes, "object sizes") != NULL);
    cr_expect(strstr(changes, "test 7.3 is not made") != NULL);
    cr_expect(strstr(changes, "initial") != NULL);
    cr_expect(strstr(changes, "security") == NULL);
    suite_plan_fini(&p);
}

Test(suite_plan, a_device_of_whose_security_nothing_is_said_is_told, .fini = fini)
{
    char changes[SUITE_WHY_MAX];

    rig_plan(&p, strchr(RIG_PLAN, '\n') + 1, false);
    cr_expect(strstr(suite_plan_changes(&p, changes), "security effectiveness") != NULL);
}

Test(suite_plan, the_testbed_alone_has_to_carry_a_tenth_more, .fini = fini)
{
    rig_plan(&p, RIG_PLAN "reference: {urls: 'http://198.19.9.1/'}\n", false);
    cr_expect(p.has_test[SUITE_REFERENCE]);
    cr_expect(eq(u64, p.reference_bps, 110000000));
}

Test(suite_plan, families_have_one_of_five_shares_or_it_is_told, .fini = fini)
{
    char changes[SUITE_WHY_MAX];

    rig_plan(&p, FAMILIES "ipv6: 50%\n", false);
    cr_expect(strstr(suite_plan_changes(&p, changes), "IPv6") == NULL);
    suite_plan_fini(&p);
    rig_plan(&p, FAMILIES "ipv6: 30%\n", false);
    cr_expect(strstr(suite_plan_changes(&p, changes), "30% of the connections are of IPv6") !=
              NULL);
}

Test(suite_plan, a_share_of_ipv6_needs_urls_of_both_families)
{
    refuses(RIG_PLAN "ipv6: 20%\n", "plan.yaml:1:1: ipv6: give URLs of both families");
    refuses(FAMILIES "ipv6: 100%\n", "plan.yaml:1:1: ipv6: for none or for all");
}

Test(suite_plan, quick_is_a_hundredth_but_half_a_second_at_least_and_never_more)
{
    char changes[SUITE_WHY_MAX];

    rig_plan(&p, RIG_PLAN "phases: {ramp_up: 300ms, sustain: 400s}\n", true);
    cr_expect(eq(u64, p.sustain_ns, 4 * NS_PER_SEC));
    cr_expect(eq(u64, p.init_ns, 500 * NS_PER_MS));
    cr_expect(eq(u64, p.ramp_up_ns, 300 * NS_PER_MS));
    cr_expect(strncmp(suite_plan_changes(&p, changes), "--quick", 7) == 0);
    suite_plan_fini(&p);
}

Test(suite_plan, mistakes_have_their_place)
{
    refuses("scenario: {device: loopback}\nhttp: {cp: 3}\n", "plan.yaml:2:8: http.cp: there is no");
    refuses("scenario: {device: loopback}\nhttp: {cps: fast}\n", "plan.yaml:2:13: http.cps: ");
    refuses("scenario: {devise: loopback}\n", "plan.yaml:1:12: 'devise'");
    refuses("title: x\n", "plan.yaml:1:1: scenario: it is missing");
    refuses("scenario: {hold: 1s}\n", "plan.yaml:1:18: hold: the suite sets it itself");
    refuses("scenario: {urls: 'tcp://198.19.0.1:1'}\n", "plan.yaml:1:18: scenario.urls");
    refuses("scenario: {device: loopback}\nhttp: {urls: 'tcp://198.19.0.1:1'}\n",
            "plan.yaml:2:14: http.urls: ");
    refuses("scenario: {device: loopback}\nhttps: {ciphers: best}\n",
            "plan.yaml:2:18: https.ciphers: 'best' is no recommended set");
    refuses("scenario: {device: loopback}\nmix:\n  applications:\n    - {name: a, urls: "
            "'http://198.19.0.1/', share: 30%}\n",
            "plan.yaml:4:5: mix.applications: the shares do not add up");
    refuses("scenario: {device: loopback}\nsizes: {cps: [1k, 1000]}\n",
            "plan.yaml:2:19: sizes.cps: '1000' stands twice");
    refuses("scenario: {device: loopback}\ntests: [7.2]\ntests: [7.3]\n", "plan.yaml:3:1: ");
}

Test(suite_plan, a_test_whose_load_follows_from_others_needs_them)
{
    refuses(RIG_PLAN "tests: [7.2, 7.4]\n", "plan.yaml:1:1: tests: the load of 7.4 follows from");
    refuses("scenario: {device: loopback}\ntests: 7.2\n",
            "plan.yaml:1:1: http.urls: it is missing");
}
