/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/steering.h"

#include "../conf/conf_rig.h"
#include "../flow/rss_rig.h"

static struct conf_rig r;
static struct plan equal_shares, plan;
static struct steering steering;

/* What is made of a command line for a port that says of its RSS what @rss says. */
static void
steer(const char *line, unsigned n_queues, const struct rss_opts *rss)
{
    cr_assert(eq(int, rig_finish(&r, line), 0), "%s", r.fail.text);
    cr_assert(eq(int, plan_make(&equal_shares, &r.conf, NULL, 0, &r.fail), 0), "%s", r.fail.text);
    plan = steering_init(&steering, &r.conf, &equal_shares, n_queues, rss);
}

static void
expect_no_choice(const char *why)
{
    cr_assert(eq(ptr, (void *)steering.by, NULL));
    cr_assert(strstr(steering.why_not, why) != NULL, "%s", steering.why_not);
    cr_assert(eq(u64, plan.tuples, equal_shares.tuples));
}

Test(steering, with_one_queue_there_is_nothing_to_choose)
{
    steer("run --lcores 1", 1, NULL);
    expect_no_choice("");
    cr_assert(eq(str, (char *)steering.why_not, ""));
}

Test(steering, ports_are_chosen_by_what_the_device_says)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("run --lcores 2", 2, &rss);
    cr_assert(eq(ptr, (void *)steering.by, &steering.rss));
    cr_assert(eq(str, (char *)steering.why_not, ""));
}

Test(steering, the_plan_counts_only_ports_that_lead_to_each_queue)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 3); /* 43, 43 and 42 entries */

    steer("run --lcores 3", 3, &rss);
    cr_assert(eq(ptr, (void *)steering.by, &steering.rss));
    cr_assert(lt(u64, plan.tuples, equal_shares.tuples));
    cr_assert(gt(u64, plan.tuples, equal_shares.tuples * 9 / 10));
}

Test(steering, what_was_asked_for_stays_as_it_was)
{
    static struct conf before;
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("run --lcores 2", 2, NULL);
    before = r.conf;
    steering_init(&steering, &r.conf, &equal_shares, 2, &rss);
    cr_assert(eq(int, memcmp(&before, &r.conf, sizeof(before)), 0));
}

Test(steering, a_device_that_says_nothing_leaves_handing_off)
{
    steer("run --lcores 2", 2, NULL);
    expect_no_choice("does not say");
}

Test(steering, a_key_that_does_not_reach_the_table_leaves_handing_off)
{
    static const uint8_t no_key[RSS_KEY_MIN];
    struct rss_opts rss = rss_opts_of(no_key, 128, 2);

    steer("run --lcores 2", 2, &rss);
    expect_no_choice("no choice of ports");
}

Test(steering, too_few_ports_leave_handing_off)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("run " RIG_LOCAL "--lcores 2 --ports 5000-5001 --reuse 0s --connections 8 "
          "tcp://198.19.0.1:80",
          2, &rss);
    expect_no_choice("--ports");
}

Test(steering, a_server_has_no_choice_and_needs_none)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("serve " RIG_LOCAL "--lcores 2", 2, &rss);
    expect_no_choice("");
    cr_assert(eq(str, (char *)steering.why_not, ""));
}

/* -- the report ------------------------------------------------------------------------------- */

static struct result result;

static void
report(unsigned n_queues, struct rss_check check)
{
    memset(&result, 0, sizeof(result));
    steering_report(&steering, n_queues, &check, &result);
}

static void
expect_report(enum result_steering by, bool is_verified, const char *why)
{
    cr_assert(eq(int, result.steering, by));
    cr_assert(eq(int, result.steering_is_verified, is_verified));
    cr_assert(strstr(result.steering_why, why) != NULL, "%s", result.steering_why);
}

static void
steer_two_queues(void)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("run --lcores 2", 2, &rss);
}

Test(steering_report, nothing_is_said_of_a_single_queue)
{
    steer("run --lcores 1", 1, NULL);
    report(1, (struct rss_check){0});
    expect_report(STEERING_NONE, false, "");
    cr_assert(eq(str, result.steering_why, ""));
}

Test(steering_report, answers_to_the_right_queues_verify_it)
{
    steer_two_queues();
    report(2, (struct rss_check){.sent = 16, .answered = 16});
    expect_report(STEERING_RSS, true, "verified by 16 answers to probes");
}

Test(steering_report, a_single_answer_to_another_queue_refutes_it)
{
    steer_two_queues();
    report(2, (struct rss_check){.sent = 16, .answered = 15, .misrouted = 1});
    expect_report(STEERING_HANDOFF, false, "1 of 15 answers to probes came to another queue than");
}

Test(steering_report, without_answers_nothing_is_verified)
{
    steer_two_queues();
    report(2, (struct rss_check){.sent = 16});
    expect_report(STEERING_RSS, false, "not verified: no target answered any of 16 probes");
}

Test(steering_report, why_ports_were_not_chosen_is_said)
{
    steer("run --lcores 2", 2, NULL);
    report(2, (struct rss_check){0});
    expect_report(STEERING_HANDOFF, false, "the device does not say");
}

Test(steering_report, a_server_takes_connections_where_their_syn_came)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("serve " RIG_LOCAL "--lcores 2", 2, &rss);
    report(2, (struct rss_check){0});
    expect_report(STEERING_RSS, false, "whose queue received its SYN");
}
