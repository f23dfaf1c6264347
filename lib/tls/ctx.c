/* SPDX-License-Identifier: BSD-3-Clause */
/* See ctx.h. */
#include "tls/ctx.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/units.h"
#include "tls/conn.h"
#include "tls/groups.h"
#include "tls/identity.h"
#include "tls/staple.h"
#include "tls/tickets.h"

/* OpenSSL refused @what; its reason is the last it left: the first is the most general. */
static int
refuse(struct fail *f, const char *what, const char *value)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);

    fail_set(f, EXIT_USAGE, "%s '%.200s': OpenSSL does not take it: %s%s", what,
             value != NULL ? value : "", reason != NULL ? reason : "unknown to it",
             value != NULL && strchr(value, ',') != NULL ? "; colons stand between names" : "");
    ERR_clear_error();
    return -1;
}

/* OpenSSL passes over suites that it does not know, as long as there is one that it does. @return
 * the first such name in @names, cut off behind its end by *@len; NULL: it knows them all. */
static const char *
find_unknown_suite(const SSL_CTX *ssl, const char *names, size_t *len)
{
    const STACK_OF(SSL_CIPHER) *known = SSL_CTX_get_ciphers(ssl);
    const char *at = names;

    for (;; at += *len + 1) {
        bool is_known = false;

        *len = strcspn(at, ":");
        for (int i = 0; i < sk_SSL_CIPHER_num(known) && !is_known; i++) {
            const char *name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(known, i));

            is_known = strlen(name) == *len && strncmp(name, at, *len) == 0;
        }
        if (!is_known)
            return at;
        if (at[*len] == '\0')
            return NULL;
    }
}

static int
set_suites(struct tls_ctx *t, struct fail *f)
{
    const char *names = t->opts.ciphersuites, *unknown;
    size_t len;

    if (SSL_CTX_set_ciphersuites(t->ssl, names) != 1)
        return refuse(f, "--ciphersuites", names);
    unknown = find_unknown_suite(t->ssl, names, &len);
    if (unknown == NULL)
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--ciphersuites '%.200s': OpenSSL knows no suite '%.*s'; 'openssl ciphers "
                    "-s -tls1_3' lists them",
                    names, (int)u64_min(len, 200), unknown);
}

static int
set_choice(struct tls_ctx *t, struct fail *f)
{
    const struct tls_opts *o = &t->opts;

    if (SSL_CTX_set_min_proto_version(t->ssl, o->version_min) != 1 ||
        SSL_CTX_set_max_proto_version(t->ssl, o->version_max) != 1)
        return refuse(f, "--tls-versions", NULL);
    if (o->ciphers != NULL && SSL_CTX_set_cipher_list(t->ssl, o->ciphers) != 1)
        return refuse(f, "--ciphers", o->ciphers);
    if (o->ciphersuites != NULL && set_suites(t, f) < 0)
        return -1;
    if (o->groups != NULL && tls_groups_set(t->ssl, o->groups, f) < 0)
        return -1;
    if (o->sigalgs != NULL && SSL_CTX_set1_sigalgs_list(t->ssl, o->sigalgs) != 1)
        return refuse(f, "--sigalgs", o->sigalgs);
    return 0;
}

/* -- certificates ------------------------------------------------------------------------- */

/* OpenSSL would say "system lib". */
static int
check_readable(const char *what, const char *path, struct fail *f)
{
    if (access(path, R_OK) == 0)
        return 0;
    return fail_set(f, EXIT_USAGE, "%s '%.200s': %s", what, path, strerror(errno));
}

/* Otherwise OpenSSL would ask for it on the terminal, and the worker wait. */
static int
give_no_password(char *into, int size, int is_written, void *is_encrypted)
{
    (void)into;
    (void)size;
    (void)is_written;
    *(bool *)is_encrypted = true;
    return -1;
}

/* Keys are read in the default context: a lean one does not know their formats. @return NULL: @f
 * tells why. */
static EVP_PKEY *
read_key(const char *path, struct fail *f)
{
    bool is_encrypted = false;
    FILE *file = fopen(path, "re");
    EVP_PKEY *key;

    if (file == NULL) {
        fail_set(f, EXIT_USAGE, "--key '%.200s': %s", path, strerror(errno));
        return NULL;
    }
    key = PEM_read_PrivateKey(file, NULL, give_no_password, &is_encrypted);
    fclose(file);
    if (key == NULL && is_encrypted) {
        ERR_clear_error();
        fail_set(f, EXIT_USAGE,
                 "--key '%.200s': the key is encrypted; 'openssl pkey -in FILE -out FILE' makes "
                 "one that is not",
                 path);
    } else if (key == NULL) {
        refuse(f, "--key", path);
    }
    return key;
}

static bool
use_key(struct tls_ctx *t, const EVP_PKEY *key)
{
    EVP_PKEY *own = tls_lean_key(&t->lean, key);
    bool ok = own != NULL && SSL_CTX_use_PrivateKey(t->ssl, own) == 1;

    EVP_PKEY_free(own);
    return ok;
}

