/* SPDX-License-Identifier: BSD-3-Clause */
/* The summary's tables of counts by side, each with what it means. A table without a row has no
 * title. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "report/result.h"

/** One row: a name, how many, and a remark; "" for none. */
void text_count(FILE *out, const char *name, uint64_t n, const char *remark);

/** Why connections failed, with what TLS has to say to it. */
void text_failures(FILE *out, const struct result *r);

/** What the application protocols counted. */
void text_protocols(FILE *out, const struct result *r);

/** Counters that tell of something when they are not 0; @has_ink: those of this machine's own being
 * late are marked. */
void text_notable(FILE *out, const struct result *r, bool has_ink);
