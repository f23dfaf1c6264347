/* SPDX-License-Identifier: BSD-3-Clause */
/* See plan.h: reading. Keys are plan_keys.h's. */
#include "suite/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "conf/options.h"
#include "conf/scenario.h"
#include "suite/plan_check.h"
#include "suite/plan_keys.h"

#define KEY_MAX       64
#define NEAR_KEYS_MAX 64

struct reading {
    struct suite_plan *p;
    struct fail *f;
    bool is_taken[NEAR_KEYS_MAX];
};

/* What decides about a load is the suite's. */
static const int reserved[] = {
    OPTION_RATE,        OPTION_SHAPE,       OPTION_REQUEST_RATE, OPTION_REQUESTS_TOTAL,
    OPTION_CONNECTIONS, OPTION_DURATION,    OPTION_INIT,         OPTION_RAMP_UP,
    OPTION_WARM_UP,     OPTION_SUSTAIN,     OPTION_RAMP_DOWN,    OPTION_STOP,
    OPTION_SEARCH,      OPTION_SEARCH_GOAL, OPTION_SEARCH_ON,    OPTION_SEARCH_MIN,
    OPTION_SEARCH_MAX,  OPTION_CLOSE,       OPTION_HOLD,         OPTION_REQUESTS,
    OPTION_THINK,       OPTION_METHOD,      OPTION_PATH,         OPTION_EXPECT,
    OPTION_RESUME,      OPTION_JSON,        OPTION_SAMPLE,       OPTION_UI,
    OPTION_CRITERIA,    OPTION_HALF_OPEN};

static int
refuse(const struct reading *r, struct place at, const char *key, const char *what)
{
    return source_refuse(&r->p->source, at, r->f, "%s: %s", key, what);
}

static int take_mapping(struct reading *r, const struct yaml_node *node, const char *before);

/* -- values --------------------------------------------------------------------------------- */

static int
take_pairs(struct reading *r, const struct yaml_node *node, const char *key,
           struct suite_pairs *pairs)
{
    const struct yaml *y = &r->p->yaml;

    if (node->kind != YAML_MAPPING)
        return refuse(r, node->at, key, "it has to be keys and texts, e.g. {model: X1000}");
    for (const struct yaml_node *k = yaml_child(y, node); k != NULL;
         k = yaml_next(y, yaml_next(y, k))) {
        const struct yaml_node *v = yaml_next(y, k);

        if (k->kind != YAML_SCALAR || v->kind != YAML_SCALAR)
            return refuse(r, v->at, key, "what belongs to a key has to be a text");
        if (pairs->n == SUITE_PAIRS_MAX)
            return refuse(r, k->at, key, "there are too many keys");
        pairs->list[pairs->n++] = (struct suite_pair){k->text, v->text};
    }
    return 0;
}

/* A scalar is a list of one. */
static int
take_list(struct reading *r, const struct yaml_node *node, const struct plan_key *k, void *field)
{
    const struct yaml *y = &r->p->yaml;
    const struct yaml_node *item = node->kind == YAML_SEQUENCE ? yaml_child(y, node) : node;
    struct value_why why;

    for (; item != NULL; item = node->kind == YAML_SEQUENCE ? yaml_next(y, item) : NULL) {
        if (item->kind != YAML_SCALAR)
            return refuse(r, item->at, k->key, "it has to be a list of values");
        if (plan_item(r->p, k->type, item->text, field, &why) < 0)
            return refuse(r, item->at, k->key, why.text);
    }
    r->p->has_tests |= k->type == PLAN_TESTS;
    return 0;
}

static int
take_value(struct reading *r, const struct yaml_node *node, const struct plan_key *k, void *field)
{
    struct value_why why;

    if (plan_is_list(k->type))
        return take_list(r, node, k, field);
    if (k->type == PLAN_PAIRS)
        return take_pairs(r, node, k->key, field);
    if (node->kind != YAML_SCALAR)
        return refuse(r, node->at, k->key, "it has to be one value");
    if (plan_value(k->type, node->text, field, &why) < 0)
        return refuse(r, node->at, k->key, why.text);
    return 0;
}

/* -- the mix -------------------------------------------------------------------------------- */

static const struct plan_key *
find_key(const struct plan_key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(keys[i].key, name) == 0)
            return &keys[i];
    return NULL;
}

static int
refuse_key(const struct reading *r, const struct plan_key *keys, size_t n, struct place at,
           const char *key)
{
    const char *names[NEAR_KEYS_MAX], *near;
    size_t n_names = n < NEAR_KEYS_MAX ? n : NEAR_KEYS_MAX;

    for (size_t i = 0; i < n_names; i++)
        names[i] = keys[i].key;
    near = suggest_nearest(key, names, n_names);
    if (near != NULL)
        return source_refuse(&r->p->source, at, r->f, "%s: there is no such key; did you mean %s?",
                             key, near);
    return refuse(r, at, key, "there is no such key; docs/RFC9411.md lists them");
}

