/* SPDX-License-Identifier: BSD-3-Clause */
/* The TLS lists that a user set: where a handshake fails they are the first suspects, since with
 * OpenSSL's own lists it might not have. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "report/result.h"

enum own_list { OWN_CIPHERS, OWN_CIPHERSUITES, OWN_GROUPS, OWN_SIGALGS, OWN_ALPN, OWN_LISTS };

/** Whether @list was set, in the class of the first target. */
bool own_list_is_set(const struct result *r, enum own_list list);
/** Whether any was, or --tls-versions. */
bool own_lists_are_set(const struct result *r);

/** Write those that were set as the user may have typed them, "--groups X25519, --alpn h3",
 * or "no lists of its own". */
void own_lists_text(const struct result *r, char *buf, size_t size);

/** Write the command that shakes hands by hand as this run does: openssl s_client, with the first
 * target's address and the same lists. Values are quoted for a shell where they need it. */
void own_lists_s_client(const struct result *r, char *buf, size_t size);
