/* SPDX-License-Identifier: BSD-3-Clause */
/* See lean.h. Providers are described in provider(7), what they are asked for in
 * provider-base(7). */
#include "tls/lean.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <openssl/conf.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/units.h"
#include "tls/own.h"

static const char NAME[] = "shakedown";

enum { DECODERS_MAX = 32, KEYS_MAX = 64, EXCHANGES_MAX = 16, SIGNATURES_MAX = 64, KDFS_MAX = 32 };

/* The algorithms of "default" are tables in libcrypto, whichever context loaded it. This is what
 * of them is handed on differently: made once and constant from then on. */
static struct {
    OSSL_PROVIDER *whole; /* "default" in the default context; stays until the program's end */
    OSSL_ALGORITHM decoders[DECODERS_MAX + 1];
    OSSL_ALGORITHM keys[KEYS_MAX + 1];
    /* The same with ours (tls/own.h) in front of theirs. */
    bool has_own;
    OSSL_ALGORITHM kdfs[KDFS_MAX + 1];
    OSSL_ALGORITHM own_keys[KEYS_MAX + 1];
    OSSL_ALGORITHM own_exchanges[EXCHANGES_MAX + 1];
    OSSL_ALGORITHM own_signatures[SIGNATURES_MAX + 1];
} handed;
static pthread_once_t handed_once = PTHREAD_ONCE_INIT;

/* What provider_init() is to serve; OpenSSL gives it no argument of ours, but calls it on the
 * thread that loads the provider. */
static _Thread_local const struct tls_lean *loading;

/* -- the provider -------------------------------------------------------------------------- */

/* @names is "EC:id-ecPublicKey:1.2.840.10045.2.1". */
static bool
is_first_name(const char *names, const char *name)
{
    size_t len = strlen(name);

    return strncmp(names, name, len) == 0 && (names[len] == '\0' || names[len] == ':');
}

static bool
is_among(const OSSL_ALGORITHM *a, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_first_name(a->algorithm_names, names[i]))
            return true;
    }
    return false;
}

/* Reads a key within a certificate, of a kind that may sign in TLS 1.2 or 1.3. The later kinds are
 * of OpenSSL 3.5, which takes "DER" to tell one kind from another first. */
static bool
reads_certificates_key(const OSSL_ALGORITHM *a)
{
    static const char *const KINDS[] = {"RSA", "RSA-PSS",   "EC",        "ED25519",  "ED448",
                                        "DER", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};

    return strstr(a->property_definition, "input=der") != NULL &&
           strstr(a->property_definition, "structure=SubjectPublicKeyInfo") != NULL &&
           is_among(a, KINDS, ARRAY_LEN(KINDS));
}

/* All kinds of keys but those that TLS never has. Each makes every certificate slower to read: with
 * these seven gone d2i_X509() takes a tenth less for a P-256 key. */
static bool
is_key_of_tls(const OSSL_ALGORITHM *a)
{
    static const char *const OTHERS[] = {"DHX",     "DSA",      "SM2", "SCRYPT",
                                         "SIPHASH", "POLY1305", "CMAC"};

    return !is_among(a, OTHERS, ARRAY_LEN(OTHERS));
}

/* What of the algorithms for @operation is @wanted; at most @max, with an end mark behind. */
static void
choose(OSSL_ALGORITHM *chosen, unsigned max, int operation, bool (*wanted)(const OSSL_ALGORITHM *))
{
    int no_cache;
    const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(handed.whole, operation, &no_cache);

    for (unsigned n = 0; a != NULL && a->algorithm_names != NULL && n < max; a++) {
        if (wanted(a))
            chosen[n++] = *a;
    }
}

/* Ours for @operation, then those of theirs that we have not and that are @wanted. @return false:
 * they do not fit. */
static bool
put_own_first(OSSL_ALGORITHM *chosen, unsigned max, int operation,
              bool (*wanted)(const OSSL_ALGORITHM *))
{
    const OSSL_ALGORITHM *own = own_algorithms(operation), *a;
    unsigned n = 0;
    int no_cache;

    for (a = own; a->algorithm_names != NULL; a++)
        chosen[n++] = *a;
    a = OSSL_PROVIDER_query_operation(handed.whole, operation, &no_cache);
    for (; a != NULL && a->algorithm_names != NULL; a++) {
        if (own_has(own, a) || !wanted(a))
            continue;
        if (n == max)
            return false;
        chosen[n++] = *a;
    }
    return true;
}

static bool
is_any(const OSSL_ALGORITHM *a)
{
    (void)a;
    return true;
}

static void
choose_handed(void)
{
    handed.whole = OSSL_PROVIDER_load(NULL, "default");
    if (handed.whole == NULL)
        return;
    choose(handed.decoders, DECODERS_MAX, OSSL_OP_DECODER, reads_certificates_key);
    choose(handed.keys, KEYS_MAX, OSSL_OP_KEYMGMT, is_key_of_tls);
    handed.has_own =
        own_init(handed.whole) && put_own_first(handed.kdfs, KDFS_MAX, OSSL_OP_KDF, is_any) &&
        put_own_first(handed.own_keys, KEYS_MAX, OSSL_OP_KEYMGMT, is_key_of_tls) &&
        put_own_first(handed.own_exchanges, EXCHANGES_MAX, OSSL_OP_KEYEXCH, is_any) &&
        put_own_first(handed.own_signatures, SIGNATURES_MAX, OSSL_OP_SIGNATURE, is_any);
}

