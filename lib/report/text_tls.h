/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of the summary that a tally of TLS fills: names and how often they came. Names and
 * examples may hold what another host chose; bytes that are not printable ASCII become '?', so that
 * none of them reaches a terminal as a command. Nothing here writes anything for a run without TLS.
 */
#pragma once

#include <stdio.h>

#include "report/result.h"

/**
 * Write what completed handshakes agreed on: a line in all where that was the same for each of
 * them, else a line with shares for each of version, cipher, group and ALPN.
 */
void text_tls_agreed(FILE *out, const struct result *r);

/** Write how many operations of handshakes that waited for each other were computed at once, by
 * kind; nothing where none waited. */
void text_tls_batches(FILE *out, const struct result *r);

/** Write OpenSSL's words about the first connection that failed by @cause; nothing without any. */
void text_tls_example(FILE *out, const struct result *r, enum stat_failure cause);

/** Write the tables of alerts and of reasons not to trust a certificate, where there were any. */
void text_tls_alerts(FILE *out, const struct result *r);

/** Write what OpenSSL's memory was for a connection, as a row of the memory's part. */
void text_tls_memory(FILE *out, const struct result *r);
