/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 by OpenSSL, as functions for those that know nothing of it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Begin. @return to be dropped; NULL: there is no memory */
void *tls_digest_begin(void);

/** Begin anew with one that has ended, or not. */
void tls_digest_restart(void *digest);

void tls_digest_add(void *digest, const void *bytes, size_t len);

/** The digest of all that was added; restart or drop it then. */
void tls_digest_end(void *digest, uint8_t out[static 32]);

void tls_digest_drop(void *digest);
