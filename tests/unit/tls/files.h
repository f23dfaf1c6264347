/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys and certificates as PEM files in a folder of their own, and certificates that are not as
 * they should be. */
#pragma once

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tls/identity.h"

enum { FILES_MAX = 16 };

static char files_folder[64];
static char files_paths[FILES_MAX][128];
static unsigned files_n;

static inline void
files_set_up(void)
{
    strcpy(files_folder, "/tmp/shakedown-tls-XXXXXX");
    cr_assert(mkdtemp(files_folder) != NULL);
    files_n = 0;
}

static inline void
files_tear_down(void)
{
    for (unsigned i = 0; i < files_n; i++)
        unlink(files_paths[i]);
    rmdir(files_folder);
}

/* The path of a file that goes at the end of the test. */
static inline const char *
files_path(const char *name)
{
    cr_assert(files_n < FILES_MAX);
    snprintf(files_paths[files_n], sizeof(files_paths[0]), "%s/%s", files_folder, name);
    return files_paths[files_n++];
}

/* Either of @cert and @key may be NULL; with @password the key is encrypted. */
static inline const char *
files_write(const char *name, X509 *cert, EVP_PKEY *key, const char *password)
{
    const char *path = files_path(name);
    FILE *file = fopen(path, "w");

    cr_assert(file != NULL);
    if (cert != NULL)
        cr_assert(PEM_write_X509(file, cert) == 1);
    if (key != NULL)
        cr_assert(PEM_write_PrivateKey(file, key, password != NULL ? EVP_aes_128_cbc() : NULL, NULL,
                                       0, NULL, (void *)password) == 1);
    fclose(file);
    return path;
}

static inline const char *
files_write_text(const char *name, const char *text)
{
    const char *path = files_path(name);
    FILE *file = fopen(path, "w");

    cr_assert(file != NULL && fputs(text, file) >= 0);
    fclose(file);
    return path;
}

static inline struct tls_identity
files_identity(const char *kind, const char *name)
{
    struct tls_identity id;
    char why[256];

    cr_assert(tls_identity_make(&id, kind, &name, name != NULL, why, sizeof(why)) == 0, "%s", why);
    return id;
}

/* Say of @cert that @issuer made it, with the extensions it has, good for @days from now. */
static inline void
files_sign(X509 *cert, X509 *issuer, EVP_PKEY *issuers_key, int days)
{
    cr_assert(X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -40 * 24 * 3600L);
    X509_gmtime_adj(X509_getm_notAfter(cert), days * 24 * 3600L);
    cr_assert(X509_sign(cert, issuers_key, EVP_sha256()) > 0);
}

/* Name it @name, so that it is told from others, and an authority that may sign if @is_ca. */
static inline void
files_rename(X509 *cert, const char *name, bool is_ca)
{
    X509_NAME *subject = X509_NAME_new();

    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    cr_assert(X509_set_subject_name(cert, subject) == 1);
    X509_NAME_free(subject);
    while (is_ca && X509_get_ext_count(cert) > 0)
        X509_EXTENSION_free(X509_delete_ext(cert, 0));
    if (is_ca) {
        BASIC_CONSTRAINTS *basic = BASIC_CONSTRAINTS_new();

        basic->ca = 0xff;
        cr_assert(X509_add1_ext_i2d(cert, NID_basic_constraints, basic, 1, 0) == 1);
        BASIC_CONSTRAINTS_free(basic);
    }
}
