/* SPDX-License-Identifier: BSD-3-Clause */
/* See groups.h. */
#include "tls/groups.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "base/units.h"

/* By the names that the user knows them by (RFC 8446 4.2.7, draft-ietf-tls-ecdhe-mlkem). */
static const char *const CANDIDATES[] = {"X25519",
                                         "P-256",
                                         "P-384",
                                         "P-521",
                                         "X448",
                                         "ffdhe2048",
                                         "ffdhe3072",
                                         "ffdhe4096",
                                         "ffdhe6144",
                                         "ffdhe8192",
                                         "X25519MLKEM768",
                                         "SecP256r1MLKEM768",
                                         "SecP384r1MLKEM1024",
                                         "MLKEM512",
                                         "MLKEM768",
                                         "MLKEM1024"};

static bool
knows_signs(void)
{
    return OpenSSL_version_num() >= 0x30500000UL;
}

static bool
takes(SSL_CTX *ssl, const char *list)
{
    bool ok = SSL_CTX_set1_groups_list(ssl, list) == 1;

    ERR_clear_error();
    return ok;
}

/* "X25519, P-256", cut to @size. */
static void
name_known(SSL_CTX *ssl, char *into, size_t size)
{
    size_t len = 0;

    into[0] = '\0';
    for (unsigned i = 0; i < ARRAY_LEN(CANDIDATES); i++) {
        if (!takes(ssl, CANDIDATES[i]))
            continue;
        snprintf(into + len, size - len, "%s%s", len > 0 ? ", " : "", CANDIDATES[i]);
        len = strlen(into);
    }
}

/* Copy the name that begins at *@at, without the signs before it, and move on behind it. @return
 * whether it has to be known. */
static bool
next_name(const char **at, char *name, size_t size)
{
    size_t signs = knows_signs() ? strspn(*at, "*?-") : 0;
    const char *begin = *at + signs;
    size_t len = strcspn(begin, knows_signs() ? ":/" : ":");
    bool may_be_unknown = memchr(*at, '?', signs) != NULL || memchr(*at, '-', signs) != NULL;

    snprintf(name, size, "%.*s", (int)u64_min(len, size - 1), begin);
    *at = begin[len] == '\0' ? NULL : begin + len + 1;
    return !may_be_unknown;
}

/* @return whether there is a name in @list that @ssl does not know: @name. */
static bool
find_unknown(SSL_CTX *ssl, const char *list, char *name, size_t size)
{
    for (const char *at = list; at != NULL;)
        if (next_name(&at, name, size) && !takes(ssl, name))
            return true;
    return false;
}

/* OpenSSL did not take @list; @reason is the first that it gave. */
static int
refuse(SSL_CTX *ssl, const char *list, const char *reason, struct fail *f)
{
    char known[300], name[64];
    const char *sign = strpbrk(list, "*?/-");

    while (sign != NULL && *sign == '-' && sign != list && sign[-1] != ':') /* within a name */
        sign = strpbrk(sign + 1, "*?/-");
    if (sign != NULL && !knows_signs())
        return fail_set(f, EXIT_USAGE,
                        "--groups '%.200s': '%c' is known to OpenSSL 3.5 and later, and this is "
                        "%s; give names between colons",
                        list, *sign, OpenSSL_version(OPENSSL_VERSION_STRING));
    if (!find_unknown(ssl, list, name, sizeof(name)))
        return fail_set(f, EXIT_USAGE, "--groups '%.200s': OpenSSL does not take it: %s", list,
                        reason != NULL ? reason : "colons stand between names");
    name_known(ssl, known, sizeof(known));
    return fail_set(f, EXIT_USAGE,
                    "--groups '%.200s': OpenSSL %s knows no group '%s'%s; it knows %s", list,
                    OpenSSL_version(OPENSSL_VERSION_STRING), name,
                    strchr(name, ',') != NULL ? " (colons stand between names)" : "", known);
}

int
tls_groups_set(SSL_CTX *ssl, const char *list, struct fail *f)
{
    const char *reason;

    ERR_clear_error();
    if (SSL_CTX_set1_groups_list(ssl, list) == 1)
        return 0;
    reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return refuse(ssl, list, reason, f);
}
