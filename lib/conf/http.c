/* SPDX-License-Identifier: BSD-3-Clause */
/* See http.h. */
#include "conf/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf/http2.h"
#include "conf/options.h"

static int
check_unused(const struct conf *c, unsigned class_idx, struct fail *f)
{
    int row = option_first_set(c, class_idx, GROUP_HTTP);

    if (row < 0)
        return 0;
    return fail_set(
        f, EXIT_USAGE, "%s: without HTTP it would be ignored; %s", conf_options[row].name,
        c->command == CONF_SERVE ? "give --http too"
                                 : "write the target as http://ADDRESS/ or https://ADDRESS/");
}

/* Payload that nobody cares for, and what answers it, have no place beside requests. */
static int
check_payload(const struct conf_class *k, struct fail *f)
{
    if (k->send_bytes > 0)
        return fail_set(f, EXIT_USAGE,
                        "--send: requests are what is sent over HTTP; give --body for one with a "
                        "body");
    if (k->receive_bytes > 0)
        return fail_set(f, EXIT_USAGE,
                        "--receive: over HTTP the response says how long it is; leave it out");
    if (k->echo)
        return fail_set(f, EXIT_USAGE,
                        "--echo: with --http requests are answered; leave one of the two out");
    if (k->answer_after > 0)
        return fail_set(f, EXIT_USAGE,
                        "--after: with --http an answer follows its request; leave it out");
    return 0;
}

/* Whether a line of @fields has the field @name. */
static bool
has_field(const char *fields, const char *name)
{
    for (const char *line = fields; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strncasecmp(line, name, strlen(name)) == 0 &&
            (line[strlen(name)] == ':' || line[strlen(name)] == ';'))
            return true;
    return false;
}

/* Two options that say the same field. */
static int
check_fields(const struct conf_http *h, struct fail *f)
{
    const char *option = h->basic[0] != '\0' ? "--basic" : "--bearer";

    if (h->basic[0] != '\0' && h->bearer[0] != '\0')
        return fail_set(f, EXIT_USAGE,
                        "--bearer: with --basic there would be two Authorization fields; leave one "
                        "of the two out");
    if ((h->basic[0] != '\0' || h->bearer[0] != '\0') && has_field(h->fields, "Authorization"))
        return fail_set(f, EXIT_USAGE,
                        "%s: --header has an Authorization field already; leave one of the two out",
                        option);
    if (h->host[0] != '\0' && has_field(h->fields, "Host"))
        return fail_set(f, EXIT_USAGE,
                        "--host: --header has a Host field already; leave one of the two out");
    if (h->cookies && has_field(h->fields, "Cookie"))
        return fail_set(f, EXIT_USAGE,
                        "--cookies: --header has a Cookie field, and there may be one only (RFC "
                        "6265 5.4); leave one of the two out");
    return 0;
}

static int
check_bodies(const struct conf_http *h, struct fail *f)
{
    if (h->body[0] != '\0' && h->body_bytes > 0)
        return fail_set(f, EXIT_USAGE,
                        "--body-bytes: --body is the body already; leave one of the two out");
    if (h->expect_body[0] != '\0' && strcmp(h->method, "HEAD") == 0)
        return fail_set(f, EXIT_USAGE,
                        "--expect-body: the response to HEAD has no body; leave it out");
    return 0;
}

/* A path of --path takes the place of the URLs'. */
static int
check_paths(const struct conf *c, unsigned class_idx, struct fail *f)
{
    const struct conf_http *h = &c->classes[class_idx].http;
    unsigned n = 0, sum = 0, weight;

    for (const char *line = h->paths; *line != '\0'; line += strcspn(line, "\n") + 1) {
        (void)conf_path_of(line, &weight);
        sum += weight;
        n++;
    }
    if (n > HTTP_PATHS_MAX)
        return fail_set(f, EXIT_USAGE, "--path: %u are too many; at most %d are allowed", n,
                        HTTP_PATHS_MAX);
    if (sum > HTTP_ORDER_MAX)
        return fail_set(f, EXIT_USAGE, "--path: the weights add up to %u; at most %d are allowed",
                        sum, HTTP_ORDER_MAX);
    for (unsigned i = 0; i < c->n_targets; i++) {
        const struct conf_target *t = &c->targets[i];
        struct value_why why;

        if (t->class_idx != class_idx)
            continue;
        if (n > 0 && strcmp(t->path, "/") != 0)
            return fail_set(f, EXIT_USAGE,
                            "--path: '%.100s' has a path of its own; leave one of the two out",
                            t->url);
        if (conf_check_path(t->path, &why) < 0)
            return fail_set(f, EXIT_USAGE, "%s", why.text);
    }
    return 0;
}

