/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_setup.h. */
#include "app/http_setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/http.h"
#include "proto/http_request.h"
#include "tls/digest.h"

/* An address in brackets, a colon and a port, or a name in their place. */
#define AUTHORITY_MAX (CONF_HOST_MAX + 8)

/* Base64 of the longest credentials, or a token. */
#define FIELDS_MAX (2 * CONF_LINES_MAX + 64)

/* All requests together, each of which has its body with it. */
static const uint64_t REQUESTS_MAX_BYTES = UINT64_C(2) << 30;

/* What the requests of a class have in common. */
struct making {
    const struct conf *conf;
    unsigned class_idx;
    struct http_body body;
    char fields[FIELDS_MAX];
    struct {
        char text[CONF_LINES_MAX];
        unsigned weight;
    } paths[HTTP_PATHS_MAX];
    unsigned n_paths; /* 0: each URL has its own */
};

static const struct http_digest sha256 = {.begin = tls_digest_begin,
                                          .restart = tls_digest_restart,
                                          .add = tls_digest_add,
                                          .end = tls_digest_end,
                                          .drop = tls_digest_drop};

static const struct conf_http *
http_of(const struct making *m)
{
    return &m->conf->classes[m->class_idx].http;
}

/* What a Host field says (RFC 9110 7.2). */
static void
write_authority(const struct conf_target *t, const char *given, char text[static AUTHORITY_MAX])
{
    uint16_t own = t->is_tls ? t->proto->secure_port : t->proto->port;
    char host[CONF_HOST_MAX], addr[IP_TEXT_MAX];

    if (t->host[0] != '\0')
        snprintf(host, sizeof(host), "%s", t->host);
    else
        snprintf(host, sizeof(host), t->addr.is_v6 ? "[%s]" : "%s", ip_format(&t->addr, addr));
    if (given[0] != '\0')
        snprintf(text, AUTHORITY_MAX, "%s", given);
    else if (t->port == own)
        snprintf(text, AUTHORITY_MAX, "%s", host);
    else
        snprintf(text, AUTHORITY_MAX, "%s:%u", host, t->port);
}

/* RFC 4648 4. */
static void
add_base64(char *out, const char *text)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = strlen(text), at = strlen(out);

    for (size_t i = 0; i < len; i += 3) {
        unsigned char b[3] = {(unsigned char)text[i]};

        for (size_t k = 1; k < 3 && i + k < len; k++)
            b[k] = (unsigned char)text[i + k];
        out[at++] = DIGITS[b[0] >> 2];
        out[at++] = DIGITS[(b[0] & 3) << 4 | b[1] >> 4];
        out[at++] = i + 1 < len ? DIGITS[(b[1] & 15) << 2 | b[2] >> 6] : '=';
        out[at++] = i + 2 < len ? DIGITS[b[2] & 63] : '=';
    }
    out[at] = '\0';
}

/* The user's fields, and the credentials (RFC 7617, RFC 6750 2.1). */
static void
write_fields(struct making *m)
{
    const struct conf_http *h = http_of(m);

    snprintf(m->fields, sizeof(m->fields), "%s%s%s", h->fields,
             h->basic[0] != '\0'    ? "Authorization: Basic "
             : h->bearer[0] != '\0' ? "Authorization: Bearer "
                                    : "",
             h->bearer);
    if (h->basic[0] != '\0')
        add_base64(m->fields, h->basic);
    if (h->basic[0] != '\0' || h->bearer[0] != '\0')
        strcat(m->fields, "\n");
}

static void
read_paths(struct making *m)
{
    const struct conf_http *h = http_of(m);

    for (const char *line = h->paths; *line != '\0'; line += strcspn(line, "\n") + 1) {
        unsigned weight;
        const char *path = conf_path_of(line, &weight);

        snprintf(m->paths[m->n_paths].text, CONF_LINES_MAX, "%.*s", (int)strcspn(path, "\n"), path);
        m->paths[m->n_paths++].weight = weight;
    }
}

static struct http_request_opts
request_opts(const struct making *m, const struct http_setup *s, const struct conf_target *t,
             unsigned path, const char *authority)
{
    const struct conf_http *h = http_of(m);

    return (struct http_request_opts){.method = h->method,
                                      .host = authority,
                                      .path = m->n_paths > 0 ? m->paths[path].text : t->path,
                                      .fields = m->fields,
                                      .body = m->body.bytes,
                                      .body_len = m->body.len,
                                      .filler_bytes = h->body_bytes,
                                      .has_cookies = h->cookies,
                                      .csv = s->table.csv.n_rows > 0 ? &s->table.csv : NULL};
}

