/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/scenario.h"

#include "scenario_rig.h"

#include "base/units.h"
#include "conf/options.h"

static struct conf_rig r;

static void
reads(const char *text, const char *line)
{
    cr_assert(zero(int, rig_scenario(&r, rig_finish, text, line)), "%s: %s", text, r.fail.text);
}

Test(scenario, every_option_is_a_key_nested_by_its_dots, .fini = NULL)
{
    reads("device: loopback\n"
          "load:\n"
          "  rate: 10k\n"
          "  duration: 7s\n"
          "local: {ports: 2000-3000}\n"
          "timeout.connect: 250ms\n"
          "hold: 1s\n"
          "urls: [tcp://198.19.0.1:80, 'tcp://198.19.0.2:80']\n",
          "run FILE");
    cr_expect(eq(u64, r.conf.rate_milli, 10000000));
    cr_expect(eq(u64, r.conf.duration_ns, 7 * NS_PER_SEC));
    cr_expect(eq(u16, r.conf.ports.first, 2000));
    cr_expect(eq(u64, r.conf.classes[0].connect_timeout_ns, 250 * NS_PER_MS));
    cr_expect(eq(u64, r.conf.classes[0].hold_ns, NS_PER_SEC));
    cr_expect(eq(uint, r.conf.n_targets, 2));
    cr_expect(eq(str, r.conf.targets[1].url, "tcp://198.19.0.2:80"));
    conf_fini(&r.conf);
}

/* Whatever the key, a value that the table's own default is: each row is found and read. */
Test(scenario, each_key_of_the_table_is_read)
{
    for (int row = 0; row < OPTION_ROWS; row++) {
        const struct conf_option *o = &conf_options[row];
        bool is_serve = (o->commands & 1U << CONF_RUN) == 0;
        char text[1024];

        if (o->key == NULL || o->def == NULL)
            continue;
        snprintf(text, sizeof(text), "%s: '%s'\n", o->key, o->def);
        cr_expect(
            zero(int, rig_scenario(&r, rig_parse, text, is_serve ? "serve FILE" : "run FILE")),
            "%s: %s", o->key, r.fail.text);
        cr_expect(option_is_given(&r.conf, 0, row), "%s", o->key);
        cr_expect(eq(u32, option_place(&r.conf, 0, row).line, 1), "%s", o->key);
        conf_fini(&r.conf);
    }
}

Test(scenario, the_command_line_counts_instead_of_the_file)
{
    static const char text[] = "load: {rate: 10k, duration: 7s}\n"
                               "local.addresses: [198.18.0.10/15, 198.18.0.11/15]\n"
                               "urls: [tcp://198.19.0.1:80, tcp://198.19.0.2:80]\n"
                               "hold: 3s\n";

    reads(text, "run FILE --rate 5k --set hold=1s --local 198.18.0.12/15 tcp://198.19.0.3:80");
    cr_expect(eq(u64, r.conf.rate_milli, 5000000));
    cr_expect(eq(u64, r.conf.duration_ns, 7 * NS_PER_SEC));
    cr_expect(eq(u64, r.conf.classes[0].hold_ns, NS_PER_SEC));
    cr_expect(eq(uint, r.conf.local.n, 1));
    cr_expect(eq(uint, r.conf.n_targets, 1));
    cr_expect(eq(str, r.conf.targets[0].url, "tcp://198.19.0.3:80"));
    conf_fini(&r.conf);
}

Test(scenario, what_is_overruled_has_to_be_right_all_the_same)
{
    cr_assert(
        lt(int, rig_scenario(&r, rig_parse, "load: {rate: fast}\n", "run FILE --rate 5k"), 0));
    cr_expect(strstr(r.fail.text, "F:1:14: load.rate: ") == r.fail.text, "%s", r.fail.text);
    conf_fini(&r.conf);
}

