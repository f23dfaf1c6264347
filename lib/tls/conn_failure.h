/* SPDX-License-Identifier: BSD-3-Clause */
/* Why a connection's TLS has failed: the cause, the alerts, the first of its kind in words. */
#pragma once

#include "tls/conn.h"

/** Set @c's cause from OpenSSL's queue of errors, which is empty afterwards, and count it in the
 * context's tally. @return TLS_EV_FAILED */
unsigned tls_conn_fail(struct tls_conn *c);
