/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/units.h"
#include "tls/identity.h"

static struct tls_identity
identity_for(const char *const *names, unsigned n)
{
    struct tls_identity id;
    char why[200];

    cr_assert(zero(int, tls_identity_make(&id, "p256", names, n, why, sizeof(why))), "%s", why);
    return id;
}

Test(identity, each_kind_is_what_it_says)
{
    static const struct {
        const char *kind, *algorithm;
        int bits;
    } ROWS[] = {{"rsa2048", "RSA", 2048},
                {"rsa4096", "RSA", 4096},
                {"p256", "EC", 256},
                {"p384", "EC", 384},
                {"ed25519", "ED25519", 256},
                {"mldsa44", "ML-DSA-44", 1312 * 8}, /* FIPS 204 table 2: the public key */
                {"mldsa65", "ML-DSA-65", 1952 * 8},
                {"mldsa87", "ML-DSA-87", 2592 * 8}};

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct tls_identity id;
        char why[200];

        cr_assert(zero(int, strcmp(tls_identity_kinds[i], ROWS[i].kind)));
        if (!tls_identity_can_be(ROWS[i].kind, why, sizeof(why)))
            continue;
        cr_assert(zero(int, tls_identity_make(&id, ROWS[i].kind, NULL, 0, why, sizeof(why))), "%s",
                  why);
        cr_assert(eq(int, EVP_PKEY_is_a(id.key, ROWS[i].algorithm), 1));
        cr_assert(eq(int, EVP_PKEY_get_bits(id.key), ROWS[i].bits));
        cr_assert(eq(int, X509_check_private_key(id.cert, id.key), 1));
        cr_assert(eq(int, X509_verify(id.cert, id.key), 1));
        tls_identity_free(&id);
        cr_assert(zero(ptr, id.key));
        cr_assert(zero(ptr, id.cert));
    }
    cr_assert(zero(ptr, (void *)tls_identity_kinds[ARRAY_LEN(ROWS)]));
}

Test(identity, a_kind_that_this_openssl_does_not_know_names_the_version_that_does)
{
    char why[200] = "";
    bool can_be = tls_identity_can_be("mldsa65", why, sizeof(why));

    cr_assert(eq(int, can_be, OpenSSL_version_num() >= 0x30500000UL));
    if (!can_be)
        cr_assert(ne(ptr, strstr(why, "ML-DSA-65 is known to OpenSSL 3.5 and later"), NULL), "%s",
                  why);
    cr_assert(tls_identity_can_be("p256", why, sizeof(why)));
}

/* -- the certificate -----------------------------------------------------------------------------
 */

Test(identity, the_certificate_is_a_leaf_signed_by_itself)
{
    struct tls_identity id = identity_for(NULL, 0);
    char name[32];

    X509_NAME_get_text_by_NID(X509_get_subject_name(id.cert), NID_commonName, name, sizeof(name));
    cr_assert(eq(str, name, "shakedown"));
    cr_assert(
        zero(int, X509_NAME_cmp(X509_get_subject_name(id.cert), X509_get_issuer_name(id.cert))));
    cr_assert(eq(long, X509_get_version(id.cert), X509_VERSION_3));
    cr_assert(ne(u32, X509_get_extension_flags(id.cert) & EXFLAG_SS, 0));
    cr_assert(zero(int, X509_check_ca(id.cert)));
    tls_identity_free(&id);
}

Test(identity, the_certificate_is_good_from_an_hour_ago_for_thirty_days)
{
    struct tls_identity id = identity_for(NULL, 0);
    int days, seconds;

    cr_assert(eq(int, ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(id.cert), NULL), 1));
    cr_assert(zero(int, days));
    cr_assert(ge(int, seconds, 3600));
    cr_assert(le(int, seconds, 3660));
    cr_assert(eq(int, ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(id.cert)), 1));
    cr_assert(ge(int, days, 29));
    cr_assert(le(int, days, 30));
    tls_identity_free(&id);
}

Test(identity, no_two_serials_are_alike_and_all_are_positive)
{
    enum { N = 20 };
    struct tls_identity ids[N];

    for (int i = 0; i < N; i++) {
        ids[i] = identity_for(NULL, 0);
        cr_assert(eq(int, ASN1_STRING_type(X509_get0_serialNumber(ids[i].cert)), V_ASN1_INTEGER));
        cr_assert(le(int, ASN1_STRING_length(X509_get0_serialNumber(ids[i].cert)), 20));
        for (int k = 0; k < i; k++)
            cr_assert(ne(int,
                         ASN1_INTEGER_cmp(X509_get0_serialNumber(ids[i].cert),
                                          X509_get0_serialNumber(ids[k].cert)),
                         0));
    }
    for (int i = 0; i < N; i++)
        tls_identity_free(&ids[i]);
}

/* -- names ------------------------------------------------------------------------------------ */

