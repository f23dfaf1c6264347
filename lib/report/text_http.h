/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of the summary that HTTP fills: how many responses had which status, and how the first
 * failed ones looked. What a server sent may be anything: bytes that are not printable ASCII become
 * '?', and no more is written than a screen takes. Nothing for a run without HTTP. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/** Write the statuses, most frequent first. */
void text_http_statuses(FILE *out, const struct result *r);

/** Write the first failed response of each cause. */
void text_http_examples(FILE *out, const struct result *r);