static bool
has_brace(const char *text)
{
    return strchr(text, '{') != NULL;
}

/* Whether requests may have to be filled in: of a file it is not known yet. */
static bool
may_fill(const struct conf *c, unsigned class_idx)
{
    const struct conf_http *h = &c->classes[class_idx].http;
    bool fills = h->cookies || h->csv[0] != '\0' || h->body[0] == '@' || has_brace(h->fields) ||
                 has_brace(h->body) || has_brace(h->paths) || has_brace(h->bearer);

    for (unsigned i = 0; !fills && i < c->n_targets; i++)
        fills = c->targets[i].class_idx == class_idx && has_brace(c->targets[i].path);
    return fills;
}

static int
check_csv(const struct conf_class *k, struct fail *f)
{
    if (k->http.csv[0] == '\0' && k->http.csv_order != HTTP_CSV_SEQUENTIAL)
        return fail_set(f, EXIT_USAGE, "--csv-order: there is no --csv-data; leave it out");
    return 0;
}

static int
check_client(const struct conf *c, unsigned class_idx, struct fail *f)
{
    const struct conf_class *k = &c->classes[class_idx];

    if (check_fields(&k->http, f) < 0 || check_bodies(&k->http, f) < 0 || check_csv(k, f) < 0)
        return -1;
    return check_paths(c, class_idx, f);
}

static struct http_opts
http_opts_of(const struct conf *c, unsigned class_idx)
{
    const struct conf_class *k = &c->classes[class_idx];
    struct http_opts o = {.expect_first = k->http.expect.first,
                          .expect_last = k->http.expect.last,
                          .expect_bytes = HTTP_ANY_LENGTH,
                          .asks_to_close = k->close == CLOSE_PEER,
                          .filler_bytes = k->http.body_bytes,
                          .pipeline = (uint32_t)k->http.pipeline,
                          .fills = may_fill(c, class_idx),
                          .keeps_cookies = k->http.cookies,
                          .csv_order = k->http.csv_order,
                          .index_bytes = k->answer_bytes,
                          .requests_per_conn = (uint32_t)k->http.keepalive_requests};
    struct value_why why;
    bool has_digest;

    if (k->http.expect_body[0] != '\0')
        (void)conf_read_expect_body(k->http.expect_body, &o.expect_bytes, o.expect_digest,
                                    &has_digest, &why);
    return o;
}

int
conf_finish_http(struct conf *c, unsigned class_idx, struct fail *f)
{
    struct conf_class *k = &c->classes[class_idx];

    if (!k->proto->has_path)
        return check_unused(c, class_idx, f);
    if (check_payload(k, f) < 0)
        return -1;
    if (!k->given[OPTION_REQUESTS])
        k->requests = c->command == CONF_SERVE || !conf_is_open_loop(c) ? 0 : 1;
    if (k->close == CLOSE_PEER && k->requests == 0 && c->command != CONF_SERVE)
        return fail_set(f, EXIT_USAGE,
                        "--close peer: the server is asked to close with the last request, and "
                        "without --rate there is none; give --requests");
    if ((k->http.body[0] != '\0' || k->http.body_bytes > 0) && !k->given[OPTION_METHOD])
        snprintf(k->http.method, sizeof(k->http.method), "POST");
    if (check_client(c, class_idx, f) < 0)
        return -1;
    k->http.opts = http_opts_of(c, class_idx);
    return conf_finish_http2(c, class_idx, f);
}