Test(identity, the_certificate_is_for_its_names_and_no_others)
{
    static const char *const NAMES[] = {"a.example", "*.b.example", "198.18.0.1", "2001:2::1"};
    struct tls_identity id = identity_for(NAMES, ARRAY_LEN(NAMES));

    cr_assert(eq(int, X509_check_host(id.cert, "a.example", 0, 0, NULL), 1));
    cr_assert(eq(int, X509_check_host(id.cert, "x.b.example", 0, 0, NULL), 1));
    cr_assert(zero(int, X509_check_host(id.cert, "b.example", 0, 0, NULL)));
    cr_assert(zero(int, X509_check_host(id.cert, "shakedown", 0, 0, NULL))); /* RFC 6125 6.4.4 */
    cr_assert(eq(int, X509_check_ip_asc(id.cert, "198.18.0.1", 0), 1));
    cr_assert(eq(int, X509_check_ip_asc(id.cert, "2001:2:0::1", 0), 1));
    cr_assert(zero(int, X509_check_ip_asc(id.cert, "198.18.0.2", 0)));
    tls_identity_free(&id);
}

Test(identity, without_names_the_certificate_has_none)
{
    struct tls_identity id = identity_for(NULL, 0);

    cr_assert(eq(int, X509_get_ext_by_NID(id.cert, NID_subject_alt_name, -1), -1));
    tls_identity_free(&id);
}

#define LABEL_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz-0123456789"

Test(identity, what_is_no_name_is_refused_by_name)
{
    static const char *const ROWS[] = {"",
                                       ".",
                                       "a..b",
                                       "a.example.",
                                       ".a",
                                       "a b",
                                       "*",
                                       "*.",
                                       "a.*.b",
                                       "300.1.2.3",
                                       "1.2.3",
                                       "1:2",
                                       "a,IP:1.2.3",
                                       "b\xc3\xbc",
                                       "a/b",
                                       LABEL_63 "x.a",
                                       LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63};

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const char *names[] = {"a.example", ROWS[i]};
        char why[400], expected[400];
        struct tls_identity id;

        snprintf(expected, sizeof(expected), "\"%s\" is neither a DNS name nor an IP address",
                 ROWS[i]);
        cr_assert(eq(int, tls_identity_make(&id, "p256", names, 2, why, sizeof(why)), -1), "%s",
                  ROWS[i]);
        cr_assert(eq(str, why, expected));
        cr_assert(zero(ptr, id.key));
    }
}

Test(identity, odd_names_that_are_names_are_taken)
{
    static const char *const NAMES[] = {"localhost", "a_b-c.example", "1.example",
                                        "x.1a",      LABEL_63,        "::"};
    struct tls_identity id = identity_for(NAMES, ARRAY_LEN(NAMES));

    cr_assert(eq(int, X509_check_host(id.cert, "localhost", 0, 0, NULL), 1));
    tls_identity_free(&id);
}

/* -- those who verify it -------------------------------------------------------------------------
 */

static int
verify(X509 *cert, X509 *trusted, unsigned long flags, int purpose)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    int error;

    X509_STORE_add_cert(store, trusted);
    X509_STORE_CTX_init(ctx, store, cert, NULL);
    X509_STORE_CTX_set_flags(ctx, flags);
    X509_STORE_CTX_set_purpose(ctx, purpose);
    X509_verify_cert(ctx);
    error = X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return error;
}

Test(identity, who_trusts_the_certificate_verifies_it)
{
    static const char *const NAMES[] = {"198.18.0.1"};
    struct tls_identity id = identity_for(NAMES, 1), other = identity_for(NAMES, 1);

    cr_assert(zero(int, verify(id.cert, id.cert, 0, X509_PURPOSE_SSL_SERVER)));
    cr_assert(zero(int, verify(id.cert, id.cert, 0, X509_PURPOSE_SSL_CLIENT)));
    cr_assert(
        zero(int, verify(id.cert, id.cert, X509_V_FLAG_X509_STRICT, X509_PURPOSE_SSL_SERVER)));
    cr_assert(ne(int, verify(id.cert, other.cert, 0, X509_PURPOSE_SSL_SERVER), 0));
    tls_identity_free(&id);
    tls_identity_free(&other);
}

Test(identity, the_file_holds_the_certificate)
{
    struct tls_identity id = identity_for(NULL, 0);
    FILE *file = tmpfile();
    X509 *read;

    cr_assert(zero(int, tls_identity_write_cert(&id, file)));
    rewind(file);
    read = PEM_read_X509(file, NULL, NULL, NULL);
    cr_assert(zero(int, X509_cmp(read, id.cert)));
    X509_free(read);
    fclose(file);
    tls_identity_free(&id);
}

Test(identity, a_full_disk_is_noticed)
{
    struct tls_identity id = identity_for(NULL, 0);
    FILE *full = fopen("/dev/full", "w");

    if (full == NULL)
        cr_skip_test("no /dev/full");
    cr_assert(eq(int, tls_identity_write_cert(&id, full), -1));
    fclose(full);
    tls_identity_free(&id);
}
