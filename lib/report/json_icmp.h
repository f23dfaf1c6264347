/* SPDX-License-Identifier: BSD-3-Clause */
/* What --json writes of ICMP errors. */
#pragma once

#include "report/json_tree.h"
#include "report/result.h"

/** The first error of each kind about our packets: who sent it, and what it was. */
json_t *json_icmp(struct json_tree *t, const struct result *r);

/** "unreachable", "too_big", ...: [kind - ICMP_KIND_UNREACHABLE]. */
extern const char *const json_icmp_kinds[ICMP_ERROR_KINDS];
