/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/units.h"
#include "pair.h"
#include "tls/batch.h"
#include "tls/identity.h"
#include "tls/lean.h"
#include "tls/mem.h"

static struct tls_lean
lean_new(void)
{
    struct tls_lean l;

    cr_assert(zero(int, tls_lean_init(&l, false)), "is openssl.cnf of this host plain?");
    return l;
}

static struct tls_identity
identity_of(const char *kind)
{
    struct tls_identity id;
    char why[200];

    cr_assert(zero(int, tls_identity_make(&id, kind, NULL, 0, why, sizeof(why))), "%s", why);
    return id;
}

static SSL_CTX *
ssl_ctx_new(const struct tls_lean *l, const SSL_METHOD *method, int version)
{
    SSL_CTX *ctx = SSL_CTX_new_ex(l->ctx, NULL, method);

    cr_assert(ne(ptr, ctx, NULL));
    SSL_CTX_set_min_proto_version(ctx, version);
    SSL_CTX_set_max_proto_version(ctx, version);
    return ctx;
}

/* @id belongs to the default context; the SSL_CTX has copies that belong to @l. */
static void
use_identity(SSL_CTX *ctx, const struct tls_lean *l, const struct tls_identity *id)
{
    EVP_PKEY *key = tls_lean_key(l, id->key);
    X509 *cert = tls_lean_cert(l, id->cert);

    cr_assert(ne(ptr, key, NULL));
    cr_assert(ne(ptr, cert, NULL));
    cr_assert(eq(int, SSL_CTX_use_certificate(ctx, cert), 1));
    cr_assert(eq(int, SSL_CTX_use_PrivateKey(ctx, key), 1));
    EVP_PKEY_free(key);
    X509_free(cert);
}

static void
trust(SSL_CTX *ctx, const struct tls_lean *l, const X509 *ca)
{
    X509 *cert = tls_lean_cert(l, ca);

    cr_assert(eq(int, X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), cert), 1));
    X509_free(cert);
}

/* A handshake in which the client trusts @ca and the server has @id. */
static bool
is_trusted(const struct tls_lean *l, int version, const struct tls_identity *id, const X509 *ca)
{
    SSL_CTX *client = ssl_ctx_new(l, TLS_client_method(), version);
    SSL_CTX *server = ssl_ctx_new(l, TLS_server_method(), version);
    struct pair pair;
    bool is_done;

    SSL_CTX_set_verify(client, SSL_VERIFY_PEER, NULL);
    trust(client, l, ca);
    use_identity(server, l, id);
    pair = pair_new(client, server);
    is_done = pair_shake_hands(&pair);
    pair_free(&pair);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    return is_done;
}

Test(lean, any_certificate_serves_a_verified_handshake)
{
    static const char *const KINDS[] = {"rsa2048", "p256", "p384", "ed25519"};
    static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct tls_lean l = lean_new();

    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        struct tls_identity id = identity_of(KINDS[i]), other = identity_of(KINDS[i]);

        for (size_t v = 0; v < ARRAY_LEN(VERSIONS); v++) {
            cr_assert(is_trusted(&l, VERSIONS[v], &id, id.cert), "%s", KINDS[i]);
            cr_assert(not(is_trusted(&l, VERSIONS[v], &id, other.cert)), "%s", KINDS[i]);
        }
        tls_identity_free(&id);
        tls_identity_free(&other);
    }
    tls_lean_fini(&l);
}

/* Shakes hands and, for TLS 1.3, takes the ticket that comes after. */
static SSL_SESSION *
session_of(struct pair *p, SSL_SESSION *resumed)
{
    char byte;

    if (resumed != NULL)
        SSL_set_session(p->client, resumed);
    cr_assert(pair_shake_hands(p));
    cr_assert(eq(int, SSL_session_reused(p->client), resumed != NULL));
    SSL_read(p->client, &byte, 1);
    SSL_shutdown(p->client); /* or SSL_free() would spoil the session */
    return SSL_get1_session(p->client);
}

