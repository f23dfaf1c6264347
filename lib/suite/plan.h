/* SPDX-License-Identifier: BSD-3-Clause */
/* A plan: what somebody wants of the suite, read from a YAML file, checked, and defaults filled in.
 * Its keys are one table (plan.c), from which docs and schema come. Slow path; owns its memory. */
#pragma once

#include <stdio.h>

#include "base/fail.h"
#include "conf/conf.h"
#include "conf/yaml.h"
#include "suite/tests.h"

#define SUITE_SIZES_MAX 12
#define SUITE_URLS_MAX  16
#define SUITE_PAIRS_MAX 48

/* Bytes of an object: the mixed ones take turns. */
#define SUITE_MIXED UINT64_MAX

struct suite_pairs {
    unsigned n;
    struct suite_pair {
        const char *key, *value;
    } list[SUITE_PAIRS_MAX];
};

struct suite_urls {
    unsigned n;
    const char *list[SUITE_URLS_MAX];
};

struct suite_sizes {
    unsigned n;
    uint64_t list[SUITE_SIZES_MAX];
    bool is_changed; /* not those of the RFC */
};

/* Target objectives of HTTP, or of HTTPS. */
struct suite_side {
    struct suite_urls urls;
    uint64_t cps_milli, throughput_bps, connections; /* 0: not given */
};

struct suite_application {
    const char *name;
    struct suite_urls urls;
    uint32_t share_ppm; /* of the traffic */
    struct suite_sizes sizes;
    uint64_t requests; /* a connection */
    bool is_tls;
};

struct suite_plan {
    struct source source;
    struct yaml yaml;   /* has the texts below */
    struct conf *check; /* what the scenario's keys say; to be looked at only */
    bool is_quick;

    const char *title, *security; /* NULL: not given */
    struct suite_pairs tester, dut;
    const struct yaml_node *scenario;
    bool has_test[SUITE_TESTS];
    bool has_tests; /* the plan says which */
    const char *path;
    const struct suite_ciphers *ciphers; /* NULL: what the scenario says */

    struct suite_side sides[2]; /* [is_tls] */
    struct suite_urls reference_urls;
    uint64_t reference_bps;
    uint32_t ipv6_ppm; /* of the connections, where URLs are of both families */
    struct suite_sizes rate_sizes, throughput_sizes, latency_sizes;
    const char *mix_name;
    uint64_t mix_bps;
    struct suite_application applications[CONF_CLASSES_MAX];
    unsigned n_applications;

    uint32_t initial_ppm; /* of the target objective */
    uint64_t init_ns, ramp_up_ns, sustain_ns, ramp_down_ns;
    uint64_t trial_ns, trials_ns; /* of the search: a final trial, all at a load that decide */
    uint32_t width_ppm, exceed_ppm;
    uint32_t limit_ppm[SUITE_CRITERIA_COUNT];
};

/* The phases below which a result is none of the RFC's. */
#define SUITE_INIT_NS    (5 * NS_PER_SEC)
#define SUITE_SUSTAIN_NS (300 * NS_PER_SEC)

/**
 * Read the plan at @path. With @is_quick its times are scaled down, by SUITE_QUICK.
 *
 * @return 0: suite_plan_fini() has to follow; -1 with @f set (EXIT_USAGE), which points at what is
 *         wrong, and nothing to be given back
 */
#define SUITE_QUICK 100
int suite_plan_read(struct suite_plan *p, const char *path, bool is_quick, struct fail *f);

/** The same of @text, whose file is called @name. */
int suite_plan_from(struct suite_plan *p, const char *name, const char *text, bool is_quick,
                    struct fail *f);
void suite_plan_fini(struct suite_plan *p);

/** The families that @urls are of, a bit each; a name may be of either. */
#define SUITE_V4   1U
#define SUITE_V6   2U
#define SUITE_BOTH (SUITE_V4 | SUITE_V6)
unsigned suite_urls_families(const struct suite_urls *urls);

/* ipv6_ppm: not given. */
#define SUITE_AS_TARGETS UINT32_MAX

/** The least that a time is scaled down to. */
uint64_t suite_quick_ns(uint64_t ns);

/** What keeps results of @p from being the RFC's, a line each that ends with "\n"; "": nothing. */
#define SUITE_WHY_MAX 2048
const char *suite_plan_changes(const struct suite_plan *p, char buf[static SUITE_WHY_MAX]);

/** All keys with their defaults as Markdown, and as JSON schema. */
void suite_plan_markdown(FILE *out);
int suite_plan_schema(FILE *out, struct fail *f);
