/* SPDX-License-Identifier: BSD-3-Clause */
/* What `check` found, as one JSON object: the scenario with its defaults filled in, the host, and
 * what the load would take of it. Its beginning is that of a result. Control thread. */
#pragma once

#include <stdio.h>

#include "report/result.h"

#define JSON_CHECK_SCHEMA_NAME "shakedown.check/1"

/** Write @r, of which conf, host, steering and plan are set, to @out. @return as json_write() */
int json_check_write(FILE *out, const struct result *r, struct fail *f);
