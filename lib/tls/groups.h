/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of key exchange groups, as OpenSSL takes them: names between colons; from 3.5 on also
 * tuples between '/', '*' before a name of which a key share is sent, '?' before one that may be
 * unknown, '-' before one that is taken out, and DEFAULT. */
#pragma once

#include <openssl/ssl.h>

#include "base/fail.h"

/** Have @ssl use @list. @return 0, or -1 with @f set: which name this OpenSSL does not know, and
 * those that it does; or which sign, and the version that knows it. */
int tls_groups_set(SSL_CTX *ssl, const char *list, struct fail *f);
