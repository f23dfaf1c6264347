/* SPDX-License-Identifier: BSD-3-Clause */
/* The first line of the summary: whether the rest can be believed. Control thread. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/** Who was the limit, and how well starts kept to their schedule; nothing for a server. */
void text_headline(FILE *out, const struct result *r);

/** What the first of it is drawn from. */
void text_evidence(FILE *out, const struct result *r);