/* Call @step for each request; -1 ends it. */
static int
for_each(const struct making *m, struct http_setup *s,
         int (*step)(struct http_setup *s, const struct http_request_opts *o, unsigned n,
                     void *arg),
         void *arg)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->conf->n_targets; i++) {
        const struct conf_target *t = &m->conf->targets[i];
        char authority[AUTHORITY_MAX];

        if (t->class_idx != m->class_idx)
            continue;
        write_authority(t, http_of(m)->host, authority);
        for (unsigned path = 0; path < (m->n_paths > 0 ? m->n_paths : 1); path++) {
            struct http_request_opts o = request_opts(m, s, t, path, authority);

            if (step(s, &o, n++, arg) < 0)
                return -1;
        }
    }
    return 0;
}

static int
add_bytes(struct http_setup *s, const struct http_request_opts *o, unsigned n, void *arg)
{
    (void)s;
    (void)n;
    *(uint64_t *)arg += http_request_bytes(o);
    return 0;
}

static int
make_request(struct http_setup *s, const struct http_request_opts *o, unsigned n, void *arg)
{
    size_t *used = arg;

    http_request_make(o, s->bytes + *used, &s->requests[n]);
    *used += http_request_bytes(o);
    return 0;
}

/* Placeholders, counted or found. */
struct cutting {
    struct http_piece *pieces; /* NULL: they are counted */
    size_t n;
    struct fail *f;
};

/* "a, b, ..." */
static const char *
column_names(const struct csv *csv, char buf[static 200])
{
    size_t used = 0;

    for (uint32_t i = 0; i < csv->n_columns; i++) {
        struct csv_field name = csv->fields[i];

        if (used + name.len + 8 > 200) {
            snprintf(buf + used, 200 - used, ", ...");
            break;
        }
        used += (size_t)snprintf(buf + used, 200 - used, "%s%.*s", i > 0 ? ", " : "", name.len,
                                 csv->bytes + name.at);
    }
    return buf;
}

static int
refuse_placeholder(const struct http_pieces_fault *fault, const struct http_request_opts *o,
                   struct fail *f)
{
    struct value_why why;
    char names[200];

    if (fault->near != NULL || o->csv == NULL || strncmp(fault->text, "{csv.", 5) != 0) {
        (void)conf_refuse_placeholder(fault, &why);
        return fail_set(f, EXIT_USAGE, "%s", why.text);
    }
    return fail_set(f, EXIT_USAGE,
                    "'%.100s': the file of --csv-data has no such column; its first line names %s",
                    fault->text, column_names(o->csv, names));
}

static int
cut_request(struct http_setup *s, const struct http_request_opts *o, unsigned n, void *arg)
{
    struct cutting *c = arg;
    struct http_pieces_fault fault;
    int pieces =
        http_request_cut(o, &s->requests[n], c->pieces != NULL ? c->pieces + c->n : NULL, &fault);

    if (pieces < 0)
        return refuse_placeholder(&fault, o, c->f);
    c->n += (unsigned)pieces;
    return 0;
}

static int
make_requests(const struct making *m, struct http_setup *s, struct fail *f)
{
    unsigned n = m->conf->n_targets * (m->n_paths > 0 ? m->n_paths : 1);
    struct cutting c = {.f = f};
    uint64_t bytes = 0;
    size_t used = 0;

    (void)for_each(m, s, add_bytes, &bytes);
    if (bytes > REQUESTS_MAX_BYTES)
        return fail_set(f, EXIT_USAGE,
                        "--path: all requests with their bodies take %" PRIu64
                        " bytes; give fewer paths or targets, or a shorter --body",
                        bytes);
    s->requests = calloc(n, sizeof(*s->requests));
    s->bytes = malloc(bytes);
    if (s->requests == NULL || s->bytes == NULL)
        return fail_set(f, EXIT_HOST, "no memory for the requests");
    (void)for_each(m, s, make_request, &used);
    if (for_each(m, s, cut_request, &c) < 0)
        return -1;
    c.pieces = s->pieces = calloc(c.n, sizeof(*s->pieces));
    c.n = 0;
    if (s->pieces == NULL)
        return fail_set(f, EXIT_HOST, "no memory for the requests");
    (void)for_each(m, s, cut_request, &c);
    s->opts.fills = m->conf->classes[m->class_idx].http.cookies;
    for (unsigned i = 0; i < n; i++)
        s->opts.fills |= s->requests[i].pieces != NULL;
    return 0;
}

