/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/agreed.h"

#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "base/units.h"

/* -- groups ----------------------------------------------------------------------------------- */

/* Of a resumption of TLS 1.3: whether keys were exchanged anew. OpenSSL names the group of the
 * session if they were not. From KEMs (since 3.5) it keeps no key of the peer's, but they have
 * their own names. */
static bool
had_new_exchange(SSL *ssl)
{
    const char *name = SSL_group_to_name(ssl, (int)SSL_get_negotiated_group(ssl));
    EVP_PKEY *peers = NULL;
    bool had_one = SSL_get_peer_tmp_key(ssl, &peers) == 1;

    EVP_PKEY_free(peers);
    return had_one || (name != NULL && strstr(name, "MLKEM") != NULL);
}

static bool
had_exchange(const struct tls_conn *c)
{
    if (!SSL_session_reused(c->ssl))
        return true;
    if (SSL_version(c->ssl) < TLS1_3_VERSION)
        return false;
    return !c->ctx->opts.psk_without_dhe || had_new_exchange(c->ssl);
}

/* -- who the server is ------------------------------------------------------------------------ */

#if OPENSSL_VERSION_NUMBER >= 0x30500000L
/* The scheme of the server's signature (RFC 8446 4.2.3). @return NULL: it is not known. */
static const char *
signature_of(const struct tls_conn *c, bool is_own)
{
    const char *name;
    long known = is_own ? SSL_get0_signature_name(c->ssl, &name)
                        : SSL_get0_peer_signature_name(c->ssl, &name);

    return known == 1 ? name : NULL;
}
#else
/* Schemes by the kind of signature and of digest. */
static const struct scheme {
    int kind, digest;
    const char *name;
} schemes[] = {
    {EVP_PKEY_EC, NID_sha256, "ecdsa_secp256r1_sha256"},
    {EVP_PKEY_EC, NID_sha384, "ecdsa_secp384r1_sha384"},
    {EVP_PKEY_EC, NID_sha512, "ecdsa_secp521r1_sha512"},
    {EVP_PKEY_EC, NID_sha224, "ecdsa_sha224"},
    {EVP_PKEY_EC, NID_sha1, "ecdsa_sha1"},
    {EVP_PKEY_RSA, NID_sha256, "rsa_pkcs1_sha256"},
    {EVP_PKEY_RSA, NID_sha384, "rsa_pkcs1_sha384"},
    {EVP_PKEY_RSA, NID_sha512, "rsa_pkcs1_sha512"},
    {EVP_PKEY_RSA, NID_sha224, "rsa_pkcs1_sha224"},
    {EVP_PKEY_RSA, NID_sha1, "rsa_pkcs1_sha1"},
    {EVP_PKEY_RSA_PSS, NID_sha256, "rsa_pss_rsae_sha256"},
    {EVP_PKEY_RSA_PSS, NID_sha384, "rsa_pss_rsae_sha384"},
    {EVP_PKEY_RSA_PSS, NID_sha512, "rsa_pss_rsae_sha512"},
    {EVP_PKEY_ED25519, NID_undef, "ed25519"},
    {EVP_PKEY_ED448, NID_undef, "ed448"},
};

/* The scheme of the server's signature (RFC 8446 4.2.3); of keys that are for PSS alone, the one of
 * other RSA keys: OpenSSL does not tell them apart here. @return NULL: it is not known. */
static const char *
signature_of(const struct tls_conn *c, bool is_own)
{
    int kind = NID_undef, digest = NID_undef;

    if (is_own) {
        (void)SSL_get_signature_type_nid(c->ssl, &kind);
        (void)SSL_get_signature_nid(c->ssl, &digest);
    } else {
        (void)SSL_get_peer_signature_type_nid(c->ssl, &kind);
        (void)SSL_get_peer_signature_nid(c->ssl, &digest);
    }
    for (unsigned i = 0; i < ARRAY_LEN(schemes); i++)
        if (schemes[i].kind == kind &&
            (schemes[i].digest == digest || schemes[i].digest == NID_undef))
            return schemes[i].name;
    return NULL;
}
#endif

/* "RSA 2048", "EC prime256v1", "ED25519": the kind of a key, and which of its kind. */
static void
name_key(const EVP_PKEY *key, char name[static TLS_TALLY_NAME])
{
    const char *kind = key == NULL ? NULL : EVP_PKEY_get0_type_name(key);
    char curve[TLS_TALLY_NAME / 2];

    if (kind == NULL)
        snprintf(name, TLS_TALLY_NAME, "unknown");
    else if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
        snprintf(name, TLS_TALLY_NAME, "%.20s %d", kind, EVP_PKEY_get_bits(key));
    else if (EVP_PKEY_is_a(key, "EC") &&
             EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) == 1)
        snprintf(name, TLS_TALLY_NAME, "EC %s", curve);
    else
        snprintf(name, TLS_TALLY_NAME, "%.40s", kind);
}

static void
count_server(const struct tls_conn *c)
{
    struct tls_tally *y = &c->ctx->tally;
    bool is_own = c->ctx->opts.is_server;
    const X509 *cert = is_own ? SSL_get_certificate(c->ssl) : SSL_get0_peer_certificate(c->ssl);
    char name[TLS_TALLY_NAME];

    if (SSL_session_reused(c->ssl)) {
        tls_rows_count(&y->signatures, "none", 1);
        tls_rows_count(&y->certificates, "none", 1);
        return;
    }
    tls_rows_count(&y->signatures, signature_of(c, is_own), 1);
    name_key(cert == NULL ? NULL : X509_get0_pubkey(cert), name);
    tls_rows_count(&y->certificates, name, 1);
}

/* -- all of it -------------------------------------------------------------------------------- */

void
tls_agreed_count(struct tls_conn *c)
{
    struct tls_tally *y = &c->ctx->tally;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(c->ssl);
    int group = had_exchange(c) ? (int)SSL_get_negotiated_group(c->ssl) : 0;
    const uint8_t *alpn;
    unsigned alpn_len;
    char name[TLS_TALLY_NAME];

    tls_rows_count(&y->versions, SSL_get_version(c->ssl), 1);
    tls_rows_count(&y->ciphers, SSL_CIPHER_standard_name(cipher), 1);
    tls_rows_count(&y->groups, group == 0 ? "none" : SSL_group_to_name(c->ssl, group), 1);
    SSL_get0_alpn_selected(c->ssl, &alpn, &alpn_len);
    if (alpn_len > 0) {
        snprintf(name, sizeof(name), "%.*s", (int)alpn_len, (const char *)alpn);
        tls_rows_count(&y->alpn, name, 1);
    } else if (c->ctx->opts.alpn != NULL && !c->ctx->opts.is_server) {
        tls_rows_count(&y->alpn, "none", 1); /* offered, and the server goes on without */
    }
    count_server(c);
}
