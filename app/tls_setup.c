/* SPDX-License-Identifier: BSD-3-Clause */
/* See tls_setup.h. */
#include "app/tls_setup.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/units.h"
#include "tls/batch.h"
#include "tls/ctx.h"
#include "tls/staple.h"
#include "tls/trial.h"

static const uint64_t PAGE_BYTES = 4096;

/* NULL for a text that was not given. */
static const char *
text_of(const char *value)
{
    return value[0] != '\0' ? value : NULL;
}

/* A class's targets follow each other. */
static void
find_targets(struct tls_setup *s, unsigned class_idx)
{
    s->n_targets = 0;
    for (unsigned i = 0; i < s->conf->n_targets; i++) {
        if (s->conf->targets[i].class_idx != class_idx)
            continue;
        if (s->n_targets++ == 0)
            s->first_target = i;
        assert(i == s->first_target + s->n_targets - 1);
    }
}

static void
fill_targets(struct tls_setup *s)
{
    bool names_itself = strcmp(s->class->tls.sni, "auto") == 0;

    for (unsigned i = 0; i < s->n_targets; i++) {
        const struct conf_target *from = &s->conf->targets[s->first_target + i];
        bool is_address = from->host[0] == '\0';

        s->targets[i] = (struct tls_target){
            .sni = names_itself ? text_of(from->host) : NULL,
            .host = is_address ? ip_format(&from->addr, s->addresses[i]) : from->host,
            .host_is_address = is_address,
        };
    }
}

/* "a.example,b.example": all checked by conf. */
static void
cut_names(struct tls_setup *s)
{
    const char *sni = s->class->tls.sni;
    char *rest = NULL, *name;

    if (strcmp(sni, "auto") == 0 || strcmp(sni, "off") == 0)
        return;
    memcpy(s->sni, sni, sizeof(s->sni));
    for (name = strtok_r(s->sni, ",", &rest); name != NULL && s->n_names < TLS_SNI_MAX;
         name = strtok_r(NULL, ",", &rest))
        s->names[s->n_names++] = name;
}

/* The certificate is for all that a client may look for: on loopback the targets' names, too. */
static int
make_identity(struct tls_setup *s, struct fail *f)
{
    const char *names[2 * CONF_TARGETS_MAX + CONF_RANGES_MAX + TLS_SNI_MAX];
    char local[CONF_RANGES_MAX][IP_TEXT_MAX], why[256];
    enum conf_key_kind kind = s->class->tls.self_signed;
    const struct conf_ranges *ranges = &s->conf->local;
    const char *name;
    unsigned n = 0;

    if (kind == KEY_NONE)
        return 0;
    name = tls_identity_kinds[kind - KEY_RSA2048];
    for (unsigned i = 0; i < s->n_targets; i++)
        names[n++] = s->targets[i].host;
    for (unsigned i = 0; s->conf->command == CONF_SERVE && i < ranges->n; i++)
        names[n++] = ip_format(&ranges->range[i].first, local[i]);
    for (unsigned i = 0; i < s->n_names; i++)
        names[n++] = s->names[i];
    if (!tls_identity_can_be(name, why, sizeof(why)))
        return fail_set(f, EXIT_USAGE, "--self-signed %s: %s", name, why);
    if (tls_identity_make(&s->identity, name, names, n, why, sizeof(why)) < 0)
        return fail_set(f, EXIT_HOST, "--self-signed: no certificate could be made: %s", why);
    return 0;
}

static void
fill_client(const struct tls_setup *s, struct tls_opts *o)
{
    o->targets = s->targets;
    o->n_targets = s->n_targets;
    o->names = s->sni_file.n > 0 ? s->sni_file.names : s->names;
    o->n_names = s->sni_file.n > 0 ? s->sni_file.n : s->n_names;
    o->resume_ppm = s->class->tls.resume_ppm;
    o->certs = s->certs.n > 0 ? &s->certs : NULL;
    o->asks_for_tickets = s->class->tls.ticket_count > 0 || !s->class->tls.tickets;
    o->asks_for_staple = s->class->tls.ocsp_request;
}

static void
fill_server(const struct tls_setup *s, struct tls_opts *o)
{
    o->identity = s->identity.key != NULL ? &s->identity : NULL;
    o->gives_tickets = s->class->tls.tickets;
    o->n_cached = s->class->tls.session_cache;
    o->asks_for_cert = s->class->tls.request_cert || s->certs.n > 0;
    o->staple = s->staple;
    o->staple_len = s->staple_len;
    memcpy(o->ticket_secret, s->ticket_secret, sizeof(o->ticket_secret));
}

