/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario.h. Section numbers are RFC 9411's. */
#include "suite/scenario.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/json_tree.h"

#define PATH_ROOM 600

/* 4.3.4: samples less than 2 s apart; of a short phase there are some, too. */
static const uint64_t LONG_NS = 20 * NS_PER_SEC;
/* 7.5.3.2: transactions of a connection, evenly spaced over its life. */
static const double TRANSACTIONS = 10;
/* RFC 3511 5.4: connections are open for so long, then each is torn down. */
static const char HELD[] = "1s";

struct making {
    struct json_tree t;
    json_t *o;
};

static void put(struct making *m, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
put(struct making *m, const char *key, const char *fmt, ...)
{
    char text[256];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    tree_put_path(&m->t, m->o, key, tree_text(text));
}

static void
put_time(struct making *m, const char *key, uint64_t ns)
{
    char text[VALUE_TEXT_MAX];

    if (ns > 0)
        put(m, key, "%s", value_format_duration(ns, text));
}

/* -- the plan's ----------------------------------------------------------------------------- */

static json_t *
node_json(struct json_tree *t, const struct yaml *y, const struct yaml_node *node)
{
    json_t *made;

    switch (node->kind) {
    case YAML_SCALAR:
        return yaml_is_null(node) ? json_null() : tree_text(node->text);
    case YAML_SEQUENCE:
        made = json_array();
        for (const struct yaml_node *c = yaml_child(y, node); c != NULL; c = yaml_next(y, c))
            tree_append(t, made, node_json(t, y, c));
        return made;
    case YAML_MAPPING:
        made = json_object();
        for (const struct yaml_node *k = yaml_child(y, node); k != NULL;
             k = yaml_next(y, yaml_next(y, k)))
            tree_put_path(t, made, k->text, node_json(t, y, yaml_next(y, k)));
        return made;
    }
    return NULL;
}

json_t *
suite_yaml_json(const struct yaml *y, const struct yaml_node *node)
{
    struct json_tree t = {0};
    json_t *made = node_json(&t, y, node);

    if (!t.has_failed)
        return made;
    json_decref(made);
    return NULL;
}

/* -- what is asked for ---------------------------------------------------------------------- */

static json_t *
urls_json(struct json_tree *t, const struct suite_urls *urls)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < urls->n; i++)
        tree_append(t, list, tree_text(urls->list[i]));
    return list;
}

/* "/1000" of "/{bytes}". */
static json_t *
path_json(const struct suite_plan *p, uint64_t bytes)
{
    static const char MARK[] = "{bytes}";
    const char *mark = strstr(p->path, MARK);
    char path[PATH_ROOM];

    snprintf(path, sizeof(path), "%.*s%llu%.300s", (int)(mark - p->path), p->path,
             (unsigned long long)bytes, mark + strlen(MARK));
    return tree_text(path);
}

static void
add_paths(struct json_tree *t, json_t *list, const struct suite_plan *p, uint64_t bytes)
{
    if (bytes != SUITE_MIXED)
        tree_append(t, list, path_json(p, bytes));
    for (unsigned i = 0; bytes == SUITE_MIXED && i < SUITE_MIXED_SIZES; i++)
        tree_append(t, list, path_json(p, suite_mixed[i]));
}

/* 4.3.1.3 */
static void
put_families(struct making *m, const struct suite_plan *p, unsigned families)
{
    uint64_t v6 = p->ipv6_ppm, v4 = VALUE_SHARE_ALL - v6, divisor;

    if (p->ipv6_ppm == SUITE_AS_TARGETS || families != SUITE_BOTH)
        return;
    divisor = u64_divisor(v4, v6);
    put(m, "load.ipv4_weight", "%" PRIu64, v4 / divisor);
    put(m, "load.ipv6_weight", "%" PRIu64, v6 / divisor);
}