static bool
use_cert(struct tls_ctx *t, const X509 *cert)
{
    X509 *own = tls_lean_cert(&t->lean, cert);
    bool ok = own != NULL && SSL_CTX_use_certificate(t->ssl, own) == 1;

    X509_free(own);
    return ok;
}

static int
use_files(struct tls_ctx *t, struct fail *f)
{
    const char *key_path = t->opts.key != NULL ? t->opts.key : t->opts.cert;
    EVP_PKEY *key;
    bool ok;

    if (check_readable("--cert", t->opts.cert, f) < 0)
        return -1;
    if (SSL_CTX_use_certificate_chain_file(t->ssl, t->opts.cert) != 1)
        return refuse(f, "--cert", t->opts.cert);
    key = read_key(key_path, f);
    if (key == NULL)
        return -1;
    /* A key of another kind than the certificate's is taken at first, as the first of a pair. */
    ok = use_key(t, key) && SSL_CTX_check_private_key(t->ssl) == 1;
    EVP_PKEY_free(key);
    return ok ? 0 : refuse(f, "--key", key_path);
}

static int
set_identity(struct tls_ctx *t, struct fail *f)
{
    const struct tls_identity *own = t->opts.identity;

    if (own != NULL) {
        if (!use_cert(t, own->cert) || !use_key(t, own->key))
            return refuse(f, "the certificate made at start", NULL);
        return 0;
    }
    return t->opts.cert != NULL ? use_files(t, f) : 0;
}

