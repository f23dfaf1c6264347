/* SPDX-License-Identifier: BSD-3-Clause */
/* The application protocols there are. */
#pragma once

#include "proto/proto.h"

/* Of all protocols together, in the statistics' blocks. */
#define PROTO_COUNTERS_MAX  64
#define PROTO_LATENCIES_MAX 8

extern const struct proto_ops *const proto_registry[];
extern const unsigned proto_registry_count;

/** The protocol of URLs with the @len characters of @scheme; *is_secure tells whether over TLS.
 * @return NULL: there is none. */
const struct proto_ops *proto_by_scheme(const char *scheme, size_t len, bool *is_secure);

/** @return NULL: there is none of that name. */
const struct proto_ops *proto_by_name(const char *name);

/** Whether protos[@i] has the list of counters of an earlier one (two versions of a protocol), and
 * its places in the statistics with it. */
bool proto_shares_counters(const struct proto_ops *const protos[], unsigned i);

/** The place of @p's first counter among those of all protocols; latencies likewise. */
unsigned proto_counter_base(const struct proto_ops *p);
unsigned proto_latency_base(const struct proto_ops *p);
