/* SPDX-License-Identifier: BSD-3-Clause */
/* The processes of a run that several machines made together, for people: what each did, and how
 * its clock stood; nothing of a run that was one process's. */
#pragma once

#include <stdio.h>

#include "report/result.h"

void text_ranks(FILE *out, const struct result *r);
