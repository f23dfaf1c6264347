/* SPDX-License-Identifier: BSD-3-Clause */
/* See identity.h. Section numbers are RFC 5280. */
#include "tls/identity.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* An hour for clocks that differ. */
static const long BEGINS_S = -3600L;
static const long ENDS_S = 30 * 24 * 3600L;

enum { SERIAL_BITS = 127 }; /* 4.1.2.2: positive, at most 20 bytes, no two alike */
enum { DNS_NAME_MAX = 253, DNS_LABEL_MAX = 63 }; /* RFC 1035 2.3.4 */

/* What tls_identity_kinds[] names, in its order. */
static const struct kind {
    const char *algorithm;
    size_t bits;       /* RSA */
    const char *curve; /* EC */
    const char *md;    /* of the signature; NULL: it has its own */
    const char *since; /* version of OpenSSL; NULL: each has it */
} KINDS[] = {
    {"RSA", .bits = 2048, .md = "SHA256"},
    {"RSA", .bits = 4096, .md = "SHA256"},
    {"EC", .curve = "P-256", .md = "SHA256"},
    {"EC", .curve = "P-384", .md = "SHA384"},
    {"ED25519"},
    {"ML-DSA-44", .since = "3.5"}, /* FIPS 204, draft-ietf-tls-mldsa */
    {"ML-DSA-65", .since = "3.5"},
    {"ML-DSA-87", .since = "3.5"},
};

static const struct kind *
find_kind(const char *name)
{
    for (size_t i = 0; tls_identity_kinds[i] != NULL; i++) {
        if (strcmp(name, tls_identity_kinds[i]) == 0)
            return &KINDS[i];
    }
    return NULL;
}

static bool
is_known(const struct kind *k)
{
    EVP_KEYMGMT *found = EVP_KEYMGMT_fetch(NULL, k->algorithm, NULL);

    ERR_clear_error();
    EVP_KEYMGMT_free(found);
    return found != NULL;
}

static EVP_PKEY *
make_key(const struct kind *k)
{
    if (k->bits > 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, k->algorithm, k->bits);
    if (k->curve != NULL)
        return EVP_PKEY_Q_keygen(NULL, NULL, k->algorithm, k->curve);
    return EVP_PKEY_Q_keygen(NULL, NULL, k->algorithm);
}

/* -- names ----------------------------------------------------------------------------------- */

/* Letters, digits, hyphens and underscores between dots; "*" as the whole first label (RFC 6125
 * 6.4.3). A last label of digits only is an IP address gone wrong. */
static bool
is_dns_name(const char *text)
{
    static const char DIGITS[] = "0123456789";
    static const char OTHERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    const char *at = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
    bool is_number;

    if (strlen(text) > DNS_NAME_MAX)
        return false;
    for (;;) {
        size_t digits = strspn(at, DIGITS), label = digits;

        while (at[label] != '\0' && (strchr(DIGITS, at[label]) || strchr(OTHERS, at[label])))
            label++;
        if (label == 0 || label > DNS_LABEL_MAX)
            return false;
        is_number = digits == label;
        at += label;
        if (*at == '\0')
            return !is_number;
        if (*at++ != '.')
            return false;
    }
}

/* @return bytes of the address in @ip; 0: @text is none. */
static int
read_ip(const char *text, unsigned char ip[16])
{
    if (inet_pton(AF_INET, text, ip) == 1)
        return 4;
    return inet_pton(AF_INET6, text, ip) == 1 ? 16 : 0;
}

static GENERAL_NAME *
make_name(const char *text)
{
    unsigned char ip[16];
    int ip_bytes = read_ip(text, ip);
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *value =
        ASN1_STRING_type_new(ip_bytes > 0 ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);

    if (name == NULL || value == NULL ||
        ASN1_STRING_set(value, ip_bytes > 0 ? (const void *)ip : text,
                        ip_bytes > 0 ? ip_bytes : -1) != 1) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(name);
        return NULL;
    }
    GENERAL_NAME_set0_value(name, ip_bytes > 0 ? GEN_IPADD : GEN_DNS, value);
    return name;
}

/* 4.2.1.6 */
static int
add_names(X509 *cert, const char *const *names, unsigned n)
{
    GENERAL_NAMES *all = n > 0 ? GENERAL_NAMES_new() : NULL;
    int is_ok = n == 0 || all != NULL;

    for (unsigned i = 0; i < n && is_ok == 1; i++) {
        GENERAL_NAME *name = make_name(names[i]);

        is_ok = name != NULL && sk_GENERAL_NAME_push(all, name) > 0;
        if (!is_ok)
            GENERAL_NAME_free(name);
    }
    if (is_ok == 1 && n > 0)
        is_ok = X509_add1_ext_i2d(cert, NID_subject_alt_name, all, 0, 0);
    GENERAL_NAMES_free(all);
    return is_ok == 1 ? 0 : -1;
}