Test(scenario, null_is_as_if_the_key_were_not_there)
{
    reads("load: {rate: null, duration: ~}\nhttp: null\nlocal.addresses: []\nurls: []\n",
          "run FILE");
    cr_expect(eq(u64, r.conf.rate_milli, 0));
    cr_expect(eq(u64, r.conf.duration_ns, 10 * NS_PER_SEC));
    cr_expect(not(option_is_given(&r.conf, 0, OPTION_RATE)));
    cr_expect(eq(uint, r.conf.n_targets, 1));
    conf_fini(&r.conf);
}

Test(scenario, a_list_of_one_may_stand_without_brackets)
{
    reads("urls: tcp://198.19.0.1:80\ncriteria: failed < 1%\n", "run FILE");
    cr_expect(eq(uint, r.conf.n_targets, 1));
    cr_expect(eq(str, r.conf.criteria, "failed < 1%\n"));
    conf_fini(&r.conf);
}

Test(scenario, a_criterion_may_end_the_load)
{
    reads("criteria:\n- failed < 1%\n- {criterion: failed < 5%, abort: true, delay: 10s}\n"
          "- {criterion: cps > 5, abort: yes}\n- {criterion: open < 5, abort: false}\n",
          "run FILE");
    cr_expect(eq(str, r.conf.criteria,
                 "failed < 1%\nfailed < 5% abort after 10s\ncps > 5 abort\nopen < 5\n"));
    conf_fini(&r.conf);
}

static const struct rig_mistake mistakes[] = {
    {"criteria: [{criterion: a, when: 1}]\n",
     "F:1:27: criteria: allowed here are criterion, abort and delay", NULL},
    {"criteria: [{abort: yes}]\n", "F:1:12: criteria: the criterion is missing", NULL},
    {"criteria: [{criterion: a, delay: 1s}]\n",
     "F:1:34: criteria: only a criterion with abort: true has a delay", NULL},
    {"criteria: [{criterion: a, abort: x}]\n", "F:1:34: criteria: 'x' is", NULL},
    {"criteria: [{criterion: [a]}]\n", "F:1:24: criteria: it takes one value", NULL},
    {"load:\n  rat: 10k\n", "F:2:3: 'load.rat': there is no such key; did you mean load.rate?",
     "\n    rat: 10k\n    ^"},
    {"rate: 10k\n", "F:1:1: 'rate': there is no such key; did you mean load.rate?", NULL},
    {"laod: {rate: 10k}\n", "F:1:1: 'laod': there is no such key; did you mean load?", NULL},
    {"ulrs: [tcp://198.19.0.1:80]\n", "F:1:1: 'ulrs': there is no such key; did you mean urls?",
     NULL},
    {"xyzzy: 1\n", "F:1:1: 'xyzzy': there is no such key; docs/SCENARIO.md", NULL},
    {"search:\n  goals:\n    - {final_trial_duration: 1s, los_ratio: 1%}\n",
     "F:3:34: search.goals: 'los_ratio' is nothing that a goal has; did you mean loss_ratio?",
     NULL},
    {"search:\n  goals:\n    - final_trial_duration: soon\n", "F:3:29: search.goals: 'soon' is",
     NULL},
    {"search:\n  goals:\n    - loss_ratio: 1%\n", "F:3:7: search.goals: a goal needs a", NULL},
    {"search: {preset: quik}\n", "F:1:18: search.preset: ", NULL},
    {"load:\n  rate: fast\n", "F:2:9: load.rate: 'fast' is not", "\n    rate: fast\n          ^"},
    {"load: {rate: 10k, rate: 20k}\n", "F:1:19: 'rate' is there already, in line 1", NULL},
    {"load: {rate: 10k}\nload.rate: 1\n", "F:2:1: load.rate: it is there already", NULL},
    {"urls: []\ntargets: []\n", "F:2:1: targets: there are URLs already", NULL},
    {"load.rate: [1, 2]\n", "F:1:12: load.rate: it takes one value, not a list", NULL},
    {"load.rate: {a: 1}\n", "F:1:12: load.rate: it takes a value, not further keys", NULL},
    {"load: 10k\n", "F:1:7: load: it takes further keys", NULL},
    {"load:\n  rate:\n", "F:2:3: load.rate: the value is missing", NULL},
    {"criteria: [[a]]\n", "F:1:12: criteria: it takes one value, not a list", NULL},
    {"urls: [http://]\n", "F:1:8: 'http://' has no host", NULL},
    {"urls: {a: b}\n", "F:1:7: urls: it takes a URL, or a list", NULL},
    {"serve: {echo: yes}\n",
     "F:1:9: serve.echo: shakedown run does not take this key; it is for serve", NULL},
    {"[1, 2]\n", "F:1:1: a scenario is keys and their values", NULL},
    {"just a word\n", "F:1:1: a scenario is keys and their values", NULL},
    {"", "F: there is nothing in it", NULL},
    {"# only a comment\n", "F: there is nothing in it", NULL},
    {"a: 1\n---\nb: 1\n", "F:2:1: a second document begins here", NULL},
    {"http.basic: '***'\nurls: http://198.19.0.1/\n",
     "F:1:13: http.basic: '***' stands for what a result does not show", NULL},
    {"http.headers: ['a: b', 'no field']\n",
     "F:1:24: http.headers: 'no field' is not a header field", NULL},
};