Test(lean, a_session_is_resumed)
{
    static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct tls_identity id = identity_of("p256");
    struct tls_lean l = lean_new();

    for (size_t v = 0; v < ARRAY_LEN(VERSIONS); v++) {
        SSL_CTX *client = ssl_ctx_new(&l, TLS_client_method(), VERSIONS[v]);
        SSL_CTX *server = ssl_ctx_new(&l, TLS_server_method(), VERSIONS[v]);
        SSL_SESSION *session = NULL;

        use_identity(server, &l, &id);
        for (int i = 0; i < 3; i++) {
            struct pair pair = pair_new(client, server);
            SSL_SESSION *next = session_of(&pair, session);

            SSL_SESSION_free(session);
            session = next;
            pair_free(&pair);
        }
        SSL_SESSION_free(session);
        SSL_CTX_free(client);
        SSL_CTX_free(server);
    }
    tls_lean_fini(&l);
    tls_identity_free(&id);
}

Test(lean, keys_are_exchanged_in_every_group)
{
    static const char *const GROUPS[] = {"X25519", "X448", "P-256", "P-384", "P-521", "ffdhe2048"};
    struct tls_identity id = identity_of("p256");
    struct tls_lean l = lean_new();

    for (size_t i = 0; i < ARRAY_LEN(GROUPS); i++) {
        SSL_CTX *client = ssl_ctx_new(&l, TLS_client_method(), TLS1_3_VERSION);
        SSL_CTX *server = ssl_ctx_new(&l, TLS_server_method(), TLS1_3_VERSION);
        struct pair pair;

        use_identity(server, &l, &id);
        cr_assert(eq(int, SSL_CTX_set1_groups_list(client, GROUPS[i]), 1));
        cr_assert(eq(int, SSL_CTX_set1_groups_list(server, GROUPS[i]), 1));
        pair = pair_new(client, server);
        cr_assert(pair_shake_hands(&pair), "%s", GROUPS[i]);
        pair_free(&pair);
        SSL_CTX_free(client);
        SSL_CTX_free(server);
    }
    tls_lean_fini(&l);
    tls_identity_free(&id);
}

/* -- the key schedule -------------------------------------------------------------------------- */

/* What libssl passes; @extracts: HKDF-Extract, else Expand-Label. Without @salt, key or data they
 * are left out. @return false: refused. */
struct derivation {
    const char *digest;
    bool extracts;
    const char *salt, *key, *data;
    size_t len;
};

static bool
derive(OSSL_LIB_CTX *ctx, const struct derivation *d, uint8_t into[static 200])
{
    EVP_KDF *kdf = EVP_KDF_fetch(ctx, OSSL_KDF_NAME_TLS1_3_KDF, NULL);
    EVP_KDF_CTX *made = EVP_KDF_CTX_new(kdf);
    int mode = d->extracts ? EVP_KDF_HKDF_MODE_EXTRACT_ONLY : EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const char *texts[][2] = {{OSSL_KDF_PARAM_SALT, d->salt},
                              {OSSL_KDF_PARAM_KEY, d->key},
                              {OSSL_KDF_PARAM_DATA, d->data},
                              {OSSL_KDF_PARAM_PREFIX, "tls13 "},
                              {OSSL_KDF_PARAM_LABEL, "derived"}};
    OSSL_PARAM params[8], *p = params;
    bool ok;

    *p++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
    *p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)d->digest, 0);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (texts[i][1] != NULL)
            *p++ = OSSL_PARAM_construct_octet_string(texts[i][0], (char *)texts[i][1],
                                                     strlen(texts[i][1]));
    }
    *p = OSSL_PARAM_construct_end();
    memset(into, 0, 200);
    ok = EVP_KDF_derive(made, into, d->len, params) == 1;
    EVP_KDF_CTX_free(made);
    EVP_KDF_free(kdf);
    return ok;
}

