/* SPDX-License-Identifier: BSD-3-Clause */
/* See plan_check.h. Section numbers are RFC 9411's. */
#include "suite/plan_check.h"

#include <string.h>

#define PATH_BYTES_MAX 250

static int
refuse(const struct suite_plan *p, struct fail *f, const char *key, const char *what)
{
    return source_refuse(&p->source, p->yaml.nodes[0].at, f, "%s: %s", key, what);
}

/* What a test that is wanted cannot be without. */
static int
check_needs(const struct suite_plan *p, struct fail *f)
{
    struct place at = p->yaml.nodes[0].at;

    for (int i = 0; i < SUITE_TESTS; i++) {
        const struct suite_test *t = &suite_tests[i];
        const struct suite_side *s = &p->sides[t->is_tls];
        const char *side = t->is_tls ? "https" : "http", *what = NULL;
        bool is_rate = t->kind == SUITE_RATE || t->kind == SUITE_TEARDOWN;

        if (!p->has_test[i])
            continue;
        if (t->kind != SUITE_MIX && s->urls.n == 0)
            what = "urls";
        else if (is_rate && s->cps_milli == 0)
            what = "cps";
        else if (t->kind == SUITE_THROUGHPUT && s->throughput_bps == 0)
            what = "throughput";
        else if (t->kind == SUITE_CAPACITY && s->connections == 0)
            what = "connections";
        if (what != NULL)
            return source_refuse(&p->source, at, f,
                                 "%s.%s: it is missing, and test %s needs it; give it, or leave "
                                 "the test out of tests",
                                 side, what, t->id);
        if (t->kind == SUITE_MIX && (p->n_applications == 0 || p->mix_bps == 0))
            return source_refuse(&p->source, at, f,
                                 "mix: test %s needs mix.applications and mix.throughput; give "
                                 "them, or leave the test out of tests",
                                 t->id);
        if ((t->rate_of >= 0 && !p->has_test[t->rate_of]) ||
            (t->throughput_of >= 0 && !p->has_test[t->throughput_of]))
            return source_refuse(&p->source, at, f,
                                 "tests: the load of %s follows from what %s%s%s found; have it "
                                 "made, too",
                                 t->id, suite_tests[t->rate_of].id,
                                 t->throughput_of >= 0 ? " and " : "",
                                 t->throughput_of >= 0 ? suite_tests[t->throughput_of].id : "");
    }
    return 0;
}

/* A share of IPv6 is heard where URLs are of both families. */
static int
check_families(const struct suite_plan *p, struct fail *f)
{
    bool are_both = true;

    if (p->ipv6_ppm == 0 || p->ipv6_ppm >= VALUE_SHARE_ALL)
        return refuse(p, f, "ipv6", "for none or for all, give URLs of one family only");
    for (int i = 0; i < 2; i++)
        are_both &= p->sides[i].urls.n == 0 || suite_urls_families(&p->sides[i].urls) == SUITE_BOTH;
    for (unsigned i = 0; i < p->n_applications; i++)
        are_both &= suite_urls_families(&p->applications[i].urls) == SUITE_BOTH;
    return are_both ? 0
                    : refuse(p, f, "ipv6",
                             "give URLs of both families in http, in https and in each of "
                             "mix.applications, or leave it out");
}

static bool
has_scheme(const struct suite_urls *urls, const char *scheme)
{
    for (unsigned i = 0; i < urls->n; i++)
        if (strncmp(urls->list[i], scheme, strlen(scheme)) != 0)
            return false;
    return true;
}

int
suite_plan_check(const struct suite_plan *p, struct fail *f)
{
    if (!has_scheme(&p->sides[0].urls, "http:") || !has_scheme(&p->reference_urls, "http:"))
        return refuse(p, f, "http.urls", "they begin with http://");
    if (!has_scheme(&p->sides[1].urls, "https:"))
        return refuse(p, f, "https.urls", "they begin with https://");
    if (p->path[0] != '/' || strlen(p->path) > PATH_BYTES_MAX)
        return refuse(p, f, "path", "it begins with / and has 250 bytes at most");
    if (strstr(p->path, "{bytes}") == NULL)
        return refuse(p, f, "path", "without {bytes} there is nothing that asks for a size");
    if (p->initial_ppm == 0 || p->initial_ppm >= VALUE_SHARE_ALL)
        return refuse(p, f, "initial", "it is more than 0% and less than 100% of the target");
    if (p->reference_urls.n > 0 && p->reference_bps == 0)
        return refuse(p, f, "reference.throughput", "it is missing, as http.throughput is");
    if (p->trials_ns < p->trial_ns)
        return refuse(p, f, "search.sum", "it is less than one trial (search.trial)");
    if (p->sustain_ns < NS_PER_SEC || p->trial_ns < 200 * NS_PER_MS)
        return refuse(p, f, "phases.sustain", "at least 1s, and search.trial at least 200ms");
    if (p->ipv6_ppm != SUITE_AS_TARGETS && check_families(p, f) < 0)
        return -1;
    return check_needs(p, f);
}