static unsigned
divisor(unsigned a, unsigned b)
{
    while (b > 0) {
        unsigned rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* Paths as evenly mixed as their weights allow: each time the one that lags most behind its share
 * has its turn. */
static int
make_order(const struct making *m, struct http_setup *s, struct fail *f)
{
    unsigned common = 0, sum = 0;
    int credit[HTTP_PATHS_MAX] = {0};

    s->opts.n_paths = m->n_paths;
    if (m->n_paths <= 1)
        return 0;
    for (unsigned i = 0; i < m->n_paths; i++)
        common = divisor(m->paths[i].weight, common);
    for (unsigned i = 0; i < m->n_paths; i++)
        sum += m->paths[i].weight / common;
    s->order = malloc(sum);
    if (s->order == NULL)
        return fail_set(f, EXIT_HOST, "no memory for the paths");
    for (unsigned n = 0; n < sum; n++) {
        unsigned best = 0;

        for (unsigned i = 0; i < m->n_paths; i++) {
            credit[i] += (int)(m->paths[i].weight / common);
            best = credit[i] > credit[best] ? i : best;
        }
        credit[best] -= (int)sum;
        s->order[n] = (uint8_t)best;
    }
    s->opts.order = s->order;
    s->opts.n_order = sum;
    return 0;
}

/* A value of the CSV file becomes a part of a line, which it must not end; within the first one, of
 * a target, it must not hold a space either. */
static int
check_values(const struct http_request *r, const struct csv *csv, const char *path, struct fail *f)
{
    bool is_target = true;

    for (unsigned i = 0; i < r->n_head_pieces; i++) {
        const struct http_piece *p = &r->pieces[i];

        if (p->kind == HTTP_PIECE_TEXT && memchr(p->bytes, '\n', p->len) != NULL)
            is_target = false;
        for (uint32_t row = 0; p->kind == HTTP_PIECE_CSV && row < csv->n_rows; row++) {
            struct csv_field field = csv_field(csv, row, p->column);

            for (unsigned k = 0; k < field.len; k++) {
                unsigned char c = (unsigned char)csv->bytes[field.at + k];

                if (c < ' ' || c == 0x7f || (is_target && (c == ' ' || c == '#')))
                    return fail_set(f, EXIT_USAGE,
                                    "--csv-data: row %u of '%.200s' has a line break or another "
                                    "character in it that a %s cannot have",
                                    row + 1, path, is_target ? "path" : "header field");
            }
        }
    }
    return 0;
}

static int
check_csv(const struct making *m, const struct http_setup *s, struct fail *f)
{
    unsigned n = m->conf->n_targets * (m->n_paths > 0 ? m->n_paths : 1);
    bool has_csv = s->table.csv.n_rows > 0, is_used = false;

    for (unsigned i = 0; i < n; i++) {
        const struct http_request *r = &s->requests[i];

        for (unsigned k = 0; r->pieces != NULL && k < r->n_pieces; k++)
            is_used |= r->pieces[k].kind == HTTP_PIECE_CSV;
        if (has_csv && r->pieces != NULL && check_values(r, &s->table.csv, http_of(m)->csv, f) < 0)
            return -1;
    }
    if (is_used && !has_csv)
        return fail_set(
            f, EXIT_USAGE,
            "--csv-data: a placeholder names a column of it, and there is no file; give "
            "one, or double the placeholder's braces");
    if (has_csv && !is_used)
        return fail_set(
            f, EXIT_USAGE,
            "--csv-data: no placeholder {csv.COLUMN} uses it; write one in a path, --header "
            "or --body");
    return 0;
}

static int
make_all(struct making *m, struct http_setup *s, struct fail *f)
{
    const struct conf_http *h = http_of(m);

    if (http_body_read(h->body, &m->body, f) < 0 || http_table_read(h->csv, &s->table, f) < 0)
        return -1;
    write_fields(m);
    read_paths(m);
    if (make_requests(m, s, f) < 0 || make_order(m, s, f) < 0 || check_csv(m, s, f) < 0)
        return -1;
    s->opts.requests = s->requests;
    s->opts.csv = s->table.csv.n_rows > 0 ? &s->table.csv : NULL;
    if (strncmp(h->expect_body, "sha256:", 7) == 0)
        s->opts.digest = &sha256;
    return 0;
}

static int
init_client(struct http_setup *s, const struct conf *conf, unsigned class_idx, struct fail *f)
{
    struct making *m;
    int err;

    m = calloc(1, sizeof(*m));
    if (m == NULL)
        return fail_set(f, EXIT_HOST, "no memory for the requests");
    m->conf = conf;
    m->class_idx = class_idx;
    err = make_all(m, s, f);
    http_body_fini(&m->body);
    free(m);
    return err;
}

int
http_setup_init(struct http_setup *s, const struct conf *conf, unsigned class_idx, struct fail *f)
{
    *s = (struct http_setup){.opts = conf->classes[class_idx].http.opts};
    if ((conf_has_role(conf, ROLE_CLIENT) && init_client(s, conf, class_idx, f) < 0) ||
        http2_setup_init(s->http2, &s->opts, conf, class_idx, f) < 0) {
        http_setup_fini(s);
        return -1;
    }
    return 0;
}

void
http_setup_fini(struct http_setup *s)
{
    http2_setup_fini(s->http2);
    free(s->requests);
    free(s->bytes);
    free(s->pieces);
    free(s->order);
    http_table_fini(&s->table);
    *s = (struct http_setup){0};
}
