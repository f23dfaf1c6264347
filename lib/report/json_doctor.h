/* SPDX-License-Identifier: BSD-3-Clause */
/* What `doctor` saw, as one JSON object; docs/doctor.schema.json describes it. Control thread. */
#pragma once

#include <stdio.h>

#include "report/result.h"

#define JSON_DOCTOR_SCHEMA_NAME "shakedown.doctor/1"

/** Write r->doctor, with the versions of @r, to @out. @return as json_write() */
int json_doctor_write(FILE *out, const struct result *r, struct fail *f);
