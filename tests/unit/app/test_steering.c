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
expect_no_choice(enum steering_reason why)
{
    cr_assert(eq(ptr, (void *)steering.by, NULL));
    cr_assert(eq(int, steering.reason, why));
    cr_assert(eq(u64, plan.tuples, equal_shares.tuples));
}

Test(steering, with_one_queue_there_is_nothing_to_choose)
{
    steer("run --lcores 1", 1, NULL);
    expect_no_choice(STEER_ONE_QUEUE);
}

Test(steering, ports_are_chosen_by_what_the_device_says)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("run --lcores 2", 2, &rss);
    cr_assert(eq(ptr, (void *)steering.by, &steering.rss));
}

Test(steering, the_plan_counts_only_ports_that_lead_to_each_queue)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 3); /* 43, 43 and 42 entries */

    steer("run --lcores 3", 3, &rss);
    cr_assert(eq(ptr, (void *)steering.by, &steering.rss));
    cr_assert(lt(u64, plan.tuples, equal_shares.tuples));
    cr_assert(lt(u64, equal_shares.tuples * 9 / 10, plan.tuples));
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
    expect_no_choice(STEER_NO_HASH);
}

Test(steering, a_key_that_does_not_reach_the_table_leaves_handing_off)
{
    static const uint8_t no_key[RSS_KEY_MIN];
    struct rss_opts rss = rss_opts_of(no_key, 128, 2);

    steer("run --lcores 2", 2, &rss);
    expect_no_choice(STEER_NO_CHOICE);
}

Test(steering, too_few_ports_leave_handing_off)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("run " RIG_LOCAL "--lcores 2 --ports 5000-5001 --reuse 0s --connections 8 "
          "tcp://198.19.0.1:80",
          2, &rss);
    expect_no_choice(STEER_FEW_PORTS);
}

Test(steering, a_server_has_no_choice_and_needs_none)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);

    steer("serve " RIG_LOCAL "--lcores 2", 2, &rss);
    expect_no_choice(STEER_BY_SYN);
}

/* -- the report ------------------------------------------------------------------------------- */

Test(steering, what_the_check_saw_is_reported_where_ports_are_chosen)
{
    struct rss_opts rss = rss_opts_of(VERIFICATION_KEY, 128, 2);
    struct queue_check check = {.sent = 16, .answered = 15, .misrouted = 1};
    struct steering_facts facts;

    steer("run --lcores 2", 2, &rss);
    steering_report(&steering, &check, &facts);
    cr_assert(eq(int, facts.reason, STEER_BY_PORT));
    cr_assert(eq(uint, facts.probes, 16));
    cr_assert(eq(uint, facts.answers, 15));
    cr_assert(eq(uint, facts.misrouted, 1));
}

Test(steering, without_a_choice_there_is_no_check_to_report)
{
    struct queue_check check = {0};
    struct steering_facts facts;

    steer("run --lcores 2", 2, NULL);
    steering_report(&steering, &check, &facts);
    cr_assert(eq(int, facts.reason, STEER_NO_HASH));
    cr_assert(zero(uint, facts.probes));
}