static void
put_ciphers(struct making *m, const struct suite_ciphers *set)
{
    if (set == NULL)
        return;
    put(m, "tls.versions", "%s", set->versions);
    if (set->ciphers != NULL)
        put(m, "tls.ciphers", "%s", set->ciphers);
    if (set->groups != NULL)
        put(m, "tls.groups", "%s", set->groups);
    if (set->sigalgs != NULL)
        put(m, "tls.sigalgs", "%s", set->sigalgs);
}

/* 4.3.1.4: each connection makes a full handshake. */
static void
put_tls(struct making *m, const struct suite_plan *p)
{
    put_ciphers(m, p->ciphers);
    put(m, "tls.resume", "never");
}

static json_t *
application_json(struct json_tree *t, const struct suite_plan *p, unsigned i, double least)
{
    const struct suite_application *a = &p->applications[i];
    double connections = a->share_ppm / suite_application_bits(a);
    json_t *o = json_object(), *paths = json_array();

    for (unsigned k = 0; k < a->sizes.n; k++)
        add_paths(t, paths, p, a->sizes.list[k]);
    tree_put(t, o, "name", tree_text(a->name));
    tree_put(t, o, "urls", urls_json(t, &a->urls));
    tree_put(t, o, "requests", tree_count(a->requests));
    tree_put(t, o, "weight", tree_count((uint64_t)(100 * connections / least + 0.5)));
    tree_put_path(t, o, "http.paths", paths);
    tree_put_path(t, o, "http.expect", tree_text("200"));
    return o;
}

/* 7.1: so many connections of each that their traffic has the shares of the mix. */
static void
put_mix(struct making *m, const struct suite_plan *p)
{
    json_t *classes = json_array();
    unsigned families = 0;
    bool has_tls = false;
    double least = 0;

    for (unsigned i = 0; i < p->n_applications; i++) {
        double connections =
            p->applications[i].share_ppm / suite_application_bits(&p->applications[i]);

        least = i == 0 || connections < least ? connections : least;
        has_tls |= p->applications[i].is_tls;
        if (suite_urls_families(&p->applications[i].urls) == SUITE_BOTH)
            families = SUITE_BOTH;
    }
    for (unsigned i = 0; i < p->n_applications; i++)
        tree_append(&m->t, classes, application_json(&m->t, p, i, least));
    tree_put(&m->t, m->o, "classes", classes);
    put_families(m, p, families);
    if (has_tls)
        put_tls(m, p);
    else
        json_object_del(m->o, "tls");
}

static void
put_target(struct making *m, const struct suite_plan *p, const struct suite_case *c)
{
    const struct suite_test *t = &suite_tests[c->test];
    const struct suite_urls *urls =
        c->test == SUITE_REFERENCE ? &p->reference_urls : &p->sides[t->is_tls].urls;
    json_t *paths = json_array();

    if (t->kind == SUITE_MIX) {
        json_decref(paths);
        put_mix(m, p);
        return;
    }
    tree_put(&m->t, m->o, "urls", urls_json(&m->t, urls));
    put_families(m, p, suite_urls_families(urls));
    add_paths(&m->t, paths, p, c->bytes);
    tree_put_path(&m->t, m->o, "http.paths", paths);
    put(m, "http.expect", "200");
    if (t->is_tls)
        put_tls(m, p);
    else
        json_object_del(m->o, "tls"); /* it would be refused */
    if (suite_is_capacity(c))
        return;
    put(m, "requests", "%u", c->requests);
    if (t->kind == SUITE_TEARDOWN)
        put(m, "hold", "%s", HELD);
}

/* -- its course ----------------------------------------------------------------------------- */

/* 7.5.3.2: from the ramp up on all connections are open, and each has a transaction in every tenth
 * of that time; the ramp down closes them. */
static void
put_capacity(struct making *m, uint64_t ramp_up_ns, uint64_t sustain_ns)
{
    put(m, "requests", "0");
    put_time(m, "think",
             u64_max((uint64_t)((double)(ramp_up_ns + sustain_ns) / TRANSACTIONS), NS_PER_MS));
    put(m, "stop", "drain");
}