/* What the class speaks. */
static const char *
own_alpn(const struct tls_setup *s)
{
    if (s->conf->command == CONF_SERVE && s->class->http.serves)
        return "h2,http/1.1";
    return s->class->proto->alpn;
}

void
tls_setup_opts(const struct tls_setup *s, enum role role, struct tls_opts *o)
{
    const struct conf_tls *t = &s->class->tls;
    bool is_server = role == ROLE_SERVER, has_both = conf_has_both_sides(s->conf);

    *o = (struct tls_opts){
        .is_server = is_server,
        .version_min = t->versions == TLS_VERSIONS_1_3 ? TLS_1_3 : TLS_1_2,
        .version_max = t->versions == TLS_VERSIONS_1_2 ? TLS_1_2 : TLS_1_3,
        .ciphers = text_of(t->ciphers),
        .ciphersuites = text_of(t->ciphersuites),
        .groups = text_of(t->groups),
        .sigalgs = text_of(t->sigalgs),
        .alpn = t->alpn[0] != '\0' ? t->alpn : own_alpn(s),
        .keylog = is_server && has_both ? NULL : text_of(t->keylog),
        .psk_without_dhe = t->psk_without_dhe,
        .n_tickets = (uint8_t)t->ticket_count,
        .says_goodbye = t->close_notify,
        .key_update_bytes = t->key_update_bytes,
    };
    if (is_server || !has_both) { /* where both sides are ours the certificate is the server's */
        o->cert = text_of(t->cert);
        o->key = text_of(t->key);
    }
    if (!is_server || !has_both) { /* and it is the client that looks at it */
        o->verifies = t->verify;
        o->ca = text_of(t->ca);
    }
    if (is_server)
        fill_server(s, o);
    else
        fill_client(s, o);
}