static const OSSL_ALGORITHM *
query(void *provctx, int operation, int *no_cache)
{
    (void)provctx;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_ENCODER:
    case OSSL_OP_STORE:
        return NULL;
    case OSSL_OP_DECODER:
        return handed.decoders;
    case OSSL_OP_KEYMGMT:
        return handed.keys;
    case OSSL_OP_KDF:
        if (handed.has_own)
            return handed.kdfs;
        return OSSL_PROVIDER_query_operation(handed.whole, operation, no_cache);
    default:
        return OSSL_PROVIDER_query_operation(handed.whole, operation, no_cache);
    }
}

static const OSSL_ALGORITHM *
query_batched(void *provctx, int operation, int *no_cache)
{
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_KEYMGMT:
        return handed.own_keys;
    case OSSL_OP_KEYEXCH:
        return handed.own_exchanges;
    case OSSL_OP_SIGNATURE:
        return handed.own_signatures;
    default:
        return query(provctx, operation, no_cache);
    }
}

/* In the inner context, for hybrids: of X25519MLKEM768 OpenSSL looks the first half up there. */
static const OSSL_ALGORITHM *
query_inner(void *provctx, int operation, int *no_cache)
{
    (void)provctx;
    *no_cache = 0;
    return operation == OSSL_OP_KEYMGMT || operation == OSSL_OP_KEYEXCH ? own_algorithms(operation)
                                                                        : NULL;
}

static int
get_capabilities(void *provctx, const char *capability, OSSL_CALLBACK *cb, void *arg)
{
    (void)provctx;
    return OSSL_PROVIDER_get_capabilities(handed.whole, capability, cb, arg);
}

/* The algorithms get the context of "default", since they are its: so they look further ones up in
 * the inner context. */
static int
provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *from_core,
              const OSSL_DISPATCH **functions, void **provctx)
{
    static const OSSL_DISPATCH FUNCTIONS[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities},
        {0, NULL},
    };
    static const OSSL_DISPATCH BATCHED[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query_batched},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities},
        {0, NULL},
    };

    (void)core;
    (void)from_core;
    assert(loading != NULL);
    *functions = loading->is_batched ? BATCHED : FUNCTIONS;
    *provctx = OSSL_PROVIDER_get0_provider_ctx(loading->inner_default);
    return 1;
}

static int
inner_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *from_core,
           const OSSL_DISPATCH **functions, void **provctx)
{
    static const OSSL_DISPATCH FUNCTIONS[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query_inner}, {0, NULL}};

    (void)core;
    (void)from_core;
    assert(loading != NULL);
    *functions = FUNCTIONS;
    *provctx = OSSL_PROVIDER_get0_provider_ctx(loading->inner_default);
    return 1;
}

/* -- what openssl.cnf says ------------------------------------------------------------------- */

static int
check_provider(OSSL_PROVIDER *p, void *is_plain)
{
    const char *name = OSSL_PROVIDER_get0_name(p);

    if (strcmp(name, "default") != 0 && strcmp(name, "base") != 0)
        *(bool *)is_plain = false;
    return 1;
}

/* @module is a line of the section that configures OpenSSL, config(5). A module whose section is
 * empty asks for nothing. */
static bool
is_module_plain(const CONF *conf, const CONF_VALUE *module)
{
    /* ssl_conf is read by each SSL_CTX, wherever it is made; which providers are loaded is asked of
     * OpenSSL itself; names of OIDs hold everywhere. */
    static const char *const HARMLESS[] = {"ssl_conf", "providers", "oid_section"};
    const STACK_OF(CONF_VALUE) * lines;

    for (size_t i = 0; i < ARRAY_LEN(HARMLESS); i++) {
        if (strcmp(module->name, HARMLESS[i]) == 0)
            return true;
    }
    lines = NCONF_get_section(conf, module->value);
    return lines != NULL && sk_CONF_VALUE_num(lines) == 0;
}

static bool
is_conf_plain(const CONF *conf)
{
    const char *section = NCONF_get_string(conf, NULL, "openssl_conf");
    const STACK_OF(CONF_VALUE) *modules = section == NULL ? NULL : NCONF_get_section(conf, section);

    if (modules == NULL)
        return true;
    for (int i = 0; i < sk_CONF_VALUE_num(modules); i++) {
        if (!is_module_plain(conf, sk_CONF_VALUE_value(modules, i)))
            return false;
    }
    return true;
}