Test(lean, secrets_are_derived_as_openssl_derives_them)
{
    static const char S32[] = "a secret of just thirty-two byte";
    static const char S48[] = "a secret of forty-eight bytes, as those of SHA-3";
    static const struct derivation ALL[] = {
        {"SHA2-256", false, NULL, S32, NULL, 16},  {"SHA2-256", false, NULL, S32, "", 32},
        {"SHA2-256", false, NULL, S32, S32, 32},   {"SHA2-256", false, NULL, S32, S32, 12},
        {"SHA2-256", false, NULL, S32, S32, 100},  {"SHA2-384", false, NULL, S48, NULL, 32},
        {"SHA2-384", false, NULL, S48, S48, 48},   {"SHA2-384", false, NULL, S48, S48, 12},
        {"SHA2-512", false, NULL, S48, S48, 64},   {"SHA2-256", true, NULL, NULL, NULL, 32},
        {"SHA2-256", true, S32, NULL, NULL, 32},   {"SHA2-256", true, S32, S48, NULL, 32},
        {"SHA2-256", true, NULL, S48, NULL, 32},   {"SHA2-384", true, NULL, NULL, NULL, 48},
        {"SHA2-384", true, S48, NULL, NULL, 48},   {"SHA2-384", true, S48, S32, NULL, 48},
        {"SHA2-384", true, S48, S32, NULL, 47},    {"SHA2-256", false, NULL, "", NULL, 32},
        {"SHA2-256", false, NULL, NULL, NULL, 32}, {"SHA1", false, NULL, S32, S32, 20},
    };
    static struct tls_ctx t;
    struct tls_conn c = {.ctx = &t};

    t.lean = lean_new();
    for (size_t i = 0; i < ARRAY_LEN(ALL); i++) {
        uint8_t theirs[200], ours[200];
        bool ok = derive(NULL, &ALL[i], theirs), is_same;

        tls_batch_enter(&c);
        is_same = derive(t.lean.ctx, &ALL[i], ours) == ok;
        tls_batch_leave();
        cr_expect(is_same, "row %zu", i);
        cr_expect(zero(int, memcmp(theirs, ours, sizeof(ours))), "row %zu", i);
    }
    ERR_clear_error();
    tls_lean_fini(&t.lean);
}

/* -- a client's certificate -------------------------------------------------------------- */

/* Have @ca issue @id's certificate. */
static void
issue(struct tls_identity *id, const struct tls_identity *ca)
{
    X509_set_issuer_name(id->cert, X509_get_subject_name(ca->cert));
    cr_assert(lt(int, 0, X509_sign(id->cert, ca->key, EVP_sha256())));
}

static struct tls_identity
authority(const char *name)
{
    struct tls_identity ca = identity_of("p256");
    X509_NAME *subject = X509_NAME_new();
    X509_EXTENSION *is_ca =
        X509V3_EXT_nconf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");

    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_subject_name(ca.cert, subject);
    X509_NAME_free(subject);
    X509_EXTENSION_free(
        X509_delete_ext(ca.cert, X509_get_ext_by_NID(ca.cert, NID_basic_constraints, -1)));
    X509_add_ext(ca.cert, is_ca, -1);
    X509_EXTENSION_free(is_ca);
    issue(&ca, &ca);
    return ca;
}

