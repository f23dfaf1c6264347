/* SPDX-License-Identifier: BSD-3-Clause */
#include "suite_rig.h"

#include <stdlib.h>
#include <unistd.h>

#include "suite/page.h"

static char page[1 << 20];

/* What the report of a suite of which all has passed says, with @change. */
static void
report_of(const char *plan, bool is_quick, void (*change)(struct suite *s))
{
    char folder[] = "/tmp/suite-page-XXXXXX", path[64];
    struct suite_plan p;
    struct suite s;
    struct fail f;
    size_t n;
    FILE *in;

    rig_plan(&p, plan, is_quick);
    suite_init(&s, &p);
    for (unsigned i = 0; i < s.cases.n; i++)
        s.courses[i].end = SUITE_PASSED;
    if (change != NULL)
        change(&s);
    cr_assert(mkdtemp(folder) != NULL);
    cr_assert(zero(int, suite_page_write(&s, folder, "1", &f)), "%s", f.text);
    snprintf(path, sizeof(path), "%s/%s", folder, SUITE_PAGE);
    in = fopen(path, "r");
    n = fread(page, 1, sizeof(page) - 1, in);
    page[n] = '\0';
    fclose(in);
    unlink(path);
    rmdir(folder);
    suite_plan_fini(&p);
}

static void
report(const char *plan, bool is_quick)
{
    report_of(plan, is_quick, NULL);
}

static void
leave_open(struct suite *s)
{
    s->courses[3].end = SUITE_OPEN_END;
}

/* The last step of 7.2-1k, which moves @bps. */
static void
make_step(struct suite *s, const char *limited_by, double bps)
{
    struct suite_outcome o = {.has_result = true, .step.name = "7.2-1k-target"};

    snprintf(o.limited_by, sizeof(o.limited_by), "%s", limited_by);
    snprintf(o.started_at, sizeof(o.started_at), "2026-01-02T03:04:05Z");
    o.has_kpi[SUITE_KPI_THROUGHPUT] = true;
    o.kpis[SUITE_KPI_THROUGHPUT] = bps;
    suite_add(s, rig_find(s, "7.2-1k"), &o);
}

static void
stop_at_the_generator(struct suite *s)
{
    make_step(s, "generator", 1e9);
}

static void
find_a_throughput(struct suite *s)
{
    make_step(s, "none", 1234567890);
}

static bool
says(const char *text)
{
    return strstr(page, text) != NULL;
}

Test(suite_page, only_what_is_all_as_the_rfc_has_it_is_compliant)
{
    report(RIG_PLAN, false);
    cr_expect(says("compliant"));
    cr_expect(not(says("Quick look")));
    report(RIG_PLAN "criteria: {resets: 1%}\n", false);
    cr_expect(not(says("compliant")));
    cr_expect(says("criteria.resets is changed"));
}

Test(suite_page, what_is_not_complete_is_not_compliant)
{
    report_of(RIG_PLAN, false, leave_open);
    cr_expect(not(says("compliant")));
    cr_expect(says("1 cases are not made yet"));
}

Test(suite_page, the_limit_of_the_generator_is_none_of_the_device)
{
    report_of(RIG_PLAN, false, stop_at_the_generator);
    cr_expect(not(says("compliant")));
    cr_expect(says("the generator was the limit"));
}

Test(suite_page, throughput_has_two_places_and_the_exact_figure)
{
    report_of(RIG_PLAN, false, find_a_throughput);
    cr_expect(says("compliant"));
    cr_expect(says("1.23 Gbit/s (1,234,568 kbit/s)"));
    cr_expect(says("First run 2026-01-02T03:04:05Z"));
}

Test(suite_page, the_shares_of_the_families_are_told)
{
    report(RIG_PLAN, false);
    cr_expect(says("IPv4 only"));
    report("scenario: {device: loopback}\n"
           "http: {urls: ['http://198.19.0.1/', 'http://[2001:2::1]/'], cps: 1k}\n"
           "tests: 7.2\nipv6: 20%\n",
           false);
    cr_expect(says("80 % IPv4, 20 % IPv6"));
}

Test(suite_page, a_quick_look_says_so_everywhere_and_never_the_other_word)
{
    report(RIG_PLAN, true);
    cr_expect(not(says("compliant")));
    cr_expect(says("@bottom-center"));
    for (const char *at = strstr(page, "<section"); at != NULL; at = strstr(at + 1, "<section")) {
        const char *banner = strstr(at, "Quick look"), *end = strstr(at, "</section");

        cr_expect(banner != NULL && banner < end);
    }
}

Test(suite_page, what_a_plan_says_is_only_text)
{
    report(RIG_PLAN "title: <script>alert(1)</script>\ndut: {\"<b>\": \"a & b\"}\n", false);
    cr_expect(not(says("<script")));
    cr_expect(says("&lt;b&gt;") && says("a &amp; b"));
}
