/* SPDX-License-Identifier: BSD-3-Clause */
/* HdrHistogram's percentile text form (.hgrm). Control thread. */
#pragma once

#include <stdio.h>

#include "stat/hist.h"

/** Write @h: four columns, of which the last line has three, and three lines of comment. */
void hdr_write_hist(FILE *out, const struct hist *h);