static bool
is_client_let_in(const struct tls_lean *l, int version, const struct tls_identity *client_id,
                 const struct tls_identity *server_id, const X509 *ca)
{
    SSL_CTX *client = ssl_ctx_new(l, TLS_client_method(), version);
    SSL_CTX *server = ssl_ctx_new(l, TLS_server_method(), version);
    struct pair pair;
    bool is_done;

    SSL_CTX_set_verify(server, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    trust(server, l, ca);
    use_identity(server, l, server_id);
    if (client_id != NULL)
        use_identity(client, l, client_id);
    pair = pair_new(client, server);
    is_done = pair_shake_hands(&pair);
    pair_free(&pair);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    return is_done;
}

Test(lean, a_client_is_let_in_by_a_certificate_of_a_ca_that_is_trusted)
{
    static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct tls_identity ca = authority("ours"), stranger = authority("theirs");
    struct tls_identity server = identity_of("p256"), client = identity_of("rsa2048");
    struct tls_lean l = lean_new();

    issue(&client, &ca);
    for (size_t i = 0; i < ARRAY_LEN(VERSIONS); i++) {
        cr_assert(is_client_let_in(&l, VERSIONS[i], &client, &server, ca.cert));
        cr_assert(not(is_client_let_in(&l, VERSIONS[i], &client, &server, stranger.cert)));
        cr_assert(not(is_client_let_in(&l, VERSIONS[i], NULL, &server, ca.cert)));
    }
    tls_lean_fini(&l);
    tls_identity_free(&client);
    tls_identity_free(&server);
    tls_identity_free(&stranger);
    tls_identity_free(&ca);
}

/* -- many contexts ----------------------------------------------------------------------- */

enum { THREADS = 2, CONTEXTS_EACH = 3 };

/* Before main(), as Criterion's own libraries use OpenSSL: so that leaks are seen. */
static __attribute__((constructor)) void
install(void)
{
    (void)tls_mem_install();
}

static void
make_use_and_free(const struct tls_identity *id)
{
    struct tls_lean l = lean_new();

    for (int i = 0; i < 3; i++) {
        cr_assert(is_trusted(&l, TLS1_2_VERSION, id, id->cert));
        cr_assert(is_trusted(&l, TLS1_3_VERSION, id, id->cert));
    }
    tls_lean_fini(&l);
}

/* @return NULL: after each context as much memory is in use as after the first. */
static void *
makes_uses_and_frees(void *id)
{
    uint64_t after_first = 0; /* what a thread keeps: its error queue */

    for (int i = 0; i < CONTEXTS_EACH; i++) {
        make_use_and_free(id);
        if (i == 0)
            after_first = tls_mem_in_use();
        else if (tls_mem_in_use() != after_first)
            return (void *)"a leak";
    }
    return NULL;
}

Test(lean, contexts_come_and_go_on_several_threads_and_leave_nothing)
{
    struct tls_identity id = identity_of("p256");
    pthread_t threads[THREADS];
    void *leaks[THREADS] = {0};

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, makes_uses_and_frees, &id);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], &leaks[i]);
    for (int i = 0; i < THREADS; i++)
        cr_assert(zero(ptr, leaks[i]));
    tls_identity_free(&id); /* used in no context, so it may go after all of them */
}

Test(lean, several_contexts_live_side_by_side_and_go_in_any_order)
{
    struct tls_identity id = identity_of("p256");
    struct tls_lean a = lean_new(), b = lean_new();

    cr_assert(is_trusted(&a, TLS1_3_VERSION, &id, id.cert));
    cr_assert(is_trusted(&b, TLS1_3_VERSION, &id, id.cert));
    tls_lean_fini(&a);
    cr_assert(is_trusted(&b, TLS1_3_VERSION, &id, id.cert));
    tls_lean_fini(&b);
    cr_assert(zero(ptr, b.ctx));
    tls_lean_fini(&b); /* empty */
    tls_identity_free(&id);
}

Test(lean, each_context_has_random_numbers_of_its_own)
{
    struct tls_lean a = lean_new(), b = lean_new();
    unsigned char of_a[16] = {0}, of_b[16] = {0}, zeroes[16] = {0};

    cr_assert(eq(int, RAND_bytes_ex(a.ctx, of_a, sizeof(of_a), 0), 1));
    cr_assert(eq(int, RAND_priv_bytes_ex(b.ctx, of_b, sizeof(of_b), 0), 1));
    cr_assert(ne(int, memcmp(of_a, of_b, sizeof(of_a)), 0));
    cr_assert(ne(int, memcmp(of_a, zeroes, sizeof(of_a)), 0));
    cr_assert(ne(int, memcmp(of_b, zeroes, sizeof(of_b)), 0));
    tls_lean_fini(&a);
    tls_lean_fini(&b);
}

Test(lean, nothing_is_left_in_the_error_queue)
{
    struct tls_lean l = lean_new();

    cr_assert(zero(ulong, ERR_peek_error()));
    tls_lean_fini(&l);
}

/* -- openssl.cnf ------------------------------------------------------------------------------ */

