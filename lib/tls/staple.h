/* SPDX-License-Identifier: BSD-3-Clause */
/* The status of a certificate, an OCSP response (RFC 6960), that is given with it (RFC 6066 8, RFC
 * 8446 4.4.2.1). What it says is nobody's concern here. */
#pragma once

#include "tls/ctx.h"

/** Whether @der is an OCSP response. */
bool tls_staple_is_response(const uint8_t *der, size_t len);

/** Have @t, as its options say, ask for one or give one. @return false: out of memory. */
bool tls_staple_set(struct tls_ctx *t);
