/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two ends of a handshake have agreed on, by the names that the standards give it. */
#pragma once

#include "tls/conn.h"

/** Count it in the tally of @c's context; the handshake is complete. */
void tls_agreed_count(struct tls_conn *c);