/* Before the first call to OpenSSL, which reads the file once. */
static void
write_conf(const char *text)
{
    char path[] = "/tmp/test_lean.XXXXXX";
    int fd = mkstemp(path);

    cr_assert(ge(int, fd, 0));
    cr_assert(eq(long, write(fd, text, strlen(text)), (long)strlen(text)));
    close(fd);
    setenv("OPENSSL_CONF", path, 1);
}

static void
forget_conf(void)
{
    unlink(getenv("OPENSSL_CONF"));
}

#define CONF_BEGINS "openssl_conf = here\n[here]\n"

Test(lean, what_openssl_cnf_says_about_tls_holds, .fini = forget_conf)
{
    struct tls_lean l;
    SSL_CTX *ctx;

    write_conf(CONF_BEGINS "ssl_conf = tls\n[tls]\nsystem_default = strict\n[strict]\n"
                           "MinProtocol = TLSv1.3\nCipherString = DEFAULT@SECLEVEL=4\n");
    l = lean_new();
    ctx = SSL_CTX_new_ex(l.ctx, NULL, TLS_client_method());
    cr_assert(eq(long, SSL_CTX_get_min_proto_version(ctx), TLS1_3_VERSION));
    cr_assert(eq(int, SSL_CTX_get_security_level(ctx), 4));
    SSL_CTX_free(ctx);
    tls_lean_fini(&l);
}

/* In a process of its own. */
static bool
is_plain(const char *text)
{
    pid_t child;
    int status;

    write_conf(text);
    child = fork();
    if (child == 0) {
        struct tls_lean l;

        _exit(tls_lean_init(&l, false) == 0 && l.ctx != NULL ? 0 : 1);
    }
    cr_assert(eq(int, waitpid(child, &status, 0), child));
    cr_assert(eq(int, WIFEXITED(status), 1), "%s", text);
    forget_conf();
    return WEXITSTATUS(status) == 0;
}

Test(lean, a_host_without_other_wishes_is_plain)
{
    static const char *const ROWS[] = {
        "",
        CONF_BEGINS,
        "openssl_conf = missing\n",
        CONF_BEGINS "oid_section = oids\n[oids]\nx = 1.2.3.4.5\n",
        CONF_BEGINS "providers = p\n[p]\ndefault = d\n[d]\nactivate = 1\n",
        CONF_BEGINS "alg_section = a\n[a]\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        cr_assert(is_plain(ROWS[i]), "%s", ROWS[i]);
}

Test(lean, a_host_with_other_wishes_keeps_the_default_context)
{
    static const char *const ROWS[] = {
        CONF_BEGINS "providers = p\n[p]\ndefault = d\nlegacy = d\n[d]\nactivate = 1\n",
        CONF_BEGINS "providers = p\n[p]\nnull = d\n[d]\nactivate = 1\n",
        CONF_BEGINS "alg_section = a\n[a]\ndefault_properties = provider=default\n",
        CONF_BEGINS "alg_section = a\n[a]\nfips_mode = yes\n",
        CONF_BEGINS "random = r\n[r]\nrandom = HASH-DRBG\n",
        CONF_BEGINS "engines = e\n[e]\ndynamic = d\n[d]\n",
        CONF_BEGINS "some_module = m\n",
        "[not closed\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        cr_assert(not(is_plain(ROWS[i])), "%s", ROWS[i]);
}

Test(lean, no_openssl_cnf_at_all_is_plain)
{
    struct tls_lean l;

    setenv("OPENSSL_CONF", "/nonexistent/openssl.cnf", 1);
    cr_assert(zero(int, tls_lean_init(&l, false)));
    tls_lean_fini(&l);
}

/* -- copies -------------------------------------------------------------------------------- */

Test(lean, the_default_contexts_keys_are_copied_into_the_default_context_too)
{
    struct tls_identity id = identity_of("p256");
    struct tls_lean none = {0};
    EVP_PKEY *key = tls_lean_key(&none, id.key);
    X509 *cert = tls_lean_cert(&none, id.cert);

    cr_assert(eq(int, EVP_PKEY_eq(key, id.key), 1));
    cr_assert(zero(int, X509_cmp(cert, id.cert)));
    EVP_PKEY_free(key);
    X509_free(cert);
    tls_identity_free(&id);
}