/* A file that is there but cannot be read may say anything. */
static bool
is_file_plain(void)
{
    char *path = CONF_get1_default_config_file();
    CONF *conf = NCONF_new(NULL);
    bool is_plain = false;
    long line = 0;

    if (path != NULL && conf != NULL)
        is_plain =
            access(path, F_OK) != 0 || (NCONF_load(conf, path, &line) > 0 && is_conf_plain(conf));
    NCONF_free(conf);
    OPENSSL_free(path);
    return is_plain;
}

static bool
is_host_plain(void)
{
    bool is_plain = true;

    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
    OSSL_PROVIDER_do_all(NULL, check_provider, &is_plain);
    return is_plain && EVP_default_properties_is_fips_enabled(NULL) == 0 && is_file_plain();
}

/* -- the context ----------------------------------------------------------------------------- */

/* Ours in the inner context, preferred to theirs. */
static int
load_inner(struct tls_lean *l)
{
    if (OSSL_PROVIDER_add_builtin(l->inner, NAME, inner_init) != 1)
        return -1;
    loading = l;
    l->inner_own = OSSL_PROVIDER_load(l->inner, NAME);
    loading = NULL;
    if (l->inner_own == NULL)
        return -1;
    return EVP_set_default_properties(l->inner, "?" OWN_PROPERTY) == 1 ? 0 : -1;
}

static int
load(struct tls_lean *l)
{
    l->inner = OSSL_LIB_CTX_new();
    if (l->inner == NULL)
        return -1;
    l->inner_default = OSSL_PROVIDER_load(l->inner, "default");
    if (l->inner_default == NULL)
        return -1;
    l->sha256 = EVP_MD_fetch(l->inner, "SHA2-256", NULL);
    l->sha384 = EVP_MD_fetch(l->inner, "SHA2-384", NULL);
    l->digests = EVP_MD_CTX_new();
    if (l->sha256 == NULL || l->sha384 == NULL || l->digests == NULL)
        return -1;
    l->ctx = OSSL_LIB_CTX_new();
    if (l->ctx == NULL || OSSL_PROVIDER_add_builtin(l->ctx, NAME, provider_init) != 1)
        return -1;
    loading = l;
    l->provider = OSSL_PROVIDER_load(l->ctx, NAME);
    loading = NULL;
    if (l->provider == NULL)
        return -1;
    return l->is_batched ? load_inner(l) : 0;
}

bool
tls_lean_can_be(void)
{
    bool is_plain;

    ERR_set_mark();
    is_plain = is_host_plain();
    ERR_pop_to_mark();
    return is_plain;
}

int
tls_lean_init(struct tls_lean *l, bool is_batched)
{
    int err = -1;

    *l = (struct tls_lean){0};
    ERR_set_mark();
    if (is_host_plain()) {
        pthread_once(&handed_once, choose_handed);
        l->is_batched = is_batched && handed.has_own;
        if (handed.whole != NULL)
            err = load(l);
        if (err < 0)
            tls_lean_fini(l);
    }
    ERR_pop_to_mark(); /* whatever was missing is no error: there is another way */
    return err;
}

void
tls_lean_fini(struct tls_lean *l)
{
    /* The algorithms of ctx belong to inner's provider, so ctx goes first. */
    if (l->provider != NULL)
        OSSL_PROVIDER_unload(l->provider);
    OSSL_LIB_CTX_free(l->ctx);
    EVP_MD_CTX_free(l->digests);
    EVP_MD_free(l->sha256);
    EVP_MD_free(l->sha384);
    if (l->inner_own != NULL)
        OSSL_PROVIDER_unload(l->inner_own);
    if (l->inner_default != NULL)
        OSSL_PROVIDER_unload(l->inner_default);
    OSSL_LIB_CTX_free(l->inner);
    *l = (struct tls_lean){0};
}

EVP_PKEY *
tls_lean_key(const struct tls_lean *l, const EVP_PKEY *key)
{
    const char *kind = EVP_PKEY_get0_type_name(key);
    EVP_PKEY_CTX *made = kind == NULL ? NULL : EVP_PKEY_CTX_new_from_name(l->ctx, kind, NULL);
    OSSL_PARAM *values = NULL;
    EVP_PKEY *copy = NULL;

    if (made != NULL && EVP_PKEY_todata(key, EVP_PKEY_KEYPAIR, &values) == 1 &&
        EVP_PKEY_fromdata_init(made) == 1 &&
        EVP_PKEY_fromdata(made, &copy, EVP_PKEY_KEYPAIR, values) != 1)
        copy = NULL;
    OSSL_PARAM_free(values);
    EVP_PKEY_CTX_free(made);
    return copy;
}

X509 *
tls_lean_cert(const struct tls_lean *l, const X509 *cert)
{
    unsigned char *der = NULL;
    int bytes = i2d_X509(cert, &der);
    const unsigned char *at = der;
    X509 *copy = bytes < 0 ? NULL : X509_new_ex(l->ctx, NULL);

    if (copy != NULL && d2i_X509(&copy, &at, bytes) == NULL)
        copy = NULL; /* d2i_X509() freed it */
    OPENSSL_free(der);
    return copy;
}
