/* SPDX-License-Identifier: BSD-3-Clause */
/* How many tickets there are after a handshake of TLS 1.3: what a client asks for by a ticket
 * request (RFC 9149), and what a server makes of it. */
#pragma once

#include <stdbool.h>

struct tls_ctx;

/** Have the connections of @t send or read ticket requests as its options say. @return false
 * without memory. */
bool tls_tickets_set(struct tls_ctx *t);