static int
check_application(struct reading *r, struct suite_application *a, struct place at)
{
    bool has_plain = false, has_tls = false;

    if (a->name == NULL || a->urls.n == 0 || a->share_ppm == 0)
        return refuse(r, at, "mix.applications", "name, urls and share are needed");
    for (unsigned i = 0; i < a->urls.n; i++) {
        a->is_tls = strncmp(a->urls.list[i], "https:", 6) == 0;
        has_tls |= a->is_tls;
        has_plain |= !a->is_tls;
    }
    if (has_plain && has_tls)
        return refuse(r, at, "mix.applications",
                      "URLs of one application are all http:// or all https://");
    if (a->requests == 0)
        return refuse(r, at, "mix.applications", "requests: at least one a connection");
    if (a->sizes.n == 0)
        a->sizes = (struct suite_sizes){.n = 1, .list = {SUITE_MIXED}};
    return 0;
}

static int
take_application(struct reading *r, const struct yaml_node *node)
{
    const struct yaml *y = &r->p->yaml;
    struct suite_application *a = &r->p->applications[r->p->n_applications];

    if (node->kind != YAML_MAPPING)
        return refuse(r, node->at, "mix.applications", "each has keys: name, urls, share");
    if (r->p->n_applications == CONF_CLASSES_MAX)
        return refuse(r, node->at, "mix.applications", "there are too many");
    a->requests = 10;
    for (const struct yaml_node *k = yaml_child(y, node); k != NULL;
         k = yaml_next(y, yaml_next(y, k))) {
        const struct plan_key *key = find_key(application_keys, n_application_keys, k->text);

        if (key == NULL)
            return refuse_key(r, application_keys, n_application_keys, k->at, k->text);
        if (take_value(r, yaml_next(y, k), key, (char *)a + key->offset) < 0)
            return -1;
    }
    r->p->n_applications++;
    return check_application(r, a, node->at);
}

static int
take_applications(struct reading *r, const struct yaml_node *node)
{
    const struct yaml *y = &r->p->yaml;
    uint64_t sum_ppm = 0;

    if (node->kind != YAML_SEQUENCE)
        return refuse(r, node->at, "mix.applications", "it has to be a list");
    for (const struct yaml_node *item = yaml_child(y, node); item != NULL;
         item = yaml_next(y, item))
        if (take_application(r, item) < 0)
            return -1;
    for (unsigned i = 0; i < r->p->n_applications; i++)
        sum_ppm += r->p->applications[i].share_ppm;
    if (sum_ppm != VALUE_SHARE_ALL)
        return refuse(r, node->at, "mix.applications", "the shares do not add up to 100%");
    return 0;
}

/* -- keys ----------------------------------------------------------------------------------- */

static bool
is_group(const char *key)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < n_plan_keys; i++)
        if (strncmp(plan_keys[i].key, key, length) == 0 && plan_keys[i].key[length] == '.')
            return true;
    return false;
}

static int
take_key(struct reading *r, const struct yaml_node *k, const struct yaml_node *v, const char *key)
{
    const struct plan_key *row = find_key(plan_keys, n_plan_keys, key);
    size_t i = row != NULL ? (size_t)(row - plan_keys) : 0;

    if (row == NULL)
        return refuse_key(r, plan_keys, n_plan_keys, k->at, key);
    if (r->is_taken[i])
        return refuse(r, k->at, key, "it stands twice");
    r->is_taken[i] = true;
    if (yaml_is_null(v))
        return 0;
    if (row->type == PLAN_SCENARIO) {
        r->p->scenario = v;
        return 0;
    }
    if (row->type == PLAN_APPLICATIONS)
        return take_applications(r, v);
    return take_value(r, v, row, (char *)r->p + row->offset);
}

static int
take_mapping(struct reading *r, const struct yaml_node *node, const char *before)
{
    const struct yaml *y = &r->p->yaml;

    for (const struct yaml_node *k = yaml_child(y, node); k != NULL;
         k = yaml_next(y, yaml_next(y, k))) {
        const struct yaml_node *v = yaml_next(y, k);
        char key[KEY_MAX], group[KEY_MAX];

        snprintf(key, sizeof(key), "%.20s%.40s", before, k->kind == YAML_SCALAR ? k->text : "");
        if (v->kind == YAML_MAPPING && is_group(key)) {
            snprintf(group, sizeof(group), "%.60s.", key);
            if (take_mapping(r, v, group) < 0)
                return -1;
        } else if (take_key(r, k, v, key) < 0) {
            return -1;
        }
    }
    return 0;
}

/* -- the whole ------------------------------------------------------------------------------ */

static int
fill_list(struct suite_plan *p, const struct plan_key *k, struct value_why *why)
{
    char words[256], *save, *word;

    snprintf(words, sizeof(words), "%s", k->def);
    for (word = strtok_r(words, ", ", &save); word != NULL; word = strtok_r(NULL, ", ", &save))
        if (plan_item(p, k->type, word, (char *)p + k->offset, why) < 0)
            return -1;
    return 0;
}

