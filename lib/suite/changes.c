/* SPDX-License-Identifier: BSD-3-Clause */
/* See plan.h: what a plan has otherwise than RFC 9411. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "suite/plan.h"

struct list {
    char *buf;
    size_t used;
};

static void add(struct list *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
add(struct list *l, const char *fmt, ...)
{
    va_list args;
    int n;

    if (l->used + 1 >= SUITE_WHY_MAX)
        return;
    va_start(args, fmt);
    n = vsnprintf(l->buf + l->used, SUITE_WHY_MAX - l->used, fmt, args);
    va_end(args);
    l->used = n < 0 ? l->used : l->used + (size_t)n;
    if (l->used >= SUITE_WHY_MAX)
        l->used = SUITE_WHY_MAX - 1;
}

static void
add_criteria(struct list *l, const struct suite_plan *p)
{
    for (int i = 0; i < SUITE_CRITERIA_COUNT; i++)
        if (p->limit_ppm[i] != suite_criteria[i].limit_ppm)
            add(l, "criteria.%s is changed: %g%% in place of %g%%\n", suite_criteria[i].key,
                p->limit_ppm[i] / 1e4, suite_criteria[i].limit_ppm / 1e4);
}

static void
add_times(struct list *l, const struct suite_plan *p)
{
    char time[VALUE_TEXT_MAX];

    if (p->is_quick)
        add(l, "--quick: all times are a hundredth of the plan's, or half a second\n");
    if (p->init_ns < SUITE_INIT_NS)
        add(l, "the init phase lasts %s, less than 5 s (4.3.4)\n",
            value_format_duration(p->init_ns, time));
    if (p->sustain_ns < SUITE_SUSTAIN_NS)
        add(l, "the sustain phase lasts %s, less than 300 s (4.3.4)\n",
            value_format_duration(p->sustain_ns, time));
}

/* 4.3.1.3 has five shares of the families. */
static void
add_families(struct list *l, const struct suite_plan *p)
{
    const uint32_t fifth = VALUE_SHARE_ALL / 5;
    char share[VALUE_TEXT_MAX];

    if (p->ipv6_ppm != SUITE_AS_TARGETS && p->ipv6_ppm != fifth && p->ipv6_ppm != 4 * fifth &&
        p->ipv6_ppm != VALUE_SHARE_ALL / 2)
        add(l, "%s of the connections are of IPv6, not 0, 20, 50, 80 or 100 %% (4.3.1.3)\n",
            value_format_share(p->ipv6_ppm, share));
}

const char *
suite_plan_changes(const struct suite_plan *p, char buf[static SUITE_WHY_MAX])
{
    struct list l = {buf, 0};
    bool has_tls = false;

    buf[0] = '\0';
    add_times(&l, p);
    add_criteria(&l, p);
    add_families(&l, p);
    if (p->rate_sizes.is_changed || p->throughput_sizes.is_changed || p->latency_sizes.is_changed)
        add(&l, "object sizes are not all those that RFC 9411 recommends\n");
    for (int i = 0; i < SUITE_TESTS; i++) {
        has_tls |= p->has_test[i] && suite_tests[i].is_tls;
        if (suite_tests[i].is_default && !p->has_test[i])
            add(&l, "test %s is not made\n", suite_tests[i].id);
    }
    if (p->security == NULL)
        add(&l, "security: nothing is said of the device's security effectiveness (4.2.1)\n");
    if (has_tls && p->ciphers == NULL)
        add(&l, "ciphers are the scenario's, not a set that 4.3.1.4 recommends\n");
    if (p->initial_ppm != VALUE_SHARE_ALL / 10)
        add(&l, "initial objectives are not 10 %% of the targets\n");
    return buf;
}
