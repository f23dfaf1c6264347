/* SPDX-License-Identifier: BSD-3-Clause */
/* What the bodies of answers are made of: one byte, again and again, so that no connection needs
 * bytes of its own. */
#pragma once

#include <stdint.h>

#define PROTO_FILLER_BYTE  'x'
#define PROTO_FILLER_BYTES 16384u /* a TLS record's */

extern const uint8_t proto_filler[PROTO_FILLER_BYTES];
