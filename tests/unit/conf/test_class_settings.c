/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/class_settings.h"

#include "scenario_rig.h"

#include "base/units.h"

static struct conf_rig r;

static const char TWO[] = "classes:\n"
                          " - {name: pages, urls: http://198.19.0.1/, rate: 1k, http.headers: ['A: "
                          "b', 'C: d']}\n"
                          " - {name: raw, urls: 'tcp://198.19.0.1:90', rate: 100, hold: 1s}\n";

static void
reads(const char *text, const char *line)
{
    cr_assert(zero(int, rig_scenario(&r, rig_finish, text, line)), "%s: %s", line, r.fail.text);
}

Test(class_settings, a_class_is_set_by_its_name_or_its_number)
{
    reads(TWO, "run FILE --set classes.pages.rate=2k --set classes.1.hold=3s");
    cr_expect(eq(u64, r.conf.classes[0].rate_milli, 2000000));
    cr_expect(eq(u64, r.conf.classes[1].hold_ns, 3 * NS_PER_SEC));
    cr_expect(eq(u64, r.conf.rate_milli, 2100000));
    conf_fini(&r.conf);
}

Test(class_settings, what_is_said_of_one_class_counts_more_than_what_is_said_of_all)
{
    reads(TWO, "run FILE --hold 7s --set classes.raw.hold=3s");
    cr_expect(eq(u64, r.conf.classes[0].hold_ns, 7 * NS_PER_SEC));
    cr_expect(eq(u64, r.conf.classes[1].hold_ns, 3 * NS_PER_SEC));
    conf_fini(&r.conf);
}

Test(class_settings, a_list_is_given_anew)
{
    reads(TWO, "run FILE --set classes.pages.http.headers=E:f --set classes.0.http.headers=G:h");
    cr_expect(eq(str, r.conf.classes[0].http.fields, "E:f\nG:h\n"));
    conf_fini(&r.conf);
}

Test(class_settings, weights_take_the_place_of_rates)
{
    reads(TWO, "run FILE --set classes.pages.weight=3 --set classes.raw.weight=1 --rate 400");
    cr_expect(zero(u64, r.conf.classes[0].rate_milli));
    cr_expect(eq(u64, r.conf.classes[0].weight, 3));
    cr_expect(eq(u64, r.conf.rate_milli, 400000));
    conf_fini(&r.conf);
}

static const struct {
    const char *line, *begins;
} mistakes[] = {
    {"run FILE --set classes.pagse.rate=2k",
     "--set classes.pagse.rate: there is no class 'pagse'; did you mean pages"},
    {"run FILE --set classes.2.rate=2k", "--set classes.2.rate: there is no class '2'"},
    {"run FILE --set classes.pages.rate=fast", "--set classes.pages.rate: 'fast' is not a rate"},
    {"run FILE --set classes.pages.wieght=2",
     "--set classes.pages.wieght: there is no such key; did you mean weight"},
    {"run FILE --set classes.pages.lcores=2",
     "--set classes.pages.lcores: it holds for the whole run"},
    {"run FILE --set classes.pages=2", "--set classes.pages: write classes.NAME.KEY=VALUE"},
};

Test(class_settings, mistakes_name_the_setting)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        cr_expect(eq(int, rig_scenario(&r, rig_finish, TWO, mistakes[i].line), -1), "%s",
                  mistakes[i].line);
        cr_expect(strncmp(r.fail.text, mistakes[i].begins, strlen(mistakes[i].begins)) == 0, "%s",
                  r.fail.text);
        conf_fini(&r.conf);
    }
}

Test(class_settings, without_classes_there_is_nothing_to_set)
{
    cr_expect(eq(int,
                 rig_scenario(&r, rig_finish, "urls: 'tcp://198.19.0.1:80'\n",
                              "run FILE --set classes.0.hold=1s"),
                 -1));
    cr_expect(strstr(r.fail.text, "the scenario has no classes") != NULL, "%s", r.fail.text);
    conf_fini(&r.conf);
    cr_expect(eq(int, rig_finish(&r, "run --set classes.0.hold=1s"), -1));
    cr_expect(strstr(r.fail.text, "there is no scenario file") != NULL, "%s", r.fail.text);
}

/* -- a proof of connections --------------------------------------------------------------- */

Test(class_settings, a_proof_is_asked_of_classes_that_can_give_it)
{
    reads(TWO, "run FILE --confirm payload");
    cr_expect(eq(int, r.conf.classes[0].confirm, CONFIRM_PAYLOAD));
    cr_expect(eq(int, r.conf.classes[1].confirm, CONFIRM_NONE));
    conf_fini(&r.conf);
    reads(TWO, "run FILE --confirm payload --receive 100");
    cr_expect(eq(int, r.conf.classes[1].confirm, CONFIRM_PAYLOAD));
    conf_fini(&r.conf);
    reads("close: rst\nclasses: [{name: a, urls: 'http://198.19.0.1/', close: fin}, "
          "{name: b, urls: 'tcp://198.19.0.1:90'}]\n",
          "run FILE --confirm close");
    cr_expect(eq(int, r.conf.classes[0].confirm, CONFIRM_CLOSE));
    cr_expect(eq(int, r.conf.classes[1].confirm, CONFIRM_NONE));
    conf_fini(&r.conf);
}

Test(class_settings, a_proof_that_no_class_can_give_is_refused)
{
    cr_expect(eq(int,
                 rig_scenario(&r, rig_finish, "classes: [{name: a, urls: 'tcp://198.19.0.1:90'}]\n",
                              "run FILE --confirm payload"),
                 -1));
    cr_expect(strstr(r.fail.text, "--confirm: the target is to send no payload") != NULL, "%s",
              r.fail.text);
    conf_fini(&r.conf);
}