/* The RFC's sizes in another order are others, too. */
static int
compare_sizes(struct suite_plan *p, const struct plan_key *k, struct value_why *why)
{
    struct suite_sizes *field = (struct suite_sizes *)((char *)p + k->offset), given = *field;
    int err;

    *field = (struct suite_sizes){0};
    err = fill_list(p, k, why);
    given.is_changed = given.n != field->n ||
                       memcmp(given.list, field->list, given.n * sizeof(given.list[0])) != 0;
    *field = given;
    return err;
}

/* What the file does not have. */
static int
fill_defaults(struct reading *r)
{
    struct value_why why;

    for (size_t i = 0; i < n_plan_keys; i++) {
        const struct plan_key *k = &plan_keys[i];
        int err = 0;

        if (k->def == NULL || (r->is_taken[i] && k->type != PLAN_SIZES))
            continue;
        if (r->is_taken[i])
            err = compare_sizes(r->p, k, &why);
        else
            err = plan_is_list(k->type)
                      ? fill_list(r->p, k, &why)
                      : plan_value(k->type, k->def, (char *)r->p + k->offset, &why);
        if (err < 0)
            return refuse(r, (struct place){1, 1}, k->key, why.text);
    }
    if (r->p->reference_bps == 0)
        r->p->reference_bps = r->p->sides[0].throughput_bps / 10 * 11; /* 5: reasonably more */
    return 0;
}

static int
check_scenario(struct reading *r)
{
    struct conf *c = r->p->check;

    conf_init(c);
    c->command = CONF_RUN;
    if (source_from(&c->source, r->p->source.name, r->p->source.text, r->p->source.length, r->f) <
            0 ||
        scenario_read_part(c, "scenario", r->f) < 0)
        return -1;
    if (c->n_targets > 0)
        return refuse(r, c->targets[0].place, "scenario.urls",
                      "the suite has URLs for http and for https; leave it out");
    if (c->has_classes)
        return refuse(r, r->p->scenario->at, "scenario.classes",
                      "mix.applications has the kinds of traffic; leave it out");
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (option_is_given(c, 0, reserved[i]))
            return refuse(r, option_place(c, 0, reserved[i]), conf_options[reserved[i]].key,
                          "the suite sets it itself; leave it out");
    return 0;
}

uint64_t
suite_quick_ns(uint64_t ns)
{
    return u64_min(ns, u64_max(ns / SUITE_QUICK, 500 * NS_PER_MS));
}

static void
scale(struct suite_plan *p)
{
    uint64_t *const times[] = {&p->init_ns,      &p->ramp_up_ns, &p->sustain_ns,
                               &p->ramp_down_ns, &p->trial_ns,   &p->trials_ns};

    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        *times[i] = suite_quick_ns(*times[i]);
    p->sustain_ns = u64_max(p->sustain_ns, NS_PER_SEC);
}

static int
read_plan(struct suite_plan *p, bool is_quick, struct fail *f)
{
    struct reading r = {.p = p, .f = f};

    p->is_quick = is_quick;
    p->ipv6_ppm = SUITE_AS_TARGETS;
    for (int i = 0; i < SUITE_CRITERIA_COUNT; i++)
        p->limit_ppm[i] = suite_criteria[i].limit_ppm;
    if (yaml_parse(&p->yaml, &p->source, NULL, f) < 0)
        return -1;
    if (p->yaml.nodes[0].kind != YAML_MAPPING)
        return refuse(&r, p->yaml.nodes[0].at, "plan", "it has to be keys and their values");
    p->check = calloc(1, sizeof(*p->check));
    if (p->check == NULL)
        return fail_set(f, EXIT_HOST, "rfc9411: not enough memory");
    if (take_mapping(&r, &p->yaml.nodes[0], "") < 0 || check_scenario(&r) < 0 ||
        fill_defaults(&r) < 0)
        return -1;
    p->has_test[SUITE_REFERENCE] = p->reference_urls.n > 0;
    if (is_quick)
        scale(p);
    return suite_plan_check(p, f);
}

static int
read_or_free(struct suite_plan *p, bool is_quick, struct fail *f)
{
    if (read_plan(p, is_quick, f) == 0)
        return 0;
    suite_plan_fini(p);
    return -1;
}

int
suite_plan_read(struct suite_plan *p, const char *path, bool is_quick, struct fail *f)
{
    *p = (struct suite_plan){0};
    return source_read(&p->source, path, f) < 0 ? -1 : read_or_free(p, is_quick, f);
}

int
suite_plan_from(struct suite_plan *p, const char *name, const char *text, bool is_quick,
                struct fail *f)
{
    *p = (struct suite_plan){0};
    return source_from(&p->source, name, text, strlen(text), f) < 0 ? -1
                                                                    : read_or_free(p, is_quick, f);
}

void
suite_plan_fini(struct suite_plan *p)
{
    if (p->check != NULL)
        conf_fini(p->check);
    free(p->check);
    yaml_fini(&p->yaml);
    source_fini(&p->source);
    *p = (struct suite_plan){0};
}
