/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1 messages that come whole in one segment (struct proto_brief), for either role. Most are
 * the same, byte by byte, as one that came before on another connection: what llhttp and this
 * program made of that one holds for them, too. What is new is parsed by itself, and remembered if
 * it is such a message; whatever is not goes through a connection's state. */
#pragma once

#include "proto/proto.h"

extern const struct proto_brief http1_brief;