Test(scenario, each_mistake_is_shown_at_its_place)
{
    for (size_t i = 0; i < RIG_ROWS(mistakes); i++)
        rig_expect_mistake(rig_parse, "run FILE", &mistakes[i]);
}

static const struct rig_mistake found_later[] = {
    {"local:\n  vlan: 7\n  gateway: 198.18.0.1\n", "F:3:12: --gateway: device 'loopback'", NULL},
    {"hold: 1s\nurls:\n  - tcp://198.19.0.1:80\n  - tcp://8.8.8.8:80\n",
     "F:4:5: 'tcp://8.8.8.8:80': 8.8.8.8 is a public address", NULL},
    {"tls:\n  sni: a.example\n", "F:2:8: --sni: without TLS it would be ignored",
     "\n    sni: a.example\n         ^"},
    {"think: 1s\n", "F:1:8: --think: ", NULL},
    {"load.connections: 0\n", "F:1:19: load.connections: 0 is out of range", NULL},
};

Test(scenario, what_does_not_fit_together_is_shown_at_its_place)
{
    for (size_t i = 0; i < RIG_ROWS(found_later); i++)
        rig_expect_mistake(rig_finish, "run FILE", &found_later[i]);
}

Test(scenario, variables_are_of_the_command_line_or_the_environment)
{
    setenv("SHAKEDOWN_TEST_HOLD", "2s", 1);
    reads("load: {rate: '${RATE}', duration: '${T}${UNIT}'}\nhold: ${SHAKEDOWN_TEST_HOLD}\n",
          "run FILE --var RATE=5k --var T=9 --var UNIT=s --var T=8");
    cr_expect(eq(u64, r.conf.rate_milli, 5000000));
    cr_expect(eq(u64, r.conf.duration_ns, 8 * NS_PER_SEC));
    cr_expect(eq(u64, r.conf.classes[0].hold_ns, 2 * NS_PER_SEC));
    conf_fini(&r.conf);
}

static const struct rig_mistake variables[] = {
    {"hold: 1s\nload.rate: 10${NO_SUCH_VARIABLE}\n",
     "F:2:14: load.rate: the variable NO_SUCH_VARIABLE is not set; give --var NO_SUCH_VARIABLE=",
     NULL},
    {"load.rate: ${A\n", "F:1:12: load.rate: '${A' is no variable; write ${NAME}", NULL},
    {"load.rate: ${1}\n", "F:1:12: load.rate: '${1}' is no variable", NULL},
};

Test(scenario, a_variable_that_is_not_set_is_shown_at_its_place)
{
    for (size_t i = 0; i < RIG_ROWS(variables); i++)
        rig_expect_mistake(rig_parse, "run FILE", &variables[i]);
    cr_assert(lt(int, rig_scenario(&r, rig_parse, "hold: 1s\n", "run FILE --var A=1"), 0));
    cr_expect(eq(str, r.fail.text, "--var: there is no ${A} in 'F'; leave it out"));
}

