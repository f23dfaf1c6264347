/* SPDX-License-Identifier: BSD-3-Clause */
/* A server of HTTP/1.0 that says nothing of its answer's length: the end of the connection is its
 * end (RFC 9112 6.3). send_bytes of filler follow the head. */
#pragma once

#include "proto/proto.h"

extern const struct proto_ops proto_until_close;