/* -- the certificate ------------------------------------------------------------------------- */

static int
set_serial(X509 *cert)
{
    BIGNUM *serial = BN_new();
    bool is_ok = serial != NULL &&
                 BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                 BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert)) != NULL;

    BN_free(serial);
    return is_ok ? 0 : -1;
}

static int
set_subject(X509 *cert)
{
    static const unsigned char CN[] = "shakedown";
    X509_NAME *name = X509_get_subject_name(cert);

    if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, CN, -1, -1, 0) != 1 ||
        X509_set_issuer_name(cert, name) != 1)
        return -1;
    return 0;
}

static int
add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX about;
    X509_EXTENSION *ext;
    int is_ok;

    X509V3_set_ctx(&about, cert, cert, NULL, NULL, 0);
    ext = X509V3_EXT_nconf_nid(NULL, &about, nid, value);
    is_ok = ext != NULL && X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    return is_ok ? 0 : -1;
}

/* No CA: what it signs is no one's. No key usage either (4.2.1.3): without keyCertSign
 * OpenSSL 1.1.1 does not take it for signed by itself, and with it strict verifiers refuse it,
 * being no CA. */
static int
add_extensions(X509 *cert, const char *const *names, unsigned n)
{
    if (add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") < 0 ||
        add_extension(cert, NID_ext_key_usage, "serverAuth,clientAuth") < 0 ||
        add_extension(cert, NID_subject_key_identifier, "hash") < 0)
        return -1;
    return add_names(cert, names, n);
}

static int
make_cert(struct tls_identity *id, const struct kind *k, const char *const *names, unsigned n)
{
    id->cert = X509_new();
    if (id->cert == NULL || X509_set_version(id->cert, X509_VERSION_3) != 1 ||
        set_serial(id->cert) < 0 || set_subject(id->cert) < 0 ||
        X509_gmtime_adj(X509_getm_notBefore(id->cert), BEGINS_S) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(id->cert), ENDS_S) == NULL ||
        X509_set_pubkey(id->cert, id->key) != 1 || add_extensions(id->cert, names, n) < 0)
        return -1;
    return X509_sign(id->cert, id->key, k->md == NULL ? NULL : EVP_get_digestbyname(k->md)) > 0
               ? 0
               : -1;
}

static int
fail(struct tls_identity *id, const char *kind, char *why, size_t why_bytes)
{
    char reason[160];

    ERR_error_string_n(ERR_peek_error(), reason, sizeof(reason));
    snprintf(why, why_bytes, "cannot make a certificate with a key of kind %s: %s", kind, reason);
    ERR_clear_error();
    tls_identity_free(id);
    return -1;
}

/* -- interface ------------------------------------------------------------------------------- */

bool
tls_identity_can_be(const char *kind, char *why, size_t why_bytes)
{
    const struct kind *k = find_kind(kind);

    assert(k != NULL);

    if (k->since == NULL || is_known(k))
        return true;
    snprintf(why, why_bytes, "%s is known to OpenSSL %s and later, and this is %s", k->algorithm,
             k->since, OpenSSL_version(OPENSSL_VERSION_STRING));
    return false;
}

int
tls_identity_make(struct tls_identity *id, const char *kind, const char *const *names, unsigned n,
                  char *why, size_t why_bytes)
{
    const struct kind *k = find_kind(kind);
    unsigned char ip[16];

    assert(k != NULL);

    *id = (struct tls_identity){0};
    for (unsigned i = 0; i < n; i++) {
        if (read_ip(names[i], ip) == 0 && !is_dns_name(names[i])) {
            snprintf(why, why_bytes, "\"%s\" is neither a DNS name nor an IP address", names[i]);
            return -1;
        }
    }
    ERR_clear_error();
    id->key = make_key(k);
    if (id->key == NULL || make_cert(id, k, names, n) < 0)
        return fail(id, kind, why, why_bytes);
    return 0;
}

void
tls_identity_free(struct tls_identity *id)
{
    X509_free(id->cert);
    EVP_PKEY_free(id->key);
    *id = (struct tls_identity){0};
}

int
tls_identity_write_cert(const struct tls_identity *id, FILE *to)
{
    return PEM_write_X509(to, id->cert) == 1 && fflush(to) == 0 ? 0 : -1;
}

const char *const tls_identity_kinds[] = {"rsa2048", "rsa4096", "p256",    "p384", "ed25519",
                                          "mldsa44", "mldsa65", "mldsa87", NULL};