Test(scenario, a_variables_value_is_text_and_never_yaml)
{
    setenv("SHAKEDOWN_TEST", "1s}, load: {rate: 1k", 1);
    cr_expect(lt(int, rig_scenario(&r, rig_parse, "{hold: \"${SHAKEDOWN_TEST}\"}", "run FILE"), 0));
    cr_expect(strstr(r.fail.text, "F:1:8: hold: '1s}, load: {rate: 1k' is not") == r.fail.text,
              "%s", r.fail.text);
}

Test(scenario, a_result_is_run_again_as_it_is)
{
    static const char text[] =
        "{\"classes\": [{\"x\": [1, {\"y\": 2}]}], \"scenario\": {\"load\": {\"rate\": 1000, "
        "\"shape\": null}, \"http\": {\"headers\": [\"A: ${B}\"]}, \"local\": {\"gateway\": []},\n"
        "\"output\": {\"json\": null}, \"targets\": [\"http://198.19.0.1/\"]},\n"
        "\"schema\": \"shakedown.result/1\"}";

    reads(text, "run FILE");
    cr_expect(eq(u64, r.conf.rate_milli, 1000000));
    cr_expect(eq(str, r.conf.classes[0].http.fields, "A: ${B}\n"));
    cr_expect(eq(str, r.conf.targets[0].url, "http://198.19.0.1/"));
    conf_fini(&r.conf);
}

/* They are there, and it would write over them. */
Test(scenario, a_result_that_runs_again_does_not_write_to_the_files_of_the_first_run)
{
    static const char text[] =
        "{\"schema\": \"shakedown.result/1\", \"scenario\": {\"output\": {\"json\": \"a\", "
        "\"json_lines\": \"b\", \"csv\": \"c\", \"hdr\": \"d\", \"hdr_latency\": \"tls\", "
        "\"sample\": \"100ms\"}}}";

    reads(text, "run FILE --csv mine");
    cr_expect(eq(str, r.conf.json, ""));
    cr_expect(eq(str, r.conf.json_lines, ""));
    cr_expect(eq(str, r.conf.csv_out, "mine"));
    cr_expect(eq(str, r.conf.hdr, ""));
    cr_expect(eq(str, r.conf.hdr_latency, ""));
    cr_expect(eq(u64, r.conf.sample_ns, 100 * NS_PER_MS));
    conf_fini(&r.conf);
    reads("output: {json: a}", "run FILE");
    cr_expect(eq(str, r.conf.json, "a"), "of a scenario file it is asked for");
    conf_fini(&r.conf);
}

static const struct rig_mistake results[] = {
    {"{\"schema\": \"shakedown.doctor/1\", \"rows\": {}}",
     "F:1:12: this result has no scenario that could be run again", NULL},
    {"{\"schema\": \"shakedown.result/2\", \"scenario\": {}}",
     "F:1:12: this result has no scenario that could be run again", NULL},
    {"{\"schema\": \"shakedown.result/1\", \"scenario\": {\"close\": \"x\"}}",
     "F:1:56: close: 'x' is not a way to close", NULL},
    {"{\"schema\": \"shakedown.result/1\", \"scenario\": {", "F:2:1: it is not YAML", NULL},
};

Test(scenario, a_result_that_cannot_be_run_says_why)
{
    for (size_t i = 0; i < RIG_ROWS(results); i++)
        rig_expect_mistake(rig_parse, "run FILE", &results[i]);
}

Test(scenario, what_a_result_hides_may_come_from_the_command_line)
{
    reads("{\"schema\": \"shakedown.result/1\", \"scenario\": {\"http\": {\"basic\": \"***\"}, "
          "\"targets\": [\"http://198.19.0.1/\"]}}",
          "run FILE --basic user:password");
    cr_expect(eq(str, r.conf.classes[0].http.basic, "user:password"));
    conf_fini(&r.conf);
}