/* SSL_VERIFY_NONE would build and check a chain all the same, and then ignore the result. */
static int
trust_anyone(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static int
set_trust(struct tls_ctx *t, struct fail *f)
{
    const struct tls_opts *o = &t->opts;
    bool asks = !o->is_server || o->asks_for_cert;

    if (!o->verifies) {
        SSL_CTX_set_verify(t->ssl, o->is_server && asks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
        SSL_CTX_set_cert_verify_callback(t->ssl, trust_anyone, NULL);
        return 0;
    }
    SSL_CTX_set_verify(t->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    if (o->ca == NULL)
        return SSL_CTX_set_default_verify_paths(t->ssl) == 1 ? 0 : refuse(f, "--verify", "on");
    if (check_readable("--ca", o->ca, f) < 0)
        return -1;
    if (SSL_CTX_load_verify_file(t->ssl, o->ca) != 1)
        return refuse(f, "--ca", o->ca);
    if (o->is_server)
        SSL_CTX_set_client_CA_list(t->ssl, SSL_load_client_CA_file(o->ca));
    return 0;
}

/* -- ALPN --------------------------------------------------------------------------------- */

static int
select_protocol(SSL *ssl, const uint8_t **out, uint8_t *out_len, const uint8_t *in, unsigned in_len,
                void *arg)
{
    struct tls_ctx *t = arg;
    uint8_t *chosen;

    (void)ssl;
    if (SSL_select_next_proto(&chosen, out_len, t->alpn, t->alpn_len, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 3.2 */
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* "h2,http/1.1" as on the wire: each name behind its length. */
static int
set_alpn(struct tls_ctx *t, struct fail *f)
{
    const char *at = t->opts.alpn;

    if (at == NULL)
        return 0;
    for (;;) {
        size_t len = strcspn(at, ",");

        if (len == 0 || t->alpn_len + 1 + len > TLS_ALPN_MAX)
            return fail_set(f, EXIT_USAGE,
                            "--alpn '%.200s': names of 1 to 254 bytes, at most "
                            "%d together",
                            t->opts.alpn, TLS_ALPN_MAX);
        t->alpn[t->alpn_len++] = (uint8_t)len;
        memcpy(t->alpn + t->alpn_len, at, len);
        t->alpn_len += (unsigned)len;
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    if (t->opts.is_server)
        SSL_CTX_set_alpn_select_cb(t->ssl, select_protocol, t);
    else if (SSL_CTX_set_alpn_protos(t->ssl, t->alpn, t->alpn_len) != 0)
        return refuse(f, "--alpn", t->opts.alpn);
    return 0;
}

/* -- sessions ----------------------------------------------------------------------------- */

static void
set_server_sessions(struct tls_ctx *t)
{
    static const uint8_t name[] = "shakedown"; /* sessions are for this program's servers */

    if (!t->opts.gives_tickets) {
        SSL_CTX_set_options(t->ssl, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(t->ssl, 0);
        SSL_CTX_set_session_cache_mode(t->ssl, SSL_SESS_CACHE_OFF);
        return;
    }
    SSL_CTX_set_session_id_context(t->ssl, name, sizeof(name) - 1);
    SSL_CTX_set_session_cache_mode(t->ssl, SSL_SESS_CACHE_SERVER);
    if (t->opts.n_cached > 0)
        SSL_CTX_sess_set_cache_size(t->ssl, t->opts.n_cached);
    SSL_CTX_set_tlsext_ticket_keys(t->ssl, t->opts.ticket_secret, TLS_TICKET_SECRET);
}

static int
set_client_sessions(struct tls_ctx *t, struct fail *f)
{
    unsigned n_peers = t->opts.n_targets * (unsigned)u64_max(t->opts.n_names, 1);

    if (t->opts.resume_ppm == TLS_RESUME_NEVER && !t->opts.asks_for_tickets) {
        SSL_CTX_set_options(t->ssl, SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode(t->ssl, SSL_SESS_CACHE_OFF);
        return 0;
    }
    if (t->opts.resume_ppm != TLS_RESUME_NEVER && tls_sessions_init(&t->sessions, n_peers) < 0)
        return fail_set(f, EXIT_HOST, "not enough memory for the sessions of %u peers", n_peers);
    SSL_CTX_set_session_cache_mode(t->ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(t->ssl, tls_on_session);
    return 0;
}

/* -- key log ------------------------------------------------------------------------------ */

/* A line that is lost costs the reader of a capture a connection, and nobody else anything. */
static void
log_key(const SSL *ssl, const char *line)
{
    const struct tls_conn *c = SSL_get_app_data(ssl);
    const struct tls_opts *o = &c->ctx->opts;

    if (o->keylog != NULL)
        tls_keylog_write(&c->ctx->keylog, line);
    if (o->on_secret != NULL)
        o->on_secret(o->on_secret_arg, c, line);
}

static int
open_keylog(struct tls_ctx *t, struct fail *f)
{
    if (tls_keylog_init(&t->keylog, t->opts.keylog, f) < 0)
        return -1;
    if (t->opts.keylog != NULL || t->opts.on_secret != NULL)
        SSL_CTX_set_keylog_callback(t->ssl, log_key);
    return 0;
}

/* -- the whole ---------------------------------------------------------------------------- */

static int
configure(struct tls_ctx *t, struct fail *f)
{
    uint64_t options = SSL_OP_NO_RENEGOTIATION;

    if (t->opts.psk_without_dhe)
        options |= SSL_OP_ALLOW_NO_DHE_KEX;
    SSL_CTX_set_options(t->ssl, options);
    SSL_CTX_set_mode(t->ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_info_callback(t->ssl, tls_on_info);
    SSL_CTX_set_msg_callback(t->ssl, tls_on_message);
    SSL_CTX_set_async_callback(t->ssl, tls_on_come_back);
    if (set_choice(t, f) < 0 || set_identity(t, f) < 0 || set_trust(t, f) < 0 ||
        set_alpn(t, f) < 0 || open_keylog(t, f) < 0)
        return -1;
    if (!tls_staple_set(t) || !tls_tickets_set(t) ||
        tls_certs_turns_init(&t->certs, t->opts.certs) < 0)
        return fail_set(f, EXIT_HOST, "not enough memory for TLS");
    if (!t->opts.is_server) {
        SSL_CTX_set_cert_cb(t->ssl, tls_on_cert_request, NULL);
        return set_client_sessions(t, f);
    }
    SSL_CTX_set_dh_auto(t->ssl, 1);
    set_server_sessions(t);
    return 0;
}

int
tls_ctx_init(struct tls_ctx *t, const struct tls_opts *opts, struct fail *f)
{
    memset(t, 0, sizeof(*t));
    t->opts = *opts;
    t->keylog.fd = -1;
    (void)tls_lean_init(&t->lean,
                        opts->batch != NULL); /* without one, the default context serves */
    t->segments = tls_segments_method();
    t->ssl = SSL_CTX_new_ex(t->lean.ctx, NULL,
                            opts->is_server ? TLS_server_method() : TLS_client_method());
    if (t->segments == NULL || t->ssl == NULL) {
        refuse(f, "a TLS context", NULL);
        f->status = EXIT_HOST;
    } else if (configure(t, f) == 0) {
        return 0;
    }
    tls_ctx_fini(t);
    return -1;
}

void
tls_ctx_fini(struct tls_ctx *t)
{
    tls_sessions_fini(&t->sessions);
    tls_certs_turns_fini(&t->certs);
    tls_keylog_fini(&t->keylog);
    SSL_CTX_free(t->ssl);
    BIO_meth_free(t->segments);
    tls_lean_fini(&t->lean);
    t->ssl = NULL;
    t->segments = NULL;
}

void
tls_ctx_mark(const struct tls_ctx *t, struct tls_mark *m)
{
    *m = (struct tls_mark){.resume_due = t->resume_due,
                           .next_name = t->next_name,
                           .n_begun = t->n_begun,
                           .has_measured = t->has_measured,
                           .tally = t->tally};
}

void
tls_ctx_rewind(struct tls_ctx *t, const struct tls_mark *m)
{
    t->resume_due = m->resume_due;
    t->next_name = m->next_name;
    t->n_begun = m->n_begun;
    t->has_measured = m->has_measured;
    t->tally = m->tally;
}
