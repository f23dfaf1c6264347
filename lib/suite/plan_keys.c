/* SPDX-License-Identifier: BSD-3-Clause */
/* See plan_keys.h, and plan.h: what is written of them. */
#include "suite/plan_keys.h"

#include <string.h>

#include <jansson.h>

#include "base/wrap.h"
#include "conf/url.h"
#include "report/json_tree.h"

#define AT(field)  offsetof(struct suite_plan, field)
#define APP(field) offsetof(struct suite_application, field)

const struct plan_key plan_keys[] = {
    {"title", PLAN_TEXT, AT(title), "RFC 9411", "what stands above the report"},
    {"tester", PLAN_PAIRS, AT(tester), NULL,
     "keys and texts of one's own: hardware, versions, tuning of the test equipment (6.1)"},
    {"dut", PLAN_PAIRS, AT(dut), NULL,
     "the same of the device under test: model, version, features, rules (6.1, 4.2)"},
    {"security", PLAN_TEXT, AT(security), NULL,
     "what the test of security effectiveness found (4.2.1, appendix A), which is made by other "
     "means; or why there was none"},
    {"scenario", PLAN_SCENARIO, AT(scenario), NULL,
     "what all runs have in common, with the keys of a scenario: device, local, lcores, tls"},
    {"tests", PLAN_TESTS, AT(has_test), "7.1, 7.2, 7.3, 7.4, 7.5, 7.6, 7.7, 7.8, 7.9",
     "which are made; also rfc3511-5.2, rfc3511-5.3, rfc3511-5.4"},
    {"path", PLAN_TEXT, AT(path), "/{bytes}", "of an object; {bytes} is its size"},
    {"http.urls", PLAN_URLS, AT(sides[0].urls), NULL, "servers behind the device; no path"},
    {"http.cps", PLAN_RATE, AT(sides[0].cps_milli), NULL,
     "target connections per second of 7.2 and of RFC 3511's tests"},
    {"http.throughput", PLAN_BITS, AT(sides[0].throughput_bps), NULL,
     "target throughput of 7.3, in bits per second, both ways"},
    {"http.connections", PLAN_COUNT, AT(sides[0].connections), NULL,
     "target of connections open at once of 7.5"},
    {"https.urls", PLAN_URLS, AT(sides[1].urls), NULL, "the same, for 7.6 to 7.9"},
    {"https.cps", PLAN_RATE, AT(sides[1].cps_milli), NULL, "of 7.6"},
    {"https.throughput", PLAN_BITS, AT(sides[1].throughput_bps), NULL, "of 7.7"},
    {"https.connections", PLAN_COUNT, AT(sides[1].connections), NULL, "of 7.9"},
    {"https.ciphers", PLAN_CIPHERS, AT(ciphers), NULL,
     "a recommended set (4.3.1.4): ecdsa-p256, rsa-2048, ecdsa-p384, rsa-4096 or tls13; else what "
     "the scenario says"},
    {"reference.urls", PLAN_URLS, AT(reference_urls), NULL,
     "the way to servers without the device, for the test of the testbed (5); without it there is "
     "none"},
    {"reference.throughput", PLAN_BITS, AT(reference_bps), NULL,
     "that the testbed has to carry; a tenth more than http.throughput unless given"},
    {"ipv6", PLAN_SHARE, AT(ipv6_ppm), NULL,
     "share of the connections that are of IPv6, where URLs are of both families (4.3.1.3); else "
     "as "
     "many to each URL"},
    {"sizes.cps", PLAN_SIZES, AT(rate_sizes), "1k, 2k, 4k, 16k, 64k", "of objects, of 7.2 and 7.6"},
    {"sizes.throughput", PLAN_SIZES, AT(throughput_sizes), "1k, 16k, 64k, 256k, mixed",
     "of 7.3 and 7.7; mixed: ten sizes, from 200 bytes to 347k"},
    {"sizes.latency", PLAN_SIZES, AT(latency_sizes), "1k, 16k, 64k", "of 7.4 and 7.8"},
    {"mix.name", PLAN_TEXT, AT(mix_name), NULL, "of the traffic mix of 7.1"},
    {"mix.throughput", PLAN_BITS, AT(mix_bps), NULL, "target throughput of 7.1"},
    {"mix.applications", PLAN_APPLICATIONS, 0, NULL,
     "a list of name, urls, share, sizes, requests; the shares are of the traffic, 100% together"},
    {"initial", PLAN_SHARE, AT(initial_ppm), "10%", "the initial objective, of the target"},
    {"phases.init", PLAN_TIME, AT(init_ns), "5s", "4.3.4: nothing begins"},
    {"phases.ramp_up", PLAN_TIME, AT(ramp_up_ns), "30s", "the load rises"},
    {"phases.sustain", PLAN_TIME, AT(sustain_ns), "300s", "what is measured"},
    {"phases.ramp_down", PLAN_TIME, AT(ramp_down_ns), "30s", "the load falls"},
    {"search.trial", PLAN_TIME, AT(trial_ns), "60s",
     "final trial duration of the search for the maximum (RFC 9971)"},
    {"search.sum", PLAN_TIME, AT(trials_ns), "60s", "duration sum of its goal"},
    {"search.exceed", PLAN_SHARE, AT(exceed_ppm), "0%", "exceed ratio of its goal"},
    {"search.width", PLAN_SHARE, AT(width_ppm), "1%", "width of its goal"},
#define X(name, key_, limit, meaning_)                                                             \
    {"criteria." key_, PLAN_SHARE, AT(limit_ppm[SUITE_##name]), NULL, meaning_},
    SUITE_CRITERIA(X)
#undef X
};
const size_t n_plan_keys = ARRAY_LEN(plan_keys);

const struct plan_key application_keys[] = {
    {"name", PLAN_TEXT, APP(name), NULL, "of the application"},
    {"urls", PLAN_URLS, APP(urls), NULL, "its servers"},
    {"share", PLAN_SHARE, APP(share_ppm), NULL, "of the traffic"},
    {"sizes", PLAN_SIZES, APP(sizes), "mixed", "of its objects, each as often as the others"},
    {"requests", PLAN_COUNT, APP(requests), "10", "transactions a connection"},
};
const size_t n_application_keys = ARRAY_LEN(application_keys);

/* -- values --------------------------------------------------------------------------------- */

static int
read_size(const char *text, uint64_t *bytes, struct value_why *why)
{
    if (strcmp(text, "mixed") == 0) {
        *bytes = SUITE_MIXED;
        return 0;
    }
    if (value_bytes(text, bytes, why) < 0)
        return -1;
    return *bytes > 0 ? 0 : value_refuse(why, "an object of 0 bytes is none");
}

static int
read_ciphers(const char *text, const struct suite_ciphers **set, struct value_why *why)
{
    for (unsigned i = 0; i < n_suite_ciphers; i++)
        if (strcmp(suite_ciphers[i].name, text) == 0) {
            *set = &suite_ciphers[i];
            return 0;
        }
    return value_refuse(why,
                        "'%.60s' is no recommended set; write ecdsa-p256, rsa-2048, ecdsa-p384, "
                        "rsa-4096 or tls13",
                        text);
}

int
plan_value(enum plan_type type, const char *text, void *field, struct value_why *why)
{
    switch (type) {
    case PLAN_TEXT:
        *(const char **)field = text;
        return 0;
    case PLAN_RATE:
        return value_rate(text, field, why);
    case PLAN_BITS:
        return value_bit_rate(text, field, why);
    case PLAN_COUNT:
        return value_count(text, field, why);
    case PLAN_TIME:
        return value_duration(text, field, why);
    case PLAN_SHARE:
        return value_share(text, field, why);
    case PLAN_CIPHERS:
        return read_ciphers(text, field, why);
    case PLAN_URLS:
    case PLAN_SIZES:
    case PLAN_TESTS:
    case PLAN_PAIRS:
    case PLAN_APPLICATIONS:
    case PLAN_SCENARIO:
    case PLAN_TYPES:
        break;
    }
    return value_refuse(why, "'%.60s' is one value; write a list, or keys and values", text);
}

static int
add_url(struct suite_urls *urls, const char *text, struct value_why *why)
{
    struct url url;

    if (urls->n == SUITE_URLS_MAX)
        return value_refuse(why, "there are more than %d", SUITE_URLS_MAX);
    if (url_parse(text, &url, why) < 0)
        return -1;
    if (url.proto->scheme == NULL || strcmp(url.proto->scheme, "http") != 0)
        return value_refuse(why, "'%.100s': the suite speaks http:// and https://", text);
    urls->list[urls->n++] = text;
    return 0;
}

static int
add_test(struct suite_plan *p, const char *text, struct value_why *why)
{
    int test = suite_test_by_id(text);

    if (test < 0 || test == SUITE_REFERENCE)
        return value_refuse(why,
                            "'%.60s' is no test; there are 7.1 to 7.9, rfc3511-5.2, rfc3511-5.3 "
                            "and rfc3511-5.4",
                            text);
    p->has_test[test] = true;
    return 0;
}

int
plan_item(struct suite_plan *p, enum plan_type type, const char *text, void *field,
          struct value_why *why)
{
    struct suite_sizes *sizes = field;

    if (type == PLAN_URLS)
        return add_url(field, text, why);
    if (type == PLAN_TESTS)
        return add_test(p, text, why);
    if (sizes->n == SUITE_SIZES_MAX)
        return value_refuse(why, "there are more than %d", SUITE_SIZES_MAX);
    if (read_size(text, &sizes->list[sizes->n], why) < 0)
        return -1;
    for (unsigned i = 0; i < sizes->n; i++)
        if (sizes->list[i] == sizes->list[sizes->n])
            return value_refuse(why, "'%.60s' stands twice", text);
    sizes->n++;
    return 0;
}

unsigned
suite_urls_families(const struct suite_urls *urls)
{
    unsigned families = 0;
    struct value_why why;
    struct url url;

    for (unsigned i = 0; i < urls->n; i++)
        if (url_parse(urls->list[i], &url, &why) == 0)
            families |= !url.is_numeric ? SUITE_BOTH : url.addr.is_v6 ? SUITE_V6 : SUITE_V4;
    return families;
}

/* -- docs ----------------------------------------------------------------------------------- */

/* What RFC 9411 says where the table has no default of its own. */
static const char *
default_of(const struct plan_key *k, char buf[static VALUE_TEXT_MAX])
{
    for (int i = 0; i < SUITE_CRITERIA_COUNT; i++)
        if (k->offset == AT(limit_ppm[i]))
            return value_format_share(suite_criteria[i].limit_ppm, buf);
    return k->def;
}

static void
print_keys(FILE *out, const char *before, const struct plan_key *keys, size_t n)
{
    static const struct wrap layout = {.indent = 2, .width = 120};

    for (size_t i = 0; i < n; i++) {
        char buf[VALUE_TEXT_MAX], text[512];
        const char *def = default_of(&keys[i], buf);

        snprintf(text, sizeof(text), "%s%s%s.", keys[i].help, def != NULL ? ". Default: " : "",
                 def != NULL ? def : "");
        fprintf(out, "* `%s%s`\\\n", before, keys[i].key);
        wrap_write(out, &layout, text, 0);
    }
}

void
suite_plan_markdown(FILE *out)
{
    print_keys(out, "", plan_keys, n_plan_keys);
    print_keys(out, "mix.applications[].", application_keys, n_application_keys);
}

static json_t *
type_schema(enum plan_type type)
{
    static const char *const words[PLAN_TYPES] = {
        [PLAN_TEXT] = "string",     [PLAN_CIPHERS] = "string",     [PLAN_PAIRS] = "object",
        [PLAN_SCENARIO] = "object", [PLAN_APPLICATIONS] = "array",
    };

    if (plan_is_list(type)) /* or its only item */
        return json_pack("{s:[s,s,s]}", "type", "array", "string", "number");
    if (words[type] != NULL)
        return json_pack("{s:s}", "type", words[type]);
    return json_pack("{s:[s,s]}", "type", "string", "number");
}

/* An object with the keys; those with dots are nested. */
static json_t *
keys_schema(struct json_tree *t, const struct plan_key *keys, size_t n)
{
    json_t *root = json_object();

    tree_put(t, root, "type", json_string("object"));
    tree_put(t, root, "additionalProperties", json_false());
    tree_put(t, root, "properties", json_object());
    for (size_t i = 0; i < n; i++) {
        const char *dot = strchr(keys[i].key, '.'), *name = dot != NULL ? dot + 1 : keys[i].key;
        json_t *all = json_object_get(root, "properties"), *one = type_schema(keys[i].type);

        if (dot != NULL) {
            char group[64];
            json_t *o;

            snprintf(group, sizeof(group), "%.*s", (int)(dot - keys[i].key), keys[i].key);
            o = json_object_get(all, group);
            if (o == NULL) {
                tree_put(t, all, group, keys_schema(t, NULL, 0));
                o = json_object_get(all, group);
            }
            all = json_object_get(o, "properties");
        }
        if (keys[i].type == PLAN_APPLICATIONS)
            tree_put(t, one, "items", keys_schema(t, application_keys, n_application_keys));
        if (keys[i].type == PLAN_SCENARIO)
            tree_put(t, one, "$ref", json_string("scenario.schema.json"));
        tree_put(t, one, "description", json_string(keys[i].help));
        tree_put(t, all, name, one);
    }
    return root;
}

int
suite_plan_schema(FILE *out, struct fail *f)
{
    struct json_tree t = {0};
    json_t *root = keys_schema(&t, plan_keys, n_plan_keys);
    bool is_good;

    tree_put(&t, root, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    tree_put(&t, root, "title", json_string("plan of shakedown rfc9411"));
    is_good = !t.has_failed && json_dumpf(root, out, JSON_INDENT(2) | JSON_SORT_KEYS) == 0 &&
              fputc('\n', out) != EOF;
    json_decref(root);
    return is_good ? 0 : fail_set(f, EXIT_HOST, "the schema could not be written");
}