static int
try_role(const struct tls_setup *s, enum role role, struct fail *f)
{
    struct tls_opts opts;
    struct tls_ctx *t = calloc(1, sizeof(*t));
    int err;

    if (t == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for TLS");
    tls_setup_opts(s, role, &opts);
    err = tls_ctx_init(t, &opts, f);
    if (err == 0)
        tls_ctx_fini(t);
    free(t);
    return err;
}

/* A megabyte is far more than any. */
static int
read_staple(struct tls_setup *s, const char *path, struct fail *f)
{
    enum { STAPLE_MAX = 1 << 20 };
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return fail_set(f, EXIT_USAGE, "--ocsp '%.200s': %s", path, strerror(errno));
    s->staple = malloc(STAPLE_MAX);
    s->staple_len = s->staple == NULL ? 0 : fread(s->staple, 1, STAPLE_MAX, file);
    fclose(file);
    if (s->staple == NULL)
        return fail_set(f, EXIT_HOST, "--ocsp '%.200s': not enough memory", path);
    if (!tls_staple_is_response(s->staple, s->staple_len))
        return fail_set(f, EXIT_USAGE,
                        "--ocsp '%.200s': it is no OCSP response in DER; 'openssl ocsp -respout "
                        "FILE' writes one",
                        path);
    return 0;
}

static int
read_files(struct tls_setup *s, struct fail *f)
{
    const struct conf_tls *t = &s->class->tls;

    if (t->certs[0] != '\0' && tls_certs_read(&s->certs, t->certs, f) < 0)
        return -1;
    if (t->sni_file[0] != '\0' && sni_file_read(&s->sni_file, t->sni_file, f) < 0)
        return -1;
    return t->ocsp[0] != '\0' ? read_staple(s, t->ocsp, f) : 0;
}

int
tls_setup_init(struct tls_setup *s, const struct conf *conf, unsigned class_idx, struct fail *f)
{
    memset(s, 0, sizeof(*s));
    s->conf = conf;
    s->class = &conf->classes[class_idx];
    if (RAND_bytes(s->ticket_secret, sizeof(s->ticket_secret)) != 1)
        return fail_set(f, EXIT_HOST, "OpenSSL has no randomness");
    find_targets(s, class_idx);
    fill_targets(s);
    cut_names(s);
    if (make_identity(s, f) < 0)
        return -1;
    if (read_files(s, f) < 0 || (conf->command != CONF_SERVE && try_role(s, ROLE_CLIENT, f) < 0) ||
        (conf_serves_tls(conf) && try_role(s, ROLE_SERVER, f) < 0)) {
        tls_setup_fini(s);
        return -1;
    }
    return 0;
}

/* Of a ring, which the bytes of a handshake may begin anywhere in. */
static uint64_t
pages(uint64_t bytes)
{
    return bytes == 0 ? 0 : (bytes / PAGE_BYTES + 2) * PAGE_BYTES;
}

/* A server like the one behind a target, as far as it has to be like it. */
static int
try_target(const struct tls_opts *client, struct tls_trial *t, struct fail *f)
{
    static const char *const kinds[] = {"p256", "rsa2048"}; /* some ciphers are for the second */
    struct tls_opts server = {.is_server = true,
                              .version_min = client->version_min,
                              .version_max = client->version_max,
                              .gives_tickets = true};
    int err = -1;

    for (unsigned i = 0; i < ARRAY_LEN(kinds) && err < 0; i++) {
        struct tls_identity identity;
        char why[256];

        if (tls_identity_make(&identity, kinds[i], NULL, 0, why, sizeof(why)) < 0)
            continue;
        server.identity = &identity;
        err = tls_trial(t, client, &server, f);
        tls_identity_free(&identity);
    }
    return err;
}

void
tls_setup_measure(const struct tls_setup *s, struct conf_class *k)
{
    struct tls_opts client, server;
    struct tls_trial t;
    struct fail unused;
    int err;

    memset(k->handshake_bytes, 0, sizeof(k->handshake_bytes));
    memset(k->handshake_flights, 0, sizeof(k->handshake_flights));
    tls_setup_opts(s, ROLE_CLIENT, &client);
    client.verifies = false; /* what a trial shows is nobody's certificate */
    client.keylog = NULL;
    client.resume_ppm = TLS_RESUME_NEVER;
    if (conf_has_both_sides(s->conf)) {
        tls_setup_opts(s, ROLE_SERVER, &server);
        server.keylog = NULL;
        err = tls_trial(&t, &client, &server, &unused);
    } else {
        err = try_target(&client, &t, &unused);
    }
    if (err < 0)
        return;
    static_assert(sizeof(k->handshake_flights) == sizeof(t.flights), "one flight each");
    memcpy(k->handshake_flights, t.flights, sizeof(t.flights));
    for (enum role role = 0; role < ROLE_COUNT; role++)
        if (t.openssl_bytes[role] > 0)
            k->handshake_bytes[role] = t.openssl_bytes[role] + pages(t.sent_bytes[ROLE_CLIENT]) +
                                       pages(t.sent_bytes[ROLE_SERVER]);
}

/* What openssl.cnf asks for computes as it likes; it may pause meanwhile. */
static int
leave_to_conf(enum conf_tls_batch mode, struct tls_computing *c, struct fail *f)
{
    if (mode == TLS_BATCH_ON)
        return fail_set(f, EXIT_USAGE,
                        "--tls-batch on: openssl.cnf names providers, engines or properties of its "
                        "own, and they compute; OPENSSL_CONF=/dev/null does without them, "
                        "--tls-batch auto with");
    c->lanes = mode == TLS_BATCH_AUTO ? &lanes_serial : NULL;
    c->provider = "openssl.cnf";
    return 0;
}

int
tls_setup_computing(const struct conf *conf, struct tls_computing *c, struct fail *f)
{
    *c = (struct tls_computing){.provider = "openssl"};
    if (!conf_is_tls(conf))
        return 0;
    if (!tls_batch_can_be())
        return conf->tls_batch != TLS_BATCH_ON
                   ? 0
                   : fail_set(f, EXIT_USAGE, "--tls-batch on: this OpenSSL has no ASYNC jobs");
    if (!tls_lean_can_be())
        return leave_to_conf(conf->tls_batch, c, f);
    if (conf->tls_batch == TLS_BATCH_OFF)
        return 0;
    c->lanes = lanes_best();
    if (c->lanes == &lanes_serial && conf->tls_batch == TLS_BATCH_AUTO)
        c->lanes = NULL; /* without lanes a batch gains nothing */
    if (c->lanes != NULL)
        c->provider = c->lanes->name;
    return 0;
}

void
tls_setup_fini(struct tls_setup *s)
{
    tls_identity_free(&s->identity);
    tls_certs_free(&s->certs);
    sni_file_fini(&s->sni_file);
    free(s->staple);
    s->staple = NULL;
}
