/* SPDX-License-Identifier: BSD-3-Clause */
/* The first line of the summary: whether the rest can be believed. Control thread. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/** Nothing for a run that has neither a schedule nor a limit. */
void text_headline(FILE *out, const struct result *r);
