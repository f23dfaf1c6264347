/* SPDX-License-Identifier: BSD-3-Clause */
/* Certificates that take turns: what a file may hold, and whose turn it is. */
#include <stdio.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "talk.h"
#include "tls/certs.h"

static struct tls_certs certs;
static struct fail f;
static char path[64];
static FILE *file;

static void
set_up(void)
{
    snprintf(path, sizeof(path), "/tmp/test_certs.%d", (int)getpid());
    file = fopen(path, "w");
    cr_assert(ne(ptr, file, NULL));
    talk_set_up();
}

static void
tear_down(void)
{
    (void)unlink(path);
    talk_tear_down();
}

TestSuite(certs, .init = set_up, .fini = tear_down, .timeout = 60);

static struct tls_identity
new_identity(void)
{
    static const char *const NAMES[] = {"client.test"};
    struct tls_identity i;
    char why[256];

    cr_assert(zero(int, tls_identity_make(&i, "p256", NAMES, 1, why, sizeof(why))));
    return i;
}

static void
write_cert(const struct tls_identity *i)
{
    cr_assert(eq(int, PEM_write_X509(file, i->cert), 1));
}

static void
write_key(const struct tls_identity *i)
{
    cr_assert(eq(int, PEM_write_PrivateKey(file, i->key, NULL, NULL, 0, NULL, NULL), 1));
}

static int
read_file(void)
{
    cr_assert(zero(int, fclose(file)));
    return tls_certs_read(&certs, path, &f);
}

static void
expect_refused(const char *words)
{
    cr_assert(eq(int, read_file(), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(ne(ptr, strstr(f.text, words), NULL), "%s", f.text);
    cr_assert(ne(ptr, strstr(f.text, path), NULL), "%s", f.text);
    cr_assert(zero(uint, certs.n));
    cr_assert(zero(ulong, ERR_peek_error()));
}

Test(certs, each_has_its_chain_and_its_key_behind_it)
{
    struct tls_identity i[5];

    fputs("words that are no PEM\n", file);
    for (unsigned n = 0; n < 5; n++) {
        i[n] = new_identity();
        write_cert(&i[n]);
        for (unsigned above = 0; above < n; above++)
            write_cert(&i[above]);
        write_key(&i[n]);
    }
    cr_assert(zero(int, read_file()), "%s", f.text);
    cr_assert(eq(uint, certs.n, 5));
    for (unsigned n = 0; n < 5; n++) {
        cr_assert(zero(int, X509_cmp(certs.all[n].cert, i[n].cert)));
        cr_assert(eq(int, EVP_PKEY_eq(certs.all[n].key, i[n].key), 1));
        cr_assert(eq(int, sk_X509_num(certs.all[n].chain), n == 0 ? -1 : (int)n));
    }
    tls_certs_free(&certs);
    for (unsigned n = 0; n < 5; n++)
        tls_identity_free(&i[n]);
}

Test(certs, a_certificate_without_a_key_is_refused)
{
    write_cert(&talk_identity);
    expect_refused("piece 1 of its PEM is the last, and the certificate before has no key");
}

Test(certs, a_key_of_another_certificate_is_refused)
{
    struct tls_identity other = new_identity();

    write_cert(&talk_identity);
    write_key(&talk_identity);
    write_cert(&talk_identity);
    write_key(&other);
    expect_refused("piece 4 of its PEM is not the key of the certificate before it");
    tls_identity_free(&other);
}

Test(certs, an_encrypted_key_is_refused)
{
    write_cert(&talk_identity);
    cr_assert(eq(int,
                 PEM_write_PKCS8PrivateKey(file, talk_identity.key, EVP_aes_128_cbc(), "word", 4,
                                           NULL, NULL),
                 1));
    expect_refused("piece 2 of its PEM is an encrypted key");
}

Test(certs, a_file_that_is_cut_is_refused)
{
    write_cert(&talk_identity);
    fputs("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n", file);
    expect_refused("has no key");
}

Test(certs, a_file_without_any_is_refused)
{
    fputs("nothing\n", file);
    expect_refused("it has no certificate in PEM");
}

Test(certs, those_who_are_asked_show_the_next_one_each_time)
{
    struct talk *t = calloc(1, sizeof(*t));
    struct tls_identity i[3];

    for (unsigned n = 0; n < 3; n++) {
        i[n] = new_identity();
        write_cert(&i[n]);
        write_key(&i[n]);
    }
    cr_assert(zero(int, read_file()), "%s", f.text);
    talk_client.certs = &certs;
    talk_server.asks_for_cert = true;
    talk_init(t);
    for (unsigned n = 0; n < 7; n++) {
        talk_begin(t);
        talk_run(t);
        talk_expects_done(t);
        cr_assert(t->client.conn.has_shown);
        cr_assert(
            zero(int, X509_cmp(SSL_get0_peer_certificate(t->server.conn.ssl), i[n % 3].cert)));
        talk_end(t);
    }
    talk_fini(t);
    tls_certs_free(&certs);
    for (unsigned n = 0; n < 3; n++)
        tls_identity_free(&i[n]);
    free(t);
}
