/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/certs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"

/* -- reading ---------------------------------------------------------------------------------- */

/* A file under way. */
struct reader {
    struct tls_certs *certs;
    const char *path;
    struct tls_cert cert; /* that has no key yet; cert NULL: none */
    unsigned n_read;      /* pieces of PEM */
    struct fail *fail;
};

static void
free_cert(struct tls_cert *c)
{
    X509_free(c->cert);
    EVP_PKEY_free(c->key);
    sk_X509_pop_free(c->chain, X509_free);
    *c = (struct tls_cert){0};
}

static int
refuse(const struct reader *r, const char *what)
{
    ERR_clear_error();
    return fail_set(r->fail, EXIT_USAGE,
                    "--certs '%.200s': piece %u of its PEM %s; give certificate, then those that "
                    "vouch for it, then its key, and so on",
                    r->path, r->n_read, what);
}

static int
lack_memory(const struct reader *r)
{
    return fail_set(r->fail, EXIT_HOST, "--certs '%.200s': not enough memory", r->path);
}

static int
take_certificate(struct reader *r, const unsigned char *der, long len)
{
    X509 *cert = d2i_X509(NULL, &der, len);

    if (cert == NULL)
        return refuse(r, "is no certificate");
    if (r->cert.cert == NULL) {
        r->cert.cert = cert;
        return 0;
    }
    if (r->cert.chain == NULL)
        r->cert.chain = sk_X509_new_null();
    if (r->cert.chain != NULL && sk_X509_push(r->cert.chain, cert) > 0)
        return 0;
    X509_free(cert);
    return lack_memory(r);
}

/* Room grows by doubling. */
static int
keep(struct reader *r)
{
    struct tls_certs *c = r->certs;

    if (c->n == TLS_CERTS_MAX)
        return fail_set(r->fail, EXIT_USAGE,
                        "--certs '%.200s': there are more than %d certificates with a key", r->path,
                        TLS_CERTS_MAX);
    if ((c->n & (c->n - 1)) == 0) {
        struct tls_cert *more =
            realloc(c->all, (c->n == 0 ? 1 : 2 * (size_t)c->n) * sizeof(c->all[0]));

        if (more == NULL)
            return lack_memory(r);
        c->all = more;
    }
    c->all[c->n++] = r->cert;
    r->cert = (struct tls_cert){0};
    return 0;
}

static int
take_key(struct reader *r, const unsigned char *der, long len)
{
    if (r->cert.cert == NULL)
        return refuse(r, "is a key without a certificate before it");
    r->cert.key = d2i_AutoPrivateKey(NULL, &der, len);
    if (r->cert.key == NULL)
        return refuse(r, "is no private key that OpenSSL knows");
    if (X509_check_private_key(r->cert.cert, r->cert.key) != 1)
        return refuse(r, "is not the key of the certificate before it");
    return keep(r);
}

/* What is neither (parameters of a curve) is passed over. */
static int
take(struct reader *r, const char *name, const char *header, const unsigned char *der, long len)
{
    r->n_read++;
    if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_TRUSTED) == 0)
        return take_certificate(r, der, len);
    if (!text_ends_with(name, "PRIVATE KEY"))
        return 0;
    if (header[0] != '\0' || strcmp(name, PEM_STRING_PKCS8) == 0)
        return refuse(r, "is an encrypted key; 'openssl pkey -in FILE -out FILE' makes one that "
                         "is not");
    return take_key(r, der, len);
}

static int
read_file(struct tls_certs *c, const char *path, struct fail *f)
{
    struct reader r = {.certs = c, .path = path, .fail = f};
    FILE *file = fopen(path, "re");
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    int err = 0;
    long len;

    if (file == NULL)
        return fail_set(f, EXIT_USAGE, "--certs '%.200s': %s", path, strerror(errno));
    while (err == 0 && PEM_read(file, &name, &header, &der, &len) == 1) {
        err = take(&r, name, header, der, len);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)len);
    }
    ERR_clear_error();
    fclose(file);
    if (err == 0 && r.cert.cert != NULL)
        err = refuse(&r, "is the last, and the certificate before has no key");
    free_cert(&r.cert);
    return err;
}

static int
is_pem(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".pem");
}

static int
read_folder(struct tls_certs *c, const char *path, struct fail *f)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_pem, alphasort), err = 0;

    if (n < 0)
        return fail_set(f, EXIT_USAGE, "--certs '%.200s': %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        char *file;

        if (err == 0 && asprintf(&file, "%s/%s", path, entries[i]->d_name) > 0) {
            err = read_file(c, file, f);
            free(file);
        }
        free(entries[i]);
    }
    free(entries);
    return err;
}

int
tls_certs_read(struct tls_certs *c, const char *path, struct fail *f)
{
    struct stat st;
    bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    int err;

    *c = (struct tls_certs){0};
    err = is_folder ? read_folder(c, path, f) : read_file(c, path, f);
    if (err == 0 && c->n == 0)
        err = fail_set(f, EXIT_USAGE, "--certs '%.200s': %s", path,
                       is_folder ? "no file of this folder that ends in .pem has a certificate"
                                 : "it has no certificate in PEM");
    if (err < 0)
        tls_certs_free(c);
    return err;
}

static void
free_all(struct tls_cert *all, unsigned n)
{
    for (unsigned i = 0; all != NULL && i < n; i++)
        free_cert(&all[i]);
    free(all);
}

void
tls_certs_free(struct tls_certs *c)
{
    free_all(c->all, c->n);
    *c = (struct tls_certs){0};
}

/* -- turns ------------------------------------------------------------------------------------ */

int
tls_certs_turns_init(struct tls_certs_turns *t, const struct tls_certs *certs)
{
    *t = (struct tls_certs_turns){.certs = certs};
    if (certs == NULL)
        return 0;
    t->copies = calloc(certs->n, sizeof(t->copies[0]));
    return t->copies == NULL ? -1 : 0;
}

void
tls_certs_turns_fini(struct tls_certs_turns *t)
{
    if (t->certs != NULL)
        free_all(t->copies, t->certs->n);
    *t = (struct tls_certs_turns){0};
}

/* @return false: out of memory; there is no copy then. */
static bool
copy(struct tls_cert *to, const struct tls_cert *from, const struct tls_lean *l)
{
    bool ok;

    to->cert = tls_lean_cert(l, from->cert);
    to->key = tls_lean_key(l, from->key);
    ok = to->cert != NULL && to->key != NULL;
    if (ok && from->chain != NULL)
        ok = (to->chain = sk_X509_new_null()) != NULL;
    for (int i = 0; ok && i < sk_X509_num(from->chain); i++) {
        X509 *above = tls_lean_cert(l, sk_X509_value(from->chain, i));

        ok = above != NULL && sk_X509_push(to->chain, above) > 0;
        if (!ok)
            X509_free(above);
    }
    if (!ok)
        free_cert(to);
    return ok;
}

bool
tls_certs_turns_use(struct tls_certs_turns *t, const struct tls_lean *l, SSL *ssl)
{
    unsigned i = t->next;
    struct tls_cert *c = &t->copies[i];

    if (c->cert == NULL && !copy(c, &t->certs->all[i], l))
        return false;
    t->next = i + 1 == t->certs->n ? 0 : i + 1;
    return SSL_use_cert_and_key(ssl, c->cert, c->key, c->chain, 1) == 1;
}
