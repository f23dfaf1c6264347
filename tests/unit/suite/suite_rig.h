/* SPDX-License-Identifier: BSD-3-Clause */
/* A plan of all tests, and steps of it as somebody has made them. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "suite/course.h"

#define RIG_PLAN                                                                                   \
    "security: tested by other means\n"                                                            \
    "scenario: {device: loopback}\n"                                                               \
    "http: {urls: 'http://198.19.0.1/', cps: 1k, throughput: 100M, connections: 400}\n"            \
    "https: {urls: 'https://198.19.0.1/', cps: 500, throughput: 50M, connections: 200,"            \
    " ciphers: rsa-2048}\n"                                                                        \
    "mix:\n"                                                                                       \
    "  throughput: 80M\n"                                                                          \
    "  applications:\n"                                                                            \
    "    - {name: plain, urls: 'http://198.19.0.1/', share: 25%, sizes: 10k}\n"                    \
    "    - {name: secure, urls: 'https://198.19.0.1/', share: 75%, sizes: 1M}\n"

static inline void
rig_plan(struct suite_plan *p, const char *text, bool is_quick)
{
    struct fail f;

    cr_assert(zero(int, suite_plan_from(p, "plan.yaml", text, is_quick, &f)), "%s", f.text);
}

static inline unsigned
rig_find(const struct suite *s, const char *name)
{
    for (unsigned i = 0; i < s->cases.n; i++)
        if (strcmp(s->cases.list[i].name, name) == 0)
            return i;
    cr_fatal("there is no case %s", name);
    return 0;
}

/* The next step of the case, which finds @value and holds or not. */
static inline struct suite_step
rig_makes(struct suite *s, const char *name, enum suite_kpi kpi, double value, bool holds)
{
    unsigned i = rig_find(s, name);
    struct suite_outcome o = {.has_result = true, .holds = holds, .bits = 1000};

    cr_assert(suite_next(s, i, &o.step), "%s has ended", name);
    o.kpis[kpi] = value;
    suite_add(s, i, &o);
    return o.step;
}

/* The case passes at its target, where @value was found. */
static inline void
rig_passes(struct suite *s, const char *name, enum suite_kpi kpi, double value)
{
    struct suite_step step;

    rig_makes(s, name, kpi, value / 10, true);
    rig_makes(s, name, kpi, value, true);
    cr_assert(not(suite_next(s, rig_find(s, name), &step)));
}