static const char two_classes[] = "load: {duration: 1s}\n"
                                  "hold: 1s\n"
                                  "tls: {sni: a.example}\n"
                                  "http.headers: ['A: b']\n"
                                  "classes:\n"
                                  "  - name: web\n"
                                  "    urls: [http://198.19.0.1/, http://198.19.0.2/]\n"
                                  "    rate: 30\n"
                                  "    http: {headers: ['C: d', 'E: f']}\n"
                                  "  - name: vpn\n"
                                  "    urls: tls://198.19.0.1:443\n"
                                  "    load.rate: 0.5\n"
                                  "    hold: 2s\n";

Test(scenario, classes_have_what_is_said_of_all_and_their_own)
{
    const struct conf_class *web = &r.conf.classes[0], *vpn = &r.conf.classes[1];

    reads(two_classes, "run FILE");
    cr_assert(eq(uint, r.conf.n_classes, 2));
    cr_expect(eq(str, (char *)web->name, "web"));
    cr_expect(eq(uint, r.conf.n_targets, 3));
    cr_expect(eq(u8, r.conf.targets[1].class_idx, 0));
    cr_expect(eq(u8, r.conf.targets[2].class_idx, 1));
    cr_expect(eq(u64, web->hold_ns, NS_PER_SEC));
    cr_expect(eq(u64, vpn->hold_ns, 2 * NS_PER_SEC));
    cr_expect(eq(str, (char *)web->http.fields, "C: d\nE: f\n"));
    cr_expect(eq(str, (char *)vpn->http.fields, ""), "it speaks no HTTP");
    cr_expect(eq(str, (char *)web->tls.sni, "auto"), "it has no TLS");
    cr_expect(eq(str, (char *)vpn->tls.sni, "a.example"));
    cr_expect(eq(u64, r.conf.rate_milli, 30500));
    cr_expect(eq(u64, web->rate_milli, 30000));
    cr_expect(vpn->is_tls);
    conf_fini(&r.conf);
}

Test(scenario, the_command_line_counts_for_all_classes)
{
    reads(two_classes, "run FILE --hold 3s --header X:y --sni b.example");
    for (unsigned i = 0; i < 2; i++)
        cr_expect(eq(u64, r.conf.classes[i].hold_ns, 3 * NS_PER_SEC));
    cr_expect(eq(str, r.conf.classes[0].http.fields, "X:y\n"));
    cr_expect(eq(str, r.conf.classes[1].tls.sni, "b.example"));
    conf_fini(&r.conf);
}

Test(scenario, classes_without_rates_have_weights)
{
    reads("load.rate: 100\nclasses:\n- {name: a, urls: http://198.19.0.1/, weight: 3}\n"
          "- {name: b, urls: http://198.19.0.1/x}\n",
          "run FILE");
    cr_expect(eq(u64, conf_class_weight(&r.conf.classes[0]), 3));
    cr_expect(eq(u64, conf_class_weight(&r.conf.classes[1]), 1));
    cr_expect(eq(u64, r.conf.rate_milli, 100000));
    conf_fini(&r.conf);
}

#define CLASS_A "{name: a, urls: tcp://198.19.0.1:80"
#define CLASS_B "{name: b, urls: tcp://198.19.0.1:81"