static void
put_phases(struct making *m, const struct suite_plan *p, const struct suite_case *c,
           const struct suite_step *step)
{
    uint64_t ramp_up_ns =
        step->ramp_up_s > 0 ? (uint64_t)(step->ramp_up_s * 1000 + 1) * NS_PER_MS : p->ramp_up_ns;

    ramp_up_ns = u64_max(ramp_up_ns, 100 * NS_PER_MS);
    put_time(m, "phases.init", u64_max(p->init_ns, 100 * NS_PER_MS));
    put_time(m, "phases.ramp_up", ramp_up_ns);
    put_time(m, "phases.sustain", p->sustain_ns);
    put_time(m, "phases.ramp_down", u64_max(p->ramp_down_ns, 100 * NS_PER_MS));
    put(m, "output.sample", p->sustain_ns > LONG_NS ? "1s" : "100ms");
    if (suite_is_capacity(c))
        put_capacity(m, ramp_up_ns, p->sustain_ns);
}

/* The largest load at which the criteria that a trial can show hold, by RFC 9971. */
static void
put_search(struct making *m, const struct suite_plan *p, const struct suite_case *c,
           const struct suite_step *step)
{
    json_t *goals = json_array();
    char goal[256], trial[VALUE_TEXT_MAX], sum[VALUE_TEXT_MAX];

    snprintf(goal, sizeof(goal),
             "final_trial_duration=%s,duration_sum=%s,initial_trial_duration=%s,exceed_ratio=%g%%,"
             "width=%g%%",
             value_format_duration(p->trial_ns, trial), value_format_duration(p->trials_ns, sum),
             p->trial_ns > NS_PER_SEC ? "1s" : trial, p->exceed_ppm / 1e4, p->width_ppm / 1e4);
    tree_append(&m->t, goals, tree_text(goal));
    tree_put_path(&m->t, m->o, "search.goals", goals);
    put(m, "search.on", suite_is_capacity(c) ? "connections" : "rate");
    put(m, "search.min", "%.0f", step->least);
    if (suite_is_capacity(c))
        put_capacity(m, 0, p->trial_ns);
}

static void
add_limit(struct making *m, json_t *list, const char *figure, uint32_t limit_ppm)
{
    char text[96];

    if (limit_ppm > 0)
        snprintf(text, sizeof(text), "%s < %.4f%%", figure, limit_ppm / 1e4);
    else
        snprintf(text, sizeof(text), "%s = 0", figure);
    tree_append(&m->t, list, tree_text(text));
}

/* Those that a trial can show. */
static void
put_criteria(struct making *m, const struct suite_plan *p, const struct suite_case *c)
{
    const uint32_t failures_ppm = p->limit_ppm[SUITE_FAILURES];
    json_t *list = json_array();
    char text[96];

    snprintf(text, sizeof(text), "http_good %s %.4f%%",
             failures_ppm > 0 ? ">" : ">=", 100 - failures_ppm / 1e4);
    tree_append(&m->t, list, tree_text(text));
    add_limit(m, list, "failed", failures_ppm);
    if ((suite_tests[c->test].criteria & 1U << SUITE_RESETS) != 0)
        add_limit(m, list, "failures.reset", p->limit_ppm[SUITE_RESETS]);
    tree_put(&m->t, m->o, "criteria", list);
}

json_t *
suite_scenario(const struct suite_plan *p, const struct suite_case *c,
               const struct suite_step *step)
{
    struct making m = {.o = suite_yaml_json(&p->yaml, p->scenario)};

    if (m.o == NULL)
        return NULL;
    put_target(&m, p, c);
    put(&m, "close", "fin"); /* 4.3.1.1 */
    put(&m, "output.ui", "line");
    put(&m, suite_is_capacity(c) ? "load.connections" : "load.rate", "%.0f", step->load);
    if (step->stage == SUITE_SEARCH) {
        put_search(&m, p, c, step);
        put_criteria(&m, p, c);
    } else {
        put_phases(&m, p, c, step);
    }
    if (!m.t.has_failed)
        return m.o;
    json_decref(m.o);
    return NULL;
}
