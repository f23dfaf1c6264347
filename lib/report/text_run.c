/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_run.h. */
#include "report/text_run.h"

#include "base/wrap.h"
#include "conf/options.h"
#include "conf/value.h"
#include "report/format.h"

static const struct wrap line = {.indent = 0, .hang = 2, .width = WRAP_TERMINAL};

static void
write_client_class(FILE *out, const struct conf_class *k)
{
    char exact[VALUE_TEXT_MAX];

    if (k->send_bytes > 0)
        fprintf(out, ", send %s", value_format_size(k->send_bytes, exact));
    if (k->receive_bytes > 0)
        fprintf(out, ", receive %s", value_format_size(k->receive_bytes, exact));
    if (k->requests == 0)
        fprintf(out, ", again and again");
    else if (k->requests > 1)
        fprintf(out, ", %s times", value_format_count(k->requests, exact));
    if (k->think_ns > 0)
        fprintf(out, ", think %s", value_format_duration(k->think_ns, exact));
    if (k->hold_ns > 0)
        fprintf(out, ", hold %s", value_format_duration(k->hold_ns, exact));
    fprintf(out, ", close %s", conf_close_names[k->close]);
}

static void
write_server_class(FILE *out, const struct conf_class *k)
{
    char exact[VALUE_TEXT_MAX];

    if (k->echo)
        fputs(", echo", out);
    if (k->answer_bytes > 0)
        fprintf(out, ", answer %s", value_format_size(k->answer_bytes, exact));
    if (k->answer_after > 0)
        fprintf(out, " after %s", value_format_size(k->answer_after, exact));
}

static void
write_class_opts(FILE *out, const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++) {
        const struct conf_class *k = &c->classes[i];

        if (c->n_classes > 1)
            fprintf(out, "; %s", k->name);
        if (c->command == CONF_SERVE)
            write_server_class(out, k);
        else
            write_client_class(out, k);
    }
}

static void
write_load(FILE *out, const struct conf *c)
{
    char buf[FORMAT_TEXT_MAX], exact[VALUE_TEXT_MAX];

    if (c->command == CONF_SERVE)
        return;
    if (c->n_targets > 0)
        fprintf(out, " to %s", c->targets[0].url);
    if (c->n_targets > 1)
        fprintf(out, " and %u more", c->n_targets - 1);
    if (c->rate_milli > 0)
        fprintf(out, ", %s/s", value_format_rate(c->rate_milli, exact));
    if (c->shape.shape != NULL)
        fprintf(out, ", %s", c->shape.text);
    if (c->request_rate_milli > 0)
        fprintf(out, ", %s requests/s", value_format_rate(c->request_rate_milli, exact));
    if (c->requests_total > 0)
        fprintf(out, ", %s requests", value_format_count(c->requests_total, exact));
    fprintf(out, ", at most %s open", format_grouped(c->connections, buf));
}

static void
write_run(FILE *out, const void *arg)
{
    const struct result *r = arg;
    const struct conf *c = r->conf;
    unsigned n[ROLE_COUNT] = {0};

    for (unsigned i = 0; i < r->n_cores; i++)
        n[r->cores[i].role]++;
    fprintf(out, "shakedown %s, %s", r->version, r->dpdk_version);
    if (r->has_tls && r->openssl_version != NULL)
        fprintf(out, ", OpenSSL %s", r->openssl_version);
    fprintf(out, ": %s on %s", c->command == CONF_SERVE ? "serve" : "run", c->device);
    write_load(out, c);
    write_class_opts(out, c);
    for (int role = 0; role < ROLE_COUNT; role++)
        if (n[role] > 0)
            fprintf(out, ", %u %s core%s", n[role], result_role_names[role],
                    n[role] == 1 ? "" : "s");
    fprintf(out, ", %.1f s%s", r->duration_s, r->interrupted ? " (interrupted)" : "");
}

void
text_run(FILE *out, const struct result *r)
{
    wrap_call(out, &line, write_run, r);
}
