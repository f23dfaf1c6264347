/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/phases.h"

#include "conf_rig.h"

static struct conf_rig r;

#define RUN "run "

Test(phases, without_any_all_of_the_load_is_measured)
{
    cr_assert(zero(int, rig_finish(&r, RUN "--rate 100 --duration 3s")), "%s", r.fail.text);
    cr_assert(not(conf_has_phases(&r.conf)));
    cr_assert(eq(u64, conf_load_ns(&r.conf), 3 * NS_PER_SEC));
    cr_assert(load_plan_is_even(&r.conf.load));
}

Test(phases, follow_each_other_and_make_a_plan)
{
    struct conf_phase p;

    cr_assert(zero(int, rig_finish(&r, RUN "--rate 1000 --init 1s --ramp-up 2s --warm-up 3s "
                                           "--duration 4s --ramp-down 2s")),
              "%s", r.fail.text);
    cr_assert(conf_has_phases(&r.conf));
    cr_assert(eq(u64, conf_load_ns(&r.conf), 12 * NS_PER_SEC));
    p = conf_phase(&r.conf, PHASE_SUSTAIN);
    cr_assert(eq(u64, p.begin_ns, 6 * NS_PER_SEC));
    cr_assert(eq(u64, p.end_ns, 10 * NS_PER_SEC));
    cr_assert(eq(int, conf_phase_at(&r.conf, NS_PER_SEC - 1), PHASE_INIT));
    cr_assert(eq(int, conf_phase_at(&r.conf, NS_PER_SEC), PHASE_RAMP_UP));
    cr_assert(eq(int, conf_phase_at(&r.conf, 5 * NS_PER_SEC), PHASE_WARM_UP));
    cr_assert(eq(int, conf_phase_at(&r.conf, 30 * NS_PER_SEC), PHASE_RAMP_DOWN));
    /* Half of a second's starts in each second of a ramp, on average. */
    cr_assert(load_plan_is_valid(&r.conf.load));
    cr_assert(zero(u64, load_plan_starts(&r.conf.load, NS_PER_SEC)));
    cr_assert(eq(u64, load_plan_starts(&r.conf.load, 3 * NS_PER_SEC), 1000));
    cr_assert(eq(u64, load_plan_starts(&r.conf.load, 10 * NS_PER_SEC), 8000));
    cr_assert(eq(u64, load_plan_starts(&r.conf.load, 12 * NS_PER_SEC), 9000));
    cr_assert(eq(u64, load_plan_starts(&r.conf.load, 20 * NS_PER_SEC), 9000));
}

Test(phases, a_warm_up_alone_leaves_the_rate_as_it_is)
{
    cr_assert(zero(int, rig_finish(&r, RUN "--rate 0.5 --warm-up 2s --duration 4s")), "%s",
              r.fail.text);
    cr_assert(load_plan_is_even(&r.conf.load));
    cr_assert(eq(u64, conf_load_ns(&r.conf), 6 * NS_PER_SEC));
    cr_assert(eq(u64, conf_phase(&r.conf, PHASE_SUSTAIN).begin_ns, 2 * NS_PER_SEC));
}

Test(phases, a_closed_loop_has_ramps_of_its_bound)
{
    cr_assert(zero(int, rig_finish(&r, RUN "--connections 1000 --init 1s --ramp-up 2s "
                                           "--duration 4s --ramp-down 2s")),
              "%s", r.fail.text);
    cr_assert(conf_ramps_bound(&r.conf));
    cr_assert(zero(u64, conf_bound_at(&r.conf, 0)));
    cr_assert(eq(u64, conf_bound_at(&r.conf, NS_PER_SEC), 1));
    cr_assert(eq(u64, conf_bound_at(&r.conf, 2 * NS_PER_SEC), 500));
    cr_assert(eq(u64, conf_bound_at(&r.conf, 3 * NS_PER_SEC), 1000));
    cr_assert(eq(u64, conf_bound_at(&r.conf, 7 * NS_PER_SEC), 1000));
    cr_assert(eq(u64, conf_bound_at(&r.conf, 8 * NS_PER_SEC), 500));
    cr_assert(eq(u64, conf_bound_at(&r.conf, 9 * NS_PER_SEC), 1));
}

Test(phases, sustain_is_another_name_for_the_duration)
{
    cr_assert(zero(int, rig_finish(&r, RUN "--rate 10 --warm-up 1s --sustain 4s")));
    cr_assert(eq(u64, conf_load_ns(&r.conf), 5 * NS_PER_SEC));
    cr_assert(zero(int, rig_finish(&r, RUN "--sustain 4s --duration 4s")));
    cr_assert(eq(int, rig_finish(&r, RUN "--sustain 4s --duration 5s"), -1));
    cr_assert(strstr(r.fail.text, "--sustain: --duration") != NULL, "%s", r.fail.text);
}

Test(phases, ramps_take_a_rate_that_is_one_and_whole)
{
    cr_assert(eq(int, rig_finish(&r, RUN "--shape sine:1..10/1s --ramp-up 1s"), -1));
    cr_assert(strstr(r.fail.text, "--ramp-up: --shape sine") != NULL, "%s", r.fail.text);
    cr_assert(zero(int, rig_finish(&r, RUN "--shape sine:1..10/1s --warm-up 1s")));
    cr_assert(eq(int, rig_finish(&r, RUN "--rate 0.5 --ramp-down 1s"), -1));
    cr_assert(strstr(r.fail.text, "whole number") != NULL, "%s", r.fail.text);
}

Test(phases, requests_that_are_paced_have_the_same)
{
    cr_assert(zero(int, rig_finish(&r, RUN "http://198.19.0.1:80 --request-rate 1000 --ramp-up 2s "
                                           "--duration 1s")),
              "%s", r.fail.text);
    cr_assert(not(conf_ramps_bound(&r.conf)));
    cr_assert(eq(u64, load_plan_starts(&r.conf.request_load, 3 * NS_PER_SEC), 2000));
}
