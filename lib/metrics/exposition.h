/* SPDX-License-Identifier: BSD-3-Clause */
/* The text forms of a snapshot: Prometheus's (text format 0.0.4) and OpenMetrics 1.0. Pure. */
#pragma once

#include <stdio.h>

#include "metrics/family.h"

enum exposition_form { EXPOSITION_PROMETHEUS, EXPOSITION_OPENMETRICS, EXPOSITION_FORMS };

/** What HTTP's Content-Type says of each. */
extern const char *const exposition_types[EXPOSITION_FORMS];

/** Write @s. @return whether @out took all of it */
bool exposition_write(FILE *out, const struct metrics_snapshot *s, enum exposition_form form);