static const struct rig_mistake classes[] = {
    {"classes: 1\n", "F:1:10: classes: it takes a list", NULL},
    {"classes: []\n", "F:1:10: classes: it takes a list", NULL},
    {"classes: [a]\n", "F:1:11: classes: a class is keys", NULL},
    {"classes: [{urls: tcp://198.19.0.1:80}]\n", "F:1:11: classes: the class has no name", NULL},
    {"classes: [{name: a}]\n", "F:1:11: classes: the class has no urls", NULL},
    {"classes: [{name: a b}]\n", "F:1:18: name: a class's name has letters", NULL},
    {"classes: [" CLASS_A "}, {name: a}]\n", "F:1:56: name: another class has this name", NULL},
    {"classes: [" CLASS_A ", wieght: 1}]\n",
     "F:1:48: 'wieght': there is no such key; did you mean weight?", NULL},
    {"classes: [" CLASS_A ", rate: 1, weight: 1}]\n",
     "F:1:57: weight: a class has one of rate, request_rate and weight", NULL},
    {"classes: [" CLASS_A ", rate: 1, request_rate: 1}]\n",
     "F:1:57: request_rate: a class has one of rate, request_rate and weight", NULL},
    {"classes: [" CLASS_A ", weight: 0}]\n", "F:1:56: weight: 0 is out of range", NULL},
    {"classes: [" CLASS_A ", load: {duration: 1s}}]\n",
     "F:1:55: load.duration: it holds for the whole run, not for one class", NULL},
    {"classes: [" CLASS_A ", timeout.connect: 1s}]\n",
     "F:1:48: timeout.connect: it holds for the whole run", NULL},
    {"classes: [" CLASS_A ", rate: 1}, " CLASS_B "}]\n",
     "classes: some have a rate and some have none", NULL},
    {"load.rate: 5\nclasses: [" CLASS_A ", rate: 1}]\n", "F:1:12: --rate: each class has a rate",
     NULL},
    {"classes: [" CLASS_A ", request_rate: 1}, " CLASS_B "}]\n",
     "classes: some have a request_rate and some have none", NULL},
    {"load.request_rate: 5\nclasses: [" CLASS_A ", request_rate: 1}]\n",
     "F:1:20: --request-rate: each class has a request_rate of its own", NULL},
    {"load.request_rate: 5\nclasses: [" CLASS_A "}, " CLASS_B "}]\n",
     "F:1:20: class a: --request-rate: without --send", NULL},
    {"classes: [" CLASS_A "}, {name: b, urls: tls://198.19.0.2:80}]\n",
     "F:1:65: 'tls://198.19.0.2:80': on loopback", "class a has port 80"},
    {"urls: tcp://198.19.0.1:80\nclasses: [" CLASS_A "}]\n",
     "F:1:1: urls: each class has URLs of its own", NULL},
    {"tls: {sni: a.example}\nclasses: [" CLASS_A "}]\n",
     "F:1:12: class a: --sni: without TLS it would be ignored", NULL},
    {"classes: [" CLASS_A "}, {name: b, urls: tcp://198.19.0.1:81, think: 1s}]\n",
     "F:1:93: class b: --think: ", NULL},
    {"classes: [{name: a, urls: [tcp://198.19.0.1:80, tls://198.19.0.1:443]}]\n",
     "F:1:28: class a: 'tcp://198.19.0.1:80' and 'tls://198.19.0.1:443' have different schemes",
     "of one class"},
};

/* What the command line gives to all, one of them may not take. */
Test(scenario, a_mistake_that_stands_in_no_line_names_its_class)
{
    static const struct rig_mistake row = {"classes: [{name: a, urls: http://198.19.0.1}, " CLASS_B
                                           "}]\n",
                                           "class b: --requests-total: ", NULL};

    rig_expect_mistake(rig_finish, "run FILE -n 100", &row);
}

Test(scenario, each_mistake_in_a_class_is_shown_at_its_place)
{
    for (size_t i = 0; i < RIG_ROWS(classes); i++)
        rig_expect_mistake(rig_finish, "run FILE", &classes[i]);
    cr_assert(lt(
        int,
        rig_scenario(&r, rig_finish, "classes: [" CLASS_A "}]\n", "run FILE tcp://198.19.0.1:80"),
        0));
    cr_expect(strstr(r.fail.text, "leave those of the command line out") != NULL, "%s",
              r.fail.text);
    conf_fini(&r.conf);
    cr_assert(lt(int, rig_scenario(&r, rig_finish, "classes: [" CLASS_A "}]\n", "serve FILE"), 0));
    cr_expect(strstr(r.fail.text, "they are for run and check") != NULL, "%s", r.fail.text);
    conf_fini(&r.conf);
}
